//! Why a vault cannot be made, opened or written, by what the person at the desk can do.

use crate::TokenTrouble;
use std::io;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("there is already a vault here")]
    Exists,
    #[error("there is no vault here yet")]
    Absent,
    #[error("a vault needs at least one recovery recipient")]
    NoRecovery,
    #[error("this is not a recovery recipient (age1…)")]
    BadRecipient,
    #[error("this is not a recovery identity (AGE-SECRET-KEY-1…)")]
    BadIdentity,
    #[error("the passphrase or credential is not the one of this vault")]
    WrongSecret,
    #[error("the vault has no lock of this kind")]
    NoSuchLock,
    #[error("this recovery identity does not open this vault")]
    NotForThisIdentity,
    /// It stands in another state folder or on another machine than the one it was made on.
    #[error("this is the vault of another station")]
    Elsewhere,
    #[error("a vault keeps at least one lock")]
    LastLock,
    #[error("the vault has no lock of that number")]
    NoLockOfThatNumber,
    #[error("larger than such a secret can be")]
    TooLarge,
    #[error(transparent)]
    Token(#[from] TokenTrouble),
    #[error("the vault is damaged: {0}")]
    Damaged(&'static str),
    #[error("another process has held the vault too long")]
    Busy,
    #[error("the vault is full: nothing was changed")]
    Full,
    #[error("the vault was made by a newer version ({0})")]
    Newer(u32),
    #[error("the vault cannot be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("the system gave no random numbers")]
    Random,
}
