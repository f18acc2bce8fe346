//! What a readout does with a phone, on a scripted one: who it is, what it has, taking it, and what it will not give.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod adb_server;
mod support;

use adb_server::{adb, adb_server, through};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddrV4,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use support::{Auth, Fake, Out, Running, Shell, block};
use uitlezen_evidence::{Item, Pattern};
use uitlezen_phone::{
    Fact, PhoneError, Refusal,
    android::{
        Acquire, AdbKey, AndroidLink, Cancel, Contact, Contacts, HashRule, ListingLimits, Outcome, Patience, PreflightQuery,
        ProbeOptions, Reach, ServerLink, Sink, User, Wanted, Warning, acquire, connect, contacts, head, identity, list, path_of,
        preflight, probe,
    },
};

const DATABASES: &str = "/sdcard/Android/media/com.whatsapp/WhatsApp/Databases";

fn link(phone: &Running) -> Box<dyn AndroidLink> {
    static KEY: OnceLock<AdbKey> = OnceLock::new();
    let key = KEY.get_or_init(|| AdbKey::generate().unwrap());
    let patience = Patience { connect: Duration::from_secs(2), silence: Duration::from_secs(2), allow: Duration::from_secs(2) };
    connect(&Reach::Tcp { address: phone.address, lab: false }, key, patience, Cancel::default(), &mut |_| {}).unwrap()
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|t| Pattern::new(t).unwrap()).collect()
}

fn whatsapp() -> Vec<Pattern> {
    patterns(&[
        "Android/media/com.whatsapp/WhatsApp/Databases/msgstore*.crypt*",
        "Android/media/com.whatsapp/WhatsApp/Backups/*.crypt*",
        "Android/media/com.whatsapp/WhatsApp/Media/**/*",
        "Android/media/com.whatsapp.w4b/WhatsApp Business/Databases/*",
    ])
}

