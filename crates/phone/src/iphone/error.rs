//! What can go wrong with an iPhone, sorted by what the person at the desk can do about it.
//!
//! No variant carries a name, path or text from the phone; its own words are sorted into kinds and dropped.

use std::{io, time::Duration};
use uitlezen_property_list::PlistError;

/// Why nothing, or no more, came from an iPhone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IphoneError {
    /// No usbmuxd answers. An answer, not a defect: the service is not installed or not running.
    #[error("no usbmuxd runs on this machine: {0}")]
    NoUsbmuxd(io::ErrorKind),
    /// `USBMUXD_SOCKET_ADDRESS` cannot be read.
    #[error("the address of usbmuxd cannot be read")]
    Address,
    /// It names another machine.
    #[error("only usbmuxd on this machine is used")]
    NotLoopback,
    /// usbmuxd could not do what was asked.
    #[error("usbmuxd could not do it: {0}")]
    Usbmuxd(#[from] MuxRefusal),
    #[error("no such iPhone is plugged in")]
    NotFound,
    #[error("lockdownd refused: {0}")]
    Lockdown(#[from] LockdownRefusal),
    /// The dialog was never answered.
    #[error("nobody tapped Trust within {} s", .waited.as_secs())]
    TrustNotAnswered { waited: Duration },
    /// The passcode stood on the screen and nobody typed it.
    #[error("nobody typed the passcode within {} s", .waited.as_secs())]
    PasscodeNotTyped { waited: Duration },
    /// The holder tapped Cancel on the phone.
    #[error("the holder cancelled on the phone")]
    CancelledOnPhone,
    /// Another program synchronises the phone.
    #[error("another program holds the phone's synchronisation lock")]
    SyncLocked,
    #[error("the phone vanished")]
    Vanished,
    #[error("the phone sent nothing for {} s", .waited.as_secs())]
    Silent { waited: Duration },
    #[error("cancelled")]
    Cancelled,
    #[error("the phone does not keep to the protocol: {0}")]
    Protocol(#[from] Breach),
    #[error("the phone sent a property list that is not read: {0}")]
    List(#[from] PlistError),
    /// No session could be secured, or it broke.
    #[error("the session with the phone could not be secured")]
    Tls,
    /// The phone claims to be the one that was paired and cannot prove it.
    #[error("the phone could not prove to be the one that was paired")]
    NotTheSamePhone,
    /// A pair record or an identity handed in is of no use, or a key could not be made.
    #[error("the key or record for this phone cannot be used")]
    Key,
    /// The receiver of the bytes failed; the phone did nothing wrong.
    #[error("the bytes could not be handed on: {0}")]
    Host(#[source] io::Error),
}

/// A breach of a protocol. Numbers and our own words only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    #[error("a length of {length} where {bound} is allowed")]
    TooLong { length: u64, bound: u64 },
    #[error("a length that is too short")]
    TooShort,
    /// Not the message or value that has to come here.
    #[error("not expected: {0}")]
    Unexpected(&'static str),
    #[error("a file name that is no text")]
    NameNotText,
    #[error("messages without end that concern nothing we asked")]
    Flood,
}

/// A result of usbmuxd other than 0 (`reference/ios.md` §1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MuxRefusal {
    #[error("bad command")]
    BadCommand,
    /// Unplugged meanwhile.
    #[error("no such device")]
    BadDevice,
    /// Nothing listens on that port of the phone.
    #[error("connection refused")]
    ConnectionRefused,
    #[error("bad version")]
    BadVersion,
    #[error("result {0}")]
    Other(u64),
}

impl MuxRefusal {
    pub(crate) fn of(number: u64) -> Self {
        match number {
            1 => Self::BadCommand,
            2 => Self::BadDevice,
            3 => Self::ConnectionRefused,
            6 => Self::BadVersion,
            other => Self::Other(other),
        }
    }
}

macro_rules! lockdown {
    ($($(#[$note:meta])* $name:ident,)*) => {
        /// An error word of lockdownd (`reference/ios.md` §1.2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum LockdownRefusal {
            $($(#[$note])* #[error("{}", stringify!($name))] $name,)*
            /// A word that is not in the reference.
            #[error("another error")]
            Other,
        }

        impl LockdownRefusal {
            #[must_use]
            pub fn from_word(word: &str) -> Self {
                match word {
                    $(stringify!($name) => Self::$name,)*
                    _ => Self::Other,
                }
            }

            /// All words of the reference.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

lockdown! {
    InvalidResponse,
    MissingKey,
    MissingValue,
    GetProhibited,
    SetProhibited,
    InvalidActivationRecord,
    /// The phone is locked: unlock it.
    PasswordProtected,
    /// "Don't trust" was tapped.
    UserDeniedPairing,
    PairingDialogResponsePending,
    MissingHostID,
    /// The phone does not know this pair record any more: pair again.
    InvalidHostID,
    SessionActive,
    SessionInactive,
    MissingSessionID,
    InvalidSessionID,
    MissingService,
    InvalidService,
    ServiceLimit,
    MissingPairRecord,
    SavePairRecordFailed,
    InvalidPairRecord,
    /// Not allowed in this state, or by policy.
    ServiceProhibited,
    /// Not unlocked since the phone was switched on.
    EscrowLocked,
    PairingProhibitedOverThisConnection,
    FMiPProtected,
    /// A configuration profile forbids it.
    MCProtected,
    /// The phone wants proof from a supervising host.
    MCChallengeRequired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_its_own_and_others_are_no_guess() {
        assert_eq!(LockdownRefusal::ALL.len(), 27);
        for word in LockdownRefusal::ALL {
            assert_eq!(LockdownRefusal::from_word(&word.to_string()), *word);
        }
        assert_eq!(LockdownRefusal::from_word("passwordprotected"), LockdownRefusal::Other);
    }
}
