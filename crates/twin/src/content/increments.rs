//! What happened after the full backup: an increment a day, with new messages and changed versions of older ones.

use super::ContentError;
use super::app::Edition;
use super::dice::Dice;
use super::increment::{
    Content, Conversation, GlobalSettings, HistorySync, HistorySyncMsg, LidMapping, MessageKey, STUB_CHANGE_EPHEMERAL_SETTING,
    STUB_REVOKE, WebMessageInfo, archive,
};
use super::options::Options;
use super::people::Person;
use super::record::IncrementExpected;
use super::room::{Recent, Room};
use super::texts::{TOPICS, sentence};
use sha2::{Digest, Sha256};

/// How many there are.
pub(super) const COUNT: i64 = 3;

pub(super) struct Increment {
    /// Below the edition's folder.
    pub(super) path: String,
    pub(super) at: i64,
    pub(super) zip: Vec<u8>,
    pub(super) expected: IncrementExpected,
}

pub(super) fn build(
    options: &Options,
    people: &[Person],
    rooms: &[Room],
    full_at: i64,
    edition: &Edition,
) -> Result<Vec<Increment>, ContentError> {
    let mut dice = Dice::new(options.seed, &format!("increments {}", edition.package));
    let mut made = Vec::new();
    for n in 1..=COUNT {
        let at = full_at + n * 86_400;
        let day = jiff::Timestamp::from_second(at)?.strftime("%Y-%m-%d");
        let path = format!("Databases/msgstore-increment-{n}-{day}.1.db.crypt15");
        let mut expected = IncrementExpected { path: format!("{}/{path}", edition.root), ..IncrementExpected::default() };
        let mut sync = HistorySync {
            sync_type: 0,
            conversations: Vec::new(),
            // The account's default timer for new chats: off (reference/android.md §2.5, fields 9 and 10).
            global_settings: Some(GlobalSettings { disappearing_mode_duration: Some(0), disappearing_mode_timestamp: None }),
            lid_mappings: mappings(people),
        };
        for (i, room) in rooms.iter().enumerate().take(8) {
            // Each increment knows a few of the conversations, not always the same.
            if (i + usize::try_from(n).unwrap_or(0)).is_multiple_of(4) {
                continue;
            }
            let mut day = Day {
                options,
                people,
                room,
                at,
                dice: &mut dice,
                expected: &mut expected,
                messages: Vec::new(),
                step: 0,
                line: room.line,
            };
            day.write(i, n);
            let messages = day.messages;
            sync.conversations.push(conversation(room, people, messages, n == COUNT && i == 0 && options.timers, at));
            expected.conversations += 1;
        }
        let unread = dice.bytes::<64>();
        let name = format!("onbekend-{n}.bin");
        let unread = (options.unread_entry && n == COUNT).then_some((name.as_str(), &unread[..]));
        expected.unread_entries = u64::from(unread.is_some());
        // Two messages in the sequence, so that a reader cannot take the entry for one.
        let rest = sync.conversations.split_off(sync.conversations.len() / 2);
        let second = HistorySync { conversations: rest, global_settings: None, lid_mappings: Vec::new(), ..sync };
        let zip = archive(&[sync, second], unread)?;
        expected.zip_sha256 = hex::encode(Sha256::digest(&zip));
        made.push(Increment { path, at, zip, expected });
    }
    Ok(made)
}

fn mappings(people: &[Person]) -> Vec<LidMapping> {
    people
        .iter()
        .filter(|p| p.has_number() && p.lid.is_some())
        .take(5)
        .map(|p| LidMapping { pn_jid: Some(p.pn_jid()), lid_jid: p.lid_jid() })
        .collect()
}

fn conversation(room: &Room, people: &[Person], messages: Vec<HistorySyncMsg>, timer_on: bool, at: i64) -> Conversation {
    let partner = room.members.first().filter(|_| !room.is_group()).map(|p| &people[*p]);
    let seconds = |ms: i64| ms / 1000;
    Conversation {
        id: room.stored_jid.clone(),
        last_msg_timestamp: messages.iter().filter_map(|m| m.message.as_ref()?.timestamp).max(),
        messages,
        ephemeral_expiration: Some(if timer_on { 86_400 } else { room.timer }),
        ephemeral_setting_timestamp: if timer_on {
            Some(at - 600)
        } else {
            (room.timer_set_ms != 0).then(|| seconds(room.timer_set_ms))
        },
        name: room.subject.clone(),
        pn_jid: partner.filter(|p| p.has_number()).map(Person::pn_jid),
        lid_jid: partner.and_then(Person::lid_jid),
    }
}