fn files(paths: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    paths.iter().map(|(p, b)| ((*p).to_owned(), b.to_vec())).collect()
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

fn ok(text: impl Into<Vec<u8>>) -> Option<Shell> {
    Some((text.into(), vec![], 0))
}

/// Remembers what came, by name.
#[derive(Default)]
struct Kept {
    now: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
    outcomes: Vec<Outcome>,
    begun: usize,
}

impl Sink for Kept {
    fn begin(&mut self, _: &Item) -> io::Result<()> {
        self.begun += 1;
        self.now.clear();
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.now.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, item: &Item, outcome: &Outcome) -> io::Result<()> {
        if matches!(outcome, Outcome::Verified { .. } | Outcome::HashUnavailable { .. }) {
            self.files.insert(item.name.as_str().to_owned(), std::mem::take(&mut self.now));
        }
        self.outcomes.push(outcome.clone());
        Ok(())
    }
}

#[test]
fn the_wanted_files_are_listed_and_nothing_else_is_looked_into() {
    let phone = Fake {
        files: files(&[
            (&format!("{DATABASES}/msgstore.db.crypt15"), b"new"),
            (&format!("{DATABASES}/msgstore-2026-11-01.1.db.crypt15"), b"older"),
            (&format!("{DATABASES}/notes.txt"), b"no"),
            ("/sdcard/Android/media/com.whatsapp/WhatsApp/Media/.Statuses/a.jpg", b"jpg"),
            ("/sdcard/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Private/één.jpg", b"jpeg"),
            ("/sdcard/DCIM/private.jpg", b"never"),
        ]),
        closed: ["/sdcard/Android/media/com.whatsapp/WhatsApp/Backups".to_owned()].into(),
        ..Fake::default()
    }
    .start();
    let mut link = link(&phone);
    let patterns = whatsapp();
    let listing = list(&mut *link, &Wanted { patterns: &patterns, users: &[User::OWNER] }, &ListingLimits::default()).unwrap();
    assert_eq!(
        names(&listing.items),
        [
            "Android/media/com.whatsapp/WhatsApp/Databases/msgstore-2026-11-01.1.db.crypt15",
            "Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15",
            "Android/media/com.whatsapp/WhatsApp/Media/.Statuses/a.jpg",
            "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Private/één.jpg",
        ]
    );
    assert_eq!((listing.bytes(), listing.truncated), (3 + 5 + 3 + 4, false));
    // The folder that may not be read is no empty folder.
    assert_eq!(listing.refused.len(), 1);
    assert_eq!(
        (listing.refused[0].why, listing.refused[0].folder.as_ref().unwrap().file_name()),
        (Refusal::NotPermitted, "Backups")
    );
}

#[test]
fn another_spelling_of_a_folder_is_found_from_the_top() {
    let phone = Fake {
        files: files(&[("/sdcard/android/Media/com.whatsapp/whatsapp/databases/MSGSTORE.db.crypt15", b"x")]),
        ..Fake::default()
    }
    .start();
    let patterns = whatsapp();
    let listing =
        list(&mut *link(&phone), &Wanted { patterns: &patterns, users: &[User::OWNER] }, &ListingLimits::default()).unwrap();
    assert_eq!(names(&listing.items), ["android/Media/com.whatsapp/whatsapp/databases/MSGSTORE.db.crypt15"]);
}

#[test]
fn hostile_names_are_counted_and_never_become_items() {
    let regular = 0o100_660;
    let odd = |name: &[u8], mode| (DATABASES.to_owned(), name.to_vec(), mode);
    let phone = Fake {
        files: files(&[(&format!("{DATABASES}/msgstore.db.crypt15"), b"good")]),
        odd: vec![
            odd(b"../../../../etc/passwd", regular),
            odd(b"/etc/passwd", regular),
            odd(b"msgstore\n.crypt15", regular),
            odd(b"msgstore\\.crypt15", regular),
            odd(b"", regular),
            odd(b"msgstore\xff\xfe.crypt15", regular),
            odd(b"msgstore-link.crypt15", 0o120_777),
            odd(b"msgstore-pipe.crypt15", 0o010_600),
            odd(&[b'x'; 1024], 0o040_770),
        ],
        ..Fake::default()
    }
    .start();
    let patterns = whatsapp();
    let listing =
        list(&mut *link(&phone), &Wanted { patterns: &patterns, users: &[User::OWNER] }, &ListingLimits::default()).unwrap();
    assert_eq!(names(&listing.items), ["Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15"]);
    let skipped = listing.skipped;
    assert_eq!((skipped.hostile_names, skipped.not_utf8, skipped.not_files), (5, 1, 2));
}

#[test]
fn a_work_profile_is_a_root_of_its_own() {
    let work = User { id: 10, work_profile: Some(true), running: true };
    let secure = User { id: 150, work_profile: Some(false), running: true };
    let phone = Fake {
        files: files(&[
            (&format!("{DATABASES}/msgstore.db.crypt15"), b"mine"),
            ("/storage/emulated/10/Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15", b"work"),
            // Dressed up as another user's.
            ("/sdcard/storage/emulated/10/Android/media/x", b"disguise"),
        ]),
        closed: ["/storage/emulated/150".to_owned()].into(),
        ..Fake::default()
    }
    .start();
    let mut link = link(&phone);
    let patterns = [whatsapp(), patterns(&["storage/**/*"])].concat();
    let listing =
        list(&mut *link, &Wanted { patterns: &patterns, users: &[User::OWNER, work, secure] }, &ListingLimits::default())
            .unwrap();
    assert_eq!(names(&listing.items).len(), 2);
    assert_eq!(listing.skipped.hostile_names, 1);
    assert_eq!(listing.refused.iter().map(|r| (r.user, r.why)).collect::<Vec<_>>(), [(150, Refusal::NotPermitted)]);
    let mut kept = Kept::default();
    acquire(&mut *link, &listing.items, &Acquire::default(), &mut kept).unwrap();
    assert_eq!(kept.files["storage/emulated/10/Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15"], b"work");
}

#[test]
fn a_hundred_thousand_entries_and_a_bound_on_them() {
    let media = "/sdcard/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images";
    let phone =
        || Fake { files: (0..100_000).map(|n| (format!("{media}/IMG-{n:06}.jpg"), vec![])).collect(), ..Fake::default() }.start();
    let patterns = whatsapp();
    let wanted = Wanted { patterns: &patterns, users: &[User::OWNER] };
    let start = Instant::now();
    let listing = list(&mut *link(&phone()), &wanted, &ListingLimits::default()).unwrap();
    eprintln!("100,000 entries listed in {:?}", start.elapsed());
    assert_eq!((listing.items.len(), listing.truncated), (100_000, false));
    assert!(start.elapsed() < Duration::from_secs(10));
    let listing = list(&mut *link(&phone()), &wanted, &ListingLimits { items: 1000, ..ListingLimits::default() }).unwrap();
    assert!(listing.truncated && listing.items.len() <= 1000);
}

/// A phone with one file, and the item a listing would give.
fn one_file(fake: Fake, name: &str, bytes: &[u8]) -> (Running, Vec<Item>) {
    let mut fake = fake;
    let path = format!("/sdcard/{name}");
    fake.files.insert(path, bytes.to_vec());
    let item =
        Item { name: uitlezen_evidence::ItemName::new(name).unwrap(), bytes: bytes.len() as u64, modified: Some(1_700_000_000) };
    (fake.start(), vec![item])
}

#[test]
fn files_arrive_verified_small_ones_hashed_together() {
    let big: Vec<u8> = (0..9_000_000u32).map(|n| (n >> 3) as u8).collect();
    let mut all: BTreeMap<String, Vec<u8>> =
        (0..150).map(|n| (format!("/sdcard/a/it's {n:03}"), vec![n as u8; n * 10])).collect();
    all.insert("/sdcard/a/z-big".into(), big);
    let phone = Fake { files: all.clone(), ..Fake::default() }.start();
    let mut link = link(&phone);
    let wanted = patterns(&["a/*"]);
    let listing = list(&mut *link, &Wanted { patterns: &wanted, users: &[User::OWNER] }, &ListingLimits::default()).unwrap();
    let mut kept = Kept::default();
    let total = acquire(&mut *link, &listing.items, &Acquire::default(), &mut kept).unwrap();
    assert_eq!((total.verified, total.bytes), (151, all.values().map(|b| b.len() as u64).sum()));
    for (name, bytes) in &kept.files {
        assert!(all[&format!("/sdcard/{name}")] == *bytes);
    }
    for (item, outcome) in listing.items.iter().zip(&kept.outcomes) {
        let Outcome::Verified { sha256, bytes, modified } = outcome else { panic!("{outcome:?}") };
        assert_eq!(
            (sha256.as_slice(), *bytes, Some(*modified)),
            (Sha256::digest(&all[&path_of(&item.name)]).as_slice(), item.bytes, item.modified)
        );
    }
    assert_eq!(phone.opened("shell,v2,raw:sha256sum"), 4, "three commands for 150 small files, one for the large");
    assert_eq!(phone.opened("sync:"), 1);
}

#[test]
fn a_file_that_changed_while_read_is_read_again() {
    let moves = |until: usize| {
        let phone: Arc<OnceLock<Arc<Fake>>> = Arc::default();
        let inner = phone.clone();
        let fake = Fake {
            pull: Box::new(move |path, n| {
                if n <= until {
                    inner.get()?.mtimes.lock().unwrap().insert(path.to_owned(), 1_700_000_000 + n as u64);
                }
                None
            }),
            ..Fake::default()
        };
        let (running, items) = one_file(fake, "db", b"content");
        phone.set(running.fake.clone()).ok().unwrap();
        let mut kept = Kept::default();
        let total = acquire(&mut *link(&running), &items, &Acquire::default(), &mut kept).unwrap();
        (kept, total)
    };
    let (kept, total) = moves(1);
    assert!(
        matches!(kept.outcomes.as_slice(), [Outcome::ReadAgain { attempt: 1 }, Outcome::Verified { .. }]),
        "{:?}",
        kept.outcomes
    );
    assert_eq!((kept.begun, total.reread, total.verified, kept.files["db"].as_slice()), (2, 1, 1, &b"content"[..]));

    let (kept, total) = moves(99);
    assert!(matches!(kept.outcomes.last(), Some(Outcome::ChangedWhileRead { attempts: 3 })));
    assert_eq!((kept.files.len(), total.changed, total.bytes), (0, 1, 0));
}

#[test]
fn bytes_altered_on_the_way_are_noticed_by_the_phone_s_hash() {
    let fake = Fake {
        pull: Box::new(|_, n| (n == 1).then(|| vec![Out::Bytes([block(b"DATA", b"tampere"), block(b"DONE", &[])].concat())])),
        ..Fake::default()
    };
    let (phone, items) = one_file(fake, "db", b"content");
    let mut kept = Kept::default();
    acquire(&mut *link(&phone), &items, &Acquire::default(), &mut kept).unwrap();
    assert!(matches!(kept.outcomes.as_slice(), [Outcome::ReadAgain { .. }, Outcome::Verified { .. }]), "{:?}", kept.outcomes);
    // A short file is noticed by its size even without a hash.
    let fake = Fake {
        pull: Box::new(|_, _| Some(vec![Out::Bytes([block(b"DATA", b"con"), block(b"DONE", &[])].concat())])),
        ..Fake::default()
    };
    let (phone, items) = one_file(fake, "db", b"content");
    let mut kept = Kept::default();
    let how = Acquire { hash: HashRule::Never, attempts: 2 };
    acquire(&mut *link(&phone), &items, &how, &mut kept).unwrap();
    assert!(
        matches!(kept.outcomes.as_slice(), [Outcome::ReadAgain { .. }, Outcome::ChangedWhileRead { attempts: 2 }]),
        "{:?}",
        kept.outcomes
    );
}

#[test]
fn a_stream_without_end_is_broken_off() {
    let fake = Fake { pull: Box::new(|_, _| Some(vec![Out::Blocks(100_000)])), ..Fake::default() };
    let (phone, items) = one_file(fake, "db", b"content");
    let mut kept = Kept::default();
    acquire(&mut *link(&phone), &items, &Acquire { attempts: 1, ..Acquire::default() }, &mut kept).unwrap();
    assert!(matches!(kept.outcomes.as_slice(), [Outcome::ChangedWhileRead { .. }]));
    assert!(kept.now.len() <= (16 << 20) + 100);
}

#[test]
fn refused_absent_unhashed_and_failed_are_told_apart() {
    let names = ["gone", "locked", "open"];
    let items: Vec<Item> =
        names.iter().map(|n| Item { name: uitlezen_evidence::ItemName::new(*n).unwrap(), bytes: 4, modified: Some(1) }).collect();
    let phone = Fake {
        files: files(&[("/sdcard/locked", b"keep"), ("/sdcard/open", b"gets")]),
        locked: ["/sdcard/locked".to_owned()].into(),
        shell: Box::new(|command| command.starts_with("sha256sum").then(|| (vec![], b"sh: sha256sum: not found".to_vec(), 127))),
        ..Fake::default()
    }
    .start();
    let mut link_ = link(&phone);
    let mut kept = Kept::default();
    let total = acquire(&mut *link_, &items, &Acquire::default(), &mut kept).unwrap();
    assert!(
        matches!(
            kept.outcomes.as_slice(),
            [Outcome::Absent, Outcome::Refused { why: Refusal::NotPermitted }, Outcome::HashUnavailable { bytes: 4, .. }]
        ),
        "{:?}",
        kept.outcomes
    );
    assert_eq!((total.absent, total.refused, total.unhashed), (1, 1, 1));
    assert_eq!(head(&mut *link_, &items[2].name, 3).unwrap(), b"get");
    assert!(matches!(head(&mut *link_, &items[0].name, 3), Err(PhoneError::Refused(Refusal::NoSuchFile))));

    let fake = Fake { pull: Box::new(|_, _| Some(vec![Out::Bytes(block(b"DATA", b"co")), Out::Vanish])), ..Fake::default() };
    let (phone, items) = one_file(fake, "db", b"content");
    let mut kept = Kept::default();
    let error = acquire(&mut *link(&phone), &items, &Acquire::default(), &mut kept).unwrap_err();
    assert!(matches!(error, PhoneError::Vanished));
    assert_eq!((kept.outcomes, kept.begun), (vec![Outcome::Failed], 1), "every begin has its end");
}

fn answers(command: &str) -> Option<Shell> {
    match command {
        "getprop ro.serialno" => ok("ABC123\n"),
        "getprop ro.product.manufacturer" => ok("Fairphone\n"),
        "getprop ro.product.model" => ok("FP5\n"),
        "getprop ro.build.version.release" => ok("15\n"),
        "getprop ro.build.version.sdk" => ok("35\n"),
        "getprop ro.build.version.security_patch" => ok("2026-02-05\n"),
        "getprop persist.sys.timezone" => ok("\n"),
        "pm list users" => ok("Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:Work profile:1030} running\n"),
        "settings --user 0 get global adb_wifi_enabled" => ok("1\n"),
        "dumpsys battery" => ok("  USB powered: true\n  level: 55\n  scale: 100\n"),
        "df -k /sdcard" => ok("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/fuse 100 50 50 50% /storage/emulated\n"),
        "pm list packages --user 0" => ok("package:android\npackage:com.whatsapp\npackage:com.whatsapp.w4bx\n"),
        "pm list packages --user 10" => ok("java.lang.SecurityException: Shell does not have permission to access user 10\n"),
        "dumpsys package com.whatsapp" => ok(
            "Packages:\n  Package [com.whatsapp]\n    versionCode=1 minSdk=1\n    versionName=2.26.1.3\n    versionName=older\n",
        ),
        c if c.starts_with("date") => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(600);
            ok(format!("{}.{:09}\n", now.as_secs(), now.subsec_nanos()))
        }
        _ => None,
    }
}

