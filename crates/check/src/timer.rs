//! The auto-delete verdict, per conversation and per app (requirement R5, truth table in `reference/android.md §6`).
//!
//! Three outcomes and never a fourth: off (seen in the data), on (seen, value, since), no evidence (why). "Off" is never
//! derived from a missing table or a failed query: the reader says [`TimerState::NotDeterminable`] there, and so do we.

use crate::separation::LEFT_OUT;
use chat::{Body, Conversation, ConversationNumber, Message, Moment, TimerState, ViewOnceState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uitlezen_chat as chat;

/// What the data say about automatic deletion in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    Off,
    On {
        seconds: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Moment>,
    },
    NoEvidence {
        reason: String,
    },
}

/// The verdict over one conversation, by number only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationVerdict {
    pub conversation: ConversationNumber,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What it rests on, where that is weaker than the app's own setting of the conversation (`contact-record`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// How often the timer was changed, as far as the data show.
    pub changes: u64,
    /// The timer was on at some time before: messages may be gone.
    pub was_on_before: bool,
    /// Messages that carry their own mark of disappearing.
    pub expiring_messages: u64,
    /// Media that could be opened once: never in a backup.
    pub view_once: u64,
}

/// What is known about the account's default timer for new chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "kebab-case")]
pub enum AccountDefault {
    /// No file that this route reaches holds it: the holder must show the screen.
    HolderMustShow,
    /// An increment carried it. Indirect: the holder must still show the screen.
    SeenIndirectly {
        seconds: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Moment>,
    },
    /// The app's own settings say it, for the whole account. 0 is off.
    Set { seconds: u64 },
    /// The plan says that the app's administrator has set it for the whole account, which no holder can change. 0 is off.
    Administered { seconds: u64 },
    /// The app's own settings say that no chat keeps more messages than so many.
    Limited { messages: u64 },
    /// The app's own settings are here and never say it, so its default holds, which is off. The holder must still show the
    /// screen: an absent value is no proof.
    NeverSet,
    /// The holder showed the screen and the operator recorded what stood there.
    Shown { off: bool, by: String },
}

impl AccountDefault {
    /// Whether it is known to be on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        match self {
            Self::HolderMustShow | Self::NeverSet => false,
            Self::Limited { .. } => true,
            Self::SeenIndirectly { seconds, .. } | Self::Set { seconds } | Self::Administered { seconds } => *seconds > 0,
            Self::Shown { off, .. } => !off,
        }
    }
}

/// The verdict over one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppVerdict {
    pub app: String,
    pub conversations: Vec<ConversationVerdict>,
    pub account_default: AccountDefault,
    /// Other ways in which the app deletes for the whole account, by a stable word (`audio-messages`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, AccountDefault>,
    /// View-once media by the state in which the app left it.
    pub view_once: BTreeMap<String, u64>,
}

impl AppVerdict {
    pub fn on(&self) -> impl Iterator<Item = &ConversationVerdict> {
        self.conversations.iter().filter(|c| matches!(c.verdict, Verdict::On { .. }))
    }

    /// Those that are off only by what the app noted with the other person.
    pub fn off_by_contact_only(&self) -> impl Iterator<Item = &ConversationVerdict> {
        self.conversations.iter().filter(|c| c.verdict == Verdict::Off && c.basis.as_deref() == Some("contact-record"))
    }

    pub fn without_evidence(&self) -> impl Iterator<Item = &ConversationVerdict> {
        self.conversations.iter().filter(|c| matches!(c.verdict, Verdict::NoEvidence { .. }))
    }

    /// Whether somebody must still look at the phone's screen.
    #[must_use]
    pub fn holder_must_show(&self) -> bool {
        let unsure = |default: &AccountDefault| match default {
            AccountDefault::HolderMustShow | AccountDefault::NeverSet | AccountDefault::SeenIndirectly { .. } => true,
            AccountDefault::Shown { .. }
            | AccountDefault::Set { .. }
            | AccountDefault::Administered { .. }
            | AccountDefault::Limited { .. } => false,
        };
        unsure(&self.account_default) || self.others.values().any(unsure) || self.without_evidence().next().is_some()
    }

