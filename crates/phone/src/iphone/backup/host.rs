//! What the caller does for a backup: keeps what it wants, and gives back what the phone asks for.

use super::path::BackupPath;
use std::io::{self, Read};

/// A file that comes in.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Where it lies on the phone: `/.b/6/Library/SMS/sms.db`. It ends in the path within the domain; the domain is not in it
    /// (reference/ios.md §2.4). A name of the phone: for choosing and counting, for no log.
    pub device_name: &'a str,
    /// Where it goes in the backup.
    pub path: &'a BackupPath,
    /// What the phone said the whole batch weighs, this file and others; a hint, no promise.
    pub batch_bytes: Option<u64>,
}

/// Whether the bytes of a file are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    Keep,
    /// Take them from the wire and forget them. The phone believes that we have them.
    Drain,
}

/// How a file came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEnd {
    pub taken: Take,
    /// Bytes that came.
    pub bytes: u64,
    /// The phone said something was wrong with it. Its words, at most 4096 bytes: they may hold a path, so they go into no log.
    /// Behind some bytes it can be a plain end (reference/ios.md §2.4): whether the file is whole, its size in Manifest.db says.
    pub remark: Option<Vec<u8>>,
}

/// What the phone wants changed in what is there. A folder is meant with all that is in it; what lies at the place a thing is
/// moved or copied to is gone with that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Moved { from: BackupPath, to: BackupPath },
    Copied { from: BackupPath, to: BackupPath },
    Removed(BackupPath),
}

/// The caller's side. An error from any of these ends the backup.
pub trait Host {
    /// Bytes free for what is kept, truthfully. The phone compares it with what its whole backup takes (code 105).
    fn free_bytes(&mut self) -> io::Result<u64>;

    /// A file begins. One that is at this place already is replaced.
    fn begin(&mut self, file: &Incoming<'_>) -> io::Result<Take>;

    /// The next bytes of a file that is kept.
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The end of a file, kept or not.
    fn end(&mut self, file: &Incoming<'_>, end: &FileEnd) -> io::Result<()>;

    /// A file that the phone wants to read: of the previous run, or of this one. `None`: there is none.
    fn open(&mut self, path: &BackupPath) -> io::Result<Option<Box<dyn Read + '_>>>;

    /// A change, in its order among the files.
    fn change(&mut self, change: &Change) -> io::Result<()>;
}
