//! A work store closed into a sealed extraction: verified, opened, and what must not be in it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

mod store_support;

use proptest::prelude::*;
use std::{collections::BTreeMap, fs, io::Write, path::Path, sync::LazyLock};
use store_support::*;
use uitlezen_evidence::{Evidence, ItemName, ReadAtExt};
use uitlezen_seal::{
    closing::Facts,
    envelope::{EnvelopeError, GeneratedIdentity, Identities, Recipient, RoleRecipients},
    header::{Moment, Origin, Status},
    open::Opened,
    role::{Role, RoleSet},
    station::{Kind, Station, Subject},
    store::{Check, Closing, Home, RunKey, ScratchKind, SealError, Sealed, StoreError, Tally, WorkStore},
    verify::{Verified, VerifyOptions, verify},
};

/// The archive's keys of each role, and a recovery key.
struct Keys {
    roles: BTreeMap<Role, GeneratedIdentity>,
    recovery: GeneratedIdentity,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    roles: Role::ALL.into_iter().map(|role| (role, GeneratedIdentity::new())).collect(),
    recovery: GeneratedIdentity::new(),
});

static STATION: LazyLock<Station> = LazyLock::new(|| {
    let subject = Subject {
        organisation: "Gemeente Voorbeeld".to_owned(),
        organisation_code: "gm0000".to_owned(),
        station_name: "station 1".to_owned(),
        kind: Kind::Normal,
    };
    Station::generate(&subject, 3, Moment::now().timestamp()).unwrap()
});

fn recipients(roles: &[Role]) -> BTreeMap<Role, RoleRecipients> {
    let one = |role: &Role| {
        let own = Recipient::parse(&KEYS.roles[role].recipient, false).unwrap();
        let recovery = Recipient::parse(&KEYS.recovery.recipient, true).unwrap();
        (*role, RoleRecipients::Each(vec![own, recovery]))
    };
    roles.iter().map(one).collect()
}

fn closing(run: &str, roles: &[Role]) -> Closing<'static> {
    let facts = Facts {
        run: run.to_owned(),
        started: Moment::now(),
        created: Moment::now(),
        organisation: "gm0000".to_owned(),
        status: Status::Volledig,
        origin: Origin::Files,
        clock_offset: None,
        previous_of_phone: None,
        previous_of_station: None,
        relies_on: Vec::new(),
        mark: None,
        tool: "uitlezen test".to_owned(),
    };
    Closing { facts, recipients: recipients(roles), station: &STATION }
}

fn verified(path: &Path) -> Verified {
    let options = VerifyOptions { signers: vec![STATION.certificate().clone()], ..VerifyOptions::default() };
    let verdict = verify(path, &options).unwrap();
    assert!(verdict.is_intact(), "{:?}", verdict.seal);
    verdict.verified().unwrap().clone()
}

fn open(sealed: &Sealed, role: Role) -> Opened {
    let identities = Identities::from_file(secret(&KEYS.roles[&role]).as_bytes(), None).unwrap();
    let opened = Opened::open(&verified(&sealed.path), role, &identities).unwrap();
    for item in opened.index() {
        let mut parts: Vec<u32> = item.extents.iter().map(|extent| extent.part).collect();
        parts.dedup();
        assert_eq!(sealed.placed[&item.name], parts, "closing says where an item lies as the index has it");
    }
    opened
}

fn secret(identity: &GeneratedIdentity) -> String {
    use secrecy::ExposeSecret;
    identity.file.expose_secret().to_owned()
}

/// Everything that a role can read.
fn contents(opened: &Opened) -> BTreeMap<String, Vec<u8>> {
    let read = |name: &ItemName| Evidence::open(opened, name).unwrap().read_all(1 << 30).unwrap();
    opened.items().iter().map(|item| (item.name.as_str().to_owned(), read(&item.name))).collect()
}

fn only(role: Role) -> Home {
    Home::Kept(RoleSet::only(role))
}