    /// Whether there was media for one look: its content is in no backup.
    #[must_use]
    pub fn has_view_once(&self) -> bool {
        self.view_once.values().any(|count| *count > 0)
    }

    /// Whether the data or the holder's screen show automatic deletion to be on, here or as the default for new chats.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.on().next().is_some() || self.account_default.is_on() || self.others.values().any(AccountDefault::is_on)
    }
}

/// What one message tells a [`TimerCheck`], apart from the message: for records that are made on several threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerMark {
    /// Media for one look, by the state in which the app left it.
    view_once: Option<&'static str>,
    expires: bool,
}

impl TimerMark {
    /// None for nearly every message.
    #[must_use]
    pub fn of(message: &Message) -> Option<Self> {
        let view_once = match &message.body {
            Body::ViewOnce { state, .. } => Some(match state {
                None => "unknown",
                Some(ViewOnceState::Unseen) => "unseen",
                Some(ViewOnceState::Seen) => "seen",
                Some(ViewOnceState::Expired) => "expired",
            }),
            _ => None,
        };
        let expires = message.expiry.is_some();
        (expires || view_once.is_some()).then_some(Self { view_once, expires })
    }
}

/// Reads the stream of records once and ends in an [`AppVerdict`]. Memory: one small entry a conversation.
#[derive(Debug)]
pub struct TimerCheck {
    app: String,
    conversations: BTreeMap<ConversationNumber, ConversationVerdict>,
    view_once: BTreeMap<String, u64>,
}

impl TimerCheck {
    #[must_use]
    pub fn new(app: impl Into<String>) -> Self {
        Self { app: app.into(), conversations: BTreeMap::new(), view_once: BTreeMap::new() }
    }

    pub fn conversation(&mut self, conversation: &Conversation) {
        let timer = &conversation.timer;
        // What is left out now is nobody's business here; what holds for the account is judged once and not here.
        let verdict = match &timer.state {
            TimerState::NotDeterminable { reason } if reason == LEFT_OUT => return,
            TimerState::OfAccount => return,
            TimerState::Off => Verdict::Off,
            TimerState::On { seconds } => Verdict::On { seconds: *seconds, since: timer.since.clone() },
            TimerState::NotDeterminable { reason } => Verdict::NoEvidence { reason: reason.clone() },
        };
        let entry = ConversationVerdict {
            conversation: conversation.number,
            verdict,
            basis: timer.basis.clone(),
            changes: timer.changes.len() as u64,
            was_on_before: timer
                .changes
                .iter()
                .any(|c| c.to_seconds.is_some_and(|s| s > 0) || c.from_seconds.is_some_and(|s| s > 0)),
            expiring_messages: 0,
            view_once: 0,
        };
        self.conversations.insert(conversation.number, entry);
    }

    pub fn message(&mut self, number: ConversationNumber, message: &Message) {
        if let Some(mark) = TimerMark::of(message) {
            self.mark(number, mark);
        }
    }

    /// What [`Self::message`] does for a message of that conversation that gave this mark.
    pub fn mark(&mut self, number: ConversationNumber, mark: TimerMark) {
        if let Some(state) = mark.view_once {
            *self.view_once.entry(state.to_owned()).or_default() += 1;
        }
        if let Some(entry) = self.conversations.get_mut(&number) {
            entry.view_once += u64::from(mark.view_once.is_some());
            entry.expiring_messages += u64::from(mark.expires);
        }
    }

