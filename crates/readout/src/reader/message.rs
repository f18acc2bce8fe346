//! What the closing process asks of the reader child, and what it answers.

use crate::{link::Secret, plan::Platform};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uitlezen_apps::{
    App, Summary,
    whatsapp::{
        backup::{Facts, Unlocked},
        reader::Scope,
    },
};
use uitlezen_chat::EvidenceId;
use uitlezen_check::{
    AppVerdict,
    separation::{Rules, Tally},
};
use uitlezen_evidence::ItemName;
use uitlezen_seal::store::Grant;

/// How many strings one message may carry.
pub(crate) const STRINGS_A_MESSAGE: usize = 1000;
/// How many grants one message may carry: a grant lists the parts that its item lies in.
pub(crate) const GRANTS_A_MESSAGE: usize = 20;

/// The keys that the holder gave for one app, as typed or as the key file's bytes in hex.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct KeyTexts {
    pub(crate) digits: Option<Secret>,
    pub(crate) key_file: Option<Secret>,
    /// Of Signal's backup file, and of its backup folder.
    pub(crate) passphrase: Option<Secret>,
    pub(crate) recovery_key: Option<Secret>,
    /// Of Threema's data backup, or of a file of adb backup.
    pub(crate) password: Option<Secret>,
}

/// A backup that the holder made in an app: of which kind, and where it lies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HolderBackup {
    SignalFile(ItemName),
    /// A file of adb backup.
    AdbBackup(ItemName),
    /// A snapshot of Signal's backup folder.
    SignalFolder {
        main: ItemName,
        metadata: ItemName,
    },
    /// Threema's data backup.
    Threema(ItemName),
}

/// Items of a backup folder's shared media are called so, with the path that records have for them behind it.
pub(crate) const SHARED: &str = "gedeeld/signal/";

/// What became of a file that lies within a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Given {
    /// Its bytes came before this, checked as a whole.
    Whole,
    Missing,
    Damaged,
    Unreadable,
}

/// Which evidence items one reading works from, and under which number the extraction lists each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sources {
    pub(crate) app: App,
    pub(crate) platform: Platform,
    /// Version of an iPhone's iOS, as the phone or the backup says.
    pub(crate) ios: Option<String>,
    pub(crate) messages: (ItemName, EvidenceId),
    /// A log and a rollback journal beside a database that was copied as it lay.
    pub(crate) log: Option<ItemName>,
    pub(crate) journal: Option<ItemName>,
    pub(crate) contacts: Option<(ItemName, EvidenceId)>,
    pub(crate) contacts_log: Option<ItemName>,
    pub(crate) contacts_journal: Option<ItemName>,
    /// Which number is behind which hidden id, and the call log, where these are databases of their own.
    pub(crate) hidden_ids: Option<(ItemName, EvidenceId)>,
    pub(crate) calls: Option<(ItemName, EvidenceId)>,
    /// The app's own settings, where they are a file.
    pub(crate) settings: Option<ItemName>,
    /// Those in which an administrator's may stand.
    pub(crate) managed_settings: Option<ItemName>,
    /// Number, item and id of decrypted increments, lowest number first.
    pub(crate) increments: Vec<(u32, ItemName, EvidenceId)>,
    /// What content providers answered: as the phone's item is called, as it is stored, and its id.
    #[serde(default)]
    pub(crate) answers: Vec<(ItemName, ItemName, EvidenceId)>,
    /// For how many days the administrator of Threema has messages kept, when the plan knows it.
    #[serde(default)]
    pub(crate) threema_keep_days: Option<u32>,
    /// The holder's own number, when the plan knows it.
    pub(crate) holder_number: Option<Secret>,
    pub(crate) scope: Scope,
    pub(crate) separation: Separating,
}

/// What is left out of a reading. The rules name people by number, so they go to the reader only.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Separating {
    pub(crate) rules: Rules,
    /// 32 bytes in hex that make the hashes of conversations; without them there are no hashes.
    pub(crate) key: Option<Secret>,
    pub(crate) now: Timestamp,
}

impl std::fmt::Debug for Separating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Separating").field("policy", &self.rules.policy).field("now", &self.now).finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    /// More evidence that the child may open.
    Grant(Vec<Grant>),
    /// What a backup says of itself; no key needed.
    Inspect(ItemName),
    /// Answered by bytes and [`Reply::Unlocked`].
    Unlock { item: ItemName, keys: KeyTexts },
    /// The numbers of the participants in scope.
    Numbers(Sources),
    /// Names for those numbers, before a reading.
    Names(Vec<(String, String)>),
    /// Whether the holder's secret opens a backup that the holder made, by how its files begin. Answered by [`Reply::Fits`].
    TryHolderBackup { backup: HolderBackup, keys: KeyTexts },
    /// Opens such a backup, of this app: it is read and given out by the app's name. Answered by texts that lie in files of their
    /// own, and [`Reply::HolderBackupOpened`].
    OpenHolderBackup { app: App, backup: HolderBackup, keys: KeyTexts },
    /// The bytes of files that lie within the opened backup of an app, each followed by [`Reply::Given`].
    Give { app: App, paths: Vec<String> },
    /// Answered by conversations as bytes, messages as more bytes, wanted files, and [`Reply::Read`].
    Read(Sources),
}

