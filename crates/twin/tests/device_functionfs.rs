//! The virtual phone on the kernel's own USB stack, before Debian's `adb`. Runs where there is a virtual USB controller and
//! root (`tests/usb/run cargo test -p uitlezen-twin --test device_functionfs`); elsewhere it says SKIPPED.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};
use uitlezen_twin::{
    FileBytes, Patterned,
    device::{Device, Fault, Identity, Pull, Times},
    front::functionfs::Function,
};

const CONTROLLER: &str = "dummy_udc.0";
const SERIAL: &str = "TWINUSB1";

/// A gadget with adb as its only function, as `reference/rig.md` sets it up.
struct Gadget(PathBuf);

impl Gadget {
    fn new(name: &str, device: &Arc<Device>) -> Gadget {
        let gadget = Path::new("/sys/kernel/config/usb_gadget").join(name);
        let ffs = PathBuf::from(format!("/run/ffs-{name}"));
        let function = gadget.join(format!("functions/ffs.{name}"));
        for dir in [&gadget.join("strings/0x409"), &gadget.join("configs/c.1/strings/0x409"), &function, &ffs] {
            fs::create_dir_all(dir).unwrap();
        }
        let identity = device.identity();
        for (file, text) in [
            ("idVendor", "0x18d1"),
            ("idProduct", "0x4ee7"),
            ("bcdUSB", "0x0200"),
            ("strings/0x409/manufacturer", &identity.maker),
            ("strings/0x409/product", &identity.model),
            ("strings/0x409/serialnumber", &identity.serial),
        ] {
            fs::write(gadget.join(file), text).unwrap();
        }
        std::os::unix::fs::symlink(&function, gadget.join(format!("configs/c.1/ffs.{name}"))).unwrap();
        assert!(Command::new("mount").args(["-t", "functionfs", name]).arg(&ffs).status().unwrap().success());
        let (says, ready) = mpsc::channel();
        let (device, udc) = (device.clone(), gadget.join("UDC"));
        std::thread::spawn(move || {
            let ended = Function::new(ffs).unplug_by(udc).run(&device, move || says.send(()).unwrap());
            eprintln!("the function ended: {ended:?}");
        });
        ready.recv_timeout(Duration::from_secs(10)).unwrap();
        Gadget(gadget)
    }

    fn plug(&self) {
        fs::write(self.0.join("UDC"), CONTROLLER).unwrap();
    }

    fn is_plugged(&self) -> bool {
        !fs::read_to_string(self.0.join("UDC")).unwrap().trim().is_empty()
    }
}

fn adb(args: &[&str]) -> Output {
    Command::new("timeout").args(["20", "adb"]).args(args).env("HOME", "/run").env("ANDROID_USER_HOME", "/run").output().unwrap()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_phone_on_a_real_bus_is_found_read_unplugged_and_plugged_in_again() {
    if !Path::new("/sys/class/udc").join(CONTROLLER).exists() {
        let required = std::env::var("UITLEZEN_REQUIRE_USB").is_ok_and(|v| v == "1");
        assert!(!required, "no virtual USB controller, and UITLEZEN_REQUIRE_USB=1");
        eprintln!("SKIPPED: no virtual USB controller here; run in the USB guest");
        return;
    }
    // lengths round the packet (512), the block header (8), the transfer (16 KiB) and the block (64 KiB)
    let lengths = [1u64, 495, 496, 503, 504, 505, 512, 1016, 16_368, 16_376, 16_384, 65_528, 65_536, 65_537, 1_000_000];
    let mut builder = Device::builder().identity(Identity { serial: SERIAL.into(), ..Identity::default() });
    for len in lengths {
        builder = builder.file(format!("/sdcard/Download/{len}"), Arc::new(Patterned { len, seed: len }), 1_700_000_000);
    }
    let device = builder.build();
    let gadget = Gadget::new("twin", &device);
    gadget.plug();
    assert!(adb(&["start-server"]).status.success());
    let there = || String::from_utf8_lossy(&adb(&["devices"]).stdout).contains(&format!("{SERIAL}\tdevice"));
    wait_until("adb sees the phone", there);

    let out = adb(&["shell", "getprop ro.product.model; echo oops >&2; exit 5"]);
    assert_eq!((out.status.code(), &out.stdout[..], &out.stderr[..]), (Some(5), &b"Twin One\n"[..], &b"oops\n"[..]));
    for len in lengths {
        let out = adb(&["pull", &format!("/sdcard/Download/{len}"), "/run/pulled"]);
        assert!(out.status.success(), "{len}: {out:?}");
        let mut want = vec![0; len as usize];
        Patterned { len, seed: len }.read_at(0, &mut want).unwrap();
        assert!(fs::read("/run/pulled").unwrap() == want, "{len}");
    }

    device.inject(
        Fault::Pull { file: b"/storage/emulated/0/Download/1000000".to_vec(), how: Pull::Vanishes { after: 300_000 } },
        Times::Only(1),
    );
    assert!(!adb(&["pull", "/sdcard/Download/1000000", "/run/pulled"]).status.success());
    assert!(!gadget.is_plugged());
    wait_until("adb misses the phone", || !there());
    gadget.plug();
    wait_until("adb sees the phone again", there);
    assert!(adb(&["pull", "/sdcard/Download/1000000", "/run/pulled"]).status.success());
    assert_eq!(fs::metadata("/run/pulled").unwrap().len(), 1_000_000);
    let _ = adb(&["kill-server"]);
}
