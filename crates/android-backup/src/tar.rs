//! The tar inside: names and bytes of its files, one after the other. Nothing is written anywhere, so a name is a name.

use crate::BackupError;
use std::io::{self, Read};

const BLOCK: usize = 512;
/// Names that stand in an entry of their own, and lists of such facts.
const LONGEST_FACTS: u64 = 64 << 10;
const LONGEST_NAME: usize = 4096;
/// Files in one backup.
const MOST_ENTRIES: u64 = 10_000_000;
/// Bytes of one backup when inflated, whatever the file claims.
const MOST_BYTES: u64 = 1 << 40;
/// What may stand behind the end: the second empty block, and what fills up a larger one.
const MOST_BEHIND: u64 = 1 << 20;

/// One file.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub bytes: u64,
}

/// A path may name a person's file.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// The files of a backup. Between two calls of [`Entries::next_entry`] the bytes of the file can be read.
pub struct Entries<'r> {
    from: Box<dyn Read + 'r>,
    /// Of the file at hand.
    left: u64,
    padding: u64,
    entries: u64,
    bytes: u64,
    over: bool,
    ended: bool,
}

impl std::fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries").field("entries", &self.entries).finish_non_exhaustive()
    }
}

impl<'r> Entries<'r> {
    pub(crate) fn new(from: Box<dyn Read + 'r>) -> Self {
        Self { from, left: 0, padding: 0, entries: 0, bytes: 0, over: false, ended: false }
    }

    /// The tar as it is, for a test to compare with what others made of it.
    #[cfg(test)]
    pub(crate) fn into_tar(self) -> Box<dyn Read + 'r> {
        self.from
    }

    /// The next file; what is left of the one before is passed over.
    ///
    /// # Errors
    /// Damage, or more than any real backup has.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, BackupError> {
        let mut named: Option<String> = None;
        let mut sized: Option<u64> = None;
        while !self.over {
            self.pass_over()?;
            let mut block = [0; BLOCK];
            let got = fill(&mut self.from, &mut block)?;
            if got == 0 {
                self.over = true;
                return Ok(None);
            }
            if got < BLOCK {
                return Err(BackupError::Damaged);
            }
            if block.iter().all(|byte| *byte == 0) {
                (self.over, self.ended) = (true, true);
                // Behind it stands the sum over all that was inflated.
                io::copy(&mut (&mut self.from).take(MOST_BEHIND), &mut io::sink())?;
                return Ok(None);
            }
            let head = Head::read(&block).ok_or(BackupError::Damaged)?;
            let bytes = sized.take().unwrap_or(head.bytes);
            self.entries += 1;
            self.bytes = self.bytes.saturating_add(bytes);
            if self.entries > MOST_ENTRIES || self.bytes > MOST_BYTES {
                return Err(BackupError::TooLarge);
            }
            (self.left, self.padding) = (bytes, bytes.next_multiple_of(BLOCK as u64) - bytes);
            match head.kind {
                b'0' | 0 => {
                    let path = named.take().unwrap_or(head.path);
                    if path.len() > LONGEST_NAME {
                        return Err(BackupError::TooLarge);
                    }
                    return Ok(Some(Entry { path, bytes }));
                }
                // Facts about the next entry, as a list or as its name.
                b'x' => {
                    let list = self.facts(bytes)?;
                    for (key, value) in records(&list).ok_or(BackupError::Damaged)? {
                        match key {
                            "path" => named = Some(value.to_owned()),
                            "size" => sized = Some(value.parse().map_err(|_| BackupError::Damaged)?),
                            _ => {}
                        }
                    }
                }
                b'L' => named = Some(text(&self.facts(bytes)?)),
                // Folders, links and what else there may be.
                _ => named = None,
            }
        }
        Ok(None)
    }

    /// Whether the mark of the end was met, once there is no next file. A phone always writes it: without it nothing tells
    /// whether there was more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    fn facts(&mut self, bytes: u64) -> Result<Vec<u8>, BackupError> {
        if bytes > LONGEST_FACTS {
            return Err(BackupError::TooLarge);
        }
        let mut facts = Vec::new();
        self.read_to_end(&mut facts)?;
        if facts.len() as u64 == bytes { Ok(facts) } else { Err(BackupError::Damaged) }
    }

    fn pass_over(&mut self) -> Result<(), BackupError> {
        let left = self.left.checked_add(self.padding).ok_or(BackupError::Damaged)?;
        (self.left, self.padding) = (0, 0);
        let passed = io::copy(&mut (&mut self.from).take(left), &mut io::sink())?;
        if passed == left { Ok(()) } else { Err(BackupError::Damaged) }
    }
}

/// The bytes of the file at hand.
impl Read for Entries<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = (&mut self.from).take(self.left).read(buf)?;
        if n == 0 && self.left > 0 && !buf.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        Ok(n)
    }
}

/// What a block of a tar says of the entry behind it.
struct Head {
    path: String,
    bytes: u64,
    kind: u8,
}

impl Head {
    fn read(block: &[u8; BLOCK]) -> Option<Self> {
        let sum = |signed: bool| {
            block.iter().enumerate().fold(0_i64, |sum, (at, byte)| {
                let byte = if (148..156).contains(&at) { b' ' } else { *byte };
                sum + if signed { i64::from(byte.cast_signed()) } else { i64::from(byte) }
            })
        };
        let told = i64::try_from(octal(block.get(148..156)?)?).ok()?;
        if told != sum(false) && told != sum(true) {
            return None;
        }
        let (name, prefix) = (text(block.get(..100)?), text(block.get(345..500)?));
        let ustar = block.get(257..262) == Some(b"ustar");
        let path = if ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name };
        Some(Self { path, bytes: octal(block.get(124..136)?)?, kind: *block.get(156)? })
    }
}

/// A number in octal digits; in the other form, of large files, big-endian behind a mark.
fn octal(field: &[u8]) -> Option<u64> {
    if let Some((0x80, rest)) = field.split_first() {
        return rest.iter().try_fold(0_u64, |n, byte| n.checked_mul(256)?.checked_add(u64::from(*byte)));
    }
    let digits: Vec<u8> = field.iter().copied().take_while(|b| *b != 0).filter(|b| *b != b' ').collect();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// `<length> <key>=<value>\n`, where the length counts all of it.
fn records(mut list: &[u8]) -> Option<Vec<(&str, &str)>> {
    let mut all = Vec::new();
    while !list.is_empty() {
        let space = list.iter().take(20).position(|b| *b == b' ')?;
        let length: usize = std::str::from_utf8(list.get(..space)?).ok()?.parse().ok()?;
        let (record, after) = list.split_at_checked(length)?;
        let record = std::str::from_utf8(record.get(space + 1..)?.strip_suffix(b"\n")?).ok()?;
        all.push(record.split_once('=')?);
        list = after;
    }
    Some(all)
}

fn fill(from: &mut impl Read, block: &mut [u8; BLOCK]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = block.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match from.read(rest)? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}
