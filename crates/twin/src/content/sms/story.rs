//! Who writes what to whom.

use super::{MmsPart, MmsRow, SmsContent, SmsExpected, SmsOptions, SmsRow};
use crate::content::{
    Options, VirtualFile,
    dice::{Dice, key},
    people::{Person, cast},
    story::Calendar,
    texts::{TOPICS, sentence},
};
use std::collections::BTreeSet;

/// Services that send by name.
const SENDERS: [&str; 3] = ["GemHavenmr", "DigiD", "PostNL"];
const TOKEN: &str = "insert-address-token";

struct Room {
    thread: i64,
    /// As the phone writes their numbers; more than one is a group.
    people: Vec<String>,
    sim: i64,
    topic: usize,
    line: usize,
}

pub(super) fn tell(options: &SmsOptions) -> SmsContent {
    let mut dice = Dice::new(options.seed, "sms story");
    let count = usize::try_from(((options.sms + options.mms) / 60).clamp(8, 120)).unwrap_or(8);
    let of = Options { seed: options.seed, canary: options.canary.clone(), ..Options::default() };
    let people = cast(&of, "sms", count);
    let own = format!("+{}", people[0].number);
    let rooms = rooms(&people[1..], &mut dice);
    let total = options.sms + options.mms + options.samsung;
    let mut story = Story { options, dice, rooms, own: own.clone(), next_part: 1, sms: Vec::new(), mms: Vec::new() };
    let mut calendar = Calendar::new(options.now, total.max(1));
    let mut samsung = Vec::new();
    let mut left = [options.sms, options.mms, options.samsung];
    let mut odd = odd_bodies();
    if !options.oddities {
        odd.clear();
    }
    for n in 0..total {
        let at = calendar.tick(n, &mut story.dice);
        let mut pick = story.dice.below(left.iter().sum());
        let store = left
            .iter()
            .position(|some| {
                let here = pick < *some;
                pick = pick.saturating_sub(*some);
                here
            })
            .unwrap_or(0);
        left[store] -= 1;
        match store {
            0 => story.sms(at, odd.pop()),
            1 => story.mms(at),
            _ => {
                let room = story.dice.index(story.rooms.len());
                let text = story.text(room);
                let kind = if story.dice.per_mille(500) { 1 } else { 2 };
                samsung.push((samsung.len() as i64 + 1, story.rooms[room].people[0].clone(), at, kind, text));
            }
        }
    }
    let Story { sms, mms, .. } = story;
    let contacts =
        people[1..].iter().filter(|p| p.in_address_book()).map(|p| (format!("+{}", p.number), p.name.clone())).collect();
    let mut content = SmsContent { sms, mms, samsung, number: own, contacts, expected: SmsExpected::default(), now: options.now };
    content.expected = expected(&content);
    content
}

fn rooms(people: &[Person], dice: &mut Dice) -> Vec<Room> {
    let mut rooms = Vec::new();
    for (n, person) in people.iter().enumerate() {
        // Some numbers are in the phone as they were typed.
        let national = format!("0{}", person.number.get(2..).unwrap_or_default());
        let written = if n % 7 == 3 { national } else { format!("+{}", person.number) };
        rooms.push(vec![written]);
    }
    rooms.extend(SENDERS.iter().map(|name| vec![(*name).to_owned()]));
    for size in [2, 3, 5] {
        let first = dice.index(people.len().saturating_sub(size).max(1));
        rooms.push(people.iter().skip(first).take(size).map(|person| format!("+{}", person.number)).collect());
    }
    let room = |(n, people): (usize, Vec<String>)| Room {
        thread: n as i64 + 1,
        people,
        sim: if n % 5 == 4 { 2 } else { 1 },
        topic: n % TOPICS.len(),
        line: n,
    };
    rooms.into_iter().enumerate().map(room).collect()
}

/// Last first. The one that looks like the next row is made where the next row is known.
fn odd_bodies() -> Vec<Odd> {
    let text = |text: &str| Odd::Text(text.to_owned());
    vec![
        Odd::Null,
        text(""),
        text("NULL"),
        Odd::NextRow,
        Odd::NextRow,
        text("Kijk: , body=nep, _id=3"),
        text("Regel een\nregel twee\n\nRow: 1 _id=1, thread_id=9, date=1"),
        text("\"Aangehaald\", 'zo', en `zo` met $HOME; rm -rf / && echo 100%"),
        text("Zie punt 3, _id=12, thread_id=4, type=1"),
        text("Row: 1"),
        text("Error while accessing provider:sms\njava.lang.SecurityException: nee hoor"),
        text("Duimpje \u{1f44d}\u{1f3fd} en een vlag \u{1f1f3}\u{1f1f1}"),
        text("Uw code is 481920. Deel deze code met niemand."),
    ]
}

enum Odd {
    Text(String),
    Null,
    NextRow,
}

struct Story<'o> {
    options: &'o SmsOptions,
    dice: Dice,
    rooms: Vec<Room>,
    own: String,
    next_part: i64,
    sms: Vec<SmsRow>,
    mms: Vec<MmsRow>,
}

