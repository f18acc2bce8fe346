//! Protobuf fields one by one, without allocating and without knowing a schema.

/// One field as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field<'a> {
    pub number: u32,
    pub value: Value<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The bytes are no protobuf, or end within a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no protobuf")]
pub struct Malformed;

/// The fields of one message in their order. After an error the walk is over.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    #[must_use]
    pub fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn next_field(&mut self) -> Result<Field<'a>, Malformed> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).ok().filter(|n| (1..1 << 29).contains(n)).ok_or(Malformed)?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            // 3 and 4 are groups, which no schema here uses; 6 and 7 do not exist.
            _ => return Err(Malformed),
        };
        Ok(Field { number, value })
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let (value, used) = varint(self.rest).ok_or(Malformed)?;
        self.rest = self.rest.get(used..).ok_or(Malformed)?;
        Ok(value)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*array)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.next_field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// An unsigned LEB128 number and its length in bytes. `None` when the bytes end within it or it exceeds 64 bits.
#[must_use]
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (i, &byte) in bytes.iter().take(10).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = u32::try_from(7 * i).ok()?;
        if i == 9 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Some((value, i + 1));
        }
    }
    None
}

/// How many fields of `message` the schema, given as its field numbers, does not name.
#[must_use]
pub fn count_unknown(message: &[u8], known: impl Fn(u32) -> bool) -> u32 {
    let unknown = Fields::of(message).map_while(Result::ok).filter(|f| !known(f.number)).count();
    u32::try_from(unknown).unwrap_or(u32::MAX)
}

/// Refuses a message with more than `most` fields, so that a decoder behind it cannot be made to allocate far more than
/// the message is long.
pub fn bounded(message: &[u8], most: usize) -> Result<(), Malformed> {
    let mut seen = 0;
    for field in Fields::of(message) {
        field?;
        seen += 1;
        if seen > most {
            return Err(Malformed);
        }
    }
    Ok(())
}

/// The text at a path of field numbers: for kinds of which nothing but their text is interpreted.
#[must_use]
pub fn text_at(message: &[u8], path: &[u32]) -> Option<String> {
    let (&number, deeper) = path.split_first()?;
    let inner = Fields::of(message).map_while(Result::ok).find_map(|f| match f.value {
        Value::Bytes(bytes) if f.number == number => Some(bytes),
        _ => None,
    })?;
    if deeper.is_empty() { str::from_utf8(inner).ok().map(str::to_owned) } else { text_at(inner, deeper) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_they_should() {
        assert_eq!(varint(&[0x81, 0x01, 0xff]), Some((129, 2)));
        assert_eq!(varint(&[0x62]), Some((98, 1)));
        assert_eq!(varint(&[0x80]), None);
        assert_eq!(varint(&[0xff; 11]), None);
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), Some((u64::MAX, 10)));
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), None);
    }

    #[test]
    fn a_length_that_lies_ends_the_walk() {
        let message = [0x08, 0x05, 0x12, 0x7f, b'x'];
        let fields: Vec<_> = Fields::of(&message).collect();
        assert_eq!(fields, [Ok(Field { number: 1, value: Value::Varint(5) }), Err(Malformed)]);
        assert_eq!(Fields::of(&[0x00, 0x00]).next(), Some(Err(Malformed)), "field number 0");
        assert_eq!(Fields::of(&[0x0b]).next(), Some(Err(Malformed)), "a group");
    }

    #[test]
    fn texts_are_found_by_path_and_unknown_fields_counted() {
        let message = [0x0a, 0x04, 0x12, 0x02, b'h', b'i', 0x18, 0x01];
        assert_eq!(text_at(&message, &[1, 2]).as_deref(), Some("hi"));
        assert_eq!(text_at(&message, &[1, 3]), None);
        assert_eq!(count_unknown(&message, |n| n == 1), 1);
        assert_eq!(bounded(&message, 1), Err(Malformed));
        assert_eq!(bounded(&message, 2), Ok(()));
    }
}
