//! Which files of a phone WhatsApp needs, and where they are in a listing.
//!
//! `readout` turns these patterns into wishes to `phone`, and asks here which listed item a message means by its
//! `file_path`. Names are relative to shared storage (`/sdcard`). Over a folder or a zip (`--from`) the app's folder may lie at
//! any depth, or be the folder itself: [`locate`] finds it. Everything is compared without regard to case
//! (`reference/android.md §2.1`), and a name from a database is never more than something to look for.

use super::Edition;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use uitlezen_evidence::{Item, ItemName, Pattern, PatternError};

/// The folders in which an app's own folder may lie, newest first: since Android 11 below `Android/media`, before that at the top.
fn roots(edition: Edition) -> [String; 2] {
    [format!("Android/media/{}/{}", edition.package(), edition.folder()), edition.folder().to_owned()]
}

fn patterns(edition: Edition, below: &[&str]) -> Result<Vec<Pattern>, PatternError> {
    roots(edition).iter().flat_map(|root| below.iter().map(move |name| Pattern::new(&format!("{root}/{name}")))).collect()
}

/// The backups: the full database, its older days, increments, contacts.
pub fn wanted_databases(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    patterns(edition, &["Databases/msgstore*", "Backups/wa.db*", "Databases/wa.db*", "Backups/backup_settings*"])
}

/// Media that messages may name. Dot-files and dot-folders too: `.Statuses` and `Private` hold real media.
pub fn wanted_media(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    patterns(edition, &["Media/**/*"])
}

/// An app's folder in a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AppRoot {
    pub edition: Edition,
    /// The folder that holds `Databases`, `Backups` and `Media`; absent when the listing itself is that folder.
    pub folder: Option<ItemName>,
}

impl AppRoot {
    /// The name of `relative` below this root, when it is one.
    #[must_use]
    pub fn join(&self, relative: &str) -> Option<ItemName> {
        match &self.folder {
            Some(folder) => folder.join(relative).ok(),
            None => ItemName::new(relative).ok(),
        }
    }

    /// What remains of an item's name below this root.
    #[must_use]
    pub fn relative<'n>(&self, name: &'n ItemName) -> Option<&'n str> {
        let Some(folder) = &self.folder else { return Some(name.as_str()) };
        let rest = name.as_str().get(folder.as_str().len()..)?;
        let head = name.as_str().get(..folder.as_str().len())?;
        (head.eq_ignore_ascii_case(folder.as_str())).then(|| rest.strip_prefix('/')).flatten()
    }

    /// Whether an item lies in `Databases` or `Backups` and could be wanted.
    #[must_use]
    pub fn is_database(&self, name: &ItemName) -> bool {
        let Some(relative) = self.relative(name).map(str::to_ascii_lowercase) else { return false };
        ["databases/msgstore", "backups/wa.db", "databases/wa.db", "backups/backup_settings"]
            .iter()
            .any(|start| relative.starts_with(start))
            && relative.matches('/').count() == 1
    }
}

/// Folders of an app that betray it wherever they lie.
const INNER: [&str; 3] = ["databases", "backups", "media"];

/// Finds every folder of WhatsApp or WhatsApp Business in a listing, sorted and each once.
///
/// A folder counts when it is called after the app and holds one of the app's own folders, or when the listing itself has
/// `Databases/msgstore…` at its top; then the app's media folders tell which edition it is.
#[must_use]
pub fn locate(items: &[Item]) -> Vec<AppRoot> {
    let mut found = BTreeSet::new();
    let mut top = false;
    let mut top_business = false;
    for item in items {
        let parts: Vec<&str> = item.name.components().collect();
        for (at, part) in parts.iter().enumerate() {
            let Some(edition) = Edition::ALL.into_iter().find(|e| part.eq_ignore_ascii_case(e.folder())) else { continue };
            let inside = parts.get(at + 1).is_some_and(|next| INNER.iter().any(|inner| next.eq_ignore_ascii_case(inner)));
            if inside && parts.len() > at + 2 {
                let folder = parts.get(..=at).map(|p| p.join("/")).and_then(|name| ItemName::new(name).ok());
                found.insert(AppRoot { edition, folder });
            }
        }
        if let [folder, file] = parts.as_slice()
            && folder.eq_ignore_ascii_case("databases")
            && file.to_ascii_lowercase().starts_with("msgstore")
        {
            top = true;
        }
        if let [media, folder, ..] = parts.as_slice() {
            top_business |= media.eq_ignore_ascii_case("media") && folder.to_ascii_lowercase().starts_with("whatsapp business");
        }
    }
    if top {
        let edition = if top_business { Edition::Business } else { Edition::WhatsApp };
        found.insert(AppRoot { edition, folder: None });
    }
    found.into_iter().collect()
}

/// Media of one app folder, found by the path that a message names.
#[derive(Debug)]
pub struct MediaIndex {
    /// Relative name in lower case to the item's name.
    by_name: HashMap<String, ItemName>,
}

