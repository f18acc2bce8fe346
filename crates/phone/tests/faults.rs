//! Every row of the fault table in reference/crates.md §2, and the other ways a phone may misbehave, against a scripted adbd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod support;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};
use support::{Auth, Fake, Out, Running, V2_DELAYED, block, frame};
use uitlezen_phone::{
    Fault, PhoneError, Refusal,
    android::{AdbKey, AndroidLink, AuthEvent, Cancel, Patience, Reach, connect},
};

const FILE: &str = "/sdcard/f.bin";

fn key() -> &'static AdbKey {
    static KEY: OnceLock<AdbKey> = OnceLock::new();
    KEY.get_or_init(|| AdbKey::generate().unwrap())
}

fn quick() -> Patience {
    // Short enough to wait for, and long beside what a busy machine takes for an answer.
    Patience { connect: Duration::from_secs(10), silence: Duration::from_secs(2), allow: Duration::from_secs(1) }
}

fn reach(phone: &Running) -> Reach {
    Reach::Tcp { address: phone.address, lab: false }
}

fn link(phone: &Running) -> Box<dyn AndroidLink> {
    connect(&reach(phone), key(), quick(), Cancel::default(), &mut |_| {}).unwrap()
}

/// A phone whose pull of [`FILE`] sends these payloads.
fn sends(payloads: Vec<Out>) -> Running {
    Fake { files: [(FILE.into(), vec![1])].into(), pull: Box::new(move |_, _| Some(payloads.clone())), ..Fake::default() }.start()
}

fn pull(link: &mut dyn AndroidLink, path: &str) -> (Result<u64, PhoneError>, Vec<u8>) {
    let mut got = Vec::new();
    let result = link.pull(path, &mut |bytes| {
        got.extend_from_slice(bytes);
        Ok(())
    });
    (result, got)
}

#[test]
fn a_fail_is_an_error_and_its_text_is_never_file_bytes() {
    let phone = sends(vec![Out::Bytes(block(b"FAIL", b"Permission denied"))]);
    let mut link = link(&phone);
    let (result, got) = pull(&mut *link, FILE);
    assert!(matches!(result, Err(PhoneError::Refused(Refusal::NotPermitted))));
    assert!(got.is_empty());
    // The link goes on, on a new sync service.
    assert!(link.stat(FILE).is_ok());
    assert_eq!(phone.opened("sync:"), 2);
}

#[test]
fn a_fail_after_some_bytes_is_an_error_too() {
    let phone = sends(vec![Out::Bytes([block(b"DATA", &[7; 1000]), block(b"FAIL", b"read failed: I/O error")].concat())]);
    let (result, got) = pull(&mut *link(&phone), FILE);
    assert!(matches!(result, Err(PhoneError::Refused(Refusal::Other))));
    assert_eq!(got, [7; 1000]);
}

#[test]
fn bytes_that_spell_done_before_the_end_of_a_payload_are_content() {
    let mut content = vec![0x11; 131_072];
    content[65_528..65_532].copy_from_slice(b"DONE");
    content[65_536 - 8 - 8..65_536 - 8 - 4].copy_from_slice(b"DONE");
    let phone = sends(vec![
        Out::Bytes(block(b"DATA", &content[..65_536])),
        Out::Bytes([block(b"DATA", &content[65_536..]), block(b"DONE", &[])].concat()),
    ]);
    let (result, got) = pull(&mut *link(&phone), FILE);
    assert_eq!(result.unwrap(), 131_072);
    assert_eq!(got, content);
}

#[test]
fn a_data_header_split_over_two_payloads_is_one_header() {
    let whole = [block(b"DATA", b"hello "), block(b"DATA", b"world"), block(b"DONE", &[])].concat();
    for at in 1..whole.len() {
        let phone = sends(vec![Out::Bytes(whole[..at].to_vec()), Out::Bytes(whole[at..].to_vec())]);
        let (result, got) = pull(&mut *link(&phone), FILE);
        assert_eq!((result.unwrap(), got.as_slice()), (11, &b"hello world"[..]), "split at {at}");
    }
}

#[test]
fn payloads_under_eight_bytes_do_no_harm() {
    let whole = [block(b"DATA", b"abc"), block(b"DONE", &[])].concat();
    let phone = sends(whole.iter().map(|&b| Out::Bytes(vec![b])).chain([]).collect());
    assert_eq!(pull(&mut *link(&phone), FILE).1, b"abc");
    let empties =
        [vec![Out::Bytes(vec![])], whole.chunks(3).flat_map(|c| [Out::Bytes(c.to_vec()), Out::Bytes(vec![])]).take(7).collect()]
            .concat();
    let phone = sends(empties);
    assert_eq!(pull(&mut *link(&phone), FILE).1, b"abc");
}

