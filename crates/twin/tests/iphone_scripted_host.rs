//! The virtual iPhone before a host of our own: what no decent tool does, and what goes wrong on request.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::{Folder, Host, dict, event, request, serve};
use plist::{Dictionary, Value};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};
use uitlezen_twin::{
    backup::BackupFile,
    device::Times,
    iphone::{
        Builder, Fault, Hostile, How, Iphone, Link, Lock, Moment, Passcode, Trust,
        usbmuxd::{self, Running},
    },
};

const GIB: u64 = 1 << 30;

fn phone() -> Builder {
    Iphone::builder().files([
        BackupFile::of("HomeDomain", "Library/SMS/sms.db", vec![1; 100_000], 1_760_000_000),
        BackupFile::of("HomeDomain", "Library/Preferences/a.plist", vec![2; 10], 1_760_000_000),
    ])
}

fn desk(builder: Builder) -> (Arc<Iphone>, Running, Host) {
    let phone = builder.build();
    let mux = usbmuxd::spawn(std::slice::from_ref(&phone)).unwrap();
    let host = Host::at(mux.address());
    (phone, mux, host)
}

fn paired(builder: Builder) -> (Arc<Iphone>, Running, Host) {
    let (phone, mux, mut host) = desk(builder);
    host.pair("HOST-1").unwrap();
    (phone, mux, host)
}

fn roomy() -> Folder {
    Folder { free: 100 * GIB, ..Folder::default() }
}

fn backup_request(phone: &Iphone) -> Dictionary {
    dict([("MessageName", "Backup".into()), ("TargetIdentifier", phone.identity().udid.as_str().into())])
}

fn backup(phone: &Iphone, host: &Host, folder: &mut Folder) -> std::io::Result<u64> {
    let mut service = host.backup_service(true)?;
    serve(&mut service, folder, backup_request(phone))
}

fn change(phone: &Iphone, host: &Host, old: Option<&str>, new: Option<&str>) -> std::io::Result<u64> {
    let mut content = backup_request(phone);
    content.insert("MessageName".into(), "ChangePassword".into());
    for (key, password) in [("OldPassword", old), ("NewPassword", new)] {
        content.extend(password.map(|password| (key.to_owned(), Value::from(password))));
    }
    serve(&mut host.backup_service(true)?, &mut roomy(), content)
}

fn listen(host: &Host) -> TcpStream {
    let (socket, answer) = host.ask(dict([("MessageType", "Listen".into())]));
    assert_eq!(answer["Number"].as_unsigned_integer(), Some(0));
    socket
}

#[test]
fn the_daemon_tells_of_phones_that_come_and_go() {
    let (phone, mux, host) = desk(phone());
    let mut events = listen(&host);
    let first = event(&mut events).unwrap();
    assert_eq!(first["MessageType"].as_string(), Some("Attached"));
    phone.unplug();
    assert_eq!(event(&mut events).unwrap()["DeviceID"], first["DeviceID"]);
    assert!(host.devices().is_empty());
    phone.plug_in();
    let again = event(&mut events).unwrap();
    assert_ne!(again["DeviceID"], first["DeviceID"]);
    mux.attach(&phone, Link::Network);
    let kinds: Vec<_> =
        host.devices().iter().map(|d| d["Properties"].as_dictionary().unwrap()["ConnectionType"].clone()).collect();
    assert_eq!(kinds, [Value::from("USB"), Value::from("Network")]);
    assert_eq!(host.connect(9).unwrap_err(), 3);
    for (request, number) in [
        (dict([("MessageType", "Nonsense".into())]), 1),
        (dict([("MessageType", "Connect".into()), ("DeviceID", 99.into()), ("PortNumber", 1.into())]), 2),
        (dict([("MessageType", "ReadPairRecord".into()), ("PairRecordID", "x".into())]), 2),
    ] {
        assert_eq!(host.ask(request).1["Number"].as_unsigned_integer(), Some(number));
    }
}

