//! The log of a run, for role *verantwoording*: every event but the ticking of bars, each with its time. One line each.

use crate::Event;
use jiff::Timestamp;
use serde::Serialize;

/// Name of the item in the seal.
pub(super) const ITEM: &str = "verantwoording/gebeurtenissen.jsonl";
/// A run that says more than this is not telling anything new.
const LARGEST: usize = 8 * 1024 * 1024;

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    #[serde(flatten)]
    event: &'a Event,
}

/// Grows while the run goes.
#[derive(Debug, Default)]
pub(super) struct Log(Vec<u8>);

impl Log {
    pub(super) fn add(&mut self, event: &Event) {
        if matches!(event, Event::Progress { .. }) || self.0.len() > LARGEST {
            return;
        }
        if let Ok(line) = serde_json::to_vec(&Line { at: Timestamp::now(), event }) {
            self.0.extend_from_slice(&line);
            self.0.push(b'\n');
        }
    }

    /// A log that goes on.
    pub(super) fn of(text: String) -> Self {
        Self(text.into_bytes())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    pub(super) fn lines(&self) -> &[u8] {
        &self.0
    }
}
