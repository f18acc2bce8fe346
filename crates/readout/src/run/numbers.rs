//! Numbers of attachments: given in the order in which messages name the files, and kept across a resume, so that a run that
//! was broken off numbers them as an unbroken one would have.

use super::{RunError, app::App, standing};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uitlezen_evidence::ItemName;
use uitlezen_seal::store::WorkStore;

#[derive(Serialize, Deserialize)]
struct Numbered {
    number: u64,
    /// As the phone names it.
    file: ItemName,
}

/// The numbers of one app's attachments.
pub(super) struct Numbers {
    item: ItemName,
    stored: bool,
    by_file: HashMap<ItemName, u64>,
}

impl Numbers {
    /// Those that an earlier process of this run gave.
    pub(super) fn of(app: &App, store: &WorkStore) -> Result<Self, RunError> {
        let item = standing::name(app.name(), "bijlagen")?;
        let known: Option<Vec<Numbered>> = standing::read(&item, store)?;
        let stored = known.is_some();
        let by_file = known.unwrap_or_default().into_iter().map(|one| (one.file, one.number)).collect();
        Ok(Self { item, stored, by_file })
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
        if self.stored && self.by_file.len() == before {
            return Ok(());
        }
        let lines = self.by_file.iter().map(|(file, number)| Numbered { number: *number, file: file.clone() });
        standing::keep(&self.item, lines, store)?;
        self.stored = true;
        Ok(store.checkpoint()?)
    }
}
