//! Status.plist: how the last backup of a folder stands (`reference/ios.md §2.5`).

use crate::iphone::{
    IphoneError,
    values::date,
    wire::{Form, decode, dictionary, encode},
};
use plist::Value;

/// The words of `SnapshotState`. Only "finished" is read in the reference; the others are the twin's own, and no host acts on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Snapshot {
    Uploading,
    Finished,
}

pub(super) fn write(full: bool, at: i64, snapshot: Snapshot, uuid: &str) -> Result<Vec<u8>, IphoneError> {
    let state = match snapshot {
        Snapshot::Uploading => "uploading",
        Snapshot::Finished => "finished",
    };
    let status = dictionary([
        ("BackupState", "new".into()),
        ("Date", date(at)),
        ("IsFullBackup", full.into()),
        ("SnapshotState", state.into()),
        ("UUID", uuid.into()),
        ("Version", "3.3".into()),
    ]);
    encode(&status.into(), Form::Binary)
}

/// What a host's Status.plist says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) finished: bool,
    pub(super) full: bool,
}

pub(super) fn read(bytes: &[u8]) -> Option<Status> {
    let status = decode(bytes).ok()?.into_dictionary()?;
    let text = |key| status.get(key).and_then(Value::as_string);
    Some(Status {
        finished: text("SnapshotState") == Some("finished"),
        full: status.get("IsFullBackup").and_then(Value::as_boolean).unwrap_or(false),
    })
}
