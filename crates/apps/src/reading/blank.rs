//! A message with nothing in it yet.

use std::collections::BTreeMap;
use uitlezen_chat::{Body, Direction, Message, MessageId, Moment, Sender, Source};

/// A message of which nothing is filled in but what every message has.
pub(crate) fn blank(id: MessageId, sender: Sender, sent: Moment, source: Source) -> Message {
    Message {
        id,
        direction: Direction::Notice,
        sender,
        sent,
        received: None,
        body: Body::Waiting,
        attachments: Vec::new(),
        quote: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        forwarded: None,
        pins: Vec::new(),
        kept: Vec::new(),
        additions: Vec::new(),
        edited: None,
        expiry: None,
        starred: false,
        album: None,
        comment_on: None,
        uninterpreted: BTreeMap::new(),
        status_raw: None,
        delivery: None,
        earlier: Vec::new(),
        source,
    }
}
