//! People by the ids that Signal has for them.

use super::HOLDER;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use uitlezen_chat::{NameOrigin, NativeId, Participant, ParticipantId, ParticipantName, Sender};

/// Most names of one person.
const MOST_NAMES: usize = 8;

/// Somebody, as far as a backup knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    /// The account: equal in every backup, also when the number changes.
    pub(super) aci: Option<[u8; 16]>,
    /// The number's own id.
    pub(super) pni: Option<[u8; 16]>,
    /// International form.
    pub(super) number: Option<String>,
    pub(super) username: Option<String>,
    pub(super) names: Vec<ParticipantName>,
}

/// `00112233-4455-…`.
pub(super) fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The id of the account in records.
pub(super) fn account(aci: &[u8; 16]) -> ParticipantId {
    ParticipantId(format!("aci:{}", uuid(aci)))
}

/// Whoever the bytes of a service id name: 16 of an account, or 17 that say of which kind they are.
pub(super) fn service(id: &[u8]) -> Option<ParticipantId> {
    match *id {
        [0, ref aci @ ..] if aci.len() == 16 => aci.try_into().ok().map(account),
        [1, ref pni @ ..] if pni.len() == 16 => pni.try_into().ok().map(|pni| ParticipantId(format!("pni:{}", uuid(pni)))),
        _ => id.try_into().ok().map(account),
    }
}

impl Person {
    /// The id in records: the best there is.
    pub(super) fn id(&self) -> Option<ParticipantId> {
        let pni = || self.pni.map(|pni| ParticipantId(format!("pni:{}", uuid(&pni))));
        let number = || self.number.as_ref().map(|number| ParticipantId(format!("number:{number}")));
        let username = || self.username.as_ref().map(|name| ParticipantId(format!("username:{name}")));
        self.aci.as_ref().map(account).or_else(pni).or_else(number).or_else(username)
    }

    pub(super) fn name(&mut self, name: impl Into<String>, origin: NameOrigin) {
        let name = name.into();
        let name = name.trim();
        let known = self.names.iter().any(|known| known.name == name && known.origin == origin);
        if !name.is_empty() && !known && self.names.len() < MOST_NAMES {
            self.names.push(ParticipantName { name: name.to_owned(), origin });
        }
    }

    /// Under what the register may know them.
    pub(super) fn native(&self) -> Vec<NativeId> {
        let of = |kind: &str, value: String| NativeId { kind: kind.to_owned(), value };
        let mut native = Vec::new();
        native.extend(self.aci.map(|aci| of("aci", uuid(&aci))));
        native.extend(self.pni.map(|pni| of("pni", uuid(&pni))));
        native.extend(self.number.clone().map(|number| of("phone number", number)));
        native.extend(self.username.clone().map(|name| of("username", name)));
        native
    }

    pub(super) fn participant(&self, id: ParticipantId) -> Participant {
        let mut names = self.names.clone();
        names.sort_by_key(|name| name.origin);
        Participant { is_holder: id.0 == HOLDER, id, number: self.number.clone(), names, native: self.native() }
    }
}

/// Somebody of whom nothing is known but the id that a record names.
pub(super) fn stranger(id: &ParticipantId) -> Participant {
    let (kind, value) = id.0.split_once(':').unwrap_or(("id", &id.0));
    let number = (kind == "number").then(|| value.to_owned());
    let native =
        vec![NativeId { kind: if kind == "number" { "phone number" } else { kind }.to_owned(), value: value.to_owned() }];
    Participant { id: id.clone(), is_holder: id.0 == HOLDER, number, names: Vec::new(), native }
}

/// Somebody in a record.
pub(super) fn sender(id: ParticipantId) -> Sender {
    if id.0 == HOLDER { Sender::Holder } else { Sender::Participant(id) }
}

/// Given and family name in one.
pub(super) fn full(given: Option<&str>, family: Option<&str>) -> String {
    let parts = [given, family].map(|part| part.unwrap_or_default().trim());
    parts.join(" ").trim().to_owned()
}

/// An international number from the digits that Signal keeps.
pub(super) fn number(digits: u64) -> Option<String> {
    (100_000..1_000_000_000_000_000_000).contains(&digits).then(|| format!("+{digits}"))
}

/// A mark of a group that says nothing of its key and is the same wherever the group is.
pub(super) fn group_mark(master_key: &[u8]) -> String {
    let digest = Sha256::new().chain_update(b"uitlezen signal group\0").chain_update(master_key).finalize();
    hex::encode(digest.get(..16).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_account_names_somebody_before_all_else() {
        let mut person = Person { number: Some("+31612345678".into()), ..Person::default() };
        assert_eq!(person.id().unwrap().0, "number:+31612345678");
        person.pni = Some([2; 16]);
        assert_eq!(person.id().unwrap().0, "pni:02020202-0202-0202-0202-020202020202");
        person.aci = Some(*b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff");
        assert_eq!(person.id().unwrap().0, "aci:00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(person.native().len(), 3);
        assert_eq!(service(&[2; 16]), Some(account(&[2; 16])));
        assert_eq!(service(&[&[1][..], &[2; 16]].concat()).unwrap().0, "pni:02020202-0202-0202-0202-020202020202");
        assert_eq!((service(&[0; 15]), service(&[7; 17]), service(&[])), (None, None, None));
    }

    #[test]
    fn a_group_has_a_mark_and_never_its_key() {
        let key = [0xab; 32];
        let mark = group_mark(&key);
        assert_eq!((mark.len(), mark == group_mark(&[0xac; 32])), (32, false));
        assert!(!hex::encode(key).contains(&mark));
    }
}
