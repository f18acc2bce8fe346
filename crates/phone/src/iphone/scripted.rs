//! The daemons of a phone played by a script on the other end of a socket, for everything that can come over it.

use super::{
    Address, HostIdentity, IphoneError, Line, Lockdown, LockdownRefusal, Mux, MuxRefusal, PairEvent, Patience,
    discovery::is_udid,
    error::Breach,
    list::{Form, frame},
    pair,
};
use crate::Cancel;
use proptest::prelude::*;
use rsa::{
    RsaPrivateKey,
    pkcs1::{EncodeRsaPublicKey, LineEnding},
};
use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    thread,
    time::{Duration, Instant},
};
use uitlezen_property_list::{Limits, Value, parse, to_xml};

pub(super) const SHORT: Patience = Patience {
    silence: Duration::from_millis(250),
    trust: Duration::from_millis(250),
    again: Duration::from_millis(1),
    passcode: Duration::from_millis(250),
    thinking: Duration::from_millis(250),
};

/// For a phone that answers, on a machine that may be slow.
pub(super) const AMPLE: Patience = Patience { silence: Duration::from_secs(60), thinking: Duration::from_secs(60), ..SHORT };

/// A line, and the phone's end of it.
pub(super) fn line() -> (Line, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    (Line::over_unix(ours, Cancel::default()).unwrap(), theirs)
}

/// One list off the wire.
pub(super) fn hear(from: &mut impl Read) -> Option<Value> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    from.read_exact(&mut body).ok()?;
    Some(parse(&body, &Limits::default()).unwrap())
}

/// lockdownd that answers what `answer` says; `None` hangs up.
fn lockdownd(mut answer: impl FnMut(&str, &Value) -> Option<Value> + Send + 'static) -> Result<Lockdown, IphoneError> {
    let (line, mut theirs) = line();
    thread::spawn(move || {
        while let Some(request) = hear(&mut theirs) {
            let name = request.get("Request").and_then(Value::str).unwrap().to_owned();
            let mut reply = if name == "QueryType" {
                Value::of([("Type", "com.apple.mobile.lockdown")])
            } else {
                let Some(reply) = answer(&name, &request) else { return };
                reply
            };
            reply.set("Request", name);
            if theirs.write_all(&frame(&reply, Form::Xml).unwrap()).is_err() {
                return;
            }
        }
    });
    Lockdown::over(line, AMPLE)
}

fn error(word: &str) -> Option<Value> {
    Some(Value::of([("Error", word)]))
}

fn public_key() -> &'static [u8] {
    static KEY: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    KEY.get_or_init(|| {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap().to_public_key();
        key.to_pkcs1_pem(LineEnding::LF).unwrap().into_bytes()
    })
}

fn key_or(name: &str, other: impl FnOnce() -> Option<Value>) -> Option<Value> {
    if name == "GetValue" { Some(Value::of([("Value", public_key())])) } else { other() }
}

#[test]
fn trust_is_waited_for_and_told_once() {
    let mut tries = 0;
    let mut lockdown = lockdownd(move |name, request| {
        key_or(name, || {
            let record = request.get("PairRecord").unwrap();
            assert!(record.get("RootPrivateKey").is_none() && record.get("HostPrivateKey").is_none());
            tries += 1;
            match tries {
                1 | 2 => error("PasswordProtected"),
                3..=6 => error("PairingDialogResponsePending"),
                _ => Some(Value::of([("EscrowBag", vec![7_u8; 32])])),
            }
        })
    })
    .unwrap();
    let (host, mut told) = (HostIdentity::generate().unwrap(), Vec::new());
    let record = pair(&mut lockdown, "u", &host, None, &mut |event| told.push(event)).unwrap();
    assert_eq!(told, [PairEvent::Locked, PairEvent::Dialog]);
    assert!(record.escrow_bag.is_some() && record.host() == &host);
}

