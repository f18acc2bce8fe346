//! The bytes of a file on a virtual phone, wherever they come from: memory, a file on disk, or a rule.
//!
//! A rule lets a 5 GiB file cost nothing, and lets two readers agree on every byte of it.

use sha2::{Digest, Sha256};
use std::{fmt::Debug, fs::File, io};

/// The bytes of one file on the phone. Cheap to share, read from many threads.
pub trait FileBytes: Send + Sync + Debug {
    /// Length in bytes.
    fn len(&self) -> u64;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The SHA-256 of all of it, where that was worked out before anybody asked.
    fn sha256(&self) -> Option<[u8; 32]> {
        None
    }

    /// Fills all of `buf` from byte `pos`; reading past the end is [`io::ErrorKind::UnexpectedEof`].
    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()>;
}

impl FileBytes for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(pos).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let from = start.checked_add(buf.len()).and_then(|end| self.get(start..end)).ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(from);
        Ok(())
    }
}

impl FileBytes for Vec<u8> {
    fn len(&self) -> u64 {
        FileBytes::len(self.as_slice())
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(pos, buf)
    }
}

/// A file of this machine shown on the phone; read with `pread`, never loaded whole.
#[derive(Debug)]
pub struct OnDisk {
    file: File,
    len: u64,
}

impl OnDisk {
    /// The length is taken now and kept, as a phone's file does not grow because ours does.
    pub fn new(file: File) -> io::Result<OnDisk> {
        Ok(OnDisk { len: file.metadata()?.len(), file })
    }
}

impl FileBytes for OnDisk {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()> {
        check_end(self.len, pos, buf.len())?;
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_exact_at(&self.file, buf, pos);
        #[cfg(not(unix))]
        {
            use std::io::{Read, Seek, SeekFrom};
            let mut own = self.file.try_clone()?;
            own.seek(SeekFrom::Start(pos))?;
            own.read_exact(buf)
        }
    }
}

/// `len` bytes by rule: every eight bytes are a mix of their position and a seed, so no block repeats and a block that lands
/// in the wrong place shows.
#[derive(Debug, Clone, Copy)]
pub struct Patterned {
    pub len: u64,
    pub seed: u64,
}

impl Patterned {
    fn word(&self, index: u64) -> [u8; 8] {
        // splitmix64's output function: public domain, one multiplication short of expensive
        let mut z = index.wrapping_add(self.seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).to_le_bytes()
    }
}

impl FileBytes for Patterned {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()> {
        check_end(self.len, pos, buf.len())?;
        let skip = (pos % 8) as usize;
        let mut index = pos / 8;
        let (head, rest) = buf.split_at_mut(((8 - skip) % 8).min(buf.len()));
        if !head.is_empty() {
            for (to, from) in head.iter_mut().zip(self.word(index).iter().skip(skip)) {
                *to = *from;
            }
            index += 1;
        }
        let mut words = rest.chunks_exact_mut(8);
        for part in words.by_ref() {
            part.copy_from_slice(&self.word(index));
            index += 1;
        }
        for (to, from) in words.into_remainder().iter_mut().zip(self.word(index)) {
            *to = from;
        }
        Ok(())
    }
}

/// As the content of a file in a backup.
impl uitlezen_evidence::ReadAt for Patterned {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], _: &mut uitlezen_evidence::Hint) -> io::Result<()> {
        FileBytes::read_at(self, pos, buf)
    }
}

/// A file whose digest is worked out when it is put on the phone. A real phone hashes with a processor of its own; the twin
/// shares one with the program that is being measured.
#[derive(Debug)]
pub struct Digested<B> {
    bytes: B,
    sha256: [u8; 32],
}

impl<B: FileBytes> Digested<B> {
    pub fn of(bytes: B) -> io::Result<Digested<B>> {
        let (mut hasher, mut piece, mut at) = (Sha256::new(), vec![0; 256 * 1024], 0);
        while at < bytes.len() {
            let n = usize::try_from(bytes.len() - at).unwrap_or(usize::MAX).min(piece.len());
            let Some(part) = piece.get_mut(..n) else { break };
            bytes.read_at(at, part)?;
            hasher.update(&*part);
            at += n as u64;
        }
        Ok(Digested { bytes, sha256: hasher.finalize().into() })
    }
}

impl<B: FileBytes> FileBytes for Digested<B> {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn sha256(&self) -> Option<[u8; 32]> {
        Some(self.sha256)
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()> {
        self.bytes.read_at(pos, buf)
    }
}

/// A file whose bytes read `DONE` with a zero length exactly where a 64 KiB block of the sync protocol ends, so that a client
/// which looks for the end marker inside the data stops early (`reference/crates.md §2`).
#[derive(Debug, Clone, Copy)]
pub struct SpellsDone {
    pub len: u64,
}

impl SpellsDone {
    /// The block size of stock phones: 64 KiB.
    const BLOCK: u64 = 64 * 1024;
    const MARK: [u8; 8] = *b"DONE\0\0\0\0";
}

impl FileBytes for SpellsDone {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<()> {
        check_end(self.len, pos, buf.len())?;
        for (byte, at) in buf.iter_mut().zip(pos..) {
            let to_end = Self::BLOCK - at % Self::BLOCK;
            let mark = Self::MARK.len() as u64;
            *byte = match mark.checked_sub(to_end) {
                Some(index) => Self::MARK.get(index as usize).copied().unwrap_or(0),
                None => (at % 251) as u8,
            };
        }
        Ok(())
    }
}

fn check_end(len: u64, pos: u64, want: usize) -> io::Result<()> {
    match pos.checked_add(want as u64) {
        Some(end) if end <= len => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_rule_gives_the_same_bytes_whatever_the_cut() {
        let file = Patterned { len: 100, seed: 7 };
        let mut whole = vec![0; 100];
        file.read_at(0, &mut whole).unwrap();
        for from in 0..100 {
            for to in from..=100 {
                let mut part = vec![0; to - from];
                file.read_at(from as u64, &mut part).unwrap();
                assert_eq!(part, whole[from..to]);
            }
        }
        assert_eq!(file.read_at(99, &mut [0; 2]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(file.read_at(u64::MAX, &mut [0; 2]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_digest_worked_out_beforehand_is_that_of_the_bytes() {
        let file = Patterned { len: 700_001, seed: 7 };
        let mut whole = vec![0; 700_001];
        file.read_at(0, &mut whole).unwrap();
        assert_eq!(Digested::of(file).unwrap().sha256(), Some(Sha256::digest(&whole).into()));
    }

    #[test]
    fn done_is_spelled_at_the_end_of_every_block() {
        let file = SpellsDone { len: 131_072 };
        let mut mark = [0; 8];
        file.read_at(65_528, &mut mark).unwrap();
        assert_eq!(&mark, b"DONE\0\0\0\0");
        file.read_at(131_064, &mut mark).unwrap();
        assert_eq!(&mark, b"DONE\0\0\0\0");
        file.read_at(65_520, &mut mark).unwrap();
        assert_ne!(&mark[..4], b"DONE");
    }
}