#[test]
fn a_small_file_takes_no_20_ms_drain() {
    let phone = Fake { files: [(FILE.into(), vec![3; 1000])].into(), ..Fake::default() }.start();
    let mut link = link(&phone);
    pull(&mut *link, FILE).0.unwrap();
    let mut took: Vec<Duration> = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        link.stat(FILE).unwrap();
        assert_eq!(pull(&mut *link, FILE).0.unwrap(), 1000);
        took.push(start.elapsed());
    }
    // A drain would be in every one; a machine that does other things is in some.
    took.sort();
    let quick = took[50];
    eprintln!("stat and pull of 1,000 bytes: {quick:?} for the quickest quarter");
    assert!(quick < Duration::from_millis(10), "{quick:?}");
    assert_eq!(phone.opened("sync:"), 1, "one sync service for all");
}

/// Peak resident memory of this process, KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_big_stream_takes_constant_memory() {
    for features in [support::V2, V2_DELAYED] {
        const BLOCKS: u64 = 6_400; // 400 MiB
        let phone = Fake {
            features,
            files: [(FILE.into(), vec![1])].into(),
            pull: Box::new(|_, _| Some(vec![Out::Blocks(BLOCKS), Out::Bytes(block(b"DONE", &[]))])),
            ..Fake::default()
        }
        .start();
        let mut link = link(&phone);
        let before = peak();
        let start = Instant::now();
        let mut total = 0;
        link.pull(FILE, &mut |bytes| {
            total += bytes.len() as u64;
            assert!(bytes.iter().step_by(4096).all(|&b| b == 0x5a));
            Ok(())
        })
        .unwrap();
        let took = start.elapsed();
        assert_eq!(total, BLOCKS * 65_536);
        // Other tests of this process run beside it, each with little.
        let grown = peak() - before;
        eprintln!(
            "400 MiB in {took:?}, {features}: {:.0} MB/s, peak grew by {grown} KiB",
            total as f64 / 1e6 / took.as_secs_f64()
        );
        assert!(grown < 64 * 1024, "peak memory grew by {grown} KiB");
    }
}

#[test]
fn lengths_that_lie_are_refused_before_anything_is_allocated() {
    let mut lie = frame(b"WRTE", 100, 1, &[]);
    lie[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    let phone = sends(vec![Out::Raw(lie)]);
    let (result, _) = pull(&mut *link(&phone), FILE);
    assert!(matches!(result, Err(PhoneError::Protocol(Fault::TooLong { .. }))), "{result:?}");

    for (lie, id) in [(b"DATA", "data"), (b"FAIL", "fail")] {
        let mut bytes = lie.to_vec();
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        let phone = sends(vec![Out::Bytes(bytes)]);
        let (result, _) = pull(&mut *link(&phone), FILE);
        assert!(matches!(result, Err(PhoneError::Protocol(Fault::TooLong { .. }))), "{id}: {result:?}");
    }
}

#[test]
fn garbage_and_bad_magic_are_named_as_such() {
    let mut bad = frame(b"WRTE", 1, 1, b"x");
    bad[20] ^= 0xff;
    let phone = sends(vec![Out::Raw(bad)]);
    assert!(matches!(pull(&mut *link(&phone), FILE).0, Err(PhoneError::Protocol(Fault::BadMagic))));

    let phone = sends(vec![Out::Bytes(b"WHAT\0\0\0\0".to_vec())]);
    assert!(matches!(pull(&mut *link(&phone), FILE).0, Err(PhoneError::Protocol(Fault::SyncAnswer(_)))));

    let phone = sends(vec![Out::Bytes([block(b"DATA", b"x"), block(b"DONE", &[]), b"more".to_vec()].concat())]);
    assert!(matches!(pull(&mut *link(&phone), FILE).0, Err(PhoneError::Protocol(Fault::Trailing))));

    let phone = sends(vec![Out::Raw(frame(b"AUTH", 1, 0, &[0; 20]))]);
    assert!(matches!(pull(&mut *link(&phone), FILE).0, Err(PhoneError::Protocol(Fault::OutOfTurn(_)))));

    // No adb at all on the other side.
    let phone = Fake { before: b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), ..Fake::default() }.start();
    let error = connect(&reach(&phone), key(), quick(), Cancel::default(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, PhoneError::Protocol(Fault::BadMagic)));
}

