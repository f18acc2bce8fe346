//! One thing asked of a phone, and the three ways it can go.

use crate::error::Refusal;
use serde::{Deserialize, Serialize};

/// An answer that never folds "refused" or "could not tell" into a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "value", rename_all = "kebab-case")]
pub enum Fact<T> {
    Known(T),
    /// The phone said no.
    Refused(Refusal),
    /// The phone answered, but not with anything we can read.
    Unreadable,
}

impl<T> Fact<T> {
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(with(value)),
            Self::Refused(why) => Fact::Refused(why),
            Self::Unreadable => Fact::Unreadable,
        }
    }

    /// `Known` of what `read` makes of it, else `Unreadable`.
    pub fn and_read<U>(self, read: impl FnOnce(T) -> Option<U>) -> Fact<U> {
        match self {
            Self::Known(value) => read(value).map_or(Fact::Unreadable, Fact::Known),
            Self::Refused(why) => Fact::Refused(why),
            Self::Unreadable => Fact::Unreadable,
        }
    }
}
