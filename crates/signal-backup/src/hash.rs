//! The keyed hash that both formats use, over pieces and over stretches of a source.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io;
use uitlezen_evidence::{Bytes, Hint};

/// HMAC-SHA-256 under one key, ready for any number of messages.
#[derive(Clone)]
pub(crate) struct Keyed(Hmac<Sha256>);

/// Bytes of a whole tag.
pub(crate) const TAG: usize = 32;
/// Read at once.
const PIECE: usize = 1 << 18;

impl Keyed {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Hmac::new(&Self::block(key)))
    }

    /// A key of 32 bytes as the block that it is filled up to.
    fn block(key: &[u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        block
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Takes in a stretch of a source, piece by piece.
    pub(crate) fn update_from(&mut self, source: &Bytes, mut pos: u64, len: u64, hint: &mut Hint) -> io::Result<()> {
        let end = pos.checked_add(len).ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut piece = vec![0; usize::try_from(len).unwrap_or(PIECE).min(PIECE)];
        while pos < end {
            let n = piece.len().min(usize::try_from(end - pos).unwrap_or(PIECE));
            let Some(now) = piece.get_mut(..n) else { break };
            source.read_at(pos, now, hint)?;
            self.0.update(now);
            pos += n as u64;
        }
        Ok(())
    }

    /// Whether `tag` is how the tag begins. In constant time.
    pub(crate) fn is(self, tag: &[u8]) -> bool {
        self.0.verify_truncated_left(tag).is_ok()
    }
}
