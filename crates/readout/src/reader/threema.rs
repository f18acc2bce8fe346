//! Threema of Android in the reader child: its data backup, opened with the holder's password, and read.

use super::{
    holder_backup::Opened,
    message::{KeyTexts, ReadFailure, Reply, Sources},
    serve::{Serving, Stop, threema_keeping},
};
use uitlezen_apps::threema::{
    android::{Backup, OpenError, Reading, may_open, read},
    settings::Settings,
};
use uitlezen_check::{AccountDefault, AppVerdict, TimerCheck};
use uitlezen_evidence::{Hint, ItemName};

/// The header of a zip's first entry fits into so many bytes.
const HEAD: u64 = 4096;

impl Serving {
    pub(super) fn try_threema(&mut self, file: &ItemName, keys: &KeyTexts) -> Result<(), ReadFailure> {
        let source = self.open(file)?;
        let mut head = vec![0; usize::try_from(source.len().min(HEAD)).unwrap_or_default()];
        source.read_at(0, &mut head, &mut Hint::default()).map_err(|_| ReadFailure::EvidenceUnreadable)?;
        match may_open(&head, password(keys)?).ok_or(ReadFailure::NotABackup)? {
            true => Ok(()),
            false => Err(ReadFailure::WrongBackupPassword),
        }
    }

    pub(super) fn open_threema(&mut self, file: &ItemName, keys: &KeyTexts) -> Result<Backup, ReadFailure> {
        Backup::open(self.open(file)?, password(keys)?).map_err(|error| match error {
            OpenError::WrongPassword => ReadFailure::WrongBackupPassword,
            OpenError::Damaged => ReadFailure::Altered,
            OpenError::NotABackup => ReadFailure::NotABackup,
            OpenError::Io(_) => ReadFailure::EvidenceUnreadable,
        })
    }

    /// Whether a data backup is open that these are about: an iPhone's Threema is a database.
    pub(super) fn has_threema(&self, sources: &Sources) -> bool {
        matches!(self.opened.get(&sources.app), Some(Opened::Threema(_)))
    }

    pub(super) fn read_threema(&mut self, sources: &Sources) -> Result<Reply, Stop> {
        let edition = sources.app.threema().ok_or(ReadFailure::Internal)?;
        let settings = Settings::of_data_backup(edition, sources.threema_keep_days.map(i64::from));
        self.records(
            sources,
            |from, separation, lines| {
                let Some(Opened::Threema(backup)) = from.opened.get(&sources.app) else { return Err(ReadFailure::Internal) };
                let reading = Reading { edition, backup, item: sources.messages.1, holder_identity: None, separation };
                Ok(read(&reading, lines).map(|summary| (summary, ())))
            },
            |check, ()| keeping(check, &settings),
        )
    }
}

fn password(keys: &KeyTexts) -> Result<&str, ReadFailure> {
    keys.password.as_ref().map(|password| password.0.as_str()).ok_or(ReadFailure::BackupPasswordMissing)
}

/// Of a data backup nothing is known but what the plan says of the administrator.
fn keeping(check: TimerCheck, settings: &Settings) -> AppVerdict {
    let mut verdict = threema_keeping(check, settings);
    if let AccountDefault::Set { seconds } = verdict.account_default {
        verdict.account_default = AccountDefault::Administered { seconds };
    }
    verdict
}
