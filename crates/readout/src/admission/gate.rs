//! The gate: may this phone be read, now, by this plan? Everything that stands in the way is told at once.
//!
//! Order of the answers: a state secret stops everything; a damaged register is no register; then all objections together. A
//! phone that the register does not know may be read in a crisis or by way of exception (R20, R21), with a reason and
//! somebody's approval; council members' phones never (R27).

use super::{Admission, Admitted, Basis, How, RegisterState, Retention, Term, Unregistered};
use crate::{Plan, Platform, Purpose};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use uitlezen_check::separation::Judge;
use uitlezen_register::{
    Contact, ContactKind, Entry, Kind, Official, Organisation, Phone, Platform as RegisteredPlatform, RegisterError, Rubricering,
    View, folded, is_of_the_council, normal,
};

/// Days are days in the Netherlands.
const ZONE: &str = "Europe/Amsterdam";
/// A clock may be this much behind the last change of the register: two stations are never quite equal.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(60);

/// What the operator says beside the plan.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// Why a phone is read that the register does not know.
    pub reason: Option<String>,
    pub approved_by: Option<String>,
    /// The event of a crisis.
    pub hotspot: Option<String>,
    pub holder_present: Option<bool>,
}

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    NoRegister,
    /// The register has no settings of an organisation.
    NoOrganisation,
    NoDoel,
    NoGrondslag,
    NoDpia,
    NoFgAdvice,
    /// The advice is dated after today.
    FgAdviceToCome {
        on: Date,
    },
    NotRegistered,
    /// The term of whoever holds the phone does not cover today.
    NoTerm {
        from: Date,
        to: Option<Date>,
    },
    /// Reading an unregistered phone asks for purpose incidenteel or crisis.
    NotForPurpose,
    NoReason,
    NoApproval,
    NoHotspot,
    /// A council member's phone (R27).
    Councillor,
    /// The clock stands before the last change of the register.
    ClockBehind {
        changed: Timestamp,
    },
    OtherPerson {
        plan: String,
        register: String,
    },
    OtherFunction {
        plan: String,
        register: String,
    },
    OtherNumber {
        plan: String,
        register: String,
    },
    /// The plan's number is that of another registered phone.
    NumberOfOther {
        serial: String,
    },
    OtherPlatform,
    OtherCode {
        plan: String,
        register: String,
    },
}

impl Objection {
    /// A stable word, for texts, events and the ledger.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoRegister => "no-register",
            Self::NoOrganisation => "no-organisation",
            Self::NoDoel => "no-doel",
            Self::NoGrondslag => "no-grondslag",
            Self::NoDpia => "no-dpia",
            Self::NoFgAdvice => "no-fg-advice",
            Self::FgAdviceToCome { .. } => "fg-advice-to-come",
            Self::NotRegistered => "not-registered",
            Self::NoTerm { .. } => "no-term",
            Self::NotForPurpose => "not-for-purpose",
            Self::NoReason => "no-reason",
            Self::NoApproval => "no-approval",
            Self::NoHotspot => "no-hotspot",
            Self::Councillor => "councillor",
            Self::ClockBehind { .. } => "clock-behind",
            Self::OtherPerson { .. } => "other-person",
            Self::OtherFunction { .. } => "other-function",
            Self::OtherNumber { .. } => "other-number",
            Self::NumberOfOther { .. } => "number-of-other",
            Self::OtherPlatform => "other-platform",
            Self::OtherCode { .. } => "other-code",
        }
    }
}

/// Why a run is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// Stop, do not go on handling it, keep it sealed, refer to whom the register names.
    #[error("the phone is classified as a state secret")]
    StateSecret { contact: Option<String> },
    #[error("{} objections", .0.len())]
    Objections(Vec<Objection>),
    /// A fault of the plan: raw databases and exclusions together, without a decision's reference.
    #[error("raw databases are asked for although conversations are left out")]
    Sources,
    #[error("the register: {0}")]
    Register(#[from] RegisterError),
}

impl Admission {
    /// Judges a plan by the register. `register` is `None` where there is none yet.
    ///
    /// Errors: [`Denied`], with everything that stands in the way.
    pub fn from_register(plan: &Plan, presented: &Presented, register: Option<View<'_>>, now: Timestamp) -> Result<Self, Denied> {
        let Some(view) = register else {
            // Without a register nobody can say whom to call; the stop is the same.
            return Err(match plan.run.rubricering {
                Rubricering::Staatsgeheim => Denied::StateSecret { contact: None },
                _ => Denied::Objections(vec![Objection::NoRegister]),
            });
        };
        Case::look_up(plan, presented, view, now)?.decide()
    }
}

