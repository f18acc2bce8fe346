//! For whom a plan seals: per role its recipients, or two groups of them who must come together.
//!
//! `half = "a"` and `half = "b"` make a two-person role: one of each group is needed to open it. A role is whole or halved,
//! never both, and nobody stands in both halves: that person would need no second one.

use super::PlanError;
use serde::Deserialize;
use uitlezen_seal::{
    container::Half,
    envelope::{Recipient, RoleRecipients},
    role::Role,
};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipientText {
    roles: toml::Spanned<Vec<String>>,
    key: toml::Spanned<String>,
    #[serde(default)]
    recovery: bool,
    #[serde(default)]
    half: Option<HalfText>,
    /// For people; stands nowhere in the seal.
    #[serde(default)]
    #[allow(dead_code, reason = "documents the key in the plan, for whoever reads it")]
    label: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum HalfText {
    A,
    B,
}

/// The roles in the order in which the plan names them first. `line` gives the line of a byte offset.
pub(super) fn read(all: &[RecipientText], line: impl Fn(usize) -> usize) -> Result<Vec<(Role, RoleRecipients)>, PlanError> {
    let mut roles: Vec<(Role, RoleRecipients)> = Vec::new();
    let mut seen: Vec<(Role, String)> = Vec::new();
    for one in all {
        let at = line(one.key.span().start);
        let key = Recipient::parse(one.key.get_ref(), one.recovery).map_err(|_| PlanError::NotARecipient { line: at })?;
        for role in one.roles.get_ref() {
            let role =
                Role::parse(role).map_err(|_| PlanError::NotARole { line: line(one.roles.span().start), role: role.clone() })?;
            let own = (role, one.key.get_ref().trim().to_ascii_lowercase());
            if seen.contains(&own) {
                return Err(PlanError::Twice { line: at, role: role.as_str() });
            }
            seen.push(own);
            let place = match roles.iter().position(|(r, _)| *r == role) {
                Some(place) => place,
                None => {
                    let empty = match one.half {
                        None => RoleRecipients::Each(Vec::new()),
                        Some(_) => RoleRecipients::TwoPersons { a: Vec::new(), b: Vec::new() },
                    };
                    roles.push((role, empty));
                    roles.len() - 1
                }
            };
            let group = roles.get_mut(place).and_then(|(_, group)| match (group, one.half) {
                (RoleRecipients::Each(keys), None) => Some(keys),
                (RoleRecipients::TwoPersons { a, .. }, Some(HalfText::A)) => Some(a),
                (RoleRecipients::TwoPersons { b, .. }, Some(HalfText::B)) => Some(b),
                _ => None,
            });
            group.ok_or(PlanError::HalfAndWhole { line: at, role: role.as_str() })?.push(key.clone());
        }
    }
    Ok(roles)
}

/// At least two recipients, one of them recovery, for the role or for each of its halves.
pub(super) fn suffice(role: Role, recipients: Option<&RoleRecipients>) -> Result<(), PlanError> {
    let enough = |keys: &[Recipient]| keys.len() >= 2 && keys.iter().any(Recipient::is_recovery);
    let role = role.as_str();
    match recipients {
        Some(RoleRecipients::Each(keys)) if enough(keys) => Ok(()),
        Some(RoleRecipients::TwoPersons { a, b }) => [(Half::A, a), (Half::B, b)]
            .into_iter()
            .find(|(_, keys)| !enough(keys))
            .map_or(Ok(()), |(half, _)| Err(PlanError::HalfRecipients { role, half })),
        _ => Err(PlanError::Recipients { role }),
    }
}
