//! Lists made to hurt: every row of `reference/crates.md` §7, and what else a claimed length or a reference can do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, Instant};
use uitlezen_property_list::{Limits, PlistError, TooLarge, Value, parse};

/// A binary list of these objects, the first of which is the root.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut table = Vec::new();
    for object in objects {
        table.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        bytes.extend(object);
    }
    let at = bytes.len() as u64;
    bytes.extend(table);
    trailer(&mut bytes, 4, 4, objects.len() as u64, 0, at);
    bytes
}

fn trailer(bytes: &mut Vec<u8>, offset_size: u8, reference_size: u8, count: u64, root: u64, table: u64) {
    bytes.extend([0, 0, 0, 0, 0, 0, offset_size, reference_size]);
    bytes.extend(count.to_be_bytes());
    bytes.extend(root.to_be_bytes());
    bytes.extend(table.to_be_bytes());
}

/// `levels` arrays, each of eight references to the next: 8^levels strings. As small as it can be made.
fn wide(levels: u8) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut table = Vec::new();
    for level in 0..levels {
        table.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
        bytes.push(0xa8);
        bytes.extend([level + 1; 8]);
    }
    table.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
    bytes.extend([0x51, b'x']);
    let at = bytes.len() as u64;
    bytes.extend(&table);
    trailer(&mut bytes, 2, 1, u64::from(levels) + 1, 0, at);
    bytes
}

fn refused(bytes: &[u8]) -> PlistError {
    let begun = Instant::now();
    let error = parse(bytes, &Limits::default()).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(20));
    error
}

#[test]
fn shared_references_count_every_time_they_are_followed() {
    for levels in [7, 8, 9, 30] {
        let bytes = wide(levels);
        assert!(bytes.len() < 400);
        assert_eq!(refused(&bytes), PlistError::TooLarge(TooLarge::Nodes), "{levels} levels in {} bytes", bytes.len());
    }
    let four = parse(&wide(4), &Limits::default()).unwrap();
    assert_eq!(four.array().unwrap().len(), 8);
    let few = Limits { nodes: 4680, ..Limits::default() };
    assert_eq!(parse(&wide(4), &few).unwrap_err(), PlistError::TooLarge(TooLarge::Nodes));
    assert!(parse(&wide(4), &Limits { nodes: 4681, ..few }).is_ok(), "1 + 8 + 64 + 512 + 4096");
}

#[test]
fn shared_data_counts_every_time_it_is_referred_to() {
    let mut data = vec![0x4f, 0x12];
    data.extend(1_000_000_u32.to_be_bytes());
    data.resize(data.len() + 1_000_000, 7);
    let mut array = vec![0xaf, 0x11, 0x03, 0xe8];
    array.extend(std::iter::repeat_n(1_u32.to_be_bytes(), 1000).flatten());
    assert_eq!(refused(&binary(&[array, data])), PlistError::TooLarge(TooLarge::Bytes));
}

