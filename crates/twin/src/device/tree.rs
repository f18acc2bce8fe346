//! The phone's files, as uid 2000 sees them: folders, files, links, and places it may not look into.
//!
//! Names are bytes, not text: a phone may hold any byte but `/` and zero in a name, and a hostile one may claim even those
//! in a listing.

use crate::FileBytes;
use std::{collections::BTreeMap, sync::Arc};

/// Mode bits of a folder, a file and a link (`S_IFDIR`, `S_IFREG`, `S_IFLNK`).
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
/// Links followed before the kernel gives up.
const MOST_LINKS: usize = 40;
/// Longest path the kernel takes, in bytes.
const PATH_MAX: usize = 4096;
/// Longest name the kernel takes, in bytes.
const NAME_MAX: usize = 255;

/// The errors of Linux that this file system gives, with their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Errno {
    #[error("No such file or directory")]
    NotFound = 2,
    #[error("I/O error")]
    Io = 5,
    #[error("Permission denied")]
    Denied = 13,
    #[error("Not a directory")]
    NotFolder = 20,
    #[error("Is a directory")]
    IsFolder = 21,
    #[error("Read-only file system")]
    ReadOnly = 30,
    #[error("File name too long")]
    TooLong = 36,
    #[error("Too many symbolic links encountered")]
    Loop = 40,
}

/// What `stat` says of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits, without the type.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since 1970, UTC.
    pub modified: i64,
}

impl Meta {
    /// As the emulated storage shows a file: `-rw-rw----`, owned by the app's media user.
    pub fn media(modified: i64) -> Meta {
        Meta { mode: 0o660, uid: 10_180, gid: 1023, modified }
    }

    fn folder(modified: i64) -> Meta {
        Meta { mode: 0o771, uid: 10_180, gid: 1023, modified }
    }
}

/// One thing in a folder.
#[derive(Debug, Clone)]
pub enum Node {
    Folder(Folder),
    File(File),
    Link { target: Vec<u8>, meta: Meta },
}

/// A folder and what is in it.
#[derive(Debug, Clone)]
pub struct Folder {
    pub meta: Meta,
    entries: BTreeMap<Vec<u8>, Node>,
    /// The shell may see that it exists, and nothing of what is in it.
    pub denied: bool,
}

/// A file.
#[derive(Debug, Clone)]
pub struct File {
    pub meta: Meta,
    pub bytes: Arc<dyn FileBytes>,
    /// Whether the shell may open it.
    pub readable: bool,
}

/// What a stat or a listing carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    pub device: u64,
    pub inode: u64,
    /// With the type bits.
    pub mode: u32,
    pub links: u32,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    /// Seconds since 1970; the twin keeps one moment for access, change and modification.
    pub modified: i64,
}

impl Stat {
    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == FOLDER
    }

    pub fn is_link(&self) -> bool {
        self.mode & 0o170_000 == LINK
    }
}

impl Node {
    /// The node's facts; `path` gives it a stable inode.
    pub fn stat(&self, path: &[u8]) -> Stat {
        match self {
            Node::Folder(folder) => folder.stat(path),
            Node::File(file) => stat_of(path, FILE, file.meta, file.bytes.len(), 1),
            Node::Link { target, meta } => stat_of(path, LINK, *meta, target.len() as u64, 1),
        }
    }
}

fn stat_of(path: &[u8], kind: u32, meta: Meta, size: u64, links: u32) -> Stat {
    let Meta { mode, uid, gid, modified } = meta;
    Stat { device: 0x5c, inode: inode(path), mode: kind | mode, links, uid, gid, size, modified }
}

/// FNV-1a, so that an inode is the same in every run and never zero.
fn inode(path: &[u8]) -> u64 {
    path.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, byte| (h ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)) | 1
}

impl Folder {
    fn new(modified: i64) -> Folder {
        Folder { meta: Meta::folder(modified), entries: BTreeMap::new(), denied: false }
    }

    /// 3452 bytes is what the emulated storage says of a small folder.
    fn stat(&self, path: &[u8]) -> Stat {
        stat_of(path, FOLDER, self.meta, 3452, 2)
    }

    /// What is in it, by name.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &Node)> {
        self.entries.iter().map(|(name, node)| (name.as_slice(), node))
    }
}

/// The whole file system.
#[derive(Debug, Clone)]
pub struct Tree {
    root: Folder,
}

impl Tree {
    /// The folders every phone has; `/sdcard` leads to `/storage/emulated/0`, and `/data/data` stays shut.
    pub fn new(modified: i64) -> Tree {
        let mut tree = Tree { root: Folder::new(modified) };
        for name in [
            "Alarms",
            "Android/data",
            "Android/media",
            "Android/obb",
            "DCIM",
            "Documents",
            "Download",
            "Movies",
            "Music",
            "Pictures",
        ] {
            tree.folder(format!("/storage/emulated/0/{name}"), modified);
        }
        tree.folder("/data/local/tmp", modified);
        tree.folder("/data/data", modified);
        tree.deny("/data/data");
        tree.link("/sdcard", "/storage/emulated/0", modified);
        tree
    }