#[test]
fn identity_says_what_it_knows_and_what_not() {
    let phone = Fake { shell: Box::new(answers), ..Fake::default() }.start();
    let who = identity(&mut *link(&phone)).unwrap();
    assert_eq!(
        (who.serial.clone(), who.model.clone(), who.sdk.clone()),
        (Fact::Known("ABC123".into()), Fact::Known("FP5".into()), Fact::Known(35))
    );
    assert_eq!(who.timezone, Fact::Unreadable, "an unset property is not an empty one");
    assert_eq!(who.users.known().unwrap().iter().map(|u| u.id).collect::<Vec<_>>(), [0, 10]);
    let clock = who.clock.known().unwrap();
    assert!((clock.offset_ms - 600_000).unsigned_abs() <= clock.uncertainty_ms + 50, "{clock:?}");
    assert_eq!(who.warnings, [Warning::WirelessDebuggingOpen, Warning::ClockOff]);
    let back: uitlezen_phone::android::Identity = serde_json::from_str(&serde_json::to_string(&who).unwrap()).unwrap();
    assert_eq!(back, who);
}

#[test]
fn preflight_predicts_and_tells_a_closed_profile_from_an_absent_app() {
    let phone = Fake {
        files: files(&[
            (&format!("{DATABASES}/msgstore.db.crypt15"), b"0123456789"),
            (&format!("{DATABASES}/msgstore-2026-11-01.1.db.crypt15"), b"01234"),
        ]),
        mtimes: Mutex::new([(format!("{DATABASES}/msgstore.db.crypt15"), 1_800_000_000)].into()),
        shell: Box::new(answers),
        ..Fake::default()
    }
    .start();
    let users = [User::OWNER, User { id: 10, work_profile: Some(true), running: true }];
    let (wanted, backups) = (whatsapp(), patterns(&["Android/media/com.whatsapp*/WhatsApp*/Databases/msgstore*.crypt*"]));
    let query =
        PreflightQuery { packages: &["com.whatsapp", "com.whatsapp.w4b"], users: &users, wanted: &wanted, backups: &backups };
    let flight = preflight(&mut *link(&phone), &query).unwrap();
    assert_eq!((flight.predicted_bytes, flight.free_bytes), (15, Fact::Known(51_200)));
    assert_eq!(flight.battery.known().unwrap().percent, 55);
    assert_eq!(flight.newest_backup.unwrap().name.file_name(), "msgstore.db.crypt15");
    assert!(flight.newest_backup_age.is_some());
    let states: Vec<_> = flight.apps.iter().map(|a| (a.package.as_str(), a.user, a.installed.clone())).collect();
    assert_eq!(states[0], ("com.whatsapp", 0, Fact::Known(true)));
    assert_eq!(states[1], ("com.whatsapp", 10, Fact::Refused(Refusal::ProfileClosed)));
    assert_eq!(states[2], ("com.whatsapp.w4b", 0, Fact::Known(false)));
    assert_eq!(flight.apps[0].version, Fact::Known("2.26.1.3".into()));
}

