//! What a message says: its text, from `attributedBody` or the plain column, and what was said of its parts.

use super::{
    row::MessageRow,
    typedstream::{Attribute, Attributed, Decoder},
};
use crate::Summary;
use std::collections::BTreeMap;

/// Stands in a text where a file is, and where the content of an app is.
const FILE: char = '\u{fffc}';
const APP: char = '\u{fffd}';

/// The text of a message and what belongs to it.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// As it stands, with the marks of files.
    text: Option<String>,
    /// Files in the order of the text: their guid and what the phone understood of them.
    pub(super) files: Vec<(String, Option<String>)>,
    /// Address and shown name.
    pub(super) mentions: Vec<(String, String)>,
    pub(super) link: Option<String>,
    /// There is a text, and it could not be decoded.
    pub(super) undecoded: bool,
}

impl Said {
    /// Takes the text out of a row. `parts` is filled with the text of each part when it is wanted.
    pub(super) fn of(
        row: &mut MessageRow,
        decoder: &mut Decoder,
        parts: Option<&mut BTreeMap<u32, String>>,
        summary: &mut Summary,
    ) -> Self {
        let mut said = Self { text: row.text.take(), ..Self::default() };
        if let Some(blob) = &row.body {
            match decoder.decode(blob) {
                Ok(attributed) => {
                    if said.text.is_none() {
                        said.text = Some(attributed.text.to_owned());
                    }
                    said.attributes(&attributed);
                    if let Some(parts) = parts {
                        by_part(&attributed, parts);
                    }
                    return said;
                }
                Err(_) if said.text.is_none() => {
                    said.undecoded = true;
                    summary.undecoded.texts += 1;
                }
                Err(_) => summary.undecoded.attributes += 1,
            }
        }
        if let (Some(parts), Some(text)) = (parts, &said.text) {
            parts.insert(0, text.clone());
        }
        said
    }

    fn attributes(&mut self, attributed: &Attributed<'_>) {
        if !attributed.says_more() {
            return;
        }
        for piece in attributed.pieces() {
            let (mut file, mut heard) = (None, None);
            for attribute in piece.attributes() {
                match attribute {
                    Attribute::File(guid) => file = Some(guid.to_owned()),
                    Attribute::Transcription(text) => heard = Some(text.to_owned()),
                    Attribute::Mention(address) => self.mentions.push((address.to_owned(), piece.text.to_owned())),
                    Attribute::Link(link) if self.link.is_none() => self.link = Some(link.to_owned()),
                    Attribute::Link(_) | Attribute::Part(_) => {}
                }
            }
            if let Some(file) = file {
                self.files.push((file, heard));
            }
        }
    }

    /// The text without the marks around it; none where nothing is left that could be read.
    pub(super) fn shown(&mut self) -> Option<String> {
        shown(self.text.take()?)
    }
}

/// A text without the marks of files around it. Between two texts a mark shows where the file stood.
pub(super) fn shown(text: String) -> Option<String> {
    let marks = |c: char| c == FILE || c == APP;
    let kept = text.trim_matches(marks);
    if kept.chars().all(|c| marks(c) || c.is_whitespace()) {
        return None;
    }
    Some(if kept.len() == text.len() { text } else { kept.to_owned() })
}

fn by_part(attributed: &Attributed<'_>, parts: &mut BTreeMap<u32, String>) {
    for piece in attributed.pieces() {
        let part = piece.part().and_then(|part| u32::try_from(part).ok()).unwrap_or(0);
        parts.entry(part).or_default().push_str(piece.text);
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn marks_around_a_text_go_and_those_within_stay() {
        for (text, expected) in [
            ("\u{fffc}test 1\u{fffc}test 2", Some("test 1\u{fffc}test 2")),
            ("Hoi", Some("Hoi")),
            (" Hoi ", Some(" Hoi ")),
            ("\u{fffc}", None),
            ("\u{fffd} \n", None),
            ("", None),
        ] {
            assert_eq!(shown(text.to_owned()).as_deref(), expected);
        }
    }
}
