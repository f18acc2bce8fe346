//! The closing process's side of the reader.

use super::message::{
    GRANTS_A_MESSAGE, Given, HolderBackup, KeyTexts, ReadFailure, Reading, Reply, Request, STRINGS_A_MESSAGE, Sources, WantedFile,
};
use crate::{
    Cancel,
    child::{Child, ChildError, Confinement, Kind, Program},
    link::Secret,
    pipe,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};
use uitlezen_apps::{
    App,
    whatsapp::backup::{Facts, Unlocked},
};
use uitlezen_evidence::ItemName;
use uitlezen_seal::store::Grant;

/// A reading is silent while SQLite looks for the first row of a large database; longer is a hang.
const WATCHDOG: Duration = Duration::from_secs(180);
/// What the closing process holds of what a reader tells it: people of all conversations, files that messages name, and the
/// bytes of those names.
const MOST_NUMBERS: usize = 4_000_000;
const MOST_WANTED: usize = 4_000_000;
const MOST_WANTED_BYTES: usize = 512 << 20;
const MOST_UNDECIDED_BYTES: usize = 256 << 20;
/// Files that hold texts of messages: the child keeps track of no more.
const MOST_TEXTS: usize = 400_000;
/// Address space: SQLite's limits, the chunk cache, one window of rows, the increments.
const MEMORY_MIB: u64 = 2048;

#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    #[error("the reader could not: {}", .0.word())]
    Cannot(ReadFailure),
    #[error(transparent)]
    Child(#[from] ChildError),
    /// Whoever receives the bytes failed: the disk, above all.
    #[error("the bytes could not be kept: {0}")]
    Keep(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The keys of one app, as the holder gave them.
#[derive(Clone, Default)]
pub struct KeyRing {
    /// The 64 digits, as typed.
    pub digits: Option<SecretString>,
    /// A key file's bytes.
    pub key_file: Option<SecretSlice<u8>>,
    /// The 30 digits of Signal's backup file, as typed.
    pub passphrase: Option<SecretString>,
    /// The 64 characters of Signal's backup folder, as typed.
    pub recovery_key: Option<SecretString>,
    /// Of Threema's data backup, or of a file of adb backup, as typed.
    pub password: Option<SecretString>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing")
    }
}

impl KeyRing {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let typed = [&self.digits, &self.passphrase, &self.recovery_key, &self.password];
        self.key_file.is_none() && typed.iter().all(|secret| secret.is_none())
    }

    fn texts(&self) -> KeyTexts {
        let text = |secret: &Option<SecretString>| secret.as_ref().map(|secret| Secret(secret.expose_secret().to_owned()));
        KeyTexts {
            digits: text(&self.digits),
            key_file: self.key_file.as_ref().map(|f| Secret(hex::encode(f.expose_secret()))),
            passphrase: text(&self.passphrase),
            recovery_key: text(&self.recovery_key),
            password: text(&self.password),
        }
    }
}