#[cfg(unix)]
#[test]
fn the_daemon_listens_on_a_unix_socket_too() {
    let place = tempfile::TempDir::new().unwrap();
    let path = place.path().join("usbmuxd");
    let mux = usbmuxd::spawn_at(&path, &[phone().build()]).unwrap();
    let mut socket = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let body = b"<plist version=\"1.0\"><dict><key>MessageType</key><string>ListDevices</string></dict></plist>";
    for word in [16 + body.len() as u32, 1, 8, 5] {
        socket.write_all(&word.to_le_bytes()).unwrap();
    }
    socket.write_all(body).unwrap();
    let mut head = [0; 16];
    socket.read_exact(&mut head).unwrap();
    assert_eq!(head[12], 5);
    drop(socket);
    mux.stop();
    assert!(!path.exists());
}

#[test]
fn trust_is_given_refused_and_forgotten() {
    let (phone, _mux, mut host) = desk(phone().trust(Trust::Waits));
    assert_eq!(host.pair("HOST-1").unwrap_err(), "PairingDialogResponsePending");
    assert_eq!(host.pair("HOST-1").unwrap_err(), "PairingDialogResponsePending");
    assert_eq!(phone.asked().dialogs, 1);
    phone.tap_trust();
    host.pair("HOST-1").unwrap();
    host.session("HOST-1").unwrap();
    assert_eq!(host.session("HOST-2").unwrap_err().to_string(), "InvalidHostID");
    phone.forget_hosts();
    assert_eq!(host.session("HOST-1").unwrap_err().to_string(), "InvalidHostID");
    phone.set_trust(Trust::Refuses);
    assert_eq!(host.pair("HOST-1").unwrap_err(), "PairingDialogResponsePending");
    assert_eq!(host.pair("HOST-1").unwrap_err(), "UserDeniedPairing");
    phone.set_trust(Trust::AtOnce);
    assert_eq!(host.pair("HOST-1").unwrap_err(), "UserDeniedPairing");
    phone.unplug();
    phone.plug_in();
    host.pair("HOST-1").unwrap();
}

#[test]
fn another_certificate_than_that_of_the_pair_record_gets_no_session() {
    let (_phone, mux, _host) = paired(phone());
    let other = Host::at(mux.address());
    let ended = other.session("HOST-1").and_then(|mut session| request(&mut session, dict([("Request", "QueryType".into())])));
    assert!(ended.is_err());
}

#[test]
fn without_a_session_little_is_told_and_nothing_can_be_set() {
    let (phone, _mux, host) = desk(phone());
    let mut lockdown = host.connect(62078).unwrap();
    let mut get = |domain: Option<&str>, key: Option<&str>| {
        let mut ask = dict([("Request", "GetValue".into())]);
        ask.extend(domain.map(|domain| ("Domain".to_owned(), Value::from(domain))));
        ask.extend(key.map(|key| ("Key".to_owned(), Value::from(key))));
        request(&mut lockdown, ask).unwrap()
    };
    assert_eq!(get(None, Some("ProductVersion"))["Value"].as_string(), Some("18.6"));
    assert_eq!(get(None, Some("SerialNumber"))["Error"].as_string(), Some("GetProhibited"));
    assert_eq!(get(None, Some("Nothing"))["Error"].as_string(), Some("MissingValue"));
    assert_eq!(get(Some("com.apple.mobile.backup"), None)["Error"].as_string(), Some("GetProhibited"));
    assert!(!get(None, None)["Value"].as_dictionary().unwrap().contains_key("SerialNumber"));
    let set = dict([("Request", "SetValue".into()), ("Key", "DeviceName".into()), ("Value", "x".into())]);
    assert_eq!(request(&mut lockdown, set).unwrap()["Error"].as_string(), Some("SetProhibited"));
    assert_eq!(phone.asked().set, ["/DeviceName"]);
    let recovery = dict([("Request", "EnterRecovery".into())]);
    request(&mut lockdown, recovery).unwrap();
    assert_eq!(phone.asked().forbidden, ["EnterRecovery"]);
}

