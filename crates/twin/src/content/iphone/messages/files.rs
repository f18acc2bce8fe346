//! Files: photos, films, voice messages, documents, stickers, and those that are not in the backup.

use super::{
    sayings::MARK,
    story::{Cells, Kind, Story, Written, cell},
    typedstream::{self, Attribute, Run},
};
use crate::{
    backup::BackupFile,
    content::{
        ContentError, MediaScale, VirtualFile,
        dice::key,
        media::{Media, MediaKind},
    },
};
use std::sync::Arc;

/// A sort of file.
pub(super) struct Sort {
    media: MediaKind,
    name: &'static str,
    ending: &'static str,
    uti: &'static str,
    mime: Option<&'static str>,
    small: (i64, i64),
    realistic: (i64, i64),
}

pub(super) const JPEG: Sort = Sort {
    media: MediaKind::Jpeg,
    name: "IMG",
    ending: "jpeg",
    uti: "public.jpeg",
    mime: Some("image/jpeg"),
    small: (1_000, 40_000),
    realistic: (400_000, 2_500_000),
};
const VIDEO: Sort = Sort {
    media: MediaKind::Mp4,
    name: "IMG",
    ending: "mp4",
    uti: "public.mpeg-4",
    mime: Some("video/mp4"),
    small: (10_000, 60_000),
    realistic: (2_000_000, 15_000_000),
};
const VOICE: Sort = Sort {
    media: MediaKind::Opus,
    name: "Audio Message",
    ending: "caf",
    uti: "com.apple.coreaudio-format",
    mime: Some("audio/x-caf"),
    small: (1_000, 20_000),
    realistic: (8_000, 200_000),
};
const PDF: Sort = Sort {
    media: MediaKind::Pdf,
    name: "Bijlage",
    ending: "pdf",
    uti: "com.adobe.pdf",
    mime: Some("application/pdf"),
    small: (1_000, 30_000),
    realistic: (60_000, 900_000),
};
const STICKER: Sort =
    Sort { media: MediaKind::Png, name: "sticker", ending: "png", uti: "public.png", mime: Some("image/png"), ..JPEG };
pub(super) const PREVIEW: Sort = Sort {
    media: MediaKind::Jpeg,
    name: "preview",
    ending: "pluginPayloadAttachment",
    uti: "dyn.age81a5dzq7y066dbtf0g82peqf4hk2pdrbw2q8x0",
    mime: None,
    small: (400, 4_000),
    realistic: (4_000, 40_000),
};

impl Story<'_> {
    /// Puts a file on a message; gives its guid.
    pub(super) fn attach(&mut self, to: &Written, sort: &Sort, present: bool, hidden: bool) -> Result<String, ContentError> {
        self.files_made += 1;
        let number = self.files_made;
        let guid = format!("at_0_{}", self.guid());
        let (low, high) = if self.options.media == MediaScale::Realistic { sort.realistic } else { sort.small };
        let filler = self.dice.between(low, high).unsigned_abs();
        let name = format!("{}_{number:04}.{}", sort.name, sort.ending);
        let path = format!("Library/SMS/Attachments/{:02x}/{:02}/{guid}/{name}", number % 256, number % 16);
        let media =
            Arc::new(Media::new(sort.media, key(self.options.seed, &format!("imessage file {number}")), filler, String::new()));
        let present = present && self.options.media != MediaScale::None;
        self.db
            .prepare_cached(
                "INSERT INTO attachment (guid, original_guid, created_date, filename, uti, mime_type, transfer_state, transfer_name,
                   total_bytes, is_sticker, hide_attachment) VALUES (?1, ?1, ?2, ?3, ?4, ?5, 5, ?6, ?7, ?8, ?9)",
            )?
            .execute(rusqlite::params![
                guid,
                to.ms / 1000 - 978_307_200,
                format!("~/{path}"),
                sort.uti,
                sort.mime,
                name,
                i64::try_from(media.len()).unwrap_or(0),
                sort.name == STICKER.name,
                hidden,
            ])?;
        self.name(to)?;
        self.expected.files_named += 1;
        if present {
            self.expected.files_present += 1;
            let file = VirtualFile::from_media(media, to.ms / 1000);
            self.files.push(BackupFile::new("MediaDomain", path, Arc::new(file), to.ms / 1000));
        }
        Ok(guid)
    }

    /// Joins the row of `attachment` that was made last to a message.
    fn name(&mut self, to: &Written) -> Result<(), ContentError> {
        let made = self.db.last_insert_rowid();
        self.db
            .prepare_cached("INSERT INTO message_attachment_join (message_id, attachment_id) VALUES (?, ?)")?
            .execute([to.row, made])?;
        self.db.prepare_cached("UPDATE message SET cache_has_attachments = 1 WHERE ROWID = ?")?.execute([to.row])?;
        Ok(())
    }

    pub(super) fn show(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let (sort, word) = match kind {
            Kind::Video => (&VIDEO, "video"),
            Kind::Voice => (&VOICE, "voice-note"),
            Kind::Document => (&PDF, "document"),
            _ => (&JPEG, "image"),
        };
        let caption = (kind != Kind::Voice && self.dice.per_mille(300)).then(|| self.text(room));
        let mut cells = Cells::new();
        if kind == Kind::Voice {
            cells.extend([cell("is_audio_message", 1_i64), cell("is_expirable", 1_i64), cell("expire_state", 1_i64)]);
            self.expected.expiring += 1;
        }
        let written = self.record(room, from, word, cells)?;
        let mut mark = vec![Attribute::Part(0)];
        if kind == Kind::NotNamed {
            self.db
                .prepare_cached("INSERT INTO attachment (guid, original_guid, mime_type, transfer_state) VALUES (?1, ?1, ?2, 0)")?
                .execute(rusqlite::params![format!("at_0_{}", written.guid), sort.mime])?;
            self.name(&written)?;
            self.expected.files_not_named += 1;
        } else {
            mark.push(Attribute::File(self.attach(&written, sort, kind != Kind::Offloaded, false)?));
        }
        if kind == Kind::Voice && self.dice.per_mille(500) {
            let heard = self.text(room);
            mark.push(Attribute::Transcription(heard));
            self.expected.transcriptions += 1;
        }
        let mut runs = vec![Run::new(MARK, mark)];
        if let Some(caption) = &caption {
            runs.push(Run::new(caption.clone(), [Attribute::Part(1)]));
            self.expected.typed_only += 1;
            self.said(room, &written, caption);
        }
        self.db
            .prepare_cached("UPDATE message SET attributedBody = ?2 WHERE ROWID = ?1")?
            .execute(rusqlite::params![written.row, typedstream::archive(&runs, true)])?;
        Ok(())
    }

    /// A sticker put on a message, as one of the two forms.
    pub(super) fn sticker(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, on) = (self.speaker(room), self.a_recent(room));
        let code = if self.dice.per_mille(500) { 1000_i64 } else { 2007 };
        let cells = vec![
            cell("associated_message_type", code),
            cell("associated_message_guid", format!("p:0/{}", on.guid)),
            cell("text", MARK.to_owned()),
        ];
        let written = self.record(room, from, "sticker", cells)?;
        self.attach(&written, &STICKER, true, false)?;
        Ok(())
    }
}
