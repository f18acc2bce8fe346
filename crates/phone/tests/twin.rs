//! Against the virtual phone of crate `twin`: two sides of one protocol, written apart from each other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod adb_server;

use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};
use uitlezen_evidence::{Item, Pattern};
use uitlezen_phone::{
    Fact, PhoneError, Refusal,
    android::{
        Acquire, AdbKey, AndroidLink, AuthEvent, Cancel, Contacts, ListingLimits, Outcome, Patience, PreflightQuery,
        ProbeOptions, Reach, Sink, User, Wanted, acquire, connect, contacts, head, identity, list, preflight, probe,
    },
};
use uitlezen_twin::{
    FileBytes, Patterned,
    adb::{Accept, Answer},
    device::{Builder, Contact, Device, Fault, Package, Phone, Pull, Times, User as TwinUser},
    front::tcp::{self, Running},
};

const DATABASES: &str = "Android/media/com.whatsapp/WhatsApp/Databases";
const GIB5: u64 = (5 << 30) + 11;

fn key() -> &'static AdbKey {
    static KEY: OnceLock<AdbKey> = OnceLock::new();
    KEY.get_or_init(|| AdbKey::generate().unwrap())
}

fn try_link(phone: &Running, on: &mut dyn FnMut(AuthEvent)) -> Result<Box<dyn AndroidLink>, PhoneError> {
    let patience =
        Patience { connect: Duration::from_secs(5), silence: Duration::from_secs(2), allow: Duration::from_millis(1500) };
    connect(&Reach::Tcp { address: phone.addr(), lab: false }, key(), patience, Cancel::default(), on)
}

fn link(phone: &Running) -> Box<dyn AndroidLink> {
    try_link(phone, &mut |_| {}).unwrap()
}

fn bytes(text: &[u8]) -> Arc<dyn FileBytes> {
    Arc::new(text.to_vec())
}

fn phone(change: impl FnOnce(Builder) -> Builder) -> Running {
    let builder = Device::builder()
        .package(Package::new("com.whatsapp", "2.26.20.5", 1, 10_100).also_for(10))
        .user(TwinUser::work_profile(true))
        .file(format!("/sdcard/{DATABASES}/msgstore.db.crypt15"), Arc::new(Patterned { len: 20_000_000, seed: 7 }), 1_790_000_000)
        .file(format!("/sdcard/{DATABASES}/msgstore-2026-11-01.1.db.crypt15"), bytes(b"older"), 1_780_000_000)
        .file(format!("/sdcard/{DATABASES}/huge.crypt15"), Arc::new(Patterned { len: GIB5, seed: 1 }), 1_780_000_000);
    tcp::spawn(&change(builder).build()).unwrap()
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|t| Pattern::new(t).unwrap()).collect()
}

fn databases() -> Vec<Pattern> {
    patterns(&[&format!("{DATABASES}/msgstore*.crypt15"), "Android/media/com.whatsapp.w4b/**/*"])
}

#[derive(Default)]
struct Digests {
    now: Sha256,
    done: BTreeMap<String, [u8; 32]>,
    outcomes: Vec<Outcome>,
}

impl Sink for Digests {
    fn begin(&mut self, _: &Item) -> io::Result<()> {
        self.now = Sha256::new();
        Ok(())
    }
    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.now.update(bytes);
        Ok(())
    }
    fn end(&mut self, item: &Item, outcome: &Outcome) -> io::Result<()> {
        if matches!(outcome, Outcome::Verified { .. }) {
            self.done.insert(item.name.file_name().to_owned(), std::mem::take(&mut self.now).finalize().into());
        }
        self.outcomes.push(outcome.clone());
        Ok(())
    }
}

fn digest_of(source: &Patterned) -> [u8; 32] {
    let mut all = vec![0; source.len as usize];
    source.read_at(0, &mut all).unwrap();
    Sha256::digest(&all).into()
}

