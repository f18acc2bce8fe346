//! Names of entries. A container knows no other names, and their order is part of the format.

use crate::role::Role;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which half of a two-person role key a key file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    A,
    B,
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }
}

/// Every name that a container may hold. The derived order is the order of the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EntryName {
    /// `mimetype`
    Mimetype,
    /// `deel/000001`: one encrypted part, 1..=999999.
    Part(u32),
    /// `index/<role>`: the encrypted index of a role.
    Index(Role),
    /// `sleutels/<role>.<n>.age`, or `sleutels/<role>.<a|b>.<n>.age` for a two-person role; n is 1..=99.
    Key { role: Role, half: Option<Half>, number: u8 },
    /// `zegel.json`
    Header,
    /// `LEESMIJ.txt`
    ReadMe,
    /// `META-INF/ASiCManifest001.xml`
    Manifest,
    /// `META-INF/signature001.p7s`
    Signature,
}

impl EntryName {
    pub const MOST_PARTS: u32 = 999_999;
    pub const MOST_KEY_FILES: u8 = 99;

    /// The name for these bytes, or none if the format has no such name (`deel/1`, `deel/000000` and `../x` are not names).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let found = match name {
            "mimetype" => Self::Mimetype,
            "zegel.json" => Self::Header,
            "LEESMIJ.txt" => Self::ReadMe,
            "META-INF/ASiCManifest001.xml" => Self::Manifest,
            "META-INF/signature001.p7s" => Self::Signature,
            _ => match name.split_once('/')? {
                ("deel", digits) => Self::Part(digits.parse().ok().filter(|n| (1..=Self::MOST_PARTS).contains(n))?),
                ("index", role) => Self::Index(Role::parse(role).ok()?),
                ("sleutels", file) => Self::parse_key(file)?,
                _ => return None,
            },
        };
        // One spelling only: no missing zeros, no plus sign.
        (found.to_string() == name).then_some(found)
    }

    fn parse_key(file: &str) -> Option<Self> {
        let mut words = file.strip_suffix(".age")?.split('.');
        let role = Role::parse(words.next()?).ok()?;
        let (half, number) = match words.next()? {
            "a" => (Some(Half::A), words.next()?),
            "b" => (Some(Half::B), words.next()?),
            number => (None, number),
        };
        let number = number.parse().ok().filter(|n| (1..=Self::MOST_KEY_FILES).contains(n))?;
        words.next().is_none().then_some(Self::Key { role, half, number })
    }

    /// Whether the ASiC manifest lists this entry.
    #[must_use]
    pub fn is_listed(self) -> bool {
        !matches!(self, Self::Mimetype | Self::Manifest | Self::Signature)
    }

    /// The media type that the manifest gives for this entry.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Header => "application/json",
            Self::ReadMe => "text/plain",
            _ => "application/octet-stream",
        }
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mimetype => f.write_str("mimetype"),
            Self::Part(number) => write!(f, "deel/{number:06}"),
            Self::Index(role) => write!(f, "index/{role}"),
            Self::Key { role, half: None, number } => write!(f, "sleutels/{role}.{number}.age"),
            Self::Key { role, half: Some(Half::A), number } => write!(f, "sleutels/{role}.a.{number}.age"),
            Self::Key { role, half: Some(Half::B), number } => write!(f, "sleutels/{role}.b.{number}.age"),
            Self::Header => f.write_str("zegel.json"),
            Self::ReadMe => f.write_str("LEESMIJ.txt"),
            Self::Manifest => f.write_str("META-INF/ASiCManifest001.xml"),
            Self::Signature => f.write_str("META-INF/signature001.p7s"),
        }
    }
}

/// A name that the format does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such entry name in this format")]
pub struct UnknownName;

impl TryFrom<String> for EntryName {
    type Error = UnknownName;
    fn try_from(name: String) -> Result<Self, UnknownName> {
        Self::parse(&name).ok_or(UnknownName)
    }
}

impl From<EntryName> for String {
    fn from(name: EntryName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_one_spelling() {
        let key = |half, number| EntryName::Key { role: Role::Gesprekken, half, number };
        for name in [
            EntryName::Mimetype,
            EntryName::Part(1),
            EntryName::Part(999_999),
            EntryName::Index(Role::Bronnen),
            key(None, 1),
            key(Some(Half::A), 12),
            key(Some(Half::B), 99),
            EntryName::Header,
            EntryName::ReadMe,
            EntryName::Manifest,
            EntryName::Signature,
        ] {
            assert_eq!(EntryName::parse(&name.to_string()), Some(name));
        }
        for strange in [
            "",
            "deel/1",
            "deel/+00001",
            "deel/000000",
            "deel/1000000",
            "../deel/000001",
            "deel/../x",
            "Mimetype",
            "index/",
            "index/alles",
            "sleutels/gesprekken.0.age",
            "sleutels/gesprekken.01.age",
            "sleutels/gesprekken.c.1.age",
            "sleutels/gesprekken.1.age.age",
            "sleutels/gesprekken.a.1.2.age",
            "sleutels/gesprekken.100.age",
            "META-INF/manifest.xml",
            "META-INF/signature002.p7s",
            "zegel.json/",
        ] {
            assert_eq!(EntryName::parse(strange), None, "{strange}");
        }
    }

    #[test]
    fn the_order_is_the_order_of_the_format() {
        let key = |role, half, number| EntryName::Key { role, half, number };
        let order = [
            EntryName::Mimetype,
            EntryName::Part(1),
            EntryName::Part(20),
            EntryName::Index(Role::Verantwoording),
            EntryName::Index(Role::Gesprekken),
            key(Role::Verantwoording, None, 1),
            key(Role::Verantwoording, None, 2),
            key(Role::Gesprekken, Some(Half::A), 1),
            key(Role::Gesprekken, Some(Half::B), 1),
            EntryName::Header,
            EntryName::ReadMe,
            EntryName::Manifest,
            EntryName::Signature,
        ];
        assert!(order.is_sorted_by(|a, b| a < b));
    }
}
