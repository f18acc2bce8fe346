//! Looks for words in bytes: as UTF-8, as UTF-16, in base64, in hex, and in whatever can be inflated.

use base64::Engine;
use std::io::Read;

/// As far as one stream is inflated.
const INFLATED: u64 = 4 * 1024 * 1024;

/// The forms in which one word may lie in bytes.
pub struct Word {
    pub text: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Word {
    pub fn new(text: &str) -> Self {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let mut forms = vec![
            ("UTF-8", text.as_bytes().to_vec()),
            ("UTF-16LE", utf16(u16::to_le_bytes)),
            ("UTF-16BE", utf16(u16::to_be_bytes)),
        ];
        for (before, name) in [(0, "base64"), (1, "base64, one byte on"), (2, "base64, two bytes on")] {
            let shifted = [vec![0; before], text.as_bytes().to_vec()].concat();
            let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(shifted);
            // What the neighbours decide is left out at both ends.
            let from = [0, 2, 3][before];
            let until = (before + text.len()) / 3 * 4;
            forms.push((name, encoded.as_bytes()[from..until].to_vec()));
        }
        forms.push(("hex", text.bytes().flat_map(|b| format!("{b:02x}").into_bytes()).collect()));
        assert!(forms.iter().all(|(_, form)| form.len() >= 6), "`{text}` is too short to be looked for");
        Self { text: text.to_owned(), forms }
    }

    /// A key as its bare bytes.
    pub fn raw(bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 16, "too short to be looked for");
        Self { text: "a key".to_owned(), forms: vec![("bytes", bytes.to_vec())] }
    }

    fn stands_in(&self, bytes: &[u8]) -> Option<&'static str> {
        self.forms.iter().find(|(_, form)| contains(bytes, form)).map(|(name, _)| *name)
    }
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    let (first, rest) = form.split_first().unwrap();
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|b| b == first) {
        from += at + 1;
        if bytes[from..].starts_with(rest) {
            return true;
        }
    }
    false
}

/// The first word that stands in the bytes, and how.
pub fn find<'w>(words: &'w [Word], bytes: &[u8]) -> Option<(&'w str, String)> {
    let there = |bytes: &[u8], how: &str| {
        words.iter().find_map(|word| word.stands_in(bytes).map(|form| (word.text.as_str(), format!("{form}{how}"))))
    };
    there(bytes, "").or_else(|| {
        (0..bytes.len().saturating_sub(2)).find_map(|at| {
            let from = &bytes[at..];
            let mut out = Vec::new();
            // What cannot be inflated to its end is looked at as far as it came.
            let how = match from {
                [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
                    let _ = flate2::read::ZlibDecoder::new(from).take(INFLATED).read_to_end(&mut out);
                    " in zlib"
                }
                [0x1f, 0x8b, 8, ..] => {
                    let _ = flate2::read::GzDecoder::new(from).take(INFLATED).read_to_end(&mut out);
                    " in gzip"
                }
                // A local header of a zip: 30 bytes, then name and extra field.
                [b'P', b'K', 3, 4, rest @ ..] if rest.len() > 26 => {
                    let len = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
                    let data = from.get(30 + len(22) + len(24)..).unwrap_or_default();
                    let _ = flate2::read::DeflateDecoder::new(data).take(INFLATED).read_to_end(&mut out);
                    " in deflate"
                }
                _ => return None,
            };
            there(&out, how)
        })
    })
}

#[test]
fn a_planted_word_is_found_in_every_form() {
    use flate2::{Compression, write};
    use std::io::Write;
    let words = [Word::new("KANARIE-4711")];
    let plain = "voor KANARIE-4711 na".as_bytes();
    let mut forms: Vec<Vec<u8>> = vec![plain.to_vec()];
    let text = std::str::from_utf8(plain).unwrap();
    forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    forms.push(plain.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect());
    for before in 0..3 {
        let shifted = [vec![b'x'; before], plain.to_vec()].concat();
        forms.push(base64::engine::general_purpose::STANDARD.encode(shifted).into_bytes());
    }
    let mut zlib = write::ZlibEncoder::new(vec![1, 2, 3], Compression::default());
    zlib.write_all(&plain.repeat(20)).unwrap();
    forms.push(zlib.finish().unwrap());
    let mut gzip = write::GzEncoder::new(vec![1, 2, 3], Compression::default());
    gzip.write_all(&plain.repeat(20)).unwrap();
    forms.push(gzip.finish().unwrap());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&plain.repeat(20)).unwrap();
    forms.push(zip.finish().unwrap().into_inner());
    for (n, form) in forms.iter().enumerate() {
        assert!(find(&words, form).is_some(), "form {n}");
    }
    assert!(find(&words, b"voor KANARIE-4712 na").is_none());
}
