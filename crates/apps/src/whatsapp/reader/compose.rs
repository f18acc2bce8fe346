//! One message put together from its row and what the other tables hold about it.

use super::{
    MessageTable, Summary, content,
    kept::{self, KeptTable},
    parts::{AddOn, Quoted},
    row::{MessageRow, flags},
    survey::timer_setter,
    window::Window,
};
use crate::whatsapp::parties::{
    book::{Book, Entry, message_id, source},
    jids::Jids,
    people::{HOLDER, People},
};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Addition, Body, Card, ConversationNumber, Direction, Edit, EventAnswer, EvidenceId, ExpiryMark, Forward, Mark, Mention,
    Message, Moment, Quote, Reaction, Sender, SystemEvent, SystemEventKind,
};

/// What every message needs to know of the whole.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    pub item: EvidenceId,
    pub table: MessageTable,
    pub jids: &'c Jids,
    pub people: &'c People,
    pub book: &'c Book,
}

/// A message and the conversation it belongs to.
#[derive(Debug)]
pub(crate) struct Composed {
    pub number: ConversationNumber,
    /// Large: to move it costs more than to put it in a place of its own.
    pub message: Box<Message>,
}

impl Context<'_> {
    pub(crate) fn entry_of(&self, row: &MessageRow) -> Option<usize> {
        match &row.chat_address {
            Some(address) => self.book.of_jid(self.jids, self.jids.find(address)?),
            None => self.book.of_chat(row.chat),
        }
    }

    fn person(&self, row: Option<i64>) -> Option<Sender> {
        self.people.sender(self.jids, row?)
    }

    fn address(&self, address: Option<&str>) -> Option<Sender> {
        self.person(self.jids.find(address?))
    }

    fn partner(&self, entry: &Entry) -> Option<Sender> {
        self.person(entry.partner())
    }

    /// Puts one message together; `None` when its conversation is not read.
    pub(crate) fn compose(
        &self,
        mut row: MessageRow,
        window: &mut Window,
        beside_additions: &[KeptTable],
        summary: &mut Summary,
    ) -> Option<Composed> {
        let index = self.entry_of(&row)?;
        let entry = self.book.get(index)?;
        let number = entry.number?;
        let id = row.id;
        let mut named = self.person(row.sender).or_else(|| self.address(row.sender_address.as_deref()));
        let system = window.system.take(id);
        let timer = window.timer.take(id);
        let notice = system.is_some() || timer.is_some() || matches!(row.code, Some(7 | 36 | 57));
        let (direction, sender) = if notice {
            (Direction::Notice, named.clone().unwrap_or(Sender::App))
        } else if row.from_me {
            (Direction::Sent, Sender::Holder)
        } else {
            let sender = named.take().or_else(|| self.partner(entry)).unwrap_or(Sender::Unknown);
            if sender == Sender::Unknown {
                summary.oddities.unresolved_senders += 1;
            }
            (Direction::Received, sender)
        };
        let mut message = Box::new(Message {
            id: message_id(self.book, index, row.from_me, std::mem::take(&mut row.key), id, named.as_ref().unwrap_or(&sender)),
            direction,
            sender,
            sent: Moment::from_millis(row.sent.unwrap_or(0)),
            received: row.received.map(Moment::from_millis),
            body: Body::Waiting,
            attachments: Vec::new(),
            quote: None,
            mentions: self.mentions(&row, window),
            reactions: Vec::new(),
            forwarded: self.forwarded(&row, window),
            pins: Vec::new(),
            kept: Vec::new(),
            additions: Vec::new(),
            edited: window.edited.take(id).map(|edit| {
                Box::new(Edit {
                    at: edit.at.map(Moment::from_millis),
                    original_id: edit.original,
                    unsent_parts: Vec::new(),
                    source: source(self.item, "message_edit_info", id),
                })
            }),
            expiry: window.expiring.take(id).map(|e| {
                Box::new(ExpiryMark {
                    seconds: e.seconds.unwrap_or(0),
                    expires: e.expires.map(Moment::from_millis),
                    kept: e.kept,
                })
            }),
            starred: row.starred,
            album: window
                .parent
                .take(id)
                .filter(|p| p.code == Some(99))
                .and_then(|p| p.key.map(|key| message_id(self.book, index, p.from_me, key, 0, &Sender::Unknown))),
            comment_on: window
                .comment
                .take(id)
                .and_then(|p| p.key.map(|key| message_id(self.book, index, p.from_me, key, 0, &Sender::Unknown))),
            uninterpreted: BTreeMap::new(),
            status_raw: row.status,
            delivery: None,
            earlier: Vec::new(),
            source: source(self.item, self.table.name(), id),
        });
        if row.sent.is_none_or(|at| at <= 0) || message.sent.utc.is_none() {
            summary.oddities.bad_times += 1;
        }
        message.quote = self.quote(index, &row, window).map(Box::new);
        let add_ons = window.add_ons.take_all(id);
        self.additions(entry, &add_ons, window, beside_additions, &mut message, summary);
        let votes: Vec<(Sender, Vec<i64>)> =
            add_ons.iter().filter(|a| a.vote).map(|a| (self.add_on_sender(entry, a), window.votes.take_all(a.id))).collect();
        if window.future.take(id).is_some() {
            summary.undecoded_by_app += 1;
        }
        message.body = if notice {
            let to_other = self.partner(entry);
            let code = row.code;
            Body::System(self.event(row, system, timer, named, to_other, window, summary, code))
        } else {
            content::body(self, row, window, &mut message, votes, summary)
        };
        self.answers(entry, &add_ons, &mut message);
        Some(Composed { number, message })
    }

    fn forwarded(&self, row: &MessageRow, window: &mut Window) -> Option<Forward> {
        match window.forwarded.take(row.id) {
            Some(score) => Some(Forward { score }),
            None => (row.flags & flags::FORWARDED != 0).then_some(Forward { score: None }),
        }
    }

    fn mentions(&self, row: &MessageRow, window: &mut Window) -> Vec<Mention> {
        let id = |who: Option<Sender>| match who {
            Some(Sender::Participant(id)) => Some(id),
            Some(Sender::Holder) => Some(uitlezen_chat::ParticipantId(HOLDER.to_owned())),
            _ => None,
        };
        let modern = window.mentions.take_all(row.id).into_iter().map(|m| Mention {
            participant: id(self.person(m.jid)),
            shown: m.shown,
            kind_raw: m.kind,
        });
        let legacy = row.legacy.iter().flat_map(|l| &l.mentioned).map(|address| {
            let participant = id(self.address(Some(address)));
            let shown = participant.is_none().then(|| address.clone());
            Mention { participant, shown, kind_raw: None }
        });
        modern.chain(legacy).collect()
    }

    fn quote(&self, index: usize, row: &MessageRow, window: &mut Window) -> Option<Quote> {
        let q: Quoted = window
            .quoted
            .take(row.id)
            .or_else(|| row.legacy.as_ref()?.quoted_row.and_then(|at| window.legacy_quotes.take(at)))?;
        let elsewhere = q.chat.and_then(|chat| self.book.of_chat(chat)).filter(|&other| other != index);
        let home = elsewhere.unwrap_or(index);
        let named = self.person(q.sender).or_else(|| self.address(q.sender_address.as_deref()));
        // Notices are written as the holder's own, so there the sender counts.
        let sender = if q.from_me && !(q.code == Some(7) && named.is_some()) {
            Sender::Holder
        } else {
            named.or_else(|| self.partner(self.book.get(home)?)).unwrap_or(Sender::Unknown)
        };
        Some(Quote {
            id: q.key.map(|key| message_id(self.book, home, q.from_me, key, 0, &sender)),
            conversation: elsewhere.and_then(|at| self.book.get(at)?.number),
            sender,
            sent: q.at.map(Moment::from_millis),
            text: q.text,
            media_name: q.media_name,
            media_type: q.media_type,
            place: window.quoted_place.take(row.id).and_then(|l| content::place_of(l, None)),
            cards: window.quoted_cards.take_all(row.id).into_iter().map(|vcard| Card { vcard }).collect(),
            kind_raw: q.code,
            withheld: false,
            source: source(self.item, q.table, q.row),
        })
    }

    fn add_on_sender(&self, entry: &Entry, add_on: &AddOn) -> Sender {
        if add_on.from_me {
            return Sender::Holder;
        }
        self.person(add_on.sender).or_else(|| self.partner(entry)).unwrap_or(Sender::Unknown)
    }

    /// Reactions, keeps and pins, and whatever is not understood; votes and answers are counted in with what they answer.
    fn additions(
        &self,
        entry: &Entry,
        add_ons: &[AddOn],
        window: &mut Window,
        beside: &[KeptTable],
        message: &mut Message,
        summary: &mut Summary,
    ) {
        for add_on in add_ons {
            let mut understood = true;
            if let Some(emoji) = &add_on.reaction {
                message.reactions.push(Reaction {
                    by: self.add_on_sender(entry, add_on),
                    removed: emoji.is_empty(),
                    emoji: emoji.clone(),
                    at: add_on.at.map(Moment::from_millis),
                    kind_raw: None,
                    part: None,
                    source: source(self.item, "message_add_on", add_on.id),
                });
            } else if let Some(state) = add_on.keep {
                // The expiry's own mark exists only beside a timer.
                if let Some(expiry) = message.expiry.as_mut().filter(|_| state == 1) {
                    expiry.kept = true;
                }
                message.kept.push(self.mark(entry, add_on, state));
                summary.keeps += 1;
            } else if let Some(state) = add_on.pin {
                message.pins.push(self.mark(entry, add_on, state));
                summary.pins += 1;
            } else if !add_on.vote && add_on.answer.is_none() {
                understood = false;
                *summary.unknown_additions.entry(add_on.kind.unwrap_or(-1)).or_default() += 1;
            }
            let raw = kept::record(window.kept_additions.take_all(add_on.id), beside, self.jids, summary);
            if !understood || !raw.is_empty() {
                message.additions.push(self.addition(entry, add_on, raw));
            }
        }
    }

    /// The app's own queries take state 1 for set and 0 for taken off again.
    fn mark(&self, entry: &Entry, add_on: &AddOn, state: i64) -> Mark {
        Mark {
            by: self.add_on_sender(entry, add_on),
            at: add_on.at.map(Moment::from_millis),
            on: match state {
                1 => Some(true),
                0 => Some(false),
                _ => None,
            },
            state_raw: Some(state),
            expires: add_on.expires.map(Moment::from_millis),
            source: source(self.item, "message_add_on", add_on.id),
        }
    }

    fn addition(&self, entry: &Entry, add_on: &AddOn, raw: BTreeMap<String, String>) -> Addition {
        Addition {
            by: self.add_on_sender(entry, add_on),
            at: add_on.at.map(Moment::from_millis),
            kind_raw: add_on.kind,
            raw,
            source: source(self.item, "message_add_on", add_on.id),
        }
    }

    /// Answers go to their event. An answer or a vote under a message that has no place for it (it was revoked since, or is not
    /// interpreted) is kept as an addition.
    fn answers(&self, entry: &Entry, add_ons: &[AddOn], message: &mut Message) {
        let poll = matches!(message.body, Body::Poll(_));
        for add_on in add_ons {
            if let Some(code) = add_on.answer {
                if let Body::Event { answers, .. } = &mut message.body {
                    answers.push(EventAnswer {
                        by: self.add_on_sender(entry, add_on),
                        at: add_on.at.map(Moment::from_millis),
                        code,
                        extra_guests: add_on.extra_guests,
                        source: source(self.item, "message_add_on", add_on.id),
                    });
                } else {
                    let raw = [("message_add_on_event_response.response".to_owned(), code.to_string())].into();
                    message.additions.push(self.addition(entry, add_on, raw));
                }
            } else if add_on.vote && !poll {
                message.additions.push(self.addition(entry, add_on, BTreeMap::new()));
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "every part of a notice stands in a table of its own")]
    fn event(
        &self,
        row: MessageRow,
        system: Option<super::parts::SystemRow>,
        timer: Option<super::parts::TimerRow>,
        actor: Option<Sender>,
        partner: Option<Sender>,
        window: &mut Window,
        summary: &mut Summary,
        code: Option<i64>,
    ) -> SystemEvent {
        let s = system.unwrap_or_else(|| super::parts::SystemRow { action: code.unwrap_or(-1), ..Default::default() });
        let mut affected: Vec<Sender> =
            window.affected.take_all(row.id).into_iter().filter_map(|jid| self.person(Some(jid))).collect();
        affected.dedup();
        let mut event = SystemEvent {
            event: notice_kind(s.action),
            code: s.action,
            actor: actor.clone(),
            affected,
            old: s.old,
            new: row.text,
            holder_joined: s.holder_joined,
            about: None,
        };
        if event.event == SystemEventKind::Added && event.affected.is_empty() && event.holder_joined == Some(true) {
            event.affected.push(Sender::Holder);
        }
        // What a table of its own says goes before the code, whose meaning drifts (reference/android.md §2.6).
        if let Some(timer) = timer {
            event.event = SystemEventKind::TimerChanged;
            event.actor = Some(timer_setter(timer.by_me, row.from_me, actor, partner));
            event.old = timer.from.map(|s| s.to_string());
            event.new = timer.to.map(|s| s.to_string());
        } else if s.old_jid.is_some() || s.new_jid.is_some() {
            event.event = SystemEventKind::NumberChanged;
            let native = |jid: Option<i64>| jid.and_then(|j| self.jids.get(j)).map(|j| j.address.clone());
            event.old = native(s.old_jid);
            event.new = native(s.new_jid);
        } else if s.photo {
            event.event = SystemEventKind::PictureChanged;
        } else if let Some(blocked) = s.blocked {
            event.event = SystemEventKind::Blocked;
            event.new = Some(if blocked { "blocked" } else { "unblocked" }.to_owned());
        } else if s.old_username.is_some() || s.new_username.is_some() {
            event.old = s.old_username;
            event.new = s.new_username;
        } else if let Some(seconds) = s.timer_refused {
            event.new = Some(seconds.to_string());
        }
        if event.event == SystemEventKind::Other {
            *summary.unknown_actions.entry(event.code).or_default() += 1;
        }
        event
    }
}

/// What an action code is known to mean (`reference/android.md §2.6`); the ambiguous ones stay `Other`.
fn notice_kind(action: i64) -> SystemEventKind {
    use SystemEventKind as K;
    match action {
        1 => K::SubjectChanged,
        4 | 12 | 120 => K::Added,
        5 | 13 => K::Left,
        6 => K::PictureChanged,
        10 | 28 => K::NumberChanged,
        11 => K::GroupCreated,
        14 => K::Removed,
        15 => K::BecameAdmin,
        18 => K::SecurityCodeChanged,
        20 => K::JoinedByLink,
        21 | 29 | 30 | 32 | 85 | 91 | 92 => K::SettingsChanged,
        27 => K::DescriptionChanged,
        31 | 68 => K::DefaultTimerNotice,
        56 | 59 => K::TimerChanged,
        58 => K::Blocked,
        67 => K::EncryptionNotice,
        118 => K::Pinned,
        _ => K::Other,
    }
}
