//! Signal in the reader child: one of its two kinds of backup, opened with the holder's secret and kept open, read, and the
//! files within it given out. The keys that it holds beside its messages stay in here.

use super::{
    lines::Lines,
    message::{Given, KeyTexts, ReadFailure, Reading as Outcome, Reply, SHARED, STRINGS_A_MESSAGE, SignalBackup, Sources},
    separating::Asked,
    serve::{FRAME, PROGRESS_EVERY, Serving, Stop, read_failure},
};
use crate::pipe::{self, Kind};
use std::{collections::HashMap, io::Read};
use uitlezen_apps::{
    App, Separation,
    signal::{
        Passphrase, RecoveryKey,
        folder::{self, Files},
        legacy,
        media::{self, FolderMedia, MediaRefused},
        settings::{Keep, Known, Settings},
    },
};
use uitlezen_check::{AccountDefault, AppVerdict, TimerCheck};
use uitlezen_evidence::{Bytes, ItemName, ReadAtExt, Reader};
use uitlezen_signal_backup::{
    folder::{FolderError, Keys, Main, Metadata},
    legacy::{Backup, FileKeys, LegacyError},
};
use zeroize::Zeroizing;

/// `metadata` is some tens of bytes.
const LONGEST_METADATA: u64 = 4096;

/// A backup that was opened.
pub(super) enum Opening {
    File(Box<legacy::Store>),
    Folder { main: Main, media: FolderMedia },
}

impl Serving {
    /// Tries the holder's secret on how the files of a backup begin: slow on purpose, and yet far quicker than to fetch them.
    pub(super) fn try_signal(&mut self, backup: &SignalBackup, keys: &KeyTexts) -> Result<Reply, Stop> {
        match &backup.metadata {
            None => {
                let (file, keys) = self.file(backup, keys)?;
                file.unlock(&keys).map_err(|error| of_file(&error))?;
            }
            Some(metadata) => {
                let keys = self.folder_keys(metadata, keys)?;
                if !keys.fits(&self.open(&backup.main)?).map_err(|error| of_folder(&error))? {
                    return Err(ReadFailure::WrongRecoveryKey.into());
                }
            }
        }
        Ok(Reply::Fits)
    }

    pub(super) fn open_signal(&mut self, backup: &SignalBackup, keys: &KeyTexts) -> Result<Reply, Stop> {
        self.signal = None;
        let opened = match &backup.metadata {
            None => {
                let (file, keys) = self.file(backup, keys)?;
                let unlocked = file.unlock(&keys).map_err(|error| of_file(&error))?;
                let (to, mut said) = (&mut self.to, 0);
                let store = legacy::take_in(unlocked, &mut |read| {
                    if read >= said + PROGRESS_EVERY {
                        said = read;
                        // A broken pipe shows at the answer.
                        let _ = pipe::write_message(to, &Reply::Progress(read));
                    }
                });
                Opening::File(Box::new(store.map_err(|error| read_failure(&error))?))
            }
            Some(metadata) => {
                let keys = self.folder_keys(metadata, keys)?;
                let main = keys.main(self.open(&backup.main)?).map_err(|error| of_folder(&error))?;
                // Damage behind the tag is met again, and told, when the records are read.
                let (media, _) = FolderMedia::collect(&main);
                for texts in media.texts().chunks(STRINGS_A_MESSAGE) {
                    pipe::write_message(&mut self.to, &Reply::Texts(texts.to_vec()))?;
                }
                Opening::Folder { main, media }
            }
        };
        self.signal = Some(opened);
        Ok(Reply::SignalOpened)
    }

    fn file(&self, backup: &SignalBackup, keys: &KeyTexts) -> Result<(Backup, FileKeys), ReadFailure> {
        let file = Backup::open(self.open(&backup.main)?).map_err(|error| of_file(&error))?;
        let passphrase = keys.passphrase.as_ref().ok_or(ReadFailure::PassphraseMissing)?;
        let passphrase = Passphrase::parse(passphrase.0.as_bytes()).map_err(|_| ReadFailure::PassphraseForm)?;
        let keys = file.keys(&passphrase);
        Ok((file, keys))
    }

    fn folder_keys(&self, metadata: &ItemName, keys: &KeyTexts) -> Result<Keys, ReadFailure> {
        let bytes = self.open(metadata)?.read_all(LONGEST_METADATA).map_err(|_| ReadFailure::NotABackup)?;
        let metadata = Metadata::read(&bytes).map_err(|error| of_folder(&error))?;
        let recovery = keys.recovery_key.as_ref().ok_or(ReadFailure::RecoveryKeyMissing)?;
        let recovery = RecoveryKey::parse(recovery.0.as_bytes()).map_err(|_| ReadFailure::RecoveryKeyForm)?;
        Ok(metadata.keys(&recovery))
    }

