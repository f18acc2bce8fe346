//! Messages with a file: rows of `message_media`, and the recipe of the file on the phone.

use super::calendar::dutch;
use super::{Row, Story, Written, flag};
use crate::content::ContentError;
use crate::content::dice::key;
use crate::content::file::VirtualFile;
use crate::content::media::{Media, MediaKind};
use crate::content::options::MediaScale;
use crate::content::texts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Zoned;
use rusqlite::params;
use std::sync::Arc;

/// One sort of attachment: its `message_type`, folder (behind the edition's name), name and size in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sort {
    kind: i64,
    folder: &'static str,
    /// Files lie in a folder per week (`YYYYWW`) instead of `Sent` and `Private`.
    weekly: bool,
    prefix: &'static str,
    extension: &'static str,
    mime: &'static str,
    media: MediaKind,
    small: (i64, i64),
    realistic: (i64, i64),
    flags: i64,
    captioned: bool,
    timed: bool,
}

const PLAIN: Sort = Sort {
    kind: 1,
    folder: "Images",
    weekly: false,
    prefix: "IMG",
    extension: "jpg",
    mime: "image/jpeg",
    media: MediaKind::Jpeg,
    small: (1_000, 20_000),
    realistic: (100_000, 400_000),
    flags: 0,
    captioned: true,
    timed: false,
};
pub(super) const IMAGE: Sort = PLAIN;
const PNG_IMAGE: Sort = Sort { extension: "png", mime: "image/png", media: MediaKind::Png, realistic: (20_000, 60_000), ..PLAIN };
pub(super) const VOICE: Sort = Sort {
    kind: 2,
    folder: "Voice Notes",
    weekly: true,
    prefix: "PTT",
    extension: "opus",
    mime: "audio/ogg; codecs=opus",
    media: MediaKind::Opus,
    small: (2_000, 16_000),
    realistic: (8_000, 300_000),
    flags: flag::VOICE_NOTE,
    captioned: false,
    timed: true,
};
pub(super) const AUDIO: Sort = Sort {
    folder: "Audio",
    weekly: false,
    prefix: "AUD",
    extension: "m4a",
    mime: "audio/mp4",
    media: MediaKind::Mp4,
    small: (4_000, 30_000),
    realistic: (500_000, 6_000_000),
    flags: 0,
    ..VOICE
};
pub(super) const VIDEO: Sort = Sort {
    kind: 3,
    folder: "Video",
    prefix: "VID",
    extension: "mp4",
    mime: "video/mp4",
    media: MediaKind::Mp4,
    small: (10_000, 60_000),
    realistic: (2_000_000, 15_000_000),
    timed: true,
    ..PLAIN
};
pub(super) const VIDEO_NOTE: Sort = Sort {
    kind: 81,
    folder: "Video Notes",
    weekly: true,
    prefix: "PTV",
    captioned: false,
    realistic: (500_000, 3_000_000),
    ..VIDEO
};
pub(super) const GIF: Sort = Sort { kind: 13, folder: "Animated Gifs", realistic: (100_000, 900_000), ..VIDEO };
pub(super) const STICKER: Sort = Sort {
    kind: 20,
    folder: "Stickers",
    prefix: "STK",
    extension: "webp",
    mime: "image/webp",
    media: MediaKind::Webp,
    small: (500, 8_000),
    realistic: (10_000, 60_000),
    captioned: false,
    ..PLAIN
};
pub(super) const DOCUMENT: Sort = Sort {
    kind: 9,
    folder: "Documents",
    prefix: "DOC",
    extension: "pdf",
    mime: "application/pdf",
    media: MediaKind::Pdf,
    small: (1_000, 30_000),
    realistic: (80_000, 2_500_000),
    ..PLAIN
};
const SHEET: Sort = Sort {
    extension: "csv",
    mime: "text/csv",
    media: MediaKind::Csv,
    small: (400, 3_000),
    realistic: (2_000, 60_000),
    ..DOCUMENT
};

/// Where an attachment's file is.
enum Presence {
    OnPhone,
    /// Named, but gone from the phone.
    Missing,
    NotDownloaded,
}

