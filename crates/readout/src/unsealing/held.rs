//! Attachments whose bytes lie in an earlier seal: fetched from it where it is at hand, named where it is not.

use super::{create, folder};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, Read, Write},
    path::Path,
    sync::Arc,
};
use uitlezen_chat::AttachmentState;
use uitlezen_evidence::{Evidence, ItemName, Reader};
use uitlezen_seal::header::Sha256Digest;

/// Role *gesprekken* of earlier seals, opened.
#[derive(Debug, Default)]
pub struct AtHand(BTreeMap<String, Arc<dyn Evidence>>);

impl AtHand {
    /// This seal can be fetched from.
    pub fn add(&mut self, seal: Sha256Digest, role: Arc<dyn Evidence>) {
        self.0.insert(seal.to_string(), role);
    }

    #[must_use]
    pub fn has(&self, seal: Sha256Digest) -> bool {
        self.0.contains_key(&seal.to_string())
    }
}

/// Attachments that could not be fetched from one seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The seal was not at hand, or its role could not be opened.
    pub absent: u64,
    /// The seal was at hand, and what it holds is not what the record says.
    pub differs: u64,
}

/// What fetching came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) lacking: BTreeMap<String, Lacking>,
}

/// Fetches into `bijlagen` below `out` what these states say is held, and says in each what came of it.
pub(super) fn fetch(states: &mut HashMap<String, AttachmentState>, at_hand: &AtHand, out: &Path) -> io::Result<Fetched> {
    let mut done = Fetched::default();
    // Two messages may name the same held file.
    let mut by_place: HashMap<(String, String), Option<String>> = HashMap::new();
    for state in states.values_mut() {
        let AttachmentState::HeldIn { seal, item, bytes, sha256, file, .. } = state else { continue };
        let place = (seal.clone(), item.clone());
        if let Some(known) = by_place.get(&place) {
            file.clone_from(known);
            if known.is_some() {
                continue;
            }
        }
        let Some(evidence) = at_hand.0.get(seal.as_str()) else {
            done.lacking.entry(seal.clone()).or_default().absent += 1;
            continue;
        };
        let name = ItemName::new(item.as_str()).ok();
        let beside = name.as_ref().map(|name| format!("bijlagen/{}-{}", seal.get(..12).unwrap_or(seal), name.file_name()));
        let copied = match (&name, &beside) {
            (Some(name), Some(beside)) => copy(evidence.as_ref(), name, (*bytes, sha256), &out.join(beside))?,
            _ => false,
        };
        if copied {
            done.files += 1;
            done.bytes += *bytes;
            file.clone_from(&beside);
        } else {
            done.lacking.entry(seal.clone()).or_default().differs += 1;
        }
        by_place.insert(place, file.clone());
    }
    Ok(done)
}

/// Copies an item and holds it against what the record says; `false`, and no file, when it is something else.
fn copy(from: &dyn Evidence, name: &ItemName, (bytes, sha256): (u64, &str), to: &Path) -> io::Result<bool> {
    let Ok(source) = from.open(name) else { return Ok(false) };
    if let Some(parent) = to.parent() {
        folder(parent)?;
    }
    let mut reader = Reader::new(source).take(bytes.saturating_add(1));
    let mut file = create(to)?;
    let (mut digest, mut copied) = (Sha256::new(), 0_u64);
    let mut buffer = zeroize::Zeroizing::new(vec![0; 256 * 1024]);
    let whole = loop {
        match reader.read(&mut buffer) {
            Ok(0) => break true,
            Ok(n) => {
                let piece = buffer.get(..n).unwrap_or_default();
                digest.update(piece);
                file.write_all(piece)?;
                copied += n as u64;
            }
            // A seal that was verified and cannot be read: what it says is not what it holds.
            Err(_) => break false,
        }
    };
    let same = whole && copied == bytes && hex::encode(digest.finalize()) == sha256;
    if !same {
        drop(file);
        fs::remove_file(to)?;
    }
    Ok(same)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use super::*;
    use uitlezen_evidence::MemoryEvidence;

    const ITEM: &str = "gesprekken/whatsapp/bijlagen/000001.jpg";

    fn held(seal: &Sha256Digest, item: &str, content: &[u8]) -> AttachmentState {
        AttachmentState::HeldIn {
            seal: seal.to_string(),
            item: item.into(),
            parts: vec![1],
            bytes: content.len() as u64,
            sha256: hex::encode(Sha256::digest(content)),
            file: None,
        }
    }

    fn file_of(state: &AttachmentState) -> Option<&str> {
        match state {
            AttachmentState::HeldIn { file, .. } => file.as_deref(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_at_hand_is_fetched_and_what_is_not_or_differs_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (Sha256Digest([1; 32]), Sha256Digest([2; 32]));
        let evidence = MemoryEvidence::new([(ItemName::new(ITEM).unwrap(), b"foto".to_vec())].into());
        let mut at_hand = AtHand::default();
        at_hand.add(first, Arc::new(evidence));
        assert!(at_hand.has(first) && !at_hand.has(second));
        let mut states: HashMap<String, AttachmentState> = [
            ("a", held(&first, ITEM, b"foto")),
            ("the same", held(&first, ITEM, b"foto")),
            ("no such item", held(&first, "gesprekken/whatsapp/bijlagen/000009.jpg", b"foto")),
            ("climbs", held(&first, "../../x", b"foto")),
            ("elsewhere", held(&second, ITEM, b"foto")),
            ("gone", AttachmentState::Missing),
        ]
        .into_iter()
        .map(|(path, state)| (path.to_owned(), state))
        .collect();
        let done = fetch(&mut states, &at_hand, dir.path()).unwrap();
        assert_eq!((done.files, done.bytes), (1, 4));
        assert_eq!(done.lacking[&first.to_string()], Lacking { absent: 0, differs: 2 });
        assert_eq!(done.lacking[&second.to_string()], Lacking { absent: 1, differs: 0 });
        let file = file_of(&states["a"]).unwrap();
        assert_eq!(file_of(&states["the same"]), Some(file));
        assert_eq!(fs::read(dir.path().join(file)).unwrap(), b"foto");
        for lacking in ["no such item", "climbs", "elsewhere"] {
            assert_eq!(file_of(&states[lacking]), None, "{lacking}");
        }
        assert_eq!(fs::read_dir(dir.path().join("bijlagen")).unwrap().count(), 1);
    }

    #[test]
    fn bytes_that_are_not_those_of_the_record_leave_no_file() {
        for content in [&b"fota"[..], b"fot", b"foto's", b""] {
            let dir = tempfile::tempdir().unwrap();
            let seal = Sha256Digest([1; 32]);
            let evidence = MemoryEvidence::new([(ItemName::new(ITEM).unwrap(), content.to_vec())].into());
            let mut at_hand = AtHand::default();
            at_hand.add(seal, Arc::new(evidence));
            let mut states = HashMap::from([("a".to_owned(), held(&seal, ITEM, b"foto"))]);
            let done = fetch(&mut states, &at_hand, dir.path()).unwrap();
            assert_eq!((done.files, done.lacking[&seal.to_string()].differs), (0, 1));
            assert_eq!(fs::read_dir(dir.path().join("bijlagen")).unwrap().count(), 0);
        }
    }
}
