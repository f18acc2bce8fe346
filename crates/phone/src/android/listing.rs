//! Which of the wanted files a phone has. Walks only folders in which a wanted name may lie.

use super::{
    link::AndroidLink,
    shell::quote,
    sync::{Kind, Stat},
    users::User,
};
use crate::error::{PhoneError, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use uitlezen_evidence::{Item, ItemName, Pattern};

/// What to look for, and in whose storage.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Relative to a user's shared storage: `Android/media/com.whatsapp/WhatsApp/Databases/*`.
    pub patterns: &'a [Pattern],
    pub users: &'a [User],
}

/// What to look for wherever it may lie in a user's shared storage.
pub struct Anywhere<'a> {
    pub users: &'a [User],
    /// Folders that are not entered, and what lies below them.
    pub except: &'a [&'a str],
    /// Whether a file of this name and size is wanted.
    pub wants: &'a dyn Fn(&ItemName, u64) -> bool,
}

impl std::fmt::Debug for Anywhere<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anywhere").field("except", &self.except).finish_non_exhaustive()
    }
}

/// Which folders are entered and which files are wanted.
trait Which {
    /// Folders to begin at; an empty one is the storage itself.
    fn roots(&self) -> HashSet<String>;
    fn enters(&self, folder: &ItemName) -> bool;
    fn wants(&self, file: &ItemName, bytes: u64) -> bool;
}

impl Which for &[Pattern] {
    fn roots(&self) -> HashSet<String> {
        self.iter().map(Pattern::root).collect()
    }

    fn enters(&self, folder: &ItemName) -> bool {
        self.iter().any(|pattern| pattern.may_match_below(folder))
    }

    fn wants(&self, file: &ItemName, _: u64) -> bool {
        self.iter().any(|pattern| pattern.matches(file))
    }
}

impl Which for Anywhere<'_> {
    fn roots(&self) -> HashSet<String> {
        HashSet::from([String::new()])
    }

    fn enters(&self, folder: &ItemName) -> bool {
        !self.except.iter().any(|not| folder.as_str().eq_ignore_ascii_case(not))
    }

    fn wants(&self, file: &ItemName, bytes: u64) -> bool {
        (self.wants)(file, bytes)
    }
}

/// Bounds on what a phone may make us remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListingLimits {
    pub items: usize,
    pub folders: usize,
    /// Entries seen, wanted or not.
    pub entries: u64,
}

impl Default for ListingLimits {
    fn default() -> Self {
        Self { items: 500_000, folders: 50_000, entries: 5_000_000 }
    }
}

/// A folder that may hold wanted files and may not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFolder {
    pub user: u32,
    /// As [`Item`] names are made; `None` for a user's storage as a whole.
    pub folder: Option<ItemName>,
    pub why: Refusal,
}

/// Entries passed over, counted by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Names that climb, hold control characters, are too long or too deep.
    pub hostile_names: u64,
    pub not_utf8: u64,
    /// Wanted names of links, sockets and other things that are no file.
    pub not_files: u64,
    /// Wanted names the phone could list but not look at.
    pub unreadable: u64,
}

/// The answer. Items are sorted by name; another user's are called `storage/emulated/<N>/...`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub items: Vec<Item>,
    pub refused: Vec<RefusedFolder>,
    pub skipped: Skipped,
    pub folders: usize,
    /// A bound was hit: there may be more. Never called whole.
    pub truncated: bool,
}

impl Listing {
    /// Sum of the listed sizes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.items.iter().fold(0, |sum, item| sum.saturating_add(item.bytes))
    }
}

const OTHER_USERS: &str = "storage/emulated/";

/// The path on the phone of an item that [`list`] named.
#[must_use]
pub fn path_of(name: &ItemName) -> String {
    if name.as_str().to_ascii_lowercase().starts_with(OTHER_USERS) {
        format!("/{}", name.as_str())
    } else {
        format!("/sdcard/{}", name.as_str())
    }
}

