//! Cutting dead parts off the end of the staging file.

use super::{
    STAGING, WorkStore,
    book::Entry,
    error::{Doing, StoreError},
    keeper,
    lane::lock,
};
use crate::container::{EntryName, EntryRecord, writer::Staging};

impl WorkStore {
    /// Cuts the last kept parts off in which no listed item has a byte, so that work which is done again after a resume does
    /// not leave its first try in the seal. Does nothing while a part is being written there.
    pub fn trim(&self) -> Result<(), StoreError> {
        self.0.fault.check()?;
        let mut desk = lock(&self.0.desk);
        if desk.owner.is_some() {
            return Ok(());
        }
        let mut book = lock(&self.0.book);
        let live = book.live_bytes();
        let mut entries = desk.staging.as_ref().ok_or(StoreError::NoStaging)?.entries().to_vec();
        let mut dead = Vec::new();
        while let Some(EntryRecord { name: EntryName::Part(number), .. }) = entries.last()
            && !live.contains_key(number)
        {
            dead.push(*number);
            entries.pop();
        }
        let Some(end) = entries.last().map(EntryRecord::end).filter(|_| !dead.is_empty()) else { return Ok(()) };
        // Journaled before the bytes go: new parts will stand where these stood.
        {
            let mut journal = keeper::lock(&self.0.journal);
            let journaled = dead.iter().try_for_each(|number| journal.append(&Entry::Lost(*number)));
            journaled.and_then(|()| journal.sync()).map_err(|e| self.0.fault.fatal(e))?;
        }
        dead.iter().for_each(|number| drop(book.parts.remove(number)));
        let again = Staging::reopen(&self.0.dir.join(STAGING), end, entries).and_then(|again| again.sync_data().map(|()| again));
        desk.staging = Some(again.map_err(|e| self.0.fault.fatal(StoreError::staging(Doing::Writing, e)))?);
        Ok(())
    }
}
