//! What a run may leave where it lies: attachments in earlier seals that can be relied on now.
//!
//! An attachment is held if path, size and time of modification are those of then and, where the message has a digest of the
//! app's own, that digest is the one of the held bytes. Why that suffices: WhatsApp writes a media file once, under a name of
//! its own, and never again; whoever replaces one changes its time, and the app's own digest where there is one (nearly
//! everywhere) settles the content whatever the file system says. What size and time could hide without it, a changed file of
//! the same size and time that no message has a digest of, is found at the latest by the full run of [`Weekly::every`], which
//! transfers everything. Phones could be asked for a digest of each file instead, but that reads all media on the phone every
//! week, and Android's shell offers no digest that an app could not fake anyway.

use super::{
    account::{Earlier, ReliedOn, Unusable, WhyFull},
    file::{EarlierError, EarlierFile},
    known::{HeldAttachment, Known},
    trust::{self, Found},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};
use uitlezen_check::EarlierUnknown;
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::header::MOST_RELIED_ON;

/// How a run is to go about earlier seals.
#[derive(Debug)]
pub struct Weekly {
    pub file: EarlierFile,
    /// Further folders in which earlier seals may lie.
    pub places: Vec<PathBuf>,
    /// The operator asks for everything.
    pub full: bool,
    /// After how long everything is transferred again, as the register says.
    pub every: SignedDuration,
}

/// What the operator asked, kept with a run that may be broken off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub places: Vec<PathBuf>,
    pub full: bool,
}

impl Weekly {
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked { places: self.places.clone(), full: self.full }
    }
}

/// What earlier seals hold for one run.
#[derive(Debug, Default)]
pub struct Holdings {
    known: Known,
    /// Seals that can be relied on, by their place in the list.
    usable: BTreeMap<u32, Found>,
    /// Held attachments by the app's own digest, for files that are no longer on the phone.
    by_digest: HashMap<[u8; 32], HeldAttachment>,
    unusable: Vec<Unusable>,
    full: Option<WhyFull>,
    last_full: Option<Timestamp>,
    /// Attachments and bytes that this run leaves in each seal.
    left: BTreeMap<u32, (u64, u64)>,
}

impl Holdings {
    /// Looks at the list and at every seal in it that holds something. `apps`: those whose attachments are asked.
    ///
    /// Where the list cannot be used it also says why; then nothing is held.
    pub fn open(
        weekly: &Weekly,
        out: &Path,
        apps: &[&str],
        now: Timestamp,
    ) -> Result<(Self, Option<EarlierUnknown>), EarlierError> {
        let full = |why| Self { full: Some(why), ..Self::default() };
        let known = match weekly.file.read() {
            Ok(known) => known,
            Err(EarlierError::Damaged(_) | EarlierError::TooMuch(_)) => {
                return Ok((full(WhyFull::Unknown), Some(EarlierUnknown::Damaged)));
            }
            Err(EarlierError::OtherKey) => return Ok((full(WhyFull::Unknown), Some(EarlierUnknown::OtherKey))),
            Err(EarlierError::Newer(_)) => return Ok((full(WhyFull::Unknown), Some(EarlierUnknown::Newer))),
            Err(e @ (EarlierError::Io(_) | EarlierError::Busy)) => return Err(e),
        };
        let last_full = known.last_full(apps);
        let why = if weekly.full {
            Some(WhyFull::Asked)
        } else if known.attachments().next().is_none() {
            Some(WhyFull::First)
        } else if last_full.is_none_or(|at| now.duration_since(at) >= weekly.every) {
            Some(WhyFull::Due)
        } else {
            None
        };
        if let Some(why) = why {
            return Ok((Self { last_full, ..full(why) }, None));
        }
        let mut holdings = Self { known, last_full, ..Self::default() };
        holdings.look(&[out.to_owned()].into_iter().chain(weekly.places.iter().cloned()).collect::<Vec<_>>(), now);
        Ok((holdings, None))
    }

