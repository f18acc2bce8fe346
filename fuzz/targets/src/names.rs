//! Names and patterns of evidence items.

use crate::framing::{cut, joined};
use uitlezen_evidence::{ItemName, LONGEST_NAME, Pattern};

/// A name that was taken is one place below a folder, and itself after a round trip.
pub fn item_name(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(name) = ItemName::new(text) else { return };
    assert_eq!(name.as_str(), text);
    assert!(text.len() <= LONGEST_NAME && !text.starts_with('/') && !text.contains(['\\', '\0', '\n']));
    assert!(name.components().all(|part| !matches!(part, "" | "." | "..")));
    assert_eq!(name.components().collect::<Vec<_>>().join("/"), text);
    let below = std::path::Path::new("folder").join(text);
    assert!(below.components().all(|c| matches!(c, std::path::Component::Normal(_))), "it climbs");
    let json = serde_json::to_vec(&name).unwrap();
    assert_eq!(serde_json::from_slice::<ItemName>(&json).unwrap(), name);
    if let Ok(child) = name.join("x") {
        assert_eq!((child.file_name(), child.as_str().len()), ("x", text.len() + 2));
    }
}

pub fn item_name_seeds() -> Vec<Vec<u8>> {
    ["Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15", "Media/.Private/één – foto.jpg", "a/b/c/d", "x"]
        .map(|name| name.as_bytes().to_vec())
        .to_vec()
}

/// A pattern says the same as a slow and simple reading of its rules, and never lets a walker pass by a folder with a match.
pub fn pattern(data: &[u8]) {
    let (pattern, name) = cut(data);
    let (Ok(pattern), Ok(name)) = (std::str::from_utf8(pattern), std::str::from_utf8(name)) else { return };
    let Ok(parsed) = Pattern::new(pattern) else { return };
    assert_eq!(String::from(parsed.clone()), pattern);
    let Ok(name) = ItemName::new(name) else { return };
    let matches = parsed.matches(&name);
    if pattern.len() < 64 && name.as_str().len() < 64 && pattern.matches("**").count() < 4 {
        assert_eq!(matches, slowly(&pattern.split('/').collect::<Vec<_>>(), &name.components().collect::<Vec<_>>()));
    }
    if matches {
        let parts: Vec<&str> = name.components().collect();
        for depth in 1..parts.len() {
            let folder = ItemName::new(parts[..depth].join("/")).unwrap();
            assert!(parsed.may_match_below(&folder), "a walker would not enter");
        }
        let root = parsed.root();
        assert!(name.as_str().get(..root.len()).is_some_and(|head| head.eq_ignore_ascii_case(&root)), "outside its root");
    }
}

/// The rules as they are written down, without any cleverness.
fn slowly(pattern: &[&str], name: &[&str]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (["**", rest @ ..], _) => slowly(rest, name) || (!name.is_empty() && slowly(pattern, &name[1..])),
        ([p, rest @ ..], [n, tail @ ..]) => component(p.as_bytes(), n.as_bytes()) && slowly(rest, tail),
        _ => false,
    }
}

fn component(pattern: &[u8], name: &[u8]) -> bool {
    // One row of the table of "this much of the pattern fits this much of the name".
    let mut row: Vec<bool> = vec![false; name.len() + 1];
    row[0] = true;
    for &p in pattern {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            next[at] = if p == b'*' {
                row[at] || (at > 0 && next[at - 1])
            } else {
                at > 0 && row[at - 1] && name[at - 1].eq_ignore_ascii_case(&p)
            };
        }
        row = next;
    }
    row[name.len()]
}

pub fn pattern_seeds() -> Vec<Vec<u8>> {
    [
        [
            "Android/media/com.whatsapp/WhatsApp/Databases/msgstore*.crypt*",
            "android/media/com.whatsapp/whatsapp/databases/msgstore.db.crypt15",
        ],
        ["A/Media/**/*", "A/Media/.Statuses/Private/x.jpg"],
        ["A/**/b/**/c*d*e", "A/x/b/y/z/c1d2e"],
        [
            "a/**/**/a/**/**/a/**/b",
            "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/c",
        ],
        ["a/*a*a*a*a*a*a*b", "a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"],
    ]
    .map(joined)
    .to_vec()
}
