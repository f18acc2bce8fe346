//! One row of the message table, of either generation, in one shape.

use super::{
    MessageTable,
    schema::Schema,
    value::{self, Repairs},
};
use rusqlite::Row;

/// Bits of `message.origination_flags` that are established (`reference/android.md §2.6`).
pub(crate) mod flags {
    pub(crate) const FORWARDED: i64 = 1;
    pub(crate) const VOICE_NOTE: i64 = 32_768;
}

/// What a message says about its file, from `message_media` or from the legacy row itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Media {
    pub path: Option<String>,
    pub name: Option<String>,
    pub mime: Option<String>,
    pub size: Option<u64>,
    pub hash: Option<String>,
    pub duration: Option<u64>,
    pub width: Option<u64>,
    pub height: Option<u64>,
    pub caption: Option<String>,
    pub transcription: Option<String>,
}

/// What only a row of the old table `messages` carries.
#[derive(Debug, Default)]
pub(crate) struct LegacyPart {
    pub media: Media,
    pub place: Option<(f64, f64)>,
    pub quoted_row: Option<i64>,
    pub mentioned: Vec<String>,
    pub deleted: bool,
}

/// A message as its own row has it; everything else stands in other tables.
#[derive(Debug)]
pub(crate) struct MessageRow {
    pub id: i64,
    /// Row of the chat (modern).
    pub chat: i64,
    /// Address of the chat (legacy).
    pub chat_address: Option<String>,
    pub from_me: bool,
    pub key: String,
    /// Row of the sender's jid (modern).
    pub sender: Option<i64>,
    pub sender_address: Option<String>,
    pub status: Option<i64>,
    pub flags: i64,
    pub sent: Option<i64>,
    pub received: Option<i64>,
    pub code: Option<i64>,
    pub text: Option<String>,
    pub starred: bool,
    pub legacy: Option<Box<LegacyPart>>,
}

/// The statement that gives messages in row order from `?1`, at most `?2` of them.
pub(crate) fn statement(schema: &Schema<'_>, table: MessageTable) -> Option<String> {
    let columns = match table {
        MessageTable::Modern => schema.columns(
            "message",
            "m",
            &[
                "_id",
                "chat_row_id",
                "from_me",
                "key_id",
                "sender_jid_row_id",
                "status",
                "origination_flags",
                "timestamp",
                "received_timestamp",
                "message_type",
                "text_data",
                "starred",
            ],
        )?,
        MessageTable::Legacy => schema.columns(
            "messages",
            "m",
            &[
                "_id",
                "key_remote_jid",
                "key_from_me",
                "key_id",
                "remote_resource",
                "status",
                "forwarded",
                "timestamp",
                "received_timestamp",
                "media_wa_type",
                "data",
                "starred",
                "media_name",
                "media_mime_type",
                "media_size",
                "media_hash",
                "media_duration",
                "media_caption",
                "latitude",
                "longitude",
                "quoted_row_id",
                "mentioned_jids",
                "edit_version",
            ],
        )?,
    };
    Some(format!("SELECT {columns} FROM {} m WHERE m._id > ?1 ORDER BY m._id LIMIT ?2", table.name()))
}

impl MessageRow {
    /// Reads one row; `None` when it has no row id.
    pub(crate) fn read(table: MessageTable, row: &Row<'_>, repairs: &Repairs) -> Option<Self> {
        let legacy = table == MessageTable::Legacy;
        let status = value::int(row, 5);
        let mut code = value::int(row, 9);
        let mut from = Self {
            id: value::int(row, 0)?,
            chat: if legacy { -1 } else { value::int(row, 1).unwrap_or(-1) },
            chat_address: if legacy { repairs.any_text(row, 1) } else { None },
            from_me: value::flag(row, 2),
            key: repairs.any_text(row, 3).unwrap_or_default(),
            sender: if legacy { None } else { value::int(row, 4).filter(|&s| s > 0) },
            sender_address: if legacy { repairs.text(row, 4) } else { None },
            status,
            flags: value::int(row, 6).unwrap_or(0),
            sent: value::int(row, 7),
            received: value::positive(row, 8),
            code: None,
            text: repairs.text(row, 10),
            starred: value::flag(row, 11),
            legacy: None,
        };
        if legacy {
            // The app's own view over this table says that a row of type 0 and status 6 is a notice, type 7.
            if code.unwrap_or(0) == 0 && status == Some(6) {
                code = Some(7);
            }
            // A forward was counted before it became a bit.
            from.flags = i64::from(from.flags > 0);
            let place = value::real(row, 18).zip(value::real(row, 19)).filter(|&(a, b)| a != 0.0 || b != 0.0);
            from.legacy = Some(Box::new(LegacyPart {
                media: Media {
                    path: None,
                    name: repairs.text(row, 12),
                    mime: repairs.text(row, 13),
                    size: value::unsigned(row, 14),
                    hash: repairs.text(row, 15),
                    duration: value::unsigned(row, 16),
                    caption: repairs.text(row, 17),
                    ..Media::default()
                },
                place,
                quoted_row: value::positive(row, 20),
                mentioned: repairs
                    .text(row, 21)
                    .map(|list| list.split(',').map(str::trim).filter(|j| !j.is_empty()).take(1024).map(str::to_owned).collect())
                    .unwrap_or_default(),
                deleted: value::int(row, 22) == Some(7),
            }));
        }
        from.code = code;
        Some(from)
    }

    /// The app's own placeholder, which is not a message.
    pub(crate) fn is_dummy(&self) -> bool {
        self.key == "-1" && self.chat_address.as_deref().map_or(self.chat <= 0, |a| a == "-1")
    }

    /// Bytes that this row holds in memory, roughly.
    pub(crate) fn weight(&self) -> usize {
        let media = self.legacy.as_ref().map_or(0, |l| {
            256 + l.mentioned.iter().map(String::len).sum::<usize>() + l.media.caption.as_ref().map_or(0, String::len)
        });
        size_of::<Self>() + self.key.len() + self.text.as_ref().map_or(0, String::len) + media
    }
}

/// The names of the message table's columns that the two generations call differently.
impl MessageTable {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Modern => "message",
            Self::Legacy => "messages",
        }
    }

    pub(crate) fn chat(self) -> &'static str {
        match self {
            Self::Modern => "chat_row_id",
            Self::Legacy => "key_remote_jid",
        }
    }

    pub(crate) fn sent_by_holder(self) -> &'static str {
        match self {
            Self::Modern => "from_me",
            Self::Legacy => "key_from_me",
        }
    }

    pub(crate) fn sender(self) -> &'static str {
        match self {
            Self::Modern => "sender_jid_row_id",
            Self::Legacy => "remote_resource",
        }
    }
}
