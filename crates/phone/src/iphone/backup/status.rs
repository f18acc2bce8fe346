//! Status.plist, the phone's own word on whether a backup is whole (reference/ios.md §2.5, §3.6).

use super::super::message::limits;
use serde::{Deserialize, Serialize};
use uitlezen_property_list::{Value, parse};

/// Longest one taken; a hundred bytes are met.
pub(crate) const LONGEST: usize = 64 * 1024;

/// What it says. A key that is absent or of another type is `None`, never guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// `SnapshotState` is "finished".
    pub finished: bool,
    pub full: Option<bool>,
    /// Unix seconds by the phone's clock.
    pub date: Option<i64>,
}

impl Status {
    pub(crate) fn read(list: &[u8]) -> Option<Self> {
        let value = parse(list, &limits(LONGEST)).ok()?;
        Some(Self {
            finished: value.get("SnapshotState").and_then(Value::str) == Some("finished"),
            full: value.get("IsFullBackup").and_then(Value::switch),
            date: value.get("Date").and_then(Value::unix),
        })
    }
}
