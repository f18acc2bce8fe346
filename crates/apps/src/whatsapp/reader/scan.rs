//! The pass over the messages, in runs.

use super::{
    ReadError, RecordSink, Scope,
    compose::{Composed, Context},
    gaps::Gaps,
    kept,
    merge::Merge,
    note,
    row::{self, MessageRow},
    schema::Schema,
    sides::Sides,
    summary::{MessageTable, Summary},
    value::{self, Repairs},
    window::Window,
};
use rusqlite::params;
use std::collections::BTreeMap;
use uitlezen_chat::{AttachmentState, Body, Message};
use uitlezen_evidence::Database;

/// Messages in one run.
pub(crate) const RUN: usize = 16_384;
/// Bytes of message rows in one run; a run of giant texts is shorter.
const RUN_BYTES: usize = 16 << 20;
/// Messages of unknown type whose whole row is kept; the rest keeps its text and its code.
const MOST_RAW: u64 = 100_000;
/// Bytes of raw columns kept for one message.
const RAW_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub(crate) struct Scan<'s, 'a> {
    pub database: &'s Database,
    pub schema: &'s Schema<'a>,
    pub repairs: &'s Repairs,
    pub table: MessageTable,
    pub scope: &'s Scope,
}

impl Scan<'_, '_> {
    pub(crate) fn run(
        &self,
        cx: &Context<'_>,
        mut increments: Option<&mut Merge<'_>>,
        summary: &mut Summary,
        sink: &mut dyn RecordSink,
    ) -> Result<(), ReadError> {
        let Some(sql) = row::statement(self.schema, self.table) else { return Ok(()) };
        let sides = match Sides::prepare(self.schema, self.table, self.scope) {
            Ok(sides) => sides,
            Err(error) => {
                note(summary, "message_*", Err(error))?;
                Sides::default()
            }
        };
        summary.oddities.dropped_side_rows += sides.refused();
        let mut last = i64::MIN;
        let mut gaps = Gaps::default();
        loop {
            self.database.restart_clock();
            let mut rows = Vec::new();
            let read = self.collect(&sql, last, &mut rows);
            let broken = read.is_err();
            note(summary, self.table.name(), read)?;
            let (Some(first), Some(end)) = (rows.first().map(|r| r.id), rows.last().map(|r| r.id)) else { break };
            last = end;
            for row in &rows {
                gaps.meet(row.id);
            }
            let mut quotes: Vec<i64> = rows.iter().filter_map(|r| r.legacy.as_ref()?.quoted_row).collect();
            quotes.sort_unstable();
            quotes.dedup();
            self.database.restart_clock();
            let mut window = Window::load(&sides, self.schema, self.repairs, (first, end), &quotes);
            for (table, error) in window.failed.drain(..) {
                note(summary, &table, Err(error))?;
            }
            summary.oddities.dropped_side_rows += window.dropped;
            for row in rows {
                if row.is_dummy() {
                    continue;
                }
                let Some(entry) = cx.entry_of(&row) else {
                    summary.oddities.dropped_messages += 1;
                    continue;
                };
                // Only where increments exist is the key needed once more.
                let key = increments.as_ref().map(|_| (row.from_me, row.key.clone()));
                let beside = window.kept.take_all(row.id);
                let uninterpreted = kept::record(beside, &sides.kept.by_message, cx.jids, summary);
                let composed = cx.compose(row, &mut window, &sides.kept.by_addition, summary);
                let Some(Composed { number, mut message }) = composed else { continue };
                message.uninterpreted = uninterpreted;
                if matches!(message.body, Body::Unknown { .. }) {
                    self.keep_raw(&mut message, summary);
                }
                if let (Some(merge), Some((from_me, key))) = (increments.as_deref_mut(), key) {
                    message = merge.over(cx, entry, from_me, &key, message, summary);
                }
                count(summary, &message);
                sink.message(number, message).map_err(ReadError::Sink)?;
            }
            sink.run_ended().map_err(ReadError::Sink)?;
            if broken {
                break;
            }
        }
        summary.row_gaps = gaps.finish(self.schema, self.table);
        Ok(())
    }

