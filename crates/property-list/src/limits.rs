//! How large a list may be, and the counting down while it is read.

use crate::{PlistError, TooLarge};

/// Deeper than this is refused whatever [`Limits::depth`] says: reading, comparing and dropping a value recurse.
const DEEPEST: usize = 512;

/// How much of a list is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the list.
    pub input: usize,
    /// Values within values. At most 512.
    pub depth: usize,
    /// Number of values, keys of dictionaries among them. One takes some 32 bytes beside its content.
    pub nodes: usize,
    /// Bytes of all strings and data.
    pub bytes: usize,
}

impl Default for Limits {
    /// Room for the largest that is met: the manifest of a phone with hundreds of apps is below 10 MB.
    fn default() -> Self {
        Self { input: 64 << 20, depth: 128, nodes: 1_000_000, bytes: 64 << 20 }
    }
}

impl Limits {
    pub(crate) fn budget(&self, input: usize) -> Result<Budget, PlistError> {
        if input > self.input {
            return Err(PlistError::TooLarge(TooLarge::Input));
        }
        Ok(Budget { depth: self.depth.min(DEEPEST), nodes: self.nodes, bytes: self.bytes })
    }
}

/// What is left of the limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) depth: usize,
    nodes: usize,
    bytes: usize,
}

impl Budget {
    /// Takes values out of the budget before they are made.
    pub(crate) fn nodes(&mut self, wanted: usize) -> Result<(), PlistError> {
        self.nodes = self.nodes.checked_sub(wanted).ok_or(PlistError::TooLarge(TooLarge::Nodes))?;
        Ok(())
    }

    /// Takes bytes of strings and data out of it before they are copied.
    pub(crate) fn bytes(&mut self, wanted: usize) -> Result<(), PlistError> {
        self.bytes = self.bytes.checked_sub(wanted).ok_or(PlistError::TooLarge(TooLarge::Bytes))?;
        Ok(())
    }
}
