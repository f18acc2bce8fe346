//! WhatsApp and WhatsApp Business on Android.
//!
//! [`wanted`] says which files of a phone are needed and finds them in a listing; [`backup`] unlocks them; [`reader`] turns
//! `msgstore.db` and `wa.db` into records. Facts about paths, containers and schemas: `reference/android.md §2`.

pub mod backup;
pub(crate) mod parties;
pub mod reader;
pub mod wanted;

use serde::{Deserialize, Serialize};

/// The two apps. They keep the same files under different names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edition {
    WhatsApp,
    Business,
}

impl Edition {
    pub const ALL: [Self; 2] = [Self::WhatsApp, Self::Business];

    /// The name of the app in records.
    #[must_use]
    pub fn app(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Business => "whatsapp-business",
        }
    }

    /// Android's package name.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::WhatsApp => "com.whatsapp",
            Self::Business => "com.whatsapp.w4b",
        }
    }

    /// The name of the app's folder in shared storage.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::WhatsApp => "WhatsApp",
            Self::Business => "WhatsApp Business",
        }
    }
}
