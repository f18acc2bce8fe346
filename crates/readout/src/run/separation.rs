//! Separation in a run: what the reader is told of it, what must be so before, and what became of it since the last readout.
//!
//! The closing process sees the rules and counts; what is left out stays in the reader.

use super::{Going, RunError};
use crate::{link::Secret, reader::Separating};
use uitlezen_check::{
    Finding,
    separation::{Classes, Judge, Past, Policy},
};
use uitlezen_seal::role::Role;

impl Going<'_, '_> {
    /// What the reader is told. The moment is that of the run's beginning, so that a resumed run separates as it began.
    pub(super) fn separating(&mut self) -> Result<Separating, RunError> {
        let key = self.job.keeper.thread_key(&self.job.plan.phone.serial)?;
        Ok(Separating {
            rules: self.job.admission.rules().clone(),
            key: key.map(|key| Secret(hex::encode(*key))),
            now: self.report.started,
        })
    }

    /// Refuses a run whose seal would give back what separation leaves out, or lose what waits for a decision.
    pub(super) fn may_separate(&self) -> Result<(), RunError> {
        if self.job.seal.is_none() {
            return Ok(());
        }
        let (plan, rules) = (self.job.plan, self.job.admission.rules());
        if plan.keeps_sources().is_some() && Judge::new(rules).excludes() && self.job.admission.facts().sources_decision.is_none()
        {
            return Err(RunError::SourcesBesideExclusions);
        }
        if self.waits_for_decisions() && !plan.suffices_for(Role::Scheiding) {
            return Err(RunError::NobodyDecides);
        }
        Ok(())
    }

    /// The roles of the seal.
    pub(super) fn roles(&self) -> Vec<Role> {
        let mut roles = self.job.plan.roles();
        if self.waits_for_decisions() {
            roles.push(Role::Scheiding);
        }
        roles
    }

    /// Whether what is undecided is listed for whoever decides.
    pub(super) fn waits_for_decisions(&self) -> bool {
        self.job.admission.rules().policy == Policy::AlleenZakelijk
    }

    /// Compares with what was decided at the last readout, and says what changed for times that had been read out.
    pub(super) fn compare_separation(&mut self) -> Result<(), RunError> {
        let classes = self.classes();
        let past = self.job.keeper.past(&self.job.plan.phone.serial)?;
        let count = past.map_or(0, |past| past.changed(&classes));
        if count > 0 {
            self.finding(Finding::SeparationChanged { count });
        }
        Ok(())
    }

    /// What the next readout compares with.
    pub(super) fn separated(&self) -> Past {
        Past { at: self.report.started, classes: self.classes() }
    }

    fn classes(&self) -> Classes {
        let tallies = self.report.apps.iter().filter_map(|app| app.separation.as_ref());
        tallies.flat_map(|tally| tally.classes.clone()).collect()
    }
}
