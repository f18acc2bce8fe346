//! The two kinds of protobuf that messages carry: `ZWAMEDIAITEM.ZMETADATA` and `ZWAMESSAGEINFO.ZRECEIPTINFO`.
//!
//! Read field by field with our own walker; nothing is taken that `reference/ios.md §5.5` does not explain. Field numbers
//! without an explanation are counted.

use crate::reading::wire::{Fields, Malformed, Value};

/// Longest blob that is looked into; no message has one.
pub(super) const LONGEST: usize = 4 << 20;
/// Reactions and options of one message that are taken.
const MOST: usize = 4_096;

/// What stands beside a message about its answer, its way and its timer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metadata<'b> {
    /// Id of the answered message, who wrote it, and what the answer repeats of it.
    pub quoted_id: Option<&'b str>,
    pub quoted_author: Option<&'b str>,
    pub quoted_text: Option<&'b str>,
    pub forwards: Option<u64>,
    pub forwarder: Option<&'b str>,
    /// Seconds; on a notice about a timer.
    pub timer: Option<u64>,
    pub call_seconds: Option<u64>,
}

/// What others did with a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipts<'b> {
    pub reactions: Vec<Reacted<'b>>,
    pub poll: Option<Asked<'b>>,
    /// Reactions and options that were too many.
    pub dropped: u64,
}

/// A reaction; without `by` it is the holder's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reacted<'b> {
    pub by: Option<&'b str>,
    pub emoji: &'b str,
    pub millis: Option<i64>,
}

/// A poll as far as it is explained: no votes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked<'b> {
    pub question: Option<&'b str>,
    pub options: Vec<&'b str>,
}

/// The blob is no protobuf, or a text in it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl From<Malformed> for Unreadable {
    fn from(_: Malformed) -> Self {
        Self
    }
}

fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    str::from_utf8(bytes).map_err(|_| Unreadable)
}

/// The fields of a message that is not absurdly long.
fn fields(blob: &[u8]) -> Result<Fields<'_>, Unreadable> {
    if blob.len() <= LONGEST { Ok(Fields::of(blob)) } else { Err(Unreadable) }
}

impl<'b> Metadata<'b> {
    /// `unknown` is told each field number that nothing explains.
    pub fn read(blob: &'b [u8], mut unknown: impl FnMut(u32)) -> Result<Self, Unreadable> {
        let mut found = Self::default();
        for field in fields(blob)? {
            let field = field?;
            match (field.number, field.value) {
                // The way to the file on the app's servers.
                (4, Value::Bytes(_)) => {}
                (5, Value::Bytes(bytes)) => found.quoted_id = Some(text(bytes)?).filter(|id| !id.is_empty()),
                (6, Value::Bytes(bytes)) => found.quoted_author = Some(text(bytes)?).filter(|by| !by.is_empty()),
                (17, Value::Varint(count)) => found.forwards = Some(count),
                (19, Value::Bytes(bytes)) => {
                    for inner in Fields::of(bytes) {
                        let inner = inner?;
                        if let (1, Value::Bytes(bytes)) = (inner.number, inner.value) {
                            found.quoted_text = Some(text(bytes)?).filter(|text| !text.is_empty());
                        }
                    }
                }
                (21, Value::Bytes(bytes)) => found.forwarder = str::from_utf8(bytes).ok(),
                (36, Value::Varint(seconds)) => found.timer = Some(seconds),
                (87, Value::Bytes(bytes)) => found.call_seconds = call_seconds(bytes),
                (number, _) => unknown(number),
            }
        }
        Ok(found)
    }
}

/// 87 → 1 → 3.
fn call_seconds(bytes: &[u8]) -> Option<u64> {
    let inner = Fields::of(bytes).map_while(Result::ok).find_map(|f| match f.value {
        Value::Bytes(bytes) if f.number == 1 => Some(bytes),
        _ => None,
    })?;
    Fields::of(inner).map_while(Result::ok).find_map(|f| match f.value {
        Value::Varint(seconds) if f.number == 3 => Some(seconds),
        _ => None,
    })
}

impl<'b> Receipts<'b> {
    /// `unknown` is told each field number that nothing explains. Who received and read a message when (field 2) is left.
    pub fn read(blob: &'b [u8], mut unknown: impl FnMut(u32)) -> Result<Self, Unreadable> {
        let mut found = Self::default();
        for field in fields(blob)? {
            let field = field?;
            match (field.number, field.value) {
                (2, Value::Bytes(_)) | (4, Value::Varint(_)) => {}
                (7, Value::Bytes(bytes)) => found.reactions(bytes)?,
                (8, Value::Bytes(bytes)) => found.poll(bytes, &mut unknown)?,
                (number, _) => unknown(number),
            }
        }
        Ok(found)
    }

    fn reactions(&mut self, bytes: &'b [u8]) -> Result<(), Unreadable> {
        for field in Fields::of(bytes) {
            let field = field?;
            let own = match field.number {
                1 => false,
                2 => true,
                // Totals of channels.
                _ => continue,
            };
            let Value::Bytes(bytes) = field.value else { continue };
            let mut reacted = Reacted::default();
            for inner in Fields::of(bytes) {
                let inner = inner?;
                match (own, inner.number, inner.value) {
                    (false, 2, Value::Bytes(by)) => reacted.by = Some(text(by)?),
                    (false, 3, Value::Bytes(emoji)) | (true, 2, Value::Bytes(emoji)) => reacted.emoji = text(emoji)?,
                    (false, 4, Value::Varint(millis)) | (true, 3, Value::Varint(millis)) => {
                        reacted.millis = i64::try_from(millis).ok().filter(|at| *at > 0);
                    }
                    _ => {}
                }
            }
            if !own && reacted.by.is_none() {
                reacted.by = Some("");
            }
            if self.reactions.len() < MOST {
                self.reactions.push(reacted);
            } else {
                self.dropped += 1;
            }
        }
        Ok(())
    }