#[test]
fn each_role_reads_what_was_kept_for_it_and_nothing_else_is_left() {
    let (dir, store, _) = a_store(40_000);
    let both = Home::Kept(RoleSet::only(Role::Verantwoording).with(Role::Gesprekken));
    put(&store, "msgstore.db", Home::Scratch(ScratchKind::Received), &content(1, 90_000));
    put(&store, "gesprek/1.json", kept(), &content(2, 130_000));
    put(&store, "verslag.json", both, &content(3, 5_000));
    put(&store, "log.txt", only(Role::Verantwoording), &content(4, 100));
    put(&store, "leeg", kept(), b"");
    drop(store.begin(spec("never finished", kept())).unwrap());
    let sealed = store.seal(closing("run", &[Role::Verantwoording, Role::Gesprekken, Role::Scheiding])).unwrap();
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["run.uitlezing"]);
    assert_eq!(fs::metadata(&sealed.path).unwrap().len(), sealed.bytes);
    assert_eq!(sealed.roles[&Role::Gesprekken], Tally { items: 3, bytes: 135_000 });
    let wiped = sealed.wiped.as_ref().unwrap();
    assert_eq!((wiped.received, wiped.kept, wiped.abandoned.items), (Tally { items: 1, bytes: 90_000 }, Tally::default(), 1));
    let expected = |items: &[(&str, u64, usize)]| {
        items.iter().map(|(name, seed, len)| ((*name).to_owned(), content(*seed, *len))).collect::<BTreeMap<_, _>>()
    };
    assert!(
        contents(&open(&sealed, Role::Gesprekken))
            == expected(&[("gesprek/1.json", 2, 130_000), ("verslag.json", 3, 5_000), ("leeg", 0, 0)])
    );
    assert!(contents(&open(&sealed, Role::Verantwoording)) == expected(&[("verslag.json", 3, 5_000), ("log.txt", 4, 100)]));
    assert!(contents(&open(&sealed, Role::Scheiding)).is_empty());
    // The handle knows that it is over.
    assert!(matches!(store.begin(spec("late", kept())), Err(StoreError::NoStaging)));
}

#[test]
fn what_was_dropped_cannot_be_opened_by_anyone() {
    let (_dir, store, _) = a_store(1 << 20);
    put(&store, "a", kept(), &content(1, 3_000));
    let excluded = put(&store, "excluded", kept(), &content(2, 70_000));
    put(&store, "b", kept(), &content(3, 3_000));
    store.drop_item(excluded.id).unwrap();
    let sealed = store.seal(closing("run", &[Role::Gesprekken])).unwrap();
    assert_eq!((sealed.parts, sealed.parts_without_key), (2, 1));
    let opened = open(&sealed, Role::Gesprekken);
    assert_eq!(contents(&opened).len(), 2);
    // Not one part that the role has a key for holds more than the listed items.
    let parts: BTreeMap<u32, u64> =
        opened.grants(|_| true).iter().flat_map(|g| &g.extents).fold(BTreeMap::new(), |mut sum, e| {
            *sum.entry(e.number).or_default() += e.bytes;
            sum
        });
    assert_eq!(parts.values().sum::<u64>(), 6_000);
    for extent in opened.grants(|_| true).iter().flat_map(|g| &g.extents) {
        assert!(extent.sealed < 6_000 + 64 + 2 * 16, "the part holds more than the two items");
    }
}

#[test]
fn a_refused_closing_leaves_the_store_as_it_was() {
    let (dir, store, _) = a_store(10_000);
    put(&store, "a", kept(), &content(1, 30_000));
    let refused = |closing| store.seal(closing).unwrap_err();
    assert!(matches!(refused(closing("run", &[Role::Verantwoording])), SealError::NoRecipients(Role::Gesprekken)));
    assert!(matches!(refused(closing("another", &[Role::Gesprekken])), SealError::OtherRun));
    let mut alone = closing("run", &[Role::Gesprekken]);
    if let Some(RoleRecipients::Each(list)) = alone.recipients.get_mut(&Role::Gesprekken) {
        list.truncate(1);
    }
    assert!(matches!(
        refused(alone),
        SealError::Envelope { role: Role::Gesprekken, why: EnvelopeError::TooFewRecipients { found: 1 } }
    ));
    let mut unlawful = closing("run", &[Role::Gesprekken]);
    unlawful.facts.organisation = "not a code".to_owned();
    assert!(matches!(refused(unlawful), SealError::Closing(_)));
    fs::write(dir.path().join("run.uitlezing"), b"somebody's").unwrap();
    assert!(matches!(refused(closing("run", &[Role::Gesprekken])), SealError::Exists));
    fs::remove_file(dir.path().join("run.uitlezing")).unwrap();
    let open_item = store.begin(spec("open", kept())).unwrap();
    assert!(matches!(refused(closing("run", &[Role::Gesprekken])), SealError::Store(StoreError::ItemsOpen)));
    drop(open_item);
    put(&store, "b", kept(), &content(2, 5_000));
    let sealed = store.seal(closing("run", &[Role::Gesprekken])).unwrap();
    let all = contents(&open(&sealed, Role::Gesprekken));
    assert!(all["a"] == content(1, 30_000) && all["b"] == content(2, 5_000));
}

