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

/// Without its line end.
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

    /// Appends one entry and syncs it. A line that broke off before it ended is left as it is, and the entry begins a new one.
    pub fn add(&self, entry: Entry) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        let Last { digest: previous, torn } = last(&file)?;
        let mut line = serde_json::to_vec(&Line { previous, entry })?;
        if line.len() as u64 > LONGEST_LINE {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        line.push(b'\n');
        if torn {
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        file.sync_all()
    }

    /// When this was last done with this result. What cannot be read as a line is passed over: [`Ledger::check`] names it.
    pub fn last(&self, action: &str, result: &str) -> io::Result<Option<Timestamp>> {
        let file = match File::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut found = None;
        for line in lines_of(&file) {
            if let Ok(Line { entry, .. }) = serde_json::from_slice(&line?.0)
                && entry.action == action
                && entry.result == result
            {
                found = Some(entry.at);
            }
        }
        Ok(found)
    }

    /// Walks the whole chain.
    pub fn check(&self) -> io::Result<Chain> {
        let file = match File::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Chain::Whole { lines: 0 }),
            file => file?,
        };
        let (mut previous, mut lines) = (String::new(), 0);
        for line in lines_of(&file) {
            let (line, _) = line?;
            lines += 1;
            match serde_json::from_slice::<Line>(&line) {
                Ok(parsed) if parsed.previous == previous && line.len() as u64 <= LONGEST_LINE => previous = digest(&line),
                _ => return Ok(Chain::BrokenAt(lines)),
            }
        }
        Ok(Chain::Whole { lines })
    }
}

fn digest(line: &[u8]) -> String {
    hex::encode(Sha256::digest(line))
}

/// Lines without their ends, and whether each had one; a line over the bound comes in pieces.
fn lines_of(file: &File) -> impl Iterator<Item = io::Result<(Vec<u8>, bool)>> {
    let mut reader = BufReader::new(file);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match io::Read::take(&mut reader, LONGEST_LINE + 1).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                let ended = line.pop_if(|byte| *byte == b'\n').is_some();
                Some(Ok((line, ended)))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

/// What the next line follows.
#[derive(Default)]
struct Last {
    digest: String,
    /// The last line has no end: writing it broke off.
    torn: bool,
}

fn last(file: &File) -> io::Result<Last> {
    let mut last = Last::default();
    for line in lines_of(file) {
        let (line, ended) = line?;
        last = Last { digest: digest(&line), torn: !ended };
    }
    Ok(last)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
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
        assert_eq!(ledger.last("readout", "twee").unwrap(), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(ledger.last("drill", "twee").unwrap(), None);
        let path = dir.path().join("ledger.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("twee", "tien")).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::BrokenAt(3));
        let without: Vec<&str> = text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| l).collect();
        std::fs::write(&path, without.join("\n")).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::BrokenAt(2));
    }
    #[test]
    fn a_line_that_broke_off_spoils_no_later_one() {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, path) = (Ledger::at(dir.path()), dir.path().join("ledger.jsonl"));
        ledger.add(entry("een")).unwrap();
        // Only the line end did not reach the disk: nothing is lost.
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        ledger.add(entry("twee")).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::Whole { lines: 2 });
        // Half a line: that one is broken, and the next stands on a line of its own.
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        ledger.add(entry("drie")).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::BrokenAt(2));
        assert!(std::fs::read_to_string(&path).unwrap().lines().last().unwrap().contains("drie"));
    }

    #[test]
    fn a_line_that_could_not_be_read_back_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::at(dir.path());
        assert!(ledger.add(entry(&"x".repeat(17 * 1024))).is_err());
        ledger.add(entry(&"x".repeat(16 * 1024 - 300))).unwrap();
        assert_eq!(ledger.check().unwrap(), Chain::Whole { lines: 1 });
    }
}