/// A plan before the register.
struct Case<'a> {
    plan: &'a Plan,
    presented: &'a Presented,
    view: View<'a>,
    now: Timestamp,
    today: Date,
    organisation: Option<Organisation>,
    phone: Option<Phone>,
    official: Option<Official>,
    objections: Vec<Objection>,
}

impl<'a> Case<'a> {
    fn look_up(plan: &'a Plan, presented: &'a Presented, view: View<'a>, now: Timestamp) -> Result<Self, Denied> {
        let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
        let phone = match view.get(Kind::Phone, &plan.phone.serial)? {
            Some(Entry::Phone(phone)) => Some(phone),
            _ => None,
        };
        let official = match &phone {
            Some(phone) => match view.get(Kind::Official, &phone.official)? {
                Some(Entry::Official(official)) => Some(official),
                _ => None,
            },
            None => None,
        };
        Ok(Self {
            plan,
            presented,
            view,
            now,
            today: now.to_zoned(zone).date(),
            organisation: view.organisation()?,
            phone,
            official,
            objections: Vec::new(),
        })
    }

    fn object(&mut self, objection: Objection) {
        self.objections.push(objection);
    }

    fn decide(mut self) -> Result<Admission, Denied> {
        self.classification()?;
        let basis = self.basis();
        self.clock()?;
        self.councillor()?;
        self.contradictions()?;
        let mark = self.registration();
        let hotspots = self.hotspots();
        let (Some(basis), true) = (basis, self.objections.is_empty()) else {
            return Err(Denied::Objections(self.objections));
        };
        let rules = self.view.rules(&self.plan.phone.serial)?;
        let decision = self.plan.apps.sources_decision.clone();
        if self.plan.apps.keep_sources && decision.is_none() && Judge::new(&rules).excludes() {
            return Err(Denied::Sources);
        }
        let how = if mark.is_some() { How::Unregistered } else { How::Register };
        let state = self.view.state()?;
        let official = self.official.as_ref();
        let facts = Admitted {
            term: official.map(|o| Term { from: o.from, to: o.to }),
            register: state.map(|s| RegisterState { change: s.change, digest: s.digest, changed: s.changed }),
            basis: Some(basis),
            policy: rules.policy,
            retention: official.map(|o| Retention {
                appraisal: o.appraisal,
                period: o.retention.clone(),
                selection_list: o.selection_list.clone(),
                category_code: o.category_code.clone(),
                category_title: o.category_title.clone(),
            }),
            hotspots,
            holder_present: self.presented.holder_present.or(self.plan.run.holder_present),
            mark,
            sources_decision: decision.filter(|_| self.plan.apps.keep_sources),
            full_run_weeks: self.organisation.as_ref().map_or(uitlezen_register::FULL_RUN_WEEKS, |o| o.full_run_weeks),
            ..Admitted::of(self.plan, how)
        };
        Ok(Admission { facts, rules })
    }

    fn classification(&self) -> Result<(), Denied> {
        let of_organisation = self.organisation.as_ref().map(|o| o.rubricering);
        let of_phone = self.phone.as_ref().map(|p| p.rubricering);
        let secret = |r: Rubricering| r == Rubricering::Staatsgeheim;
        if secret(self.plan.run.rubricering) || of_organisation.is_some_and(secret) || of_phone.is_some_and(secret) {
            let contact = self.organisation.as_ref().and_then(|o| o.stop_contact.clone());
            return Err(Denied::StateSecret { contact });
        }
        Ok(())
    }

    fn basis(&mut self) -> Option<Basis> {
        let Some(organisation) = self.organisation.clone() else {
            self.object(Objection::NoOrganisation);
            return None;
        };
        if !organisation.code.eq_ignore_ascii_case(&self.plan.organisation.code) {
            let (plan, register) = (self.plan.organisation.code.clone(), organisation.code.clone());
            self.object(Objection::OtherCode { plan, register });
        }
        let said = [
            (&organisation.doel, Objection::NoDoel),
            (&organisation.grondslag, Objection::NoGrondslag),
            (&organisation.dpia, Objection::NoDpia),
        ];
        for (text, objection) in said {
            if text.is_none() {
                self.object(objection);
            }
        }
        match organisation.fg_advice {
            None => self.object(Objection::NoFgAdvice),
            Some(on) if on > self.today => self.object(Objection::FgAdviceToCome { on }),
            Some(_) => {}
        }
        Some(Basis {
            doel: organisation.doel?,
            grondslag: organisation.grondslag?,
            dpia: organisation.dpia?,
            fg_advice: organisation.fg_advice?,
        })
    }

