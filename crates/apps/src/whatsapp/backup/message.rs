//! What an increment says, as the reader of this app gets it: chat types where they need no knowledge of other records,
//! addresses (JIDs) where only the reader knows the person.

use uitlezen_chat::{Attachment, Body, Forward, Moment};

/// WhatsApp's name of a message: unique within a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageKey {
    /// JID of the chat as the key itself names it; often absent or the other form (number or LID) of the chat's own.
    pub chat: Option<String>,
    pub from_me: bool,
    pub id: String,
    /// JID of the sender in a group.
    pub participant: Option<String>,
}

/// Where in `messages.bin` a message stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Number of the length-delimited record, from 0.
    pub record: u64,
    /// Number over all messages of the increment, from 0: the row of a `Source`.
    pub row: i64,
}

/// One message of an increment.
#[derive(Clone, Debug, PartialEq)]
pub struct IncrementMessage {
    /// JID of the conversation that holds it.
    pub chat: String,
    pub key: MessageKey,
    /// JID of the sender, from the key or from the message; absent for own messages and in direct conversations.
    pub sender: Option<String>,
    /// Seconds.
    pub sent: Option<Moment>,
    /// 0 error, 1 pending, 2 at the server, 3 delivered, 4 read, 5 played.
    pub status: Option<i64>,
    pub starred: bool,
    pub push_name: Option<String>,
    pub content: Content,
    /// The notice code with its parameters, as it stood there.
    pub stub: Option<Stub>,
    pub reactions: Vec<IncrementReaction>,
    pub expiry: Option<Expiry>,
    /// Poll votes beside the message (field 45): counted, not interpreted.
    pub poll_votes: u32,
    /// Fields that no schema here names, of the message and of its content.
    pub unknown_fields: u32,
    /// The content could not be decoded; what `content` says is only its kind.
    pub malformed: bool,
    pub position: Position,
}

/// What a message does.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// It says something, or is a notice of the app.
    Said(Box<Said>),
    /// It replaces what another message said.
    Edits {
        target: MessageKey,
        said: Box<Said>,
        at: Option<Moment>,
    },
    /// It deletes another message for everyone.
    Revokes {
        target: MessageKey,
        at: Option<Moment>,
    },
    /// It reacts to another message. An empty emoji takes the reaction back.
    Reacts {
        target: MessageKey,
        emoji: String,
        at: Option<Moment>,
    },
    /// Keep in chat: `None` when the code is not 1 or 2.
    Keeps {
        target: MessageKey,
        on: Option<bool>,
        at: Option<Moment>,
    },
    Pins {
        target: MessageKey,
        on: Option<bool>,
        at: Option<Moment>,
    },
    /// A vote in a poll; encrypted, not interpreted.
    Votes {
        target: MessageKey,
    },
    /// It sets the conversation's timer; 0 is off.
    SetsTimer {
        seconds: Option<u64>,
        set: Option<Moment>,
    },
    /// Neither content nor notice: a key exchange, or a row without anything.
    Nothing,
}

impl Content {
    /// The message that it acts upon.
    #[must_use]
    pub fn target(&self) -> Option<&MessageKey> {
        match self {
            Self::Edits { target, .. }
            | Self::Revokes { target, .. }
            | Self::Reacts { target, .. }
            | Self::Keeps { target, .. }
            | Self::Pins { target, .. }
            | Self::Votes { target } => Some(target),
            Self::Said(_) | Self::SetsTimer { .. } | Self::Nothing => None,
        }
    }
}

/// What was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Participants within it ([`Body::Call`], [`Body::Poll`], [`Body::System`]) are left empty here: see
    /// [`Said::call_participants`] and [`IncrementMessage::stub`]. The code of a notice is HistorySync's stub type, which is
    /// another numbering than the database's.
    pub body: Body,
    pub attachments: Vec<Attachment>,
    pub quote: Option<QuotedMessage>,
    /// JIDs of the persons mentioned.
    pub mentions: Vec<String>,
    pub forwarded: Option<Forward>,
    /// It came wrapped as an edited message.
    pub edited: bool,
    /// Key id of the album message it belongs to.
    pub album: Option<String>,
    /// The conversation's timer when it was written, in seconds.
    pub timer_seconds: Option<u64>,
    /// Text beside view-once media, for which [`Body::ViewOnce`] has no place.
    pub view_once_caption: Option<String>,
    pub call_participants: Vec<String>,
}

impl Said {
    pub(crate) fn of(body: Body) -> Self {
        Self {
            body,
            attachments: Vec::new(),
            quote: None,
            mentions: Vec::new(),
            forwarded: None,
            edited: false,
            album: None,
            timer_seconds: None,
            view_once_caption: None,
            call_participants: Vec::new(),
        }
    }
}

/// The message that a reply repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedMessage {
    pub id: Option<String>,
    /// JID of its sender.
    pub participant: Option<String>,
    /// JID of its chat when it is another one.
    pub chat: Option<String>,
    pub text: Option<String>,
    /// Field number of its kind in WhatsApp's message schema.
    pub kind_raw: Option<i64>,
}

/// A notice of the app: HistorySync's stub type and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    pub code: i64,
    pub parameters: Vec<String>,
}

/// A reaction that stands beside the message it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncrementReaction {
    pub from_me: bool,
    /// JID, in groups.
    pub by: Option<String>,
    /// Empty: taken back.
    pub emoji: String,
    pub at: Option<Moment>,
}

/// That the message disappears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    pub seconds: Option<u64>,
    pub starts: Option<Moment>,
    pub expires: Option<Moment>,
    /// "Keep in chat" for all.
    pub kept: bool,
}

/// What an increment says about a conversation itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationFacts {
    pub jid: String,
    /// Name or group subject.
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub created: Option<Moment>,
    pub last_message: Option<Moment>,
    /// The number's JID and the LID of the other person.
    pub pn_jid: Option<String>,
    pub lid_jid: Option<String>,
    /// `None`: this increment does not say. 0: off. Seconds otherwise.
    pub timer_seconds: Option<u64>,
    pub timer_set: Option<Moment>,
    /// 0 changed in the chat, 1 by me, 2 by the other, 3 business.
    pub timer_initiator_raw: Option<i64>,
    /// 1 chat setting, 2 account setting, 3 bulk.
    pub timer_trigger_raw: Option<i64>,
    pub timer_initiated_by_me: Option<bool>,
    pub after_read_seconds: Option<u64>,
    /// JID and rank (0 member, 1 admin, 2 creator), as far as the limit allowed.
    pub participants: Vec<(String, i64)>,
}

/// That somebody left a group or was removed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// JIDs.
    pub group: String,
    pub person: String,
    /// `None` when the increment does not say which.
    pub removed: Option<bool>,
    pub at: Option<Moment>,
}

/// The account's timer for new conversations. An indirect sign only: the holder must still show the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultTimer {
    /// 0 is off.
    pub seconds: Option<i64>,
    pub set: Option<Moment>,
}
