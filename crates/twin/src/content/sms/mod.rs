//! SMS and MMS of a Dutch municipal key official, as Android's telephony provider holds them.
//!
//! Fixed by its seed. Beside ordinary conversations stand bodies that look like what `content query` prints around them, rows
//! that the shell may not see, a message that was never fetched, and a second SIM. Column names and codes:
//! `reference/android.md §4.2`; what that page marks "unverified" is made in one place only, the literal that stands for this
//! phone among the addresses of a message that it sent, and a reader may make no person of it.

mod backup;
mod provider;
mod story;

pub use backup::{SmsBackup, backup_of_another_app, backup_of_lists};

use super::{ContentError, DEFAULT_NOW, VirtualFile};

/// What is asked of the generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsOptions {
    pub seed: u64,
    /// Rows of `sms` that the shell may see.
    pub sms: u64,
    /// Messages of `mms` that the shell may see.
    pub mms: u64,
    /// Rows of Samsung's store beside them; none: it is another make.
    pub samsung: u64,
    /// Bodies that look like the provider's own output.
    pub oddities: bool,
    /// Planted in every hundredth text and one name.
    pub canary: Option<String>,
    pub now: i64,
}

impl Default for SmsOptions {
    fn default() -> Self {
        Self { seed: 1, sms: 400, mms: 40, samsung: 0, oddities: true, canary: None, now: DEFAULT_NOW }
    }
}

/// One row of `sms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsRow {
    pub id: i64,
    pub thread: i64,
    pub address: String,
    /// Unix milliseconds.
    pub date: i64,
    pub kind: i64,
    pub body: Option<String>,
    pub sim: i64,
}

/// A part of a message of `mms`.
#[derive(Clone, Debug)]
pub struct MmsPart {
    pub id: i64,
    pub media_type: &'static str,
    pub name: Option<String>,
    pub text: Option<String>,
    pub bytes: Option<VirtualFile>,
}

/// One row of `mms` with what belongs to it.
#[derive(Clone, Debug)]
pub struct MmsRow {
    pub id: i64,
    pub thread: i64,
    /// Unix seconds.
    pub date: i64,
    pub kind: i64,
    pub message_type: i64,
    pub subject: Option<String>,
    pub parts: Vec<MmsPart>,
    /// (137 from, 151 to, address).
    pub addresses: Vec<(i64, String)>,
}

/// What a reader must arrive at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmsExpected {
    pub conversations: u64,
    pub groups: u64,
    /// Messages that the shell may see.
    pub messages: u64,
    pub attachments: u64,
    /// Rows whose body can be cut in more than one way.
    pub odd: u64,
    /// Rows that the shell may not see.
    pub hidden: u64,
}

/// What is on the phone.
#[derive(Clone, Debug)]
pub struct SmsContent {
    pub sms: Vec<SmsRow>,
    pub mms: Vec<MmsRow>,
    /// Of Samsung's store: id, address, Unix milliseconds, code, text.
    pub samsung: Vec<(i64, String, i64, i64, String)>,
    /// The holder's own number, international form with "+".
    pub number: String,
    pub contacts: Vec<(String, String)>,
    pub expected: SmsExpected,
    pub now: i64,
}

/// Makes the messages.
///
/// # Errors
/// Only when the clock lies outside the calendar.
pub fn generate(options: &SmsOptions) -> Result<SmsContent, ContentError> {
    jiff::Timestamp::from_second(options.now)?;
    Ok(story::tell(options))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn equal_options_make_equal_messages_and_the_counts_hold() {
        let options = SmsOptions { sms: 300, mms: 30, samsung: 5, ..SmsOptions::default() };
        let (one, other) = (generate(&options).unwrap(), generate(&options).unwrap());
        assert_eq!((&one.sms, &one.expected), (&other.sms, &other.expected));
        let seen = one.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).count();
        assert_eq!((seen, one.samsung.len()), (300, 5));
        let fetched = one.mms.iter().filter(|row| matches!(row.kind, 1 | 2) && row.message_type != 130).count();
        assert_eq!(fetched, 30);
        assert_eq!(one.expected.messages, 335);
        assert!(one.expected.hidden > 0 && one.expected.odd > 0 && one.expected.groups > 0 && one.expected.attachments > 0);
        assert!(one.sms.windows(2).all(|pair| pair[0].id < pair[1].id && pair[0].date <= pair[1].date));
    }
}
