//! What the statement says of one app.

use crate::{
    link::Said,
    report::{AppReport, AttachmentCounts, IN_BACKUP, Others, Report, SIGNAL_FILE, SIGNAL_FOLDER, THREEMA_BACKUP},
    run::name_on,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uitlezen_apps::{App, Summary, UnreadTable, ViewOnceCounts, sms::Rcs};
use uitlezen_chat::{ConversationNumber, Moment};
use uitlezen_check::{
    AccountDefault, AppVerdict, Gap, GapReason, Subject, Verdict,
    separation::{Amount, Class, LeftOut, Repeats, Tally},
};

/// What came of an app that was asked for. Each is a different answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Its messages are in the seal.
    Read,
    /// It was read, and it holds no message.
    Empty,
    /// The phone says that it is not installed, and nothing of it was found.
    NotInstalled,
    /// It is installed, and there is no backup or database of it that this route reaches.
    NoData,
    /// The phone would not say, or would not give.
    Refused,
    /// There was something, and it could not be read.
    NotRead { why: GapReason },
    /// Nothing was found, and whether the app is on the phone could not be asked.
    NotKnown,
}

/// Until when the app was used on the phone, as far as that shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "kebab-case")]
pub enum LastUse {
    /// It wrote a file then, by the phone's clock; perhaps it was used later too. And how many files are of after the newest
    /// message that was read.
    AtLeastUntil { time: Timestamp, after_newest: u64 },
    /// Its files were not listed, and nothing else that is established tells it.
    No,
}

/// The full backup (or the database) that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// `crypt15`, `sqlite`.
    pub kind: String,
    /// Version of the app that made it, by its own head.
    pub by_version: Option<String>,
    /// By the phone's clock.
    pub made: Option<Timestamp>,
    /// How old it was when the run began, both by the phone's clock. Never negative.
    pub age_seconds: Option<u64>,
    pub bytes: u64,
    pub sha256: String,
}

/// Counts of what was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub conversations: u64,
    pub messages: u64,
    /// `YYYY-MM` in the Netherlands to messages sent in it.
    pub by_month: BTreeMap<String, u64>,
    /// Messages without a time that can be understood.
    pub undated: u64,
    pub oldest: Option<Moment>,
    pub newest: Option<Moment>,
    pub view_once: ViewOnceCounts,
    pub revoked: u64,
    pub edited: u64,
    /// Messages of kinds that are not interpreted: in the records as they are.
    pub unknown_kinds: u64,
    /// Messages that the app itself could not decode.
    pub undecoded_by_app: u64,
    /// Files that messages speak of and that the phone never had.
    pub attachments_never_there: u64,
    /// Deleted by the holder and still in the app's bin: counted, not read.
    #[serde(default)]
    pub recently_deleted: u64,
    /// Whether all of the phone's RCS is among them; absent of an app that carries none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rcs: Option<Rcs>,
}

/// What lay beside the full backup or the database, and how much of it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    pub increments_found: u64,
    pub increments_read: u64,
    /// Messages that only increments had.
    pub messages_from_increments: u64,
    /// Parts of increments that are not interpreted (deletions among them).
    pub parts_not_interpreted: u64,
    /// Write-ahead logs and journals of a database, found and read along.
    pub logs_found: u64,
    pub logs_read: u64,
    /// Tables that may hold something said or done and that are not interpreted, with their rows.
    pub tables_not_interpreted: BTreeMap<String, u64>,
    /// Whether the app's own contacts were read.
    pub contacts_read: bool,
}

/// Automatic deletion, as far as it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers {
    pub off: u64,
    pub on: Vec<TimerOn>,
    /// Conversations about which the data say nothing.
    pub no_evidence: u64,
    /// Of those that are off: how many are so only by what the app noted with the other person, which is weaker.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub off_by_contact: u64,
    /// Off now, and on at some time before: messages may be gone.
    pub was_on_before: u64,
    pub account_default: AccountDefault,
    /// Other ways in which the app deletes for the whole account.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, AccountDefault>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A conversation in which messages disappear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerOn {
    pub conversation: ConversationNumber,
    pub seconds: u64,
    pub since: Option<Moment>,
}

