//! The run: gate, preflight, acquire, read, check, seal.
//!
//! One thread drives it; it asks nobody anything and draws nothing. What it needs from a person it says as an event and
//! waits, within a bound, for the phone to show that it was done. Whatever happens after the work store was made, the store
//! stays unless the run was closed, and [`resume`] goes on from it: the stages are in [`way`], what outlives a crash is in
//! [`notes`].

mod already;
mod app;
mod backup_state;
mod chosen;
mod claim;
mod close;
mod earlier;
mod error;
mod holder_backup;
mod iphone;
mod keeping;
mod kept;
mod log;
mod media;
mod notes;
mod numbers;
mod receive;
mod release;
mod separation;
mod shared_media;
mod standing;
mod taking;
mod threema;
mod way;

pub(crate) use chosen::{is_read_on, name_on};
pub use claim::Claim;
pub use close::{Sealed, SealedBy};
pub use error::RunError;
pub use kept::{Interruption, Kept, sealed_already};
pub use notes::Reached;
pub use release::{Released, Releasing, forget};

use crate::{
    Admission, Cancel, Event, HolderTask, Listener, Plan, Report, Stage,
    child::Program,
    earlier::{Holdings, Weekly},
    link::{Blind, Connecting, Credentials, Identity, IphoneHost, Link, Listed, Reach, Said, Secret},
    plan::Platform,
    reader::KeyRing,
    statement::ChatApps,
};
use chosen::Chosen;
use jiff::Timestamp;
use log::Log;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};
use uitlezen_apps::{App, holder_backup::Found};
use uitlezen_check::{AppVerdict, ExitCode, Finding, Gap, GapReason, Standing, Subject, separation::Past};
use uitlezen_evidence::Item;
use uitlezen_seal::store::RunKey;

/// A clock that is further off than this is a finding.
const CLOCK_TOLERANCE_MS: i64 = 60_000;
/// Percent below which a phone should first be charged.
const LOW_BATTERY: u8 = 20;

/// What the holder showed on the phone's own screen, as the operator recorded it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The default timer for new chats: `Some(true)` it is off.
    pub default_timer_off: Option<bool>,
}

/// Who keeps the key of an open run, so that a broken run can be resumed: the vault.
pub trait RunKeeper {
    /// The phone is this run's alone until the claim is dropped, or the process ends. [`RunError::PhoneInUse`] when another
    /// run has it.
    fn claim(&mut self, phone: &str) -> Result<Claim, RunError>;
    /// Must be durable before it returns: the store is only as good as its key.
    fn keep(&mut self, run: &str, key: &RunKey, store: &Path, phone: &str) -> Result<(), RunError>;
    /// The run was destroyed without a seal.
    fn forget(&mut self, run: &str) -> Result<(), RunError>;
    /// The run was sealed.
    fn sealed(&mut self, run: &str, phone: &str, digest: [u8; 32]) -> Result<(), RunError>;
    /// Digests of the last seal of this phone and of this station.
    fn previous(&self, phone: &str) -> Previous;
    /// 32 bytes that make the hashes of this phone's conversations; the same at every readout.
    fn thread_key(&mut self, _phone: &str) -> Result<Option<zeroize::Zeroizing<[u8; 32]>>, RunError> {
        Ok(None)
    }
    /// What was decided when this phone was last sealed.
    fn past(&mut self, _phone: &str) -> Result<Option<Past>, RunError> {
        Ok(None)
    }
    /// By what iPhones know this station, with the pair record of this one.
    fn iphone_host(&mut self, _phone: &str) -> Result<IphoneHost, RunError> {
        Err(RunError::Internal("no keeper of pair records"))
    }
    /// Must be durable before it returns: the phone will not give it again.
    fn keep_pair_record(&mut self, _phone: &str, _record: &Secret) -> Result<(), RunError> {
        Err(RunError::Internal("no keeper of pair records"))
    }
    /// The password that is kept for the phone's backups.
    fn backup_password(&mut self, _phone: &str) -> Result<Option<KeptPassword>, RunError> {
        Ok(None)
    }
    /// Must be durable, and recoverable without this station, before it returns.
    fn keep_backup_password(&mut self, _phone: &str, _password: &SecretString, _state: PasswordState) -> Result<(), RunError> {
        Err(RunError::Internal("no keeper of backup passwords"))
    }
    fn forget_backup_password(&mut self, _phone: &str) -> Result<(), RunError> {
        Err(RunError::Internal("no keeper of backup passwords"))
    }
    /// Where what is kept of the last backup of an iPhone lies, and its key.
    fn backup_state(&mut self, _phone: &str) -> Result<Option<(PathBuf, RunKey)>, RunError> {
        Ok(None)
    }
    /// A place for a new one. `None`: none is kept.
    fn new_backup_state(&mut self, _phone: &str) -> Result<Option<PathBuf>, RunError> {
        Ok(None)
    }
    /// The new one is written and counts from now on; the old one is destroyed.
    fn keep_backup_state(&mut self, _phone: &str, _dir: &Path, _key: &RunKey) -> Result<(), RunError> {
        Ok(())
    }
    /// What is kept of the last backup of an iPhone is destroyed.
    fn forget_backup_state(&mut self, _phone: &str) -> Result<(), RunError> {
        Ok(())
    }
    /// The iPhone knows this station no more: all that is kept of it is destroyed, but for its password.
    fn forget_iphone(&mut self, phone: &str) -> Result<(), RunError> {
        self.forget_backup_state(phone)
    }
    /// What was decided in the run that was sealed now.
    fn keep_past(&mut self, _phone: &str, _past: &Past) -> Result<(), RunError> {
        Ok(())
    }
}

