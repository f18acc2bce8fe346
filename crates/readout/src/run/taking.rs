//! Files that lie within a backup, on their way into the seal.

use super::{
    RunError,
    app::{kept, name},
    receive::put,
};
use crate::{
    link::Outcome,
    reader::{Given, Takes, WantedFile},
    records,
};
use std::collections::HashMap;
use uitlezen_apps::App as AskedApp;
use uitlezen_chat::AttachmentState;
use uitlezen_evidence::ItemName;
use uitlezen_seal::{
    part::ChunkSize,
    role::Role,
    store::{ItemWriter, StoreError, WorkStore},
};

/// Takes files out of a backup into the seal.
pub(super) struct Taking<'s> {
    app: AskedApp,
    store: &'s WorkStore,
    /// By the path that records have: the file beside the conversations.
    pub(super) names: HashMap<String, String>,
    writer: Option<ItemWriter>,
    /// Bytes and digest of what is here.
    pub(super) whole: HashMap<String, (u64, String)>,
    given: HashMap<String, Given>,
    /// What became of shared files that did not come.
    pub(super) missed: HashMap<String, Outcome>,
    /// Some of the shared files could not be seen.
    pub(super) blind: bool,
    pub(super) bytes: u64,
}

impl<'s> Taking<'s> {
    pub(super) fn new(app: AskedApp, store: &'s WorkStore) -> Self {
        Self {
            app,
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

    pub(super) fn name(&mut self, file: &WantedFile, beside: String) -> Result<(), RunError> {
        // Made of a number, so it is a name.
        self.item(&beside)?;
        self.names.insert(file.path.clone(), beside);
        Ok(())
    }

    /// What an earlier process of this run had brought out whole: it comes out of the same backup.
    pub(super) fn take_over(&mut self) {
        let stored: HashMap<ItemName, _> =
            self.store.items().into_iter().filter(|item| item.home.is_kept()).map(|item| (item.name.clone(), item)).collect();
        for (path, beside) in &self.names {
            let here = self.item(beside).ok().and_then(|name| stored.get(&name));
            if let Some((bytes, sha256)) = here.and_then(|here| Some((here.bytes, here.sha256?))) {
                self.bytes += bytes;
                self.whole.insert(path.clone(), (bytes, hex::encode(sha256)));
            }
        }
    }

    fn item(&self, beside: &str) -> Result<ItemName, RunError> {
        name(records::item(self.app.word(), &format!("bijlagen/{beside}")))
    }

    pub(super) fn left<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Vec<String> {
        paths.filter(|path| !self.whole.contains_key(*path)).map(str::to_owned).collect()
    }

    pub(super) fn state(&self, file: &WantedFile) -> AttachmentState {
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

impl Takes for Taking<'_> {
    type Error = StoreError;

    fn begin(&mut self, path: &str) -> Result<(), StoreError> {
        self.writer = None;
        let called = self.names.get(path).and_then(|beside| self.item(beside).ok());
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
