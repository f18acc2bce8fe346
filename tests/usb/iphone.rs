//! An iPhone on the kernel's USB stack, behind Debian's usbmuxd.

use crate::{
    counting::messages,
    desk::{Call, Desk},
    gadget::{Gadget, Strings, TwinProcess},
    in_the_guest,
    outcome::Outcome,
    udev::Udev,
    usbmuxd::{Usbmuxd, tool, wait_until_listed},
};
use std::{
    sync::{Arc, LazyLock, mpsc},
    time::Duration,
};
use uitlezen_twin::{
    backup::Rounds,
    content::iphone::messages::{Messages, MessagesOptions, generate},
    device::Times,
    front::functionfs::Function,
    iphone::{Builder, Fault, How, Iphone, Moment, Passcode, Trust, usb},
};

const STRINGS: Strings = [
    ("idVendor", "0x05ac"),
    ("idProduct", "0x12a8"),
    ("bcdUSB", "0x0200"),
    ("strings/0x409/manufacturer", "Apple Inc."),
    ("strings/0x409/product", "iPhone"),
];

/// Made once: an emulated processor takes seconds for it.
static MADE: LazyLock<Messages> = LazyLock::new(|| {
    let now = jiff::Timestamp::now().as_second() - 3600;
    generate(&MessagesOptions { messages: 150, now, oddities: false, ..MessagesOptions::default() }).unwrap()
});

/// A phone whose device is in this very process.
struct UsbIphone {
    phone: Arc<Iphone>,
    gadget: Gadget,
}

impl UsbIphone {
    fn plugged(change: impl FnOnce(Builder) -> Builder) -> Self {
        let quick = Duration::from_millis(300);
        let phone = Iphone::builder()
            .files(MADE.files.clone())
            .rounds(Rounds { first: 1000, second: 1000 })
            .trust(Trust::After(quick))
            .passcode(Passcode::Typed(quick));
        let phone = change(phone).build();
        let gadget = Gadget::says(STRINGS, &usb::serial(&phone));
        let (says, ready) = mpsc::channel();
        let (served, function) = (phone.clone(), Function::new(&gadget.functionfs).unplug_by(gadget.udc()));
        std::thread::spawn(move || {
            let ended = usb::run(function, &served, move || says.send(()).unwrap());
            eprintln!("the function ended: {ended:?}");
        });
        ready.recv_timeout(Duration::from_secs(10)).unwrap();
        gadget.plug();
        Self { phone, gadget }
    }

    fn udid(&self) -> &str {
        &self.phone.identity().udid
    }

    /// A desk whose plan and register name this phone.
    fn desk(&self) -> Desk {
        let desk = Desk::ready();
        let udid = self.udid();
        desk.registers(["set", "phone", udid, "official=wethouder-1", "platform=iphone"]).go().ends_with(0);
        desk.plan_says("serial = \"TWIN0001\"\nplatform = \"android\"", &format!("serial = \"{udid}\"\nplatform = \"iphone\""));
        desk.plan_says("whatsapp = true\nwhatsapp_business = false", "imessage = true");
        desk
    }
}

/// Whole, but for what no backup says: when voice messages go.
#[track_caller]
fn sealed(desk: &Desk, call: Call) -> Outcome {
    let told = call.go();
    assert!(matches!(told.code, Some(3 | 8)), "{:?}\n{}\n{}", told.code, told.out, told.err);
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden");
    let conversations = desk.conversations("imessage");
    assert_eq!(conversations.len() as u64, MADE.expected.conversations);
    assert_eq!(messages(&conversations).count() as u64, MADE.expected.messages);
    assert_eq!(desk.report().apps[0].attachments.present, MADE.expected.files_present);
    told
}

#[test]
fn an_iphone_is_read_out_through_debians_usbmuxd_to_a_seal() {
    let Some(_told) = in_the_guest() else { return };
    let iphone = UsbIphone::plugged(|phone| phone);
    let Some(_daemon) = Usbmuxd::start() else { return };
    wait_until_listed(iphone.udid(), true);
    let desk = iphone.desk();
    let told = sealed(&desk, desk.readout());
    told.says("typ nu de toegangscode").says("hij mag eruit");
    // The daemon has asked for trust before the phone was shown, and the holder is not asked again.
    assert_eq!((iphone.phone.asked().dialogs, iphone.phone.trusted_hosts()), (1, 1));
    assert_eq!(desk.report().phone.unwrap().serial.known().unwrap(), iphone.udid());
    assert!(iphone.phone.backup_password().is_some());
    // Another program through the same daemon.
    let named = tool("ideviceinfo", &["-s", "-k", "ProductVersion"]);
    assert_eq!(String::from_utf8_lossy(&named.stdout).trim(), iphone.phone.identity().ios, "{named:?}");
}

#[test]
fn the_iphone_of_the_command_line_is_on_the_cable_too() {
    let Some(_told) = in_the_guest() else { return };
    let udid = "00008030-00A1B2C3D4E5F601";
    let gadget = Gadget::says(STRINGS, &udid.replace('-', ""));
    let arguments = ["--udid", udid, "--messages", "50", "--accept", "open"].map(Into::into);
    let _phone = TwinProcess::iphone(gadget, &arguments);
    let Some(_daemon) = Usbmuxd::without_preflight() else { return };
    wait_until_listed(udid, true);
    let named = tool("ideviceinfo", &["-s", "-k", "UniqueDeviceID"]);
    assert_eq!(String::from_utf8_lossy(&named.stdout).trim(), udid, "{named:?}");
}

#[test]
fn a_cable_that_is_pulled_from_an_iphone_is_said_and_after_that_the_readout_is_whole() {
    let Some(_told) = in_the_guest() else { return };
    let Some(_udev) = Udev::start() else { return };
    let Some(daemon) = Usbmuxd::without_preflight() else { return };
    let pulled = Fault::At(Moment::Uploading(30_000), How::Unplugged);
    let own = "Zeven-groene-fietsen";
    let iphone = UsbIphone::plugged(|phone| phone.backup_password(own).fault(pulled, Times::Only(1)));
    wait_until_listed(iphone.udid(), true);
    let desk = iphone.desk();
    let secret = || desk.secret("iphone-backup", own);
    let told = desk.readout().with("--secret").with(secret()).json().go().ends_with(7);
    assert_eq!(told.event("error")["error"], "phone-gone");
    assert!(!iphone.gadget.is_plugged());
    desk.nothing_sealed();
    assert_eq!(desk.unfinished().len(), 1, "the work store is kept");
    wait_until_listed(iphone.udid(), false);

    // Debian's service ends with the last phone and begins with the next.
    drop(daemon);
    iphone.phone.plug_in();
    let Some(_daemon) = Usbmuxd::without_preflight() else { return };
    wait_until_listed(iphone.udid(), true);
    sealed(&desk, desk.runs(["resume"]).with("--secret").with(secret()));
}