/// A password of an iPhone's backups, as it is kept.
#[derive(Clone, Debug)]
pub struct KeptPassword {
    pub password: SecretString,
    pub state: PasswordState,
}

/// How sure it is that the phone has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordState {
    /// The holder's own, which the holder gave to be kept.
    Given,
    /// Made here, and the phone was asked to set it, or was about to be: whether it did is not known.
    Asked,
    /// Made here, and the phone has it.
    Set,
}

/// The seals that a new one refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Previous {
    pub of_phone: Option<[u8; 32]>,
    pub of_station: Option<[u8; 32]>,
}

/// Sees lines of conversations as they pass.
pub type Titles<'a> = Box<dyn FnMut(&[u8]) + 'a>;

/// Everything one run works from.
pub struct Job<'a> {
    pub plan: &'a Plan,
    /// What let the run in, and what it leaves out.
    pub admission: Admission,
    pub reach: Reach,
    pub program: Program,
    /// Keys by app.
    pub keys: BTreeMap<App, KeyRing>,
    pub credentials: Credentials,
    pub shown: Shown,
    /// When the backup is older than the plan allows: how long to wait for the holder to make a newer one.
    pub wait_for_backup: Option<Duration>,
    /// Where the work store and then the seal come.
    pub out: PathBuf,
    pub keeper: &'a mut dyn RunKeeper,
    /// What is known of earlier seals of this phone; `None` transfers everything and remembers nothing.
    pub weekly: Option<Weekly>,
    /// What closes the seal; `None` judges only, and destroys the work store.
    pub seal: Option<SealedBy<'a>>,
    /// Who sees conversation lines as they pass; for showing names to the holder. Normally nobody.
    pub titles: Option<Titles<'a>>,
}

impl std::fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("reach", &self.reach).field("out", &self.out).finish_non_exhaustive()
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub run: String,
    pub sealed: Option<Sealed>,
    pub report: Report,
    pub standing: Standing,
    pub codes: Vec<ExitCode>,
}

impl Ended {
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        ExitCode::foremost(&self.codes)
    }
}

/// Runs a job to its end.
pub fn run(job: Job<'_>, listener: &mut dyn Listener, cancel: &Cancel) -> Result<Ended, RunError> {
    if job.seal.is_some() && !job.admission.may_seal() {
        return Err(RunError::Internal("a seal without admission"));
    }
    let started = Timestamp::now();
    let run = run_id(started)?;
    let origin = route_of(&job.reach);
    let report = Report::new(&run, job.plan, &job.admission, started);
    let mut going = Going::new(job, run.clone(), report, listener, cancel);
    let _claim = going.job.keeper.claim(&going.job.plan.phone.serial)?;
    going.may_separate()?;
    going.tell(Event::Started { run, origin });
    going.begin()
}

