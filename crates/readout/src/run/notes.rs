//! What a run writes into the journal of its work store so that another process can go on where it broke off: how it was
//! begun, and at the end of each stage how it stands. The journal is encrypted under the run key; the notes hold no content
//! of conversations, but the plan and the report.
//!
//! A note may be longer than the journal takes at once, so it is cut into pieces: `series u32 LE · index u32 LE · count u32 LE ·
//! bytes`. A series that broke off is passed over.

use super::{Shown, app::App};
use crate::{Admission, Report, earlier::Asked, link::Reach};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uitlezen_seal::{
    header::Origin,
    store::{LONGEST_NOTE, StoreError, StoredItem, WorkStore},
};

const HEAD: usize = 12;
/// A journal record is hex inside JSON: half of the longest note is well within.
const PIECE: usize = LONGEST_NOTE / 2;
/// No report is larger.
const MOST_PIECES: u32 = 64;

/// How a run was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    /// The version of the program, for whoever looks into a store that cannot be resumed.
    pub(super) tool: String,
    /// As the office wrote it.
    pub(super) plan: String,
    pub(super) admission: Admission,
    pub(super) reach: Reach,
    pub(super) origin: Option<Origin>,
    pub(super) shown: Shown,
    #[serde(default)]
    pub(super) earlier: Asked,
    pub(super) started: Timestamp,
}

/// The last stage that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// The work store was made; no more is promised than the files that arrived whole.
    Begun,
    /// The backup of an iPhone is here, and the phone is no longer needed.
    Backup,
    /// Databases are here.
    Databases,
    /// Databases were read; the records are here.
    Records,
    /// Everything is here, and the phone is no longer needed.
    Acquired,
}

impl Reached {
    /// A stable word, for events and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Backup => "backup",
            Self::Databases => "databases",
            Self::Records => "records",
            Self::Acquired => "acquired",
        }
    }
}

/// How a run stands at the end of a stage.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stand {
    pub(super) reached: Reached,
    pub(super) at: Timestamp,
    pub(super) report: Report,
    pub(super) log: String,
    pub(super) apps: Vec<App>,
    /// Items of the store up to this number belong to whole stages,
    pub(super) items: u64,
    /// and so many of them there are. Fewer at a resume: the disk lost something of what this stands on.
    pub(super) count: u64,
}

impl Stand {
    /// Whether everything that it stands on is among these.
    pub(super) fn holds_in(&self, items: &[StoredItem]) -> bool {
        let below = items.iter().filter(|item| item.id.0 < self.items).count() as u64;
        below == self.count && self.apps.iter().all(|app| app.is_in(items))
    }
}

#[derive(Serialize)]
enum Note<'a> {
    Begun(&'a Begun),
    Stand(&'a Stand),
}

#[derive(Deserialize)]
enum OwnedNote {
    Begun(Box<Begun>),
    Stand(Box<Stand>),
}

/// Writes how the run was begun. Durable on return.
pub(super) fn write_begun(store: &WorkStore, begun: &Begun) -> Result<(), StoreError> {
    write(store, &Note::Begun(begun))
}

/// Writes how the run stands, after everything that it stands on. Durable on return.
pub(super) fn write_stand(store: &WorkStore, stand: &Stand) -> Result<(), StoreError> {
    store.checkpoint()?;
    write(store, &Note::Stand(stand))
}

fn write(store: &WorkStore, note: &Note<'_>) -> Result<(), StoreError> {
    let too_long = || StoreError::RecordTooLong(PIECE * MOST_PIECES as usize);
    let json = serde_json::to_vec(note).map_err(|_| too_long())?;
    let count = u32::try_from(json.len().div_ceil(PIECE)).ok().filter(|count| *count <= MOST_PIECES).ok_or_else(too_long)?;
    let mut series = [0; 4];
    getrandom::fill(&mut series).map_err(|_| too_long())?;
    for (index, piece) in (0_u32..).zip(json.chunks(PIECE)) {
        let mut bytes = Vec::with_capacity(HEAD + piece.len());
        bytes.extend_from_slice(&series);
        bytes.extend_from_slice(&index.to_le_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(piece);
        store.note(&bytes)?;
    }
    Ok(())
}

/// How the run was begun and how it stood at the end of each stage, as far as whole notes tell. `None` for a note that is none
/// of this version's.
pub(super) fn read(notes: &[Vec<u8>]) -> Option<(Option<Begun>, Vec<Stand>)> {
    let (mut begun, mut stands) = (None, Vec::new());
    let mut joined: Option<([u8; 4], u32, u32, Vec<u8>)> = None;
    for note in notes {
        let (head, piece) = note.split_at_checked(HEAD)?;
        let field = |at: usize| head.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        let (series, index, count) = (field(0)?, u32::from_le_bytes(field(4)?), u32::from_le_bytes(field(8)?));
        if count == 0 || count > MOST_PIECES {
            return None;
        }
        joined = match joined.take() {
            _ if index == 0 => Some((series, 1, count, piece.to_vec())),
            Some((same, next, all, mut bytes)) if same == series && next == index && all == count => {
                bytes.extend_from_slice(piece);
                Some((series, next + 1, count, bytes))
            }
            _ => None,
        };
        if let Some((_, next, count, bytes)) = &joined
            && next == count
        {
            match serde_json::from_slice(bytes).ok()? {
                OwnedNote::Begun(told) => begun = Some(*told),
                OwnedNote::Stand(told) => stands.push(*told),
            }
            joined = None;
        }
    }
    Some((begun, stands))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::Plan;
    use uitlezen_seal::store::{Check, RunKey, StoreOptions};

    fn begun(plan: String) -> Begun {
        Begun {
            tool: "uitlezen".into(),
            admission: Admission::demo(&Plan::for_settings("TWIN0001".into(), true, false)),
            plan,
            reach: Reach::Usb { serial: "TWIN0001".into() },
            origin: Some(Origin::Usb),
            shown: Shown::default(),
            earlier: Asked::default(),
            started: Timestamp::UNIX_EPOCH,
        }
    }

    fn resumed(dir: &std::path::Path, key: &RunKey) -> Vec<Vec<u8>> {
        WorkStore::resume(dir, key, Check::Sizes).unwrap().1.notes
    }

    #[test]
    fn a_long_note_comes_back_and_a_broken_series_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let (dir, key) = (root.path().join("run.partial"), RunKey::random().unwrap());
        let store = WorkStore::create(&dir, "run", &key, StoreOptions::default()).unwrap();
        let long = "é".repeat(PIECE);
        write_begun(&store, &begun(long.clone())).unwrap();
        drop(store);
        let mut notes = resumed(&dir, &key);
        assert!(notes.len() >= 3);
        assert_eq!(read(&notes).unwrap().0.unwrap().plan, long);
        // The process died between two pieces, and another wrote a note of its own behind them.
        let whole = notes.clone();
        notes.truncate(whole.len() - 1);
        assert!(read(&notes).unwrap().0.is_none());
        notes.extend(whole);
        assert_eq!(read(&notes).unwrap().0.unwrap().plan, long);
    }

    #[test]
    fn what_is_no_note_is_told() {
        assert!(read(&[]).unwrap().0.is_none());
        assert!(read(&[vec![1, 2, 3]]).is_none());
        let mut other = vec![0; HEAD];
        other[8] = 1;
        other.extend_from_slice(b"{\"Later\":{}}");
        assert!(read(&[other]).is_none());
    }
}
