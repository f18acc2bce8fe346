//! What other tables hold about a run of messages: media, receipts, links, the messages above and below them.

use super::{blobs::LONGEST, row::MessageRow};
use crate::{
    ReadError, Summary, note,
    reading::{
        rows::Rows,
        schema::{Schema, Side},
        value::{self, Repairs},
    },
};
use foldhash::HashMap;
use rusqlite::{Connection, Row, types::ValueRef};

/// Most rows of one table beside one run, and the bytes that they may take.
const MOST_ROWS: usize = 1 << 17;
const MOST_BYTES: usize = 32 << 20;

/// A row of `ZWAMEDIAITEM`.
#[derive(Debug, Default)]
pub(super) struct Media {
    pub(super) row: i64,
    pub(super) path: Option<String>,
    pub(super) title: Option<String>,
    /// A media type, or the text of a card.
    pub(super) card: Option<String>,
    pub(super) card_name: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) seconds: Option<u64>,
    pub(super) latitude: Option<f64>,
    pub(super) longitude: Option<f64>,
    pub(super) accuracy: Option<String>,
    pub(super) metadata: Option<Vec<u8>>,
}

/// A row of `ZWAMESSAGEDATAITEM`.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) kind: Option<String>,
    pub(super) matched: Option<String>,
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) contents: [Option<String>; 2],
}

/// The message that another one belongs to.
#[derive(Debug)]
pub(super) struct Parent {
    pub(super) kind: Option<i64>,
    pub(super) key: String,
    pub(super) from_me: bool,
    pub(super) chat: i64,
}

/// The statements, made once for all runs.
#[derive(Debug, Default)]
pub(super) struct Sides {
    media: Option<Side>,
    info: Option<Side>,
    links: Option<Side>,
    parents: Option<Side>,
    children: Option<Side>,
}

/// What was found for one run.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) media: Rows<Media>,
    pub(super) info: Rows<(i64, Vec<u8>)>,
    pub(super) links: Rows<Link>,
    pub(super) parents: HashMap<i64, Parent>,
    /// Types of the messages in an album, by the album.
    pub(super) children: HashMap<i64, Vec<i64>>,
}

/// What the rows of one table may still take.
struct Room<'r> {
    repairs: &'r Repairs,
    rows: usize,
    bytes: usize,
    dropped: u64,
}

impl<'r> Room<'r> {
    fn new(repairs: &'r Repairs) -> Self {
        Self { repairs, rows: MOST_ROWS, bytes: MOST_BYTES, dropped: 0 }
    }

    fn has_more(&mut self) -> bool {
        let room = self.rows > 0 && self.bytes > 0;
        if room {
            self.rows -= 1;
        } else {
            self.dropped += 1;
        }
        room
    }

    fn text(&mut self, row: &Row<'_>, column: usize) -> Option<String> {
        let text = self.repairs.text(row, column)?;
        self.bytes = self.bytes.saturating_sub(text.len());
        Some(text)
    }

    fn blob(&mut self, row: &Row<'_>, column: usize) -> Option<Vec<u8>> {
        match row.get_ref(column).ok()? {
            ValueRef::Blob(bytes) if !bytes.is_empty() => {
                let kept = bytes.get(..LONGEST + 1).unwrap_or(bytes);
                self.bytes = self.bytes.saturating_sub(kept.len());
                Some(kept.to_vec())
            }
            _ => None,
        }
    }
}