/// Goes on with a run that was broken off. The job is the one that it was begun with: its plan is [`Kept::plan`].
pub fn resume(job: Job<'_>, kept: Kept, listener: &mut dyn Listener, cancel: &Cancel) -> Result<Ended, RunError> {
    let run = kept.run().to_owned();
    let origin = route_of(&job.reach);
    let report = Report::new(&run, job.plan, &job.admission, kept.begun.started);
    let mut going = Going::new(job, run.clone(), report, listener, cancel);
    let _claim = going.job.keeper.claim(&going.job.plan.phone.serial)?;
    going.go_on(kept, origin)
}

/// `20261122T091502Z-3f9a61c2`: sorts by time, tells nothing.
fn run_id(at: Timestamp) -> Result<String, RunError> {
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random).map_err(|_| RunError::Random)?;
    Ok(format!("{}-{}", at.strftime("%Y%m%dT%H%M%SZ"), hex::encode(random)))
}

/// A UDID is written with and without its hyphen, and in either case.
fn same_phone(iphone: bool, one: &str, other: &str) -> bool {
    let bare = |udid: &str| udid.replace('-', "").to_ascii_lowercase();
    one == other || (iphone && bare(one) == bare(other))
}

fn route_of(reach: &Reach) -> &'static str {
    match reach {
        Reach::Usb { .. } => "usb",
        Reach::Iphone { mux, .. } if mux.starts_with("UNIX:") => "usb",
        Reach::Iphone { .. } => "tcp",
        Reach::Tcp { .. } => "tcp",
        Reach::Files { .. } => "files",
    }
}

/// A run on its way.
struct Going<'a, 'l> {
    job: Job<'a>,
    run: String,
    report: Report,
    standing: Standing,
    listener: &'l mut dyn Listener,
    log: Log,
    cancel: Cancel,
    /// What earlier seals hold, once that was looked at.
    holdings: Option<Holdings>,
    /// It was said that the phone may go.
    unplugged: bool,
    /// Written, and to be counted from when the seal is closed: what the next backup of an iPhone goes on from.
    backup_state: Option<(PathBuf, RunKey)>,
}

impl<'a, 'l> Going<'a, 'l> {
    fn new(job: Job<'a>, run: String, report: Report, listener: &'l mut dyn Listener, cancel: &Cancel) -> Self {
        let (standing, log, cancel) = (Standing::default(), Log::default(), cancel.clone());
        Self { report, standing, job, listener, log, cancel, run, holdings: None, unplugged: false, backup_state: None }
    }

    /// An event, to whoever listens and to the log that goes into the seal.
    fn tell(&mut self, event: Event) {
        self.log.add(&event);
        self.listener.event(event);
    }

    fn stage(&mut self, stage: Stage) {
        self.tell(Event::Stage { stage });
    }

    fn expect(&mut self, stage: Stage, total: u64) {
        self.tell(Event::Expect { stage, total });
    }

    fn gap(&mut self, subject: Subject, reason: GapReason, count: u64, detail: &str) {
        let gap = Gap { subject, reason, count, detail: detail.to_owned() };
        self.tell(Event::Gap { gap: gap.clone() });
        self.report.gaps.push(gap.clone());
        self.standing.gaps.push(gap);
    }

    fn finding(&mut self, finding: Finding) {
        self.tell(Event::Finding { finding: finding.clone() });
        self.report.findings.push(finding.clone());
        self.standing.findings.push(finding);
    }

    fn verdict(&mut self, verdict: AppVerdict) {
        self.tell(Event::Verdict { verdict: verdict.clone() });
        self.report.verdicts.push(verdict.clone());
        self.standing.apps.push(verdict);
    }

    fn asked(&self) -> Vec<App> {
        self.job.plan.apps.asked().collect()
    }

    fn platform(&self) -> Platform {
        self.report.platform()
    }

    pub(super) fn connect(&mut self, link: &mut Link) -> Result<(), RunError> {
        let wait = Duration::try_from(self.job.plan.run.wait_for_allow.0).unwrap_or_default();
        let phone = &self.job.plan.phone.serial;
        if self.is_iphone_on_cable() && self.job.credentials.iphone.is_none() {
            self.job.credentials.iphone = Some(self.job.keeper.iphone_host(phone)?);
        }
        let (listener, log, keeper) = (&mut *self.listener, &mut self.log, &mut *self.job.keeper);
        let confined = link.connect::<RunError>(&self.job.reach, &self.job.credentials, wait, |said| {
            match said {
                Connecting::Holder(task) => {
                    let event = Event::HolderNeeded { task };
                    log.add(&event);
                    listener.event(event);
                }
                Connecting::Paired(record) => keeper.keep_pair_record(phone, &record)?,
            }
            Ok(())
        })?;
        self.report.confined = Some(confined);
        Ok(())
    }