#[test]
fn locked_phones_want_the_escrow_bag_and_those_never_unlocked_give_nothing() {
    let (phone, _mux, host) = paired(phone());
    phone.set_lock(Lock::Locked);
    let mut without = host.backup_service(false).unwrap();
    assert_eq!(serve(&mut without, &mut roomy(), backup_request(&phone)).unwrap(), 208);
    assert_eq!(backup(&phone, &host, &mut roomy()).unwrap(), 0);
    phone.set_lock(Lock::NeverUnlocked);
    assert_eq!(host.backup_service(true).err().unwrap().to_string(), "EscrowLocked");
}

#[test]
fn a_host_without_room_is_asked_to_make_some_and_then_told_105() {
    let (phone, _mux, host) = paired(phone());
    let mut tight = Folder { free: 100 << 20, ..Folder::default() };
    assert_eq!(backup(&phone, &host, &mut tight).unwrap(), 105);
    assert!(phone.asked().refusals.contains(&("DLMessagePurgeDiskSpace".to_owned(), -1)));
    let mut enough = Folder { free: (128 << 20) + 100_011, ..Folder::default() };
    assert_eq!(backup(&phone, &host, &mut enough).unwrap(), 0);
}

#[test]
fn passwords_are_set_changed_and_removed_by_who_knows_them() {
    let (phone, _mux, host) = paired(phone());
    assert_eq!(change(&phone, &host, None, None).unwrap(), 207);
    assert_eq!(change(&phone, &host, None, Some("een")).unwrap(), 0);
    assert_eq!(change(&phone, &host, None, Some("twee")).unwrap(), 207);
    assert_eq!(change(&phone, &host, Some("twee"), None).unwrap(), 207);
    assert_eq!(phone.backup_password().as_deref(), Some("een"));
    assert_eq!(change(&phone, &host, Some("een"), Some("twee")).unwrap(), 0);
    // the phone is asked for its passcode, and nobody comes
    phone.set_passcode(Passcode::Cancelled);
    assert_eq!(change(&phone, &host, Some("twee"), None).unwrap(), 208);
    phone.set_passcode(Passcode::NotAsked);
    assert_eq!(change(&phone, &host, Some("twee"), None).unwrap(), 0);
    assert_eq!(phone.backup_password(), None);
}

#[test]
fn a_host_cannot_tell_from_silence_whether_the_password_was_set() {
    for (moment, set) in [(Moment::PasswordAsked, None), (Moment::PasswordSet, Some("een"))] {
        let (phone, _mux, host) = paired(phone());
        phone.inject(Fault::At(moment, How::Unplugged), Times::Only(1));
        assert!(change(&phone, &host, None, Some("een")).is_err());
        assert_eq!(phone.backup_password().as_deref(), set);
        phone.plug_in();
        let mut session = host.session("HOST-1").unwrap();
        let ask =
            dict([("Request", "GetValue".into()), ("Domain", "com.apple.mobile.backup".into()), ("Key", "WillEncrypt".into())]);
        assert_eq!(request(&mut session, ask).unwrap().contains_key("Value"), set.is_some());
    }
}

/// Moments of a backup that a fault can be set on.
const MOMENTS: [Moment; 9] = [
    Moment::Requested,
    Moment::Passcode,
    Moment::Previous,
    Moment::Space,
    Moment::Folders,
    Moment::Uploading(50_000),
    Moment::Moving,
    Moment::Manifest,
    Moment::Answer,
];

#[test]
fn the_cable_is_pulled_in_every_phase_and_the_next_backup_is_whole() {
    for moment in MOMENTS {
        let (phone, _mux, host) = paired(phone().passcode(Passcode::Typed(Duration::ZERO)));
        phone.inject(Fault::At(moment, How::Unplugged), Times::Only(1));
        let mut folder = roomy();
        assert!(backup(&phone, &host, &mut folder).is_err(), "{moment:?}");
        assert_eq!(host.connect(62078).unwrap_err(), 2, "{moment:?}");
        phone.plug_in();
        assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0, "{moment:?}");
        let files = folder.files.values().filter(|file| file.as_slice() == [1; 100_000]).count();
        assert_eq!(files, 1, "{moment:?}");
    }
}

