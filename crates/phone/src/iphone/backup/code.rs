//! With what number the phone ends a request (`reference/ios.md` §2.9).

use serde::{Deserialize, Serialize};

/// `ErrorCode` of the last message. The phone's own text is not kept: it may hold a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    Done,
    /// 1: retry after switching the phone off and on.
    Unknown,
    /// 3: an earlier run was cut off; switch the phone off and on.
    SnapshotFailed,
    /// 100: cable, or disk of this machine.
    InputOutput,
    /// 102, 103: the state of the last backup cannot be read; unlock, or run full.
    BackupState,
    /// 104: the host could not write, a file is broken on the phone, or its screen was locked.
    Uploading,
    /// 105: the host reported too little free space.
    NoSpace,
    /// 205: what is kept of the last run is damaged; run full.
    Properties,
    /// 207
    WrongPassword,
    /// 208: locked, or the passcode was not typed.
    Locked,
    /// 211
    FindMyOn,
    /// 212
    SetupUnfinished,
    /// Not in the reference.
    Other(u64),
}

impl Code {
    #[must_use]
    pub fn of(number: u64) -> Self {
        match number {
            0 => Self::Done,
            1 => Self::Unknown,
            3 => Self::SnapshotFailed,
            100 => Self::InputOutput,
            102 | 103 => Self::BackupState,
            104 => Self::Uploading,
            105 => Self::NoSpace,
            205 => Self::Properties,
            207 => Self::WrongPassword,
            208 => Self::Locked,
            211 => Self::FindMyOn,
            212 => Self::SetupUnfinished,
            other => Self::Other(other),
        }
    }
}