impl Sides {
    pub(super) fn prepare(schema: &Schema<'_>, summary: &mut Summary) -> Result<Self, ReadError> {
        let mut side = |table: &'static str, key: &str, columns: &[&str]| -> Result<Option<Side>, ReadError> {
            let columns = schema.joined(table, "s", columns);
            let mut made = None;
            let prepared = Side::new(schema, table, key, &columns, "").map(|side| made = side);
            note(summary, table, prepared)?;
            summary.oddities.dropped_side_rows += made.as_ref().map_or(0, Side::refused);
            Ok(made)
        };
        Ok(Self {
            media: side(
                "zwamediaitem",
                "zmessage",
                &[
                    "rowid",
                    "zfilesize",
                    "zmovieduration",
                    "zhaccuracy",
                    "zlatitude",
                    "zlongitude",
                    "zmedialocalpath",
                    "ztitle",
                    "zvcardname",
                    "zvcardstring",
                    "zmetadata",
                ],
            )?,
            info: side("zwamessageinfo", "zmessage", &["rowid", "zreceiptinfo"])?,
            links: side(
                "zwamessagedataitem",
                "zmessage",
                &["ztype", "zcontent1", "zcontent2", "zmatchedtext", "zsummary", "ztitle", "rowid"],
            )?,
            parents: side("zwamessage", "z_pk", &["zmessagetype", "zstanzaid", "zisfromme", "zchatsession"])?,
            children: side("zwamessage", "zparentmessage", &["zmessagetype"])?,
        })
    }

    /// The statements, for a test to look at their plans.
    #[cfg(test)]
    pub(super) fn statements(&self) -> Vec<String> {
        let all = [&self.media, &self.info, &self.links, &self.parents, &self.children];
        all.into_iter().flatten().map(|side| side.statement().to_owned()).collect()
    }

    pub(super) fn window(
        &self,
        conn: &Connection,
        rows: &[MessageRow],
        repairs: &Repairs,
        summary: &mut Summary,
    ) -> Result<Window, ReadError> {
        let mut window = Window::default();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(window) };
        let span = (first.id, last.id);
        let read = self.media(conn, span, repairs, summary, &mut window);
        note(summary, "ZWAMEDIAITEM", read)?;
        let read = self.info(conn, span, repairs, summary, &mut window);
        note(summary, "ZWAMESSAGEINFO", read)?;
        let read = self.links(conn, span, repairs, summary, &mut window);
        note(summary, "ZWAMESSAGEDATAITEM", read)?;
        let read = self.family(conn, rows, repairs, &mut window);
        note(summary, "ZWAMESSAGE", read)?;
        Ok(window)
    }

    fn media(
        &self,
        conn: &Connection,
        (first, last): (i64, i64),
        repairs: &Repairs,
        summary: &mut Summary,
        window: &mut Window,
    ) -> Result<(), ReadError> {
        let Some(side) = &self.media else { return Ok(()) };
        let (mut found, mut room) = (Vec::new(), Room::new(repairs));
        let read = side.between(conn, first, last, |message, row| {
            if !room.has_more() {
                return false;
            }
            let id = value::int(row, 1).unwrap_or(0);
            let media = Media {
                row: id,
                bytes: value::unsigned(row, 2),
                seconds: value::unsigned(row, 3),
                accuracy: value::raw(repairs, row, 4).filter(|raw| raw != "0"),
                latitude: value::real(row, 5),
                longitude: value::real(row, 6),
                path: room.text(row, 7),
                title: room.text(row, 8),
                card_name: room.text(row, 9),
                card: room.text(row, 10),
                metadata: room.blob(row, 11),
            };
            found.push((message, id, Some(media)));
            true
        });
        found.sort_by_key(|(message, row, _)| (*message, *row));
        window.media = Rows::of(found);
        summary.oddities.dropped_side_rows += room.dropped;
        read
    }

    fn info(
        &self,
        conn: &Connection,
        (first, last): (i64, i64),
        repairs: &Repairs,
        summary: &mut Summary,
        window: &mut Window,
    ) -> Result<(), ReadError> {
        let Some(side) = &self.info else { return Ok(()) };
        let (mut found, mut room) = (Vec::new(), Room::new(repairs));
        let read = side.between(conn, first, last, |message, row| {
            if !room.has_more() {
                return false;
            }
            let id = value::int(row, 1).unwrap_or(0);
            if let Some(blob) = room.blob(row, 2) {
                found.push((message, id, Some((id, blob))));
            }
            true
        });
        found.sort_by_key(|(message, row, _)| (*message, *row));
        window.info = Rows::of(found);
        summary.oddities.dropped_side_rows += room.dropped;
        read
    }

    fn links(
        &self,
        conn: &Connection,
        (first, last): (i64, i64),
        repairs: &Repairs,
        summary: &mut Summary,
        window: &mut Window,
    ) -> Result<(), ReadError> {
        let Some(side) = &self.links else { return Ok(()) };
        let (mut found, mut room) = (Vec::new(), Room::new(repairs));
        let read = side.between(conn, first, last, |message, row| {
            if !room.has_more() {
                return false;
            }
            let link = Link {
                kind: value::raw(repairs, row, 1),
                contents: [room.text(row, 2), room.text(row, 3)],
                matched: room.text(row, 4),
                summary: room.text(row, 5),
                title: room.text(row, 6),
            };
            found.push((message, value::int(row, 7).unwrap_or(0), Some(link)));
            true
        });
        found.sort_by_key(|(message, row, _)| (*message, *row));
        window.links = Rows::of(found);
        summary.oddities.dropped_side_rows += room.dropped;
        read
    }

    /// The messages that others of the run belong to, and those that belong to an album of the run.
    fn family(&self, conn: &Connection, rows: &[MessageRow], repairs: &Repairs, window: &mut Window) -> Result<(), ReadError> {
        let mut parents: Vec<i64> = rows.iter().filter_map(|row| row.parent).collect();
        parents.sort_unstable();
        parents.dedup();
        if let Some(side) = &self.parents {
            side.among(conn, &parents, |id, row| {
                let parent = Parent {
                    kind: value::int(row, 1),
                    key: repairs.text(row, 2).unwrap_or_default(),
                    from_me: value::flag(row, 3),
                    chat: super::survey::chat(row, 4),
                };
                window.parents.insert(id, parent);
                true
            })?;
        }
        let albums: Vec<i64> = rows.iter().filter(|row| row.kind == super::content::ALBUM).map(|row| row.id).collect();
        if let Some(side) = &self.children {
            let mut room = MOST_ROWS;
            side.among(conn, &albums, |album, row| {
                room -= 1;
                window.children.entry(album).or_default().extend(value::int(row, 1));
                room > 0
            })?;
        }
        Ok(())
    }
}
