//! Who the holder is, by the app's own settings.

use uitlezen_property_list::{Limits, PlistError, Value, parse};

const LIMITS: Limits = Limits { input: 8 << 20, depth: 32, nodes: 200_000, bytes: 8 << 20 };
/// Nobody has a longer one.
const LONGEST: usize = 512;

/// The holder of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// `31612345678@s.whatsapp.net`.
    pub address: Option<String>,
    /// The name that they chose.
    pub name: Option<String>,
}

impl Owner {
    /// Reads `group.net.whatsapp.WhatsApp.shared.plist`. What it does not say is absent.
    pub fn read(list: &[u8]) -> Result<Self, PlistError> {
        let list = parse(list, &LIMITS)?;
        let text = |key: &str| {
            let text = list.get(key).and_then(Value::str)?.trim();
            (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
        };
        let address = text("OwnJabberID").filter(|address| address.contains('@'));
        Ok(Self { address, name: text("FullUserName") })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use uitlezen_property_list::{to_binary, to_xml};

    #[test]
    fn the_holder_is_read_from_either_form_and_nonsense_is_nobody() {
        let list = Value::of([("OwnJabberID", "31600000001@s.whatsapp.net"), ("FullUserName", " Anja ")]);
        let owner = Owner::read(&to_binary(&list).unwrap()).unwrap();
        assert_eq!(owner, Owner::read(&to_xml(&list).unwrap()).unwrap());
        assert_eq!(owner.address.as_deref(), Some("31600000001@s.whatsapp.net"));
        assert_eq!(owner.name.as_deref(), Some("Anja"));
        let odd = Value::of([("OwnJabberID", Value::from("niets")), ("FullUserName", Value::from(7))]);
        assert_eq!(Owner::read(&to_binary(&odd).unwrap()).unwrap(), Owner::default());
        assert_eq!(Owner::read(&to_binary(&Value::Array(vec![])).unwrap()).unwrap(), Owner::default());
        assert!(Owner::read(b"bplist00").is_err());
    }
}
