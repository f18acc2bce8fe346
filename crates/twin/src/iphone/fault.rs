//! What can go wrong with an iPhone, on request (`reference/ios.md §2.9`, `reference/peers.md §B5`, `reference/crates.md §7`).
//!
//! A fault is set on the phone and fires when its moment comes.

use std::time::Duration;

/// One way to misbehave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Something happens when the phone gets there.
    At(Moment, How),
    /// This file of the backup, by the end of its device name, comes as an error text after `after` bytes.
    FileError { ends_with: String, after: u64, text: String },
    /// This file stops short without any error.
    FileShort { ends_with: String, after: u64 },
    /// The lock of the sync file belongs to somebody else, this many tries long.
    SyncLockBusy,
    /// The holder taps Cancel on the phone while files go over.
    CancelledByHolder,
    /// The last Status.plist does not say that the snapshot is finished, although the answer is 0.
    NeverFinished,
    /// Something no decent phone sends, while a backup runs.
    Hostile(Hostile),
}

/// A point of a session with the phone. Those of lockdownd first, then those of a backup in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// lockdownd got a request outside any other moment.
    Lockdown,
    /// A pairing request came.
    Pairing,
    /// A session is asked for.
    Session,
    /// A service is asked for.
    Service,
    /// The backup service says hello.
    Hello,
    /// A backup was asked for.
    Requested,
    /// The passcode is on the screen.
    Passcode,
    /// The files of the previous run are asked from the host.
    Previous,
    /// The host was asked for its free space.
    Space,
    /// Folders are made.
    Folders,
    /// Files go over, and this many bytes have gone.
    Uploading(u64),
    /// Files are moved into place.
    Moving,
    /// The manifest goes over.
    Manifest,
    /// All is done but the final answer.
    Answer,
    /// A change of password was asked for and not yet made.
    PasswordAsked,
    /// The password has been changed; the answer has not gone.
    PasswordSet,
}

/// What happens then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The cable is pulled: every connection is cut and the phone is gone until plugged in again.
    Unplugged,
    /// This connection is dropped, the phone stays.
    Drops,
    /// Nothing comes any more; the connection stays.
    Hangs,
    /// The phone sleeps this long and then goes on.
    Sleeps(Duration),
    /// The request ends with this ErrorCode. Outside a backup and a change of password the connection is dropped.
    Fails { code: u64, text: String },
}

impl How {
    /// A code of `reference/ios.md §2.9` with the text seen with it.
    pub fn fails(code: u64, text: impl Into<String>) -> How {
        How::Fails { code, text: text.into() }
    }
}

/// What a bent phone might send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hostile {
    /// Uploads, moves, copies, folders and removals outside the backup's folder.
    PathsOutside,
    /// Asks for files of the host outside the backup's folder.
    AsksHostFiles,
    /// A block of a file that claims 4 GiB.
    HugeBlock,
    /// A file name that claims 4 GiB.
    HugeName,
    /// A message that claims 4 GiB.
    HugeMessage,
    /// 162 bytes of binary plist with references shared eight wide, nine deep: over 6 GB when built.
    SharedReferences,
    /// A binary plist nested 60,000 deep.
    DeepBinary,
    /// An XML plist nested 200,000 deep.
    DeepXml,
    /// An array of the binary plist that holds itself.
    Circular,
    /// A message of a kind nobody knows; the phone goes on when it is answered.
    UnknownMessage,
    /// A message that is no array.
    NotAnArray,
    /// A file name that is no UTF-8.
    NameNotText,
}

impl Hostile {
    pub const ALL: [Hostile; 12] = [
        Hostile::PathsOutside,
        Hostile::AsksHostFiles,
        Hostile::HugeBlock,
        Hostile::HugeName,
        Hostile::HugeMessage,
        Hostile::SharedReferences,
        Hostile::DeepBinary,
        Hostile::DeepXml,
        Hostile::Circular,
        Hostile::UnknownMessage,
        Hostile::NotAnArray,
        Hostile::NameNotText,
    ];
}