/// One conversation's share of one increment.
struct Day<'a> {
    options: &'a Options,
    people: &'a [Person],
    room: &'a Room,
    at: i64,
    dice: &'a mut Dice,
    expected: &'a mut IncrementExpected,
    messages: Vec<HistorySyncMsg>,
    step: i64,
    line: usize,
}

impl Day<'_> {
    fn write(&mut self, i: usize, n: i64) {
        for _ in 0..self.dice.between(2, 6) {
            self.new_message();
        }
        // Of an older message another version: its text changed since, or it was taken back. Each increment takes
        // another message, so that no two of them speak of the same.
        let place = usize::try_from(n - 1).unwrap_or(0);
        let texts: Vec<&Recent> = self.room.recent.iter().filter(|r| r.kind == 0 && !r.revoked).collect();
        if let Some(old) = texts.get(place).copied().cloned() {
            if i == 1 && n == 2 {
                self.revoked(&old);
            } else {
                self.changed(&old);
            }
        }
        if i == 0 && n == COUNT && self.options.timers {
            self.timer_switched_on();
        }
    }

    fn time(&mut self) -> u64 {
        self.step += 1;
        u64::try_from(self.at - 72_000 + self.step * 1_800).unwrap_or(0)
    }

    fn jid(&self, person: usize) -> String {
        let person = &self.people[person];
        if self.room.member_row(person) == person.lid_row { person.lid_jid().unwrap_or_default() } else { person.pn_jid() }
    }

    fn push(&mut self, id: String, person: Option<usize>, fill: impl FnOnce(&mut WebMessageInfo)) {
        let participant = person.filter(|_| self.room.is_group()).map(|p| self.jid(p));
        let mut info = WebMessageInfo {
            key: Some(MessageKey {
                remote_jid: Some(self.room.stored_jid.clone()),
                from_me: Some(person.is_none()),
                id: Some(id),
                participant: participant.clone(),
            }),
            participant,
            // 4 is read (reference/android.md §2.5).
            status: Some(4),
            push_name: person.map(|p| self.people[p].given.clone()),
            ..WebMessageInfo::default()
        };
        fill(&mut info);
        let order = self.messages.len() as u64;
        self.messages.push(HistorySyncMsg { message: Some(info), msg_order_id: Some(order) });
    }

    fn new_message(&mut self) {
        let members = self.room.members.len();
        let person = (members > 0 && self.dice.per_mille(600)).then(|| self.room.members[self.dice.index(members)]);
        let text = sentence(TOPICS[self.room.topic], &mut self.line, self.dice);
        let (id, time) = (format!("3EB0{}", self.dice.hex(20)), self.time());
        self.push(id, person, |info| {
            info.message = Some(Content { conversation: Some(text) });
            info.timestamp = Some(time);
        });
        self.expected.new += 1;
    }

    fn changed(&mut self, old: &Recent) {
        let text = format!("{} (aangepast)", old.text);
        let time = u64::try_from(old.ms / 1000).unwrap_or(0);
        self.push(old.key.clone(), old.person, |info| {
            info.message = Some(Content { conversation: Some(text) });
            info.timestamp = Some(time);
        });
        self.expected.changed += 1;
    }

    fn revoked(&mut self, old: &Recent) {
        let (time, revoked) = (u64::try_from(old.ms / 1000).unwrap_or(0), u64::try_from(self.at).unwrap_or(0));
        self.push(old.key.clone(), old.person, |info| {
            info.timestamp = Some(time);
            info.stub_type = Some(STUB_REVOKE);
            info.revoke_timestamp = Some(revoked);
        });
        self.expected.changed += 1;
        self.expected.revoked += 1;
    }

    fn timer_switched_on(&mut self) {
        let (id, time) = (format!("3EB0{}", self.dice.hex(20)), u64::try_from(self.at - 600).unwrap_or(0));
        let person = self.room.members.first().copied();
        self.push(id, person, |info| {
            info.timestamp = Some(time);
            info.stub_type = Some(STUB_CHANGE_EPHEMERAL_SETTING);
            info.stub_parameters = vec!["86400".to_owned()];
        });
        self.expected.new += 1;
        self.expected.timer_changes += 1;
    }
}
