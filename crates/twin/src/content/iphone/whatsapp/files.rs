//! Files: photos, films, sounds, documents, stickers, and those that are not in the backup.

use super::story::{Cells, Kind, Story, Written, cell};
use super::wire::Wire;
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
struct Sort {
    media: MediaKind,
    code: i64,
    word: &'static str,
    ending: &'static str,
    mime: &'static str,
    seconds: bool,
    captioned: bool,
    small: (i64, i64),
    realistic: (i64, i64),
}

const JPEG: Sort = Sort {
    media: MediaKind::Jpeg,
    code: 1,
    word: "image",
    ending: "jpg",
    mime: "image/jpeg",
    seconds: false,
    captioned: true,
    small: (1_000, 40_000),
    realistic: (100_000, 400_000),
};
const VIDEO: Sort = Sort {
    media: MediaKind::Mp4,
    code: 2,
    word: "video",
    ending: "mp4",
    mime: "video/mp4",
    seconds: true,
    captioned: true,
    small: (10_000, 60_000),
    realistic: (2_000_000, 15_000_000),
};
const SOUND: Sort = Sort {
    media: MediaKind::Opus,
    code: 3,
    word: "audio",
    ending: "opus",
    mime: "audio/ogg; codecs=opus",
    seconds: true,
    captioned: false,
    small: (1_000, 20_000),
    realistic: (8_000, 200_000),
};
const DOCUMENT: Sort = Sort {
    media: MediaKind::Pdf,
    code: 8,
    word: "document",
    ending: "pdf",
    mime: "application/pdf",
    seconds: false,
    captioned: false,
    small: (1_000, 30_000),
    realistic: (60_000, 900_000),
};
const GIF: Sort = Sort { code: 11, word: "gif", captioned: false, ..VIDEO };
const NOTE: Sort = Sort { code: 54, word: "video-note", captioned: false, ..VIDEO };
const STICKER: Sort = Sort {
    media: MediaKind::Webp,
    code: 15,
    word: "sticker",
    ending: "webp",
    mime: "image/webp",
    seconds: false,
    captioned: false,
    small: (800, 20_000),
    realistic: (8_000, 60_000),
};

impl Story<'_> {
    pub(super) fn show(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        let sort = match kind {
            Kind::Video => &VIDEO,
            Kind::Sound => &SOUND,
            Kind::Document => &DOCUMENT,
            Kind::Gif => &GIF,
            Kind::VideoNote => &NOTE,
            Kind::Sticker => &STICKER,
            _ => &JPEG,
        };
        let from = self.speaker(room);
        let written = self.record(room, from, sort.code, sort.word, Vec::new())?;
        if kind == Kind::NotFetched {
            self.media(&written, vec![cell("ZVCARDSTRING", sort.mime.to_owned())], None)?;
            self.expected.files_not_named += 1;
            return Ok(());
        }
        let caption = (sort.captioned && self.dice.per_mille(300)).then(|| self.text(room));
        self.attach(room, &written, sort, kind != Kind::Offloaded, caption.as_deref())?;
        if let Some(caption) = caption {
            self.said(room, from, &written, &caption);
        }
        Ok(())
    }

    fn attach(
        &mut self,
        room: usize,
        to: &Written,
        sort: &Sort,
        present: bool,
        caption: Option<&str>,
    ) -> Result<(), ContentError> {
        self.files_made += 1;
        let (low, high) = if self.options.media == MediaScale::Realistic { sort.realistic } else { sort.small };
        let filler = self.dice.between(low, high).unsigned_abs();
        let hex = self.dice.hex(32).to_lowercase();
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        let path = format!("Media/{}/{}/{}/{uuid}.{}", self.rooms[room].address, &hex[..1], &hex[1..2], sort.ending);
        let recipe = key(self.options.seed, &format!("{} file {}", self.options.package(), self.files_made));
        let media = Arc::new(Media::new(sort.media, recipe, filler, String::new()));
        let title = match sort.code {
            8 => Some(format!("Notitie {}.{}", self.files_made, sort.ending)),
            _ => caption.map(str::to_owned),
        };
        let mut cells: Cells = vec![
            cell("ZMEDIALOCALPATH", path.clone()),
            cell("ZFILESIZE", i64::try_from(media.len()).unwrap_or(0)),
            cell("ZVCARDSTRING", sort.mime.to_owned()),
            cell("ZMOVIEDURATION", if sort.seconds { self.dice.between(2, 180) } else { 0 }),
        ];
        cells.extend(title.map(|title| cell("ZTITLE", title)));
        let metadata = Wire::default().text(4, &format!("/v/t62/{uuid}"));
        self.media(to, cells, Some(metadata))?;
        self.expected.files_named += 1;
        if present && self.options.media != MediaScale::None {
            self.expected.files_present += 1;
            let file = VirtualFile::from_media(media, to.ms / 1000);
            let place = format!("Message/{path}");
            self.files.push(BackupFile::new(self.options.domain(), place, Arc::new(file), to.ms / 1000));
        }
        Ok(())
    }

    pub(super) fn view_once(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, code) = (self.speaker(room), [38, 39, 53][self.dice.index(3)]);
        let written = self.record(room, from, code, "view-once", Vec::new())?;
        self.expected.files_not_named += 1;
        self.media(&written, Vec::new(), None)
    }

    /// A message that groups the photos after it.
    pub(super) fn album(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let album = self.record(room, from, 66, "album", Vec::new())?;
        for _ in 0..3 {
            let cells = vec![cell("ZPARENTMESSAGE", album.row)];
            let written = self.record(room, from, JPEG.code, JPEG.word, cells)?;
            self.attach(room, &written, &JPEG, true, None)?;
            self.expected.album_members += 1;
        }
        Ok(())
    }
}
