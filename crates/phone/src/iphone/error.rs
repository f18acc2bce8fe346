//! What can go wrong between this machine and an iPhone, sorted by what the person at the desk can do about it.
//!
//! No variant carries a name, path, number or text from the phone: its own words are classified and dropped. Texts for users
//! are made in `cli`; `Display` is for logs.

use super::{backup::BackupCode, lockdown_error::LockdownError};
use crate::{
    Fact,
    error::{Refusal, Remedy},
};
use std::{io, time::Duration};
use uitlezen_property_list::PlistError;

/// Why nothing, or no more, came from a phone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IphoneError {
    /// Nothing listens where the daemon should. An answer, not a defect.
    #[error("no usbmuxd daemon runs on this machine ({0})")]
    NoUsbmuxd(io::ErrorKind),
    /// This user may not speak to the daemon's socket.
    #[error("no permission to use the socket of usbmuxd")]
    NoPermission,
    #[error("USBMUXD_SOCKET_ADDRESS is neither HOST:PORT nor UNIX:/path")]
    SocketAddress,
    /// A daemon beyond this machine.
    #[error("only a loopback address is allowed")]
    NotLoopback,
    #[error("no such phone is plugged in")]
    NotFound,
    /// The phone has nothing listening on that port; a phone that starts up has no lockdownd yet.
    #[error("the phone does not take the connection")]
    PortRefused,
    /// The daemon answered with another number (reference/ios.md §1.1).
    #[error("usbmuxd could not do it ({0})")]
    Usbmuxd(u64),
    /// Unplugged, restarted, or the connection was closed.
    #[error("the phone vanished")]
    Vanished,
    /// The watchdog: not one byte for this long.
    #[error("the phone sent nothing for {} s", .waited.as_secs())]
    Silent { waited: Duration },
    #[error("cancelled")]
    Cancelled,
    /// The holder tapped Cancel on the phone.
    #[error("cancelled on the phone")]
    CancelledOnPhone,
    /// What arrived breaks the rules of the protocol.
    #[error("the phone does not keep to the protocol: {0}")]
    Protocol(#[from] Fault),
    /// "Don't trust". Plugging in again brings the dialog back.
    #[error("the holder did not trust this station")]
    TrustRefused,
    /// The dialog was never answered, or the phone stayed locked and showed none.
    #[error("nobody tapped Trust within {} s", .waited.as_secs())]
    TrustNotAnswered { waited: Duration, locked: bool },
    /// A configuration profile allows no pairing with this station (MCProtected).
    #[error("the phone's administrator allows no pairing with this station")]
    PairingForbidden,
    /// The phone wants the supervision identity of its organisation and none was given (MCChallengeRequired).
    #[error("the phone asks for its organisation's supervision identity")]
    SupervisionNeeded,
    /// The supervision identity was given and not accepted.
    #[error("the phone did not accept the supervision identity")]
    SupervisionRefused,
    /// lockdownd answered, and the answer is no.
    #[error("lockdownd refused: {0}")]
    Lockdown(#[from] LockdownError),
    /// Another program holds the lock for synchronising.
    #[error("another program synchronises with the phone")]
    SyncLockBusy,
    /// The backup service ended with this code.
    #[error("the backup service refused: {0}")]
    Backup(#[from] BackupCode),
    /// The code was 0 and the phone's own Status.plist does not call the backup finished, or did not come.
    #[error("the phone did not finish its backup")]
    NotFinished,
    /// Names that lead outside the backup were sent; what they stood for was not taken.
    #[error("{0} names outside the backup were refused")]
    NamesRefused(u64),
    /// A key or certificate of ours, of the pair record or of the supervision identity is of no use.
    #[error("a key or certificate cannot be used: {0}")]
    Key(#[from] KeyFault),
    /// The receiver of the bytes failed; the phone did nothing wrong.
    #[error("the bytes could not be handed on: {0}")]
    Host(#[source] io::Error),
}

/// A breach of the protocol. Numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    #[error("{length} bytes announced where {bound} are allowed")]
    TooLong { length: u64, bound: u64 },
    #[error("{0}")]
    List(PlistError),
    #[error("a header that is none")]
    Header,
    #[error("an answer without what was asked for")]
    Answer,
    #[error("a message that is no message of DeviceLink")]
    Message,
    #[error("a name of a file that is no text")]
    Name,
    #[error("an unknown kind of block ({0:#04x})")]
    Block(u8),
    #[error("answers without end")]
    Flood,
    #[error("no version of the backup service in common")]
    Version,
    #[error("the encrypted session failed")]
    Tls,
}

impl From<PlistError> for IphoneError {
    fn from(error: PlistError) -> Self {
        Self::Protocol(Fault::List(error))
    }
}

/// What is wrong with a key or certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// What the phone gave as its public key.
    #[error("the phone's public key is no RSA key")]
    Phone,
    #[error("the pair record lacks a part or holds one that cannot be read")]
    PairRecord,
    #[error("the supervision identity is no certificate with its RSA key")]
    Supervision,
    #[error("no key or certificate could be made")]
    Making,
}

impl IphoneError {
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::NoUsbmuxd(_) | Self::SocketAddress | Self::NotLoopback | Self::NoPermission => Remedy::StartUsbmuxd,
            Self::NotFound | Self::PortRefused => Remedy::PlugInAndUnlock,
            Self::Vanished | Self::Silent { .. } => Remedy::PlugInAgain,
            Self::Cancelled | Self::CancelledOnPhone => Remedy::StartAgain,
            Self::Usbmuxd(_) | Self::Protocol(_) | Self::NamesRefused(_) => Remedy::AskHelpdesk,
            Self::TrustRefused | Self::TrustNotAnswered { .. } => Remedy::UnlockAndTrust,
            Self::PairingForbidden | Self::SupervisionNeeded | Self::SupervisionRefused => Remedy::AskHolderOrAdministrator,
            Self::Lockdown(error) => error.remedy(),
            Self::SyncLockBusy => Remedy::CloseOtherPrograms,
            Self::Backup(code) => code.remedy(),
            Self::NotFinished => Remedy::StartAgain,
            Self::Key(KeyFault::PairRecord) => Remedy::PairAgain,
            Self::Key(_) => Remedy::AskHelpdesk,
            Self::Host(_) => Remedy::LookAtThisMachine,
        }
    }

    /// Whether the phone answered this one question with "no", and other questions may still be asked.
    pub(crate) fn is_an_answer(&self) -> bool {
        matches!(self, Self::Lockdown(_) | Self::PortRefused)
    }
}

/// One question among many: a "no" is a fact, a broken connection an error.
pub(crate) fn fact<T>(answer: Result<Option<T>, IphoneError>) -> Result<Fact<T>, IphoneError> {
    match answer {
        Ok(Some(value)) => Ok(Fact::Known(value)),
        Ok(None) => Ok(Fact::Unreadable),
        Err(IphoneError::Lockdown(LockdownError::MissingValue)) => Ok(Fact::Unreadable),
        Err(IphoneError::Lockdown(error)) => Ok(Fact::Refused(match error {
            LockdownError::InvalidService | LockdownError::MissingService => Refusal::NotOffered,
            LockdownError::GetProhibited | LockdownError::ServiceProhibited | LockdownError::McProtected => Refusal::NotPermitted,
            _ => Refusal::Other,
        })),
        Err(error) if error.is_an_answer() => Ok(Fact::Refused(Refusal::NotOffered)),
        Err(error) => Err(error),
    }
}
