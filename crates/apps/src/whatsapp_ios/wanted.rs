//! Which files of a backup WhatsApp needs, which of them a message means, and what it says when they are not there.
//!
//! Items of an iPhone's backup are called `<domain>/<relative path>`.

use super::Edition;
use serde::{Deserialize, Serialize};
use uitlezen_evidence::{ItemName, NameError, Pattern, PatternError};

/// The messages.
pub const CHAT_STORAGE: &str = "ChatStorage.sqlite";
/// Contacts of the app.
pub const CONTACTS: &str = "ContactsV2.sqlite";
/// Hidden ids and the numbers behind them.
pub const LIDS: &str = "LID.sqlite";
/// The call log.
pub const CALLS: &str = "CallHistory.sqlite";

/// Where media lies, and how the database begins its paths.
const MEDIA: &str = "Message/Media";
const PATHS: &str = "Media/";

/// The domain in which an edition keeps its files.
#[must_use]
pub fn domain(edition: Edition) -> &'static str {
    match edition {
        Edition::WhatsApp => "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        Edition::Business => "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
    }
}

/// The name by which the phone lists the app.
#[must_use]
pub fn bundle(edition: Edition) -> &'static str {
    match edition {
        Edition::WhatsApp => "net.whatsapp.WhatsApp",
        Edition::Business => "net.whatsapp.WhatsAppSMB",
    }
}

/// The settings that say who the holder is.
#[must_use]
pub fn settings(edition: Edition) -> String {
    let group = domain(edition).trim_start_matches("AppDomainGroup-");
    format!("{}/Library/Preferences/{group}.plist", domain(edition))
}

/// The item of one of the databases.
#[must_use]
pub fn database(edition: Edition, name: &str) -> String {
    format!("{}/{name}", domain(edition))
}

/// The databases with the logs beside them, and the settings.
pub fn wanted_databases(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    let databases = [CHAT_STORAGE, CONTACTS, LIDS, CALLS]
        .into_iter()
        .flat_map(|name| ["", "-wal", "-journal"].map(|end| format!("{}{end}", database(edition, name))));
    databases.chain([settings(edition)]).map(|name| Pattern::new(&name)).collect()
}

/// Media that messages may name.
pub fn wanted_media(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    Ok(vec![Pattern::new(&format!("{}/{MEDIA}/**/*", domain(edition)))?])
}

/// The item that a `ZMEDIALOCALPATH` means. A path that climbs or leads out of the media means none.
pub fn attachment(edition: Edition, path: &str) -> Result<ItemName, NameError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if !path.starts_with(PATHS) {
        return Err(NameError::Climbs);
    }
    ItemName::new(format!("{}/Message/{path}", domain(edition)))
}

/// Whether an edition's messages are in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    Here,
    /// The app is installed and its messages are not in the backup: its own end-to-end backup is on, an administrator keeps the
    /// app out of backups, or it was never opened (`reference/ios.md §3.6, §4`). Never the same as "no messages".
    Withheld,
    NotInstalled,
    /// Nothing of it is here, and nobody said which apps are installed.
    NotKnown,
}

/// `installed`: what the phone or the backup says of the app, if it says anything. `items`: what the backup holds.
#[must_use]
pub fn presence<'n>(edition: Edition, installed: Option<bool>, items: impl IntoIterator<Item = &'n ItemName>) -> Presence {
    let storage = database(edition, CHAT_STORAGE);
    let mut others = false;
    for name in items {
        if name.as_str() == storage {
            return Presence::Here;
        }
        others |= name.components().next() == Some(domain(edition));
    }
    match installed {
        Some(true) => Presence::Withheld,
        // Files of the app without the app: it was removed, or the list of apps is not whole.
        _ if others => Presence::Withheld,
        Some(false) => Presence::NotInstalled,
        None => Presence::NotKnown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn item(name: &str) -> ItemName {
        ItemName::new(name).unwrap()
    }

    #[test]
    fn databases_and_media_of_one_edition_are_wanted_and_nothing_of_the_other() {
        for (edition, other) in [(Edition::WhatsApp, Edition::Business), (Edition::Business, Edition::WhatsApp)] {
            let (databases, media) = (wanted_databases(edition).unwrap(), wanted_media(edition).unwrap());
            let any = |all: &[Pattern], name: String| all.iter().any(|p| p.matches(&item(&name)));
            for name in [CHAT_STORAGE, "ChatStorage.sqlite-wal", CONTACTS, LIDS, CALLS] {
                assert!(any(&databases, database(edition, name)), "{name}");
                assert!(!any(&databases, database(other, name)), "{name}");
            }
            assert!(any(&databases, settings(edition)));
            assert!(!any(&databases, database(edition, "ChatStorage.sqlite-shm")));
            assert!(any(&media, format!("{}/Message/Media/31612345678@s.whatsapp.net/a/b/x.jpg", domain(edition))));
            assert!(!any(&media, format!("{}/Media/Profile/Photo.jpg", domain(edition))));
        }
        let plist =
            "AppDomainGroup-group.net.whatsapp.WhatsApp.shared/Library/Preferences/group.net.whatsapp.WhatsApp.shared.plist";
        assert_eq!(settings(Edition::WhatsApp), plist);
    }

    #[test]
    fn a_path_of_a_message_finds_its_item_and_a_hostile_one_finds_none() {
        let whole = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared/Message/Media/1@g.us/a/b/x.jpg";
        for path in ["Media/1@g.us/a/b/x.jpg", "/Media/1@g.us/a/b/x.jpg"] {
            assert_eq!(attachment(Edition::WhatsApp, path).unwrap().as_str(), whole);
        }
        for path in
            ["", "Media/../../ChatStorage.sqlite", "../x", "ChatStorage.sqlite", "Media/", "//Media/x", "Media//x", "Media/\0"]
        {
            assert!(attachment(Edition::WhatsApp, path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn withheld_absent_and_unknown_are_different_answers() {
        let of = |installed, names: &[&str]| {
            let items: Vec<ItemName> = names.iter().map(|name| item(name)).collect();
            presence(Edition::WhatsApp, installed, &items)
        };
        let domain = domain(Edition::WhatsApp);
        let (storage, other) = (format!("{domain}/ChatStorage.sqlite"), format!("{domain}/Sticker.sqlite"));
        assert_eq!(of(Some(true), &[&storage]), Presence::Here);
        assert_eq!(of(Some(true), &[&other]), Presence::Withheld);
        assert_eq!(of(Some(true), &[]), Presence::Withheld);
        assert_eq!(of(None, &[&other]), Presence::Withheld);
        assert_eq!(of(Some(false), &[]), Presence::NotInstalled);
        assert_eq!(of(None, &["HomeDomain/Library/SMS/sms.db"]), Presence::NotKnown);
    }
}