#[test]
fn every_way_to_say_no_is_its_own_error() {
    let host = HostIdentity::generate().unwrap();
    for (word, why) in [
        ("UserDeniedPairing", LockdownRefusal::UserDeniedPairing),
        ("MCProtected", LockdownRefusal::MCProtected),
        ("PairingProhibitedOverThisConnection", LockdownRefusal::PairingProhibitedOverThisConnection),
        ("PasswordProtected", LockdownRefusal::PasswordProtected),
        ("Whatever", LockdownRefusal::Other),
    ] {
        let mut lockdown = lockdownd(move |name, _| key_or(name, || error(word))).unwrap();
        let result = pair(&mut lockdown, "u", &host, None, &mut |_| {});
        assert!(matches!(result, Err(IphoneError::Lockdown(found)) if found == why), "{word}");
    }
    let mut lockdown = lockdownd(|name, _| key_or(name, || error("PairingDialogResponsePending"))).unwrap();
    let result = pair(&mut lockdown, "u", &host, None, &mut |_| {});
    assert!(matches!(result, Err(IphoneError::TrustNotAnswered { .. })));
}

#[test]
fn a_silent_a_gone_and_a_cancelled_phone_end_every_wait() {
    let (own, theirs) = line();
    assert!(matches!(Lockdown::over(own, SHORT), Err(IphoneError::Silent { .. })));
    drop(theirs);
    let (own, theirs) = line();
    drop(theirs);
    assert!(matches!(Lockdown::over(own, SHORT), Err(IphoneError::Vanished)));
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let cancel = Cancel::default();
    let own = Line::over_unix(ours, cancel.clone()).unwrap();
    cancel.cancel();
    assert!(matches!(Lockdown::over(own, Patience::default()), Err(IphoneError::Cancelled)));
}

#[test]
fn lengths_and_lists_of_a_hostile_lockdownd_are_refused() {
    let deep = [b"<plist>".as_slice(), &b"<array>".repeat(200_000)].concat();
    for bytes in [u32::MAX.to_be_bytes().to_vec(), [(deep.len() as u32).to_be_bytes().as_slice(), &deep].concat()] {
        let (own, mut theirs) = line();
        let sender = thread::spawn(move || {
            hear(&mut theirs);
            let _ = theirs.write_all(&bytes);
            let mut rest = Vec::new();
            let _ = theirs.read_to_end(&mut rest);
        });
        assert!(matches!(Lockdown::over(own, SHORT), Err(IphoneError::Protocol(_) | IphoneError::List(_))));
        sender.join().unwrap();
    }
    let mut lockdown = lockdownd(|_, _| None).unwrap();
    assert!(matches!(lockdown.value(None, "X"), Err(IphoneError::Vanished)));
    let mut lockdown = lockdownd(|_, _| error("MissingValue")).unwrap();
    assert!(lockdown.value(None, "X").unwrap().is_none());
}

/// usbmuxd that sends these lists, one frame each, after the first request.
fn mux_of(answers: Vec<Value>) -> (Mux, tempfile::TempDir) {
    mux_bytes(answers.iter().flat_map(mux_frame).collect())
}

fn mux_frame(value: &Value) -> Vec<u8> {
    let body = to_xml(value).unwrap();
    let head = [body.len() as u32 + 16, 1, 8, 1];
    head.iter().flat_map(|word| word.to_le_bytes()).chain(body.iter().copied()).collect()
}

fn mux_bytes(bytes: Vec<u8>) -> (Mux, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mux");
    let listener = UnixListener::bind(&path).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut header = [0; 16];
        stream.read_exact(&mut header).unwrap();
        let _ = stream.write_all(&bytes);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    });
    (Mux { address: Address::Unix(path), patience: SHORT, cancel: Cancel::default() }, folder)
}

const UDID: &str = "00008110-0007116A0E01401E";

