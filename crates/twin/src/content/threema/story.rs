//! The messages, one after another as time goes by.

use super::{
    ThreemaBackupExpected, ThreemaBackupOptions,
    room::{self, Kind, Room},
    table::{BALLOTS, CHOICES, CONTACT_REACTIONS, GROUP_REACTIONS, Table, VOTES},
};
use crate::content::{
    dice::{Dice, key},
    file::VirtualFile,
    media::{Media, MediaKind},
    story::Calendar,
    texts::{TOPICS, dossier, place, sentence},
};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};

/// Something that may be said, where, since which version, and how often in a thousand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Text,
    Answer,
    Edited,
    Deleted,
    Image,
    Video,
    Voice,
    Document,
    Photo,
    Location,
    Poll,
    PollClosed,
    Call,
    Notice,
    OldNotice,
    Contact,
}

const WEIGHTS: [(What, Option<Kind>, u32, u64); 16] = [
    (What::Text, None, 1, 760),
    (What::Answer, None, 15, 50),
    (What::Edited, None, 23, 20),
    (What::Deleted, None, 24, 12),
    (What::Image, None, 1, 25),
    (What::Video, None, 1, 10),
    (What::Voice, None, 1, 15),
    (What::Document, None, 8, 40),
    (What::Photo, None, 8, 30),
    (What::Location, None, 1, 8),
    (What::Poll, Some(Kind::Group), 1, 8),
    (What::PollClosed, Some(Kind::Group), 1, 3),
    (What::Call, Some(Kind::Direct), 12, 8),
    (What::Notice, Some(Kind::Group), 21, 8),
    (What::OldNotice, Some(Kind::Group), 1, 2),
    (What::Contact, Some(Kind::Direct), 1, 1),
];

type Fields = Vec<(&'static str, String)>;

pub(super) struct Story<'a> {
    options: &'a ThreemaBackupOptions,
    pub(super) holder: String,
    rooms: Vec<Room>,
    entries: BTreeMap<String, Vec<u8>>,
    ballots: Table,
    choices: Table,
    votes: Table,
    contact_reactions: Table,
    group_reactions: Table,
    polls: u64,
    dice: Dice,
    calendar: Calendar,
    expected: ThreemaBackupExpected,
    made: u64,
}

impl<'a> Story<'a> {
    pub(super) fn new(options: &'a ThreemaBackupOptions, made: i64) -> Self {
        let mut dice = Dice::new(options.seed, "threema backup");
        let holder = dice.hex(8);
        let calendar = Calendar::new(made, options.messages);
        let (rooms, entries) = room::build(options, &holder, calendar.start_ms(), &mut dice);
        let table = |columns| Table::new(columns, options.version);
        Self {
            options,
            holder,
            rooms,
            entries,
            ballots: table(&BALLOTS),
            choices: table(&CHOICES),
            votes: table(&VOTES),
            contact_reactions: table(&CONTACT_REACTIONS),
            group_reactions: table(&GROUP_REACTIONS),
            polls: 0,
            dice,
            calendar,
            expected: ThreemaBackupExpected::default(),
            made: 0,
        }
    }

    pub(super) fn password(&self) -> String {
        format!("Stadhuis-{}", hex::encode(&key(self.options.seed, "threema password")[..5]))
    }

    pub(super) fn tell(&mut self) {
        let known = |(what, _, since, _): &(What, Option<Kind>, u32, u64)| {
            *since <= self.options.version && (*what != What::Contact || self.options.oddities)
        };
        let weights: Vec<_> = WEIGHTS.into_iter().filter(known).collect();
        let total: u64 = weights.iter().map(|(.., weight)| weight).sum();
        let mut shows = 0..weights.len();
        for n in 0..self.options.messages.max(1) {
            let at = shows.next().unwrap_or_else(|| {
                let mut drawn = self.dice.below(total);
                let hit = weights.iter().position(|(.., weight)| {
                    let hit = drawn < *weight;
                    drawn = drawn.saturating_sub(*weight);
                    hit
                });
                hit.unwrap_or(0)
            });
            let (what, kind, ..) = weights[at];
            let places: Vec<usize> =
                (0..self.rooms.len()).filter(|at| kind.is_none_or(|kind| self.rooms[*at].kind == kind)).collect();
            let room = places[self.dice.index(places.len())];
            let list = self.rooms[room].kind == Kind::List;
            self.say(n, room, if list { What::Text } else { what });
        }
    }

