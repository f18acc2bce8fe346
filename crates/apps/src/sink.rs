//! Where the records of a reading go.

use std::io;
use uitlezen_chat::{Conversation, ConversationNumber, Message};

/// Who takes the records: all conversations first, numbered from 1, then messages in the order of the phone.
pub trait RecordSink {
    /// Gathers some messages. Several are filled at once, each on a thread of its own.
    type Run: RunSink;
    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()>;
    /// Takes what was gathered, in order, and leaves `run` empty for the next messages.
    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()>;
}

/// Messages that follow each other, on their way to a [`RecordSink`].
pub trait RunSink: Default {
    fn message(&mut self, number: ConversationNumber, message: Box<Message>) -> io::Result<()>;
    /// Whether it should be handed over before more is put into it.
    fn is_full(&self) -> bool {
        false
    }
}

impl RunSink for Vec<(ConversationNumber, Message)> {
    fn message(&mut self, number: ConversationNumber, message: Box<Message>) -> io::Result<()> {
        self.push((number, *message));
        Ok(())
    }
}

/// Takes nothing: what is heard goes nowhere.
pub(crate) struct Nobody;

#[derive(Default)]
pub(crate) struct Nothing;

impl RunSink for Nothing {
    fn message(&mut self, _: ConversationNumber, _: Box<Message>) -> io::Result<()> {
        Ok(())
    }
}

impl RecordSink for Nobody {
    type Run = Nothing;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        Ok(())
    }

    fn hand_over(&mut self, _: &mut Nothing) -> io::Result<()> {
        Ok(())
    }
}
