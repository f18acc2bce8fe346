//! Admission: the only way into a run that seals. It says who is read out, on what basis and by which state of the register,
//! and carries the rules about what is left out.
//!
//! A work store keeps it beside the plan, so that a resumed run goes on under what was admitted, whatever the register says by
//! then. [`Admitted`] is the part that stands in the report; the rules hold numbers of chat partners and never do.

mod gate;

pub use gate::{Denied, Objection, Presented};

use crate::{Plan, Purpose};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uitlezen_check::separation::{Policy, Rules};
use uitlezen_register::Appraisal;

/// On what a run was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A registered phone of a key official in a current term.
    Register,
    /// A phone that the register does not know, for a named reason: the seal is marked.
    Unregistered,
    /// The demonstration: no register, and its seals say so.
    Demo,
    /// A look at the settings; nothing is sealed.
    Settings,
}

/// The term of a key official; `to` is its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    pub from: Date,
    pub to: Option<Date>,
}

/// Which state of the register let the run in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterState {
    /// Number of the last change.
    pub change: u64,
    /// Digest of the chain of changes up to it, hex.
    pub digest: String,
    pub changed: Timestamp,
}

/// On what basis the organisation reads out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    pub doel: String,
    pub grondslag: String,
    /// Reference of the DPIA.
    pub dpia: String,
    /// Date of the advice of the data protection officer (FG).
    pub fg_advice: Date,
}

/// How long what is read will be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    pub appraisal: Appraisal,
    pub period: Option<String>,
    pub selection_list: Option<String>,
    pub category_code: Option<String>,
    pub category_title: Option<String>,
}

/// Why a phone that the register does not know was read all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unregistered {
    pub reason: String,
    pub approved_by: String,
}

/// What the report says of the admission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    pub how: How,
    pub person: String,
    pub function: String,
    pub organisation: String,
    /// Code of the organisation.
    pub code: String,
    pub purpose: Purpose,
    pub operator: String,
    #[serde(default)]
    pub term: Option<Term>,
    #[serde(default)]
    pub register: Option<RegisterState>,
    #[serde(default)]
    pub basis: Option<Basis>,
    pub policy: Policy,
    #[serde(default)]
    pub retention: Option<Retention>,
    /// Events that make what is read permanent; in a crisis the one it is read for.
    #[serde(default)]
    pub hotspots: Vec<String>,
    /// Whether the holder was there; absent: not recorded.
    #[serde(default)]
    pub holder_present: Option<bool>,
    #[serde(default)]
    pub mark: Option<Unregistered>,
    /// Reference of the decision to keep raw databases although conversations are left out.
    #[serde(default)]
    pub sources_decision: Option<String>,
    /// A full run at least every so many weeks.
    pub full_run_weeks: u16,
}

/// A run that may begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    facts: Admitted,
    rules: Rules,
}

impl Admission {
    /// For the demonstration, whose seals say that they are one.
    #[must_use]
    pub fn demo(plan: &Plan) -> Self {
        Self { facts: Admitted::of(plan, How::Demo), rules: Rules::default() }
    }

    /// For a look at the settings. A job with this admission and a seal is refused by the run.
    #[must_use]
    pub fn for_settings(plan: &Plan) -> Self {
        Self { facts: Admitted::of(plan, How::Settings), rules: Rules::default() }
    }

    /// What the report says.
    #[must_use]
    pub fn facts(&self) -> &Admitted {
        &self.facts
    }

    /// What is left out, and how.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether the run may write a seal.
    #[must_use]
    pub fn may_seal(&self) -> bool {
        self.facts.how != How::Settings
    }

    /// Why a phone that the register does not know is read.
    #[must_use]
    pub fn mark(&self) -> Option<&Unregistered> {
        self.facts.mark.as_ref()
    }

    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.facts.how == How::Demo
    }
}

impl Admitted {
    fn of(plan: &Plan, how: How) -> Self {
        Self {
            how,
            person: plan.person.name.clone(),
            function: plan.person.function.clone(),
            organisation: plan.organisation.name.clone(),
            code: plan.organisation.code.clone(),
            purpose: plan.run.purpose,
            operator: plan.run.operator.clone(),
            term: None,
            register: None,
            basis: None,
            policy: Policy::default(),
            retention: None,
            hotspots: Vec::new(),
            holder_present: None,
            mark: None,
            sources_decision: None,
            full_run_weeks: uitlezen_register::FULL_RUN_WEEKS,
        }
    }
}
