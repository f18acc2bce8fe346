//! One message, wherever it was stored.

use super::{mms::Whole, number::person, table::Cells};
use std::collections::BTreeMap;
use uitlezen_chat::{EvidenceId, Moment};
use uitlezen_provider::{IM, MMS, PARTS, SMS, Table};

/// Stands for this phone among the addresses of a message, as far as is known; no person is made of it.
const TOKEN: &str = "insert-address-token";
/// Of addresses of a message (`reference/android.md §4.2`).
const FROM: i64 = 137;
const TO: [i64; 3] = [151, 130, 129];
/// A message that was announced and not fetched.
const ANNOUNCED: i64 = 130;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
    /// Never meant to be sent yet.
    Draft,
    /// A code that nobody explained.
    Unknown(i64),
}

impl Way {
    fn of(code: Option<i64>) -> Self {
        match code {
            Some(1) => Self::In,
            // Sent, on its way, failed, waiting: the holder sent it, or tried to.
            Some(2 | 4..=6) => Self::Out,
            Some(3) => Self::Draft,
            code => Self::Unknown(code.unwrap_or(-1)),
        }
    }
}

/// A conversation as the phone tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thread {
    Number(i64),
    /// Where the store has no numbers: by who takes part.
    With(String),
}

/// A file that a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) part: i64,
    /// Where on the phone.
    pub(super) stored_as: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) name: Option<String>,
}

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) table: Table,
    pub(super) user: u32,
    pub(super) item: EvidenceId,
    pub(super) row: i64,
    /// Where the row's number is none that lasts.
    pub(super) id: Option<String>,
    pub(super) thread: Thread,
    pub(super) way: Way,
    pub(super) code: i64,
    /// When it came or went.
    pub(super) at: Moment,
    /// When the other one sent it, where the network said so.
    pub(super) sent: Option<Moment>,
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    pub(super) text: Option<String>,
    pub(super) files: Vec<File>,
    /// Announced, and not fetched.
    pub(super) waiting: bool,
    pub(super) status: Option<i64>,
    pub(super) error: Option<i64>,
    pub(super) bad_time: bool,
    pub(super) kept: BTreeMap<String, String>,
    /// The phone's own number, where the store says it.
    pub(super) own: Option<String>,
}

/// Everything of a row that has no place in a record, but for zeros and what is said elsewhere.
fn keep(table: &str, row: &mut Cells, said: &[&str], into: &mut BTreeMap<String, String>) {
    for (column, value) in std::mem::take(&mut row.values) {
        if column != "_id" && !said.contains(&column.as_str()) && !matches!(value.as_str(), "" | "0" | "-1" | "BLOB") {
            into.insert(format!("{table}.{column}"), value);
        }
    }
}

/// Technical, or said in the record.
const SAID_OF_SMS: [&str; 8] = ["thread_id", "date", "date_sent", "type", "read", "seen", "creator", "error_code"];
const SAID_OF_MMS: [&str; 13] = [
    "thread_id",
    "date",
    "date_sent",
    "msg_box",
    "read",
    "seen",
    "m_type",
    "creator",
    "v",
    "ct_t",
    "sub_cs",
    "text_only",
    "m_size",
];
const SAID_OF_IM: [&str; 2] = ["date", "type"];

impl Entry {
    pub(super) fn of_sms(mut row: Cells, user: u32, item: EvidenceId) -> Self {
        let code = row.number("type").unwrap_or(-1);
        let way = Way::of(row.number("type"));
        let date = row.number("date");
        let sent = row.number("date_sent").filter(|sent| *sent > 0 && way == Way::In).map(Moment::from_millis);
        let address = row.take("address").filter(|address| !address.trim().is_empty()).map(|address| person(&address));
        let text = row.take("body");
        let (from, to) = if way == Way::In { (address, Vec::new()) } else { (None, address.into_iter().collect()) };
        let thread = thread(row.number("thread_id"), from.as_ref(), &to);
        let (status, error) = (row.number("status").filter(|s| *s != -1), row.number("error_code").filter(|e| *e != 0));
        row.values.remove("status");
        let mut entry = Self {
            table: SMS,
            user,
            item,
            row: row.id,
            id: None,
            thread,
            way,
            code,
            at: Moment::from_millis(date.unwrap_or(0)),
            sent,
            from,
            to,
            text,
            files: Vec::new(),
            waiting: false,
            status,
            error,
            bad_time: date.is_none(),
            kept: BTreeMap::new(),
            own: None,
        };
        keep("sms", &mut row, &SAID_OF_SMS, &mut entry.kept);
        entry.finish()
    }

