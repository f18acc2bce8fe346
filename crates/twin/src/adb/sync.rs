//! `sync:`, the file service, in both its versions (`reference/android.md §1.1`).
//!
//! A request is a four-letter name, a length and a path. Version 1 carries sizes in 32 bits and calls a missing file "mode
//! 0"; version 2 carries 64 bits and an errno. In both, a folder that may not be listed answers like an empty one: that is
//! what a phone does, and a client that wants to know must ask otherwise.

use super::{
    message::{Header, WRTE},
    stream::Stream,
};
use crate::device::{Errno, Fault, Pull, hostile_names, tree::Stat};
use std::{io, sync::Arc};

/// Bytes of file in one block.
const BLOCK: usize = 64 * 1024;
/// Longest path a request may carry.
const MOST_PATH: u32 = 1024;
/// Entries of a listing gathered before they are sent.
const GATHER: usize = 60 * 1024;

type Id = [u8; 4];

pub(super) fn serve(stream: &Arc<Stream>) -> io::Result<()> {
    let mut session = Session { stream, buffer: Vec::new() };
    while let Some(id) = session.next_id()? {
        if !session.answer(id)? {
            break;
        }
    }
    Ok(())
}

/// How a pull goes on after something happened.
enum Then {
    GoOn,
    /// The session is over.
    Stop,
}

struct Session<'a> {
    stream: &'a Arc<Stream>,
    buffer: Vec<u8>,
}

