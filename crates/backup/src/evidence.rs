//! The files of a backup by the names they had on the phone.

use crate::{
    BackupError, CarriedKey, Counts, Decrypted, Facts, FileId, Keys, Manifest, Place, Refusal, Row, RowKind, Trouble,
    cbc::stored, file_id,
};
use sha1::{Digest, Sha1};
use std::{fmt, io, ops::ControlFlow, sync::Arc};
use uitlezen_evidence::{Bytes, Evidence, EvidenceError, Hint, Item, ItemName};

/// Bytes hashed at a time.
const PIECE: usize = 256 << 10;

/// Files of a backup, as items `<domain>/<path>`.
pub struct BackupEvidence {
    inner: Arc<dyn Evidence>,
    place: Place,
    facts: Facts,
    keys: Option<Keys>,
    items: Vec<Item>,
    /// Beside the items, one each.
    held: Vec<Held>,
    counts: Counts,
    missing: Vec<Missing>,
}

/// A wanted file of which the backup has the row and not the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Missing {
    /// As the row has it.
    pub item: Item,
    pub id: FileId,
    /// SHA-1 of the bytes as stored, where the row has it.
    pub digest: Option<[u8; 20]>,
}

impl fmt::Debug for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Missing").field("item", &self.item).finish_non_exhaustive()
    }
}

/// What is needed to open an item.
#[derive(Clone, Copy)]
struct Held {
    id: FileId,
    /// The id is not the digest of the name.
    odd: bool,
    key: Option<CarriedKey>,
    digest: Option<[u8; 20]>,
    trouble: Option<Trouble>,
}

impl BackupEvidence {
    pub(crate) fn list(
        inner: Arc<dyn Evidence>,
        place: Place,
        facts: Facts,
        keys: Option<Keys>,
        manifest: &Manifest,
        wanted: &dyn Fn(&str, &str) -> bool,
    ) -> Result<Self, BackupError> {
        let mut listing = Listing::new(&*inner, &place, keys.as_ref(), wanted);
        manifest.each(&mut |row| {
            listing.take(row);
            ControlFlow::Continue(())
        })?;
        let Listing { found, counts, missing, .. } = listing.end();
        let (items, held) = found.into_iter().unzip();
        Ok(Self { inner, place, facts, keys, items, held, counts, missing })
    }

    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Wanted files that are here and in trouble. All but those of [`Trouble::Size`] in an unencrypted backup do not open, and
    /// opening them says why.
    pub fn troubles(&self) -> impl Iterator<Item = (&ItemName, Trouble)> {
        self.items.iter().zip(&self.held).filter_map(|(item, held)| Some((&item.name, held.trouble?)))
    }

    /// Wanted files that are not here, sorted by name. They are not among the items.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The id under which an item is stored.
    #[must_use]
    pub fn file_id(&self, name: &ItemName) -> Option<FileId> {
        self.find(name).map(|(_, held)| held.id)
    }

    /// Compares the stored bytes of an item with the digest in its row; `None` where the row has none, as most have.
    ///
    /// # Errors
    /// As [`Evidence::open`].
    pub fn digest_holds(&self, name: &ItemName) -> Result<Option<bool>, EvidenceError> {
        let (_, held) = self.find(name).ok_or(EvidenceError::Absent)?;
        let Some(stated) = held.digest else { return Ok(None) };
        let source = self.stored_bytes(&held)?;
        let (mut hash, mut hint, mut piece, mut at) = (Sha1::new(), Hint::default(), vec![0; PIECE], 0);
        while at < source.len() {
            let n = usize::try_from(source.len() - at).unwrap_or(PIECE).min(PIECE);
            let Some(part) = piece.get_mut(..n) else { break };
            source.read_at(at, part, &mut hint)?;
            hash.update(&*part);
            at += n as u64;
        }
        Ok(Some(<[u8; 20]>::from(hash.finalize()) == stated))
    }

    fn find(&self, name: &ItemName) -> Option<(&Item, Held)> {
        let at = self.items.binary_search_by(|item| item.name.cmp(name)).ok()?;
        Some((self.items.get(at)?, *self.held.get(at)?))
    }

    fn stored_bytes(&self, held: &Held) -> Result<Bytes, EvidenceError> {
        let (_, item) = self.place.stored(self.inner.items(), &held.id).ok_or(EvidenceError::Absent)?;
        self.inner.open(&item.name)
    }
}

impl Evidence for BackupEvidence {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let (item, held) = self.find(name).ok_or(EvidenceError::Absent)?;
        let broken = |what: &str| EvidenceError::Damaged(what.to_owned());
        match held.trouble {
            // Not among the items.
            Some(Trouble::Missing) => return Err(EvidenceError::Absent),
            Some(Trouble::NoKey) => return Err(broken("its row has no key")),
            Some(Trouble::Locked) => return Err(broken("the password does not open its class")),
            Some(Trouble::Size) | None => {}
        }
        let stored = self.stored_bytes(&held)?;
        let Some(keys) = &self.keys else {
            // What has changed since it was listed.
            return if stored.len() == item.bytes {
                Ok(stored)
            } else {
                Err(broken("it is of another size than when it was listed"))
            };
        };
        if stored.is_empty() && item.bytes == 0 {
            return Ok(stored);
        }
        let key = held.key.as_ref().and_then(|key| keys.file(key)).ok_or_else(|| broken("its key is damaged"))?;
        let plain = Decrypted::open(stored, &key).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => EvidenceError::Damaged(error.to_string()),
            _ => EvidenceError::Io(error),
        })?;
        if uitlezen_evidence::ReadAt::len(&plain) != item.bytes {
            return Err(broken("it is of another size than its row says"));
        }
        Ok(Arc::new(plain))
    }
}

