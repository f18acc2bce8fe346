//! Rows of the other tables, one type a table, with the columns that the reader understands.

#[derive(Debug)]
pub(crate) struct Link {
    pub description: Option<String>,
    pub title: Option<String>,
    pub url: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Location {
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub name: Option<String>,
    pub address: Option<String>,
    pub url: Option<String>,
    pub live_seconds: Option<u64>,
    /// Latitude, longitude and time at the end of a live location.
    pub last: Option<(f64, f64, Option<i64>)>,
}

#[derive(Debug)]
pub(crate) struct Quoted {
    pub row: i64,
    pub table: &'static str,
    pub chat: Option<i64>,
    pub from_me: bool,
    pub sender: Option<i64>,
    pub sender_address: Option<String>,
    pub key: Option<String>,
    pub at: Option<i64>,
    pub code: Option<i64>,
    pub text: Option<String>,
    pub media_name: Option<String>,
    pub media_type: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Mentioned {
    pub jid: Option<i64>,
    pub shown: Option<String>,
    pub kind: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct EditRow {
    pub original: Option<String>,
    pub at: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct RevokedRow {
    pub original: Option<String>,
    pub admin: Option<i64>,
    pub at: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct Expiring {
    pub seconds: Option<u64>,
    pub expires: Option<i64>,
    pub kept: bool,
}

#[derive(Debug)]
pub(crate) struct TimerRow {
    pub to: Option<i64>,
    pub from: Option<i64>,
    pub by_me: Option<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct SystemRow {
    pub action: i64,
    pub old: Option<String>,
    pub old_jid: Option<i64>,
    pub new_jid: Option<i64>,
    pub photo: bool,
    pub blocked: Option<bool>,
    pub timer_refused: Option<i64>,
    pub old_username: Option<String>,
    pub new_username: Option<String>,
    pub holder_joined: Option<bool>,
}

#[derive(Debug)]
pub(crate) struct CallRow {
    /// Row of the call log.
    pub call: Option<i64>,
    /// Row of the list of missed calls.
    pub missed: Option<i64>,
    pub video: bool,
    pub seconds: u64,
    pub result: Option<i64>,
    pub group: bool,
}

#[derive(Debug)]
pub(crate) struct PollRow {
    pub selectable: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct OptionRow {
    pub id: i64,
    pub text: String,
    pub total: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct AddOn {
    pub id: i64,
    pub from_me: bool,
    pub sender: Option<i64>,
    pub at: Option<i64>,
    pub kind: Option<i64>,
    /// `None` when the addition is no reaction; an empty text is a reaction that was taken back.
    pub reaction: Option<String>,
    pub vote: bool,
    pub pin: Option<i64>,
    pub keep: Option<i64>,
    pub answer: Option<i64>,
    pub extra_guests: Option<i64>,
    pub expires: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct Invite {
    pub group: Option<String>,
    pub expires: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct EventRow {
    pub name: String,
    pub description: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub place: Option<String>,
    pub address: Option<String>,
    pub link: Option<String>,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub cancelled: bool,
}

#[derive(Debug)]
pub(crate) struct Parent {
    pub key: Option<String>,
    pub from_me: bool,
    pub code: Option<i64>,
}
