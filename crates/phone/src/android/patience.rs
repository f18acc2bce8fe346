//! How long anything may take. Every wait in this room has one of these limits.

pub use crate::cancel::Cancel;
pub(crate) use crate::cancel::SLICE;
use std::time::Duration;

/// Watchdogs. All are limits on silence, not on the length of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until the phone first answers.
    pub connect: Duration,
    /// Without one byte, in the middle of anything.
    pub silence: Duration,
    /// Until the holder taps Allow. At least two minutes in practice (reference/android.md §1.1).
    pub allow: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), silence: Duration::from_secs(30), allow: Duration::from_secs(180) }
    }
}

impl Patience {
    /// For a command that reads `bytes` before it says a word (`sha256sum`): at least 20 MB/s is expected of a phone.
    #[must_use]
    pub fn for_hashing(&self, bytes: u64) -> Duration {
        self.silence.saturating_add(Duration::from_secs(bytes / 20_000_000))
    }
}
