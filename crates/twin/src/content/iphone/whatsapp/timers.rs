//! Disappearing messages: notices in conversations, and what stands with contacts.

use super::{
    WhatsAppOptions,
    cast::is_contact,
    room::{Room, RoomKind},
    story::{Story, cell},
    wire::Wire,
};
use crate::content::{ContentError, people::Person};

/// A switch of a timer: after this share of the messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) at_per_mille: u64,
    room: usize,
    seconds: u32,
}

const DAY: u32 = 86_400;
/// The conversation whose contact alone has a timer.
const BY_CONTACT: usize = 3;

/// The switches, the last first.
pub(super) fn plans(options: &WhatsAppOptions) -> Vec<Plan> {
    if !options.timers {
        return Vec::new();
    }
    let plan = |at_per_mille, room, seconds| Plan { at_per_mille, room, seconds };
    vec![plan(700, 2, 0), plan(600, 4, 0), plan(350, 2, DAY), plan(300, 4, DAY), plan(250, 0, 90 * DAY), plan(200, 1, 7 * DAY)]
}

impl Story<'_> {
    pub(super) fn set_timer(&mut self, plan: Plan) -> Result<(), ContentError> {
        let Plan { room, seconds, .. } = plan;
        if self.rooms[room].is_group() {
            // Off is written as 0, or as nothing.
            let text = if seconds == 0 { vec![] } else { vec![cell("ZTEXT", seconds.to_string())] };
            let cells = [vec![cell("ZGROUPEVENTTYPE", 26_i64)], text].concat();
            self.record(room, Some(0), 6, "system", cells)?;
        } else {
            let written = self.record(room, Some(0), 28, "system", Vec::new())?;
            let metadata = Wire::default().number(36, u64::from(seconds));
            self.media(&written, Vec::new(), Some(metadata))?;
        }
        self.rooms[room].timer = Some(seconds);
        self.expected.timer_notices += 1;
        Ok(())
    }
}

/// Seconds in the record of a contact.
pub(super) fn of_contact(options: &WhatsAppOptions, rooms: &[Room], at: usize) -> u32 {
    let whose = rooms.get(BY_CONTACT).and_then(|room| room.members.first()).map(|(person, _)| *person);
    if options.timers && whose == Some(at) { DAY } else { 0 }
}

/// What a reader must say of a conversation.
pub(super) fn expected(options: &WhatsAppOptions, rooms: &[Room], room: &Room, people: &[Person]) -> String {
    let said = |seconds: u32| if seconds == 0 { "off".to_owned() } else { format!("on {seconds}") };
    match (room.timer, room.kind, room.members.first()) {
        (Some(seconds), ..) => said(seconds),
        (None, RoomKind::Direct, Some((person, _))) if is_contact(&people[*person]) => {
            format!("{} contact-record", said(of_contact(options, rooms, *person)))
        }
        _ => "none".to_owned(),
    }
}
