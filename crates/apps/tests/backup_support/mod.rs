//! Makes backups for the tests, with the library's one-shot GCM: another implementation than the one under test.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, clippy::panic)]

use aes::Aes256;
use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
};
use flate2::{Compression, write::ZlibEncoder};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::{io::Write, path::PathBuf, sync::Arc};
use uitlezen_apps::whatsapp::backup::{BackupKey, KeyPurpose, Keys, LegacyKey};
use uitlezen_evidence::Bytes;

pub const ROOT: [u8; 32] = [0x42; 32];
pub const LEGACY_AES: [u8; 32] = [5; 32];

pub fn keys() -> Keys {
    Keys { backup: Some(BackupKey::from_root(ROOT)), legacy: None }
}

pub fn other_keys() -> Keys {
    Keys { backup: Some(BackupKey::from_root([0x43; 32])), legacy: None }
}

pub fn legacy_key_file() -> Vec<u8> {
    let head = hex::decode("aced0005757200025b42acf317f8060854e0020000787000000083").unwrap();
    let google_hash = Sha256::digest([4; 16]);
    [&head[..], &[0, 1], &[2], &[3; 32], &[4; 16], &google_hash, &[0; 16], &LEGACY_AES].concat()
}

pub fn legacy_keys() -> Keys {
    Keys { backup: None, legacy: Some(LegacyKey::from_key_file(&legacy_key_file()).unwrap()) }
}

pub fn bytes(data: impl Into<Vec<u8>>) -> Bytes {
    Arc::new(data.into())
}

pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut z = ZlibEncoder::new(Vec::new(), Compression::new(1));
    z.write_all(data).unwrap();
    z.finish().unwrap()
}

/// A head with a 16-byte IV: key type 1, IV, version and suffix.
pub fn head15(iv: &[u8; 16]) -> Vec<u8> {
    let prefix =
        [&[0x08, 0x01, 0x1a, 0x12, 0x0a, 0x10][..], iv, &[0x22, 0x0e, 0x0a, 0x08], b"2.26.1.1", &[0x1a, 0x02], b"42"].concat();
    [&[u8::try_from(prefix.len()).unwrap()][..], &prefix].concat()
}

pub fn seal(key: &[u8; 32], iv: &[u8; 16], content: &[u8]) -> Vec<u8> {
    AesGcm::<Aes256, U16>::new(&(*key).into()).encrypt(&(*iv).into(), content).unwrap()
}

/// A whole `.crypt15` file over already packed content, with or without the MD5 behind it.
pub fn crypt15(content: &[u8], iv: [u8; 16], checksum: bool) -> Vec<u8> {
    let key = BackupKey::from_root(ROOT).derive(KeyPurpose::Backup);
    let mut file = [head15(&iv), seal(&key, &iv, content)].concat();
    if checksum {
        let md5 = Md5::digest(&file);
        file.extend_from_slice(&md5);
    }
    file
}

pub fn crypt14(content: &[u8], iv: [u8; 16]) -> Vec<u8> {
    let c14 =
        [&[0x0a, 0x02, 0x00, 0x01, 0x12, 0x01, b'2', 0x1a, 0x20][..], &[3; 32], &[0x22, 0x10], &[4; 16], &[0x2a, 0x10], &iv]
            .concat();
    let prefix = [&[0x08, 0x00, 0x12, u8::try_from(c14.len()).unwrap()][..], &c14].concat();
    let mut file = [&[u8::try_from(prefix.len()).unwrap()][..], &prefix, &seal(&LEGACY_AES, &iv, content)].concat();
    let md5 = Md5::digest(&file);
    file.extend_from_slice(&md5);
    file
}

pub fn crypt12(content: &[u8], iv: [u8; 16]) -> Vec<u8> {
    let mut file = [&[0, 1, 2][..], &[3; 32], &[4; 16], &iv, &seal(&LEGACY_AES, &iv, content)].concat();
    let md5 = Md5::digest(&file);
    file.extend_from_slice(&md5);
    file.extend_from_slice(b"--67");
    file
}

/// Bytes that do not pack, the same for the same seed.
pub fn noise(len: usize, mut seed: u64) -> Vec<u8> {
    (0..len)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 56) as u8
        })
        .collect()
}

/// Something that packs as a database does: three parts text, one part noise, behind a database's first bytes.
pub fn database(len: usize, seed: u64) -> Vec<u8> {
    let mut content = b"SQLite format 3\0".to_vec();
    let noise = noise(len / 4 + 16, seed);
    for piece in noise.chunks(16) {
        content.extend_from_slice(piece);
        content.extend_from_slice(b"vergadering over de begroting, 14.00 uur zaal 2.");
    }
    content.truncate(len.max(16));
    content
}

/// A published fixture, or `None` after saying loudly that it is absent.
pub fn fixture(path: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/testdata"));
    match std::fs::read(root.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert!(
                std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none_or(|v| v != "1"),
                "required test data is absent: {path}: {error}"
            );
            eprintln!("SKIPPED: test data is absent: {path}");
            None
        }
    }
}