impl Story<'_> {
    pub(super) fn show(&mut self, room: usize, sort: Sort) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let sort = match sort.kind {
            1 if self.dice.per_mille(120) => PNG_IMAGE,
            9 if self.dice.per_mille(200) => SHEET,
            _ => sort,
        };
        self.attach(room, person, sort, 0)?;
        Ok(())
    }

    /// The message and its file. The caption stands in the message's own text.
    fn attach(&mut self, room: usize, person: Option<usize>, sort: Sort, flags: i64) -> Result<Option<Written>, ContentError> {
        let caption = (sort.captioned && self.dice.per_mille(350)).then(|| self.caption(room));
        let row = Row { room, person, kind: sort.kind, text: caption.as_deref(), flags: flags | sort.flags, starred: false };
        let Some(written) = self.write(&row)? else { return Ok(None) };
        let presence = match self.dice.below(100) {
            _ if self.options.media == MediaScale::None => Presence::Missing,
            0..=5 => Presence::Missing,
            6..=9 => Presence::NotDownloaded,
            _ => Presence::OnPhone,
        };
        if let Some(caption) = &caption {
            self.expected.captions += 1;
            if self.options.canary.as_ref().is_some_and(|canary| caption.contains(canary.as_str())) {
                self.expected.canary.captions += 1;
            }
        }
        let (media, path, name) = self.make_file(&sort, person.is_none(), &written)?;
        self.media_row(room, &written, &sort, &media, &path, name.as_deref(), presence, caption.as_deref())?;
        self.remember(room, person, sort.kind, caption.as_deref().unwrap_or(""), &written);
        self.react(room, &written)?;
        Ok(Some(written))
    }

    /// The recipe of the file, its path below the edition's folder, and the name that a document was sent under.
    fn make_file(
        &mut self,
        sort: &Sort,
        sent: bool,
        written: &Written,
    ) -> Result<(Arc<Media>, String, Option<String>), ContentError> {
        let n = self.media_made;
        self.media_made += 1;
        let (low, high) = if self.options.media == MediaScale::Realistic { sort.realistic } else { sort.small };
        let filler = u64::try_from(self.dice.between(low, high)).unwrap_or(0);
        let day = dutch(written.ms)?;
        let canary = self.options.canary.as_deref().filter(|_| n.is_multiple_of(5)).unwrap_or("");
        let note = format!("Gemeente Vlietmonde, bestand {n}. {canary}");
        let media = Media::new(sort.media, key(self.options.seed, &format!("media {} {n}", self.edition.package)), filler, note);
        let folder = format!("Media/{} {}", self.edition.folder, sort.folder);
        let (path, name) = if sort.kind == DOCUMENT.kind {
            let subject = texts::dossier(&mut self.dice);
            let planted = if canary.is_empty() { String::new() } else { format!(" {canary}") };
            let name = format!("Notitie {subject}{planted} {n}.{}", sort.extension);
            (format!("{folder}/{}{name}", if sent { "Sent/" } else { "" }), Some(name))
        } else {
            let sub = match (sort.weekly, sent) {
                (true, _) => format!("{}/", week(&day)),
                (false, true) => "Sent/".to_owned(),
                (false, false) if n.is_multiple_of(23) => "Private/".to_owned(),
                (false, false) => String::new(),
            };
            (format!("{folder}/{sub}{}-{}-WA{n:04}.{}", sort.prefix, day.strftime("%Y%m%d"), sort.extension), None)
        };
        Ok((Arc::new(media), path, name))
    }

    #[allow(clippy::too_many_arguments)]
    fn media_row(
        &mut self,
        room: usize,
        written: &Written,
        sort: &Sort,
        media: &Arc<Media>,
        path: &str,
        name: Option<&str>,
        presence: Presence,
        caption: Option<&str>,
    ) -> Result<(), ContentError> {
        let named = !matches!(presence, Presence::NotDownloaded);
        let mut digest = if self.options.media == MediaScale::None { self.dice.bytes() } else { media.sha256() };
        let seconds = sort.timed.then(|| self.dice.between(2, 180));
        let attachments = &mut self.expected.attachments;
        attachments.rows += 1;
        match presence {
            Presence::OnPhone => {
                attachments.present += 1;
                attachments.present_bytes += media.len();
                if self.options.damaged_media && attachments.mismatched == 0 {
                    attachments.mismatched = 1;
                    digest[0] ^= 1;
                }
                if let Some(canary) = self.options.canary.as_deref() {
                    // The recipe's note carries it in every fifth file.
                    self.expected.canary.media_files += u64::from(media.note().contains(canary));
                    self.expected.canary.file_names += u64::from(path.contains(canary));
                }
                let target = format!("{}/{path}", self.edition.root);
                self.files.insert(target, VirtualFile::from_media(Arc::clone(media), written.ms / 1000));
            }
            Presence::Missing => attachments.missing += 1,
            Presence::NotDownloaded => attachments.not_downloaded += 1,
        }
        let len = i64::try_from(media.len()).unwrap_or(0);
        self.db
            .prepare_cached(
                "INSERT INTO message_media (message_row_id, chat_row_id, transferred, page_count, media_caption, file_path, file_size,
                 media_key, media_key_timestamp, width, height, direct_path, message_url, mime_type, file_length, media_name, file_hash,
                 media_duration, enc_file_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                written.row,
                self.rooms[room].row,
                named,
                i64::from(sort.media == MediaKind::Pdf),
                // Documents carry their caption here as well; other sorts in the message's text only.
                caption.filter(|_| sort.kind == DOCUMENT.kind),
                named.then_some(path),
                if named { len } else { 0 },
                self.dice.bytes::<32>(),
                written.ms / 1000,
                i64::from(sort.captioned) * 32,
                i64::from(sort.captioned) * 32,
                format!("/v/t62.7118-24/{}", self.dice.hex(20)),
                "https://mmg.whatsapp.net/",
                sort.mime,
                len,
                name,
                STANDARD.encode(digest),
                seconds,
                STANDARD.encode(self.dice.bytes::<32>()),
            ])?;
        Ok(())
    }

    /// View once: the bytes never reach a backup (`reference/android.md` §2.6, types 42, 43 and 82).
    pub(super) fn show_once(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let (kind, mime) = [(42, "image/jpeg"), (43, "video/mp4"), (82, "audio/ogg; codecs=opus")][self.dice.index(3)];
        let Some(written) = self.write(&Row { room, person, kind, text: None, flags: 0, starred: false })? else { return Ok(()) };
        let state = self.dice.between(0, 2);
        self.db
            .execute("INSERT INTO message_view_once_media (message_row_id, state) VALUES (?, ?)", params![written.row, state])?;
        self.db.execute(
            "INSERT INTO message_media (message_row_id, chat_row_id, transferred, mime_type, file_length) VALUES (?, ?, 0, ?, ?)",
            params![written.row, self.rooms[room].row, mime, self.dice.between(10_000, 90_000)],
        )?;
        self.expected.view_once += 1;
        self.expected.attachments.rows += 1;
        self.expected.attachments.not_downloaded += 1;
        Ok(())
    }

    /// An album row, then its pictures; that the association has type 1 is our choice.
    pub(super) fn show_album(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let album = Row { room, person, kind: 99, text: None, flags: flag::ALBUM, starred: false };
        let Some(parent) = self.write(&album)? else { return Ok(()) };
        let (mut images, mut videos) = (0_i64, 0_i64);
        for i in 0..self.dice.between(2, 4) {
            let sort = if i == 1 && self.dice.per_mille(300) { VIDEO } else { IMAGE };
            let Some(child) = self.attach(room, person, sort, flag::ALBUM)? else { continue };
            if sort.kind == VIDEO.kind {
                videos += 1;
            } else {
                images += 1;
            }
            self.db.execute(
                "INSERT INTO message_association (child_message_row_id, parent_message_row_id, association_type) VALUES (?, ?, 1)",
                params![child.row, parent.row],
            )?;
            self.db.execute(
                "INSERT INTO message_parent_association (message_row_id, parent_message_row_id, association_type) VALUES (?, ?, 1)",
                params![child.row, parent.row],
            )?;
            self.expected.album_items += 1;
        }
        self.db.execute(
            "INSERT INTO message_album (message_row_id, image_count, video_count, expected_image_count, expected_video_count)
             VALUES (?1, ?2, ?3, ?2, ?3)",
            params![parent.row, images, videos],
        )?;
        self.expected.albums += 1;
        Ok(())
    }
}