#[test]
fn every_error_code_comes_in_every_phase() {
    let (phone, _mux, host) = paired(phone().passcode(Passcode::Typed(Duration::ZERO)));
    for moment in MOMENTS {
        for code in [1, 104, 208] {
            phone.inject(Fault::At(moment, How::fails(code, "made up")), Times::Only(1));
            assert_eq!(backup(&phone, &host, &mut roomy()).unwrap(), code, "{moment:?}");
        }
    }
    assert_eq!(backup(&phone, &host, &mut roomy()).unwrap(), 0);
}

#[test]
fn a_phone_that_sleeps_goes_on_and_one_that_hangs_does_not() {
    let (phone, mux, host) = paired(phone());
    phone.inject(Fault::At(Moment::Uploading(1), How::Sleeps(Duration::from_millis(30))), Times::Only(1));
    assert_eq!(backup(&phone, &host, &mut roomy()).unwrap(), 0);
    phone.inject(Fault::At(Moment::Moving, How::Hangs), Times::Only(1));
    let mut service = host.backup_service(true).unwrap();
    service.sock.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(serve(&mut service, &mut roomy(), backup_request(&phone)).is_err());
    assert!(phone.is_plugged_in());
    // nobody waits for a phone that hangs
    mux.stop();
}

#[test]
fn files_come_short_or_as_an_error_and_the_end_may_lie() {
    let (phone, _mux, host) = paired(phone());
    phone.inject(Fault::FileError { ends_with: "sms.db".into(), after: 10, text: "I/O error".into() }, Times::Only(1));
    let mut folder = roomy();
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert_eq!(folder.errors.len(), 1);
    assert!(folder.errors[0].0.ends_with("/Library/SMS/sms.db") && folder.errors[0].1 == "I/O error");
    assert!(folder.files.values().any(|file| file.as_slice() == [1; 10]));

    phone.inject(Fault::NeverFinished, Times::Only(1));
    phone.inject(Fault::FileShort { ends_with: "a.plist".into(), after: 3 }, Times::Only(1));
    let mut folder = roomy();
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert!(folder.errors.is_empty() && folder.files.values().any(|file| file.as_slice() == [2; 3]));
    let status = &folder.files[&format!("{}/Status.plist", phone.identity().udid)];
    let status = Value::from_reader(std::io::Cursor::new(status)).unwrap();
    assert_ne!(status.as_dictionary().unwrap()["SnapshotState"].as_string(), Some("finished"));
    // so the next one is a full one
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert_eq!(phone.asked().last_full, Some(true));
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert_eq!((phone.asked().last_full, phone.asked().files_sent), (Some(false), 0));
}

#[test]
fn an_empty_manifest_in_a_folder_is_205_and_another_password_makes_a_full_backup() {
    let (phone, _mux, host) = paired(phone());
    let mut folder = roomy();
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    let manifest = format!("{}/Manifest.plist", phone.identity().udid);
    let mut broken = folder.clone();
    broken.files.insert(manifest, Vec::new());
    assert_eq!(backup(&phone, &host, &mut broken).unwrap(), 205);
    assert_eq!(change(&phone, &host, None, Some("een")).unwrap(), 0);
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert_eq!(phone.asked().last_full, Some(true));
    assert_eq!(backup(&phone, &host, &mut folder).unwrap(), 0);
    assert_eq!((phone.asked().last_full, phone.asked().files_unchanged), (Some(false), 2));
}

#[test]
fn every_hostile_thing_reaches_the_host() {
    for hostile in Hostile::ALL {
        let (phone, _mux, host) = paired(phone());
        phone.inject(Fault::Hostile(hostile), Times::Only(1));
        let mut folder = roomy();
        folder.files.insert("/etc/passwd".into(), b"root".to_vec());
        let ended = backup(&phone, &host, &mut folder);
        match hostile {
            // this host believes everything, so these get through and show that they came
            Hostile::PathsOutside => {
                assert_eq!(ended.unwrap(), 0);
                for name in ["../../twin-outside", "/tmp/twin-outside", ".."] {
                    assert!(folder.named.iter().any(|named| named == name), "{name}");
                }
            }
            Hostile::AsksHostFiles => {
                assert_eq!(ended.unwrap(), 0);
                assert_eq!(phone.asked().host_bytes_leaked, 4);
            }
            Hostile::UnknownMessage => {
                assert_eq!(ended.unwrap(), 0);
                assert!(phone.asked().refusals.contains(&("DLMessageMakeCoffee".to_owned(), -1)));
            }
            Hostile::NameNotText => {
                assert_eq!(ended.unwrap(), 0);
                assert!(folder.files.keys().any(|name| name.contains('\u{fffd}')));
            }
            _ => assert!(ended.is_err(), "{hostile:?}"),
        }
        // and the phone goes on with the next host
        phone.mend();
        assert_eq!(backup(&phone, &host, &mut roomy()).unwrap(), 0, "{hostile:?}");
    }
}

