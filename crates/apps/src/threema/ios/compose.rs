//! One message put together from its row and its file.

use super::{
    parties::{Parties, source},
    row::{Entities, MessageRow, Said},
    wanted,
};
use crate::{
    ReadError, Summary, note,
    reading::{
        pass::{Composer, Place as Where},
        schema::{Schema, Side},
        value::{self, Repairs},
    },
};
use foldhash::HashMap;
use rusqlite::{Connection, Row, types::ValueRef};
use uitlezen_chat::{
    Attachment, AttachmentState, Body, Direction, EvidenceId, Message, MessageId, Moment, Place, Sender, TimeUnit,
};

/// First byte of a binary attribute: its bytes follow, or the name of a file with them.
const INLINE: u8 = 1;
const EXTERNAL: u8 = 2;
/// Bytes of an attribute that are looked at: enough for the name of a file.
const HEAD: usize = 64;
/// Rows of one table beside one run.
const MOST_ROWS: usize = 1 << 17;

/// Where the bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// In the database: this many.
    Inline(u64),
    /// In a file of this path.
    External(String),
    NotUnderstood,
}

fn held(row: &Row<'_>, column: usize) -> Option<Held> {
    let Ok(ValueRef::Blob(head)) = row.get_ref(column) else { return None };
    let length = value::unsigned(row, column + 1).unwrap_or(0);
    Some(match head.split_first()? {
        (&INLINE, _) => Held::Inline(length.saturating_sub(1)),
        (&EXTERNAL, name) => {
            let name = name.strip_suffix(&[0]).and_then(|name| str::from_utf8(name).ok());
            name.and_then(wanted::external).map_or(Held::NotUnderstood, Held::External)
        }
        _ => Held::NotUnderstood,
    })
}

/// The statements, made once for all runs: sounds, pictures, films by their own rows, files by their message.
#[derive(Debug, Default)]
pub(super) struct Files {
    media: [Option<Side>; 3],
    files: Option<Side>,
}

impl Files {
    pub(super) fn prepare(schema: &Schema<'_>, summary: &mut Summary) -> Result<Self, ReadError> {
        let mut side = |table: &'static str, key: &str| -> Result<Option<Side>, ReadError> {
            if !schema.has_column(table, "zdata") {
                schema.columns(table, "s", &["zdata"]);
                return Ok(None);
            }
            let mut made = None;
            let columns = format!("substr(s.zdata, 1, {HEAD}), length(s.zdata)");
            note(summary, table, Side::new(schema, table, key, &columns, "").map(|side| made = side))?;
            summary.oddities.dropped_side_rows += made.as_ref().map_or(0, Side::refused);
            Ok(made)
        };
        Ok(Self {
            media: [side("zaudiodata", "z_pk")?, side("zimagedata", "z_pk")?, side("zvideodata", "z_pk")?],
            files: side("zfiledata", "zmessage")?,
        })
    }

    /// The statements, for a test to look at their plans.
    #[cfg(test)]
    pub(super) fn statements(&self) -> Vec<String> {
        self.media.iter().chain([&self.files]).flatten().map(|side| side.statement().to_owned()).collect()
    }
}

/// What was found for one run, by row of its own table or of its message.
#[derive(Debug, Default)]
pub(super) struct Window {
    media: [HashMap<i64, Held>; 3],
    files: HashMap<i64, Held>,
}

/// What every message needs to know of the whole.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) item: EvidenceId,
    pub(super) parties: &'c Parties,
    pub(super) kinds: &'c Entities,
    pub(super) statement: String,
    pub(super) files: Files,
}

impl Composer for Context<'_> {
    type Row = MessageRow;
    type Window = Window;

    fn table(&self) -> &'static str {
        "ZMESSAGE"
    }

    fn statement(&self) -> &str {
        &self.statement
    }

    fn whole_row(&self) -> &str {
        "SELECT * FROM zmessage WHERE rowid = ?1"
    }

    fn read(&self, row: &Row<'_>, repairs: &Repairs) -> Option<MessageRow> {
        MessageRow::read(row, repairs)
    }

    fn id(row: &MessageRow) -> i64 {
        row.id
    }

    fn weight(row: &MessageRow) -> usize {
        row.weight()
    }

    fn window(&self, conn: &Connection, rows: &[MessageRow], _: &Repairs, summary: &mut Summary) -> Result<Window, ReadError> {
        let mut window = Window::default();
        let mut dropped = 0;
        let mut take = |into: &mut HashMap<i64, Held>, key: i64, row: &Row<'_>| {
            if into.len() >= MOST_ROWS {
                dropped += 1;
                return false;
            }
            if let Some(held) = held(row, 1) {
                into.insert(key, held);
            }
            true
        };
        for (at, (side, into)) in self.files.media.iter().zip(&mut window.media).enumerate() {
            let Some(side) = side else { continue };
            let mut wanted: Vec<i64> = rows.iter().filter_map(|row| row.media.get(at).copied().flatten()).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let read = side.among(conn, &wanted, |key, row| take(into, key, row));
            note(summary, &side.table, read)?;
        }
        if let (Some(side), Some(first), Some(last)) = (&self.files.files, rows.first(), rows.last()) {
            let read = side.between(conn, first.id, last.id, |key, row| take(&mut window.files, key, row));
            note(summary, &side.table, read)?;
        }
        summary.oddities.dropped_side_rows += dropped;
        Ok(window)
    }

    fn place(&self, row: &MessageRow) -> Where {
        self.parties.number(row.conversation).map_or(Where::Nowhere, Where::In)
    }

    fn compose(&self, mut row: MessageRow, window: &mut Window, summary: &mut Summary) -> Box<Message> {
        let kind = self.kinds.get(&row.entity).map(String::as_str).unwrap_or_default();
        let notice = kind == "SystemMessage";
        let sender = match (row.own, notice) {
            (_, true) => Sender::App,
            (true, false) => Sender::Holder,
            (false, false) => self.parties.sender(row.conversation, row.sender),
        };
        summary.oddities.unresolved_senders += u64::from(sender == Sender::Unknown);
        summary.oddities.bad_times += u64::from(row.date.as_ref().is_none_or(|at| at.utc.is_none()));
        let direction = match (notice, row.own) {
            (true, _) => Direction::Notice,
            (false, true) => Direction::Sent,
            (false, false) => Direction::Received,
        };
        let mut message = Box::new(Message {
            id: MessageId(format!("row:{}", row.id)),
            direction,
            sender,
            sent: row.date.clone().unwrap_or_else(|| Moment::new(0, TimeUnit::SecondsOf2001)),
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
            uninterpreted: row.kept.drain(..).map(|(name, value)| (name.to_owned(), value)).collect(),
            status_raw: None,
            delivery: None,
            earlier: Vec::new(),
            source: source(self.item, "ZMESSAGE", row.id),
        });
        message.body = body(row, kind, window, &mut message, summary);
        message
    }
}

