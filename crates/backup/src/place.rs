//! Where in a folder or a zip a backup lies, and where in it a file.

use crate::FileId;
use uitlezen_evidence::{Evidence, Item};

const LIST: &str = "Manifest.plist";
const DATABASE: &str = "Manifest.db";
/// The list of iOS before 10.
const OLD_LIST: &str = "Manifest.mbdb";
/// Where a phone puts the files of a run until it is finished.
const UNFINISHED: &str = "Snapshot";

/// The folder of a backup within evidence: its top, or one level down.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Empty, or a name and a slash.
    prefix: String,
}

impl Place {
    /// A backup whose files lie at the top.
    #[must_use]
    pub fn top() -> Self {
        Self { prefix: String::new() }
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The item of the backup's own file of this name.
    pub(crate) fn own<'a>(&self, evidence: &'a dyn Evidence, name: &str) -> Option<&'a Item> {
        item(evidence.items(), &format!("{}{name}", self.prefix)).map(|(_, item)| item)
    }

    /// The stored file, in today's layout or the flat one before it, with its place in the list.
    pub(crate) fn stored<'a>(&self, items: &'a [Item], id: &FileId) -> Option<(usize, &'a Item)> {
        let digits = id.digits();
        let first = digits.get(..2).unwrap_or_default();
        item(items, &format!("{}{first}/{digits}", self.prefix)).or_else(|| item(items, &format!("{}{digits}", self.prefix)))
    }

    pub(crate) fn is_old(&self, evidence: &dyn Evidence) -> bool {
        self.own(evidence, OLD_LIST).is_some() && self.own(evidence, DATABASE).is_none()
    }
}

/// The prefix is a UDID as a rule, so it is not shown.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.prefix.is_empty() { "Place(top)" } else { "Place(folder)" })
    }
}

/// Evidence lists its items in the order of their names.
fn item<'a>(items: &'a [Item], name: &str) -> Option<(usize, &'a Item)> {
    let at = items.binary_search_by(|item| item.name.as_str().cmp(name)).ok()?;
    Some((at, items.get(at)?))
}

/// The backups in evidence, by name: at its top and in the folders there. A run that broke off half-way is none.
#[must_use]
pub fn find(evidence: &dyn Evidence) -> Vec<Place> {
    let mut places = Vec::new();
    for item in evidence.items() {
        let place = match item.name.as_str().split_once('/') {
            None => (item.name.as_str(), Place::top()),
            Some((folder, _)) if folder == UNFINISHED => continue,
            Some((folder, name)) => (name, Place { prefix: format!("{folder}/") }),
        };
        if [LIST, DATABASE, OLD_LIST].contains(&place.0) {
            places.push(place.1);
        }
    }
    places.sort();
    places.dedup();
    places
}
