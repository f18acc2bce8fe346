//! Which files of a backup Messages needs, and which of them a message means.
//!
//! Items of an iPhone's backup are called `<domain>/<relative path>`. Names are compared with regard to case: the settings have
//! a twin of another case that holds something else (`reference/ios.md §6`).

use uitlezen_evidence::{ItemName, NameError, Pattern, PatternError};

/// The messages.
pub const SMS_DB: &str = "HomeDomain/Library/SMS/sms.db";
/// The address book: asked for the names of participants only.
pub const ADDRESS_BOOK: &str = "HomeDomain/Library/AddressBook/AddressBook.sqlitedb";
/// The settings of Messages.
pub const SETTINGS: &str = "HomeDomain/Library/Preferences/com.apple.MobileSMS.plist";

/// Where attachments lie, and how the database writes that.
const ATTACHMENTS: &str = "MediaDomain/Library/SMS/Attachments";
const HOME: [&str; 2] = ["~/", "/var/mobile/"];

/// The databases with the logs beside them, and the settings.
pub fn wanted_databases() -> Result<Vec<Pattern>, PatternError> {
    let databases =
        [SMS_DB, ADDRESS_BOOK].into_iter().flat_map(|name| ["", "-wal", "-journal"].map(|end| format!("{name}{end}")));
    databases.chain([SETTINGS.to_owned()]).map(|name| Pattern::new(&name)).collect()
}

/// Attachments that messages may name.
pub fn wanted_media() -> Result<Vec<Pattern>, PatternError> {
    Ok(vec![Pattern::new(&format!("{ATTACHMENTS}/**/*"))?])
}

/// The item that a `filename` of the database means. A path that climbs or leads out of the attachments means none.
pub fn attachment(filename: &str) -> Result<ItemName, NameError> {
    let below = HOME.iter().find_map(|home| filename.strip_prefix(home)).ok_or(NameError::Absolute)?;
    let name = ItemName::new(format!("MediaDomain/{below}"))?;
    let inside = name.as_str().strip_prefix(ATTACHMENTS).is_some_and(|rest| rest.starts_with('/'));
    if inside { Ok(name) } else { Err(NameError::Climbs) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn databases_with_their_logs_are_wanted_and_the_twin_of_another_case_is_not() {
        let wanted = wanted_databases().unwrap();
        let any = |name: &str| wanted.iter().any(|p| p.matches(&ItemName::new(name).unwrap()));
        for name in [SMS_DB, "HomeDomain/Library/SMS/sms.db-wal", ADDRESS_BOOK, SETTINGS] {
            assert!(any(name), "{name}");
        }
        assert!(!any("HomeDomain/Library/SMS/sms.db-shm"));
        assert!(!any("HomeDomain/Library/AddressBook/AddressBookImages.sqlitedb"));
        assert!(!any("MediaDomain/Library/SMS/sms.db"));
        let media = wanted_media().unwrap();
        assert!(media.iter().any(|p| p.matches(&ItemName::new(format!("{ATTACHMENTS}/1a/10/at_0_X/IMG_1.heic")).unwrap())));
    }

    #[test]
    fn a_path_of_a_message_finds_its_item_and_a_hostile_one_finds_none() {
        for path in ["~/Library/SMS/Attachments/1a/10/X/IMG_1.heic", "/var/mobile/Library/SMS/Attachments/1a/10/X/IMG_1.heic"] {
            assert_eq!(attachment(path).unwrap().as_str(), "MediaDomain/Library/SMS/Attachments/1a/10/X/IMG_1.heic");
        }
        for path in [
            "~/Library/SMS/Attachments/../../Preferences/x.plist",
            "~/Library/SMS/Attachments",
            "~/Library/SMS/AttachmentsOther/x",
            "~/Library/Notes/x",
            "/etc/passwd",
            "",
            "~/",
            "~/Library/SMS/Attachments//x",
        ] {
            assert!(attachment(path).is_err(), "{path}");
        }
    }
}