/// What separation left out: counts by rule and class. The keyed list of conversations stands in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Separation {
    /// Conversations that were read out, in whole or in part, by class.
    pub read_out: BTreeMap<Class, u64>,
    pub left_out: Vec<LeftOut>,
    /// Of these title and participants wait for a decision, in role *scheiding*.
    pub undecided: Amount,
    pub councillors_only: Amount,
    /// Quotes, forwards and the like that would have repeated what was left out.
    pub repeats: Repeats,
}

/// One app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppStatement {
    /// Stable word: `whatsapp`.
    pub app: String,
    #[serde(flatten)]
    pub answer: Answer,
    /// Version that is installed, by the phone.
    pub version: Option<String>,
    pub last_use: LastUse,
    pub backup: Option<Backup>,
    pub counts: Option<Counts>,
    pub beside: Beside,
    pub attachments: AttachmentCounts,
    pub timers: Option<Timers>,
    /// What was left out by decision, and what waits for one.
    #[serde(default)]
    pub separation: Option<Separation>,
    /// Other backups of it that were found and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
}

impl AppStatement {
    pub(super) fn of(asked: App, report: &Report) -> Self {
        let app = asked.word();
        let entry = report.apps.iter().find(|a| a.app == app);
        let records = entry.and_then(|a| a.records.as_ref());
        Self {
            app: app.to_owned(),
            answer: answer(asked, report, entry),
            version: installed(asked, report).known().cloned().flatten().flatten(),
            last_use: entry.and_then(last_use).unwrap_or(LastUse::No),
            backup: entry.and_then(|entry| backup(entry, report)),
            counts: records.map(counts),
            beside: beside(app, entry, report),
            attachments: entry.map(|a| a.attachments).unwrap_or_default(),
            timers: report.verdicts.iter().find(|v| v.app == app).map(timers),
            separation: entry.and_then(|a| a.separation.as_ref()).map(separation),
            others: entry.and_then(|a| a.others),
        }
    }

    /// A backup that the holder made in the app was read.
    pub(super) fn is_holder_made(&self) -> bool {
        self.backup.as_ref().is_some_and(|b| [SIGNAL_FILE, SIGNAL_FOLDER, THREEMA_BACKUP].contains(&b.kind.as_str()))
    }

    /// The database as it lies on the phone was read, not a backup of it.
    pub(super) fn is_of_database(&self) -> bool {
        self.backup.as_ref().is_some_and(|b| b.kind == "sqlite" || b.kind == IN_BACKUP)
    }
}

fn last_use(entry: &AppReport) -> Option<LastUse> {
    let file = entry.latest_file?;
    let time = Timestamp::from_second(file.modified).ok()?;
    Some(LastUse::AtLeastUntil { time, after_newest: file.after_newest })
}

/// `Some(None)`: installed, version not known.
fn installed(app: App, report: &Report) -> Said<Option<Option<String>>> {
    let Some(package) = name_on(report.platform(), app) else { return Said::Known(None) };
    match report.preflight.as_ref().map(|p| &p.packages) {
        None | Some(Said::NotAsked) => Said::NotAsked,
        Some(Said::Refused) => Said::Refused,
        Some(Said::Unreadable) => Said::Unreadable,
        Some(Said::Known(all)) => {
            Said::Known(all.iter().find(|p| p.name == package).map(|package| package.version.known().cloned()))
        }
    }
}

fn answer(asked: App, report: &Report, entry: Option<&AppReport>) -> Answer {
    match entry {
        Some(AppReport { records: Some(records), .. }) if records.messages == 0 => Answer::Empty,
        Some(AppReport { records: Some(_), .. }) => Answer::Read,
        Some(entry) => Answer::NotRead { why: why_not_read(entry, report) },
        None if report.blind.refused_folders > 0 => Answer::Refused,
        None => match installed(asked, report) {
            // What a walk could not see may be what was looked for.
            _ if report.blind.is_blind() => Answer::NotKnown,
            Said::Known(None) => Answer::NotInstalled,
            Said::Known(Some(_)) => Answer::NoData,
            Said::Refused => Answer::Refused,
            Said::Unreadable | Said::NotAsked => Answer::NotKnown,
        },
    }
}

/// Why the messages of an app that was found could not be read: they did not arrive, or they did not open.
fn why_not_read(entry: &AppReport, report: &Report) -> GapReason {
    let of_messages = Subject::Evidence("msgstore".into());
    let mut gaps = report.gaps.iter().filter(|gap| gap.subject == of_messages);
    let pulled = entry.backups.iter().find(|b| b.purpose == "msgstore");
    match pulled.and_then(|b| b.failure) {
        Some(reason) => reason,
        None => {
            let of_app = Subject::App(entry.app.clone());
            let refused = || report.gaps.iter().find(|gap| gap.subject == of_app && gap.reason == GapReason::Locked);
            gaps.find(|gap| gap.detail == entry.app).or_else(refused).map_or(GapReason::Broken, |gap| gap.reason)
        }
    }
}

