//! One app on one phone: which files, pulled, unlocked, read, and its media.

use super::{
    Going, RunError,
    already::Already,
    chosen::{Chosen, Opening, Part},
    keeping::{Keeping, put_whole},
    kept::SOURCES,
    receive::{Arrived, Receive, put},
};
use crate::{
    Event, Stage,
    link::{AddressBook, Link, Outcome, Secret},
    plan::Platform,
    reader::{KeyRing, ReadFailure, Reader, ReaderError, Reading, Sources, WantedFile},
    records::{self, EvidenceLine},
    report::{ANSWERS, AppReport, BackupReport, IN_BACKUP},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use uitlezen_apps::{
    App as AskedApp,
    whatsapp::{
        backup::{self, Payload},
        reader::Scope,
        wanted::AppRoot,
    },
};
use uitlezen_chat::EvidenceId;
use uitlezen_check::{AccountDefault, Finding, GapReason, Subject};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::{
    part::ChunkSize,
    role::{Role, RoleSet},
    store::{Digest, Home, ItemSpec, ScratchKind, StoredItem, WorkStore},
};

/// One app on its way through the run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct App {
    pub(super) app: AskedApp,
    /// Its folder in shared storage, on Android.
    pub(super) root: Option<AppRoot>,
    pub(super) opening: Opening,
    /// When the newest of its backups was made, by the phone's clock.
    pub(super) modified: Option<i64>,
    /// As pulled.
    pub(super) files: Vec<(Part, Arrived, Option<i64>)>,
    /// What the reader opens: the pulled file itself, or what was unlocked from it.
    #[serde(skip)]
    pub(super) readable: BTreeMap<Part, ItemName>,
    #[serde(skip)]
    pub(super) wanted: Vec<WantedFile>,
    pub(super) report: AppReport,
}

impl App {
    pub(super) fn name(&self) -> &'static str {
        self.app.word()
    }

    /// Whether everything that came from the phone for it is among these.
    pub(super) fn is_in(&self, items: &[StoredItem]) -> bool {
        self.files.iter().all(|(_, file, _)| items.iter().any(|item| item.id == file.id && item.name == file.name))
    }
}

/// Gaps that a missed file leaves.
fn gap_of(outcome: &Outcome) -> GapReason {
    match outcome {
        Outcome::Refused => GapReason::Refused,
        Outcome::Absent => GapReason::Absent,
        Outcome::Changing => GapReason::Changing,
        Outcome::Broken | Outcome::Whole { .. } => GapReason::Broken,
    }
}

pub(super) fn gap_of_failure(failure: ReadFailure) -> GapReason {
    match failure {
        ReadFailure::KeyForm
        | ReadFailure::KeyMissing
        | ReadFailure::LegacyKeyMissing
        | ReadFailure::WrongKey
        | ReadFailure::PasswordMode
        | ReadFailure::PassphraseForm
        | ReadFailure::PassphraseMissing
        | ReadFailure::WrongPassphrase
        | ReadFailure::RecoveryKeyForm
        | ReadFailure::RecoveryKeyMissing
        | ReadFailure::WrongRecoveryKey
        | ReadFailure::FromServer
        | ReadFailure::BackupPasswordMissing
        | ReadFailure::WrongBackupPassword => GapReason::Locked,
        ReadFailure::Truncated | ReadFailure::Altered | ReadFailure::NotABackup | ReadFailure::DatabaseDamaged => {
            GapReason::Damaged
        }
        ReadFailure::Unsupported | ReadFailure::TooLarge | ReadFailure::NotAMessageStore | ReadFailure::NoMessages => {
            GapReason::NotInterpreted
        }
        ReadFailure::EvidenceUnreadable | ReadFailure::Internal => GapReason::Broken,
    }
}

/// By the reason that the record of the attachment has.
fn gap_of_attachment(reason: &str) -> GapReason {
    match reason {
        "damaged" => GapReason::Damaged,
        "not-in-the-backup" => GapReason::Refused,
        _ => GapReason::NotInterpreted,
    }
}

fn word(kind: backup::Kind) -> &'static str {
    match kind {
        backup::Kind::Crypt12 => "crypt12",
        backup::Kind::Crypt14 => "crypt14",
        backup::Kind::Crypt15 => "crypt15",
    }
}

pub(super) fn name(text: String) -> Result<ItemName, RunError> {
    ItemName::new(text).map_err(|_| RunError::Internal("item name"))
}

