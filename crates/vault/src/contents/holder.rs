//! Secrets that are kept because the holder of a phone chose so. Whose choice it was, as the operator recorded it, and when,
//! stands with each.

use super::Hidden;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Which secret of which phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AppSecretId {
    /// Serial number or UDID.
    pub phone: String,
    /// `whatsapp`, `whatsapp-business`.
    pub app: String,
}

/// A secret that unlocks an app's backups.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSecret {
    secret: Hidden,
    /// Who chose.
    pub chosen_by: String,
    /// Unix seconds.
    pub chosen_at: i64,
}

impl AppSecret {
    #[must_use]
    pub fn new(secret: SecretString, chosen_by: impl Into<String>, chosen_at: i64) -> Self {
        Self { secret: Hidden(secret), chosen_by: chosen_by.into(), chosen_at }
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.0.expose_secret()
    }

    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret.0
    }
}

/// Where the password of an iPhone's backups comes from, and how sure it is that the phone has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordOrigin {
    /// The holder's own, kept by the holder's choice.
    #[default]
    Holder,
    /// Made by this station; the phone was asked to set it and has not answered. It stands here before the phone is asked, so
    /// that no phone has a password that nobody knows.
    Asked,
    /// Made by this station, and set.
    Set,
}

/// The password of an iPhone's backups: kept by the holder's choice, or set by this station with its holder present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupPassword {
    password: Hidden,
    /// Who chose that it be set and kept.
    pub chosen_by: String,
    /// Unix seconds.
    pub chosen_at: i64,
    #[serde(default)]
    pub origin: PasswordOrigin,
}

impl BackupPassword {
    #[must_use]
    pub fn new(password: SecretString, chosen_by: impl Into<String>, chosen_at: i64) -> Self {
        Self { password: Hidden(password), chosen_by: chosen_by.into(), chosen_at, origin: PasswordOrigin::Holder }
    }

    #[must_use]
    pub fn of(self, origin: PasswordOrigin) -> Self {
        Self { origin, ..self }
    }

    #[must_use]
    pub fn password(&self) -> &SecretString {
        &self.password.0
    }
}
