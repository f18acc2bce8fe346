//! Looking into the register: what stands in it and how it came there.
//!
//! Names of contacts and groups are shown only to who asks for exactly those.

use crate::{Context, args::KindWord, book, problem::Problem};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use uitlezen_check::ExitCode;
use uitlezen_register::{
    Fault, Kind, Refused, Register, RegisterError, Standing, Version, What,
    table::{Given, given_of},
};

fn told(context: &Context) -> impl Fn(RegisterError) -> Problem + '_ {
    |error| book::problem(&error, &context.screen.texts)
}

pub(super) fn show(
    context: &Context,
    register: &Register,
    kind: Option<KindWord>,
    id: Option<&str>,
) -> Result<ExitCode, Problem> {
    let (view, screen) = (register.view(), &context.screen);
    match (kind.map(KindWord::kind), id) {
        (None, _) => overview(context, register)?,
        (Some(Kind::Organisation), _) => {
            if let Some(standing) = view.standing(Kind::Organisation, uitlezen_register::ORGANISATION).map_err(told(context))? {
                fields(context, &standing);
            }
        }
        (Some(kind), Some(id)) => {
            let standing = view.standing(kind, id).map_err(told(context))?.ok_or_else(|| absent(context, kind, id))?;
            fields(context, &standing);
        }
        (Some(kind), None) => view
            .each(kind, |standing| {
                let mut cells: Vec<String> = given_of(&standing).into_iter().map(|(_, given)| plain(&given)).collect();
                cells.truncate(6);
                cells.retain(|cell| !cell.is_empty());
                let ended = if standing.ended { screen.texts.plain("register-has-ended") } else { String::new() };
                screen.say(&format!("{} {ended}", cells.join(" | ")));
                Ok(())
            })
            .map_err(told(context))?,
    }
    Ok(ExitCode::Whole)
}

fn absent(context: &Context, kind: Kind, id: &str) -> Problem {
    let fault = Fault { field: kind.id_field(), what: What::Absent };
    let refused = Refused { line: None, kind: Some(kind), id: id.to_owned(), fault };
    book::problem(&RegisterError::Refused(vec![refused]), &context.screen.texts)
}

fn overview(context: &Context, register: &Register) -> Result<(), Problem> {
    let (view, screen, texts) = (register.view(), &context.screen, &context.screen.texts);
    let organisation = uitlezen_register::ORGANISATION;
    if let Some(standing) = view.standing(Kind::Organisation, organisation).map_err(told(context))? {
        fields(context, &standing);
    } else {
        screen.tell("gate-no-organisation");
    }
    let mut counts = BTreeMap::new();
    for kind in Kind::ALL.into_iter().skip(1) {
        let count = view.count(kind).map_err(told(context))?;
        let name = texts.plain(&format!("register-kinds-{}", kind.as_str()));
        screen.say(&format!("{name}: {count}"));
        counts.insert(kind.plural(), count);
    }
    let state = view.state().map_err(told(context))?;
    if let Some(state) = &state {
        let digest = state.digest.get(..16).unwrap_or_default();
        screen.say(&texts.get("register-state", &[("change", state.change.into()), ("digest", digest.into())]));
    }
    screen.event(&serde_json::json!({
        "event": "register",
        "change": state.as_ref().map(|s| s.change),
        "digest": state.as_ref().map(|s| &s.digest),
        "counts": counts,
    }));
    Ok(())
}

fn plain(given: &Given) -> String {
    match given {
        Given::Text(text) => text.clone(),
        Given::List(list) => list.join(" "),
        Given::Number(number) => number.to_string(),
    }
}

fn fields(context: &Context, standing: &Standing) {
    for (name, given) in given_of(standing) {
        let text = plain(&given);
        if !text.is_empty() {
            context.screen.say(&format!("{name}: {text}"));
        }
    }
}

/// The forms that one entry had; without one, all changes by number, and whether the history is as it was written.
pub(super) fn history(
    context: &Context,
    register: &Register,
    kind: Option<KindWord>,
    id: Option<&str>,
) -> Result<ExitCode, Problem> {
    let (view, screen, texts) = (register.view(), &context.screen, &context.screen.texts);
    if let (Some(kind), Some(id)) = (kind.map(KindWord::kind), id) {
        let versions = view.history(kind, id).map_err(told(context))?;
        if versions.is_empty() {
            return Err(absent(context, kind, id));
        }
        let mut before: Option<&Version> = None;
        for version in &versions {
            screen.say(&heading(context, version.change, version.at, &version.who, &version.why, version.clock_back));
            for line in differences(context, before, version) {
                screen.say(&format!("    {line}"));
            }
            before = Some(version);
        }
        return Ok(ExitCode::Whole);
    }
    for change in view.changes().map_err(told(context))? {
        let head = heading(context, change.number, change.at, &change.who, &change.why, change.clock_back);
        screen.say(&texts.get("register-change-entries", &[("head", head.into()), ("count", change.entries.into())]));
    }
    let holds = view.history_holds().map_err(told(context))?;
    screen.tell(if holds { "register-history-holds" } else { "register-history-broken" });
    screen.event(&serde_json::json!({ "event": "register-history", "holds": holds }));
    Ok(if holds { ExitCode::Whole } else { ExitCode::Damaged })
}

fn heading(context: &Context, number: u64, at: jiff::Timestamp, who: &str, why: &str, back: bool) -> String {
    let zone = TimeZone::get(uitlezen_chat::ZONE).unwrap_or(TimeZone::UTC);
    let date = at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string();
    let texts = &context.screen.texts;
    let back = if back { texts.plain("register-clock-was-back") } else { String::new() };
    texts.get(
        "register-change",
        &[("number", number.into()), ("date", date.into()), ("who", who.into()), ("why", why.into()), ("back", back.into())],
    )
}

/// Every field that is another than in the form before: the old value and the new one.
fn differences(context: &Context, before: Option<&Version>, now: &Version) -> Vec<String> {
    let of = |version: &Version| given_of(&Standing { entry: version.entry.clone(), ended: version.ended });
    let old: BTreeMap<String, Given> = before.map(of).unwrap_or_default().into_iter().collect();
    let none = || context.screen.texts.plain("register-nothing");
    let mut lines = Vec::new();
    for (name, given) in of(now) {
        let (was, is) = (old.get(&name).map(plain).unwrap_or_default(), plain(&given));
        if was != is && !(was.is_empty() && is == "nee") {
            let shown = |text: String| if text.is_empty() { none() } else { text };
            lines.push(format!("{name}: {} -> {}", shown(was), shown(is)));
        }
    }
    lines
}
