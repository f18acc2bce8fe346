//! One file off the twin into a work store, by the way of the engine: link child, pipe, encrypted store.

use crate::{Failure, seconds};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};
use uitlezen_evidence::{Item, Pattern};
use uitlezen_phone::android::AdbKey;
use uitlezen_readout::{
    Cancel,
    child::Program,
    link::{Credentials, Link, LinkError, Outcome, Reach, Receiver},
};
use uitlezen_seal::{
    part::ChunkSize,
    role::{Role, RoleSet},
    store::{Digest, Home, ItemSpec, ItemWriter, RunKey, StoreError, StoreOptions, WorkStore},
};

/// As the engine's own receiver of media.
struct IntoStore<'a> {
    store: &'a WorkStore,
    writer: Option<ItemWriter>,
    outcome: Option<Outcome>,
}

impl Receiver for IntoStore<'_> {
    type Error = StoreError;

    fn begin(&mut self, item: &Item) -> Result<(), StoreError> {
        self.writer = None;
        self.writer = Some(self.store.begin(ItemSpec {
            name: item.name.clone(),
            home: Home::Kept(RoleSet::only(Role::Gesprekken)),
            chunk: ChunkSize::MEDIA,
            digest: Digest::None,
            modified: item.modified,
        })?);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        match &mut self.writer {
            Some(writer) => writer.write_all(bytes).map_err(|e| e.downcast().unwrap_or(StoreError::UnknownItem)),
            None => Ok(()),
        }
    }

    fn end(&mut self, _: &Item, outcome: &Outcome) -> Result<(), StoreError> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        self.outcome = Some(outcome.clone());
        Ok(())
    }
}

/// `dir` is the store's; it is removed afterwards. Timed is what `adb pull` does: from the request to the last byte in a
/// file, and here the checkpoint that makes it last.
pub(crate) fn pull(program: &Path, address: &str, name: &str, dir: &Path) -> Result<Value, Failure> {
    let reach = Reach::Tcp { address: address.parse()?, lab: false };
    let key = AdbKey::generate()?.to_pem()?;
    let mut link = Link::start(&Program(program.to_owned()), &reach, &Cancel::default())?;
    let credentials = Credentials { adb_key: Some(key), ..Credentials::default() };
    link.connect(&reach, &credentials, Duration::from_secs(5), |_| Ok::<_, LinkError>(()))?;
    let (items, _) = link.list(vec![Pattern::new(name)?])?;
    let [item] = items.as_slice() else { return Err("not one such file on the twin".into()) };
    let store = WorkStore::create(dir, "bench", &RunKey::random()?, StoreOptions::for_predicted(item.bytes))?;
    let began = Instant::now();
    let mut into = IntoStore { store: &store, writer: None, outcome: None };
    link.pull(&items, &mut into)?;
    let outcome = into.outcome.take();
    store.checkpoint()?;
    let took = began.elapsed();
    store.discard()?;
    match outcome {
        Some(Outcome::Whole { digest_on_phone: true, .. }) => Ok(json!({ "seconds": seconds(took), "bytes": item.bytes })),
        other => Err(format!("the file did not arrive whole with a digest of the phone: {other:?}").into()),
    }
}
