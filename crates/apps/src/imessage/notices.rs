//! Notices in a conversation: who came and went, names and pictures, sharing (`item_type`).

use super::{compose::Context, row::MessageRow};
use uitlezen_chat::{Sender, SystemEvent, SystemEventKind};

/// What the notice of a row says; none when its type is not known.
pub(super) fn event(cx: &Context<'_>, row: &MessageRow, actor: Option<Sender>) -> Option<SystemEvent> {
    let person = |handle: i64| cx.people.of_handle(handle).and_then(|person| cx.people.sender(person));
    let mut event = SystemEvent {
        event: SystemEventKind::Other,
        code: row.item_type,
        actor,
        affected: Vec::new(),
        old: None,
        new: None,
        holder_joined: None,
        about: None,
    };
    event.event = match (row.item_type, row.group_action) {
        (1, 0 | 1) => {
            event.affected.extend(person(row.other_handle));
            if row.group_action == 0 { SystemEventKind::Added } else { SystemEventKind::Removed }
        }
        (2, _) => {
            event.new.clone_from(&row.group_title);
            SystemEventKind::SubjectChanged
        }
        (3, 0) => {
            event.affected.extend(event.actor.clone());
            SystemEventKind::Left
        }
        (3, 1 | 2) => SystemEventKind::PictureChanged,
        // The background of the conversation.
        (3, 4 | 6) => SystemEventKind::SettingsChanged,
        (1 | 3, _) => {
            event.affected.extend(person(row.other_handle));
            SystemEventKind::Other
        }
        (4, _) => SystemEventKind::LocationSharing,
        (5, _) => SystemEventKind::AudioKept,
        (6, _) => SystemEventKind::SharePlay,
        _ => return None,
    };
    Some(event)
}
