//! What travels over the wire: lengths round every boundary, and sessions that were cut off.

use crate::{gadget::UsbPhone, in_the_guest};
use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use uitlezen_phone::android::{AdbKey, AndroidLink, Cancel, Patience, Reach, Via, connect};
use uitlezen_twin::{
    FileBytes, Patterned,
    adb::Accept,
    device::{Builder, Fault, Times},
};

const SERIAL: &str = "TWIN0008";
/// Round the packet (512), the header of a block (8), the twin's transfer (16 KiB), the block (64 KiB), and beyond a payload's
/// bound (1 MiB).
const LENGTHS: [u64; 21] = [
    0, 1, 488, 495, 496, 503, 504, 505, 511, 512, 1016, 1528, 16_368, 16_376, 16_384, 65_528, 65_536, 65_537, 131_064, 1_048_576,
    1_500_001,
];

fn name(len: u64) -> String {
    format!("/storage/emulated/0/Download/{len}")
}

fn phone(change: impl FnOnce(Builder) -> Builder) -> UsbPhone {
    UsbPhone::built(SERIAL, SERIAL, |mut phone| {
        for len in LENGTHS {
            phone = phone.file(name(len), Arc::new(Patterned { len, seed: len }), 1_700_000_000);
        }
        change(phone.accept(Accept::Everyone))
    })
}

fn link() -> Box<dyn AndroidLink> {
    static KEY: OnceLock<AdbKey> = OnceLock::new();
    let key = KEY.get_or_init(|| AdbKey::generate().unwrap());
    let link = connect(&Reach::Usb { serial: SERIAL.into() }, key, Patience::default(), Cancel::default(), &mut |_| {}).unwrap();
    assert_eq!(link.via(), Via::Usb);
    link
}

#[track_caller]
fn pulls_exactly(link: &mut dyn AndroidLink, len: u64) {
    let mut got = Vec::new();
    let told = link.pull(&name(len), &mut |bytes| {
        got.extend_from_slice(bytes);
        Ok(())
    });
    assert_eq!(told.unwrap(), len);
    let mut want = vec![0; usize::try_from(len).unwrap()];
    Patterned { len, seed: len }.read_at(0, &mut want).unwrap();
    assert!(got == want, "{len} bytes arrived as {} others", got.len());
}

#[track_caller]
fn every_length(phone: &UsbPhone) {
    let mut link = link();
    for len in LENGTHS {
        pulls_exactly(link.as_mut(), len);
        let out = link.run("echo still in step", 100).unwrap();
        assert_eq!((out.code, &out.stdout[..]), (Some(0), &b"still in step\n"[..]));
    }
    drop(link);
    assert!(phone.gadget.is_plugged());
}

#[test]
fn files_of_every_length_round_a_boundary_arrive_whole() {
    let Some(_told) = in_the_guest() else { return };
    every_length(&phone(|phone| phone));
}

#[test]
fn the_same_without_delayed_acknowledgement_and_with_small_payloads_and_sums() {
    let Some(_told) = in_the_guest() else { return };
    every_length(&phone(|phone| phone.delayed_ack(false).max_payload(4096).checksums(true)));
}

#[test]
fn a_payload_that_fills_its_last_packet_is_not_waited_for() {
    let Some(_told) = in_the_guest() else { return };
    // With and without the end mark (8 bytes) beside the block (8 and the file): an odd number of packets.
    let whole: [u64; 6] = [496, 504, 1520, 1528, 2544, 2552];
    let _phone = phone(|mut phone| {
        for len in whole.iter().flat_map(|&len| [len, len + 1]) {
            phone = phone.file(name(len), Arc::new(Patterned { len, seed: len }), 1_700_000_000);
        }
        phone.delayed_ack(false) // or the next payload comes at once and hides the wait
    });
    let mut link = link();
    let mut time = |more: u64| {
        let began = Instant::now();
        for len in whole.iter().cycle().take(36) {
            pulls_exactly(link.as_mut(), len + more);
        }
        began.elapsed()
    };
    time(0);
    let (others, aligned) = (time(1), time(0));
    // Waiting costs a slice of 200 ms; half of these pulls would, 3.6 s in all.
    assert!(aligned < others * 2 + Duration::from_secs(1), "{aligned:?} against {others:?}");
}

#[test]
fn what_a_cut_off_session_left_in_the_pipe_does_not_disturb_the_next() {
    let Some(_told) = in_the_guest() else { return };
    const LONG: u64 = 12 << 20; // more than a window: the phone is stopped in its midst
    let phone = phone(|phone| phone.file(name(LONG), Arc::new(Patterned { len: LONG, seed: LONG }), 1_700_000_000));
    for cut in [1, 70_000] {
        let mut link = link();
        let mut got = 0;
        let told = link.pull(&name(LONG), &mut |bytes| {
            got += bytes.len();
            if got >= cut { Err(uitlezen_phone::PhoneError::Cancelled) } else { Ok(()) }
        });
        assert!(told.is_err());
        drop(link); // the phone is well ahead of what was taken
    }
    pulls_exactly(link().as_mut(), 65_537);
    // Frames of nobody, before the phone answers.
    phone.device.inject(Fault::StaleFrames { frames: 40 }, Times::Only(1));
    pulls_exactly(link().as_mut(), 512);
}