    pub(super) fn read_signal(&mut self, sources: &Sources) -> Result<Reply, Stop> {
        let separator = sources.separation.separator()?;
        let asked = Asked(&separator);
        let separation = separator.excludes().then_some(&asked as &dyn Separation);
        let judge = (!separator.excludes()).then_some(&separator);
        let holder_number = sources.holder_number.as_ref().map(|number| number.0.as_str());
        let item = sources.messages.1;
        let Self { to, evidence, signal, .. } = self;
        let shared = Shared(evidence);
        let mut lines = Lines::new(to, TimerCheck::new(App::Signal.word()), judge);
        let read = match signal.as_ref().ok_or(ReadFailure::Internal)? {
            Opening::File(store) => {
                let reading = legacy::Reading { store, item, holder_number, separation };
                legacy::read(&reading, &mut lines).map(|read| (read.summary, read.settings))
            }
            Opening::Folder { main, .. } => {
                let reading = folder::Reading { main, item, files: &shared, holder_number, separation };
                folder::read(&reading, &mut lines).map(|read| (read.summary, read.settings))
            }
        };
        let check = lines.finish()?;
        let (summary, settings) = read.map_err(|error| read_failure(&error))?;
        self.undecided(&separator.undecided())?;
        Ok(Reply::Read(Box::new(Outcome {
            summary,
            verdict: keeping(check, &settings),
            pages_rolled_back: 0,
            temporary_files_refused: 0,
            separation: separator.finish(),
        })))
    }

    /// Gives out files that lie within the opened backup: decrypted as they go, checked as a whole before.
    pub(super) fn give(&mut self, paths: &[String]) -> Result<Reply, Stop> {
        let Self { to, evidence, signal, .. } = self;
        let shared = Shared(evidence);
        let opened = signal.as_ref().ok_or(ReadFailure::Internal)?;
        let mut piece = Zeroizing::new(vec![0; FRAME]);
        let mut last = None;
        for path in paths {
            if let Some(given) = last.take() {
                pipe::write_message(to, &Reply::Given(given))?;
            }
            let content = match opened {
                Opening::File(store) => media::of_file(store, path),
                Opening::Folder { media, .. } => media.open(path, &shared),
            };
            last = Some(match content {
                Ok(content) => {
                    let mut reader = Reader::new(content);
                    loop {
                        match reader.read(&mut piece) {
                            Ok(0) => break Given::Whole,
                            Ok(n) => pipe::write_bytes(to, Kind::Bytes, piece.get(..n).unwrap_or_default())?,
                            Err(_) => break Given::Unreadable,
                        }
                    }
                }
                Err(MediaRefused::Unknown | MediaRefused::Missing) => Given::Missing,
                Err(MediaRefused::Damaged) => Given::Damaged,
                Err(MediaRefused::Unreadable) => Given::Unreadable,
            });
        }
        Ok(Reply::Given(last.ok_or(ReadFailure::Internal)?))
    }
}

/// The shared media of a backup folder, as far as it was fetched.
struct Shared<'e>(&'e HashMap<ItemName, Bytes>);

impl Files for Shared<'_> {
    fn file(&self, name: &str) -> Option<Bytes> {
        let item = ItemName::new(format!("{SHARED}files/{}/{name}", name.get(..2)?)).ok()?;
        self.0.get(&item).cloned()
    }
}

/// The verdict over Signal, by the settings of the account (`reference/android.md §6`): the timer of new chats; how long
/// messages are kept, and how many.
fn keeping(check: TimerCheck, settings: &Settings) -> AppVerdict {
    fn said<T: Copy>(known: Known<T>, set: impl Fn(T) -> AccountDefault) -> AccountDefault {
        match known {
            Known::Set { value } => set(value),
            Known::NeverSet => AccountDefault::NeverSet,
            Known::NotCarried | Known::NotUnderstood => AccountDefault::HolderMustShow,
        }
    }
    let mut verdict = check.finish(said(settings.universal_timer, |seconds| AccountDefault::Set { seconds }));
    let keep = said(settings.keep, |keep| match keep {
        Keep::Forever => AccountDefault::Set { seconds: 0 },
        Keep::For { seconds } => AccountDefault::Set { seconds },
    });
    let trim = said(settings.trim, |most| match most {
        None => AccountDefault::Set { seconds: 0 },
        Some(messages) => AccountDefault::Limited { messages },
    });
    verdict.others.insert("keep-messages".into(), keep);
    verdict.others.insert("trim-chats".into(), trim);
    verdict
}

fn of_file(error: &LegacyError) -> ReadFailure {
    match error {
        LegacyError::NotABackup => ReadFailure::NotABackup,
        LegacyError::Version { .. } => ReadFailure::Unsupported,
        LegacyError::WrongPassphrase => ReadFailure::WrongPassphrase,
        LegacyError::Truncated { .. } => ReadFailure::Truncated,
        LegacyError::Damaged { .. } | LegacyError::Length { .. } | LegacyError::Malformed { .. } => ReadFailure::Altered,
        LegacyError::Io(_) => ReadFailure::EvidenceUnreadable,
    }
}

fn of_folder(error: &FolderError) -> ReadFailure {
    match error {
        FolderError::NotABackup => ReadFailure::NotABackup,
        FolderError::Version { .. } => ReadFailure::Unsupported,
        FolderError::FromServer => ReadFailure::FromServer,
        FolderError::WrongKey => ReadFailure::WrongRecoveryKey,
        FolderError::Truncated { .. } => ReadFailure::Truncated,
        FolderError::Damaged
        | FolderError::Length { .. }
        | FolderError::Malformed { .. }
        | FolderError::Compression { .. }
        | FolderError::Behind => ReadFailure::Altered,
        FolderError::Io(_) => ReadFailure::EvidenceUnreadable,
    }
}
