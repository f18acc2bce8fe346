//! Cables that are pulled, programs that are killed, machines without a socket.

use crate::{
    desk::Desk,
    gadget::{Gadget, UsbPhone},
    in_the_guest,
    phone::{BACKUP, Phone, SERIAL},
    readout::{reads, sealed},
    skip, wait_until, words,
};
use std::{path::Path, time::Duration};
use uitlezen_twin::device::{Fault, Pull, Times};

#[test]
fn plugged_phones_are_listed_by_serial_also_two_of_one_model() {
    let Some(_told) = in_the_guest() else { return };
    let desk = Desk::empty();
    let listed = || {
        let mut all = desk.says(["phones", "--json"]).go().ends_with(0).events_called("phone");
        all.sort_by_key(|phone| phone["serial"].to_string());
        all
    };
    assert!(listed().is_empty());
    let one = UsbPhone::plugged("TWIN0005");
    let two = UsbPhone::plugged("TWIN0006");
    let both = listed();
    assert_eq!(both.iter().map(|p| p["serial"].as_str().unwrap()).collect::<Vec<_>>(), ["TWIN0005", "TWIN0006"]);
    assert!(both.iter().all(|p| p["state"] == "ready" && p["maker"] == "Twin" && p["product"] == "Twin One"), "{both:?}");
    drop(one);
    assert_eq!(listed().len(), 1);
    two.gadget.unplug();
    assert!(listed().is_empty());
}

#[test]
fn a_cable_pulled_in_the_middle_of_a_file_is_said_and_the_next_run_is_whole() {
    let Some(_told) = in_the_guest() else { return };
    let (desk, phone) = (Desk::ready(), UsbPhone::plugged(SERIAL));
    let pulled = Fault::Pull { file: Phone::on_phone(BACKUP), how: Pull::Vanishes { after: 20_000 } };
    phone.device.inject(pulled, Times::Only(1));
    let told = reads(&desk, &phone).go().ends_with(7);
    assert_eq!(told.event("error")["error"], "phone-gone");
    assert!(!phone.gadget.is_plugged());
    desk.nothing_sealed();
    assert_eq!(desk.unfinished().len(), 1, "the work store is kept");
    // Still out: the plan's phone is not there.
    assert_eq!(reads(&desk, &phone).go().ends_with(7).event("error")["error"], "phone-none");
    phone.gadget.plug();
    sealed(reads(&desk, &phone).go());
    assert_eq!(desk.seals().len(), 1);
}

#[test]
fn a_run_that_is_killed_in_the_middle_of_a_file_leaves_a_phone_that_can_be_read_at_once() {
    let Some(_told) = in_the_guest() else { return };
    let (desk, phone) = (Desk::ready(), UsbPhone::plugged(SERIAL));
    phone.device.inject(Fault::Slow { pause: Duration::from_millis(100) }, Times::Always);
    let mut run = reads(&desk, &phone).start();
    wait_until("the backup is on its way", || {
        let asked = phone.device.asked();
        asked.bytes_served > 0 && asked.opened.iter().any(|path| path.ends_with(BACKUP.as_bytes()))
    });
    run.kill().unwrap();
    run.wait().unwrap();
    phone.device.mend();
    sealed(reads(&desk, &phone).go());
    assert_eq!(desk.seals().len(), 1);
}

#[test]
fn a_phone_that_comes_and_goes_all_the_time_is_an_answer_every_time() {
    let Some(_told) = in_the_guest() else { return };
    let (desk, phone) = (Desk::empty(), UsbPhone::plugged(SERIAL));
    std::thread::scope(|scope| {
        let flapping = scope.spawn(|| {
            for _ in 0..12 {
                phone.gadget.unplug();
                phone.gadget.plug();
            }
        });
        while !flapping.is_finished() {
            let seen = desk.says(["phones", "--json"]).go().ends_with(0).events_called("phone").len();
            assert!(seen <= 1);
        }
    });
    assert_eq!(desk.says(["phones", "--json"]).go().ends_with(0).events_called("phone").len(), 1);
}

#[test]
fn a_device_that_is_no_phone_is_not_listed() {
    let Some(_told) = in_the_guest() else { return };
    // The root hubs are always there; a gadget that nobody serves stays out as well.
    let _unserved = Gadget::new("TWIN0007");
    let told = Desk::empty().says(["phones"]).go().ends_with(0);
    told.never_says("TWIN0007");
}

#[test]
fn a_machine_without_usb_says_so() {
    let desk = Desk::empty();
    let call = desk.says(["phones", "--json"]);
    let told = if !Path::new("/dev/bus/usb").exists() {
        call.go()
    } else if let Some(_told) = in_the_guest() {
        // A view of this machine from which the bus is taken away.
        call.through(&words(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev/bus && exec \"$0\" \"$@\""]))
    } else {
        return skip("this machine has USB");
    };
    let told = told.ends_with(7);
    assert_eq!(told.event("error")["error"], "phone-no-usb");
    assert!(told.err.contains("geen toegang tot USB"), "{}", told.err);
}