impl fmt::Debug for BackupEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackupEvidence").field("items", &self.items.len()).finish_non_exhaustive()
    }
}

/// Going through the rows.
struct Listing<'a> {
    stored: &'a [Item],
    place: &'a Place,
    keys: Option<&'a Keys>,
    wanted: &'a dyn Fn(&str, &str) -> bool,
    /// One bit for every stored item: some row names it.
    named: Vec<u64>,
    found: Vec<(Item, Held)>,
    counts: Counts,
    missing: Vec<Missing>,
}

impl<'a> Listing<'a> {
    fn new(inner: &'a dyn Evidence, place: &'a Place, keys: Option<&'a Keys>, wanted: &'a dyn Fn(&str, &str) -> bool) -> Self {
        let stored = inner.items();
        Self {
            stored,
            place,
            keys,
            wanted,
            named: vec![0; stored.len().div_ceil(64)],
            found: Vec::new(),
            counts: Counts::default(),
            missing: Vec::new(),
        }
    }

    fn take(&mut self, row: Result<Row<'_>, Refusal>) {
        self.counts.rows += 1;
        if let Err(why) = row.and_then(|row| self.row(&row)) {
            *self.counts.refused.entry(why).or_default() += 1;
        }
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        match row.kind {
            RowKind::File => {}
            RowKind::Folder => {
                self.counts.folders += 1;
                return Ok(());
            }
            RowKind::Symlink => {
                self.counts.symlinks += 1;
                return Ok(());
            }
            RowKind::Other(_) => {
                self.counts.other_rows += 1;
                return Ok(());
            }
        }
        let at = self.place.stored(self.stored, &row.id);
        if let Some(word) = at.and_then(|(at, _)| self.named.get_mut(at / 64).map(|word| (word, at % 64))) {
            *word.0 |= 1 << word.1;
        }
        let odd = file_id(row.domain, row.path) != row.id;
        self.counts.odd_ids += u64::from(odd);
        if row.domain.is_empty() || row.domain.contains('/') || row.path.is_empty() {
            return Err(Refusal::Name);
        }
        if !(self.wanted)(row.domain, row.path) {
            self.counts.unwanted += 1;
            return Ok(());
        }
        let name = ItemName::new(format!("{}/{}", row.domain, row.path)).map_err(|_| Refusal::Name)?;
        let file = row.file().map_err(|_| Refusal::Archive)?;
        let stored = at.map(|(_, item)| item.bytes);
        let trouble = self.trouble(file.size, file.key.as_ref(), stored);
        // Without encryption there is no telling which of two sizes is right: what is there can be read, and counts as trouble.
        let bytes = if self.keys.is_none() { stored.unwrap_or(file.size) } else { file.size };
        let item = Item { name, bytes, modified: file.modified };
        self.found.push((item, Held { id: row.id, odd, key: file.key, digest: file.digest, trouble }));
        Ok(())
    }

    fn trouble(&self, size: u64, key: Option<&CarriedKey>, bytes: Option<u64>) -> Option<Trouble> {
        let Some(bytes) = bytes else { return Some(Trouble::Missing) };
        let Some(keys) = self.keys else { return (bytes != size).then_some(Trouble::Size) };
        match key {
            None => Some(Trouble::NoKey),
            Some(key) if !keys.has(key) => Some(Trouble::Locked),
            // A file without bytes has a block of padding; one without that has lost nothing.
            Some(_) => (stored(size) != Some(bytes) && (size, bytes) != (0, 0)).then_some(Trouble::Size),
        }
    }

    /// Sorts, refuses names that come twice, counts, and sets what is missing apart.
    fn end(mut self) -> Self {
        // Of two rows of one name the one whose id is right counts.
        self.found.sort_unstable_by(|(a, x), (b, y)| (&a.name, x.odd, x.id).cmp(&(&b.name, y.odd, y.id)));
        let all = self.found.len();
        self.found.dedup_by(|(later, _), (first, _)| later.name == first.name);
        if let Some(twice) = all.checked_sub(self.found.len()).filter(|&twice| twice > 0) {
            *self.counts.refused.entry(Refusal::Twice).or_default() += twice as u64;
        }
        for (item, held) in &self.found {
            self.counts.wanted += 1;
            self.counts.wanted_bytes = self.counts.wanted_bytes.saturating_add(item.bytes);
            if let Some(trouble) = held.trouble {
                *self.counts.trouble.entry(trouble).or_default() += 1;
            }
        }
        let gone = self.found.extract_if(.., |(_, held)| held.trouble == Some(Trouble::Missing));
        self.missing = gone.map(|(item, held)| Missing { item, id: held.id, digest: held.digest }).collect();
        self.counts.without_row = self.without_row();
        self
    }

    /// Files that look like stored ones and that no row has named.
    fn without_row(&self) -> u64 {
        let unnamed = self.stored.iter().enumerate().filter(|(at, item)| {
            let named = self.named.get(at / 64).is_some_and(|word| word & 1 << (at % 64) != 0);
            let below = item.name.as_str().strip_prefix(self.place.prefix());
            !named && below.is_some_and(|below| FileId::from_digits(below.rsplit('/').next().unwrap_or(below)).is_some())
        });
        unnamed.count() as u64
    }
}