#[test]
fn the_twin_is_identified_checked_listed_and_read() {
    for (name, phone) in [
        ("as it comes", phone(|p| p)),
        ("without delayed acknowledgement", phone(|p| p.delayed_ack(false))),
        ("with checksums", phone(|p| p.checksums(true))),
        ("small payloads", phone(|p| p.max_payload(4096))),
    ] {
        let mut link = link(&phone);
        let who = identity(&mut *link).unwrap();
        assert_eq!(
            (who.serial, who.maker, who.sdk),
            (Fact::Known("TWIN0000000001".into()), Fact::Known("Twin".into()), Fact::Known(34)),
            "{name}"
        );
        assert_eq!(who.timezone, Fact::Known("Europe/Amsterdam".into()));
        assert!(who.clock.known().unwrap().offset_ms.abs() < 1500, "{:?}", who.clock);
        assert_eq!(who.warnings, []);
        let users = who.users.known().unwrap().clone();
        assert_eq!(users.iter().map(|u| (u.id, u.work_profile)).collect::<Vec<_>>(), [(0, Some(false)), (10, Some(true))]);

        let (wanted, backups) = (databases(), databases());
        let query =
            PreflightQuery { packages: &["com.whatsapp", "com.whatsapp.w4b"], users: &users, wanted: &wanted, backups: &backups };
        let flight = preflight(&mut *link, &query).unwrap();
        assert_eq!((flight.battery.known().unwrap().percent, flight.predicted_bytes), (80, 20_000_005), "{name}");
        assert!(flight.free_bytes.known().is_some_and(|free| *free > 1 << 30), "{:?}", flight.free_bytes);
        assert_eq!(flight.newest_backup.unwrap().name.file_name(), "msgstore.db.crypt15");
        let app = |package: &str, user| flight.apps.iter().find(|a| a.package == package && a.user == user).unwrap();
        assert_eq!(
            (app("com.whatsapp", 0).installed.clone(), app("com.whatsapp", 0).version.clone()),
            (Fact::Known(true), Fact::Known("2.26.20.5".into()))
        );
        assert_eq!(app("com.whatsapp.w4b", 0).installed, Fact::Known(false));
        assert!(matches!(app("com.whatsapp", 10).installed, Fact::Refused(_)), "{:?}", app("com.whatsapp", 10));

        let mut sink = Digests::default();
        let total = acquire(&mut *link, &flight.listing.items, &Acquire::default(), &mut sink).unwrap();
        assert_eq!((total.verified, total.bytes), (2, 20_000_005), "{name}: {:?}", sink.outcomes);
        assert_eq!(sink.done["msgstore.db.crypt15"], digest_of(&Patterned { len: 20_000_000, seed: 7 }));
        assert_eq!(link.stat(&format!("/sdcard/{DATABASES}/huge.crypt15")).unwrap().bytes, GIB5, "{name}");
        let older = &flight.listing.items[0].name;
        assert_eq!(head(&mut *link, older, 3).unwrap(), b"old");
    }
}

#[test]
fn the_dialog_is_waited_for_and_its_ends_are_told_apart() {
    let ask = |answer| phone(|p| p.accept(Accept::Ask(answer)));
    let mut events = Vec::new();
    let allowing = ask(Answer::Allow(Duration::from_millis(100)));
    drop(try_link(&allowing, &mut |e| events.push(e)).unwrap());
    assert!(matches!(events.as_slice(), [AuthEvent::AskingHolder { .. }, AuthEvent::Allowed]));
    // Remembered now: no dialog.
    try_link(&allowing, &mut |e| panic!("{e:?}")).unwrap();
    for answer in [Answer::Never, Answer::Refuse] {
        assert!(matches!(try_link(&ask(answer), &mut |_| {}), Err(PhoneError::AllowNotAnswered { .. })));
    }
    assert!(matches!(try_link(&phone(|p| p.accept(Accept::Forever)), &mut |_| {}), Err(PhoneError::AllowRefused)));
}

