//! What the closing process asks of the link child, and what it answers.
//!
//! One request at a time. Every answer is bounded by the pipe; lists come in several messages and end with a last one.

use crate::{HolderTask, child::Confined};
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf};
use uitlezen_apps::{App, holder_backup::Found};
use uitlezen_evidence::{Item, ItemName, Pattern};
use uitlezen_phone::iphone::backup::{BackupCode, Counts};
use uitlezen_seal::store::Grant;
use zeroize::Zeroize;

/// How many items one message may carry; with the longest names that stays under the pipe's bound.
pub(crate) const ITEMS_A_MESSAGE: usize = 500;
/// The same for grants.
pub(crate) const GRANTS_A_MESSAGE: usize = 200;

/// How the phone is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Over USB: directly, or through an adb server that already holds the phone.
    Usb { serial: String },
    /// A virtual phone on this machine, or with `lab` a phone elsewhere.
    Tcp { address: SocketAddr, lab: bool },
    /// A folder or zip that holds a phone's files.
    Files { path: PathBuf },
    /// An iPhone, through the `usbmuxd` daemon at `mux`: `HOST:PORT` of this machine or `UNIX:/path`.
    Iphone { udid: String, mux: String },
}

impl Reach {
    /// A phone itself, not a copy of its files.
    #[must_use]
    pub fn is_a_phone(&self) -> bool {
        !matches!(self, Self::Files { .. })
    }
}

/// What identifies the station to a phone, and opens what comes from one.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub adb_key: Option<secrecy::SecretString>,
    /// Opens an encrypted backup of an iPhone that lies in a folder or zip.
    pub backup_password: Option<secrecy::SecretString>,
    pub iphone: Option<IphoneHost>,
}

/// By what an iPhone knows this station.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IphoneHost {
    /// UUIDs.
    pub host_id: String,
    pub system_buid: String,
    /// From an earlier pairing: a property list, hex. Absent, or no longer known to the phone: its holder is asked for trust.
    pub pair_record: Option<Secret>,
    /// With it a supervised phone pairs without its holder, also where its administrator allows no other computer.
    #[serde(default)]
    pub supervision: Option<Supervision>,
}

/// The identity of the organisation that owns supervised iPhones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Supervision {
    /// DER, hex.
    pub certificate: String,
    /// PKCS#8, DER, hex.
    pub key: Secret,
}

/// A secret on its way through the pipe: wiped when dropped, never shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub(crate) String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    Connect {
        reach: Reach,
        adb_key: Option<Secret>,
        /// Opens an encrypted backup of an iPhone that lies in a folder or zip.
        backup_password: Option<Secret>,
        iphone: Option<IphoneHost>,
        wait_ms: u64,
    },
    /// Parts of an iPhone's backup that lie in the work store, under the names that they have in the backup.
    Grant(Vec<Grant>),
    /// Takes the backup that was granted for the phone's files from here on.
    OpenGranted {
        backup_password: Option<Secret>,
    },
    /// Who the phone is and what it says of itself.
    Identify,
    /// Battery, space, packages.
    Preflight {
        packages: Vec<String>,
    },
    List {
        patterns: Vec<Pattern>,
    },
    /// Answered by [`Reply::Begin`], bytes and [`Reply::End`] for each item.
    Pull {
        items: Vec<Item>,
    },
    /// The same for no more than how each of these begins.
    PullHeads {
        items: Vec<Item>,
        most: u32,
    },
    /// Backups that the holder made in these apps, wherever they lie. Answered by items and [`Reply::HolderBackups`].
    FindHolderBackups {
        of: Vec<App>,
    },
    /// Names in the phone's address book for these numbers, and for no others.
    Contacts {
        numbers: Vec<String>,
    },
    /// Whether an iPhone encrypts its backups now.
    Encryption,
    /// The iPhone is to forget this station.
    Unpair,
    /// Sets the password of an iPhone's backups where there is none, or removes this one.
    ChangePassword {
        password: Secret,
        remove: bool,
    },
    /// A full backup of an iPhone, of which the files arrive that fit these patterns, and what the phone says about it.
    BackUp {
        patterns: Vec<Pattern>,
        /// What this machine has room for.
        free_bytes: u64,
        /// Only what changed since the backup of which these files were granted.
        incremental: bool,
    },
    /// The open questions about a real phone, answered without content.
    Probe,
}