    /// Makes a folder and those above it; what is there stays.
    pub fn folder(&mut self, path: impl AsRef<[u8]>, modified: i64) -> &mut Tree {
        self.at(path.as_ref(), modified);
        self
    }

    /// Puts a file down, in place of what was there.
    pub fn file(&mut self, path: impl AsRef<[u8]>, bytes: Arc<dyn FileBytes>, modified: i64) -> &mut Tree {
        self.put(path.as_ref(), Node::File(File { meta: Meta::media(modified), bytes, readable: true }), modified)
    }

    /// A file that can be seen and not opened.
    pub fn shut_file(&mut self, path: impl AsRef<[u8]>, bytes: Arc<dyn FileBytes>, modified: i64) -> &mut Tree {
        self.put(
            path.as_ref(),
            Node::File(File { meta: Meta { mode: 0o600, ..Meta::media(modified) }, bytes, readable: false }),
            modified,
        )
    }

    /// A symbolic link.
    pub fn link(&mut self, path: impl AsRef<[u8]>, target: impl Into<Vec<u8>>, modified: i64) -> &mut Tree {
        let meta = Meta { mode: 0o777, uid: 0, gid: 0, modified };
        self.put(path.as_ref(), Node::Link { target: target.into(), meta }, modified)
    }

    /// Shuts a folder: it can be seen, not listed nor entered. Made when it is not there.
    pub fn deny(&mut self, path: impl AsRef<[u8]>) -> &mut Tree {
        let folder = self.at(path.as_ref(), 0);
        folder.denied = true;
        folder.meta.mode = 0o700;
        self
    }

    /// Puts a node into a folder under a name that no kernel would allow, which then shows in listings and can never be
    /// opened: paths are cut at `/`.
    pub fn put_raw(&mut self, folder: impl AsRef<[u8]>, name: impl Into<Vec<u8>>, node: Node) -> &mut Tree {
        self.at(folder.as_ref(), 0).entries.insert(name.into(), node);
        self
    }

    /// Takes away what is at `path`; says whether there was something.
    pub fn remove(&mut self, path: impl AsRef<[u8]>) -> bool {
        let Ok(path) = self.canonical(path.as_ref(), false) else { return false };
        let Some(at) = path.iter().rposition(|byte| *byte == b'/') else { return false };
        let (folder, name) = path.split_at(at);
        self.walk_mut(folder).is_some_and(|folder| folder.entries.remove(name.get(1..).unwrap_or_default()).is_some())
    }

    fn put(&mut self, path: &[u8], node: Node, modified: i64) -> &mut Tree {
        let cut = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let (folder, name) = path.split_at(cut);
        self.at(folder, modified).entries.insert(name.to_vec(), node);
        self
    }

    /// The folder at `path`, made when missing; a link on the way is followed, a file on the way makes room.
    fn at(&mut self, path: &[u8], modified: i64) -> &mut Folder {
        let path = self.settle(path);
        let mut here = &mut self.root;
        for part in parts(&path) {
            let node = here.entries.entry(part.to_vec()).or_insert_with(|| Node::Folder(Folder::new(modified)));
            if !matches!(node, Node::Folder(_)) {
                *node = Node::Folder(Folder::new(modified));
            }
            let Node::Folder(next) = node else { unreachable!("made a folder just now") };
            here = next;
        }
        here
    }

    /// The path with those of its links followed that exist, so that a file put under `/sdcard` lands in the storage.
    fn settle(&self, path: &[u8]) -> Vec<u8> {
        let all: Vec<&[u8]> = parts(path).collect();
        for known in (0..=all.len()).rev() {
            let head = join(all.iter().take(known).copied());
            if let Ok(real) = self.walk(&head, true, true) {
                return join(parts(&real.0).chain(all.iter().skip(known).copied()));
            }
        }
        path.to_vec()
    }

    fn walk_mut(&mut self, path: &[u8]) -> Option<&mut Folder> {
        let mut here = &mut self.root;
        for part in parts(path) {
            match here.entries.get_mut(part) {
                Some(Node::Folder(next)) => here = next,
                _ => return None,
            }
        }
        Some(here)
    }

    /// The path without links, dots and doubled slashes.
    pub fn canonical(&self, path: &[u8], follow: bool) -> Result<Vec<u8>, Errno> {
        self.walk(path, follow, false).map(|(path, _)| path)
    }

    /// `stat` (`follow`) and `lstat`.
    pub fn stat(&self, path: &[u8], follow: bool) -> Result<Stat, Errno> {
        let (path, node) = self.walk(path, follow, false)?;
        Ok(match node {
            Some(node) => node.stat(&path),
            None => self.root.stat(&path),
        })
    }

    /// Where the link at `path` leads, as written in it; `None` when it is no link.
    pub fn link_target(&self, path: &[u8]) -> Result<Option<&[u8]>, Errno> {
        Ok(match self.walk(path, false, false)?.1 {
            Some(Node::Link { target, .. }) => Some(target),
            _ => None,
        })
    }

