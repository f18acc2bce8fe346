//! What can go wrong with a phone, on request (`reference/crates.md §2`, `reference/peers.md B7`).
//!
//! A fault is set on the device and fires when its moment comes; the moment is a file, a folder, a service or a connection.

use super::providers::Happening;
use crate::FileBytes;
use std::{sync::Arc, time::Duration};

/// One way to misbehave.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Frames of an earlier session are still in the pipe and come before the answer to CNXN.
    StaleFrames { frames: u32 },
    /// Every shell and exec service is refused at OPEN.
    ShellRefused,
    /// The sync service is refused at OPEN.
    SyncRefused,
    /// A shell command that begins with these words never stops writing.
    EndlessShell { command: String },
    /// A shell command that begins with these words is accepted and then says nothing.
    SilentShell { command: String },
    /// A pause before every payload.
    Slow { pause: Duration },
    /// A listing of this folder also carries names no kernel would allow: `..`, a slash, control characters, bytes that are
    /// no UTF-8, an empty name, and one of 1 MiB.
    HostileNames { folder: Vec<u8> },
    /// A listing of this folder also carries this many empty files.
    Crowd { folder: Vec<u8>, entries: u32 },
    /// A listing of this folder stops before its end, and the stream stays open.
    ListHangs { folder: Vec<u8> },
    /// Something happens to a content provider when it is asked for the `query`th time, or later.
    Provider { uri: String, query: u64, what: Happening },
    /// Something happens while this file is pulled.
    Pull { file: Vec<u8>, how: Pull },
}

/// What happens to a pull. `after` counts bytes of the file; the fault fires before the block that would pass it.
#[derive(Debug, Clone)]
pub enum Pull {
    /// FAIL with this text instead of data.
    Refused { text: String },
    /// FAIL with this text after some data.
    FailsAfter { after: u64, text: String },
    /// The header of every block lies across two payloads.
    SplitHeaders,
    /// Every payload is this small; under 8 bytes cuts even the header of a block.
    Crumbs { bytes: u16 },
    /// Nothing comes any more; the stream stays open.
    Hangs { after: u64 },
    /// A header whose magic is wrong.
    BadMagic { after: u64 },
    /// A block that claims 4 GiB.
    HugeBlock { after: u64 },
    /// A message that claims 4 GiB.
    HugeMessage { after: u64 },
    /// A block of a kind nobody knows.
    UnknownBlock { after: u64 },
    /// The phone is gone: cable out, battery empty.
    Vanishes { after: u64 },
    /// The stream is closed without an end mark.
    ClosesEarly { after: u64 },
    /// The end mark comes early.
    DoneEarly { after: u64 },
    /// Somebody writes the file meanwhile: from here on it has these bytes and this time.
    Changes { after: u64, bytes: Arc<dyn FileBytes>, modified: i64 },
}

impl Pull {
    /// The position in the file where it fires; `None` for what holds from the start.
    pub(crate) fn after(&self) -> Option<u64> {
        match self {
            Pull::Refused { .. } | Pull::SplitHeaders | Pull::Crumbs { .. } => None,
            Pull::FailsAfter { after, .. }
            | Pull::Hangs { after }
            | Pull::BadMagic { after }
            | Pull::HugeBlock { after }
            | Pull::HugeMessage { after }
            | Pull::UnknownBlock { after }
            | Pull::Vanishes { after }
            | Pull::ClosesEarly { after }
            | Pull::DoneEarly { after }
            | Pull::Changes { after, .. } => Some(*after),
        }
    }
}

/// How often a fault fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Always,
    /// This many times, then never again.
    Only(u32),
}

/// The faults that are set, of whatever kind of phone.
#[derive(Debug)]
pub(crate) struct Faults<F>(Vec<(F, Times)>);

impl<F> Default for Faults<F> {
    fn default() -> Faults<F> {
        Faults(Vec::new())
    }
}

impl<F> Faults<F> {
    pub(crate) fn add(&mut self, fault: F, times: Times) {
        self.0.push((fault, times));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether one that is still to fire is such a fault.
    pub(crate) fn has(&self, is_such: impl Fn(&F) -> bool) -> bool {
        self.0.iter().any(|(fault, times)| *times != Times::Only(0) && is_such(fault))
    }

    /// The first fault that `pick` wants, with one firing taken off it.
    pub(crate) fn fire<T>(&mut self, pick: impl Fn(&F) -> Option<T>) -> Option<T> {
        let (at, found) = self.0.iter().enumerate().find_map(|(at, (fault, times))| match times {
            Times::Only(0) => None,
            _ => pick(fault).map(|found| (at, found)),
        })?;
        if let Some((_, Times::Only(left))) = self.0.get_mut(at) {
            *left -= 1;
        }
        Some(found)
    }
}

/// Names that no client may take for a path.
pub(crate) fn hostile_names() -> Vec<Vec<u8>> {
    vec![
        b"..".to_vec(),
        b"../../../../etc/passwd".to_vec(),
        b"/etc/passwd".to_vec(),
        b"a/b".to_vec(),
        b"line\nbreak\r\x1b[2J".to_vec(),
        b"zero\0byte".to_vec(),
        vec![0xff, 0xfe, b'x'],
        "\u{202e}gpj.exe".into(),
        b"..\\..\\x".to_vec(),
        Vec::new(),
        vec![b'n'; 1 << 20],
    ]
}
