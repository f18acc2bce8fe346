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

/// The password that was set on an iPhone's backups at enrolment, with its holder present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupPassword {
    password: Hidden,
    /// Who chose that it be set and kept.
    pub chosen_by: String,
    /// Unix seconds.
    pub chosen_at: i64,
}

impl BackupPassword {
    #[must_use]
    pub fn new(password: SecretString, chosen_by: impl Into<String>, chosen_at: i64) -> Self {
        Self { password: Hidden(password), chosen_by: chosen_by.into(), chosen_at }
    }

    #[must_use]
    pub fn password(&self) -> &SecretString {
        &self.password.0
    }
}