    /// The next run of rows after `last`.
    fn collect(&self, sql: &str, last: i64, into: &mut Vec<MessageRow>) -> Result<(), ReadError> {
        let mut statement = self.schema.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![last, i64::try_from(RUN).unwrap_or(i64::MAX)])?;
        let (mut weight, mut previous) = (0, last);
        while let Some(row) = rows.next()? {
            let Some(row) = MessageRow::read(self.table, row, self.repairs) else { continue };
            // Row ids rise; a damaged tree may lead back to where the pass has been.
            if row.id <= previous {
                return Err(ReadError::Circular);
            }
            previous = row.id;
            weight += row.weight();
            into.push(row);
            if weight >= RUN_BYTES {
                break;
            }
        }
        Ok(())
    }

    /// Keeps the whole row of a message that is not interpreted.
    fn keep_raw(&self, message: &mut Message, summary: &Summary) {
        let seen: u64 = summary.unknown_types.values().sum();
        let Body::Unknown { raw, .. } = &mut message.body else { return };
        if seen > MOST_RAW {
            return;
        }
        let read = || -> Result<BTreeMap<String, String>, ReadError> {
            let sql = format!("SELECT * FROM {} WHERE _id = ?1", self.table.name());
            let mut statement = self.schema.conn.prepare_cached(&sql)?;
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut found = BTreeMap::new();
            let mut rows = statement.query(params![message.source.row])?;
            if let Some(row) = rows.next()? {
                let mut left = RAW_BYTES;
                for (column, name) in names.into_iter().enumerate() {
                    let Some(text) = value::raw(self.repairs, row, column).filter(|t| t.len() <= left && t != "0") else {
                        continue;
                    };
                    left -= text.len();
                    found.insert(name, text);
                }
            }
            Ok(found)
        };
        if let Ok(found) = read() {
            *raw = found;
        }
    }
}

/// Gives out what only the increments hold, after everything that the database holds.
pub(crate) fn give_rest(
    merge: &Merge<'_>,
    cx: &Context<'_>,
    summary: &mut Summary,
    sink: &mut dyn RecordSink,
) -> Result<(), ReadError> {
    for (entry, message) in merge.rest(cx, summary) {
        let Some(number) = cx.book.get(entry).and_then(|e| e.number) else {
            // A status or a channel: not asked for, as in the database.
            summary.increments.new -= 1;
            continue;
        };
        for attachment in &message.attachments {
            match attachment.state {
                AttachmentState::Wanted => summary.attachments_wanted += 1,
                _ => summary.attachments_not_on_phone += 1,
            }
        }
        if let Body::Unknown { code, .. } = &message.body {
            *summary.unknown_types.entry(*code).or_default() += 1;
        }
        summary.revoked += u64::from(matches!(message.body, Body::Revoked(_)));
        count(summary, &message);
        sink.message(number, message).map_err(ReadError::Sink)?;
    }
    Ok(())
}

/// The name under which a body is counted; the same word as in its JSON.
pub(crate) fn kind_of(body: &Body) -> &'static str {
    match body {
        Body::Text { .. } => "text",
        Body::Image { .. } => "image",
        Body::Video { .. } => "video",
        Body::VideoNote => "video-note",
        Body::Gif { .. } => "gif",
        Body::Audio => "audio",
        Body::VoiceNote => "voice-note",
        Body::Document { .. } => "document",
        Body::Sticker => "sticker",
        Body::ViewOnce { .. } => "view-once",
        Body::Place(_) => "place",
        Body::Cards { .. } => "cards",
        Body::Poll(_) => "poll",
        Body::Call(_) => "call",
        Body::GroupInvite(_) => "group-invite",
        Body::Event { .. } => "event",
        Body::Album { .. } => "album",
        Body::Revoked(_) => "revoked",
        Body::System(_) => "system",
        Body::Waiting => "waiting",
        Body::Unknown { .. } => "unknown",
    }
}

fn add(counts: &mut BTreeMap<String, u64>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count += 1;
    } else {
        counts.insert(key.to_owned(), 1);
    }
}

/// Counts one message that goes to the sink.
pub(crate) fn count(summary: &mut Summary, message: &Message) {
    summary.messages += 1;
    add(&mut summary.by_kind, kind_of(&message.body));
    // The local time begins with year and month.
    add(
        &mut summary.by_month,
        message.sent.local.as_deref().filter(|_| message.sent.raw > 0).and_then(|l| l.get(..7)).unwrap_or(""),
    );
    summary.edited += u64::from(message.edited.is_some());
    if message.sent.raw > 0 && message.sent.utc.is_some() {
        // Instants, not numbers: the database writes milliseconds, an increment seconds.
        if summary.newest.as_ref().is_none_or(|n| n.utc < message.sent.utc) {
            summary.newest = Some(message.sent.clone());
        }
        if summary.oldest.as_ref().is_none_or(|o| o.utc > message.sent.utc) {
            summary.oldest = Some(message.sent.clone());
        }
    }
}
