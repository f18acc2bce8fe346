//! Which seals may be destroyed.
//!
//! A seal on which later ones rely holds attachments that are nowhere else, until a full run has transferred everything again.
//! After that the later state of the phone no longer needs it; the seals between still do, and whoever destroys it is told so.

use super::{
    account::ENDING,
    known::{Known, KnownSeal},
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uitlezen_seal::header::{Header, Sha256Digest};

/// A seal that relies on others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reliant {
    pub digest: Sha256Digest,
    /// Run id, of which the file has its name.
    pub run: String,
    pub closed: Timestamp,
    pub relies_on: Vec<Sha256Digest>,
}

impl Reliant {
    /// From the header of a seal that was found beside the one in question.
    #[must_use]
    pub fn of(digest: Sha256Digest, header: &Header) -> Self {
        let closed = header.created.timestamp();
        Self { digest, run: header.run.clone(), closed, relies_on: header.relies_on.iter().map(|earlier| earlier.seal).collect() }
    }

    fn known(seal: &KnownSeal) -> Self {
        let run = seal.file.strip_suffix(ENDING).unwrap_or(&seal.file).to_owned();
        Self { digest: seal.digest, run, closed: seal.closed, relies_on: seal.relies_on.clone() }
    }
}

/// What destroying a seal would mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reliance {
    /// Seals that rely on it, and after which no full run was made: it may not go.
    pub needing: Vec<Reliant>,
    /// Seals that rely on it and that a full run has superseded: they lose attachments.
    pub losing: Vec<Reliant>,
}

/// Who relies on `seal`, by the list and by the headers of seals `beside` it.
#[must_use]
pub fn reliance(known: &Known, seal: &KnownSeal, beside: &[Reliant]) -> Reliance {
    let listed = known.state.seals.iter().filter(|other| other.destroyed.is_none()).map(Reliant::known);
    let mut met = BTreeSet::new();
    let gone: BTreeSet<Sha256Digest> = known.state.seals.iter().filter(|s| s.destroyed.is_some()).map(|s| s.digest).collect();
    let relying = listed
        .chain(beside.iter().cloned())
        .filter(|other| other.relies_on.contains(&seal.digest) && !gone.contains(&other.digest) && met.insert(other.digest));
    let superseded = |other: &Reliant| {
        known.state.seals.iter().any(|full| {
            full.full
                && full.destroyed.is_none()
                && full.digest != seal.digest
                && full.closed > other.closed
                && seal.apps.iter().all(|app| full.apps.contains(app))
        })
    };
    let (losing, needing) = relying.partition(superseded);
    Reliance { needing, losing }
}

impl Known {
    /// The seal of this digest.
    #[must_use]
    pub fn by_digest(&self, digest: Sha256Digest) -> Option<&KnownSeal> {
        self.state.seals.iter().find(|seal| seal.digest == digest)
    }

    /// How many attachments were last seen to lie in this seal and nowhere later.
    #[must_use]
    pub fn holding(&self, digest: Sha256Digest) -> u64 {
        self.attachments().filter(|(_, held)| self.seal(held.seal).is_some_and(|seal| seal.digest == digest)).count() as u64
    }

    /// From now on nothing may rely on this seal.
    pub fn destroyed(&mut self, digest: Sha256Digest, at: Timestamp) {
        let places: BTreeSet<u32> =
            (0_u32..).zip(&self.state.seals).filter(|(_, seal)| seal.digest == digest).map(|(place, _)| place).collect();
        self.retain(|held| !places.contains(&held.seal));
        for seal in self.state.seals.iter_mut().filter(|seal| seal.digest == digest) {
            seal.destroyed = Some(at);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::earlier::known::{PhoneState, Stamp};

    fn seal(n: u8, full: bool, apps: &[&str], relies_on: &[u8]) -> KnownSeal {
        let at = Timestamp::from_second(i64::from(n) * 1000).unwrap();
        KnownSeal {
            digest: Sha256Digest([n; 32]),
            file: format!("{n}.uitlezing"),
            folder: "/zegels".into(),
            closed: at,
            full,
            apps: apps.iter().map(|app| (*app).to_owned()).collect(),
            relies_on: relies_on.iter().map(|n| Sha256Digest([*n; 32])).collect(),
            attachments: 3,
            verified: Some(at),
            stamp: Stamp { bytes: 1, modified: (0, 0), changed: (0, 0) },
            destroyed: None,
        }
    }

    fn known(seals: Vec<KnownSeal>) -> Known {
        Known::new(PhoneState { seals, ..PhoneState::default() }).unwrap()
    }

    fn runs(of: &[Reliant]) -> Vec<&str> {
        of.iter().map(|reliant| reliant.run.as_str()).collect()
    }

    #[test]
    fn a_seal_is_needed_until_a_full_run_after_the_last_that_relies_on_it() {
        let first = seal(1, true, &["whatsapp"], &[]);
        let mut all = vec![first.clone(), seal(2, false, &["whatsapp"], &[1]), seal(3, false, &["whatsapp"], &[1, 2])];
        let found = reliance(&known(all.clone()), &first, &[]);
        assert_eq!((runs(&found.needing), runs(&found.losing)), (vec!["2", "3"], vec![]));
        // A full run of another app changes nothing.
        all.push(seal(4, true, &["whatsapp-business"], &[]));
        assert_eq!(reliance(&known(all.clone()), &first, &[]).needing.len(), 2);
        all.push(seal(5, true, &["whatsapp", "whatsapp-business"], &[]));
        let found = reliance(&known(all.clone()), &first, &[]);
        assert_eq!((runs(&found.needing), runs(&found.losing)), (vec![], vec!["2", "3"]));
        // What relies on the new full one keeps that one, and the first no longer.
        all.push(seal(6, false, &["whatsapp"], &[5]));
        assert!(reliance(&known(all.clone()), &first, &[]).needing.is_empty());
        assert_eq!(runs(&reliance(&known(all.clone()), &all[4], &[]).needing), ["6"]);
        // A destroyed full run supersedes nothing, and a destroyed seal needs nothing.
        all[4].destroyed = Some(Timestamp::UNIX_EPOCH);
        all[1].destroyed = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(runs(&reliance(&known(all), &first, &[]).needing), ["3"]);
    }

    #[test]
    fn a_header_beside_it_counts_also_when_the_list_was_lost() {
        let first = seal(1, true, &["whatsapp"], &[]);
        let beside =
            Reliant { digest: Sha256Digest([9; 32]), run: "9".into(), closed: first.closed, relies_on: vec![first.digest] };
        let list = known(vec![first.clone()]);
        assert_eq!(runs(&reliance(&list, &first, std::slice::from_ref(&beside)).needing), ["9"]);
        assert_eq!(reliance(&list, &first, &[Reliant { relies_on: vec![], ..beside }]), Reliance::default());
    }
}
