//! Records of an app on their way from the reader into the seal.

use super::{Titles, receive::put};
use crate::reader::{Records, WantedFile};
use uitlezen_seal::store::{ItemSpec, ItemWriter, StoreError, StoredItem, WorkStore};

/// Records of one app, on their way into the seal.
///
/// One item after the other: two kept items that are written at once cannot both go straight into the staging file, and the
/// larger of them would be copied at closing.
pub(super) struct Keeping<'s, 't> {
    pub(super) store: &'s WorkStore,
    /// Until the first message.
    pub(super) conversations: Option<ItemWriter>,
    pub(super) of_messages: ItemSpec,
    pub(super) messages: Option<ItemWriter>,
    pub(super) wanted: Vec<WantedFile>,
    /// Lines about undecided conversations.
    pub(super) undecided: Vec<u8>,
    pub(super) titles: Option<Titles<'t>>,
}

impl Keeping<'_, '_> {
    /// What takes the messages; the conversations are whole then.
    pub(super) fn message_writer(&mut self) -> Result<ItemWriter, StoreError> {
        if let Some(conversations) = self.conversations.take() {
            conversations.finish()?;
        }
        match self.messages.take() {
            Some(writer) => Ok(writer),
            None => self.store.begin(self.of_messages.clone()),
        }
    }
}

impl Records for Keeping<'_, '_> {
    type Error = StoreError;

    fn conversations(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(titles) = &mut self.titles {
            titles(bytes);
        }
        self.conversations.as_mut().map_or(Ok(()), |writer| put(writer, bytes))
    }

    fn messages(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut writer = self.message_writer()?;
        put(&mut writer, bytes)?;
        self.messages = Some(writer);
        Ok(())
    }

    fn wanted(&mut self, files: Vec<WantedFile>) -> Result<(), StoreError> {
        self.wanted.extend(files);
        Ok(())
    }

    fn undecided(&mut self, lines: Vec<String>) -> Result<(), StoreError> {
        for line in lines {
            self.undecided.extend_from_slice(line.as_bytes());
            self.undecided.push(b'\n');
        }
        Ok(())
    }
}

pub(super) fn put_whole(store: &WorkStore, spec: ItemSpec, bytes: &[u8]) -> Result<StoredItem, StoreError> {
    let mut writer = store.begin(spec)?;
    put(&mut writer, bytes)?;
    writer.finish()
}
