//! Media that lie beside a backup, encrypted, in a folder that several snapshots share: fetched as they are and given out by the
//! reader.

use super::{
    Going, RunError,
    already::Already,
    app::{App, name},
    chosen::Opening,
    receive::Receive,
    taking::Taking,
    way::Line,
};
use crate::{
    Event, Stage,
    link::{Link, Listed, Outcome},
    reader::{Reader, SHARED},
};
use std::collections::{BTreeMap, HashMap};
use uitlezen_apps::signal::find::Snapshot;
use uitlezen_evidence::{Item, ItemName, Pattern};
use uitlezen_seal::{
    part::ChunkSize,
    store::{Home, ScratchKind, WorkStore},
};

/// Files that are fetched at once, before they are given out again decrypted.
const BATCH_FILES: usize = 500;
const BATCH_BYTES: u64 = 512 << 20;

impl Going<'_, '_> {
    /// The shared media of a backup folder, by the paths that records have for them; and whether some could not be seen.
    pub(super) fn shared(link: &mut Link, opening: &Opening) -> Result<(HashMap<String, Item>, bool), RunError> {
        let Opening::SignalFolder { root } = opening else { return Ok((HashMap::new(), false)) };
        let beside = |path: &str| root.as_ref().map_or_else(|| path.to_owned(), |root| format!("{}/{path}", root.as_str()));
        let pattern = Pattern::new(&beside("files/*/*")).map_err(|_| RunError::Internal("patterns"))?;
        let Listed { items, blind, .. } = link.list(vec![pattern])?;
        let within = beside("");
        let named = items.into_iter().filter_map(|item| {
            let path = item.name.as_str().strip_prefix(&within)?.to_owned();
            (Snapshot::shared_item(root.as_ref(), &path).as_ref() == Some(&item.name)).then_some((path, item))
        });
        Ok((named.collect(), blind.is_blind()))
    }

    /// Fetches files of the shared media, as they are, for the reader to decrypt.
    pub(super) fn fetch_shared(
        &mut self,
        link: &mut Link,
        opening: &Opening,
        items: Vec<Item>,
        reader: &mut Reader,
        store: &WorkStore,
    ) -> Result<BTreeMap<ItemName, Outcome>, RunError> {
        let Opening::SignalFolder { root } = opening else { return Ok(BTreeMap::new()) };
        let skip = root.as_ref().map_or(0, |root| root.as_str().len() + 1);
        let mut names = HashMap::new();
        for item in &items {
            let path = item.name.as_str().get(skip..).unwrap_or_default();
            names.insert(item.name.clone(), name(format!("{SHARED}{path}"))?);
        }
        let home = Home::Scratch(ScratchKind::Received);
        let already = Already::of(store, home, names.iter().map(|(listed, kept)| (kept.clone(), listed.clone())).collect());
        let (here, pull) = already.apart(items, store)?;
        let called = |item: &Item| names.get(&item.name).unwrap_or(&item.name).clone();
        let mut receive = Receive::new(store, home, ChunkSize::MEDIA, called, |_| {});
        receive.have(here);
        link.pull(&pull, &mut receive)?;
        reader.grant(store.grants(&receive.arrived.values().map(|file| file.id).collect::<Vec<_>>())?)?;
        Ok(receive.missed)
    }

    /// Fetches and gives out those that are left; says how many bytes there are in all.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn bring_out_shared(
        &mut self,
        app: &App,
        left: Vec<String>,
        taking: &mut Taking<'_>,
        reader: &mut Reader,
        line: &mut Line,
        store: &WorkStore,
        before: u64,
    ) -> Result<u64, RunError> {
        let (mut there, blind) = Self::shared(self.phone(line, store)?, &app.opening)?;
        taking.blind = blind;
        there.retain(|path, _| taking.names.contains_key(path));
        let total = there.values().fold(0_u64, |sum, item| sum.saturating_add(item.bytes));
        // As they are, and given out.
        self.space(total.saturating_mul(2))?;
        self.expect(Stage::Media, before.saturating_add(total));
        let mut left = left.into_iter().filter_map(|path| there.remove(&path).map(|item| (path, item))).peekable();
        let mut done = before;
        while left.peek().is_some() {
            let (mut paths, mut items, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
            while let Some((path, item)) = left.next_if(|_| paths.len() < BATCH_FILES && bytes < BATCH_BYTES) {
                bytes = bytes.saturating_add(item.bytes);
                paths.push(path);
                items.push(item);
            }
            let by_name: HashMap<ItemName, String> =
                items.iter().zip(&paths).map(|(item, path)| (item.name.clone(), path.clone())).collect();
            let link = self.phone(line, store)?;
            let missed = self.fetch_shared(link, &app.opening, items, reader, store)?;
            for (listed, outcome) in missed {
                taking.missed.extend(by_name.get(&listed).map(|path| (path.clone(), outcome)));
            }
            paths.retain(|path| !taking.missed.contains_key(path));
            reader.give(app.app, &paths, taking).map_err(|error| RunError::reading(app.name(), error))?;
            done = done.saturating_add(bytes);
            self.listener.event(Event::Progress { stage: Stage::Media, done });
        }
        Ok(total)
    }
}
