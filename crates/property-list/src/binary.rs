//! The binary form: objects, a table of their offsets, and 32 bytes at the end that say where the table is.
//!
//! Read here and not from `plist::stream`: that makes a list of references eight times the size of the bytes they are read
//! from before it hands out the event that could be counted.

use crate::{PlistError, TooLarge, Value, limits::Budget};
use indexmap::map::Entry;

const HEAD: usize = 8;
const TRAILER: usize = 32;

pub(crate) fn read(bytes: &[u8], mut budget: Budget) -> Result<Value, PlistError> {
    let (objects, root) = Objects::open(bytes)?;
    budget.nodes(1)?;
    objects.value(root, 0, &mut budget)
}

struct Objects<'a> {
    /// Head and objects: everything before the table.
    body: &'a [u8],
    table: &'a [u8],
    offset_size: usize,
    reference_size: usize,
}

/// How many big-endian bytes of a number fit.
fn number(bytes: &[u8]) -> Result<u64, PlistError> {
    let mut value = 0_u64;
    for &byte in bytes {
        if value >> 56 != 0 {
            return Err(PlistError::Number);
        }
        value = value << 8 | u64::from(byte);
    }
    Ok(value)
}

fn index(value: u64) -> Result<usize, PlistError> {
    usize::try_from(value).map_err(|_| PlistError::Structure)
}

impl<'a> Objects<'a> {
    /// With the number of the root object.
    fn open(bytes: &'a [u8]) -> Result<(Self, usize), PlistError> {
        let (before, trailer) = bytes.split_last_chunk::<TRAILER>().ok_or(PlistError::Truncated)?;
        if before.len() < HEAD {
            return Err(PlistError::Truncated);
        }
        let [_, _, _, _, _, _, offset_size, reference_size, rest @ ..] = trailer;
        let (count, rest) = rest.split_at(8);
        let (root, table) = rest.split_at(8);
        let (offset_size, reference_size) = (usize::from(*offset_size), usize::from(*reference_size));
        if !(1..=8).contains(&offset_size) || !(1..=8).contains(&reference_size) {
            return Err(PlistError::Structure);
        }
        let (count, root, table) = (index(number(count)?)?, index(number(root)?)?, index(number(table)?)?);
        let size = count.checked_mul(offset_size).ok_or(PlistError::Structure)?;
        if table < HEAD || root >= count {
            return Err(PlistError::Structure);
        }
        let (body, rest) = before.split_at_checked(table).ok_or(PlistError::Structure)?;
        let table = rest.get(..size).ok_or(PlistError::Structure)?;
        Ok((Self { body, table, offset_size, reference_size }, root))
    }

