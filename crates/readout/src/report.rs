//! The report of a run: what was asked, got, refused, absent and not interpreted. Role *verantwoording*: no content, no names
//! of chat partners, no file names. Conversations are numbers.

use crate::{
    admission::{Admission, Admitted},
    child::Confined,
    earlier::{Earlier, ReliedOn},
    event::PhoneFacts,
    link::{BackedUp, Blind, Identity, Preflight},
    plan::Platform,
    plan::{Plan, Purpose},
    run::Interruption,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uitlezen_apps::Summary;
use uitlezen_check::{AppVerdict, Finding, Gap, GapReason, Status, separation::Tally};
use uitlezen_seal::header::EarlierSeal;

/// Version of this form.
pub const FORMAT: u32 = 1;
/// Name of the item in the seal.
pub const ITEM: &str = "verantwoording/verslag.json";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub format: u32,
    pub run: String,
    pub tool: String,
    pub started: Timestamp,
    pub acquired: Option<Timestamp>,
    pub person: String,
    pub function: String,
    pub organisation: String,
    pub purpose: Purpose,
    pub operator: String,
    /// What the plan asked beyond the conversations.
    pub scope: BTreeMap<String, bool>,
    pub phone: Option<Identity>,
    pub preflight: Option<Preflight>,
    /// What a walk over the phone could not see.
    pub blind: Blind,
    pub apps: Vec<AppReport>,
    pub verdicts: Vec<AppVerdict>,
    pub gaps: Vec<Gap>,
    pub findings: Vec<Finding>,
    pub status: Option<Status>,
    /// How far the kernel confined the child processes, as a child of this run found.
    pub confined: Option<Confined>,
    /// Each time that the run was broken off and taken up again.
    #[serde(default)]
    pub interruptions: Vec<Interruption>,
    /// What let the run in; absent in reports from before there was a register.
    #[serde(default)]
    pub admission: Option<Admitted>,
    /// Which earlier seals hold attachments of this readout; `None` where no media was asked or nothing is sealed.
    #[serde(default)]
    pub earlier: Option<Earlier>,
    /// How the backup of an iPhone ended that this run had made.
    #[serde(default)]
    pub backed_up: Option<BackedUp>,
}

/// One app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppReport {
    pub app: String,
    pub backups: Vec<BackupReport>,
    pub records: Option<Summary>,
    pub attachments: AttachmentCounts,
    /// What was left out by decision, and what waits for one.
    #[serde(default)]
    pub separation: Option<Tally>,
    /// The newest of its files, where they were listed.
    #[serde(default)]
    pub latest_file: Option<LatestFile>,
    /// Other backups of it that were found and not read, where they are looked for.
    #[serde(default)]
    pub others: Option<Others>,
}

impl AppReport {
    /// Of an app of which nothing was read yet.
    #[must_use]
    pub fn unread(app: &str, others: Option<Others>) -> Self {
        Self {
            app: app.to_owned(),
            backups: Vec::new(),
            records: None,
            attachments: AttachmentCounts::default(),
            separation: None,
            latest_file: None,
            others,
        }
    }
}

/// Backups that lay beside the one that was read, which is the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    /// Backup files.
    pub files: u64,
    /// Snapshots of a backup folder.
    pub snapshots: u64,
    /// Snapshots that the app had not finished.
    pub unfinished: u64,
    /// Readable exports, of which every message with a timer is missing.
    pub exports: u64,
}

/// The app wrote a file then, so it was in use until then at least; whether longer nothing here tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestFile {
    /// Unix seconds, the phone's clock.
    pub modified: i64,
    /// Files of after the newest message that was read: what they came with is not in the readout.
    pub after_newest: u64,
}

/// What [`BackupReport::kind`] calls a database out of an iPhone's backup.
pub(crate) const IN_BACKUP: &str = "iphone-backup";
/// Kind of what content providers of a phone answered.
pub(crate) const ANSWERS: &str = "provider-answers";
/// What it calls a file of adb backup, and one that a password opened.
pub const ADB_BACKUP: &str = "adb-backup";
pub const ADB_BACKUP_ENCRYPTED: &str = "adb-backup-encrypted";

