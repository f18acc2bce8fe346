//! The other tables for one run of messages.
//!
//! Messages are read in runs of some ten thousand rows; for each run every side table is asked once, for the rows of those
//! messages only. So memory stays flat whatever the size of the file, nothing is sorted by SQLite, and no query is made per
//! message. The rows of a run are held sorted by message and taken out when their message is put together.

use super::{
    ReadError,
    row::Media,
    schema::{Schema, Side},
    summary::MessageTable,
    value::{self, Repairs},
};
use rusqlite::Row;
use std::cell::{Cell, RefCell};

/// Most rows of one side table for one run.
const MOST_ROWS: usize = 1 << 18;
/// Bytes of text that the side tables of one run may hold together.
const MOST_BYTES: usize = 48 << 20;

/// Rows by message and, within a message, by their own row id; each taken once.
#[derive(Debug)]
pub(crate) struct Rows<T>(Vec<(i64, i64, Option<T>)>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Rows<T> {
    fn range(&self, key: i64) -> std::ops::Range<usize> {
        if self.0.is_empty() {
            return 0..0;
        }
        let start = self.0.partition_point(|(k, ..)| *k < key);
        let run = self.0.get(start..).unwrap_or_default().iter().take_while(|(k, ..)| *k == key).count();
        start..start + run
    }

    /// Takes the (first) row of a key.
    pub(crate) fn take(&mut self, key: i64) -> Option<T> {
        let at = self.range(key).start;
        self.0.get_mut(at).filter(|(k, ..)| *k == key).and_then(|(.., row)| row.take())
    }

    /// Takes all rows of a key, in the order of the table.
    pub(crate) fn take_all(&mut self, key: i64) -> Vec<T> {
        let range = self.range(key);
        self.0.get_mut(range).map(|rows| rows.iter_mut().filter_map(|(.., row)| row.take()).collect()).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        self.0.iter().filter_map(|(key, _, row)| row.as_ref().map(|row| (*key, row)))
    }
}

#[derive(Debug)]
pub(crate) struct Link {
    pub description: Option<String>,
    pub title: Option<String>,
    pub url: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Location {
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub name: Option<String>,
    pub address: Option<String>,
    pub url: Option<String>,
    pub live_seconds: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Quoted {
    pub row: i64,
    pub table: &'static str,
    pub chat: Option<i64>,
    pub from_me: bool,
    pub sender: Option<i64>,
    pub sender_address: Option<String>,
    pub key: Option<String>,
    pub at: Option<i64>,
    pub code: Option<i64>,
    pub text: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Mentioned {
    pub jid: Option<i64>,
    pub shown: Option<String>,
    pub kind: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct EditRow {
    pub original: Option<String>,
    pub at: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct RevokedRow {
    pub original: Option<String>,
    pub admin: Option<i64>,
    pub at: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct Expiring {
    pub seconds: Option<u64>,
    pub expires: Option<i64>,
    pub kept: bool,
}

#[derive(Debug)]
pub(crate) struct TimerRow {
    pub to: Option<i64>,
    pub from: Option<i64>,
    pub by_me: Option<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct SystemRow {
    pub action: i64,
    pub old: Option<String>,
    pub old_jid: Option<i64>,
    pub new_jid: Option<i64>,
    pub photo: bool,
    pub blocked: Option<bool>,
    pub timer_refused: Option<i64>,
    pub old_username: Option<String>,
    pub new_username: Option<String>,
}

#[derive(Debug)]
pub(crate) struct CallRow {
    pub call: Option<i64>,
    pub video: bool,
    pub seconds: u64,
    pub result: Option<i64>,
    pub group: bool,
}

#[derive(Debug)]
pub(crate) struct PollRow {
    pub selectable: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct OptionRow {
    pub id: i64,
    pub text: String,
    pub total: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct AddOn {
    pub id: i64,
    pub from_me: bool,
    pub sender: Option<i64>,
    pub at: Option<i64>,
    pub kind: Option<i64>,
    /// `None` when the addition is no reaction; an empty text is a reaction that was taken back.
    pub reaction: Option<String>,
    pub vote: bool,
    pub pin: Option<i64>,
    pub keep: Option<i64>,
    pub answer: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct Invite {
    pub group: Option<String>,
    pub expires: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct EventRow {
    pub name: String,
    pub description: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub place: Option<String>,
    pub address: Option<String>,
    pub link: Option<String>,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub cancelled: bool,
}

#[derive(Debug)]
pub(crate) struct Parent {
    pub key: Option<String>,
    pub from_me: bool,
    pub code: Option<i64>,
}

/// The ways to all side tables, prepared once per file.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    media: Option<Side>,
    link: Option<Side>,
    location: Option<Side>,
    cards: Option<Side>,
    legacy_cards: Option<Side>,
    quoted: Option<Side>,
    legacy_quotes: Option<Side>,
    mentions: Option<Side>,
    forwarded: Option<Side>,
    edited: Option<Side>,
    first_text: Option<Side>,
    revoked: Option<Side>,
    expiring: Option<Side>,
    timer: Option<Side>,
    view_once: Option<Side>,
    album: Option<Side>,
    parent: Option<Side>,
    system: Option<Side>,
    affected: Option<Side>,
    call: Option<Side>,
    callers: Option<Side>,
    missed: Option<Side>,
    poll: Option<Side>,
    options: Option<Side>,
    add_ons: Option<Side>,
    votes: Option<Side>,
    invite: Option<Side>,
    event: Option<Side>,
    elements: Option<Side>,
    reply: Option<Side>,
    template: Option<Side>,
    buttons: Option<Side>,
    order: Option<Side>,
    product: Option<Side>,
    future: Option<Side>,
}

/// Everything that the side tables hold for one run of messages.
#[derive(Debug, Default)]
pub(crate) struct Window {
    pub media: Rows<Media>,
    pub link: Rows<Link>,
    pub location: Rows<Location>,
    pub cards: Rows<String>,
    pub quoted: Rows<Quoted>,
    pub legacy_quotes: Rows<Quoted>,
    pub mentions: Rows<Mentioned>,
    pub forwarded: Rows<Option<i64>>,
    pub edited: Rows<EditRow>,
    pub first_text: Rows<String>,
    pub revoked: Rows<RevokedRow>,
    pub expiring: Rows<Expiring>,
    pub timer: Rows<TimerRow>,
    pub view_once: Rows<Option<i64>>,
    pub album: Rows<(u64, u64)>,
    pub parent: Rows<Parent>,
    pub system: Rows<SystemRow>,
    pub affected: Rows<i64>,
    pub call: Rows<CallRow>,
    pub callers: Rows<i64>,
    pub missed: Rows<CallRow>,
    pub poll: Rows<PollRow>,
    pub options: Rows<OptionRow>,
    pub add_ons: Rows<AddOn>,
    pub votes: Rows<i64>,
    pub invite: Rows<Invite>,
    pub event: Rows<EventRow>,
    pub elements: Rows<String>,
    pub reply: Rows<String>,
    pub template: Rows<String>,
    pub buttons: Rows<String>,
    pub order: Rows<String>,
    pub product: Rows<String>,
    pub future: Rows<()>,
    /// Rows that one run may not hold.
    pub dropped: u64,
    /// Tables that gave an error; their rows up to there are in the window.
    pub failed: Vec<(String, ReadError)>,
}

/// Tables that the reader understands; the rest is reported when it has rows.
pub(crate) const INTERPRETED: &[&str] = &[
    "call_log",
    "call_log_participant_v2",
    "chat",
    "chat_list",
    "group_participant_user",
    "group_participants",
    "group_past_participant_user",
    "jid",
    "jid_map",
    "lid_display_name",
    "message",
    "message_add_on",
    "message_add_on_keep_in_chat",
    "message_add_on_pin_in_chat",
    "message_add_on_poll_vote",
    "message_add_on_poll_vote_selected_option",
    "message_add_on_reaction",
    "message_album",
    "message_association",
    "message_call_log",
    "message_edit_info",
    "message_ephemeral",
    "message_ephemeral_setting",
    "message_event",
    "message_forwarded",
    "message_ftsv2_content",
    "message_future",
    "message_group_invite",
    "message_location",
    "message_media",
    "message_mentions",
    "message_order",
    "message_parent_association",
    "message_poll",
    "message_poll_option",
    "message_product",
    "message_quoted",
    "message_revoked",
    "message_system",
    "message_system_block_contact",
    "message_system_chat_participant",
    "message_system_ephemeral_setting_not_applied",
    "message_system_number_change",
    "message_system_photo_change",
    "message_system_username_change",
    "message_system_value_change",
    "message_template",
    "message_template_button",
    "message_text",
    "message_ui_elements",
    "message_ui_elements_reply",
    "message_vcard",
    "message_view_once_media",
    "messages",
    "messages_quotes",
    "messages_vcards",
    "missed_call_logs",
    "props",
];

impl Sides {
    #[allow(clippy::too_many_lines, reason = "one statement a table, nothing else")]
    pub(crate) fn prepare(schema: &Schema<'_>, table: MessageTable) -> Result<Self, ReadError> {
        let plain = |name: &str, key: &str, columns: &[&str]| -> Result<Option<Side>, ReadError> {
            let Some(list) = schema.columns(name, "s", columns) else { return Ok(None) };
            Side::new(schema, name, key, &list, "")
        };
        let by_message = |name: &str, columns: &[&str]| plain(name, "message_row_id", columns);
        // A LEFT JOIN by the same key; left out with its columns NULL when the table is missing.
        let also = |name: &str, alias: &str, key: &str, on: &str| {
            if schema.has_column(name, key) {
                format!(" LEFT JOIN {name} {alias} ON {alias}.{key} = {on}")
            } else {
                String::new()
            }
        };
        let joined = |name: &str, alias: &str, key: &str, columns: &[&str]| {
            if schema.has_column(name, key) {
                schema.joined(name, alias, columns)
            } else {
                vec!["NULL"; columns.len()].join(", ")
            }
        };
        let legacy = table == MessageTable::Legacy;
        let quoted = match schema.columns(
            "message_quoted",
            "s",
            &["chat_row_id", "from_me", "sender_jid_row_id", "key_id", "timestamp", "message_type", "text_data"],
        ) {
            Some(list) => {
                let key = "message_row_id";
                let caption = joined("message_quoted_media", "qm", key, &["media_caption"]);
                let join = also("message_quoted_media", "qm", key, "s.message_row_id");
                Side::new(schema, "message_quoted", key, &format!("{list}, {caption}"), &join)?
            }
            None => None,
        };
        let system = match schema.columns("message_system", "s", &["action_type"]) {
            Some(list) => {
                let key = "message_row_id";
                let parts: [(&str, &str, &[&str]); 6] = [
                    ("message_system_value_change", "v", &["old_data"]),
                    ("message_system_number_change", "n", &["old_jid_row_id", "new_jid_row_id"]),
                    ("message_system_photo_change", "ph", &["message_row_id"]),
                    ("message_system_block_contact", "b", &["is_blocked"]),
                    ("message_system_ephemeral_setting_not_applied", "e", &["setting_duration"]),
                    ("message_system_username_change", "u", &["old_username", "new_username"]),
                ];
                let columns: String =
                    parts.iter().map(|(name, alias, cols)| format!(", {}", joined(name, alias, key, cols))).collect();
                let joins: String = parts.iter().map(|(name, alias, _)| also(name, alias, key, "s.message_row_id")).collect();
                Side::new(schema, "message_system", key, &format!("{list}{columns}"), &joins)?
            }
            None => None,
        };
        let add_ons = match schema.columns(
            "message_add_on",
            "s",
            &["_id", "from_me", "sender_jid_row_id", "timestamp", "message_add_on_type"],
        ) {
            Some(list) => {
                let key = "message_add_on_row_id";
                let parts: [(&str, &str, &[&str]); 5] = [
                    ("message_add_on_reaction", "r", &["message_add_on_row_id", "reaction", "sender_timestamp"]),
                    ("message_add_on_poll_vote", "v", &["message_add_on_row_id", "sender_timestamp"]),
                    ("message_add_on_pin_in_chat", "p", &["pin_in_chat_state"]),
                    ("message_add_on_keep_in_chat", "k", &["keep_in_chat_state"]),
                    ("message_add_on_event_response", "e", &["response"]),
                ];
                let columns: String =
                    parts.iter().map(|(name, alias, cols)| format!(", {}", joined(name, alias, key, cols))).collect();
                let joins: String = parts.iter().map(|(name, alias, _)| also(name, alias, key, "s._id")).collect();
                Side::new(schema, "message_add_on", "parent_message_row_id", &format!("{list}{columns}"), &joins)?
            }
            None => None,
        };
        let call = if schema.has_column("message_call_log", "call_log_row_id") {
            let list = joined("call_log", "c", "_id", &["_id", "video_call", "duration", "call_result", "group_jid_row_id"]);
            let join = also("call_log", "c", "_id", "s.call_log_row_id");
            Side::new(schema, "message_call_log", "message_row_id", &list, &join)?
        } else {
            None
        };
        let parent_of = |name: &str, key: &str| -> Result<Option<Side>, ReadError> {
            if legacy || !schema.has_column(name, "parent_message_row_id") {
                return Ok(None);
            }
            let list = schema.joined("message", "p", &["key_id", "from_me", "message_type"]);
            Side::new(schema, name, key, &list, "CROSS JOIN message p ON p._id = s.parent_message_row_id")
        };
        let parent = match parent_of("message_parent_association", "message_row_id")? {
            Some(side) => Some(side),
            None => parent_of("message_association", "child_message_row_id")?,
        };
        let media = [
            "file_path",
            "media_name",
            "mime_type",
            "file_size",
            "file_length",
            "file_hash",
            "media_duration",
            "width",
            "height",
            "media_caption",
            "raw_transcription_text",
        ];
        let place = ["latitude", "longitude", "place_name", "place_address", "url", "live_location_share_duration"];
        let event = [
            "name",
            "description",
            "location_latitude",
            "location_longitude",
            "location_name",
            "location_address",
            "join_link",
            "start_time",
            "end_time",
            "is_canceled",
        ];
        let legacy_quote =
            ["key_from_me", "remote_resource", "key_id", "timestamp", "media_wa_type", "data", "media_caption", "key_remote_jid"];
        Ok(Self {
            media: by_message("message_media", &media)?,
            link: by_message("message_text", &["description", "page_title", "url"])?,
            location: by_message("message_location", &place)?,
            cards: by_message("message_vcard", &["vcard"])?,
            legacy_cards: if legacy { by_message("messages_vcards", &["vcard"])? } else { None },
            quoted,
            legacy_quotes: if legacy { plain("messages_quotes", "_id", &legacy_quote)? } else { None },
            mentions: by_message("message_mentions", &["jid_row_id", "display_name", "mention_type"])?,
            forwarded: by_message("message_forwarded", &["forward_score"])?,
            edited: by_message("message_edit_info", &["original_key_id", "edited_timestamp"])?,
            first_text: plain("message_ftsv2_content", "docid", &["c0content"])?,
            revoked: by_message("message_revoked", &["revoked_key_id", "admin_jid_row_id", "revoke_timestamp"])?,
            expiring: by_message("message_ephemeral", &["duration", "expire_timestamp", "keep_in_chat"])?,
            timer: by_message(
                "message_ephemeral_setting",
                &["setting_duration", "pre_setting_duration", "ephemeral_initiated_by_me"],
            )?,
            view_once: by_message("message_view_once_media", &["state"])?,
            album: by_message("message_album", &["image_count", "video_count", "expected_image_count", "expected_video_count"])?,
            parent,
            system,
            affected: by_message("message_system_chat_participant", &["user_jid_row_id"])?,
            call,
            callers: plain("call_log_participant_v2", "call_log_row_id", &["jid_row_id"])?,
            missed: by_message("missed_call_logs", &["_id", "video_call", "group_jid_row_id"])?,
            poll: by_message("message_poll", &["selectable_options_count"])?,
            options: by_message("message_poll_option", &["_id", "option_name", "vote_total"])?,
            add_ons,
            votes: plain("message_add_on_poll_vote_selected_option", "message_add_on_row_id", &["message_poll_option_id"])?,
            invite: by_message("message_group_invite", &["group_name", "expiration"])?,
            event: by_message("message_event", &event)?,
            elements: by_message("message_ui_elements", &["element_content", "description", "footer_text", "button_text"])?,
            reply: by_message("message_ui_elements_reply", &["reply_description", "reply_values"])?,
            template: by_message("message_template", &["content_text_data", "footer_text_data"])?,
            buttons: by_message("message_template_button", &["text_data"])?,
            order: by_message("message_order", &["order_title", "message"])?,
            product: by_message("message_product", &["title", "description", "body", "footer", "url"])?,
            future: by_message("message_future", &["version"])?,
        })
    }

    fn all(&self) -> [Option<&Side>; 35] {
        [
            &self.media,
            &self.link,
            &self.location,
            &self.cards,
            &self.legacy_cards,
            &self.quoted,
            &self.legacy_quotes,
            &self.mentions,
            &self.forwarded,
            &self.edited,
            &self.first_text,
            &self.revoked,
            &self.expiring,
            &self.timer,
            &self.view_once,
            &self.album,
            &self.parent,
            &self.system,
            &self.affected,
            &self.call,
            &self.callers,
            &self.missed,
            &self.poll,
            &self.options,
            &self.add_ons,
            &self.votes,
            &self.invite,
            &self.event,
            &self.elements,
            &self.reply,
            &self.template,
            &self.buttons,
            &self.order,
            &self.product,
            &self.future,
        ]
        .map(Option::as_ref)
    }

    /// Rows that no lookup of ours could hold.
    pub(crate) fn refused(&self) -> u64 {
        self.all().into_iter().flatten().map(Side::refused).sum()
    }

    #[cfg(test)]
    pub(crate) fn statements(&self) -> Vec<String> {
        self.all().into_iter().flatten().map(|side| side.sql().to_owned()).collect()
    }
}

/// Reads the side tables of one run within its bounds.
struct Loader<'l> {
    schema: &'l Schema<'l>,
    repairs: &'l Repairs,
    from: i64,
    to: i64,
    left: Cell<usize>,
    dropped: Cell<u64>,
    failed: RefCell<Vec<(String, ReadError)>>,
}

impl Loader<'_> {
    fn text(&self, row: &Row<'_>, column: usize) -> Option<String> {
        let text = self.repairs.text(row, column)?;
        self.left.set(self.left.get().saturating_sub(text.len()));
        Some(text)
    }

    /// Several texts under each other; absent when none is there.
    fn lines(&self, row: &Row<'_>, columns: std::ops::RangeInclusive<usize>) -> Option<String> {
        let lines: Vec<String> = columns.filter_map(|c| self.text(row, c)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn collect<T>(
        &self,
        side: Option<&Side>,
        keys: Option<&[i64]>,
        mut make: impl FnMut(&Self, &Row<'_>) -> Option<T>,
    ) -> Rows<T> {
        let mut rows = Vec::new();
        let Some(side) = side else { return Rows(rows) };
        let each = |key: i64, row: &Row<'_>| {
            if rows.len() >= MOST_ROWS || self.left.get() == 0 {
                self.dropped.set(self.dropped.get() + 1);
                return false;
            }
            if let Some(made) = make(self, row) {
                let rowid = value::int(row, row.as_ref().column_count().saturating_sub(1)).unwrap_or(0);
                rows.push((key, rowid, Some(made)));
            }
            true
        };
        let read = match keys {
            Some(keys) => side.among(self.schema.conn, keys, each),
            None => side.between(self.schema.conn, self.from, self.to, each),
        };
        if let Err(error) = read {
            self.failed.borrow_mut().push((side.table.clone(), error));
        }
        // An index gives the rows of a message in its own order, a table in that of its rows: one order for both.
        if !rows.is_sorted_by_key(|(key, rowid, _)| (*key, *rowid)) {
            rows.sort_by_key(|(key, rowid, _)| (*key, *rowid));
        }
        Rows(rows)
    }
}

impl Window {
    /// Loads everything for the messages with row ids `from..=to`. `quotes` are the sorted row ids of legacy quotes.
    #[allow(clippy::too_many_lines, reason = "one table after the other, in the order of the struct")]
    pub(crate) fn load(sides: &Sides, schema: &Schema<'_>, repairs: &Repairs, (from, to): (i64, i64), quotes: &[i64]) -> Self {
        let (left, dropped) = (Cell::new(MOST_BYTES), Cell::new(0));
        let l = Loader { schema, repairs, from, to, left, dropped, failed: RefCell::default() };
        let int = value::int;
        let sorted = |mut keys: Vec<i64>| {
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        let mut w = Self {
            media: l.collect(sides.media.as_ref(), None, |l, r| {
                Some(Media {
                    path: l.text(r, 1),
                    name: l.text(r, 2),
                    mime: l.text(r, 3),
                    size: value::unsigned(r, 4).or_else(|| value::unsigned(r, 5)),
                    hash: l.text(r, 6),
                    duration: value::unsigned(r, 7),
                    width: value::unsigned(r, 8),
                    height: value::unsigned(r, 9),
                    caption: l.text(r, 10),
                    transcription: l.text(r, 11),
                })
            }),
            link: l.collect(sides.link.as_ref(), None, |l, r| {
                let link = Link { description: l.text(r, 1), title: l.text(r, 2), url: l.text(r, 3) };
                (link.url.is_some() || link.title.is_some()).then_some(link)
            }),
            location: l.collect(sides.location.as_ref(), None, |l, r| {
                Some(Location {
                    latitude: value::real(r, 1),
                    longitude: value::real(r, 2),
                    name: l.text(r, 3),
                    address: l.text(r, 4),
                    url: l.text(r, 5),
                    live_seconds: value::unsigned(r, 6),
                })
            }),
            cards: l.collect(sides.cards.as_ref(), None, |l, r| l.text(r, 1)),
            quoted: l.collect(sides.quoted.as_ref(), None, |l, r| {
                Some(Quoted {
                    row: int(r, 0)?,
                    table: "message_quoted",
                    chat: int(r, 1),
                    from_me: value::flag(r, 2),
                    sender: int(r, 3).filter(|&s| s > 0),
                    sender_address: None,
                    key: l.text(r, 4),
                    at: value::positive(r, 5),
                    code: int(r, 6),
                    text: l.text(r, 7).or_else(|| l.text(r, 8)),
                })
            }),
            legacy_quotes: if quotes.is_empty() {
                Rows::default()
            } else {
                l.collect(sides.legacy_quotes.as_ref(), Some(quotes), |l, r| {
                    Some(Quoted {
                        row: int(r, 0)?,
                        table: "messages_quotes",
                        chat: None,
                        from_me: value::flag(r, 1),
                        sender: None,
                        sender_address: l.text(r, 2).or_else(|| l.text(r, 8).filter(|_| !value::flag(r, 1))),
                        key: l.text(r, 3),
                        at: value::positive(r, 4),
                        code: int(r, 5),
                        text: l.text(r, 6).or_else(|| l.text(r, 7)),
                    })
                })
            },
            mentions: l.collect(sides.mentions.as_ref(), None, |l, r| {
                Some(Mentioned { jid: int(r, 1).filter(|&j| j > 0), shown: l.text(r, 2), kind: int(r, 3) })
            }),
            forwarded: l.collect(sides.forwarded.as_ref(), None, |_, r| Some(int(r, 1))),
            edited: l
                .collect(sides.edited.as_ref(), None, |l, r| Some(EditRow { original: l.text(r, 1), at: value::positive(r, 2) })),
            revoked: l.collect(sides.revoked.as_ref(), None, |l, r| {
                Some(RevokedRow { original: l.text(r, 1), admin: int(r, 2).filter(|&j| j > 0), at: value::positive(r, 3) })
            }),
            expiring: l.collect(sides.expiring.as_ref(), None, |_, r| {
                Some(Expiring {
                    seconds: int(r, 1).and_then(|s| u64::try_from(s).ok()),
                    expires: value::positive(r, 2),
                    kept: value::flag(r, 3),
                })
            }),
            timer: l
                .collect(sides.timer.as_ref(), None, |_, r| Some(TimerRow { to: int(r, 1), from: int(r, 2), by_me: int(r, 3) })),
            view_once: l.collect(sides.view_once.as_ref(), None, |_, r| Some(int(r, 1))),
            album: l.collect(sides.album.as_ref(), None, |_, r| {
                let or = |a, b| value::unsigned(r, a).or_else(|| value::unsigned(r, b)).unwrap_or(0);
                Some((or(1, 3), or(2, 4)))
            }),
            parent: l.collect(sides.parent.as_ref(), None, |l, r| {
                Some(Parent { key: l.text(r, 1), from_me: value::flag(r, 2), code: int(r, 3) })
            }),
            system: l.collect(sides.system.as_ref(), None, |l, r| {
                Some(SystemRow {
                    action: int(r, 1).unwrap_or(-1),
                    old: l.text(r, 2),
                    old_jid: int(r, 3),
                    new_jid: int(r, 4),
                    photo: int(r, 5).is_some(),
                    blocked: int(r, 6).map(|b| b != 0),
                    timer_refused: int(r, 7),
                    old_username: l.text(r, 8),
                    new_username: l.text(r, 9),
                })
            }),
            affected: l.collect(sides.affected.as_ref(), None, |_, r| int(r, 1)),
            call: l.collect(sides.call.as_ref(), None, |_, r| {
                let call = int(r, 1)?;
                Some(CallRow {
                    call: Some(call),
                    video: value::flag(r, 2),
                    seconds: value::unsigned(r, 3).unwrap_or(0),
                    result: int(r, 4),
                    group: value::positive(r, 5).is_some(),
                })
            }),
            missed: l.collect(sides.missed.as_ref(), None, |_, r| {
                Some(CallRow {
                    call: None,
                    video: value::flag(r, 2),
                    seconds: 0,
                    result: Some(2),
                    group: value::positive(r, 3).is_some(),
                })
            }),
            poll: l.collect(sides.poll.as_ref(), None, |_, r| Some(PollRow { selectable: value::unsigned(r, 1) })),
            options: l.collect(sides.options.as_ref(), None, |l, r| {
                Some(OptionRow { id: int(r, 1)?, text: l.text(r, 2).unwrap_or_default(), total: int(r, 3) })
            }),
            add_ons: l.collect(sides.add_ons.as_ref(), None, |l, r| {
                Some(AddOn {
                    id: int(r, 1)?,
                    from_me: value::flag(r, 2),
                    sender: int(r, 3).filter(|&s| s > 0),
                    at: value::positive(r, 8).or_else(|| value::positive(r, 10)).or_else(|| value::positive(r, 4)),
                    kind: int(r, 5),
                    reaction: int(r, 6).map(|_| l.text(r, 7).unwrap_or_default()),
                    vote: int(r, 9).is_some(),
                    pin: int(r, 11),
                    keep: int(r, 12),
                    answer: int(r, 13),
                })
            }),
            invite: l.collect(sides.invite.as_ref(), None, |l, r| {
                Some(Invite { group: l.text(r, 1), expires: value::positive(r, 2) })
            }),
            event: l.collect(sides.event.as_ref(), None, |l, r| {
                Some(EventRow {
                    name: l.text(r, 1).unwrap_or_default(),
                    description: l.text(r, 2),
                    latitude: value::real(r, 3),
                    longitude: value::real(r, 4),
                    place: l.text(r, 5),
                    address: l.text(r, 6),
                    link: l.text(r, 7),
                    starts: value::positive(r, 8),
                    ends: value::positive(r, 9),
                    cancelled: value::flag(r, 10),
                })
            }),
            elements: l.collect(sides.elements.as_ref(), None, |l, r| {
                let told = l.text(r, 1).and_then(|json| super::interactive::text(&json));
                let plain = l.lines(r, 2..=4);
                told.or(plain)
            }),
            reply: l.collect(sides.reply.as_ref(), None, |l, r| l.text(r, 1).or_else(|| l.text(r, 2))),
            template: l.collect(sides.template.as_ref(), None, |l, r| l.lines(r, 1..=2)),
            buttons: l.collect(sides.buttons.as_ref(), None, |l, r| l.text(r, 1)),
            order: l.collect(sides.order.as_ref(), None, |l, r| l.lines(r, 1..=2)),
            product: l.collect(sides.product.as_ref(), None, |l, r| l.lines(r, 1..=5)),
            future: l.collect(sides.future.as_ref(), None, |_, _| Some(())),
            ..Self::default()
        };
        if sides.legacy_cards.is_some() && w.cards.0.is_empty() {
            w.cards = l.collect(sides.legacy_cards.as_ref(), None, |l, r| l.text(r, 1));
        }
        let edited: Vec<i64> = w.edited.iter().map(|(id, _)| id).collect();
        if !edited.is_empty() {
            w.first_text = l.collect(sides.first_text.as_ref(), Some(&edited), |l, r| l.text(r, 1));
        }
        let votes = sorted(w.add_ons.iter().filter(|(_, a)| a.vote).map(|(_, a)| a.id).collect());
        if !votes.is_empty() {
            w.votes = l.collect(sides.votes.as_ref(), Some(&votes), |_, r| int(r, 1));
        }
        let calls = sorted(w.call.iter().filter_map(|(_, c)| c.call).collect());
        if !calls.is_empty() {
            w.callers = l.collect(sides.callers.as_ref(), Some(&calls), |_, r| int(r, 1).filter(|&j| j > 0));
        }
        w.dropped = l.dropped.get();
        w.failed = l.failed.into_inner();
        w
    }
}
