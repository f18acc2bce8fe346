//! What a readout found that somebody must know: gaps between what was asked and what was got, and facts worth a look.

use serde::{Deserialize, Serialize};

/// What a finding is about, without naming anybody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The phone or its connection.
    Phone,
    /// One app: `whatsapp`.
    App(String),
    /// One kind of evidence: `msgstore`, `wa`, `increment`, `media`, `contacts`.
    Evidence(String),
}

/// Why something that was asked is not here. Each is a different answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The phone or its administrator said no.
    Refused,
    /// It is not on the phone: no app, no backup, no file.
    Absent,
    /// It was got, and we cannot read it (yet): unknown types, undocumented parts.
    NotInterpreted,
    /// It needs a key or a setting that the holder has not given.
    Locked,
    /// It was got and is damaged: its own check fails.
    Damaged,
    /// It changed each time it was read.
    Changing,
    /// Reading failed or was stopped before the end.
    Broken,
}

impl GapReason {
    /// Whether the gap makes the readout incomplete. Something absent from the phone was not withheld from the readout.
    #[must_use]
    pub fn leaves_incomplete(self) -> bool {
        self != Self::Absent
    }
}

/// A gap between what was asked and what was got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub subject: Subject,
    pub reason: GapReason,
    /// How many things are meant.
    pub count: u64,
    /// A word from a closed list (an error's own stable name, a table name): never content.
    pub detail: String,
}

/// Why an earlier seal cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EarlierSealFault {
    /// The file is at none of the places where it was looked for.
    Missing,
    /// A file of its name is there, and it is another seal.
    Changed,
    /// It does not verify.
    Damaged,
}

/// Why the station's own list of what earlier seals hold could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EarlierUnknown {
    /// Cut off or changed.
    Damaged,
    /// Of another phone, or under a key that this station does not have.
    OtherKey,
    /// Written by a newer version of this program.
    Newer,
}

/// Something to know that is not a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum Finding {
    /// The newest backup is older than the plan allows.
    BackupOld { app: String, hours: u64 },
    /// The phone's clock differs from the station's by more than a minute.
    ClockOff { seconds: i64 },
    /// The database was being written when the phone's copy was made.
    WrittenWhileRead { pages_rolled_back: u64 },
    /// Bytes arrived that differ from the digest that the app recorded.
    AttachmentDiffers { count: u64 },
    /// Attachments that messages name and that are not on the phone.
    AttachmentMissing { count: u64 },
    /// Attachments that are no longer on the phone, and whose bytes lie in an earlier seal that was verified.
    AttachmentGone { count: u64 },
    /// Earlier seals that held attachments and cannot be relied on; what they held was transferred again where the phone still
    /// has it.
    EarlierSeal { why: EarlierSealFault, seals: u64, attachments: u64 },
    /// What the station kept about earlier seals of this phone could not be used, so everything was transferred again.
    EarlierUnknown { why: EarlierUnknown },
    /// Messages of kinds that no reader understands: they stand in the records with their raw code.
    UnknownKinds { app: String, count: u64 },
    /// Messages that the app itself had received and could not decode.
    NotDecodedByApp { app: String, count: u64 },
    /// The phone may switch off before it is read.
    BatteryLow { percent: u8 },
    /// The phone's software is open to a known fault in wireless debugging.
    WirelessDebugging,
    /// A second user or profile that was not read.
    OtherProfile { count: u64 },
    /// Conversations whose class was changed for a time that had been read out before.
    SeparationChanged { count: u64 },
}
