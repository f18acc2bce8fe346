//! Rows of `jid`: every account, group and channel that anything in msgstore.db points to.

use super::ContentError;
use super::people::Person;
use rusqlite::{Connection, params};

/// Values of `jid.type` (`reference/android.md` §2.6; status as MSG22 has it).
#[derive(Clone, Copy)]
pub(super) enum JidKind {
    User = 0,
    Group = 1,
    Status = 5,
    Lid = 18,
    Newsletter = 21,
}

pub(super) fn add(db: &Connection, user: &str, kind: JidKind) -> Result<i64, ContentError> {
    let server = match kind {
        JidKind::User => "s.whatsapp.net",
        JidKind::Group => "g.us",
        JidKind::Status => "broadcast",
        JidKind::Lid => "lid",
        JidKind::Newsletter => "newsletter",
    };
    db.prepare_cached("INSERT INTO jid (user, server, agent, device, type, raw_string) VALUES (?, ?, 0, 0, ?, ?)")?
        .execute(params![user, server, kind as i64, format!("{user}@{server}")])?;
    Ok(db.last_insert_rowid())
}

/// Give everybody their rows, the mapping between hidden id and number, and the app's own list of names for hidden ids.
pub(super) fn add_people(db: &Connection, people: &mut [Person]) -> Result<(), ContentError> {
    for person in people {
        if person.has_number() {
            person.pn_row = add(db, &person.number, JidKind::User)?;
            db.execute("INSERT INTO jid_user_metadata (jid_row_id, country_code) VALUES (?, 'NL')", [person.pn_row])?;
        }
        let Some(lid) = &person.lid else { continue };
        person.lid_row = add(db, lid, JidKind::Lid)?;
        if person.has_number() {
            db.execute(
                "INSERT INTO jid_map (lid_row_id, jid_row_id, sort_id) VALUES (?1, ?2, ?1)",
                [person.lid_row, person.pn_row],
            )?;
            continue;
        }
        let name = if person.known == super::people::Known::LidDirectory { person.name.clone() } else { person.masked() };
        db.execute("INSERT INTO lid_display_name (lid_row_id, display_name) VALUES (?, ?)", params![person.lid_row, name])?;
        db.execute("INSERT INTO lid_chat_state (jid_row_id, is_pn_shared) VALUES (?, 0)", [person.lid_row])?;
    }
    Ok(())
}
