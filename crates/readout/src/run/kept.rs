//! A run that was broken off, taken up from its work store.

use super::{
    RunError, Shown,
    notes::{self, Begun, Reached, Stand},
    standing::STANDING,
};
use crate::{Admission, Plan, earlier::Asked, link::Reach};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use uitlezen_seal::{
    header::{Origin, Sha256Digest},
    station::Station,
    store::{Check, ItemId, Resumed, RunKey, StoreError, StoredItem, WipeReport, WorkStore},
    verify::{VerifyOptions, verify},
};

/// Between the app's folder and the number of an attachment.
const ATTACHMENTS: &str = "/bijlagen/";

/// That a run was broken off and taken up again, for the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    pub resumed: Timestamp,
    /// The last stage that was whole: see [`Reached::word`].
    pub reached: String,
    /// Items that had arrived and had to be fetched again, with what they lay in.
    pub items_lost: u64,
    pub parts_torn: u64,
    /// Never after a mere crash: the disk, or somebody's hand.
    pub parts_damaged: u64,
}

/// A work store that was taken up again.
#[derive(Debug)]
pub struct Kept {
    pub(super) store: WorkStore,
    pub(super) begun: Begun,
    pub(super) stand: Option<Stand>,
    found: Resumed,
}

impl Kept {
    /// Takes up the store in `dir`. Nothing of it is pulled or read again here.
    ///
    /// [`RunError::SealedAlready`] when the run was sealed before it was broken off: see [`sealed_already`].
    pub fn open(dir: &Path, key: &RunKey) -> Result<Self, RunError> {
        let (store, found) = WorkStore::resume(dir, key, Check::Checksums).map_err(|error| match error {
            StoreError::NoStaging => RunError::SealedAlready,
            StoreError::NeverBegun => RunError::NothingKept,
            error => error.into(),
        })?;
        let (begun, mut stands) = notes::read(&found.notes).ok_or(RunError::OtherVersion)?;
        let begun = begun.ok_or(RunError::NothingKept)?;
        // A stage of which the disk lost something is not whole, and the run goes on behind the one before.
        let whole = store.items();
        while stands.last().is_some_and(|stand| !stand.holds_in(&whole)) {
            stands.pop();
        }
        let kept = Self { store, begun, stand: stands.pop(), found };
        kept.drop_unfinished()?;
        Ok(kept)
    }

    /// What belongs to a stage that was not whole is made again; what came from the phone stays.
    fn drop_unfinished(&self) -> Result<(), StoreError> {
        let whole = self.stand.as_ref().map(|stand| stand.items);
        self.drop_all(|item| {
            let name = item.name.as_str();
            match whole {
                None => !name.starts_with(SOURCES),
                Some(items) => item.id.0 >= items && !name.starts_with(STANDING) && !name.contains(ATTACHMENTS),
            }
        })
    }

    fn drop_all(&self, which: impl Fn(&StoredItem) -> bool) -> Result<(), StoreError> {
        let ids: Vec<ItemId> = self.store.items().iter().filter(|item| which(item)).map(|item| item.id).collect();
        ids.into_iter().try_for_each(|id| self.store.drop_item(id))?;
        self.store.trim()
    }

    #[must_use]
    pub fn run(&self) -> &str {
        self.store.run_id()
    }

    /// The plan that the run was begun with.
    pub fn plan(&self) -> Result<Plan, RunError> {
        let mut plan = Plan::parse(&self.begun.plan).map_err(|_| RunError::OtherVersion)?;
        // The purpose may have been named on the command line.
        plan.run.purpose = self.begun.admission.facts().purpose;
        Ok(plan)
    }

    /// What it was let in by, and under which it goes on.
    #[must_use]
    pub fn admission(&self) -> &Admission {
        &self.begun.admission
    }

    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.begun.reach
    }

    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.begun.origin
    }

    #[must_use]
    pub fn shown(&self) -> Shown {
        self.begun.shown
    }

    #[must_use]
    pub fn reached(&self) -> Reached {
        self.stand.as_ref().map_or(Reached::Begun, |stand| stand.reached)
    }

    /// How it was to go about earlier seals.
    #[must_use]
    pub fn earlier(&self) -> &Asked {
        &self.begun.earlier
    }

    /// Where the work store lies, and the seal will.
    #[must_use]
    pub fn out(&self) -> PathBuf {
        self.store.dir().parent().unwrap_or(Path::new(".")).to_owned()
    }

    pub(super) fn interruption(&self) -> Interruption {
        Interruption {
            resumed: Timestamp::now(),
            reached: self.reached().word().to_owned(),
            items_lost: self.found.items_lost,
            parts_torn: self.found.parts_torn,
            parts_damaged: self.found.parts_damaged,
        }
    }

    /// Gives the run up: everything of it is destroyed.
    pub fn discard(self) -> Result<WipeReport, RunError> {
        Ok(self.store.discard()?)
    }
}

/// Items under this name are as they came from the phone.
pub(super) const SOURCES: &str = "bronnen/";

/// A run that was sealed just before it was broken off: its seal, when that is whole, with its digest. What is left of its
/// store can go then.
pub fn sealed_already(dir: &Path, run: &str, station: &Station) -> Result<(PathBuf, Sha256Digest), RunError> {
    let path = dir.with_file_name(format!("{run}.uitlezing"));
    let options = VerifyOptions { signers: vec![station.certificate().clone()], allow_demo: true, ..VerifyOptions::default() };
    let verdict = verify(&path, &options).map_err(|_| RunError::NothingKept)?;
    let ours = verdict.signer.as_ref().is_some_and(|signer| signer.certificate == *station.certificate());
    match (verdict.verified(), verdict.digest) {
        (Some(verified), Some(digest)) if ours && verified.header().run == run => Ok((path, digest)),
        _ => Err(RunError::NothingKept),
    }
}
