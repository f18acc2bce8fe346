//! The organisation and the basis on which it reads phones out: without it nothing but the demonstration runs.

use super::{Field, Form, form::Check, needed, optional};
use crate::{Fault, What};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uitlezen_check::separation::Policy;

/// The one organisation of a register, as an id.
pub const ORGANISATION: &str = "organisatie";
/// A full run at least every so many weeks, unless the office says otherwise.
pub const FULL_RUN_WEEKS: u16 = 13;

/// Classification. State secrets are not handled by this program at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rubricering {
    #[default]
    Geen,
    DepartementaalVertrouwelijk,
    Staatsgeheim,
}

/// Settings of the organisation. What the law asks for may be absent while the register is being filled; the gate then says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub name: String,
    /// Code in the register of government organisations, for instance `gm0000`.
    pub code: String,
    /// Why phones are read out at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doel: Option<String>,
    /// On what legal ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grondslag: Option<String>,
    /// Reference of the DPIA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpia: Option<String>,
    /// Date of the advice of the data protection officer (FG).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fg_advice: Option<Date>,
    #[serde(default)]
    pub policy: Policy,
    #[serde(default)]
    pub rubricering: Rubricering,
    #[serde(default = "full_run_weeks")]
    pub full_run_weeks: u16,
    /// Whom to call when a state secret turns up: BVA or CISO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_contact: Option<String>,
}

fn full_run_weeks() -> u16 {
    FULL_RUN_WEEKS
}

pub(super) const RUBRICERING: &[&str] = &["geen", "departementaal-vertrouwelijk", "staatsgeheim"];

pub(super) const FIELDS: &[Field] = &[
    needed("name", Form::Text),
    needed("code", Form::Text),
    optional("doel", Form::Text),
    optional("grondslag", Form::Text),
    optional("dpia", Form::Text),
    optional("fg_advice", Form::Date),
    optional("policy", Form::One(&["tenzij-uitgesloten", "alleen-zakelijk"])),
    optional("rubricering", Form::One(RUBRICERING)),
    optional("full_run_weeks", Form::Number),
    optional("stop_contact", Form::Text),
];

impl Organisation {
    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        check.needed("name", &self.name);
        check.id("code", &self.code);
        check.optional("doel", self.doel.as_deref());
        check.optional("grondslag", self.grondslag.as_deref());
        check.optional("dpia", self.dpia.as_deref());
        check.optional("stop_contact", self.stop_contact.as_deref());
        if !(1..=520).contains(&self.full_run_weeks) {
            check.fault("full_run_weeks", What::Weeks);
        }
    }
}
