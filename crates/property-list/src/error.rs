//! Why a list could not be read or written. No variant repeats anything of the list: keys and values are content.

/// Which bound of [`crate::Limits`] a list goes beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLarge {
    /// Bytes of the list itself.
    Input,
    /// Values within values.
    Depth,
    /// Number of values, a shared one as often as it is referred to.
    Nodes,
    /// Bytes of strings and data together, shared ones as often as they are referred to.
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlistError {
    #[error("not a property list")]
    NotAPlist,
    #[error("the property list is cut off")]
    Truncated,
    /// What it says of itself does not hold together: an offset outside, a reference to no object.
    #[error("the property list is damaged")]
    Structure,
    /// A kind of value that no list of version 0 has.
    #[error("the property list holds a value of an unknown kind ({0:#04x})")]
    Kind(u8),
    #[error("the property list holds a number that cannot be represented")]
    Number,
    #[error("the property list holds text that is not of its encoding")]
    Text,
    #[error("the property list has a dictionary whose key is no string")]
    Key,
    /// Which one counts would be a guess.
    #[error("the property list has a dictionary with two values for one key")]
    DuplicateKey,
    #[error("the XML of the property list is malformed")]
    Xml,
    /// Entities of the document's own, and sections that a reader would leave out in silence: no software of Apple writes them.
    #[error("the XML of the property list declares or uses what is not read")]
    Entity,
    #[error("something stands behind the end of the property list")]
    Surplus,
    #[error("the property list is larger than its reader allows ({0:?})")]
    TooLarge(TooLarge),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error("a date lies outside the calendar")]
    Date,
    /// References of archives; XML has no form for them.
    #[error("the value cannot be written in this form")]
    Form,
}