/// Why the reader child could not do it, by what can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadFailure {
    /// Not 64 hexadecimal digits, or not a key file.
    KeyForm,
    KeyMissing,
    /// Only a key file from inside the phone opens this kind.
    LegacyKeyMissing,
    WrongKey,
    /// The backup is locked with a password or a passkey, not with the 64-digit key.
    PasswordMode,
    Truncated,
    Altered,
    NotABackup,
    Unsupported,
    TooLarge,
    NotAMessageStore,
    DatabaseDamaged,
    EvidenceUnreadable,
    Internal,
    /// No 30 digits.
    PassphraseForm,
    PassphraseMissing,
    WrongPassphrase,
    /// No 64 characters of a recovery key.
    RecoveryKeyForm,
    RecoveryKeyMissing,
    WrongRecoveryKey,
    /// A backup that came from the app's servers: no key of the holder's opens it.
    FromServer,
    BackupPasswordMissing,
    WrongBackupPassword,
    /// A backup that opens, and holds nothing of the app.
    NoMessages,
}

impl ReadFailure {
    /// Whether the holder's secret is missing, or is not the right one.
    #[must_use]
    pub fn is_of_secret(self) -> bool {
        matches!(
            self,
            Self::KeyForm
                | Self::KeyMissing
                | Self::LegacyKeyMissing
                | Self::WrongKey
                | Self::PasswordMode
                | Self::PassphraseForm
                | Self::PassphraseMissing
                | Self::WrongPassphrase
                | Self::RecoveryKeyForm
                | Self::RecoveryKeyMissing
                | Self::WrongRecoveryKey
                | Self::BackupPasswordMissing
                | Self::WrongBackupPassword
        )
    }

    /// A stable word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KeyForm => "key-form",
            Self::KeyMissing => "key-missing",
            Self::LegacyKeyMissing => "legacy-key-missing",
            Self::WrongKey => "wrong-key",
            Self::PasswordMode => "password-mode",
            Self::Truncated => "truncated",
            Self::Altered => "altered",
            Self::NotABackup => "not-a-backup",
            Self::Unsupported => "unsupported",
            Self::TooLarge => "too-large",
            Self::NotAMessageStore => "not-a-message-store",
            Self::DatabaseDamaged => "database-damaged",
            Self::EvidenceUnreadable => "evidence-unreadable",
            Self::Internal => "internal",
            Self::PassphraseForm => "passphrase-form",
            Self::PassphraseMissing => "passphrase-missing",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::RecoveryKeyForm => "recovery-key-form",
            Self::RecoveryKeyMissing => "recovery-key-missing",
            Self::WrongRecoveryKey => "wrong-recovery-key",
            Self::FromServer => "from-server",
            Self::BackupPasswordMissing => "backup-password-missing",
            Self::WrongBackupPassword => "wrong-backup-password",
            Self::NoMessages => "no-messages-in-the-backup",
        }
    }
}

/// A file that messages name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedFile {
    /// As the app wrote it.
    pub path: String,
    /// The digest that the app recorded, lower-case hex.
    pub sha256: Option<String>,
    /// For a file whose path does not say of which kind it is: an ending that does, and how long the app says that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What a reading says at its end.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reading {
    pub summary: Summary,
    /// The default timer is what the increments hint at; what the holder shows is added later.
    pub verdict: AppVerdict,
    /// Pages that a rollback journal undid in memory.
    pub pages_rolled_back: u64,
    /// Temporary files that a query wanted and did not get: above 0 is a fault of ours.
    pub temporary_files_refused: u64,
    /// What was left out, in counts.
    pub separation: Tally,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    Granted,
    Facts(Box<Facts>),
    /// Bytes of the source read so far.
    Progress(u64),
    Unlocked(Box<Unlocked>),
    Numbers {
        numbers: Vec<String>,
        last: bool,
    },
    Named,
    Wanted(Vec<WantedFile>),
    /// Lines of `undecided.jsonl`: for whoever decides, and opaque to the closing process.
    Undecided(Vec<String>),
    Fits,
    /// Paths of files that hold texts of messages.
    Texts(Vec<String>),
    HolderBackupOpened,
    Given(Given),
    Read(Box<Reading>),
    Failed(ReadFailure),
}
