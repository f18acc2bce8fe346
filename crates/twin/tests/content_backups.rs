//! The encrypted files, opened by code of the test's own that follows `reference/android.md` §2.3 and §2.5.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use hmac::{Hmac, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Read};
use uitlezen_twin::content::{BackupKind, MediaScale, Options, PhoneContent, VirtualFile, WHATSAPP, generate, write_folder};

const DATABASES: &str = "Android/media/com.whatsapp/WhatsApp/Databases/";

fn small() -> Options {
    Options { messages: 400, keep_plain: true, ..Options::default() }
}

fn file(content: &PhoneContent, name: &str) -> Vec<u8> {
    content.files.iter().find(|(path, _)| path.ends_with(name)).unwrap_or_else(|| panic!("no {name}")).1.to_vec()
}

/// (header, everything behind it).
fn split(file: &[u8]) -> (&[u8], &[u8]) {
    let (mut len, mut shift, mut at) = (0_usize, 0, 0);
    loop {
        len |= usize::from(file[at] & 0x7f) << shift;
        shift += 7;
        at += 1;
        if file[at - 1] < 0x80 {
            return (&file[at..at + len], &file[at + len..]);
        }
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn crypt15_key(root: &[u8]) -> [u8; 32] {
    hmac(&hmac(&[0; 32], root), b"backup encryption\x01")
}

fn decrypt(key: [u8; 32], iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let iv: [u8; 16] = iv.try_into().unwrap();
    AesGcm::<Aes256, U16>::new(&key.into()).decrypt(&Nonce::<U16>::from(iv), sealed).ok()
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

/// A crypt15 file with its MD5, down to the database.
fn open15(bytes: &[u8], root: &[u8; 32]) -> Option<Vec<u8>> {
    let (header, rest) = split(bytes);
    assert_eq!(&header[..6], [0x08, 1, 0x1a, 0x12, 0x0a, 0x10]);
    assert_eq!(bytes[bytes.len() - 16..], *Md5::digest(&bytes[..bytes.len() - 16]));
    decrypt(crypt15_key(root), &header[6..22], &rest[..rest.len() - 16]).map(|zlib| {
        assert_eq!(zlib[..2], [0x78, 0x01]);
        inflate(&zlib)
    })
}

#[test]
fn the_full_backup_is_the_database() {
    let content = generate(&small()).unwrap();
    let plain = open15(&file(&content, "/msgstore.db.crypt15"), &content.secrets.root_key).unwrap();
    assert_eq!(plain, content.plain[WHATSAPP].msgstore);
    assert_eq!(hex::encode(Sha256::digest(&plain)), content.expected.whatsapp.msgstore_sha256);
    let wa = open15(&file(&content, "/wa.db.crypt15"), &content.secrets.root_key).unwrap();
    assert_eq!(hex::encode(Sha256::digest(&wa)), content.expected.whatsapp.wa_sha256);
    let mut wrong = content.secrets.root_key;
    wrong[31] ^= 1;
    assert!(open15(&file(&content, "/msgstore.db.crypt15"), &wrong).is_none());
}

#[test]
fn business_lies_under_its_own_names_and_key() {
    let content = generate(&Options { with_business: true, ..small() }).unwrap();
    let path = "Android/media/com.whatsapp.w4b/WhatsApp Business/Databases/msgstore.db.crypt15";
    let key = content.business_secrets.as_ref().unwrap().root_key;
    assert_ne!(key, content.secrets.root_key);
    assert!(open15(&content.files[path].to_vec(), &key).is_some());
    assert_eq!(content.packages.len(), 2);
    assert!(content.files.keys().any(|p| p.contains("Media/WhatsApp Business Images/")));
}

#[test]
fn crypt14_opens_with_the_key_file_that_the_holder_cannot_have() {
    let content = generate(&Options { kind: BackupKind::Crypt14Only, ..small() }).unwrap();
    assert!(!content.secrets.holder_has_key && !content.expected.whatsapp.readable);
    assert!(!content.files.keys().any(|p| p.ends_with("crypt15")), "no file is end-to-end encrypted");
    let bytes = file(&content, "/msgstore.db.crypt14");
    let key_file = content.secrets.crypt14_key_file.clone().unwrap();
    let (header, rest) = split(&bytes);
    // Field 2, the cipher: version, key version, salt, id salt and IV stand one after another.
    let at = header.windows(2).position(|w| w == [0x2a, 0x10]).unwrap() + 2;
    assert!(header.windows(32).any(|w| w == &key_file[30..62]), "the salt of the key file stands in the header");
    let key: [u8; 32] = key_file[126..].try_into().unwrap();
    let plain = decrypt(key, &header[at..at + 16], &rest[..rest.len() - 16]).unwrap();
    assert_eq!(inflate(&plain), content.plain[WHATSAPP].msgstore);
}

#[test]
fn a_stale_crypt14_lies_beside_the_newer_crypt15() {
    let content = generate(&Options { kind: BackupKind::Crypt15BesideStale14, ..small() }).unwrap();
    let mtime = |name: &str| content.files[&format!("{DATABASES}{name}")].mtime();
    assert!(mtime("msgstore.db.crypt14") < mtime("msgstore.db.crypt15"));
    assert!(content.secrets.holder_has_key);
}

#[test]
fn with_a_password_the_files_are_crypt15_and_nobody_has_the_key() {
    let content = generate(&Options { kind: BackupKind::PasswordMode, ..small() }).unwrap();
    assert!(content.files.contains_key(&format!("{DATABASES}msgstore.db.crypt15")));
    assert!(!content.secrets.holder_has_key && !content.expected.whatsapp.readable);
}

/// Fields of a protobuf message with varints and length-delimited values only.
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, &[u8])> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = varint(&mut bytes);
        if tag & 7 == 2 {
            let (content, rest) = bytes.split_at(usize::try_from(value).unwrap());
            out.push((tag >> 3, value, content));
            bytes = rest;
        } else {
            assert_eq!(tag & 7, 0);
            out.push((tag >> 3, value, &[][..]));
        }
    }
    out
}

