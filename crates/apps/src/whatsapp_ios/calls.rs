//! The call log (`CallHistory.sqlite`): counted, and read only when the plan asks for it. A call stands in the conversation with
//! whom, or with which group, it was held.

use super::{compose::Context, survey::Survey};
use crate::{
    ReadError,
    reading::{cocoa, schema::Schema, value},
    whatsapp::parties::{
        book::{ChatRow, source},
        jids::JidKind,
    },
};
use foldhash::HashMap;
use std::collections::BTreeMap;
use uitlezen_chat::{
    Body, Call, CallOutcome, ConversationNumber, Direction, EvidenceId, Message, MessageId, Moment, Sender, TimeUnit,
};

const MOST: usize = 1_000_000;

/// A row of `ZWACDCALLEVENT` with the call that it belongs to.
#[derive(Debug)]
struct Logged {
    row: i64,
    item: EvidenceId,
    /// Index of the conversation.
    place: usize,
    at: Option<Moment>,
    seconds: u64,
    outcome: Option<i64>,
    /// Not known where the aggregate that says so is missing.
    incoming: Option<bool>,
    video: bool,
    group: bool,
    participants: Vec<i64>,
}

/// The calls that were asked for.
#[derive(Debug, Default)]
pub(super) struct Log {
    calls: Vec<Logged>,
    pub(super) refused: u64,
}

fn outcome(raw: Option<i64>) -> CallOutcome {
    match raw {
        Some(0) => CallOutcome::Answered,
        Some(1) => CallOutcome::Missed,
        Some(4) => CallOutcome::Rejected,
        // 2 is a call that failed, whosever line it was.
        other => CallOutcome::Unknown(other.unwrap_or(-1)),
    }
}

impl Log {
    /// Reads the log where it was asked for; else only counts it. Whoever was in a call occurs in its conversation.
    pub(super) fn load(&mut self, schema: &Schema<'_>, item: EvidenceId, survey: &mut Survey<'_, '_>) -> Result<(), ReadError> {
        let mut with: HashMap<i64, Vec<i64>> = HashMap::default();
        if survey.scope.call_log
            && let Some(columns) = schema.columns("zwacdcalleventparticipant", "p", &["z1participants", "zjidstring"])
        {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM zwacdcalleventparticipant p"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let (Some(call), Some(address)) = (value::int(row, 0), survey.repairs.text(row, 1)) else { continue };
                let jid = survey.jids.row_of(&address);
                with.entry(call).or_default().push(jid);
            }
        }
        let wanted =
            ["rowid", "zoutcome", "z1callevents", "zdate", "zduration", "zgroupcallcreatoruserjidstring", "zgroupjidstring"];
        let Some(columns) = schema.columns("zwacdcallevent", "c", &wanted) else { return Ok(()) };
        let aggregate = ["zincoming", "zvideo"];
        let joins = schema.has_column("zwacdcallevent", "z1callevents") && schema.is_keyed("zwaaggregatecallevent", "z_pk");
        let known = if joins { schema.joined("zwaaggregatecallevent", "a", &aggregate) } else { "NULL, NULL".to_owned() };
        let join = if joins { "LEFT JOIN zwaaggregatecallevent a ON a.z_pk = c.z1callevents" } else { "" };
        let mut all = schema.prepare(&format!("SELECT {columns}, {known} FROM zwacdcallevent c {join} ORDER BY c.rowid"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if !survey.scope.call_log {
                survey.summary.not_asked.calls += 1;
                continue;
            }
            let Some(id) = value::int(row, 0) else { continue };
            if self.calls.len() >= MOST {
                self.refused += 1;
                continue;
            }
            let participants = with.remove(&id).unwrap_or_default();
            let group = survey.repairs.text(row, 6).filter(|group| survey.kind(group) == JidKind::Group);
            let creator = survey.repairs.text(row, 5).map(|address| survey.jids.row_of(&address));
            let home = match &group {
                Some(group) => Some(survey.jids.row_of(group)),
                None => participants.first().copied().or(creator),
            };
            let Some(home) = home else {
                self.refused += 1;
                continue;
            };
            let place = survey.conversation(home, source(item, "ZWACDCALLEVENT", id));
            for person in participants.iter().chain(&creator) {
                survey.book.meet(survey.jids, place, *person);
            }
            if let Some(entry) = survey.book.entries.get_mut(place) {
                entry.messages += 1;
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held against the bounds")]
            let seconds = value::real(row, 4).filter(|s| (0.0..1e9).contains(s)).map_or(0, |s| s.round() as u64);
            self.calls.push(Logged {
                row: id,
                item,
                place,
                at: cocoa::at(row, 3),
                seconds,
                outcome: value::int(row, 1),
                incoming: value::int(row, 7).map(|incoming| incoming != 0),
                video: value::flag(row, 8),
                group: group.is_some() || participants.len() > 1,
                participants,
            });
        }
        Ok(())
    }

    /// The calls as records, in the order of the log.
    pub(super) fn records<'l>(&'l self, cx: &'l Context<'_>) -> impl Iterator<Item = (ConversationNumber, Box<Message>)> + 'l {
        self.calls.iter().filter_map(|call| Some((cx.book.get(call.place)?.number?, call.record(cx))))
    }
}

impl Logged {
    fn record(&self, cx: &Context<'_>) -> Box<Message> {
        let participants: Vec<Sender> = self.participants.iter().filter_map(|jid| cx.person(*jid)).collect();
        let other = participants.iter().find(|who| matches!(who, Sender::Participant(_))).cloned();
        let (direction, sender) = match self.incoming {
            Some(true) => (Direction::Received, other.unwrap_or(Sender::Unknown)),
            Some(false) => (Direction::Sent, Sender::Holder),
            None => (Direction::Notice, Sender::Unknown),
        };
        Box::new(Message {
            id: MessageId(format!("call:{}", self.row)),
            direction,
            sender,
            sent: self.at.clone().unwrap_or_else(|| Moment::new(0, TimeUnit::SecondsOf2001)),
            received: None,
            body: Body::Call(Call {
                video: self.video,
                group: self.group,
                duration_seconds: self.seconds,
                outcome: outcome(self.outcome),
                participants,
            }),
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
            uninterpreted: BTreeMap::new(),
            status_raw: None,
            delivery: None,
            earlier: Vec::new(),
            source: source(self.item, "ZWACDCALLEVENT", self.row),
        })
    }
}

impl Survey<'_, '_> {
    /// The conversation of an address, made when there is none.
    fn conversation(&mut self, jid: i64, from: uitlezen_chat::Source) -> usize {
        if let Some(known) = self.book.of_jid(self.jids, jid) {
            return known;
        }
        let row = ChatRow {
            chat: None,
            jid: Some(jid),
            subject: None,
            created: None,
            archived: false,
            locked: false,
            group_type: None,
            community: false,
            uninterpreted: BTreeMap::new(),
            timer: super::chats::no_timer(),
            source: from,
        };
        self.book.add_chat(self.jids, self.scope, row)
    }
}
