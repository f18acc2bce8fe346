//! Signal in the reader child: one of its two kinds of backup, opened with the holder's secret, and read. The keys that it holds
//! beside its messages stay in here.

use super::{
    holder_backup::Opened,
    message::{KeyTexts, ReadFailure, Reply, SHARED, STRINGS_A_MESSAGE, Sources},
    serve::{PROGRESS_EVERY, Serving, Stop, read_failure},
};
use crate::pipe;
use std::collections::HashMap;
use uitlezen_apps::{
    App, MediaRefused,
    signal::{
        Passphrase, RecoveryKey,
        folder::{self, Files},
        legacy,
        media::{self, FolderMedia},
        settings::{Keep, Known, Settings},
    },
};
use uitlezen_check::{AccountDefault, AppVerdict, TimerCheck};
use uitlezen_evidence::{Bytes, ItemName, ReadAtExt};
use uitlezen_signal_backup::{
    folder::{FolderError, Keys, Main, Metadata},
    legacy::{Backup, FileKeys, LegacyError},
};

/// `metadata` is some tens of bytes.
const LONGEST_METADATA: u64 = 4096;

/// A backup that was opened.
pub(super) enum Opening {
    File(Box<legacy::Store>),
    Folder { main: Main, media: FolderMedia },
}

impl Serving {
    pub(super) fn try_signal_file(&mut self, file: &ItemName, keys: &KeyTexts) -> Result<(), ReadFailure> {
        let (file, keys) = self.signal_file(file, keys)?;
        file.unlock(&keys).map(|_| ()).map_err(|error| of_file(&error))
    }

    pub(super) fn try_signal_folder(&mut self, main: &ItemName, metadata: &ItemName, keys: &KeyTexts) -> Result<(), ReadFailure> {
        let keys = self.signal_folder_keys(metadata, keys)?;
        match keys.fits(&self.open(main)?).map_err(|error| of_folder(&error))? {
            true => Ok(()),
            false => Err(ReadFailure::WrongRecoveryKey),
        }
    }

    pub(super) fn open_signal_file(&mut self, file: &ItemName, keys: &KeyTexts) -> Result<Opening, Stop> {
        let (file, keys) = self.signal_file(file, keys)?;
        let unlocked = file.unlock(&keys).map_err(|error| of_file(&error))?;
        let (to, mut said) = (&mut self.to, 0);
        let store = legacy::take_in(unlocked, &mut |read| {
            if read >= said + PROGRESS_EVERY {
                said = read;
                // A broken pipe shows at the answer.
                let _ = pipe::write_message(to, &Reply::Progress(read));
            }
        });
        Ok(Opening::File(Box::new(store.map_err(|error| read_failure(&error))?)))
    }

    pub(super) fn open_signal_folder(&mut self, main: &ItemName, metadata: &ItemName, keys: &KeyTexts) -> Result<Opening, Stop> {
        let keys = self.signal_folder_keys(metadata, keys)?;
        let main = keys.main(self.open(main)?).map_err(|error| of_folder(&error))?;
        // Damage behind the tag is met again, and told, when the records are read.
        let (media, _) = FolderMedia::collect(&main);
        for texts in media.texts().chunks(STRINGS_A_MESSAGE) {
            pipe::write_message(&mut self.to, &Reply::Texts(texts.to_vec()))?;
        }
        Ok(Opening::Folder { main, media })
    }

    fn signal_file(&self, file: &ItemName, keys: &KeyTexts) -> Result<(Backup, FileKeys), ReadFailure> {
        let file = Backup::open(self.open(file)?).map_err(|error| of_file(&error))?;
        let passphrase = keys.passphrase.as_ref().ok_or(ReadFailure::PassphraseMissing)?;
        let passphrase = Passphrase::parse(passphrase.0.as_bytes()).map_err(|_| ReadFailure::PassphraseForm)?;
        let keys = file.keys(&passphrase);
        Ok((file, keys))
    }

    fn signal_folder_keys(&self, metadata: &ItemName, keys: &KeyTexts) -> Result<Keys, ReadFailure> {
        let bytes = self.open(metadata)?.read_all(LONGEST_METADATA).map_err(|_| ReadFailure::NotABackup)?;
        let metadata = Metadata::read(&bytes).map_err(|error| of_folder(&error))?;
        let recovery = keys.recovery_key.as_ref().ok_or(ReadFailure::RecoveryKeyMissing)?;
        let recovery = RecoveryKey::parse(recovery.0.as_bytes()).map_err(|_| ReadFailure::RecoveryKeyForm)?;
        Ok(metadata.keys(&recovery))
    }

    pub(super) fn read_signal(&mut self, sources: &Sources) -> Result<Reply, Stop> {
        let holder_number = sources.holder_number.as_ref().map(|number| number.0.as_str());
        let item = sources.messages.1;
        self.records(
            sources,
            |from, separation, lines| {
                let Some(Opened::Signal(opening)) = from.opened.get(&App::Signal) else { return Err(ReadFailure::Internal) };
                Ok(match opening {
                    Opening::File(store) => {
                        let reading = legacy::Reading { store, item, holder_number, separation };
                        legacy::read(&reading, lines).map(|read| (read.summary, read.settings))
                    }
                    Opening::Folder { main, .. } => {
                        let files = Shared(from.evidence);
                        let reading = folder::Reading { main, item, files: &files, holder_number, separation };
                        folder::read(&reading, lines).map(|read| (read.summary, read.settings))
                    }
                })
            },
            |check, settings| keeping(check, &settings),
        )
    }
}

/// The shared media of a backup folder, as far as it was fetched.
struct Shared<'e>(&'e HashMap<ItemName, Bytes>);

impl Opening {
    /// The content of a file that a record names so.
    pub(super) fn content(&self, path: &str, evidence: &HashMap<ItemName, Bytes>) -> Result<Bytes, MediaRefused> {
        match self {
            Self::File(store) => media::of_file(store, path),
            Self::Folder { media, .. } => media.open(path, &Shared(evidence)),
        }
    }
}

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
