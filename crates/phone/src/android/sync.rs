//! The sync service's answers as push parsers: bytes in whatever pieces they come, decided by headers, never by content.
//!
//! Layouts: reference/android.md §1.1 for v1; v2 as captured (stat 72 bytes, entry 76 bytes and its name).

use super::message::{le32, le64};
use crate::error::{Fault, PhoneError, Refusal};

const DATA: u32 = tag(b"DATA");
const DONE: u32 = tag(b"DONE");
const FAIL: u32 = tag(b"FAIL");
/// Largest DATA block of the sync service.
const DATA_MAX: u32 = 64 * 1024;
/// Longest `FAIL` text we take in before sorting it.
const FAIL_MAX: u32 = 64 * 1024;
/// Longest file name we take; Linux has 255 bytes. A longer one is passed over unread and handed on as [`NO_NAME`].
const NAME_MAX: u32 = 1024;
/// Longest name that is passed over; beyond, the listing is no listing.
const NAME_SKIPPED: u32 = 16 << 20;
/// Stands for a name that was not taken in; no name validation lets it through.
pub(crate) const NO_NAME: &[u8] = b"\0";

pub(crate) const fn tag(text: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*text)
}

/// A request: four letters, length, path.
pub(crate) fn request(id: &[u8; 4], path: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + path.len());
    out.extend_from_slice(id);
    out.extend_from_slice(&(path.len() as u32).to_le_bytes());
    out.extend_from_slice(path.as_bytes());
    out
}

/// What kind of thing a mode names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    Other,
}

impl Kind {
    #[must_use]
    pub fn of_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o100_000 => Self::File,
            0o040_000 => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// Size and time of one file, as the phone says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub kind: Kind,
    pub bytes: u64,
    /// Unix seconds.
    pub modified: i64,
    /// `false`: the size is the lower 32 bits of the true one (sync v1).
    pub exact: bool,
}

/// One name in a folder; the bytes are as the phone sent them.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub name: &'a [u8],
    /// `Err`: the phone could list the name but not look at it.
    pub stat: Result<Stat, Refusal>,
}

/// Collects up to a wanted number of bytes across pieces.
#[derive(Debug, Default)]
struct Gather(Vec<u8>);

impl Gather {
    /// Takes from `bytes` until `want` are here; `true` when they are.
    fn take(&mut self, bytes: &mut &[u8], want: usize) -> bool {
        let n = want.saturating_sub(self.0.len()).min(bytes.len());
        let (head, tail) = bytes.split_at(n);
        self.0.extend_from_slice(head);
        *bytes = tail;
        self.0.len() >= want
    }
}

/// RECV and RCV2: `DATA` blocks, then `DONE` or `FAIL`.
#[derive(Debug, Default)]
pub(crate) struct PullParser {
    state: Pull,
    header: Gather,
    pub(crate) received: u64,
}

#[derive(Debug, Default)]
enum Pull {
    #[default]
    Header,
    Data(u32),
    Fail(Gather, u32),
}

impl PullParser {
    /// `Ok(true)` at `DONE`. The phone's `FAIL` is an error and never reaches `sink`.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>,
    ) -> Result<bool, PhoneError> {
        while !bytes.is_empty() {
            match &mut self.state {
                Pull::Header => {
                    if !self.header.take(&mut bytes, 8) {
                        return Ok(false);
                    }
                    let (id, length) = (le32(&self.header.0, 0), le32(&self.header.0, 4));
                    self.header.0.clear();
                    match id {
                        DATA if length > DATA_MAX => return Err(too_long(length, DATA_MAX)),
                        DATA if length == 0 => {}
                        DATA => self.state = Pull::Data(length),
                        DONE if bytes.is_empty() => return Ok(true),
                        DONE => return Err(Fault::Trailing.into()),
                        FAIL if length > FAIL_MAX => return Err(too_long(length, FAIL_MAX)),
                        FAIL if length == 0 => return Err(Refusal::Other.into()),
                        FAIL => self.state = Pull::Fail(Gather::default(), length),
                        other => return Err(Fault::SyncAnswer(other).into()),
                    }
                }
                Pull::Data(left) => {
                    let (head, tail) = bytes.split_at(bytes.len().min(*left as usize));
                    *left -= head.len() as u32;
                    self.received += head.len() as u64;
                    if *left == 0 {
                        self.state = Pull::Header;
                    }
                    bytes = tail;
                    sink(head)?;
                }
                Pull::Fail(text, length) => {
                    if text.take(&mut bytes, *length as usize) {
                        return Err(Refusal::from_text(&text.0).into());
                    }
                }
            }
        }
        Ok(false)
    }
}