pub(super) fn kept(role: Role, name: ItemName, chunk: ChunkSize) -> ItemSpec {
    ItemSpec { name, home: Home::Kept(RoleSet::only(role)), chunk, digest: Digest::Compute, modified: None }
}

impl Going<'_, '_> {
    /// `before` is what the stage expected of the apps before this one.
    pub(super) fn acquire(
        &mut self,
        link: &mut Link,
        mut chosen: Chosen,
        store: &WorkStore,
        before: u64,
    ) -> Result<App, RunError> {
        let app = chosen.app.word();
        self.space(chosen.bytes.saturating_mul(chosen.opening.room()))?;
        let home = self.job.plan.keeps_sources().map_or(Home::Scratch(ScratchKind::Received), Home::Kept);
        let names: HashMap<ItemName, ItemName> = chosen
            .files
            .iter()
            .map(|(_, item)| Ok((item.name.clone(), name(format!("{SOURCES}{}", item.name.as_str()))?)))
            .collect::<Result<_, RunError>>()?;
        let already = Already::of(store, home, names.iter().map(|(listed, kept)| (kept.clone(), listed.clone())).collect());
        let listed: Vec<Item> = chosen.files.iter().map(|(_, item)| item.clone()).collect();
        let (here, items) = already.apart(listed, store)?;
        let listener = &mut *self.listener;
        let mut receive = Receive::new(
            store,
            home,
            chosen.opening.chunk(),
            |item: &Item| names.get(&item.name).unwrap_or(&item.name).clone(),
            |done| listener.event(Event::Progress { stage: Stage::Databases, done: before.saturating_add(done) }),
        );
        receive.have(here);
        link.pull(&items, &mut receive)?;
        let (mut arrived, missed) = (receive.arrived, receive.missed);
        let mut files = Vec::new();
        for (part, item) in std::mem::take(&mut chosen.files) {
            match (arrived.remove(&item.name), missed.get(&item.name)) {
                (Some(file), _) => files.push((part, file, item.modified)),
                (None, Some(outcome)) => {
                    self.gap(Subject::Evidence(part.word().into()), gap_of(outcome), 1, app);
                }
                (None, None) => return Err(RunError::Internal("an item without an outcome")),
            }
        }
        let report = AppReport::unread(app, chosen.others);
        let Chosen { app, root, opening, modified, .. } = chosen;
        Ok(App { app, root, opening, modified, files, readable: BTreeMap::new(), wanted: Vec::new(), report })
    }

    /// What the holder gave that opens an app's backups.
    pub(super) fn keys_of(&self, app: AskedApp) -> KeyRing {
        self.job.keys.get(&app).cloned().unwrap_or_default()
    }

    /// Unlocks every backup of an app. The outer error ends the run; the inner one means that this app cannot be read.
    pub(super) fn unlock(
        &mut self,
        reader: &mut Reader,
        mut app: App,
        store: &WorkStore,
    ) -> Result<Result<App, RunError>, RunError> {
        let name_of_app = app.name();
        let keys = self.keys_of(app.app);
        let files = std::mem::take(&mut app.files);
        reader.grant(store.grants(&files.iter().map(|(_, file, _)| file.id).collect::<Vec<_>>())?)?;
        let mut fatal = None;
        let kind = match (self.platform(), &app.opening) {
            (Platform::Iphone, _) => IN_BACKUP,
            (Platform::Android, Opening::Answers) => ANSWERS,
            (Platform::Android, _) => "sqlite",
        };
        for (part, file, modified) in &files {
            let mut entry = BackupReport {
                purpose: part.word().to_owned(),
                kind: kind.to_owned(),
                app_version: None,
                key: None,
                bytes: file.bytes,
                sha256: file.sha256.clone(),
                modified: *modified,
                unlocked: true,
                failure: None,
            };
            let opened = match app.opening {
                Opening::WhatsAppBackup => self.open_backup(reader, file, *part, &keys, store, &mut entry)?,
                _ => Ok(file.name.clone()),
            };
            if *part == Part::Messages {
                let increments = files.iter().filter(|(part, _, _)| matches!(part, Part::Increment(_))).count() as u64;
                self.tell_backup(&app, &entry.kind, increments);
            }
            entry.unlocked = opened.is_ok();
            entry.failure = opened.as_ref().err().map(|failure| gap_of_failure(*failure));
            app.report.backups.push(entry);
            match opened {
                Ok(name) => {
                    app.readable.insert(*part, name);
                }
                Err(failure) => {
                    self.gap(Subject::Evidence(part.word().into()), gap_of_failure(failure), 1, failure.word());
                    if *part == Part::Messages {
                        fatal = Some(RunError::App { app: name_of_app, failure });
                    }
                }
            }
        }
        app.files = files;
        if !app.readable.contains_key(&Part::Messages) {
            let missing = || RunError::App { app: name_of_app, failure: ReadFailure::EvidenceUnreadable };
            self.report.apps.push(app.report);
            return Ok(Err(fatal.unwrap_or_else(missing)));
        }
        Ok(Ok(app))
    }