impl MediaIndex {
    /// Indexes the items below `root`; the rest is left out.
    #[must_use]
    pub fn new(root: &AppRoot, items: &[Item]) -> Self {
        let mut by_name = HashMap::new();
        for item in items {
            if let Some(relative) = root.relative(&item.name) {
                by_name.entry(relative.to_lowercase()).or_insert_with(|| item.name.clone());
            }
        }
        Self { by_name }
    }

    /// The item that a `file_path` means. A path that climbs, is absolute outside the app's folder or holds control characters
    /// means none.
    #[must_use]
    pub fn resolve(&self, file_path: &str) -> Option<&ItemName> {
        let path = file_path.trim_start_matches("./");
        // Some builds write the whole path; what stands before the app's folder is of no interest.
        let relative = Edition::ALL
            .into_iter()
            .rev()
            .find_map(|e| {
                let marker = format!("/{}/", e.folder()).to_lowercase();
                path.starts_with('/').then(|| path.to_lowercase().find(&marker).map(|at| at + marker.len())).flatten()
            })
            .and_then(|at| path.get(at..))
            .unwrap_or(path);
        let name = ItemName::new(relative).ok()?;
        self.by_name.get(&name.as_str().to_lowercase())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn items(names: &[&str]) -> Vec<Item> {
        names.iter().map(|n| Item { name: ItemName::new(*n).unwrap(), bytes: 1, modified: None }).collect()
    }

    fn any(patterns: &[Pattern], name: &str) -> bool {
        patterns.iter().any(|p| p.matches(&ItemName::new(name).unwrap()))
    }

    #[test]
    fn databases_of_one_app_are_wanted_and_those_of_the_other_are_not() {
        let wanted = wanted_databases(Edition::WhatsApp).unwrap();
        for name in [
            "Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15",
            "android/media/com.whatsapp/whatsapp/databases/msgstore-increment-1-2026-11-20.1.db.crypt15",
            "Android/media/com.whatsapp/WhatsApp/Backups/wa.db.crypt15",
            "WhatsApp/Databases/msgstore-2026-01-01.1.db.crypt14",
        ] {
            assert!(any(&wanted, name), "{name}");
        }
        for name in [
            "Android/media/com.whatsapp.w4b/WhatsApp Business/Databases/msgstore.db.crypt15",
            "Android/media/com.whatsapp/WhatsApp/Backups/chatlock_backup.bkup.crypt15",
            "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/msgstore.db",
        ] {
            assert!(!any(&wanted, name), "{name}");
        }
        let business = wanted_media(Edition::Business).unwrap();
        assert!(any(&business, "Android/media/com.whatsapp.w4b/WhatsApp Business/Media/WhatsApp Business Images/Private/.x.jpg"));
        assert!(!any(&business, "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/x.jpg"));
    }

    #[test]
    fn the_app_folder_is_found_at_any_depth() {
        let roots = locate(&items(&[
            "sdcard/Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15",
            "sdcard/Android/media/com.whatsapp/WhatsApp/Media/x.jpg",
            "old/whatsapp business/databases/msgstore.db.crypt14",
            "Documents/WhatsApp/notes.txt",
        ]));
        let folders: Vec<(Edition, &str)> = roots.iter().map(|r| (r.edition, r.folder.as_ref().unwrap().as_str())).collect();
        assert_eq!(
            folders,
            [(Edition::WhatsApp, "sdcard/Android/media/com.whatsapp/WhatsApp"), (Edition::Business, "old/whatsapp business")]
        );
        let itself = locate(&items(&["Databases/msgstore.db.crypt15", "Media/WhatsApp Business Images/a.jpg"]));
        assert_eq!(itself, [AppRoot { edition: Edition::Business, folder: None }]);
        assert_eq!(locate(&items(&["Databases/other.db"])), []);
    }

    #[test]
    fn a_path_of_a_message_finds_its_file_and_hostile_paths_find_nothing() {
        let listing = items(&[
            "p/WhatsApp/Databases/msgstore.db",
            "p/WhatsApp/Media/WhatsApp Images/IMG-1.JPG",
            "p/secret.txt",
            "p/WhatsApp/Media/WhatsApp Images/Één.jpg",
        ]);
        let root = locate(&listing).remove(0);
        let media = MediaIndex::new(&root, &listing);
        let hit = "p/WhatsApp/Media/WhatsApp Images/IMG-1.JPG";
        for path in [
            "Media/WhatsApp Images/IMG-1.JPG",
            "media/whatsapp images/img-1.jpg",
            "/storage/emulated/0/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/IMG-1.JPG",
        ] {
            assert_eq!(media.resolve(path).map(ItemName::as_str), Some(hit), "{path}");
        }
        assert!(media.resolve("Media/WhatsApp Images/één.jpg").is_some());
        for path in
            ["../secret.txt", "/p/secret.txt", "Media/../../secret.txt", "", "Media/WhatsApp Images/IMG-1.JPG\0", "p/secret.txt"]
        {
            assert_eq!(media.resolve(path), None, "{path:?}");
        }
    }
}
