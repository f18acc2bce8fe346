//! Signal in a run: the holder's secret is tried before the long work, a backup is opened, and what lies within it or beside it
//! is brought out: texts before the reading, media after it.

use super::{
    Going, RunError,
    already::Already,
    app::{App, gap_of_failure, kept, name},
    chosen::{Chosen, Opening, Part},
    numbers::Numbers,
    receive::{Receive, put},
    way::Line,
};
use crate::{
    Event, Stage,
    link::{Link, Listed, Outcome},
    reader::{Given, KeyRing, ReadFailure, Reader, ReaderError, SHARED, SignalBackup, Takes, WantedFile},
    records,
    report::{AppReport, AttachmentCounts, BackupReport, SIGNAL_FILE, SIGNAL_FOLDER},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uitlezen_apps::{App as AskedApp, signal::find::Snapshot};
use uitlezen_chat::AttachmentState;
use uitlezen_check::{GapReason, Subject};
use uitlezen_evidence::{Item, ItemName, Pattern};
use uitlezen_seal::{
    part::ChunkSize,
    role::Role,
    store::{Home, ItemWriter, ScratchKind, StoreError, WorkStore},
};

/// So much of a file is enough to try a secret on.
const HEAD: u32 = 64 << 10;
/// How a backup begins, for trying: scratch of a moment.
const HEADS: &str = "kop/";
/// Shared files that are fetched at once, before they are given out again decrypted.
const BATCH_FILES: usize = 500;
const BATCH_BYTES: u64 = 512 << 20;

const APP: &str = uitlezen_apps::signal::APP;

fn kind(opening: &Opening) -> &'static str {
    if *opening == Opening::SignalFile { SIGNAL_FILE } else { SIGNAL_FOLDER }
}

impl App {
    /// Where its backup lies in the work store; `None` when a part of it did not arrive.
    fn signal_backup(&self) -> Option<SignalBackup> {
        let item = |part: Part| self.files.iter().find(|(p, _, _)| *p == part).map(|(_, file, _)| file.name.clone());
        let metadata = item(Part::Metadata);
        (metadata.is_some() == (self.opening != Opening::SignalFile))
            .then_some(SignalBackup { main: item(Part::Messages)?, metadata })
    }
}

impl Going<'_, '_> {
    fn signal_keys(&self) -> KeyRing {
        self.job.keys.get(&AskedApp::Signal).cloned().unwrap_or_default()
    }