    /// Another phone than the plan names, or one that will not say which it is: nothing is pulled.
    fn gate(&mut self, link: &mut Link) -> Result<(), RunError> {
        let identity = self.planned_phone(link)?;
        self.note_identity(&identity);
        self.report.phone = Some(identity);
        Ok(())
    }

    fn planned_phone(&self, link: &mut Link) -> Result<Identity, RunError> {
        let identity = link.identify()?;
        match &identity.serial {
            Said::Known(serial) if same_phone(identity.is_iphone(), serial, &self.job.plan.phone.serial) => Ok(identity),
            Said::NotAsked if matches!(self.job.reach, Reach::Files { .. }) => Ok(identity),
            Said::Known(_) | Said::Refused | Said::Unreadable | Said::NotAsked => Err(RunError::OtherPhone),
        }
    }

    fn note_identity(&mut self, identity: &Identity) {
        if let Some((ms, unsure)) = identity.clock_offset_ms.known()
            && ms.abs() > CLOCK_TOLERANCE_MS + i64::try_from(*unsure).unwrap_or(0)
        {
            self.finding(Finding::ClockOff { seconds: ms / 1000 });
        }
        if identity.wireless_debugging_open.known() == Some(&true) {
            self.finding(Finding::WirelessDebugging);
        }
        match &identity.other_users {
            Said::Known(0) | Said::NotAsked => {}
            Said::Known(count) => self.finding(Finding::OtherProfile { count: *count }),
            // Whether there is another profile is part of "everything on this phone".
            Said::Refused => self.gap(Subject::Phone, GapReason::Refused, 1, "users"),
            Said::Unreadable => self.gap(Subject::Phone, GapReason::NotInterpreted, 1, "users"),
        }
    }

    fn preflight(&mut self, link: &mut Link, asked: &[App]) -> Result<(), RunError> {
        // Beside what was asked, every chat app that is known: what is there and not read is said (R22).
        let chat_apps = ChatApps::all();
        let platform = self.platform();
        let mut packages: Vec<&str> = chat_apps.apps.iter().filter_map(|app| app.name_on(platform)).collect();
        packages.extend(asked.iter().filter_map(|app| name_on(platform, *app)));
        packages.sort_unstable();
        packages.dedup();
        let preflight = link.preflight(&packages)?;
        if let Some(percent) = preflight.battery_percent.known().filter(|percent| **percent < LOW_BATTERY) {
            self.finding(Finding::BatteryLow { percent: *percent });
        }
        self.report.preflight = Some(preflight);
        let facts = self.report.phone_facts(&self.job.plan.phone.serial);
        if self.job.reach.is_a_phone() {
            self.tell(Event::Phone { facts });
        }
        Ok(())
    }

