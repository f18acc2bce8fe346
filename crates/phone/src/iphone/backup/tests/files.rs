//! What goes over and what is made of it.

use super::{
    super::{BackupEvent, BackupPath, Catalogue, Change, Take},
    peer::{Memory, UDID, block, file, message, run, run_with, upload},
};
use crate::cancel::Cancel;
use proptest::prelude::*;
use std::time::{Duration, Instant};
use uitlezen_property_list::Value;

fn at(name: &str) -> String {
    format!("{UDID}/{name}")
}

fn path(name: &str) -> BackupPath {
    BackupPath::new(&at(name)).unwrap()
}

#[test]
fn a_whole_session_is_answered_as_the_tools_answer_it() {
    let went = run(|phone| {
        assert_eq!(phone.ask(&message(&["DLMessageGetFreeDiskSpace".into()])), (0, 123_456_789_000_u64.into()));
        let (code, nothing) = phone.ask(&message(&["DLMessagePurgeDiskSpace".into(), 5_u8.into()]));
        assert_eq!((code, nothing.str()), (-1, Some("___EmptyParameterString___")));
        // Before a first run the phone asks for folders that are not there.
        let listing = |name: &str| message(&["DLContentsOfDirectory".into(), at(name).into()]);
        assert_eq!(phone.ask(&listing("Snapshot")), (0, Value::dictionary()));
        assert_eq!(phone.ask(&message(&["DLMessageCreateDirectory".into(), at("Snapshot/3d").into()])).0, 0);
        let id = "3d0d7e5fb2ce288813306e4d4636395e047a3d28";
        let place = at(&format!("Snapshot/3d/{id}"));
        let sent = [
            file("/.b/6/Library/SMS/sms.db", &place, &[7; 100_000], 32 * 1024),
            file("/.b/6/empty", &at("Snapshot/empty"), &[], 1),
        ];
        assert_eq!(phone.ask(&upload(&sent)), (0, Value::dictionary()));
        let (code, listed) = phone.ask(&listing("Snapshot/3d"));
        assert_eq!((code, listed.get(id).unwrap().get("DLFileSize").unwrap().unsigned()), (0, Some(100_000)));
        let (_, listed) = phone.ask(&listing("Snapshot"));
        let kind = |name: &str| listed.get(name).unwrap().get("DLFileType").unwrap().str().unwrap();
        assert_eq!((kind("3d"), kind("empty")), ("DLFileTypeDirectory", "DLFileTypeRegular"));
        let moves = Value::of([(place, at(&format!("3d/{id}")))]);
        assert_eq!(phone.ask(&message(&["DLMessageMoveItems".into(), moves, Value::dictionary(), 99.0.into()])).0, 0);
        let moves = Value::of([(at("none"), at("nowhere"))]);
        assert_eq!(phone.ask(&message(&["DLMessageMoveItems".into(), moves])).0, -6);
        let copy = ["DLMessageCopyItem".into(), at("Snapshot/empty").into(), at("copy").into(), Value::dictionary(), 0.0.into()];
        assert_eq!(phone.ask(&message(&copy)).0, 0);
        let names = Value::Array(vec![at("Snapshot").into(), at("never there").into()]);
        assert_eq!(phone.ask(&message(&["DLMessageRemoveItems".into(), names])).0, 0);
        assert_eq!(phone.ask(&message(&["DLMessageBrandNew".into()])).0, -1);
        phone.end_well();
    });
    let status = went.result.unwrap();
    assert_eq!((status.full, status.date), (Some(true), Some(1_778_307_200)));
    let id = "3d0d7e5fb2ce288813306e4d4636395e047a3d28";
    assert_eq!(
        went.host.changes,
        [
            Change::Moved { from: path(&format!("Snapshot/3d/{id}")), to: path(&format!("3d/{id}")) },
            Change::Copied { from: path("Snapshot/empty"), to: path("copy") },
            Change::Removed(path("Snapshot")),
        ]
    );
    assert_eq!(went.host.files[&at(&format!("Snapshot/3d/{id}"))].len(), 100_000);
    let counts = went.counts;
    assert_eq!((counts.kept_files, counts.moved, counts.removed), (3, 1, 1));
    assert_eq!((counts.unknown_messages, counts.asked_for_room, counts.names_refused), (1, 1, 0));
    assert!(went.events.contains(&BackupEvent::Progress(99.0)));
}

