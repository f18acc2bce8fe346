//! What of a reading stays behind. Who decides that stands above this crate and knows the rules; here is when it is asked.
//!
//! Conversations are judged first. If anything stays behind, the conversations that it stands in are read once before the
//! others, so that what repeats it elsewhere is known when it comes by; then everything is given out, and only what goes out
//! is counted. Conversations of which nothing goes out take no number. Without a [`Separation`] nothing of this happens.

use crate::{ReadError, RecordSink, Summary};
use foldhash::HashMap;
use uitlezen_chat::{AttachmentState, Conversation, ConversationNumber, Message};

/// What goes out of one conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goes {
    #[default]
    Whole,
    InPart,
    Not,
}

/// Says what stays behind. Until everything is given out, conversations have the numbers that they would have if nothing did.
pub trait Separation: Sync {
    /// Each conversation, before any message.
    fn judge(&self, conversation: &Conversation) -> Goes;
    /// Each message of a conversation that does not go whole. On several threads.
    fn hear(&self, number: ConversationNumber, message: &Message);
    /// All that was to be heard was heard.
    fn heard(&self);
    /// A conversation that goes, without what stays behind.
    fn conversation(&self, conversation: Conversation) -> Conversation;
    /// A message of a conversation that goes, without what stays behind. On several threads.
    fn message(&self, number: ConversationNumber, message: Box<Message>) -> Option<Box<Message>>;
}

/// The judgements of one reading, and the numbers that follow from them.
pub(crate) struct Parted<'s> {
    by: &'s dyn Separation,
    goes: HashMap<ConversationNumber, Goes>,
    numbers: HashMap<ConversationNumber, ConversationNumber>,
}

impl std::fmt::Debug for Parted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parted").field("conversations", &self.goes.len()).finish_non_exhaustive()
    }
}

impl<'s> Parted<'s> {
    /// Judges the conversations, in the order of their numbers.
    pub(crate) fn judge(by: &'s dyn Separation, all: &[Conversation]) -> Self {
        let (mut goes, mut numbers, mut next) = (HashMap::default(), HashMap::default(), 1);
        for conversation in all {
            let judged = by.judge(conversation);
            goes.insert(conversation.number, judged);
            if judged != Goes::Not {
                numbers.insert(conversation.number, ConversationNumber(next));
                next += 1;
            }
        }
        Self { by, goes, numbers }
    }

    pub(crate) fn goes(&self, number: ConversationNumber) -> Goes {
        self.goes.get(&number).copied().unwrap_or(Goes::Not)
    }

    pub(crate) fn nothing_to_hear(&self) -> bool {
        self.goes.values().all(|goes| *goes == Goes::Whole)
    }

    pub(crate) fn hear(&self, number: ConversationNumber, message: &Message) {
        self.by.hear(number, message);
    }

    /// All that stays behind was heard.
    pub(crate) fn heard(&self) {
        self.by.heard();
    }

    /// Gives out the conversations that go.
    pub(crate) fn give<S: RecordSink>(
        &self,
        all: Vec<Conversation>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        summary.conversations = self.numbers.len() as u64;
        summary.others_default_timers.retain_mut(|timer| {
            let number = self.numbers.get(&timer.conversation).copied();
            timer.conversation = number.unwrap_or(timer.conversation);
            number.is_some()
        });
        for conversation in all {
            let Some(number) = self.numbers.get(&conversation.number) else { continue };
            let mut conversation = self.by.conversation(conversation);
            conversation.number = *number;
            sink.conversation(&conversation).map_err(ReadError::Sink)?;
        }
        Ok(())
    }

    /// A message as it goes out, with the number under which it does; files that do not go are not wanted.
    pub(crate) fn message(
        &self,
        number: ConversationNumber,
        message: Box<Message>,
        summary: &mut Summary,
    ) -> Option<(ConversationNumber, Box<Message>)> {
        let out = *self.numbers.get(&number)?;
        let wanted = |m: &Message| m.attachments.iter().filter(|a| a.state == AttachmentState::Wanted).count() as u64;
        let before = wanted(&message);
        let mut message = self.by.message(number, message)?;
        summary.attachments_wanted = (summary.attachments_wanted + wanted(&message)).saturating_sub(before);
        self.renumber(&mut message);
        Some((out, message))
    }

    fn renumber(&self, message: &mut Message) {
        if let Some(quote) = &mut message.quote
            && let Some(home) = quote.conversation
        {
            quote.conversation = self.numbers.get(&home).copied();
            if quote.conversation.is_none() {
                quote.id = None;
            }
        }
        for version in &mut message.earlier {
            self.renumber(version);
        }
    }
}
