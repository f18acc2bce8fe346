//! How the backup service ends: the `ErrorCode` of its last message (reference/ios.md §2.9).

use crate::error::Remedy;

/// A code other than 0. The phone's description beside it is dropped: it may hold a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BackupCode {
    #[error("something failed on the phone (1)")]
    Failed,
    /// Nearly always: an earlier run was interrupted and its snapshot is still there.
    #[error("the phone could make no snapshot (3)")]
    Snapshot,
    #[error("reading or writing failed (100)")]
    InputOutput,
    #[error("the folder of the backup is of no use (102)")]
    Folder,
    #[error("the state of the previous backup cannot be read (103)")]
    State,
    #[error("several files could not be sent (104)")]
    Files,
    #[error("too little room on this machine (105)")]
    NoRoom,
    #[error("the properties of the previous backup cannot be read (205)")]
    Properties,
    #[error("the backup password is another one (207)")]
    WrongPassword,
    /// Locked, the passcode not typed in time, or no escrow bag.
    #[error("the phone is locked, or the passcode was not typed (208)")]
    Locked,
    #[error("Find My must be off (211)")]
    FindMy,
    #[error("the phone's setup is not finished (212)")]
    SetupUnfinished,
    /// A code that no source explains.
    #[error("the phone ended with code {0}")]
    Other(i64),
}

impl BackupCode {
    /// `None` for 0, which is success.
    #[must_use]
    pub fn from_number(code: i64) -> Option<Self> {
        Some(match code {
            0 => return None,
            1 => Self::Failed,
            3 => Self::Snapshot,
            100 => Self::InputOutput,
            102 => Self::Folder,
            103 => Self::State,
            104 => Self::Files,
            105 => Self::NoRoom,
            205 => Self::Properties,
            207 => Self::WrongPassword,
            208 => Self::Locked,
            211 => Self::FindMy,
            212 => Self::SetupUnfinished,
            other => Self::Other(other),
        })
    }

    /// The one thing to do now.
    #[must_use]
    pub fn remedy(self) -> Remedy {
        match self {
            Self::Failed | Self::Snapshot => Remedy::RestartPhone,
            Self::InputOutput => Remedy::PlugInAgain,
            Self::Folder | Self::State | Self::Properties => Remedy::RunFull,
            Self::Files => Remedy::StartAgain,
            Self::NoRoom => Remedy::MakeRoom,
            Self::WrongPassword => Remedy::GiveTheRightPassword,
            Self::Locked => Remedy::TypePasscode,
            Self::SetupUnfinished => Remedy::FinishSetup,
            Self::FindMy | Self::Other(_) => Remedy::AskHelpdesk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_the_reference_is_a_kind_of_its_own() {
        let codes = [1, 3, 100, 102, 103, 104, 105, 205, 207, 208, 211, 212];
        let kinds: BTreeSet<String> =
            codes.iter().filter_map(|code| BackupCode::from_number(*code)).map(|c| c.to_string()).collect();
        assert_eq!(kinds.len(), codes.len());
        for (code, text) in codes.iter().filter_map(|code| Some((code, BackupCode::from_number(*code)?))) {
            assert!(!matches!(text, BackupCode::Other(_)) && text.to_string().ends_with(&format!("({code})")));
        }
        assert_eq!(BackupCode::from_number(0), None);
        assert_eq!(BackupCode::from_number(-4), Some(BackupCode::Other(-4)));
    }
}
