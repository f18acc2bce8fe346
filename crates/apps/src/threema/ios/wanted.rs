//! Which files of a backup Threema needs, and which of them a message means.

use crate::threema::Edition;
use uitlezen_evidence::{ItemName, NameError, Pattern, PatternError};

/// Where binary attributes lie that are not in the database.
const SUPPORT: &str = ".ThreemaData_SUPPORT/_EXTERNAL_DATA";

fn below(edition: Edition, name: &str) -> String {
    format!("AppDomainGroup-{}/{name}", edition.group())
}

/// The messages.
#[must_use]
pub fn data(edition: Edition) -> String {
    below(edition, "ThreemaData.sqlite")
}

/// The settings that the app shares with its extensions. That this is the file's name follows a convention; nobody has seen it
/// in a backup (`reference/ios.md §7`).
#[must_use]
pub fn settings(edition: Edition) -> String {
    below(edition, &format!("Library/Preferences/{}.plist", edition.group()))
}

/// The app's own settings, in which an administrator's may stand; of the business apps only.
#[must_use]
pub fn managed_settings(edition: Edition) -> Option<String> {
    let bundle = edition.bundle();
    edition.is_managed().then(|| format!("AppDomain-{bundle}/Library/Preferences/{bundle}.plist"))
}

/// The database with the logs beside it, and the settings.
pub fn wanted_databases(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    let data = ["", "-wal", "-journal"].map(|end| format!("{}{end}", data(edition)));
    data.into_iter().chain([settings(edition)]).chain(managed_settings(edition)).map(|name| Pattern::new(&name)).collect()
}

/// Files that messages may name.
pub fn wanted_media(edition: Edition) -> Result<Vec<Pattern>, PatternError> {
    Ok(vec![Pattern::new(&below(edition, &format!("{SUPPORT}/*")))?])
}

/// The item of an external attribute. Only a UUID names one.
pub fn media(edition: Edition, path: &str) -> Result<ItemName, NameError> {
    let name = path.strip_prefix(SUPPORT).and_then(|rest| rest.strip_prefix('/')).filter(|name| is_uuid(name));
    match name {
        Some(_) => ItemName::new(below(edition, path)),
        None => Err(NameError::Climbs),
    }
}

/// The path, below the app's folder, of the external attribute of this name.
pub(super) fn external(uuid: &str) -> Option<String> {
    is_uuid(uuid).then(|| format!("{SUPPORT}/{uuid}"))
}

fn is_uuid(name: &str) -> bool {
    name.len() == 36 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_edition_wants_its_own_files() {
        for edition in Edition::ALL {
            let (databases, media) = (wanted_databases(edition).unwrap(), wanted_media(edition).unwrap());
            let any = |all: &[Pattern], name: &str| all.iter().any(|p| p.matches(&ItemName::new(name).unwrap()));
            assert!(any(&databases, &data(edition)) && any(&databases, &settings(edition)));
            assert_eq!(managed_settings(edition).is_some(), edition != Edition::Threema);
            for other in Edition::ALL.into_iter().filter(|other| *other != edition) {
                assert!(!any(&databases, &data(other)));
            }
            let file = external("01234567-89AB-CDEF-0123-456789ABCDEF").unwrap();
            assert!(any(&media, super::media(edition, &file).unwrap().as_str()));
        }
        assert_eq!(
            settings(Edition::Work),
            "AppDomainGroup-group.ch.threema.work/Library/Preferences/group.ch.threema.work.plist"
        );
        assert_eq!(
            managed_settings(Edition::Work).unwrap(),
            "AppDomain-ch.threema.work.iapp/Library/Preferences/ch.threema.work.iapp.plist"
        );
    }

    #[test]
    fn only_a_uuid_is_a_file() {
        for name in
            ["../../ThreemaData.sqlite", "", "01234567-89AB-CDEF-0123-456789ABCDE/", "01234567-89AB-CDEF-0123-456789ABCDEFF"]
        {
            assert_eq!(external(name), None, "{name}");
            assert!(media(Edition::Threema, &format!("{SUPPORT}/{name}")).is_err(), "{name}");
        }
        assert!(media(Edition::Threema, "ThreemaData.sqlite").is_err());
    }
}
