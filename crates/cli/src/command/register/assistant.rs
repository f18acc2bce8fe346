//! The first-use assistant: plain questions at the terminal, nothing written before the last one is answered.
//!
//! Every entry is checked as an import would check it. What is wrong is said, and asked again.

use super::change;
use crate::{Context, book, problem::Problem, prompt};
use jiff::Timestamp;
use uitlezen_check::ExitCode;
use uitlezen_register::{
    Edit, Entry, Fault, Field, Form, Kind, Mode, ORGANISATION, RegisterError, Stamp, Store,
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
        Err(RegisterError::Absent) => None,
        Err(error) => return Err(book::problem(&error, texts)),
    };
    let known = known.map(|standing| given_of(&standing)).unwrap_or_default();
    let stamp = Stamp { who, why: texts.plain("ask-why"), at: Timestamp::now() };
    let mut asked = Asked { context, store, stamp, entries: Vec::new() };
    asked.entry(Kind::Organisation, known)?;
    let mut number = 1;
    while prompt::agrees(screen, &texts.plain("ask-official"))? {
        let id = format!("functionaris-{}-{number}", asked.stamp.at.as_second());
        number += 1;
        asked.entry(Kind::Official, vec![field("id", &id)])?;
        while prompt::agrees(screen, &texts.plain("ask-phone"))? {
            asked.entry(Kind::Phone, vec![field("official", &id)])?;
        }
    }
    let Asked { stamp, entries, .. } = asked;
    if !prompt::agrees(screen, &texts.get("ask-write", &[("count", entries.len().into())]))? {
        return Err(Problem::new("error-cancelled", ExitCode::Cancelled));
    }
    change::apply(context, store, &stamp, Mode::Write, |_| Ok(entries.into_iter().map(Edit::put).collect()))
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

/// What was answered so far.
struct Asked<'a> {
    context: &'a Context,
    store: &'a Store,
    stamp: Stamp,
    entries: Vec<Entry>,
}

impl Asked<'_> {
    /// One more entry, asked until nothing is wrong with it by itself or beside the others.
    fn entry(&mut self, kind: Kind, mut answers: Answers) -> Result<(), Problem> {
        let asked = || kind.fields().iter().filter(|field| !NOT_ASKED.contains(&field.name));
        let mut now: Vec<&Field> = asked().collect();
        loop {
            for field in &now {
                if wants(field, &answers) {
                    ask(self.context, kind, field, &mut answers)?;
                }
            }
            let faults = match entry_of(kind, answers.clone()) {
                Ok(entry) => match self.faults(&entry)? {
                    faults if faults.is_empty() => {
                        self.entries.push(entry);
                        return Ok(());
                    }
                    faults => faults,
                },
                Err(faults) => faults,
            };
            let texts = &self.context.screen.texts;
            for fault in &faults {
                self.context.screen.say(&format!("- {}: {}", fault.field, book::fault(fault, texts)));
            }
            self.context.screen.tell("ask-again");
            let faulty = |field: &&Field| faults.iter().any(|fault| fault.field == field.name);
            answers.retain(|(name, _)| !asked().any(|field| field.name == name && faulty(&field)));
            now = asked().filter(faulty).collect();
            // A fault of something that was not asked: all of it again.
            if now.is_empty() {
                now = asked().collect();
            }
        }
    }

    /// What the register would say of it, with all that was answered before.
    fn faults(&self, entry: &Entry) -> Result<Vec<Fault>, Problem> {
        let mut with = self.entries.clone();
        with.push(entry.clone());
        match self.store.change(&self.stamp, Mode::Preview, |_| Ok(with.into_iter().map(Edit::put).collect())) {
            Ok(_) => Ok(Vec::new()),
            Err(RegisterError::Refused(refused)) => Ok(refused.into_iter().map(|refused| refused.fault).collect()),
            Err(error) => Err(book::problem(&error, &self.context.screen.texts)),
        }
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
