//! Who may open the phone's device file: the account at the desk, after the udev rule.

use crate::{
    desk::Desk,
    gadget::UsbPhone,
    in_the_guest,
    phone::SERIAL,
    readout::{reads, sealed},
    udev::Udev,
    wait_until, words,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::Command,
};
use uitlezen_phone::android::UDEV_RULE;

const NOBODY: u32 = 65534;

/// Gives everything on the desk to an account without rights.
fn hand_over(desk: &Desk) {
    for path in crate::files_below(&desk.at("")) {
        for part in path.ancestors().take_while(|p| p.starts_with(desk.at(""))) {
            std::os::unix::fs::chown(part, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

#[test]
fn without_permission_the_udev_rule_is_named_and_with_it_the_phone_is_read() {
    let Some(_told) = in_the_guest() else { return };
    let (desk, phone) = (Desk::ready(), UsbPhone::plugged(SERIAL));
    let nobody = words(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    let call = || {
        let call = reads(&desk, &phone);
        hand_over(&desk);
        call
    };
    let listed = desk.says(["phones", "--json"]).through(&nobody).ends_with(0).event("phone");
    assert_eq!((&listed["serial"], &listed["state"]), (&serde_json::Value::Null, &"permission".into()));
    let told = call().through(&nobody).ends_with(7);
    assert_eq!(told.event("error")["error"], "phone-permission");
    assert!(told.err.contains("51-uitlezen-android.rules"), "{}", told.err);
    phone.gave_nothing();
    assert!(desk.unfinished().is_empty());

    fs::set_permissions(phone.gadget.node(), fs::Permissions::from_mode(0o666)).unwrap();
    sealed(call().through(&nobody));
    assert_eq!(desk.seals().len(), 1);
}

#[test]
fn the_udev_rule_gives_a_phone_to_the_desk_and_no_other_device() {
    let Some(_told) = in_the_guest() else { return };
    // The form for a kiosk, as the rule's own head says: the last two lines without their '#'.
    let kiosk: String = UDEV_RULE
        .lines()
        .map(|line| line.strip_prefix("# ENV{").map_or(line.to_owned(), |l| format!("ENV{{{l}")) + "\n")
        .collect();
    assert_eq!(kiosk.matches("\nENV{ID_USB_INTERFACES}==\"*:").count(), 4, "{kiosk}");
    let groups = fs::read_to_string("/etc/group").unwrap();
    fs::write("/etc/group", format!("{}\nuitlezen:x:4242:\n", groups.trim_end())).unwrap();
    let Some(_udev) = Udev::with_rule(&kiosk) else { return };

    let phone = UsbPhone::plugged(SERIAL);
    let node = phone.gadget.node();
    wait_until("udev gives the phone to the group", || fs::metadata(&node).unwrap().gid() == 4242);
    assert_eq!(fs::metadata(&node).unwrap().mode() & 0o777, 0o660);
    let known = Command::new("udevadm").args(["info", "--query=property", "--name"]).arg(&node).output().unwrap();
    let known = String::from_utf8_lossy(&known.stdout).into_owned();
    assert!(known.lines().any(|line| line.starts_with("TAGS=") && line.contains(":uaccess:")), "{known}");
    // The root hub is a USB device too.
    assert_ne!(fs::metadata(node.with_file_name("001")).unwrap().gid(), 4242);

    let member = words(["setpriv", "--reuid=65534", "--regid=65534", "--groups=4242", "--"]);
    let listed = Desk::empty().says(["phones", "--json"]).through(&member).ends_with(0).event("phone");
    assert_eq!((&listed["serial"], &listed["state"]), (&SERIAL.into(), &"ready".into()));
}