#[test]
fn what_is_not_wanted_is_drained_and_counted_and_the_phone_believes_we_have_it() {
    let host = Memory { drain: true, ..Memory::default() };
    let went = run_with(host, Catalogue::default(), &Cancel::default(), |phone, _| {
        phone.request();
        let sent = [
            file("/.ba/mobile/Media/DCIM/1.HEIC", &at("Snapshot/aa/x"), &[1; 300_000], 65_536),
            file("/.b/6/Library/a.keep", &at("Snapshot/bb/y"), b"wanted", 2),
        ];
        phone.ask(&upload(&sent));
        let moves = Value::of([(at("Snapshot/aa/x"), at("aa/x")), (at("Snapshot/bb/y"), at("bb/y"))]);
        assert_eq!(phone.ask(&message(&["DLMessageMoveItems".into(), moves])).0, 0);
        phone.end_well();
    });
    went.result.unwrap();
    assert_eq!(went.host.files.keys().collect::<Vec<_>>(), [&at("Snapshot/bb/y")]);
    assert_eq!(went.host.files[&at("Snapshot/bb/y")], b"wanted");
    let (drained, end) = &went.host.ends[0];
    assert!(drained.ends_with("1.HEIC") && end.taken == Take::Drain && end.bytes == 300_000);
    assert_eq!((went.counts.kept_files, went.counts.kept_bytes, went.counts.drained_files), (1, 6, 2)); // and Status.plist
}

#[test]
fn a_file_that_the_phone_could_not_read_is_told_and_the_run_goes_on() {
    let went = run(|phone| {
        let head = |name: &str| [super::peer::framed(b"/.b/7/x"), super::peer::framed(at(name).as_bytes())].concat();
        let sent = [
            [head("Snapshot/1"), block(0x0b, b"/private/var/secret: Input/output error")].concat(),
            [head("Snapshot/2"), block(0x0c, b"half"), block(0x0b, &[b'x'; 10_000])].concat(),
            [head("Snapshot/3"), block(0x0c, b"whole"), vec![0; 4]].concat(), // a length of 0 ends it too
            file("/.b/7/z", &at("Snapshot/4"), b"next", 4),
        ];
        assert_eq!(phone.ask(&upload(&sent)).0, 0);
        phone.end_well();
    });
    went.result.unwrap();
    let ends: Vec<_> = went.host.ends.iter().map(|(_, end)| (end.bytes, end.remark.as_ref().map(Vec::len))).collect();
    assert_eq!(ends[..4], [(0, Some(39)), (4, Some(4096)), (5, None), (4, None)]);
    assert_eq!(went.counts.remarked_files, 2);
}

#[test]
fn the_phone_gets_back_what_it_asks_for_in_frames_it_can_hold() {
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let expected = content.clone();
    let host = Memory { files: [(at("Manifest.db"), content)].into(), ..Memory::default() };
    let went = run_with(host, Catalogue::default(), &Cancel::default(), move |phone, _| {
        phone.request();
        let names = [at("Manifest.db"), at("Status.plist"), "../../etc/passwd".into()];
        let list = Value::Array(names.iter().map(|name| name.as_str().into()).collect());
        phone.send(&message(&["DLMessageDownloadFiles".into(), list, Value::dictionary(), 2.0.into()]));
        assert_eq!(phone.frame(), names[0].as_bytes());
        let mut got = Vec::new();
        loop {
            let frame = phone.frame();
            assert!(frame.len() + 4 <= 32 * 1024);
            match frame[0] {
                0x0c => got.extend_from_slice(&frame[1..]),
                kind => {
                    assert_eq!((kind, frame.len()), (0, 1));
                    break;
                }
            }
        }
        assert_eq!(got, expected);
        for name in &names[1..] {
            assert_eq!(phone.frame(), name.as_bytes());
            assert_eq!(phone.frame(), [&[6], &b"No such file or directory"[..]].concat());
        }
        assert_eq!(phone.bytes(4), [0; 4]);
        let answer = phone.list();
        let items = answer.array().unwrap();
        assert_eq!((items[1].int(), items[2].str()), (Some(-13), Some("Multi status")));
        for name in &names[1..] {
            assert_eq!(items[3].get(name).unwrap().get("DLFileErrorCode").unwrap().int(), Some(-6));
        }
        phone.send(&super::peer::response(0));
    });
    assert_eq!((went.counts.given, went.counts.names_refused), (800_000, 1));
    assert!(went.result.is_err(), "a name outside was asked for");
}