    /// Finds the backups of every asked app; waits for a newer one when the job says so.
    fn choose(&mut self, link: &mut Link, asked: &[App]) -> Result<Vec<Chosen>, RunError> {
        let platform = self.platform();
        let mut look = self.look(link, asked)?;
        if let Some(wait) = self.job.wait_for_backup.filter(|_| platform == Platform::Android && self.job.reach.is_a_phone()) {
            look = self.wait_for_backup(link, asked, look, wait)?;
        }
        let Look { mut chosen, blind, by_holder, threema, .. } = look;
        if blind.refused_folders > 0 {
            self.gap(Subject::Evidence("folders".into()), GapReason::Refused, blind.refused_folders, "refused-folders");
        }
        if blind.hostile_names + blind.unreadable_names > 0 {
            let count = blind.hostile_names + blind.unreadable_names;
            self.gap(Subject::Evidence("names".into()), GapReason::NotInterpreted, count, "refused-names");
        }
        if blind.cut_off {
            self.gap(Subject::Evidence("folders".into()), GapReason::Broken, 1, "listing-cut-off");
        }
        if blind.broken_files > 0 {
            self.gap(Subject::Evidence("backup".into()), GapReason::Damaged, blind.broken_files, "files-not-whole");
        }
        if blind.unfinished {
            self.gap(Subject::Evidence("backup".into()), GapReason::Broken, 1, "backup-not-finished");
        }
        self.report.blind = blind;
        let made = self.report.phone.as_ref().and_then(|phone| phone.backup_made);
        for chosen in chosen.iter_mut().filter(|_| platform == Platform::Iphone) {
            chosen.modified = made;
        }
        for app in asked.iter().filter(|app| !chosen.iter().any(|c| c.app == **app)) {
            if platform == Platform::Iphone && app.edition().is_some() && self.is_installed(*app) {
                // Its own end-to-end encrypted backup keeps the chats out of every other one (ios.md §4, §5).
                self.gap(Subject::App(app.word().into()), GapReason::Locked, 1, "end-to-end-backup");
            } else if *app == App::Signal && platform == Platform::Iphone && self.is_installed(*app) {
                self.gap(Subject::App(app.word().into()), GapReason::Refused, 1, "keeps-itself-out-of-the-backup");
            } else if *app == App::Signal && !by_holder.signal.exports.is_empty() {
                // It lacks every message that has a timer, so it is never taken for what was asked.
                self.gap(Subject::App(app.word().into()), GapReason::NotInterpreted, 1, "only-a-readable-export");
            } else if platform == Platform::Iphone && app.threema().is_some() && self.is_installed(*app) {
                // An administrator can keep it out of every backup (ios.md §4); or it was never opened.
                self.gap(Subject::App(app.word().into()), GapReason::Refused, 1, "left-out-of-the-backup");
            } else if app.threema().is_some() && by_holder.threema.files.is_empty() && by_holder.threema.unfinished > 0 {
                self.gap(Subject::App(app.word().into()), GapReason::Broken, 1, "only-an-unfinished-backup");
            } else if self.is_installed(*app) && chosen::needs_backup(platform, self.job.reach.is_a_phone(), *app) {
                // What it has stays locked within it until there is a backup.
                self.gap(Subject::App(app.word().into()), GapReason::Locked, 1, "no-backup");
            } else if is_read_on(platform, *app) && self.may_be_absent() {
                self.gap(Subject::App(app.word().into()), GapReason::Absent, 1, "no-backup");
            } else if is_read_on(platform, *app) {
                self.gap(Subject::App(app.word().into()), GapReason::NotInterpreted, 1, "no-backup-and-not-known-whether-there");
            } else {
                self.gap(Subject::App(app.word().into()), GapReason::NotInterpreted, 1, "not-read-on-this-kind-of-phone");
            }
        }
        if let Some(maker) = threema.filter(|maker| !maker.is_sure) {
            self.gap(Subject::App(maker.app.word().into()), GapReason::NotInterpreted, 1, "which-threema");
        }
        let not_looked = by_holder.not_looked + by_holder.unreadable;
        for app in chosen::makers(platform, self.job.reach.is_a_phone(), asked).into_iter().filter(|_| not_looked > 0) {
            self.gap(Subject::App(app.word().into()), GapReason::NotInterpreted, not_looked, "files-not-looked-into");
        }
        let most = self.job.plan.run.backup_not_older_than.0.as_secs();
        for found in &chosen {
            let age = found.age_seconds(self.phone_now());
            if let Some(age) = age.filter(|age| *age > most) {
                let hours = u64::try_from(age / 3600).unwrap_or(0);
                self.finding(Finding::BackupOld { app: found.app.word().into(), hours });
            }
        }
        Ok(chosen)
    }

    /// Whether the phone or its backup names the app among those that are on it.
    pub(super) fn is_installed(&self, app: App) -> bool {
        let packages = self.report.preflight.as_ref().and_then(|preflight| preflight.packages.known());
        packages.is_some_and(|there| there.iter().any(|one| Some(one.name.as_str()) == name_on(self.platform(), app)))
    }

    /// Whether an app of which nothing is found is not there. A phone that will not say what is on it leaves that open; of
    /// files nobody expects it, and the statement says that they cannot tell.
    fn may_be_absent(&self) -> bool {
        let says = self.report.preflight.as_ref().is_some_and(|preflight| preflight.packages.known().is_some());
        says || !self.job.reach.is_a_phone()
    }

