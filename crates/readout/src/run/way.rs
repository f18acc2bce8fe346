//! The way of a run from stage to stage. Each stage ends with a note in the work store; a run that was broken off goes on behind
//! the last one ([`super::kept`]).

use super::{
    Ended, Going, Interruption, Kept, Reached, RunError,
    app::App,
    chosen::{self, Chosen},
    close,
    log::Log,
    notes::{self, Begun, Stand},
    standing,
};
use crate::{Event, Stage, earlier::Weekly, link::Link, reader::Reader, records};
use jiff::Timestamp;
use uitlezen_apps::App as AskedApp;
use uitlezen_check::Standing;
use uitlezen_seal::store::{RunKey, StoreOptions, WorkStore};

/// The phone, once it is needed: a run whose acquisition is whole can be closed without it.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Where files are listed and pulled.
    source: Option<Link>,
    /// An iPhone that may be asked for another backup.
    iphone: Option<Link>,
    /// A backup that holds media within, opened.
    pub(super) opened: Option<Reader>,
}

impl Line {
    fn drop(&mut self) {
        *self = Self::default();
    }
}

/// Where a run stands: what it still has to do with what it has.
enum At {
    /// Before an iPhone that is to make its backup.
    Phone,
    /// Its backup is here.
    Backup,
    Chosen(Vec<Chosen>),
    Databases(Vec<App>),
    Records(Vec<App>),
    Acquired,
}

impl Going<'_, '_> {
    /// A new run.
    pub(super) fn begin(&mut self) -> Result<Ended, RunError> {
        let mut line = Line::default();
        let at = self.arrive(&mut line)?;
        let key = RunKey::random().map_err(|_| RunError::Random)?;
        let folder = self.job.out.join(format!("{}.partial", self.run));
        self.job.keeper.keep(&self.run, &key, &folder, &self.job.plan.phone.serial)?;
        let predicted = match &at {
            At::Chosen(chosen) => chosen::bytes(chosen),
            _ => self.predicted(),
        };
        let store = WorkStore::create(&folder, &self.run, &key, StoreOptions::for_predicted(predicted))?;
        let begun = Begun {
            tool: self.report.tool.clone(),
            plan: self.job.plan.text.clone(),
            admission: self.job.admission.clone(),
            reach: self.job.reach.clone(),
            origin: self.job.seal.as_ref().map(|by| by.origin),
            shown: self.job.shown,
            earlier: self.job.weekly.as_ref().map(Weekly::asked).unwrap_or_default(),
            started: self.report.started,
        };
        notes::write_begun(&store, &begun)?;
        self.walk(at, line, store)
    }

    /// A run that was broken off.
    pub(super) fn go_on(&mut self, kept: Kept, origin: &'static str) -> Result<Ended, RunError> {
        let interruption = kept.interruption();
        let Kept { store, stand, .. } = kept;
        let mut line = Line::default();
        let at = match stand {
            None => {
                self.resumed(interruption, origin);
                self.arrive(&mut line)?
            }
            Some(stand) => {
                let Stand { reached, report, log, apps, .. } = stand;
                self.standing =
                    Standing { gaps: report.gaps.clone(), findings: report.findings.clone(), apps: report.verdicts.clone() };
                (self.report, self.log) = (report, Log::of(log));
                self.resumed(interruption, origin);
                match reached {
                    Reached::Begun => return Err(RunError::OtherVersion),
                    Reached::Backup => At::Backup,
                    Reached::Databases => At::Databases(apps),
                    Reached::Records => At::Records(self.with_wanted(apps, &store)?),
                    Reached::Acquired => At::Acquired,
                }
            }
        };
        self.walk(at, line, store)
    }

    fn resumed(&mut self, interruption: Interruption, origin: &'static str) {
        self.tell(Event::Resumed { run: self.run.clone(), origin, reached: interruption.reached.clone() });
        self.report.interruptions.push(interruption);
    }

    /// Up to the choice of files, or up to the backup that they will be chosen from.
    fn arrive(&mut self, line: &mut Line) -> Result<At, RunError> {
        self.stage(Stage::Connect);
        let mut link = self.start_link()?;
        self.connect(&mut link)?;
        self.gate(&mut link)?;
        self.stage(Stage::Preflight);
        let asked = self.asked();
        self.preflight(&mut link, &asked)?;
        if self.is_iphone_on_cable() {
            self.settle_encryption(&mut link)?;
            line.iphone = Some(link);
            return Ok(At::Phone);
        }
        let chosen = self.chosen(&mut link)?;
        line.source = Some(link);
        Ok(At::Chosen(chosen))
    }

