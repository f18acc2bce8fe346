//! The statement as one page to print.

mod app;
mod beyond;

use super::{AppStatement, Closed, Statement, html::Html, purpose, shown::Shown};
use crate::{
    child::Confined,
    words::{Language, Value, Words, one_line},
};
use uitlezen_seal::header::Origin;

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
            self.row("who-purpose", self.plain(purpose(of.purpose))),
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
            if phone.is_iphone() {
                rows.push(self.row("who-ios", self.shown.said(&phone.ios, Clone::clone)));
            } else {
                rows.push(self.row("who-android", android));
            }
            rows.push(self.row("who-route", route));
            rows.push(self.row("who-clock", self.shown.said(&phone.clock_offset_ms, |(ms, unsure)| self.clock(*ms, *unsure))));
            if phone.is_iphone() {
                rows.extend(self.managed());
                rows.extend(self.backed_up());
            } else {
                rows.push(self.row("who-profiles", profiles));
            }
        }
        rows.push(self.row("who-started", self.shown.time(of.started)));
        if !of.interruptions.is_empty() {
            let resumed: Vec<String> = of.interruptions.iter().map(|one| self.shown.time(one.resumed)).collect();
            rows.push(self.row("who-resumed", resumed.join("; ")));
        }
        rows.push(self.row("who-acquired", self.shown.time_or_not(of.acquired)));
        rows.push(self.row("who-made", self.shown.time(of.made)));
        page.facts(&rows);
    }

    /// Whether somebody could have kept apps out of the backup; of a backup in a folder nobody was asked.
    fn managed(&self) -> Option<(String, String)> {
        let facts = self.of.iphone.as_ref()?;
        let profiles = self.shown.said(&facts.profiles, u64::to_string);
        let key = if facts.may_leave_apps_out { "managed-yes" } else { "managed-no" };
        Some(self.row("who-managed", self.text(key, &[("profiles", profiles.into())])))
    }

    /// What came of the phone's backup, and what passed by unread.
    fn backed_up(&self) -> Option<(String, String)> {
        let counts = &self.of.backed_up.as_ref()?.counts;
        let values = [("kept", counts.kept_files.into()), ("passed", counts.drained_files.into())];
        Some(self.row("who-backed-up", self.text("backed-up", &values)))
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
