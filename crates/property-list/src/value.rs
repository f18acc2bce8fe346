//! The value of a list, and the questions a reader asks of it.

use indexmap::IndexMap;
use std::fmt;

/// Seconds from 1970 to 2001-01-01 00:00:00 UTC, where Apple's count begins.
pub const COCOA_EPOCH: f64 = 978_307_200.0;

/// Keys are in the order in which they came: an iPhone that asks for moves means them in that order.
pub type Dictionary = IndexMap<String, Value>;

/// One value with all below it.
#[derive(Clone, PartialEq)]
pub enum Value {
    Dictionary(Dictionary),
    Array(Vec<Value>),
    String(String),
    Data(Vec<u8>),
    /// From `i64::MIN` to `u64::MAX`.
    Integer(i128),
    Real(f64),
    Boolean(bool),
    /// Seconds since 2001-01-01 00:00:00 UTC, as the binary form has it.
    Date(f64),
    /// A reference within a keyed archive.
    Uid(u64),
}

impl Value {
    /// An empty dictionary.
    #[must_use]
    pub fn dictionary() -> Self {
        Self::Dictionary(Dictionary::new())
    }

    /// A dictionary of these.
    pub fn of<K: Into<String>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Dictionary(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    #[must_use]
    pub fn dict(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    /// The value under `key`, if this is a dictionary that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.dict()?.get(key)
    }

    /// Puts a value under `key` of a dictionary; of anything else it makes a dictionary first.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        if !matches!(self, Self::Dictionary(_)) {
            *self = Self::dictionary();
        }
        if let Self::Dictionary(dictionary) = self {
            dictionary.insert(key.to_owned(), value.into());
        }
        self
    }

    #[must_use]
    pub fn array(&self) -> Option<&[Value]> {
        if let Self::Array(array) = self { Some(array) } else { None }
    }

    #[must_use]
    pub fn str(&self) -> Option<&str> {
        if let Self::String(string) = self { Some(string) } else { None }
    }

    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        if let Self::Data(data) = self { Some(data) } else { None }
    }

    #[must_use]
    pub fn int(&self) -> Option<i64> {
        if let Self::Integer(integer) = self { i64::try_from(*integer).ok() } else { None }
    }

    #[must_use]
    pub fn unsigned(&self) -> Option<u64> {
        if let Self::Integer(integer) = self { u64::try_from(*integer).ok() } else { None }
    }

    /// A real, or an integer as a real.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn real(&self) -> Option<f64> {
        match self {
            Self::Real(real) => Some(*real),
            Self::Integer(integer) => Some(*integer as f64),
            _ => None,
        }
    }

    /// Only a boolean; phones also write 0 and 1 for switches ([`Self::switch`]).
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        if let Self::Boolean(boolean) = self { Some(*boolean) } else { None }
    }

    /// A boolean, or the integers 0 and 1 in its place.
    #[must_use]
    pub fn switch(&self) -> Option<bool> {
        match self {
            Self::Boolean(boolean) => Some(*boolean),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            _ => None,
        }
    }

    /// Seconds since 2001.
    #[must_use]
    pub fn date(&self) -> Option<f64> {
        if let Self::Date(seconds) = self { Some(*seconds) } else { None }
    }

    /// A date in whole Unix seconds, rounded down.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn unix(&self) -> Option<i64> {
        let seconds = (self.date()? + COCOA_EPOCH).floor();
        // Beyond these a cast would hold on to the nearest number there is.
        (seconds.abs() < 9.0e18).then_some(seconds as i64)
    }

    #[must_use]
    pub fn uid(&self) -> Option<u64> {
        if let Self::Uid(uid) = self { Some(*uid) } else { None }
    }
}

/// Shows the shape only: content of phones and pair records pass through here.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dictionary(dictionary) => write!(f, "Dictionary({} keys)", dictionary.len()),
            Self::Array(array) => write!(f, "Array({} values)", array.len()),
            Self::String(string) => write!(f, "String({} bytes)", string.len()),
            Self::Data(data) => write!(f, "Data({} bytes)", data.len()),
            Self::Integer(_) => f.write_str("Integer"),
            Self::Real(_) => f.write_str("Real"),
            Self::Boolean(_) => f.write_str("Boolean"),
            Self::Date(_) => f.write_str("Date"),
            Self::Uid(_) => f.write_str("Uid"),
        }
    }
}

macro_rules! from {
    ($($from:ty => $make:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                $make(value)
            }
        })*
    };
}

from! {
    &str => |value: &str| Value::String(value.to_owned()),
    String => Value::String,
    Vec<u8> => Value::Data,
    &[u8] => |value: &[u8]| Value::Data(value.to_vec()),
    bool => Value::Boolean,
    f64 => Value::Real,
    u8 => |value| Value::Integer(i128::from(value)),
    u16 => |value| Value::Integer(i128::from(value)),
    u32 => |value| Value::Integer(i128::from(value)),
    u64 => |value| Value::Integer(i128::from(value)),
    i32 => |value| Value::Integer(i128::from(value)),
    i64 => |value| Value::Integer(i128::from(value)),
    Vec<Value> => Value::Array,
    Dictionary => Value::Dictionary,
}
