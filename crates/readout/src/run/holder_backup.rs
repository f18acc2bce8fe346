//! Backups that a holder made in an app, in a run: the holder's secret is tried before the long work, a backup is opened, and what
//! lies within it is brought out. What lies beside one is fetched in [`super::shared_media`].

use super::{
    Going, RunError,
    app::{App, gap_of_failure, name},
    chosen::{Chosen, Part},
    numbers::Numbers,
    receive::Receive,
    taking::Taking,
    way::Line,
};
use crate::{
    Event, Stage,
    link::Link,
    reader::{HolderBackup, ReadFailure, Reader, ReaderError, WantedFile},
    report::{AppReport, BackupReport},
};
use std::collections::HashSet;
use uitlezen_check::{GapReason, Subject};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::{
    part::ChunkSize,
    store::{Home, ScratchKind, WorkStore},
};

/// So much of a file is enough to try a secret on.
const HEAD: u32 = 64 << 10;
/// How a backup begins, for trying: scratch of a moment.
const HEADS: &str = "kop/";
/// Files that are asked out of a backup at once.
const BATCH_FILES: usize = 500;

impl App {
    /// Where its backup lies in the work store; `None` when a part of it did not arrive.
    fn holder_backup(&self) -> Option<HolderBackup> {
        let item = |part: Part| self.files.iter().find(|(p, _, _)| *p == part).map(|(_, file, _)| file.name.clone());
        self.opening.holder_backup(item)
    }
}