#[test]
fn hostile_names_and_crowds_of_the_twin_are_survived() {
    let folder = format!("/storage/emulated/0/{DATABASES}").into_bytes(); // where the link /sdcard leads
    let wanted = databases();
    let look = |fault| {
        let phone = phone(|p| p.fault(fault, Times::Always));
        list(&mut *link(&phone), &Wanted { patterns: &wanted, users: &[User::OWNER] }, &ListingLimits::default())
    };
    let listing = look(Fault::HostileNames { folder: folder.clone() }).unwrap();
    assert_eq!(listing.items.len(), 2);
    assert!(listing.skipped.hostile_names >= 4 && listing.skipped.not_utf8 >= 1, "{:?}", listing.skipped);
    let crowd = look(Fault::Crowd { folder: folder.clone(), entries: 100_000 }).unwrap();
    assert!(crowd.items.len() >= 2 && !crowd.truncated);
    assert!(matches!(look(Fault::ListHangs { folder }), Err(PhoneError::Silent { .. })));
}

#[test]
fn each_way_a_pull_can_fail_ends_in_its_own_outcome() {
    let file = format!("/storage/emulated/0/{DATABASES}/msgstore.db.crypt15").into_bytes();
    let wanted = databases();
    let run = |how, times| {
        let phone = phone(|p| p.fault(Fault::Pull { file: file.clone(), how }, times));
        let mut link = link(&phone);
        let listing = list(&mut *link, &Wanted { patterns: &wanted, users: &[User::OWNER] }, &ListingLimits::default()).unwrap();
        let items: Vec<Item> = listing.items.into_iter().filter(|i| i.bytes > 5).collect();
        let mut sink = Digests::default();
        let result = acquire(&mut *link, &items, &Acquire::default(), &mut sink).map(drop);
        (result, sink.outcomes)
    };
    let after = 300_000;
    for how in [Pull::SplitHeaders, Pull::Crumbs { bytes: 4000 }] {
        let (result, outcomes) = run(how, Times::Always);
        assert!(result.is_ok() && matches!(outcomes.as_slice(), [Outcome::Verified { .. }]), "{outcomes:?}");
    }
    let (_, outcomes) = run(Pull::Refused { text: "open failed: Permission denied".into() }, Times::Always);
    assert_eq!(outcomes, [Outcome::Refused { why: Refusal::NotPermitted }]);
    let (_, outcomes) = run(Pull::FailsAfter { after, text: "read failed: I/O error".into() }, Times::Always);
    assert_eq!(outcomes, [Outcome::Refused { why: Refusal::Other }]);
    // A file that ends early is no file; read again it is whole.
    let (result, outcomes) = run(Pull::DoneEarly { after }, Times::Only(1));
    assert!(
        result.is_ok() && matches!(outcomes.as_slice(), [Outcome::ReadAgain { .. }, Outcome::Verified { .. }]),
        "{outcomes:?}"
    );
    let changed = Arc::new(Patterned { len: 20_000_000, seed: 8 });
    let (result, outcomes) = run(Pull::Changes { after, bytes: changed, modified: 1_790_000_500 }, Times::Only(1));
    assert!(
        result.is_ok() && matches!(outcomes.as_slice(), [Outcome::ReadAgain { .. }, Outcome::Verified { .. }]),
        "{outcomes:?}"
    );
    let (result, outcomes) = run(Pull::Vanishes { after }, Times::Always);
    assert!(matches!(result, Err(PhoneError::Vanished)) && outcomes == [Outcome::Failed]);
    let (result, _) = run(Pull::Hangs { after }, Times::Always);
    assert!(matches!(result, Err(PhoneError::Silent { .. })));
    for how in [
        Pull::BadMagic { after },
        Pull::HugeBlock { after },
        Pull::HugeMessage { after },
        Pull::UnknownBlock { after },
        Pull::ClosesEarly { after },
    ] {
        let (result, outcomes) = run(how.clone(), Times::Always);
        assert!(matches!(result, Err(PhoneError::Protocol(_))) && outcomes == [Outcome::Failed], "{how:?}: {result:?}");
    }
}

