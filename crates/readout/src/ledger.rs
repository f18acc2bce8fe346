//! The ledger: one line for everything that was done on this machine, each line holding the digest of the one before.
//!
//! The line has what BIO2 8.15.01 demands (action, object, result, origin, actor, time) and nothing else: no names, no
//! numbers, no content. Removing or changing a line breaks the chain; [`Ledger::check`] says where.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

const LONGEST_LINE: u64 = 16 * 1024;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub at: Timestamp,
    /// `readout`, `unseal`, `discard`.
    pub action: String,
    /// A seal's file name, a run id.
    pub object: String,
    /// A status or a stable error name.
    pub result: String,
    /// Where it was done: host name.
    pub origin: String,
    /// Who did it: the operator of the plan, or the system account.
    pub actor: String,
    /// Plain counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<(String, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    previous: String,
    entry: Entry,
}

/// How the chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    Whole {
        lines: u64,
    },
    /// The first line that does not follow from the one before, from 1.
    BrokenAt(u64),
}

/// The ledger of one state folder.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { path: state.join("ledger.jsonl") }
    }

    /// Appends one entry and syncs it.
    pub fn add(&self, entry: Entry) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        let previous = last_digest(&file)?;
        let mut line = serde_json::to_vec(&Line { previous, entry })?;
        line.push(b'\n');
        file.write_all(&line)?;
        file.sync_all()
    }

    /// Walks the whole chain.
    pub fn check(&self) -> io::Result<Chain> {
        let file = match File::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Chain::Whole { lines: 0 }),
            file => file?,
        };
        let (mut previous, mut lines) = (String::new(), 0);
        for line in lines_of(&file) {
            let line = line?;
            lines += 1;
            match serde_json::from_slice::<Line>(&line) {
                Ok(parsed) if parsed.previous == previous => previous = digest(&line),
                _ => return Ok(Chain::BrokenAt(lines)),
            }
        }
        Ok(Chain::Whole { lines })
    }
}

fn digest(line: &[u8]) -> String {
    hex::encode(Sha256::digest(line))
}

fn lines_of(file: &File) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    let mut reader = BufReader::new(file);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match io::Read::take(&mut reader, LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                if line.last() == Some(&b'\n') {
                    line.pop();
                }
                Some(Ok(line))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

fn last_digest(file: &File) -> io::Result<String> {
    let mut last = String::new();
    for line in lines_of(file) {
        last = digest(&line?);
    }
    Ok(last)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entry(result: &str) -> Entry {
        Entry {
            at: Timestamp::UNIX_EPOCH,
            action: "readout".into(),
            object: "run".into(),
            result: result.into(),
            origin: "kiosk".into(),
            actor: "secretariaat".into(),
            counts: vec![("messages".into(), 3)],
        }
    }

    #[test]
    fn a_changed_or_missing_line_breaks_the_chain() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::at(dir.path());
        assert_eq!(ledger.check().unwrap(), Chain::Whole { lines: 0 });
        for result in ["een", "twee", "drie"] {
            ledger.add(entry(result)).unwrap();
        }
        assert_eq!(ledger.check().unwrap(), Chain::Whole { lines: 3 });
        let path = dir.path().join("ledger.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("twee", "tien")).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::BrokenAt(3));
        let without: Vec<&str> = text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| l).collect();
        std::fs::write(&path, without.join("\n")).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::BrokenAt(2));
    }
}
