//! What the phone's screen shows while the service waits, and the change of a password.

use super::{
    super::{BackupCode, BackupEvent, Catalogue, PasswordError, device_link::DeviceLink, password::ask, watch::Watch},
    peer::{Memory, Peer, framed, line, message, patience, response, run_with},
};
use crate::{
    cancel::Cancel,
    iphone::{
        IphoneError,
        notification::{CANCEL, PASSCODE_GONE, PASSCODE_SHOWN},
    },
};
use std::{os::unix::net::UnixStream, thread, time::Duration};
use uitlezen_property_list::{Value, to_xml};

fn notice(name: &str) -> Vec<u8> {
    framed(&to_xml(&Value::of([("Command", "RelayNotification"), ("Name", name)])).unwrap())
}

#[test]
fn the_passcode_is_told_and_waited_for_longer_than_silence() {
    let went = run_with(Memory::default(), Catalogue::default(), &Cancel::default(), |phone, screen| {
        phone.request();
        let shown = notice(PASSCODE_SHOWN);
        screen.send(&shown[..7]); // it may come in pieces
        thread::sleep(Duration::from_millis(20));
        screen.send(&shown[7..]);
        screen.send(&notice("com.apple.mobile.backup.domain_changed"));
        screen.send(&notice(PASSCODE_GONE));
        thread::sleep(Duration::from_millis(250)); // a look is due within 200 ms
        phone.end_well();
    });
    went.result.unwrap();
    let screen: Vec<_> = went.events.into_iter().filter(|event| !matches!(event, BackupEvent::Progress(_))).collect();
    assert_eq!(screen, [BackupEvent::PasscodeAsked, BackupEvent::PasscodeGone]);
}

#[test]
fn a_passcode_that_nobody_types_is_not_waited_for_for_ever() {
    let went = run_with(Memory::default(), Catalogue::default(), &Cancel::default(), |phone, screen| {
        phone.request();
        screen.send(&notice(PASSCODE_SHOWN));
        let mut rest = Vec::new();
        let _ = std::io::Read::read_to_end(&mut phone.0, &mut rest); // until we hang up
    });
    assert!(matches!(went.result, Err(IphoneError::Silent { .. })));
    assert_eq!(went.events, [BackupEvent::PasscodeAsked]);
}

#[test]
fn cancel_on_the_phone_ends_the_run() {
    let went = run_with(Memory::default(), Catalogue::default(), &Cancel::default(), |phone, screen| {
        phone.request();
        screen.send(&notice(CANCEL));
        let mut rest = Vec::new();
        let _ = std::io::Read::read_to_end(&mut phone.0, &mut rest);
    });
    assert!(matches!(went.result, Err(IphoneError::CancelledOnPhone)));
}

#[test]
fn a_broken_screen_service_does_not_end_the_run() {
    for broken in [vec![], u32::MAX.to_be_bytes().to_vec(), framed(b"no list"), framed(b"")] {
        let went = run_with(Memory::default(), Catalogue::default(), &Cancel::default(), move |phone, screen| {
            phone.request();
            screen.send(&broken);
            screen.0.shutdown(std::net::Shutdown::Both).unwrap();
            phone.end_well();
        });
        went.result.unwrap();
    }
}

fn change(phone: impl FnOnce(&mut Peer) + Send + 'static) -> Result<(), PasswordError> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let thread = thread::spawn(move || phone(&mut Peer(theirs)));
    let mut link = DeviceLink::agreed(line(ours, &Cancel::default()));
    let mut on = |_| ();
    let request = Value::of([("MessageName", "ChangePassword"), ("NewPassword", "geheim")]);
    let result = ask(&mut link, request, Watch::alone(patience(), &mut on));
    drop(link);
    thread.join().unwrap();
    result
}

#[test]
fn whether_a_password_was_set_is_known_or_said_to_be_unknown() {
    change(|phone| {
        assert_eq!(phone.request().get("NewPassword").and_then(Value::str), Some("geheim"));
        phone.send(&response(0));
    })
    .unwrap();
    let refused = change(|phone| {
        phone.request();
        phone.send(&response(207));
    });
    assert!(matches!(refused, Err(PasswordError::Refused(BackupCode::WrongPassword))));
    let unplugged = change(|phone| drop(phone.request()));
    assert!(matches!(unplugged, Err(PasswordError::Unknown(IphoneError::Vanished))));
    let silent = change(|phone| {
        phone.request();
        let _ = std::io::Read::read(&mut phone.0, &mut [0]);
    });
    assert!(matches!(silent, Err(PasswordError::Unknown(IphoneError::Silent { .. }))));
    let odd = change(|phone| {
        phone.request();
        phone.send(&message(&["DLMessageGetFreeDiskSpace".into()]));
    });
    assert!(matches!(odd, Err(PasswordError::Unknown(IphoneError::Protocol(_)))));
    for error in [refused, unplugged, silent, odd] {
        assert!(!format!("{error:?}").contains("geheim"));
    }
}
