//! What a run tells while it goes. The engine draws nothing and asks nothing; a front end draws these, or prints each as one
//! line of JSON. No event holds a name, number, text, file name or secret.

use crate::{earlier::WhyFull, link::VIA_SERVER};
use serde::{Deserialize, Serialize};
use uitlezen_check::{
    AppVerdict, ExitCode, Finding, Gap, Status,
    separation::{Amount, LeftOut},
};

/// What the holder of the phone is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderTask {
    /// Plug the phone in.
    Connect,
    Unlock,
    /// Tap "Allow" under "Allow USB debugging?".
    Allow,
    /// Tap "Back up now" in the app.
    MakeBackup,
    /// The same in Signal.
    MakeSignalBackup,
    /// A data backup in Threema.
    MakeThreemaBackup,
    /// Tap "Trust" on an iPhone and type the passcode.
    Trust,
    /// Type the passcode on an iPhone.
    Passcode,
    /// The same, for a password that is set on its backups now: the phone will ask for its passcode.
    PasscodeForPassword,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    Connect,
    Preflight,
    /// An iPhone makes its backup, of which only the part that is wanted is kept.
    Backup,
    Databases,
    Unlock,
    Read,
    Media,
    Seal,
}

/// Facts about the phone that may be shown: it is the phone that the plan names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PhoneFacts {
    pub serial: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub android: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ios: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_level: Option<String>,
    /// The phone's clock minus the station's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// The way the bytes come: `usb`, `adb-server`, `tcp`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub route: String,
}

impl PhoneFacts {
    /// An adb server held the phone, so the run goes through it.
    #[must_use]
    pub fn through_adb_server(&self) -> bool {
        self.route == VIA_SERVER
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Started {
        run: String,
        origin: &'static str,
    },
    /// A run that was broken off goes on behind the last stage that was whole.
    Resumed {
        run: String,
        origin: &'static str,
        reached: String,
    },
    HolderNeeded {
        task: HolderTask,
    },
    Phone {
        #[serde(flatten)]
        facts: PhoneFacts,
    },
    Stage {
        stage: Stage,
    },
    /// How much this stage expects to move, in bytes or records: all of it, also when the stage has said less before.
    Expect {
        stage: Stage,
        total: u64,
    },
    /// Progress within a stage since its start.
    Progress {
        stage: Stage,
        done: u64,
    },
    /// How far a phone says that it is; it knows no amounts.
    Percent {
        stage: Stage,
        percent: u8,
    },
    /// Whether the phone's backups have the password that the vault keeps is known (again).
    PasswordSettled {
        set: bool,
    },
    /// The phone was asked to set a password and did not answer. It is kept until the phone shows which of the two it is.
    PasswordUnsettled,
    /// The password that this station set was taken away again.
    PasswordRemoved,
    /// It was to be taken away and was not.
    PasswordStays,
    /// An app's data were found: kind of backup by its own header, increments beside it, age of the newest in hours.
    Backup {
        app: String,
        kind: String,
        increments: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        age_hours: Option<u64>,
        /// Others of the same app that were found and are not read, where those are looked for.
        #[serde(skip_serializing_if = "is_none")]
        others: u64,
    },
    Counts {
        app: String,
        conversations: u64,
        messages: u64,
        attachments: u64,
    },
    /// What separation left out of an app, in counts.
    Separation {
        app: String,
        /// By rule and class, as the register has them.
        left_out: Vec<LeftOut>,
        undecided: Amount,
        councillors_only: Amount,
        /// Quotes, forwards, files and names that were withheld elsewhere.
        repeats: u64,
    },
    Verdict {
        #[serde(flatten)]
        verdict: AppVerdict,
    },
    Gap {
        #[serde(flatten)]
        gap: Gap,
    },
    Finding {
        #[serde(flatten)]
        finding: Finding,
    },
    /// Every attachment is transferred, and why.
    FullRun {
        why: WhyFull,
    },
    /// An iPhone makes a whole backup after all: what it sent before is no longer all here.
    FullBackup,
    /// Attachments that were not transferred, because they lie in so many verified earlier seals.
    Held {
        attachments: u64,
        bytes: u64,
        seals: u64,
    },
    /// What this seal holds could not be written into the station's list: the next readout transfers it again.
    NotRemembered,
    /// Acquisition is whole: the phone may be unplugged.
    MayUnplug,
    /// `digest` is the seal digest: SHA-256 of the signed manifest.
    Sealed {
        file: String,
        digest: String,
        bytes: u64,
        status: Status,
    },
    Finished {
        status: Option<Status>,
        codes: Vec<ExitCode>,
        exit: u8,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Who listens to a run.
pub trait Listener {
    fn event(&mut self, event: Event);
}

impl<F: FnMut(Event)> Listener for F {
    fn event(&mut self, event: Event) {
        self(event);
    }
}