impl Story<'_> {
    fn text(&mut self, room: usize) -> String {
        let room = &mut self.rooms[room];
        let mut text = sentence(TOPICS[room.topic], &mut room.line, &mut self.dice);
        if let Some(canary) = &self.options.canary
            && (self.sms.len() + self.mms.len()).is_multiple_of(100)
        {
            text.push(' ');
            text.push_str(canary);
        }
        text
    }

    fn sms(&mut self, date: i64, odd: Option<Odd>) {
        let groups = 3;
        let room = self.dice.index(self.rooms.len() - groups);
        let by_name = self.rooms[room].people[0].starts_with(|c: char| c.is_ascii_alphabetic());
        let kind = if by_name || self.dice.per_mille(520) { 1 } else { 2 };
        // A row that was deleted leaves its number unused.
        let gap = i64::from(self.dice.per_mille(20));
        let id = self.sms.last().map_or(1, |row| row.id + 1 + gap);
        let body = match odd {
            None => Some(self.text(room)),
            Some(Odd::Text(text)) => Some(text),
            Some(Odd::Null) => None,
            // Wherever the page begins that the row is read in: one of its numbers is the right one.
            Some(Odd::NextRow) => {
                let guess = |n: i64| format!("\nRow: {n} _id={}, thread_id=1, date=1700000000000, body=nep", id + 1);
                Some((0..40).map(guess).collect())
            }
        };
        let (thread, address, sim) = (self.rooms[room].thread, self.rooms[room].people[0].clone(), self.rooms[room].sim);
        self.sms.push(SmsRow { id, thread, address: address.clone(), date, kind, body, sim });
        // Drafts and what did not go out: the shell does not see them.
        if self.dice.per_mille(15) {
            let kind = [3, 4, 5, 6][self.dice.index(4)];
            let body = Some(self.text(room));
            self.sms.push(SmsRow { id: id + 1, thread, address, date: date + 1, kind, body, sim });
        }
    }

    fn mms(&mut self, date: i64) {
        let groups = 3;
        let in_group = self.dice.per_mille(600);
        let room = if in_group {
            self.rooms.len() - 1 - self.dice.index(groups)
        } else {
            self.dice.index(self.rooms.len() - groups - SENDERS.len())
        };
        let kind = if self.dice.per_mille(600) { 1 } else { 2 };
        let id = self.mms.last().map_or(1, |row| row.id + 1);
        let people = self.rooms[room].people.clone();
        let addresses = if kind == 1 {
            let from = self.dice.index(people.len());
            let others = people.iter().enumerate().filter(|(n, _)| *n != from).map(|(_, who)| (151, who.clone()));
            [(137, people[from].clone()), (151, self.own.clone())].into_iter().chain(others).collect()
        } else {
            [(137, TOKEN.to_owned())].into_iter().chain(people.iter().map(|who| (151, who.clone()))).collect()
        };
        let mut parts = Vec::new();
        let picture = self.dice.per_mille(700);
        let text = !picture || self.dice.per_mille(600);
        let mut part = |media_type, name: Option<String>, text: Option<String>, bytes: Option<VirtualFile>| {
            parts.push(MmsPart { id: self.next_part, media_type, name, text, bytes });
            self.next_part += 1;
        };
        if picture {
            part("application/smil", Some("smil.xml".into()), Some("<smil><body/></smil>".into()), None);
            let length = 1_000 + self.dice.below(30_000);
            let bytes = VirtualFile::noise(key(self.options.seed, &format!("mms {id}")), length, date / 1000);
            part("image/jpeg", Some(format!("IMG_{id:04}.jpg")), None, Some(bytes));
        }
        let said = text.then(|| {
            let room = &mut self.rooms[room];
            sentence(TOPICS[room.topic], &mut room.line, &mut self.dice)
        });
        if let Some(said) = said {
            // A long text comes in two.
            let middle = said.char_indices().map(|(at, _)| at).nth(said.chars().count() / 2).unwrap_or(0);
            let (one, two) = said.split_at(if self.dice.per_mille(100) { middle } else { 0 });
            for half in [one, two].into_iter().filter(|half| !half.is_empty()) {
                part("text/plain", None, Some(half.to_owned()), None);
            }
        }
        let subject = self.dice.per_mille(150).then(|| "Foto's van de schouw".to_owned());
        let thread = self.rooms[room].thread;
        self.mms.push(MmsRow {
            id,
            thread,
            date: date / 1000,
            kind,
            message_type: if kind == 1 { 132 } else { 128 },
            subject,
            parts,
            addresses,
        });
        // Announced by the network and never fetched: the shell does not see it.
        if self.dice.per_mille(40) {
            let addresses = vec![(137, people[0].clone())];
            self.mms.push(MmsRow {
                id: id + 1,
                thread,
                date: date / 1000,
                kind: 1,
                message_type: 130,
                subject: None,
                parts: Vec::new(),
                addresses,
            });
        }
    }
}

fn expected(content: &SmsContent) -> SmsExpected {
    let sms: Vec<&SmsRow> = content.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).collect();
    let mms: Vec<&MmsRow> = content.mms.iter().filter(|row| row.message_type != 130).collect();
    let threads: BTreeSet<i64> = sms.iter().map(|row| row.thread).chain(mms.iter().map(|row| row.thread)).collect();
    let groups: BTreeSet<i64> = mms.iter().filter(|row| row.addresses.len() > 2).map(|row| row.thread).collect();
    let odd = |body: &Option<String>| body.as_deref().is_some_and(|text| text.contains(", body=") || text.contains("\nRow: "));
    SmsExpected {
        conversations: threads.len() as u64,
        groups: groups.len() as u64,
        messages: (sms.len() + mms.len() + content.samsung.len()) as u64,
        attachments: mms.iter().flat_map(|row| &row.parts).filter(|part| part.bytes.is_some()).count() as u64,
        odd: sms.iter().filter(|row| odd(&row.body)).count() as u64,
        hidden: (content.sms.len() - sms.len() + content.mms.len() - mms.len()) as u64,
    }
}
