//! The two protobuf blobs beside a message, walked field by field (`reference/ios.md §5.5`).
//!
//! Only fields that the reference establishes are read; the others are left where they are.

use crate::reading::wire::{Fields, Value};
use std::collections::BTreeMap;

/// Most fields that are looked at in one message of a blob.
const MOST_FIELDS: usize = 4_096;
/// Most reactions or options of one message.
const MOST_PARTS: usize = 2_048;

/// `ZWAMEDIAITEM.ZMETADATA`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Metadata {
    pub(super) quoted_id: Option<String>,
    pub(super) quoted_author: Option<String>,
    pub(super) quoted_text: Option<String>,
    pub(super) forwards: Option<i64>,
    /// The timer that a notice of kind 28 carries.
    pub(super) timer: Option<u64>,
    /// There was a blob at all.
    pub(super) there: bool,
    /// The walk did not reach the end.
    pub(super) malformed: bool,
}

/// Somebody's reaction; `by` is absent for the holder's own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reacted {
    pub(super) by: Option<String>,
    pub(super) emoji: String,
    pub(super) at_ms: Option<i64>,
}

/// `ZWAMESSAGEINFO.ZRECEIPTINFO`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Info {
    pub(super) reactions: Vec<Reacted>,
    pub(super) question: Option<String>,
    pub(super) options: Vec<String>,
    /// Reactions that are not written as the reference knows them, or are too many.
    pub(super) unread: u64,
    pub(super) malformed: bool,
}

/// Walks the fields; answers whether the end was reached in order.
fn walk<'a>(bytes: &'a [u8], mut each: impl FnMut(u32, Value<'a>)) -> bool {
    for (seen, field) in Fields::of(bytes).enumerate() {
        match field {
            Ok(field) if seen < MOST_FIELDS => each(field.number, field.value),
            _ => return false,
        }
    }
    true
}

fn text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok().filter(|t| !t.is_empty()).map(str::to_owned),
        _ => None,
    }
}

impl Metadata {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut found = Self { there: true, ..Self::default() };
        let mut inner = true;
        let whole = walk(bytes, |number, value| match (number, value) {
            (5, value) => found.quoted_id = text(value),
            (6, value) => found.quoted_author = text(value),
            (17, Value::Varint(count)) => found.forwards = i64::try_from(count).ok(),
            (19, Value::Bytes(quoted)) => {
                inner &= walk(quoted, |number, value| {
                    if number == 1 {
                        found.quoted_text = text(value);
                    }
                });
            }
            (36, Value::Varint(seconds)) => found.timer = Some(seconds),
            _ => {}
        });
        found.malformed = !whole || !inner;
        found
    }
}

impl Info {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut info = Self::default();
        // One per device and recipient stands before these two: nothing else is kept of them.
        let mut inner = true;
        let whole = walk(bytes, |number, value| match (number, value) {
            (7, Value::Bytes(reactions)) => {
                inner &= walk(reactions, |number, value| match (number, value) {
                    (1, Value::Bytes(one)) => info.reaction(one, true),
                    (2, Value::Bytes(one)) => info.reaction(one, false),
                    _ => {}
                });
            }
            (8, Value::Bytes(poll)) => {
                inner &= walk(poll, |number, value| match (number, value) {
                    (2, value) => info.question = text(value),
                    (3, Value::Bytes(option)) if info.options.len() < MOST_PARTS => {
                        let mut said = None;
                        walk(option, |number, value| {
                            if number == 1 {
                                said = text(value);
                            }
                        });
                        info.options.extend(said);
                    }
                    _ => {}
                });
            }
            _ => {}
        });
        info.malformed = !whole || !inner;
        info
    }

    fn reaction(&mut self, bytes: &[u8], others: bool) {
        let shift = u32::from(others);
        let (mut by, mut emoji, mut at) = (None, None, None);
        let whole = walk(bytes, |number, value| match value {
            value if others && number == 2 => by = text(value),
            Value::Bytes(_) if number == 2 + shift => emoji = text(value),
            Value::Varint(ms) if number == 3 + shift => at = i64::try_from(ms).ok(),
            _ => {}
        });
        let known = !others || by.as_ref().is_some_and(|by| by.contains('@'));
        match emoji {
            Some(emoji) if whole && known && self.reactions.len() < MOST_PARTS => {
                self.reactions.push(Reacted { by, emoji, at_ms: at });
            }
            _ => self.unread += 1,
        }
    }

    /// Whether a blob could hold reactions or a poll, without walking into it.
    pub(super) fn tells(bytes: &[u8]) -> bool {
        !walk(bytes, |_, _| {}) || Fields::of(bytes).map_while(Result::ok).any(|field| matches!(field.number, 7 | 8))
    }
}

