//! Facts of a statement as people read them, in the words of one language.

use super::{Answer, AppStatement, ChatApps, LastUse, Reachable, Statement};
use crate::{
    link::Said,
    words::{Words, one_line},
};
use jiff::{Timestamp, tz::TimeZone};
use uitlezen_chat::{Moment, ZONE};
use uitlezen_check::Finding;

/// What every part of a page is written with.
pub(super) struct Shown<'a> {
    pub(super) words: &'a Words,
    zone: TimeZone,
    names: ChatApps,
}

impl<'a> Shown<'a> {
    pub(super) fn new(words: &'a Words) -> Self {
        Self { words, zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC), names: ChatApps::all() }
    }

    pub(super) fn plain(&self, key: &str) -> String {
        self.words.plain(key)
    }

    /// `2026-11-28 17:05 +01:00`, in the Netherlands.
    pub(super) fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
    }

    pub(super) fn time_or_not(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| self.plain("not-known"), |at| self.time(at))
    }

    pub(super) fn moment(&self, at: Option<&Moment>) -> String {
        match at {
            None => self.plain("none"),
            Some(at) => self.time_or_not(at.utc),
        }
    }

    /// What the phone said, within bounds, or why it did not.
    pub(super) fn said<T>(&self, said: &Said<T>, show: impl FnOnce(&T) -> String) -> String {
        match said {
            Said::Known(value) => one_line(&show(value)),
            Said::Refused => self.plain("said-refused"),
            Said::Unreadable => self.plain("said-unreadable"),
            Said::NotAsked => self.plain("said-not-asked"),
        }
    }

    /// The app's own name.
    pub(super) fn app(&self, app: &str) -> String {
        self.names.named(app).map_or_else(|| one_line(app), |known| known.name.clone())
    }

    pub(super) fn answer(&self, answer: Answer) -> String {
        match answer {
            Answer::Read => self.plain("answer-read"),
            Answer::Empty => self.plain("answer-empty"),
            Answer::NotInstalled => self.plain("answer-not-installed"),
            Answer::NoData => self.plain("answer-no-data"),
            Answer::Refused => self.plain("answer-refused"),
            Answer::NotRead { why } => self.words.get("answer-not-read", &[("why", self.words.reason(why).into())]),
            Answer::NotKnown => self.plain("answer-not-known"),
        }
    }

    /// A line of the negative report; `None` for an app of which messages were read.
    pub(super) fn negative(&self, app: &AppStatement) -> Option<String> {
        let name = self.app(&app.app);
        let key = match app.answer {
            Answer::Read => return None,
            Answer::NotRead { why } => {
                let values = [("app", name.into()), ("why", self.words.reason(why).into())];
                return Some(self.words.get("negative-not-read", &values));
            }
            Answer::Empty => "negative-empty",
            Answer::NotInstalled => "negative-not-installed",
            Answer::NoData => "negative-no-data",
            Answer::Refused => "negative-refused",
            Answer::NotKnown => "negative-not-known",
        };
        Some(self.words.get(key, &[("app", name.into())]))
    }

    /// The same finding, with the app under its own name.
    pub(super) fn finding(&self, finding: &Finding) -> Finding {
        let mut shown = finding.clone();
        match &mut shown {
            Finding::BackupOld { app, .. } | Finding::UnknownKinds { app, .. } | Finding::NotDecodedByApp { app, .. } => {
                *app = self.app(app);
            }
            _ => {}
        }
        shown
    }

    pub(super) fn last_use(&self, last: &LastUse) -> String {
        match last {
            LastUse::AtLeastUntil { time, after_newest } => {
                self.words.get("last-use-line", &[("time", self.time(*time).into()), ("after", (*after_newest).into())])
            }
            LastUse::No => self.plain("last-use-not-known"),
        }
    }

    pub(super) fn reach(&self, reach: Reachable) -> String {
        self.plain(match reach {
            Reachable::Readable => "reach-readable",
            Reachable::FromHolder => "reach-from-holder",
            Reachable::ViaExport => "reach-via-export",
            Reachable::Administered => "reach-administered",
            Reachable::None => "reach-none",
        })
    }

    /// "Twin One", with its maker before it.
    pub(super) fn phone_name(&self, statement: &Statement) -> String {
        let Some(phone) = &statement.phone else { return self.plain("not-known") };
        match (phone.maker.known(), phone.model.known()) {
            (Some(maker), Some(model)) if !model.to_lowercase().starts_with(&maker.to_lowercase()) => {
                one_line(&format!("{maker} {model}"))
            }
            (Some(maker), None) => one_line(maker),
            _ => self.said(&phone.model, Clone::clone),
        }
    }

    /// "3 uur": whole days when there are several, else whole hours.
    pub(super) fn age(&self, seconds: u64) -> String {
        let (hour, day) = (3600, 86_400);
        match seconds {
            s if s >= 2 * day => self.words.duration(s / day * day),
            s if s >= hour => self.words.duration(s / hour * hour),
            s => self.words.duration(s),
        }
    }
}
