//! The record: what a readout says about a conversation, as pure data.
//!
//! Everything that reads a messaging app (`apps`) produces these types; everything that judges, seals or shows
//! (`check`, `readout`, later `records`) consumes them. There is no I/O here and no knowledge of any one app: an app's
//! own codes survive as raw values beside the interpreted ones, so that nothing is lost that we do not understand.
//!
//! Rules that every producer keeps:
//!
//! * every record carries its [`Source`]: the evidence item, the table and the row it was read from;
//! * a time keeps its raw value and unit beside UTC and the Dutch local time ([`Moment`]);
//! * ids come from the app's own ids and are equal across readouts of the same phone;
//! * what is not understood is [`Body::Unknown`] with its raw code, never dropped;
//! * "absent", "refused", "not interpreted" and "empty" are different answers.
//!
//! The JSON form is described by the schema in `schema/conversation.schema.json`, which [`schema`] generates.

mod attachment;
mod body;
mod context_line;
mod conversation;
mod identity;
mod message;
mod moment;
mod schema;
mod separated;
mod source;
mod timer;

pub use attachment::{Attachment, AttachmentState};
pub use body::{
    Body, Call, CallOutcome, Card, EventAnswer, GroupInvite, LastPlace, Place, Poll, PollOption, SystemEvent, SystemEventKind,
    ViewOnceState,
};
pub use context_line::{ContextLine, Subject, SubjectOrigin, period_in_dutch};
pub use conversation::{Conversation, ConversationFile, ConversationKind, Membership, MembershipChange, Role};
pub use identity::{
    ConversationId, ConversationNumber, MessageId, NameOrigin, NativeId, Participant, ParticipantId, ParticipantName,
};
pub use message::{
    Addition, Delivery, Direction, Edit, ExpiryMark, Forward, Mark, Mention, Message, Quote, Reaction, Revocation, Sender,
};
pub use moment::{LocalText, Moment, MomentError, TimeUnit, ZONE};
pub use schema::{conversation_schema, undecided_schema};
pub use separated::{Separated, Treatment, Undecided, UndecidedFile};
pub use source::{EvidenceId, Source};
pub use timer::{Timer, TimerChange, TimerState};