    /// The folder at `path`, to list it.
    pub fn list(&self, path: &[u8]) -> Result<&Folder, Errno> {
        let folder = match self.walk(path, true, false)?.1 {
            None => &self.root,
            Some(Node::Folder(folder)) => folder,
            Some(_) => return Err(Errno::NotFolder),
        };
        if folder.denied { Err(Errno::Denied) } else { Ok(folder) }
    }

    /// The file at `path`, to read it.
    pub fn open(&self, path: &[u8]) -> Result<(Vec<u8>, &File), Errno> {
        match self.walk(path, true, false)? {
            (path, Some(Node::File(file))) if file.readable => Ok((path, file)),
            (_, Some(Node::File(_))) => Err(Errno::Denied),
            _ => Err(Errno::IsFolder),
        }
    }

    /// Follows a path; `None` stands for the root. `all` walks into shut folders too, for the one who builds the tree.
    fn walk(&self, path: &[u8], follow: bool, all: bool) -> Result<(Vec<u8>, Option<&Node>), Errno> {
        if path.len() >= PATH_MAX {
            return Err(Errno::TooLong);
        }
        if path.is_empty() || path.contains(&0) {
            return Err(Errno::NotFound);
        }
        let wants_folder = path.ends_with(b"/");
        let mut todo: Vec<Vec<u8>> = parts(path).rev().map(<[u8]>::to_vec).collect();
        let mut here: Vec<(Vec<u8>, &Node)> = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == b"." {
                continue;
            }
            if part == b".." {
                here.pop();
                continue;
            }
            if part.len() > NAME_MAX {
                return Err(Errno::TooLong);
            }
            let folder = match here.last() {
                None => &self.root,
                Some((_, Node::Folder(folder))) => folder,
                Some(_) => return Err(Errno::NotFolder),
            };
            if folder.denied && !all {
                return Err(Errno::Denied);
            }
            let node = folder.entries.get(&part).ok_or(Errno::NotFound)?;
            match node {
                Node::Link { target, .. } if follow || wants_folder || !todo.is_empty() => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Errno::Loop);
                    }
                    if target.starts_with(b"/") {
                        here.clear();
                    }
                    todo.extend(parts(target).rev().map(<[u8]>::to_vec));
                }
                node => here.push((part, node)),
            }
        }
        let node = here.last().map(|(_, node)| *node);
        if wants_folder && matches!(node, Some(Node::File(_))) {
            return Err(Errno::NotFolder);
        }
        Ok((join(here.iter().map(|(name, _)| name.as_slice())), node))
    }
}

fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
}

fn join<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut path = Vec::new();
    for part in parts {
        path.push(b'/');
        path.extend(part);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::new(1_700_000_000);
        tree.file("/sdcard/Download/a.txt", Arc::new(b"hello".to_vec()), 5);
        tree.file("/data/data/com.example/databases/secret.db", Arc::new(vec![1]), 5);
        tree
    }

    #[test]
    fn a_file_put_under_a_link_is_where_the_link_leads() {
        let tree = tree();
        for path in ["/sdcard/Download/a.txt", "/storage/emulated/0/Download/a.txt", "//sdcard/./Music/../Download/a.txt"] {
            assert_eq!(tree.stat(path.as_bytes(), true).unwrap().size, 5, "{path}");
            assert_eq!(tree.canonical(path.as_bytes(), true).unwrap(), b"/storage/emulated/0/Download/a.txt");
        }
        assert!(tree.stat(b"/sdcard", false).unwrap().is_link());
        assert!(tree.stat(b"/sdcard/", false).unwrap().is_folder());
        assert_eq!(tree.stat(b"/", true).unwrap().mode, FOLDER | 0o771);
    }

    #[test]
    fn refused_absent_and_not_a_folder_are_different_answers() {
        let tree = tree();
        assert_eq!(tree.stat(b"/data/data/com.example", true).unwrap_err(), Errno::Denied);
        assert_eq!(tree.list(b"/data/data").unwrap_err(), Errno::Denied);
        assert!(tree.stat(b"/data/data", true).unwrap().is_folder());
        assert_eq!(tree.stat(b"/sdcard/none", true).unwrap_err(), Errno::NotFound);
        assert_eq!(tree.stat(b"/sdcard/Download/a.txt/x", true).unwrap_err(), Errno::NotFolder);
        assert_eq!(tree.open(b"/sdcard/Download").unwrap_err(), Errno::IsFolder);
        assert_eq!(tree.list(b"/sdcard/Music").unwrap().entries().count(), 0);
    }

    #[test]
    fn links_in_a_ring_end() {
        let mut tree = tree();
        tree.link("/a", "/b", 0).link("/b", "a", 0);
        assert_eq!(tree.stat(b"/a", true).unwrap_err(), Errno::Loop);
        assert!(tree.stat(b"/a", false).unwrap().is_link());
    }

    #[test]
    fn what_is_removed_is_gone() {
        let mut tree = tree();
        assert!(tree.remove("/sdcard/Download/a.txt"));
        assert!(!tree.remove("/sdcard/Download/a.txt"));
        assert_eq!(tree.stat(b"/sdcard/Download/a.txt", true).unwrap_err(), Errno::NotFound);
    }
}