fn address_book(rows: &'static str, ids: &'static str) -> Running {
    Fake {
        shell: Box::new(move |command| {
            let filtered = command.contains("--where '_id=");
            match command {
                c if c.contains("'_id:data4:data1:display_name'") && !filtered => ok(rows),
                c if c.contains("--projection '_id'") => ok(ids),
                c if c.contains("'_id=1'") => ok("Row: 0 _id=1, data4=+31611111111, data1=06 1111 1111, display_name=Evil\nRow: 1 _id=2, data4=+31622222222, data1=x, display_name=Fake\n"),
                c if c.contains("'_id=3'") => ok("Row: 0 _id=3, data4=NULL, data1=06 33333333, display_name=Real, with, commas\n"),
                _ => None,
            }
        }),
        ..Fake::default()
    }
    .start()
}

#[test]
fn only_participants_are_kept_of_the_address_book() {
    let numbers: BTreeSet<String> = ["31611111111", "31633333333"].map(str::to_owned).into();
    let contact = |number: &str, name: &str| Contact { number: number.into(), name: name.into() };

    let phone = address_book(
        "Row: 0 _id=1, data4=+31611111111, data1=06 11111111, display_name=Jansen, Jan\nRow: 1 _id=2, data4=+31699999999, data1=06, display_name=Nobody\nRow: 2 _id=3, data4=NULL, data1=06-33333333, display_name=Line\nbreak\n",
        "Row: 0 _id=1\nRow: 1 _id=2\nRow: 2 _id=3\n",
    );
    let got = contacts(&mut *link(&phone), 0, &numbers, Some("31")).unwrap();
    assert_eq!(
        got,
        Contacts::Read {
            contacts: vec![contact("31611111111", "Jansen, Jan"), contact("31633333333", "Line\nbreak")],
            unclear: 0
        }
    );

    // A name made to look like a row: the second reading of the ids shows it, the rows are then asked for one by one, and the
    // one that cannot be cut with certainty is left out and counted.
    let phone = address_book(
        "Row: 0 _id=1, data4=+31611111111, data1=06 1111 1111, display_name=Evil\nRow: 1 _id=2, data4=+31622222222, data1=x, display_name=Fake\nRow: 1 _id=3, data4=NULL, data1=06 33333333, display_name=Real, with, commas\n",
        "Row: 0 _id=1\nRow: 1 _id=3\n",
    );
    let got = contacts(&mut *link(&phone), 0, &numbers, Some("31")).unwrap();
    assert_eq!(got, Contacts::Read { contacts: vec![contact("31633333333", "Real, with, commas")], unclear: 1 });

    let refused =
        "Error while accessing provider:com.android.contacts\njava.lang.SecurityException: Permission Denial: reading\n";
    assert_eq!(
        contacts(&mut *link(&address_book(refused, "")), 0, &numbers, None).unwrap(),
        Contacts::Refused { why: Refusal::NotPermitted }
    );
    assert_eq!(contacts(&mut *link(&address_book("No result found.\n", "")), 0, &numbers, None).unwrap(), Contacts::Empty);
    assert_eq!(contacts(&mut *link(&address_book("garbage", "garbage")), 0, &numbers, None).unwrap(), Contacts::Unreadable);
}

