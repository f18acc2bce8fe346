//! The files of a message, and what kind of message they make it.

use super::{said::Said, sides::File, wanted};
use crate::Summary;
use uitlezen_chat::{Attachment, AttachmentState, Body};

/// What a message with these files and this text is; none when neither says anything.
pub(super) fn body(files: &[File], audio: bool, text: Option<String>, link: Option<String>) -> Option<Body> {
    let said = |text: String, link: Option<String>| Body::Text { text, link, link_title: None };
    let Some(first) = files.iter().find(|file| !file.hidden) else {
        return text.map(|text| said(text, link));
    };
    let media = first.media_type.as_deref().unwrap_or_default();
    Some(match (media.split('/').next().unwrap_or_default(), text) {
        // A sticker and a sound have no caption.
        ("audio", Some(text)) => said(text, link),
        (_, Some(text)) if first.sticker => said(text, link),
        (_, None) if first.sticker => Body::Sticker,
        ("audio", None) if audio => Body::VoiceNote,
        ("audio", None) => Body::Audio,
        ("image", text) if media == "image/gif" => Body::Gif { caption: text },
        ("image", text) => Body::Image { caption: text },
        ("video", text) => Body::Video { caption: text },
        (_, text) => Body::Document { caption: text },
    })
}

/// The files as the record has them, in the order of the text.
pub(super) fn records(mut files: Vec<File>, said: &mut Said, summary: &mut Summary) -> Vec<Attachment> {
    let place = |file: &File, said: &Said| {
        let guid = file.guid.as_deref();
        said.files.iter().position(|(named, _)| Some(named.as_str()) == guid).unwrap_or(usize::MAX)
    };
    if files.len() > 1 && !said.files.is_empty() {
        files.sort_by_cached_key(|file| place(file, said));
    }
    let mut records = Vec::with_capacity(files.len());
    for file in files {
        let at = place(&file, said);
        let transcription = said.files.get_mut(at).and_then(|(_, heard)| heard.take());
        let state = match &file.path {
            Some(path) if wanted::attachment(path).is_ok() => AttachmentState::Wanted,
            Some(_) => AttachmentState::NotRead { reason: "path-outside-attachments".to_owned() },
            None if !file.known => AttachmentState::NotOnPhone { reason: "attachment-row-missing".to_owned() },
            None => {
                let state = file.transfer_state.map_or_else(String::new, |state| format!(" {state}"));
                AttachmentState::NotOnPhone { reason: format!("no-file-named, transfer-state{state}") }
            }
        };
        summary.names_file(&state);
        records.push(Attachment {
            path: file.path,
            name: file.name,
            media_type: file.media_type,
            bytes: file.bytes,
            sha256: None,
            duration_seconds: None,
            width: None,
            height: None,
            transcription,
            state,
        });
    }
    records
}
