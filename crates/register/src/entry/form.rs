//! The forms that texts in the register have, and their bounds.

use crate::{Fault, What};

/// Longest text of a field, in bytes.
pub const LONGEST_TEXT: usize = 1000;
/// Longest id, serial number or identifier, in bytes.
const LONGEST_ID: usize = 128;
/// Most texts in a list.
pub const LONGEST_LIST: usize = 200;

/// Why a text is no identifier of a person or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierFault {
    /// Digits only: `0612345678`, or `31612345678` that lost its plus in a spreadsheet.
    NoPlus,
    /// `3,16E+10`: what a spreadsheet makes of a long number.
    Spreadsheet,
    /// A `+` with something that is no number behind it.
    NotANumber,
    /// Something that cannot be an identifier at all.
    Form,
}

/// The one form of a number or native id: international numbers without spaces, dots, dashes and brackets.
#[must_use]
pub fn normal(text: &str) -> String {
    let text = text.trim();
    if text.starts_with('+') {
        text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')')).collect()
    } else {
        text.to_owned()
    }
}

pub(super) fn normal_list(list: &mut Vec<String>) {
    for text in list.iter_mut() {
        *text = normal(text);
    }
    let mut seen = std::collections::BTreeSet::new();
    list.retain(|text| seen.insert(text.clone()));
}

/// A name as it is compared: lower case, single spaces.
#[must_use]
pub fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a text (in its one form) can name somebody: an international number or a native id of an app.
pub fn identifier(text: &str) -> Result<(), IdentifierFault> {
    if let Some(digits) = text.strip_prefix('+') {
        let good = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        return if good { Ok(()) } else { Err(IdentifierFault::NotANumber) };
    }
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'(' | b')')) && !text.is_empty() {
        return Err(IdentifierFault::NoPlus);
    }
    let upper = text.to_ascii_uppercase();
    if let Some((mantissa, exponent)) = upper.split_once("E+")
        && mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.'))
        && exponent.bytes().all(|b| b.is_ascii_digit())
    {
        return Err(IdentifierFault::Spreadsheet);
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':' | b'@' | b'/' | b'+' | b'=');
    let good = (3..=LONGEST_ID).contains(&text.len()) && text.bytes().all(allowed);
    if good && !text.starts_with(['-', '=', '@']) { Ok(()) } else { Err(IdentifierFault::Form) }
}

/// Collects what is wrong with the fields of one entry.
pub(super) struct Check<'a>(pub(super) &'a mut Vec<Fault>);

impl Check<'_> {
    pub(super) fn fault(&mut self, field: &'static str, what: What) {
        self.0.push(Fault { field, what });
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, field: &'static str, text: &str) {
        if text.trim().is_empty() { self.fault(field, What::Empty) } else { self.text(field, text) }
    }

    pub(super) fn optional(&mut self, field: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.needed(field, text);
        }
    }

    fn text(&mut self, field: &'static str, text: &str) {
        if text.len() > LONGEST_TEXT {
            self.fault(field, What::TooLong);
        }
        if text.chars().any(char::is_control) {
            self.fault(field, What::Control);
        }
        if text.trim() != text {
            self.fault(field, What::Spaces);
        }
    }

    /// An id that stands in file names, tables and on command lines.
    pub(super) fn id(&mut self, field: &'static str, id: &str) {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':');
        if id.is_empty() {
            self.fault(field, What::Empty);
        } else if id.len() > LONGEST_ID || !id.bytes().all(allowed) || id.starts_with('-') {
            self.fault(field, What::Id);
        }
    }

    pub(super) fn list(&mut self, field: &'static str, list: &[String]) {
        if list.len() > LONGEST_LIST {
            self.fault(field, What::TooLong);
        }
        for text in list {
            self.needed(field, text);
            if text.contains('|') {
                self.fault(field, What::Bar);
            }
        }
    }

    pub(super) fn identifiers(&mut self, field: &'static str, list: &[String]) {
        if list.len() > LONGEST_LIST {
            self.fault(field, What::TooLong);
        }
        for text in list {
            self.identifier(field, text);
        }
    }

    pub(super) fn identifier(&mut self, field: &'static str, text: &str) {
        if let Err(why) = identifier(text) {
            self.fault(field, What::Identifier(why));
        }
    }

    pub(super) fn span(&mut self, from: Option<jiff::civil::Date>, to: Option<jiff::civil::Date>) {
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            self.fault("to", What::Backwards);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_makes_of_a_number_is_told_apart() {
        assert_eq!(identifier("+31612345678"), Ok(()));
        assert_eq!(identifier("31612345678"), Err(IdentifierFault::NoPlus));
        assert_eq!(identifier("06-12345678"), Err(IdentifierFault::NoPlus));
        assert_eq!(identifier("3,16123E+10"), Err(IdentifierFault::Spreadsheet));
        assert_eq!(identifier("+3161234x"), Err(IdentifierFault::NotANumber));
        assert_eq!(identifier("120363001234567890@g.us"), Ok(()));
        assert_eq!(identifier("=1+1"), Err(IdentifierFault::Form));
        assert_eq!(identifier(""), Err(IdentifierFault::Form));
        assert_eq!(normal(" +31 (6) 12-34.56 78 "), "+31612345678");
    }
}
