//! The completeness statement: what was asked, got, refused, absent and not interpreted, and what this route can never hold
//! (requirements R61 to R64, R67). And the receipt for the holder.
//!
//! A search is credible when somebody can establish that this is all, so the statement says of each asked app which of
//! several different answers holds ([`Answer`]), counts messages by month, and shows the dated table of blind spots. It is
//! made from the [`Report`] alone and names no chat partner: conversations are numbers. It goes into the seal as JSON and as
//! a page in Dutch and in English; the same page with the seal's digest, which cannot stand inside, lies beside the seal.

mod app;
mod beside;
mod html;
mod other;
mod page;
mod receipt;
mod shown;
mod tables;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;

pub use app::{Answer, AppStatement, Backup, Beside, Counts, LastUse, Separation, TimerOn, Timers};
pub use beside::{Pages, leave_beside};
pub use other::OtherApp;
pub use page::page;
pub use receipt::receipt;
pub use tables::{BlindSpot, BlindSpots, ChatApp, ChatApps, Reachable, Route};

use crate::{
    Plan, Report,
    admission::Admitted,
    child::Confined,
    earlier::Earlier,
    link::{BackedUp, Blind, Identity, IphoneFacts, Said},
    plan::Purpose,
    report::{ADB_BACKUP, ADB_BACKUP_ENCRYPTED, SIGNAL_FILE, SIGNAL_FOLDER, THREEMA_BACKUP},
    run::{Interruption, Previous},
    words::Language,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uitlezen_apps::App;
use uitlezen_check::{Finding, Gap, Status};
use uitlezen_seal::header::Origin;

/// Version of this form.
pub const FORMAT: u32 = 1;
/// Name of the statement in the seal.
pub const ITEM: &str = "verantwoording/volledigheidsverklaring.json";

/// Name of the page in the seal.
#[must_use]
pub fn page_item(language: Language) -> String {
    format!("verantwoording/volledigheidsverklaring.{}.html", language.code())
}

/// What is only known once the seal is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The seal's own file name.
    pub file: String,
    /// The seal digest, lower-case hex.
    pub digest: String,
    pub bytes: u64,
}

/// The statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    pub format: u32,
    pub run: String,
    pub status: Status,
    /// Where the bytes came from, as the seal's header says.
    pub origin: Origin,
    pub started: Timestamp,
    /// Each time that the run was broken off and taken up again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interruptions: Vec<Interruption>,
    /// When everything that is needed of the phone was there.
    pub acquired: Option<Timestamp>,
    /// When this was made, right before closing.
    pub made: Timestamp,
    pub person: String,
    pub function: String,
    pub organisation: String,
    /// Code of the organisation.
    pub code: String,
    pub purpose: Purpose,
    pub operator: String,
    /// What let the run in.
    pub admission: Option<Admitted>,
    /// The phone that the plan names; the gate let no other in.
    pub serial: String,
    pub phone: Option<Identity>,
    /// What an iPhone on the cable said of its management, and how its backup ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iphone: Option<IphoneFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed_up: Option<BackedUp>,
    /// How far the kernel confined the processes that read what came from the phone.
    pub confined: Option<Confined>,
    /// Program and parsers: they are of one version.
    pub tool: String,
    /// What the plan asked beyond the conversations.
    pub scope: BTreeMap<String, bool>,
    /// Every app that the plan asked for.
    pub apps: Vec<AppStatement>,
    /// Chat apps on the phone that were not asked for or cannot be read.
    pub other_apps: Said<Vec<OtherApp>>,
    /// Numbers of profiles of the phone that do not say what is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_profiles: Vec<u32>,
    /// Date of the table of chat apps.
    pub chat_apps_checked: Date,
    /// What a walk over the phone could not see.
    pub blind: Blind,
    pub gaps: Vec<Gap>,
    pub findings: Vec<Finding>,
    /// Which earlier seals hold attachments of this readout.
    pub earlier: Option<Earlier>,
    /// Digests of the last seal of this phone and of this station.
    pub previous_of_phone: Option<String>,
    pub previous_of_station: Option<String>,
    pub blind_spots: BlindSpots,
}

