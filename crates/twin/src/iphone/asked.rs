//! What the phone was asked, so that a story can say "nothing was changed", "no frame was too long", "the key stayed here".

/// Everything asked since the phone was made, or since it was told to forget. Lists stop growing at a bound; counts do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Connections opened.
    pub connections: u64,
    /// Requests to lockdownd, by name, in order.
    pub requests: Vec<String>,
    /// Values asked, `domain/key`.
    pub values: Vec<String>,
    /// Values that a host set or wanted to set, `domain/key`.
    pub set: Vec<String>,
    /// Services started, in order.
    pub services: Vec<Service>,
    /// Times the trust dialog was shown.
    pub dialogs: u64,
    /// Times a host sent a private key of its own along (`reference/ios.md §1.3`).
    pub private_keys_seen: u64,
    /// Notifications that hosts posted, in order.
    pub posted: Vec<String>,
    /// Requests to the backup service, by name, in order.
    pub backup_requests: Vec<String>,
    /// Whether the last backup was a full one.
    pub last_full: Option<bool>,
    /// Files and bytes that the last backup sent into its snapshot.
    pub files_sent: u64,
    pub bytes_sent: u64,
    /// Files that the last backup left as they were.
    pub files_unchanged: u64,
    /// Longest block of a file that a host sent.
    pub longest_block: u64,
    /// Bytes of files outside the backup that a host gave away.
    pub host_bytes_leaked: u64,
    /// Answers of hosts with a code other than 0, by message.
    pub refusals: Vec<(String, i64)>,
    /// Requests that would erase, restore, reset or reconfigure a phone.
    pub forbidden: Vec<String>,
}

/// A service that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub name: String,
    /// Whether the escrow bag of the pair record came along.
    pub escrow: bool,
}

/// Longest list kept.
const MOST: usize = 100_000;

pub(crate) fn note<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MOST {
        list.push(item);
    }
}
