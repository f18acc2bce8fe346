//! Which file of an app folder is which (reference/android.md §2.1), from a listing alone.
//!
//! Called by the preflight (how old is the newest backup, can it be opened with what the owner has) and by the reader child
//! (which files to unlock, in what order). Names are only hints: an older `msgstore.db.crypt14` may lie beside a newer
//! `.crypt15` under the same stem, so the newest is chosen by the time at which its content was written, and the kind that
//! counts is the one in the file's head ([`super::inspect`]).

use super::prefix::Kind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap};
use uitlezen_evidence::{Item, ItemName};

/// What a backup file is for, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// `msgstore.db.cryptNN`, or with a date an older day.
    Messages,
    /// `msgstore-increment-<n>…`.
    Increment { number: u32 },
    /// `wa.db.cryptNN`.
    Contacts,
    /// `backup_settings.json.cryptNN` and `chatsettingsbackup.db.cryptNN`.
    Settings,
    /// Stickers, status, commerce and whatever else is encrypted.
    Other,
}

/// One backup file of the listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    pub name: ItemName,
    pub bytes: u64,
    /// Unix seconds, as listed.
    pub modified: Option<i64>,
    /// The date in the name.
    pub date: Option<Date>,
    /// By the extension; the head of the file decides.
    pub kind_hint: Option<Kind>,
    pub purpose: Use,
    /// For an increment: whether it was written after the newest full backup. `None` when times are missing.
    pub after_full: Option<bool>,
}

impl Backup {
    fn of(item: &Item) -> Option<Self> {
        let lower = item.name.file_name().to_ascii_lowercase();
        let (stem, extension) = lower.rsplit_once('.')?;
        let kind_hint = match extension {
            "crypt12" => Some(Kind::Crypt12),
            "crypt14" => Some(Kind::Crypt14),
            "crypt15" => Some(Kind::Crypt15),
            other if other.strip_prefix("crypt").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) => None,
            _ => return None,
        };
        let (purpose, date) = purpose(stem);
        Some(Self {
            name: item.name.clone(),
            bytes: item.bytes,
            modified: item.modified,
            date,
            kind_hint,
            purpose,
            after_full: None,
        })
    }

    /// Newest first: by the time of the content; where that is not known the undated file is the newest, then by date.
    fn age_order(&self) -> impl Ord + use<> {
        (
            Reverse(self.modified.is_some()),
            Reverse(self.modified),
            self.date.is_some(),
            Reverse(self.date),
            Reverse(self.kind_hint),
            self.name.clone(),
        )
    }
}

fn purpose(stem: &str) -> (Use, Option<Date>) {
    if let Some(rest) = stem.strip_prefix("msgstore-increment-") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let rest = rest.get(digits.len()..).unwrap_or_default();
        // `<n>.db` and `<n>-YYYY-MM-DD.1.db`; a number of four digits would be the year of a file without a number.
        return match digits.parse() {
            Ok(number) if rest.starts_with(".db") => (Use::Increment { number }, None),
            Ok(number) if date_in(rest.trim_start_matches('-')).is_some() => {
                (Use::Increment { number }, date_in(rest.trim_start_matches('-')))
            }
            _ => (Use::Other, None),
        };
    }
    if stem == "msgstore.db" {
        return (Use::Messages, None);
    }
    if let Some(rest) = stem.strip_prefix("msgstore-") {
        return date_in(rest).map_or((Use::Other, None), |date| (Use::Messages, Some(date)));
    }
    match stem {
        "wa.db" => (Use::Contacts, None),
        "backup_settings.json" | "chatsettingsbackup.db" => (Use::Settings, None),
        _ => (Use::Other, None),
    }
}

/// The date at the start of `YYYY-MM-DD.1.db`.
fn date_in(text: &str) -> Option<Date> {
    let date = text.get(..10)?;
    let rest = text.get(10..)?;
    rest.starts_with('.').then(|| date.parse().ok()).flatten()
}