    fn said(&mut self, room: usize) -> String {
        let of = &mut self.rooms[room];
        let mut text = sentence(TOPICS[of.topic], &mut of.line, &mut self.dice);
        if let Some(canary) = self.options.canary.as_ref().filter(|_| self.made.is_multiple_of(20)) {
            text = format!("{text} {canary}");
            self.expected.canaries += 1;
        }
        text
    }

    fn say(&mut self, n: u64, room: usize, what: What) {
        self.made += 1;
        let at = self.calendar.tick(n, &mut self.dice);
        let (kind, members) = (self.rooms[room].kind, self.rooms[room].members.clone());
        let own = kind == Kind::List || self.dice.per_mille(450);
        let author = members[self.dice.index(members.len())].clone();
        let (api, uid) = (self.dice.hex(16).to_lowercase(), uuid(&mut self.dice));
        let mut fields: Fields = vec![
            ("apiid", api.clone()),
            ("uid", uid.clone()),
            ("isoutbox", u8::from(own).to_string()),
            ("isread", "1".to_owned()),
            ("issaved", "1".to_owned()),
            ("posted_at", at.to_string()),
            ("created_at", (at + if own { 0 } else { 800 }).to_string()),
            ("modified_at", (at + 900).to_string()),
            ("isstatusmessage", "0".to_owned()),
            ("display_tags", "0".to_owned()),
        ];
        match (kind, own) {
            (Kind::Direct, _) => {}
            (_, false) => fields.push(("identity", author.clone())),
            (Kind::Group, true) if self.options.own_identity => fields.push(("identity", self.holder.clone())),
            _ => {}
        }
        if own {
            fields.push(("messagestae", "READ".to_owned()));
            fields.extend([("delivered_at", (at + 1_000).to_string()), ("read_at", (at + 60_000).to_string())]);
        }
        let word = self.body(room, what, at, &api, &uid, &author, &mut fields);
        *self.expected.by_kind.entry(word.to_owned()).or_default() += 1;
        self.expected.messages += 1;
        self.rooms[room].table.row(&fields);
    }

