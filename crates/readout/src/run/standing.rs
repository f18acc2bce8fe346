//! Standing items: scratch that outlives the stage it was made in, so that a resumed run need not make it again. Lines of JSON
//! under `stand/<app>/`, encrypted like everything in the work store, gone when the seal is closed.

use super::{RunError, receive::put};
use serde::{Serialize, de::DeserializeOwned};
use uitlezen_evidence::{Evidence, ItemName, ReadAtExt};
use uitlezen_seal::{
    part::ChunkSize,
    store::{Digest, Home, ItemSpec, ScratchKind, StoredItem, WorkStore},
};
use zeroize::Zeroizing;

/// Their names begin like this.
pub(super) const STANDING: &str = "stand/";
/// More than the files of any phone take.
const MOST: u64 = 1 << 30;

/// `stand/<app>/<what>.jsonl`
pub(super) fn name(app: &str, what: &str) -> Result<ItemName, RunError> {
    ItemName::new(format!("{STANDING}{app}/{what}.jsonl")).map_err(|_| RunError::Internal("item name"))
}

fn stored(name: &ItemName, store: &WorkStore) -> Option<StoredItem> {
    store.items().into_iter().find(|item| item.name == *name && !item.home.is_kept())
}

/// Keeps these lines in place of what stood under that name.
pub(super) fn keep<T: Serialize>(name: &ItemName, lines: impl IntoIterator<Item = T>, store: &WorkStore) -> Result<(), RunError> {
    if let Some(before) = stored(name, store) {
        store.drop_item(before.id)?;
    }
    let mut bytes = Zeroizing::new(Vec::new());
    for line in lines {
        serde_json::to_writer(&mut *bytes, &line).map_err(|_| RunError::Internal("standing lines"))?;
        bytes.push(b'\n');
    }
    let home = Home::Scratch(ScratchKind::Derived);
    let spec = ItemSpec { name: name.clone(), home, chunk: ChunkSize::STREAM, digest: Digest::None, modified: None };
    let mut writer = store.begin(spec)?;
    put(&mut writer, &bytes)?;
    writer.finish()?;
    Ok(())
}

/// The lines under that name; `None` where there is no such item.
pub(super) fn read<T: DeserializeOwned>(name: &ItemName, store: &WorkStore) -> Result<Option<Vec<T>>, RunError> {
    if stored(name, store).is_none() {
        return Ok(None);
    }
    let evidence = store.evidence(|item| item.name == *name && !item.home.is_kept())?;
    let bytes = evidence.open(name).map_err(|_| RunError::NothingKept)?;
    let text = Zeroizing::new(bytes.read_all(MOST).map_err(|_| RunError::NothingKept)?);
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).map_err(|_| RunError::NothingKept)).collect::<Result<_, _>>().map(Some)
}