    fn look(&mut self, places: &[PathBuf], now: Timestamp) {
        let mut holding: BTreeMap<u32, u64> = BTreeMap::new();
        for (_, held) in self.known.attachments() {
            *holding.entry(held.seal).or_default() += 1;
        }
        for (place, attachments) in holding {
            let Some(seal) = self.known.seal(place).filter(|seal| seal.destroyed.is_none()) else { continue };
            match trust::find(seal, places, now) {
                Ok(found) => {
                    self.usable.insert(place, found);
                }
                Err(why) => {
                    let (digest, file) = (seal.digest.to_string(), seal.file.clone());
                    self.unusable.push(Unusable { seal: digest, file, why, attachments });
                }
            }
        }
        if self.usable.len() > MOST_RELIED_ON {
            self.full = Some(WhyFull::TooMany);
            self.usable.clear();
        }
        let usable = self.known.attachments().filter(|(_, held)| self.usable.contains_key(&held.seal));
        self.by_digest = usable.map(|(_, held)| (held.sha256, held.clone())).collect();
    }

    /// Whether everything is transferred, and why.
    #[must_use]
    pub fn full(&self) -> Option<WhyFull> {
        self.full
    }

    #[must_use]
    pub fn unusable(&self) -> &[Unusable] {
        &self.unusable
    }

    /// The held bytes of a file that the phone lists. `recorded`: the digest that the app recorded, lower-case hex.
    #[must_use]
    pub fn of_listed(&self, file: &EarlierFile, item: &Item, recorded: Option<&str>) -> Option<&HeldAttachment> {
        let held = self.known.attachment(&file.paths().of(&item.name)).filter(|held| self.usable.contains_key(&held.seal))?;
        let same = held.bytes == item.bytes && Some(held.modified) == item.modified;
        (same && recorded.is_none_or(|recorded| recorded == hex::encode(held.sha256))).then_some(held)
    }

    /// The held bytes of a file that is known by a name which lasts.
    #[must_use]
    pub fn of_named(&self, file: &EarlierFile, name: &ItemName) -> Option<&HeldAttachment> {
        self.known.attachment(&file.paths().of(name)).filter(|held| self.usable.contains_key(&held.seal))
    }

    /// The held bytes of a file that did not come: only the app's own digest can say which they are.
    #[must_use]
    pub fn of_digest(&self, recorded: Option<&str>) -> Option<&HeldAttachment> {
        let mut digest = [0; 32];
        hex::decode_to_slice(recorded?, &mut digest).ok()?;
        self.by_digest.get(&digest)
    }

    /// The seal digest of where it lies, as records and reports write it.
    #[must_use]
    pub fn seal_of(&self, held: &HeldAttachment) -> String {
        self.known.seal(held.seal).map(|seal| seal.digest.to_string()).unwrap_or_default()
    }

    /// This run leaves attachments there.
    pub fn leave(&mut self, seal: u32, bytes: u64) {
        let left = self.left.entry(seal).or_default();
        left.0 += 1;
        left.1 = left.1.saturating_add(bytes);
    }

    /// For the report: what this run relies on.
    #[must_use]
    pub fn account(&self) -> Earlier {
        let relied_on = self.left.iter().filter_map(|(place, (attachments, bytes))| {
            let (seal, found) = (self.known.seal(*place)?, self.usable.get(place)?);
            Some(ReliedOn {
                seal: seal.digest.to_string(),
                file: seal.file.clone(),
                closed: seal.closed,
                verified: found.verified,
                attachments: *attachments,
                bytes: *bytes,
            })
        });
        Earlier { full: self.full, last_full: self.last_full, relied_on: relied_on.collect(), unusable: self.unusable.clone() }
    }

    /// Where seals were found and that they were verified, for the list.
    pub(super) fn seen(&self) -> impl Iterator<Item = (&uitlezen_seal::header::Sha256Digest, &Found)> {
        self.usable.iter().filter_map(|(place, found)| Some((&self.known.seal(*place)?.digest, found)))
    }
}

