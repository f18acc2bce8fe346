//! How long anything may take. Every wait in this room has one of these limits.

use std::time::Duration;

/// Watchdogs. All are limits on silence, not on the length of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until the daemon, lockdownd or a service first answers.
    pub connect: Duration,
    /// Without one byte, in the middle of anything.
    pub silence: Duration,
    /// Until the holder has unlocked the phone, tapped Trust and typed the passcode.
    pub trust: Duration,
    /// Until the holder has typed the passcode for a backup or a new password. The phone itself gives up after about three
    /// minutes (reference/ios.md §1.6) and says so; this comes after.
    pub passcode: Duration,
    /// Between two messages of the backup service: the phone makes a snapshot, or compares with the previous run.
    pub thinking: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            trust: Duration::from_secs(180),
            passcode: Duration::from_secs(240),
            thinking: Duration::from_secs(900),
        }
    }
}
