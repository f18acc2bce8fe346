//! One frame, as what it says.

use super::Blob;
use uitlezen_protobuf::{Fields, Malformed, Value};

/// A frame. Blobs are places in the file, not bytes.
#[derive(Debug)]
pub enum Frame<'a> {
    /// Version of the database.
    Version(u64),
    Statement(Statement<'a>),
    Preference(Preference<'a>),
    Setting(Setting<'a>),
    Attachment {
        row: i64,
        blob: Blob,
    },
    Avatar(Blob),
    Sticker {
        row: i64,
        blob: Blob,
    },
    /// A kind that nobody described.
    Unknown,
}

/// A statement with the values that belong to it. Never to be run as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Not UTF-8 gives none.
    pub sql: Option<&'a str>,
    bytes: &'a [u8],
}

/// A value of a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Parameter<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// Perhaps not UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// None of these.
    Unknown,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8], unknown: &mut u64) -> Result<Self, Malformed> {
        let mut sql = None;
        for field in Fields::of(bytes) {
            match field? {
                uitlezen_protobuf::Field { number: 1, value: Value::Bytes(text) } => sql = str::from_utf8(text).ok(),
                uitlezen_protobuf::Field { number: 2, value: Value::Bytes(_) } => {}
                uitlezen_protobuf::Field { number: 1 | 2, .. } => return Err(Malformed),
                _ => *unknown += 1,
            }
        }
        Ok(Self { sql, bytes })
    }

    /// Its values in their order.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        Fields::of(self.bytes).map_while(Result::ok).filter(|field| field.number == 2).map(|field| match field.value {
            Value::Bytes(parameter) => value(parameter),
            _ => Parameter::Unknown,
        })
    }
}

fn value(parameter: &[u8]) -> Parameter<'_> {
    let mut found = Parameter::Unknown;
    for field in Fields::of(parameter) {
        let Ok(field) = field else { return Parameter::Unknown };
        found = match (field.number, field.value) {
            (1, Value::Bytes(text)) => Parameter::Text(text),
            (2, Value::Varint(number)) => Parameter::Integer(number.cast_signed()),
            (3, Value::Fixed64(bits)) => Parameter::Real(f64::from_bits(bits)),
            (4, Value::Bytes(blob)) => Parameter::Blob(blob),
            (5, Value::Varint(_)) => Parameter::Null,
            _ => return Parameter::Unknown,
        };
    }
    found
}

/// A preference of the app, as Android keeps them. Texts are not given: some are secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<'a> {
    pub key: &'a str,
    pub flag: Option<bool>,
    /// A text that is a whole number.
    pub number: Option<i64>,
}

/// A setting of the app, as its own key-value store keeps them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting<'a> {
    pub key: &'a str,
    pub value: SettingValue,
}

/// What a setting holds. Texts and bytes are not given: the PIN and the account's keys are among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SettingValue {
    Flag(bool),
    Integer(i64),
    Real(f32),
    NotGiven,
}

/// A frame without its blob.
pub(super) enum Parsed<'a> {
    Whole(Frame<'a>),
    Attachment { row: i64, len: u64 },
    Avatar { len: u64 },
    Sticker { row: i64, len: u64 },
    End,
}

/// Reads a frame. `unknown` counts fields that nobody described.
pub(super) fn parse<'a>(bytes: &'a [u8], unknown: &mut u64) -> Result<Parsed<'a>, Malformed> {
    let mut found = Parsed::Whole(Frame::Unknown);
    for field in Fields::of(bytes) {
        let field = field?;
        found = match (field.number, field.value) {
            (2, Value::Bytes(inner)) => Parsed::Whole(Frame::Statement(Statement::parse(inner, unknown)?)),
            (3, Value::Bytes(inner)) => Parsed::Whole(Frame::Preference(preference(inner, unknown)?)),
            (4, Value::Bytes(inner)) => {
                let [row, _, len] = numbers(inner, unknown)?;
                Parsed::Attachment { row: row.cast_signed(), len }
            }
            (5, Value::Bytes(inner)) => Parsed::Whole(Frame::Version(numbers::<1>(inner, unknown)?[0])),
            (6, Value::Varint(_)) => Parsed::End,
            (7, Value::Bytes(inner)) => Parsed::Avatar { len: avatar(inner, unknown)? },
            (8, Value::Bytes(inner)) => {
                let [row, len] = numbers(inner, unknown)?;
                Parsed::Sticker { row: row.cast_signed(), len }
            }
            (9, Value::Bytes(inner)) => Parsed::Whole(Frame::Setting(setting(inner, unknown)?)),
            // A second head, or a described kind written in another way.
            (1..=9, _) => return Err(Malformed),
            _ => {
                *unknown += 1;
                continue;
            }
        };
    }
    Ok(found)
}

/// Fields 1 to N, all of them numbers.
fn numbers<const N: usize>(bytes: &[u8], unknown: &mut u64) -> Result<[u64; N], Malformed> {
    let mut found = [0; N];
    for field in Fields::of(bytes) {
        let field = field?;
        let place = usize::try_from(field.number).ok().and_then(|number| found.get_mut(number.checked_sub(1)?));
        match (place, field.value) {
            (Some(place), Value::Varint(number)) => *place = number,
            (Some(_), _) => return Err(Malformed),
            (None, _) => *unknown += 1,
        }
    }
    Ok(found)
}

fn avatar(bytes: &[u8], unknown: &mut u64) -> Result<u64, Malformed> {
    let mut len = 0;
    for field in Fields::of(bytes) {
        let field = field?;
        match (field.number, field.value) {
            (2, Value::Varint(number)) => len = number,
            (1 | 3, Value::Bytes(_)) => {}
            (1..=3, _) => return Err(Malformed),
            _ => *unknown += 1,
        }
    }
    Ok(len)
}

fn preference<'a>(bytes: &'a [u8], unknown: &mut u64) -> Result<Preference<'a>, Malformed> {
    let mut found = Preference { key: "", flag: None, number: None };
    for field in Fields::of(bytes) {
        let field = field?;
        match (field.number, field.value) {
            (2, Value::Bytes(key)) => found.key = str::from_utf8(key).unwrap_or_default(),
            (3, Value::Bytes(text)) => found.number = str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()),
            (4, Value::Varint(flag)) => found.flag = Some(flag != 0),
            (1 | 5, Value::Bytes(_)) | (6, Value::Varint(_)) => {}
            (1..=6, _) => return Err(Malformed),
            _ => *unknown += 1,
        }
    }
    Ok(found)
}

fn setting<'a>(bytes: &'a [u8], unknown: &mut u64) -> Result<Setting<'a>, Malformed> {
    let mut found = Setting { key: "", value: SettingValue::NotGiven };
    for field in Fields::of(bytes) {
        let field = field?;
        found.value = match (field.number, field.value) {
            (1, Value::Bytes(key)) => {
                found.key = str::from_utf8(key).unwrap_or_default();
                continue;
            }
            (2 | 7, Value::Bytes(_)) => SettingValue::NotGiven,
            (3, Value::Varint(flag)) => SettingValue::Flag(flag != 0),
            (4, Value::Fixed32(bits)) => SettingValue::Real(f32::from_bits(bits)),
            (5 | 6, Value::Varint(number)) => SettingValue::Integer(number.cast_signed()),
            (1..=7, _) => return Err(Malformed),
            _ => {
                *unknown += 1;
                continue;
            }
        };
    }
    Ok(found)
}
