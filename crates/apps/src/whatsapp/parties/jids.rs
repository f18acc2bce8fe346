//! Who is who: the tables `jid` and `jid_map`, and hidden ids (LIDs) resolved to the numbers behind them.
//!
//! Since 2024 a chat, a sender or a reactor may be recorded under a LID instead of a phone number; `jid_map` says which
//! number belongs to it (`reference/android.md §2.6`). Everything resolves through here, so that one person is one
//! participant in every readout; the raw LID stays visible among the native ids.

use super::ReadError;
use crate::reading::{
    schema::Schema,
    value::{self, Repairs},
};
use foldhash::HashMap;

/// Most rows taken from `jid`; more than any phone holds, few enough to keep in memory.
const MOST_JIDS: usize = 2_000_000;

/// One row of `jid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jid {
    pub row: i64,
    /// The first row with this address: under it the person is known.
    pub first: i64,
    pub user: String,
    pub server: String,
    /// `user@server`, without device and agent.
    pub address: String,
}

/// What kind of address a jid is, told by its server part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JidKind {
    Person,
    Lid,
    Group,
    Broadcast,
    Status,
    Newsletter,
    Other,
}

impl Jid {
    pub(crate) fn parse(row: i64, raw: &str) -> Self {
        let (user, server) = raw.rsplit_once('@').unwrap_or((raw, ""));
        Self::of(row, user, server)
    }

    fn of(row: i64, user: &str, server: &str) -> Self {
        // A device jid is `user.agent:device@server` or `user:device@server`; the person is the same.
        let person = matches!(server, "s.whatsapp.net" | "lid" | "hosted" | "hosted.lid" | "c.us");
        let bare = if person { user.split([':', '.', '_']).next().unwrap_or(user) } else { user };
        let server = if server == "c.us" { "s.whatsapp.net" } else { server };
        Self { row, first: row, user: bare.to_owned(), server: server.to_owned(), address: format!("{bare}@{server}") }
    }

    pub(crate) fn kind(&self) -> JidKind {
        match (self.user.as_str(), self.server.as_str()) {
            ("status", "broadcast") | (_, "status") => JidKind::Status,
            (_, "s.whatsapp.net" | "hosted") => JidKind::Person,
            (_, "lid" | "hosted.lid") => JidKind::Lid,
            (_, "g.us" | "temp") => JidKind::Group,
            (_, "broadcast") => JidKind::Broadcast,
            (_, "newsletter") => JidKind::Newsletter,
            _ => JidKind::Other,
        }
    }

    /// The kind as it is written beside a native id.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind() {
            JidKind::Person => "phone-number jid",
            JidKind::Lid => "lid",
            JidKind::Group => "group jid",
            JidKind::Broadcast | JidKind::Status => "broadcast jid",
            JidKind::Newsletter => "newsletter jid",
            JidKind::Other => "jid",
        }
    }

    /// The phone number in international form, when the jid is made of one.
    pub(crate) fn number(&self) -> Option<String> {
        let digits = !self.user.is_empty() && self.user.bytes().all(|b| b.is_ascii_digit());
        // 0@s.whatsapp.net is WhatsApp's own voice, not a number.
        (self.kind() == JidKind::Person && digits && self.user != "0").then(|| format!("+{}", self.user))
    }
}

/// The table `jid` with `jid_map` over it.
#[derive(Debug, Default)]
pub(crate) struct Jids {
    by_row: HashMap<i64, Jid>,
    by_address: HashMap<String, i64>,
    /// Row of a LID to row of the number behind it.
    lid_to_number: HashMap<i64, i64>,
    /// Row of a number to the row of its LID.
    number_to_lid: HashMap<i64, i64>,
    pub refused: u64,
    next_invented: i64,
}

