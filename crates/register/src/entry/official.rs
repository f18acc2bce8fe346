//! Key officials: whose phones are read out, in which term, by whose decision, and how long what is read is kept.

use super::{Field, Form, form::Check, needed, optional};
use crate::{Fault, What};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Appraisal as MDTO has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appraisal {
    /// Blijvend te bewaren.
    B,
    /// Te vernietigen, after the retention period.
    V,
    /// Nader te bepalen.
    N,
}

/// A key official in one function for one term. A second function or term is another entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Official {
    pub id: String,
    pub name: String,
    pub function: String,
    /// First day of the term.
    pub from: Date,
    /// Last day of the term, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Who put them on the list: "directieteam".
    pub set_by: String,
    /// Reference of that decision.
    pub decision: String,
    pub decided: Date,
    pub appraisal: Appraisal,
    /// How long, for V: "10 jaar na einde ambtstermijn".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection_list: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_title: Option<String>,
    /// Events by which destructible information becomes permanent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hotspots: Vec<String>,
}

pub(super) const FIELDS: &[Field] = &[
    needed("id", Form::Text),
    needed("name", Form::Text),
    needed("function", Form::Text),
    needed("from", Form::Date),
    optional("to", Form::Date),
    needed("set_by", Form::Text),
    needed("decision", Form::Text),
    needed("decided", Form::Date),
    needed("appraisal", Form::One(&["B", "V", "N"])),
    optional("retention", Form::Text),
    optional("selection_list", Form::Text),
    optional("category_code", Form::Text),
    optional("category_title", Form::Text),
    optional("hotspots", Form::List),
];

/// Words in a function that is the council's: out of scope (R27).
const OF_THE_COUNCIL: [&str; 6] = ["raadslid", "raadsleden", "fractievoorzitter", "fractielid", "burgerraadslid", "councillor"];

/// Whether a function is one in the council.
#[must_use]
pub fn is_of_the_council(function: &str) -> bool {
    function.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| OF_THE_COUNCIL.contains(&word))
}

impl Official {
    /// Whether a day lies in the term.
    #[must_use]
    pub fn serves_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        check.id("id", &self.id);
        check.needed("name", &self.name);
        check.needed("function", &self.function);
        check.needed("set_by", &self.set_by);
        check.needed("decision", &self.decision);
        check.span(Some(self.from), self.to);
        for (field, text) in [
            ("retention", &self.retention),
            ("selection_list", &self.selection_list),
            ("category_code", &self.category_code),
            ("category_title", &self.category_title),
        ] {
            check.optional(field, text.as_deref());
        }
        check.list("hotspots", &self.hotspots);
        // A bare number of years cannot be found back in a published list.
        if self.appraisal == Appraisal::V {
            if self.retention.is_none() {
                check.fault("retention", What::Retention);
            }
            if self.selection_list.is_none() || self.category_code.is_none() {
                check.fault("selection_list", What::SelectionList);
            }
        }
        if is_of_the_council(&self.function) {
            check.fault("function", What::Councillor);
        }
    }
}
