//! Which files of a backup WhatsApp needs, and which of them a message means.
//!
//! Items of an iPhone's backup are called `<domain>/<relative path>` (`reference/ios.md §3.7`, §5).

use crate::whatsapp::Edition;
use uitlezen_evidence::{ItemName, NameError, Pattern, PatternError};

fn domain(edition: Edition) -> &'static str {
    match edition {
        Edition::WhatsApp => "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        Edition::Business => "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
    }
}

fn below(edition: Edition, name: &str) -> String {
    format!("{}/{name}", domain(edition))
}

/// The conversations. Where the app is installed and this is not there, its end-to-end encrypted backup is on: then chats are
/// left out of every other backup (`reference/ios.md §4`).
#[must_use]
pub fn chat_storage(edition: Edition) -> String {
    below(edition, "ChatStorage.sqlite")
}

/// The app's copy of the address book.
#[must_use]
pub fn contacts(edition: Edition) -> String {
    below(edition, "ContactsV2.sqlite")
}

/// Which number belongs to which hidden id.
#[must_use]
pub fn lid(edition: Edition) -> String {
    below(edition, "LID.sqlite")
}

/// The call log.
#[must_use]
pub fn calls(edition: Edition) -> String {
    below(edition, "CallHistory.sqlite")
}

/// The settings, in which the app names the holder.
#[must_use]
pub fn settings(edition: Edition) -> String {
    let group = domain(edition).trim_start_matches("AppDomainGroup-");
    below(edition, &format!("Library/Preferences/{group}.plist"))
}

/// The databases with the logs beside them, and the settings.
pub fn wanted_databases(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    let all = [chat_storage(edition), contacts(edition), lid(edition), calls(edition)];
    let with_logs = all.iter().flat_map(|name| ["", "-wal", "-journal"].map(|end| format!("{name}{end}")));
    with_logs.chain([settings(edition)]).map(|name| Pattern::new(&name)).collect()
}

/// Media that messages may name.
pub fn wanted_media(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    Ok(vec![Pattern::new(&below(edition, "Message/Media/**/*"))?])
}

/// The item that a `ZMEDIALOCALPATH` means. A path that climbs or leads out of the media means none.
pub fn media(edition: Edition, path: &str) -> Result<ItemName, NameError> {
    let root = below(edition, "Message");
    let name = ItemName::new(format!("{root}/{path}"))?;
    let inside = name.as_str().strip_prefix(&root).is_some_and(|rest| rest.starts_with("/Media/"));
    if inside { Ok(name) } else { Err(NameError::Climbs) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_app_wants_its_own_databases_and_media() {
        let wanted = wanted_databases(Edition::Business).unwrap();
        let any = |patterns: &[Pattern], name: &str| patterns.iter().any(|p| p.matches(&ItemName::new(name).unwrap()));
        for name in [chat_storage(Edition::Business), contacts(Edition::Business) + "-wal", lid(Edition::Business)] {
            assert!(any(&wanted, &name), "{name}");
        }
        assert!(!any(&wanted, &chat_storage(Edition::WhatsApp)));
        let plist = "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared/Library/Preferences/group.net.whatsapp.WhatsAppSMB.shared.plist";
        assert!(any(&wanted, plist) && settings(Edition::Business) == plist);
        assert!(!any(&wanted, "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared/ChatStorage.sqlite-shm"));
        let media = wanted_media(Edition::WhatsApp).unwrap();
        assert!(any(&media, "AppDomainGroup-group.net.whatsapp.WhatsApp.shared/Message/Media/1@g.us/a/b/x.jpg"));
        assert!(!any(&media, "AppDomainGroup-group.net.whatsapp.WhatsApp.shared/Media/Profile/x.jpg"));
    }

    #[test]
    fn a_path_of_a_message_finds_its_item_and_a_hostile_one_finds_none() {
        let item = media(Edition::WhatsApp, "Media/31612345678@s.whatsapp.net/a/b/x.jpg").unwrap();
        let expected = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared/Message/Media/31612345678@s.whatsapp.net/a/b/x.jpg";
        assert_eq!(item.as_str(), expected);
        for path in ["../ChatStorage.sqlite", "Media/../../x", "Profile/x", "Media", "", "/Media/x", "Media//x", "Media/x\0"] {
            assert!(media(Edition::WhatsApp, path).is_err(), "{path:?}");
        }
    }
}