fn attached(udid: &str, kind: &str, device: u32) -> Value {
    let mut value = Value::of([("MessageType", "Attached")]);
    value.set("DeviceID", device).set("Properties", Value::of([("SerialNumber", udid), ("ConnectionType", kind)]));
    value
}

#[test]
fn phones_on_wifi_and_names_that_are_paths_are_not_phones() {
    let list = vec![attached(UDID, "Network", 1), attached(UDID, "USB", 2), attached("../../../../../../../x", "USB", 3)];
    let (mux, _folder) = mux_of(vec![Value::of([("DeviceList", list)])]);
    let found = mux.phones().unwrap();
    assert_eq!(found.iter().map(|found| (found.udid.as_str(), found.device)).collect::<Vec<_>>(), [(UDID, 2)]);
    assert!(is_udid(&"a".repeat(40)) && !is_udid(&"g".repeat(40)) && !is_udid("a-0"));
}

#[test]
fn a_phone_is_waited_for() {
    let (mux, _folder) = mux_of(vec![Value::of([("Number", 0_u32)]), attached(UDID, "Network", 1), attached(UDID, "USB", 9)]);
    let found = mux.wait_for(Some("000081100007116a0e01401e"), Duration::from_secs(5)).unwrap();
    assert_eq!(found.unwrap().device, 9);
    let (mux, _folder) = mux_of(vec![Value::of([("Number", 0_u32)])]);
    let start = Instant::now();
    assert!(mux.wait_for(None, Duration::from_millis(150)).unwrap().is_none());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn usbmuxd_may_be_absent_refuse_or_lie() {
    let absent = Mux { address: Address::Unix("/nowhere/at/all".into()), patience: SHORT, cancel: Cancel::default() };
    assert!(matches!(absent.phones(), Err(IphoneError::NoUsbmuxd(_))));
    let (mux, _folder) = mux_of(vec![Value::of([("Number", 1_u32)])]);
    assert!(matches!(mux.phones(), Err(IphoneError::Usbmuxd(MuxRefusal::BadCommand))));
    let (mux, _folder) = mux_bytes([u32::MAX, 1, 8, 1].iter().flat_map(|word| word.to_le_bytes()).collect());
    assert!(matches!(mux.phones(), Err(IphoneError::Protocol(Breach::TooLong { .. }))));
    let (mux, _folder) = mux_bytes([4, 1, 8, 1_u32].iter().flat_map(|word| word.to_le_bytes()).collect());
    assert!(matches!(mux.phones(), Err(IphoneError::Protocol(Breach::TooShort))));
    let (mux, _folder) = mux_bytes([100, 1, 8, 1_u32].iter().flat_map(|word| word.to_le_bytes()).collect());
    assert!(matches!(mux.phones(), Err(IphoneError::Vanished)));
}

#[test]
fn the_address_is_read_as_libusbmuxd_reads_it() {
    let of = |text: &str| Address::parse(text.as_ref());
    assert_eq!(of("UNIX:/run/x").unwrap(), Address::Unix("/run/x".into()));
    assert_eq!(of("/run/x").unwrap(), Address::Unix("/run/x".into()));
    assert_eq!(of("[::1]:27015").unwrap(), Address::Tcp("::1".into(), 27015));
    assert_eq!(of("localhost:1").unwrap(), Address::Tcp("localhost".into(), 1));
    for bad in ["", "UNIX:", "host", "host:0", "host:99999", ":1"] {
        assert!(matches!(of(bad), Err(IphoneError::Address)), "{bad}");
    }
    let away = Mux { address: of("192.0.2.1:27015").unwrap(), patience: SHORT, cancel: Cancel::default() };
    assert!(matches!(away.phones(), Err(IphoneError::NotLoopback)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_usbmuxd_sends_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(&bytes).unwrap();
        drop(theirs);
        let own = Line::over_unix(ours, Cancel::default()).unwrap();
        prop_assert!(Lockdown::over(own, SHORT).is_err());
    }
}
