//! Conversations (`ZWACHATSESSION`, `ZWAGROUPINFO`) and who is in them (`ZWAGROUPMEMBER`).

use super::survey::{MOST_MEMBERS, Survey};
use crate::{
    ReadError,
    reading::{cocoa, value},
    whatsapp::parties::{
        book::{ChatRow, source},
        jids::JidKind,
    },
};
use std::collections::BTreeMap;
use uitlezen_chat::{NameOrigin, Role, Timer, TimerState};

/// `ZSESSIONTYPE` of statuses and of channels, where the address does not say it.
const STATUS: i64 = 3;
const NEWSLETTER: i64 = 5;

/// A timer of which nothing is known yet.
pub(super) fn no_timer() -> Timer {
    Timer {
        state: TimerState::NotDeterminable { reason: "no-event".to_owned() },
        since: None,
        basis: None,
        initiator_raw: None,
        changes: Vec::new(),
        source: None,
    }
}

impl Survey<'_, '_> {
    pub(super) fn chats(&mut self) -> Result<(), ReadError> {
        let wanted = [
            "rowid",
            "zcontactjid",
            "zpartnername",
            "zsessiontype",
            "zarchived",
            "zgroupinfo",
            "zcontactidentifier",
            "zremoved",
            "zhidden",
            "zsavedinput",
            "zlocationsharingenddate",
        ];
        let Some(columns) = self.schema.columns("zwachatsession", "c", &wanted) else { return Ok(()) };
        let group = ["zcreationdate", "zcreatorjid", "zownerjid", "zsourcejid"];
        // Without a key every conversation would ask the table whole.
        let joins = self.schema.has_column("zwachatsession", "zgroupinfo") && self.schema.is_keyed("zwagroupinfo", "z_pk");
        let info = if joins { self.schema.joined("zwagroupinfo", "g", &group) } else { ["NULL"; 4].join(", ") };
        let join = if joins { "LEFT JOIN zwagroupinfo g ON g.z_pk = c.zgroupinfo" } else { "" };
        let mut all = self.schema.prepare(&format!("SELECT {columns}, {info} FROM zwachatsession c {join} ORDER BY c.rowid"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(chat) = value::int(row, 0) else { continue };
            let address = self.repairs.text(row, 1);
            let session = value::int(row, 3);
            // The session says so even where the address is of another kind.
            let address = match (address, session) {
                (Some(address), Some(STATUS)) if self.kind(&address) != JidKind::Status => Some(format!("{address}@status")),
                (Some(address), Some(NEWSLETTER)) if self.kind(&address) != JidKind::Newsletter => {
                    Some(format!("{address}@newsletter"))
                }
                (address, _) => address,
            };
            let jid = address.as_deref().map(|address| self.jids.row_of(address));
            let kind = address.as_deref().map(|address| self.kind(address));
            // A conversation under a hidden id may name the number beside it.
            if let (Some(JidKind::Lid), Some(lid), Some(number)) = (kind, &address, self.repairs.text(row, 6))
                && self.kind(&number) == JidKind::Person
            {
                self.jids.map_addresses(lid, &number);
            }
            let mut uninterpreted = BTreeMap::new();
            let kept = [
                (3, "ZWACHATSESSION.ZSESSIONTYPE"),
                (7, "ZWACHATSESSION.ZREMOVED"),
                (8, "ZWACHATSESSION.ZHIDDEN"),
                (10, "ZWACHATSESSION.ZLOCATIONSHARINGENDDATE"),
                (12, "ZWAGROUPINFO.ZCREATORJID"),
                (13, "ZWAGROUPINFO.ZOWNERJID"),
                (14, "ZWAGROUPINFO.ZSOURCEJID"),
            ];
            for (column, name) in kept {
                if let Some(raw) = value::raw(self.repairs, row, column).filter(|raw| raw != "0") {
                    uninterpreted.insert(name.to_owned(), raw);
                }
            }
            if self.repairs.text(row, 9).is_some() {
                self.summary.not_asked.drafts += 1;
            }
            let name = self.repairs.text(row, 2);
            let direct = matches!(kind, Some(JidKind::Person | JidKind::Lid));
            let title = name.clone().filter(|_| !direct);
            let index = self.book.add_chat(
                self.jids,
                self.scope,
                ChatRow {
                    chat: Some(chat),
                    jid,
                    subject: title,
                    created: cocoa::at(row, 11),
                    archived: value::flag(row, 4),
                    locked: false,
                    group_type: session,
                    community: false,
                    uninterpreted,
                    timer: no_timer(),
                    source: source(self.item, "ZWACHATSESSION", chat),
                },
            );
            if let (true, Some(person), Some(name)) = (direct, jid.and_then(|jid| self.jids.resolved_row(jid)), name) {
                // A number in place of a name is none.
                if name.chars().any(char::is_alphabetic) {
                    self.people.add(person, &name, NameOrigin::InConversation);
                }
                self.book.meet(self.jids, index, person);
            }
        }
        Ok(())
    }

    /// Present and past members of groups. Who became one when is not in this table.
    pub(super) fn members(&mut self) -> Result<(), ReadError> {
        let wanted = ["rowid", "zchatsession", "zmemberjid", "zisactive", "zisadmin", "zcontactname", "zfirstname"];
        let Some(columns) = self.schema.columns("zwagroupmember", "g", &wanted) else { return Ok(()) };
        let says_active = self.schema.has_column("zwagroupmember", "zisactive");
        let says_admin = self.schema.has_column("zwagroupmember", "zisadmin");
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM zwagroupmember g"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(member), Some(address)) = (value::int(row, 0), self.repairs.text(row, 2)) else { continue };
            let jid = self.jids.row_of(&address);
            if self.met.members.len() >= MOST_MEMBERS {
                self.met.refused += 1;
                continue;
            }
            self.met.members.insert(member, jid);
            if let Some(person) = self.jids.resolved_row(jid)
                && let Some(name) = self.repairs.text(row, 5).or_else(|| self.repairs.text(row, 6))
                && name.chars().any(char::is_alphabetic)
            {
                self.people.add(person, &name, NameOrigin::InConversation);
            }
            let Some(index) = value::int(row, 1).and_then(|chat| self.book.of_chat(chat)) else { continue };
            self.book.meet(self.jids, index, jid);
            let Some(who) = self.people.sender(self.jids, jid) else { continue };
            let role = says_admin.then(|| if value::flag(row, 4) { Role::Admin } else { Role::Member });
            self.book.member_now(index, &who, !says_active || value::flag(row, 3), role);
        }
        Ok(())
    }
}