    fn start_link(&self) -> Result<Link, RunError> {
        Ok(Link::start(&self.job.program, &self.job.reach, Some(&self.job.out), &self.cancel)?)
    }

    /// The phone of the plan, connected again.
    fn connected(&mut self) -> Result<Link, RunError> {
        self.stage(Stage::Connect);
        let mut link = self.start_link()?;
        self.connect(&mut link)?;
        self.planned_phone(&mut link)?;
        Ok(link)
    }

    /// A full backup in place of one that brought only what changed, and did not bring all that is needed.
    fn back_up_fully(&mut self, line: &mut Line, store: &WorkStore) -> Result<(), RunError> {
        line.source = None;
        self.tell(Event::FullBackup);
        let mut link = match line.iphone.take() {
            Some(link) => link,
            None => self.connected()?,
        };
        self.back_up(&mut link, store, false)
    }

    fn chosen(&mut self, link: &mut Link) -> Result<Vec<Chosen>, RunError> {
        let asked = self.asked();
        let chosen = self.choose(link, &asked)?;
        // That none of the asked apps is on the phone is an answer, and is sealed as one; that no backup was found is none.
        if chosen.is_empty() && !self.none_installed(&asked) {
            return Err(RunError::NoApp { app: asked.first().map_or("whatsapp", |app| app.word()) });
        }
        Ok(chosen)
    }

    /// Whether the phone itself said that none of these apps is on it.
    fn none_installed(&self, asked: &[AskedApp]) -> bool {
        let packages = self.report.preflight.as_ref().and_then(|preflight| preflight.packages.known());
        let name = |app: &AskedApp| chosen::name_on(self.platform(), *app);
        packages.is_some_and(|there| !asked.iter().filter_map(name).any(|asked| there.iter().any(|one| one.name == asked)))
    }

