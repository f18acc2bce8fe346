//! Reading items back: in the closing process over the whole store, in a reader child over what it was granted.
//!
//! Both are the same view, built from grants: a grant names the files, the places in them and the part keys of one item.
//! Items that share a part share its key, so a grant opens, for a child that wants to, the neighbours of its item in that
//! part; that is why kinds are kept apart in lanes.

use super::{
    Place, Shared, WorkStore,
    error::{Doing, StoreError},
    item::{ItemId, ItemRecord, StoredItem},
    lane::lock,
};
use crate::part::{PartError, PartKey, PartReader};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, Weak},
};
use uitlezen_evidence::{Bytes, ChunkCache, Evidence, EvidenceError, Hint, Item, ItemName, ReadAt};

/// Parts that a view keeps open; each holds a key schedule, most a file.
const MOST_OPEN_PARTS: usize = 256;

/// What a reader child needs to read one item. Secret: send it over a pipe only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    pub name: ItemName,
    pub bytes: u64,
    pub modified: Option<i64>,
    /// In the order of the item's bytes.
    pub extents: Vec<GrantedExtent>,
}

/// A run of an item's bytes: `bytes` from `offset` in the plaintext of part `number`, whose `sealed` bytes stand at `at` in
/// `file`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantedExtent {
    pub file: PathBuf,
    pub at: u64,
    pub sealed: u64,
    pub number: u32,
    #[serde(with = "crate::part::secret_hex")]
    pub key: PartKey,
    pub offset: u64,
    pub bytes: u64,
}

impl WorkStore {
    /// The items that `filter` chooses, as evidence. Open parts that hold some of them are closed first.
    pub fn evidence(&self, filter: impl Fn(&StoredItem) -> bool) -> Result<StoredEvidence, StoreError> {
        let chosen: Vec<ItemId> = self.items().into_iter().filter(|item| filter(item)).map(|item| item.id).collect();
        StoredEvidence::from_grants(self.grants(&chosen)?, ChunkCache::of_this_process())
    }

    /// What a child needs to read these items. Open parts that hold some of them are closed first.
    pub fn grants(&self, items: &[ItemId]) -> Result<Vec<Grant>, StoreError> {
        let wanted: Vec<ItemRecord> = {
            let book = lock(&self.0.book);
            let find = |id| book.items.get(id).cloned().ok_or(StoreError::UnknownItem);
            items.iter().map(find).collect::<Result<_, _>>()?
        };
        self.0.close_parts_of(wanted.iter().flat_map(|item| &item.extents))?;
        wanted.iter().map(|item| self.0.grant(item)).collect()
    }
}

impl Shared {
    pub(super) fn grant(&self, item: &ItemRecord) -> Result<Grant, StoreError> {
        let book = lock(&self.book);
        let extent = |extent: &super::Extent| {
            let part = book.parts.get(&extent.part).ok_or(StoreError::UnknownItem)?;
            let (file, at) = match &part.place {
                Place::Entry(entry) => (self.dir.join(super::STAGING), entry.data_offset()),
                Place::Klad => (self.klad_path(part.number), 0),
            };
            Ok(GrantedExtent {
                file,
                at,
                sealed: part.sealed,
                number: part.number,
                key: part.key.clone(),
                offset: extent.offset,
                bytes: extent.bytes,
            })
        };
        let extents = item.extents.iter().map(extent).collect::<Result<_, StoreError>>()?;
        Ok(Grant { name: item.name.clone(), bytes: item.bytes, modified: item.modified, extents })
    }
}

/// Items of a work store, readable at random. Files are opened read-only when they are first needed.
#[derive(Debug)]
pub struct StoredEvidence {
    items: Vec<Item>,
    /// In the order of `items`.
    grants: Vec<Arc<Grant>>,
    shelf: Arc<Shelf>,
}

impl StoredEvidence {
    /// Two items of one name are refused; lengths that do not add up are found when the item is opened.
    pub fn from_grants(mut grants: Vec<Grant>, cache: Arc<ChunkCache>) -> Result<Self, StoreError> {
        grants.sort_by(|a, b| a.name.cmp(&b.name));
        if grants.windows(2).any(|two| matches!(two, [a, b] if a.name == b.name)) {
            return Err(StoreError::NameTwice);
        }
        let items = grants.iter().map(|g| Item { name: g.name.clone(), bytes: g.bytes, modified: g.modified }).collect();
        let shelf = Arc::new(Shelf { cache, open: Mutex::default() });
        Ok(Self { items, grants: grants.into_iter().map(Arc::new).collect(), shelf })
    }
}

impl Evidence for StoredEvidence {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let at = self.items.binary_search_by(|item| item.name.cmp(name)).map_err(|_| EvidenceError::Absent)?;
        let grant = self.grants.get(at).ok_or(EvidenceError::Absent)?;
        Ok(Arc::new(StoredBytes::new(Arc::clone(grant), Arc::clone(&self.shelf))?))
    }
}