/// Something the phone says, or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said<T> {
    Known(T),
    /// The phone would not say.
    Refused,
    /// It said something that we cannot read.
    Unreadable,
    /// This route cannot ask (files instead of a phone).
    NotAsked,
}

impl<T> Said<T> {
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(t) => Some(t),
            Self::Refused | Self::Unreadable | Self::NotAsked => None,
        }
    }
}

/// [`Identity::route`] of a phone that an adb server holds.
pub(crate) const VIA_SERVER: &str = "adb-server";

/// [`Identity::route`] of a folder or zip.
pub(crate) const FROM_FILES: &str = "files";

/// Who the phone is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub serial: Said<String>,
    pub maker: Said<String>,
    pub model: Said<String>,
    pub android: Said<String>,
    /// Version of iOS, of an iPhone; not asked of anything else.
    #[serde(default = "not_asked")]
    pub ios: Said<String>,
    pub patch_level: Said<String>,
    /// The phone's clock minus the station's, in milliseconds, and how sure that is.
    pub clock_offset_ms: Said<(i64, u64)>,
    pub time_zone: Said<String>,
    /// Users and profiles other than the main one.
    pub other_users: Said<u64>,
    /// Wireless debugging is on and the patch level is older than the fix of its known fault.
    pub wireless_debugging_open: Said<bool>,
    /// When a backup was made, of which the files are: Unix seconds, the phone's clock.
    #[serde(default)]
    pub backup_made: Option<i64>,
    /// The way the bytes come: `usb`, `adb-server`, `tcp`, `files`.
    pub route: String,
}

fn not_asked<T>() -> Said<T> {
    Said::NotAsked
}

impl Identity {
    #[must_use]
    pub fn is_iphone(&self) -> bool {
        self.ios != Said::NotAsked
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: Said<String>,
}

/// A profile beside the main one: a work profile, a secure folder, a clone. Nothing is read from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherProfile {
    pub user: u32,
    pub packages: Said<Vec<Package>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub battery_percent: Said<u8>,
    pub free_bytes: Said<u64>,
    /// Of those asked, the ones that are installed.
    pub packages: Said<Vec<Package>>,
    /// The same in other profiles of the phone.
    #[serde(default)]
    pub profiles: Vec<OtherProfile>,
    /// What only an iPhone is asked.
    #[serde(default)]
    pub iphone: Option<IphoneFacts>,
}

/// What an iPhone on the cable says before its backup is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IphoneFacts {
    /// A password is set on its backups.
    pub will_encrypt: Said<bool>,
    pub encryption_forced: Said<bool>,
    /// When a computer last made one, Unix seconds, the phone's clock.
    pub last_backup: Said<i64>,
    pub passcode_set: Said<bool>,
    /// Of apps and their data: a full backup brings no more.
    pub used_bytes: Said<u64>,
    pub supervised: Said<bool>,
    /// How many configuration profiles there are.
    pub profiles: Said<u64>,
    pub pairing_allowed: Said<bool>,
    /// There is management, so apps may be kept out of the backup; no host can see which.
    pub may_leave_apps_out: bool,
}

/// How a backup of an iPhone ended that its phone calls finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    pub counts: Counts,
    /// Unix seconds, the phone's clock.
    pub date: Option<i64>,
    /// The phone's own word: it may make a full one where less was asked.
    #[serde(default)]
    pub full: Option<bool>,
}

/// What became of a change of the password of an iPhone's backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordSaid {
    Done,
    /// The phone was not asked, or said no.
    AsItWas(LinkFailure),
    /// It was asked and did not answer: which of the two, it shows later.
    Unknown(LinkFailure),
}

/// What a walk over the phone could not see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    pub refused_folders: u64,
    pub hostile_names: u64,
    pub unreadable_names: u64,
    /// The walk stopped at a bound.
    pub cut_off: bool,
    /// Files that a backup lists and does not hold, or not whole.
    #[serde(default)]
    pub broken_files: u64,
    /// The phone did not finish the backup.
    #[serde(default)]
    pub unfinished: bool,
}

