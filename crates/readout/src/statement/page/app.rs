//! What the page says of each app: what was read, counts by month, automatic deletion.

use super::Writer;
use crate::{
    statement::{AppStatement, TimerOn, html::Html},
    words::{Value, one_line},
};
use uitlezen_apps::{App, sms::Rcs};
use uitlezen_check::AccountDefault;

/// Conversations with a timer are named one by one up to here.
const MOST_TIMERS: usize = 40;
/// Years that a table of months shows without gaps; a database with odd dates has more, and shows only the years it has.
const MOST_YEARS: i32 = 40;

impl Writer<'_> {
    pub(super) fn app(&self, page: &mut Html, app: &AppStatement) {
        let mut rows = Vec::new();
        if let Some(version) = &app.version {
            rows.push(self.row("app-version", one_line(version)));
        }
        if let Some(backup) = &app.backup {
            let version = backup.by_version.as_deref().map_or_else(|| "none".to_owned(), one_line);
            let values = [
                ("kind", one_line(&backup.kind).into()),
                ("bytes", backup.bytes.to_string().into()),
                ("version", version.into()),
            ];
            rows.push(self.row("app-backup", self.text("backup-line", &values)));
            rows.push(self.row("app-backup-digest", one_line(&backup.sha256)));
            rows.push(self.row("app-backup-made", self.shown.time_or_not(backup.made)));
            let age = backup.age_seconds.map_or_else(|| self.plain("not-known"), |age| self.shown.age(age));
            rows.push(self.row("app-backup-age", age));
        }
        self.counted(app, &mut rows);
        if rows.is_empty() {
            return;
        }
        self.section_of(page, app);
        page.facts(&rows);
        self.months(page, app);
    }

    pub(super) fn section_of(&self, page: &mut Html, app: &AppStatement) {
        page.line("h2", &self.shown.app(&app.app));
    }

    pub(super) fn counted(&self, app: &AppStatement, rows: &mut Vec<(String, String)>) {
        let Some(counts) = &app.counts else { return };
        let (beside, files) = (&app.beside, &app.attachments);
        rows.push(self.row("app-newest", self.shown.moment(counts.newest.as_ref())));
        rows.push(self.row("app-last-use", self.shown.last_use(&app.last_use)));
        rows.push(self.row("app-oldest", self.shown.moment(counts.oldest.as_ref())));
        if app.is_holder_made() {
            // It has neither increments nor a log, and its own names with it.
            let others = app.others.unwrap_or_default();
            let values = [
                ("backups", (others.files + others.snapshots).into()),
                ("unfinished", others.unfinished.into()),
                ("exports", others.exports.into()),
            ];
            rows.push(self.row("app-others", self.text("others-line", &values)));
        } else if let Some(rcs) = counts.rcs {
            let key = match rcs {
                Rcs::No => "rcs-no",
                Rcs::Unknown => "rcs-unknown",
            };
            rows.push(self.row("app-rcs", self.plain(key)));
        } else if app.is_of_database() {
            let values = [("found", beside.logs_found.into()), ("read", beside.logs_read.into())];
            rows.push(self.row("app-logs", self.text("logs-line", &values)));
        } else {
            let values = [
                ("found", beside.increments_found.into()),
                ("read", beside.increments_read.into()),
                ("new", beside.messages_from_increments.into()),
            ];
            rows.push(self.row("app-increments", self.text("increments-line", &values)));
            rows.push(self.row("app-parts", beside.parts_not_interpreted.to_string()));
        }
        let names = beside.contacts_read || app.is_holder_made();
        rows.push(self.row("app-names", self.plain(if names { "names-read" } else { "names-not-read" })));
        let line = if self.of.scope.get("media") == Some(&false) { "attachments-not-asked" } else { "attachments-line" };
        let values = [
            ("wanted", files.wanted.into()),
            ("present", files.present.into()),
            ("held", files.held.into()),
            ("differs", files.differs.into()),
            ("missing", files.missing.into()),
            ("refused", files.refused.into()),
            ("broken", files.broken.into()),
        ];
        rows.push(self.row("app-attachments", self.text(line, &values)));
        let once = counts.view_once;
        let once = self.text("view-once-line", &[("count", (once.unseen + once.seen + once.expired + once.unknown).into())]);
        rows.push(self.row("app-never-there", counts.attachments_never_there.to_string()));
        rows.push(self.row("app-confirmed", files.confirmed.to_string()));
        rows.push(self.row("app-view-once", once));
        for (key, count) in [
            ("app-revoked", counts.revoked),
            ("app-edited", counts.edited),
            ("app-unknown-kinds", counts.unknown_kinds),
            ("app-undecoded", counts.undecoded_by_app),
            ("app-undated", counts.undated),
        ] {
            rows.push(self.row(key, count.to_string()));
        }
        if counts.recently_deleted > 0 {
            rows.push(self.row("app-recently-deleted", counts.recently_deleted.to_string()));
        }
        if !beside.tables_not_interpreted.is_empty() {
            let line = |(table, rows): (&String, &u64)| {
                self.text("table-line", &[("table", one_line(table).into()), ("rows", (*rows).into())])
            };
            let tables: Vec<String> = beside.tables_not_interpreted.iter().map(line).collect();
            rows.push(self.row("app-tables", tables.join("; ")));
        }
    }

    /// A row a year, a column a month: years in between without messages stand there too, as zeros.
    pub(super) fn months(&self, page: &mut Html, app: &AppStatement) {
        let Some(counts) = app.counts.as_ref().filter(|c| !c.by_month.is_empty()) else { return };
        let year_of = |month: &String| month.get(..4).and_then(|year| year.parse::<i32>().ok());
        let mut years: Vec<i32> = counts.by_month.keys().filter_map(year_of).collect();
        years.dedup();
        if let (Some(first), Some(last)) = (years.first().copied(), years.last().copied())
            && last - first <= MOST_YEARS
        {
            years = (first..=last).collect();
        }
        let mut columns = vec![self.plain("months-year")];
        columns.extend(self.plain("months-names").split(' ').map(str::to_owned));
        columns.push(self.plain("months-sum"));
        let rows: Vec<Vec<String>> = years
            .into_iter()
            .map(|year| {
                let of = |month| counts.by_month.get(&format!("{year:04}-{month:02}")).copied().unwrap_or(0);
                let sum: u64 = (1..=12).map(of).sum();
                let cells = (1..=12).map(of).chain([sum]).map(|n| n.to_string());
                std::iter::once(year.to_string()).chain(cells).collect()
            })
            .collect();
        page.element("div", &[("class", "months")], |page| page.grid(&self.plain("months-caption"), &columns, &rows));
    }

    pub(super) fn timers(&self, page: &mut Html) {
        let with: Vec<_> = self.of.apps.iter().filter_map(|app| app.timers.as_ref().map(|t| (app, t))).collect();
        if with.is_empty() {
            return;
        }
        self.section(page, "section-timers");
        let mut any_on = false;
        for (app, timers) in with {
            let name = self.shown.app(&app.app);
            let values = [
                ("app", name.as_str().into()),
                ("off", timers.off.into()),
                ("on", timers.on.len().into()),
                ("none", timers.no_evidence.into()),
                ("before", timers.was_on_before.into()),
            ];
            page.line("p", &self.text("timers-line", &values));
            if timers.off_by_contact > 0 {
                page.line(
                    "p",
                    &self.text("timers-by-contact", &[("app", name.as_str().into()), ("count", timers.off_by_contact.into())]),
                );
            }
            any_on |= !timers.on.is_empty();
            let mut lines: Vec<String> = timers.on.iter().take(MOST_TIMERS).map(|on| self.timer(on)).collect();
            if timers.on.len() > MOST_TIMERS {
                lines.push(self.text("timer-on-more", &[("count", (timers.on.len() - MOST_TIMERS).into())]));
            }
            page.list(&lines);
            match timers.account_default {
                AccountDefault::HolderMustShow if keeps(&app.app) => {
                    page.line("p", &self.text("keeping-must-show", &[("app", name.as_str().into())]));
                }
                ref default => page.line("p", &self.default_timer(&app.app, &name, default)),
            }
            for (word, key) in [("keep-messages", "keep"), ("trim-chats", "trim")] {
                if let Some(other) = timers.others.get(word) {
                    page.line("p", &self.keeping(key, &name, other));
                }
            }
            for (word, key) in [
                ("audio-messages", "audio-must-show"),
                ("administrator", "administrator-must-show"),
                ("one-time-codes", "codes-must-show"),
                ("bin", "bin-must-show"),
            ] {
                if timers.others.contains_key(word) {
                    page.line("p", &self.text(key, &[("app", name.as_str().into())]));
                }
            }
        }
        if any_on {
            page.element("p", &[("class", "do note")], |page| page.text(&self.plain("verdict-how-off")));
        }
    }

    pub(super) fn timer(&self, on: &TimerOn) -> String {
        let since = on.since.as_ref().and_then(|s| s.local.as_deref()).and_then(|l| l.get(..10)).unwrap_or("none");
        let after = self.words.duration(on.seconds);
        let values = [("number", on.conversation.0.into()), ("duration", after.into()), ("since", since.into())];
        self.text("timer-on-line", &values)
    }

    /// What Signal says of deleting without a timer.
    fn keeping(&self, key: &str, name: &str, said: &AccountDefault) -> String {
        let app: (&str, Value<'_>) = ("app", name.into());
        match said {
            AccountDefault::Set { seconds: 0 } => self.text(&format!("{key}-set-off"), &[app]),
            AccountDefault::Set { seconds } => {
                self.text("default-set-on", &[app, ("duration", self.words.duration(*seconds).into())])
            }
            AccountDefault::Limited { messages } => self.text("trim-set-on", &[app, ("messages", (*messages).into())]),
            AccountDefault::NeverSet => self.text(&format!("{key}-never-set"), &[app]),
            _ => self.text(&format!("{key}-must-show"), &[app]),
        }
    }

    pub(super) fn default_timer(&self, of: &str, name: &str, default: &AccountDefault) -> String {
        let app: (&str, Value<'_>) = ("app", name.into());
        let timer = !keeps(of);
        match default {
            AccountDefault::HolderMustShow => self.text("default-must-show", &[app]),
            AccountDefault::SeenIndirectly { seconds: 0, .. } => self.text("default-indirect-off", &[app]),
            AccountDefault::SeenIndirectly { seconds, .. } => {
                self.text("default-indirect", &[app, ("duration", self.words.duration(*seconds).into())])
            }
            AccountDefault::Set { seconds: 0 } if timer => self.text("timer-set-off", &[app]),
            AccountDefault::Set { seconds } if timer => {
                self.text("timer-set-on", &[app, ("duration", self.words.duration(*seconds).into())])
            }
            AccountDefault::NeverSet if timer => self.text("timer-never-set", &[app]),
            AccountDefault::Set { seconds: 0 } => self.text("default-set-off", &[app]),
            AccountDefault::Set { seconds } => {
                self.text("default-set-on", &[app, ("duration", self.words.duration(*seconds).into())])
            }
            AccountDefault::Administered { seconds: 0 } => self.text("default-administered-off", &[app]),
            AccountDefault::Administered { seconds } => {
                self.text("default-administered-on", &[app, ("duration", self.words.duration(*seconds).into())])
            }
            AccountDefault::Limited { messages } => self.text("trim-set-on", &[app, ("messages", (*messages).into())]),
            AccountDefault::NeverSet => self.text("default-never-set", &[app]),
            AccountDefault::Shown { off, by } => {
                let key = if *off { "default-shown-off" } else { "default-shown-on" };
                self.text(key, &[app, ("by", one_line(by).into())])
            }
        }
    }
}

/// Whether an app keeps its messages for a time, by one setting for all of them.
fn keeps(app: &str) -> bool {
    App::ALL.iter().any(|known| known.word() == app && known.keeps_for_a_time())
}