/// The bytes of one item, across its parts.
struct StoredBytes {
    grant: Arc<Grant>,
    /// Where each extent begins in the item.
    starts: Vec<u64>,
    shelf: Arc<Shelf>,
}

impl StoredBytes {
    fn new(grant: Arc<Grant>, shelf: Arc<Shelf>) -> Result<Self, EvidenceError> {
        let mut starts = Vec::with_capacity(grant.extents.len());
        let mut at = 0_u64;
        for extent in &grant.extents {
            starts.push(at);
            at = at.saturating_add(extent.bytes);
        }
        if at != grant.bytes {
            return Err(EvidenceError::Damaged("its pieces do not add up to its length".to_owned()));
        }
        Ok(Self { grant, starts, shelf })
    }
}

impl ReadAt for StoredBytes {
    fn len(&self) -> u64 {
        self.grant.bytes
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.grant.bytes) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut pos, mut rest) = (pos, buf);
        while !rest.is_empty() {
            let at = self.starts.partition_point(|start| *start <= pos).saturating_sub(1);
            let (Some(extent), Some(start)) = (self.grant.extents.get(at), self.starts.get(at)) else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            let within = pos - start;
            let n = rest.len().min(usize::try_from(extent.bytes - within).unwrap_or(usize::MAX));
            let (now, later) = rest.split_at_mut(n);
            self.shelf.part(extent)?.read_at(extent.offset.saturating_add(within), now, hint)?;
            rest = later;
            pos += n as u64;
        }
        Ok(())
    }
}

impl fmt::Debug for StoredBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredBytes({} bytes in {} pieces)", self.grant.bytes, self.starts.len())
    }
}

/// The parts that a view holds open, the least recently used closed first.
struct Shelf {
    cache: Arc<ChunkCache>,
    open: Mutex<OpenParts>,
}

#[derive(Default)]
struct OpenParts {
    parts: HashMap<u32, (Arc<PartReader>, u64)>,
    files: HashMap<PathBuf, Weak<File>>,
    clock: u64,
}

impl Shelf {
    fn part(&self, extent: &GrantedExtent) -> io::Result<Arc<PartReader>> {
        let file = {
            let mut open = lock(&self.open);
            open.clock += 1;
            let now = open.clock;
            if let Some((part, used)) = open.parts.get_mut(&extent.number) {
                *used = now;
                return Ok(Arc::clone(part));
            }
            open.file(&extent.file)?
        };
        // Opened outside the lock, since it decrypts. Two threads may both do it once, which is harmless.
        let part = Arc::new(open_part(file, extent, &self.cache)?);
        let mut open = lock(&self.open);
        let now = open.clock;
        if open.parts.len() >= MOST_OPEN_PARTS {
            let oldest = open.parts.iter().min_by_key(|(_, (_, used))| *used).map(|(number, _)| *number);
            oldest.map(|number| open.parts.remove(&number));
        }
        open.parts.insert(extent.number, (Arc::clone(&part), now));
        Ok(part)
    }
}

impl OpenParts {
    /// The staging file holds many parts: it is opened once.
    fn file(&mut self, path: &Path) -> io::Result<Arc<File>> {
        if let Some(file) = self.files.get(path).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = Arc::new(File::open(path)?);
        self.files.retain(|_, file| file.strong_count() > 0);
        self.files.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shelf({} parts open)", lock(&self.open).parts.len())
    }
}

fn open_part(file: Arc<File>, extent: &GrantedExtent, cache: &Arc<ChunkCache>) -> Result<PartReader, PartError> {
    let region = Region { file, at: extent.at, len: extent.sealed };
    PartReader::open(Arc::new(region), &extent.key, extent.number, Arc::clone(cache))
}

/// A stretch of a file.
#[derive(Debug)]
struct Region {
    file: Arc<File>,
    at: u64,
    len: u64,
}

impl ReadAt for Region {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], _: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buf, self.at.checked_add(pos).ok_or(io::ErrorKind::UnexpectedEof)?)
    }
}

/// Reads the bytes of an extent in order, for moving them to another part.
pub(super) fn read_extent(
    extent: &GrantedExtent,
    cache: &Arc<ChunkCache>,
    mut take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let reading = |e: io::Error| StoreError::disk(Doing::Reading, &e);
    let file = Arc::new(File::open(&extent.file).map_err(reading)?);
    let part = open_part(file, extent, cache).map_err(|e| StoreError::part(Doing::Reading, e))?;
    let mut buffer = zeroize::Zeroizing::new(vec![0; part.chunk_size().bytes()]);
    let (mut pos, mut left, mut hint) = (extent.offset, extent.bytes, Hint::default());
    while left > 0 {
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(now) = buffer.get_mut(..n) else { break };
        part.read_at(pos, now, &mut hint).map_err(reading)?;
        take(now)?;
        pos += n as u64;
        left -= n as u64;
    }
    Ok(())
}
