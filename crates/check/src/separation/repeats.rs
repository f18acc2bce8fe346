//! What repeats elsewhere what was left out: quotes, forwards, files, names of groups. Better withheld once too often; each is
//! counted, and the record says that something stood there.

use super::{Ruling, heard::Heard};
use serde::{Deserialize, Serialize};
use uitlezen_chat::{Attachment, AttachmentState, Body, ConversationNumber, Message, ParticipantId, Quote, Sender};

/// How much was withheld because it repeats what was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats {
    /// Quotes without their content.
    pub quotes: u64,
    /// Messages without their content: forwards above all.
    pub messages: u64,
    /// Files that are not read out, in messages of which the rest may stand.
    pub attachments: u64,
    /// Names of groups in invitations, notices and previews.
    pub names: u64,
}

impl Repeats {
    pub(super) fn add(&mut self, more: Self) {
        let Self { quotes, messages, attachments, names } = more;
        self.quotes += quotes;
        self.messages += messages;
        self.attachments += attachments;
        self.names += names;
    }
}

/// What is known of the conversations when a message is looked at.
pub(super) struct Known<'k> {
    pub(super) heard: &'k Heard,
    /// The conversation of the message.
    pub(super) here: ConversationNumber,
    pub(super) ruling: &'k dyn Fn(ConversationNumber) -> Option<&'k Ruling>,
    /// Whether somebody stands among the participants of this conversation.
    pub(super) participant: &'k dyn Fn(&ParticipantId) -> bool,
}

/// Withholds from a message what repeats something.
pub(super) fn withhold(known: &Known<'_>, message: &mut Message) -> Repeats {
    let heard = known.heard;
    let mut found = Repeats::default();
    for file in message.attachments.iter_mut().filter(|file| heard.is_file(file)) {
        *file = withheld(file);
        found.attachments += 1;
    }
    let forwarded = message.forwarded.is_some();
    if forwarded && (found.attachments > 0 || heard.is_said(&message.body)) || is_invitation(heard, &message.body) {
        message.body = Body::Withheld;
        message.mentions.clear();
        for file in &mut message.attachments {
            *file = withheld(file);
        }
        found.messages += 1;
    }
    if let Some(quote) = &mut message.quote
        && quoted(known, quote)
    {
        found.quotes += 1;
    }
    found.names += names(heard, message);
    let gone = |id: &Option<uitlezen_chat::MessageId>| id.as_ref().is_some_and(|id| heard.is_message(known.here, id));
    if gone(&message.album) {
        message.album = None;
    }
    if gone(&message.comment_on) {
        message.comment_on = None;
    }
    // Tables that nobody can read may hold what was quoted or forwarded.
    if found != Repeats::default() {
        message.uninterpreted.clear();
    }
    message.uninterpreted.retain(|_, value| !heard.is_in_raw(value));
    for addition in &mut message.additions {
        addition.raw.retain(|_, value| !heard.is_in_raw(value));
    }
    // A mention of somebody who is not listed keeps the name that was shown, which stands in the text as well.
    for mention in &mut message.mentions {
        mention.participant.take_if(|id| !(known.participant)(id));
    }
    for version in &mut message.earlier {
        version.forwarded = version.forwarded.take().or_else(|| message.forwarded.clone());
        found.add(withhold(known, version));
    }
    found
}

/// That there was a file, and nothing by which it could be known.
fn withheld(file: &Attachment) -> Attachment {
    Attachment {
        path: None,
        name: None,
        media_type: file.media_type.clone(),
        bytes: None,
        sha256: None,
        duration_seconds: None,
        width: None,
        height: None,
        transcription: None,
        state: AttachmentState::Withheld,
    }
}

fn is_invitation(heard: &Heard, body: &Body) -> bool {
    matches!(body, Body::GroupInvite(invite) if invite.group.as_ref().is_some_and(|group| heard.is_title(group)))
}

/// Withholds what a quote says. True when it did.
fn quoted(known: &Known<'_>, quote: &mut Quote) -> bool {
    let heard = known.heard;
    let home = quote.conversation.unwrap_or(known.here);
    let apart = (known.ruling)(home).is_some_and(|ruling| match &quote.sent {
        Some(sent) => ruling.of(sent).is_apart(),
        None => ruling.is_none() && ruling.at(None).is_apart(),
    });
    let apart = apart || quote.id.as_ref().is_some_and(|id| heard.is_message(home, id));
    let repeats = quote.text.as_ref().is_some_and(|text| heard.is_words(text))
        || quote.media_name.as_ref().is_some_and(|name| heard.is_file_name(name))
        || quote.place.as_ref().is_some_and(|place| heard.is_place(place))
        || heard.has_card(&quote.cards);
    if apart {
        quote.id = None;
        quote.conversation = None;
        quote.sender = Sender::Unknown;
        quote.sent = None;
        quote.kind_raw = None;
    }
    if apart || repeats {
        quote.text = None;
        quote.media_name = None;
        quote.media_type = None;
        quote.place = None;
        quote.cards.clear();
        quote.withheld = true;
    }
    if matches!(&quote.sender, Sender::Participant(id) if !(known.participant)(id)) {
        quote.sender = Sender::Unknown;
        // An id may end in the address of its sender.
        quote.id.take_if(|id| id.0.contains('@'));
    }
    apart || repeats
}

/// Takes out titles of what was left out; how many.
fn names(heard: &Heard, message: &mut Message) -> u64 {
    let mut taken = 0;
    let mut take = |text: &mut Option<String>, is: bool| {
        if is {
            *text = None;
            taken += 1;
        }
    };
    match &mut message.body {
        Body::System(event) => {
            for text in [&mut event.old, &mut event.new] {
                let named = text.as_ref().is_some_and(|t| heard.names_title(t));
                take(text, named);
            }
        }
        Body::Text { link_title, .. } => {
            let named = link_title.as_ref().is_some_and(|t| heard.is_title(t));
            take(link_title, named);
        }
        _ => {}
    }
    for mention in &mut message.mentions {
        let named = mention.shown.as_ref().is_some_and(|t| heard.is_title(t));
        take(&mut mention.shown, named);
    }
    taken
}
