//! One message put together from its row and what stands beside it.

use super::{
    blobs,
    book::{Book, Entry, source},
    content,
    events::{self, Member, Notice},
    people::People,
    row::MessageRow,
    time, timer,
};
use crate::{Summary, reading::rows::Rows};
use foldhash::HashSet;
use std::collections::BTreeMap;
use uitlezen_chat::{
    Body, Call, CallOutcome, ConversationKind, Direction, EvidenceId, Forward, MembershipChange, Message, MessageId, Moment,
    Quote, Reaction, Sender, SystemEvent, SystemEventKind,
};

/// A link that was sent along (`ZWAMESSAGEDATAITEM`).
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) raw: Vec<(&'static str, String)>,
}

/// What every message needs to know of the whole.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) item: EvidenceId,
    pub(super) people: &'c People,
    pub(super) book: &'c Book,
    /// Rows whose message id stands twice in their conversation.
    pub(super) twice: &'c HashSet<i64>,
}

/// Who a message is from, as far as the row says it: the member, the address, or the other side of a conversation between two.
fn author(row: &MessageRow, index: usize, book: &Book, find: impl FnOnce(&str) -> Option<u32>) -> Option<u32> {
    let member = row.member.and_then(|member| book.of_member(member));
    let from = || row.from.as_deref().and_then(find);
    let partner = || book.entries.get(index).filter(|e| e.kind == ConversationKind::Direct)?.partner;
    member.or_else(from).or_else(partner)
}

/// Meets everybody whom a row names, before conversations go out.
pub(super) fn meet(row: &MessageRow, index: usize, item: EvidenceId, book: &mut Book, people: &mut People) {
    let author = if row.from_me { None } else { author(row, index, book, |jid| people.person(jid)) };
    let notice = events::is_notice(row.kind);
    if let Some(author) = author {
        book.meet(index, author);
        if !notice {
            people.name(author, row.push_name.clone(), uitlezen_chat::NameOrigin::PushName);
        }
    }
    let quoted = row.media.iter().filter_map(|media| media.metadata.quoted_author.as_deref());
    let reacted = row.info.reactions.iter().filter_map(|reaction| reaction.by.as_deref());
    let named: Vec<u32> = quoted.chain(reacted).filter_map(|jid| people.person(jid)).collect();
    for person in named {
        book.meet(index, person);
    }
    if !notice {
        return;
    }
    let place = source(item, "ZWAMESSAGE", row.id);
    let at = row.date.and_then(time::moment);
    let by = if row.from_me { Some(Sender::Holder) } else { author.and_then(|author| people.sender(author)) };
    match events::of(row.kind, row.event) {
        Notice::Event(SystemEventKind::TimerChanged, _) => {
            book.timer(index, at, by.unwrap_or(Sender::Unknown), seconds(row), place);
        }
        Notice::Event(_, Member::Self_) => {
            let joined = row.event != 3;
            if let Some(author) = author {
                book.changed(index, author, MembershipChange { joined, at, by, source: place });
            }
        }
        _ => {}
    }
}

/// The timer that a notice sets.
fn seconds(row: &MessageRow) -> Option<u64> {
    if row.kind == events::TIMER {
        // Off is written by leaving the field out; a blob that is not there, or not whole, says nothing.
        let metadata = &row.media.as_ref()?.metadata;
        metadata.timer.or((!metadata.malformed && metadata.there).then_some(0))
    } else {
        timer::seconds(row.text.as_deref())
    }
}