impl Going<'_, '_> {
    /// Tries the holder's secret on how a backup begins. Why it cannot be read, when that shows already; what is wrong with its
    /// bytes shows when all of them are here.
    pub(super) fn refused_at_once(
        &mut self,
        link: &mut Link,
        chosen: &Chosen,
        store: &WorkStore,
    ) -> Result<Option<RunError>, RunError> {
        if !chosen.opening.is_holder_made() {
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
        let Some(backup) = chosen.opening.holder_backup(here) else { return Ok(None) };
        let mut reader = Reader::start(&self.job.program, store.dir(), &self.cancel)?;
        let ids: Vec<_> = arrived.values().map(|file| file.id).collect();
        reader.grant(store.grants(&ids)?)?;
        let (asked, app) = (chosen.app, chosen.app.word());
        let tried = reader.try_holder_backup(backup, &self.keys_of(asked));
        for id in ids {
            store.drop_item(id)?;
        }
        match tried {
            Err(ReaderError::Cannot(failure)) if failure.is_of_secret() => {
                self.gap(Subject::App(app.into()), gap_of_failure(failure), 1, failure.word());
                self.report.apps.push(AppReport::unread(app, chosen.others));
                Ok(Some(RunError::App { app, failure }))
            }
            Ok(()) | Err(ReaderError::Cannot(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Opens a backup and fetches the texts that lie beside it. The outer error ends the run; the inner one means that it cannot
    /// be read.
    pub(super) fn open_holder_backup(
        &mut self,
        reader: &mut Reader,
        mut app: App,
        line: &mut Line,
        store: &WorkStore,
    ) -> Result<Result<App, RunError>, RunError> {
        let (name_of_app, kind) = (app.name(), app.opening.holder_kind().ok_or(RunError::Internal("no such backup"))?);
        let opened = match app.holder_backup() {
            Some(backup) => self.opened(reader, &app, backup, store)?,
            None => Err(ReadFailure::EvidenceUnreadable),
        };
        for (part, file, modified) in &app.files {
            app.report.backups.push(BackupReport {
                purpose: part.word().to_owned(),
                kind: kind.to_owned(),
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
        self.tell_backup(&app, kind, 0);
        match opened {
            Ok(texts) => {
                if let Some(what) = app.opening.leaves_out() {
                    self.gap(Subject::App(name_of_app.into()), GapReason::Refused, 1, what);
                }
                app.readable = app.files.iter().map(|(part, file, _)| (*part, file.name.clone())).collect();
                if !texts.is_empty() {
                    let link = self.phone(line, store)?;
                    let (items, blind) = Self::shared(link, &app.opening)?;
                    let named: HashSet<&String> = texts.iter().collect();
                    let items: Vec<Item> =
                        items.into_iter().filter(|(path, _)| named.contains(path)).map(|(_, item)| item).collect();
                    let missing = (named.len() - items.len().min(named.len())) as u64;
                    self.fetch_shared(link, &app.opening, items, reader, store)?;
                    if missing > 0 {
                        let reason = if blind { GapReason::Refused } else { GapReason::Absent };
                        self.gap(Subject::App(name_of_app.into()), reason, missing, "texts-in-files");
                    }
                }
                Ok(Ok(app))
            }
            Err(failure) => {
                self.gap(Subject::Evidence(Part::Messages.word().into()), gap_of_failure(failure), 1, failure.word());
                self.report.apps.push(app.report);
                Ok(Err(RunError::App { app: name_of_app, failure }))
            }
        }
    }

    fn opened(
        &mut self,
        reader: &mut Reader,
        app: &App,
        backup: HolderBackup,
        store: &WorkStore,
    ) -> Result<Result<Vec<String>, ReadFailure>, RunError> {
        reader.grant(store.grants(&app.files.iter().map(|(_, file, _)| file.id).collect::<Vec<_>>())?)?;
        let total = app.files.iter().map(|(_, file, _)| file.bytes).sum();
        let keys = self.keys_of(app.app);
        let listener = &mut *self.listener;
        listener.event(Event::Expect { stage: Stage::Unlock, total });
        let told = |done| listener.event(Event::Progress { stage: Stage::Unlock, done });
        let opened = reader.open_holder_backup(app.app, backup, &keys, told);
        match opened {
            Ok(texts) => Ok(Ok(texts)),
            // It was tried before anything was fetched, so this is a run that is gone on with: it may be gone on with again.
            Err(ReaderError::Cannot(failure)) if failure.is_of_secret() => Err(RunError::Locked { app: app.name(), failure }),
            Err(ReaderError::Cannot(failure)) => Ok(Err(failure)),
            Err(other) => Err(other.into()),
        }
    }

    /// Brings out the media that messages name. `before` is what the stage expected of the apps before this one; says what this
    /// one adds.
    pub(super) fn holder_media(
        &mut self,
        app: &mut App,
        line: &mut Line,
        store: &WorkStore,
        before: u64,
    ) -> Result<u64, RunError> {
        let wanted = std::mem::take(&mut app.wanted);
        app.report.attachments.wanted = (wanted.len() as u64).saturating_add(app.report.attachments.missing);
        if wanted.is_empty() {
            self.settle(app, Vec::new(), store)?;
            return Ok(0);
        }
        let mut numbers = Numbers::of(app, store)?;
        let named = |file: &WantedFile| Ok::<_, RunError>((name(file.path.clone())?, file.ending.clone()));
        let names = wanted.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        numbers.give(&names, store)?;
        let mut taking = Taking::new(app.app, store);
        for (file, (listed, _)) in wanted.iter().zip(&names) {
            taking.name(file, numbers.beside(listed).unwrap_or_default())?;
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
            None => Reader::start(&self.job.program, store.dir(), &self.cancel)?,
        };
        if !reader.has_opened(app.app) {
            let backup = app.holder_backup().ok_or(RunError::NothingKept)?;
            let opened = self.opened(&mut reader, app, backup, store)?;
            opened.map_err(|failure| RunError::Locked { app: app.name(), failure })?;
        }
        let left = taking.left(wanted.iter().map(|file| file.path.as_str()));
        let total = if app.opening.is_shared() {
            self.bring_out_shared(app, left, taking, &mut reader, line, store, before)?
        } else {
            // What messages say of their files, which cannot be more than the backup that holds them.
            let said = wanted.iter().fold(0_u64, |sum, file| sum.saturating_add(file.bytes.unwrap_or_default()));
            let total = said.min(app.files.iter().map(|(_, file, _)| file.bytes).sum());
            self.space(total)?;
            self.expect(Stage::Media, before.saturating_add(total));
            for batch in left.chunks(BATCH_FILES) {
                reader.give(app.app, batch, taking).map_err(|error| RunError::reading(app.name(), error))?;
                let done = before.saturating_add(taking.bytes.min(total));
                self.listener.event(Event::Progress { stage: Stage::Media, done });
            }
            total
        };
        self.listener.event(Event::Progress { stage: Stage::Media, done: before.saturating_add(total) });
        line.opened = Some(reader);
        Ok(total)
    }
}
