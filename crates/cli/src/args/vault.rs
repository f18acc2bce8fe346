//! `vault` / `kluis`.

use super::Secrets;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Vault {
    #[command(subcommand)]
    pub what: VaultWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultWhat {
    /// Locks, recovery recipients, and how many secrets of each kind.
    #[command(visible_alias = "stand")]
    Status {
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Another passphrase.
    #[command(visible_alias = "wachtwoord")]
    Passphrase {
        #[command(flatten)]
        secrets: Secrets,
    },
    /// More ways to unlock, or fewer.
    #[command(visible_alias = "slot")]
    Lock {
        #[command(subcommand)]
        what: LockWhat,
    },
    /// For whom the vault's key is wrapped.
    #[command(visible_alias = "herstelontvangers")]
    Recipients {
        #[arg(long, value_name = "age1…", required = true)]
        recovery: Vec<String>,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Opens with a recovery key and sets a new passphrase.
    #[command(visible_alias = "herstel")]
    Recover {
        #[arg(long, value_name = "KEY")]
        identity: PathBuf,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Makes this the home of a vault that was moved here.
    #[command(visible_alias = "neem-over")]
    Adopt {
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LockWhat {
    #[command(visible_alias = "erbij")]
    Add {
        #[command(flatten)]
        secrets: Secrets,
    },
    #[command(visible_alias = "weg")]
    Remove {
        /// As `vault status` counts them.
        number: usize,
        #[command(flatten)]
        secrets: Secrets,
    },
}
