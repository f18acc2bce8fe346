//! Numbers of attachments: given in the order in which messages name the files, and kept across a resume, so that a run that
//! was broken off numbers them as an unbroken one would have.

use super::{RunError, app::App, standing};
use crate::records;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uitlezen_evidence::ItemName;
use uitlezen_seal::store::WorkStore;

#[derive(Serialize, Deserialize)]
struct Numbered {
    number: u64,
    /// As the phone names it.
    file: ItemName,
    /// Of which kind it is, where that name does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ending: Option<String>,
}

/// The numbers of one app's attachments.
pub(super) struct Numbers {
    item: ItemName,
    stored: bool,
    by_file: HashMap<ItemName, (u64, Option<String>)>,
}

impl Numbers {
    /// Those that an earlier process of this run gave.
    pub(super) fn of(app: &App, store: &WorkStore) -> Result<Self, RunError> {
        let item = standing::name(app.name(), "bijlagen")?;
        let known: Option<Vec<Numbered>> = standing::read(&item, store)?;
        let stored = known.is_some();
        let by_file = known.unwrap_or_default().into_iter().map(|one| (one.file, (one.number, one.ending))).collect();
        Ok(Self { item, stored, by_file })
    }

    /// The file beside the conversations that holds this one.
    pub(super) fn beside(&self, file: &ItemName) -> Option<String> {
        let (number, ending) = self.by_file.get(file)?;
        Some(match ending {
            Some(ending) => records::attachment_file(*number, &format!("x.{ending}")),
            None => records::attachment_file(*number, file.file_name()),
        })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &ItemName> {
        self.by_file.keys()
    }

    /// Numbers the rest of these files, which stand in the order in which messages name them, with an ending for those whose name
    /// has none. Durable on return.
    pub(super) fn give(&mut self, files: &[(ItemName, Option<String>)], store: &WorkStore) -> Result<(), RunError> {
        let mut next = self.by_file.values().map(|(number, _)| *number).max().unwrap_or(0) + 1;
        let before = self.by_file.len();
        for (file, ending) in files {
            self.by_file.entry(file.clone()).or_insert_with(|| {
                next += 1;
                (next - 1, ending.clone())
            });
        }
        if self.stored && self.by_file.len() == before {
            return Ok(());
        }
        let line = |(file, (number, ending)): (&ItemName, &(u64, Option<String>))| Numbered {
            number: *number,
            file: file.clone(),
            ending: ending.clone(),
        };
        let lines = self.by_file.iter().map(line);
        standing::keep(&self.item, lines, store)?;
        self.stored = true;
        Ok(store.checkpoint()?)
    }
}