    /// Times of `mms` are seconds.
    pub(super) fn of_mms(whole: Whole, user: u32, item: EvidenceId) -> Self {
        let Whole { mut row, parts, addresses } = whole;
        let code = row.number("msg_box").unwrap_or(-1);
        let way = Way::of(row.number("msg_box"));
        let date = row.number("date");
        let sent = row.number("date_sent").filter(|sent| *sent > 0 && way == Way::In).map(Moment::from_seconds);
        let mut kept = BTreeMap::new();
        let (mut from, mut to) = (None, Vec::new());
        for address in addresses {
            if address.address == TOKEN || address.address.trim().is_empty() {
                kept.insert(format!("mms-addr.{}", address.kind), address.address);
            } else if address.kind == FROM {
                from = from.or_else(|| Some(person(&address.address)));
            } else if TO.contains(&address.kind) {
                let who = person(&address.address);
                if !to.contains(&who) {
                    to.push(who);
                }
            } else {
                kept.insert(format!("mms-addr.{}", address.kind), address.address);
            }
        }
        let waiting = row.number("m_type") == Some(ANNOUNCED);
        let status = row.number("resp_st").or_else(|| row.number("retr_st"));
        let thread = thread(row.number("thread_id"), from.as_ref(), &to);
        let (text, files) = of_parts(parts, &mut kept);
        keep("mms", &mut row, &SAID_OF_MMS, &mut kept);
        let entry = Self {
            table: MMS,
            user,
            item,
            row: row.id,
            id: None,
            thread,
            way,
            code,
            at: Moment::from_seconds(date.unwrap_or(0)),
            sent,
            from,
            to,
            text,
            files,
            waiting,
            status,
            error: None,
            bad_time: date.is_none(),
            kept,
            own: None,
        };
        entry.finish()
    }

    /// Samsung's store: what its codes mean nobody wrote down, but for the two that all stores share.
    pub(super) fn of_im(mut row: Cells, user: u32, item: EvidenceId) -> Self {
        let code = row.number("type").unwrap_or(-1);
        let way = match code {
            1 => Way::In,
            2 => Way::Out,
            code => Way::Unknown(code),
        };
        let date = row.number("date");
        let address = row.take("address").filter(|address| !address.trim().is_empty()).map(|address| person(&address));
        let text = row.take("body");
        let (from, to) = if way == Way::In { (address, Vec::new()) } else { (None, address.into_iter().collect()) };
        let thread = thread(None, from.as_ref(), &to);
        let mut kept = BTreeMap::new();
        keep("im-chat", &mut row, &SAID_OF_IM, &mut kept);
        let entry = Self {
            table: IM,
            user,
            item,
            row: row.id,
            id: None,
            thread,
            way,
            code,
            at: Moment::from_millis(date.unwrap_or(0)),
            sent: None,
            from,
            to,
            text,
            files: Vec::new(),
            waiting: false,
            status: None,
            error: None,
            bad_time: date.is_none(),
            kept,
            own: None,
        };
        entry.finish()
    }

    /// In a file of adb backup: there are no numbers of messages or conversations, but those who take part are named.
    pub(super) fn is_of_backup(&mut self, table: &'static str, id: String, recipients: Option<Vec<String>>, own: Option<String>) {
        self.table.name = table;
        self.id = Some(id);
        self.own = own.map(|own| person(&own));
        if let Some(recipients) = recipients {
            let mut all: Vec<String> = recipients.iter().map(|who| person(who)).collect();
            all.sort_unstable();
            all.dedup();
            self.thread = Thread::With(all.join(";"));
        }
    }

    fn finish(mut self) -> Self {
        self.bad_time |= self.at.utc.is_none() || self.at.raw <= 0;
        self
    }
}

fn thread(number: Option<i64>, from: Option<&String>, to: &[String]) -> Thread {
    match number {
        Some(number) => Thread::Number(number),
        None => {
            let mut all: Vec<&str> = from.into_iter().chain(to).map(String::as_str).collect();
            all.sort_unstable();
            Thread::With(all.join(";"))
        }
    }
}

/// The text of a message is that of its plain parts, one behind the other by their order; the layout says nothing; what is text of
/// another kind stays beside it; the rest are files.
fn of_parts(mut parts: Vec<Cells>, kept: &mut BTreeMap<String, String>) -> (Option<String>, Vec<File>) {
    parts.sort_by_key(|part| (part.number("seq").unwrap_or(0), part.id));
    let (mut text, mut files): (Option<String>, Vec<File>) = (None, Vec::new());
    for mut part in parts {
        let media_type = part.take("ct");
        let is = |kind: &str| media_type.as_deref().is_some_and(|there| there.eq_ignore_ascii_case(kind));
        if is("application/smil") {
            continue;
        }
        match part.take("text") {
            Some(said) if is("text/plain") => text.get_or_insert_default().push_str(&said),
            Some(said) if !part.values.contains_key("_data") => {
                kept.insert(format!("{}.{}.text", PARTS.name, part.id), said);
            }
            _ => {
                let name = part.take("name").or_else(|| part.take("fn")).or_else(|| part.take("cl"));
                files.push(File { part: part.id, stored_as: part.take("_data"), media_type, name });
            }
        }
    }
    (text, files)
}
