//! The receipt: one page for the holder of the phone, with what was secured, what to do now, and the seal's digest.

use super::{Closed, Statement, html::Html, is_threema, page::marks, shown::Shown};
use crate::words::{Language, Words, one_line};
use uitlezen_apps::App;
use uitlezen_check::{AccountDefault, Finding};

/// Findings that fit on the page; the statement has them all.
const MOST_FINDINGS: usize = 4;
/// Numbers of conversations with a timer that are written out.
const MOST_NUMBERS: usize = 12;

/// The page for the holder.
#[must_use]
pub fn receipt(statement: &Statement, language: Language, closed: &Closed) -> String {
    let words = Words::new(language);
    let shown = Shown::new(&words);
    let date = shown.time(statement.started);
    let title = format!("{}: {}", words.plain("receipt-title"), date);
    Html::document(language, &title, |page| {
        page.element("main", &[("class", "receipt")], |page| {
            head(statement, &words, &shown, page);
            got(statement, &words, &shown, page);
            to_do(statement, &words, &shown, page);
            seal(&words, page, closed);
            signatures(&words, page);
        });
    })
}

fn head(of: &Statement, words: &Words, shown: &Shown<'_>, page: &mut Html) {
    let row = |key: &str, value: String| (words.plain(key), value);
    page.line("h1", &words.plain("receipt-title"));
    marks(of, words, page);
    let date = shown.time(of.started);
    page.line("p", &words.get("receipt-intro", &[("organisation", one_line(&of.organisation).into()), ("date", date.into())]));
    page.line("p", &words.plain("receipt-not-read"));
    let holder = match of.admission.as_ref().and_then(|a| a.holder_present) {
        Some(true) => "holder-present",
        Some(false) => "holder-absent",
        None => "holder-not-recorded",
    };
    let mut rows = vec![
        row("who-person", one_line(&format!("{}, {}", of.person, of.function))),
        row("who-phone", format!("{} ({})", shown.phone_name(of), one_line(&of.serial))),
        row("who-operator", one_line(&of.operator)),
        row("who-purpose", words.plain(super::purpose(of.purpose))),
        row("who-holder", words.plain(holder)),
    ];
    if let Some(acquired) = of.acquired {
        let values = [("from", shown.time(of.started).into()), ("to", shown.time(acquired).into())];
        rows.push(row("receipt-times", words.get("receipt-times-line", &values)));
    }
    page.facts(&rows);
}

fn got(of: &Statement, words: &Words, shown: &Shown<'_>, page: &mut Html) {
    page.line("h2", &words.plain("section-receipt-got"));
    page.element("p", &[("class", "standing")], |page| page.text(&words.standing(of.status)));
    let line = |app: &super::AppStatement| match (&app.counts, shown.negative(app)) {
        (Some(counts), None) => {
            let files = &app.attachments;
            let values = [
                ("app", shown.app(&app.app).into()),
                ("conversations", counts.conversations.into()),
                ("messages", counts.messages.into()),
                ("attachments", (files.present + files.differs + files.held).into()),
                ("newest", shown.moment(counts.newest.as_ref()).into()),
            ];
            words.get("receipt-counts", &values)
        }
        (_, negative) => negative.unwrap_or_default(),
    };
    page.list(&of.apps.iter().map(line).collect::<Vec<_>>());
}

fn to_do(of: &Statement, words: &Words, shown: &Shown<'_>, page: &mut Html) {
    page.line("h2", &words.plain("section-receipt-do"));
    let mut lines = Vec::new();
    let mut any_on = false;
    for app in &of.apps {
        let Some(timers) = &app.timers else { continue };
        let name = shown.app(&app.app);
        if !timers.on.is_empty() {
            any_on = true;
            let first: Vec<String> = timers.on.iter().take(MOST_NUMBERS).map(|on| on.conversation.0.to_string()).collect();
            let mut numbers = first.join(", ");
            if timers.on.len() > MOST_NUMBERS {
                let values = [("numbers", numbers.into()), ("count", (timers.on.len() - MOST_NUMBERS).into())];
                numbers = words.get("receipt-timers-on-more", &values);
            }
            lines.push(words.get("receipt-timers-on", &[("app", name.as_str().into()), ("numbers", numbers.into())]));
        }
        let settled = |default: &AccountDefault| {
            matches!(
                default,
                AccountDefault::Shown { off: true, .. }
                    | AccountDefault::Set { .. }
                    | AccountDefault::Administered { .. }
                    | AccountDefault::Limited { .. }
            )
        };
        if app.app == App::Signal.word() {
            if !settled(&timers.account_default) || !timers.others.values().all(settled) {
                lines.push(words.get("receipt-show-signal", &[("app", name.as_str().into())]));
            }
        } else if is_threema(&app.app) {
            if !settled(&timers.account_default) || !timers.others.values().all(settled) {
                lines.push(words.get("receipt-show-threema", &[("app", name.as_str().into())]));
            }
        } else if app.app == App::Sms.word() {
            lines.push(words.get("receipt-show-sms", &[("app", name.as_str().into())]));
        } else if !settled(&timers.account_default) {
            lines.push(words.get("receipt-show-default", &[("app", name.as_str().into())]));
        }
    }
    if any_on {
        lines.push(words.plain("verdict-how-off"));
    }
    // The most pressing first: what only the holder can still do something about.
    let mut findings: Vec<&Finding> = of.findings.iter().collect();
    findings.sort_by_key(|finding| !matches!(finding, Finding::AttachmentMissing { .. } | Finding::BackupOld { .. }));
    for finding in findings.iter().take(MOST_FINDINGS) {
        let finding = &shown.finding(finding);
        lines.push(format!("{} {}", words.finding(finding), words.finding_do(finding)));
    }
    if findings.len() > MOST_FINDINGS {
        lines.push(words.get("receipt-more", &[("count", (findings.len() - MOST_FINDINGS).into())]));
    }
    if lines.is_empty() {
        page.line("p", &words.plain("receipt-nothing-to-do"));
    }
    page.list(&lines);
}

fn seal(words: &Words, page: &mut Html, closed: &Closed) {
    page.line("h2", &words.plain("section-receipt-seal"));
    page.facts(&[(words.plain("check-seal"), closed.file.clone()), (words.plain("check-digest"), closed.digest.clone())]);
    page.line("p", &words.plain("receipt-keep"));
}

fn signatures(words: &Words, page: &mut Html) {
    page.element("div", &[("class", "signatures")], |page| {
        for key in ["sign-holder", "sign-operator", "sign-date"] {
            page.line("p", &words.plain(key));
        }
    });
}