/// What a blob that could not be walked leaves in the record.
pub(super) fn kept(into: &mut BTreeMap<String, String>, column: &str, bytes: &[u8]) {
    const MOST: usize = 64 << 10;
    if let Some(bytes) = bytes.get(..bytes.len().min(MOST)) {
        into.insert(format!("{column} (hex)"), hex::encode(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(number: u8, inner: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2, u8::try_from(inner.len()).unwrap_or(0)];
        out.extend(inner);
        out
    }

    #[test]
    fn a_reply_and_a_timer_are_read_and_other_fields_passed_over() {
        let mut blob = bytes(5, b"3EB0AAAA");
        blob.extend(bytes(6, b"31612345678@s.whatsapp.net"));
        blob.extend([0x88, 0x01, 4]); // 17
        blob.extend([0x9a, 0x01, 5, 0x0a, 3, b'h', b'o', b'i']); // 19
        blob.extend([0xa0, 0x02, 0x80, 0xf5, 0x24]); // 36: 604800
        blob.extend([0xf8, 0x07, 1]); // 127
        let read = Metadata::read(&blob);
        assert_eq!(read.quoted_id.as_deref(), Some("3EB0AAAA"));
        assert_eq!(read.quoted_author.as_deref(), Some("31612345678@s.whatsapp.net"));
        assert_eq!((read.quoted_text.as_deref(), read.forwards, read.timer), (Some("hoi"), Some(4), Some(604_800)));
        assert!(!read.malformed);
        assert!(Metadata::read(blob.get(..blob.len() - 1).unwrap_or_default()).malformed);
    }

    #[test]
    fn reactions_of_others_and_of_the_holder() {
        let mut one = bytes(1, b"KEY");
        one.extend(bytes(2, b"31612345678@s.whatsapp.net"));
        one.extend(bytes(3, "👍".as_bytes()));
        one.extend([0x20, 0x88, 0x27]);
        let mut own = bytes(1, b"KEY");
        own.extend(bytes(2, "❤".as_bytes()));
        own.extend([0x18, 0x88, 0x27, 0x20, 1]);
        let mut odd = bytes(2, &[0x81, 0x19]);
        odd.extend(bytes(3, b"x"));
        let mut inner = bytes(1, &one);
        inner.extend(bytes(2, &own));
        inner.extend(bytes(1, &odd));
        let blob = bytes(7, &inner);
        assert!(Info::tells(&blob) && !Info::tells(&bytes(2, b"")));
        let info = Info::read(&blob);
        assert_eq!(info.reactions.len(), 2);
        let other = info.reactions.first();
        assert_eq!(other.and_then(|r| r.by.as_deref()), Some("31612345678@s.whatsapp.net"));
        assert_eq!((other.and_then(|r| r.at_ms), info.unread), (Some(5_000), 1));
        assert!(info.reactions.iter().any(|r| r.by.is_none() && r.emoji == "❤" && r.at_ms == Some(5_000)));
    }

    #[test]
    fn a_poll_gives_question_and_options() {
        let mut poll = bytes(2, b"Wanneer?");
        poll.extend(bytes(3, &bytes(1, b"Ma")));
        poll.extend(bytes(3, &bytes(1, b"Di")));
        let info = Info::read(&bytes(8, &poll));
        assert_eq!((info.question.as_deref(), info.options), (Some("Wanneer?"), vec!["Ma".to_owned(), "Di".to_owned()]));
    }
}
