//! Which files of an app a run works from: the newest full backup, what was added to it since, and the contacts.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use uitlezen_apps::whatsapp::{
    Edition,
    backup::{self, Backup},
    wanted::{AppRoot, locate},
};
use uitlezen_evidence::Item;

/// What a chosen file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Part {
    Messages,
    /// Write-ahead log and rollback journal of a database that lies there unencrypted.
    Log,
    Journal,
    Contacts,
    Increment(u32),
}

impl Part {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Messages => "msgstore",
            Self::Log | Self::Journal => "msgstore-log",
            Self::Contacts => "wa",
            Self::Increment(_) => "increment",
        }
    }
}

/// The files of one app that a run will pull before anything else.
pub(super) struct Chosen {
    pub(super) root: AppRoot,
    pub(super) files: Vec<(Part, Item)>,
    /// A plain database, not a backup.
    pub(super) plain: bool,
    pub(super) bytes: u64,
    pub(super) modified: Option<i64>,
}

impl Chosen {
    pub(super) fn edition(&self) -> Edition {
        self.root.edition
    }

    /// Age of the newest thing that holds messages.
    pub(super) fn age_seconds(&self, now: i64) -> Option<i64> {
        self.modified.map(|modified| now.saturating_sub(modified).max(0))
    }
}

/// What all of them say they hold.
pub(super) fn bytes(chosen: &[Chosen]) -> u64 {
    chosen.iter().fold(0, |sum, chosen| sum.saturating_add(chosen.bytes))
}

/// Chooses the newest full backup, what was added to it since, and the contacts, for each asked edition.
pub(super) fn choose(items: &[Item], editions: &[Edition]) -> Vec<Chosen> {
    let mut roots: Vec<AppRoot> = locate(items).into_iter().filter(|root| editions.contains(&root.edition)).collect();
    if let (true, [edition, ..]) = (roots.is_empty(), editions) {
        // A folder of loose backup files: somebody collected them by hand.
        roots.push(AppRoot { edition: *edition, folder: None });
    }
    let mut chosen: Vec<Chosen> = roots.into_iter().filter_map(|root| choose_in(root, items)).collect();
    // An old and a new place of the same app: the newer messages count.
    chosen.sort_by_key(|c| (c.edition(), Reverse(c.modified)));
    chosen.dedup_by_key(|c| c.edition());
    chosen
}

fn choose_in(root: AppRoot, items: &[Item]) -> Option<Chosen> {
    let loose = root.folder.is_none();
    let below: Vec<Item> = items
        .iter()
        .filter(|item| root.is_database(&item.name) || (loose && !item.name.as_str().contains('/')))
        .cloned()
        .collect();
    let survey = backup::survey(&below);
    let item = |b: &Backup| Item { name: b.name.clone(), bytes: b.bytes, modified: b.modified };
    let mut files = Vec::new();
    let plain = match survey.messages.first() {
        Some(full) => {
            files.push((Part::Messages, item(full)));
            for increment in survey.increments.iter().filter(|i| i.after_full != Some(false)) {
                if let backup::Use::Increment { number } = increment.purpose {
                    files.push((Part::Increment(number), item(increment)));
                }
            }
            files.extend(survey.contacts.first().map(|c| (Part::Contacts, item(c))));
            false
        }
        None => {
            let called = |name: &str| below.iter().find(|i| i.name.file_name().eq_ignore_ascii_case(name)).cloned();
            files.push((Part::Messages, called("msgstore.db")?));
            for (part, name) in
                [(Part::Log, "msgstore.db-wal"), (Part::Journal, "msgstore.db-journal"), (Part::Contacts, "wa.db")]
            {
                files.extend(called(name).map(|item| (part, item)));
            }
            true
        }
    };
    // Sizes are the phone's word until bytes arrive.
    let bytes = files.iter().fold(0_u64, |sum, (_, item)| sum.saturating_add(item.bytes));
    let modified = files.iter().filter(|(part, _)| *part != Part::Contacts).filter_map(|(_, item)| item.modified).max();
    Some(Chosen { root, files, plain, bytes, modified })
}
