//! Two dated tables that lie beside the code as data: what each route cannot hold, and which chat apps can be read at all.
//!
//! They are compiled in, so that a statement never depends on a file that somebody left out.

use crate::plan::Platform;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const BLIND_SPOTS: &str = include_str!("../../data/blind-spots.toml");
const CHAT_APPS: &str = include_str!("../../data/chat-apps.toml");

/// A way by which data came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// An Android phone over adb.
    AndroidPhone,
    /// A folder or zip with the files of one.
    AndroidFiles,
    /// WhatsApp's local backup, with its increments.
    WhatsappBackup,
    /// WhatsApp's database as it lies on the phone.
    WhatsappDatabase,
    /// The backup that an iPhone makes to a computer.
    IphoneBackup,
    /// Apple's Messages in it.
    ImessageDatabase,
    /// Threema in it.
    ThreemaDatabase,
    /// Signal's backup file.
    SignalFile,
    /// Signal's backup folder.
    SignalFolder,
    /// Content providers of a phone: SMS and MMS.
    AndroidProviders,
}

/// Something that cannot be in a readout by certain routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlindSpot {
    /// Stable word.
    pub id: String,
    pub routes: BTreeSet<Route>,
    /// When somebody last looked whether it still holds.
    pub checked: Date,
    /// Where it is established.
    pub source: String,
    pub nl: String,
    pub en: String,
}

/// The table, or the rows of it that concern a readout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlindSpots {
    /// Date of the table.
    pub checked: Date,
    #[serde(rename = "spot")]
    pub spots: Vec<BlindSpot>,
}

impl BlindSpots {
    /// The rows that hold for any of these routes.
    #[must_use]
    pub fn of(routes: &BTreeSet<Route>) -> Self {
        let mut table: Self = toml::from_str(BLIND_SPOTS).unwrap_or(Self { checked: Date::ZERO, spots: Vec::new() });
        table.spots.retain(|spot| !spot.routes.is_disjoint(routes));
        table
    }
}

/// What can be had of an app (requirement R22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reachable {
    Readable,
    /// By a way of the app's own, outside this program.
    ViaExport,
    /// Cannot be secured.
    None,
}

/// A chat app that may be on a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatApp {
    /// Stable word: `whatsapp`.
    pub id: String,
    pub name: String,
    pub package: String,
    /// Bundle identifier on an iPhone, where it is known.
    #[serde(default)]
    pub bundle: Option<String>,
    /// Where an iPhone differs.
    #[serde(default)]
    pub iphone: Option<OnIphone>,
    pub reach: Reachable,
    pub checked: Date,
    pub source: String,
    pub nl: String,
    pub en: String,
}

/// What can be had of an app on an iPhone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnIphone {
    pub reach: Reachable,
    pub nl: String,
    pub en: String,
}

impl ChatApp {
    /// How such a phone calls it.
    #[must_use]
    pub fn name_on(&self, platform: Platform) -> Option<&str> {
        match platform {
            Platform::Android => Some(&self.package),
            Platform::Iphone => self.bundle.as_deref(),
        }
    }

    /// What can be had of it there, in Dutch and English.
    #[must_use]
    pub fn on(&self, platform: Platform) -> (Reachable, &str, &str) {
        match (&self.iphone, platform) {
            (Some(there), Platform::Iphone) => (there.reach, &there.nl, &there.en),
            _ => (self.reach, &self.nl, &self.en),
        }
    }
}

/// All of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatApps {
    pub checked: Date,
    #[serde(rename = "app")]
    pub apps: Vec<ChatApp>,
}

impl ChatApps {
    #[must_use]
    pub fn all() -> Self {
        toml::from_str(CHAT_APPS).unwrap_or(Self { checked: Date::ZERO, apps: Vec::new() })
    }

    /// The app under its stable word.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<&ChatApp> {
        self.apps.iter().find(|app| app.id == id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::run::is_read_on;

    #[test]
    fn every_blind_spot_has_routes_a_date_a_source_and_both_languages() {
        let table: BlindSpots = toml::from_str(BLIND_SPOTS).unwrap();
        let mut ids = BTreeSet::new();
        for spot in &table.spots {
            assert!(ids.insert(&spot.id), "{} twice", spot.id);
            assert!(!spot.routes.is_empty() && spot.checked <= table.checked, "{}", spot.id);
            assert!([&spot.source, &spot.nl, &spot.en].iter().all(|text| !text.trim().is_empty()), "{}", spot.id);
            assert_ne!(spot.nl, spot.en);
        }
        assert_eq!(table.spots.iter().map(|spot| spot.checked).max(), Some(table.checked));
        for route in [
            Route::AndroidPhone,
            Route::AndroidFiles,
            Route::WhatsappBackup,
            Route::WhatsappDatabase,
            Route::IphoneBackup,
            Route::ImessageDatabase,
            Route::ThreemaDatabase,
            Route::SignalFile,
            Route::SignalFolder,
            Route::AndroidProviders,
        ] {
            assert!(!BlindSpots::of(&[route].into()).spots.is_empty(), "{route:?}");
        }
        assert!(BlindSpots::of(&BTreeSet::new()).spots.is_empty());
    }

    #[test]
    fn every_chat_app_has_a_package_and_says_what_can_be_had() {
        let table: ChatApps = toml::from_str(CHAT_APPS).unwrap();
        let (mut ids, mut packages) = (BTreeSet::new(), BTreeSet::new());
        for app in &table.apps {
            assert!(ids.insert(&app.id) && packages.insert(&app.package), "{} twice", app.id);
            assert!(
                app.package.contains('.') && app.package.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
            );
            assert!([&app.name, &app.source, &app.nl, &app.en].iter().all(|text| !text.trim().is_empty()), "{}", app.id);
            assert!(app.checked <= table.checked);
        }
        // What this version reads is said to be readable, and nothing else.
        use uitlezen_apps::App;
        let readable = |platform| {
            let all = table.apps.iter().filter(|app| app.name_on(platform).is_some());
            all.filter(|app| app.on(platform).0 == Reachable::Readable).map(|app| app.id.as_str()).collect::<Vec<_>>()
        };
        let read = |platform| App::ALL.into_iter().filter(|app| is_read_on(platform, *app)).map(App::word).collect::<Vec<_>>();
        assert_eq!(
            readable(Platform::Android).iter().filter(|id| **id != "imessage").copied().collect::<Vec<_>>(),
            read(Platform::Android)
        );
        assert_eq!(readable(Platform::Iphone), read(Platform::Iphone));
        for app in App::ALL {
            let row = table.named(app.word()).unwrap();
            // An iPhone keeps SMS with iMessage.
            assert_eq!(row.bundle.as_deref(), Some(app.bundle()).filter(|_| app != App::Sms));
            assert!(app.package().is_none_or(|package| row.package == package));
        }
    }
}
