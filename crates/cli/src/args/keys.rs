//! `keys` / `sleutels`.

use super::Secrets;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    pub what: KeysWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysWhat {
    /// Makes a key.
    #[command(visible_alias = "nieuw")]
    New {
        #[command(subcommand)]
        kind: NewKey,
    },
    /// Keeps an app's key in the vault by the holder's choice.
    #[command(visible_alias = "bewaar")]
    Keep {
        #[arg(long, value_name = "FILE")]
        plan: PathBuf,
        #[arg(long, default_value = "whatsapp")]
        app: HolderSecret,
        #[arg(long, value_name = "WHO")]
        chosen_by: String,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Erases an app's key from the vault.
    #[command(visible_alias = "wis")]
    Forget {
        #[arg(long, value_name = "FILE", required_unless_present = "phone", conflicts_with = "phone")]
        plan: Option<PathBuf>,
        #[arg(long, value_name = "SERIAL")]
        phone: Option<String>,
        #[arg(long, default_value = "whatsapp")]
        app: HolderSecret,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// The identity of the organisation towards supervised iPhones.
    #[command(visible_alias = "toezicht")]
    Supervision {
        #[command(subcommand)]
        what: SupervisionWhat,
    },
    /// Really opens with the keys in the safe.
    #[command(visible_alias = "oefen")]
    Drill(Drill),
    /// New keys for the seals to come.
    #[command(visible_alias = "vervang")]
    Rotate(Rotate),
    /// Prints the station's certificate.
    #[command(visible_alias = "certificaat")]
    Certificate {
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SupervisionWhat {
    /// From a .p12 file, as Apple Configurator or the device management exports it.
    #[command(visible_alias = "invoeren")]
    Import {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Erases it from the vault.
    #[command(visible_alias = "wis")]
    Forget {
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HolderSecret {
    #[value(name = "whatsapp")]
    WhatsApp,
    #[value(name = "whatsapp-business")]
    Business,
    /// What opens the backups of an iPhone.
    #[value(name = "iphone-backup")]
    IphoneBackup,
    /// The 30 digits of Signal's backup file.
    #[value(name = "signal-passphrase")]
    SignalPassphrase,
    /// The 64 characters of Signal's backup folder.
    #[value(name = "signal-recovery-key")]
    SignalRecoveryKey,
    /// The password of files of adb backup.
    #[value(name = "adb-backup-password")]
    AdbBackup,
    /// The password of Threema's data backup.
    #[value(name = "threema-password")]
    ThreemaPassword,
}

impl HolderSecret {
    pub(crate) const ALL: [Self; 7] = [
        Self::WhatsApp,
        Self::Business,
        Self::IphoneBackup,
        Self::SignalPassphrase,
        Self::SignalRecoveryKey,
        Self::AdbBackup,
        Self::ThreemaPassword,
    ];

    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Business => "whatsapp-business",
            Self::IphoneBackup => "iphone-backup",
            Self::SignalPassphrase => "signal-passphrase",
            Self::SignalRecoveryKey => "signal-recovery-key",
            Self::AdbBackup => "adb-backup-password",
            Self::ThreemaPassword => "threema-password",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewKey {
    /// The station's vault, signing key and certificate.
    Station {
        #[arg(long)]
        organisation: String,
        #[arg(long)]
        code: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_name = "age1…", required = true)]
        recovery: Vec<String>,
        #[arg(long, default_value_t = 5)]
        years: u16,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// A key that opens a role.
    #[command(visible_alias = "rol")]
    Role {
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// A recovery key: opens what everything else may lose.
    #[command(visible_alias = "herstel")]
    Recovery {
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Drill {
    #[arg(required_unless_present = "plan", conflicts_with = "plan")]
    pub files: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    #[arg(long, value_name = "KEY", required = true)]
    pub identity: Vec<PathBuf>,
    #[arg(long, value_name = "CERT")]
    pub signer: Vec<PathBuf>,
    #[arg(long)]
    pub allow_demo: bool,
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(subcommand)]
    pub what: RotateWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RotateWhat {
    /// A new signing key for this station.
    Station {
        #[arg(long, default_value_t = 5)]
        years: u16,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Another recipient in plans.
    #[command(visible_alias = "ontvanger")]
    Recipient {
        #[arg(required = true)]
        plans: Vec<PathBuf>,
        #[arg(long, value_name = "age1…")]
        old: String,
        #[arg(long, value_name = "age1…")]
        new: String,
    },
}
