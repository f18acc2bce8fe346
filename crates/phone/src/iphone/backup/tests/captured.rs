//! Against a captured session of another program (fixture `ios-protocol/captured`): the same messages of the phone must bring
//! the same answers of the host. The fixture is not part of this repository: without it these tests say SKIPPED.

use super::{
    super::Catalogue,
    peer::{Memory, UDID, run_with},
};
use crate::cancel::Cancel;
use serde_json::Value as Json;
use std::{collections::VecDeque, path::Path};
use uitlezen_property_list::{Limits, Value, parse};

fn session(name: &str) -> Option<Vec<(bool, Vec<u8>)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata/ios-protocol/captured").join(name);
    let Ok(text) = std::fs::read(&path) else {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    };
    let all: Json = serde_json::from_slice(&text).unwrap();
    let of = |message: &Json| {
        let backup = message["channel"].as_str().unwrap().starts_with("com.apple.mobilebackup2");
        backup.then(|| (message["dir"] == "host->device", hex::decode(message["raw_hex"].as_str().unwrap()).unwrap()))
    };
    Some(all["messages"].as_array().unwrap().iter().filter_map(of).collect())
}

fn list(frame: &[u8]) -> Value {
    parse(&frame[4..], &Limits::default()).unwrap()
}

/// Theirs is a phone of another name.
const THEIR_UDID: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn the_same_phone_gets_the_same_answers() {
    let Some(session) = session("idevicebackup2_full_backup_session.json") else { return };
    let request = session.iter().position(|(host, bytes)| *host && bytes.windows(6).any(|w| w == b"Backup")).unwrap();
    let theirs = list(&session[request].1).array().unwrap()[1].clone();
    assert_eq!(theirs.get("Options").unwrap().get("ForceFullBackup").and_then(Value::bool), Some(true));
    let rest: VecDeque<_> = session[request + 1..].to_vec().into();
    // What their program had on disk by then.
    let info = session.iter().find(|(host, bytes)| *host && bytes.get(4) == Some(&0x0c)).unwrap().1[5..].to_vec();
    let host = Memory { files: [(format!("{THEIR_UDID}/Info.plist"), info)].into(), ..Memory::default() };
    let went = run_with(host, Catalogue::default(), &Cancel::default(), move |phone, _| {
        let ours = phone.request();
        assert_eq!(ours.get("Options"), theirs.get("Options"));
        assert_eq!(ours.get("SourceIdentifier").and_then(Value::str), Some(UDID));
        let mut rest = rest;
        let mut compared = 0;
        while let Some((host, bytes)) = rest.pop_front() {
            if !host {
                phone.send(&bytes);
                continue;
            }
            if rest.is_empty() {
                break; // their farewell
            }
            if bytes.get(4..10) != Some(b"bplist") {
                assert_eq!(phone.bytes(bytes.len()), bytes, "raw bytes of a file given");
                compared += 1;
                continue;
            }
            let (ours, theirs) = (phone.list(), list(&bytes));
            let (ours, theirs) = (ours.array().unwrap(), theirs.array().unwrap());
            assert_eq!(ours[..2], theirs[..2], "answer and code");
            match (theirs[1].int(), theirs[3].unsigned(), theirs[3].dict()) {
                (_, Some(_), _) => assert!(ours[3].unsigned().is_some(), "free space"),
                (Some(-13), ..) => assert_eq!(ours[2..], theirs[2..], "what was not there"),
                (_, _, Some(listed)) if !listed.is_empty() => {
                    // Info.plist lies with the caller here, not in the listing.
                    let kind = |of: &Value| of.get("Snapshot").unwrap().get("DLFileType").unwrap().clone();
                    assert_eq!(kind(&ours[3]), kind(&theirs[3]));
                }
                _ => {}
            }
            compared += 1;
        }
        assert!(compared >= 17, "{compared}");
    });
    assert!(matches!(went.result, Ok(ref status) if status.finished), "{:?}", went.result);
    assert_eq!((went.counts.kept_files, went.counts.moved, went.counts.removed), (5, 1, 1), "files as their program counted");
    assert!(went.host.ends.iter().all(|(_, end)| end.remark.is_none() || end.bytes == 0));
}

#[test]
fn a_password_is_set_in_their_words() {
    let Some(session) = session("idevicebackup2_encryption_on.json") else { return };
    let theirs = session.iter().filter(|(host, _)| *host).map(|(_, bytes)| list(bytes));
    let request = theirs.filter_map(|list| list.array()?.get(1).cloned()).find(|content| content.get("NewPassword").is_some());
    let mut keys: Vec<String> = request.unwrap().dict().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["MessageName", "NewPassword", "TargetIdentifier"]);
}
