//! Ids of messages, small: nearly all are UUIDs, and many are held at once.

/// The `guid` of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Guid {
    /// In the one form that Apple writes, so that equal values are equal texts.
    Uuid(u128),
    Other(Box<str>),
}

impl Guid {
    pub(super) fn of(text: &str) -> Self {
        uuid(text).map_or_else(|| Self::Other(text.into()), Self::Uuid)
    }
}

/// `0355C6E1-D0C8-4212-AA87-DD8AE4FD1203`, capitals only.
fn uuid(text: &str) -> Option<u128> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut value = 0_u128;
    for (at, byte) in bytes.iter().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'A'..=b'F') => byte - b'A' + 10,
            _ => return None,
        };
        value = value << 4 | u128::from(digit);
    }
    Some(value)
}

/// The message that a reaction is about, and which part of it: `p:<part>/<guid>`, `bp:<guid>`, or the guid alone.
pub(super) fn target(associated: &str) -> (&str, Option<u32>) {
    if let Some(rest) = associated.strip_prefix("p:")
        && let Some((part, guid)) = rest.split_once('/')
    {
        return (guid, part.parse().ok());
    }
    (associated.strip_prefix("bp:").unwrap_or(associated), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_are_equal_and_only_the_one_form_is_short() {
        let id = "0355C6E1-D0C8-4212-AA87-DD8AE4FD1203";
        assert_eq!(Guid::of(id), Guid::Uuid(0x0355_C6E1_D0C8_4212_AA87_DD8A_E4FD_1203));
        for other in [&id.to_lowercase(), "0355C6E1_D0C8-4212-AA87-DD8AE4FD1203", "0355C6E1-D0C8-4212-AA87-DD8AE4FD120", "", "é"]
        {
            assert_eq!(Guid::of(other), Guid::Other(other.into()));
        }
    }

    #[test]
    fn the_target_of_a_reaction_is_told_from_its_part() {
        assert_eq!(target("p:2/ABC"), ("ABC", Some(2)));
        assert_eq!(target("bp:ABC"), ("ABC", None));
        assert_eq!(target("ABC"), ("ABC", None));
        assert_eq!(target("p:x/ABC"), ("ABC", None));
        assert_eq!(target("p:"), ("p:", None));
    }
}
