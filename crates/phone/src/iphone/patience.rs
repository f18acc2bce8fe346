//! How long anything may take. Every wait in this room has one of these limits.

use std::time::Duration;

/// Watchdogs. All but `trust` and `passcode` are limits on silence, not on the length of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Without one byte from usbmuxd, lockdownd or a small service, and in the middle of a message or a file.
    pub silence: Duration,
    /// Until the holder taps Trust and types the passcode.
    pub trust: Duration,
    /// Between two tries at a pairing whose dialog is open. One second is what the tools do.
    pub again: Duration,
    /// Until the passcode for a backup is typed. The phone itself gives up after about three minutes.
    pub passcode: Duration,
    /// Between two messages of a backup: the phone takes its snapshot and compares in silence.
    pub thinking: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(30),
            trust: Duration::from_secs(180),
            again: Duration::from_secs(1),
            passcode: Duration::from_secs(240),
            thinking: Duration::from_secs(900),
        }
    }
}

/// Longest single wait between two looks at the switch.
pub(crate) const SLICE: Duration = Duration::from_millis(100);
