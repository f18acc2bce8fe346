//! Paths that the phone names, relative to the folder that holds the backup's folder. None of them leaves it.

use crate::iphone::error::{Breach, IphoneError};

/// Longest path and longest name of a file on the phone.
pub(crate) const LONGEST: u32 = 4096;

/// The path, clean: parts joined by one `/`, the first of them the phone's number. `..`, a root, another phone's folder and
/// characters that no backup has are refused, not mended: what is mended may meet another file's name.
pub(crate) fn clean(path: &str, udid: &str) -> Result<String, IphoneError> {
    let outside = || IphoneError::from(Breach::Unexpected("a path outside the backup"));
    if path.len() > LONGEST as usize || path.starts_with('/') || path.contains('\\') || path.chars().any(char::is_control) {
        return Err(outside());
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.first() != Some(&udid) || parts.contains(&"..") {
        return Err(outside());
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_path_leaves() {
        assert_eq!(clean("u/ab/./abcd", "u").unwrap(), "u/ab/abcd");
        assert_eq!(clean("u", "u").unwrap(), "u");
        for bad in ["", "/u/x", "u/../v", "../u", "v/x", "u\\..\\x", "u/\0", "u/.."] {
            assert!(clean(bad, "u").is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_within_and_stays_itself(path in "[u./a\\\\]{0,12}") {
            if let Ok(taken) = clean(&path, "u") {
                prop_assert!(taken == "u" || taken.starts_with("u/"));
                prop_assert!(taken.split('/').all(|part| part != ".." && !part.is_empty()));
                prop_assert_eq!(clean(&taken, "u").unwrap(), taken);
            }
        }
    }
}
