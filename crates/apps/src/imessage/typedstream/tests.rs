#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, clippy::panic)]

use super::*;
use std::{fs, path::PathBuf};

/// `reference/ios.md §6`: "Hoi ", a smiling face, "!"; one run of 7 units; part 0.
const VECTOR: &str = concat!(
    "040b73747265616d747970656481e803840140848484124e5341747472696275746564537472696e67008484084e534f626a656374008592848484",
    "084e53537472696e67019484012b09486f6920f09f98802186840269490107928484840c4e5344696374696f6e617279009484016901928496961d",
    "5f5f6b494d4d657373616765506172744174747269627574654e616d658692848484084e534e756d626572008484074e5356616c75650094",
    "84012a84999900868686"
);

fn vector() -> Vec<u8> {
    hex::decode(VECTOR).unwrap()
}

#[test]
fn the_vector_of_the_reference_is_read() {
    let bytes = vector();
    assert_eq!(bytes.len(), 184);
    let mut decoder = Decoder::default();
    let said = decoder.decode(&bytes).unwrap();
    assert_eq!(said.text, "Hoi 😀!");
    assert!(!said.says_more());
    let pieces: Vec<_> = said.pieces().map(|p| (p.text, p.part())).collect();
    assert_eq!(pieces, [("Hoi 😀!", Some(0))]);
}

#[test]
fn a_stream_that_ends_anywhere_too_early_gives_no_text() {
    let bytes = vector();
    let mut decoder = Decoder::default();
    for end in 0..bytes.len() {
        assert!(decoder.decode(&bytes[..end]).is_err(), "{end}");
    }
    assert!(decoder.decode(&bytes).is_ok(), "what went wrong before leaves nothing behind");
}

/// Objects within objects within objects, each the first value of the one around it.
fn nested(depth: usize) -> Vec<u8> {
    let mut bytes = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@".to_vec();
    bytes.extend(b"\x84\x84\x84\x01x\x00\x85");
    for _ in 1..depth {
        // Type "@", a new object of the class that is the second entry.
        bytes.extend(b"\x92\x84\x93");
    }
    bytes.extend(vec![0x86; depth]);
    bytes
}

#[test]
fn what_recurses_grows_or_refers_to_nothing_is_refused() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(&nested(20)).unwrap_err(), TypedStreamError::NotAnAttributedString);
    for depth in [60, 100_000] {
        assert_eq!(decoder.decode(&nested(depth)).unwrap_err(), TypedStreamError::TooLarge);
    }
    let head = |rest: &[u8]| [b"\x04\x0bstreamtyped\x81\xe8\x03", rest].concat();
    for (rest, error) in [
        // A billion of nothing, and a list of lists of lists.
        (&b"\x84\x10[1000000000{x=}]"[..], TypedStreamError::TooLarge),
        (b"\x84\x0f[200000[9{x=}]]", TypedStreamError::Unexpected),
        (b"\x84\x0c[1000000000i", TypedStreamError::TooLarge),
        (b"\x84\x0d[1000000000c]", TypedStreamError::Ends),
        (b"\x84\x01+\x82\xff\xff\xff\x7f", TypedStreamError::Ends),
        (b"\x84\x01+\x87\xff\xff\xff\xff\xff\xff\xff\xff", TypedStreamError::Ends),
        (b"\x84\x01@\xa0", TypedStreamError::Reference),
        (b"\xa0", TypedStreamError::Reference),
        (b"\x84\x01*\x92", TypedStreamError::Reference),
        (b"\x84\x01?\x00", TypedStreamError::Unexpected),
        (b"\x84\x01i\x90", TypedStreamError::Unexpected),
        (b"\x85", TypedStreamError::Unexpected),
    ] {
        assert_eq!(decoder.decode(&head(rest)).unwrap_err(), error, "{rest:?}");
    }
    // An object that holds itself.
    assert!(decoder.decode(&head(b"\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x85\x92\x92\x86")).is_err());
    assert_eq!(decoder.decode(b"bplist00").unwrap_err(), TypedStreamError::NotATypedStream);
    assert_eq!(decoder.decode(&vec![4; (16 << 20) + 1]).unwrap_err(), TypedStreamError::TooLarge);
}

