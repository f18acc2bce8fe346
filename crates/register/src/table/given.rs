//! Values as a file or a command line gives them, and the entries that they make.

use super::unknown;
use crate::{Entry, Fault, Form, Kind, Standing, What, entry::Field};
use serde_json::{Map, Value};

/// The column that says whether an entry counts no longer.
pub(super) const ENDED: &str = "ended";
const YES: &str = "ja";
const NO: &str = "nee";
/// Divides the texts of a list in one cell.
const BAR: char = '|';

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Text(String),
    List(Vec<String>),
    Number(i64),
}

impl Given {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(list) => list.join("|"),
            Self::Number(number) => number.to_string(),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Number(_) => false,
        }
    }
}

fn value_of(field: Field, given: &Given) -> Result<Value, What> {
    let text = given.text();
    Ok(match field.form {
        Form::Text => Value::String(text),
        Form::List => match given {
            Given::List(list) => Value::from(list.clone()),
            _ => Value::from(text.split(BAR).map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>()),
        },
        Form::Number => Value::from(text.trim().parse::<u64>().map_err(|_| What::NotAWholeNumber)?),
        Form::Date => {
            let day: jiff::civil::Date = text.trim().parse().map_err(|_| What::NotADate)?;
            Value::String(day.to_string())
        }
        Form::One(of) => {
            let word = text.trim();
            Value::from(*of.iter().find(|one| **one == word).ok_or(What::NotOneOf(of))?)
        }
    })
}

/// The entry that the fields make.
///
/// Errors: every field that is missing, unknown, or of a wrong form.
pub fn entry_of(kind: Kind, given: Vec<(String, Given)>) -> Result<Entry, Vec<Fault>> {
    entry_and_end(kind, given).map(|(entry, _)| entry)
}

pub(super) fn entry_and_end(kind: Kind, given: Vec<(String, Given)>) -> Result<(Entry, bool), Vec<Fault>> {
    let mut faults = Vec::new();
    let mut object = Map::new();
    let mut ended = false;
    for (name, given) in &given {
        if name == ENDED {
            match given.text().trim() {
                YES => ended = true,
                NO | "" => {}
                _ => faults.push(Fault { field: ENDED, what: What::NotOneOf(&[YES, NO]) }),
            }
        } else if let Some(field) = kind.fields().iter().find(|field| field.name == name) {
            if given.is_empty() {
                continue;
            }
            match value_of(*field, given) {
                Ok(value) => {
                    object.insert(name.clone(), value);
                }
                Err(what) => faults.push(Fault { field: field.name, what }),
            }
        } else {
            faults.push(unknown(name));
        }
    }
    for field in kind.fields() {
        let there = object.contains_key(field.name) || faults.iter().any(|fault| fault.field == field.name);
        if field.needed && !there {
            faults.push(Fault { field: field.name, what: What::Empty });
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    match Entry::from_value(kind, Value::Object(object)) {
        Ok(entry) => Ok((entry, ended)),
        Err(error) => Err(vec![Fault { field: "", what: What::Form(error.to_string()) }]),
    }
}

/// The fields of an entry by name, as they were given: those that are empty too.
#[must_use]
pub fn given_of(standing: &Standing) -> Vec<(String, Given)> {
    cells_of(standing).into_iter().map(|(name, given)| (name.to_owned(), given)).collect()
}

/// The fields of an entry, in the order of its columns and with `ended` last.
pub(super) fn cells_of(standing: &Standing) -> Vec<(&'static str, Given)> {
    let value = standing.entry.to_value().unwrap_or_default();
    let given = |field: &Field| match value.get(field.name) {
        Some(Value::String(text)) => Given::Text(text.clone()),
        Some(Value::Array(list)) => Given::List(list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()),
        Some(Value::Number(number)) => Given::Number(number.as_i64().unwrap_or_default()),
        _ => Given::Text(String::new()),
    };
    let mut cells: Vec<_> = standing.entry.kind().fields().iter().map(|field| (field.name, given(field))).collect();
    cells.push((ENDED, Given::Text(if standing.ended { YES } else { NO }.to_owned())));
    cells
}