impl Jids {
    pub(crate) fn load(schema: &Schema<'_>, repairs: &Repairs) -> Result<Self, ReadError> {
        let mut jids = Self { next_invented: i64::MIN, ..Self::default() };
        if let Some(columns) = schema.columns("jid", "j", &["_id", "user", "server", "raw_string"]) {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM jid j"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(id) = value::int(row, 0) else { continue };
                if jids.by_row.len() >= MOST_JIDS {
                    jids.refused += 1;
                    continue;
                }
                let (user, server) = (repairs.any_text(row, 1), repairs.any_text(row, 2));
                let jid = match (user, server, repairs.text(row, 3)) {
                    (Some(user), Some(server), _) if !server.is_empty() => Jid::of(id, &user, &server),
                    (_, _, Some(raw)) => Jid::parse(id, &raw),
                    (user, _, None) => Jid::of(id, &user.unwrap_or_default(), ""),
                };
                let first = *jids.by_address.entry(jid.address.clone()).or_insert(id);
                jids.by_row.insert(id, Jid { first, ..jid });
            }
        }
        if let Some(columns) = schema.columns("jid_map", "m", &["lid_row_id", "jid_row_id"]) {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM jid_map m"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                if let (Some(lid), Some(number)) = (value::int(row, 0), value::int(row, 1)) {
                    jids.map(lid, number);
                }
            }
        }
        Ok(jids)
    }

    /// Notes that `lid` is another id of `number`. Only a LID is mapped and only to a person that exists, so neither a cycle
    /// nor a chain nor a row that points nowhere can arise, whatever the table says.
    fn map(&mut self, lid: i64, number: i64) {
        let is = |row: i64, kind: JidKind| self.by_row.get(&row).is_some_and(|j| j.kind() == kind);
        if is(lid, JidKind::Lid) && is(number, JidKind::Person) {
            self.lid_to_number.insert(lid, number);
            self.number_to_lid.entry(number).or_insert(lid);
        }
    }

    /// A pair that an increment brought.
    pub(crate) fn map_addresses(&mut self, lid: &str, number: &str) {
        let (lid, number) = (self.row_of(lid), self.row_of(number));
        if !self.lid_to_number.contains_key(&lid) {
            self.map(lid, number);
        }
    }

    pub(crate) fn get(&self, row: i64) -> Option<&Jid> {
        self.by_row.get(&row)
    }

    /// The jid behind a row, a LID replaced by its number where the phone knew it.
    pub(crate) fn resolve(&self, row: i64) -> Option<&Jid> {
        self.by_row.get(self.lid_to_number.get(&row).unwrap_or(&row))
    }

    /// Row of the resolved jid, the key under which a person is known here.
    pub(crate) fn resolved_row(&self, row: i64) -> Option<i64> {
        self.resolve(row).map(|j| j.first)
    }

    pub(crate) fn lid_of(&self, number_row: i64) -> Option<&Jid> {
        self.number_to_lid.get(&number_row).and_then(|row| self.by_row.get(row))
    }

    pub(crate) fn find(&self, raw: &str) -> Option<i64> {
        self.by_address.get(&Jid::parse(0, raw).address).copied()
    }

    /// The row of an address that came as text (legacy tables, increments); given one of its own when the file has none.
    pub(crate) fn row_of(&mut self, raw: &str) -> i64 {
        let jid = Jid::parse(0, raw);
        if let Some(&row) = self.by_address.get(&jid.address) {
            return row;
        }
        let row = self.next_invented;
        self.next_invented += 1;
        self.by_address.insert(jid.address.clone(), row);
        self.by_row.insert(row, Jid { row, first: row, ..jid });
        row
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn a_lid_resolves_to_its_number_and_hostile_maps_lead_nowhere() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE jid(_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);
             CREATE TABLE jid_map(lid_row_id INTEGER PRIMARY KEY, jid_row_id INTEGER);
             INSERT INTO jid VALUES (1,'31612345678','s.whatsapp.net',NULL),(2,'998877','lid','998877@lid'),(3,'5','lid',NULL),
               (4,'6','lid',NULL),(5,'31612345678','s.whatsapp.net','31612345678:7@s.whatsapp.net'),(6,NULL,NULL,'1-2@g.us'),
               (7,'0','s.whatsapp.net',NULL),(8,'','','');
             INSERT INTO jid_map VALUES (2,1),(3,4),(4,3),(1,2),(9,1);",
        )
        .unwrap();
        let schema = Schema::probe(&db, 10_000).unwrap();
        let jids = Jids::load(&schema, &Repairs::default()).unwrap();
        assert_eq!(jids.resolve(2).unwrap().number().as_deref(), Some("+31612345678"));
        assert_eq!(jids.lid_of(1).unwrap().address, "998877@lid");
        assert_eq!(jids.resolve(3).unwrap().address, "5@lid", "a map from LID to LID is not followed");
        assert_eq!(jids.resolved_row(5), Some(1), "a device is its person");
        assert_eq!(jids.get(6).unwrap().kind(), JidKind::Group);
        assert_eq!(jids.get(7).unwrap().number(), None);
        assert!(jids.resolve(77).is_none());
    }
}
