//! The first-use assistant: plain questions at the terminal, nothing written before the last one is answered.
//!
//! Every answer is checked as an import would check it. Where something is wrong it is said and the questions of that entry are
//! asked again, with what was answered before in place.

use super::change;
use crate::{Context, book, problem::Problem, prompt};
use jiff::Timestamp;
use uitlezen_check::ExitCode;
use uitlezen_register::{
    Edit, Entry, Fault, Field, Form, Kind, Mode, ORGANISATION, Stamp, Store,
    table::{Given, entry_of, given_of},
};

type Answers = Vec<(String, Given)>;

/// Fields that a new office need not think of; `register set` knows them all.
const NOT_ASKED: [&str; 4] = ["id", "official", "rubricering", "full_run_weeks"];

pub(super) fn run(context: &Context, store: &Store, by: Option<&str>) -> Result<ExitCode, Problem> {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    screen.tell("ask-welcome");
    let who = match by {
        Some(who) => who.to_owned(),
        None => needed(context, "ask-by")?,
    };
    let known = match store.open() {
        Ok(register) => register.view().standing(Kind::Organisation, ORGANISATION).map_err(|e| book::problem(&e, texts))?,
        Err(_) => None,
    };
    let known = known.map(|standing| given_of(&standing)).unwrap_or_default();
    let mut edits = vec![Edit::put(entry(context, Kind::Organisation, known)?)];
    let mut number = 1;
    while prompt::agrees(screen, &texts.plain("ask-official"))? {
        let id = format!("functionaris-{}-{number}", Timestamp::now().as_second());
        number += 1;
        edits.push(Edit::put(entry(context, Kind::Official, vec![field("id", &id)])?));
        while prompt::agrees(screen, &texts.plain("ask-phone"))? {
            edits.push(Edit::put(entry(context, Kind::Phone, vec![field("official", &id)])?));
        }
    }
    if !prompt::agrees(screen, &texts.get("ask-write", &[("count", edits.len().into())]))? {
        return Err(Problem::new("error-cancelled", ExitCode::Cancelled));
    }
    let stamp = Stamp { who, why: texts.plain("ask-why"), at: Timestamp::now() };
    change::apply(context, store, &stamp, Mode::Write, |_| Ok(edits))
}

fn field(name: &str, text: &str) -> (String, Given) {
    (name.to_owned(), Given::Text(text.to_owned()))
}

fn needed(context: &Context, key: &str) -> Result<String, Problem> {
    loop {
        let answer = prompt::line(&context.screen, &context.screen.texts.plain(key), "")?;
        if !answer.is_empty() {
            return Ok(answer);
        }
    }
}

/// One entry, asked until nothing is wrong with it.
fn entry(context: &Context, kind: Kind, mut answers: Answers) -> Result<Entry, Problem> {
    loop {
        for field in kind.fields().iter().filter(|field| !NOT_ASKED.contains(&field.name)) {
            if wants(field, &answers) {
                ask(context, kind, field, &mut answers)?;
            }
        }
        let faults = match entry_of(kind, answers.clone()) {
            Ok(mut entry) => {
                entry.normalise();
                let faults = entry.faults();
                if faults.is_empty() {
                    return Ok(entry);
                }
                faults
            }
            Err(faults) => faults,
        };
        for Fault { field, .. } in &faults {
            context.screen.say(&format!("- {field}"));
        }
        for fault in &faults {
            context.screen.say(&format!("  {}", book::fault(fault, &context.screen.texts)));
        }
        context.screen.tell("ask-again");
    }
}

/// Selection list and retention are a matter of V alone; B is kept for ever.
fn wants(field: &Field, answers: &Answers) -> bool {
    let destroyed = answers.iter().any(|(name, given)| name == "appraisal" && *given == Given::Text("V".to_owned()));
    destroyed || field.name != "retention"
}

fn ask(context: &Context, kind: Kind, field: &Field, answers: &mut Answers) -> Result<(), Problem> {
    let texts = &context.screen.texts;
    let question = texts.plain(&format!("ask-{}-{}", kind.as_str(), field.name.replace('_', "-")));
    let before = answers.iter().find(|(name, _)| name == field.name).map(|(_, given)| text_of(given)).unwrap_or_default();
    let answer = match field.form {
        Form::One(of) => {
            let words: Vec<String> = of.iter().map(|word| (*word).to_owned()).collect();
            let first = of.iter().position(|word| *word == before).unwrap_or(0);
            let chosen = prompt::choose(&context.screen, &question, &words, first)?;
            words.into_iter().nth(chosen).unwrap_or_default()
        }
        _ => prompt::line(&context.screen, &question, &before)?,
    };
    answers.retain(|(name, _)| name != field.name);
    answers.push((field.name.to_owned(), Given::Text(answer)));
    Ok(())
}

fn text_of(given: &Given) -> String {
    match given {
        Given::Text(text) => text.clone(),
        Given::List(list) => list.join("|"),
        Given::Number(number) => number.to_string(),
    }
}
