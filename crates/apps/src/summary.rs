//! What a reading answers beside the records: counts, gaps and findings. No content and no names of people; it may stand in
//! the report that role *verantwoording* reads.

use crate::sms::Rcs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uitlezen_chat::{AttachmentState, ConversationNumber, Moment, Source};

/// Which of the two message tables of an Android database was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageTable {
    /// `message`, since 2021.
    #[default]
    Modern,
    /// `messages`, until 2021.
    Legacy,
}

/// A table that holds rows which are not in the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadTable {
    pub table: String,
    /// Exact up to [`UnreadTable::COUNT_LIMIT`]; that value means "this many or more".
    pub rows: u64,
    /// What such a table holds, as far as known.
    pub nature: TableNature,
    /// Why: what the table holds, or what is not known about it.
    #[serde(default)]
    pub reason: String,
}

impl UnreadTable {
    /// Rows are counted no further than this.
    pub const COUNT_LIMIT: u64 = 100_000;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableNature {
    /// Keys, queues, thumbnails, search indexes, receipts: nothing that somebody said.
    Technical,
    /// Outside the scope of this reading (call log, drafts, statuses, channels).
    NotAsked,
    /// Not interpreted, and kept raw: each row stands in the record of the message that it belongs to.
    KeptRaw,
    /// May hold something said or done, and is not interpreted: the reading is not whole for it.
    NotInterpreted,
}

/// Where a database error ended the reading. What was read before it stands in the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The table being read.
    pub table: String,
    /// SQLite's extended result code (8202: damaged or forged bytes; 11: malformed database), -1 when it has none.
    pub code: i32,
}

/// How many view-once messages stand in the conversations, by what became of them (requirement R62).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewOnceCounts {
    pub unseen: u64,
    pub seen: u64,
    pub expired: u64,
    pub unknown: u64,
}

/// The account's default timer as an increment happened to carry it. Never the answer by itself: the holder must show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultTimerHint {
    /// 0 is off.
    pub seconds: u64,
    pub since: Option<Moment>,
    pub source: Source,
}

/// The other person's own default timer for new conversations, from wa.db. Informative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OthersDefaultTimer {
    pub conversation: ConversationNumber,
    pub seconds: u64,
}

/// What the increments beside the full backup did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncrementCounts {
    pub files: u64,
    pub messages: u64,
    pub new: u64,
    /// Messages of which both versions are kept.
    pub changed: u64,
    /// Equal to what the full backup holds.
    pub same: u64,
    /// Entries beside `messages.bin` (deletions among them) and records inside it that are not interpreted.
    pub not_interpreted: u64,
    pub conversations_new: u64,
}

/// Row ids of the message table that no row has. A row that is deleted on the phone leaves such a gap (`reference/android.md
/// §2.6`), and so may an insertion that the app took back: a count, no verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGaps {
    /// Runs of absent ids between the first and the last row.
    pub gaps: u64,
    /// Absent ids in those runs together.
    pub absent: u64,
    /// Absent ids in the longest of those runs.
    pub longest: u64,
    /// Ids from 1 up to the first row.
    pub before_first: u64,
    /// Ids that were given out after the last row, by SQLite's own counter; absent when the file keeps none.
    pub after_last: Option<u64>,
    /// Deletions that the app had noted and not finished (`deleted_chat_job`).
    pub deletions_pending: u64,
}

/// How the holder was recognised among the people of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum HolderKnown {
    /// Not at all: where the database names the holder by number, they stand as a participant like any other.
    #[default]
    No,
    /// The plan or the phone told the number.
    Told,
    /// Rows that the app wrote as the holder's own name their author, and all name the same one. By table: how many rows.
    ByOwnRows { rows: BTreeMap<String, u64> },
    /// Such rows name more than one number.
    Contradictory { addresses: u64 },
}

