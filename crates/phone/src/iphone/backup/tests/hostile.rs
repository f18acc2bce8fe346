//! A phone that means harm: nothing leaves the backup's folder, nothing is allocated for what is only claimed.

use super::{
    super::BackupPath,
    peer::{UDID, array, block, file, framed, message, response, run, run_bytes, status, upload},
};
use crate::iphone::{Fault, IphoneError};
use uitlezen_property_list::{PlistError, Value, to_binary};

fn fault(bytes: Vec<u8>) -> Fault {
    match run_bytes(bytes, false).result {
        Err(IphoneError::Protocol(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// A batch that has begun.
fn begun(rest: &[u8]) -> Vec<u8> {
    let begin = upload(&[]);
    [&begin[..begin.len() - 4], rest].concat()
}

#[test]
fn lengths_that_are_only_claimed_end_the_run_at_once() {
    let huge = u32::MAX.to_be_bytes();
    assert!(matches!(fault(huge.to_vec()), Fault::TooLong { .. }), "a message");
    assert!(matches!(fault(begun(&huge)), Fault::TooLong { bound: 4096, .. }), "a name");
    assert!(matches!(fault(begun(&[&framed(b"/x")[..], &huge].concat())), Fault::TooLong { bound: 4096, .. }), "a host name");
    let names = [framed(b"/x"), framed(format!("{UDID}/f").as_bytes())].concat();
    let remark = [&names[..], &huge, &[0x0b]].concat();
    assert!(matches!(fault(begun(&remark)), Fault::TooLong { .. }), "words about a file");
    // A block is streamed: 4 GiB are claimed, ten bytes come.
    let cut = begun(&[&names[..], &huge, &[0x0c], &[1; 10]].concat());
    let went = run_bytes(cut, true);
    assert!(matches!(went.result, Err(IphoneError::Vanished)));
    assert!(went.host.files.is_empty(), "what did not end is not kept");
}

#[test]
fn what_is_no_message_ends_the_run() {
    for (bytes, is) in [
        (framed(b"this is no list"), Fault::List(PlistError::NotAPlist)),
        (framed(&to_binary(&Value::of([("a", "b")])).unwrap()), Fault::Message),
        (message(&[]), Fault::Message),
        (message(&["DLMessageMoveItems".into(), array(&["x".into()])]), Fault::Message),
    ] {
        assert_eq!(fault(bytes), is);
    }
    let names = [framed(b"/x"), framed(format!("{UDID}/f").as_bytes())].concat();
    assert_eq!(fault(begun(&[&names[..], &block(0x0d, b"what")].concat())), Fault::Block(0x0d));
    assert_eq!(fault(begun(&[&names[..], &block(0x00, b"more")].concat())), Fault::Block(0));
    assert_eq!(fault(begun(&framed(&[0xff, 0xfe]))), Fault::Name);
}

/// Lists of `reference/crates.md` §7 that cost gigabytes or the whole stack elsewhere.
#[test]
fn lists_that_are_bombs_are_refused() {
    let array_of = |references: &[u8]| [&[0xa0 | references.len() as u8], references].concat();
    let bomb = |objects: &[Vec<u8>]| {
        let mut list = b"bplist00".to_vec();
        let offsets: Vec<u8> = objects
            .iter()
            .map(|object| {
                list.extend_from_slice(object);
                (list.len() - object.len()) as u8
            })
            .collect();
        let table = list.len() as u64;
        list.extend_from_slice(&offsets);
        list.extend_from_slice(&[0, 0, 0, 0, 0, 0, 1, 1]);
        for word in [objects.len() as u64, 0, table] {
            list.extend_from_slice(&word.to_be_bytes());
        }
        framed(&list)
    };
    let mut shared: Vec<Vec<u8>> = (1..=9).map(|next| array_of(&[next; 8])).collect();
    shared.push(vec![0x51, b'x']);
    assert!(matches!(fault(bomb(&shared)), Fault::List(_)));
    assert!(matches!(fault(bomb(&[array_of(&[1, 0]), vec![0x51, b'x']])), Fault::List(_)), "an array that holds itself");
    let xml = ["<plist version=\"1.0\">", &"<array>".repeat(200_000)].concat();
    assert!(matches!(fault(framed(xml.as_bytes())), Fault::List(_)));
}

#[test]
fn no_path_leaves_and_none_that_tries_lets_the_run_succeed() {
    let outside = ["../../etc/cron.d/x", "/../x", &format!("{UDID}/../../x"), "", "a\0b"];
    for name in outside.into_iter().filter(|name| !name.is_empty()).map(str::to_owned) {
        let went = run({
            let name = name.clone();
            move |phone| {
                let sent = [
                    file("/x", &name, b"outside", 3),
                    file("/y", &format!("{UDID}/Snapshot/fine"), b"fine", 3),
                    status("finished"),
                ];
                assert_eq!(phone.ask(&upload(&sent)).0, -1, "and the phone hears it");
                phone.send(&response(0));
            }
        });
        assert!(matches!(went.result, Err(IphoneError::NamesRefused(1))));
        assert_eq!(went.host.files.len(), 2, "what lies inside came through");
        assert!(went.host.files.keys().all(|path| BackupPath::new(path).is_some_and(|same| same.as_str() == path)));
        let went = run(move |phone| {
            let inside = Value::from(format!("{UDID}/f"));
            phone.ask(&upload(&[file("/f", &format!("{UDID}/f"), b"f", 1), status("finished")]));
            let name = Value::from(name);
            let to = Value::of([(format!("{UDID}/f"), name.clone())]);
            assert_eq!(phone.ask(&message(&["DLMessageMoveItems".into(), to])).0, -1);
            for (from, to) in [(&name, &inside), (&inside, &name)] {
                assert_eq!(phone.ask(&message(&["DLMessageCopyItem".into(), from.clone(), to.clone()])).0, -1);
            }
            assert_eq!(phone.ask(&message(&["DLMessageRemoveItems".into(), array(std::slice::from_ref(&name))])).0, 0);
            assert_eq!(phone.ask(&message(&["DLMessageCreateDirectory".into(), name.clone()])).0, -1);
            assert_eq!(phone.ask(&message(&["DLContentsOfDirectory".into(), name])), (-1, Value::dictionary()));
            phone.send(&response(0));
        });
        assert!(matches!(went.result, Err(IphoneError::NamesRefused(6))), "{:?}", went.result);
        assert_eq!(went.host.changes, []);
    }
}

#[test]
fn messages_that_nobody_knows_do_not_go_on_for_ever() {
    let went = run_bytes(message(&["DLMessageWhat".into()]).repeat(10_001), false);
    assert!(matches!(went.result, Err(IphoneError::Protocol(Fault::Flood))));
    assert_eq!(went.counts.unknown_messages, 10_001);
}
