//! Which files and folders the backup has, as far as the phone may ask: also those that were drained. Names and sizes only.
//!
//! A phone has up to 1.3 million files, each under the 40 digits of its id in a folder of the first two. Those are kept as 20
//! bytes; 100,000 moves take no more than 100,000 look-ups.

use super::path::BackupPath;
use std::collections::{BTreeMap, BTreeSet};

type Id = [u8; 20];

/// Most folders and files that are not named by an id. Some 520 folders and 5 files are met.
const MOST_OTHERS: usize = 100_000;
/// Most files named by an id.
const MOST_IDS: usize = 8_000_000;
/// Most names in one listing that is answered.
const MOST_LISTED: usize = 100_000;

/// More names than any phone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// See the module. The caller fills it with what a previous run left, before an incremental one.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    folders: BTreeSet<String>,
    files: BTreeMap<String, u64>,
    /// By the folder in which the two-digit folders are (`<UDID>`, `<UDID>/Snapshot`).
    ids: BTreeMap<String, BTreeMap<Id, u64>>,
}

/// One entry of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder,
    File(u64),
}

/// `<base>/<first two digits>/<40 digits>`, lower case.
fn split_id(path: &str) -> Option<(&str, Id)> {
    let (folder, name) = path.rsplit_once('/')?;
    let (base, shelf) = folder.rsplit_once('/')?;
    let lower = name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut id = [0; 20];
    (lower && name.get(..2) == Some(shelf) && hex::decode_to_slice(name, &mut id).is_ok()).then_some((base, id))
}

/// `<base>/<two digits>`: the base and the first byte of the ids there.
fn split_shelf(path: &str) -> Option<(&str, u8)> {
    let (base, shelf) = path.rsplit_once('/')?;
    let lower = shelf.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (lower && shelf.len() == 2).then(|| Some((base, u8::from_str_radix(shelf, 16).ok()?)))?
}

fn shelf_range(first: u8) -> std::ops::RangeInclusive<Id> {
    let (mut low, mut high) = ([0; 20], [0xff; 20]);
    low[0] = first;
    high[0] = first;
    low..=high
}

impl Catalogue {
    /// A file of a previous run. Its folders come with it.
    pub fn put(&mut self, path: &BackupPath, size: u64) {
        // More than the bounds allow: left out, and then not found.
        let _ = self.put_file(path.as_str(), size);
    }

    pub(crate) fn put_file(&mut self, path: &str, size: u64) -> Result<(), TooMany> {
        let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
        self.make_folder(folder)?;
        if let Some((base, id)) = split_id(path) {
            let ids = self.ids.entry(base.to_owned()).or_default();
            ids.insert(id, size);
            return if ids.len() > MOST_IDS { Err(TooMany) } else { Ok(()) };
        }
        self.files.insert(path.to_owned(), size);
        self.bounded()
    }

    fn bounded(&self) -> Result<(), TooMany> {
        if self.files.len() + self.folders.len() + self.ids.len() > MOST_OTHERS { Err(TooMany) } else { Ok(()) }
    }

