//! Who the phone says it is, who watches over it, and how its holder behaves.

use std::time::Duration;

/// Make, software and numbers, as lockdownd tells them. Nobody's phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// 24 digits with a hyphen after the eighth, or 40 on phones before 2018.
    pub udid: String,
    pub name: String,
    /// `iPhone14,5`.
    pub product: String,
    pub hardware: String,
    /// `18.6`.
    pub ios: String,
    pub build: String,
    pub serial: String,
    /// `None` on a tablet without a modem.
    pub imei: Option<String>,
    pub phone_number: Option<String>,
    pub wifi_address: String,
    /// IANA name.
    pub timezone: String,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            udid: "00008110-0007116A0E01401E".into(),
            name: "Twin iPhone".into(),
            product: "iPhone14,5".into(),
            hardware: "D17AP".into(),
            ios: "18.6".into(),
            build: "22G86".into(),
            serial: "TWIN0IPHONE1".into(),
            imei: Some("004999010640000".into()),
            phone_number: Some("+31 6 00000000".into()),
            wifi_address: "02:00:00:00:00:01".into(),
            timezone: "Europe/Amsterdam".into(),
        }
    }
}

/// How a host is connected: usbmuxd lists the same phone twice when it is also on Wi-Fi.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Usb,
    Network,
}

impl Link {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Link::Usb => "USB",
            Link::Network => "Network",
        }
    }
}

/// What the holder does with "Trust this computer?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// No dialog: every host is let in.
    AtOnce,
    /// Taps Trust and types the passcode after this long.
    After(Duration),
    /// Leaves the dialog until [`super::Iphone::tap_trust`].
    Waits,
    /// Taps "Don't trust".
    Refuses,
}

/// What the holder does when a backup asks for the passcode (`reference/ios.md §1.6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passcode {
    /// The phone has none, or is too old to ask.
    NotAsked,
    /// Types it after this long.
    Typed(Duration),
    /// Leaves it until [`super::Iphone::type_passcode`]; past the phone's patience that ends in 208.
    Waits,
    /// Taps Cancel at once.
    Cancelled,
}

/// Whether the screen is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Unlocked,
    Locked,
    /// Not once unlocked since the phone was switched on.
    NeverUnlocked,
}

/// An organisation that watches over the phone (`reference/ios.md §1.7`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supervision {
    pub organisation: String,
    /// DER of the supervision identities that may pair without the holder.
    pub supervisors: Vec<Vec<u8>>,
    /// `allowHostPairing` off: no other host may pair.
    pub pairing_forbidden: bool,
    /// `forceEncryptedBackup`.
    pub encryption_forced: bool,
    /// Profiles that `GetProfileList` shows.
    pub profiles: Vec<Profile>,
}

/// An installed configuration profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub identifier: String,
    pub name: String,
    pub organisation: String,
}

/// An installed app, as installation_proxy lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub bundle: String,
    pub name: String,
    pub version: String,
}

impl App {
    pub fn new(bundle: impl Into<String>, name: impl Into<String>, version: impl Into<String>) -> App {
        App { bundle: bundle.into(), name: name.into(), version: version.into() }
    }
}
