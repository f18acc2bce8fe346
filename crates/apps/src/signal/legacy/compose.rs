//! One message put together from its row and the rows beside it.

use super::{
    beside::Family,
    book::source,
    intake::Store,
    kinds::{Kind, is_outgoing, kind},
    people::People,
    row::{MessageRow, Place, Sides},
};
use crate::{
    ReadError, Summary,
    reading::{blank::blank, schema::Schema, value::Repairs},
    signal::{
        keys::{Keys, id, participant},
        person::sender,
    },
};
use std::collections::BTreeMap;
use uitlezen_chat::{
    AttachmentState, Body, Call, CallOutcome, Delivery, Direction, EvidenceId, ExpiryMark, Mark, Message, Moment, Quote,
    Revocation, Sender, SystemEvent, SystemEventKind, ViewOnceState,
};

/// What every message needs to know of the whole.
pub(super) struct Context<'c> {
    pub(super) schema: &'c Schema<'c>,
    pub(super) repairs: &'c Repairs,
    pub(super) store: &'c Store,
    pub(super) item: EvidenceId,
    pub(super) people: &'c People,
    pub(super) sides: &'c Sides,
    pub(super) keys: &'c Keys,
}

fn positive(at: i64) -> Option<u64> {
    u64::try_from(at).ok()
}