    /// Tries the holder's secret on how a backup begins. Why it cannot be read, when that shows already; what is wrong with its
    /// bytes shows when all of them are here.
    pub(super) fn refused_at_once(
        &mut self,
        link: &mut Link,
        chosen: &Chosen,
        store: &WorkStore,
    ) -> Result<Option<RunError>, RunError> {
        if !chosen.opening.is_signal() {
            return Ok(None);
        }
        for item in store.items().into_iter().filter(|item| item.name.as_str().starts_with(HEADS)) {
            store.drop_item(item.id)?;
        }
        let items: Vec<Item> = chosen.files.iter().map(|(_, item)| item.clone()).collect();
        let called = |item: &Item| ItemName::new(format!("{HEADS}{}", item.name.as_str())).unwrap_or_else(|_| item.name.clone());
        let mut receive = Receive::new(store, Home::Scratch(ScratchKind::Received), ChunkSize::RANDOM_ACCESS, called, |_| {});
        link.pull_heads(&items, HEAD, &mut receive)?;
        let arrived = receive.arrived;
        let here = |part: Part| {
            let listed = chosen.files.iter().find(|(p, _)| *p == part).map(|(_, item)| &item.name);
            listed.and_then(|listed| arrived.get(listed)).map(|file| file.name.clone())
        };
        let main = here(Part::Messages).filter(|_| arrived.len() == items.len());
        let Some(main) = main else { return Ok(None) };
        let mut reader = Reader::start(&self.job.program, store.dir(), &self.cancel)?;
        let ids: Vec<_> = arrived.values().map(|file| file.id).collect();
        reader.grant(store.grants(&ids)?)?;
        let tried = reader.try_signal(SignalBackup { main, metadata: here(Part::Metadata) }, &self.signal_keys());
        for id in ids {
            store.drop_item(id)?;
        }
        match tried {
            Err(ReaderError::Cannot(failure)) if failure.is_of_secret() => {
                self.gap(Subject::App(APP.into()), gap_of_failure(failure), 1, failure.word());
                self.report.apps.push(AppReport {
                    app: APP.to_owned(),
                    backups: Vec::new(),
                    records: None,
                    attachments: AttachmentCounts::default(),
                    separation: None,
                    latest_file: None,
                    others: chosen.others,
                });
                Ok(Some(RunError::App { app: APP, failure }))
            }
            Ok(()) | Err(ReaderError::Cannot(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Opens a backup and fetches the texts that lie beside it. The outer error ends the run; the inner one means that it cannot
    /// be read.
    pub(super) fn open_signal(
        &mut self,
        reader: &mut Reader,
        mut app: App,
        line: &mut Line,
        store: &WorkStore,
    ) -> Result<Result<App, RunError>, RunError> {
        let opened = match app.signal_backup() {
            Some(backup) => self.opened(reader, &app, backup, store)?,
            None => Err(ReadFailure::EvidenceUnreadable),
        };
        for (part, file, modified) in &app.files {
            app.report.backups.push(BackupReport {
                purpose: part.word().to_owned(),
                kind: kind(&app.opening).to_owned(),
                app_version: None,
                key: None,
                bytes: file.bytes,
                sha256: file.sha256.clone(),
                // Of a backup what its name says; a copy of it has the time of its copying.
                modified: app.modified.or(*modified),
                unlocked: opened.is_ok(),
                failure: opened.as_ref().err().map(|failure| gap_of_failure(*failure)),
            });
        }
        self.tell_backup(&app, kind(&app.opening), 0);
        match opened {
            Ok(texts) => {
                app.readable = app.files.iter().map(|(part, file, _)| (*part, file.name.clone())).collect();
                if !texts.is_empty() {
                    let link = self.phone(line, store)?;
                    let (items, blind) = Self::shared(link, &app.opening)?;
                    let named: HashSet<&String> = texts.iter().collect();
                    let items: Vec<Item> =
                        items.into_iter().filter(|(path, _)| named.contains(path)).map(|(_, item)| item).collect();
                    let missing = (named.len() - items.len().min(named.len())) as u64;
                    self.fetch(link, &app.opening, items, reader, store)?;
                    if missing > 0 {
                        let reason = if blind { GapReason::Refused } else { GapReason::Absent };
                        self.gap(Subject::App(APP.into()), reason, missing, "texts-in-files");
                    }
                }
                Ok(Ok(app))
            }
            Err(failure) => {
                self.gap(Subject::Evidence(Part::Messages.word().into()), gap_of_failure(failure), 1, failure.word());
                self.report.apps.push(app.report);
                Ok(Err(RunError::App { app: APP, failure }))
            }
        }
    }

    fn opened(
        &mut self,
        reader: &mut Reader,
        app: &App,
        backup: SignalBackup,
        store: &WorkStore,
    ) -> Result<Result<Vec<String>, ReadFailure>, RunError> {
        reader.grant(store.grants(&app.files.iter().map(|(_, file, _)| file.id).collect::<Vec<_>>())?)?;
        let total = app.files.iter().map(|(_, file, _)| file.bytes).sum();
        let keys = self.signal_keys();
        let listener = &mut *self.listener;
        listener.event(Event::Expect { stage: Stage::Unlock, total });
        let opened = reader.open_signal(backup, &keys, |done| listener.event(Event::Progress { stage: Stage::Unlock, done }));
        match opened {
            Ok(texts) => Ok(Ok(texts)),
            // It was tried before anything was fetched, so this is a run that is gone on with: it may be gone on with again.
            Err(ReaderError::Cannot(failure)) if failure.is_of_secret() => Err(RunError::Locked { app: APP, failure }),
            Err(ReaderError::Cannot(failure)) => Ok(Err(failure)),
            Err(other) => Err(other.into()),
        }
    }

    /// The shared media of a backup folder, by the paths that records have for them; and whether some could not be seen.
    fn shared(link: &mut Link, opening: &Opening) -> Result<(HashMap<String, Item>, bool), RunError> {
        let Opening::SignalFolder { root } = opening else { return Ok((HashMap::new(), false)) };
        let beside = |path: &str| root.as_ref().map_or_else(|| path.to_owned(), |root| format!("{}/{path}", root.as_str()));
        let pattern = Pattern::new(&beside("files/*/*")).map_err(|_| RunError::Internal("patterns"))?;
        let Listed { items, blind, .. } = link.list(vec![pattern])?;
        let within = beside("");
        let named = items.into_iter().filter_map(|item| {
            let path = item.name.as_str().strip_prefix(&within)?.to_owned();
            (Snapshot::shared_item(root.as_ref(), &path).as_ref() == Some(&item.name)).then_some((path, item))
        });
        Ok((named.collect(), blind.is_blind()))
    }

    /// Fetches files of the shared media, as they are, for the reader to decrypt.
    fn fetch(
        &mut self,
        link: &mut Link,
        opening: &Opening,
        items: Vec<Item>,
        reader: &mut Reader,
        store: &WorkStore,
    ) -> Result<BTreeMap<ItemName, Outcome>, RunError> {
        let Opening::SignalFolder { root } = opening else { return Ok(BTreeMap::new()) };
        let skip = root.as_ref().map_or(0, |root| root.as_str().len() + 1);
        let mut names = HashMap::new();
        for item in &items {
            let path = item.name.as_str().get(skip..).unwrap_or_default();
            names.insert(item.name.clone(), name(format!("{SHARED}{path}"))?);
        }
        let home = Home::Scratch(ScratchKind::Received);
        let already = Already::of(store, home, names.iter().map(|(listed, kept)| (kept.clone(), listed.clone())).collect());
        let (here, pull) = already.apart(items, store)?;
        let called = |item: &Item| names.get(&item.name).unwrap_or(&item.name).clone();
        let mut receive = Receive::new(store, home, ChunkSize::MEDIA, called, |_| {});
        receive.have(here);
        link.pull(&pull, &mut receive)?;
        reader.grant(store.grants(&receive.arrived.values().map(|file| file.id).collect::<Vec<_>>())?)?;
        Ok(receive.missed)
    }

    /// Brings out the media that messages name. `before` is what the stage expected of the apps before this one; says what this
    /// one adds.
    pub(super) fn signal_media(
        &mut self,
        app: &mut App,
        line: &mut Line,
        store: &WorkStore,
        before: u64,
    ) -> Result<u64, RunError> {
        let wanted = std::mem::take(&mut app.wanted);
        app.report.attachments.wanted = wanted.len() as u64;
        if wanted.is_empty() {
            self.settle(app, Vec::new(), store)?;
            return Ok(0);
        }
        let mut numbers = Numbers::of(app, store)?;
        let names = wanted.iter().map(|file| name(file.path.clone())).collect::<Result<Vec<_>, _>>()?;
        numbers.give(&names, store)?;
        let mut taking = Taking::new(store);
        for (file, listed) in wanted.iter().zip(&names) {
            let beside = records::attachment_file(
                numbers.get(listed).unwrap_or_default(),
                &format!("x.{}", file.ending.as_deref().unwrap_or_default()),
            );
            taking.name(file, beside)?;
        }
        taking.take_over();
        let total = self.bring_out(app, &wanted, &mut taking, line, store, before)?;
        let counts = &mut app.report.attachments;
        counts.bytes = taking.whole.values().map(|(bytes, _)| bytes).sum();
        let states = wanted.into_iter().map(|file| {
            let state = taking.state(&file);
            (file.path, state)
        });
        let states = states.collect();
        self.settle(app, states, store)?;
        Ok(total)
    }

    fn bring_out(
        &mut self,
        app: &App,
        wanted: &[WantedFile],
        taking: &mut Taking<'_>,
        line: &mut Line,
        store: &WorkStore,
        before: u64,
    ) -> Result<u64, RunError> {
        let mut reader = match line.opened.take() {
            Some(reader) => reader,
            None => {
                let mut reader = Reader::start(&self.job.program, store.dir(), &self.cancel)?;
                let backup = app.signal_backup().ok_or(RunError::NothingKept)?;
                self.opened(&mut reader, app, backup, store)?.map_err(|failure| RunError::Locked { app: APP, failure })?;
                reader
            }
        };
        let total = if app.opening == Opening::SignalFile {
            let total = wanted.iter().fold(0_u64, |sum, file| sum.saturating_add(file.bytes.unwrap_or_default()));
            self.space(total)?;
            self.expect(Stage::Media, before.saturating_add(total));
            let left = taking.left(wanted.iter().map(|file| file.path.as_str()));
            for batch in left.chunks(BATCH_FILES) {
                reader.give(batch, taking).map_err(|error| RunError::reading(APP, error))?;
                let done = before.saturating_add(taking.bytes.min(total));
                self.listener.event(Event::Progress { stage: Stage::Media, done });
            }
            total
        } else {
            let (mut there, blind) = Self::shared(self.phone(line, store)?, &app.opening)?;
            taking.blind = blind;
            there.retain(|path, _| taking.names.contains_key(path));
            let total = there.values().fold(0_u64, |sum, item| sum.saturating_add(item.bytes));
            // As they are, and given out.
            self.space(total.saturating_mul(2))?;
            self.expect(Stage::Media, before.saturating_add(total));
            let left = taking.left(wanted.iter().map(|file| file.path.as_str()));
            let mut left = left.into_iter().filter_map(|path| there.remove(&path).map(|item| (path, item))).peekable();
            let mut done = before;
            while left.peek().is_some() {
                let (mut paths, mut items, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
                while let Some((path, item)) = left.next_if(|_| paths.len() < BATCH_FILES && bytes < BATCH_BYTES) {
                    bytes = bytes.saturating_add(item.bytes);
                    paths.push(path);
                    items.push(item);
                }
                let by_name: HashMap<ItemName, String> =
                    items.iter().zip(&paths).map(|(item, path)| (item.name.clone(), path.clone())).collect();
                let link = self.phone(line, store)?;
                let missed = self.fetch(link, &app.opening, items, &mut reader, store)?;
                for (listed, outcome) in missed {
                    taking.missed.extend(by_name.get(&listed).map(|path| (path.clone(), outcome)));
                }
                paths.retain(|path| !taking.missed.contains_key(path));
                reader.give(&paths, taking).map_err(|error| RunError::reading(APP, error))?;
                done = done.saturating_add(bytes);
                self.listener.event(Event::Progress { stage: Stage::Media, done });
            }
            total
        };
        self.listener.event(Event::Progress { stage: Stage::Media, done: before.saturating_add(total) });
        line.opened = Some(reader);
        Ok(total)
    }
}

/// Takes files out of a backup into the seal.
struct Taking<'s> {
    store: &'s WorkStore,
    /// By the path that records have: the file beside the conversations.
    names: HashMap<String, String>,
    writer: Option<ItemWriter>,
    /// Bytes and digest of what is here.
    whole: HashMap<String, (u64, String)>,
    given: HashMap<String, Given>,
    /// What became of shared files that did not come.
    missed: HashMap<String, Outcome>,
    /// Some of the shared files could not be seen.
    blind: bool,
    bytes: u64,
}

impl<'s> Taking<'s> {
    fn new(store: &'s WorkStore) -> Self {
        Self {
            store,
            names: HashMap::new(),
            writer: None,
            whole: HashMap::new(),
            given: HashMap::new(),
            missed: HashMap::new(),
            blind: false,
            bytes: 0,
        }
    }

    fn name(&mut self, file: &WantedFile, beside: String) -> Result<(), RunError> {
        // Made of a number, so it is a name.
        item(&beside)?;
        self.names.insert(file.path.clone(), beside);
        Ok(())
    }

    /// What an earlier process of this run had brought out whole: it comes out of the same backup.
    fn take_over(&mut self) {
        let stored: HashMap<ItemName, _> =
            self.store.items().into_iter().filter(|item| item.home.is_kept()).map(|item| (item.name.clone(), item)).collect();
        for (path, beside) in &self.names {
            let here = item(beside).ok().and_then(|name| stored.get(&name));
            if let Some((bytes, sha256)) = here.and_then(|here| Some((here.bytes, here.sha256?))) {
                self.bytes += bytes;
                self.whole.insert(path.clone(), (bytes, hex::encode(sha256)));
            }
        }
    }

    fn left<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Vec<String> {
        paths.filter(|path| !self.whole.contains_key(*path)).map(str::to_owned).collect()
    }

    fn state(&self, file: &WantedFile) -> AttachmentState {
        if let (Some((bytes, sha256)), Some(beside)) = (self.whole.get(&file.path), self.names.get(&file.path)) {
            let (beside, bytes, sha256) = (format!("bijlagen/{beside}"), *bytes, sha256.clone());
            return if file.sha256.as_ref().is_none_or(|recorded| *recorded == sha256) {
                AttachmentState::Present { file: beside, bytes, sha256 }
            } else {
                AttachmentState::Differs { file: beside, bytes, sha256 }
            };
        }
        let not_read = |reason: &str| AttachmentState::NotRead { reason: reason.into() };
        match (self.given.get(&file.path), self.missed.get(&file.path)) {
            (Some(Given::Damaged), _) => not_read("damaged"),
            (Some(Given::Unreadable | Given::Whole), _) => not_read("broken"),
            (_, Some(Outcome::Refused)) => AttachmentState::Refused { reason: "refused-by-phone".into() },
            (_, Some(Outcome::Changing)) => not_read("changing"),
            (_, Some(Outcome::Broken | Outcome::Whole { .. })) => not_read("broken"),
            // Where a folder was refused we cannot say that a file is not there.
            (_, None) if self.blind => not_read("folder-not-listed"),
            (Some(Given::Missing) | None, Some(Outcome::Absent) | None) => AttachmentState::Missing,
        }
    }
}

fn item(beside: &str) -> Result<ItemName, RunError> {
    name(records::item(APP, &format!("bijlagen/{beside}")))
}

impl Takes for Taking<'_> {
    type Error = StoreError;

    fn begin(&mut self, path: &str) -> Result<(), StoreError> {
        self.writer = None;
        let called = self.names.get(path).and_then(|beside| item(beside).ok());
        // Every path that is asked has a name.
        let Some(called) = called else { return Ok(()) };
        self.writer = Some(self.store.begin(kept(Role::Gesprekken, called, ChunkSize::MEDIA))?);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.bytes += bytes.len() as u64;
        self.writer.as_mut().map_or(Ok(()), |writer| put(writer, bytes))
    }

    fn end(&mut self, path: &str, given: Given) -> Result<(), StoreError> {
        // Of anything but a whole file the writer is dropped, and with it what it got.
        if let (Given::Whole, Some(writer)) = (given, self.writer.take()) {
            let stored = writer.finish()?;
            let sha256 = stored.sha256.map(hex::encode).unwrap_or_default();
            self.whole.insert(path.to_owned(), (stored.bytes, sha256));
        } else {
            self.given.insert(path.to_owned(), given);
        }
        Ok(())
    }
}
