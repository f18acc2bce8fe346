//! What is known of the earlier seals of one phone: the seals, and where each attachment's bytes lie.

use super::{account::ENDING, file::EarlierError};
use hkdf::Hkdf;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};
use uitlezen_evidence::ItemName;
use uitlezen_seal::header::{MOST_RELIED_ON, Sha256Digest};
use zeroize::Zeroizing;

/// A readout a day for 27 years.
const MOST_SEALS: usize = 10_000;
const MOST_ATTACHMENTS: usize = 2_000_000;
const MOST_APPS: usize = 64;
/// A container has no more entries.
const MOST_PARTS: usize = 899;

/// A listed item's path, hashed under a key of this phone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathKey(#[serde(with = "hex::serde")] [u8; 16]);

impl std::fmt::Debug for PathKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PathKey")
    }
}

/// Makes [`PathKey`]s.
pub struct PathKeys(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for PathKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PathKeys")
    }
}

impl PathKeys {
    #[must_use]
    pub(super) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// Of an item as the phone lists it.
    #[must_use]
    pub fn of(&self, listed: &ItemName) -> PathKey {
        let mut out = [0; 16];
        // One block of HKDF is HMAC over the path; neither step can fail at these lengths.
        if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(self.0.as_slice()) {
            let _ = hkdf.expand(listed.as_str().as_bytes(), &mut out);
        }
        PathKey(out)
    }
}

/// What shows without reading a file whether it was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub bytes: u64,
    /// Seconds and nanoseconds: of the content, and of the file's own record, which a user cannot set back.
    pub modified: (i64, i64),
    pub changed: (i64, i64),
}

/// One seal of the phone, by this station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSeal {
    pub digest: Sha256Digest,
    /// The file's own name, and the folder where it was seen last.
    pub file: String,
    pub folder: PathBuf,
    pub closed: Timestamp,
    /// Every attachment that the plan asked was transferred in this run.
    pub full: bool,
    /// Apps whose attachments it was asked for.
    pub apps: Vec<String>,
    /// The seals that hold attachments of this one.
    pub relies_on: Vec<Sha256Digest>,
    /// Attachments whose bytes are in it.
    pub attachments: u64,
    /// When the whole of it was last read and verified: by the first run that relied on it, and from time to time since.
    pub verified: Option<Timestamp>,
    /// How the file looked then, or when it was closed.
    pub stamp: Stamp,
    /// When it was destroyed with `seals destroy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroyed: Option<Timestamp>,
}

/// Everything about one phone that outlives a run, apart from the attachments. New fields have a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneState {
    /// Oldest first.
    pub seals: Vec<KnownSeal>,
    /// What was decided over conversations at the last readout: keyed hash of the conversation, digest of the ruling. The
    /// separation of `check` gives both a meaning.
    #[serde(default)]
    pub rulings: BTreeMap<String, String>,
}

/// Where the bytes of an attachment lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAttachment {
    pub bytes: u64,
    /// Unix seconds, by the phone; 0 of a file that is known by a name which lasts.
    pub modified: i64,
    pub sha256: [u8; 32],
    /// Place in [`PhoneState::seals`].
    pub seal: u32,
    /// The item of that seal's role *gesprekken*.
    pub item: ItemName,
    /// The parts there in which it lies.
    pub parts: Vec<u32>,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeldLine {
    #[serde(rename = "p")]
    path: PathKey,
    #[serde(rename = "b")]
    bytes: u64,
    #[serde(rename = "m")]
    modified: i64,
    #[serde(rename = "h", with = "hex::serde")]
    sha256: [u8; 32],
    #[serde(rename = "z")]
    seal: u32,
    #[serde(rename = "i")]
    item: ItemName,
    #[serde(rename = "d")]
    parts: Vec<u32>,
}

/// The whole list of one phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub state: PhoneState,
    attachments: HashMap<PathKey, HeldAttachment>,
}

impl Known {
    /// Bounds are checked: a list may be large and may not be anything.
    pub(super) fn new(state: PhoneState) -> Result<Self, EarlierError> {
        // The header of a later seal names it by this run id.
        let code = |text: &str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let lawful = |seal: &KnownSeal| {
            seal.file.strip_suffix(ENDING).is_some_and(code)
                && seal.relies_on.len() <= MOST_RELIED_ON
                && seal.apps.len() <= MOST_APPS
                && seal.apps.iter().all(|app| code(app))
        };
        if state.seals.len() > MOST_SEALS {
            return Err(EarlierError::TooMuch("seals"));
        }
        if !state.seals.iter().all(lawful) {
            return Err(EarlierError::Damaged("a seal"));
        }
        Ok(Self { state, attachments: HashMap::new() })
    }

    pub(super) fn add(&mut self, line: HeldLine) -> Result<(), EarlierError> {
        let HeldLine { path, bytes, modified, sha256, seal, item, parts } = line;
        self.hold(path, HeldAttachment { bytes, modified, sha256, seal, item, parts })
    }

    /// From now on this attachment's bytes are known to lie there.
    pub fn hold(&mut self, path: PathKey, held: HeldAttachment) -> Result<(), EarlierError> {
        if self.attachments.len() >= MOST_ATTACHMENTS && !self.attachments.contains_key(&path) {
            return Err(EarlierError::TooMuch("attachments"));
        }
        if self.seal(held.seal).is_none() || held.parts.len() > MOST_PARTS {
            return Err(EarlierError::Damaged("an attachment"));
        }
        self.attachments.insert(path, held);
        Ok(())
    }

    /// Adds a seal and says under which place attachments name it.
    pub fn add_seal(&mut self, seal: KnownSeal) -> Result<u32, EarlierError> {
        if self.state.seals.len() >= MOST_SEALS {
            return Err(EarlierError::TooMuch("seals"));
        }
        self.state.seals.push(seal);
        u32::try_from(self.state.seals.len() - 1).map_err(|_| EarlierError::TooMuch("seals"))
    }

    #[must_use]
    pub fn seal(&self, place: u32) -> Option<&KnownSeal> {
        usize::try_from(place).ok().and_then(|n| self.state.seals.get(n))
    }

    #[must_use]
    pub fn attachment(&self, path: &PathKey) -> Option<&HeldAttachment> {
        self.attachments.get(path)
    }

    pub fn attachments(&self) -> impl Iterator<Item = (&PathKey, &HeldAttachment)> {
        self.attachments.iter()
    }

    /// Forgets the attachments for which `keep` says no.
    pub fn retain(&mut self, keep: impl Fn(&HeldAttachment) -> bool) {
        self.attachments.retain(|_, held| keep(held));
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = HeldLine> + '_ {
        self.attachments.iter().map(|(path, held)| HeldLine {
            path: *path,
            bytes: held.bytes,
            modified: held.modified,
            sha256: held.sha256,
            seal: held.seal,
            item: held.item.clone(),
            parts: held.parts.clone(),
        })
    }
}
