//! The file in which the station keeps what earlier seals of one phone hold.
//!
//! `UITLHELD` · version u32 BE · key id (16 bytes) · CRC-32 of these 28 bytes, u32 BE · then a part as in the seal's FORMAT.md,
//! section 6, number 1: inside are lines of JSON, first [`PhoneState`], then one [`HeldLine`] an attachment. Everything follows
//! from the phone's fingerprint key in the vault: the name of the file, the key id, the key of the part, and the key under which
//! paths are hashed, so that neither the name nor a copy of the file says which phone it is.
//!
//! The file is written whole beside the old one, synced and renamed. What cannot be read is never relied on: the run then
//! transfers everything, says so, and the file is made anew.

use super::known::{HeldLine, Known, PathKeys, PhoneState};
use hkdf::Hkdf;
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use uitlezen_evidence::{ChunkCache, FileSource, Hint, ReadAt, Reader};
use uitlezen_seal::part::{ChunkSize, PartKey, PartReader, PartWriter};
use zeroize::Zeroizing;

/// In the state folder.
const FOLDER: &str = "gehouden";
const MAGIC: &[u8; 8] = b"UITLHELD";
const VERSION: u32 = 1;
const HEAD: usize = 32;
const PART: u32 = 1;
/// A phone with two million attachments stays under it.
const LARGEST: u64 = 1 << 30;
/// A seal is described in some 300 bytes, and relies on at most 256 others.
const LONGEST_STATE: u64 = 64 << 20;
/// An item's name has at most 4096 bytes, and an item lies in at most 899 parts.
const LONGEST_LINE: u64 = 16 << 10;
/// Read once, in order.
const CACHE: usize = 1 << 20;
/// A change takes a second with very many attachments; who holds the file this long hangs.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EarlierError {
    #[error("the list of earlier seals is damaged: {0}")]
    Damaged(&'static str),
    #[error("the list of earlier seals is of another phone, or under another key")]
    OtherKey,
    #[error("the list of earlier seals is of version {0}, which is not known here")]
    Newer(u32),
    #[error("another process holds the list of earlier seals")]
    Busy,
    #[error("the list of earlier seals would hold more than it may: {0}")]
    TooMuch(&'static str),
    #[error("the list of earlier seals: {0}")]
    Io(#[from] io::Error),
}

impl EarlierError {
    /// Whether the file itself is at fault, so that another must take its place.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::OtherKey)
    }
}

/// The file of one phone.
pub struct EarlierFile {
    path: PathBuf,
    id: [u8; 16],
    part: PartKey,
    paths: PathKeys,
}

impl std::fmt::Debug for EarlierFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EarlierFile").finish_non_exhaustive()
    }
}

fn derived<const N: usize>(key: &SecretBox<[u8; 32]>, info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    // Fails only for lengths beyond 8160 bytes.
    let _ = Hkdf::<Sha256>::new(None, key.expose_secret()).expand(info, out.as_mut());
    out
}

impl EarlierFile {
    /// The file of the phone whose fingerprint key this is, in a state folder. Nothing is made or read yet.
    #[must_use]
    pub fn new(state: &Path, key: &SecretBox<[u8; 32]>) -> Self {
        let name = derived::<16>(key, b"uitlezen/1 held name");
        Self {
            path: state.join(FOLDER).join(format!("{}.held", hex::encode(name.as_slice()))),
            id: *derived(key, b"uitlezen/1 held key id"),
            part: PartKey::from_bytes(&mut derived(key, b"uitlezen/1 held part")),
            paths: PathKeys::new(derived(key, b"uitlezen/1 held path")),
        }
    }

