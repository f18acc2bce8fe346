//! Messages by a table of their fields.

use crate::{Fields, Malformed, Value};
use std::{borrow::Cow, collections::BTreeMap};

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any number that is written as a varint, an enumeration too.
    Number,
    Bool,
    Text,
    Bytes,
    Fixed32,
    Float,
    Message(&'static Schema),
    /// Bytes or a text that may go nowhere: only [`Record::secret`] gives it.
    Secret,
}

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub number: u32,
    pub name: &'static str,
    pub kind: Kind,
    pub repeated: bool,
}

/// A kind of message: its fields by number.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    pub name: &'static str,
    pub fields: &'static [Entry],
}

impl Schema {
    fn numbered(&self, number: u32) -> Option<&'static Entry> {
        self.fields.iter().find(|field| field.number == number)
    }

    fn named(&self, name: &str) -> Option<&'static Entry> {
        let found = self.fields.iter().find(|field| field.name == name);
        debug_assert!(found.is_some(), "{} has no field {name}", self.name);
        found
    }
}

/// How much one message may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Messages within each other.
    pub depth: u32,
    /// Fields in all of them together.
    pub fields: u32,
}

/// What was met and is not in the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// By message and number, `ChatItem.23`: how often.
    pub unknown: BTreeMap<(&'static str, u32), u64>,
    /// Texts that are not UTF-8.
    pub invalid_texts: u64,
}

impl Census {
    /// More kinds of unknown fields than any new version brings; beyond it they are counted together.
    const MOST: usize = 1_000;

    fn meet(&mut self, message: &'static str, number: u32) {
        let key = if self.unknown.len() < Self::MOST { (message, number) } else { ("", 0) };
        *self.unknown.entry(key).or_default() += 1;
    }

    /// How many fields in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.unknown.values().sum()
    }
}

/// Walks a message and all that lies in it.
///
/// # Errors
/// [`Malformed`] when the bytes are no such message: a field that ends nowhere, a kind of value that the field cannot have,
/// or more of it than `bounds` allow.
pub fn check(bytes: &[u8], schema: &'static Schema, bounds: Bounds, census: &mut Census) -> Result<(), Malformed> {
    let mut left = bounds.fields;
    walk(bytes, schema, bounds.depth, &mut left, census)
}

fn walk(bytes: &[u8], schema: &'static Schema, depth: u32, left: &mut u32, census: &mut Census) -> Result<(), Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed)?;
    for field in Fields::of(bytes) {
        let field = field?;
        *left = left.checked_sub(1).ok_or(Malformed)?;
        let Some(entry) = schema.numbered(field.number) else {
            census.meet(schema.name, field.number);
            continue;
        };
        match (entry.kind, field.value) {
            (Kind::Number | Kind::Bool, Value::Varint(_))
            | (Kind::Fixed32 | Kind::Float, Value::Fixed32(_))
            | (Kind::Bytes | Kind::Secret, Value::Bytes(_)) => {}
            (Kind::Text, Value::Bytes(text)) => census.invalid_texts += u64::from(str::from_utf8(text).is_err()),
            (Kind::Message(inner), Value::Bytes(message)) => walk(message, inner, depth, left, census)?,
            // Numbers that repeat are written as one run of bytes.
            (Kind::Number | Kind::Bool, Value::Bytes(run)) if entry.repeated => {
                let numbers = numbers(run).try_fold(0_u32, |n, number| number.map(|_| n.saturating_add(1)))?;
                *left = left.checked_sub(numbers).ok_or(Malformed)?;
            }
            (Kind::Fixed32 | Kind::Float, Value::Bytes(run)) if entry.repeated => {
                let (numbers, rest) = run.as_chunks::<4>();
                let numbers = u32::try_from(numbers.len()).ok().filter(|_| rest.is_empty()).ok_or(Malformed)?;
                *left = left.checked_sub(numbers).ok_or(Malformed)?;
            }
            _ => return Err(Malformed),
        }
    }
    Ok(())
}

