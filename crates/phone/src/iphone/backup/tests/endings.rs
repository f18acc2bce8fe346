//! How a run can end, and that nothing but a whole one ends well.

use super::{
    super::{BackupCode, Catalogue, device_link::DeviceLink},
    peer::{Memory, Peer, UDID, file, line, message, response, run, run_bytes, run_with, status, upload},
};
use crate::{
    cancel::Cancel,
    iphone::{Fault, IphoneError},
};
use std::{
    os::unix::net::UnixStream,
    thread,
    time::{Duration, Instant},
};
use uitlezen_property_list::Value;

#[test]
fn every_code_of_the_phone_is_told_and_none_is_success() {
    for (code, kind) in [
        (1, BackupCode::Failed),
        (3, BackupCode::Snapshot),
        (100, BackupCode::InputOutput),
        (102, BackupCode::Folder),
        (103, BackupCode::State),
        (104, BackupCode::Files),
        (105, BackupCode::NoRoom),
        (205, BackupCode::Properties),
        (207, BackupCode::WrongPassword),
        (208, BackupCode::Locked),
        (211, BackupCode::FindMy),
        (212, BackupCode::SetupUnfinished),
        (-4, BackupCode::Other(-4)),
    ] {
        let went = run(move |phone| {
            phone.ask(&upload(&[status("finished")])); // the phone's status does not make up for it
            phone.send(&response(code));
        });
        assert!(matches!(went.result, Err(IphoneError::Backup(told)) if told == kind), "{code}");
        assert_eq!(went.counts.kept_files, 1, "the numbers are told all the same");
    }
}

#[test]
fn code_0_alone_is_no_success() {
    let went = run(|phone| phone.send(&response(0)));
    assert!(matches!(went.result, Err(IphoneError::NotFinished)), "no Status.plist");
    let went = run(|phone| {
        phone.ask(&upload(&[status("finished"), status("uploading")]));
        phone.send(&response(0));
    });
    assert!(matches!(went.result, Err(IphoneError::NotFinished)), "the last one counts");
    let went = run(|phone| {
        phone.ask(&upload(&[file("/x", &format!("{UDID}/Status.plist"), b"no list", 3)]));
        phone.send(&response(0));
    });
    assert!(matches!(went.result, Err(IphoneError::NotFinished)));
    let went = run(|phone| phone.send(&message(&["DLMessageProcessMessage".into(), Value::of([("MessageName", "Response")])])));
    assert!(matches!(went.result, Err(IphoneError::Protocol(Fault::Answer))), "no code is not code 0");
    let went = run(|phone| phone.send(&message(&["DLMessageDisconnect".into()])));
    assert!(matches!(went.result, Err(IphoneError::Vanished)));
}

#[test]
fn unplugged_anywhere_is_never_a_success() {
    let whole = [
        message(&["DLMessageGetFreeDiskSpace".into()]),
        upload(&[file("/.b/1/f", &format!("{UDID}/Snapshot/f"), &[1; 40], 16), status("finished")]),
        message(&["DLMessageMoveItems".into(), Value::of([(format!("{UDID}/Snapshot/f"), format!("{UDID}/f"))])]),
        response(0),
    ]
    .concat();
    run_bytes(whole.clone(), true).result.unwrap();
    for cut in 0..whole.len() {
        let went = run_bytes(whole[..cut].to_vec(), true);
        assert!(matches!(went.result, Err(IphoneError::Vanished)), "cut at {cut} of {}: {:?}", whole.len(), went.result);
    }
}

#[test]
fn a_phone_that_falls_silent_is_given_up() {
    let file = file("/.b/1/f", &format!("{UDID}/Snapshot/f"), &[1; 40], 16);
    let begin = upload(&[]);
    let begin = &begin[..begin.len() - 4];
    for said in [vec![], begin.to_vec(), [begin, &file[..30]].concat(), [begin, &file[..file.len() - 8]].concat()] {
        let begun = Instant::now();
        let went = run_bytes(said, false);
        assert!(matches!(went.result, Err(IphoneError::Silent { .. })), "{:?}", went.result);
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_run_is_called_off_also_while_bytes_flow() {
    let cancel = Cancel::default();
    let switch = cancel.clone();
    let went = run_with(Memory::default(), Catalogue::default(), &cancel, move |phone, _| {
        phone.request();
        let begin = upload(&[]);
        phone.send(&begin[..begin.len() - 4]);
        let file = file("/.b/1/f", &format!("{UDID}/Snapshot/f"), &[0; 1 << 20], 1 << 16);
        phone.send(&file);
        switch.cancel();
        // Goes on until we hang up.
        use std::io::Write;
        while phone.0.write_all(&file).is_ok() {}
    });
    assert!(matches!(went.result, Err(IphoneError::Cancelled)));
}

#[test]
fn a_host_that_cannot_write_ends_the_run() {
    let host = Memory { full_disk: true, ..Memory::default() };
    let went = run_with(host, Catalogue::default(), &Cancel::default(), |phone, _| {
        phone.request();
        phone.send(&upload(&[file("/.b/1/f", &format!("{UDID}/Snapshot/f"), b"x", 1)]));
    });
    assert!(matches!(went.result, Err(IphoneError::Host(error)) if error.kind() == std::io::ErrorKind::StorageFull));
}

fn agree(phone: impl FnOnce(&mut Peer) + Send + 'static) -> Result<(), IphoneError> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let thread = thread::spawn(move || phone(&mut Peer(theirs)));
    let result = DeviceLink::open(line(ours, &Cancel::default())).map(|_| ());
    thread.join().unwrap();
    result
}

#[test]
fn versions_are_agreed_on_or_the_run_does_not_begin() {
    let versions = |major: u64| message(&["DLMessageVersionExchange".into(), major.into(), 0_u8.into()]);
    for major in [300, 400, 500] {
        agree(move |phone| {
            phone.send(&versions(major));
            let answer = phone.list();
            assert_eq!(answer.array().unwrap()[1].str(), Some("DLVersionsOk"));
            assert_eq!(answer.array().unwrap()[2].unsigned(), Some(major.max(400)));
            phone.send(&message(&["DLMessageDeviceReady".into()]));
            let hello = phone.request();
            assert_eq!(hello.get("SupportedProtocolVersions").unwrap().array().unwrap(), [2.0.into(), 2.1.into()]);
            phone.send(&response(0));
        })
        .unwrap();
    }
    let no_version = agree(move |phone| {
        phone.send(&versions(300));
        phone.list();
        phone.send(&message(&["DLMessageDeviceReady".into()]));
        phone.request();
        phone.send(&response(1));
    });
    assert!(matches!(no_version, Err(IphoneError::Protocol(Fault::Version))));
    for first in [message(&["DLMessageDeviceReady".into()]), message(&["DLMessageVersionExchange".into()]), message(&[])] {
        assert!(matches!(agree(move |phone| phone.send(&first)), Err(IphoneError::Protocol(Fault::Message))));
    }
    assert!(matches!(agree(|_| ()), Err(IphoneError::Vanished)));
}
