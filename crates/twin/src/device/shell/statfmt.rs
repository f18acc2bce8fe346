//! `stat`'s formats, for files and for file systems, as toybox fills them.

use crate::device::{Storage, tree::Stat};
use jiff::{Timestamp, tz::TimeZone};

pub(super) const LONG: &[u8] =
    b"  File: %N\n  Size: %s\t Blocks: %b\t IO Blocks: %B\t%F\nDevice: %Dh/%dd\t Inode: %i\t Links: %h\n\
Access: (%a/%A)\tUid: (%u/%U)\tGid: (%g/%G)\nAccess: %x\nModify: %y\nChange: %z";
pub(super) const LONG_FS: &[u8] =
    b"  File: \"%n\"\n    ID: %i Namelen: %l    Type: %t\nBlock Size: %s    Fundamental block size: %S\n\
Blocks: Total: %b\tFree: %f\tAvailable: %a\nInodes: Total: %c\tFree: %d";

/// Bytes of a block of the file system.
const BLOCK: u64 = 4096;
/// FUSE's number for `statfs`.
const FUSE: u32 = 0x6573_5546;

/// What is being described.
pub(super) struct Subject<'a> {
    pub(super) path: &'a [u8],
    pub(super) stat: Stat,
    pub(super) target: Option<Vec<u8>>,
    pub(super) storage: Storage,
    pub(super) zone: TimeZone,
}

impl Subject<'_> {
    pub(super) fn fill(&self, format: &[u8]) -> Vec<u8> {
        let s = &self.stat;
        expand(format, |letter| {
            Some(match letter {
                b'a' => format!("{:o}", s.mode & 0o7777).into(),
                b'A' => letters(s.mode).into(),
                b'b' => blocks(s).to_string().into(),
                b'B' => b"512".to_vec(),
                b'd' => s.device.to_string().into(),
                b'D' => format!("{:x}", s.device).into(),
                b'f' => format!("{:x}", s.mode).into(),
                b'F' => kind(s).into(),
                b'g' => s.gid.to_string().into(),
                b'G' => owner(s.gid).into(),
                b'h' => s.links.to_string().into(),
                b'i' => s.inode.to_string().into(),
                b'n' => self.path.to_vec(),
                b'N' => match &self.target {
                    Some(target) => [b"`", self.path, b"' -> `", target, b"'"].concat(),
                    None => [b"`", self.path, b"'"].concat(),
                },
                b'o' => BLOCK.to_string().into(),
                b's' => s.size.to_string().into(),
                b'u' => s.uid.to_string().into(),
                b'U' => owner(s.uid).into(),
                b'x' | b'y' | b'z' => {
                    let when = Timestamp::from_second(s.modified).unwrap_or_default().to_zoned(self.zone.clone());
                    when.strftime("%Y-%m-%d %H:%M:%S.000000000 %z").to_string().into()
                }
                b'X' | b'Y' | b'Z' => s.modified.to_string().into(),
                _ => return None,
            })
        })
    }

    pub(super) fn fill_fs(&self, format: &[u8]) -> Vec<u8> {
        let blocks = |bytes: u64| (bytes / BLOCK).to_string().into_bytes();
        expand(format, |letter| {
            Some(match letter {
                b'a' | b'f' => blocks(self.storage.free),
                b'b' => blocks(self.storage.total),
                b'c' => b"7208960".to_vec(),
                b'd' => b"6900000".to_vec(),
                b'i' => b"0000000000000000".to_vec(),
                b'l' => b"255".to_vec(),
                b'n' => self.path.to_vec(),
                b's' | b'S' => BLOCK.to_string().into(),
                b't' => format!("{FUSE:x}").into(),
                b'T' => b"fuse".to_vec(),
                _ => return None,
            })
        })
    }
}

/// Fills `%x` by `value`; what it does not know stays as written, as does a lone `%`.
fn expand(format: &[u8], value: impl Fn(u8) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = format.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'%') | None => out.push(b'%'),
            Some(letter) => out.extend(value(*letter).unwrap_or_else(|| vec![b'%', *letter])),
        }
    }
    out
}

/// 512-byte blocks, in whole blocks of the file system.
pub(super) fn blocks(stat: &Stat) -> u64 {
    stat.size.div_ceil(BLOCK).saturating_mul(BLOCK / 512)
}

fn kind(stat: &Stat) -> &'static str {
    if stat.is_folder() {
        "directory"
    } else if stat.is_link() {
        "symbolic link"
    } else if stat.size == 0 {
        "regular empty file"
    } else {
        "regular file"
    }
}

/// `drwxrwx---`.
pub(super) fn letters(mode: u32) -> String {
    let kind = match mode & 0o170_000 {
        0o040_000 => 'd',
        0o120_000 => 'l',
        _ => '-',
    };
    let bits = (0..9).map(|at| if mode >> (8 - at) & 1 == 1 { ['r', 'w', 'x'].get(at % 3).copied().unwrap_or('-') } else { '-' });
    std::iter::once(kind).chain(bits).collect()
}

/// Name of a user or group, by Android's numbering: apps of user N are `uN_aM`.
pub(super) fn owner(id: u32) -> String {
    match id {
        0 => "root".into(),
        1000 => "system".into(),
        1015 => "sdcard_rw".into(),
        1023 => "media_rw".into(),
        2000 => "shell".into(),
        10_000.. => format!("u{}_a{}", id / 100_000, id % 100_000 - 10_000.min(id % 100_000)),
        other => other.to_string(),
    }
}