impl Known {
    /// When the attachments of all these apps were last transferred together.
    #[must_use]
    pub fn last_full(&self, apps: &[&str]) -> Option<Timestamp> {
        let covers = |seal: &&super::known::KnownSeal| {
            let of: BTreeSet<&str> = seal.apps.iter().map(String::as_str).collect();
            seal.full && apps.iter().all(|app| of.contains(app))
        };
        self.state.seals.iter().filter(covers).map(|seal| seal.closed).max()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::earlier::known::{KnownSeal, Stamp};
    use secrecy::SecretBox;
    use uitlezen_seal::header::Sha256Digest;

    fn weekly(state: &Path, full: bool) -> Weekly {
        let file = EarlierFile::new(state, &SecretBox::new(Box::new([3; 32])));
        Weekly { file, places: Vec::new(), full, every: SignedDuration::from_hours(13 * 7 * 24) }
    }

    /// A list with one full seal of WhatsApp, closed at the epoch, that holds one attachment.
    fn fill(weekly: &Weekly) {
        let seal = KnownSeal {
            digest: Sha256Digest([1; 32]),
            file: "run.uitlezing".into(),
            folder: "/nowhere".into(),
            closed: Timestamp::UNIX_EPOCH,
            full: true,
            apps: vec!["whatsapp".into()],
            relies_on: vec![],
            attachments: 1,
            verified: Some(Timestamp::UNIX_EPOCH),
            stamp: Stamp { bytes: 1, modified: (0, 0), changed: (0, 0) },
            destroyed: None,
        };
        let item = ItemName::new("gesprekken/whatsapp/bijlagen/000001.jpg").unwrap();
        let held = HeldAttachment { bytes: 3, modified: 4, sha256: [5; 32], seal: 0, item, parts: vec![1] };
        let path = weekly.file.paths().of(&ItemName::new("Media/1.jpg").unwrap());
        weekly.file.change(|known| known.add_seal(seal).and_then(|_| known.hold(path, held))).unwrap();
    }

    #[test]
    fn everything_is_transferred_first_when_asked_and_every_thirteen_weeks_for_each_app() {
        let dir = tempfile::tempdir().unwrap();
        let plain = weekly(dir.path(), false);
        let why = |weekly: &Weekly, apps: &[&str], days: i64| {
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(days * 24);
            Holdings::open(weekly, dir.path(), apps, now).unwrap().0.full()
        };
        assert_eq!(why(&plain, &["whatsapp"], 7), Some(WhyFull::First));
        fill(&plain);
        assert_eq!(why(&plain, &["whatsapp"], 90), None);
        assert_eq!(why(&plain, &["whatsapp"], 91), Some(WhyFull::Due));
        assert_eq!(why(&plain, &["whatsapp", "whatsapp-business"], 7), Some(WhyFull::Due));
        assert_eq!(why(&weekly(dir.path(), true), &["whatsapp"], 7), Some(WhyFull::Asked));
    }

    #[test]
    fn a_seal_that_is_not_found_holds_nothing_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let weekly = weekly(dir.path(), false);
        fill(&weekly);
        let (holdings, unknown) = Holdings::open(&weekly, dir.path(), &["whatsapp"], Timestamp::UNIX_EPOCH).unwrap();
        assert!(unknown.is_none());
        let missing = holdings.unusable().first().unwrap();
        assert_eq!((missing.why, missing.attachments), (uitlezen_check::EarlierSealFault::Missing, 1));
        let item = Item { name: ItemName::new("Media/1.jpg").unwrap(), bytes: 3, modified: Some(4) };
        assert_eq!(holdings.of_listed(&weekly.file, &item, None), None);
        assert_eq!(holdings.of_digest(Some(&hex::encode([5; 32]))), None);
    }
}