    /// Under which attachments are looked up.
    #[must_use]
    pub fn paths(&self) -> &PathKeys {
        &self.paths
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known; a phone of which nothing was ever kept has an empty list.
    pub fn read(&self) -> Result<Known, EarlierError> {
        let file = match File::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Known::default()),
            file => file?,
        };
        if file.metadata()?.len() > LARGEST {
            return Err(EarlierError::Damaged("larger than it can be"));
        }
        let sealed = Behind::head(FileSource::over(file)?, &self.id)?;
        let cache = Arc::new(ChunkCache::new(CACHE));
        let part = PartReader::open(Arc::new(sealed), &self.part, PART, cache)
            .map_err(|_| EarlierError::Damaged("cut off or changed"))?;
        let mut lines = BufReader::with_capacity(1 << 16, Reader::new(Arc::new(part)));
        let mut line = Zeroizing::new(Vec::new());
        let state: PhoneState = next(&mut lines, &mut line, LONGEST_STATE)?.ok_or(EarlierError::Damaged("empty"))?;
        let mut known = Known::new(state)?;
        while let Some(held) = next::<HeldLine>(&mut lines, &mut line, LONGEST_LINE)? {
            known.add(held)?;
        }
        Ok(known)
    }

    /// Reads, changes and writes the list while no other process can. A file that is damaged or of another phone is replaced;
    /// one of a newer version is left as it is.
    pub fn change<T>(&self, change: impl FnOnce(&mut Known) -> Result<T, EarlierError>) -> Result<T, EarlierError> {
        let folder = self.path.parent().ok_or(EarlierError::Damaged("no folder"))?;
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let _turn = turn(&self.path.with_extension("lock"), LONGEST_WAIT)?;
        let mut known = match self.read() {
            Err(e) if e.is_of_the_file() => Known::default(),
            read => read?,
        };
        let out = change(&mut known)?;
        self.write(folder, &known)?;
        Ok(out)
    }

    fn write(&self, folder: &Path, known: &Known) -> Result<(), EarlierError> {
        let beside = self.path.with_extension("new");
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&head(&self.id, VERSION))?;
        let part = PartWriter::new(BufWriter::new(file), &self.part, PART, ChunkSize::STREAM).map_err(io::Error::from)?;
        let mut lines = BufWriter::with_capacity(1 << 16, part);
        put(&mut lines, &known.state, LONGEST_STATE)?;
        for held in known.lines() {
            put(&mut lines, &held, LONGEST_LINE)?;
        }
        let part = lines.into_inner().map_err(io::IntoInnerError::into_error)?;
        let (written, summary) = part.finish().map_err(io::Error::from)?;
        let file = written.into_inner().map_err(io::IntoInnerError::into_error)?;
        if summary.sealed + HEAD as u64 > LARGEST {
            return Err(EarlierError::TooMuch("bytes"));
        }
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        Ok(File::open(folder)?.sync_all()?)
    }
}

fn head(id: &[u8; 16], version: u32) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    let fields = [MAGIC.as_slice(), &version.to_be_bytes(), id].concat();
    let checked = [fields.as_slice(), &crc32fast::hash(&fields).to_be_bytes()].concat();
    head.iter_mut().zip(checked).for_each(|(to, byte)| *to = byte);
    head
}

/// The part behind the head.
#[derive(Debug)]
struct Behind(FileSource);

impl Behind {
    fn head(file: FileSource, id: &[u8; 16]) -> Result<Self, EarlierError> {
        let mut found = [0; HEAD];
        if file.len() < HEAD as u64 {
            return Err(EarlierError::Damaged("shorter than its head"));
        }
        file.read_at(0, &mut found, &mut Hint::default())?;
        let version = found.get(8..12).and_then(|v| v.try_into().ok()).map(u32::from_be_bytes).unwrap_or_default();
        let theirs: [u8; 16] = found.get(12..28).and_then(|v| v.try_into().ok()).unwrap_or_default();
        // Its own checksum first: a head that was damaged is not one of another phone.
        if found != head(&theirs, version) {
            return Err(EarlierError::Damaged("its head"));
        }
        if version != VERSION {
            return Err(EarlierError::Newer(version));
        }
        if theirs == *id { Ok(Self(file)) } else { Err(EarlierError::OtherKey) }
    }
}

impl ReadAt for Behind {
    fn len(&self) -> u64 {
        self.0.len().saturating_sub(HEAD as u64)
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        self.0.read_at(pos.saturating_add(HEAD as u64), buf, hint)
    }
}

fn next<T: DeserializeOwned>(from: &mut impl BufRead, line: &mut Vec<u8>, longest: u64) -> Result<Option<T>, EarlierError> {
    line.clear();
    let read = from.take(longest + 1).read_until(b'\n', line).map_err(|e| match e.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => EarlierError::Damaged("cut off or changed"),
        _ => e.into(),
    })?;
    if read == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(EarlierError::Damaged("a line without end"));
    }
    serde_json::from_slice(line).map(Some).map_err(|_| EarlierError::Damaged("a line of another form"))
}

fn put<T: Serialize>(to: &mut impl Write, value: &T, longest: u64) -> Result<(), EarlierError> {
    let mut line = Zeroizing::new(serde_json::to_vec(value).map_err(|_| EarlierError::TooMuch("a line"))?);
    if line.len() as u64 >= longest {
        return Err(EarlierError::TooMuch("a line"));
    }
    line.push(b'\n');
    Ok(to.write_all(&line)?)
}

/// One process at a time; the system lets go of it when a process ends, however it ends.
fn turn(path: &Path, longest: Duration) -> Result<File, EarlierError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let end = Instant::now() + longest;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < end => thread::sleep(Duration::from_millis(20)),
            Err(Errno::WOULDBLOCK | Errno::INTR) => return Err(EarlierError::Busy),
            Err(error) => return Err(EarlierError::Io(error.into())),
        }
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
