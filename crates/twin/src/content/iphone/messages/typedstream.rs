//! Attributed texts as Apple's archiver writes them (`reference/ios.md §6`): what stands in `message.attributedBody` and in the
//! history of edits. Objects that come again are written as references, as the archiver does.

/// What is said of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Part(i64),
    File(String),
    Mention(String),
    Link(String),
    Transcription(String),
}

/// A run of the text.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) attributes: Vec<Attribute>,
}

impl Run {
    pub(super) fn new(text: impl Into<String>, attributes: impl Into<Vec<Attribute>>) -> Self {
        Self { text: text.into(), attributes: attributes.into() }
    }
}

const FIRST_REFERENCE: i64 = -110;

#[derive(Debug, Default)]
struct Archiver {
    out: Vec<u8>,
    strings: Vec<String>,
    /// Names of classes, and of objects that may come again; empty for the others.
    objects: Vec<String>,
}

/// A class with the classes above it.
type Class = &'static [(&'static str, i64)];
const STRING: Class = &[("NSString", 1), ("NSObject", 0)];
const MUTABLE_STRING: Class = &[("NSMutableString", 1), ("NSString", 1), ("NSObject", 0)];
const ATTRIBUTED: Class = &[("NSAttributedString", 0), ("NSObject", 0)];
const MUTABLE_ATTRIBUTED: Class = &[("NSMutableAttributedString", 0), ("NSAttributedString", 0), ("NSObject", 0)];
const DICTIONARY: Class = &[("NSDictionary", 0), ("NSObject", 0)];
const NUMBER: Class = &[("NSNumber", 0), ("NSValue", 0), ("NSObject", 0)];
const URL: Class = &[("NSURL", 0), ("NSObject", 0)];

impl Archiver {
    fn int(&mut self, value: i64) {
        match (i8::try_from(value), i16::try_from(value)) {
            (Ok(small), _) if i64::from(small) >= FIRST_REFERENCE => self.out.extend(small.to_le_bytes()),
            (_, Ok(middle)) => {
                self.out.push(0x81);
                self.out.extend(middle.to_le_bytes());
            }
            _ => {
                self.out.push(0x82);
                self.out.extend(i32::try_from(value).unwrap_or(i32::MAX).to_le_bytes());
            }
        }
    }

    fn length(&mut self, length: usize) {
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(small), _) if small < 0x80 => self.out.push(small),
            (_, Ok(middle)) => {
                self.out.push(0x81);
                self.out.extend(middle.to_le_bytes());
            }
            _ => {
                self.out.push(0x82);
                self.out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
            }
        }
    }

    fn reference(&mut self, place: usize) {
        self.int(i64::try_from(place).unwrap_or(0) + FIRST_REFERENCE);
    }

    fn counted(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.out.extend(bytes);
    }

    /// A type descriptor or the name of a class.
    fn shared(&mut self, text: &str) {
        if let Some(place) = self.strings.iter().position(|known| known == text) {
            return self.reference(place);
        }
        self.strings.push(text.to_owned());
        self.out.push(0x84);
        self.counted(text.as_bytes());
    }

    /// Begins an object; what it holds follows, then [`Self::end`].
    fn begin(&mut self, class: Class, name: &str) {
        self.out.push(0x84);
        self.objects.push(name.to_owned());
        for (class, version) in class {
            let name = format!("class {class}");
            if let Some(place) = self.objects.iter().position(|known| *known == name) {
                return self.reference(place);
            }
            self.out.push(0x84);
            self.shared(class);
            self.int(*version);
            self.objects.push(name);
        }
        self.out.push(0x85);
    }

    fn end(&mut self) {
        self.out.push(0x86);
    }

    fn string(&mut self, class: Class, text: &str, again: bool) {
        let name = if again { format!("string {text}") } else { String::new() };
        self.shared("@");
        if again && let Some(place) = self.objects.iter().position(|known| *known == name) {
            return self.reference(place);
        }
        self.begin(class, &name);
        self.shared("+");
        self.counted(text.as_bytes());
        self.end();
    }

    fn value(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::Part(part) => {
                self.shared("@");
                self.begin(NUMBER, "");
                self.shared("*");
                let name = "text i";
                if let Some(place) = self.objects.iter().position(|known| known == name) {
                    self.reference(place);
                } else {
                    self.out.push(0x84);
                    self.shared("i");
                    self.objects.push(name.to_owned());
                }
                self.shared("i");
                self.int(*part);
                self.end();
            }
            Attribute::Link(link) => {
                self.shared("@");
                self.begin(URL, "");
                self.shared("c");
                self.out.push(0);
                self.string(STRING, link, false);
                self.end();
            }
            Attribute::File(text) | Attribute::Mention(text) | Attribute::Transcription(text) => self.string(STRING, text, false),
        }
    }
}

fn key(attribute: &Attribute) -> &'static str {
    match attribute {
        Attribute::Part(_) => "__kIMMessagePartAttributeName",
        Attribute::File(_) => "__kIMFileTransferGUIDAttributeName",
        Attribute::Mention(_) => "__kIMMentionConfirmedMention",
        Attribute::Link(_) => "__kIMLinkAttributeName",
        Attribute::Transcription(_) => "IMAudioTranscription",
    }
}

/// The archive of a text of these runs. Runs with equal attributes share one set of them.
pub(super) fn archive(runs: &[Run], mutable: bool) -> Vec<u8> {
    let (attributed, string) = if mutable { (MUTABLE_ATTRIBUTED, MUTABLE_STRING) } else { (ATTRIBUTED, STRING) };
    let mut archiver = Archiver::default();
    archiver.out.extend(b"\x04\x0bstreamtyped\x81\xe8\x03");
    archiver.shared("@");
    archiver.begin(attributed, "");
    let text: String = runs.iter().map(|run| run.text.as_str()).collect();
    archiver.string(string, &text, false);
    let mut sets: Vec<&[Attribute]> = Vec::new();
    for run in runs {
        let known = sets.iter().position(|set| *set == run.attributes);
        let number = known.unwrap_or(sets.len());
        archiver.shared("iI");
        archiver.int(i64::try_from(number).unwrap_or(0) + 1);
        archiver.length(run.text.encode_utf16().count());
        if known.is_some() {
            continue;
        }
        sets.push(&run.attributes);
        archiver.shared("@");
        archiver.begin(DICTIONARY, "");
        archiver.shared("i");
        archiver.int(i64::try_from(run.attributes.len()).unwrap_or(0));
        for attribute in &run.attributes {
            archiver.string(STRING, key(attribute), true);
            archiver.value(attribute);
        }
        archiver.end();
    }
    archiver.end();
    archiver.out
}

/// A text of one part.
pub(super) fn plain(text: &str) -> Vec<u8> {
    archive(&[Run::new(text, [Attribute::Part(0)])], false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of `reference/ios.md §6`, byte for byte.
    #[test]
    fn a_plain_text_is_archived_as_the_reference_has_it() {
        let expected = concat!(
            "040b73747265616d747970656481e803840140848484124e5341747472696275746564537472696e67008484084e534f626a65637400859284",
            "8484084e53537472696e67019484012b09486f6920f09f98802186840269490107928484840c4e5344696374696f6e61727900948401690192",
            "8496961d5f5f6b494d4d657373616765506172744174747269627574654e616d658692848484084e534e756d626572008484074e5356616c75",
            "65009484012a84999900868686"
        );
        assert_eq!(hex::encode(plain("Hoi 😀!")), expected);
    }
}
