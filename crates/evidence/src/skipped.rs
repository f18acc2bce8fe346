//! What a folder or a zip holds and evidence does not: counted and, within bounds, named. Nothing is left out in silence.

use crate::ItemName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names kept beside the counts; what a report can show.
const MOST_LISTED: usize = 1000;

/// Why something is not among the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// A symbolic link: it may lead anywhere.
    Symlink,
    /// A name that [`ItemName`] refuses, or that is no UTF-8. A folder so named is not entered, and counts once.
    Name,
    /// A pipe, a socket, a device.
    Special,
    /// The system did not let us look: no permission, or it vanished meanwhile.
    Unreadable,
    /// An encrypted zip entry.
    Encrypted,
    /// A zip entry in the clear among encrypted ones: whoever had the zip in hand may have put it there.
    InTheClear,
    /// A zip entry that is neither stored nor deflated.
    Method,
}

/// Everything skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    counts: BTreeMap<SkipReason, u64>,
    listed: Vec<(ItemName, SkipReason)>,
}

impl Skipped {
    pub(crate) fn note(&mut self, reason: SkipReason, name: Option<ItemName>) {
        let count = self.counts.entry(reason).or_default();
        *count = count.saturating_add(1);
        if let Some(name) = name.filter(|_| self.listed.len() < MOST_LISTED) {
            self.listed.push((name, reason));
        }
    }

    #[must_use]
    pub fn count(&self, reason: SkipReason) -> u64 {
        self.counts.get(&reason).copied().unwrap_or(0)
    }

    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The first of them, as far as their names could be taken.
    #[must_use]
    pub fn listed(&self) -> &[(ItemName, SkipReason)] {
        &self.listed
    }
}
