//! Messages of `mms` with their parts and addresses, which lie in tables beside it in the order of their messages.

use super::{
    Item,
    answers::{Frames, Next},
    table::{Cells, Rows},
};
use crate::{ReadError, Summary};
use std::collections::VecDeque;
use uitlezen_provider::{ADDRESSES_ITEM, Address, Asked, Held, MMS, PARTS, addresses, segments};

/// Parts or addresses of one message, at most.
const MOST_BESIDE: usize = 4_096;

/// One message.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) row: Cells,
    pub(super) parts: Vec<Cells>,
    pub(super) addresses: Vec<Address>,
}

/// The addresses, message by message.
struct Addresses {
    frames: Frames,
    ready: VecDeque<(i64, Vec<Address>)>,
}

impl Addresses {
    fn next(&mut self, summary: &mut Summary) -> Option<(i64, Vec<Address>)> {
        loop {
            if let Some(one) = self.ready.pop_front() {
                return Some(one);
            }
            match self.frames.next(ADDRESSES_ITEM, summary) {
                Next::Answer(answer) if answer.question.asked == Asked::Addresses => {
                    let text = String::from_utf8_lossy(&answer.output);
                    for (id, segment) in answer.question.of.iter().zip(segments(&text, &answer.question.of)) {
                        match segment.and_then(addresses) {
                            Some(found) => self.ready.push_back((*id, found)),
                            None => summary.oddities.unresolved_senders += 1,
                        }
                    }
                }
                Next::Answer(_) => {}
                Next::Over(_) => return None,
            }
        }
    }
}

/// The messages of one user.
pub(super) struct Messages {
    rows: Rows,
    parts: Option<Rows>,
    part: Option<Cells>,
    addresses: Option<Addresses>,
    address: Option<(i64, Vec<Address>)>,
}

impl Messages {
    pub(super) fn open(mms: &Item, beside: &[Item], summary: &mut Summary) -> Self {
        let of = |held: Held| beside.iter().find(|item| item.user == mms.user && item.held == held);
        let rows = Rows::open(MMS, Frames::open(&mms.bytes, MMS.name, summary));
        let parts = of(Held::Table(PARTS)).map(|item| Rows::open(PARTS, Frames::open(&item.bytes, PARTS.name, summary)));
        let addresses = of(Held::Addresses)
            .map(|item| Addresses { frames: Frames::open(&item.bytes, ADDRESSES_ITEM, summary), ready: VecDeque::new() });
        Self { rows, parts, part: None, addresses, address: None }
    }

    pub(super) fn next(&mut self, summary: &mut Summary) -> Result<Option<Whole>, ReadError> {
        let Some(row) = self.rows.next(summary)? else { return Ok(None) };
        let (parts, addresses) = (self.parts_of(row.id, summary)?, self.addresses_of(row.id, summary));
        Ok(Some(Whole { row, parts, addresses }))
    }

    /// Parts of messages before this one belong to messages that the shell may not see.
    fn parts_of(&mut self, id: i64, summary: &mut Summary) -> Result<Vec<Cells>, ReadError> {
        let mut found = Vec::new();
        let Some(parts) = &mut self.parts else { return Ok(found) };
        loop {
            let part = match self.part.take() {
                Some(part) => part,
                None => match parts.next(summary)? {
                    Some(part) => part,
                    None => return Ok(found),
                },
            };
            match part.number("mid") {
                Some(of) if of > id => {
                    self.part = Some(part);
                    return Ok(found);
                }
                Some(of) if of == id && found.len() < MOST_BESIDE => found.push(part),
                Some(of) if of == id => summary.oddities.dropped_side_rows += 1,
                _ => {}
            }
        }
    }

    fn addresses_of(&mut self, id: i64, summary: &mut Summary) -> Vec<Address> {
        let Some(addresses) = &mut self.addresses else { return Vec::new() };
        loop {
            let next = self.address.take().or_else(|| addresses.next(summary));
            match next {
                None => return Vec::new(),
                Some((of, found)) if of == id => return found,
                Some((of, found)) if of > id => {
                    self.address = Some((of, found));
                    return Vec::new();
                }
                Some(_) => {}
            }
        }
    }
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages").field("rows", &self.rows).finish_non_exhaustive()
    }
}
