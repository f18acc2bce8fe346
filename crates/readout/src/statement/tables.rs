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
    /// Threema's data backup.
    ThreemaBackup,
    /// Content providers of a phone: SMS and MMS.
    AndroidProviders,
    /// A file of adb backup: the same.
    AdbBackup,
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
    /// With something that only the holder can make or give.
    FromHolder,
    /// By a way of the app's own, outside this program.
    ViaExport,
    /// By whoever administers it elsewhere.
    Administered,
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
    /// Name on Android, where it exists there.
    #[serde(default)]
    pub package: Option<String>,
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
            Platform::Android => self.package.as_deref(),
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

/// One sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InBothLanguages {
    pub nl: String,
    pub en: String,
}

/// All of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatApps {
    pub checked: Date,
    /// What is said of an app in another profile of the phone.
    pub profile: InBothLanguages,
    #[serde(rename = "app")]
    pub apps: Vec<ChatApp>,
}

impl ChatApps {
    #[must_use]
    pub fn all() -> Self {
        let none = Self { checked: Date::ZERO, profile: InBothLanguages::default(), apps: Vec::new() };
        toml::from_str(CHAT_APPS).unwrap_or(none)
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
            Route::ThreemaBackup,
            Route::AndroidProviders,
            Route::AdbBackup,
        ] {
            assert!(!BlindSpots::of(&[route].into()).spots.is_empty(), "{route:?}");
        }
        assert!(BlindSpots::of(&BTreeSet::new()).spots.is_empty());
    }

    fn is_name(name: &str) -> bool {
        name.contains('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    }

    #[test]
    fn every_chat_app_has_a_name_on_a_phone_and_says_in_both_languages_what_can_be_had() {
        let table: ChatApps = toml::from_str(CHAT_APPS).unwrap();
        let both = |nl: &str, en: &str| !nl.trim().is_empty() && !en.trim().is_empty() && nl != en;
        assert!(both(&table.profile.nl, &table.profile.en));
        let mut ids = BTreeSet::new();
        for app in &table.apps {
            assert!(ids.insert(&app.id), "{} twice", app.id);
            assert!(app.package.is_some() || app.bundle.is_some(), "{}", app.id);
            for platform in [Platform::Android, Platform::Iphone] {
                assert!(app.name_on(platform).is_none_or(is_name), "{}", app.id);
                let (_, nl, en) = app.on(platform);
                assert!(both(nl, en), "{}", app.id);
            }
            assert!(!app.name.trim().is_empty() && !app.source.trim().is_empty(), "{}", app.id);
            assert!(app.checked <= table.checked, "{}", app.id);
        }
        for platform in [Platform::Android, Platform::Iphone] {
            let names: Vec<&str> = table.apps.iter().filter_map(|app| app.name_on(platform)).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "a name twice");
        }
        assert_eq!(table.apps.iter().map(|app| app.checked).max(), Some(table.checked));
    }

    #[test]
    fn what_this_version_reads_is_said_to_be_readable_and_nothing_else() {
        use uitlezen_apps::App;
        let table: ChatApps = toml::from_str(CHAT_APPS).unwrap();
        for platform in [Platform::Android, Platform::Iphone] {
            let there = table.apps.iter().filter(|app| app.name_on(platform).is_some());
            let said = there.filter(|app| matches!(app.on(platform).0, Reachable::Readable | Reachable::FromHolder));
            let read = App::ALL.into_iter().filter(|app| is_read_on(platform, *app)).map(App::word);
            assert_eq!(said.map(|app| app.id.as_str()).collect::<BTreeSet<_>>(), read.collect::<BTreeSet<_>>());
        }
        for app in App::ALL {
            let row = table.named(app.word()).unwrap();
            // An iPhone keeps SMS with iMessage.
            let bundle = Some(app.bundle()).filter(|_| app != App::Sms);
            assert_eq!((row.bundle.as_deref(), row.package.as_deref()), (bundle, app.package()));
        }
    }

    #[test]
    fn each_of_the_four_answers_is_given_and_the_apps_of_the_guidance_are_known() {
        let table: ChatApps = toml::from_str(CHAT_APPS).unwrap();
        let reach = |id: &str| table.named(id).map(|app| app.on(Platform::Android).0);
        for (id, expected) in [
            ("whatsapp", Reachable::FromHolder),
            ("telegram", Reachable::ViaExport),
            ("messenger", Reachable::ViaExport),
            ("x", Reachable::ViaExport),
            ("instagram", Reachable::ViaExport),
            ("teams", Reachable::Administered),
            ("slack", Reachable::Administered),
            ("element", Reachable::Administered),
            ("session", Reachable::None),
            ("viber", Reachable::None),
            ("snapchat", Reachable::None),
            ("discord", Reachable::None),
            ("wire", Reachable::None),
        ] {
            assert_eq!(reach(id), Some(expected), "{id}");
        }
        for id in ["signal", "threema", "threema-work", "threema-onprem", "google-messages", "samsung-messages"] {
            assert!(reach(id).is_some(), "{id}");
        }
        assert_eq!(table.named("imessage").map(|app| app.on(Platform::Iphone).0), Some(Reachable::Readable));
    }
}
