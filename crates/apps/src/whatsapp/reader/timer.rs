//! What the columns of a chat say about its disappearing messages.

use uitlezen_chat::{Moment, Source, Timer, TimerState};

/// What the three columns of a chat say about its timer (`reference/android.md §2.8`).
///
/// `expiration` is the column as read: `None` when the database has no such column, `Some(None)` when it holds NULL.
pub(crate) fn timer(
    expiration: Option<Option<Result<i64, ()>>>,
    after_read: Option<i64>,
    since: Option<i64>,
    initiator_raw: Option<i64>,
    source: Source,
) -> Timer {
    let unknown = |reason: &str| TimerState::NotDeterminable { reason: reason.to_owned() };
    let state = match expiration {
        None => unknown("column-missing"),
        Some(Some(Ok(seconds))) if seconds > 0 => TimerState::On { seconds: seconds.unsigned_abs() },
        Some(Some(Ok(seconds))) if seconds < 0 => unknown("value-not-understood"),
        Some(Some(Err(()))) => unknown("value-not-understood"),
        // A timer that starts at reading is a column of 2026 that no reference explains: not interpreted, so not "off".
        Some(_) if after_read.is_some_and(|seconds| seconds != 0) => unknown("after-read-timer-not-interpreted"),
        Some(_) => TimerState::Off,
    };
    Timer {
        state,
        basis: None,
        since: since.filter(|&at| at > 0).map(Moment::from_millis),
        initiator_raw,
        changes: Vec::new(),
        source: Some(source),
    }
}