    /// The phone of the plan, connected now if it was not yet; for an iPhone its backup, which is here.
    pub(super) fn phone<'l>(&mut self, line: &'l mut Line, store: &WorkStore) -> Result<&'l mut Link, RunError> {
        let link = match line.source.take() {
            Some(link) => link,
            None if self.is_iphone_on_cable() => self.open_backup_taken(store)?,
            None => self.connected()?,
        };
        Ok(line.source.insert(link))
    }

    fn walk(&mut self, at: At, line: Line, store: WorkStore) -> Result<Ended, RunError> {
        match self.with_store(at, line, &store) {
            // Nothing that could be resumed: the same key would fail again, or nobody wanted a seal.
            Err(error) if error.is_settled() || self.job.seal.is_none() => {
                store.discard()?;
                self.job.keeper.forget(&self.run)?;
                Err(error)
            }
            Err(error) => Err(error),
            Ok(()) => self.finish(store),
        }
    }

    fn with_store(&mut self, mut at: At, mut line: Line, store: &WorkStore) -> Result<(), RunError> {
        loop {
            at = match at {
                At::Phone => {
                    let mut link = line.iphone.take().ok_or(RunError::Internal("no phone"))?;
                    self.back_up(&mut link, store, true)?;
                    line.iphone = self.is_incremental().then_some(link);
                    At::Backup
                }
                At::Backup => {
                    if self.lacks_databases(&mut line, store)? {
                        self.back_up_fully(&mut line, store)?;
                    }
                    let link = self.phone(&mut line, store)?;
                    At::Chosen(self.chosen(link)?)
                }
                At::Chosen(chosen) => At::Databases(self.databases(chosen, &mut line, store)?),
                At::Databases(apps) => At::Records(self.records(apps, &mut line, store)?),
                At::Records(apps) => {
                    self.everything(apps, &mut line, store)?;
                    At::Acquired
                }
                At::Acquired => {
                    line.drop();
                    return Ok(());
                }
            };
        }
    }

    fn databases(&mut self, chosen: Vec<Chosen>, line: &mut Line, store: &WorkStore) -> Result<Vec<App>, RunError> {
        self.stage(Stage::Databases);
        self.expect(Stage::Databases, chosen::bytes(&chosen));
        // The stage's total covers every app, so what one moved stays counted while the next one moves.
        let (mut apps, mut before, mut failed) = (Vec::new(), 0, None);
        for chosen in chosen {
            let bytes = chosen.bytes;
            let link = self.phone(line, store)?;
            if let Some(failure) = self.refused_at_once(link, &chosen, store)? {
                failed = Some(failure);
                continue;
            }
            apps.push(self.acquire(link, chosen, store, before)?);
            before = bytes.saturating_add(before);
        }
        if let (true, Some(error)) = (apps.is_empty(), failed) {
            return Err(error);
        }
        self.stand(Reached::Databases, &mut apps, store)?;
        Ok(apps)
    }

    fn records(&mut self, apps: Vec<App>, line: &mut Line, store: &WorkStore) -> Result<Vec<App>, RunError> {
        if apps.is_empty() {
            return Ok(apps);
        }
        let mut reader = Reader::start(&self.job.program, store.dir(), &self.cancel)?;
        self.stage(Stage::Unlock);
        let (mut opened, mut failed) = (Vec::new(), None);
        for app in apps {
            let unlocked = if app.opening.is_holder_made() {
                self.open_holder_backup(&mut reader, app, line, store)?
            } else {
                self.unlock(&mut reader, app, store)?
            };
            match unlocked {
                Ok(app) => opened.push(app),
                Err(error) => failed = Some(error),
            }
        }
        // Nothing could be opened: say why in words for the holder, and seal nothing as if it were read.
        if opened.is_empty() {
            return Err(failed.unwrap_or(RunError::NoApp { app: "whatsapp" }));
        }
        self.stage(Stage::Read);
        // Files have no address book to ask, and an iPhone's is in its backup.
        let asks_names = self.job.plan.scope.participant_names && self.job.reach.is_a_phone() && !self.is_iphone_on_cable();
        let mut read = Vec::with_capacity(opened.len());
        for mut app in opened {
            let link = if asks_names && !app.app.knows_names() { Some(self.phone(line, store)?) } else { None };
            match self.read(link, &mut reader, &mut app, store) {
                Ok(()) => {
                    standing::keep(&standing::name(app.name(), WANTED)?, &app.wanted, store)?;
                    read.push(app);
                }
                // What was read of others stays.
                Err(RunError::App { app: name, failure }) => {
                    self.give_up(app, failure, store)?;
                    failed = Some(RunError::App { app: name, failure });
                }
                Err(other) => return Err(other),
            }
        }
        if let (true, Some(error)) = (read.is_empty(), failed) {
            return Err(error);
        }
        line.opened = Some(reader).filter(|_| read.iter().any(|app| app.opening.is_holder_made()));
        self.stand(Reached::Records, &mut read, store)?;
        Ok(read)
    }

    /// The media, without which each attachment says that it was not asked.
    fn everything(&mut self, mut apps: Vec<App>, line: &mut Line, store: &WorkStore) -> Result<(), RunError> {
        if self.job.seal.is_some() {
            let asked = self.job.plan.scope.media;
            if asked {
                self.stage(Stage::Media);
            }
            if asked {
                let names: Vec<&str> = apps.iter().map(App::name).collect();
                self.look_at_earlier(&names)?;
            }
            if asked && self.is_incremental() && self.lacks_media(&apps, line, store)? {
                self.back_up_fully(line, store)?;
                // What the note before stands on is gone.
                self.stand(Reached::Records, &mut apps, store)?;
            }
            if self.is_iphone_on_cable() {
                line.iphone = None;
                self.tell_once_unplugged();
            }
            let mut before = 0;
            for app in &mut apps {
                let moved = if asked && app.opening.is_holder_made() {
                    self.holder_media(app, line, store, before)?
                } else {
                    let link = if asked { Some(self.phone(line, store)?) } else { None };
                    self.media(link, app, store, before)?
                };
                before = moved.saturating_add(before);
            }
            line.opened = None;
        }
        if self.is_iphone_on_cable() && self.job.seal.is_some() {
            let databases = chosen::patterns(self.platform(), &self.asked()).map_err(|_| RunError::Internal("patterns"))?;
            let databases = self.phone(line, store)?.list(databases)?.items;
            self.backup_state = self.write_backup_state(&databases, store)?;
        }
        self.account_for_earlier();
        self.report.acquired = Some(Timestamp::now());
        // Said when it is durable: what is broken off from here on needs no phone.
        self.stand(Reached::Acquired, &mut apps, store)?;
        self.tell_once_unplugged();
        Ok(())
    }

    /// Of an iPhone that is said as soon as its backup is here.
    pub(super) fn tell_once_unplugged(&mut self) {
        if !std::mem::replace(&mut self.unplugged, true) {
            self.tell(Event::MayUnplug);
        }
    }

    /// Whether the backup of an iPhone, made as what changed, lacks a database.
    fn lacks_databases(&mut self, line: &mut Line, store: &WorkStore) -> Result<bool, RunError> {
        if !self.is_incremental() {
            return Ok(false);
        }
        let patterns = chosen::patterns(self.platform(), &self.asked()).map_err(|_| RunError::Internal("patterns"))?;
        Ok(!self.phone(line, store)?.list(patterns)?.not_here.is_empty())
    }

    /// Whether it lacks a file that a message names and no earlier seal holds.
    fn lacks_media(&mut self, apps: &[App], line: &mut Line, store: &WorkStore) -> Result<bool, RunError> {
        for app in apps {
            let patterns = chosen::media_patterns(self.platform(), app.app).map_err(|_| RunError::Internal("patterns"))?;
            let not_here = self.phone(line, store)?.list(patterns)?.not_here;
            if self.is_needed_of(app, &not_here) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes that a stage is whole. Nobody resumes a look that seals nothing.
    pub(super) fn stand(&mut self, reached: Reached, apps: &mut Vec<App>, store: &WorkStore) -> Result<(), RunError> {
        if self.job.seal.is_none() {
            return Ok(());
        }
        store.checkpoint()?;
        let stored = store.items();
        let items = stored.last().map_or(0, |item| item.id.0 + 1);
        let stand = Stand {
            reached,
            at: Timestamp::now(),
            report: self.report.clone(),
            log: self.log.text(),
            apps: std::mem::take(apps),
            items,
            count: stored.len() as u64,
        };
        notes::write_stand(store, &stand)?;
        *apps = stand.apps;
        Ok(())
    }

    fn with_wanted(&mut self, mut apps: Vec<App>, store: &WorkStore) -> Result<Vec<App>, RunError> {
        for app in &mut apps {
            app.wanted = standing::read(&standing::name(app.name(), WANTED)?, store)?.ok_or(RunError::NothingKept)?;
        }
        Ok(apps)
    }

    fn finish(&mut self, store: WorkStore) -> Result<Ended, RunError> {
        self.compare_separation()?;
        let status = self.standing.status();
        self.report.status = Some(status);
        let sealed = match self.job.seal.take() {
            Some(by) => {
                self.stage(Stage::Seal);
                let previous = self.job.keeper.previous(&self.job.plan.phone.serial);
                let taken = self.taken(&store)?;
                self.records_are_here(&store)?;
                let sealed = close::close(&by, self.job.plan, self.roles(), &self.report, &self.log, previous, &store)?;
                self.job.keeper.sealed(&self.run, &self.job.plan.phone.serial, sealed.digest)?;
                if let Some((dir, key)) = self.backup_state.take() {
                    // The seal stands; without this the next backup goes on from the one before, or is a full one.
                    if let Err(error) = self.job.keeper.keep_backup_state(&self.job.plan.phone.serial, &dir, &key) {
                        tracing::warn!(error = error.word(), "what the next backup of this iPhone would go on from");
                    }
                }
                if self.job.plan.takes_password_away() {
                    self.job.keeper.forget_backup_state(&self.job.plan.phone.serial)?;
                }
                let past = self.separated();
                self.job.keeper.keep_past(&self.job.plan.phone.serial, &past)?;
                self.listener.event(Event::Sealed {
                    file: sealed.file_name(),
                    digest: sealed.digest_hex(),
                    bytes: sealed.bytes,
                    status,
                });
                self.remember(&sealed, &taken)?;
                Some(sealed)
            }
            None => {
                store.discard()?;
                self.job.keeper.forget(&self.run)?;
                None
            }
        };
        // A settings check asks for no seal, so the absence of one is no finding there.
        let codes = self.standing.exit_codes(true);
        Ok(Ended { run: self.run.clone(), sealed, report: self.report.clone(), standing: self.standing.clone(), codes })
    }
}

impl Going<'_, '_> {
    /// Second wall: no seal says that an app was read and holds no records of it.
    fn records_are_here(&self, store: &WorkStore) -> Result<(), RunError> {
        let items = store.items();
        let here = |name: &str| items.iter().any(|item| item.home.is_kept() && item.name.as_str() == name);
        let read = self.report.apps.iter().filter(|app| app.records.is_some());
        let mut needed = read.flat_map(|app| records::OF_AN_APP.iter().map(|what| records::item(&app.app, what)));
        if needed.all(|name| here(&name)) { Ok(()) } else { Err(RunError::NothingKept) }
    }
}

/// The standing item of the files that messages name, which a resumed run asks for without reading again.
const WANTED: &str = "wanted";
