//! The statement as one page to print.

use super::{AppStatement, Closed, Statement, html::Html, shown::Shown};
use crate::{
    admission::{Admitted, How, Term},
    child::Confined,
    words::{Language, Value, Words, one_line},
};
use uitlezen_check::{
    AccountDefault,
    separation::{Amount, Class, Policy},
};
use uitlezen_seal::header::Origin;

/// Conversations with a timer are named one by one up to here.
const MOST_TIMERS: usize = 40;
/// Years that a table of months shows without gaps; a database with odd dates has more, and shows only the years it has.
const MOST_YEARS: i32 = 40;

const VERIFY: &str = "uitlezen verify ZEGEL.uitlezing --signer station.pem --json";
const OPENSSL: &str = "unzip ZEGEL.uitlezing -d x && cd x
openssl cms -verify -cades -binary -inform DER -in META-INF/signature001.p7s \\
    -content META-INF/ASiCManifest001.xml -CAfile station.pem -out /dev/null
openssl dgst -sha256 META-INF/ASiCManifest001.xml";

/// The page; with `closed` the one that lies beside the seal, without it the one that goes inside.
#[must_use]
pub fn page(statement: &Statement, language: Language, closed: Option<&Closed>) -> String {
    let words = Words::new(language);
    let writer = Writer { of: statement, shown: Shown::new(&words), words: &words };
    let title =
        format!("{}: {}", words.plain("statement-title"), writer.text("statement-of", &[("run", statement.run.as_str().into())]));
    Html::document(language, &title, |page| {
        page.element("main", &[], |page| {
            writer.head(page, closed.is_some());
            writer.who(page);
            writer.got(page);
            statement.apps.iter().for_each(|app| writer.app(page, app));
            writer.gaps(page);
            writer.findings(page);
            writer.timers(page);
            writer.separation(page);
            writer.others(page);
            writer.earlier(page);
            writer.blind_spots(page);
            writer.basis(page);
            writer.check(page, closed);
        });
    })
}

struct Writer<'a> {
    of: &'a Statement,
    shown: Shown<'a>,
    words: &'a Words,
}

/// Marks that a page of a seal that is no ordinary one begins with.
pub(super) fn marks(statement: &Statement, words: &Words, page: &mut Html) {
    match statement.origin {
        Origin::Demo => mark(page, &words.plain("mark-demo")),
        Origin::Lab => mark(page, &words.plain("mark-lab")),
        Origin::Usb | Origin::AdbServer | Origin::Files => {}
    }
    if let Some(unregistered) = statement.admission.as_ref().and_then(|a| a.mark.as_ref()) {
        let values = [("reason", one_line(&unregistered.reason).into()), ("who", one_line(&unregistered.approved_by).into())];
        mark(page, &words.get("mark-unregistered", &values));
    }
}

fn mark(page: &mut Html, text: &str) {
    page.element("p", &[("class", "mark")], |page| page.text(text));
}