#[test]
fn stale_frames_and_refused_services_of_the_twin() {
    let stale = phone(|p| p.fault(Fault::StaleFrames { frames: 20 }, Times::Always));
    assert!(link(&stale).stat(&format!("/sdcard/{DATABASES}")).is_ok());
    let no_sync = phone(|p| p.fault(Fault::SyncRefused, Times::Always));
    assert!(matches!(link(&no_sync).stat("/sdcard/x"), Err(PhoneError::ServiceRefused)));
    let silent = phone(|p| p.fault(Fault::SilentShell { command: "getprop".into() }, Times::Always));
    assert!(matches!(identity(&mut *link(&silent)), Err(PhoneError::Silent { .. })));
    let endless = phone(|p| p.fault(Fault::EndlessShell { command: "getprop ro.serialno".into() }, Times::Always));
    assert_eq!(identity(&mut *link(&endless)).unwrap().serial, Fact::Unreadable);
}

#[test]
fn participants_are_named_from_the_twin_s_address_book_and_a_probe_holds_none_of_it() {
    let person = |name: &str, number: &str, normalized: Option<&str>| Contact {
        name: Some(name.into()),
        phones: vec![Phone { number: number.into(), normalized: normalized.map(Into::into), kind: 2 }],
        emails: vec![],
    };
    let phone = phone(|p| {
        p.contact(person("Bakker, Anna", "06 12345678", Some("+31612345678")))
            .contact(person("Someone else", "+31 6 87654321", None))
            .contact(person("Row: 1 _id=9, data4=x", "+31 6 11111111", None))
    });
    let mut link = link(&phone);
    let numbers: BTreeSet<String> = ["31612345678", "31611111111"].map(str::to_owned).into();
    let Contacts::Read { contacts, unclear } = contacts(&mut *link, 0, &numbers, Some("31")).unwrap() else { panic!() };
    assert_eq!(contacts.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Row: 1 _id=9, data4=x", "Bakker, Anna"]);
    assert_eq!(unclear, 0);
    let text = probe(&mut *link, &ProbeOptions::default()).unwrap().to_string();
    for secret in ["Bakker", "12345678", "TWIN0000000001", "Owner"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_phone_without_shell_v2_refuses_what_it_cannot_tell() {
    // Before Android 7: no exit codes. Files are still read, by sync v1; nothing the shell would say is guessed.
    let phone = phone(Builder::old_protocol);
    let mut link = link(&phone);
    assert_eq!(identity(&mut *link).unwrap().serial, Fact::Refused(Refusal::NotOffered));
    let mut got = 0;
    link.pull(&format!("/sdcard/{DATABASES}/msgstore.db.crypt15"), &mut |bytes| {
        got += bytes.len();
        Ok(())
    })
    .unwrap();
    assert_eq!(got, 20_000_000);
}

#[test]
fn the_twin_is_read_through_a_real_adb_server() {
    let home = tempfile::tempdir().unwrap();
    let Some(server) = adb_server::adb_server(home.path()) else { return };
    let phone = phone(|p| p);
    let mut link = adb_server::through(&server, home.path(), phone.addr());
    let who = identity(&mut link).unwrap();
    assert_eq!(who.serial, Fact::Known("TWIN0000000001".into()));
    let (wanted, backups) = (databases(), databases());
    let users = who.users.known().unwrap().clone();
    let query = PreflightQuery { packages: &["com.whatsapp"], users: &users, wanted: &wanted, backups: &backups };
    let flight = preflight(&mut link, &query).unwrap();
    assert_eq!(flight.predicted_bytes, 20_000_005);
    assert_eq!(flight.apps[0].version, Fact::Known("2.26.20.5".into()));
    let mut sink = Digests::default();
    let total = acquire(&mut link, &flight.listing.items, &Acquire::default(), &mut sink).unwrap();
    assert_eq!(total.verified, 2, "{:?}", sink.outcomes);
    assert_eq!(sink.done["msgstore.db.crypt15"], digest_of(&Patterned { len: 20_000_000, seed: 7 }));
    assert_eq!(link.stat(&format!("/sdcard/{DATABASES}/huge.crypt15")).unwrap().bytes, GIB5);
}