/// Records left out because the plan did not ask for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAsked {
    pub status_messages: u64,
    pub newsletter_messages: u64,
    /// Calls of the call log that do not stand in a conversation.
    pub calls: u64,
    pub drafts: u64,
    /// Contacts that an increment lists (address book).
    #[serde(default)]
    pub contacts: u64,
}

/// Rows that could not be placed or had to be repaired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oddities {
    /// Dummy rows that the app itself keeps (key id -1); not messages.
    pub dummies: u64,
    /// Messages whose conversation is not in the table of conversations; they stand in a conversation of their own.
    pub without_conversation: u64,
    /// Messages that could not be placed at all (more unknown conversations than a database can have).
    pub dropped_messages: u64,
    /// Rows of other tables beyond what one message or window may have.
    pub dropped_side_rows: u64,
    pub unresolved_senders: u64,
    pub unresolved_lids: u64,
    /// Hidden ids of which two tables name different numbers; the first is kept.
    #[serde(default)]
    pub contradictory_lids: u64,
    pub invalid_utf8_texts: u64,
    pub cut_texts: u64,
    pub bad_times: u64,
    /// Conversations without an address and without messages: left out.
    pub empty_conversations_without_address: u64,
    /// Rows whose message row id occurs twice or message keys that occur twice in a conversation.
    pub duplicate_keys: u64,
}

/// What lies in the app's own folder of recently deleted messages: how many, and when. Nothing of what they say is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentlyDeleted {
    pub messages: u64,
    /// Parts of messages of which the rest is still there.
    pub parts: u64,
    /// Reactions to such messages.
    pub reactions: u64,
    pub first_deleted: Option<Moment>,
    pub last_deleted: Option<Moment>,
}

/// What is there and could not be decoded. It stands raw in the record of its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecoded {
    /// Texts of messages, or of earlier versions of them.
    pub texts: u64,
    /// Attributes beside a text that was readable.
    pub attributes: u64,
    /// Histories of edits.
    pub histories: u64,
}

/// The answer of one reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub table: MessageTable,
    pub conversations: u64,
    pub messages: u64,
    /// By kind of body ("text", "voice-note", "system", ...).
    pub by_kind: BTreeMap<String, u64>,
    /// `YYYY-MM` in the Netherlands to number of messages; messages without a calendar time under `""`.
    pub by_month: BTreeMap<String, u64>,
    /// Files named by messages and to be fetched.
    pub attachments_wanted: u64,
    /// Files that messages speak of and that the app never had or never keeps.
    pub attachments_not_on_phone: u64,
    /// Files that messages speak of and that may be there, which this reading cannot get at: by the reason in the record.
    #[serde(default)]
    pub attachments_not_read: BTreeMap<String, u64>,
    /// Files that the app should have and that lie nowhere in what was read.
    #[serde(default)]
    pub attachments_missing: u64,
    /// The last and the first message by the instant of sending, whatever unit each was written in; messages without a time
    /// after 1970 do not count.
    pub newest: Option<Moment>,
    pub oldest: Option<Moment>,
    pub row_gaps: RowGaps,
    pub holder: HolderKnown,
    /// Message types that are not interpreted: code to count.
    pub unknown_types: BTreeMap<i64, u64>,
    /// Action codes of notices that are not interpreted: code to count.
    pub unknown_actions: BTreeMap<i64, u64>,
    /// Kinds of additions to messages (reactions, votes and the like) that are not interpreted.
    pub unknown_additions: BTreeMap<i64, u64>,
    /// Messages that the app itself could not decode yet (`message_future`).
    pub undecoded_by_app: u64,
    pub view_once: ViewOnceCounts,
    pub revoked: u64,
    pub edited: u64,
    /// Pins in conversations and their removals.
    pub pins: u64,
    /// "Keep in chat" marks and their removals.
    pub keeps: u64,
    /// Rows of tables that are not interpreted, by table: they stand raw in the record of their message, or their message was
    /// not asked for.
    pub kept_raw: BTreeMap<String, u64>,
    pub tables_unread: Vec<UnreadTable>,
    pub tables_missing: Vec<String>,
    /// `table.column`.
    pub columns_missing: Vec<String>,
    /// Whether wa.db was there and gave contacts.
    pub contacts_read: Option<u64>,
    /// Pairs of a hidden id and a number, by the table that told them.
    #[serde(default)]
    pub lid_pairs: BTreeMap<String, u64>,
    /// Fields within a column that no reference explains: `column.field` to how many rows had it.
    #[serde(default)]
    pub fields_not_interpreted: BTreeMap<String, u64>,
    pub increments: IncrementCounts,
    pub default_timer_hint: Option<DefaultTimerHint>,
    pub others_default_timers: Vec<OthersDefaultTimer>,
    pub not_asked: NotAsked,
    #[serde(default)]
    pub recently_deleted: RecentlyDeleted,
    #[serde(default)]
    pub undecoded: Undecoded,
    pub oddities: Oddities,
    /// Whether all of the phone's RCS is in the records; absent of an app that carries none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rcs: Option<Rcs>,
    /// Set when an error ended the reading early.
    pub stopped: Vec<Stopped>,
}

