//! The values of a typedstream, without their meaning.

use super::TypedStreamError as Error;

/// No blob of a message comes near this.
const LARGEST: usize = 16 << 20;
const DEEPEST: u32 = 48;
const LONGEST_CHAIN: usize = 16;
/// Values of one stream; a message of many links has some thousands.
const MOST_VALUES: usize = 1 << 18;

const INT_2: u8 = 0x81;
const INT_4: u8 = 0x82;
const FLOAT: u8 = 0x83;
const NEW: u8 = 0x84;
const NIL: u8 = 0x85;
const END: u8 = 0x86;
const INT_8: u8 = 0x87;
/// Bytes from [`INT_2`] up to here are marks; the byte after them is the first reference and the lowest number.
const LAST_MARK: u8 = 0x91;
const FIRST_REFERENCE: i64 = -110;

/// A piece of the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    from: u32,
    to: u32,
}

impl Span {
    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        usize::try_from(self.from).ok().zip(usize::try_from(self.to).ok()).and_then(|(a, b)| bytes.get(a..b)).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Nil,
    Int(i64),
    Real(f64),
    Bytes(Span),
    /// A place in the table of objects.
    Object(u32),
}

/// One place in the table of objects. Values of an object lie in one run of [`Decoder::values`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    /// Met and not finished: only a stream that refers to itself shows one.
    Open,
    Class(Span),
    Text(Span),
    Object {
        class: u32,
        from: u32,
        to: u32,
    },
}

/// Decodes one blob after the other in the same memory.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Type descriptors and class names.
    strings: Vec<Span>,
    pub(super) objects: Vec<Entry>,
    pub(super) values: Vec<Value>,
    /// Values of objects that are not finished.
    waiting: Vec<Value>,
}

/// Where in the blob the decoder is.
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn take(&mut self, count: usize) -> Result<Span, Error> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len()).ok_or(Error::Ends)?;
        let span = |at: usize| u32::try_from(at).map_err(|_| Error::TooLarge);
        let taken = Span { from: span(self.at)?, to: span(end)? };
        self.at = end;
        Ok(taken)
    }

    fn peek(&self) -> Result<u8, Error> {
        self.bytes.get(self.at).copied().ok_or(Error::Ends)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let rest: &'b [u8] = self.bytes.get(self.at..).unwrap_or_default();
        let found = rest.first_chunk::<N>().copied().ok_or(Error::Ends)?;
        self.at += N;
        Ok(found)
    }

    fn signed(&mut self) -> Result<i64, Error> {
        match self.byte()? {
            INT_2 => Ok(i16::from_le_bytes(self.array()?).into()),
            INT_4 => Ok(i32::from_le_bytes(self.array()?).into()),
            INT_8 => Ok(i64::from_le_bytes(self.array()?)),
            FLOAT..=LAST_MARK => Err(Error::Unexpected),
            small => Ok(i8::from_le_bytes([small]).into()),
        }
    }

    fn unsigned(&mut self) -> Result<u64, Error> {
        match self.byte()? {
            INT_2 => Ok(u16::from_le_bytes(self.array()?).into()),
            INT_4 => Ok(u32::from_le_bytes(self.array()?).into()),
            INT_8 => Ok(u64::from_le_bytes(self.array()?)),
            FLOAT..=LAST_MARK => Err(Error::Unexpected),
            small => Ok(small.into()),
        }
    }

    /// Length and bytes.
    fn counted(&mut self) -> Result<Span, Error> {
        let count = usize::try_from(self.unsigned()?).map_err(|_| Error::TooLarge)?;
        self.take(count)
    }

    fn real(&mut self, wide: bool) -> Result<f64, Error> {
        if self.peek()? != FLOAT {
            #[allow(clippy::cast_precision_loss, reason = "a number that was a float before it was written as a whole one")]
            return Ok(self.signed()? as f64);
        }
        self.at += 1;
        Ok(if wide { f64::from_le_bytes(self.array()?) } else { f32::from_le_bytes(self.array()?).into() })
    }

    fn reference(&mut self) -> Result<usize, Error> {
        let index = self.signed()?.checked_sub(FIRST_REFERENCE).ok_or(Error::Reference)?;
        usize::try_from(index).map_err(|_| Error::Reference)
    }
}