/// Who takes the records of a reading, as bytes: lines of `conversations.jsonl`, then lines of `messages.jsonl`.
pub trait Records {
    type Error: std::error::Error + Send + Sync + 'static;
    fn conversations(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    fn messages(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    fn wanted(&mut self, files: Vec<WantedFile>) -> Result<(), Self::Error>;
    /// Lines of `undecided.jsonl`, after everything else.
    fn undecided(&mut self, lines: Vec<String>) -> Result<(), Self::Error>;
}

/// Who takes files that lie within a backup.
pub(crate) trait Takes {
    type Error: std::error::Error + Send + Sync + 'static;
    fn begin(&mut self, path: &str) -> Result<(), Self::Error>;
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    /// What came counts only when it came whole.
    fn end(&mut self, path: &str, given: Given) -> Result<(), Self::Error>;
}

/// A reader child that was started.
#[derive(Debug)]
pub struct Reader {
    child: Child,
    /// Apps of which the child has a backup open that the holder made.
    opened: BTreeSet<App>,
}

impl Reader {
    /// Starts a child that may read the work store's folder and nothing else. Without a grant it can open nothing there:
    /// what lies there is ciphertext.
    pub fn start(program: &Program, store: &Path, cancel: &Cancel) -> Result<Self, ReaderError> {
        let confinement = Confinement { read: vec![store.to_owned()], memory_mib: MEMORY_MIB, ..Confinement::default() };
        Ok(Self { child: Child::start(program, Kind::Reader, &confinement, WATCHDOG, cancel)?, opened: BTreeSet::new() })
    }

    pub fn grant(&mut self, grants: Vec<Grant>) -> Result<(), ReaderError> {
        let mut grants = grants.into_iter().peekable();
        while grants.peek().is_some() {
            let batch: Vec<Grant> = grants.by_ref().take(GRANTS_A_MESSAGE).collect();
            self.child.send(&Request::Grant(batch))?;
            match self.child.message()? {
                Reply::Granted => {}
                other => return Err(self.unexpected(&other)),
            }
        }
        Ok(())
    }

    /// What a backup says of itself.
    pub fn inspect(&mut self, item: &ItemName) -> Result<Facts, ReaderError> {
        self.child.send(&Request::Inspect(item.clone()))?;
        match self.child.message()? {
            Reply::Facts(facts) => Ok(*facts),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Unlocks a backup; its content goes to `keep`. On an error what `keep` got is to be thrown away.
    pub fn unlock<E: std::error::Error + Send + Sync + 'static>(
        &mut self,
        item: &ItemName,
        keys: &KeyRing,
        mut keep: impl FnMut(&[u8]) -> Result<(), E>,
        mut progress: impl FnMut(u64),
    ) -> Result<Unlocked, ReaderError> {
        self.child.send(&Request::Unlock { item: item.clone(), keys: keys.texts() })?;
        loop {
            let frame = self.child.receive()?;
            match frame.kind {
                pipe::Kind::Bytes => keep(&frame.payload).map_err(kept)?,
                pipe::Kind::MoreBytes => return Err(self.broken("records where content was due")),
                pipe::Kind::Message => match frame.message(self.child.name())? {
                    Reply::Progress(read) => progress(read),
                    Reply::Unlocked(unlocked) => return Ok(*unlocked),
                    other => return Err(self.unexpected(&other)),
                },
            }
            self.child.recycle(frame);
        }
    }

    /// Whether these keys open a backup that the holder made, by how its files begin.
    pub(crate) fn try_holder_backup(&mut self, backup: HolderBackup, keys: &KeyRing) -> Result<(), ReaderError> {
        self.child.send(&Request::TryHolderBackup { backup, keys: keys.texts() })?;
        match self.child.message()? {
            Reply::Fits => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Opens such a backup; says which files beside it hold texts of its messages.
    pub(crate) fn open_holder_backup(
        &mut self,
        app: App,
        backup: HolderBackup,
        keys: &KeyRing,
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<String>, ReaderError> {
        self.child.send(&Request::OpenHolderBackup { app, backup, keys: keys.texts() })?;
        let mut texts = Vec::new();
        loop {
            match self.child.message()? {
                Reply::Progress(read) => progress(read),
                Reply::Texts(more) => {
                    texts.extend(more);
                    if texts.len() > MOST_TEXTS {
                        return Err(self.broken("more texts than the bound"));
                    }
                }
                Reply::HolderBackupOpened => {
                    self.opened.insert(app);
                    return Ok(texts);
                }
                other => return Err(self.unexpected(&other)),
            }
        }
    }

    pub(crate) fn has_opened(&self, app: App) -> bool {
        self.opened.contains(&app)
    }

    /// The bytes of files that lie within the opened backup of an app. Every path is answered once, in order.
    pub(crate) fn give<G: Takes>(&mut self, app: App, paths: &[String], takes: &mut G) -> Result<(), ReaderError> {
        for batch in paths.chunks(STRINGS_A_MESSAGE) {
            self.child.send(&Request::Give { app, paths: batch.to_vec() })?;
            for path in batch {
                takes.begin(path).map_err(kept)?;
                loop {
                    let frame = self.child.receive()?;
                    match frame.kind {
                        pipe::Kind::Bytes => takes.bytes(&frame.payload).map_err(kept)?,
                        pipe::Kind::MoreBytes => return Err(self.broken("records where a file was due")),
                        pipe::Kind::Message => match frame.message(self.child.name())? {
                            Reply::Given(given) => {
                                takes.end(path, given).map_err(kept)?;
                                break;
                            }
                            other => return Err(self.unexpected(&other)),
                        },
                    }
                    self.child.recycle(frame);
                }
            }
        }
        Ok(())
    }

    /// The numbers of the participants in scope.
    pub(crate) fn numbers(&mut self, sources: &Sources) -> Result<Vec<String>, ReaderError> {
        self.child.send(&Request::Numbers(sources.clone()))?;
        let mut all = Vec::new();
        loop {
            match self.child.message()? {
                Reply::Numbers { numbers, last } => {
                    if all.len() + numbers.len() > MOST_NUMBERS || (numbers.is_empty() && !last) {
                        return Err(self.broken("more numbers than the bound"));
                    }
                    all.extend(numbers);
                    if last {
                        return Ok(all);
                    }
                }
                other => return Err(self.unexpected(&other)),
            }
        }
    }

    pub(crate) fn names(&mut self, names: BTreeMap<String, String>) -> Result<(), ReaderError> {
        let names: Vec<(String, String)> = names.into_iter().collect();
        for batch in names.chunks(STRINGS_A_MESSAGE) {
            self.child.send(&Request::Names(batch.to_vec()))?;
            match self.child.message()? {
                Reply::Named => {}
                other => return Err(self.unexpected(&other)),
            }
        }
        Ok(())
    }

    pub(crate) fn read<R: Records>(&mut self, sources: &Sources, records: &mut R) -> Result<Reading, ReaderError> {
        self.child.send(&Request::Read(sources.clone()))?;
        let (mut began, mut wanted, mut names, mut undecided) = (false, 0, 0, 0);
        loop {
            let frame = self.child.receive()?;
            match frame.kind {
                pipe::Kind::Bytes if began => return Err(self.broken("conversations behind messages")),
                pipe::Kind::Bytes => records.conversations(&frame.payload).map_err(kept)?,
                pipe::Kind::MoreBytes => {
                    began = true;
                    records.messages(&frame.payload).map_err(kept)?;
                }
                pipe::Kind::Message => match frame.message(self.child.name())? {
                    Reply::Wanted(files) => {
                        wanted += files.len();
                        names += files.iter().map(|f| f.path.len() + f.sha256.as_ref().map_or(0, String::len)).sum::<usize>();
                        if files.is_empty() || wanted > MOST_WANTED || names > MOST_WANTED_BYTES {
                            return Err(self.broken("more wanted files than the bound"));
                        }
                        records.wanted(files).map_err(kept)?;
                    }
                    Reply::Undecided(lines) => {
                        undecided += lines.iter().map(String::len).sum::<usize>();
                        // An end of line inside would make two lines of one.
                        let broken = lines.is_empty() || lines.iter().any(|line| line.contains('\n'));
                        if broken || undecided > MOST_UNDECIDED_BYTES {
                            return Err(self.broken("more undecided conversations than the bound"));
                        }
                        records.undecided(lines).map_err(kept)?;
                    }
                    Reply::Read(reading) => return Ok(*reading),
                    other => return Err(self.unexpected(&other)),
                },
            }
            self.child.recycle(frame);
        }
    }

    fn unexpected(&self, reply: &Reply) -> ReaderError {
        match reply {
            Reply::Failed(failure) => ReaderError::Cannot(*failure),
            _ => self.broken("an answer to another question"),
        }
    }

    fn broken(&self, what: &'static str) -> ReaderError {
        ChildError::Rules { child: self.child.name(), what }.into()
    }
}

fn kept(error: impl std::error::Error + Send + Sync + 'static) -> ReaderError {
    ReaderError::Keep(Box::new(error))
}
