//! What a message says, by kind.

use crate::{MessageId, Moment, Revocation, Sender, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The content of a message. Media bytes are [`crate::Attachment`]s; their caption is the text here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Body {
    Text {
        text: String,
        /// A link preview that was sent along.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link_title: Option<String>,
    },
    Image {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    Video {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    VideoNote,
    Gif {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    Audio,
    VoiceNote,
    Document {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    Sticker,
    /// Media that may be opened once. The bytes never reach a backup.
    ViewOnce {
        media: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<ViewOnceState>,
    },
    Place(Place),
    Cards {
        cards: Vec<Card>,
    },
    Poll(Poll),
    Call(Call),
    GroupInvite(GroupInvite),
    /// An event with a time and perhaps a place.
    Event {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts: Option<Moment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<Moment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Box<Place>>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cancelled: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<EventAnswer>,
    },
    /// Groups the media messages that name it in `album`.
    Album {
        images: u64,
        videos: u64,
    },
    /// Deleted for everyone: the app keeps the row and drops the text.
    Revoked(Revocation),
    System(SystemEvent),
    /// The app had not received or could not show the content when it wrote the database.
    Waiting,
    /// Left out by a decision: the message repeats something that was left out, or was written anew in a time that was. That
    /// there was a message, from whom and when, is kept; what it said is not.
    Withheld,
    /// Not interpreted: the app's own code and whatever text stood in the row. Counted in the report.
    Unknown {
        code: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Column name to value as text, for the columns that held something.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        raw: BTreeMap<String, String>,
    },
}

/// What somebody answered to an event. The meaning of the code is not established, so it is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventAnswer {
    pub by: Sender,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    pub code: i64,
    /// Guests that they said to bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_guests: Option<i64>,
    pub source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ViewOnceState {
    Unseen,
    Seen,
    Expired,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Degrees, WGS 84.
    pub latitude: f64,
    pub longitude: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A live location: for how many seconds it was shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_seconds: Option<u64>,
    /// A live location: where it ended, as far as the phone heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Box<LastPlace>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The last position of a live location.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LastPlace {
    /// Degrees, WGS 84.
    pub latitude: f64,
    pub longitude: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

/// A contact card, as the vCard text that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    pub vcard: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Poll {
    pub question: String,
    /// How many options one person may choose; absent when not recorded or unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selectable: Option<u64>,
    pub options: Vec<PollOption>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PollOption {
    pub text: String,
    /// Who voted for it, where the phone holds the votes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voters: Vec<Sender>,
    /// The app's own total, which may count votes that the phone does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    pub video: bool,
    pub group: bool,
    pub duration_seconds: u64,
    pub outcome: CallOutcome,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Sender>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallOutcome {
    Answered,
    Missed,
    Rejected,
    Busy,
    Unavailable,
    /// The app's raw code.
    Unknown(i64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupInvite {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
}

/// A notice of the app: joins, leaves, subject and timer changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemEvent {
    pub event: SystemEventKind,
    /// The app's raw action code; its meaning drifts between versions, so it is kept beside the interpretation.
    pub code: i64,
    /// Who did it, when recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Sender>,
    /// Whom it was done to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Sender>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Beside a notice about a group: whether the app noted that the holder joined by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder_joined: Option<bool>,
    /// The message that the notice is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<MessageId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SystemEventKind {
    SubjectChanged,
    DescriptionChanged,
    PictureChanged,
    GroupCreated,
    Added,
    Left,
    Removed,
    JoinedByLink,
    BecameAdmin,
    NoLongerAdmin,
    NumberChanged,
    SecurityCodeChanged,
    TimerChanged,
    DefaultTimerNotice,
    EncryptionNotice,
    Blocked,
    SettingsChanged,
    Pinned,
    /// Somebody began or ended to share their location.
    LocationSharing,
    /// Somebody kept a voice message that would have expired.
    AudioKept,
    /// Watching or listening together.
    SharePlay,
    /// Not interpreted: see `code`.
    Other,
}
