//! What can go wrong between this machine and a phone, sorted by what the person at the desk can do about it.
//!
//! No variant carries a name, path, number or message text from the phone: the phone's own error texts are classified
//! ([`Refusal`]) and dropped. Texts for users are made in `cli`; `Display` is for logs.

use std::{io, time::Duration};

/// Why nothing, or no more, came from a phone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// No usbfs, no USB controller, or a container without either. An answer, not a defect.
    #[error("this machine has no USB that programs may use")]
    NoUsbOnThisHost,
    /// No phone with this serial, or none at all, shows an adb interface.
    #[error("no such phone is plugged in with USB debugging on")]
    NotFound,
    /// Two devices claim one serial number.
    #[error("{0} phones with the same serial number are plugged in")]
    SeveralAlike(usize),
    /// The operating system does not let this user open the device.
    #[error("no permission to open the phone on USB; the udev rule is missing or this user is not at the desk")]
    NoPermission,
    /// Another program holds the interface; nearly always an adb server.
    #[error("another program holds the phone (an adb server runs: {adb_server})")]
    Busy { adb_server: bool },
    /// A TCP address beyond this machine was asked for without the lab switch.
    #[error("only a loopback address is allowed outside the lab")]
    NotLoopback,
    /// Nothing listens there, or it could not be reached in time.
    #[error("could not connect: {0}")]
    Unreachable(io::ErrorKind),
    /// The phone turned our key down: it asked again after the holder's dialog, or hung up.
    #[error("the phone refused this station's key")]
    AllowRefused,
    /// The dialog was never answered (or never seen: a locked phone shows none).
    #[error("nobody tapped Allow within {} s", .waited.as_secs())]
    AllowNotAnswered { waited: Duration },
    /// The phone offers TLS only (wireless debugging). We read over USB (reference/android.md §1.1, CVE-2026-0073).
    #[error("the phone offers wireless debugging only")]
    WirelessOnly,
    /// Unplugged, rebooted, or the connection was closed.
    #[error("the phone vanished")]
    Vanished,
    /// The watchdog: not one byte for this long.
    #[error("the phone sent nothing for {} s", .waited.as_secs())]
    Silent { waited: Duration },
    #[error("cancelled")]
    Cancelled,
    /// What arrived is not adb, or breaks its rules.
    #[error("the phone does not keep to the protocol: {0}")]
    Protocol(#[from] Fault),
    /// The phone answered, and the answer is no.
    #[error("the phone refused: {0}")]
    Refused(#[from] Refusal),
    /// adbd closed a service at once: it does not have it, or does not give it to us.
    #[error("the phone does not offer this service")]
    ServiceRefused,
    /// More arrived than the caller is willing to take.
    #[error("more than {limit} bytes arrived")]
    TooMuch { limit: u64 },
    /// The receiver of the bytes failed; the phone did nothing wrong.
    #[error("the bytes could not be handed on: {0}")]
    Sink(#[source] io::Error),
    /// No adb server listens where one was expected. We never start one.
    #[error("no adb server runs on this machine")]
    NoServer,
    /// The adb server knows the phone, but the holder has not allowed that server's key.
    #[error("the adb server is not allowed by the phone yet")]
    ServerNotAllowed,
    /// The adb server answered something else.
    #[error("the adb server could not do it")]
    Server,
}

/// A breach of the protocol. Numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    #[error("a message header whose magic does not fit its command")]
    BadMagic,
    #[error("a payload of {length} bytes announced where {bound} are allowed")]
    TooLong { length: u64, bound: u64 },
    #[error("a payload whose checksum is wrong")]
    Checksum,
    #[error("a message out of turn ({0:#010x})")]
    OutOfTurn(u32),
    #[error("an authentication token of {0} bytes")]
    Token(usize),
    #[error("a smallest payload of {0} bytes")]
    SmallestPayload(u32),
    #[error("an acknowledgement that does not fit the agreed flow control")]
    Acknowledgement,
    #[error("messages without end that concern nothing we asked")]
    Flood,
    #[error("an unknown sync answer ({0:#010x})")]
    SyncAnswer(u32),
    #[error("bytes after the end of an answer")]
    Trailing,
    #[error("an answer that ends too early")]
    Truncated,
    #[error("an unknown shell channel ({0})")]
    ShellChannel(u8),
}

/// How the phone said no. Its own words are dropped: they may hold a path or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Refusal {
    /// EACCES, EPERM, a SecurityException.
    #[error("not permitted")]
    NotPermitted,
    /// ENOENT: absent, or hidden from the shell user.
    #[error("no such file")]
    NoSuchFile,
    /// A folder, link or device where a file was expected.
    #[error("not a regular file")]
    NotAFile,
    /// The user or profile is closed to the shell (reference/android.md §1.4).
    #[error("this user or profile is closed to adb")]
    ProfileClosed,
    /// The command or provider does not exist on this build.
    #[error("not offered by this phone")]
    NotOffered,
    #[error("refused for another reason")]
    Other,
}

