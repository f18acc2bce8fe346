//! The XML form, from the events of crate `plist`, under our own counters.
//!
//! That crate leaves out what it does not know (sections, entities of the document's own) without a word: a look over the
//! bytes refuses a list that has them, so that nothing goes missing in silence.

use crate::{COCOA_EPOCH, Dictionary, PlistError, TooLarge, Value, limits::Budget};
use plist::stream::{OwnedEvent, XmlReader};
use std::{
    io::Cursor,
    time::{SystemTime, UNIX_EPOCH},
};

pub(crate) fn read(bytes: &[u8], mut budget: Budget) -> Result<Value, PlistError> {
    let text = std::str::from_utf8(bytes).map_err(|_| PlistError::NotAPlist)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if !text.starts_with('<') {
        return Err(if text.is_empty() { PlistError::Truncated } else { PlistError::NotAPlist });
    }
    refuse_what_would_be_left_out(text)?;
    let mut root = None;
    let mut open: Vec<Open> = Vec::new();
    for event in XmlReader::new(Cursor::new(text.as_bytes())) {
        let event = event.map_err(|_| PlistError::Xml)?;
        if root.is_some() {
            return Err(PlistError::Surplus);
        }
        if !matches!(event, OwnedEvent::EndCollection) {
            budget.nodes(1)?;
        }
        let value = match event {
            OwnedEvent::StartArray(_) => {
                deeper(&open, &budget)?;
                open.push(Open::Array(Vec::new()));
                continue;
            }
            OwnedEvent::StartDictionary(_) => {
                deeper(&open, &budget)?;
                open.push(Open::Dictionary(Dictionary::new(), None));
                continue;
            }
            OwnedEvent::EndCollection => match open.pop() {
                Some(Open::Array(array)) => Value::Array(array),
                Some(Open::Dictionary(dictionary, None)) => Value::Dictionary(dictionary),
                Some(Open::Dictionary(_, Some(_))) | None => return Err(PlistError::Xml),
            },
            OwnedEvent::Boolean(value) => Value::Boolean(value),
            OwnedEvent::Data(data) => {
                budget.bytes(data.len())?;
                Value::Data(data.into_owned())
            }
            OwnedEvent::String(string) => {
                budget.bytes(string.len())?;
                Value::String(string.into_owned())
            }
            OwnedEvent::Integer(integer) => {
                let signed = integer.as_signed().map(i128::from);
                Value::Integer(signed.or_else(|| integer.as_unsigned().map(i128::from)).ok_or(PlistError::Number)?)
            }
            OwnedEvent::Real(real) => Value::Real(real),
            OwnedEvent::Date(date) => Value::Date(cocoa(date.into())),
            OwnedEvent::Uid(uid) => Value::Uid(uid.get()),
            _ => return Err(PlistError::Xml),
        };
        match open.last_mut() {
            Some(collection) => collection.take(value)?,
            None => root = Some(value),
        }
    }
    root.filter(|_| open.is_empty()).ok_or(PlistError::Truncated)
}

/// A collection whose end has not come.
enum Open {
    Array(Vec<Value>),
    /// With a key that waits for its value.
    Dictionary(Dictionary, Option<String>),
}

impl Open {
    fn take(&mut self, value: Value) -> Result<(), PlistError> {
        match self {
            Self::Array(array) => array.push(value),
            Self::Dictionary(dictionary, key) => match (key.take(), value) {
                (None, Value::String(new)) if dictionary.contains_key(&new) => return Err(PlistError::DuplicateKey),
                (None, Value::String(new)) => *key = Some(new),
                (None, _) => return Err(PlistError::Key),
                (Some(key), value) => {
                    dictionary.insert(key, value);
                }
            },
        }
        Ok(())
    }
}

fn deeper(open: &[Open], budget: &Budget) -> Result<(), PlistError> {
    if open.len() < budget.depth { Ok(()) } else { Err(PlistError::TooLarge(TooLarge::Depth)) }
}

/// Names that XML itself gives; all others a document would have to declare.
const NAMED: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];

fn refuse_what_would_be_left_out(text: &str) -> Result<(), PlistError> {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        let from = rest.get(at..).unwrap_or_default();
        rest = from.get(1..).unwrap_or_default();
        if let Some(comment) = from.strip_prefix("<!--") {
            rest = comment.split_once("-->").ok_or(PlistError::Truncated)?.1;
        } else if from.starts_with("<![") || from.starts_with("<!ENTITY") {
            return Err(PlistError::Entity);
        } else if from.starts_with('&') {
            // The longest is a number of seven digits and the sign for it.
            let name = rest.bytes().position(|byte| byte == b';').filter(|&end| end <= 10).and_then(|end| rest.get(..end));
            let known = name.is_some_and(|name| NAMED.contains(&name) || name.starts_with('#'));
            if !known {
                return Err(PlistError::Entity);
            }
        }
    }
    Ok(())
}

fn cocoa(time: SystemTime) -> f64 {
    let unix = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    };
    unix - COCOA_EPOCH
}