#[test]
fn a_probe_holds_no_content() {
    let phone = Fake {
        files: files(&[
            (&format!("{DATABASES}/msgstore.db.crypt15"), b"0123456789"),
            (&format!("{DATABASES}/letter to SECRETNAME.pdf"), b"x"),
        ]),
        shell: Box::new(|command| match command {
            c if c.contains("content://im/chat") => ok("No result found.\n"),
            c if c.contains("hex(type)") => ok("Row: 0 _id=41, hex(type)=31\n"),
            c if c.contains("content://sms") => ok("Row: 0 _id=41\n"),
            c if c.contains("content://mms") => ok("java.lang.SecurityException: Permission Denial\n"),
            "bu backup -nocompress com.android.providers.telephony" => {
                ok([b"ANDROID BACKUP\n5\n0\nnone\n".to_vec(), vec![0; 3000], b"d_f/000000_sms_backup SECRETNAME".to_vec()]
                    .concat())
            }
            c => answers(c),
        }),
        ..Fake::default()
    }
    .start();
    let value = probe(&mut *link(&phone), &ProbeOptions { with_backup: true }).unwrap();
    let text = value.to_string();
    for secret in ["SECRETNAME", "ABC123", "Owner", "Work profile"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let owner = &value["users"][0];
    let files = owner["a_backup_folders"]["com.whatsapp/Databases"]["files"].as_array().unwrap();
    let mut kinds: Vec<_> = files.iter().map(|f| f["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["msgstore.db.crypt15", "other"]);
    assert_eq!(owner["a_backup_folders"]["com.whatsapp.w4b/Databases"], "absent");
    assert_eq!(owner["c_function_in_projection"], "yes");
    assert_eq!(owner["d_samsung_chat"], "no result");
    assert_eq!(owner["k_sms"]["rows"], 1);
    assert_eq!(owner["k_mms"]["refused"], "not-permitted");
    assert_eq!(value["e_adb_backup"]["messages_entry"], true);
    assert_eq!(value["users"][1]["f_packages"]["state"], "refused");
}

#[test]
fn a_phone_that_a_real_adb_server_holds_is_read_through_it() {
    let home = tempfile::tempdir().unwrap();
    let Some(server) = adb_server(home.path()) else { return };
    let big: Vec<u8> = (0..2_000_000u32).map(|n| (n * 31) as u8).collect();
    let phone = Fake {
        // The real server sends no RCV2 answer we would see; it only speaks sync when asked to.
        features: "shell_v2,cmd,stat_v2,ls_v2",
        auth: Auth::Open,
        files: files(&[
            (&format!("{DATABASES}/msgstore.db.crypt15"), &big),
            (&format!("{DATABASES}/msgstore-2026-11-01.1.db.crypt15"), b"older"),
        ]),
        closed: ["/sdcard/Android/media/com.whatsapp/WhatsApp/Backups".to_owned()].into(),
        odd: vec![(DATABASES.into(), b"msgstore\n.crypt15".to_vec(), 0o100_660)],
        ..Fake::default()
    }
    .start();
    let mut link = through(&server, home.path(), phone.address);
    let address = SocketAddrV4::new([127, 0, 0, 1].into(), server.1);
    let patience = Patience::default();
    assert!(matches!(ServerLink::connect_at(address, "another", patience, Cancel::default()), Err(PhoneError::NotFound)));
    let patterns = whatsapp();
    let listing = list(&mut link, &Wanted { patterns: &patterns, users: &[User::OWNER] }, &ListingLimits::default()).unwrap();
    assert_eq!(listing.items.len(), 2);
    assert_eq!(
        listing.refused.iter().map(|r| (r.folder.as_ref().map(|f| f.as_str()), r.why)).collect::<Vec<_>>(),
        [(Some("Android/media/com.whatsapp/WhatsApp/Backups"), Refusal::NotPermitted)]
    );
    assert!(listing.skipped.hostile_names >= 1);
    let mut kept = Kept::default();
    let total = acquire(&mut link, &listing.items, &Acquire::default(), &mut kept).unwrap();
    assert_eq!((total.verified, total.bytes), (2, 2_000_005));
    assert!(kept.files["Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15"] == big);
    let none = uitlezen_evidence::ItemName::new("none").unwrap();
    assert!(matches!(link.stat(&path_of(&none)), Err(PhoneError::Refused(Refusal::NoSuchFile))));
    assert!(matches!(link.pull(&path_of(&none), &mut |_| Ok(())), Err(PhoneError::Refused(Refusal::NoSuchFile))));
}

/// Not slower than `adb pull` of the same bytes over loopback. Run by hand:
/// `cargo test --release -p uitlezen-phone --test stories -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement of 4 GiB"]
fn four_gib_beside_adb_pull() {
    const BLOCKS: u64 = 65_536;
    let endless = |features| Fake {
        features,
        files: [("/sdcard/big".to_owned(), vec![1])].into(),
        sizes: [("/sdcard/big".to_owned(), BLOCKS * 65_536)].into(),
        pull: Box::new(|_, _| Some(vec![Out::Blocks(BLOCKS), Out::Bytes(block(b"DONE", &[]))])),
        ..Fake::default()
    };
    for features in [support::V2, support::V2_DELAYED] {
        let phone = endless(features).start();
        let mut link = link(&phone);
        let start = Instant::now();
        let mut hash = Sha256::new();
        let bytes = link
            .pull("/sdcard/big", &mut |b| {
                hash.update(b);
                Ok(())
            })
            .unwrap();
        eprintln!("ours with SHA-256, {features}: {bytes} bytes in {:?}", start.elapsed());
    }
    let home = tempfile::tempdir().unwrap();
    let Some(server) = adb_server(home.path()) else { return };
    let phone = endless("shell_v2,cmd,stat_v2,ls_v2").start();
    let serial = phone.address.to_string();
    while !adb(&server, home.path(), &["connect", &serial]).contains("connected to") {
        std::thread::sleep(Duration::from_millis(100));
    }
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    // To a real file: as root adb removes the target first, were it a device.
    let target = home.path().join("big");
    adb(&server, home.path(), &["-s", &serial, "pull", "/sdcard/big", &target.display().to_string()]);
    eprintln!("adb pull to a file: {:?}", start.elapsed());
}