/// Adds up counts by key.
fn add_up<K: Ord>(to: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *to.entry(key).or_default() += count;
    }
}

impl ViewOnceCounts {
    fn add(&mut self, more: Self) {
        let Self { unseen, seen, expired, unknown } = more;
        self.unseen += unseen;
        self.seen += seen;
        self.expired += expired;
        self.unknown += unknown;
    }
}

impl IncrementCounts {
    fn add(&mut self, more: &Self) {
        let Self { files, messages, new, changed, same, not_interpreted, conversations_new } = more;
        self.files += files;
        self.messages += messages;
        self.new += new;
        self.changed += changed;
        self.same += same;
        self.not_interpreted += not_interpreted;
        self.conversations_new += conversations_new;
    }
}

impl NotAsked {
    fn add(&mut self, more: Self) {
        let Self { status_messages, newsletter_messages, calls, drafts, contacts } = more;
        self.status_messages += status_messages;
        self.newsletter_messages += newsletter_messages;
        self.calls += calls;
        self.drafts += drafts;
        self.contacts += contacts;
    }
}

impl Undecoded {
    fn add(&mut self, more: Self) {
        let Self { texts, attributes, histories } = more;
        self.texts += texts;
        self.attributes += attributes;
        self.histories += histories;
    }
}

impl Oddities {
    fn add(&mut self, more: &Self) {
        let Self {
            dummies,
            without_conversation,
            dropped_messages,
            dropped_side_rows,
            unresolved_senders,
            unresolved_lids,
            contradictory_lids,
            invalid_utf8_texts,
            cut_texts,
            bad_times,
            empty_conversations_without_address,
            duplicate_keys,
        } = more;
        self.dummies += dummies;
        self.without_conversation += without_conversation;
        self.dropped_messages += dropped_messages;
        self.dropped_side_rows += dropped_side_rows;
        self.unresolved_senders += unresolved_senders;
        self.unresolved_lids += unresolved_lids;
        self.contradictory_lids += contradictory_lids;
        self.invalid_utf8_texts += invalid_utf8_texts;
        self.cut_texts += cut_texts;
        self.bad_times += bad_times;
        self.empty_conversations_without_address += empty_conversations_without_address;
        self.duplicate_keys += duplicate_keys;
    }
}