    /// The bytes from an object on.
    fn at(&self, object: usize) -> Result<&'a [u8], PlistError> {
        let place = object.checked_mul(self.offset_size).ok_or(PlistError::Structure)?;
        let entry = place.checked_add(self.offset_size).and_then(|end| self.table.get(place..end));
        let offset = index(number(entry.ok_or(PlistError::Structure)?)?)?;
        if offset < HEAD {
            return Err(PlistError::Structure);
        }
        self.body.get(offset..).filter(|rest| !rest.is_empty()).ok_or(PlistError::Structure)
    }

    fn value(&self, object: usize, depth: usize, budget: &mut Budget) -> Result<Value, PlistError> {
        let bytes = self.at(object)?;
        let (&marker, rest) = bytes.split_first().ok_or(PlistError::Structure)?;
        let low = marker & 0x0f;
        match marker >> 4 {
            0x0 if low == 8 => Ok(Value::Boolean(false)),
            0x0 if low == 9 => Ok(Value::Boolean(true)),
            0x1 => integer(rest, low).map(|(value, _)| Value::Integer(value)),
            0x2 => real(rest, low).map(Value::Real),
            0x3 if low == 3 => real(rest, low).map(Value::Date),
            0x4 => Ok(Value::Data(counted(rest, low, 1, budget)?.to_vec())),
            0x5 | 0x6 => self.text(object, budget).map(Value::String),
            0x8 => number(rest.get(..=usize::from(low)).ok_or(PlistError::Structure)?).map(Value::Uid),
            // An array; a set, ordered or not, is read as one.
            0xa..=0xc => {
                let (count, rest) = length(rest, low)?;
                let references = self.references(rest, count)?;
                let depth = deeper(depth, budget)?;
                budget.nodes(count)?;
                let mut array = Vec::with_capacity(count);
                for reference in references.chunks_exact(self.reference_size) {
                    array.push(self.value(index(number(reference)?)?, depth, budget)?);
                }
                Ok(Value::Array(array))
            }
            0xd => {
                let (count, rest) = length(rest, low)?;
                let both = self.references(rest, count.checked_mul(2).ok_or(PlistError::Structure)?)?;
                let (keys, values) = both.split_at(both.len() / 2);
                let depth = deeper(depth, budget)?;
                budget.nodes(count.saturating_mul(2))?;
                let mut dictionary = crate::Dictionary::new();
                for (key, value) in keys.chunks_exact(self.reference_size).zip(values.chunks_exact(self.reference_size)) {
                    let key = self.text(index(number(key)?)?, budget)?;
                    let Entry::Vacant(place) = dictionary.entry(key) else { return Err(PlistError::DuplicateKey) };
                    place.insert(self.value(index(number(value)?)?, depth, budget)?);
                }
                Ok(Value::Dictionary(dictionary))
            }
            _ => Err(PlistError::Kind(marker)),
        }
    }

    fn references(&self, rest: &'a [u8], count: usize) -> Result<&'a [u8], PlistError> {
        let size = count.checked_mul(self.reference_size).ok_or(PlistError::Structure)?;
        rest.get(..size).ok_or(PlistError::Structure)
    }

    /// A string; also as the key of a dictionary.
    fn text(&self, object: usize, budget: &mut Budget) -> Result<String, PlistError> {
        let (&marker, rest) = self.at(object)?.split_first().ok_or(PlistError::Structure)?;
        match marker >> 4 {
            0x5 => {
                let ascii = counted(rest, marker & 0x0f, 1, budget)?;
                let text = std::str::from_utf8(ascii).ok().filter(|text| text.is_ascii());
                text.map(str::to_owned).ok_or(PlistError::Text)
            }
            0x6 => {
                // Two bytes may become three of UTF-8.
                let utf16 = counted(rest, marker & 0x0f, 2, budget)?;
                budget.bytes(utf16.len() / 2)?;
                let units = utf16.chunks_exact(2).map(|pair| pair.iter().fold(0, |unit, &byte| unit << 8 | u16::from(byte)));
                // Half of a pair stands alone where software cut a text: shown as U+FFFD rather than losing the whole list.
                Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
            }
            _ => Err(PlistError::Key),
        }
    }
}

fn deeper(depth: usize, budget: &Budget) -> Result<usize, PlistError> {
    if depth < budget.depth { Ok(depth + 1) } else { Err(PlistError::TooLarge(TooLarge::Depth)) }
}

/// The length that the low half of a marker gives, or the integer behind it; and what follows.
fn length(rest: &[u8], low: u8) -> Result<(usize, &[u8]), PlistError> {
    if low != 0x0f {
        return Ok((usize::from(low), rest));
    }
    let (&marker, rest) = rest.split_first().ok_or(PlistError::Structure)?;
    if marker >> 4 != 1 {
        return Err(PlistError::Structure);
    }
    let (value, rest) = integer(rest, marker & 0x0f)?;
    Ok((usize::try_from(value).map_err(|_| PlistError::Structure)?, rest))
}

/// The content of data or text of `unit` bytes a piece, which is in the bytes and within the budget.
fn counted<'a>(rest: &'a [u8], low: u8, unit: usize, budget: &mut Budget) -> Result<&'a [u8], PlistError> {
    let (count, rest) = length(rest, low)?;
    let content = count.checked_mul(unit).and_then(|size| rest.get(..size)).ok_or(PlistError::Structure)?;
    budget.bytes(content.len())?;
    Ok(content)
}

/// An integer of 2^low bytes: to 4 without a sign, 8 with one; 16 hold what does not fit in 8.
fn integer(rest: &[u8], low: u8) -> Result<(i128, &[u8]), PlistError> {
    if low > 4 {
        return Err(PlistError::Number);
    }
    let (bytes, rest) = rest.split_at_checked(1 << low).ok_or(PlistError::Structure)?;
    let unsigned = bytes.iter().fold(0_u128, |value, &byte| value << 8 | u128::from(byte));
    let value = match low {
        3 => i128::from(u64::try_from(unsigned).map_err(|_| PlistError::Number)?.cast_signed()),
        _ => unsigned.cast_signed(),
    };
    if value < i128::from(i64::MIN) || value > i128::from(u64::MAX) {
        return Err(PlistError::Number);
    }
    Ok((value, rest))
}

fn real(rest: &[u8], low: u8) -> Result<f64, PlistError> {
    match low {
        2 => rest.first_chunk().map(|bytes| f64::from(f32::from_be_bytes(*bytes))).ok_or(PlistError::Structure),
        3 => rest.first_chunk().map(|bytes| f64::from_be_bytes(*bytes)).ok_or(PlistError::Structure),
        _ => Err(PlistError::Number),
    }
}
