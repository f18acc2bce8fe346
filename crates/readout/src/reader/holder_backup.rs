//! Backups that a holder made in an app, in the reader child: the holder's secret is tried on how one begins, one is opened and
//! kept open, and the files within it are given out. What is one app's own stands in that app's file.

use super::{
    message::{Given, HolderBackup, KeyTexts, ReadFailure, Reply},
    serve::{FRAME, Serving, Stop},
    signal, sms,
};
use crate::pipe::{self, Kind};
use std::{collections::HashMap, io::Read};
use uitlezen_apps::{
    App, MediaRefused,
    sms::AdbBackup,
    threema::android::{Backup, media},
};
use uitlezen_evidence::{Bytes, ItemName, Reader};
use zeroize::Zeroizing;

/// A backup that was opened.
pub(super) enum Opened {
    Signal(signal::Opening),
    Threema(Backup),
    AdbBackup(AdbBackup),
}

impl Opened {
    /// The content of a file that a record names so.
    fn content(&self, path: &str, evidence: &HashMap<ItemName, Bytes>) -> Result<Bytes, MediaRefused> {
        match self {
            Self::Signal(opening) => opening.content(path, evidence),
            Self::Threema(backup) => media::open(backup, path),
            // Messages come without their files.
            Self::AdbBackup(_) => Err(MediaRefused::Unknown),
        }
    }
}

impl Serving {
    /// Tries the holder's secret on how the files of a backup begin: slow on purpose, and yet far quicker than to fetch them.
    pub(super) fn try_holder_backup(&mut self, backup: &HolderBackup, keys: &KeyTexts) -> Result<Reply, Stop> {
        match backup {
            HolderBackup::SignalFile(file) => self.try_signal_file(file, keys)?,
            HolderBackup::SignalFolder { main, metadata } => self.try_signal_folder(main, metadata, keys)?,
            HolderBackup::Threema(file) => self.try_threema(file, keys)?,
            HolderBackup::AdbBackup(file) => sms::unlock(self.open(file)?, keys).map(|_| ())?,
        }
        Ok(Reply::Fits)
    }

    pub(super) fn open_holder_backup(&mut self, app: App, backup: &HolderBackup, keys: &KeyTexts) -> Result<Reply, Stop> {
        self.opened.remove(&app);
        let opened = match backup {
            HolderBackup::SignalFile(file) => Opened::Signal(self.open_signal_file(file, keys)?),
            HolderBackup::SignalFolder { main, metadata } => Opened::Signal(self.open_signal_folder(main, metadata, keys)?),
            HolderBackup::Threema(file) => Opened::Threema(self.open_threema(file, keys)?),
            HolderBackup::AdbBackup(file) => Opened::AdbBackup(sms::open(self.open(file)?, keys)?),
        };
        self.opened.insert(app, opened);
        Ok(Reply::HolderBackupOpened)
    }

    /// Gives out files that lie within the opened backup of an app: decrypted as they go, checked as a whole before.
    pub(super) fn give(&mut self, app: App, paths: &[String]) -> Result<Reply, Stop> {
        let Self { to, evidence, opened, .. } = self;
        let opened = opened.get(&app).ok_or(ReadFailure::Internal)?;
        let mut piece = Zeroizing::new(vec![0; FRAME]);
        let mut last = None;
        for path in paths {
            if let Some(given) = last.take() {
                pipe::write_message(to, &Reply::Given(given))?;
            }
            last = Some(match opened.content(path, evidence) {
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