    /// With a clock that went back, nobody can say whether a term covers today.
    fn clock(&mut self) -> Result<(), Denied> {
        if let Some(state) = self.view.state()?
            && self.now.saturating_add(CLOCK_TOLERANCE).is_ok_and(|latest| latest < state.changed)
        {
            self.object(Objection::ClockBehind { changed: state.changed });
        }
        Ok(())
    }

    fn councillor(&mut self) -> Result<(), Denied> {
        let today = self.today;
        let sits = |contact: &Contact| {
            contact.kind == ContactKind::Raadslid
                && contact.from.is_none_or(|from| from <= today)
                && contact.to.is_none_or(|to| today <= to)
        };
        let mut numbers: Vec<String> = self.plan.phone.number.iter().map(|n| normal(n)).collect();
        numbers.extend(self.phone.iter().filter_map(|p| p.number.clone()));
        let mut of_the_council = is_of_the_council(&self.plan.person.function);
        for number in numbers {
            let found = self.view.with_identifier(&number)?;
            of_the_council |= found.iter().any(|entry| matches!(entry, Entry::Contact(contact) if sits(contact)));
        }
        let named = self.view.councillors_named(&self.plan.person.name)?;
        if of_the_council || named.iter().any(sits) {
            self.object(Objection::Councillor);
        }
        Ok(())
    }

    fn contradictions(&mut self) -> Result<(), Denied> {
        let (Some(phone), Some(official)) = (self.phone.clone(), self.official.clone()) else { return Ok(()) };
        let plan = self.plan;
        if folded(&plan.person.name) != folded(&official.name) {
            self.object(Objection::OtherPerson { plan: plan.person.name.clone(), register: official.name.clone() });
        }
        if folded(&plan.person.function) != folded(&official.function) {
            self.object(Objection::OtherFunction { plan: plan.person.function.clone(), register: official.function.clone() });
        }
        if let Some(number) = plan.phone.number.as_deref().map(normal) {
            if let Some(registered) = phone.number.filter(|registered| *registered != number) {
                self.object(Objection::OtherNumber { plan: number.clone(), register: registered });
            }
            if let Some(serial) = self.view.phone_with_number(&number)?.filter(|serial| *serial != phone.serial) {
                self.object(Objection::NumberOfOther { serial });
            }
        }
        let same = match plan.phone.platform {
            Platform::Android => phone.platform == RegisteredPlatform::Android,
            Platform::Iphone => phone.platform == RegisteredPlatform::Iphone,
        };
        if !same {
            self.object(Objection::OtherPlatform);
        }
        Ok(())
    }

    /// Whether the register knows the phone and its holder's term; else what makes up for it.
    fn registration(&mut self) -> Option<Unregistered> {
        let missing = match (&self.phone, &self.official) {
            (Some(_), Some(official)) if official.serves_on(self.today) => return None,
            (Some(_), Some(official)) => Objection::NoTerm { from: official.from, to: official.to },
            _ => Objection::NotRegistered,
        };
        let text = |given: &Option<String>| given.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let (reason, approved_by) = (text(&self.presented.reason), text(&self.presented.approved_by));
        let for_purpose = matches!(self.plan.run.purpose, Purpose::Incidenteel | Purpose::Crisis);
        if let (Some(reason), Some(approved_by), true) = (&reason, &approved_by, for_purpose) {
            return Some(Unregistered { reason: reason.clone(), approved_by: approved_by.clone() });
        }
        self.object(missing);
        // Who already tried the other way hears what it lacks.
        if for_purpose || reason.is_some() || approved_by.is_some() {
            if !for_purpose {
                self.object(Objection::NotForPurpose);
            }
            if reason.is_none() {
                self.object(Objection::NoReason);
            }
            if approved_by.is_none() {
                self.object(Objection::NoApproval);
            }
        }
        None
    }

    fn hotspots(&mut self) -> Vec<String> {
        let mut hotspots = self.official.as_ref().map(|o| o.hotspots.clone()).unwrap_or_default();
        let named = self.presented.hotspot.as_deref().map(str::trim).filter(|t| !t.is_empty());
        match named {
            Some(hotspot) if !hotspots.iter().any(|one| one == hotspot) => hotspots.push(hotspot.to_owned()),
            None if self.plan.run.purpose == Purpose::Crisis => self.object(Objection::NoHotspot),
            _ => {}
        }
        hotspots
    }
}