    pub(super) fn tell_backup(&mut self, app: &App, kind: &str, increments: u64) {
        let age_hours = app.modified.map(|m| u64::try_from(self.phone_now().saturating_sub(m) / 3600).unwrap_or(0));
        let others = app.report.others.map_or(0, |others| others.files + others.snapshots);
        self.tell(Event::Backup { app: app.name().into(), kind: kind.to_owned(), increments, age_hours, others });
    }

    /// One backup file: what its head says, then its content as a derived item.
    fn open_backup(
        &mut self,
        reader: &mut Reader,
        file: &Arrived,
        part: Part,
        keys: &KeyRing,
        store: &WorkStore,
        entry: &mut BackupReport,
    ) -> Result<Result<ItemName, ReadFailure>, RunError> {
        entry.kind = "unknown".to_owned();
        match reader.inspect(&file.name) {
            Ok(facts) => {
                entry.kind = word(facts.kind).to_owned();
                entry.app_version = facts.app_version;
            }
            Err(ReaderError::Cannot(failure)) => return Ok(Err(failure)),
            Err(other) => return Err(other.into()),
        }
        let derived = name(format!("afgeleid/{}", file.name.as_str()))?;
        let mut writer = store.begin(ItemSpec {
            name: derived.clone(),
            home: Home::Scratch(ScratchKind::Derived),
            chunk: ChunkSize::RANDOM_ACCESS,
            digest: Digest::None,
            modified: None,
        })?;
        let listener = &mut *self.listener;
        listener.event(Event::Expect { stage: Stage::Unlock, total: file.bytes });
        let unlocked = reader.unlock(
            &file.name,
            keys,
            |bytes| put(&mut writer, bytes),
            |done| listener.event(Event::Progress { stage: Stage::Unlock, done }),
        );
        let unlocked = match unlocked {
            Ok(unlocked) => unlocked,
            // The writer is dropped: what it got is abandoned.
            Err(ReaderError::Cannot(failure)) => return Ok(Err(failure)),
            Err(other) => return Err(other.into()),
        };
        entry.key = Some(unlocked.key.as_str().to_owned());
        let due = if matches!(part, Part::Increment(_)) { Payload::Zip } else { Payload::Sqlite };
        if unlocked.payload != due {
            return Ok(Err(ReadFailure::NotAMessageStore));
        }
        let stored = writer.finish()?;
        reader.grant(store.grants(&[stored.id])?)?;
        Ok(Ok(derived))
    }

    /// With a link, participants get names out of the phone's address book.
    pub(super) fn read(
        &mut self,
        link: Option<&mut Link>,
        reader: &mut Reader,
        app: &mut App,
        store: &WorkStore,
    ) -> Result<(), RunError> {
        let (sources, evidence) = self.sources(app)?;
        // Who takes part is known only after a pass over all messages.
        if let Some(link) = link {
            self.names(link, reader, app, &sources)?;
        }
        let name_of_app = app.name();
        let item = |what: &str| name(records::item(name_of_app, what));
        let mut lines = Vec::new();
        for line in &evidence {
            serde_json::to_writer(&mut lines, line).map_err(|_| RunError::Internal("evidence lines"))?;
            lines.push(b'\n');
        }
        put_whole(store, kept(Role::Gesprekken, item("evidence.jsonl")?, ChunkSize::RANDOM_ACCESS), &lines)?;
        // Made here, so there is no digest elsewhere to compare with; those of the parts are in the index.
        let spec = |what: &str| {
            Ok::<_, RunError>(ItemSpec { digest: Digest::None, ..kept(Role::Gesprekken, item(what)?, ChunkSize::STREAM) })
        };
        let mut into = Keeping {
            store,
            conversations: Some(store.begin(spec("conversations.jsonl")?)?),
            of_messages: spec("messages.jsonl")?,
            messages: None,
            wanted: Vec::new(),
            undecided: Vec::new(),
            titles: self.job.titles.take(),
        };
        let reading = reader.read(&sources, &mut into);
        // Other apps have titles too.
        self.job.titles = into.titles.take();
        let reading = reading.map_err(|e| RunError::reading(name_of_app, e))?;
        into.message_writer()?.finish()?;
        app.wanted = into.wanted;
        // Also when there is none: an empty list says so.
        if self.job.seal.is_some() && self.waits_for_decisions() {
            let item = name(records::undecided_item(name_of_app))?;
            put_whole(store, kept(Role::Scheiding, item, ChunkSize::STREAM), &into.undecided)?;
        }
        self.judge(app, reading);
        Ok(())
    }

