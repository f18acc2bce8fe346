//! The messages, one after another as time goes by.

use super::{
    ThreemaExpected, ThreemaOptions,
    room::{self, Room, written},
};
use crate::{
    backup::BackupFile,
    content::{
        ContentError,
        dice::Dice,
        story::Calendar,
        texts::{TOPICS, place, sentence},
    },
};
use rusqlite::{Connection, types::Value};

/// Places in the list of entities.
const TEXT: i64 = 0;
pub(super) const IMAGE: i64 = 1;
pub(super) const FILE: i64 = 2;
pub(super) const AUDIO: i64 = 3;
pub(super) const VIDEO: i64 = 4;
const LOCATION: i64 = 5;
const SYSTEM: i64 = 6;
const BALLOT: i64 = 7;

/// Entity, whether its file is a picture, and weight.
const WEIGHTS: [(i64, bool, u64); 9] = [
    (TEXT, false, 800),
    (IMAGE, true, 30),
    (FILE, false, 50),
    (FILE, true, 20),
    (AUDIO, false, 20),
    (VIDEO, false, 10),
    (LOCATION, false, 10),
    (SYSTEM, false, 12),
    (BALLOT, false, 8),
];

pub(super) struct Story<'a> {
    pub(super) db: &'a Connection,
    pub(super) options: &'a ThreemaOptions,
    /// Number of the first entity.
    first: i64,
    rooms: Vec<Room>,
    pub(super) dice: Dice,
    calendar: Calendar,
    pub(super) expected: ThreemaExpected,
    pub(super) files: Vec<BackupFile>,
    next_row: i64,
    pub(super) made: u64,
}

type Cells = Vec<(&'static str, Value)>;

fn cell(name: &'static str, value: impl Into<Value>) -> (&'static str, Value) {
    (name, value.into())
}

impl<'a> Story<'a> {
    pub(super) fn new(db: &'a Connection, options: &'a ThreemaOptions, first: i64) -> Result<Self, ContentError> {
        let mut dice = Dice::new(options.seed, "threema story");
        let mut expected = ThreemaExpected::default();
        let rooms = room::build(db, options, &mut dice, &mut expected)?;
        let calendar = Calendar::new(options.now, options.messages);
        Ok(Self { db, options, first, rooms, dice, calendar, expected, files: Vec::new(), next_row: 1, made: 0 })
    }

    pub(super) fn tell(&mut self) -> Result<(), ContentError> {
        let total: u64 = WEIGHTS.iter().map(|(.., weight)| weight).sum();
        let mut shows = 0..WEIGHTS.len();
        while self.expected.messages < self.options.messages.max(1) {
            let room = self.dice.index(self.rooms.len());
            let at = shows.next().unwrap_or_else(|| {
                let mut drawn = self.dice.below(total);
                let hit = WEIGHTS.iter().position(|(.., weight)| {
                    let hit = drawn < *weight;
                    drawn = drawn.saturating_sub(*weight);
                    hit
                });
                hit.unwrap_or(0)
            });
            let (entity, picture, _) = WEIGHTS[at];
            let odd = matches!(entity, SYSTEM | BALLOT) && !self.options.oddities;
            // Now and then a message was taken away.
            if self.dice.per_mille(15) {
                self.next_row += 1;
                self.expected.absent += 1;
            }
            self.happen(room, if odd { TEXT } else { entity }, picture)?;
        }
        Ok(())
    }

    fn written(&mut self, text: &str) -> Value {
        written(self.options, &mut self.dice, text)
    }

    fn happen(&mut self, room: usize, entity: i64, picture: bool) -> Result<(), ContentError> {
        let of = &mut self.rooms[room];
        let text = sentence(TOPICS[of.topic], &mut of.line, &mut self.dice);
        let mut cells = Cells::new();
        let mut said = None;
        let word = match entity {
            TEXT => {
                cells.push(cell("ZTEXT", self.written(&text)));
                said = Some(text);
                if self.options.encrypted { "unknown" } else { "text" }
            }
            LOCATION => {
                let name = place(&mut self.dice);
                cells.extend([cell("ZLATITUDE", 52.07), cell("ZLONGITUDE", 4.3), cell("ZACCURACY", 12.0)]);
                cells.push(cell("ZTEXT", self.written(name)));
                "place"
            }
            IMAGE => "image",
            AUDIO => "audio",
            VIDEO => "video",
            FILE => {
                let (name, mime) = if picture { ("foto.jpg", "image/jpeg") } else { ("notitie.pdf", "application/pdf") };
                cells.extend([cell("ZFILENAME", self.written(name)), cell("ZMIMETYPE", self.written(mime))]);
                if picture {
                    cells.push(cell("ZCAPTION", self.written(&text)));
                    said = Some(text);
                }
                if picture && !self.options.encrypted { "image" } else { "document" }
            }
            _ => {
                self.expected.unknown_types += 1;
                "unknown"
            }
        };
        self.expected.unreadable += u64::from(cells.iter().any(|(_, value)| matches!(value, Value::Blob(_))));
        let row = self.record(room, entity, word, cells)?;
        if let Some(said) = said.filter(|_| !self.options.encrypted) {
            self.expected.texts.insert(row, said);
        }
        if matches!(entity, IMAGE | FILE | AUDIO | VIDEO) {
            self.attach(row, entity, picture)?;
        }
        Ok(())
    }

    fn record(&mut self, room: usize, entity: i64, word: &str, more: Cells) -> Result<i64, ContentError> {
        let ms = self.calendar.tick(self.expected.messages, &mut self.dice);
        let own = entity != SYSTEM && self.dice.per_mille(420);
        let of = &self.rooms[room];
        // Between two the row of the conversation says who it is from.
        let by = (of.group && !own && entity != SYSTEM).then(|| of.members[self.dice.index(of.members.len())]);
        #[allow(clippy::cast_precision_loss, reason = "a time of this century")]
        let date = (ms - 978_307_200_000) as f64 / 1000.0;
        let mut cells: Cells = vec![
            cell("Z_PK", self.next_row),
            cell("Z_ENT", self.first + entity),
            cell("Z_OPT", 1_i64),
            cell("ZISOWN", i64::from(own)),
            cell("ZREAD", 1_i64),
            cell("ZCONVERSATION", of.row),
            cell("ZSENDER", by.map_or(Value::Null, Value::from)),
            cell("ZDATE", date),
        ];
        cells.extend(more);
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO ZMESSAGE ({}) VALUES ({marks})", names.join(", "));
        self.db.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(cells.iter().map(|(_, value)| value)))?;
        self.expected.messages += 1;
        *self.expected.by_kind.entry(word.to_owned()).or_default() += 1;
        self.next_row += 1;
        Ok(self.next_row - 1)
    }

    pub(super) fn finish(self) -> (ThreemaExpected, Vec<BackupFile>, i64) {
        (self.expected, self.files, self.next_row)
    }
}