    fn poll(&mut self, bytes: &'b [u8], unknown: &mut impl FnMut(u32)) -> Result<(), Unreadable> {
        let poll = self.poll.get_or_insert_default();
        for field in Fields::of(bytes) {
            let field = field?;
            match (field.number, field.value) {
                (2, Value::Bytes(bytes)) => poll.question = Some(text(bytes)?),
                (3, Value::Bytes(bytes)) => {
                    for inner in Fields::of(bytes) {
                        let inner = inner?;
                        let (1, Value::Bytes(bytes)) = (inner.number, inner.value) else { continue };
                        if poll.options.len() < MOST {
                            poll.options.push(text(bytes)?);
                        } else {
                            self.dropped += 1;
                        }
                    }
                }
                // Within field 8, told as 800 and its number.
                (number, _) => unknown(800_u32.saturating_add(number)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn varint(mut value: u64, out: &mut Vec<u8>) {
        while value >= 0x80 {
            out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        out.push(u8::try_from(value).unwrap());
    }

    fn number(field: u64, value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        varint(field << 3, &mut out);
        varint(value, &mut out);
        out
    }

    fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        varint(field << 3 | 2, &mut out);
        varint(value.len() as u64, &mut out);
        out.extend(value);
        out
    }

    #[test]
    fn an_answer_names_what_it_answers() {
        // As measured: field 5 with 20 bytes begins with 2a 14.
        let blob = [
            bytes(5, b"3EB0AABBCCDDEEFF0011"),
            bytes(6, b"31611111111@s.whatsapp.net"),
            bytes(19, &bytes(1, "Hoe laat?".as_bytes())),
            number(17, 4),
            number(99, 1),
        ]
        .concat();
        assert!(blob.starts_with(&[0x2a, 0x14]));
        let mut unknown = Vec::new();
        let read = Metadata::read(&blob, |n| unknown.push(n)).unwrap();
        assert_eq!((read.quoted_id, read.quoted_text), (Some("3EB0AABBCCDDEEFF0011"), Some("Hoe laat?")));
        assert_eq!((read.quoted_author, read.forwards), (Some("31611111111@s.whatsapp.net"), Some(4)));
        assert_eq!(unknown, [99]);
        let timer = [number(36, 604_800), bytes(87, &bytes(1, &number(3, 63)))].concat();
        let read = Metadata::read(&timer, |_| {}).unwrap();
        assert_eq!((read.timer, read.call_seconds), (Some(604_800), Some(63)));
    }

    #[test]
    fn reactions_of_others_and_of_the_holder_and_a_poll() {
        let other =
            [bytes(1, b"K1"), bytes(2, b"31611111111@s.whatsapp.net"), bytes(3, "👍".as_bytes()), number(4, 1_683_043_229_311)];
        let own = [bytes(1, b"K2"), bytes(2, "❤️".as_bytes()), number(3, 1_683_043_229_312), number(4, 1)];
        let poll = [bytes(2, b"Wanneer?"), bytes(3, &bytes(1, b"maandag")), bytes(3, &bytes(1, b"dinsdag")), number(5, 1)];
        let blob = [
            bytes(2, &[0x0a, 0x01, 0x81]),
            number(4, 3),
            bytes(7, &[bytes(1, &other.concat()), bytes(2, &own.concat()), number(3, 1)].concat()),
            bytes(8, &poll.concat()),
        ]
        .concat();
        let mut unknown = Vec::new();
        let read = Receipts::read(&blob, |n| unknown.push(n)).unwrap();
        assert_eq!(read.reactions.len(), 2);
        let first = Reacted { by: Some("31611111111@s.whatsapp.net"), emoji: "👍", millis: Some(1_683_043_229_311) };
        assert_eq!(read.reactions.first(), Some(&first));
        assert_eq!(read.reactions.last().unwrap().by, None);
        let poll = read.poll.unwrap();
        assert_eq!((poll.question, poll.options), (Some("Wanneer?"), vec!["maandag", "dinsdag"]));
        assert_eq!(unknown, [805]);
    }

    #[test]
    fn what_is_cut_off_or_no_text_is_unreadable_and_not_half_read() {
        let blob = bytes(5, b"3EB0AABBCCDDEEFF0011");
        assert_eq!(Metadata::read(blob.get(..10).unwrap(), |_| {}), Err(Unreadable));
        assert_eq!(Metadata::read(&bytes(5, &[0xff]), |_| {}), Err(Unreadable));
        assert_eq!(Receipts::read(&bytes(7, &bytes(1, &bytes(3, &[0xff]))), |_| {}), Err(Unreadable));
        assert_eq!(Metadata::read(&vec![0; LONGEST + 1], |_| {}), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(blob in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Metadata::read(&blob, |_| {});
            let _ = Receipts::read(&blob, |_| {});
        }
    }
}
