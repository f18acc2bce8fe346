//! How a readout stands: the status in the seal's header and the exit code.

use crate::{AppVerdict, Finding, Gap, GapReason};
use serde::{Deserialize, Serialize};

/// The status that the signed header carries. "Volledig" never stands for "could not tell".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Everything that the plan asked for is here.
    Volledig,
    /// Something that the plan asked for could not be got or not be read.
    Onvolledig,
    /// The phone, its administrator or its holder refused something that the plan asked for; the rest is here.
    OnderdelenGeweigerd,
}

/// Exit codes, in the order of what matters more when several hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitCode {
    Whole,
    Internal,
    Usage,
    /// Automatic deletion is on somewhere, something vanished, or there is another finding.
    Finding,
    Damaged,
    UnknownSigner,
    /// Sealed, but not everything that was asked was got.
    NotEverything,
    NothingSealed,
    /// The holder must still show something.
    HolderMustShow,
    Cancelled,
}

impl ExitCode {
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Finding => 3,
            Self::Damaged => 4,
            Self::UnknownSigner => 5,
            Self::NotEverything => 6,
            Self::NothingSealed => 7,
            Self::HolderMustShow => 8,
            Self::Cancelled => 130,
        }
    }

    /// The one to exit with when several hold: 7, 6, 3, 8, else whole.
    #[must_use]
    pub fn foremost(all: &[Self]) -> Self {
        [Self::NothingSealed, Self::NotEverything, Self::Finding, Self::HolderMustShow]
            .into_iter()
            .find(|code| all.contains(code))
            .unwrap_or(Self::Whole)
    }
}

/// Everything that decides how a readout stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub gaps: Vec<Gap>,
    pub apps: Vec<AppVerdict>,
    /// Things to know that are no gap.
    pub findings: Vec<Finding>,
}

impl Standing {
    #[must_use]
    pub fn status(&self) -> Status {
        let incomplete: Vec<GapReason> = self.gaps.iter().map(|g| g.reason).filter(|r| r.leaves_incomplete()).collect();
        match incomplete.as_slice() {
            [] => Status::Volledig,
            all if all.iter().all(|r| *r == GapReason::Refused) => Status::OnderdelenGeweigerd,
            _ => Status::Onvolledig,
        }
    }

    /// Every exit code that holds for a readout that was sealed (or, with `sealed` false, was not).
    #[must_use]
    pub fn exit_codes(&self, sealed: bool) -> Vec<ExitCode> {
        let mut all = Vec::new();
        if !sealed {
            all.push(ExitCode::NothingSealed);
        }
        if self.status() != Status::Volledig {
            all.push(ExitCode::NotEverything);
        }
        // 0 says "no findings", so every finding counts: a timer that is on, media for one look, a file that vanished.
        if !self.findings.is_empty() || self.apps.iter().any(|app| app.is_on() || app.has_view_once()) {
            all.push(ExitCode::Finding);
        }
        if self.apps.iter().any(AppVerdict::holder_must_show) {
            all.push(ExitCode::HolderMustShow);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountDefault, Finding, Subject, TimerCheck};

    fn gap(reason: GapReason) -> Gap {
        Gap { subject: Subject::Evidence("media".into()), reason, count: 1, detail: "x".into() }
    }

    fn standing(reasons: &[GapReason]) -> Standing {
        Standing { gaps: reasons.iter().copied().map(gap).collect(), ..Standing::default() }
    }

    #[test]
    fn only_refusals_make_refused_and_anything_else_makes_incomplete() {
        assert_eq!(standing(&[]).status(), Status::Volledig);
        assert_eq!(standing(&[GapReason::Absent]).status(), Status::Volledig);
        assert_eq!(standing(&[GapReason::Refused]).status(), Status::OnderdelenGeweigerd);
        assert_eq!(standing(&[GapReason::Refused, GapReason::NotInterpreted]).status(), Status::Onvolledig);
        for reason in [GapReason::Locked, GapReason::Damaged, GapReason::Changing, GapReason::Broken] {
            assert_eq!(standing(&[reason]).status(), Status::Onvolledig, "{reason:?}");
        }
    }

    #[test]
    fn the_foremost_code_is_the_one_that_matters_most() {
        let mut all = standing(&[GapReason::Refused]);
        all.apps.push(TimerCheck::new("whatsapp").finish(AccountDefault::HolderMustShow));
        assert_eq!(ExitCode::foremost(&all.exit_codes(true)), ExitCode::NotEverything);
        assert_eq!(ExitCode::foremost(&all.exit_codes(false)), ExitCode::NothingSealed);
        all.gaps.clear();
        assert_eq!(ExitCode::foremost(&all.exit_codes(true)), ExitCode::HolderMustShow);
        all.apps = vec![TimerCheck::new("whatsapp").finish(AccountDefault::Shown { off: true, by: "x".into() })];
        assert_eq!(ExitCode::foremost(&all.exit_codes(true)), ExitCode::Whole);
        all.apps = vec![TimerCheck::new("whatsapp").finish(AccountDefault::Shown { off: false, by: "x".into() })];
        assert_eq!(ExitCode::foremost(&all.exit_codes(true)), ExitCode::Finding);
        all.apps = vec![TimerCheck::new("whatsapp").finish(AccountDefault::Shown { off: true, by: "x".into() })];
        all.findings.push(Finding::AttachmentMissing { count: 1 });
        assert_eq!(ExitCode::foremost(&all.exit_codes(true)), ExitCode::Finding);
    }
}
