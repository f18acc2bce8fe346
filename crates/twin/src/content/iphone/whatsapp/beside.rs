//! The databases beside the messages, and the settings.

use super::{
    WhatsAppExpected, WhatsAppOptions,
    apple::time,
    cast::is_contact,
    room::{Room, RoomKind},
    timers,
};
use crate::content::{ContentError, database, dice::Dice, people::Person};
use rusqlite::params;
use uitlezen_property_list::{Value, to_binary};

pub(super) fn contacts(
    options: &WhatsAppOptions,
    people: &[Person],
    rooms: &[Room],
    expected: &mut WhatsAppExpected,
) -> Result<Vec<u8>, ContentError> {
    let db = database::create(include_str!("schema_contacts.sql"))?;
    for (at, person) in people.iter().enumerate().skip(1).filter(|(_, p)| is_contact(p)) {
        let seconds = timers::of_contact(options, rooms, at);
        let since = (seconds > 0).then(|| time(options.now * 1000 - 40 * 86_400_000, false));
        db.execute(
            "INSERT INTO ZWAADDRESSBOOKCONTACT (Z_ENT, Z_OPT, ZDISAPPEARINGMODEDURATION, ZDISAPPEARINGMODETIMESTAMP, ZABOUTTEXT,
               ZFULLNAME, ZGIVENNAME, ZPHONENUMBER, ZWHATSAPPID, ZLID) VALUES (1, 1, ?, ?, 'Beschikbaar', ?, ?, ?, ?, ?)",
            params![seconds, since, person.name, person.given, format!("+{}", person.number), person.pn_jid(), person.lid_jid()],
        )?;
    }
    // Somebody in the address book without the app.
    db.execute(
        "INSERT INTO ZWAADDRESSBOOKCONTACT (Z_ENT, Z_OPT, ZFULLNAME, ZPHONENUMBER, ZDISAPPEARINGMODEDURATION)
         VALUES (1, 1, 'Loket Vlietmonde', '+31600000000', 0)",
        [],
    )?;
    for room in rooms {
        expected.timers.insert(room.resolved.clone(), timers::expected(options, rooms, room, people));
    }
    Ok(database::finish(db)?.to_vec())
}

pub(super) fn lids(options: &WhatsAppOptions, people: &[Person]) -> Result<Vec<u8>, ContentError> {
    let db = database::create(include_str!("schema_lids.sql"))?;
    for person in people.iter().filter(|p| p.has_number()) {
        if let Some(lid) = &person.lid {
            db.execute(
                "INSERT INTO ZWAPHONENUMBERLIDPAIR (Z_ENT, Z_OPT, ZTIMESTAMP, ZLID, ZPHONENUMBER) VALUES (3, 1, ?, ?, ?)",
                params![time(options.now * 1000 - 86_400_000, false), lid, person.number],
            )?;
        }
    }
    Ok(database::finish(db)?.to_vec())
}

/// Calls: with one other, in a group, and with somebody with whom nothing was ever written.
pub(super) fn calls(
    options: &WhatsAppOptions,
    people: &[Person],
    rooms: &[Room],
    expected: &mut WhatsAppExpected,
) -> Result<Vec<u8>, ContentError> {
    let db = database::create(include_str!("schema_calls.sql"))?;
    let mut dice = Dice::new(options.seed, &format!("calls {}", options.package()));
    let partners: Vec<&Room> = rooms.iter().filter(|room| room.kind != RoomKind::Broadcast).collect();
    let many = (options.messages / 50).clamp(4, 400);
    for n in 0..many {
        let room = partners[dice.index(partners.len())];
        let (incoming, video) = (dice.per_mille(500), dice.per_mille(300));
        let outcome = [0, 0, 0, 1, 2, 4][dice.index(6)];
        let ms = options.now * 1000 - dice.between(3_600_000, 300 * 86_400_000);
        db.execute(
            "INSERT INTO ZWAAGGREGATECALLEVENT (Z_ENT, Z_OPT, ZINCOMING, ZMISSED, ZMISSEDREASON, ZVIDEO, ZFIRSTDATE)
             VALUES (1, 1, ?, ?, 0, ?, ?)",
            params![incoming, outcome == 1, video, time(ms, true)],
        )?;
        let aggregate = db.last_insert_rowid();
        let seconds = if outcome == 0 { dice.between(4, 3_000) } else { 0 };
        let group = (room.kind == RoomKind::Group).then_some(&room.address);
        db.execute(
            "INSERT INTO ZWACDCALLEVENT (Z_ENT, Z_OPT, ZOUTCOME, Z1CALLEVENTS, ZDATE, ZDURATION, ZGROUPJIDSTRING)
             VALUES (2, 1, ?, ?, ?, ?, ?)",
            params![outcome, aggregate, time(ms, true), seconds, group],
        )?;
        let call = db.last_insert_rowid();
        let strangers = n == 0;
        let with: Vec<String> = if strangers {
            vec![people[people.len() - 1].resolved_jid()]
        } else if group.is_some() {
            room.members.iter().take(4).map(|(person, _)| people[*person].resolved_jid()).collect()
        } else {
            vec![room.address.clone()]
        };
        for address in with {
            db.execute(
                "INSERT INTO ZWACDCALLEVENTPARTICIPANT (Z_ENT, Z_OPT, ZOUTCOME, Z1PARTICIPANTS, ZJIDSTRING) VALUES (3, 1, ?, ?, ?)",
                params![outcome, call, address],
            )?;
        }
    }
    expected.calls = many;
    Ok(database::finish(db)?.to_vec())
}

pub(super) fn settings(people: &[Person]) -> Result<Vec<u8>, ContentError> {
    let list = Value::of([("OwnJabberID", people[0].pn_jid()), ("FullUserName", people[0].name.clone())]);
    to_binary(&list).map_err(|error| ContentError::Io(std::io::Error::other(error)))
}
