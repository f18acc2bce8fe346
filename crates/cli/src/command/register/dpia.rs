//! The DPIA fact sheet (requirement R66): what is collected, left out, kept, by whom it can be opened and on what basis, as it
//! is set now. Markdown, in the reader's language. Counts and settings; no name of a contact, official or recipient.

use crate::{
    Context, advice, book,
    problem::Problem,
    text::{Language, Texts, Value},
};
use jiff::Zoned;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use uitlezen_check::{ExitCode, separation::Policy};
use uitlezen_readout::{
    Plan,
    statement::{BlindSpots, Route},
};
use uitlezen_register::{Appraisal, ContactKind, Entry, Kind, Organisation, Register, RegisterError};
use uitlezen_seal::envelope::{Recipient, RoleRecipients};

pub(super) fn run(context: &Context, register: &Register, plan: Option<&Plan>, out: Option<&Path>) -> Result<ExitCode, Problem> {
    let sheet = sheet(context, register, plan).map_err(|e| book::problem(&e, &context.screen.texts))?;
    match out {
        None => context.screen.hand_out(sheet.trim_end()),
        Some(path) => {
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| advice::disk(&e))?;
            file.write_all(sheet.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| advice::disk(&e))?;
        }
    }
    Ok(ExitCode::Whole)
}

/// A page that grows.
struct Sheet<'t> {
    texts: &'t Texts,
    out: String,
}