/// Lists the wanted files. Fails only when the link does; a folder that says no stands in [`Listing::refused`].
pub fn list(link: &mut dyn AndroidLink, wanted: &Wanted<'_>, limits: &ListingLimits) -> Result<Listing, PhoneError> {
    walk(link, &wanted.patterns, wanted.users, limits)
}

/// The same for files of which nobody knows where they lie.
pub fn list_anywhere(link: &mut dyn AndroidLink, wanted: &Anywhere<'_>, limits: &ListingLimits) -> Result<Listing, PhoneError> {
    walk(link, wanted, wanted.users, limits)
}

fn walk(link: &mut dyn AndroidLink, which: &dyn Which, users: &[User], limits: &ListingLimits) -> Result<Listing, PhoneError> {
    let mut listing = Listing::default();
    let mut items = BTreeMap::new();
    for user in users {
        let mut walk =
            Walk { link, user, which, limits, seen: HashSet::new(), entries: 0, items: &mut items, listing: &mut listing };
        walk.user_storage()?;
    }
    listing.items = items.into_values().collect();
    Ok(listing)
}

struct Walk<'a> {
    link: &'a mut dyn AndroidLink,
    user: &'a User,
    which: &'a dyn Which,
    limits: &'a ListingLimits,
    /// Folders walked already: roots of patterns overlap.
    seen: HashSet<String>,
    entries: u64,
    items: &'a mut BTreeMap<ItemName, Item>,
    listing: &'a mut Listing,
}

/// One entry worth keeping while its folder is being listed.
enum Hit {
    Folder(ItemName),
    File(ItemName, Stat),
}

