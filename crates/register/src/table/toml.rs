//! The whole register as TOML: one `[organisation]`, and a `[[officials]]`, `[[phones]]` … for each entry.

use super::{Row, TableError, given::ENDED};
use crate::{Kind, table::Given};
use ::toml::{Spanned, Table, Value};
use serde::Deserialize;

pub(super) const HEADING: &str = "format = 1\n";
const FORMAT: i64 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: i64,
    #[serde(default)]
    organisation: Option<Spanned<Table>>,
    #[serde(default)]
    officials: Vec<Spanned<Table>>,
    #[serde(default)]
    phones: Vec<Spanned<Table>>,
    #[serde(default)]
    accounts: Vec<Spanned<Table>>,
    #[serde(default)]
    contacts: Vec<Spanned<Table>>,
    #[serde(default)]
    groups: Vec<Spanned<Table>>,
    #[serde(default)]
    decisions: Vec<Spanned<Table>>,
}

pub(super) fn rows(text: &str) -> Result<Vec<Row>, TableError> {
    let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |at: usize| starts.partition_point(|start| *start < at) + 1;
    let document: Document = ::toml::from_str(text)
        .map_err(|e| TableError::Toml { line: line(e.span().map_or(0, |span| span.start)), what: e.message().to_owned() })?;
    if document.format != FORMAT {
        return Err(TableError::Format(document.format));
    }
    let tables = [
        (Kind::Organisation, document.organisation.into_iter().collect()),
        (Kind::Official, document.officials),
        (Kind::Phone, document.phones),
        (Kind::Account, document.accounts),
        (Kind::Contact, document.contacts),
        (Kind::Group, document.groups),
        (Kind::Decision, document.decisions),
    ];
    let mut rows = Vec::new();
    for (kind, tables) in tables {
        for table in tables {
            let line = line(table.span().start);
            let given = table.into_inner().into_iter().map(|(name, value)| (name, given(&value))).collect();
            rows.push(Row { line, kind, given });
        }
    }
    if rows.len() > crate::MOST_EDITS {
        return Err(TableError::TooLarge);
    }
    Ok(rows)
}

fn given(value: &Value) -> Given {
    match value {
        Value::String(text) => Given::Text(text.clone()),
        Value::Integer(number) => Given::Number(*number),
        Value::Boolean(yes) => Given::Text(if *yes { "ja" } else { "nee" }.to_owned()),
        Value::Array(list) => Given::List(list.iter().map(|one| given(one).text()).collect()),
        Value::Datetime(moment) => Given::Text(moment.to_string()),
        Value::Float(number) => Given::Text(number.to_string()),
        // No field is a table: the fault is told where its form is looked at.
        Value::Table(_) => Given::Text("{}".to_owned()),
    }
}

pub(super) fn add(out: &mut String, kind: Kind, cells: &[(&'static str, Given)]) {
    let (open, close) = if kind == Kind::Organisation { ("[", "]") } else { ("[[", "]]") };
    out.push_str(&format!("\n{open}{}{close}\n", kind.plural()));
    for (name, given) in cells {
        let value = match given {
            Given::Text(text) if text.is_empty() || (*name == ENDED && text == "nee") => continue,
            Given::List(list) if list.is_empty() => continue,
            Given::Text(text) => Value::String(text.clone()),
            Given::List(list) => Value::Array(list.iter().cloned().map(Value::String).collect()),
            Given::Number(number) => Value::Integer(*number),
        };
        out.push_str(&format!("{name} = {value}\n"));
    }
}