impl Blind {
    /// What neither of two walks could see.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            refused_folders: self.refused_folders + other.refused_folders,
            hostile_names: self.hostile_names + other.hostile_names,
            unreadable_names: self.unreadable_names + other.unreadable_names,
            cut_off: self.cut_off || other.cut_off,
            broken_files: self.broken_files + other.broken_files,
            unfinished: self.unfinished || other.unfinished,
        }
    }

    #[must_use]
    pub fn is_blind(&self) -> bool {
        *self != Self::default()
    }
}

/// What the phone's address book says of the numbers asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressBook {
    /// Numbers in international form with a name for each; `unclear` rows could not be read.
    Read {
        found: Vec<(String, String)>,
        unclear: u64,
    },
    Refused,
    Unreadable,
    /// Files have none.
    NotAsked,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All bytes arrived; size, time and, where the phone could, digest agree.
    Whole {
        sha256: String,
        digest_on_phone: bool,
    },
    /// It changed every time it was read: what arrived is void.
    Changing,
    Refused,
    Absent,
    /// Reading stopped before the end.
    Broken,
}

/// Why the link failed, by what the person at the desk can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkFailure {
    NoUsb,
    NoPhone,
    /// The account may not open USB devices: install the udev rule.
    NoPermission,
    /// Another program holds the phone and no adb server answers.
    Busy,
    /// The holder did not tap Allow in time.
    NotAllowed,
    /// The holder, or a policy, said no.
    Denied,
    /// Unplugged, or the connection broke.
    Gone,
    /// No answer in time.
    Silent,
    /// It does not speak adb as it should.
    Garbage,
    /// Another address than this machine without `lab`.
    NotLoopback,
    /// The folder or zip cannot be read.
    Files,
    /// A zip with entries that are refused.
    HostileFiles,
    /// A backup of an iPhone that is encrypted, and no password was given.
    BackupLocked,
    /// The password is not that of the backup.
    BackupPassword,
    /// Made by an iOS before 10.
    BackupTooOld,
    /// More than one backup lies there.
    BackupsSeveral,
    /// A backup of an iPhone that lacks what it cannot be read without.
    BackupDamaged,
    /// A backup of an iPhone that asks for more work than any real one.
    BackupRefused,
    /// No daemon for iPhones runs.
    NoUsbmuxd,
    /// `USBMUXD_SOCKET_ADDRESS` is no address.
    MuxAddress,
    /// The account may not speak to the daemon.
    MuxPermission,
    NoIphone,
    /// The holder tapped "Don't Trust".
    TrustRefused,
    TrustNotAnswered,
    /// The administrator allows no computer, or only one with the organisation's identity.
    PairingForbidden,
    SupervisionNeeded,
    /// Cancelled on the phone's screen.
    CancelledOnPhone,
    /// Another program synchronises with the phone.
    OtherProgram,
    /// The backup service's own word.
    Code(BackupCode),
    /// The service ended well and the phone does not call its backup finished.
    NotFinished,
    /// It does not keep to the rules of its services.
    GarbageOfIphone,
    Internal,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// The holder must do something; the request goes on.
    AskHolder {
        task: HolderTask,
    },
    /// An iPhone trusts this station from now on.
    Paired {
        record: Secret,
    },
    Connected(Confined),
    Granted,
    Opened,
    Encryption(Said<bool>),
    Unpaired,
    Password(PasswordSaid),
    /// A file of a backup: its bytes follow, then `FileEnd`. Names are relative to the folder of backups.
    File {
        path: String,
    },
    FileEnd,
    Moved {
        from: String,
        to: String,
    },
    Copied {
        from: String,
        to: String,
    },
    Removed {
        path: String,
    },
    /// How far the phone says it is.
    Percent(u8),
    BackedUp(BackedUp),
    Identity(Box<Identity>),
    Preflight(Preflight),
    Items(Vec<Item>),
    /// Files that a backup lists and does not hold: the phone sends what has not changed only once.
    NotHere(Vec<Item>),
    Listed(Blind),
    HolderBackups {
        found: Box<Found>,
        blind: Blind,
    },
    /// The bytes of an item follow; once more for the same item: what came before is void.
    Begin {
        name: ItemName,
    },
    End {
        name: ItemName,
        outcome: Outcome,
    },
    Pulled,
    Contacts(AddressBook),
    Probe(serde_json::Value),
    Failed(LinkFailure),
}
