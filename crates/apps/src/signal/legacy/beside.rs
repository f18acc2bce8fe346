//! What other tables hold about a message: reactions, mentions, calls, polls, files.

use super::{
    book::source,
    compose::Context,
    row::{MessageRow, Place},
};
use crate::{ReadError, Summary, reading::value};
use rusqlite::Row;
use uitlezen_chat::{Attachment, AttachmentState, Mention, Message, Moment, Poll, PollOption, Reaction};
use uitlezen_evidence::ReadAtExt;

/// Most rows beside one message.
const MOST: usize = 10_000;
const LONGEST_TEXT: u64 = 1 << 20;
const LONG_TEXT: &str = "text/x-signal-plain";

impl Context<'_> {
    /// Rows of another table that belong to a message.
    fn beside(
        &self,
        table: &'static str,
        key: &str,
        columns: &[&str],
        message: i64,
        mut each: impl FnMut(&Row<'_>),
    ) -> Result<(), ReadError> {
        let Some(columns) = self.schema.columns(table, "s", columns) else { return Ok(()) };
        let sql = format!("SELECT {columns} FROM \"{table}\" s WHERE s.{key} = ?1 ORDER BY s._id");
        let mut all = self.schema.conn.prepare_cached(&sql)?;
        let mut rows = all.query([message])?;
        let mut left = MOST;
        while let Some(row) = rows.next()? {
            each(row);
            left -= 1;
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn reactions(&self, row: &MessageRow, place: Place, message: &mut Message) -> Result<(), ReadError> {
        if !self.sides.has("reaction", row.id) {
            return Ok(());
        }
        let many = place.name() != "message";
        let columns = ["_id", "author_id", "emoji", "date_sent", "is_mms"];
        let mut found = Vec::new();
        self.beside("reaction", "message_id", &columns, row.id, |side| {
            // Before there was one table, a number alone did not say in which.
            if many && value::int(side, 4).is_some_and(|mms| (mms != 0) != (place.name() == "mms")) {
                return;
            }
            let emoji = self.repairs.text(side, 2).unwrap_or_default();
            found.push(Reaction {
                by: self.people.sender(value::int(side, 1)),
                removed: emoji.is_empty(),
                emoji,
                at: value::positive(side, 3).map(Moment::from_millis),
                kind_raw: None,
                part: None,
                source: source(self.item, "reaction", value::int(side, 0).unwrap_or(0)),
            });
        })?;
        message.reactions = found;
        Ok(())
    }

    pub(super) fn mentions(&self, row: &MessageRow, message: &mut Message) -> Result<(), ReadError> {
        if !self.sides.has("mention", row.id) {
            return Ok(());
        }
        let mut found = Vec::new();
        self.beside("mention", "message_id", &["recipient_id", "range_start"], row.id, |side| {
            found.push((value::int(side, 1).unwrap_or(0), value::int(side, 0)));
        })?;
        found.sort_by_key(|(start, _)| *start);
        for (_, who) in found {
            let participant = who.and_then(|row| self.people.id(row));
            message.mentions.push(Mention { participant, shown: None, kind_raw: None });
        }
        Ok(())
    }

    pub(super) fn call(&self, row: &MessageRow, message: &mut Message) -> Result<(), ReadError> {
        if !self.sides.has("call", row.id) {
            return Ok(());
        }
        self.beside("call", "message_id", &["type", "direction", "event"], row.id, |side| {
            for (column, name) in [(0, "call.type"), (1, "call.direction"), (2, "call.event")] {
                if let Some(raw) = value::int(side, column) {
                    message.uninterpreted.insert(name.to_owned(), raw.to_string());
                }
            }
        })
    }

    pub(super) fn poll(&self, row: &MessageRow) -> Result<Option<Poll>, ReadError> {
        if !self.sides.has("poll", row.id) {
            return Ok(None);
        }
        let mut head = None;
        self.beside("poll", "message_id", &["_id", "question", "allow_multiple_votes"], row.id, |side| {
            head = value::int(side, 0).map(|id| (id, self.repairs.text(side, 1), value::flag(side, 2)));
        })?;
        let Some((poll, question, multiple)) = head else { return Ok(None) };
        let mut options: Vec<(i64, i64, PollOption)> = Vec::new();
        self.beside("poll_option", "poll_id", &["_id", "option_text", "option_order"], poll, |side| {
            let text = self.repairs.text(side, 1).unwrap_or_default();
            let option = PollOption { text, voters: Vec::new(), total: None };
            options.push((value::int(side, 2).unwrap_or(0), value::int(side, 0).unwrap_or(0), option));
        })?;
        options.sort_by_key(|(order, id, _)| (*order, *id));
        self.beside("poll_vote", "poll_id", &["poll_option_id", "voter_id"], poll, |side| {
            let (option, voter) = (value::int(side, 0), self.people.sender(value::int(side, 1)));
            if let Some((.., option)) = options.iter_mut().find(|(_, id, _)| Some(*id) == option) {
                option.voters.push(voter);
            }
        })?;
        let options = options.into_iter().map(|(.., option)| option).collect();
        Ok(Some(Poll { question: question.unwrap_or_default(), selectable: (!multiple).then_some(1), options }))
    }

    /// The files of a message. A text that lies in a file becomes the text.
    pub(super) fn files(
        &self,
        row: &MessageRow,
        place: Place,
        text: &mut String,
        message: &mut Message,
        summary: &mut Summary,
    ) -> Result<Option<Family>, ReadError> {
        // Before there was one table, files belonged to `mms`.
        if place.name() == "sms" {
            return Ok(None);
        }
        let (mut first, mut found) = (None, Vec::new());
        for (table, key, kind) in [("attachment", "message_id", "content_type"), ("part", "mid", "ct")] {
            if !self.sides.has(table, row.id) {
                continue;
            }
            let columns = [
                "_id",
                kind,
                "file_name",
                "data_size",
                "voice_note",
                "video_gif",
                "quote",
                "width",
                "height",
                "caption",
                "display_order",
                "sticker_id",
            ];
            self.beside(table, key, &columns, row.id, |side| {
                let number = |column| value::positive(side, column).and_then(|n| u32::try_from(n).ok());
                found.push(File {
                    table,
                    row: value::int(side, 0).unwrap_or(0),
                    media_type: self.repairs.text(side, 1),
                    name: self.repairs.text(side, 2),
                    bytes: value::unsigned(side, 3),
                    voice: value::flag(side, 4),
                    gif: value::flag(side, 5),
                    quote: value::flag(side, 6),
                    width: number(7),
                    height: number(8),
                    caption: self.repairs.text(side, 9),
                    order: value::int(side, 10).unwrap_or(0),
                    sticker: value::int(side, 11).is_some_and(|id| id >= 0),
                });
            })?;
        }
        found.sort_by_key(|file| (file.order, file.row));
        for file in found {
            // The thumbnail of what is answered belongs to that.
            if file.quote {
                if let Some(quote) = &mut message.quote {
                    quote.media_type = quote.media_type.take().or(file.media_type);
                    quote.media_name = quote.media_name.take().or(file.name);
                }
                continue;
            }
            let blob = self.store.blob(file.row);
            if file.media_type.as_deref() == Some(LONG_TEXT) {
                let whole = blob.filter(|(blob, whole)| *whole && blob.len() <= LONGEST_TEXT).and_then(|(blob, _)| {
                    let source = self.store.unlocked().blob(blob).ok()?;
                    String::from_utf8(source.read_all(LONGEST_TEXT).ok()?).ok()
                });
                if let Some(whole) = whole.filter(|whole| whole.starts_with(text.as_str())) {
                    *text = whole;
                    continue;
                }
                summary.oddities.cut_texts += 1;
            }
            first.get_or_insert_with(|| file.family());
            if let Some(caption) = &file.caption {
                message.uninterpreted.insert(format!("attachment.caption.{}", message.attachments.len()), caption.clone());
            }
            let state = match blob {
                Some((_, true)) => AttachmentState::Wanted,
                Some((_, false)) => AttachmentState::NotRead { reason: "damaged".to_owned() },
                None => AttachmentState::NotOnPhone { reason: "not-in-the-backup".to_owned() },
            };
            message.attachments.push(Attachment {
                path: blob.map(|_| path(file.table, file.row)),
                name: file.name,
                media_type: file.media_type,
                bytes: file.bytes.or(blob.map(|(blob, _)| blob.len())),
                sha256: None,
                duration_seconds: None,
                width: file.width,
                height: file.height,
                transcription: None,
                state,
            });
        }
        Ok(first)
    }
}

/// How an attachment is called within the backup.
fn path(table: &str, row: i64) -> String {
    format!("{table}/{row}")
}

struct File {
    table: &'static str,
    row: i64,
    media_type: Option<String>,
    name: Option<String>,
    bytes: Option<u64>,
    voice: bool,
    gif: bool,
    quote: bool,
    width: Option<u32>,
    height: Option<u32>,
    caption: Option<String>,
    order: i64,
    sticker: bool,
}

/// What kind of file it is.
#[derive(Clone, Copy)]
pub(super) enum Family {
    Image,
    Video,
    Gif,
    Voice,
    Audio,
    Sticker,
    Other,
}

impl File {
    fn family(&self) -> Family {
        let kind = self.media_type.as_deref().and_then(|kind| kind.split('/').next());
        match kind {
            _ if self.sticker => Family::Sticker,
            _ if self.gif => Family::Gif,
            _ if self.voice => Family::Voice,
            Some("image") => Family::Image,
            Some("video") => Family::Video,
            Some("audio") => Family::Audio,
            _ => Family::Other,
        }
    }
}