/// The two versions of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// LIST and LIS2: entries, then `DONE` with the body of an empty entry.
#[derive(Debug)]
pub(crate) struct ListParser {
    version: Version,
    gather: Gather,
    /// Bytes of an overlong name still to be passed over.
    skip: usize,
    pub(crate) entries: u64,
}

impl ListParser {
    pub(crate) fn new(version: Version) -> Self {
        Self { version, gather: Gather::default(), skip: 0, entries: 0 }
    }

    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        each: &mut dyn FnMut(Entry<'_>) -> Result<(), PhoneError>,
    ) -> Result<bool, PhoneError> {
        let (entry, fixed, name_at) = match self.version {
            Version::V1 => (tag(b"DENT"), 20, 16),
            Version::V2 => (tag(b"DNT2"), 76, 72),
        };
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            if !self.gather.take(&mut bytes, 8) {
                return Ok(false);
            }
            let id = le32(&self.gather.0, 0);
            if id == FAIL {
                let length = le32(&self.gather.0, 4);
                if length > FAIL_MAX {
                    return Err(too_long(length, FAIL_MAX));
                }
                if !self.gather.take(&mut bytes, 8 + length as usize) {
                    return Ok(false);
                }
                return Err(Refusal::from_text(self.gather.0.get(8..).unwrap_or_default()).into());
            }
            if id != entry && id != DONE {
                return Err(Fault::SyncAnswer(id).into());
            }
            if !self.gather.take(&mut bytes, fixed) {
                return Ok(false);
            }
            if id == DONE {
                return if bytes.is_empty() { Ok(true) } else { Err(Fault::Trailing.into()) };
            }
            let name_length = le32(&self.gather.0, name_at);
            if name_length > NAME_SKIPPED {
                return Err(too_long(name_length, NAME_SKIPPED));
            }
            if name_length > NAME_MAX {
                each(Entry { name: NO_NAME, stat: Err(Refusal::Other) })?;
                self.skip = name_length as usize;
                self.entries += 1;
                self.gather.0.clear();
                continue;
            }
            if !self.gather.take(&mut bytes, fixed + name_length as usize) {
                return Ok(false);
            }
            let name = self.gather.0.get(fixed..).unwrap_or_default();
            let stat = match self.version {
                Version::V1 => Ok(stat_v1(&self.gather.0)),
                Version::V2 => stat_v2(&self.gather.0),
            };
            each(Entry { name, stat })?;
            self.entries += 1;
            self.gather.0.clear();
        }
        Ok(false)
    }
}

/// STAT, STA2 and LST2: one answer of fixed size.
#[derive(Debug)]
pub(crate) struct StatParser {
    version: Version,
    expect: u32,
    gather: Gather,
}