/// The backups of an app folder, told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Full backups of the messages, newest first.
    pub messages: Vec<Backup>,
    /// By number, then date, then time: the order in which to add them to a set.
    pub increments: Vec<Backup>,
    /// `wa.db`, newest first.
    pub contacts: Vec<Backup>,
    pub settings: Vec<Backup>,
    pub others: Vec<Backup>,
}

/// Tells the backups of one app folder apart. Files that are no `.cryptNN` (media, plain databases) are left out.
#[must_use]
pub fn survey(items: &[Item]) -> Survey {
    let mut found = Survey::default();
    for backup in items.iter().filter_map(Backup::of) {
        match backup.purpose {
            Use::Messages => found.messages.push(backup),
            Use::Increment { .. } => found.increments.push(backup),
            Use::Contacts => found.contacts.push(backup),
            Use::Settings => found.settings.push(backup),
            Use::Other => found.others.push(backup),
        }
    }
    for list in [&mut found.messages, &mut found.contacts, &mut found.settings, &mut found.others] {
        list.sort_by_key(Backup::age_order);
    }
    let full = found.newest_full().and_then(|b| b.modified);
    for increment in &mut found.increments {
        increment.after_full = increment.modified.zip(full).map(|(increment, full)| increment >= full);
    }
    // Increments older than the full backup come first, so that what is added later is the newer one.
    found.increments.sort_by_key(|b| {
        let Use::Increment { number } = b.purpose else { return (false, 0, None, None, b.name.clone()) };
        (b.after_full != Some(false), number, b.date, b.modified, b.name.clone())
    });
    found
}

impl Survey {
    /// The newest full backup of the messages, by the time of its content.
    #[must_use]
    pub fn newest_full(&self) -> Option<&Backup> {
        self.messages.first()
    }

    /// The newest full backup that is not known to need a key file which owners do not have.
    #[must_use]
    pub fn newest_openable(&self) -> Option<&Backup> {
        self.messages.iter().find(|b| !matches!(b.kind_hint, Some(Kind::Crypt12 | Kind::Crypt14)))
    }

    /// When the newest state was written: full backup or increment, Unix seconds.
    #[must_use]
    pub fn newest_modified(&self) -> Option<i64> {
        self.messages.iter().chain(&self.increments).filter_map(|b| b.modified).max()
    }

    /// Age of the newest state at `now` (Unix seconds), in seconds. Negative when the phone's clock runs ahead.
    #[must_use]
    pub fn age_seconds(&self, now: i64) -> Option<i64> {
        self.newest_modified().map(|at| now.saturating_sub(at))
    }

    /// There are backups of messages, and by their names none is end-to-end encrypted: the holder has to switch that on with
    /// a 64-digit key and make a new backup (reference/android.md §2.2).
    #[must_use]
    pub fn only_with_key_file(&self) -> bool {
        !self.messages.is_empty() && self.newest_openable().is_none()
    }

    /// The newest full backup needs a key file while an older one would open: end-to-end backup was switched off since.
    #[must_use]
    pub fn newest_needs_key_file(&self) -> bool {
        self.newest_full().is_some_and(|b| matches!(b.kind_hint, Some(Kind::Crypt12 | Kind::Crypt14)))
    }

