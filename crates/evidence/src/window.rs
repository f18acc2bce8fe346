//! A stretch of another source, as a source of its own.

use crate::{Bytes, Hint, ReadAt};
use std::io;

#[derive(Debug)]
pub(crate) struct Window {
    source: Bytes,
    start: u64,
    len: u64,
}

impl Window {
    /// `None` if the stretch does not lie within `source`.
    pub(crate) fn new(source: Bytes, start: u64, len: u64) -> Option<Self> {
        let end = start.checked_add(len)?;
        (end <= source.len()).then_some(Self { source, start, len })
    }
}

impl ReadAt for Window {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.source.read_at(self.start + pos, buf, hint)
    }
}
