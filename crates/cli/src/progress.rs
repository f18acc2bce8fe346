//! A run on the screen: bars with bytes, rate and time left on a terminal, plain lines elsewhere, events with `--json`.

use crate::{judgement, pace::Pace, screen::Screen, text::Value};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};
use uitlezen_check::{EarlierSealFault, EarlierUnknown, Finding, Gap, GapReason, Subject};
use uitlezen_readout::{Event, HolderTask, Listener, Stage};

/// Draws a run. Counts and verdicts only: no event holds more.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    screen: &'a Screen,
    bar: Option<ProgressBar>,
    stage: Option<Stage>,
    bars: bool,
    pace: Pace,
}

impl<'a> Progress<'a> {
    #[must_use]
    pub(crate) fn new(screen: &'a Screen) -> Self {
        let bars = !screen.json && io::stderr().is_terminal();
        Self { screen, bar: None, stage: None, bars, pace: Pace::default() }
    }

    /// Prose, without tearing a bar apart.
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.screen.say(line)),
            None => self.screen.say(line),
        }
    }

    fn text(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.screen.texts.get(key, values)
    }

    /// A stable word in the reader's language. What has no text is a name from the phone, a table's say: on one line.
    fn word(&self, of: &str, word: &str) -> String {
        let known = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let text = if known { self.screen.texts.find(&format!("{of}-{word}"), &[]) } else { None };
        text.unwrap_or_else(|| one_line(word))
    }

    fn begin(&mut self, stage: Stage) {
        self.end();
        self.stage = Some(stage);
        let title = self.text(stage_key(stage), &[]);
        if !self.bars {
            self.screen.say(&format!("{title} …"));
            return;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        bar.set_style(spinner());
        bar.set_message(title);
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bar = Some(bar);
    }

    fn expect(&mut self, total: u64) {
        if let Some(bar) = &self.bar
            && total > 0
        {
            bar.set_length(total);
            bar.set_style(bytes_bar());
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn holder(&self, task: HolderTask) {
        self.say(&self.text(
            match task {
                HolderTask::Connect => "holder-connect",
                HolderTask::Unlock => "holder-unlock",
                HolderTask::Allow => "holder-allow",
                HolderTask::MakeBackup => "holder-make-backup",
            },
            &[],
        ));
    }

    fn gap(&self, gap: &Gap) {
        let subject = match &gap.subject {
            Subject::Phone => self.text("subject-phone", &[]),
            Subject::App(name) => name.clone(),
            Subject::Evidence(name) => self.word("subject", name),
        };
        let reason = self.text(
            match gap.reason {
                GapReason::Refused => "gap-refused",
                GapReason::Absent => "gap-absent",
                GapReason::NotInterpreted => "gap-not-interpreted",
                GapReason::Locked => "gap-locked",
                GapReason::Damaged => "gap-damaged",
                GapReason::Changing => "gap-changing",
                GapReason::Broken => "gap-broken",
            },
            &[],
        );
        self.say(&self.text(
            "gap",
            &[
                ("subject", subject.into()),
                ("count", gap.count.into()),
                ("reason", reason.into()),
                ("detail", self.word("detail", &gap.detail).into()),
            ],
        ));
    }

    fn finding(&self, finding: &Finding) {
        let line = match finding {
            Finding::BackupOld { app, hours } => {
                self.text("finding-backup-old", &[("app", app.as_str().into()), ("hours", (*hours).into())])
            }
            Finding::ClockOff { seconds } => self.text("finding-clock-off", &[("seconds", (*seconds).into())]),
            Finding::WrittenWhileRead { pages_rolled_back } => {
                self.text("finding-written-while-read", &[("pages", (*pages_rolled_back).into())])
            }
            Finding::AttachmentDiffers { count } => self.text("finding-attachment-differs", &[("count", (*count).into())]),
            Finding::AttachmentMissing { count } => self.text("finding-attachment-missing", &[("count", (*count).into())]),
            Finding::AttachmentGone { count } => self.text("finding-attachment-gone", &[("count", (*count).into())]),
            Finding::EarlierSeal { why, seals, attachments } => {
                let why = match why {
                    EarlierSealFault::Missing => "earlier-missing",
                    EarlierSealFault::Changed => "earlier-changed",
                    EarlierSealFault::Damaged => "earlier-damaged",
                };
                let values = [("why", self.text(why, &[]).into()), ("seals", (*seals).into()), ("count", (*attachments).into())];
                self.text("finding-earlier-seal", &values)
            }
            Finding::EarlierUnknown { why } => {
                let why = match why {
                    EarlierUnknown::Damaged => "earlier-list-damaged",
                    EarlierUnknown::OtherKey => "earlier-list-other-key",
                    EarlierUnknown::Newer => "earlier-list-newer",
                };
                self.text("finding-earlier-unknown", &[("why", self.text(why, &[]).into())])
            }
            Finding::UnknownKinds { app, count } => {
                self.text("finding-unknown-kinds", &[("app", app.as_str().into()), ("count", (*count).into())])
            }
            Finding::NotDecodedByApp { app, count } => {
                self.text("finding-not-decoded", &[("app", app.as_str().into()), ("count", (*count).into())])
            }
            Finding::BatteryLow { percent } => self.text("finding-battery-low", &[("percent", (*percent).into())]),
            Finding::WirelessDebugging => self.text("finding-wireless-debugging", &[]),
            Finding::OtherProfile { count } => self.text("finding-other-profile", &[("count", (*count).into())]),
        };
        self.say(&line);
    }

    fn draw(&mut self, event: &Event) {
        let unknown = || self.text("unknown", &[]);
        match event {
            Event::Started { .. } | Event::Finished { .. } => {}
            Event::HolderNeeded { task } => self.holder(*task),
            Event::Phone { facts } => {
                let name = [facts.maker.as_deref(), facts.model.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
                let name = if name.is_empty() { unknown() } else { one_line(&name) };
                self.say(&self.text(
                    "phone-found",
                    &[
                        ("name", name.into()),
                        ("android", facts.android.as_deref().map_or_else(unknown, one_line).into()),
                        ("serial", one_line(&facts.serial).into()),
                    ],
                ));
                if facts.through_adb_server() {
                    self.say(&self.text("phone-through-server", &[]));
                }
            }
            Event::Stage { stage } => self.begin(*stage),
            Event::Expect { stage, total } if self.stage == Some(*stage) => self.expect(*total),
            Event::Progress { stage, done } if self.stage == Some(*stage) => {
                if let Some(bar) = &self.bar {
                    bar.set_position(*done);
                }
            }
            Event::Expect { .. } | Event::Progress { .. } => {}
            Event::Backup { app, kind, increments, age_hours: Some(age) } => self.say(&self.text(
                "backup-found",
                &[
                    ("app", app.as_str().into()),
                    ("kind", kind.as_str().into()),
                    ("increments", (*increments).into()),
                    ("age", (*age).into()),
                ],
            )),
            Event::Backup { app, kind, increments, age_hours: None } => self.say(&self.text(
                "backup-found-no-age",
                &[("app", app.as_str().into()), ("kind", kind.as_str().into()), ("increments", (*increments).into())],
            )),
            Event::Counts { app, conversations, messages, attachments } => self.say(&self.text(
                "counts",
                &[
                    ("app", app.as_str().into()),
                    ("conversations", (*conversations).into()),
                    ("messages", (*messages).into()),
                    ("attachments", (*attachments).into()),
                ],
            )),
            Event::Verdict { verdict } => {
                for line in judgement::lines(verdict, &self.screen.texts) {
                    self.say(&line);
                }
            }
            Event::Gap { gap } => self.gap(gap),
            Event::Finding { finding } => self.finding(finding),
            Event::MayUnplug => {
                self.end();
                self.say(&self.text("may-unplug", &[]));
            }
            Event::Sealed { file, bytes, .. } => {
                self.end();
                let size = self.screen.texts.bytes(*bytes);
                self.say(&self.text("sealed", &[("file", file.as_str().into()), ("size", size.into())]));
            }
        }
    }
}

impl Listener for Progress<'_> {
    fn event(&mut self, event: Event) {
        if self.screen.json {
            for event in self.pace.pass(event, Instant::now()) {
                self.screen.event(&event);
            }
        } else {
            self.draw(&event);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        // A run that broke off: how far it came.
        if let Some(event) = self.pace.rest() {
            self.screen.event(&event);
        }
        self.end();
    }
}

/// What a phone says of itself stays within its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn stage_key(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "stage-connect",
        Stage::Preflight => "stage-preflight",
        Stage::Databases => "stage-databases",
        Stage::Unlock => "stage-unlock",
        Stage::Read => "stage-read",
        Stage::Media => "stage-media",
        Stage::Seal => "stage-seal",
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn bytes_bar() -> ProgressStyle {
    let template = "{spinner} {msg:24} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
