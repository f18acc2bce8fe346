//! The three apps.

use serde::{Deserialize, Serialize};

/// One of the three. They keep the same files in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edition {
    Threema,
    Work,
    #[serde(rename = "onprem")]
    OnPrem,
}

impl Edition {
    pub const ALL: [Self; 3] = [Self::Threema, Self::Work, Self::OnPrem];

    /// The name of the app in records.
    #[must_use]
    pub fn app(self) -> &'static str {
        match self {
            Self::Threema => "threema",
            Self::Work => "threema-work",
            Self::OnPrem => "threema-onprem",
        }
    }

    /// The app group that an iPhone keeps its files under.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::Threema => "group.ch.threema",
            Self::Work => "group.ch.threema.work",
            Self::OnPrem => "group.ch.threema.onprem",
        }
    }

    /// The bundle identifier, by the app's own build settings.
    #[must_use]
    pub fn bundle(self) -> &'static str {
        match self {
            Self::Threema => "ch.threema.iapp",
            Self::Work => "ch.threema.work.iapp",
            Self::OnPrem => "ch.threema.onprem.iapp",
        }
    }

    /// An administrator may set how long messages are kept.
    #[must_use]
    pub fn is_managed(self) -> bool {
        self != Self::Threema
    }
}
