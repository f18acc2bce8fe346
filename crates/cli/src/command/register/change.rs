//! Changing the register. Whatever is changed, the screen and the ledger get counts and the number of the change.

use crate::{
    Context,
    args::{By, Separate},
    book,
    command::readout::write_ledger,
    problem::Problem,
};
use jiff::{Timestamp, Zoned};
use uitlezen_check::ExitCode;
use uitlezen_register::{
    Applied, Edit, Entry, Fault, Kind, Mode, Refused, RegisterError, Stamp, Store, View,
    table::{Given, entry_of, given_of},
};

fn stamp(by: &By) -> Stamp {
    Stamp { who: by.by.clone(), why: by.why.clone(), at: Timestamp::now() }
}

/// Adds an entry or lays fields over it; a field without a value is taken away.
pub(super) fn set(
    context: &Context,
    store: &Store,
    kind: Kind,
    id: &str,
    fields: &[String],
    by: &By,
) -> Result<ExitCode, Problem> {
    let mut pairs = Vec::new();
    for text in fields {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Problem::new("error-register-field", ExitCode::Usage).with("text", text));
        };
        pairs.push((name.to_owned(), Given::Text(value.to_owned())));
    }
    let edits = |view: View<'_>| {
        let mut given = match view.standing(kind, id)? {
            Some(standing) => given_of(&standing),
            None => Vec::new(),
        };
        if kind != Kind::Organisation {
            pairs.push((kind.id_field().to_owned(), Given::Text(id.to_owned())));
        }
        for (name, value) in pairs {
            given.retain(|(had, _)| *had != name);
            given.push((name, value));
        }
        made(kind, id, given).map(|entry| vec![Edit::put(entry)])
    };
    apply(context, store, &stamp(by), Mode::Write, edits)
}

fn made(kind: Kind, id: &str, given: Vec<(String, Given)>) -> Result<Entry, RegisterError> {
    entry_of(kind, given).map_err(|faults| refused(kind, id, faults))
}

fn refused(kind: Kind, id: &str, faults: Vec<Fault>) -> RegisterError {
    let one = |fault| Refused { line: None, kind: Some(kind), id: id.to_owned(), fault };
    RegisterError::Refused(faults.into_iter().map(one).collect())
}

pub(super) fn end(context: &Context, store: &Store, kind: Kind, id: &str, by: &By) -> Result<ExitCode, Problem> {
    apply(context, store, &stamp(by), Mode::Write, |_| Ok(vec![Edit::end(kind, id)]))
}

/// A new decision under the next number.
pub(super) fn separate(context: &Context, store: &Store, what: &Separate) -> Result<ExitCode, Problem> {
    let text = |value: &str| Given::Text(value.to_owned());
    let today = Zoned::now().date().to_string();
    let mut given = vec![
        ("class".to_owned(), text(&what.class)),
        ("decider".to_owned(), text(&what.decider)),
        ("reason".to_owned(), text(&what.by.why)),
        ("date".to_owned(), text(what.decided_on.as_deref().unwrap_or(&today))),
    ];
    let optional = [
        ("contact", &what.contact),
        ("group", &what.group),
        ("phone", &what.phone),
        ("from", &what.first_day),
        ("to", &what.last_day),
        ("second", &what.second),
    ];
    given.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), text(value.as_deref()?)))));
    let exit = apply(context, store, &stamp(&what.by), Mode::Write, |view| {
        let number = view.next_decision()?.to_string();
        given.push(("number".to_owned(), Given::Text(number.clone())));
        made(Kind::Decision, &number, given).map(|entry| vec![Edit::put(entry)])
    })?;
    if what.class == PARTY && what.last_day.is_none() {
        context.screen.tell("register-party-without-end");
    }
    Ok(exit)
}

/// What is said among members of a party can become the stance of a minister, and that is business (requirement R13).
const PARTY: &str = "partijpolitiek";

pub(super) fn import(context: &Context, store: &Store, edits: Vec<Edit>, preview: bool, by: &By) -> Result<ExitCode, Problem> {
    let mode = if preview { Mode::Preview } else { Mode::Write };
    apply(context, store, &stamp(by), mode, |_| Ok(edits))
}

/// Makes the change, tells what it did, and leaves a line in the ledger.
pub(super) fn apply(
    context: &Context,
    store: &Store,
    stamp: &Stamp,
    mode: Mode,
    edits: impl FnOnce(View<'_>) -> Result<Vec<Edit>, RegisterError>,
) -> Result<ExitCode, Problem> {
    let applied = store.change(stamp, mode, edits).map_err(|e| book::problem(&e, &context.screen.texts))?;
    tell(context, &applied, mode);
    if mode == Mode::Write && applied.is_change() {
        let object = applied.state.as_ref().map_or(0, |state| state.change).to_string();
        write_ledger(context, "register", object, "changed".to_owned(), &stamp.who, counts(&applied));
    }
    Ok(ExitCode::Whole)
}

fn counts(applied: &Applied) -> Vec<(String, u64)> {
    let mut counts = Vec::new();
    for (word, of) in [("added", &applied.added), ("changed", &applied.changed), ("ended", &applied.ended)] {
        counts.extend(of.iter().map(|(kind, count)| (format!("{}-{word}", kind.as_str()), *count)));
    }
    if applied.clock_back.is_some() {
        counts.push(("clock-back".to_owned(), 1));
    }
    counts
}

fn tell(context: &Context, applied: &Applied, mode: Mode) {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    if mode == Mode::Preview {
        screen.tell("register-preview");
    }
    for (word, of) in [("added", &applied.added), ("changed", &applied.changed), ("ended", &applied.ended)] {
        for (kind, count) in of {
            let kind = texts.plain(&format!("register-kinds-{}", kind.as_str()));
            screen.say(&texts.get(&format!("register-{word}"), &[("kind", kind.into()), ("count", (*count).into())]));
        }
    }
    if applied.unchanged > 0 {
        screen.say(&texts.get("register-unchanged", &[("count", applied.unchanged.into())]));
    }
    if let Some(before) = applied.clock_back {
        screen.say(&texts.get("register-clock-back", &[("moment", before.to_string().into())]));
    }
    if let (Some(state), Mode::Write) = (&applied.state, mode) {
        let digest = state.digest.get(..16).unwrap_or_default();
        screen.say(&texts.get("register-state", &[("change", state.change.into()), ("digest", digest.into())]));
    }
    screen.event(&serde_json::json!({
        "event": "register",
        "written": mode == Mode::Write && applied.is_change(),
        "change": applied.state.as_ref().map(|s| s.change),
        "digest": applied.state.as_ref().map(|s| &s.digest),
        "counts": counts(applied).into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "unchanged": applied.unchanged,
        "clock_back": applied.clock_back.is_some(),
    }));
}