fn body(row: MessageRow, kind: &str, window: &mut Window, message: &mut Message, summary: &mut Summary) -> Body {
    let texts = [("ZTEXT", &row.text), ("ZCAPTION", &row.caption), ("ZFILENAME", &row.name), ("ZMIMETYPE", &row.media_type)];
    let mut unreadable = false;
    for (name, _) in texts.into_iter().filter(|(_, said)| **said == Said::Unreadable) {
        unreadable = true;
        message.uninterpreted.insert(format!("ZMESSAGE.{name}"), "present and unreadable".to_owned());
    }
    summary.undecoded.texts += u64::from(unreadable);
    let media = |at: usize, window: &mut Window| {
        let row = row.media.get(at).copied().flatten()?;
        window.media.get_mut(at)?.remove(&row)
    };
    let file = match kind {
        "AudioMessage" => Some(media(0, window)),
        "ImageMessage" => Some(media(1, window)),
        "VideoMessage" => Some(media(2, window)),
        "FileMessage" => Some(window.files.remove(&row.id)),
        _ => None,
    };
    let MessageRow { entity, accuracy, place, caption, name, media_type, text, .. } = row;
    let media_type = media_type.text();
    let sort = media_type.as_deref().and_then(|media| media.split('/').next()).unwrap_or_default().to_owned();
    let caption = caption.text().or_else(|| file.as_ref().and(text.clone().text()));
    if let Some(held) = file {
        message.attachments.push(attachment(held, name.text(), media_type, summary));
    }
    match (kind, text) {
        ("TextMessage", Said::Text(text)) => Body::Text { text, link: None, link_title: None },
        ("ImageMessage", _) => Body::Image { caption },
        ("VideoMessage", _) => Body::Video { caption },
        ("AudioMessage", _) => Body::Audio,
        ("FileMessage", _) => match sort.as_str() {
            "image" => Body::Image { caption },
            "video" => Body::Video { caption },
            "audio" => Body::Audio,
            _ => Body::Document { caption },
        },
        ("LocationMessage", said) if place.is_some() => {
            if let Some(accuracy) = accuracy {
                message.uninterpreted.insert("ZMESSAGE.ZACCURACY".to_owned(), accuracy);
            }
            let (latitude, longitude) = place.unwrap_or_default();
            Body::Place(Place { latitude, longitude, text: said.text(), ..Place::default() })
        }
        (kind, said) => {
            // A text that is there and cannot be read is no unknown kind.
            if !unreadable {
                *summary.unknown_types.entry(entity).or_default() += 1;
            }
            let raw = (!kind.is_empty()).then(|| ("Z_PRIMARYKEY.Z_NAME".to_owned(), kind.to_owned()));
            Body::Unknown { code: entity, text: said.text(), raw: raw.into_iter().collect() }
        }
    }
}

/// The file of a message: one beside the database is wanted; what lies in the database itself is not taken out of it.
fn attachment(held: Option<Held>, name: Option<String>, media_type: Option<String>, summary: &mut Summary) -> Attachment {
    let not_here = |reason: &str| AttachmentState::NotOnPhone { reason: reason.to_owned() };
    let not_read = |reason: &str| AttachmentState::NotRead { reason: reason.to_owned() };
    let (path, bytes, state) = match held {
        Some(Held::External(path)) => (Some(path), None, AttachmentState::Wanted),
        Some(Held::Inline(bytes)) => (None, Some(bytes), not_read("inside-the-database")),
        Some(Held::NotUnderstood) => (None, None, not_read("attribute-not-understood")),
        None => (None, None, not_here("never-downloaded")),
    };
    summary.names_file(&state);
    Attachment {
        path,
        name,
        media_type,
        bytes,
        sha256: None,
        duration_seconds: None,
        width: None,
        height: None,
        transcription: None,
        state,
    }
}
