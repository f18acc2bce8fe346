//! Roles: who may open what. Every role of a seal has its own key, its own index and its own key files.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A role of a sealed extraction. The order is the order of `FORMAT.md`: it decides entry order and index part numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Report, findings, counts, log: no content, no names of chat partners.
    Verantwoording,
    /// Records and attachments.
    Gesprekken,
    /// Titles and participants of conversations whose class is undecided; no content.
    Scheiding,
    /// Raw databases; only where the plan keeps them.
    Bronnen,
}

/// A word that names no role. The word is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such role: it is verantwoording, gesprekken, scheiding or bronnen")]
pub struct UnknownRole;

impl Role {
    pub const ALL: [Self; 4] = [Self::Verantwoording, Self::Gesprekken, Self::Scheiding, Self::Bronnen];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verantwoording => "verantwoording",
            Self::Gesprekken => "gesprekken",
            Self::Scheiding => "scheiding",
            Self::Bronnen => "bronnen",
        }
    }

    /// 0..=3, in the order of [`Role::ALL`].
    #[must_use]
    pub const fn ordinal(self) -> u8 {
        match self {
            Self::Verantwoording => 0,
            Self::Gesprekken => 1,
            Self::Scheiding => 2,
            Self::Bronnen => 3,
        }
    }

    pub fn parse(word: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or(UnknownRole)
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        Self::parse(word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of roles, iterated in their order.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Role>", into = "Vec<Role>")]
pub struct RoleSet(u8);

impl RoleSet {
    pub const EMPTY: Self = Self(0);

    #[must_use]
    pub const fn only(role: Role) -> Self {
        Self(1 << role.ordinal())
    }

    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role.ordinal())
    }

    pub fn insert(&mut self, role: Role) {
        *self = self.with(role);
    }

    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role.ordinal()) != 0
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl From<Vec<Role>> for RoleSet {
    fn from(roles: Vec<Role>) -> Self {
        roles.into_iter().collect()
    }
}

impl From<RoleSet> for Vec<Role> {
    fn from(set: RoleSet) -> Self {
        set.iter().collect()
    }
}

impl fmt::Debug for RoleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_and_ordinals_agree_and_other_words_are_refused() {
        for (n, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(role.ordinal()), n);
            assert_eq!(Role::parse(role.as_str()), Ok(role));
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        assert_eq!(Role::parse("Gesprekken"), Err(UnknownRole));
        assert_eq!(Role::parse(""), Err(UnknownRole));
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_keeps_the_order() {
        let set: RoleSet = [Role::Bronnen, Role::Verantwoording].into_iter().collect();
        assert_eq!(Vec::from(set), [Role::Verantwoording, Role::Bronnen]);
        assert!(!set.contains(Role::Gesprekken) && set.contains(Role::Bronnen));
        assert_eq!(serde_json::from_str::<RoleSet>(&serde_json::to_string(&set).unwrap()).unwrap(), set);
    }
}
