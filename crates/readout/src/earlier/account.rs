//! What a report says of earlier seals.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uitlezen_check::EarlierSealFault;
use uitlezen_seal::header::{EarlierSeal, Sha256Digest};

/// What the file of a seal is called after its run id.
pub(super) const ENDING: &str = ".uitlezing";

/// How the readout stands to the earlier ones of the same phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Why everything was transferred; `None` when attachments in earlier seals were not.
    pub full: Option<WhyFull>,
    /// When everything was last transferred, before this readout.
    pub last_full: Option<Timestamp>,
    /// Every seal that holds attachments of this readout.
    pub relied_on: Vec<ReliedOn>,
    /// Seals that should have held some and could not be relied on.
    pub unusable: Vec<Unusable>,
}

/// Why a readout transfers every attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyFull {
    /// There is no earlier seal of this phone that holds attachments.
    First,
    /// The operator asked for it.
    Asked,
    /// The last one is longer ago than is allowed.
    Due,
    /// What was kept about earlier seals cannot be used.
    Unknown,
    /// It would rely on more seals than one may.
    TooMany,
}

/// An earlier seal that holds attachments of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReliedOn {
    /// Seal digest, lower-case hex.
    pub seal: String,
    /// The file's own name, as it was known.
    pub file: String,
    pub closed: Timestamp,
    /// When the whole of it was last verified.
    pub verified: Timestamp,
    pub attachments: u64,
    pub bytes: u64,
}

impl ReliedOn {
    /// As the signed header names it.
    #[must_use]
    pub fn named(&self) -> Option<EarlierSeal> {
        let mut digest = [0; 32];
        hex::decode_to_slice(&self.seal, &mut digest).ok()?;
        let run = self.file.strip_suffix(ENDING).unwrap_or(&self.file).to_owned();
        Some(EarlierSeal { seal: Sha256Digest(digest), run })
    }
}

/// An earlier seal that could not be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unusable {
    pub seal: String,
    pub file: String,
    pub why: EarlierSealFault,
    /// Attachments that it was known to hold.
    pub attachments: u64,
}