impl StatParser {
    /// `expect`: the letters the answer begins with, those of the request.
    pub(crate) fn new(version: Version, expect: &[u8; 4]) -> Self {
        Self { version, expect: tag(expect), gather: Gather::default() }
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<Option<Result<Stat, Refusal>>, PhoneError> {
        let size = match self.version {
            Version::V1 => 16,
            Version::V2 => 72,
        };
        if !self.gather.take(&mut bytes, 4) {
            return Ok(None);
        }
        let id = le32(&self.gather.0, 0);
        if id != self.expect {
            return Err(Fault::SyncAnswer(id).into());
        }
        if !self.gather.take(&mut bytes, size) {
            return Ok(None);
        }
        if !bytes.is_empty() {
            return Err(Fault::Trailing.into());
        }
        Ok(Some(match self.version {
            // v1 has no error field: nothing but zeros stands for every failure.
            Version::V1 if le32(&self.gather.0, 4) == 0 => Err(Refusal::Other),
            Version::V1 => Ok(stat_v1(&self.gather.0)),
            Version::V2 => stat_v2(&self.gather.0),
        }))
    }
}

/// `STAT`/`DENT`: mode, size, time (u32 each) after the letters.
fn stat_v1(bytes: &[u8]) -> Stat {
    Stat { kind: Kind::of_mode(le32(bytes, 4)), bytes: le32(bytes, 8).into(), modified: le32(bytes, 12).into(), exact: false }
}

/// error u32 @4, dev u64, ino u64, mode u32 @24, nlink, uid, gid u32, size u64 @40, atime, mtime @56, ctime i64.
fn stat_v2(bytes: &[u8]) -> Result<Stat, Refusal> {
    match le32(bytes, 4) {
        0 => Ok(Stat {
            kind: Kind::of_mode(le32(bytes, 24)),
            bytes: le64(bytes, 40),
            modified: le64(bytes, 56).cast_signed(),
            exact: true,
        }),
        errno => Err(Refusal::from_errno(errno)),
    }
}

fn too_long(length: u32, bound: u32) -> PhoneError {
    Fault::TooLong { length: length.into(), bound: bound.into() }.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut out = id.to_vec();
        out.extend_from_slice(&(body.len() as u32).to_le_bytes());
        out.extend_from_slice(body);
        out
    }

    proptest! {
        #[test]
        fn a_pull_is_the_same_however_it_is_cut(blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..8), cut in 1usize..50) {
            let mut wire = Vec::new();
            for b in &blocks {
                wire.extend(block(b"DATA", b));
            }
            wire.extend(block(b"DONE", b""));
            let mut parser = PullParser::default();
            let mut got = Vec::new();
            let mut done = false;
            for piece in wire.chunks(cut) {
                prop_assert!(!done);
                done = parser.feed(piece, &mut |b| { got.extend_from_slice(b); Ok(()) }).unwrap();
            }
            prop_assert!(done);
            prop_assert_eq!(got, blocks.concat());
        }

        #[test]
        fn no_bytes_harm_a_parser(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 1usize..40) {
            let mut pull = PullParser::default();
            for piece in bytes.chunks(cut) { if pull.feed(piece, &mut |_| Ok(())).is_err() { break; } }
            for version in [Version::V1, Version::V2] {
                let mut list = ListParser::new(version);
                for piece in bytes.chunks(cut) { if list.feed(piece, &mut |_| Ok(())).is_err() { break; } }
                let mut stat = StatParser::new(version, b"STAT");
                for piece in bytes.chunks(cut) { if !matches!(stat.feed(piece), Ok(None)) { break; } }
            }
        }
    }

    #[test]
    fn fail_is_an_error_and_never_content() {
        let mut got = 0;
        let error = PullParser::default()
            .feed(&block(b"FAIL", b"Permission denied"), &mut |b| {
                got += b.len();
                Ok(())
            })
            .unwrap_err();
        assert!(matches!(error, PhoneError::Refused(Refusal::NotPermitted)));
        assert_eq!(got, 0);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let mut lie = b"DATA".to_vec();
        lie.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(PullParser::default().feed(&lie, &mut |_| Ok(())).is_err());
        let mut lie = b"DENT".to_vec();
        lie.extend_from_slice(&[0; 12]);
        lie.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(ListParser::new(Version::V1).feed(&lie, &mut |_| Ok(())).is_err());
    }
}
