//! Taking files off a phone, one after the other, with proof that what arrived is what is there.
//!
//! Each file: size and time before, its bytes, a hash made on the phone, size and time after. A file that changed meanwhile
//! (WhatsApp rewrites its backup at night, or because the holder tapped "Back up") is read again. Memory is one message.

use super::{
    link::AndroidLink,
    listing::path_of,
    provider_items,
    shell::{Output, quote},
    sync::{Kind, Stat},
};
use crate::error::{PhoneError, Refusal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, io};
use uitlezen_evidence::{Item, ItemName};

/// Files up to this size are hashed on the phone many to a command; larger ones while their bytes travel.
const SMALL: u64 = 8 << 20;
/// Files, and bytes of command line, to one hash command.
const BATCH_FILES: usize = 64;
const BATCH_LINE: usize = 16 * 1024;
/// A file may have grown by this much since it was listed before the pull is broken off and begun again.
const GROWTH: u64 = 16 << 20;

/// Receives the bytes. Every `begin` is followed by exactly one `end`, also when the link dies.
pub trait Sink {
    fn begin(&mut self, item: &Item) -> io::Result<()>;
    fn data(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Only [`Outcome::Verified`] and [`Outcome::HashUnavailable`] say that the bytes since `begin` are the file;
    /// after any other, throw them away.
    fn end(&mut self, item: &Item, outcome: &Outcome) -> io::Result<()>;
}

/// What became of one reading of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// Size, time and the phone's own SHA-256 agree with what arrived.
    Verified {
        bytes: u64,
        sha256: [u8; 32],
        modified: i64,
    },
    /// Size and time agree; the phone made no hash (switched off, or it has no `sha256sum`).
    HashUnavailable {
        bytes: u64,
        sha256: [u8; 32],
        modified: i64,
    },
    /// It changed while being read and is read again right after.
    ReadAgain {
        attempt: u32,
    },
    /// It changed each time.
    ChangedWhileRead {
        attempts: u32,
    },
    Refused {
        why: Refusal,
    },
    /// Listed, but not there any more.
    Absent,
    /// The link broke in the middle.
    Failed,
}

/// Whether the phone is asked for hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRule {
    Always,
    Never,
}

/// How to acquire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acquire {
    pub hash: HashRule,
    /// Readings of one file before it counts as changing for ever; at least 1.
    pub attempts: u32,
}

impl Default for Acquire {
    fn default() -> Self {
        Self { hash: HashRule::Always, attempts: 3 }
    }
}

/// Totals, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquired {
    pub verified: u64,
    pub unhashed: u64,
    pub reread: u64,
    pub changed: u64,
    pub refused: u64,
    pub absent: u64,
    /// Bytes of files that were kept.
    pub bytes: u64,
}

impl Acquired {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Verified { bytes, .. } => {
                self.verified += 1;
                self.bytes += bytes;
            }
            Outcome::HashUnavailable { bytes, .. } => {
                self.unhashed += 1;
                self.bytes += bytes;
            }
            Outcome::ReadAgain { .. } => self.reread += 1,
            Outcome::ChangedWhileRead { .. } => self.changed += 1,
            Outcome::Refused { .. } => self.refused += 1,
            Outcome::Absent => self.absent += 1,
            Outcome::Failed => {}
        }
    }
}

/// Takes `items` in the order given. An error means that the link or the sink died; what ended before stands.
pub fn acquire(link: &mut dyn AndroidLink, items: &[Item], how: &Acquire, sink: &mut dyn Sink) -> Result<Acquired, PhoneError> {
    let mut total = Acquired::default();
    let mut how = *how;
    // What a content provider says is asked for before the files, and is no file.
    let (answers, items): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| uitlezen_provider::of_item(&item.name).is_some());
    for item in answers {
        provider_items::pull(link, item, sink, &mut total)?;
    }
    let items: Vec<Item> = items.into_iter().cloned().collect();
    let mut rest = items.as_slice();
    while !rest.is_empty() {
        let (batch, tail) = rest.split_at(batch_length(rest));
        rest = tail;
        let hashes = match how.hash {
            HashRule::Always => hash_batch(link, batch)?,
            HashRule::Never => Some(HashMap::new()),
        };
        // A phone without `sha256sum` is asked once, not once a file.
        let hashes = hashes.unwrap_or_else(|| {
            how.hash = HashRule::Never;
            HashMap::new()
        });
        for item in batch {
            one(link, item, hashes.get(&item.name), &how, sink, &mut total)?;
        }
    }
    Ok(total)
}

/// The first `most` bytes of a file: enough for a reader to tell what it is. Shorter when the file is.
pub fn head(link: &mut dyn AndroidLink, name: &ItemName, most: u32) -> Result<Vec<u8>, PhoneError> {
    let output = link.run(&format!("head -c {most} {}", quote(&path_of(name))), most as usize + 4096)?;
    match output.code {
        Some(0) if output.stdout.len() <= most as usize => Ok(output.stdout),
        Some(0) => Err(PhoneError::TooMuch { limit: most.into() }),
        Some(_) => Err(Refusal::from_text(&output.stderr).into()),
        None => Err(PhoneError::Vanished),
    }
}

/// How many items go together: as many small ones as fit one command, or one large one.
fn batch_length(items: &[Item]) -> usize {
    let (mut files, mut line) = (0, 0);
    for item in items {
        line += item.name.as_str().len() + 16;
        if item.bytes > SMALL || files == BATCH_FILES || line > BATCH_LINE {
            break;
        }
        files += 1;
    }
    files.max(1)
}