/// Numbers one behind the other.
fn numbers(mut run: &[u8]) -> impl Iterator<Item = Result<u64, Malformed>> {
    std::iter::from_fn(move || {
        if run.is_empty() {
            return None;
        }
        let next = crate::varint(run).and_then(|(number, used)| run.get(used..).map(|rest| (number, rest)));
        run = next.map_or(&[], |(_, rest)| rest);
        Some(next.map(|(number, _)| number).ok_or(Malformed))
    })
}

/// A message that [`check`] passed. Of a field that may stand once and stands twice, the last counts, as everywhere.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    schema: &'static Schema,
    bytes: &'a [u8],
}

impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes", self.schema.name, self.bytes.len())
    }
}

impl<'a> Record<'a> {
    /// `bytes` went through [`check`] by the same table. If they did not, fields behind damage are absent.
    #[must_use]
    pub fn new(schema: &'static Schema, bytes: &'a [u8]) -> Self {
        Self { schema, bytes }
    }

    #[must_use]
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Its bytes, secrets and all.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    fn values(&self, name: &str) -> impl Iterator<Item = (Kind, Value<'a>)> + use<'a> {
        let entry = self.schema.named(name);
        let number = entry.map_or(0, |entry| entry.number);
        let kind = entry.map_or(Kind::Secret, |entry| entry.kind);
        Fields::of(self.bytes).map_while(Result::ok).filter(move |field| field.number == number).map(move |f| (kind, f.value))
    }

    fn last(&self, name: &str) -> Option<(Kind, Value<'a>)> {
        self.values(name).last()
    }

    /// Whether the field stands there at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// A number that stands there.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.last(name)? {
            (Kind::Number | Kind::Bool, Value::Varint(number)) => Some(number),
            (Kind::Fixed32 | Kind::Float, Value::Fixed32(number)) => Some(number.into()),
            _ => None,
        }
    }

    /// A number, 0 where it does not stand there: in this format those are the same.
    #[must_use]
    pub fn uint(&self, name: &str) -> u64 {
        self.number(name).unwrap_or_default()
    }

    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.uint(name) != 0
    }

    /// All numbers of a field that repeats.
    #[must_use]
    pub fn uints(&self, name: &str) -> Vec<u64> {
        let mut all = Vec::new();
        for (kind, value) in self.values(name) {
            match (kind, value) {
                (Kind::Number | Kind::Bool, Value::Varint(number)) => all.push(number),
                (Kind::Number | Kind::Bool, Value::Bytes(run)) => all.extend(numbers(run).map_while(Result::ok)),
                (Kind::Fixed32 | Kind::Float, Value::Fixed32(number)) => all.push(number.into()),
                (Kind::Fixed32 | Kind::Float, Value::Bytes(run)) => {
                    all.extend(run.as_chunks().0.iter().map(|number| u64::from(u32::from_le_bytes(*number))));
                }
                _ => {}
            }
        }
        all
    }

    /// A text that stands there; what is not UTF-8 in it is replaced.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        match self.last(name)? {
            (Kind::Text, Value::Bytes(text)) => Some(String::from_utf8_lossy(text)),
            _ => None,
        }
    }

    /// All texts of a field that repeats.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        self.values(name).filter_map(|value| match value {
            (Kind::Text, Value::Bytes(text)) => Some(String::from_utf8_lossy(text)),
            _ => None,
        })
    }

    /// Bytes that stand there and are no secret.
    #[must_use]
    pub fn blob(&self, name: &str) -> Option<&'a [u8]> {
        match self.last(name)? {
            (Kind::Bytes, Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// All bytes of a field that repeats and is no secret.
    pub fn blobs(&self, name: &str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.values(name).filter_map(|value| match value {
            (Kind::Bytes, Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        })
    }

    /// A secret. To be used, and never to be kept or shown.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&'a [u8]> {
        match self.last(name)? {
            (Kind::Secret, Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The message in a field.
    #[must_use]
    pub fn message(&self, name: &str) -> Option<Self> {
        self.messages(name).last()
    }

    /// All messages of a field that repeats.
    pub fn messages(&self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        self.values(name).filter_map(|value| match value {
            (Kind::Message(schema), Value::Bytes(bytes)) => Some(Self { schema, bytes }),
            _ => None,
        })
    }

    /// The last message among fields of which one at most stands there, with its name.
    #[must_use]
    pub fn one_of(&self, names: &[&str]) -> Option<(&'static str, Self)> {
        let found = Fields::of(self.bytes).map_while(Result::ok).filter_map(|field| {
            let entry = self.schema.numbered(field.number).filter(|entry| names.contains(&entry.name))?;
            match (entry.kind, field.value) {
                (Kind::Message(schema), Value::Bytes(bytes)) => Some((entry.name, Self { schema, bytes })),
                _ => None,
            }
        });
        found.last()
    }

    /// Every field as it stands, with its entry in the table.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Entry, Value<'a>)> + use<'a> {
        let schema = self.schema;
        Fields::of(self.bytes).map_while(Result::ok).filter_map(move |f| schema.numbered(f.number).map(|entry| (entry, f.value)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static TREE: Schema = Schema {
        name: "Tree",
        fields: &[
            Entry { number: 1, name: "id", kind: Kind::Number, repeated: false },
            Entry { number: 2, name: "branch", kind: Kind::Message(&TREE), repeated: true },
            Entry { number: 3, name: "key", kind: Kind::Secret, repeated: false },
            Entry { number: 4, name: "label", kind: Kind::Text, repeated: false },
            Entry { number: 5, name: "marks", kind: Kind::Number, repeated: true },
            Entry { number: 6, name: "colour", kind: Kind::Fixed32, repeated: true },
        ],
    };
    const BOUNDS: Bounds = Bounds { depth: 4, fields: 100 };

    fn nested(levels: usize) -> Vec<u8> {
        let mut message = vec![0x08, 7];
        for _ in 0..levels {
            let mut outer = vec![0x12, u8::try_from(message.len()).unwrap()];
            outer.append(&mut message);
            message = outer;
        }
        message
    }

    #[test]
    fn depth_number_and_kind_are_bounded() {
        let mut census = Census::default();
        assert_eq!(check(&nested(3), &TREE, BOUNDS, &mut census), Ok(()));
        assert_eq!(check(&nested(4), &TREE, BOUNDS, &mut census), Err(Malformed));
        let many = [0x08, 1].repeat(101);
        assert_eq!(check(&many, &TREE, BOUNDS, &mut census), Err(Malformed));
        let packed = [&[0x2a, 101][..], &[1; 101]].concat();
        assert_eq!(check(&packed, &TREE, BOUNDS, &mut census), Err(Malformed));
        assert_eq!(check(&[0x0a, 1, 1], &TREE, BOUNDS, &mut census), Err(Malformed), "bytes where one number stands");
        assert_eq!(check(&[0x32, 3, 1, 2, 3], &TREE, BOUNDS, &mut census), Err(Malformed), "not a whole number");
        assert_eq!(census, Census::default());
    }

    #[test]
    fn what_the_table_does_not_name_is_counted_by_place() {
        let message = [0x48, 1, 0x12, 4, 0x48, 1, 0x48, 2, 0x22, 1, 0xff];
        let mut census = Census::default();
        check(&message, &TREE, BOUNDS, &mut census).unwrap();
        assert_eq!((census.unknown.get(&("Tree", 9)), census.total(), census.invalid_texts), (Some(&3), 3, 1));
        assert_eq!(Record::new(&TREE, &message).text("label").unwrap(), "\u{fffd}");
    }

    #[test]
    fn a_secret_has_one_getter_and_the_last_of_two_counts() {
        let message = [0x1a, 2, b'k', b'1', 0x08, 1, 0x08, 2, 0x28, 3, 0x2a, 2, 4, 5, 0x35, 1, 0, 0, 0];
        let record = Record::new(&TREE, &message);
        assert_eq!((record.blob("key"), record.text("key"), record.secret("key")), (None, None, Some(&b"k1"[..])));
        assert_eq!((record.uint("id"), record.uints("marks"), record.uints("colour")), (2, vec![3, 4, 5], vec![1]));
        assert_eq!(format!("{record:?}"), "Tree of 19 bytes");
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut census = Census::default();
            let _ = check(&bytes, &TREE, BOUNDS, &mut census);
            let record = Record::new(&TREE, &bytes);
            let _ = (record.uints("marks"), record.messages("branch").count(), record.text("label"), record.one_of(&["branch"]));
        }
    }
}