impl Context<'_> {
    /// Who a row is from.
    pub(super) fn author(&self, row: &MessageRow) -> Sender {
        let Kind::Call { outgoing: false, .. } = kind(row.kind) else {
            if is_outgoing(row.kind) {
                return Sender::Holder;
            }
            return self.people.sender(row.from);
        };
        self.people.sender(row.from)
    }

    /// Who occurs in a row, beside it too: those whom [`Self::compose`] would name.
    pub(super) fn meet(&self, row: &MessageRow, place: Place, meet: &mut dyn FnMut(&Sender)) -> Result<(), ReadError> {
        let author = self.author(row);
        meet(&author);
        if !matches!(kind(row.kind), Kind::Said | Kind::Draft) {
            return Ok(());
        }
        if row.remote_deleted || row.deleted_by.is_some() {
            row.deleted_by.into_iter().for_each(|by| meet(&self.people.sender(Some(by))));
            return Ok(());
        }
        let beside = ["reaction", "mention", "poll"].iter().any(|table| self.sides.has(table, row.id));
        if beside {
            let mut message =
                blank(id(&author, 0), author, Moment::from_millis(row.sent), source(self.item, place.name(), row.id));
            self.reactions(row, place, &mut message)?;
            self.mentions(row, &mut message)?;
            message.reactions.iter().for_each(|reaction| meet(&reaction.by));
            if row.quote_id.is_some() {
                meet(&self.people.sender(row.quote_author));
            }
            message.mentions.into_iter().filter_map(|mention| mention.participant).for_each(|who| meet(&sender(who)));
            if let Some(poll) = self.poll(row)? {
                poll.options.iter().flat_map(|option| &option.voters).for_each(meet);
            }
        } else if row.quote_id.is_some() {
            meet(&self.people.sender(row.quote_author));
        }
        Ok(())
    }

    /// A row and its earlier versions, as one message in the thread `index`. `named` is the time of the first version.
    pub(super) fn compose(
        &self,
        row: &MessageRow,
        versions: &[MessageRow],
        place: Place,
        index: u32,
        summary: &mut Summary,
    ) -> Result<Message, ReadError> {
        let author = self.author(row);
        let named = versions.first().map_or(row.sent, |first| first.sent);
        let name = id(&author, positive(named).unwrap_or_default());
        let mut message = self.one(row, name.clone(), place, index, summary)?;
        for version in versions.iter().rev() {
            let place = Place { row: version.id, ..place };
            message.earlier.push(self.one(version, name.clone(), place, index, summary)?);
        }
        if !versions.is_empty() {
            let source = message.source.clone();
            let at = Some(Moment::from_millis(row.sent));
            message.edited = Some(Box::new(uitlezen_chat::Edit { at, original_id: None, unsent_parts: Vec::new(), source }));
            message.sent = Moment::from_millis(named);
        }
        Ok(message)
    }

    fn one(
        &self,
        row: &MessageRow,
        name: uitlezen_chat::MessageId,
        place: Place,
        index: u32,
        summary: &mut Summary,
    ) -> Result<Message, ReadError> {
        let author = self.author(row);
        let mut message = blank(name, author, Moment::from_millis(row.sent), source(self.item, place.name(), row.id));
        if row.sent <= 0 || message.sent.utc.is_none() {
            summary.oddities.bad_times += 1;
        }
        message.status_raw = Some(row.kind);
        let kind = kind(row.kind);
        message.direction =
            match kind {
                Kind::Said | Kind::Badge | Kind::Payment | Kind::Draft | Kind::Call { .. } => {
                    if message.sender == Sender::Holder { Direction::Sent } else { Direction::Received }
                }
                _ => Direction::Notice,
            };
        if message.direction == Direction::Received {
            message.received = row.received.map(Moment::from_millis);
            if !row.read {
                message.uninterpreted.insert("message.read".to_owned(), "0".to_owned());
            }
        }
        if message.sender == Sender::Unknown {
            if message.direction == Direction::Notice {
                message.sender = Sender::App;
            } else {
                summary.oddities.unresolved_senders += 1;
            }
        }
        self.fill(kind, row, place, index, &mut message, summary)?;
        Ok(message)
    }

    fn fill(
        &self,
        kind: Kind,
        row: &MessageRow,
        place: Place,
        index: u32,
        message: &mut Message,
        summary: &mut Summary,
    ) -> Result<(), ReadError> {
        let actor = Some(message.sender.clone()).filter(|who| participant(who).is_some());
        let event = |event: SystemEventKind| SystemEvent {
            event,
            code: row.kind,
            actor: None,
            affected: Vec::new(),
            old: None,
            new: None,
            holder_joined: None,
            about: None,
        };
        // What notices say in their text may hold keys, so it is never given.
        message.body = match kind {
            Kind::Timer => {
                let new = Some(row.expires_in.unwrap_or(0).div_ceil(1000).to_string());
                Body::System(SystemEvent { actor, new, ..event(SystemEventKind::TimerChanged) })
            }
            Kind::Left => Body::System(SystemEvent { affected: actor.into_iter().collect(), ..event(SystemEventKind::Left) }),
            Kind::NumberChanged => {
                Body::System(SystemEvent { affected: actor.into_iter().collect(), ..event(SystemEventKind::NumberChanged) })
            }
            Kind::SecurityCode => {
                Body::System(SystemEvent { affected: actor.into_iter().collect(), ..event(SystemEventKind::SecurityCodeChanged) })
            }
            Kind::Notice(word) => {
                message.uninterpreted.insert("message.type".to_owned(), word.to_owned());
                if matches!(word, "group-changed" | "profile-changed") {
                    // That it happened is known; what it was is not interpreted.
                    *summary.unknown_actions.entry(row.kind & 0x1f_ffff).or_default() += 1;
                }
                Body::System(SystemEvent { actor, ..event(SystemEventKind::Other) })
            }
            Kind::Call { video, group, missed, .. } => {
                let outcome = if missed { CallOutcome::Missed } else { CallOutcome::Unknown(row.kind & 0x1f) };
                message.uninterpreted.insert("call.duration".to_owned(), "not-recorded".to_owned());
                self.call(row, message)?;
                Body::Call(Call { video, group, duration_seconds: 0, outcome, participants: Vec::new() })
            }
            Kind::Badge | Kind::Payment | Kind::Unknown => {
                let code = if kind == Kind::Unknown { row.kind } else { (row.kind >> 32) & 0xf };
                *summary.unknown_types.entry(code).or_default() += 1;
                Body::Unknown { code, text: None, raw: BTreeMap::new() }
            }
            Kind::Said | Kind::Draft => {
                self.said(row, place, index, message, summary)?;
                return Ok(());
            }
        };
        Ok(())
    }

    fn said(
        &self,
        row: &MessageRow,
        place: Place,
        index: u32,
        message: &mut Message,
        summary: &mut Summary,
    ) -> Result<(), ReadError> {
        if let Some(seconds) = row.expires_in.filter(|runs| *runs > 0) {
            let expires = row.expire_started.and_then(|began| began.checked_add(seconds));
            let expires = expires.and_then(|at| i64::try_from(at).ok()).map(Moment::from_millis);
            message.expiry = Some(Box::new(ExpiryMark { seconds: seconds.div_ceil(1000), expires, kept: false }));
        }
        if message.direction == Direction::Sent && (row.delivered || row.was_read || row.viewed) {
            // One time for whichever of them came last.
            let at = row.receipt_at.map(Moment::from_millis);
            let mut delivery = Delivery::default();
            match (row.viewed, row.was_read) {
                (true, _) => delivery.played = at,
                (_, true) => delivery.read = at,
                _ => delivery.delivered = at,
            }
            message.delivery = Some(Box::new(delivery)).filter(|delivery| **delivery != Delivery::default());
            for (word, on) in
                [("has_delivery_receipt", row.delivered), ("has_read_receipt", row.was_read), ("viewed", row.viewed)]
            {
                if on {
                    message.uninterpreted.insert(format!("message.{word}"), "1".to_owned());
                }
            }
        }
        if let Some(at) = row.scheduled {
            message.uninterpreted.insert("message.scheduled_date".to_owned(), at.to_string());
        }
        if let Some(at) = row.pinned_at {
            summary.pins += 1;
            message.pins.push(Mark {
                by: Sender::Unknown,
                at: Some(Moment::from_millis(at)),
                on: Some(true),
                state_raw: None,
                expires: row.pinned_until.map(Moment::from_millis),
                source: message.source.clone(),
            });
        }
        if row.remote_deleted || row.deleted_by.is_some() {
            summary.revoked += 1;
            let by = row.deleted_by.map(|by| self.people.sender(Some(by)));
            let by_admin = by.filter(|by| *by != message.sender && *by != Sender::Unknown);
            message.body = Body::Revoked(Revocation { at: None, by_admin, original_id: None });
            return Ok(());
        }
        if let Some(target) = row.quote_id {
            let sender = self.people.sender(row.quote_author);
            let named = positive(target).and_then(|at| self.keys.named(index, &sender, at));
            message.quote = Some(Box::new(Quote {
                id: named.map(|named| id(&sender, named)),
                conversation: None,
                sender,
                sent: Some(Moment::from_millis(target)),
                text: row.quote_body.clone(),
                media_name: None,
                media_type: None,
                place: None,
                cards: Vec::new(),
                kind_raw: row.quote_kind,
                withheld: false,
                source: message.source.clone(),
            }));
        }
        self.reactions(row, place, message)?;
        self.mentions(row, message)?;
        let mut text = row.body.clone().unwrap_or_default();
        let files = self.files(row, place, &mut text, message, summary)?;
        if let Some(poll) = self.poll(row)? {
            message.body = Body::Poll(poll);
            return Ok(());
        }
        if row.view_once {
            let state = if row.viewed { ViewOnceState::Seen } else { ViewOnceState::Unseen };
            match state {
                ViewOnceState::Seen => summary.view_once.seen += 1,
                _ => summary.view_once.unseen += 1,
            }
            let media = match files {
                Some(Family::Image) => "image",
                Some(Family::Video) => "video",
                _ => "unknown",
            };
            for file in &mut message.attachments {
                file.path = None;
                file.state = AttachmentState::NotOnPhone { reason: "view-once".to_owned() };
            }
            message.body = Body::ViewOnce { media: media.to_owned(), state: Some(state) };
        } else {
            let caption = Some(text.clone()).filter(|text| !text.is_empty());
            message.body = match files {
                Some(Family::Image) => Body::Image { caption },
                Some(Family::Video) => Body::Video { caption },
                Some(Family::Gif) => Body::Gif { caption },
                Some(Family::Voice) if caption.is_none() => Body::VoiceNote,
                Some(Family::Audio) if caption.is_none() => Body::Audio,
                Some(Family::Sticker) => Body::Sticker,
                Some(_) => Body::Document { caption },
                None => self.text(row, text, message),
            };
        }
        for file in &message.attachments {
            summary.names_file(&file.state);
        }
        Ok(())
    }

    /// A text, with the first link that was sent along.
    fn text(&self, row: &MessageRow, text: String, message: &mut Message) -> Body {
        let (mut link, mut link_title) = (None, None);
        if let Some(previews) = row.previews.as_deref().filter(|previews| previews.len() <= 1 << 20) {
            let parsed: Option<serde_json::Value> = serde_json::from_str(previews).ok();
            let first = parsed.as_ref().and_then(|all| all.get(0));
            let of = |field: &str| Some(first?.get(field)?.as_str()?.to_owned()).filter(|text| !text.is_empty());
            (link, link_title) = (of("url"), of("title"));
        }
        // Its form is not described, so the card is kept as it stands.
        if let Some(contacts) = &row.contacts {
            message.uninterpreted.insert("message.shared_contacts".to_owned(), format!("text of {} bytes", contacts.len()));
        }
        Body::Text { text, link, link_title }
    }
}
