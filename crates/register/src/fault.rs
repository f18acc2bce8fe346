//! What can be wrong with an entry, in closed words: `cli` puts them into the reader's language.

use crate::{IdentifierFault, Kind};

/// Something wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub field: &'static str,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Empty,
    TooLong,
    Control,
    /// Blanks at the begin or end.
    Spaces,
    /// A `|` in a text of a list.
    Bar,
    Id,
    Identifier(IdentifierFault),
    NumberOfGroup,
    /// Ends before it begins.
    Backwards,
    Weeks,
    Retention,
    SelectionList,
    /// A function, phone or number of a council member (R27).
    Councillor,
    OneSubject,
    SecondPerson,
    SamePerson,
    /// Stands twice in what is brought in.
    Twice,
    /// Names an entry that does not exist or has ended.
    Unknown {
        kind: Kind,
        id: String,
    },
    /// Another entry has this number already.
    Taken {
        kind: Kind,
        id: String,
    },
    /// Other current entries still name this one.
    InUse {
        kind: Kind,
        id: String,
    },
    /// Nothing of this kind and id is there to be ended.
    Absent,
    NotADate,
    NotAWholeNumber,
    NotOneOf(&'static [&'static str]),
    UnknownField(String),
    /// A field that must be there is not, or one has a value that it cannot have; in the words of the reader.
    Form(String),
}

impl What {
    /// A stable word, for texts and scripts.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::Control => "control",
            Self::Spaces => "spaces",
            Self::Bar => "bar",
            Self::Id => "id",
            Self::Identifier(IdentifierFault::NoPlus) => "no-plus",
            Self::Identifier(IdentifierFault::Spreadsheet) => "spreadsheet",
            Self::Identifier(IdentifierFault::NotANumber) => "not-a-number",
            Self::Identifier(IdentifierFault::Form) => "identifier",
            Self::NumberOfGroup => "number-of-group",
            Self::Backwards => "backwards",
            Self::Weeks => "weeks",
            Self::Retention => "retention",
            Self::SelectionList => "selection-list",
            Self::Councillor => "councillor",
            Self::OneSubject => "one-subject",
            Self::SecondPerson => "second-person",
            Self::SamePerson => "same-person",
            Self::Twice => "twice",
            Self::Unknown { .. } => "unknown",
            Self::Taken { .. } => "taken",
            Self::InUse { .. } => "in-use",
            Self::Absent => "absent",
            Self::NotADate => "not-a-date",
            Self::NotAWholeNumber => "not-a-whole-number",
            Self::NotOneOf(_) => "not-one-of",
            Self::UnknownField(_) => "unknown-field",
            Self::Form(_) => "form",
        }
    }
}