#[test]
fn nesting_is_refused_before_the_stack_ends() {
    let chain = |depth: u32| {
        let inner = (1..=depth).map(|next| [&[0xa1][..], &next.to_be_bytes()].concat());
        binary(&inner.chain([vec![0x08]]).collect::<Vec<_>>())
    };
    assert_eq!(refused(&chain(60_000)), PlistError::TooLarge(TooLarge::Depth));
    let most = Limits { depth: usize::MAX, ..Limits::default() };
    assert_eq!(parse(&chain(60_000), &most).unwrap_err(), PlistError::TooLarge(TooLarge::Depth));
    assert!(parse(&chain(512), &most).is_ok());
    assert!(parse(&chain(128), &Limits::default()).is_ok());
    assert_eq!(refused(&chain(129)), PlistError::TooLarge(TooLarge::Depth));

    let xml = |depth: usize| format!("<plist>{}<true/>{}</plist>", "<array>".repeat(depth), "</array>".repeat(depth));
    assert_eq!(refused(xml(200_000).as_bytes()), PlistError::TooLarge(TooLarge::Depth));
    assert_eq!(refused("<dict><key>a</key>".repeat(200_000).as_bytes()), PlistError::TooLarge(TooLarge::Depth));
    assert!(parse(xml(128).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(xml(129).as_bytes()), PlistError::TooLarge(TooLarge::Depth));
}

#[test]
fn an_object_that_refers_to_itself_ends() {
    let one = |reference: u32| [&[0xa1][..], &reference.to_be_bytes()].concat();
    assert_eq!(refused(&binary(&[one(0)])), PlistError::TooLarge(TooLarge::Depth));
    assert_eq!(refused(&binary(&[one(1), one(0)])), PlistError::TooLarge(TooLarge::Depth));
    let own_value = [&[0xd1][..], &1_u32.to_be_bytes(), &0_u32.to_be_bytes()].concat();
    assert_eq!(refused(&binary(&[own_value, vec![0x51, b'k']])), PlistError::TooLarge(TooLarge::Depth));
}

#[test]
fn claimed_lengths_cost_nothing() {
    for marker in [0x4f, 0x5f, 0x6f, 0xaf, 0xcf, 0xdf] {
        for length in [u64::MAX, 1 << 63, (1 << 63) - 1, 1 << 40, 1 << 32, 1000] {
            let object = [&[marker, 0x13][..], &length.to_be_bytes()].concat();
            assert_eq!(refused(&binary(&[object])), PlistError::Structure, "{marker:#x} {length}");
        }
        assert_eq!(refused(&binary(&[vec![marker, 0x33]])), PlistError::Structure, "the length is no integer");
    }
    for (count, root, table) in
        [(u64::MAX, 0, 8), (1 << 61, 0, 8), (1, 1, 8), (1, 0, 9), (1, 0, 7), (1, 0, u64::MAX), (0, 0, 8), (2, 0, 8)]
    {
        let mut bytes = b"bplist00\x08".to_vec();
        trailer(&mut bytes, 1, 1, count, root, table);
        assert_eq!(refused(&bytes), PlistError::Structure, "{count} {root} {table}");
    }
    for sizes in [(0, 1), (1, 0), (9, 1), (1, 9), (255, 255)] {
        let mut bytes = b"bplist00\x08\x08".to_vec();
        trailer(&mut bytes, sizes.0, sizes.1, 1, 0, 9);
        assert_eq!(refused(&bytes), PlistError::Structure);
    }
    assert_eq!(refused(b"bplist00"), PlistError::Truncated);
    assert_eq!(
        parse(&[b'x'; 100], &Limits { input: 99, ..Limits::default() }).unwrap_err(),
        PlistError::TooLarge(TooLarge::Input)
    );
}

#[test]
fn what_no_list_holds_is_named() {
    for marker in [0x00, 0x01, 0x0f, 0x70, 0x90, 0xe0, 0xf0, 0x34] {
        assert_eq!(refused(&binary(&[vec![marker; 20]])), PlistError::Kind(marker));
    }
    assert_eq!(refused(&binary(&[vec![0x15; 40]])), PlistError::Number, "an integer of 32 bytes");
    assert_eq!(refused(&binary(&[vec![0x8f; 40]])), PlistError::Number, "a reference of 16 bytes");
    assert_eq!(refused(&binary(&[vec![0x52, 0xc3, 0xa9]])), PlistError::Text, "ASCII that is none");
    let keyed = |key: Vec<u8>| binary(&[[&[0xd1][..], &1_u32.to_be_bytes(), &1_u32.to_be_bytes()].concat(), key]);
    assert_eq!(refused(&keyed(vec![0x10, 1])), PlistError::Key);
    let twice = [&[0xd2][..], &[0, 0, 0, 1].repeat(4)].concat();
    assert_eq!(refused(&binary(&[twice, vec![0x51, b'k']])), PlistError::DuplicateKey);
}

#[test]
fn no_entity_and_nothing_left_out_in_silence() {
    let bomb = "<!DOCTYPE plist [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><plist><string>&b;</string></plist>";
    assert_eq!(refused(bomb.as_bytes()), PlistError::Entity);
    let file = "<!DOCTYPE plist [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><plist><string>&a;</string></plist>";
    assert_eq!(refused(file.as_bytes()), PlistError::Entity);
    for inner in ["<string>&nbsp;</string>", "<string>a & b</string>", "<string><![CDATA[lost]]></string>", "<string>&;</string>"]
    {
        assert_eq!(refused(format!("<plist>{inner}</plist>").as_bytes()), PlistError::Entity, "{inner}");
    }
    let fine = "<plist><!-- a & b, <![CDATA[ --><string>&lt;&#233;&#x20AC;&amp;</string></plist>";
    assert_eq!(parse(fine.as_bytes(), &Limits::default()).unwrap().str(), Some("<é€&"));
}

#[test]
fn broken_xml_is_told_apart() {
    for (text, error) in [
        ("", PlistError::Truncated),
        ("{ a = b; }", PlistError::NotAPlist),
        ("<plist>", PlistError::Truncated),
        ("<plist></plist>", PlistError::Truncated),
        ("<plist><array>", PlistError::Truncated),
        ("<plist><dict><key>a</key></dict></plist>", PlistError::Xml),
        ("<plist><dict><string>a</string></dict></plist>", PlistError::Xml),
        ("<plist><dict><true/><true/></dict></plist>", PlistError::Key),
        ("<plist><dict><key>a</key><true/><key>a</key><true/></dict></plist>", PlistError::DuplicateKey),
        ("<plist><array></dict></plist>", PlistError::Xml),
        ("<plist><true/><true/></plist>", PlistError::Surplus),
        ("<plist><integer>99999999999999999999</integer></plist>", PlistError::Xml),
        ("<plist><data>*</data></plist>", PlistError::Xml),
        ("<html><body/></html>", PlistError::Xml),
    ] {
        assert_eq!(refused(text.as_bytes()), error, "{text}");
    }
    assert_eq!(refused(b"<plist>\xff</plist>"), PlistError::NotAPlist);
}

#[test]
fn debug_tells_no_content() {
    let value = Value::of([("geheim", Value::from("inhoud"))]);
    assert_eq!(format!("{value:?} {:?}", value.get("geheim").unwrap()), "Dictionary(1 keys) String(6 bytes)");
}