impl Writer<'_> {
    fn text(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.words.get(key, values)
    }

    fn plain(&self, key: &str) -> String {
        self.words.plain(key)
    }

    fn row(&self, key: &str, value: String) -> (String, String) {
        (self.plain(key), value)
    }

    fn columns(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.plain(key)).collect()
    }

    fn section(&self, page: &mut Html, key: &str) {
        page.line("h2", &self.plain(key));
    }

    fn head(&self, page: &mut Html, outside: bool) {
        page.line("h1", &self.plain("statement-title"));
        page.line("p", &self.text("statement-of", &[("run", self.of.run.as_str().into())]));
        marks(self.of, self.words, page);
        page.element("p", &[("class", "standing")], |page| page.text(&self.words.standing(self.of.status)));
        page.line("p", &self.plain("statement-sealed"));
        if outside {
            page.element("p", &[("class", "note")], |page| page.text(&self.plain("statement-outside")));
        }
    }

    fn who(&self, page: &mut Html) {
        let of = self.of;
        self.section(page, "section-who");
        let holder = match of.admission.as_ref().and_then(|a| a.holder_present) {
            Some(true) => "holder-present",
            Some(false) => "holder-absent",
            None => "holder-not-recorded",
        };
        let mut rows = vec![
            self.row("who-person", format!("{}, {}", of.person, of.function)),
            self.row("who-organisation", format!("{} ({})", of.organisation, of.code)),
            self.row("who-operator", of.operator.clone()),
            self.row("who-purpose", self.plain(super::purpose(of.purpose))),
            self.row("who-holder", self.plain(holder)),
            self.row("who-phone", self.shown.phone_name(of)),
            self.row("who-serial", one_line(&of.serial)),
        ];
        if let Some(phone) = &of.phone {
            let android = match (phone.android.known(), phone.patch_level.known()) {
                (Some(android), Some(patch)) => {
                    self.text("android-patched", &[("android", one_line(android).into()), ("patch", one_line(patch).into())])
                }
                _ => self.shown.said(&phone.android, Clone::clone),
            };
            let route = self.words.word("route", &phone.route);
            let profiles = self.shown.said(&phone.other_users, |count| match count {
                0 => self.plain("profiles-none"),
                count => self.text("profiles-some", &[("count", (*count).into())]),
            });
            rows.push(self.row("who-android", android));
            rows.push(self.row("who-route", route));
            rows.push(self.row("who-clock", self.shown.said(&phone.clock_offset_ms, |(ms, unsure)| self.clock(*ms, *unsure))));
            rows.push(self.row("who-profiles", profiles));
        }
        rows.push(self.row("who-started", self.shown.time(of.started)));
        rows.push(self.row("who-acquired", self.shown.time_or_not(of.acquired)));
        rows.push(self.row("who-made", self.shown.time(of.made)));
        page.facts(&rows);
    }

    fn clock(&self, ms: i64, unsure: u64) -> String {
        let key = match ms / 1000 {
            0 => "clock-equal",
            1.. => "clock-ahead",
            _ => "clock-behind",
        };
        self.text(key, &[("seconds", (ms / 1000).unsigned_abs().into()), ("unsure", unsure.into())])
    }

    fn got(&self, page: &mut Html) {
        self.section(page, "section-got");
        let columns = ["got-app", "got-answer", "got-conversations", "got-messages", "got-attachments"];
        let rows: Vec<Vec<String>> = self.of.apps.iter().map(|app| self.got_row(app)).collect();
        page.grid(&self.plain("got-caption"), &self.columns(&columns), &rows);
        for (on, key) in [(true, "scope-asked"), (false, "scope-not-asked")] {
            let what: Vec<String> = self
                .of
                .scope
                .iter()
                .filter(|(_, asked)| **asked == on)
                .map(|(what, _)| self.words.word("scope", &what.replace('_', "-")))
                .collect();
            if !what.is_empty() {
                page.line("p", &self.text(key, &[("what", what.join(", ").into())]));
            }
        }
        let negative: Vec<String> = self.of.without_messages().filter_map(|app| self.shown.negative(app)).collect();
        if !negative.is_empty() {
            page.line("h3", &self.plain("section-negative"));
            page.list(&negative);
        }
    }

    fn got_row(&self, app: &AppStatement) -> Vec<String> {
        let counted = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
        let files = &app.attachments;
        let here = files.present + files.differs + files.held;
        let values = [("here", here.into()), ("wanted", files.wanted.into())];
        let attachments = app.counts.as_ref().map_or_else(|| "–".to_owned(), |_| self.text("got-attachments-of", &values));
        vec![
            self.shown.app(&app.app),
            self.shown.answer(app.answer),
            counted(app.counts.as_ref().map(|c| c.conversations)),
            counted(app.counts.as_ref().map(|c| c.messages)),
            attachments,
        ]
    }

    fn app(&self, page: &mut Html, app: &AppStatement) {
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

    fn section_of(&self, page: &mut Html, app: &AppStatement) {
        page.line("h2", &self.shown.app(&app.app));
    }

    fn counted(&self, app: &AppStatement, rows: &mut Vec<(String, String)>) {
        let Some(counts) = &app.counts else { return };
        let (beside, files) = (&app.beside, &app.attachments);
        rows.push(self.row("app-newest", self.shown.moment(counts.newest.as_ref())));
        rows.push(self.row("app-last-use", self.shown.last_use(&app.last_use)));
        rows.push(self.row("app-oldest", self.shown.moment(counts.oldest.as_ref())));
        if app.from_database() {
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
        rows.push(self.row("app-names", self.plain(if beside.contacts_read { "names-read" } else { "names-not-read" })));
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
        if !beside.tables_not_interpreted.is_empty() {
            let line = |(table, rows): (&String, &u64)| {
                self.text("table-line", &[("table", one_line(table).into()), ("rows", (*rows).into())])
            };
            let tables: Vec<String> = beside.tables_not_interpreted.iter().map(line).collect();
            rows.push(self.row("app-tables", tables.join("; ")));
        }
    }

    /// A row a year, a column a month: years in between without messages stand there too, as zeros.
    fn months(&self, page: &mut Html, app: &AppStatement) {
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

    fn gaps(&self, page: &mut Html) {
        self.section(page, "section-gaps");
        if self.of.gaps.is_empty() {
            page.line("p", &self.plain("gaps-none"));
            return;
        }
        let rows: Vec<Vec<String>> = self
            .of
            .gaps
            .iter()
            .map(|gap| {
                let subject = match &gap.subject {
                    uitlezen_check::Subject::App(app) => self.shown.app(app),
                    other => self.words.subject(other),
                };
                vec![subject, self.words.reason(gap.reason), gap.count.to_string(), self.words.word("detail", &gap.detail)]
            })
            .collect();
        let columns = ["gaps-what", "gaps-why", "gaps-count", "gaps-detail"];
        page.grid(&self.plain("gaps-caption"), &self.columns(&columns), &rows);
    }

    fn findings(&self, page: &mut Html) {
        self.section(page, "section-findings");
        if self.of.findings.is_empty() {
            page.line("p", &self.plain("findings-none"));
        }
        for finding in &self.of.findings {
            let finding = &self.shown.finding(finding);
            page.line("p", &self.words.finding(finding));
            page.element("p", &[("class", "do note")], |page| page.text(&self.words.finding_do(finding)));
        }
    }

    fn timers(&self, page: &mut Html) {
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
            any_on |= !timers.on.is_empty();
            let mut lines: Vec<String> = timers.on.iter().take(MOST_TIMERS).map(|on| self.timer(on)).collect();
            if timers.on.len() > MOST_TIMERS {
                lines.push(self.text("timer-on-more", &[("count", (timers.on.len() - MOST_TIMERS).into())]));
            }
            page.list(&lines);
            page.line("p", &self.default_timer(&name, &timers.account_default));
        }
        if any_on {
            page.element("p", &[("class", "do note")], |page| page.text(&self.plain("verdict-how-off")));
        }
    }

    fn timer(&self, on: &super::TimerOn) -> String {
        let since = on.since.as_ref().and_then(|s| s.local.as_deref()).and_then(|l| l.get(..10)).unwrap_or("none");
        let after = self.words.duration(on.seconds);
        let values = [("number", on.conversation.0.into()), ("duration", after.into()), ("since", since.into())];
        self.text("timer-on-line", &values)
    }

    fn default_timer(&self, name: &str, default: &AccountDefault) -> String {
        let app: (&str, Value<'_>) = ("app", name.into());
        match default {
            AccountDefault::HolderMustShow => self.text("default-must-show", &[app]),
            AccountDefault::SeenIndirectly { seconds: 0, .. } => self.text("default-indirect-off", &[app]),
            AccountDefault::SeenIndirectly { seconds, .. } => {
                self.text("default-indirect", &[app, ("duration", self.words.duration(*seconds).into())])
            }
            AccountDefault::Shown { off, by } => {
                let key = if *off { "default-shown-off" } else { "default-shown-on" };
                self.text(key, &[app, ("by", one_line(by).into())])
            }
        }
    }

    /// Counts by rule: the register says who decided it, when and why.
    fn separation(&self, page: &mut Html) {
        self.section(page, "section-separation");
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut repeats = 0;
        for app in &self.of.apps {
            let Some(separation) = &app.separation else { continue };
            let name = self.shown.app(&app.app);
            let row = |what: String, amount: Amount| {
                let counts = [amount.conversations, amount.messages, amount.attachments].map(|n| n.to_string());
                [vec![name.clone(), what], counts.to_vec()].concat()
            };
            for left in &separation.left_out {
                let values = [("rule", left.rule.to_string().into()), ("class", self.plain(class(left.class)).into())];
                rows.push(row(self.text("separation-rule", &values), left.amount));
            }
            for (key, amount) in
                [("separation-undecided", separation.undecided), ("separation-councillors", separation.councillors_only)]
            {
                if amount != Amount::default() {
                    rows.push(row(self.plain(key), amount));
                }
            }
            let of = separation.repeats;
            repeats += of.quotes + of.messages + of.attachments + of.names;
        }
        if rows.is_empty() {
            page.line("p", &self.plain("separation-none"));
            return;
        }
        let columns = ["got-app", "separation-what", "got-conversations", "got-messages", "got-attachments"];
        page.grid(&self.plain("separation-caption"), &self.columns(&columns), &rows);
        if repeats > 0 {
            page.line("p", &self.text("separation-repeats", &[("count", repeats.into())]));
        }
        page.element("p", &[("class", "note")], |page| page.text(&self.plain("separation-note")));
    }

    fn others(&self, page: &mut Html) {
        use crate::link::Said;
        self.section(page, "section-others");
        let table = super::ChatApps::all();
        match &self.of.other_apps {
            Said::Known(others) if others.is_empty() => {
                page.line("p", &self.text("others-none", &[("count", table.apps.len().into())]));
            }
            Said::Known(others) => {
                let rows: Vec<Vec<String>> = others
                    .iter()
                    .map(|app| {
                        let note = if self.words.language() == Language::Dutch { &app.nl } else { &app.en };
                        let version = app.version.as_deref().map_or_else(|| self.plain("not-known"), one_line);
                        vec![app.name.clone(), version, self.shown.reach(app.reach), note.clone()]
                    })
                    .collect();
                let date = self.of.chat_apps_checked.to_string();
                let columns = ["got-app", "others-version", "others-reach", "others-note"];
                page.grid(&self.text("others-caption", &[("date", date.into())]), &self.columns(&columns), &rows);
            }
            said @ (Said::Refused | Said::Unreadable | Said::NotAsked) => {
                let why = self.shown.said(said, |_| String::new());
                page.line("p", &self.text("others-not-known", &[("why", why.into())]));
            }
        }
    }

    fn earlier(&self, page: &mut Html) {
        self.section(page, "section-earlier");
        match self.of.earlier.as_ref().filter(|e| !e.relied_on.is_empty()) {
            None => page.line("p", &self.plain("earlier-none")),
            Some(earlier) => {
                let rows: Vec<Vec<String>> = earlier
                    .relied_on
                    .iter()
                    .map(|seal| {
                        let verified = self.shown.time(seal.verified);
                        vec![one_line(&seal.file), one_line(&seal.seal), verified, seal.attachments.to_string()]
                    })
                    .collect();
                let columns = ["earlier-seal", "earlier-digest", "earlier-verified", "got-attachments"];
                page.grid(&self.plain("earlier-caption"), &self.columns(&columns), &rows);
            }
        }
        for seal in self.of.earlier.iter().flat_map(|e| &e.unusable) {
            let why = self.words.earlier_fault(seal.why);
            page.line("p", &self.text("earlier-unusable", &[("file", one_line(&seal.file).into()), ("why", why.into())]));
        }
        let previous = |digest: &Option<String>| digest.clone().unwrap_or_else(|| self.plain("none"));
        page.facts(&[
            self.row("previous-phone", previous(&self.of.previous_of_phone)),
            self.row("previous-station", previous(&self.of.previous_of_station)),
        ]);
    }

    fn blind_spots(&self, page: &mut Html) {
        let table = &self.of.blind_spots;
        self.section(page, "section-blind");
        page.line("p", &self.text("blind-intro", &[("date", table.checked.to_string().into())]));
        let rows: Vec<Vec<String>> = table
            .spots
            .iter()
            .map(|spot| {
                let what = if self.words.language() == Language::Dutch { &spot.nl } else { &spot.en };
                vec![what.clone(), spot.checked.to_string(), spot.source.clone()]
            })
            .collect();
        let columns = ["blind-what", "blind-checked", "blind-source"];
        page.grid(&self.plain("blind-caption"), &self.columns(&columns), &rows);
    }

    fn basis(&self, page: &mut Html) {
        let Some(admitted) = &self.of.admission else { return };
        self.section(page, "section-basis");
        let how = self.plain(match admitted.how {
            How::Register => "how-register",
            How::Unregistered => "how-unregistered",
            How::Demo => "how-demo",
            How::Settings => "how-settings",
        });
        let mut rows = vec![self.row("basis-how", how)];
        self.basis_rows(admitted, &mut rows);
        page.facts(&rows);
    }

    fn basis_rows(&self, admitted: &Admitted, rows: &mut Vec<(String, String)>) {
        if let Some(basis) = &admitted.basis {
            rows.push(self.row("basis-doel", basis.doel.clone()));
            rows.push(self.row("basis-grondslag", basis.grondslag.clone()));
            rows.push(self.row("basis-dpia", basis.dpia.clone()));
            rows.push(self.row("basis-fg", basis.fg_advice.to_string()));
        }
        match admitted.term {
            Some(Term { from, to: Some(to) }) => {
                let values = [("from", from.to_string().into()), ("to", to.to_string().into())];
                rows.push(self.row("basis-term", self.text("term-line", &values)));
            }
            Some(Term { from, to: None }) => {
                rows.push(self.row("basis-term", self.text("term-open", &[("from", from.to_string().into())])));
            }
            None => {}
        }
        if let Some(state) = &admitted.register {
            let values = [("change", state.change.into()), ("digest", one_line(&state.digest).into())];
            rows.push(self.row("basis-register", self.text("register-line", &values)));
        }
        rows.push(self.row(
            "basis-policy",
            self.plain(match admitted.policy {
                Policy::TenzijUitgesloten => "policy-tenzij-uitgesloten",
                Policy::AlleenZakelijk => "policy-alleen-zakelijk",
            }),
        ));
    }

    fn check(&self, page: &mut Html, closed: Option<&Closed>) {
        self.section(page, "section-check");
        let confined = match self.of.confined {
            Some(Confined::Fully) => "confined-fully",
            Some(Confined::Partly) => "confined-partly",
            Some(Confined::NotByKernel) => "confined-not-by-kernel",
            None => "not-known",
        };
        let mut rows = vec![
            self.row("check-versions", self.text("versions-line", &[("tool", self.of.tool.as_str().into())])),
            self.row("check-confined", self.plain(confined)),
        ];
        if let Some(closed) = closed {
            rows.push(self.row("check-seal", closed.file.clone()));
            rows.push(self.row("check-digest", closed.digest.clone()));
            rows.push(self.row("check-size", format!("{} bytes", closed.bytes)));
        }
        page.facts(&rows);
        if closed.is_none() {
            page.line("p", &self.plain("check-inside"));
        }
        page.line("p", &self.plain("check-how"));
        page.commands(VERIFY);
        page.line("p", &self.plain("check-compare"));
        page.commands(OPENSSL);
        page.line("p", &self.plain("check-compare-outside"));
    }
}

/// The text of a class.
fn class(class: Class) -> &'static str {
    match class {
        Class::Zakelijk => "class-zakelijk",
        Class::Prive => "class-prive",
        Class::Partijpolitiek => "class-partijpolitiek",
        Class::Gemengd => "class-gemengd",
        Class::Onbekend => "class-onbekend",
    }
}
