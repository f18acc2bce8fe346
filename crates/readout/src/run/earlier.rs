//! The run and the earlier seals of its phone: what is left where it lies, and what is entered when the seal is closed.

use super::{Going, RunError, Sealed, app::App, chosen, receive::Arrived, standing};
use crate::{
    Event,
    earlier::{self, HeldAttachment, Holdings, JustClosed, RememberError, Taken},
    reader::WantedFile,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use uitlezen_apps::App as AskedApp;
use uitlezen_chat::AttachmentState;
use uitlezen_check::{EarlierSealFault, Finding, Subject};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::{header::Sha256Digest, store::WorkStore};

/// A file that was written so shortly before it was listed may have changed again without a new time: seconds.
const UNSETTLED: i64 = 2;

impl Going<'_, '_> {
    /// Looks what earlier seals hold, before the first attachment is asked.
    ///
    /// `names`: the apps whose attachments are asked. One that is not on the phone does not belong among them: it was in no
    /// full run, and every run would be one.
    pub(super) fn look_at_earlier(&mut self, names: &[&str]) -> Result<(), RunError> {
        let Some(weekly) = self.job.weekly.as_ref().filter(|_| self.holdings.is_none()) else { return Ok(()) };
        let (holdings, unknown) = Holdings::open(weekly, &self.job.out, names, Timestamp::now())?;
        if let Some(why) = unknown {
            self.finding(Finding::EarlierUnknown { why });
        }
        if let Some(why) = holdings.full() {
            self.tell(Event::FullRun { why });
        }
        let mut faults: BTreeMap<EarlierSealFault, (u64, u64)> = BTreeMap::new();
        for seal in holdings.unusable() {
            let fault = faults.entry(seal.why).or_default();
            (fault.0, fault.1) = (fault.0 + 1, fault.1.saturating_add(seal.attachments));
        }
        for (why, (seals, attachments)) in faults {
            self.finding(Finding::EarlierSeal { why, seals, attachments });
        }
        self.holdings = Some(holdings);
        Ok(())
    }

    /// Where the bytes of a listed file lie, if an earlier seal that can be relied on has them.
    pub(super) fn held_as_listed(&mut self, app: AskedApp, item: &Item, file: &WantedFile) -> Option<AttachmentState> {
        let held = self.held(app, item, file)?.clone();
        self.left_in(&held)
    }

    /// Whether an earlier seal that can be relied on has the bytes of a listed file.
    pub(super) fn is_held(&self, app: AskedApp, item: &Item, file: &WantedFile) -> bool {
        self.held(app, item, file).is_some()
    }

    fn held(&self, app: AskedApp, item: &Item, file: &WantedFile) -> Option<&HeldAttachment> {
        let (weekly, holdings) = (self.job.weekly.as_ref()?, self.holdings.as_ref()?);
        match chosen::lasting(app, &file.path) {
            Some(name) => holdings.of_named(&weekly.file, &name),
            None => holdings.of_listed(&weekly.file, item, file.sha256.as_deref()),
        }
    }

    /// A file that did not come, and whose bytes lie in an earlier seal by the digest that the app recorded, is there.
    pub(super) fn held_instead(&mut self, state: AttachmentState, file: &WantedFile, app: &mut App) -> AttachmentState {
        let missing = match state {
            AttachmentState::Missing => true,
            AttachmentState::Refused { .. } | AttachmentState::NotRead { .. } => false,
            other => return other,
        };
        let held = self.holdings.as_ref().and_then(|holdings| holdings.of_digest(file.sha256.as_deref())).cloned();
        match held.and_then(|held| self.left_in(&held)) {
            Some(held) => {
                app.report.attachments.held_gone += u64::from(missing);
                held
            }
            None => state,
        }
    }

    fn left_in(&mut self, held: &HeldAttachment) -> Option<AttachmentState> {
        let holdings = self.holdings.as_mut()?;
        holdings.leave(held.seal, held.bytes);
        Some(AttachmentState::HeldIn {
            seal: holdings.seal_of(held),
            item: held.item.as_str().to_owned(),
            parts: held.parts.clone(),
            bytes: held.bytes,
            sha256: hex::encode(held.sha256),
            file: None,
        })
    }

    /// Says what this run relies on, when all media was looked at.
    pub(super) fn account_for_earlier(&mut self) {
        let Some(holdings) = &self.holdings else { return };
        let account = holdings.account();
        let sum = |of: fn(&earlier::ReliedOn) -> u64| account.relied_on.iter().map(of).sum();
        let (attachments, bytes) = (sum(|seal| seal.attachments), sum(|seal| seal.bytes));
        let seals = account.relied_on.len() as u64;
        if seals > 0 {
            self.tell(Event::Held { attachments, bytes, seals });
        }
        self.report.earlier = Some(account);
    }

    /// Keeps, across a resume, what the list gets once the seal is closed: files as they were listed, or by names that last.
    pub(super) fn keep_taken(
        &self,
        app: &App,
        (pulled, lasting): (&BTreeMap<ItemName, Item>, &HashMap<ItemName, ItemName>),
        arrived: &BTreeMap<ItemName, Arrived>,
        listed_at: i64,
        store: &WorkStore,
    ) -> Result<(), RunError> {
        if self.job.weekly.is_none() {
            return Ok(());
        }
        let mut taken = Vec::new();
        for (listed, file) in arrived {
            let (listed, modified) = match lasting.get(listed) {
                Some(name) => (name, 0),
                None => {
                    // What changed while it was pulled is known by no time: it is pulled again at the next readout.
                    let as_listed = pulled.get(listed).filter(|item| item.bytes == file.bytes).and_then(|item| item.modified);
                    let Some(modified) = as_listed.filter(|modified| *modified < listed_at - UNSETTLED) else { continue };
                    (listed, modified)
                }
            };
            let mut sha256 = [0; 32];
            if hex::decode_to_slice(&file.sha256, &mut sha256).is_err() {
                continue;
            }
            taken.push(Taken { listed: listed.clone(), bytes: file.bytes, modified, sha256, item: file.name.clone() });
        }
        standing::keep(&standing::name(app.name(), TAKEN)?, &taken, store)
    }

    /// What every app's media stage kept for the list.
    pub(super) fn taken(&self, store: &WorkStore) -> Result<Vec<Taken>, RunError> {
        let mut all = Vec::new();
        for app in self.report.apps.iter().filter(|_| self.job.weekly.is_some()) {
            all.extend(standing::read::<Taken>(&standing::name(&app.app, TAKEN)?, store)?.unwrap_or_default());
        }
        Ok(all)
    }

    /// Looks at the closed seal and enters it in the list. The seal stands also where the list cannot be written.
    pub(super) fn remember(&mut self, sealed: &Sealed, taken: &[Taken]) -> Result<(), RunError> {
        let Some(weekly) = &self.job.weekly else { return Ok(()) };
        let read = self.report.apps.iter().filter(|app| app.records.is_some());
        let of_media = |subject: &Subject| matches!(subject, Subject::Evidence(what) if what == "media");
        let blind = self.standing.gaps.iter().any(|gap| of_media(&gap.subject) && gap.reason.leaves_incomplete());
        let seal = JustClosed {
            path: &sealed.path,
            digest: Sha256Digest(sealed.digest),
            closed: sealed.closed,
            full: self.report.earlier.as_ref().is_some_and(|earlier| earlier.full.is_some()) && !blind,
            apps: read.map(|app| app.app.clone()).collect(),
            relies_on: self.report.relies_on().into_iter().map(|earlier| earlier.seal).collect(),
            placed: &sealed.placed,
        };
        match earlier::remember(&weekly.file, seal, taken, self.holdings.as_ref()) {
            Ok(()) => Ok(()),
            Err(RememberError::NotVerified) => Err(RunError::NotVerified { file: sealed.file_name() }),
            Err(RememberError::List(error)) => {
                tracing::warn!(%error, "the list of earlier seals");
                self.listener.event(Event::NotRemembered);
                Ok(())
            }
        }
    }
}

/// The standing item of what the list gets.
const TAKEN: &str = "gehouden";
