//! `message_summary_info`: edits with their history, and parts that were taken back.

use super::{list, story::ns_of, typedstream};
use crate::content::ContentError;
use uitlezen_property_list::{Dictionary, Value, to_binary};

/// A version of a part: Unix milliseconds and its text.
pub(super) type Version = (i64, String);

/// The summary of a message of these parts. `edits` are the versions of parts, oldest first; `unsent` the parts taken back.
pub(super) fn info(parts: &[&str], edits: &[(usize, Vec<Version>)], unsent: &[usize]) -> Result<Vec<u8>, ContentError> {
    let number = |n: usize| Value::from(u64::try_from(n).unwrap_or(0));
    let mut summary = Value::of([("ust", Value::from(true)), ("amc", Value::from(0))]);
    let (mut ranges, mut at) = (Dictionary::new(), 0);
    for (part, text) in parts.iter().enumerate() {
        let length = text.encode_utf16().count();
        ranges.insert(part.to_string(), Value::of([("lo", number(at)), ("le", number(length))]));
        at += length;
    }
    summary.set("otr", ranges);
    if !edits.is_empty() {
        let mut history = Dictionary::new();
        for (part, versions) in edits {
            let versions = versions.iter().map(|(ms, text)| {
                #[allow(clippy::cast_precision_loss, reason = "the format holds a fraction")]
                let seconds = ns_of(*ms) as f64 / 1e9;
                let run = typedstream::Run::new(text.as_str(), [typedstream::Attribute::Part(i64::try_from(*part).unwrap_or(0))]);
                Value::of([("d", Value::from(seconds)), ("t", Value::from(typedstream::archive(&[run], false)))])
            });
            history.insert(part.to_string(), Value::from(versions.collect::<Vec<_>>()));
        }
        summary.set("ec", history);
        summary.set("ep", edits.iter().map(|(part, _)| number(*part)).collect::<Vec<_>>());
    }
    if !unsent.is_empty() {
        summary.set("rp", unsent.iter().map(|part| number(*part)).collect::<Vec<_>>());
    }
    to_binary(&summary).map_err(list)
}
