//! Why a run ended without a seal.

use crate::{
    child::ChildError,
    earlier::EarlierError,
    link::{LinkError, LinkFailure},
    reader::{ReadFailure, ReaderError},
};
use uitlezen_seal::store::{SealError, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The phone, or the way to it.
    #[error("the phone: {0:?}")]
    Phone(LinkFailure),
    /// Not the phone that the plan names; nothing was pulled.
    #[error("another phone than the plan names")]
    OtherPhone,
    /// No backup of an asked app was found.
    #[error("no backup of {app}")]
    NoApp { app: &'static str },
    /// The backup could not be opened or read.
    #[error("{app}: {}", .failure.word())]
    App { app: &'static str, failure: ReadFailure },
    /// The secret that was given now does not open what was fetched with another one: the run may be gone on with.
    #[error("{app}: {}", .failure.word())]
    Locked { app: &'static str, failure: ReadFailure },
    #[error(transparent)]
    Child(ChildError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the seal could not be closed: {0}")]
    Seal(#[from] SealError),
    #[error("the vault: {0}")]
    Vault(#[from] uitlezen_vault::VaultError),
    /// Raw databases hold what is left out.
    #[error("raw databases beside conversations that are left out, and no decision about it")]
    SourcesBesideExclusions,
    /// Nobody could open what waits for a decision.
    #[error("the plan names nobody for role scheiding")]
    NobodyDecides,
    #[error("{needed} bytes are needed and {free} are free")]
    NoSpace { needed: u64, free: u64 },
    /// The iPhone does not say whether its backups are encrypted.
    #[error("the phone does not say whether it encrypts its backups")]
    EncryptionUnknown,
    /// A password would have to be set on the phone, which is its holder's to agree to.
    #[error("a backup password must be set and the holder is not there")]
    HolderAbsent,
    /// Another run reads this phone now.
    #[error("another run has this phone")]
    PhoneInUse,
    /// The state folder cannot be written.
    #[error("the state folder: {0}")]
    State(std::io::ErrorKind),
    /// The list of earlier seals could not be read from the disk.
    #[error(transparent)]
    Earlier(#[from] EarlierError),
    /// The seal was closed, and its file is not that seal: something else wrote there, or the disk did not keep it.
    #[error("the seal {file} is not as it was closed")]
    NotVerified { file: String },
    /// The run was sealed before it was broken off.
    #[error("this run was sealed already")]
    SealedAlready,
    /// The work store was left by a version of this program whose notes this one does not understand.
    #[error("the work store is of another version")]
    OtherVersion,
    /// The work store holds nothing that could be gone on with.
    #[error("nothing was kept of this run")]
    NothingKept,
    #[error("the system gave no random numbers")]
    Random,
    #[error("cancelled")]
    Cancelled,
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl RunError {
    /// Whether trying again with the same work store could not help: it is destroyed then.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::App { .. } | Self::NoApp { .. } | Self::OtherPhone)
    }
}

impl RunError {
    /// A stable word for the ledger.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::OtherPhone => "other-phone",
            Self::NoApp { .. } => "no-app",
            Self::App { failure, .. } | Self::Locked { failure, .. } => failure.word(),
            Self::Child(_) => "child",
            Self::Store(_) | Self::NoSpace { .. } => "disk",
            Self::Seal(_) => "seal",
            Self::Vault(_) => "vault",
            Self::EncryptionUnknown => "encryption-unknown",
            Self::HolderAbsent => "holder-absent",
            Self::PhoneInUse => "phone-in-use",
            Self::State(_) | Self::Earlier(_) => "state",
            Self::NotVerified { .. } => "not-verified",
            Self::SealedAlready => "sealed-already",
            Self::OtherVersion => "other-version",
            Self::NothingKept => "nothing-kept",
            Self::SourcesBesideExclusions => "sources-beside-exclusions",
            Self::NobodyDecides => "nobody-decides",
            Self::Random | Self::Internal(_) => "internal",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<ChildError> for RunError {
    fn from(error: ChildError) -> Self {
        match error {
            ChildError::Cancelled => Self::Cancelled,
            other => Self::Child(other),
        }
    }
}

impl From<LinkError> for RunError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Phone(failure) => Self::Phone(failure),
            LinkError::Child(child) => child.into(),
            LinkError::Keep(source) => kept(source),
        }
    }
}

impl RunError {
    pub(crate) fn reading(app: &'static str, error: ReaderError) -> Self {
        match error {
            ReaderError::Cannot(failure) => Self::App { app, failure },
            ReaderError::Child(child) => child.into(),
            ReaderError::Keep(source) => kept(source),
        }
    }
}

impl From<ReaderError> for RunError {
    fn from(error: ReaderError) -> Self {
        Self::reading("whatsapp", error)
    }
}

/// What failed was the keeping of bytes: the work store.
fn kept(source: Box<dyn std::error::Error + Send + Sync>) -> RunError {
    match source.downcast::<StoreError>() {
        Ok(store) => RunError::Store(*store),
        Err(_) => RunError::Internal("keeping"),
    }
}