#[test]
fn the_sync_lock_is_held_by_one_host_at_a_time() {
    let (phone, _mux, host) = paired(phone());
    let afc = || host.service("HOST-1", "com.apple.afc", false).unwrap();
    let packet = |op: u64, body: &[u8]| {
        let length = 40 + body.len() as u64;
        let words = [length, length, 1, op].map(u64::to_le_bytes).concat();
        [b"CFA6LPAA".as_slice(), &words, body].concat()
    };
    let ask = |stream: &mut host::Tls, op: u64, body: &[u8]| {
        stream.write_all(&packet(op, body)).unwrap();
        let mut answer = [0; 48];
        stream.read_exact(&mut answer).unwrap();
        (answer[32], answer[40])
    };
    let open = [&2_u64.to_le_bytes()[..], b"/com.apple.itunes.lock_sync\0"].concat();
    let lock = [1_u64, 6].map(u64::to_le_bytes).concat();
    let unlock = [1_u64, 12].map(u64::to_le_bytes).concat();
    let (mut first, mut second) = (afc(), afc());
    for stream in [&mut first, &mut second] {
        assert_eq!(ask(stream, 0x0d, &open), (0x0e, 1));
    }
    phone.inject(Fault::SyncLockBusy, Times::Only(1));
    assert_eq!(ask(&mut first, 0x1b, &lock), (1, 19));
    assert_eq!(ask(&mut first, 0x1b, &lock), (1, 0));
    assert_eq!(ask(&mut second, 0x1b, &lock), (1, 19));
    assert_eq!(ask(&mut first, 0x1b, &unlock), (1, 0));
    assert_eq!(ask(&mut second, 0x1b, &lock), (1, 0));
    // nothing can be removed
    assert_eq!(ask(&mut second, 0x08, b"/com.apple.itunes.lock_sync\0"), (1, 10));
    assert_eq!(phone.asked().forbidden, ["AFC"]);
}

#[test]
fn a_passcode_prompt_is_told_to_who_observes_it() {
    let (phone, _mux, host) = paired(phone().passcode(Passcode::Waits));
    let mut proxy = host.service("HOST-1", "com.apple.mobile.notification_proxy", false).unwrap();
    let watched = "com.apple.LocalAuthentication.ui.presented";
    // written without waiting: nothing answers an observation
    let mut body = Vec::new();
    let observe = dict([("Command", "ObserveNotification".into()), ("Name", watched.into())]);
    Value::Dictionary(observe).to_writer_xml(&mut body).unwrap();
    host::write(&mut proxy, &body).unwrap();
    let posted = dict([("Command", "PostNotification".into()), ("Name", "com.apple.itunes-mobdev.syncWillStart".into())]);
    body.clear();
    Value::Dictionary(posted).to_writer_xml(&mut body).unwrap();
    host::write(&mut proxy, &body).unwrap();
    while phone.asked().posted.is_empty() {
        std::thread::yield_now();
    }
    std::thread::scope(|scope| {
        let run = scope.spawn(|| backup(&phone, &host, &mut roomy()).unwrap());
        let told = Value::from_reader(std::io::Cursor::new(host::frame(&mut proxy).unwrap())).unwrap();
        assert_eq!(told.as_dictionary().unwrap()["Name"].as_string(), Some(watched));
        phone.type_passcode();
        assert_eq!(run.join().unwrap(), 0);
    });
}