    /// An app whose reading failed: nothing of it is kept, and the readout is not whole.
    pub(super) fn give_up(&mut self, app: App, failure: ReadFailure, store: &WorkStore) -> Result<(), RunError> {
        let (records, undecided) = (records::item(app.name(), ""), records::undecided_item(app.name()));
        for item in store.items().into_iter().filter(|item| item.home.is_kept()) {
            let name = item.name.as_str();
            if name.starts_with(&records) || name == undecided {
                store.drop_item(item.id)?;
            }
        }
        self.gap(Subject::App(app.name().into()), gap_of_failure(failure), 1, failure.word());
        self.report.apps.push(app.report);
        Ok(())
    }

    fn sources(&mut self, app: &App) -> Result<(Sources, Vec<EvidenceLine>), RunError> {
        let mut evidence = Vec::new();
        let mut number = |part: Part| {
            let file = app.files.iter().find(|(p, _, _)| *p == part).map(|(_, file, _)| file);
            let id = EvidenceId(u32::try_from(evidence.len() + 1).unwrap_or(u32::MAX));
            if let Some(file) = file {
                let name = file.name.as_str().trim_start_matches(SOURCES).to_owned();
                evidence.push(EvidenceLine { id, name, bytes: file.bytes, sha256: Some(file.sha256.clone()) });
            }
            id
        };
        let readable = |part: Part| app.readable.get(&part).cloned();
        let messages = (readable(Part::Messages).ok_or(RunError::Internal("no messages"))?, number(Part::Messages));
        let contacts = readable(Part::Contacts).map(|name| (name, number(Part::Contacts)));
        let hidden_ids = readable(Part::HiddenIds).map(|name| (name, number(Part::HiddenIds)));
        let calls = readable(Part::Calls).map(|name| (name, number(Part::Calls)));
        let mut increments = Vec::new();
        for (part, name) in &app.readable {
            if let Part::Increment(n) = part {
                increments.push((*n, name.clone(), number(*part)));
            }
        }
        let mut answers = Vec::new();
        if app.opening == Opening::Answers {
            let listed = |stored: &ItemName| name(stored.as_str().trim_start_matches(SOURCES).to_owned());
            answers.push((listed(&messages.0)?, messages.0.clone(), messages.1));
            for (part, stored) in app.readable.iter().filter(|(part, _)| matches!(part, Part::Answers(_))) {
                answers.push((listed(stored)?, stored.clone(), number(*part)));
            }
        }
        let scope = &self.job.plan.scope;
        let scope = Scope {
            status_broadcast: scope.status_updates,
            newsletters: scope.channels,
            call_log: scope.call_log,
            drafts: scope.drafts,
        };
        let (log, journal) = (readable(Part::Log), readable(Part::Journal));
        let holder_number = self.job.plan.phone.number.clone().map(Secret);
        let sources = Sources {
            app: app.app,
            platform: self.platform(),
            ios: self.report.phone.as_ref().and_then(|phone| phone.ios.known().cloned()),
            messages,
            log,
            journal,
            contacts,
            contacts_log: readable(Part::ContactsLog),
            contacts_journal: readable(Part::ContactsJournal),
            hidden_ids,
            calls,
            settings: readable(Part::Settings),
            managed_settings: readable(Part::ManagedSettings),
            increments,
            answers,
            threema_keep_days: self.job.plan.apps.threema_keep_days,
            holder_number,
            scope,
            separation: self.separating()?,
        };
        Ok((sources, evidence))
    }