/// What it calls Signal's backup file, and its backup folder.
pub const SIGNAL_FILE: &str = "signal-file";
pub const SIGNAL_FOLDER: &str = "signal-folder";
/// And Threema's data backup.
pub const THREEMA_BACKUP: &str = "threema-backup";

/// One backup file that was unlocked, or was not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupReport {
    /// `messages`, `increment`, `contacts`.
    pub purpose: String,
    /// By its own header.
    pub kind: String,
    pub app_version: Option<String>,
    /// First bytes of the digest of the key that opened it.
    pub key: Option<String>,
    pub bytes: u64,
    pub sha256: String,
    /// Unix seconds, the phone's clock.
    pub modified: Option<i64>,
    pub unlocked: bool,
    /// Why it was not.
    #[serde(default)]
    pub failure: Option<GapReason>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentCounts {
    /// Files that messages name.
    pub wanted: u64,
    pub present: u64,
    pub bytes: u64,
    /// Present, with another digest than the app recorded.
    pub differs: u64,
    pub missing: u64,
    pub refused: u64,
    pub broken: u64,
    /// Files whose digest the phone itself confirmed.
    pub confirmed: u64,
    /// Not transferred, because their bytes lie in a verified earlier seal; and how many bytes that spared.
    #[serde(default)]
    pub held: u64,
    #[serde(default)]
    pub held_bytes: u64,
    /// Of `held`: no longer on the phone.
    #[serde(default)]
    pub held_gone: u64,
}

impl Report {
    /// Of which kind the phone is that was read out.
    #[must_use]
    pub fn platform(&self) -> Platform {
        if self.phone.as_ref().is_some_and(Identity::is_iphone) { Platform::Iphone } else { Platform::Android }
    }

    #[must_use]
    pub fn new(run: &str, plan: &Plan, admission: &Admission, started: Timestamp) -> Self {
        let scope = &plan.scope;
        let asked = [
            ("media", scope.media),
            ("participant_names", scope.participant_names),
            ("call_log", scope.call_log),
            ("status_updates", scope.status_updates),
            ("channels", scope.channels),
            ("drafts", scope.drafts),
            ("profile_photos", scope.profile_photos),
            ("address_book", scope.address_book),
            ("sources", plan.apps.keep_sources),
        ];
        Self {
            format: FORMAT,
            run: run.to_owned(),
            tool: format!("uitlezen {}", env!("CARGO_PKG_VERSION")),
            started,
            acquired: None,
            person: plan.person.name.clone(),
            function: plan.person.function.clone(),
            organisation: plan.organisation.name.clone(),
            purpose: plan.run.purpose,
            operator: plan.run.operator.clone(),
            scope: asked.into_iter().map(|(name, on)| (name.to_owned(), on)).collect(),
            phone: None,
            preflight: None,
            blind: Blind::default(),
            apps: Vec::new(),
            verdicts: Vec::new(),
            gaps: Vec::new(),
            findings: Vec::new(),
            status: None,
            confined: None,
            interruptions: Vec::new(),
            admission: Some(admission.facts().clone()),
            earlier: None,
            backed_up: None,
        }
    }

    /// Every earlier seal that holds attachments of this readout, for the header.
    #[must_use]
    pub fn relies_on(&self) -> Vec<EarlierSeal> {
        self.earlier.iter().flat_map(|earlier| &earlier.relied_on).filter_map(ReliedOn::named).collect()
    }

    /// The facts about the phone that an operator may see.
    #[must_use]
    pub fn phone_facts(&self, serial: &str) -> PhoneFacts {
        let identity = self.phone.as_ref();
        PhoneFacts {
            serial: serial.to_owned(),
            maker: identity.and_then(|i| i.maker.known().cloned()),
            model: identity.and_then(|i| i.model.known().cloned()),
            android: identity.and_then(|i| i.android.known().cloned()),
            ios: identity.and_then(|i| i.ios.known().cloned()),
            patch_level: identity.and_then(|i| i.patch_level.known().cloned()),
            clock_offset_seconds: identity.and_then(|i| i.clock_offset_ms.known().map(|(ms, _)| ms / 1000)),
            route: identity.map(|i| i.route.clone()).unwrap_or_default(),
            battery_percent: self.preflight.as_ref().and_then(|p| p.battery_percent.known().copied()),
        }
    }
}
