//! Numbers of attachments: given in the order in which messages name the files, and kept across a resume, so that a run that
//! was broken off numbers them as an unbroken one would have.

use super::{
    RunError,
    app::App,
    keeping::put_whole,
    kept::STANDING,
    way::{lines_of, standing},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uitlezen_evidence::ItemName;
use uitlezen_seal::store::{ItemId, WorkStore};

#[derive(Serialize, Deserialize)]
struct Numbered {
    number: u64,
    /// As the phone names it.
    file: ItemName,
}

/// The numbers of one app's attachments.
pub(super) struct Numbers {
    item: ItemName,
    stored: Option<ItemId>,
    by_file: HashMap<ItemName, u64>,
}

impl Numbers {
    /// Those that an earlier process of this run gave.
    pub(super) fn of(app: &App, store: &WorkStore) -> Result<Self, RunError> {
        let name = format!("{STANDING}{}/bijlagen.jsonl", app.name());
        let item = ItemName::new(name).map_err(|_| RunError::Internal("item name"))?;
        let stored = store.items().into_iter().find(|found| found.name == item && !found.home.is_kept()).map(|found| found.id);
        let known: Vec<Numbered> = if stored.is_some() { lines_of(&item, store)? } else { Vec::new() };
        Ok(Self { item, stored, by_file: known.into_iter().map(|one| (one.file, one.number)).collect() })
    }

    pub(super) fn get(&self, file: &ItemName) -> Option<u64> {
        self.by_file.get(file).copied()
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &ItemName> {
        self.by_file.keys()
    }

    /// Numbers the rest of these files, which stand in the order in which messages name them. Durable on return.
    pub(super) fn give(&mut self, files: &[ItemName], store: &WorkStore) -> Result<(), RunError> {
        let mut next = self.by_file.values().max().unwrap_or(&0) + 1;
        let before = self.by_file.len();
        for file in files {
            self.by_file.entry(file.clone()).or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
        if self.stored.is_some() && self.by_file.len() == before {
            return Ok(());
        }
        if let Some(stored) = self.stored.take() {
            store.drop_item(stored)?;
        }
        let mut lines = zeroize::Zeroizing::new(Vec::new());
        for (file, number) in &self.by_file {
            let one = Numbered { number: *number, file: file.clone() };
            serde_json::to_writer(&mut *lines, &one).map_err(|_| RunError::Internal("numbers of attachments"))?;
            lines.push(b'\n');
        }
        self.stored = Some(put_whole(store, standing(self.item.clone()), &lines)?.id);
        Ok(store.checkpoint()?)
    }
}