impl Decoder {
    /// Reads all values of the stream and gives back the first, which is the root.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Value, Error> {
        self.strings.clear();
        self.objects.clear();
        self.values.clear();
        self.waiting.clear();
        if bytes.len() > LARGEST {
            return Err(Error::TooLarge);
        }
        if !bytes.starts_with(b"\x04\x0bstreamtyped") {
            return Err(Error::NotATypedStream);
        }
        let mut cursor = Cursor { bytes, at: 13 };
        cursor.unsigned()?;
        let mut root = None;
        while cursor.at < bytes.len() {
            self.typed(&mut cursor, 0)?;
            root = root.or_else(|| self.waiting.first().copied());
            self.waiting.clear();
        }
        root.ok_or(Error::Ends)
    }

    /// One group: a type descriptor and the values that it announces.
    fn typed(&mut self, cursor: &mut Cursor<'_>, depth: u32) -> Result<(), Error> {
        let types = self.shared(cursor)?.ok_or(Error::Unexpected)?;
        let bytes = cursor.bytes;
        let mut types = types.of(bytes);
        while !types.is_empty() {
            types = self.value(cursor, types, depth)?;
        }
        Ok(())
    }

    fn push(&mut self, value: Value) -> Result<(), Error> {
        if self.waiting.len() + self.values.len() >= MOST_VALUES {
            return Err(Error::TooLarge);
        }
        self.waiting.push(value);
        Ok(())
    }

    /// Reads the value of the first type and gives back the types behind it.
    fn value<'t>(&mut self, cursor: &mut Cursor<'_>, types: &'t [u8], depth: u32) -> Result<&'t [u8], Error> {
        let (&first, rest) = types.split_first().ok_or(Error::Unexpected)?;
        let value = match first {
            b'@' => self.object(cursor, depth)?,
            b'+' => match cursor.peek()? {
                NIL => {
                    cursor.at += 1;
                    Value::Nil
                }
                _ => Value::Bytes(cursor.counted()?),
            },
            b'*' => self.text(cursor)?,
            b'c' => Value::Int(i8::from_le_bytes([cursor.byte()?]).into()),
            b'C' | b'B' => Value::Int(cursor.byte()?.into()),
            b's' | b'i' | b'l' | b'q' => Value::Int(cursor.signed()?),
            // What does not fit is kept in the same bits.
            b'S' | b'I' | b'L' | b'Q' => Value::Int(cursor.unsigned()?.cast_signed()),
            b'f' => Value::Real(cursor.real(false)?),
            b'd' => Value::Real(cursor.real(true)?),
            b'%' | b':' => self.shared(cursor)?.map_or(Value::Nil, Value::Bytes),
            b'#' => match self.class(cursor)? {
                Some(class) => Value::Object(class),
                None => Value::Nil,
            },
            b'!' => return Ok(rest),
            b'[' => return self.list(cursor, rest, depth),
            b'{' => return self.record(cursor, rest, depth),
            _ => return Err(Error::Unexpected),
        };
        self.push(value)?;
        Ok(rest)
    }

    /// `[12c]`: so many values of one type; bytes are one value.
    fn list<'t>(&mut self, cursor: &mut Cursor<'_>, types: &'t [u8], depth: u32) -> Result<&'t [u8], Error> {
        let digits = types.iter().take_while(|b| b.is_ascii_digit()).count();
        let (count, of) = types.split_at_checked(digits).ok_or(Error::Unexpected)?;
        let count: usize = std::str::from_utf8(count).ok().and_then(|c| c.parse().ok()).ok_or(Error::TooLarge)?;
        if let [b'c' | b'C', b']', rest @ ..] = of {
            let span = cursor.take(count)?;
            self.push(Value::Bytes(span))?;
            return Ok(rest);
        }
        if depth >= DEEPEST || count > MOST_VALUES {
            return Err(Error::TooLarge);
        }
        let mut after = skip(of)?;
        for _ in 0..count {
            let before = self.waiting.len();
            after = self.value(cursor, of, depth + 1)?;
            // A type without a value must not make so many rounds for nothing.
            if self.waiting.len() == before {
                return Err(Error::Unexpected);
            }
        }
        after.strip_prefix(b"]").ok_or(Error::Unexpected)
    }

    /// `{name=types}`: its values one after the other.
    fn record<'t>(&mut self, cursor: &mut Cursor<'_>, types: &'t [u8], depth: u32) -> Result<&'t [u8], Error> {
        if depth >= DEEPEST {
            return Err(Error::TooLarge);
        }
        let named = types.iter().position(|b| *b == b'=').ok_or(Error::Unexpected)?;
        let mut rest = types.get(named + 1..).unwrap_or_default();
        loop {
            match rest.split_first() {
                Some((b'}', after)) => return Ok(after),
                Some(_) => rest = self.value(cursor, rest, depth + 1)?,
                None => return Err(Error::Unexpected),
            }
        }
    }

    /// A string of the table: a new one, an old one, or none.
    fn shared(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<Span>, Error> {
        match cursor.peek()? {
            NIL => {
                cursor.at += 1;
                Ok(None)
            }
            NEW => {
                cursor.at += 1;
                let span = cursor.counted()?;
                self.strings.push(span);
                Ok(Some(span))
            }
            _ => {
                let index = cursor.reference()?;
                self.strings.get(index).copied().map(Some).ok_or(Error::Reference)
            }
        }
    }

    fn index(&mut self, entry: Entry) -> Result<u32, Error> {
        if self.objects.len() >= MOST_VALUES {
            return Err(Error::TooLarge);
        }
        let index = u32::try_from(self.objects.len()).map_err(|_| Error::TooLarge)?;
        self.objects.push(entry);
        Ok(index)
    }

    fn text(&mut self, cursor: &mut Cursor<'_>) -> Result<Value, Error> {
        match cursor.peek()? {
            NIL => {
                cursor.at += 1;
                Ok(Value::Nil)
            }
            NEW => {
                cursor.at += 1;
                let span = self.shared(cursor)?.ok_or(Error::Unexpected)?;
                self.index(Entry::Text(span))?;
                Ok(Value::Bytes(span))
            }
            _ => match self.objects.get(cursor.reference()?) {
                Some(Entry::Text(span)) => Ok(Value::Bytes(*span)),
                _ => Err(Error::Reference),
            },
        }
    }

    /// The chain of a class up to its root; the place of the first, if there is one.
    fn class(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<u32>, Error> {
        let mut first = None;
        for _ in 0..LONGEST_CHAIN {
            match cursor.peek()? {
                NIL => {
                    cursor.at += 1;
                    return Ok(first);
                }
                NEW => {
                    cursor.at += 1;
                    let name = self.shared(cursor)?.ok_or(Error::Unexpected)?;
                    cursor.signed()?;
                    let index = self.index(Entry::Class(name))?;
                    first = first.or(Some(index));
                }
                _ => {
                    let index = cursor.reference()?;
                    if !matches!(self.objects.get(index), Some(Entry::Class(_))) {
                        return Err(Error::Reference);
                    }
                    return Ok(first.or(u32::try_from(index).ok()));
                }
            }
        }
        Err(Error::TooLarge)
    }

    fn object(&mut self, cursor: &mut Cursor<'_>, depth: u32) -> Result<Value, Error> {
        match cursor.peek()? {
            NIL => {
                cursor.at += 1;
                Ok(Value::Nil)
            }
            NEW => {
                cursor.at += 1;
                if depth >= DEEPEST {
                    return Err(Error::TooLarge);
                }
                let place = self.index(Entry::Open)?;
                let class = self.class(cursor)?.ok_or(Error::Unexpected)?;
                let start = self.waiting.len();
                while cursor.peek()? != END {
                    self.typed(cursor, depth + 1)?;
                }
                cursor.at += 1;
                let end = |at: usize| u32::try_from(at).map_err(|_| Error::TooLarge);
                let from = end(self.values.len())?;
                self.values.extend(self.waiting.drain(start..));
                let to = end(self.values.len())?;
                if let Some(entry) = usize::try_from(place).ok().and_then(|at| self.objects.get_mut(at)) {
                    *entry = Entry::Object { class, from, to };
                }
                Ok(Value::Object(place))
            }
            _ => {
                let index = cursor.reference()?;
                match self.objects.get(index) {
                    Some(Entry::Open | Entry::Object { .. }) => {
                        Ok(Value::Object(u32::try_from(index).map_err(|_| Error::Reference)?))
                    }
                    _ => Err(Error::Reference),
                }
            }
        }
    }
}

/// The types behind the first one, without reading a value: for a list of none.
fn skip(types: &[u8]) -> Result<&[u8], Error> {
    let mut open = 0_u32;
    for (at, byte) in types.iter().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.checked_sub(1).ok_or(Error::Unexpected)?,
            _ => {}
        }
        if open == 0 {
            return Ok(types.get(at + 1..).unwrap_or_default());
        }
    }
    Err(Error::Unexpected)
}