    /// The Threemas that the phone names among what is on it; none when it names nothing.
    fn installed_threemas(&self) -> Option<Vec<App>> {
        self.report.preflight.as_ref()?.packages.known()?;
        Some(App::ALL.into_iter().filter(|app| app.threema().is_some() && self.is_installed(*app)).collect())
    }

    /// Now by the phone's clock: the times of its files are in that clock.
    fn phone_now(&self) -> i64 {
        let offset = self.report.phone.as_ref().and_then(|p| p.clock_offset_ms.known().map(|(ms, _)| ms / 1000));
        Timestamp::now().as_second() + offset.unwrap_or(0)
    }

    /// What is on the phone of the asked apps now, and which of it would be read.
    fn look(&self, link: &mut Link, asked: &[App]) -> Result<Look, RunError> {
        let platform = self.platform();
        let patterns = chosen::patterns(platform, asked).map_err(|_| RunError::Internal("patterns"))?;
        let Listed { mut items, blind, .. } = link.list(patterns)?;
        let mut look = Look { chosen: chosen::choose(platform, &items, asked), blind, ..Look::default() };
        let makers = chosen::makers(platform, self.job.reach.is_a_phone(), asked);
        if !makers.is_empty() {
            let (listed, found) = link.find_holder_backups(makers)?;
            let maker = threema::maker(asked, self.installed_threemas().as_deref());
            let made = chosen::choose_holder_made(&listed.items, &found, maker.map(|maker| maker.app)).into_iter();
            let new: Vec<Chosen> = made.filter(|made| !look.chosen.iter().any(|there| there.app == made.app)).collect();
            look.chosen.extend(new);
            look.threema = maker.filter(|_| found.threema.newest().is_some());
            // Of files both are the same list.
            look.blind = if self.job.reach.is_a_phone() { look.blind.and(&listed.blind) } else { look.blind };
            items.extend(listed.items);
            look.by_holder = found;
        }
        look.items = items;
        Ok(look)
    }

    /// Polls until a backup is young enough and has stopped growing, or the time is over.
    fn wait_for_backup(&mut self, link: &mut Link, asked: &[App], mut look: Look, wait: Duration) -> Result<Look, RunError> {
        const POLL: Duration = Duration::from_secs(3);
        let most = self.job.plan.run.backup_not_older_than.0.as_secs();
        let end = std::time::Instant::now() + wait;
        let mut told = Vec::new();
        loop {
            let now = self.phone_now();
            // What the phone is asked itself has no age.
            let made = look.chosen.iter().filter(|c| c.opening != chosen::Opening::Answers);
            let old = made.filter(|c| c.age_seconds(now).is_none_or(|age| age > most));
            let old: Vec<App> = old.map(|c| c.app).collect();
            if old.is_empty() && told.is_empty() {
                return Ok(look);
            }
            for app in old {
                let task = match app {
                    App::Signal => HolderTask::MakeSignalBackup,
                    App::Threema | App::ThreemaWork | App::ThreemaOnPrem => HolderTask::MakeThreemaBackup,
                    _ => HolderTask::MakeBackup,
                };
                if !told.contains(&task) {
                    told.push(task);
                    self.tell(Event::HolderNeeded { task });
                }
            }
            if std::time::Instant::now() >= end {
                return Ok(look);
            }
            for _ in 0..30 {
                if self.cancel.is_cancelled() {
                    return Err(RunError::Cancelled);
                }
                std::thread::sleep(POLL / 30);
            }
            let now = self.look(link, asked)?;
            let settled = now.items == look.items;
            look = now;
            let young = |c: &Chosen| {
                c.opening == chosen::Opening::Answers || c.age_seconds(self.phone_now()).is_some_and(|age| age <= most)
            };
            if settled && look.chosen.iter().all(young) {
                return Ok(look);
            }
        }
    }
}

/// One look over everything that was asked.
#[derive(Default)]
struct Look {
    items: Vec<Item>,
    chosen: Vec<Chosen>,
    blind: Blind,
    /// Backups that the holder made.
    by_holder: Found,
    /// Of which Threema one was found.
    threema: Option<threema::Maker>,
}
