//! HistorySync's notices: a stub type and its parameters (reference/android.md §2.5).
//!
//! The numbering is that of the multi-device protocol, not of the database's `message_system.action_type`. The parameters
//! have no published layout; they are kept as they stand.

use super::message::Stub;
use uitlezen_chat::{Body, Call, CallOutcome, Moment, Revocation, SystemEvent, SystemEventKind};

const REVOKE: i64 = 1;
const CIPHERTEXT: i64 = 2;
const ADMIN_REVOKE: i64 = 132;

/// Whether the notice says more than a content that may stand beside it: a message deleted for everyone has none any more.
pub(super) fn outranks_content(code: i64) -> bool {
    matches!(code, REVOKE | ADMIN_REVOKE)
}

/// What a notice says. `revoked` is the time that stood beside a deletion.
pub(super) fn body(stub: &Stub, revoked: Option<Moment>) -> Body {
    let missed = |video, group| {
        Body::Call(Call { video, group, duration_seconds: 0, outcome: CallOutcome::Missed, participants: Vec::new() })
    };
    match stub.code {
        REVOKE | ADMIN_REVOKE => Body::Revoked(Revocation { at: revoked, by_admin: None, original_id: None }),
        // The content had not been decrypted when the increment was written.
        CIPHERTEXT => Body::Waiting,
        40 => missed(false, false),
        41 => missed(true, false),
        45 => missed(false, true),
        46 => missed(true, true),
        code => Body::System(SystemEvent {
            event: kind(code),
            code,
            actor: None,
            affected: Vec::new(),
            old: None,
            new: (!stub.parameters.is_empty()).then(|| stub.parameters.join(", ")),
            holder_joined: None,
            about: None,
        }),
    }
}

fn kind(code: i64) -> SystemEventKind {
    match code {
        20 => SystemEventKind::GroupCreated,
        21 => SystemEventKind::SubjectChanged,
        22 => SystemEventKind::PictureChanged,
        24 => SystemEventKind::DescriptionChanged,
        25 | 26 | 145 | 171 | 216 => SystemEventKind::SettingsChanged,
        27 => SystemEventKind::Added,
        28 => SystemEventKind::Removed,
        29 => SystemEventKind::BecameAdmin,
        30 => SystemEventKind::NoLongerAdmin,
        32 => SystemEventKind::Left,
        33 | 42 => SystemEventKind::NumberChanged,
        38 => SystemEventKind::SecurityCodeChanged,
        39 => SystemEventKind::EncryptionNotice,
        72 => SystemEventKind::TimerChanged,
        122 => SystemEventKind::Blocked,
        130 => SystemEventKind::DefaultTimerNotice,
        177 => SystemEventKind::Pinned,
        _ => SystemEventKind::Other,
    }
}