#[test]
fn a_previous_run_can_be_asked_about_and_its_state_is_not_ours() {
    let mut previous = Catalogue::default();
    previous.put(&path("Manifest.db"), 4096);
    previous.put(&path("3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28"), 9);
    let went = run_with(Memory::default(), previous, &Cancel::default(), |phone, _| {
        let request = phone.request();
        assert_eq!(request.get("TargetIdentifier").and_then(Value::str), Some(UDID));
        let (_, listed) = phone.ask(&message(&["DLContentsOfDirectory".into(), UDID.into()]));
        assert_eq!(listed.dict().unwrap().keys().collect::<Vec<_>>(), ["3d", "Manifest.db"]);
        phone.send(&super::peer::response(0));
    });
    assert!(matches!(went.result, Err(crate::iphone::IphoneError::NotFinished)), "no Status.plist came in this run");
}

#[test]
fn a_hundred_thousand_moves_in_one_message_take_seconds() {
    let place = |n: u32| format!("{:02x}/{:02x}{n:038x}", n % 256, n % 256);
    let mut previous = Catalogue::default();
    (0..100_000).for_each(|n| previous.put(&path(&format!("Snapshot/{}", place(n))), 1));
    let moves = Value::of((0..100_000).map(|n| (at(&format!("Snapshot/{}", place(n))), at(&place(n)))));
    let moves = message(&["DLMessageMoveItems".into(), moves]);
    let begun = Instant::now();
    let went = run_with(Memory::default(), previous, &Cancel::default(), move |phone, _| {
        phone.request();
        assert_eq!(phone.ask(&moves).0, 0);
        phone.end_well();
    });
    went.result.unwrap();
    assert_eq!((went.counts.moved, went.host.changes.len()), (100_000, 100_000));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_file_is_the_same_however_it_is_cut(content in prop::collection::vec(any::<u8>(), 0..5000), size in 1usize..6000) {
        let sent = content.clone();
        let went = run(move |phone| {
            phone.ask(&upload(&[file("/.b/1/f", &at("Snapshot/f"), &sent, size)]));
            phone.end_well();
        });
        prop_assert!(went.result.is_ok());
        prop_assert_eq!(&went.host.files[&at("Snapshot/f")], &content);
    }
}

#[test]
fn moves_within_one_message_are_made_in_the_order_in_which_the_phone_names_them() {
    let went = run(|phone| {
        phone.ask(&upload(&[file("/.b/6/a", &at("m"), b"first", 5), file("/.b/6/b", &at("a"), b"second", 6)]));
        // Made in the order of their names the second would take the first one's place before that is out of it.
        let moves = Value::of([(at("m"), at("z")), (at("a"), at("m"))]);
        assert_eq!(phone.ask(&message(&["DLMessageMoveItems".into(), moves])).0, 0);
        phone.end_well();
    });
    assert!(went.result.is_ok());
    assert_eq!(
        went.host.changes,
        [Change::Moved { from: path("m"), to: path("z") }, Change::Moved { from: path("a"), to: path("m") }]
    );
}
