//! A file that belongs to a message.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the bytes are here. Every state is a different answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum AttachmentState {
    /// Wanted: the file is named by the message; the readout fills in what became of it.
    Wanted,
    /// In the extraction. `file` is its name beside the conversation file after unsealing.
    Present { file: String, bytes: u64, sha256: String },
    /// In the extraction, but its digest is not the one the app recorded.
    Differs { file: String, bytes: u64, sha256: String },
    /// Not in this extraction: its bytes lie in a verified earlier seal of the same phone.
    HeldIn {
        /// Seal digest of that seal, lower-case hex.
        seal: String,
        /// The item of role *gesprekken* there that holds the bytes, and the parts in which the item lies.
        item: String,
        parts: Vec<u32>,
        bytes: u64,
        sha256: String,
        /// Its name beside the conversation file, where the earlier seal was there when this one was opened. Without it the
        /// bytes are not beside this file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
    },
    /// The app names a file that is not on the phone.
    Missing,
    /// The phone refused to give it.
    Refused { reason: String },
    /// It may be on the phone, and could not be read to its end.
    NotRead { reason: String },
    /// The app never downloaded it, or never keeps it (view once).
    NotOnPhone { reason: String },
    /// The plan did not ask for it.
    NotAsked,
    /// Left out by a decision: the same file stands in what was left out. Nothing of its name is kept.
    Withheld,
}

/// A file that a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// Path relative to the app's folder, exactly as the app wrote it. Hostile: never used as a path on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The name under which it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Size that the app recorded, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 that the app recorded, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Text that the app itself made of a voice note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcription: Option<String>,
    /// What this extraction holds of it. Apart from the size and digest above, which are the app's word.
    #[serde(rename = "held")]
    pub state: AttachmentState,
}