impl Walk<'_> {
    fn user_storage(&mut self) -> Result<(), PhoneError> {
        let mut absent = false;
        let mut roots: Vec<String> = self.which.roots().into_iter().collect();
        roots.sort();
        for root in roots {
            // A pattern of one component has the storage itself as its root.
            let Ok(folder) = ItemName::new(root) else {
                absent = true;
                continue;
            };
            match self.link.stat(&self.path(Some(&folder))) {
                Ok(Stat { kind: Kind::Folder, .. }) => self.tree(Some(folder))?,
                Ok(_) => self.listing.skipped.not_files += 1,
                Err(PhoneError::Refused(Refusal::NoSuchFile)) => absent = true,
                Err(PhoneError::Refused(why)) => self.refuse(Some(&folder), why),
                Err(error) => return Err(error),
            }
        }
        // A root that is not there under this spelling may be there under another (the names of folders have changed case
        // over the years), so then the way is walked from the top.
        if absent { self.tree(None) } else { Ok(()) }
    }

    fn path(&self, folder: Option<&ItemName>) -> String {
        let storage = self.user.storage();
        folder.map_or_else(|| format!("{storage}/"), |folder| format!("{storage}/{}", folder.as_str()))
    }

    /// The name an item gets: with its user's prefix, if not the owner's.
    fn item_name(&self, relative: &ItemName) -> Option<ItemName> {
        if self.user.id == 0 {
            // Would be read back as another user's.
            return (!relative.as_str().to_ascii_lowercase().starts_with(OTHER_USERS)).then(|| relative.clone());
        }
        ItemName::new(format!("{OTHER_USERS}{}/{}", self.user.id, relative.as_str())).ok()
    }

    fn refuse(&mut self, folder: Option<&ItemName>, why: Refusal) {
        let folder = folder.and_then(|folder| self.item_name(folder));
        self.listing.refused.push(RefusedFolder { user: self.user.id, folder, why });
    }

    fn tree(&mut self, from: Option<ItemName>) -> Result<(), PhoneError> {
        let mut open = vec![from];
        while let Some(folder) = open.pop() {
            let key = folder.as_ref().map_or("", |f| f.as_str()).to_ascii_lowercase();
            if !self.seen.insert(key) {
                continue;
            }
            if self.listing.folders >= self.limits.folders
                || self.items.len() >= self.limits.items
                || self.entries >= self.limits.entries
            {
                self.listing.truncated = true;
                return Ok(());
            }
            self.listing.folders += 1;
            for hit in self.folder(folder.as_ref())? {
                match hit {
                    Hit::Folder(name) => open.push(Some(name)),
                    Hit::File(name, stat) => self.file(name, stat)?,
                }
            }
        }
        Ok(())
    }

    /// Lists one folder; what matters of it.
    fn folder(&mut self, folder: Option<&ItemName>) -> Result<Vec<Hit>, PhoneError> {
        let path = self.path(folder);
        let (which, skipped) = (self.which, &mut self.listing.skipped);
        let room = self.limits.items.saturating_sub(self.items.len());
        let entries_left = self.limits.entries.saturating_sub(self.entries);
        let (mut seen, mut over) = (0, false);
        let mut hits = Vec::new();
        let result = self.link.list(&path, &mut |entry| {
            if entry.name == b"." || entry.name == b".." {
                return Ok(());
            }
            seen += 1;
            over |= hits.len() >= room || seen > entries_left;
            if over {
                return Err(PhoneError::TooMuch { limit: room as u64 });
            }
            let Ok(name) = std::str::from_utf8(entry.name) else {
                skipped.not_utf8 += 1;
                return Ok(());
            };
            // One component: a slash in it would be a path.
            let joined =
                if name.contains('/') { None } else { folder.map_or_else(|| ItemName::new(name), |f| f.join(name)).ok() };
            let Some(name) = joined else {
                skipped.hostile_names += 1;
                return Ok(());
            };
            let wanted = which.wants(&name, entry.stat.as_ref().map_or(u64::MAX, |stat| stat.bytes));
            match entry.stat {
                Ok(stat) if stat.kind == Kind::Folder => {
                    let enter = which.enters(&name);
                    hits.extend(enter.then_some(Hit::Folder(name)));
                }
                Ok(stat) if wanted && stat.kind == Kind::File => hits.push(Hit::File(name, stat)),
                Ok(_) if wanted => skipped.not_files += 1,
                Err(_) if wanted => skipped.unreadable += 1,
                _ => {}
            }
            Ok(())
        });
        self.entries += seen;
        match result {
            // adb's list shows a folder that may not be read as one without entries, not even `.`; ask again.
            Ok(listed) if listed.entries == 0 => {
                let output = self.link.run(&format!("ls -A {}", quote(&path)), 64 * 1024);
                match output.map(|output| (output.code, Refusal::from_text(&output.stderr))) {
                    Ok((Some(0), _)) => {}
                    // It went away between two looks, or never was there under this user.
                    Ok((_, Refusal::NoSuchFile)) if folder.is_some() => {}
                    Ok((_, why)) => self.refuse(folder, why),
                    Err(error) if error.ends_the_link() => return Err(error),
                    Err(_) => self.refuse(folder, Refusal::Other),
                }
            }
            Ok(_) => {}
            Err(PhoneError::TooMuch { .. }) => self.listing.truncated = true,
            Err(PhoneError::Refused(Refusal::NoSuchFile)) if folder.is_some() => {}
            Err(PhoneError::Refused(why)) => self.refuse(folder, why),
            Err(error) => return Err(error),
        }
        Ok(hits)
    }

    fn file(&mut self, relative: ItemName, mut stat: Stat) -> Result<(), PhoneError> {
        let Some(name) = self.item_name(&relative) else {
            self.listing.skipped.hostile_names += 1;
            return Ok(());
        };
        if !stat.exact {
            stat = match self.link.stat(&self.path(Some(&relative))) {
                Ok(stat) => stat,
                Err(error) if error.ends_the_link() => return Err(error),
                Err(_) => {
                    self.listing.skipped.unreadable += 1;
                    return Ok(());
                }
            };
        }
        self.items.insert(name.clone(), Item { name, bytes: stat.bytes, modified: Some(stat.modified) });
        Ok(())
    }
}