impl Summary {
    /// Adds what a run of messages behind those counted so far amounts to. What is said of the whole file stays as it is.
    pub(crate) fn absorb(&mut self, run: Self) {
        let Self {
            table: _,
            row_gaps: _,
            holder: _,
            tables_missing: _,
            columns_missing: _,
            contacts_read: _,
            lid_pairs: _,
            recently_deleted: _,
            rcs: _,
            conversations,
            messages,
            by_kind,
            by_month,
            attachments_wanted,
            attachments_not_on_phone,
            attachments_not_read,
            attachments_missing,
            newest,
            oldest,
            unknown_types,
            unknown_actions,
            unknown_additions,
            undecoded_by_app,
            view_once,
            revoked,
            edited,
            pins,
            keeps,
            kept_raw,
            tables_unread,
            fields_not_interpreted,
            increments,
            default_timer_hint,
            others_default_timers,
            not_asked,
            undecoded,
            oddities,
            stopped,
        } = run;
        self.conversations += conversations;
        self.messages += messages;
        add_up(&mut self.by_kind, by_kind);
        add_up(&mut self.by_month, by_month);
        self.attachments_wanted += attachments_wanted;
        self.attachments_not_on_phone += attachments_not_on_phone;
        add_up(&mut self.attachments_not_read, attachments_not_read);
        self.attachments_missing += attachments_missing;
        for seen in [newest, oldest].iter().flatten() {
            self.saw(seen);
        }
        add_up(&mut self.unknown_types, unknown_types);
        add_up(&mut self.unknown_actions, unknown_actions);
        add_up(&mut self.unknown_additions, unknown_additions);
        self.undecoded_by_app += undecoded_by_app;
        self.view_once.add(view_once);
        self.revoked += revoked;
        self.edited += edited;
        self.pins += pins;
        self.keeps += keeps;
        add_up(&mut self.kept_raw, kept_raw);
        self.tables_unread.extend(tables_unread);
        add_up(&mut self.fields_not_interpreted, fields_not_interpreted);
        self.increments.add(&increments);
        self.default_timer_hint = self.default_timer_hint.take().or(default_timer_hint);
        self.others_default_timers.extend(others_default_timers);
        self.not_asked.add(not_asked);
        self.undecoded.add(undecoded);
        self.oddities.add(&oddities);
        for stop in stopped {
            if !self.stopped.contains(&stop) {
                self.stopped.push(stop);
            }
        }
    }

    /// Counts a file that a message names, by what is known of it while reading.
    pub(crate) fn names_file(&mut self, state: &AttachmentState) {
        match state {
            AttachmentState::Wanted => self.attachments_wanted += 1,
            AttachmentState::Missing => self.attachments_missing += 1,
            AttachmentState::NotRead { reason } => *self.attachments_not_read.entry(reason.clone()).or_default() += 1,
            _ => self.attachments_not_on_phone += 1,
        }
    }

    /// A message was sent then. Instants count, not numbers: the database writes milliseconds, an increment seconds.
    pub(crate) fn saw(&mut self, sent: &Moment) {
        if sent.raw <= 0 || sent.utc.is_none() {
            return;
        }
        if self.oldest.as_ref().is_none_or(|o| o.utc > sent.utc) {
            self.oldest = Some(sent.clone());
        }
        if self.newest.as_ref().is_none_or(|n| n.utc < sent.utc) {
            self.newest = Some(sent.clone());
        }
    }

    /// Whether everything that was asked for and lay in the evidence stands in the records.
    ///
    /// A message of an unknown type stands there raw, so it does not count against this; what is in no record does. Tables
    /// that are not interpreted are a finding of their own: see [`Summary::uninterpreted_tables`].
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.stopped.is_empty()
            && self.increments.not_interpreted == 0
            && self.oddities.dropped_messages == 0
            && self.oddities.dropped_side_rows == 0
            && self.oddities.cut_texts == 0
            && self.undecoded == Undecoded::default()
            && self.attachments_not_read.is_empty()
    }

    /// Tables with rows that may hold something said or done and that no reader understands.
    pub fn uninterpreted_tables(&self) -> impl Iterator<Item = &UnreadTable> {
        self.tables_unread.iter().filter(|t| t.nature == TableNature::NotInterpreted)
    }
}
