//! Contacts, groups, a distribution list.

use super::{
    ThreemaBackupOptions,
    table::{CONTACTS, GROUPS, LISTS, MESSAGES, Table},
};
use crate::content::{
    dice::Dice,
    options::Options,
    people,
    texts::{GROUPS as SUBJECTS, TOPICS},
};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Direct,
    Group,
    List,
}

/// A conversation and the table of its messages.
pub(super) struct Room {
    pub(super) kind: Kind,
    /// Threema ids of the others.
    pub(super) members: Vec<String>,
    /// Of a group: its id and whoever made it.
    pub(super) group: (String, String),
    /// What polls of it refer to.
    pub(super) reference: String,
    pub(super) entry: String,
    pub(super) table: Table,
    pub(super) topic: usize,
    pub(super) line: usize,
    /// Ids of texts, that others answer.
    pub(super) said: Vec<String>,
}

pub(super) fn build(
    options: &ThreemaBackupOptions,
    holder: &str,
    begin_ms: i64,
    dice: &mut Dice,
) -> (Vec<Room>, BTreeMap<String, Vec<u8>>) {
    let version = options.version;
    let count = usize::try_from(options.messages / 40).unwrap_or(0).clamp(12, 120);
    let cast = people::cast(&Options { seed: options.seed, ..Options::default() }, super::THREEMA, count);
    let (mut rooms, mut identities) = (Vec::new(), Vec::new());
    let mut contacts = Table::new(&CONTACTS, version);
    let without = |name: &str| MESSAGES.iter().copied().filter(|(column, ..)| *column != name).collect::<Vec<_>>();
    for (at, person) in cast.iter().enumerate().skip(1) {
        let identity = dice.hex(8);
        let file = if contacts.has("identity_id") { dice.hex(16).to_lowercase() } else { identity.clone() };
        let known = at % 4 != 0;
        let canary = options.canary.as_deref().filter(|_| at == 1).unwrap_or_default();
        let named = |name: &str| if known { format!("{name}{canary}") } else { String::new() };
        contacts.row(&[
            ("identity", identity.clone()),
            ("publickey", hex::encode(dice.bytes::<32>())),
            ("verification", "FULLY_VERIFIED".to_owned()),
            ("firstname", named(&person.given)),
            ("lastname", if known { person.family.clone() } else { String::new() }),
            ("nick_name", person.given.to_lowercase()),
            ("last_update", begin_ms.to_string()),
            ("hidden", u8::from(at % 9 == 0).to_string()),
            ("archived", u8::from(at % 11 == 0).to_string()),
            ("identity_id", file.clone()),
        ]);
        identities.push(identity.clone());
        rooms.push(Room {
            kind: Kind::Direct,
            members: vec![identity.clone()],
            group: Default::default(),
            reference: identity,
            entry: format!("message_{file}.csv"),
            table: Table::new(&without("identity"), version),
            topic: dice.index(TOPICS.len()),
            line: 0,
            said: Vec::new(),
        });
    }
    let mut groups = Table::new(&GROUPS, version);
    for at in 0..(count / 4).max(2) {
        let id = dice.hex(16).to_lowercase();
        let first = dice.index(identities.len().saturating_sub(5).max(1));
        let members: Vec<String> = identities.iter().skip(first).take(5).cloned().collect();
        let creator = if at % 3 == 2 { holder.to_owned() } else { members[0].clone() };
        let uid = if groups.has("group_uid") { dice.hex(16).to_lowercase() } else { format!("{id}-{creator}") };
        let subject = SUBJECTS[at % SUBJECTS.len()];
        groups.row(&[
            ("id", id.clone()),
            ("creator", creator.clone()),
            ("groupname", if at < SUBJECTS.len() { subject.to_owned() } else { format!("{subject} {at}") }),
            ("created_at", begin_ms.to_string()),
            ("last_update", begin_ms.to_string()),
            ("members", members.join(";")),
            ("deleted", "0".to_owned()),
            ("archived", "0".to_owned()),
            ("groupDesc", if at == 0 { "Afspraken: \"kort\" en \\ zakelijk".to_owned() } else { String::new() }),
            ("group_uid", uid.clone()),
            ("user_state", "0".to_owned()),
        ]);
        rooms.push(Room {
            kind: Kind::Group,
            members,
            group: (id, creator),
            reference: uid.clone(),
            entry: format!("group_message_{uid}.csv"),
            table: Table::new(&MESSAGES, version),
            topic: dice.index(TOPICS.len()),
            line: 0,
            said: Vec::new(),
        });
    }
    let mut lists = Table::new(&LISTS, version);
    let members: Vec<String> = identities.iter().take(4).cloned().collect();
    lists.row(&[
        ("id", "3".to_owned()),
        ("distribution_list_name", "Portefeuillehouders".to_owned()),
        ("created_at", begin_ms.to_string()),
        ("last_update", begin_ms.to_string()),
        ("distribution_members", members.join(";")),
        ("archived", "0".to_owned()),
    ]);
    rooms.push(Room {
        kind: Kind::List,
        members,
        group: Default::default(),
        reference: String::new(),
        entry: "distribution_list_message_3.csv".to_owned(),
        table: Table::new(&MESSAGES, version.min(16)),
        topic: dice.index(TOPICS.len()),
        line: 0,
        said: Vec::new(),
    });
    let tables = [("contacts.csv", contacts), ("groups.csv", groups), ("distribution_list.csv", lists)];
    (rooms, tables.map(|(name, table)| (name.to_owned(), table.into_bytes())).into())
}