impl Sheet<'_> {
    fn heading(&mut self, key: &str) {
        self.out.push_str(&format!("\n## {}\n\n", self.texts.plain(key)));
    }

    fn item(&mut self, key: &str, values: &[(&str, Value<'_>)]) {
        self.out.push_str(&format!("- {}\n", self.texts.get(key, values)));
    }

    /// A setting, or that it is missing.
    fn setting(&mut self, key: &str, value: Option<String>) {
        let value = value.unwrap_or_else(|| self.texts.plain("dpia-missing"));
        self.item(key, &[("value", value.into())]);
    }
}

fn sheet(context: &Context, register: &Register, plan: Option<&Plan>) -> Result<String, RegisterError> {
    let texts = &context.screen.texts;
    let view = register.view();
    let organisation = view.organisation()?.unwrap_or_default();
    let mut sheet = Sheet { texts, out: format!("# {}\n\n", texts.plain("dpia-title")) };
    let state = view.state()?;
    let (change, digest) = state.map_or((0, String::new()), |s| (s.change, s.digest.chars().take(16).collect()));
    sheet.item(
        "dpia-made",
        &[
            ("date", Zoned::now().date().to_string().into()),
            ("change", change.into()),
            ("digest", digest.into()),
            ("version", env!("CARGO_PKG_VERSION").into()),
        ],
    );
    basis(&mut sheet, &organisation);
    collected(&mut sheet, plan);
    excluded(&mut sheet, register, &organisation)?;
    retained(&mut sheet, register, &organisation)?;
    opened(&mut sheet, plan);
    let out = context.configuration.out.clone().unwrap_or_else(|| context.state.path().join("zegels"));
    sheet.heading("dpia-where");
    sheet.item("dpia-where-state", &[("dir", context.state.path().display().to_string().into())]);
    sheet.item("dpia-where-seals", &[("dir", out.display().to_string().into())]);
    for key in ["dpia-where-partial", "dpia-where-encrypted", "dpia-where-offline"] {
        sheet.item(key, &[]);
    }
    sheet.heading("dpia-blind");
    let routes = [Route::AndroidPhone, Route::AndroidFiles, Route::WhatsappBackup, Route::WhatsappDatabase];
    for spot in BlindSpots::of(&BTreeSet::from(routes)).spots {
        let text = if texts.language() == Language::Dutch { spot.nl } else { spot.en };
        sheet.out.push_str(&format!("- {text} ({})\n", spot.checked));
    }
    sheet.heading("dpia-rights");
    for key in ["dpia-rights-access", "dpia-rights-erasure", "dpia-rights-notice", "dpia-rights-holder", "dpia-rights-council"] {
        sheet.item(key, &[]);
    }
    sheet.heading("dpia-never");
    for key in [
        "dpia-never-bypass",
        "dpia-never-delete",
        "dpia-never-pick",
        "dpia-never-read",
        "dpia-never-purpose",
        "dpia-never-secret",
    ] {
        sheet.item(key, &[]);
    }
    Ok(sheet.out)
}

fn basis(sheet: &mut Sheet<'_>, organisation: &Organisation) {
    sheet.heading("dpia-basis");
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    sheet.setting("dpia-basis-controller", some(&organisation.name));
    sheet.setting("dpia-basis-doel", organisation.doel.clone());
    sheet.setting("dpia-basis-grondslag", organisation.grondslag.clone());
    sheet.setting("dpia-basis-dpia", organisation.dpia.clone());
    sheet.setting("dpia-basis-fg", organisation.fg_advice.map(|d| d.to_string()));
    sheet.setting("dpia-basis-stop", organisation.stop_contact.clone());
    sheet.item("dpia-basis-purposes", &[]);
}

/// What a readout takes, item by item; without a plan what holds for all.
fn collected(sheet: &mut Sheet<'_>, plan: Option<&Plan>) {
    sheet.heading("dpia-collected");
    sheet.item("dpia-collected-conversations", &[]);
    let Some(plan) = plan else {
        sheet.item("dpia-collected-no-plan", &[]);
        return;
    };
    let (apps, scope) = (&plan.apps, &plan.scope);
    for (asked, key) in [
        (apps.whatsapp, "whatsapp"),
        (apps.whatsapp_business, "whatsapp-business"),
        (apps.imessage, "imessage"),
        (apps.signal, "signal"),
        (apps.sms, "sms"),
        (apps.threema, "threema"),
        (apps.threema_work, "threema-work"),
        (apps.threema_onprem, "threema-onprem"),
        (scope.media, "media"),
        (scope.participant_names, "participant-names"),
        (scope.call_log, "call-log"),
        (scope.status_updates, "status-updates"),
        (scope.channels, "channels"),
        (scope.drafts, "drafts"),
        (scope.profile_photos, "profile-photos"),
        (scope.address_book, "address-book"),
        (apps.keep_sources, "sources"),
    ] {
        let yes = sheet.texts.plain(if asked { "yes" } else { "no" });
        let what = sheet.texts.plain(&format!("dpia-scope-{key}"));
        sheet.item("dpia-scope", &[("what", what.into()), ("yes", yes.into())]);
    }
}

fn excluded(sheet: &mut Sheet<'_>, register: &Register, organisation: &Organisation) -> Result<(), RegisterError> {
    let view = register.view();
    sheet.heading("dpia-excluded");
    sheet.item(
        match organisation.policy {
            Policy::TenzijUitgesloten => "dpia-policy-tenzij-uitgesloten",
            Policy::AlleenZakelijk => "dpia-policy-alleen-zakelijk",
        },
        &[],
    );
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    view.each(Kind::Decision, |standing| {
        if let (Entry::Decision(decision), false) = (&standing.entry, standing.ended) {
            let class = serde_json::to_value(decision.class).ok().and_then(|v| v.as_str().map(str::to_owned));
            *classes.entry(class.unwrap_or_default()).or_default() += 1;
        }
        Ok(())
    })?;
    if classes.is_empty() {
        sheet.item("dpia-decisions-none", &[]);
    }
    for (class, count) in classes {
        sheet.item("dpia-decisions", &[("class", class.into()), ("count", count.into())]);
    }
    let mut members: u64 = 0;
    view.each(Kind::Contact, |standing| {
        let member = matches!(&standing.entry, Entry::Contact(contact) if contact.kind == ContactKind::Raadslid);
        members += u64::from(member && !standing.ended);
        Ok(())
    })?;
    sheet.item("dpia-councillors", &[("count", members.into())]);
    sheet.item("dpia-excluded-whole", &[]);
    Ok(())
}

fn retained(sheet: &mut Sheet<'_>, register: &Register, organisation: &Organisation) -> Result<(), RegisterError> {
    sheet.heading("dpia-retained");
    let mut by: BTreeMap<(String, String), u64> = BTreeMap::new();
    register.view().each(Kind::Official, |standing| {
        if let (Entry::Official(official), false) = (&standing.entry, standing.ended) {
            let appraisal = match official.appraisal {
                Appraisal::B => "dpia-appraisal-b",
                Appraisal::V => "dpia-appraisal-v",
                Appraisal::N => "dpia-appraisal-n",
            };
            let ground = [&official.retention, &official.selection_list, &official.category_code, &official.category_title];
            let ground: Vec<&str> = ground.into_iter().flatten().map(String::as_str).collect();
            *by.entry((sheet.texts.plain(appraisal), ground.join(", "))).or_default() += 1;
        }
        Ok(())
    })?;
    for ((appraisal, ground), count) in by {
        let ground = if ground.is_empty() { sheet.texts.plain("dpia-missing") } else { ground };
        sheet.item("dpia-retained-line", &[("count", count.into()), ("appraisal", appraisal.into()), ("ground", ground.into())]);
    }
    sheet.item("dpia-retained-weeks", &[("weeks", organisation.full_run_weeks.into())]);
    sheet.item("dpia-retained-sealed", &[]);
    Ok(())
}

/// Roles and how many may open them; recipients are keys, and no names.
fn opened(sheet: &mut Sheet<'_>, plan: Option<&Plan>) {
    sheet.heading("dpia-opened");
    let Some(plan) = plan else {
        sheet.item("dpia-opened-no-plan", &[]);
        return;
    };
    let count = |keys: &[Recipient]| {
        let recovery = keys.iter().filter(|key| key.is_recovery()).count();
        (keys.len() - recovery, recovery)
    };
    for role in plan.roles() {
        let Some((_, recipients)) = plan.recipients.iter().find(|(of, _)| *of == role) else { continue };
        match recipients {
            RoleRecipients::Each(keys) => {
                let (some, recovery) = count(keys);
                let values = [("role", role.as_str().into()), ("count", some.into()), ("recovery", recovery.into())];
                sheet.item("dpia-opened-each", &values);
            }
            RoleRecipients::TwoPersons { a, b } => {
                let values = [("role", role.as_str().into()), ("a", a.len().into()), ("b", b.len().into())];
                sheet.item("dpia-opened-two", &values);
            }
        }
    }
    sheet.item("dpia-opened-station", &[]);
}
