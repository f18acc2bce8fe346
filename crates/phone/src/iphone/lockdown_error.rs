//! The words with which lockdownd refuses (reference/ios.md §1.2).

use crate::error::Remedy;

macro_rules! errors {
    ($($variant:ident = $word:literal),* $(,)?) => {
        /// A refusal of lockdownd. Its word is the only thing taken from the answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[non_exhaustive]
        pub enum LockdownError {
            $(#[error($word)] $variant,)*
            /// A word that no source names.
            #[error("a refusal of an unknown kind")]
            Other,
        }

        impl LockdownError {
            /// Every refusal that has a word.
            pub const ALL: &'static [LockdownError] = &[$(LockdownError::$variant),*];

            #[must_use]
            pub fn from_word(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    _ => Self::Other,
                }
            }

            /// The phone's word; `None` for [`LockdownError::Other`].
            #[must_use]
            pub fn word(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($word),)*
                    Self::Other => None,
                }
            }
        }
    };
}

errors! {
    InvalidResponse = "InvalidResponse",
    MissingKey = "MissingKey",
    MissingValue = "MissingValue",
    GetProhibited = "GetProhibited",
    SetProhibited = "SetProhibited",
    InvalidActivationRecord = "InvalidActivationRecord",
    PasswordProtected = "PasswordProtected",
    UserDeniedPairing = "UserDeniedPairing",
    PairingDialogResponsePending = "PairingDialogResponsePending",
    MissingHostId = "MissingHostID",
    InvalidHostId = "InvalidHostID",
    SessionActive = "SessionActive",
    SessionInactive = "SessionInactive",
    MissingSessionId = "MissingSessionID",
    InvalidSessionId = "InvalidSessionID",
    MissingService = "MissingService",
    InvalidService = "InvalidService",
    ServiceLimit = "ServiceLimit",
    MissingPairRecord = "MissingPairRecord",
    SavePairRecordFailed = "SavePairRecordFailed",
    InvalidPairRecord = "InvalidPairRecord",
    ServiceProhibited = "ServiceProhibited",
    EscrowLocked = "EscrowLocked",
    PairingProhibitedOverThisConnection = "PairingProhibitedOverThisConnection",
    FindMyProtected = "FMiPProtected",
    McProtected = "MCProtected",
    McChallengeRequired = "MCChallengeRequired",
}

impl LockdownError {
    /// The one thing to do now.
    #[must_use]
    pub fn remedy(self) -> Remedy {
        match self {
            Self::PasswordProtected | Self::EscrowLocked => Remedy::PlugInAndUnlock,
            Self::UserDeniedPairing | Self::PairingDialogResponsePending => Remedy::UnlockAndTrust,
            Self::InvalidHostId
            | Self::MissingHostId
            | Self::InvalidPairRecord
            | Self::MissingPairRecord
            | Self::SavePairRecordFailed => Remedy::PairAgain,
            Self::ServiceLimit => Remedy::RestartPhone,
            Self::McProtected | Self::McChallengeRequired | Self::ServiceProhibited | Self::FindMyProtected => {
                Remedy::AskHolderOrAdministrator
            }
            _ => Remedy::AskHelpdesk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_one_refusal_and_its_own() {
        for error in LockdownError::ALL {
            let word = error.word().unwrap_or_default();
            assert_eq!(LockdownError::from_word(word), *error);
            assert_eq!(error.to_string(), word);
        }
        assert_eq!(LockdownError::ALL.len(), 27);
        assert_eq!(LockdownError::from_word("passwordprotected"), LockdownError::Other, "words are exact");
        assert_eq!(LockdownError::from_word("/private/var/mobile"), LockdownError::Other);
        assert!(!LockdownError::from_word("/private/var/mobile").to_string().contains("mobile"));
    }
}
