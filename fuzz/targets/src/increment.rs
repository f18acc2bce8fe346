//! Increments: the ZIP that an incremental backup decrypts to, and the protobuf records in it; then laid over a database as
//! the reader does.

use crate::{framing::joined, framing::pieces, made, whatsapp};
use std::{
    io::{Cursor, Read, Write},
    sync::Arc,
};
use uitlezen_apps::whatsapp::backup::{
    BackupKey, IncrementLimits, IncrementRecord, IncrementSet, Keys, SetLimits, read_increment, unlock,
};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Bytes;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

const LIMITS: IncrementLimits = IncrementLimits { bytes: 8 << 20, record_bytes: 256 << 10, message_bytes: 64 << 10 };

/// The input is the ZIP.
pub fn increment_zip(data: &[u8]) {
    let source: Bytes = Arc::new(data.to_vec());
    let mut messages = 0;
    let report = read_increment(Arc::clone(&source), &LIMITS, &mut |record| {
        if let IncrementRecord::Message(message) = record {
            messages += 1;
            assert!(!message.key.id.is_empty() && message.key.id.len() <= 512 && message.chat.len() <= 512);
        }
    });
    let Ok(report) = report else { return };
    assert!(messages <= report.messages, "more messages than were counted");
    let mut set = IncrementSet::with_limits(SetLimits { increment: LIMITS, memory: 4 << 20 });
    set.add(source, EvidenceId(3));
    let kept = set.messages().count() as u64;
    let not_kept: u64 = set.added().iter().map(|added| added.not_kept).sum();
    assert!(kept <= messages && messages <= kept + not_kept, "a message is neither kept nor counted");
    if set.is_complete() {
        assert!(report.is_complete() && kept == messages && messages == report.messages, "complete, and something is missing");
    }
    let mut reading = set.reading();
    for found in set.messages().take(200) {
        let about = found.message.content.target().map_or(&found.message.key.id, |target| &target.id);
        assert!(set.has(about));
        let taken = reading.take(&[found.message.chat.as_str()], found.message.key.from_me, about);
        assert!(
            taken.iter().any(|t| t.message.position == found.message.position && t.message.key == found.message.key),
            "not to be taken"
        );
    }
    if kept <= 200 {
        assert_eq!(reading.rest().count(), 0);
    }
    whatsapp::read_small(&made::small_databases().0, Some(&set));
}

/// The input is the records of `messages.bin`, framed; the ZIP around them is in order.
pub fn increment_records(data: &[u8]) {
    let mut entry = Vec::new();
    for record in pieces(data) {
        let mut length = record.len();
        while length >= 0x80 {
            entry.push(length as u8 | 0x80);
            length >>= 7;
        }
        entry.push(length as u8);
        entry.extend(record);
    }
    increment_zip(&packed(&entry));
}

fn packed(messages: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("messages.bin", SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
    zip.write_all(messages).unwrap();
    zip.finish().unwrap().into_inner()
}

pub fn increment_zip_seeds() -> Vec<Vec<u8>> {
    let keys = Keys { backup: Some(BackupKey::from_root(made::phone().secrets.root_key)), legacy: None };
    let increments = made::phone().files.iter().filter(|(name, _)| name.contains("msgstore-increment"));
    let seeds: Vec<Vec<u8>> = increments
        .map(|(_, file)| {
            let mut out = Vec::new();
            unlock(Arc::new(file.to_vec()), &keys, &mut out, &mut |_| {}).unwrap();
            out
        })
        .collect();
    assert!(!seeds.is_empty(), "the phone has no increments");
    seeds
}

pub fn increment_record_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = increment_zip_seeds().iter().map(|zip| records(zip)).collect();
    seeds.push(joined([every_kind()]));
    seeds
}

/// The records of a good increment, framed.
fn records(zip: &[u8]) -> Vec<u8> {
    let mut entry = Vec::new();
    ZipArchive::new(Cursor::new(zip)).unwrap().by_name("messages.bin").unwrap().read_to_end(&mut entry).unwrap();
    let (mut rest, mut found) = (entry.as_slice(), Vec::new());
    while !rest.is_empty() {
        let (mut length, mut used) = (0, 0);
        loop {
            let byte = rest[used];
            length |= usize::from(byte & 0x7f) << (7 * used);
            used += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        found.push(&rest[used..used + length]);
        rest = &rest[used + length..];
    }
    joined(found)
}

/// One conversation in which every field number of a message's content from 1 to 130 occurs once, each with a nested message
/// that has a text, a number and a nested message itself: what those numbers mean the reader knows, the mutations need not.
fn every_kind() -> Vec<u8> {
    let field = |number: u32, body: &[u8]| {
        let mut key = number << 3 | 2;
        let mut out = Vec::new();
        while key >= 0x80 {
            out.push(key as u8 | 0x80);
            key >>= 7;
        }
        out.push(key as u8);
        let (low, high) = (body.len() as u8 & 0x7f, (body.len() >> 7) as u8);
        out.extend(if high == 0 { vec![low] } else { vec![low | 0x80, high] });
        out.extend_from_slice(body);
        out
    };
    let inner: Vec<u8> =
        (1..20).flat_map(|n| if n % 3 == 0 { vec![(n << 3) as u8, 5] } else { field(n, b"t@s.whatsapp.net") }).collect();
    let mut sync = vec![8, 0];
    let mut conversation = field(1, b"31611111111@s.whatsapp.net");
    for kind in 1..=130 {
        let content = if kind == 1 { field(1, b"hallo") } else { field(kind, &[inner.clone(), field(17, &inner)].concat()) };
        let key =
            [field(1, b"31611111111@s.whatsapp.net"), vec![0x10, (kind % 2) as u8], field(3, format!("K{kind}").as_bytes())]
                .concat();
        let web = [field(1, &key), field(2, &content), vec![0x18, 0x80, 0xd0, 0xac, 0xf3, 0x06]].concat();
        conversation.extend(field(2, &field(1, &web)));
    }
    let length = conversation.len();
    sync.push(0x12);
    sync.extend([length as u8 | 0x80, (length >> 7) as u8 | 0x80, (length >> 14) as u8 | 0x80, 0]);
    sync.extend(conversation);
    sync
}
