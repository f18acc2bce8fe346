//! Seals by a station, or a holder of a role's key, that means harm: every digest, tag and signature is right.

use crate::{
    framing::{joined, pieces},
    seal::{made, open_all, sealed_part, verified},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uitlezen_seal::{
    cades,
    container::{EntryName, writer::Staging},
    envelope::RoleKey,
    index::{RoleIndex, index_part_number, open_index, seal_index},
    manifest,
    role::Role,
};

/// The input is the entries of a container, name and content in turn. They are listed and signed as they stand. Whatever
/// they are, verifying says whether the rules of the format hold, and what opens is what an index says.
pub fn seal_forged(data: &[u8]) {
    let strings: Vec<&[u8]> = pieces(data).take(200).collect();
    let named = |two: &[&[u8]]| {
        Some((EntryName::parse(std::str::from_utf8(two[0]).ok()?)?, two.get(1).copied().unwrap_or_default().to_vec()))
    };
    let mut entries: Vec<(EntryName, Vec<u8>)> = strings.chunks(2).filter_map(named).collect();
    // The rest of the layout is for the target of whole files.
    entries.sort_by_key(|(name, _)| *name);
    entries.dedup_by_key(|(name, _)| *name);
    entries.retain(|(name, _)| !matches!(name, EntryName::Mimetype | EntryName::Manifest | EntryName::Signature));
    let listed: Vec<_> = entries.iter().map(|(name, content)| (*name, Sha256::digest(content).into())).collect();
    let manifest = manifest::render(&listed);
    let signature = cades::sign(&made().station, &manifest, Timestamp::from_second(1_795_000_000).unwrap()).unwrap();
    entries.extend([(EntryName::Manifest, manifest), (EntryName::Signature, signature)]);

    let dir = crate::made::folder();
    let path = dir.path().join("zegel");
    let mut staging = Staging::create(&path).unwrap();
    for (name, content) in &entries {
        staging.append_whole(*name, content).unwrap();
    }
    // Closing refuses a seal without a header or a reading help; the file then has no directory.
    let _ = staging.close();
    verified(&std::fs::read(&path).unwrap(), |verdict| {
        if verdict.is_intact() {
            let header = verdict.header.as_ref().expect("an intact seal without a header");
            let roles: Vec<Role> = header.roles.iter().map(|entry| entry.role).collect();
            let indexed =
                entries.iter().filter_map(|(name, _)| if let EntryName::Index(role) = name { Some(*role) } else { None });
            assert!(indexed.eq(roles), "roles in the container that the header does not name");
        }
        open_all(&verdict);
    });
}

pub fn forged_seeds() -> Vec<Vec<u8>> {
    let all = |skip: fn(&EntryName) -> bool| {
        let entries = made().entries.iter().filter(|(name, _)| !skip(name));
        joined(entries.flat_map(|(name, content)| [name.to_string().into_bytes(), content.clone()]))
    };
    vec![all(|_| false), all(|name| matches!(name, EntryName::Part(2))), all(|name| matches!(name, EntryName::Key { .. }))]
}

/// The input is the plaintext of an index, sealed with the role's own key. What opens has extents inside its parts and is
/// itself after another sealing.
pub fn seal_index_forged(data: &[u8]) {
    let key = RoleKey::from_bytes(&mut made().role_key.clone());
    let number = index_part_number(Role::Gesprekken);
    let sealed = sealed_part(&key.index_key(), number, data);
    let Ok(index) = open_index(Arc::new(sealed), &key, Role::Gesprekken) else { return };
    for item in &index.items {
        assert_eq!(item.extents.iter().map(|extent| extent.bytes).sum::<u64>(), item.bytes);
        for extent in &item.extents {
            let part = index.parts.iter().find(|part| part.number == extent.part).expect("an extent in a part that is not there");
            assert!(extent.bytes > 0 && extent.offset + extent.bytes <= part.plain, "an extent beyond its part");
        }
    }
    let again = RoleIndex::new(index.role, index.parts.clone(), index.items.clone()).expect("an index that was opened");
    let sealed = seal_index(&again, &key).unwrap();
    assert_eq!(open_index(Arc::new(sealed), &key, Role::Gesprekken).unwrap().items, index.items);
}

pub fn index_seeds() -> Vec<Vec<u8>> {
    let key = RoleKey::from_bytes(&mut made().role_key.clone());
    let sealed = made().entries.iter().find(|(name, _)| *name == EntryName::Index(Role::Gesprekken)).unwrap().1.clone();
    let index = open_index(Arc::new(sealed), &key, Role::Gesprekken).unwrap();
    vec![serde_json::to_vec(&index).unwrap()]
}