impl Statement {
    /// Made from what the run reported.
    #[must_use]
    pub fn of(report: &Report, plan: &Plan, status: Status, origin: Origin, previous: Previous, made: Timestamp) -> Self {
        let apps: Vec<AppStatement> = plan.apps.asked().map(|app| AppStatement::of(app, report)).collect();
        let chat_apps = ChatApps::all();
        let digest = |digest: Option<[u8; 32]>| digest.map(hex::encode);
        Self {
            format: FORMAT,
            run: report.run.clone(),
            status,
            origin,
            started: report.started,
            interruptions: report.interruptions.clone(),
            acquired: report.acquired,
            made,
            person: report.person.clone(),
            function: report.function.clone(),
            organisation: report.organisation.clone(),
            code: plan.organisation.code.clone(),
            purpose: report.purpose,
            operator: report.operator.clone(),
            admission: report.admission.clone(),
            serial: plan.phone.serial.clone(),
            phone: report.phone.clone(),
            iphone: report.preflight.as_ref().and_then(|preflight| preflight.iphone.clone()),
            backed_up: report.backed_up.clone(),
            confined: report.confined,
            tool: report.tool.clone(),
            scope: report.scope.clone(),
            blind_spots: BlindSpots::of(&routes(report, &apps)),
            other_apps: other::on_the_phone(&chat_apps, &apps, report),
            closed_profiles: other::closed_profiles(report),
            chat_apps_checked: chat_apps.checked,
            apps,
            blind: report.blind.clone(),
            gaps: report.gaps.clone(),
            findings: report.findings.clone(),
            earlier: report.earlier.clone(),
            previous_of_phone: digest(previous.of_phone),
            previous_of_station: digest(previous.of_station),
        }
    }

    /// Asked apps of which nothing is in the seal, or nothing but an empty record: the negative report.
    pub fn without_messages(&self) -> impl Iterator<Item = &AppStatement> {
        self.apps.iter().filter(|app| app.answer != Answer::Read)
    }

    /// Installed chat apps that this readout holds nothing of.
    pub fn not_read(&self) -> impl Iterator<Item = &OtherApp> {
        self.other_apps.known().into_iter().flatten()
    }
}

/// The ways by which this readout came, for the table of blind spots.
fn routes(report: &Report, apps: &[AppStatement]) -> BTreeSet<Route> {
    let mut routes = BTreeSet::new();
    let files = report.phone.as_ref().is_some_and(|phone| phone.route == crate::link::FROM_FILES);
    if report.phone.as_ref().is_some_and(Identity::is_iphone) {
        routes.insert(Route::IphoneBackup);
        if apps.iter().any(|app| app.app == App::IMessage.word()) {
            routes.insert(Route::ImessageDatabase);
        }
        if apps.iter().any(|app| is_threema(&app.app)) {
            routes.insert(Route::ThreemaDatabase);
        }
        return routes;
    }
    routes.insert(if files { Route::AndroidFiles } else { Route::AndroidPhone });
    for app in apps {
        let kind = app.backup.as_ref().map(|backup| backup.kind.as_str());
        match kind {
            Some(SIGNAL_FOLDER) => routes.extend([Route::SignalFolder]),
            Some(SIGNAL_FILE) => routes.extend([Route::SignalFile]),
            Some(THREEMA_BACKUP) => routes.extend([Route::ThreemaBackup]),
            Some(ADB_BACKUP | ADB_BACKUP_ENCRYPTED) => routes.extend([Route::AdbBackup]),
            // Files answer no questions.
            None if app.app == App::Sms.word() && files => routes.extend([Route::AdbBackup]),
            _ if app.app == App::Sms.word() => routes.extend([Route::AndroidProviders]),
            // Nothing was found, so what neither could hold is what there is to say.
            _ if app.app == App::Signal.word() => routes.extend([Route::SignalFile, Route::SignalFolder]),
            _ if is_threema(&app.app) => routes.extend([Route::ThreemaBackup]),
            _ if app.is_of_database() => routes.extend([Route::WhatsappDatabase]),
            _ => routes.extend([Route::WhatsappBackup]),
        }
    }
    routes
}

/// One of the three.
fn is_threema(app: &str) -> bool {
    App::ALL.iter().any(|known| known.threema().is_some() && known.word() == app)
}

/// The text of a purpose.
fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Periodiek => "purpose-periodiek",
        Purpose::Crisis => "purpose-crisis",
        Purpose::Incidenteel => "purpose-incidenteel",
        Purpose::EindeAmbtstermijn => "purpose-einde-ambtstermijn",
        Purpose::Woo => "purpose-woo",
    }
}
