//! What `message_summary_info` tells of edits and of parts that were taken back (iOS 16 and later).
//!
//! A message has parts. `ec` holds for each edited part its versions, oldest first, as typedstreams with their times; `rp` lists
//! the parts that were taken back; `otr` says which parts there were. All versions are kept: the record is the newest, the
//! others stand in [`uitlezen_chat::Message::earlier`].

use super::{time, typedstream::Decoder};
use std::collections::BTreeMap;
use uitlezen_chat::Moment;
use uitlezen_property_list::{Limits, PlistError, Value, parse};

/// Parts of one message, versions of one part, and bytes of all versions of a message put together.
const MOST_PARTS: usize = 256;
const MOST_VERSIONS: usize = 256;
const MOST_BYTES: usize = 4 << 20;
const LIMITS: Limits = Limits { input: 16 << 20, depth: 16, nodes: 20_000, bytes: 16 << 20 };

/// One version of a part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Version {
    at: Option<Moment>,
    /// None: could not be decoded.
    text: Option<String>,
}

/// What a message went through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    versions: BTreeMap<u32, Vec<Version>>,
    /// Parts that were taken back.
    pub(super) unsent: Vec<u32>,
    /// Parts that there were.
    parts: Vec<u32>,
    /// Versions beyond what one message may have.
    pub(super) dropped: u64,
}

/// The whole message as it was once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Earlier {
    /// When it was written; none for the first version.
    pub(super) at: Option<Moment>,
    /// None: could not be decoded.
    pub(super) text: Option<String>,
}

/// Whether the summary holds a history at all: most hold only flags, and are not worth reading.
pub(super) fn tells(summary: &[u8]) -> bool {
    // In a binary list the keys stand as they are behind the mark of a text of two letters.
    !summary.starts_with(b"bplist") || summary.windows(3).any(|w| matches!(w, [0x52, b'e', b'c'] | [0x52, b'r', b'p']))
}

fn part(key: &str) -> Option<u32> {
    key.parse().ok()
}

impl History {
    /// Reads a summary.
    pub fn read(summary: &[u8], decoder: &mut Decoder) -> Result<Self, PlistError> {
        let list = parse(summary, &LIMITS)?;
        let mut history = Self::default();
        let unsent = list.get("rp").and_then(Value::array).unwrap_or_default().iter();
        history.unsent = unsent.filter_map(|n| u32::try_from(n.int()?).ok()).take(MOST_PARTS).collect();
        history.unsent.sort_unstable();
        history.unsent.dedup();
        history.parts = list.get("otr").and_then(Value::dict).into_iter().flatten().filter_map(|(k, _)| part(k)).collect();
        history.parts.sort_unstable();
        let mut bytes = 0_usize;
        for (key, versions) in list.get("ec").and_then(Value::dict).into_iter().flatten() {
            let (Some(part), Some(versions)) = (part(key), versions.array()) else {
                history.dropped += 1;
                continue;
            };
            if history.versions.len() >= MOST_PARTS {
                history.dropped += 1;
                continue;
            }
            let mut kept = Vec::new();
            for version in versions {
                let text =
                    version.get("t").and_then(Value::data).and_then(|data| decoder.decode(data).ok()).map(|said| said.text);
                bytes = bytes.saturating_add(text.map_or(0, str::len));
                if kept.len() >= MOST_VERSIONS || bytes > MOST_BYTES {
                    history.dropped += 1;
                    continue;
                }
                let at = version.get("d").and_then(Value::real).and_then(time::fraction);
                kept.push(Version { at, text: text.map(str::to_owned) });
            }
            history.versions.insert(part, kept);
        }
        Ok(history)
    }

    /// Nothing was edited and nothing taken back.
    pub(super) fn is_empty(&self) -> bool {
        self.unsent.is_empty() && self.versions.values().all(|versions| versions.len() < 2)
    }

    /// When it was last edited.
    pub(super) fn last(&self) -> Option<&Moment> {
        let edits = self.versions.values().filter(|v| v.len() > 1).filter_map(|v| v.last()?.at.as_ref());
        edits.max_by_key(|at| at.utc)
    }

    /// Every part was taken back.
    pub(super) fn is_gone(&self) -> bool {
        !self.unsent.is_empty() && self.parts.iter().all(|part| self.unsent.contains(part))
    }

    /// The message before its present version, newest first. `now` are the parts of the present text.
    pub(super) fn earlier(&mut self, now: &BTreeMap<u32, String>) -> Vec<Earlier> {
        // Edits in the order of their times; a part's own order holds where times are missing or equal.
        let mut edits: Vec<(Option<&Moment>, u32, usize)> = Vec::new();
        for (part, versions) in &self.versions {
            edits.extend(versions.iter().enumerate().skip(1).map(|(number, version)| (version.at.as_ref(), *part, number)));
        }
        edits.sort_by_key(|(at, part, number)| (at.and_then(|at| at.utc), *number, *part));
        let mut shown: BTreeMap<u32, usize> = self.versions.keys().map(|part| (*part, 0)).collect();
        // A part that was taken back and was edited before was there in all of these.
        let text = |shown: &BTreeMap<u32, usize>| {
            let mut text = String::new();
            let mut all: Vec<u32> = now.keys().chain(shown.keys()).copied().collect();
            all.sort_unstable();
            all.dedup();
            for part in all {
                match shown.get(&part) {
                    Some(number) => text.push_str(self.versions.get(&part)?.get(*number)?.text.as_deref()?),
                    None => text.push_str(now.get(&part)?),
                }
            }
            Some(text)
        };
        let mut found = Vec::new();
        let (mut bytes, mut dropped) = (0_usize, 0);
        let mut add = |earlier: Earlier| {
            bytes = bytes.saturating_add(earlier.text.as_ref().map_or(0, String::len));
            if bytes <= MOST_BYTES && found.len() < MOST_VERSIONS {
                found.push(earlier);
            } else {
                dropped += 1;
            }
        };
        // Without an edit there is an earlier version only of what was taken back, if its text was kept.
        if self.versions.values().any(|versions| !versions.is_empty()) {
            add(Earlier { at: None, text: text(&shown) });
            for (at, part, number) in edits {
                shown.insert(part, number);
                add(Earlier { at: at.cloned(), text: text(&shown) });
            }
            // The last of them is the message as it is, unless something was taken back since.
            if !self.unsent.iter().any(|part| self.versions.contains_key(part)) {
                found.pop();
            }
        }
        self.dropped += dropped;
        found.reverse();
        found
    }
}