#[test]
fn checksums_count_with_an_old_phone() {
    // A version 0x01000000 phone; frames of `support` carry right sums, so all is well ...
    let files = || [(FILE.to_owned(), b"old phone".to_vec())].into();
    let phone = Fake { version: 0x0100_0000, files: files(), ..Fake::default() }.start();
    assert_eq!(pull(&mut *link(&phone), FILE).1, b"old phone");
    // ... until one does not.
    let mut bad = frame(b"WRTE", 100, 1, b"x");
    bad[16] ^= 1;
    let phone = Fake {
        version: 0x0100_0000,
        files: files(),
        pull: Box::new(move |_, _| Some(vec![Out::Raw(bad.clone())])),
        ..Fake::default()
    }
    .start();
    assert!(matches!(pull(&mut *link(&phone), FILE).0, Err(PhoneError::Protocol(Fault::Checksum))));
}

#[test]
fn a_phone_that_hangs_trips_the_watchdog() {
    let phone = sends(vec![Out::Bytes(block(b"DATA", b"some")), Out::Hang]);
    let mut link = link(&phone);
    let start = Instant::now();
    let (result, got) = pull(&mut *link, FILE);
    // Not `Vanished`: the phone of this test hangs up after five seconds.
    assert!(matches!(result, Err(PhoneError::Silent { .. })), "{result:?}");
    assert!(start.elapsed() > Duration::from_millis(1900));
    assert_eq!(got, b"some");
}

#[test]
fn a_phone_unplugged_in_mid_file_has_vanished() {
    let phone = sends(vec![Out::Bytes(block(b"DATA", &[1; 5000])), Out::Vanish]);
    let mut link = link(&phone);
    let (result, got) = pull(&mut *link, FILE);
    assert!(matches!(result, Err(PhoneError::Vanished)), "{result:?}");
    assert_eq!(got.len(), 5000);
    assert!(link.stat(FILE).is_err());
}

#[test]
fn a_run_is_cancelled_in_the_middle_of_a_wait() {
    let phone = sends(vec![Out::Hang]);
    let cancel = Cancel::default();
    let patience = Patience { silence: Duration::from_secs(20), ..quick() };
    let mut link = connect(&reach(&phone), key(), patience, cancel.clone(), &mut |_| {}).unwrap();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        cancel.cancel();
    });
    // Not `Vanished`, as after the five seconds that the phone of this test hangs.
    assert!(matches!(pull(&mut *link, FILE).0, Err(PhoneError::Cancelled)));
    canceller.join().unwrap();
}

#[test]
fn stale_frames_of_an_earlier_session_are_ignored() {
    let stale = [frame(b"WRTE", 7, 9, b"left over"), frame(b"OKAY", 7, 9, &[]), frame(b"CLSE", 7, 9, &[])].concat();
    for auth in [Auth::Open, Auth::KnowsKey] {
        let phone =
            Fake { before: stale.clone(), auth, files: [(FILE.into(), b"new".to_vec())].into(), ..Fake::default() }.start();
        if auth == Auth::Open {
            assert_eq!(pull(&mut *link(&phone), FILE).1, b"new");
        } else {
            assert!(link(&phone).stat(FILE).is_ok());
        }
    }
    // In the middle of a pull as well, with numbers that are not ours.
    let phone = sends(vec![
        Out::Bytes(block(b"DATA", b"ab")),
        Out::Raw(frame(b"WRTE", 100, 3, b"stale")),
        Out::Raw(frame(b"CLSE", 55, 0, &[])),
        Out::Bytes([block(b"DATA", b"c"), block(b"DONE", &[])].concat()),
    ]);
    assert_eq!(pull(&mut *link(&phone), FILE).1, b"abc");
    // But not without end.
    let phone = Fake { before: frame(b"OKAY", 1, 2, &[]).repeat(200), ..Fake::default() }.start();
    let error = connect(&reach(&phone), key(), quick(), Cancel::default(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, PhoneError::Protocol(Fault::Flood)));
}

#[test]
fn the_holder_allows_and_the_screen_is_told() {
    let phone = Fake { auth: Auth::AcceptsKeyAfter(Duration::from_millis(100)), ..Fake::default() }.start();
    let mut events = Vec::new();
    connect(&reach(&phone), key(), quick(), Cancel::default(), &mut |event| events.push(event)).unwrap();
    assert_eq!(events, [AuthEvent::AskingHolder { fingerprint: key().fingerprint() }, AuthEvent::Allowed]);

    let phone = Fake { auth: Auth::KnowsKey, ..Fake::default() }.start();
    connect(&reach(&phone), key(), quick(), Cancel::default(), &mut |_| panic!("a phone that knows us asks nobody")).unwrap();
}

