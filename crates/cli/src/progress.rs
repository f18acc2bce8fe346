//! A run on the screen: bars with bytes, rate and time left on a terminal, plain lines elsewhere, events with `--json`.

use crate::{judgement, pace::Pace, screen::Screen, text::Value};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};
use uitlezen_check::separation::Amount;
use uitlezen_readout::{Event, HolderTask, Listener, Stage, earlier::WhyFull, words::one_line};

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

    /// A line about what was left out of an app, if anything was.
    fn separated(&self, key: &str, of: &[(&str, Value<'_>)], amount: Amount) {
        if amount == Amount::default() {
            return;
        }
        let mut values = of.to_vec();
        values.extend([
            ("conversations", amount.conversations.into()),
            ("messages", amount.messages.into()),
            ("attachments", amount.attachments.into()),
        ]);
        self.say(&self.text(key, &values));
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

    fn percent(&self, percent: u8) {
        if let Some(bar) = &self.bar {
            if bar.length() != Some(100) {
                bar.set_length(100);
                bar.set_style(percent_bar());
            }
            bar.set_position(percent.into());
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
                HolderTask::MakeSignalBackup => "holder-make-signal-backup",
                HolderTask::MakeThreemaBackup => "holder-make-threema-backup",
                HolderTask::Trust => "holder-trust",
                HolderTask::Passcode => "holder-passcode",
                HolderTask::PasscodeForPassword => "holder-passcode-for-password",
            },
            &[],
        ));
    }

    fn draw(&mut self, event: &Event) {
        let unknown = || self.text("unknown", &[]);
        match event {
            Event::Started { .. } | Event::Finished { .. } => {}
            Event::Resumed { reached, .. } => self.say(&self.text(&format!("run-resumed-{reached}"), &[])),
            Event::HolderNeeded { task } => self.holder(*task),
            Event::Phone { facts } => {
                let name = [facts.maker.as_deref(), facts.model.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
                let name = if name.is_empty() { unknown() } else { one_line(&name) };
                let (system, version) = match (&facts.ios, &facts.android) {
                    (Some(ios), _) => ("iOS", one_line(ios)),
                    (None, android) => ("Android", android.as_deref().map_or_else(unknown, one_line)),
                };
                self.say(&self.text(
                    "phone-found",
                    &[
                        ("name", name.into()),
                        ("system", system.into()),
                        ("version", version.into()),
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
            Event::Percent { stage, percent } if self.stage == Some(*stage) => self.percent(*percent),
            Event::Expect { .. } | Event::Progress { .. } | Event::Percent { .. } => {}
            Event::PasswordSettled { set: true } => self.say(&self.text("iphone-password-set", &[])),
            Event::PasswordSettled { set: false } => self.say(&self.text("iphone-password-not-set", &[])),
            Event::PasswordUnsettled => self.say(&self.text("iphone-password-unsettled", &[])),
            Event::PasswordRemoved => self.say(&self.text("iphone-password-removed", &[])),
            Event::PasswordStays => self.say(&self.text("iphone-password-stays", &[])),
            Event::Backup { app, kind, increments, age_hours, others } => {
                let mut values =
                    vec![("app", app.as_str().into()), ("kind", kind.as_str().into()), ("increments", (*increments).into())];
                let key = match age_hours {
                    Some(age) => {
                        values.push(("age", (*age).into()));
                        "backup-found"
                    }
                    None => "backup-found-no-age",
                };
                self.say(&self.text(key, &values));
                if *others > 0 {
                    self.say(&self.text("backup-others", &[("app", app.as_str().into()), ("count", (*others).into())]));
                }
            }
            Event::Counts { app, conversations, messages, attachments } => self.say(&self.text(
                "counts",
                &[
                    ("app", app.as_str().into()),
                    ("conversations", (*conversations).into()),
                    ("messages", (*messages).into()),
                    ("attachments", (*attachments).into()),
                ],
            )),
            Event::Separation { app, left_out, undecided, councillors_only, repeats } => {
                for left in left_out {
                    let arguments =
                        [("app", app.as_str().into()), ("rule", left.rule.into()), ("class", left.class.word().into())];
                    self.separated("separation-left-out", &arguments, left.amount);
                }
                let of_app = [("app", app.as_str().into())];
                self.separated("separation-undecided", &of_app, *undecided);
                self.separated("separation-councillors", &of_app, *councillors_only);
                if *repeats > 0 {
                    let arguments = [("app", app.as_str().into()), ("count", (*repeats).into())];
                    self.say(&self.text("separation-repeats", &arguments));
                }
            }
            Event::Verdict { verdict } => {
                for line in judgement::lines(verdict, &self.screen.texts) {
                    self.say(&line);
                }
            }
            Event::Gap { gap } => self.say(&self.screen.texts.words().gap(gap)),
            Event::Finding { finding } => self.say(&self.screen.texts.words().finding(finding)),
            Event::FullRun { why } => match why {
                WhyFull::First => {}
                WhyFull::Asked => self.say(&self.text("full-run-asked", &[])),
                WhyFull::Due => self.say(&self.text("full-run-due", &[])),
                WhyFull::Unknown => self.say(&self.text("full-run-unknown", &[])),
                WhyFull::TooMany => self.say(&self.text("full-run-too-many", &[])),
            },
            Event::FullBackup => self.say(&self.text("iphone-full-backup", &[])),
            Event::Held { attachments, bytes, seals } => self.say(&self.text(
                "held",
                &[("count", (*attachments).into()), ("size", self.screen.texts.bytes(*bytes).into()), ("seals", (*seals).into())],
            )),
            Event::NotRemembered => self.say(&self.text("not-remembered", &[])),
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

fn stage_key(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "stage-connect",
        Stage::Preflight => "stage-preflight",
        Stage::Backup => "stage-backup",
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

fn percent_bar() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg:24} {wide_bar} {percent} % {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn bytes_bar() -> ProgressStyle {
    let template = "{spinner} {msg:24} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