fn backup(entry: &AppReport, report: &Report) -> Option<Backup> {
    let full = entry.backups.iter().find(|b| b.purpose == "msgstore")?;
    let offset = report.phone.as_ref().and_then(|p| p.clock_offset_ms.known().map(|(ms, _)| ms / 1000)).unwrap_or(0);
    let began = report.started.as_second().saturating_add(offset);
    Some(Backup {
        kind: full.kind.clone(),
        by_version: full.app_version.clone(),
        made: full.modified.and_then(|at| Timestamp::from_second(at).ok()),
        age_seconds: full.modified.map(|at| u64::try_from(began.saturating_sub(at)).unwrap_or(0)),
        bytes: full.bytes,
        sha256: full.sha256.clone(),
    })
}

fn counts(of: &Summary) -> Counts {
    let mut by_month = of.by_month.clone();
    let undated = by_month.remove("").unwrap_or(0);
    Counts {
        conversations: of.conversations,
        messages: of.messages,
        by_month,
        undated,
        oldest: of.oldest.clone(),
        newest: of.newest.clone(),
        view_once: of.view_once,
        revoked: of.revoked,
        edited: of.edited,
        unknown_kinds: of.unknown_types.values().sum(),
        undecoded_by_app: of.undecoded_by_app,
        attachments_never_there: of.attachments_not_on_phone,
        recently_deleted: of.recently_deleted.messages,
        rcs: of.rcs,
    }
}

fn beside(app: &str, entry: Option<&AppReport>, report: &Report) -> Beside {
    let Some(entry) = entry else { return Beside::default() };
    let not_pulled = |evidence: &str| {
        let missed = |gap: &&Gap| gap.subject == Subject::Evidence(evidence.into()) && gap.detail == app;
        report.gaps.iter().filter(missed).map(|gap| gap.count).sum::<u64>()
    };
    let pulled = |purpose: &str, opened: bool| {
        entry.backups.iter().filter(|b| b.purpose == purpose && (b.unlocked || !opened)).count() as u64
    };
    let logs = pulled("msgstore-log", false);
    let records = entry.records.as_ref();
    Beside {
        increments_found: pulled("increment", false) + not_pulled("increment"),
        increments_read: records.map_or(0, |_| pulled("increment", true)),
        messages_from_increments: records.map_or(0, |r| r.increments.new),
        parts_not_interpreted: records.map_or(0, |r| r.increments.not_interpreted),
        logs_found: logs + not_pulled("msgstore-log"),
        logs_read: records.map_or(0, |_| logs),
        tables_not_interpreted: records.map(tables).unwrap_or_default(),
        contacts_read: records.is_some_and(|r| r.contacts_read.is_some()),
    }
}

fn tables(of: &Summary) -> BTreeMap<String, u64> {
    of.uninterpreted_tables().map(|UnreadTable { table, rows, .. }| (table.clone(), *rows)).collect()
}

fn timers(of: &AppVerdict) -> Timers {
    let is_off = |v: &&uitlezen_check::ConversationVerdict| v.verdict == Verdict::Off;
    let on = of.on().filter_map(|c| match &c.verdict {
        Verdict::On { seconds, since } => Some(TimerOn { conversation: c.conversation, seconds: *seconds, since: since.clone() }),
        Verdict::Off | Verdict::NoEvidence { .. } => None,
    });
    Timers {
        off: of.conversations.iter().filter(is_off).count() as u64,
        on: on.collect(),
        off_by_contact: of.off_by_contact_only().count() as u64,
        no_evidence: of.without_evidence().count() as u64,
        was_on_before: of.conversations.iter().filter(is_off).filter(|c| c.was_on_before).count() as u64,
        account_default: of.account_default.clone(),
        others: of.others.clone(),
    }
}

fn separation(of: &Tally) -> Separation {
    Separation {
        read_out: of.read_out.clone(),
        left_out: of.left_out.clone(),
        undecided: of.undecided,
        councillors_only: of.councillors_only,
        repeats: of.repeats,
    }
}
