//! wa.db: the app's own copy of the address book, with holes as real backups have them (`reference/android.md` §2.7).

use super::people::{Known, Person};
use super::room::Room;
use super::{ContentError, database};
use rusqlite::params;

/// `beside` are addresses and names of those who are in no room.
pub(super) fn build(
    people: &[Person],
    rooms: &[Room],
    beside: &[(String, String)],
    now: i64,
) -> Result<database::Image, ContentError> {
    let db = database::create(include_str!("schema_wa.sql"))?;
    for (i, person) in people.iter().enumerate().skip(1) {
        let (display, chosen) = match person.known {
            Known::AppContacts => (Some(person.name.as_str()), Some(person.given.as_str())),
            Known::PushName => (None, Some(person.name.as_str())),
            Known::Verified | Known::Nobody => (None, None),
            Known::PhoneContacts | Known::LidDirectory | Known::LidMasked => continue,
        };
        // The timer that this contact uses by default: theirs, not the holder's.
        let timer = (i == 3).then_some(86_400_i64);
        db.prepare_cached(
            "INSERT INTO wa_contacts (jid, is_whatsapp_user, status, number, raw_contact_id, display_name, given_name, family_name,
             wa_name, sort_name, disappearing_mode_duration, disappearing_mode_timestamp, is_starred)
             VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        )?
        .execute(params![
            person.pn_jid(),
            (i % 4 == 0).then_some("Aan het werk"),
            display.map(|_| format!("+{}", person.number)),
            display.map(|_| i64::try_from(i).unwrap_or(0)),
            display,
            display.map(|_| person.given.as_str()),
            display.map(|_| person.family.as_str()),
            chosen,
            display,
            timer.unwrap_or(0),
            timer.map(|_| now * 1000),
        ])?;
        if person.known == Known::Verified {
            db.execute(
                "INSERT INTO wa_vnames (jid, serial, issuer, verified_name, verified_level) VALUES (?, 1, 'smb:wa', ?, 2)",
                params![person.pn_jid(), person.name],
            )?;
        }
    }
    for (jid, name) in beside {
        db.execute("INSERT INTO wa_contacts (jid, is_whatsapp_user, display_name) VALUES (?, 1, ?)", [jid, name])?;
    }
    for room in rooms.iter().filter(|room| room.is_group()) {
        db.execute(
            "INSERT INTO wa_contacts (jid, is_whatsapp_user, display_name) VALUES (?, 1, ?)",
            params![room.stored_jid, room.subject],
        )?;
        db.execute(
            "INSERT INTO wa_group_descriptions (jid, description, description_time, description_setter_jid, description_id_string)
             VALUES (?, 'Alleen voor afstemming; besluiten gaan per mail', ?, ?, '0')",
            params![room.stored_jid, now, people[0].pn_jid()],
        )?;
        db.execute(
            "INSERT INTO wa_group_admin_settings (jid, restrict_mode, announcement_group, no_frequently_forwarded, creator_jid,
             in_app_support) VALUES (?, 0, 0, 0, ?, 0)",
            params![room.stored_jid, people[0].pn_jid()],
        )?;
    }
    database::finish(db)
}
