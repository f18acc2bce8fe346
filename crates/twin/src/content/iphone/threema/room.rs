//! People and conversations.

use super::{ThreemaExpected, ThreemaOptions};
use crate::content::{
    ContentError,
    dice::Dice,
    options::Options,
    people,
    texts::{GROUPS, TOPICS},
};
use rusqlite::{Connection, params, types::Value};

pub(super) struct Room {
    pub(super) row: i64,
    /// Rows of contacts; one for a conversation between two.
    pub(super) members: Vec<i64>,
    pub(super) group: bool,
    pub(super) topic: usize,
    pub(super) line: usize,
}

/// As the app writes a text: plain, or bytes that only its server's secret opens.
pub(super) fn written(options: &ThreemaOptions, dice: &mut Dice, text: &str) -> Value {
    if options.encrypted { Value::Blob([&[0][..], &dice.bytes::<24>()].concat()) } else { Value::Text(text.to_owned()) }
}

pub(super) fn build(
    db: &Connection,
    options: &ThreemaOptions,
    dice: &mut Dice,
    expected: &mut ThreemaExpected,
) -> Result<Vec<Room>, ContentError> {
    let count = usize::try_from(options.messages / 40).unwrap_or(0).clamp(24, 400);
    let cast = people::cast(&Options { seed: options.seed, ..Options::default() }, "ch.threema", count);
    for (at, person) in cast.iter().enumerate().skip(1) {
        let known = at % 4 != 0;
        let given = written(options, dice, &person.given);
        let family = written(options, dice, &person.family);
        let nickname = written(options, dice, &person.given.to_lowercase());
        db.execute(
            "INSERT INTO ZCONTACT (Z_PK, Z_ENT, Z_OPT, ZIDENTITY, ZFIRSTNAME, ZLASTNAME, ZPUBLICNICKNAME)
             VALUES (?, 1, 1, ?, ?, ?, ?)",
            params![i64::try_from(at).unwrap_or(0), dice.hex(8), known.then_some(given), known.then_some(family), nickname],
        )?;
    }
    let mut rooms = Vec::new();
    let mut next = 1;
    for i in 0..count / 2 {
        let group = i % 3 == 1;
        let members: Vec<i64> = if group {
            let start = 1 + dice.index(cast.len() - 6);
            (start..start + 5).filter_map(|at| i64::try_from(at).ok()).collect()
        } else {
            // With one person there is one conversation.
            next += 1;
            vec![next - 1]
        };
        let name = group.then(|| written(options, dice, &format!("{} {i}", GROUPS[i % GROUPS.len()])));
        let partner = members.first().filter(|_| !group);
        db.execute("INSERT INTO ZCONVERSATION (Z_ENT, Z_OPT, ZCONTACT, ZGROUPNAME) VALUES (2, 1, ?, ?)", params![partner, name])?;
        *(if group { &mut expected.groups } else { &mut expected.direct }) += 1;
        expected.conversations += 1;
        rooms.push(Room { row: db.last_insert_rowid(), members, group, topic: dice.index(TOPICS.len()), line: 0 });
    }
    Ok(rooms)
}
