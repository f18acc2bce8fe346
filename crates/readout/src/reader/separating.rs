//! Separation within a reading: the rules that came with the request, asked at the places where the reader of the app asks.

use super::message::{ReadFailure, Separating};
use uitlezen_apps::{Goes, Separation};
use uitlezen_chat::{Conversation, ConversationNumber, Message};
use uitlezen_check::separation::{self, Separator, ThreadKey};

impl Separating {
    pub(super) fn separator(&self) -> Result<Separator, ReadFailure> {
        let key = self.key.as_ref().map(|key| {
            let bytes = zeroize::Zeroizing::new(hex::decode(&key.0).map_err(|_| ReadFailure::Internal)?);
            let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| ReadFailure::Internal)?;
            Ok::<_, ReadFailure>(ThreadKey::new(bytes))
        });
        Ok(Separator::new(&self.rules, key.transpose()?, self.now))
    }
}

/// Lets the reader of an app ask a [`Separator`].
pub(super) struct Asked<'s>(pub(super) &'s Separator);

impl Separation for Asked<'_> {
    fn judge(&self, conversation: &Conversation) -> Goes {
        match self.0.judge(conversation) {
            separation::Goes::Whole => Goes::Whole,
            separation::Goes::InPart => Goes::InPart,
            separation::Goes::Not => Goes::Not,
        }
    }

    fn hear(&self, number: ConversationNumber, message: &Message) {
        self.0.hear(number, message);
    }

    fn heard(&self) {
        self.0.heard();
    }

    fn conversation(&self, conversation: Conversation) -> Conversation {
        self.0.conversation(conversation)
    }

    fn message(&self, number: ConversationNumber, message: Box<Message>) -> Option<Box<Message>> {
        self.0.message(number, message)
    }
}