#[test]
fn never_answered_and_refused_are_two_things() {
    let outcome = |auth| {
        let phone = Fake { auth, ..Fake::default() }.start();
        connect(&reach(&phone), key(), quick(), Cancel::default(), &mut |_| {}).unwrap_err()
    };
    key(); // making it takes a while
    let start = Instant::now();
    let PhoneError::AllowNotAnswered { waited } = outcome(Auth::NeverAnswers) else { panic!("another answer") };
    assert!(waited >= Duration::from_millis(900) && start.elapsed() < Duration::from_secs(60), "as long as the plan says");
    assert!(matches!(outcome(Auth::AsksAgain), PhoneError::AllowRefused));
    assert!(matches!(outcome(Auth::HangsUp), PhoneError::AllowRefused));
    assert!(matches!(outcome(Auth::Wireless), PhoneError::WirelessOnly));
}

#[test]
fn a_service_the_phone_does_not_have_is_refused_not_awaited() {
    let phone = Fake { features: "cmd", ..Fake::default() }.start();
    let mut link = link(&phone);
    assert!(matches!(link.run("id", 100), Err(PhoneError::Refused(Refusal::NotOffered))), "no shell v2");
}

#[test]
fn shell_output_is_bounded_and_told_apart() {
    let phone = Fake {
        shell: Box::new(|command| match command {
            "both" => Some((b"out".to_vec(), b"err".to_vec(), 3)),
            _ => Some((vec![b'x'; 100_000], vec![], 0)),
        }),
        ..Fake::default()
    }
    .start();
    let mut link = link(&phone);
    let output = link.run("both", 100).unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice(), output.code), (&b"out"[..], &b"err"[..], Some(3)));
    assert!(matches!(link.run("much", 1000), Err(PhoneError::TooMuch { limit: 1000 })));
    assert_eq!(link.run("much", 100_000).unwrap().stdout.len(), 100_000, "and the link still stands");
}

#[test]
fn an_old_phone_is_read_by_sync_v1_and_sizes_beyond_4_gib_come_from_the_shell() {
    let phone = Fake {
        features: "shell_v2,cmd",
        files: [(FILE.into(), b"v1".to_vec()), ("/sdcard/big".into(), vec![])].into(),
        sizes: [("/sdcard/big".into(), (5 << 30) + 7)].into(),
        ..Fake::default()
    }
    .start();
    let mut link = link(&phone);
    assert_eq!(pull(&mut *link, FILE).1, b"v1");
    assert_eq!(link.stat("/sdcard/big").unwrap().bytes, (5 << 30) + 7);
    assert!(matches!(link.stat("/sdcard/none"), Err(PhoneError::Refused(Refusal::NoSuchFile))));
    let mut names = 0;
    link.list("/sdcard", &mut |entry| {
        names += usize::from(entry.stat.is_ok_and(|s| !s.exact));
        Ok(())
    })
    .unwrap();
    assert_eq!(names, 4);
}

#[test]
fn flow_control_with_small_payloads_and_with_credit() {
    for (features, max_payload) in [(support::V2, 4096), (V2_DELAYED, 1 << 20), (V2_DELAYED, 4096)] {
        let content: Vec<u8> = (0..3_000_000u32).map(|n| (n * 7) as u8).collect();
        let phone = Fake { features, max_payload, files: [(FILE.into(), content.clone())].into(), ..Fake::default() }.start();
        let mut link = link(&phone);
        for _ in 0..5 {
            assert!(pull(&mut *link, FILE).1 == content);
            // Shells open and close between.
            assert_eq!(link.run("sha256sum '/sdcard/f.bin'", 1000).unwrap().code, Some(0));
        }
        let (bytes, output) =
            link.pull_beside("sha256sum '/sdcard/f.bin'", Duration::from_secs(20), FILE, &mut |_| Ok(())).unwrap();
        assert_eq!((bytes, output.code, output.stdout.len()), (3_000_000, Some(0), 64 + 2 + FILE.len() + 1));
    }
    let phone = Fake { max_payload: 16, ..Fake::default() }.start();
    let error = connect(&reach(&phone), key(), quick(), Cancel::default(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, PhoneError::Protocol(Fault::SmallestPayload(16))));
}

#[test]
fn a_sink_that_fails_ends_the_pull_and_not_the_link() {
    let phone = Fake { files: [(FILE.into(), vec![1; 500_000])].into(), ..Fake::default() }.start();
    let mut link = link(&phone);
    let result = link.pull(FILE, &mut |_| Err(PhoneError::Sink(std::io::ErrorKind::StorageFull.into())));
    assert!(matches!(result, Err(PhoneError::Sink(_))));
    assert_eq!(pull(&mut *link, FILE).1.len(), 500_000);
}