    /// Fills in what is said; its kind as records call it.
    #[allow(clippy::too_many_arguments)]
    fn body(
        &mut self,
        room: usize,
        what: What,
        at: i64,
        api: &str,
        uid: &str,
        author: &str,
        fields: &mut Fields,
    ) -> &'static str {
        let mut put = |kind: &str, body: String| fields.extend([("type", kind.to_owned()), ("body", body)]);
        let prefix = if self.rooms[room].kind == Kind::Group { "group_message" } else { "message" };
        match what {
            What::Text | What::Answer | What::Edited => {
                let text = self.said(room);
                put("TEXT", text.clone());
                self.expected.texts.insert(api.to_owned(), text);
                if what == What::Answer
                    && let Some(quoted) = self.rooms[room].said.last().cloned()
                {
                    fields.push(("quoted_message_apiid", quoted));
                    self.expected.quotes += 1;
                }
                if what == What::Edited {
                    fields.push(("edited_at", (at + 30_000).to_string()));
                    self.expected.edited += 1;
                }
                self.rooms[room].said.push(api.to_owned());
                self.react(room, at, api, author, fields);
                "text"
            }
            What::Deleted => {
                put("TEXT", String::new());
                fields.push(("deleted_at", (at + 40_000).to_string()));
                self.expected.revoked += 1;
                "revoked"
            }
            What::Image => {
                put("IMAGE", String::new());
                let caption = self.said(room);
                fields.push(("caption", caption.clone()));
                self.expected.texts.insert(api.to_owned(), caption);
                self.attach(prefix, uid, MediaKind::Jpeg, true);
                "image"
            }
            What::Video => {
                let secret = self.secret();
                let downloaded = !self.dice.per_mille(200);
                put("VIDEO", json!([12, downloaded, secret, "00", 40_000]).to_string());
                self.attach(prefix, uid, MediaKind::Mp4, downloaded);
                "video"
            }
            What::Voice => {
                let secret = self.secret();
                put("VOICEMESSAGE", json!([7, true, secret, "00"]).to_string());
                self.attach(prefix, uid, MediaKind::Opus, true);
                "voice-note"
            }
            What::Document | What::Photo => {
                let photo = what == What::Photo;
                let (secret, downloaded) = (self.secret(), !self.dice.per_mille(60));
                let caption = if photo { self.said(room) } else { String::new() };
                let (media_type, kind) =
                    if photo { ("image/jpeg", MediaKind::Jpeg) } else { ("application/pdf", MediaKind::Pdf) };
                let name = if photo { String::new() } else { format!("Notitie {}.pdf", dossier(&mut self.dice)) };
                let meta = if photo { json!({"w": 32, "h": 32}) } else { json!({}) };
                let body =
                    json!(["00", secret, media_type, 9_000, name, u8::from(photo), downloaded, caption, "image/jpeg", meta]);
                put("FILE", body.to_string());
                if photo {
                    self.expected.texts.insert(api.to_owned(), caption);
                }
                self.attach(prefix, uid, kind, downloaded);
                if photo { "image" } else { "document" }
            }
            What::Location => {
                put("LOCATION", json!([52.078_1, 4.316_2, 12.5, "Raadhuisplein 1", place(&mut self.dice)]).to_string());
                "place"
            }
            What::Poll => {
                let number = self.poll(room, at, author);
                put("BALLOT", json!([1, number]).to_string());
                "poll"
            }
            What::PollClosed => {
                put("BALLOT", json!([3, self.polls.max(1)]).to_string());
                "system"
            }
            What::Call => {
                let call = if self.dice.per_mille(500) {
                    json!({"status": 2, "callId": 7, "duration": 125})
                } else {
                    json!({"status": 1})
                };
                put("VOIP_STATUS", json!([1, call]).to_string());
                "call"
            }
            What::Notice => {
                let said = match self.dice.below(3) {
                    0 => json!({"status": 1, "newGroupName": "Nieuwe naam"}),
                    1 => json!({"status": 3, "identity": author}),
                    _ => json!({"status": 12}),
                };
                put("GROUP_STATUS", json!([4, said]).to_string());
                fields.push(("isstatusmessage", "1".to_owned()));
                "system"
            }
            What::OldNotice => {
                put("STATUS", "De groep is aangemaakt".to_owned());
                "system"
            }
            What::Contact => {
                put("CONTACT", "iets dat niemand uitlegt".to_owned());
                self.expected.unknown += 1;
                "unknown"
            }
        }
    }

    /// A key of a file on the app's server: it stands in the backup and nowhere else.
    fn secret(&mut self) -> String {
        let secret = hex::encode(self.dice.bytes::<32>());
        self.expected.secrets.push(secret.clone());
        secret
    }

    fn attach(&mut self, prefix: &str, uid: &str, kind: MediaKind, downloaded: bool) {
        let there = self.options.media && downloaded && !(self.options.oddities && self.dice.per_mille(50));
        if !there {
            self.expected.files_absent += 1;
            if downloaded {
                self.entries.insert(format!("{prefix}_thumbnail_{uid}"), vec![0xff, 0xd8, 0xff, 0xd9]);
            }
            return;
        }
        self.expected.files_present += 1;
        let filler = self.dice.between(500, 20_000).unsigned_abs();
        let recipe = key(self.options.seed, &format!("threema backup file {}", self.made));
        let media = Arc::new(Media::new(kind, recipe, filler, String::new()));
        let bytes = VirtualFile::from_media(media, self.options.now).to_vec();
        self.entries.insert(format!("{prefix}_media_{uid}"), bytes);
    }

    fn react(&mut self, room: usize, at: i64, api: &str, author: &str, fields: &mut Fields) {
        if !self.made.is_multiple_of(7) || self.rooms[room].kind == Kind::List {
            return;
        }
        if !self.contact_reactions.has("emoji_sequence") {
            // Until reactions came, a message had one of two states.
            fields.retain(|(name, _)| *name != "messagestae");
            fields.push(("messagestae", "USERACK".to_owned()));
            return;
        }
        let (id, creator) = self.rooms[room].group.clone();
        for (who, emoji) in [(author.to_owned(), "👍"), (self.holder.clone(), "🎉")] {
            let common = [
                ("api_message_id", api.to_owned()),
                ("sender_identity", who),
                ("emoji_sequence", emoji.to_owned()),
                ("reacted_at", (at + 5_000).to_string()),
            ];
            let group = [("api_group_id", id.clone()), ("group_creator_identity", creator.clone())];
            let partner = [("identity", self.rooms[room].members[0].clone())];
            if self.rooms[room].kind == Kind::Group {
                self.group_reactions.row(&[&group[..], &common].concat());
            } else {
                self.contact_reactions.row(&[&partner[..], &common].concat());
            }
            self.expected.reactions += 1;
        }
    }

    fn poll(&mut self, room: usize, at: i64, author: &str) -> u64 {
        self.polls += 1;
        let (number, api) = (self.polls, self.dice.hex(16).to_lowercase());
        let uid = format!("{api}-{author}");
        let times = [("created_at", at.to_string()), ("modified_at", at.to_string())];
        let head = [
            ("id", number.to_string()),
            ("aid", api),
            ("creator", author.to_owned()),
            ("ref", "GroupBallotModel".to_owned()),
            ("ref_id", self.rooms[room].reference.clone()),
            ("name", "Wanneer vergaderen we?".to_owned()),
            ("state", "OPEN".to_owned()),
            ("assessment", "SINGLE_CHOICE".to_owned()),
            ("type", "INTERMEDIATE".to_owned()),
            ("choice_type", "TEXT".to_owned()),
        ];
        self.ballots.row(&[&head[..], &times].concat());
        for (place, text) in ["dinsdag", "donderdag"].into_iter().enumerate() {
            let choice = [
                ("id", (number * 10 + place as u64).to_string()),
                ("ballot", uid.clone()),
                ("aid", place.to_string()),
                ("type", "TEXT".to_owned()),
                ("name", text.to_owned()),
                ("vote_count", "1".to_owned()),
                ("order", place.to_string()),
            ];
            self.choices.row(&[&choice[..], &times].concat());
            for who in [author, self.holder.as_str()] {
                // Everybody has a row for each option.
                let for_it = place == usize::from(who != author);
                self.expected.votes += u64::from(for_it);
                let vote = [
                    ("ballot_uid", uid.clone()),
                    ("choice_uid", place.to_string()),
                    ("identity", who.to_owned()),
                    ("choice", u8::from(for_it).to_string()),
                ];
                self.votes.row(&[&vote[..], &times].concat());
            }
        }
        number
    }

    pub(super) fn finish(mut self) -> (BTreeMap<String, Vec<u8>>, ThreemaBackupExpected) {
        let version = self.options.version;
        let private = self.dice.hex(32);
        self.expected.secrets.push(private.clone());
        self.entries.insert("identity".to_owned(), private.into_bytes());
        self.entries.insert("settings".to_owned(), format!("\"version\",\"{version}\"\n").into_bytes());
        for room in std::mem::take(&mut self.rooms) {
            let there = room.table.rows() > 0;
            match room.kind {
                Kind::Direct => self.expected.direct += u64::from(there),
                Kind::Group => self.expected.groups += 1,
                Kind::List => self.expected.lists += 1,
            }
            self.entries.insert(room.entry, room.table.into_bytes());
        }
        self.expected.conversations = self.expected.direct + self.expected.groups + self.expected.lists;
        let mut tables = vec![("ballot.csv", self.ballots), ("ballot_choice.csv", self.choices), ("ballot_vote.csv", self.votes)];
        if self.contact_reactions.has("emoji_sequence") {
            tables.push(("contact_reactions.csv", self.contact_reactions));
            tables.push(("group_reactions.csv", self.group_reactions));
        }
        self.entries.extend(tables.into_iter().map(|(name, table)| (name.to_owned(), table.into_bytes())));
        if version >= 19 {
            self.entries.insert("nonces_csp.csv".to_owned(), b"\"nonces\"\n\"00ff\"\n".to_vec());
        }
        self.entries.insert("contact_avatar_me".to_owned(), vec![0xff, 0xd8, 0xff, 0xd9]);
        (self.entries, self.expected)
    }
}

fn uuid(dice: &mut Dice) -> String {
    let hex = dice.hex(32).to_lowercase();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