    /// With the folders above it.
    pub(crate) fn make_folder(&mut self, path: &str) -> Result<(), TooMany> {
        let mut path = path;
        while !path.is_empty() && !self.folders.contains(path) {
            self.folders.insert(path.to_owned());
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
        self.bounded()
    }

    pub(crate) fn get(&self, path: &str) -> Option<Entry> {
        if self.folders.contains(path) {
            return Some(Entry::Folder);
        }
        let size = match split_id(path) {
            Some((base, id)) => self.ids.get(base)?.get(&id),
            None => self.files.get(path),
        };
        size.copied().map(Entry::File)
    }

    /// Whether there was anything.
    pub(crate) fn remove(&mut self, path: &str) -> bool {
        let there = self.get(path);
        match there {
            Some(Entry::Folder) => {
                self.taken(path);
            }
            Some(Entry::File(_)) => match split_id(path) {
                Some((base, id)) => {
                    self.ids.get_mut(base).map(|ids| ids.remove(&id));
                }
                None => {
                    self.files.remove(path);
                }
            },
            None => {}
        }
        there.is_some()
    }

    /// Moves or copies a file or a folder. `false`: there is nothing at `from`, or `to` lies within it.
    pub(crate) fn put_at(&mut self, from: &str, to: &str, keep: bool) -> Result<bool, TooMany> {
        if from == to {
            return Ok(self.get(from).is_some());
        }
        let within = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
        match self.get(from) {
            None => Ok(false),
            Some(Entry::Folder) if within(to, from) || within(from, to) => Ok(false),
            Some(Entry::File(_)) if within(from, to) => Ok(false),
            Some(Entry::File(size)) => {
                self.remove(to);
                if !keep {
                    self.remove(from);
                }
                self.put_file(to, size)?;
                Ok(true)
            }
            Some(Entry::Folder) => {
                self.remove(to);
                let inside = if keep { self.clone().taken(from) } else { self.taken(from) };
                self.make_folder(to)?;
                for (rest, entry) in inside {
                    let path = format!("{to}{rest}");
                    match entry {
                        Entry::Folder => self.make_folder(&path)?,
                        Entry::File(size) => self.put_file(&path, size)?,
                    }
                }
                Ok(true)
            }
        }
    }

    /// Takes a folder out, and gives what was in it by its path from there (with the slash at its head).
    fn taken(&mut self, folder: &str) -> Vec<(String, Entry)> {
        let mut out = Vec::new();
        self.folders.remove(folder);
        let below = format!("{folder}/");
        let end = format!("{folder}0"); // '0' comes right behind '/'
        let mut rest = |path: &str, entry| out.push((path.get(folder.len()..).unwrap_or_default().to_owned(), entry));
        for path in self.folders.range(below.clone()..end.clone()).cloned().collect::<Vec<_>>() {
            rest(&path, Entry::Folder);
            self.folders.remove(&path);
        }
        for (path, size) in self.files.range(below.clone()..end).map(|(path, size)| (path.clone(), *size)).collect::<Vec<_>>() {
            rest(&path, Entry::File(size));
            self.files.remove(&path);
        }
        let mut ids = |base: &str, id: &Id, size: u64| {
            let name = hex::encode(id);
            let shelf = name.get(..2).unwrap_or_default();
            rest(&format!("{base}/{shelf}/{name}"), Entry::File(size));
        };
        let whole: Vec<String> = self.ids.keys().filter(|base| *base == folder || base.starts_with(&below)).cloned().collect();
        for base in whole {
            for (id, size) in self.ids.remove(&base).unwrap_or_default() {
                ids(&base, &id, size);
            }
        }
        if let Some((base, first)) = split_shelf(folder)
            && let Some(shelves) = self.ids.get_mut(base)
        {
            for (id, size) in shelves.range(shelf_range(first)).map(|(id, size)| (*id, *size)).collect::<Vec<_>>() {
                ids(base, &id, size);
                shelves.remove(&id);
            }
        }
        out
    }

    /// One level of a folder; `None` where there is no such folder.
    pub(crate) fn list(&self, folder: &str) -> Option<Vec<(String, Entry)>> {
        if !self.folders.contains(folder) {
            return None;
        }
        let below = format!("{folder}/");
        let end = format!("{folder}0");
        let level = |path: &str| path.strip_prefix(&below).filter(|name| !name.contains('/')).map(str::to_owned);
        let folders = self.folders.range(below.clone()..end.clone()).filter_map(|path| Some((level(path)?, Entry::Folder)));
        let files = self.files.range(below.clone()..end).filter_map(|(path, size)| Some((level(path)?, Entry::File(*size))));
        let shelf = split_shelf(folder).and_then(|(base, first)| Some(self.ids.get(base)?.range(shelf_range(first))));
        let ids = shelf.into_iter().flatten().map(|(id, size)| (hex::encode(id), Entry::File(*size)));
        Some(folders.chain(files).chain(ids).take(MOST_LISTED).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn id(n: u32) -> String {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&n.reverse_bits().to_be_bytes());
        hex::encode(bytes)
    }

    fn place(base: &str, n: u32) -> String {
        let name = id(n);
        format!("{base}/{}/{name}", &name[..2])
    }

    #[test]
    fn a_hundred_thousand_moves_take_seconds_at_most() {
        let mut catalogue = Catalogue::default();
        (0..100_000).for_each(|n| catalogue.put_file(&place("U/Snapshot", n), n.into()).unwrap());
        let begun = Instant::now();
        for n in 0..100_000 {
            assert!(catalogue.put_at(&place("U/Snapshot", n), &place("U", n), false).unwrap());
        }
        assert!(catalogue.remove("U/Snapshot"));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!(catalogue.get(&place("U", 99_999)), Some(Entry::File(99_999)));
        assert_eq!(catalogue.get(&place("U/Snapshot", 5)), None);
        let shelf = catalogue.list("U/00").unwrap();
        assert_eq!(shelf.len(), 100_000_usize.div_ceil(256));
    }

    #[test]
    fn folders_go_with_all_that_is_in_them() {
        let mut catalogue = Catalogue::default();
        for path in [&place("U/Snapshot", 1), &place("U/Snapshot", 2), "U/Snapshot/Status.plist", "U/Status.plist"] {
            catalogue.put_file(path, 7).unwrap();
        }
        assert!(!catalogue.put_at("U/Snapshot", "U/Snapshot/x", false).unwrap(), "into itself");
        assert!(!catalogue.put_at("U/none", "U/x", false).unwrap());
        assert!(catalogue.put_at("U/Snapshot", "U/Old", true).unwrap());
        assert_eq!(catalogue.get(&place("U/Old", 2)), Some(Entry::File(7)));
        assert_eq!(catalogue.get(&place("U/Snapshot", 2)), Some(Entry::File(7)));
        let shelf = format!("U/Old/{}", &id(1)[..2]);
        assert!(catalogue.put_at(&shelf, "U/elsewhere", false).unwrap());
        assert_eq!(catalogue.get(&format!("U/elsewhere/{}", id(1))), Some(Entry::File(7)));
        assert_eq!(catalogue.get(&place("U/Old", 1)), None);
        assert!(catalogue.remove("U/Snapshot"));
        let names: Vec<String> = catalogue.list("U").unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Old", "elsewhere", "Status.plist"]);
        assert_eq!(catalogue.list("U/Snapshot"), None);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Put(usize),
        Remove(usize),
        Move(usize, usize),
        Copy(usize, usize),
    }

    fn paths() -> Vec<String> {
        let mut paths: Vec<String> = ["U/a", "U/b/c", "U/b", "U/Snapshot", "U", "U/00", "V/00"].map(String::from).into();
        (0..3).for_each(|n| paths.extend([place("U", n), place("U/Snapshot", n)]));
        paths
    }

    proptest! {
        /// Against a plain map of paths.
        #[test]
        fn it_does_what_a_plain_map_does(steps in prop::collection::vec(
            prop_oneof![
                (0usize..13).prop_map(Step::Put),
                (0usize..13).prop_map(Step::Remove),
                (0usize..13, 0usize..13).prop_map(|(a, b)| Step::Move(a, b)),
                (0usize..13, 0usize..13).prop_map(|(a, b)| Step::Copy(a, b)),
            ], 0..40)) {
            let paths = paths();
            let (mut real, mut plain) = (Catalogue::default(), BTreeMap::<String, u64>::new());
            for (n, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Put(at) => {
                        let path = &paths[at];
                        // A file in the place of a folder, or below a file, is not met and not modelled.
                        let above_is_file = plain.keys().any(|key| path.starts_with(&format!("{key}/")));
                        if real.get(path) != Some(Entry::Folder) && !above_is_file {
                            real.put_file(path, n as u64).unwrap();
                            plain.insert(path.clone(), n as u64);
                        }
                    }
                    Step::Remove(at) => {
                        real.remove(&paths[at]);
                        plain.retain(|key, _| *key != paths[at] && !key.starts_with(&format!("{}/", paths[at])));
                    }
                    Step::Move(from, to) | Step::Copy(from, to) => {
                        let keep = matches!(step, Step::Copy(..));
                        let (from, to) = (&paths[from], &paths[to]);
                        let above_is_file = plain.keys().any(|key| key != from && to.starts_with(&format!("{key}/")));
                        if above_is_file || to.starts_with(&format!("{from}/")) { continue; }
                        // Also an empty folder, which the plain map does not know, replaces what it is put upon.
                        if real.put_at(from, to, keep).unwrap() && from != to {
                            plain.retain(|key, _| key != to && !key.starts_with(&format!("{to}/")));
                            let moved: Vec<_> = plain
                                .iter()
                                .filter(|(key, _)| *key == from || key.starts_with(&format!("{from}/")))
                                .map(|(key, size)| (key.clone(), *size))
                                .collect();
                            for (key, size) in moved {
                                if !keep {
                                    plain.remove(&key);
                                }
                                plain.insert(format!("{to}{}", &key[from.len()..]), size);
                            }
                        }
                    }
                }
                for path in &paths {
                    let here = plain.get(path).copied();
                    let there = match real.get(path) { Some(Entry::File(size)) => Some(size), _ => None };
                    prop_assert_eq!(there, here, "{}", path);
                }
            }
        }
    }
}