impl Refusal {
    /// Sorts the words of a phone (`FAIL` text, stderr) into a kind. Upper and lower case are alike.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text).to_ascii_lowercase();
        let says = |needle: &str| text.contains(needle);
        if says("does not have permission to access user") || says("disallow_debugging") {
            Self::ProfileClosed
        } else if says("permission denied")
            || says("operation not permitted")
            || says("securityexception")
            || says("permission denial")
        {
            Self::NotPermitted
        } else if says("no such file") || says("filenotfoundexception") {
            Self::NoSuchFile
        } else if says("is a directory") {
            Self::NotAFile
        } else if says("not found")
            || says("inaccessible")
            || says("unknown command")
            || says("could not find provider")
            || says("unknown ur")
        {
            Self::NotOffered
        } else {
            Self::Other
        }
    }

    /// From a Linux errno as the sync protocol's v2 answers carry it.
    #[must_use]
    pub fn from_errno(errno: u32) -> Self {
        match errno {
            1 | 13 => Self::NotPermitted, // EPERM, EACCES
            2 | 20 => Self::NoSuchFile,   // ENOENT, ENOTDIR
            21 => Self::NotAFile,         // EISDIR
            _ => Self::Other,
        }
    }
}

/// The one thing to do now. The front ends turn it into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Run on a machine with USB, or pass the bus into the container.
    UseAnotherMachine,
    /// Plug in the right phone, switch on USB debugging, choose "File transfer".
    PlugInAndSwitchOnDebugging,
    /// Install `udev/51-uitlezen-android.rules` and plug in again.
    InstallUdevRule,
    /// Go through the adb server that holds the phone, or stop it.
    UseOrStopAdbServer,
    /// Unlock the phone and tap Allow in "Allow USB debugging?".
    UnlockAndAllow,
    /// Plug in again, other port or cable, then resume.
    PlugInAgain,
    /// Give the address of this machine, or use the lab switch.
    UseLoopback,
    /// Nothing to do at the desk: keep the log and ask the helpdesk.
    AskHelpdesk,
    /// The holder or an administrator must open what the phone keeps shut.
    AskHolderOrAdministrator,
    /// The fault is on this machine (disk, pipe).
    LookAtThisMachine,
    /// Begin again when wanted.
    StartAgain,
    /// Install and start the daemon `usbmuxd`, or look at `USBMUXD_SOCKET_ADDRESS`.
    StartUsbmuxd,
    /// Plug the iPhone in and unlock it.
    PlugInAndUnlock,
    /// Unlock the iPhone, tap Trust and type the passcode.
    UnlockAndTrust,
    /// The phone no longer knows this station: pair again, with the holder.
    PairAgain,
    /// Begin again and type the passcode when the phone asks for it.
    TypePasscode,
    /// Restart the phone: an earlier run left a snapshot behind.
    RestartPhone,
    /// Free space on this machine: the phone wants room for its whole backup.
    MakeRoom,
    /// Leave the previous run's files out and make a full backup.
    RunFull,
    /// Finish the setup assistant on the phone.
    FinishSetup,
    /// The backup password is another one than the one given.
    GiveTheRightPassword,
    /// Close other programs that synchronise with the phone.
    CloseOtherPrograms,
}

impl PhoneError {
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::NoUsbOnThisHost => Remedy::UseAnotherMachine,
            Self::NotFound | Self::SeveralAlike(_) | Self::WirelessOnly => Remedy::PlugInAndSwitchOnDebugging,
            Self::NoPermission => Remedy::InstallUdevRule,
            Self::Busy { .. } | Self::NoServer => Remedy::UseOrStopAdbServer,
            Self::NotLoopback => Remedy::UseLoopback,
            Self::AllowRefused | Self::AllowNotAnswered { .. } | Self::ServerNotAllowed => Remedy::UnlockAndAllow,
            Self::Unreachable(_) | Self::Vanished | Self::Silent { .. } => Remedy::PlugInAgain,
            Self::Protocol(_) | Self::TooMuch { .. } | Self::Server => Remedy::AskHelpdesk,
            Self::Refused(_) | Self::ServiceRefused => Remedy::AskHolderOrAdministrator,
            Self::Sink(_) => Remedy::LookAtThisMachine,
            Self::Cancelled => Remedy::StartAgain,
        }
    }

    /// Whether the connection is of no use any more, so that a run stops instead of going to the next file.
    #[must_use]
    pub fn ends_the_link(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::ServiceRefused | Self::TooMuch { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_s_words_become_kinds() {
        for (text, kind) in [
            ("open failed: Permission denied", Refusal::NotPermitted),
            ("java.lang.SecurityException: Shell does not have permission to access user 10", Refusal::ProfileClosed),
            ("ls: /sdcard/x: No such file or directory", Refusal::NoSuchFile),
            ("read failed: Is a directory", Refusal::NotAFile),
            ("/system/bin/sh: sha256sum: inaccessible or not found", Refusal::NotOffered),
            ("ouch", Refusal::Other),
        ] {
            assert_eq!(Refusal::from_text(text.as_bytes()), kind, "{text}");
        }
    }
}