    /// How many full backups and increments there are of each kind, by extension. `None`: a kind that is not known.
    #[must_use]
    pub fn kinds(&self) -> BTreeMap<Option<Kind>, u64> {
        let mut kinds = BTreeMap::new();
        for backup in self.messages.iter().chain(&self.increments) {
            *kinds.entry(backup.kind_hint).or_default() += 1;
        }
        kinds
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn item(name: &str, modified: impl Into<Option<i64>>) -> Item {
        let folder = "Android/media/com.whatsapp/WhatsApp/Databases";
        Item { name: ItemName::new(format!("{folder}/{name}")).unwrap(), bytes: 10, modified: modified.into() }
    }

    fn names(list: &[Backup]) -> Vec<&str> {
        list.iter().map(|b| b.name.file_name()).collect()
    }

    #[test]
    fn a_folder_is_told_apart() {
        let survey = survey(&[
            item("msgstore-2026-11-20.1.db.crypt15", 200),
            item("msgstore.db.crypt15", 300),
            item("msgstore-increment-10.db.crypt15", 420),
            item("MSGSTORE-INCREMENT-2-2026-11-21.1.DB.CRYPT15", 410),
            item("msgstore-increment-1.db.crypt15", 100),
            item("wa.db.crypt15", 300),
            item("backup_settings.json.crypt15", 300),
            item("stickers.db.crypt15", 300),
            item("msgstore.db", 300),
            item("IMG-2026.jpg", 300),
        ]);
        assert_eq!(names(&survey.messages), ["msgstore.db.crypt15", "msgstore-2026-11-20.1.db.crypt15"]);
        assert_eq!(
            names(&survey.increments),
            [
                "msgstore-increment-1.db.crypt15",
                "MSGSTORE-INCREMENT-2-2026-11-21.1.DB.CRYPT15",
                "msgstore-increment-10.db.crypt15"
            ]
        );
        assert_eq!(survey.increments.iter().map(|b| b.after_full).collect::<Vec<_>>(), [Some(false), Some(true), Some(true)]);
        assert_eq!(survey.increments[1].date, Some(Date::constant(2026, 11, 21)));
        assert_eq!((survey.contacts.len(), survey.settings.len(), survey.others.len()), (1, 1, 1));
        assert_eq!((survey.newest_modified(), survey.age_seconds(1000)), (Some(420), Some(580)));
        assert_eq!(survey.kinds(), BTreeMap::from([(Some(Kind::Crypt15), 5)]));
    }

    #[test]
    fn the_newest_is_chosen_by_the_time_of_its_content() {
        // A crypt14 that was left behind, under the same stem as the newer crypt15; and the other way round.
        let left_behind = survey(&[item("msgstore.db.crypt14", 100), item("msgstore.db.crypt15", 200)]);
        assert_eq!(left_behind.newest_full().unwrap().kind_hint, Some(Kind::Crypt15));
        assert!(!left_behind.newest_needs_key_file());
        let switched_off = survey(&[item("msgstore.db.crypt14", 300), item("msgstore.db.crypt15", 200)]);
        assert_eq!(switched_off.newest_full().unwrap().kind_hint, Some(Kind::Crypt14));
        assert!(switched_off.newest_needs_key_file() && !switched_off.only_with_key_file());
        assert_eq!(switched_off.newest_openable().unwrap().modified, Some(200));
        let dated_is_newer = survey(&[item("msgstore.db.crypt15", 100), item("msgstore-2026-11-20.1.db.crypt15", 200)]);
        assert_eq!(dated_is_newer.newest_full().unwrap().date, Some(Date::constant(2026, 11, 20)));
    }

    #[test]
    fn without_times_the_name_decides_and_nothing_is_claimed() {
        let survey = survey(&[
            item("msgstore-2026-11-19.1.db.crypt14", None),
            item("msgstore-2026-11-20.1.db.crypt14", None),
            item("msgstore.db.crypt14", None),
            item("msgstore-increment-1.db.crypt14", None),
        ]);
        assert_eq!(
            names(&survey.messages),
            ["msgstore.db.crypt14", "msgstore-2026-11-20.1.db.crypt14", "msgstore-2026-11-19.1.db.crypt14"]
        );
        assert!(survey.only_with_key_file());
        assert_eq!((survey.newest_modified(), survey.increments[0].after_full), (None, None));
    }

    #[test]
    fn odd_names_are_others() {
        let survey = survey(&[
            item("msgstore-increment-x.db.crypt15", 1),
            item("msgstore-increment-99999999999.db.crypt15", 1),
            item("msgstore-2026-13-40.1.db.crypt15", 1),
            item("msgstore-backup.db.crypt15", 1),
            item("msgstore.db.crypt16", 1),
            item("msgstore.db.crypt", 1),
        ]);
        assert_eq!((survey.others.len(), survey.messages.len()), (4, 1));
        assert_eq!(survey.messages[0].kind_hint, None, "a kind that is not known yet may still be end-to-end");
        assert!(!survey.only_with_key_file());
    }
}
