//! What a station keeps of the last backup of an iPhone, so that the next one brings only what changed: the phone's own files
//! about it, what the phone was told is here, and the databases that every readout needs (ios.md §2.6). Of everything else the
//! phone believes that we have it; attachments lie in earlier seals.
//!
//! It is a work store of its own, encrypted under a key in the vault. The new one is written before a run is sealed and takes
//! the old one's place after: whatever happens in between, the phone and the state that stands agree, or the next backup is a
//! full one.

use super::{RunError, receive::put};
use crate::link::CATALOGUE;
use std::{io::Read, path::Path};
use uitlezen_evidence::{Evidence, ItemName, Pattern, Reader};
use uitlezen_seal::{
    part::ChunkSize,
    store::{Check, Digest, Home, ItemId, ItemSpec, RunKey, ScratchKind, StoreOptions, WorkStore},
};
use zeroize::Zeroizing;

/// The item with the patterns that were wanted: what was not wanted then, the phone does not send again.
const WANTED: &str = "uitlezen-gevraagd";
/// Without any of these there is no incremental backup (ios.md §2.6).
const NEEDED: [&str; 4] = ["Manifest.db", "Manifest.plist", "Status.plist", CATALOGUE];
const BUFFER: usize = 256 * 1024;
const LONGEST_WANTED: u64 = 1 << 20;

/// A part of a backup in the work store of a run: where it lies in the backup, and the item.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) id: ItemId,
    pub(super) item: ItemName,
}

fn text(wanted: &[Pattern]) -> String {
    let mut lines: Vec<String> = wanted.iter().cloned().map(String::from).collect();
    lines.sort();
    lines.join("\n")
}

/// Copies what was kept into the store of this run. `None`: there is nothing that a backup could go on from.
pub(super) fn take_up(
    dir: &Path,
    key: &RunKey,
    wanted: &[Pattern],
    into: &WorkStore,
    mut name: impl FnMut() -> Result<ItemName, RunError>,
) -> Result<Option<Vec<Kept>>, RunError> {
    let Ok((state, _)) = WorkStore::resume(dir, key, Check::Checksums) else { return Ok(None) };
    let evidence = state.evidence(|_| true)?;
    let names: Vec<ItemName> = evidence.items().iter().map(|item| item.name.clone()).collect();
    if !NEEDED.iter().all(|needed| names.iter().any(|name| name.file_name() == *needed)) {
        return Ok(None);
    }
    let before = names.iter().find(|name| name.as_str() == WANTED).and_then(|name| evidence.open(name).ok());
    let mut same = String::new();
    let read = before.map(|bytes| Reader::new(bytes).take(LONGEST_WANTED).read_to_string(&mut same).is_ok());
    if read != Some(true) || same != text(wanted) {
        return Ok(None);
    }
    let mut kept = Vec::new();
    for path in names.iter().filter(|name| name.as_str() != WANTED) {
        let Ok(bytes) = evidence.open(path) else { return Ok(None) };
        let item = name()?;
        let (id, item) = copied(&mut Reader::new(bytes), item, into)?;
        kept.push(Kept { path: path.as_str().to_owned(), id, item });
    }
    Ok(Some(kept))
}

/// Writes a new state out of the parts of this run.
pub(super) fn write(dir: &Path, key: &RunKey, wanted: &[Pattern], parts: &[Kept], from: &WorkStore) -> Result<(), RunError> {
    let state = WorkStore::create(dir, "reservekopie", key, StoreOptions::for_predicted(0))?;
    let ids: Vec<ItemId> = parts.iter().map(|part| part.id).collect();
    let evidence = from.evidence(|item| ids.contains(&item.id))?;
    for part in parts {
        let bytes = evidence.open(&part.item).map_err(|_| RunError::NothingKept)?;
        let name = ItemName::new(part.path.clone()).map_err(|_| RunError::Internal("item name"))?;
        copied(&mut Reader::new(bytes), name, &state)?;
    }
    let name = ItemName::new(WANTED).map_err(|_| RunError::Internal("item name"))?;
    copied(&mut text(wanted).as_bytes(), name, &state)?;
    state.checkpoint()?;
    Ok(())
}

fn copied(from: &mut dyn Read, name: ItemName, into: &WorkStore) -> Result<(ItemId, ItemName), RunError> {
    let home = Home::Scratch(ScratchKind::Received);
    let spec = ItemSpec { name, home, chunk: ChunkSize::RANDOM_ACCESS, digest: Digest::None, modified: None };
    let mut writer = into.begin(spec)?;
    let mut buffer = Zeroizing::new(vec![0; BUFFER]);
    loop {
        let n = from.read(&mut buffer).map_err(|_| RunError::NothingKept)?;
        if n == 0 {
            break;
        }
        put(&mut writer, buffer.get(..n).unwrap_or_default())?;
    }
    let stored = writer.finish()?;
    Ok((stored.id, stored.name))
}

/// Which parts the next backup needs: the phone's own files about this one, our catalogue, and the databases.
pub(super) fn is_needed(path: &str, databases: &[String]) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    NEEDED.contains(&name) || databases.iter().any(|id| id == name)
}