impl Session<'_> {
    /// Takes `n` bytes of requests; `None` when the host closed between two.
    fn take(&mut self, n: usize) -> io::Result<Option<Vec<u8>>> {
        while self.buffer.len() < n {
            match self.stream.take()? {
                Some(chunk) => self.buffer.extend(chunk),
                None => return Ok(None),
            }
        }
        let rest = self.buffer.split_off(n);
        Ok(Some(std::mem::replace(&mut self.buffer, rest)))
    }

    fn word(&mut self) -> io::Result<Option<u32>> {
        Ok(self.take(4)?.and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes))
    }

    fn next_id(&mut self) -> io::Result<Option<Id>> {
        Ok(self.take(4)?.and_then(|bytes| bytes.try_into().ok()))
    }

    /// One request; false when the session is over.
    fn answer(&mut self, id: Id) -> io::Result<bool> {
        let Some(length) = self.word()? else { return Ok(false) };
        if &id == b"QUIT" {
            return Ok(false);
        }
        if length > MOST_PATH {
            self.fail("path too long")?;
            return Ok(false);
        }
        let Some(path) = self.take(length as usize)? else { return Ok(false) };
        match &id {
            b"STAT" => self.stat_v1(&path),
            b"LST2" => self.stat_v2(id, &path, false),
            b"STA2" => self.stat_v2(id, &path, true),
            b"LIST" => self.list(&path, false),
            b"LIS2" => self.list(&path, true),
            b"RECV" => self.pull(&path),
            b"RCV2" => self.pull_v2(&path),
            b"SEND" => self.refuse_write(),
            b"SND2" => match self.take(12)? {
                Some(_) => self.refuse_write(),
                None => Ok(false),
            },
            _ => {
                self.fail(&format!("unknown command {}", hex::encode(id)))?;
                Ok(false)
            }
        }
    }

    fn fail(&self, text: &str) -> io::Result<()> {
        self.stream.send(&record(b"FAIL", text.as_bytes()))
    }

    fn stat_v1(&self, path: &[u8]) -> io::Result<bool> {
        self.stream.device.note_statted(path);
        let stat = self.stream.device.tree().stat(path, false).ok();
        let mut reply = b"STAT".to_vec();
        let words = stat.map_or([0; 3], |s| [s.mode, s.size as u32, s.modified as u32]);
        words.iter().for_each(|word| reply.extend(word.to_le_bytes()));
        self.stream.send(&reply)?;
        Ok(true)
    }

    fn stat_v2(&self, id: Id, path: &[u8], follow: bool) -> io::Result<bool> {
        self.stream.device.note_statted(path);
        let stat = self.stream.device.tree().stat(path, follow);
        self.stream.send(&stat2(&id, stat))?;
        Ok(true)
    }

    fn list(&self, path: &[u8], v2: bool) -> io::Result<bool> {
        let device = &self.stream.device;
        device.note_listed(path);
        let canonical = device.tree().canonical(path, true).unwrap_or_else(|_| path.to_vec());
        let mut gathered = Vec::new();
        // entries are taken under the lock and sent without it, as a listing may wait for its reader for ever
        let mut entries: Vec<(Vec<u8>, Stat)> = match device.tree().list(path) {
            Ok(folder) => {
                folder.entries().map(|(name, node)| (name.to_vec(), node.stat(&[&canonical[..], b"/", name].concat()))).collect()
            }
            Err(_) => Vec::new(),
        };
        // a phone lists a folder and the one above it among what is in it
        for dots in ["..", "."] {
            let stat = device.tree().list(path).and_then(|_| device.tree().stat(&[path, b"/", dots.as_bytes()].concat(), true));
            entries.splice(0..0, stat.ok().map(|stat| (dots.into(), stat)));
        }
        let invented = Stat { device: 0x5c, inode: 7, mode: 0o100_660, links: 1, uid: 10_180, gid: 1023, size: 0, modified: 0 };
        let hostile = device.fire(|fault| matches!(fault, Fault::HostileNames { folder } if *folder == canonical).then_some(()));
        if hostile.is_some() {
            entries.extend(hostile_names().into_iter().map(|name| (name, invented)));
        }
        let crowd = device.fire(|fault| match fault {
            Fault::Crowd { folder, entries } if *folder == canonical => Some(*entries),
            _ => None,
        });
        let crowd = (0..crowd.unwrap_or(0)).map(|at| (format!("IMG-{at:06}.jpg").into_bytes(), invented));
        let hangs = device.fire(|fault| matches!(fault, Fault::ListHangs { folder } if *folder == canonical).then_some(()));
        for (name, stat) in entries.into_iter().chain(crowd) {
            if v2 {
                gathered.extend(stat2(b"DNT2", Ok(stat)));
            } else {
                gathered.extend(b"DENT");
                [stat.mode, stat.size as u32, stat.modified as u32].iter().for_each(|word| gathered.extend(word.to_le_bytes()));
            }
            gathered.extend((name.len() as u32).to_le_bytes());
            gathered.extend(name);
            if gathered.len() >= GATHER {
                self.stream.send(&gathered)?;
                gathered.clear();
            }
        }
        if hangs.is_some() {
            self.stream.send(&gathered)?;
            self.stream.hang();
            return Ok(false);
        }
        // the end mark is as long as an entry without a name
        gathered.extend(b"DONE");
        gathered.resize(gathered.len() + if v2 { 72 } else { 16 }, 0);
        self.stream.send(&gathered)?;
        Ok(true)
    }

    /// The second half of a version 2 request: how the data shall be packed. Only "not at all" is offered.
    fn pull_v2(&mut self, path: &[u8]) -> io::Result<bool> {
        let (Some(id), Some(flags)) = (self.next_id()?, self.word()?) else { return Ok(false) };
        if &id != b"RCV2" {
            self.fail("recv_v2: the second half of the request is of another kind")?;
            return Ok(false);
        }
        if flags != 0 {
            self.fail(&format!("recv_v2: unknown flags: {flags:#x}"))?;
            return Ok(true);
        }
        self.pull(path)
    }

    fn pull(&self, path: &[u8]) -> io::Result<bool> {
        let device = self.stream.device.clone();
        let mut file = match device.open(path) {
            Ok(file) => file,
            // a phone opens the folder and then fails to read it
            Err(Errno::IsFolder) => return self.fail("read failed: Is a directory").map(|()| true),
            Err(error) => return self.fail(&format!("open failed: {error}")).map(|()| true),
        };
        let mut fault = device.fire(|fault| match fault {
            Fault::Pull { file: wanted, how } if *wanted == file.path => Some(how.clone()),
            _ => None,
        });
        if let Some(Pull::Refused { text }) = &fault {
            return self.fail(text).map(|()| true);
        }
        let mut pos = 0u64;
        let mut block = Vec::with_capacity(8 + BLOCK);
        loop {
            let left = file.bytes.len().saturating_sub(pos);
            let due = fault.as_ref().and_then(Pull::after).is_some_and(|after| pos >= after || left == 0);
            if due && let Some(how) = fault.take() {
                if let Pull::Changes { bytes, modified, .. } = how {
                    device.change(|tree| {
                        tree.file(&file.path, bytes.clone(), modified);
                    });
                    file.bytes = bytes;
                    continue;
                }
                match self.strike(how)? {
                    Then::GoOn => return Ok(true),
                    Then::Stop => return Ok(false),
                }
            }
            if left == 0 {
                break;
            }
            let mut n = left.min(BLOCK as u64) as usize;
            if let Some(after) = fault.as_ref().and_then(Pull::after) {
                n = n.min(usize::try_from(after - pos).unwrap_or(usize::MAX));
            }
            block.clear();
            block.extend(b"DATA");
            block.extend((n as u32).to_le_bytes());
            block.resize(8 + n, 0);
            if let Some(data) = block.get_mut(8..)
                && file.bytes.read_at(pos, data).is_err()
            {
                return self.fail("read failed: I/O error").map(|()| true);
            }
            pos += n as u64;
            self.send_block(&block, fault.as_ref())?;
            device.record(|asked| asked.bytes_served += n as u64);
        }
        self.stream.send(b"DONE\0\0\0\0")?;
        Ok(true)
    }

    fn send_block(&self, block: &[u8], fault: Option<&Pull>) -> io::Result<()> {
        match fault {
            Some(Pull::SplitHeaders) => {
                let (head, rest) = block.split_at(5.min(block.len()));
                self.stream.send(head)?;
                self.stream.send(rest)
            }
            Some(Pull::Crumbs { bytes }) => self.stream.send_in(block, usize::from(*bytes)),
            _ => self.stream.send(block),
        }
    }

    /// Something breaks in the middle of a pull.
    fn strike(&self, how: Pull) -> io::Result<Then> {
        match how {
            Pull::FailsAfter { text, .. } => {
                self.fail(&text)?;
                return Ok(Then::GoOn);
            }
            Pull::DoneEarly { .. } => {
                self.stream.send(b"DONE\0\0\0\0")?;
                return Ok(Then::GoOn);
            }
            Pull::ClosesEarly { .. } => return Ok(Then::Stop),
            Pull::Vanishes { .. } => self.stream.hang_up(),
            Pull::HugeBlock { .. } => self.stream.send(b"DATA\xff\xff\xff\xffand a little")?,
            Pull::UnknownBlock { .. } => self.stream.send(b"WHAT\x04\0\0\0huh?")?,
            Pull::BadMagic { .. } => {
                let mut head = Header::new(WRTE, self.stream.local, self.stream.remote, b"", true);
                head.magic ^= 0x0100_0000;
                self.stream.send_raw(&head.encode())?;
            }
            Pull::HugeMessage { .. } => {
                let mut head = Header::new(WRTE, self.stream.local, self.stream.remote, b"", true);
                head.length = u32::MAX;
                self.stream.send_raw(&head.encode())?;
            }
            Pull::Hangs { .. } | Pull::Changes { .. } | Pull::Refused { .. } | Pull::SplitHeaders | Pull::Crumbs { .. } => {}
        }
        self.stream.hang();
        Ok(Then::Stop)
    }

    /// Swallows what is sent up to its end mark and then says no; nothing is ever written.
    fn refuse_write(&mut self) -> io::Result<bool> {
        self.stream.device.record(|asked| asked.writes_refused += 1);
        while let (Some(id), Some(length)) = (self.next_id()?, self.word()?) {
            match &id {
                b"DATA" if length as usize <= BLOCK => {
                    if self.take(length as usize)?.is_none() {
                        return Ok(false);
                    }
                }
                b"DONE" => {
                    self.fail("couldn't create file: Read-only file system")?;
                    return Ok(true);
                }
                _ => break,
            }
        }
        self.fail("invalid data message")?;
        Ok(false)
    }
}