#[test]
fn a_store_that_was_cut_while_closing_closes_after_a_resume() {
    let (dir, store, key) = a_store(10_000);
    put(&store, "a", kept(), &content(1, 30_000));
    put(&store, "b", only(Role::Verantwoording), &content(2, 7_000));
    store.checkpoint().unwrap();
    // As closing leaves it: journaled parts, then index and key files, then nothing.
    drop(store);
    let partial = dir.path().join("run.partial");
    let mut zegel = fs::OpenOptions::new().append(true).open(partial.join("zegel")).unwrap();
    zegel.write_all(b"PK\x03\x04 half an index").unwrap();
    drop(zegel);
    let (store, found) = WorkStore::resume(&partial, &key, Check::Digests).unwrap();
    assert_eq!((found.items.len(), found.parts_torn, found.parts_damaged), (2, 1, 0));
    let sealed = store.seal(closing("run", &[Role::Gesprekken, Role::Verantwoording])).unwrap();
    assert!(contents(&open(&sealed, Role::Gesprekken))["a"] == content(1, 30_000));
    // The run is over: a resume finds no store.
    assert!(WorkStore::resume(&partial, &key, Check::Sizes).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn any_run_seals_verifies_and_opens(
        part_bytes in 4_000_u64..60_000,
        items in proptest::collection::vec((0_u8..16, 0_usize..25_000, 0_u8..8), 1..14),
        crash in any::<bool>(),
    ) {
        let root = tempfile::tempdir().unwrap();
        let key = RunKey::random().unwrap();
        let partial = root.path().join("run.partial");
        let mut store = WorkStore::create(&partial, "run", &key, uitlezen_seal::store::StoreOptions { part_bytes }).unwrap();
        let mut expected: BTreeMap<Role, BTreeMap<String, Vec<u8>>> = Role::ALL.into_iter().map(|r| (r, BTreeMap::new())).collect();
        // Written two at a time, piece by piece, so that parts aside and parts in the staging file mix.
        for (pair, two) in items.chunks(2).enumerate() {
            let mut open = Vec::new();
            for (n, (roles, len, fate)) in two.iter().enumerate() {
                let name = format!("{pair}/{n}");
                let set: RoleSet = Role::ALL.into_iter().filter(|role| roles & (1 << role.ordinal()) != 0).collect();
                let home = if set.is_empty() { Home::Scratch(ScratchKind::Derived) } else { Home::Kept(set) };
                let bytes = content(pair as u64 * 2 + n as u64, *len);
                open.push((store.begin(spec(&name, home)).unwrap(), bytes, set, *fate, name));
            }
            for at in (0..25_000).step_by(1_900) {
                for (writer, bytes, ..) in &mut open {
                    let piece = bytes.get(at..).map(|rest| &rest[..rest.len().min(1_900)]).unwrap_or_default();
                    writer.write_all(piece).unwrap();
                }
            }
            for (writer, bytes, set, fate, name) in open {
                match fate {
                    0 => drop(writer),
                    1 => {
                        let item = writer.finish().unwrap();
                        store.drop_item(item.id).unwrap();
                    }
                    _ => {
                        writer.finish().unwrap();
                        for role in set.iter() {
                            expected.get_mut(&role).unwrap().insert(name.clone(), bytes.clone());
                        }
                    }
                }
            }
        }
        if crash {
            store.checkpoint().unwrap();
            drop(store);
            store = WorkStore::resume(&partial, &key, Check::Digests).unwrap().0;
        }
        let sealed = store.seal(closing("run", &Role::ALL)).unwrap();
        for role in Role::ALL {
            prop_assert!(contents(&open(&sealed, role)) == expected[&role], "{}", role);
        }
    }
}
