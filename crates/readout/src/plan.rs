//! The plan: who, which phone, why, by whom, what, and for whom it is sealed. TOML, written by the office, read by the gate.
//!
//! Unknown keys are refused: a misspelt `recovry = true` must not silently become "no recovery". Errors name their line.

mod recipients;

use jiff::SignedDuration;
use recipients::RecipientText;
use serde::Deserialize;
use uitlezen_apps::App;
use uitlezen_register::Rubricering;
use uitlezen_seal::{
    container::Half,
    envelope::RoleRecipients,
    role::{Role, RoleSet},
};

/// The form that this version reads.
const FORMAT: u32 = 1;
/// A plan is a page of text.
pub const LARGEST_PLAN: u64 = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The message of the TOML reader, which shows the line and where in it.
    #[error("line {line}: {what}")]
    Toml { line: usize, what: String },
    #[error("line {line}: `{key}` is empty")]
    Empty { line: usize, key: &'static str },
    #[error("line {line}: this is not a recipient (age1…)")]
    NotARecipient { line: usize },
    #[error("line {line}: `{role}` is not a role")]
    NotARole { line: usize, role: String },
    /// Two recipients that are one: whoever loses that key has lost both.
    #[error("line {line}: this recipient has role {role} already")]
    Twice { line: usize, role: &'static str },
    #[error("the plan says format {0}; this version reads format {FORMAT}")]
    Format(u32),
    #[error("role {role} needs at least two recipients, one of them recovery")]
    Recipients { role: &'static str },
    #[error("half {half} of role {role} needs at least two recipients, one of them recovery")]
    HalfRecipients { role: &'static str, half: Half },
    /// Whoever could open the whole role would need nobody's other half.
    #[error("line {line}: role {role} has recipients with and without `half`")]
    HalfAndWhole { line: usize, role: &'static str },
    #[error("the plan asks for no app")]
    NoApp,
}

/// Why this phone is read out; a closed list (`reference/governance.md §5`, objection 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    Periodiek,
    Crisis,
    Incidenteel,
    EindeAmbtstermijn,
    Woo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    Android,
    Iphone,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    pub function: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Serial number as the phone gives it over USB.
    pub serial: String,
    /// The business number (`+31612345678`): recognises the holder where an app names them by number.
    #[serde(default)]
    pub number: Option<String>,
    pub platform: Platform,
    /// What becomes of a password that a readout sets on an iPhone's backups.
    #[serde(default)]
    pub backup_password: BackupPassword,
}

/// A backup of an iPhone holds health data and keys only when it is encrypted, so it always is; the password stays on the phone
/// until somebody takes it away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupPassword {
    /// Until the end of the term, or the holder's request: the next readout needs no other one.
    #[default]
    Keep,
    /// Taken away again as soon as the backup is here.
    RemoveAfter,
}

fn five_minutes() -> Wait {
    Wait(SignedDuration::from_mins(5))
}

fn one_day() -> Wait {
    Wait(SignedDuration::from_hours(24))
}

fn yes() -> bool {
    true
}

/// A duration such as `"5m"` or `"24h"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub SignedDuration);

impl<'de> Deserialize<'de> for Wait {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        match text.parse::<SignedDuration>() {
            Ok(wait) if !wait.is_negative() => Ok(Self(wait)),
            _ => Err(serde::de::Error::custom(format!("`{text}` is not a duration such as \"5m\" or \"24h\""))),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occasion {
    pub purpose: Purpose,
    pub operator: String,
    /// How long the holder has to tap "Allow USB debugging".
    #[serde(default = "five_minutes")]
    pub wait_for_allow: Wait,
    /// A backup older than this is a finding.
    #[serde(default = "one_day")]
    pub backup_not_older_than: Wait,
    /// Whether the holder is there; `readout --holder-present` says it too.
    #[serde(default)]
    pub holder_present: Option<bool>,
    /// What is on the phone is classified so; a state secret is refused.
    #[serde(default)]
    pub rubricering: Rubricering,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub name: String,
    /// Code of the body in the register of government organisations, for instance `gm0000`. Stands in the seal's header.
    pub code: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apps {
    #[serde(default)]
    pub whatsapp: bool,
    #[serde(default)]
    pub whatsapp_business: bool,
    /// Apple's Messages: iMessage, SMS and RCS. On iPhones only.
    #[serde(default)]
    pub imessage: bool,
    /// Out of the backups that its holder makes in it.
    #[serde(default)]
    pub signal: bool,
    /// SMS and MMS. On Android phones only: an iPhone keeps them with iMessage.
    #[serde(default)]
    pub sms: bool,
    /// The three Threemas are apps of their own.
    #[serde(default)]
    pub threema: bool,
    #[serde(default)]
    pub threema_work: bool,
    #[serde(default)]
    pub threema_onprem: bool,
    /// `th_keep_messages_days`, as the administrator of Threema Work or OnPrem says that it is set. 0: nothing is deleted.
    #[serde(default)]
    pub threema_keep_days: Option<u32>,
    /// Keep the raw databases under role *bronnen*.
    #[serde(default)]
    pub keep_sources: bool,
    /// Reference of the decision to keep raw databases although conversations of this phone are left out.
    #[serde(default)]
    pub sources_decision: Option<String>,
}

impl Apps {
    /// Those that are asked.
    pub fn asked(&self) -> impl Iterator<Item = App> + use<> {
        let asked = [
            (self.whatsapp, App::WhatsApp),
            (self.whatsapp_business, App::WhatsAppBusiness),
            (self.imessage, App::IMessage),
            (self.signal, App::Signal),
            (self.sms, App::Sms),
            (self.threema, App::Threema),
            (self.threema_work, App::ThreemaWork),
            (self.threema_onprem, App::ThreemaOnPrem),
        ];
        asked.into_iter().filter_map(|(on, app)| on.then_some(app))
    }
}

/// What goes beyond the conversations themselves; everything but the media is off unless the plan says so (R36).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    #[serde(default = "yes")]
    pub media: bool,
    /// Names for participants from the phone's address book.
    #[serde(default = "yes")]
    pub participant_names: bool,
    pub call_log: bool,
    pub status_updates: bool,
    pub channels: bool,
    pub drafts: bool,
    pub profile_photos: bool,
    pub address_book: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            media: true,
            participant_names: true,
            call_log: false,
            status_updates: false,
            channels: false,
            drafts: false,
            profile_photos: false,
            address_book: false,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    format: u32,
    person: Person,
    phone: Phone,
    run: Occasion,
    organisation: Organisation,
    apps: Apps,
    #[serde(default)]
    scope: Scope,
    recipients: Vec<RecipientText>,
}

/// A plan that passed every check.
#[derive(Clone, Debug)]
pub struct Plan {
    /// As it was written: what a broken run is gone on with. Empty for a plan that nobody wrote.
    pub text: String,
    pub person: Person,
    pub phone: Phone,
    pub run: Occasion,
    pub organisation: Organisation,
    pub apps: Apps,
    pub scope: Scope,
    /// For each role that this run seals, who may open it.
    pub recipients: Vec<(Role, RoleRecipients)>,
}

impl Plan {
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let plan: PlanText = toml::from_str(text).map_err(|e| PlanError::Toml {
            line: line(e.span().map_or(0, |span| span.start)),
            what: without_heading(&e.to_string()),
        })?;
        if plan.format != FORMAT {
            return Err(PlanError::Format(plan.format));
        }
        if plan.apps.asked().next().is_none() {
            return Err(PlanError::NoApp);
        }
        let blank = |key: &'static str, value: &str| {
            let assigns = |l: &str| l.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
            let line = text.lines().position(assigns).map_or(1, |before| before + 1);
            value.trim().is_empty().then_some(PlanError::Empty { line, key })
        };
        for (what, value) in [
            ("name", &plan.person.name),
            ("serial", &plan.phone.serial),
            ("operator", &plan.run.operator),
            ("code", &plan.organisation.code),
        ] {
            if let Some(error) = blank(what, value) {
                return Err(error);
            }
        }
        let recipients = recipients::read(&plan.recipients, line)?;
        let plan = Self {
            text: text.to_owned(),
            person: plan.person,
            phone: plan.phone,
            run: plan.run,
            organisation: plan.organisation,
            apps: plan.apps,
            scope: plan.scope,
            recipients,
        };
        plan.recipients_suffice()?;
        Ok(plan)
    }

    /// A plan for looking at settings only: whoever's phone answers, WhatsApp, nothing sealed.
    #[must_use]
    pub fn for_settings(serial: String, whatsapp: bool, whatsapp_business: bool) -> Self {
        Self {
            text: String::new(),
            person: Person { name: String::new(), function: String::new() },
            phone: Phone { serial, number: None, platform: Platform::Android, backup_password: BackupPassword::Keep },
            run: Occasion {
                purpose: Purpose::Periodiek,
                operator: String::new(),
                wait_for_allow: five_minutes(),
                backup_not_older_than: one_day(),
                holder_present: None,
                rubricering: Rubricering::default(),
            },
            organisation: Organisation { name: String::new(), code: String::new() },
            apps: Apps { whatsapp, whatsapp_business, ..Apps::default() },
            scope: Scope { media: false, ..Scope::default() },
            recipients: Vec::new(),
        }
    }

    /// The roles that a run under this plan writes.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let mut roles = vec![Role::Verantwoording, Role::Gesprekken];
        if self.apps.keep_sources {
            roles.push(Role::Bronnen);
        }
        roles
    }

    /// Whether a password of ours goes off the iPhone's backups again with this run: it was set for one readout, or the term of
    /// its holder ends.
    #[must_use]
    pub fn takes_password_away(&self) -> bool {
        self.phone.backup_password == BackupPassword::RemoveAfter || self.run.purpose == Purpose::EindeAmbtstermijn
    }

    #[must_use]
    pub fn keeps_sources(&self) -> Option<RoleSet> {
        self.apps.keep_sources.then(|| RoleSet::only(Role::Bronnen))
    }

    /// Whether the plan names who may open a role that [`Self::roles`] does not ask for.
    #[must_use]
    pub fn suffices_for(&self, role: Role) -> bool {
        recipients::suffice(role, self.recipients.iter().find(|(r, _)| *r == role).map(|(_, keys)| keys)).is_ok()
    }

    fn recipients_suffice(&self) -> Result<(), PlanError> {
        for role in self.roles() {
            recipients::suffice(role, self.recipients.iter().find(|(r, _)| *r == role).map(|(_, keys)| keys))?;
        }
        Ok(())
    }
}

/// The TOML reader's message without its first line, which says in English where, as we say ourselves.
fn without_heading(message: &str) -> String {
    let body =
        message.split_once('\n').filter(|(first, _)| first.starts_with("TOML parse error")).map_or(message, |(_, body)| body);
    body.trim_end().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../../fixtures/plan.voorbeeld.toml");
    const FIRST: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    const SECOND: &str = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg";

    fn refused(instead_of: &str, now: &str) -> PlanError {
        assert!(GOOD.contains(instead_of), "{instead_of}");
        Plan::parse(&GOOD.replacen(instead_of, now, 1)).unwrap_err()
    }

    /// The line of the good plan on which a text stands.
    fn line_of(text: &str) -> usize {
        GOOD.lines().position(|line| line.contains(text)).unwrap() + 1
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line() {
        Plan::parse(GOOD).unwrap();
        let PlanError::Toml { line, what } = refused("\"periodiek\"", "\"maandelijks\"") else { panic!() };
        assert_eq!(line, line_of("purpose ="));
        assert!(what.contains("maandelijks") && !what.contains("TOML parse error"), "{what}");
        let PlanError::Empty { line, key } = refused("\"secretariaat B&W\"", "\" \"") else { panic!() };
        assert_eq!((line, key), (line_of("operator ="), "operator"));
        let PlanError::NotARole { line, role } = refused("\"gesprekken\"]", "\"gesprek\"]") else { panic!() };
        assert_eq!((line, role.as_str()), (line_of("roles ="), "gesprek"));
        let PlanError::NotARecipient { line } = refused(SECOND, "age1niemand") else { panic!() };
        assert_eq!(line, line_of(SECOND));
        assert!(matches!(refused("format = 1", "format = 2"), PlanError::Format(2)));
        assert!(matches!(refused("recovery = true", "recovery = false"), PlanError::Recipients { .. }));
    }

    #[test]
    fn two_persons_are_two_groups_each_with_recovery_and_nobody_in_both() {
        let keys: Vec<String> = (0..4).map(|_| uitlezen_seal::envelope::GeneratedIdentity::new().recipient).collect();
        let one = |n: usize, more: &str| format!("[[recipients]]\nroles = [\"gesprekken\"]\nkey = \"{}\"\n{more}\n", keys[n]);
        let head = GOOD.replace(", \"gesprekken\"]", "]");
        let plan = |recipients: [String; 4]| Plan::parse(&format!("{head}\n{}", recipients.concat()));
        let four = |ra: &str, rb: &str| [one(0, "half = \"a\""), one(1, ra), one(2, "half = \"b\""), one(3, rb)];
        let (recovery_a, recovery_b) = ("half = \"a\"\nrecovery = true", "half = \"b\"\nrecovery = true");
        let good = plan(four(recovery_a, recovery_b)).unwrap();
        let (_, gesprekken) = good.recipients.iter().find(|(role, _)| *role == Role::Gesprekken).unwrap();
        let RoleRecipients::TwoPersons { a, b } = gesprekken else { panic!("{gesprekken:?}") };
        assert_eq!((a.len(), b.len()), (2, 2));
        assert!(gesprekken.check().is_ok());
        // A half without recovery, with too few, a role both halved and whole, an unknown half, one person in both halves.
        assert!(matches!(
            plan(four(recovery_a, "half = \"b\"")),
            Err(PlanError::HalfRecipients { role: "gesprekken", half: Half::B })
        ));
        assert!(matches!(
            plan([one(0, "half = \"a\""), one(1, recovery_b), one(2, "half = \"b\""), one(3, recovery_b)]),
            Err(PlanError::HalfRecipients { half: Half::A, .. })
        ));
        let PlanError::HalfAndWhole { line, .. } = plan(four(recovery_a, "recovery = true")).unwrap_err() else { panic!() };
        assert!(line > GOOD.lines().count());
        assert!(matches!(plan(four(recovery_a, "half = \"c\"")), Err(PlanError::Toml { .. })));
        let both = [one(0, "half = \"a\""), one(1, recovery_a), one(0, "half = \"b\""), one(3, recovery_b)];
        assert!(matches!(plan(both), Err(PlanError::Twice { .. })));
    }

    #[test]
    fn one_key_given_twice_is_not_two_recipients() {
        for again in [FIRST.to_owned(), FIRST.to_ascii_uppercase()] {
            let PlanError::Twice { line, .. } = refused(SECOND, &again) else { panic!() };
            assert_eq!(line, line_of(SECOND));
        }
    }
}