/// A reply with a length and bytes.
fn record(id: &Id, bytes: &[u8]) -> Vec<u8> {
    let mut reply = id.to_vec();
    reply.extend((bytes.len() as u32).to_le_bytes());
    reply.extend(bytes);
    reply
}

/// 72 bytes: id, errno, device and inode (u64), mode, links, uid, gid (u32), size (u64), and three times (i64).
fn stat2(id: &Id, stat: Result<Stat, Errno>) -> Vec<u8> {
    let mut reply = id.to_vec();
    let (error, s) = match stat {
        Ok(s) => (0, s),
        Err(error) => (error as u32, Stat { device: 0, inode: 0, mode: 0, links: 0, uid: 0, gid: 0, size: 0, modified: 0 }),
    };
    reply.extend(error.to_le_bytes());
    [s.device, s.inode].iter().for_each(|n| reply.extend(n.to_le_bytes()));
    [s.mode, s.links, s.uid, s.gid].iter().for_each(|n| reply.extend(n.to_le_bytes()));
    reply.extend(s.size.to_le_bytes());
    [s.modified; 3].iter().for_each(|n| reply.extend(n.to_le_bytes()));
    reply
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn the_layout_of_a_version_2_stat() {
        let stat =
            Stat { device: 1, inode: 2, mode: 0o100_644, links: 3, uid: 4, gid: 5, size: 5 << 32, modified: 1_700_000_000 };
        let reply = stat2(b"STA2", Ok(stat));
        assert_eq!(reply.len(), 72);
        assert_eq!(&reply[..8], b"STA2\0\0\0\0");
        assert_eq!(reply[8..24], [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(reply[40..48], (5u64 << 32).to_le_bytes());
        assert_eq!(reply[56..64], 1_700_000_000i64.to_le_bytes());
        let missing = stat2(b"LST2", Err(Errno::Denied));
        assert_eq!(missing[4..8], 13u32.to_le_bytes());
        assert!(missing[8..].iter().all(|b| *b == 0));
    }
}