/// Beside the checkout; see its INDEX.md.
fn published(name: &str) -> Option<PathBuf> {
    let folder = "../../../shared/testdata/imessage/ReagentX+imessage-exporter";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "the published blobs are not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    }
    Some(path)
}

/// A text as Python writes it.
fn unquoted(repr: &str) -> String {
    let quote = repr.chars().next().unwrap();
    let inner = repr.strip_prefix(quote).unwrap();
    inner.strip_suffix(quote).unwrap_or(inner).replace("\\r", "\r").replace("\\n", "\n").replace("\\'", "'")
}

#[test]
fn the_published_blobs_say_what_another_reader_says() {
    let (Some(texts), Some(blobs)) =
        (published("typedstream_plain_texts.txt"), published("crate-imessage-database-4.0.0/test_data/typedstream"))
    else {
        return;
    };
    let expected = fs::read_to_string(texts).unwrap();
    let mut decoder = Decoder::default();
    let mut read = 0;
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_once(' ').unwrap();
        let blob = fs::read(blobs.join(name)).unwrap();
        let said = decoder.decode(&blob);
        if rest.starts_with("ERR") {
            assert_eq!(said.unwrap_err(), TypedStreamError::Ends, "{name}");
        } else {
            let text = unquoted(rest.splitn(3, ' ').nth(2).unwrap());
            let said = said.unwrap_or_else(|error| panic!("{name}: {error}")).text;
            // The list holds the first 300 characters.
            assert!(said == text || text.chars().count() >= 299 && said.starts_with(&text), "{name}: {said:?} {text:?}");
        }
        read += 1;
    }
    assert_eq!(read, fs::read_dir(&blobs).unwrap().count());
}

#[test]
fn the_published_attributes_are_found_at_their_places() {
    let Some(blobs) = published("crate-imessage-database-4.0.0/test_data/typedstream") else { return };
    let mut decoder = Decoder::default();
    let mut all = |name: &str| -> Vec<(String, Vec<String>)> {
        let blob = fs::read(blobs.join(name)).unwrap();
        let said = decoder.decode(&blob).unwrap();
        let show = |a: Attribute<'_>| match a {
            Attribute::Part(part) => format!("part {part}"),
            Attribute::File(guid) => format!("file {guid}"),
            Attribute::Mention(address) => format!("mention {address}"),
            Attribute::Link(link) => format!("link {link}"),
            Attribute::Transcription(text) => format!("heard {text}"),
        };
        said.pieces().map(|p| (p.text.to_owned(), p.attributes().map(show).collect())).collect()
    };
    let has = |found: &[(String, Vec<String>)], text: &str, what: &str| {
        assert!(found.iter().any(|(t, a)| t == text && a.iter().any(|a| a == what)), "{text}: {found:?}");
    };
    has(&all("PhoneNumber"), "0000000000", "link tel:0000000000");
    has(&all("Email"), "asdfghjklq@gmail.com", "link mailto:asdfghjklq@gmail.com");
    let deleted = all("MultiPartWithDeleted");
    has(&deleted, "\u{fffc}", "file D0551D89-4E11-43D0-9A0E-06F19704E97B");
    has(&deleted, "\u{fffc}", "part 1");
    let parts: Vec<_> = deleted.iter().flat_map(|(_, a)| a).filter(|a| a.starts_with("part")).collect();
    assert_eq!(parts, ["part 0", "part 1", "part 2"], "the fourth was taken back");
    assert!(all("AppMessage")[0].1.contains(&"file F0B18A15-E9A5-4B18-A38F-685B7B3FF037".to_owned()));
    assert_eq!(all("MultiAttachment").iter().filter(|(_, a)| a.iter().any(|a| a.starts_with("file"))).count(), 19);
}
