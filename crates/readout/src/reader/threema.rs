//! Threema of Android in the reader child: its data backup, opened with the holder's password, and read.

use super::{
    holder_backup::Opened,
    lines::Lines,
    message::{KeyTexts, ReadFailure, Reading as Outcome, Reply, Sources},
    separating::Asked,
    serve::{Serving, Stop, read_failure, threema_keeping},
};
use uitlezen_apps::{
    Separation,
    threema::{
        android::{Backup, OpenError, Reading, may_open, read},
        settings::Settings,
    },
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
        let separator = sources.separation.separator()?;
        let asked = Asked(&separator);
        let separation = separator.excludes().then_some(&asked as &dyn Separation);
        let judge = (!separator.excludes()).then_some(&separator);
        let Self { to, opened, .. } = self;
        let Some(Opened::Threema(backup)) = opened.get(&sources.app) else { return Err(ReadFailure::Internal.into()) };
        let mut lines = Lines::new(to, TimerCheck::new(sources.app.word()), judge);
        let reading = Reading { edition, backup, item: sources.messages.1, holder_identity: None, separation };
        let read = read(&reading, &mut lines);
        let check = lines.finish()?;
        let summary = read.map_err(|error| read_failure(&error))?;
        self.undecided(&separator.undecided())?;
        let settings = Settings::of_data_backup(edition, sources.threema_keep_days.map(i64::from));
        Ok(Reply::Read(Box::new(Outcome {
            summary,
            verdict: keeping(check, &settings),
            pages_rolled_back: 0,
            temporary_files_refused: 0,
            separation: separator.finish(),
        })))
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
