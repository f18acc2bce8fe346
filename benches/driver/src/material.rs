//! Data for the measurements, made by the twin's generator or by a rule; none of it is counted in any figure.

use crate::Failure;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};
use uitlezen_twin::{
    FileBytes, Patterned,
    content::{MediaScale, Options, generate, write_folder},
};

/// A phone's folder with so many messages, its key and its number.
///
/// One full backup and no increments, since whatsapp-chat-exporter reads nothing else; no media files, since neither side
/// is asked for them. `plain` is the database in the clear: what unlocking must arrive at.
pub(crate) fn messages(dir: &Path, count: &str) -> Result<Value, Failure> {
    let options =
        Options { messages: count.parse()?, increments: false, media: MediaScale::None, keep_plain: true, ..Options::default() };
    let made = generate(&options)?;
    fs::create_dir_all(dir)?;
    write_folder(&made, &dir.join("phone"))?;
    fs::write(dir.join("key"), &made.secrets.hex64)?;
    let plain = made.plain.values().next().ok_or("no database in the clear")?;
    fs::write(dir.join("plain"), &plain.msgstore)?;
    let expected = &made.expected.whatsapp;
    Ok(json!({
        "messages": expected.messages,
        "conversations": expected.conversations,
        "number": made.number,
        "database_bytes": plain.msgstore.len(),
    }))
}

/// A file of so many bytes that no compressor makes smaller.
pub(crate) fn file(path: &Path, bytes: &str) -> Result<Value, Failure> {
    let source = Patterned { len: bytes.parse()?, seed: 1 };
    let mut out = File::create(path)?;
    let (mut buffer, mut pos) = (vec![0; 1 << 20], 0);
    while pos < source.len {
        let n = usize::try_from(source.len - pos).unwrap_or(usize::MAX).min(buffer.len());
        let Some(piece) = buffer.get_mut(..n) else { break };
        source.read_at(pos, piece)?;
        out.write_all(piece)?;
        pos += n as u64;
    }
    Ok(json!({ "bytes": pos }))
}
