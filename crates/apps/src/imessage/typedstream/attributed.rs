//! What the values of an attributed string mean: its text, and what was said of each run of it.

use super::{
    TypedStreamError as Error,
    stream::{Decoder, Entry, Value},
};

/// What was said of a run. Styles, effects and what the phone detected by itself are of no matter here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attribute<'b> {
    /// Number of the part of the message, from 0.
    Part(i64),
    /// `guid` of the attachment that stands here.
    File(&'b str),
    /// Address of whoever is mentioned.
    Mention(&'b str),
    Link(&'b str),
    /// What the phone understood of a voice message.
    Transcription(&'b str),
}

/// A run of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    /// Length in UTF-16 units.
    units: u64,
    /// Which of the sets of attributes holds.
    set: i64,
}

/// The text of a message and its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributed<'b> {
    pub text: &'b str,
    runs: Vec<Run>,
    /// Attributes with the number of their set, in the order of the sets.
    attributes: Vec<(i64, Attribute<'b>)>,
}

/// A run with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece<'a, 'b> {
    pub text: &'b str,
    set: i64,
    attributes: &'a [(i64, Attribute<'b>)],
}

impl<'b> Piece<'_, 'b> {
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'b>> {
        let set = self.set;
        let first = self.attributes.partition_point(|(of, _)| *of < set);
        let own = self.attributes.get(first..).unwrap_or_default().iter();
        own.take_while(move |(of, _)| *of == set).map(|(_, attribute)| *attribute)
    }

    /// The part of the message that it belongs to.
    #[must_use]
    pub fn part(&self) -> Option<i64> {
        self.attributes().find_map(|attribute| if let Attribute::Part(part) = attribute { Some(part) } else { None })
    }
}

impl<'b> Attributed<'b> {
    /// Whether anything is said beyond which part is which.
    #[must_use]
    pub fn says_more(&self) -> bool {
        self.attributes.iter().any(|(_, attribute)| !matches!(attribute, Attribute::Part(_)))
    }

    /// The runs with their texts. Runs beyond the text are empty.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_, 'b>> {
        let mut rest = self.text;
        self.runs.iter().map(move |run| {
            let (text, behind) = split(rest, run.units);
            rest = behind;
            Piece { text, set: run.set, attributes: &self.attributes }
        })
    }
}

/// Splits behind so many UTF-16 units. A half of a pair belongs to the first piece.
fn split(text: &str, units: u64) -> (&str, &str) {
    let mut left = units;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        left = left.saturating_sub(c.len_utf16() as u64);
    }
    (text, "")
}

/// The decoder's tables over the blob that they were made of.
#[derive(Clone, Copy)]
struct View<'d, 'b> {
    decoder: &'d Decoder,
    bytes: &'b [u8],
}

impl<'d, 'b> View<'d, 'b> {
    /// Class name and values of an object.
    fn object(self, value: Value) -> Option<(&'b [u8], &'d [Value])> {
        let Value::Object(place) = value else { return None };
        let at = |place: u32| usize::try_from(place).ok();
        let Entry::Object { class, from, to } = *self.decoder.objects.get(at(place)?)? else { return None };
        let Entry::Class(name) = *self.decoder.objects.get(at(class)?)? else { return None };
        Some((name.of(self.bytes), self.decoder.values.get(at(from)?..at(to)?)?))
    }

    /// The bytes of a string object.
    fn string(self, value: Value) -> Option<&'b [u8]> {
        match self.object(value)? {
            (b"NSString" | b"NSMutableString", [Value::Bytes(span)]) => Some(span.of(self.bytes)),
            _ => None,
        }
    }

    fn text(self, value: Value) -> Option<&'b str> {
        std::str::from_utf8(self.string(value)?).ok()
    }

    /// A whole number in an NSNumber: its type, then the number.
    fn int(self, value: Value) -> Option<i64> {
        match self.object(value)? {
            (b"NSNumber" | b"NSValue", [Value::Bytes(_), Value::Int(number)]) => Some(*number),
            _ => None,
        }
    }

    /// An address of the web: a flag, perhaps another address to which it is relative, and the text.
    fn url(self, value: Value) -> Option<&'b str> {
        match self.object(value)? {
            (b"NSURL", [Value::Int(0), text]) => self.text(*text),
            _ => None,
        }
    }

    fn attributes(self, dictionary: Value, set: i64, into: &mut Vec<(i64, Attribute<'b>)>) -> Result<(), Error> {
        let Some((b"NSDictionary" | b"NSMutableDictionary", [Value::Int(count), pairs @ ..])) = self.object(dictionary) else {
            return Err(Error::NotAnAttributedString);
        };
        if usize::try_from(*count).ok().and_then(|count| count.checked_mul(2)) != Some(pairs.len()) {
            return Err(Error::NotAnAttributedString);
        }
        for pair in pairs.chunks_exact(2) {
            let [key, value] = *pair else { continue };
            let known = match self.string(key).unwrap_or_default() {
                b"__kIMMessagePartAttributeName" => self.int(value).map(Attribute::Part),
                b"__kIMFileTransferGUIDAttributeName" => self.text(value).map(Attribute::File),
                b"__kIMMentionConfirmedMention" => self.text(value).map(Attribute::Mention),
                b"__kIMLinkAttributeName" => self.url(value).or_else(|| self.text(value)).map(Attribute::Link),
                b"IMAudioTranscription" => self.text(value).map(Attribute::Transcription),
                _ => None,
            };
            into.extend(known.map(|attribute| (set, attribute)));
        }
        Ok(())
    }
}

impl Decoder {
    /// Decodes the blob of one message.
    pub fn decode<'b>(&mut self, bytes: &'b [u8]) -> Result<Attributed<'b>, Error> {
        let root = self.read(bytes)?;
        let view = View { decoder: self, bytes };
        let (class, values) = view.object(root).ok_or(Error::NotAnAttributedString)?;
        if !matches!(class, b"NSAttributedString" | b"NSMutableAttributedString") {
            return Err(Error::NotAnAttributedString);
        }
        let (text, mut rest) = values.split_first().ok_or(Error::NotAnAttributedString)?;
        let text = view.string(*text).ok_or(Error::NotAnAttributedString)?;
        let text = std::str::from_utf8(text).map_err(|_| Error::NotUtf8)?;
        let (mut runs, mut attributes) = (Vec::new(), Vec::new());
        // Sets are numbered from 1 in the order in which they come.
        let mut newest = 0;
        while let [Value::Int(set), Value::Int(units), behind @ ..] = rest {
            rest = behind;
            if *set > newest {
                newest = *set;
                let (dictionary, behind) = rest.split_first().ok_or(Error::NotAnAttributedString)?;
                view.attributes(*dictionary, newest, &mut attributes)?;
                rest = behind;
            }
            runs.push(Run { units: u64::try_from(*units).map_err(|_| Error::NotAnAttributedString)?, set: *set });
        }
        // An empty text has no run, and may name a set of attributes all the same.
        if !rest.is_empty() && !text.is_empty() {
            return Err(Error::NotAnAttributedString);
        }
        Ok(Attributed { text, runs, attributes })
    }
}