impl Context<'_> {
    fn id(&self, row: &MessageRow) -> MessageId {
        MessageId(match row.stanza.as_deref() {
            Some(stanza) if !self.twice.contains(&row.id) => stanza.to_owned(),
            Some(stanza) => format!("{stanza}@row:{}", row.id),
            None => format!("row:{}", row.id),
        })
    }

    /// Whoever is no participant here is not named here.
    fn here(&self, jid: &str, index: usize) -> Sender {
        let person = self.people.known(jid).filter(|person| self.book.occurs(index, *person));
        person.and_then(|person| self.people.sender(person)).unwrap_or(Sender::Unknown)
    }

    pub(super) fn compose(
        &self,
        mut row: MessageRow,
        index: usize,
        entry: &Entry,
        links: &mut Rows<Link>,
        summary: &mut Summary,
    ) -> Box<Message> {
        let notice = events::is_notice(row.kind);
        let author = if row.from_me { None } else { author(&row, index, self.book, |jid| self.people.known(jid)) };
        let holder = row.from_me || author.is_some_and(|author| self.people.is_holder(author));
        let sender = match author {
            _ if holder => Sender::Holder,
            Some(author) if self.book.occurs(index, author) => self.people.sender(author).unwrap_or(Sender::Unknown),
            _ => Sender::Unknown,
        };
        summary.oddities.unresolved_senders += u64::from(sender == Sender::Unknown && !notice);
        let direction = match (notice, holder) {
            (true, _) => Direction::Notice,
            (false, true) => Direction::Sent,
            (false, false) => Direction::Received,
        };
        let (shown, sent) = (row.date.and_then(time::moment), row.sent.and_then(time::moment));
        summary.oddities.bad_times += u64::from(shown.is_none() && sent.is_none());
        let received = shown.clone().filter(|_| !holder && sent.is_some());
        let mut uninterpreted: BTreeMap<String, String> = row.kept.drain(..).map(|(name, raw)| (name.to_owned(), raw)).collect();
        self.raw(&row, &mut uninterpreted, summary);
        let mut message = Box::new(Message {
            id: self.id(&row),
            direction,
            sender: if notice && sender == Sender::Unknown { Sender::App } else { sender },
            sent: sent.or(shown).unwrap_or_else(|| Moment::from_seconds(0)),
            received,
            body: Body::Waiting,
            attachments: Vec::new(),
            quote: self.quote(&row, index).map(Box::new),
            mentions: Vec::new(),
            reactions: self.reactions(&row, index),
            forwarded: row
                .media
                .as_ref()
                .and_then(|m| m.metadata.forwards)
                .filter(|n| *n > 0)
                .map(|n| Forward { score: Some(n) }),
            pins: Vec::new(),
            kept: Vec::new(),
            additions: Vec::new(),
            edited: None,
            expiry: None,
            starred: row.starred,
            album: None,
            comment_on: None,
            uninterpreted,
            status_raw: row.status,
            delivery: None,
            earlier: Vec::new(),
            source: source(self.item, "ZWAMESSAGE", row.id),
        });
        for link in links.take_all(row.id) {
            for (name, raw) in &link.raw {
                message.uninterpreted.insert((*name).to_owned(), raw.clone());
            }
            content::link(&mut row, link);
        }
        if notice {
            message.body = self.notice(&mut row, index, &mut message, summary);
        } else {
            content::fill(row, entry.kind, &mut message, summary);
        }
        message
    }

    /// Blobs that could not be walked stay in the record.
    fn raw(&self, row: &MessageRow, into: &mut BTreeMap<String, String>, summary: &mut Summary) {
        if let Some(blob) = row.media.as_ref().and_then(|media| media.undecoded.as_deref()) {
            blobs::kept(into, "ZWAMEDIAITEM.ZMETADATA", blob);
            summary.undecoded.attributes += 1;
        }
        if let Some(blob) = row.info_undecoded.as_deref() {
            blobs::kept(into, "ZWAMESSAGEINFO.ZRECEIPTINFO", blob);
            summary.undecoded.attributes += 1;
        }
    }

    fn quote(&self, row: &MessageRow, index: usize) -> Option<Quote> {
        let media = row.media.as_ref()?;
        let id = media.metadata.quoted_id.clone()?;
        let sender = media.metadata.quoted_author.as_deref().map_or(Sender::Unknown, |jid| self.here(jid, index));
        Some(Quote {
            id: Some(MessageId(id)),
            conversation: None,
            sender,
            sent: None,
            text: media.metadata.quoted_text.clone(),
            media_name: None,
            media_type: None,
            place: None,
            cards: Vec::new(),
            kind_raw: None,
            withheld: false,
            source: source(self.item, "ZWAMESSAGE", row.id),
        })
    }

    fn reactions(&self, row: &MessageRow, index: usize) -> Vec<Reaction> {
        let one = |reaction: &blobs::Reacted| Reaction {
            by: reaction.by.as_deref().map_or(Sender::Holder, |jid| self.here(jid, index)),
            emoji: reaction.emoji.clone(),
            removed: false,
            at: reaction.at_ms.map(Moment::from_millis),
            kind_raw: None,
            part: None,
            source: source(self.item, "ZWAMESSAGE", row.id),
        };
        row.info.reactions.iter().map(one).collect()
    }

    fn notice(&self, row: &mut MessageRow, index: usize, message: &mut Message, summary: &mut Summary) -> Body {
        let actor = Some(message.sender.clone()).filter(|who| matches!(who, Sender::Holder | Sender::Participant(_)));
        // A notice of the one kind and one of the other share their numbers.
        message.uninterpreted.insert("ZWAMESSAGE.ZMESSAGETYPE".to_owned(), row.kind.to_string());
        let (event, member) = match events::of(row.kind, row.event) {
            Notice::Event(event, member) => (event, member),
            Notice::MissedCall { video, group } => {
                message.uninterpreted.insert("ZWAMESSAGE.ZGROUPEVENTTYPE".to_owned(), row.event.to_string());
                let participants = actor.into_iter().collect();
                return Body::Call(Call { video, group, duration_seconds: 0, outcome: CallOutcome::Missed, participants });
            }
        };
        if event == SystemEventKind::Other {
            // By kind and event: 10,047 is event 47 of kind 10.
            *summary.unknown_actions.entry(row.kind.saturating_mul(1000).saturating_add(row.event)).or_default() += 1;
        }
        let named = row.member.and_then(|member| self.book.of_member(member)).filter(|p| self.book.occurs(index, *p));
        let (actor, affected) = match member {
            Member::Actor => (actor, Vec::new()),
            Member::Self_ => (actor.clone(), actor.into_iter().collect()),
            Member::Unknown => {
                if let Some(jid) = named.and_then(|person| self.people.jid(person)) {
                    message.uninterpreted.insert("ZWAMESSAGE.ZGROUPMEMBER".to_owned(), jid.to_owned());
                }
                message.sender = if row.from_me { Sender::Holder } else { Sender::App };
                (None, Vec::new())
            }
        };
        let new = match event {
            SystemEventKind::TimerChanged => seconds(row).map(|seconds| seconds.to_string()),
            _ => row.text.take(),
        };
        Body::System(SystemEvent { event, code: row.event, actor, affected, old: None, new, holder_joined: None, about: None })
    }
}