#[test]
fn increments_hold_what_is_expected_of_them() {
    let content = generate(&Options { unread_entry: true, ..small() }).unwrap();
    let expected = &content.expected.whatsapp.increments;
    assert_eq!(expected.len(), 3);
    let db = {
        let plain = &content.plain[WHATSAPP].msgstore;
        let mut db = rusqlite::Connection::open_in_memory().unwrap();
        db.deserialize_read_exact("main", plain.as_slice(), plain.len(), true).unwrap();
        db
    };
    for increment in expected {
        let bytes = content.files[&increment.path].to_vec();
        let (header, rest) = split(&bytes);
        // No MD5: the tag comes last.
        let zip = decrypt(crypt15_key(&content.secrets.root_key), &header[6..22], rest).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&zip)), increment.zip_sha256);
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(archive.len() as u64, 1 + increment.unread_entries);
        let mut bin = Vec::new();
        archive.by_name("messages.bin").unwrap().read_to_end(&mut bin).unwrap();
        // Each HistorySync behind its length: as if a message of nameless fields, so it is walked by hand.
        let mut rest = bin.as_slice();
        let (mut new, mut changed, mut conversations) = (0, 0, 0);
        while !rest.is_empty() {
            let (sync, after) = {
                let (header, _) = split(rest);
                let used = header.as_ptr() as usize - rest.as_ptr() as usize + header.len();
                (header, &rest[used..])
            };
            rest = after;
            for (_, _, conversation) in fields(sync).into_iter().filter(|f| f.0 == 2) {
                conversations += 1;
                for (_, _, wrapper) in fields(conversation).into_iter().filter(|f| f.0 == 2) {
                    let info = fields(wrapper)[0].2;
                    let key = fields(fields(info)[0].2);
                    let id = std::str::from_utf8(key.iter().find(|f| f.0 == 3).unwrap().2).unwrap();
                    let known: i64 =
                        db.query_row("SELECT count(*) FROM message WHERE key_id = ?", [id], |row| row.get(0)).unwrap();
                    if known == 0 { new += 1 } else { changed += 1 }
                }
            }
        }
        assert_eq!((new, changed, conversations), (increment.new, increment.changed, increment.conversations));
        assert!(new > 0 && changed > 0);
    }
    assert_eq!(expected.iter().map(|i| i.unread_entries).sum::<u64>(), 1);
    assert_eq!(expected.iter().map(|i| i.timer_changes).sum::<u64>(), 1);
    assert_eq!(expected.iter().map(|i| i.revoked).sum::<u64>(), 1);
    let newest = content.files.values().map(VirtualFile::mtime).max().unwrap();
    assert_eq!(newest, Options::default().now - 6 * 3600, "nothing on the phone is younger than its newest backup");
}

fn digest(content: &PhoneContent) -> String {
    let mut hash = Sha256::new();
    for (path, file) in &content.files {
        hash.update(path);
        hash.update(file.mtime().to_le_bytes());
        hash.update(file.to_vec());
    }
    hash.update(serde_json::to_vec(&content.expected).unwrap());
    hash.update(&content.secrets.hex64);
    hex::encode(hash.finalize())
}

#[test]
fn equal_options_give_equal_bytes_and_another_seed_others() {
    let options = Options { with_business: true, canary: Some("K".to_owned()), keep_plain: false, ..small() };
    let first = digest(&generate(&options).unwrap());
    assert_eq!(first, digest(&generate(&options).unwrap()));
    assert_ne!(first, digest(&generate(&Options { seed: 2, ..options }).unwrap()));
}

#[test]
fn a_folder_holds_the_same_files() {
    let content = generate(&small()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let bytes = write_folder(&content, dir.path()).unwrap();
    assert_eq!(bytes, content.files.values().map(VirtualFile::len).sum::<u64>());
    for (path, file) in &content.files {
        let on_disk = dir.path().join(path);
        assert_eq!(std::fs::read(&on_disk).unwrap(), file.to_vec(), "{path}");
        let mtime = std::fs::metadata(&on_disk).unwrap().modified().unwrap();
        let seconds = mtime.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(i64::try_from(seconds).unwrap(), file.mtime());
    }
}

#[test]
fn without_media_no_picture_is_on_the_phone() {
    let content = generate(&Options { media: MediaScale::None, ..small() }).unwrap();
    assert_eq!(content.expected.whatsapp.attachments.present, 0);
    assert!(content.expected.whatsapp.attachments.missing > 0);
    assert!(!content.files.keys().any(|p| p.ends_with(".jpg")));
}

#[test]
fn a_file_beyond_four_gib_is_read_from_its_end() {
    let file = VirtualFile::noise([5; 32], (5 << 30) + 3, 0);
    let mut last = [0; 16];
    assert_eq!(file.read_at(file.len() - 8, &mut last), 8);
    assert_ne!(last[..8], [0; 8]);
    assert_eq!(file.read_at(file.len(), &mut last), 0);
}