/// `sha256sum` over a batch of small files; those it could not read are simply not in the answer. `None`: the phone has no
/// such command.
fn hash_batch(link: &mut dyn AndroidLink, batch: &[Item]) -> Result<Option<HashMap<ItemName, [u8; 32]>>, PhoneError> {
    let mut hashes = HashMap::new();
    let small: Vec<&Item> = batch.iter().filter(|item| item.bytes <= SMALL).collect();
    if small.is_empty() {
        return Ok(Some(hashes));
    }
    let mut command = String::from("sha256sum");
    for item in &small {
        command.push(' ');
        command.push_str(&quote(&path_of(&item.name)));
    }
    let silence = link.patience().for_hashing(small.iter().map(|item| item.bytes).sum());
    let output = match link.run_for(&command, 1 << 20, silence) {
        Ok(output) => output,
        Err(error) if error.ends_the_link() => return Err(error),
        Err(_) => return Ok(Some(hashes)),
    };
    // 127: the shell found no such command.
    if output.code == Some(127) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let by_path: HashMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once("  ").map(|(hash, path)| (path, hash))).collect();
    for item in small {
        if let Some(hash) = by_path.get(path_of(&item.name).as_str()).and_then(|hash| digest(hash)) {
            hashes.insert(item.name.clone(), hash);
        }
    }
    Ok(Some(hashes))
}

fn digest(hex_digits: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(hex_digits, &mut digest).ok()?;
    Some(digest)
}

/// One file, as often as needed.
fn one(
    link: &mut dyn AndroidLink,
    item: &Item,
    known_hash: Option<&[u8; 32]>,
    how: &Acquire,
    sink: &mut dyn Sink,
    total: &mut Acquired,
) -> Result<(), PhoneError> {
    let mut known_hash = known_hash.copied();
    for attempt in 1..=how.attempts.max(1) {
        sink.begin(item).map_err(PhoneError::Sink)?;
        let outcome = match read_once(link, item, known_hash.take(), how, sink) {
            Ok(Reading::Settled(outcome)) => outcome,
            Ok(Reading::Changed) if attempt < how.attempts => Outcome::ReadAgain { attempt },
            Ok(Reading::Changed) => Outcome::ChangedWhileRead { attempts: attempt },
            Err(PhoneError::Refused(Refusal::NoSuchFile)) => Outcome::Absent,
            Err(PhoneError::Refused(why)) => Outcome::Refused { why },
            Err(PhoneError::ServiceRefused) => Outcome::Refused { why: Refusal::NotOffered },
            Err(error) => {
                sink.end(item, &Outcome::Failed).map_err(PhoneError::Sink)?;
                return Err(error);
            }
        };
        total.count(&outcome);
        sink.end(item, &outcome).map_err(PhoneError::Sink)?;
        if !matches!(outcome, Outcome::ReadAgain { .. }) {
            return Ok(());
        }
    }
    Ok(())
}

enum Reading {
    Settled(Outcome),
    Changed,
}

fn read_once(
    link: &mut dyn AndroidLink,
    item: &Item,
    known_hash: Option<[u8; 32]>,
    how: &Acquire,
    sink: &mut dyn Sink,
) -> Result<Reading, PhoneError> {
    let path = path_of(&item.name);
    let before = link.stat(&path)?;
    if before.kind != Kind::File {
        return Err(Refusal::NotAFile.into());
    }
    let limit = before.bytes.saturating_add(GROWTH);
    let (mut hasher, mut received, mut grew) = (Sha256::new(), 0u64, false);
    let mut take = |bytes: &[u8]| {
        received += bytes.len() as u64;
        if received > limit {
            grew = true;
            return Err(PhoneError::TooMuch { limit });
        }
        hasher.update(bytes);
        sink.data(bytes).map_err(PhoneError::Sink)
    };
    let ask = how.hash == HashRule::Always && known_hash.is_none();
    let pulled = if ask {
        let silence = link.patience().for_hashing(before.bytes);
        link.pull_beside(&format!("sha256sum {}", quote(&path)), silence, &path, &mut take).map(|(_, output)| hash_of(&output))
    } else {
        link.pull(&path, &mut take).map(|_| known_hash)
    };
    let on_phone = match pulled {
        Err(PhoneError::TooMuch { .. }) if grew => return Ok(Reading::Changed),
        other => other?,
    };
    let after = match link.stat(&path) {
        Err(PhoneError::Refused(Refusal::NoSuchFile)) => return Ok(Reading::Changed),
        other => other?,
    };
    let sha256: [u8; 32] = hasher.finalize().into();
    let same = |a: &Stat, b: &Stat| a.bytes == b.bytes && a.modified == b.modified && a.kind == b.kind;
    if !same(&before, &after) || received != after.bytes || on_phone.is_some_and(|hash| hash != sha256) {
        return Ok(Reading::Changed);
    }
    let modified = after.modified;
    Ok(Reading::Settled(match on_phone {
        Some(_) => Outcome::Verified { bytes: received, sha256, modified },
        None => Outcome::HashUnavailable { bytes: received, sha256, modified },
    }))
}

/// The digest in a one-file `sha256sum`'s output; `None` if it said anything else.
fn hash_of(output: &Output) -> Option<[u8; 32]> {
    if output.code != Some(0) {
        return None;
    }
    digest(std::str::from_utf8(output.stdout.get(..64)?).ok()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_small_files_together_and_large_ones_alone() {
        let item = |bytes| Item { name: ItemName::new("a/b").unwrap(), bytes, modified: None };
        assert_eq!(batch_length(&[item(SMALL + 1), item(1)]), 1);
        assert_eq!(batch_length(&[item(1), item(1), item(SMALL + 1), item(1)]), 2);
        assert_eq!(batch_length(&vec![item(1); 500]), BATCH_FILES);
        let long = Item { name: ItemName::new("x".repeat(4000)).unwrap(), bytes: 1, modified: None };
        assert_eq!(batch_length(&vec![long; 10]), 4);
    }
}
