//! The bytes of files: small ones in the database, others in a file beside it.

use super::story::{AUDIO, FILE, IMAGE, Story, VIDEO};
use crate::{
    backup::BackupFile,
    content::{
        ContentError, MediaScale, VirtualFile,
        dice::key,
        media::{Media, MediaKind},
    },
};
use rusqlite::params;
use std::sync::Arc;

impl Story<'_> {
    pub(super) fn attach(&mut self, message: i64, entity: i64, picture: bool) -> Result<(), ContentError> {
        self.made += 1;
        let (kind, low, high) = match (entity, picture) {
            (IMAGE, _) | (FILE, true) => (MediaKind::Jpeg, 1_000, 40_000),
            (AUDIO, _) => (MediaKind::Opus, 1_000, 20_000),
            (VIDEO, _) => (MediaKind::Mp4, 10_000, 60_000),
            _ => (MediaKind::Pdf, 1_000, 30_000),
        };
        let inline = self.dice.per_mille(250);
        let filler = if inline { 100 } else { self.dice.between(low, high).unsigned_abs() };
        let recipe = key(self.options.seed, &format!("threema file {}", self.made));
        let media = Arc::new(Media::new(kind, recipe, filler, String::new()));
        let file = VirtualFile::from_media(media, self.options.now);
        let data = if inline {
            self.expected.files_inline += 1;
            [&[1][..], &file.to_vec()].concat()
        } else {
            let hex = self.dice.hex(32);
            let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
            self.expected.files_named += 1;
            if self.options.media != MediaScale::None && !self.dice.per_mille(50) {
                self.expected.files_present += 1;
                let domain = format!("AppDomainGroup-{}", self.options.kind.group());
                let path = format!(".ThreemaData_SUPPORT/_EXTERNAL_DATA/{uuid}");
                self.files.push(BackupFile::new(domain, path, Arc::new(file), self.options.now));
            }
            [&[2][..], uuid.as_bytes(), &[0]].concat()
        };
        if entity == FILE {
            let sql = "INSERT INTO ZFILEDATA (Z_ENT, Z_OPT, ZMESSAGE, ZDATA) VALUES (3, 1, ?, ?)";
            self.db.execute(sql, params![message, data])?;
            return Ok(());
        }
        let (table, column) = match entity {
            IMAGE => ("ZIMAGEDATA", "ZIMAGE"),
            AUDIO => ("ZAUDIODATA", "ZAUDIO"),
            _ => ("ZVIDEODATA", "ZVIDEO"),
        };
        self.db.execute(&format!("INSERT INTO {table} (Z_ENT, Z_OPT, ZDATA) VALUES (4, 1, ?)"), [data])?;
        let made = self.db.last_insert_rowid();
        self.db.execute(&format!("UPDATE ZMESSAGE SET {column} = ? WHERE Z_PK = ?"), [made, message])?;
        Ok(())
    }
}
