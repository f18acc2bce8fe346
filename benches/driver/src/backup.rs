//! Unlocking a backup: to a file, as `wadecrypt` does, and beside inflating the same bytes alone.

use crate::{Failure, seconds};
use flate2::{Compression, Decompress, FlushDecompress, Status, write::ZlibEncoder};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use uitlezen_apps::whatsapp::backup::{BackupKey, Keys, unlock};
use uitlezen_evidence::{Bytes, FileSource};

fn keys(path: &Path) -> Result<Keys, Failure> {
    Ok(Keys { backup: Some(BackupKey::from_digits(&fs::read(path)?)?), legacy: None })
}

pub(crate) fn unlock_to(backup: &Path, key: &Path, out: &str) -> Result<Value, Failure> {
    let (keys, source): (_, Bytes) = (keys(key)?, Arc::new(FileSource::open(backup)?));
    let began = Instant::now();
    let unlocked = if out == "-" {
        unlock(source, &keys, &mut std::io::sink(), &mut |_| {})?
    } else {
        let mut out = BufWriter::with_capacity(256 * 1024, File::create(out)?);
        let unlocked = unlock(source, &keys, &mut out, &mut |_| {})?;
        out.flush()?;
        unlocked
    };
    Ok(json!({ "seconds": seconds(began.elapsed()), "bytes": unlocked.bytes_out }))
}

fn timed(run: impl FnOnce() -> Result<(), Failure>) -> Result<Duration, Failure> {
    let began = Instant::now();
    run()?;
    Ok(began.elapsed())
}

/// Both from memory, in turns, `rounds` times; the times of every round.
///
/// The packed bytes are made again from the database with the packer and the level that the twin used; that they are the
/// same as in the backup shows in their length.
pub(crate) fn beside_inflating(backup: &Path, key: &Path, plain: &Path, rounds: &str) -> Result<Value, Failure> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::new(1));
    packer.write_all(&fs::read(plain)?)?;
    let packed = packer.finish()?;
    let content = fs::metadata(plain)?.len();
    let file = fs::read(backup)?;
    let around = file.len().saturating_sub(packed.len());
    if !(40..4096).contains(&around) {
        return Err("the database packed again is not what the backup holds".into());
    }
    let (source, keys): (Bytes, _) = (Arc::new(file), keys(key)?);
    let (mut unlocking, mut inflating) = (Vec::new(), Vec::new());
    for _ in 0..rounds.parse::<u32>()? {
        inflating.push(seconds(timed(|| inflate(&packed, content))?));
        unlocking.push(seconds(timed(|| {
            let unlocked = unlock(Arc::clone(&source), &keys, &mut std::io::sink(), &mut |_| {})?;
            if unlocked.bytes_out == content { Ok(()) } else { Err("another length".into()) }
        })?));
    }
    Ok(json!({ "unlocking": unlocking, "inflating": inflating, "bytes": content, "packed": packed.len() }))
}

fn inflate(packed: &[u8], content: u64) -> Result<(), Failure> {
    let (mut inflate, mut out) = (Decompress::new(true), vec![0; 256 * 1024]);
    loop {
        let rest = packed.get(usize::try_from(inflate.total_in())?..).unwrap_or_default();
        if inflate.decompress(rest, &mut out, FlushDecompress::None)? == Status::StreamEnd {
            break;
        }
    }
    if inflate.total_out() == content { Ok(()) } else { Err("another length".into()) }
}