    /// Names of participants, and of nobody else, from the phone's address book.
    fn names(&mut self, link: &mut Link, reader: &mut Reader, app: &App, sources: &Sources) -> Result<(), RunError> {
        let numbers = reader.numbers(sources).map_err(|e| RunError::reading(app.name(), e))?;
        match link.contacts(&numbers)? {
            AddressBook::Read { found, unclear } => {
                reader.names(found.into_iter().collect())?;
                if unclear > 0 {
                    self.gap(Subject::Evidence("contacts".into()), GapReason::NotInterpreted, unclear, "address-book-rows");
                }
            }
            AddressBook::Refused => self.gap(Subject::Evidence("contacts".into()), GapReason::Refused, 1, "address-book"),
            AddressBook::Unreadable => {
                self.gap(Subject::Evidence("contacts".into()), GapReason::NotInterpreted, 1, "address-book");
            }
            AddressBook::NotAsked => {}
        }
        Ok(())
    }

    /// What the reading says about itself becomes gaps, findings and the verdict.
    fn judge(&mut self, app: &mut App, reading: Reading) {
        let Reading { summary, mut verdict, pages_rolled_back, temporary_files_refused, separation } = reading;
        let name = app.name();
        let subject = || Subject::App(name.to_owned());
        // Which app was read is known here; what the child calls it would be shown.
        name.clone_into(&mut verdict.app);
        self.tell(Event::Counts {
            app: name.into(),
            conversations: summary.conversations,
            messages: summary.messages,
            attachments: summary.attachments_wanted,
        });
        for stopped in &summary.stopped {
            self.gap(subject(), GapReason::Broken, 1, &stopped.table);
        }
        if temporary_files_refused > 0 {
            self.gap(subject(), GapReason::Broken, temporary_files_refused, "temporary-file");
        }
        if summary.increments.not_interpreted > 0 {
            self.gap(
                Subject::Evidence("increment".into()),
                GapReason::NotInterpreted,
                summary.increments.not_interpreted,
                "entries",
            );
        }
        let odd = &summary.oddities;
        for (count, detail) in [
            (odd.dropped_messages, "dropped-messages"),
            (odd.dropped_side_rows, "dropped-rows"),
            (odd.cut_texts, "cut-texts"),
            (odd.without_conversation, "messages-without-conversation"),
            (summary.undecoded.texts, "texts-not-decoded"),
            (summary.undecoded.histories, "histories-not-decoded"),
        ] {
            if count > 0 {
                self.gap(subject(), GapReason::NotInterpreted, count, detail);
            }
        }
        if self.job.plan.scope.media {
            app.report.attachments.missing = summary.attachments_missing;
        }
        for (reason, count) in &summary.attachments_not_read {
            self.gap(subject(), gap_of_attachment(reason), *count, &format!("attachments-{reason}"));
        }
        for table in summary.uninterpreted_tables() {
            self.gap(subject(), GapReason::NotInterpreted, table.rows, &table.table);
        }
        let unknown: u64 = summary.unknown_types.values().sum();
        if unknown > 0 {
            self.finding(Finding::UnknownKinds { app: name.into(), count: unknown });
        }
        if summary.undecoded_by_app > 0 {
            self.finding(Finding::NotDecodedByApp { app: name.into(), count: summary.undecoded_by_app });
        }
        if pages_rolled_back > 0 {
            self.finding(Finding::WrittenWhileRead { pages_rolled_back });
        }
        let scope = &self.job.plan.scope;
        for (asked, what) in [
            (scope.call_log, "call-log"),
            (scope.drafts, "drafts"),
            (scope.address_book, "address-book"),
            (scope.profile_photos, "profile-photos"),
        ] {
            if asked {
                self.gap(subject(), GapReason::NotInterpreted, 1, what);
            }
        }
        if let Some(off) = self.job.shown.default_timer_off.filter(|_| app.app.edition().is_some()) {
            verdict.account_default = AccountDefault::Shown { off, by: self.job.plan.run.operator.clone() };
        }
        if !separation.is_empty() {
            let repeats = separation.repeats;
            self.tell(Event::Separation {
                app: name.into(),
                left_out: separation.left_out.clone(),
                undecided: separation.undecided,
                councillors_only: separation.councillors_only,
                repeats: repeats.quotes + repeats.messages + repeats.attachments + repeats.names,
            });
        }
        app.report.records = Some(summary);
        app.report.separation = Some(separation);
        self.verdict(verdict);
    }

    /// Refuses before the disk is full rather than after.
    pub(super) fn space(&self, needed: u64) -> Result<(), RunError> {
        let free = rustix::fs::statvfs(&self.job.out).map(|v| v.f_bavail.saturating_mul(v.f_frsize));
        match free {
            Ok(free) if free < needed => Err(RunError::NoSpace { needed, free }),
            Ok(_) | Err(_) => Ok(()), // a file system that will not say is tried
        }
    }
}
