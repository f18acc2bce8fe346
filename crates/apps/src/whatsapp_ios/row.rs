//! One row of `ZWAMESSAGE`, with its media and its blob of reactions.

use super::blobs::{Info, Metadata};
use crate::reading::{
    schema::Schema,
    value::{self, Repairs},
};
use rusqlite::{Row, types::ValueRef};

/// Blobs longer than this are not taken along; no message has one.
const LONGEST_BLOB: usize = 4 << 20;

const COLUMNS: [&str; 20] = [
    "rowid",
    "zchatsession",
    "zisfromme",
    "zmessagetype",
    "zgroupeventtype",
    "ztext",
    "zmessagedate",
    "zsentdate",
    "zfromjid",
    "zgroupmember",
    "zpushname",
    "zstanzaid",
    "zstarred",
    "zmessagestatus",
    "zflags",
    "zmessageerrorstatus",
    "zparentmessage",
    "zmediaitem",
    "zmessageinfo",
    "ztojid",
];
const MEDIA: [&str; 12] = [
    "rowid",
    "zmedialocalpath",
    "ztitle",
    "zvcardname",
    "zvcardstring",
    "zfilesize",
    "zmovieduration",
    "zlatitude",
    "zlongitude",
    "zauthorname",
    "zmetadata",
    "zmediaurl",
];

/// A row of `ZWAMEDIAITEM`.
#[derive(Debug, Default)]
pub(super) struct Media {
    pub(super) path: Option<String>,
    pub(super) title: Option<String>,
    pub(super) card_name: Option<String>,
    /// A vCard, or the media type of a file.
    pub(super) card: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) seconds: Option<u64>,
    pub(super) latitude: Option<f64>,
    pub(super) longitude: Option<f64>,
    pub(super) author: Option<String>,
    pub(super) url: Option<String>,
    pub(super) metadata: Metadata,
    /// The blob itself, where it could not be walked.
    pub(super) undecoded: Option<Vec<u8>>,
}

/// A row as it stands.
#[derive(Debug, Default)]
pub(super) struct MessageRow {
    pub(super) id: i64,
    pub(super) session: Option<i64>,
    pub(super) from_me: bool,
    pub(super) kind: i64,
    pub(super) event: i64,
    pub(super) text: Option<String>,
    pub(super) date: Option<f64>,
    pub(super) sent: Option<f64>,
    pub(super) from: Option<String>,
    pub(super) member: Option<i64>,
    pub(super) push_name: Option<String>,
    pub(super) stanza: Option<String>,
    pub(super) starred: bool,
    pub(super) status: Option<i64>,
    /// Columns that are kept as they are: what they mean is not established.
    pub(super) kept: Vec<(&'static str, String)>,
    pub(super) media: Option<Media>,
    pub(super) info: Info,
    pub(super) info_undecoded: Option<Vec<u8>>,
}

/// Why a table beside the messages cannot be joined: asking it by key would read it whole for every message.
pub(super) fn joinable(schema: &Schema<'_>, table: &str, by: &str) -> bool {
    schema.has(table) && schema.has_column("zwamessage", by) && schema.is_keyed(table, "z_pk")
}

/// The statement that reads the rows behind `?1`, at most `?2`.
pub(super) fn statement(schema: &Schema<'_>) -> Option<String> {
    let message = schema.columns("zwamessage", "m", &COLUMNS)?;
    let (mut joins, nothing) = (String::new(), |count: usize| vec!["NULL"; count].join(", "));
    let media = if joinable(schema, "zwamediaitem", "zmediaitem") {
        joins.push_str(" LEFT JOIN zwamediaitem i ON i.z_pk = m.zmediaitem");
        schema.joined("zwamediaitem", "i", &MEDIA)
    } else {
        nothing(MEDIA.len())
    };
    let info = if joinable(schema, "zwamessageinfo", "zmessageinfo") {
        joins.push_str(" LEFT JOIN zwamessageinfo f ON f.z_pk = m.zmessageinfo");
        schema.joined("zwamessageinfo", "f", &["zreceiptinfo"])
    } else {
        nothing(1)
    };
    Some(format!("SELECT {message}, {media}, {info} FROM zwamessage m{joins} WHERE m.rowid > ?1 ORDER BY m.rowid LIMIT ?2"))
}

fn blob<'r>(row: &'r Row<'_>, column: usize) -> Option<&'r [u8]> {
    match row.get_ref(column).ok()? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) if !bytes.is_empty() && bytes.len() <= LONGEST_BLOB => Some(bytes),
        _ => None,
    }
}

impl MessageRow {
    /// Nothing for a row without a row id.
    pub(super) fn read(row: &Row<'_>, repairs: &Repairs) -> Option<Self> {
        let mut kept = Vec::new();
        for (column, name) in
            [(14, "ZWAMESSAGE.ZFLAGS"), (15, "ZWAMESSAGE.ZMESSAGEERRORSTATUS"), (16, "ZWAMESSAGE.ZPARENTMESSAGE")]
        {
            if let Some(raw) = value::raw(repairs, row, column).filter(|raw| raw != "0") {
                kept.push((name, raw));
            }
        }
        let first = COLUMNS.len();
        let (mut info, mut info_undecoded) = (Info::default(), None);
        if let Some(bytes) = blob(row, first + MEDIA.len()).filter(|bytes| Info::tells(bytes)) {
            info = Info::read(bytes);
            info_undecoded = (info.malformed || info.unread > 0).then(|| bytes.to_vec());
        }
        Some(Self {
            id: value::int(row, 0)?,
            session: value::int(row, 1),
            from_me: value::flag(row, 2),
            kind: value::int(row, 3).unwrap_or(-1),
            event: value::int(row, 4).unwrap_or(0),
            text: repairs.text(row, 5),
            date: value::real(row, 6),
            sent: value::real(row, 7),
            from: repairs.text(row, 8),
            member: value::nonzero(row, 9),
            push_name: repairs.text(row, 10),
            stanza: repairs.text(row, 11),
            starred: value::flag(row, 12),
            status: value::nonzero(row, 13),
            kept,
            media: value::int(row, first).map(|_| Media::read(row, first, repairs)),
            info,
            info_undecoded,
        })
    }

    /// Bytes that it holds, roughly.
    pub(super) fn weight(&self) -> usize {
        let media = self.media.as_ref().map_or(0, |m| {
            let texts = [&m.path, &m.title, &m.card, &m.url, &m.metadata.quoted_text];
            texts.into_iter().flatten().map(String::len).sum::<usize>() + m.undecoded.as_ref().map_or(0, Vec::len)
        });
        let info = self.info_undecoded.as_ref().map_or(0, Vec::len);
        size_of::<Self>() + self.text.as_ref().map_or(0, String::len) + media + info
    }
}

impl Media {
    fn read(row: &Row<'_>, first: usize, repairs: &Repairs) -> Self {
        let text = |at: usize| repairs.text(row, first + at);
        let bytes = blob(row, first + 10);
        let metadata = bytes.map(Metadata::read).unwrap_or_default();
        Self {
            path: text(1),
            title: text(2),
            card_name: text(3),
            card: text(4),
            bytes: value::unsigned(row, first + 5),
            seconds: value::unsigned(row, first + 6),
            latitude: value::real(row, first + 7),
            longitude: value::real(row, first + 8),
            author: text(9),
            undecoded: bytes.filter(|_| metadata.malformed).map(<[u8]>::to_vec),
            metadata,
            url: text(11),
        }
    }
}