impl Story<'_> {
    /// The picture of a status, in the dot folder that careless tools skip.
    pub(super) fn put_status_picture(&mut self, chat: i64, written: &Written, n: u64) -> Result<(), ContentError> {
        let recipe = key(self.options.seed, &format!("status {} {n}", self.edition.package));
        let media = Arc::new(Media::new(MediaKind::Jpeg, recipe, 2_000, "status".to_owned()));
        let path = format!("Media/.Statuses/{}.jpg", hex::encode(&recipe[..16]));
        self.db.execute(
            "INSERT INTO message_media (message_row_id, chat_row_id, transferred, file_path, file_size, mime_type, file_length, file_hash)
             VALUES (?1, ?2, 1, ?3, ?4, 'image/jpeg', ?4, ?5)",
            params![written.row, chat, path, i64::try_from(media.len()).unwrap_or(0), STANDARD.encode(media.sha256())],
        )?;
        if self.options.media != MediaScale::None {
            let target = format!("{}/{path}", self.edition.root);
            self.files.insert(target, VirtualFile::from_media(media, written.ms / 1000));
        }
        Ok(())
    }
}

/// Year and ISO week as the folders of voice notes have it, for instance 202647.
fn week(day: &Zoned) -> String {
    let iso = day.date().iso_week_date();
    format!("{}{:02}", iso.year(), iso.week())
}
