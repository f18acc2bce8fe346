//! A phone at the end of a cable: a USB gadget, set up as `reference/rig.md` does. With adb as its only function for an Android
//! phone; [`crate::iphone`] has the other.

use crate::{phone, wait_until};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};
use uitlezen_twin::{
    adb::{Accept, Answer},
    content::{self, Options, PhoneContent},
    device::{Builder, Device, Identity},
    front::functionfs::Function,
};

/// Ports of the virtual bus (`dummy_hcd num=4`, `guest-init`).
pub const CONTROLLERS: [&str; 4] = ["dummy_udc.0", "dummy_udc.1", "dummy_udc.2", "dummy_udc.3"];

/// What a phone says of itself over USB, beside its serial number.
pub type Strings = [(&'static str, &'static str); 5];

/// Maker and model that every phone here gives: two of them differ in their serial number alone.
const ANDROID: Strings = [
    ("idVendor", "0x18d1"),
    ("idProduct", "0x4ee7"),
    ("bcdUSB", "0x0200"),
    ("strings/0x409/manufacturer", "Twin"),
    ("strings/0x409/product", "Twin One"),
];

/// The gadget in the kernel, and the FunctionFS instance where a phone serves it. Dropping it pulls the cable.
pub struct Gadget {
    folder: PathBuf,
    pub functionfs: PathBuf,
    pub serial: String,
    controller: &'static str,
}

impl Gadget {
    /// Nothing serves it yet, so it cannot be plugged in yet.
    pub fn new(serial: &str) -> Self {
        Self::says(ANDROID, serial)
    }

    pub fn says(strings: Strings, serial: &str) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("phone{made}");
        let folder = Path::new("/sys/kernel/config/usb_gadget").join(&name);
        let functionfs = PathBuf::from(format!("/run/ffs-{name}"));
        let function = folder.join(format!("functions/ffs.{name}"));
        for dir in [&folder.join("strings/0x409"), &folder.join("configs/c.1/strings/0x409"), &function, &functionfs] {
            fs::create_dir_all(dir).unwrap();
        }
        for (file, text) in strings.into_iter().chain([("strings/0x409/serialnumber", serial)]) {
            fs::write(folder.join(file), text).unwrap();
        }
        std::os::unix::fs::symlink(&function, folder.join(format!("configs/c.1/ffs.{name}"))).unwrap();
        assert!(Command::new("mount").args(["-t", "functionfs", &name]).arg(&functionfs).status().unwrap().success());
        Self { folder, functionfs, serial: serial.to_owned(), controller: CONTROLLERS[made % CONTROLLERS.len()] }
    }

    pub fn udc(&self) -> PathBuf {
        self.folder.join("UDC")
    }

    /// Plugs the cable in and waits until the host knows the device.
    pub fn plug(&self) {
        fs::write(self.udc(), self.controller).unwrap();
        wait_until("the bus shows the phone", || self.seen().is_some());
    }

    pub fn unplug(&self) {
        fs::write(self.udc(), "\n").unwrap();
        wait_until("the bus misses the phone", || self.seen().is_none());
    }

    pub fn is_plugged(&self) -> bool {
        !fs::read_to_string(self.udc()).unwrap().trim().is_empty()
    }

    /// The device's folder in sysfs, by its serial number.
    pub fn seen(&self) -> Option<PathBuf> {
        let devices = fs::read_dir("/sys/bus/usb/devices").unwrap();
        devices.map(|d| d.unwrap().path()).find(|d| fs::read_to_string(d.join("serial")).is_ok_and(|s| s.trim() == self.serial))
    }

    /// The device file that libusb opens.
    pub fn node(&self) -> PathBuf {
        let device = self.seen().unwrap();
        let number = |file: &str| fs::read_to_string(device.join(file)).unwrap().trim().parse::<u32>().unwrap();
        PathBuf::from(format!("/dev/bus/usb/{:03}/{:03}", number("busnum"), number("devnum")))
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        let _ = fs::write(self.udc(), "\n");
    }
}

/// A phone whose device is in this very process, so that a story can bend it and ask it what happened.
pub struct UsbPhone {
    pub content: PhoneContent,
    pub device: Arc<Device>,
    pub gadget: Gadget,
}

impl UsbPhone {
    /// A phone that is plugged in, with `serial` for USB and for itself; its holder taps Allow for whoever asks.
    pub fn plugged(serial: &str) -> Self {
        Self::built(serial, serial, |phone| phone)
    }

    /// The same, changed; `own` is the serial number that the phone itself gives.
    pub fn built(serial: &str, own: &str, change: impl FnOnce(Builder) -> Builder) -> Self {
        // Made once: an emulated processor takes seconds for it.
        static CONTENT: LazyLock<PhoneContent> = LazyLock::new(|| content::generate(&quiet()).unwrap());
        let content = CONTENT.clone();
        let identity = Identity { serial: own.into(), ..Identity::default() };
        let asks = Accept::Ask(Answer::Allow(Duration::from_millis(300)));
        let device = change(Device::builder().identity(identity).accept(asks).content(&content)).build();
        let gadget = Gadget::new(serial);
        let (says, ready) = mpsc::channel();
        let (serving, function) = (device.clone(), Function::new(&gadget.functionfs).unplug_by(gadget.udc()));
        std::thread::spawn(move || {
            let ended = function.run(&serving, move || says.send(()).unwrap());
            eprintln!("the function ended: {ended:?}");
        });
        ready.recv_timeout(Duration::from_secs(10)).unwrap();
        gadget.plug();
        Self { content, device, gadget }
    }

    /// Whether the phone gave away even one byte of a file.
    #[track_caller]
    pub fn gave_nothing(&self) {
        let asked = self.device.asked();
        assert!(asked.opened.is_empty() && asked.bytes_served == 0, "{:?}", asked.opened);
    }
}

/// A phone that `uitlezen twin android --functionfs` plays, or `twin iphone`.
pub struct TwinProcess {
    /// Outlives the process: the cable is pulled last.
    _gadget: Gadget,
    process: Child,
}

impl TwinProcess {
    pub fn plugged(serial: &str, arguments: &[std::ffi::OsString]) -> Self {
        Self::serves(Gadget::new(serial), &[&["android".into(), "--serial".into(), serial.into()], arguments].concat())
    }

    /// Its gadget was made for an iPhone.
    pub fn iphone(gadget: Gadget, arguments: &[std::ffi::OsString]) -> Self {
        Self::serves(gadget, &[&["iphone".into()], arguments].concat())
    }

    fn serves(gadget: Gadget, twin: &[std::ffi::OsString]) -> Self {
        let process = Command::new(env!("CARGO_BIN_EXE_uitlezen"))
            .arg("twin")
            .args(twin)
            .arg("--functionfs")
            .arg(&gadget.functionfs)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the twin serves the function", || gadget.functionfs.join("ep1").exists());
        gadget.plug();
        Self { _gadget: gadget, process }
    }
}

impl Drop for TwinProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Small, without increments, and nothing on it deletes messages.
fn quiet() -> Options {
    Options { increments: false, messages: 120, ..phone::quiet() }
}