    #[must_use]
    pub fn finish(self, account_default: AccountDefault) -> AppVerdict {
        AppVerdict {
            app: self.app,
            conversations: self.conversations.into_values().collect(),
            account_default,
            others: BTreeMap::new(),
            view_once: self.view_once,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use chat::{ConversationId, ConversationKind, EvidenceId, Sender, Source, Timer, TimerChange};

    fn source() -> Source {
        Source { item: EvidenceId(1), table: "chat".into(), row: 1 }
    }

    fn conversation(number: u32, state: TimerState, changes: Vec<TimerChange>) -> Conversation {
        Conversation {
            id: ConversationId(format!("whatsapp:{number}")),
            number: ConversationNumber(number),
            app: "whatsapp".into(),
            kind: ConversationKind::Direct,
            kind_raw: None,
            title: Some("kanarie".into()),
            description: None,
            labels: vec![],
            created: None,
            archived: false,
            locked: false,
            uninterpreted: BTreeMap::new(),
            native: vec![],
            participants: vec![],
            membership: vec![],
            timer: Timer { state, since: None, basis: None, initiator_raw: None, changes, source: None },
            separation: vec![],
            source: source(),
        }
    }

    #[test]
    fn off_on_and_no_evidence_stay_apart_and_name_nobody() {
        let mut check = TimerCheck::new("whatsapp");
        check.conversation(&conversation(1, TimerState::Off, vec![]));
        check.conversation(&conversation(2, TimerState::On { seconds: 86_400 }, vec![]));
        check.conversation(&conversation(3, TimerState::NotDeterminable { reason: "column absent".into() }, vec![]));
        let verdict = check.finish(AccountDefault::HolderMustShow);
        assert_eq!(verdict.conversations[0].verdict, Verdict::Off);
        assert_eq!(verdict.on().count(), 1);
        assert_eq!(verdict.without_evidence().count(), 1);
        assert!(verdict.is_on() && verdict.holder_must_show());
        assert!(!serde_json::to_string(&verdict).unwrap().contains("kanarie"));
    }

    #[test]
    fn a_timer_that_was_on_once_is_remembered_although_it_is_off_now() {
        let change = |to| TimerChange {
            at: Moment::from_millis(0),
            by: Sender::Holder,
            from_seconds: None,
            to_seconds: Some(to),
            source: source(),
        };
        let mut check = TimerCheck::new("whatsapp");
        check.conversation(&conversation(1, TimerState::Off, vec![change(604_800), change(0)]));
        let verdict = check.finish(AccountDefault::Shown { off: true, by: "operator".into() });
        assert!(verdict.conversations[0].was_on_before);
        assert!(!verdict.is_on() && !verdict.holder_must_show());
    }

    #[test]
    fn a_default_that_was_shown_on_counts_as_on() {
        let verdict = TimerCheck::new("whatsapp").finish(AccountDefault::Shown { off: false, by: "operator".into() });
        assert!(verdict.is_on());
        let indirect = TimerCheck::new("whatsapp").finish(AccountDefault::SeenIndirectly { seconds: 86_400, since: None });
        assert!(indirect.is_on() && indirect.holder_must_show());
    }

    #[test]
    fn a_setting_of_the_whole_account_is_judged_once_and_an_absent_one_is_no_proof() {
        let finish = |default| {
            let mut check = TimerCheck::new("imessage");
            check.conversation(&conversation(1, TimerState::OfAccount, vec![]));
            check.finish(default)
        };
        let off = finish(AccountDefault::Set { seconds: 0 });
        assert!(off.conversations.is_empty() && !off.is_on() && !off.holder_must_show());
        let on = finish(AccountDefault::Set { seconds: 2_592_000 });
        assert!(on.is_on() && !on.holder_must_show());
        let never = finish(AccountDefault::NeverSet);
        assert!(!never.is_on() && never.holder_must_show());
        let mut audio = finish(AccountDefault::Set { seconds: 0 });
        audio.others.insert("audio-messages".into(), AccountDefault::HolderMustShow);
        assert!(!audio.is_on() && audio.holder_must_show());
        audio.others.insert("audio-messages".into(), AccountDefault::Shown { off: false, by: "operator".into() });
        assert!(audio.is_on());
        let json = serde_json::to_string(&audio).unwrap();
        assert_eq!(serde_json::from_str::<AppVerdict>(&json).unwrap(), audio);
    }
}
