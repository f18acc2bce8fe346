//! Which tables are asked for, and what is known of their columns (`reference/android.md §4.2, §4.4`).

/// One table of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// What its evidence item is called.
    pub name: &'static str,
    pub uri: &'static str,
    /// Rows of one message lie together when they are sorted by this column first.
    pub group: Option<&'static str>,
    /// Columns that hold numbers.
    pub numbers: &'static [&'static str],
    /// Columns that hold text, the freest last.
    pub texts: &'static [&'static str],
    /// Columns without which it is another table.
    pub least: &'static [&'static str],
}

pub const SMS: Table = Table {
    name: "sms",
    uri: "content://sms",
    group: None,
    numbers: &[
        "thread_id",
        "date",
        "date_sent",
        "type",
        "read",
        "seen",
        "status",
        "locked",
        "sub_id",
        "error_code",
        "protocol",
        "reply_path_present",
        "person",
    ],
    texts: &["service_center", "creator", "address", "subject", "body"],
    least: &["thread_id", "date", "type", "address", "body"],
};

pub const MMS: Table = Table {
    name: "mms",
    uri: "content://mms",
    group: None,
    numbers: &[
        "thread_id",
        "date",
        "date_sent",
        "msg_box",
        "read",
        "seen",
        "m_type",
        "sub_cs",
        "v",
        "m_size",
        "pri",
        "rr",
        "resp_st",
        "retr_st",
        "exp",
        "sub_id",
        "text_only",
    ],
    texts: &["m_cls", "ct_t", "ct_l", "tr_id", "creator", "m_id", "sub"],
    least: &["thread_id", "date", "msg_box"],
};

/// What a message of [`MMS`] consists of.
pub const PARTS: Table = Table {
    name: "mms-part",
    uri: "content://mms/part",
    group: Some("mid"),
    numbers: &["mid", "seq", "chset", "sub_id"],
    texts: &["ctt_s", "ctt_t", "cid", "cl", "fn", "cd", "_data", "ct", "name", "text"],
    least: &["mid", "ct", "text"],
};

/// Samsung's own store beside the other two.
pub const IM: Table = Table {
    name: "im-chat",
    uri: "content://im/chat",
    group: None,
    numbers: &["date", "type"],
    texts: &["address", "body"],
    least: &["date", "address", "body"],
};

/// From whom and to whom, message by message: the provider has no table of all of them. The last is the freest.
pub const ADDRESSES: [&str; 4] = ["_id", "type", "charset", "address"];

impl Table {
    pub const ALL: [Self; 4] = [SMS, MMS, PARTS, IM];

    #[must_use]
    pub fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name == name)
    }

    /// The columns to ask for, in order, of those that the provider has: the id, numbers, what nobody explained, texts.
    #[must_use]
    pub fn columns<'c>(&self, there: &'c [String]) -> Vec<&'c str> {
        let known = |names: &'static [&'static str]| names.iter().filter_map(|name| find(there, name));
        let strange = there.iter().map(String::as_str).filter(|name| {
            *name != "_id" && Some(*name) != self.group && !self.numbers.contains(name) && !self.texts.contains(name)
        });
        let first = ["_id"].into_iter().filter_map(|name| find(there, name));
        first.chain(known(self.numbers)).chain(strange).chain(known(self.texts)).collect()
    }

    /// Of those columns the ones that this page explains.
    #[must_use]
    pub fn explained<'c>(&self, there: &'c [String]) -> Vec<&'c str> {
        let known = |name: &&str| *name == "_id" || self.numbers.contains(name) || self.texts.contains(name);
        self.columns(there).into_iter().filter(known).collect()
    }

    /// What every such table has had from the beginning.
    #[must_use]
    pub fn least(&self) -> Vec<&'static str> {
        let mut columns = vec!["_id"];
        columns.extend(self.numbers.iter().chain(self.texts).filter(|name| self.least.contains(name)));
        columns
    }

    #[must_use]
    pub fn is_text(&self, column: &str) -> bool {
        self.texts.contains(&column)
    }

    /// By which column pages are bounded.
    #[must_use]
    pub fn bound(&self) -> &'static str {
        self.group.unwrap_or("_id")
    }

    #[must_use]
    pub fn sort(&self) -> String {
        self.group.map_or_else(|| "_id".to_owned(), |group| format!("{group}, _id"))
    }
}

fn find<'c>(there: &'c [String], name: &str) -> Option<&'c str> {
    there.iter().map(String::as_str).find(|column| *column == name)
}
