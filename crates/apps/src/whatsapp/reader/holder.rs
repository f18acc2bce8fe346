//! Who the holder is, when nobody told: the one whom the holder's own rows name as their author.
//!
//! WhatsApp writes no "this is me" into the database. But a row with `from_me` that also names its author names the holder:
//! the sender of an own message in a group, the device that wrote an own message (`message_details`), the author of an own
//! reaction, the quoted author of an own message, the participant in the key of an own message in an increment. Notices are the
//! exception, since the app writes them all as its own; they do not count. All rows must agree on one number (and one hidden
//! id): an account has one of each. Otherwise nothing is assumed.

use super::{HolderKnown, MessageTable, ReadError, survey::Survey, value};
use crate::whatsapp::backup::IncrementSet;
use crate::whatsapp::parties::jids::{JidKind, Jids};
use std::collections::{BTreeMap, BTreeSet};

/// Rows looked at in one table; a million that agree say no more than some thousands.
const ENOUGH: u64 = 20_000;

/// What own rows say.
#[derive(Debug, Default)]
pub(crate) struct OwnRows {
    /// Resolved rows of the named authors: numbers and hidden ids.
    numbers: BTreeSet<i64>,
    lids: BTreeSet<i64>,
    rows: BTreeMap<String, u64>,
}

impl OwnRows {
    /// Takes in one row that the holder wrote and that names `jid` as its author.
    pub(crate) fn author(&mut self, jids: &Jids, table: &str, jid: i64) {
        let Some(jid) = jids.resolve(jid) else { return };
        let into = match jid.kind() {
            JidKind::Person if jid.number().is_some() => &mut self.numbers,
            JidKind::Lid if !jid.user.is_empty() => &mut self.lids,
            _ => return,
        };
        if into.len() < 16 {
            into.insert(jids.resolved_row(jid.row).unwrap_or(jid.row));
        }
        *self.rows.entry(table.to_owned()).or_default() += 1;
    }
}

impl Survey<'_, '_> {
    /// Own messages in the increments, before anything else is read.
    pub(crate) fn own_in_increments(&mut self, set: &IncrementSet) {
        for found in set.messages() {
            let m = found.message;
            if m.key.from_me
                && m.stub.is_none()
                && let Some(author) = m.key.participant.as_deref()
            {
                let row = self.jids.row_of(author);
                self.own.author(self.jids, "HistorySync.conversations.messages", row);
            }
        }
    }

    /// Looks for the holder among the authors of own rows, unless the number was told.
    pub(crate) fn find_holder(&mut self, table: MessageTable) -> Result<(), ReadError> {
        if self.people.holder_is_known() {
            self.summary.holder = HolderKnown::Told;
            return Ok(());
        }
        if table == MessageTable::Modern {
            for (side, author, of_message) in [
                ("message_details", "author_device_jid", true),
                ("message_quoted", "sender_jid_row_id", false),
                ("message_add_on", "sender_jid_row_id", false),
            ] {
                self.own_authors(side, author, of_message)?;
            }
        }
        let (numbers, lids) = (&self.own.numbers, &self.own.lids);
        let (number, lid) = (numbers.first().copied(), lids.first().copied());
        self.summary.holder = match (numbers.len(), lids.len()) {
            (0, 0) => HolderKnown::No,
            (0 | 1, 0 | 1) => HolderKnown::ByOwnRows { rows: self.own.rows.clone() },
            (n, l) => HolderKnown::Contradictory { addresses: (n + l) as u64 },
        };
        if matches!(self.summary.holder, HolderKnown::ByOwnRows { .. }) {
            if let Some((number, lid)) = number.zip(lid) {
                let address = |row| self.jids.get(row).map(|j| j.address.clone());
                if let Some((number, lid)) = address(number).zip(address(lid)) {
                    self.jids.map_addresses(&lid, &number);
                }
            }
            self.people.set_holder(number.or(lid), None);
        }
        Ok(())
    }

    fn own_authors(&mut self, side: &str, author: &str, of_message: bool) -> Result<(), ReadError> {
        if !self.schema.has_column(side, author) || !self.schema.has_column("message", "from_me") {
            return Ok(());
        }
        let sql = if of_message {
            let m = self.schema.joined("message", "m", &["message_type", "status"]);
            format!(
                "SELECT s.{author}, {m} FROM {side} s CROSS JOIN message m ON m._id = s.message_row_id WHERE m.from_me = 1 LIMIT {ENOUGH}"
            )
        } else {
            let kind = self.schema.joined(side, "s", &["message_type"]);
            format!("SELECT s.{author}, {kind}, NULL FROM {side} s WHERE s.from_me = 1 AND s.{author} > 0 LIMIT {ENOUGH}")
        };
        if !of_message && !self.schema.has_column(side, "from_me") {
            return Ok(());
        }
        let mut all = self.schema.prepare(&sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if is_notice(value::int(row, 1), value::int(row, 2)) {
                continue;
            }
            if let Some(jid) = value::int(row, 0).filter(|&jid| jid > 0) {
                self.own.author(self.jids, side, jid);
            }
        }
        Ok(())
    }
}

/// Rows that the app writes as the holder's own whoever caused them: types 7, 36, 57, and status 6
/// (`reference/android.md §2.6`).
pub(crate) fn is_notice(kind: Option<i64>, status: Option<i64>) -> bool {
    matches!(kind, Some(7 | 36 | 57)) || status == Some(6)
}
