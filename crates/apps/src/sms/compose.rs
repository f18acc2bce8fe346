//! The record of one message.

use super::{
    book::Book,
    entry::{Entry, File, Way},
    wanted,
};
use crate::Summary;
use uitlezen_chat::{Attachment, AttachmentState, Body, Delivery, Direction, Message, MessageId, Sender, Source};
use uitlezen_provider::{IM, MMS};

pub(super) fn compose(mut entry: Entry, book: &Book, summary: &mut Summary) -> Box<Message> {
    let sender = book.sender(&entry);
    summary.oddities.unresolved_senders += u64::from(sender == Sender::Unknown);
    summary.oddities.bad_times += u64::from(entry.bad_time);
    let direction = match entry.way {
        Way::In => Direction::Received,
        Way::Out | Way::Draft => Direction::Sent,
        Way::Unknown(_) => Direction::Notice,
    };
    let files = std::mem::take(&mut entry.files);
    let attachments = files.iter().map(|file| attachment(entry.user, file, summary)).collect();
    let service = if entry.table.uri == MMS.uri {
        "MMS"
    } else if entry.table == IM {
        "im/chat"
    } else {
        "SMS"
    };
    let body = body(&mut entry, &files, summary);
    let (sent, received) = match entry.sent {
        Some(sent) => (sent, Some(entry.at)),
        None => (entry.at, None),
    };
    Box::new(Message {
        id: MessageId(entry.id.unwrap_or_else(|| format!("{}:{}", entry.table.name, entry.row))),
        direction,
        sender,
        sent,
        received,
        body,
        attachments,
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
        uninterpreted: entry.kept,
        status_raw: entry.status,
        delivery: Some(Box::new(Delivery { service: Some(service.into()), error_raw: entry.error, ..Delivery::default() })),
        earlier: Vec::new(),
        source: Source { item: entry.item, table: entry.table.name.into(), row: entry.row },
    })
}

fn body(entry: &mut Entry, files: &[File], summary: &mut Summary) -> Body {
    let text = entry.text.take();
    if let Way::Unknown(code) = entry.way {
        *summary.unknown_types.entry(code).or_default() += 1;
        return Body::Unknown { code, text, raw: std::mem::take(&mut entry.kept) };
    }
    if entry.waiting {
        return Body::Waiting;
    }
    let sort =
        |file: &File| file.media_type.as_deref().and_then(|kind| kind.split('/').next()).unwrap_or_default().to_ascii_lowercase();
    let mut sorts: Vec<String> = files.iter().map(sort).collect();
    sorts.dedup();
    match (sorts.as_slice(), text) {
        ([], Some(text)) => Body::Text { text, link: None, link_title: None },
        // A message that says nothing and carries nothing.
        ([], None) => {
            *summary.unknown_types.entry(entry.code).or_default() += 1;
            Body::Unknown { code: entry.code, text: None, raw: std::mem::take(&mut entry.kept) }
        }
        ([sort], caption) if sort == "image" => Body::Image { caption },
        ([sort], caption) if sort == "video" => Body::Video { caption },
        ([sort], None) if sort == "audio" => Body::Audio,
        (_, caption) => Body::Document { caption },
    }
}

fn attachment(user: u32, file: &File, summary: &mut Summary) -> Attachment {
    let path = wanted::part(user, file.part, file.stored_as.as_deref()).ok().map(|name| name.as_str().to_owned());
    let state = match path {
        Some(_) => AttachmentState::Wanted,
        None => AttachmentState::NotRead { reason: "no-number".into() },
    };
    summary.names_file(&state);
    Attachment {
        path,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        bytes: None,
        sha256: None,
        duration_seconds: None,
        width: None,
        height: None,
        transcription: None,
        state,
    }
}
