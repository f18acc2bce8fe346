//! Who the phone says it is: identity, users, battery, storage, clock, apps and people.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::time::Instant;

/// Maker, model and build, as `getprop` tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub serial: String,
    pub maker: String,
    pub brand: String,
    pub model: String,
    /// Internal name of the model (`ro.product.device`, `ro.product.name`).
    pub device: String,
    /// `14`.
    pub android: String,
    /// `34`.
    pub sdk: u32,
    /// `2024-05-01`.
    pub security_patch: String,
    pub build_id: String,
    /// IANA name.
    pub timezone: String,
    pub locale: String,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            serial: "TWIN0000000001".into(),
            maker: "Twin".into(),
            brand: "twin".into(),
            model: "Twin One".into(),
            device: "twin1".into(),
            android: "14".into(),
            sdk: 34,
            security_patch: "2026-05-01".into(),
            build_id: "UP1A.231005.007".into(),
            timezone: "Europe/Amsterdam".into(),
            locale: "nl-NL".into(),
        }
    }
}

/// A user or profile of the phone (`reference/android.md §1.4`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: u32,
    pub name: String,
    /// Printed in hexadecimal.
    pub flags: u32,
    pub running: bool,
    /// Whether the shell is kept out, as a managed work profile does by default.
    pub refused: bool,
}

impl User {
    /// User 0, flags as in a published listing.
    pub fn owner() -> User {
        User { id: 0, name: "Owner".into(), flags: 0x13, running: true, refused: false }
    }

    /// User 10 as a managed work profile.
    pub fn work_profile(refused: bool) -> User {
        User { id: 10, name: "Work profile".into(), flags: 0x30, running: true, refused }
    }
}

/// What `dumpsys battery` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Battery {
    /// 0 to 100.
    pub level: u8,
    pub usb_powered: bool,
}

/// Size and free bytes of the shared storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    pub total: u64,
    pub free: u64,
}

/// The phone's clock against this machine's.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// Runs with ours, this much ahead (or behind).
    Ahead(SignedDuration),
    /// Stood at this moment at the instant given, and runs since.
    From(Timestamp, Instant),
}

impl Clock {
    /// A clock that starts at `moment` now.
    pub fn starting(moment: Timestamp) -> Clock {
        Clock::From(moment, Instant::now())
    }

    /// What the phone thinks it is.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::Ahead(by) => Timestamp::now().checked_add(*by).unwrap_or(Timestamp::MAX),
            Clock::From(moment, start) => moment.checked_add(start.elapsed()).unwrap_or(Timestamp::MAX),
        }
    }
}

/// An installed app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version_name: String,
    pub version_code: u64,
    /// Linux uid in user 0.
    pub uid: u32,
    /// Users it is installed for.
    pub users: Vec<u32>,
    /// Package that installed it; `null` on the phone when absent.
    pub installer: Option<String>,
    /// Seconds since 1970.
    pub first_installed: i64,
    pub last_updated: i64,
}

impl Package {
    /// An app of user 0 from the Play store.
    pub fn new(name: impl Into<String>, version_name: impl Into<String>, version_code: u64, uid: u32) -> Package {
        Package {
            name: name.into(),
            version_name: version_name.into(),
            version_code,
            uid,
            users: vec![0],
            installer: Some("com.android.vending".into()),
            first_installed: 1_672_531_200,
            last_updated: 1_714_521_600,
        }
    }

    /// Also installed for this user.
    pub fn also_for(mut self, user: u32) -> Package {
        self.users.push(user);
        self
    }

    /// Where the app's file lies; the middle is random on a phone and derived from the name here.
    pub(crate) fn apk(&self) -> String {
        let tag = self.name.bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
        format!("/data/app/~~{tag:016x}AAAAAA==/{}-{:016x}BBBBBB==/base.apk", self.name, tag.rotate_left(21))
    }
}

/// A person in the address book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// `None` becomes SQL NULL.
    pub name: Option<String>,
    pub phones: Vec<Phone>,
    pub emails: Vec<String>,
}

/// A number of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// As typed.
    pub number: String,
    /// E.164 where the phone could work it out.
    pub normalized: Option<String>,
    /// `data2`: 1 home, 2 mobile, 3 work.
    pub kind: u8,
}

impl Phone {
    /// A mobile number as typed; already in E.164 when it begins with a plus.
    pub fn mobile(number: impl Into<String>) -> Phone {
        let number = number.into();
        let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        Phone { normalized: digits.starts_with('+').then_some(digits), number, kind: 2 }
    }
}

/// The zone of the phone; UTC when its name is unknown here.
pub(crate) fn zone(identity: &Identity) -> TimeZone {
    TimeZone::get(&identity.timezone).unwrap_or(TimeZone::UTC)
}
