//! Files that messages carry: what is said of them, and where they lie.

use uitlezen_chat::{Attachment, AttachmentState};
use uitlezen_evidence::{Bytes, ReadAtExt};
use uitlezen_protobuf::Record;
use uitlezen_signal_backup::folder::media::Locator;

/// Longest text that is read from a file. Signal's own limit is 64 KiB.
const LONGEST_TEXT: u64 = 1 << 20;
/// The media type of a text that lies in a file.
pub(super) const LONG_TEXT: &str = "text/x-signal-plain";

/// The shared folder of media.
pub trait Files: Sync {
    /// A file by its name of 64 hexadecimal digits, still encrypted; none when it is not there.
    fn file(&self, name: &str) -> Option<Bytes>;
}

/// Without the folder.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn file(&self, _: &str) -> Option<Bytes> {
        None
    }
}

/// Where a file of this name lies within `SignalBackups`.
pub(in crate::signal) fn path(name: &str) -> String {
    format!("files/{}/{name}", name.get(..2).unwrap_or_default())
}

fn size(number: Option<u64>) -> Option<u32> {
    number.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
}

/// What is said of a file. Where no key for it stands in the message, its bytes are not in the backup.
pub(super) fn attachment(pointer: &Record<'_>) -> Attachment {
    let locator = Locator::of(pointer);
    let info = pointer.message("locatorInfo");
    let state = match (&locator, &info) {
        (Some(_), _) => AttachmentState::Wanted,
        (None, Some(_)) => AttachmentState::NotOnPhone { reason: "not-in-the-backup".to_owned() },
        (None, None) => AttachmentState::NotOnPhone { reason: "no-file-named".to_owned() },
    };
    let hash = info.and_then(|info| info.blob("plaintextHash")).filter(|hash| hash.len() == 32);
    Attachment {
        path: locator.as_ref().map(|locator| path(&locator.name())),
        name: pointer.text("fileName").map(|name| name.into_owned()).filter(|name| !name.is_empty()),
        media_type: pointer.text("contentType").map(|kind| kind.into_owned()).filter(|kind| !kind.is_empty()),
        bytes: info.map(|info| info.uint("size")).filter(|bytes| *bytes > 0),
        sha256: hash.map(hex::encode),
        duration_seconds: None,
        width: size(pointer.number("width")),
        height: size(pointer.number("height")),
        transcription: None,
        state,
    }
}

/// The text that lies in a file, whole and checked; none when it cannot be had.
pub(super) fn long_text(pointer: &Record<'_>, files: &dyn Files) -> Option<String> {
    let locator = Locator::of(pointer).filter(|locator| locator.bytes <= LONGEST_TEXT)?;
    let content = locator.open(files.file(&locator.name())?).ok()?;
    String::from_utf8(content.read_all(LONGEST_TEXT).ok()?).ok()
}
