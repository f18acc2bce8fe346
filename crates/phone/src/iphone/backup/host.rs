//! What keeps a backup: the other side of the session, which knows what is wanted.

use std::io::{self, Read};

/// What to do with a file that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// Its bytes go to [`Host::bytes`].
    Keep,
    /// They are read and thrown away.
    Drain,
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Whole,
    /// The phone reported an error for it. Whether something is missing shows in the manifest.
    WithError,
}

/// What the host could not do, as the phone is told.
#[derive(Debug)]
pub enum HostError {
    NotFound,
    Exists,
    NotAFolder,
    IsAFolder,
    /// Ends the backup: to go on would lose files in silence.
    NoSpace,
    /// Ends the backup.
    Io(io::Error),
}

impl HostError {
    /// The number that stands for it, and its words (`reference/ios.md` §2.3).
    pub(crate) fn code(&self) -> (i64, &'static str) {
        match self {
            Self::NotFound => (-6, "No such file or directory"),
            Self::Exists => (-7, "File exists"),
            Self::NotAFolder => (-8, "Not a directory"),
            Self::IsAFolder => (-9, "Is a directory"),
            Self::NoSpace => (-15, "No space left on device"),
            Self::Io(_) => (-11, "Input/output error"),
        }
    }
}

/// A thing in a folder of the backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub folder: bool,
    pub size: u64,
    /// Unix seconds.
    pub modified: i64,
}

/// Keeps the backup. Paths are clean, relative, and begin with the phone's number.
pub trait Host {
    /// Free bytes, truthfully.
    fn free_space(&mut self) -> Result<u64, HostError>;
    fn make_folder(&mut self, path: &str) -> Result<(), HostError>;
    /// One level.
    fn list(&mut self, path: &str) -> Result<Vec<Listed>, HostError>;
    /// For the phone, which reads what it left here the last time.
    fn open(&mut self, path: &str) -> Result<Box<dyn Read + '_>, HostError>;
    /// A file comes. `device_name` is its place on the phone and is content: it goes nowhere but into the choice.
    fn begin(&mut self, device_name: &str, path: &str) -> Result<Take, HostError>;
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), HostError>;
    fn end(&mut self, ended: Ended) -> Result<(), HostError>;
    /// Onto an existing file or tree: that one goes.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), HostError>;
    /// Of the backup kept here, never of the phone. What is not there needs no removing.
    fn remove(&mut self, path: &str) -> Result<(), HostError>;
    fn copy(&mut self, from: &str, to: &str) -> Result<(), HostError>;
    /// Hears how it goes.
    fn tell(&mut self, event: BackupEvent);
}

/// How a backup goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupEvent {
    /// The passcode is asked for on the phone's screen.
    Passcode,
    /// No longer: typed, or dismissed.
    PasscodeGone,
    /// Bytes so far, and the phone's own per cent.
    Progress { bytes: u64, percent: u8 },
}
