//! The same messages as `adb backup` writes them (`reference/android.md §4.5`): only messages with text, no attachments.

use super::{SmsContent, SmsRow};
use crate::content::{ContentError, Dice};
use aes::{Aes256Enc, Block};
use cbc::{
    Encryptor,
    cipher::{BlockModeEncrypt, InnerIvInit},
};
use flate2::{Compression, write::ZlibEncoder};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use std::io::Write;

const FOLDER: &str = "apps/com.android.providers.telephony";
/// Of which a backup may be instead.
const OTHER: &str = "com.android.providers.settings";
/// Messages in one member.
const AT_ONCE: usize = 1000;

/// How such a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsBackup {
    /// 1 to 5.
    pub version: u32,
    pub compressed: bool,
    /// AES-256 under this password.
    pub password: Option<String>,
    pub rounds: u32,
}

impl Default for SmsBackup {
    fn default() -> Self {
        Self { version: 5, compressed: true, password: None, rounds: 10_000 }
    }
}

impl SmsContent {
    /// Messages of the phone that such a backup holds: the SMS that the shell sees, and MMS with text.
    #[must_use]
    pub fn backed_up(&self) -> (u64, u64) {
        let sms = self.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).count();
        (sms as u64, self.mms_with_text().count() as u64)
    }

    fn mms_with_text(&self) -> impl Iterator<Item = &super::MmsRow> {
        self.mms.iter().filter(|row| row.message_type != 130 && row.parts.iter().any(|part| part.media_type == "text/plain"))
    }

    /// The file.
    ///
    /// # Errors
    /// Only when a cipher refuses its input.
    pub fn backup(&self, how: &SmsBackup, seed: u64) -> Result<Vec<u8>, ContentError> {
        let sms: Vec<Value> = self.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).map(|row| self.sms_of(row)).collect();
        let mms: Vec<Value> = self.mms_with_text().map(|row| self.mms_of(row)).collect();
        let lists = |all: &[Value], kind: &'static str| -> Vec<(&'static str, String)> {
            all.chunks(AT_ONCE).map(|some| (kind, Value::Array(some.to_vec()).to_string())).collect()
        };
        backup_of_lists(&[lists(&sms, "sms"), lists(&mms, "mms")].concat(), how, seed)
    }

    fn sms_of(&self, row: &SmsRow) -> Value {
        let sent = if row.kind == 1 { row.date - 2_000 } else { 0 };
        let mut value = json!({
            "self_phone": self.number, "address": row.address, "date": row.date.to_string(), "date_sent": sent.to_string(),
            "status": "-1", "type": row.kind.to_string(), "recipients": [row.address], "archived": false, "read": "1",
        });
        if let Some(body) = &row.body {
            value["body"] = json!(body);
        }
        value
    }

    /// Times of MMS are seconds, also here.
    fn mms_of(&self, row: &super::MmsRow) -> Value {
        let text: String =
            row.parts.iter().filter(|part| part.media_type == "text/plain").filter_map(|part| part.text.as_deref()).collect();
        let addresses: Vec<Value> = row
            .addresses
            .iter()
            .map(|(kind, address)| json!({"type": kind.to_string(), "address": address, "charset": "106"}))
            .collect();
        let recipients: Vec<&String> =
            row.addresses.iter().map(|(_, who)| who).filter(|who| **who != self.number && who.starts_with('+')).collect();
        let mut value = json!({
            "self_phone": self.number, "date": row.date.to_string(), "date_sent": "0", "m_type": row.message_type.to_string(),
            "v": "18", "msg_box": row.kind.to_string(), "read": "1", "recipients": recipients, "mms_addresses": addresses,
            "mms_body": text, "mms_charset": "106",
        });
        if let Some(subject) = &row.subject {
            value["sub"] = json!(subject);
            value["sub_cs"] = json!("106");
        }
        value
    }
}

/// A file with these lists, each of `sms` or of `mms`, as texts: what they say is the caller's.
///
/// # Errors
/// Only when a cipher refuses its input.
pub fn backup_of_lists(lists: &[(&str, String)], how: &SmsBackup, seed: u64) -> Result<Vec<u8>, ContentError> {
    let mut tar = Vec::new();
    member(&mut tar, &format!("{FOLDER}/_manifest"), &manifest("com.android.providers.telephony"));
    for (number, (kind, text)) in lists.iter().enumerate() {
        member(&mut tar, &format!("{FOLDER}/d_f/{number:06}_{kind}_backup"), &deflated(text.as_bytes())?);
    }
    packed(tar, how, seed)
}

/// A file of another app, in which a member is called as a list of messages is.
///
/// # Errors
/// Only when a cipher refuses its input.
pub fn backup_of_another_app(how: &SmsBackup, seed: u64) -> Result<Vec<u8>, ContentError> {
    let mut tar = Vec::new();
    member(&mut tar, &format!("apps/{OTHER}/_manifest"), &manifest(OTHER));
    member(&mut tar, &format!("apps/{OTHER}/f/000000_sms_backup"), &deflated(b"[]")?);
    packed(tar, how, seed)
}

fn packed(mut tar: Vec<u8>, how: &SmsBackup, seed: u64) -> Result<Vec<u8>, ContentError> {
    tar.extend([0; 1024]);
    let body = if how.compressed { deflated(&tar)? } else { tar };
    let mut out = format!("ANDROID BACKUP\n{}\n{}\n", how.version, u8::from(how.compressed)).into_bytes();
    match &how.password {
        None => {
            out.extend(b"none\n");
            out.extend(body);
        }
        Some(password) => encrypt(&mut out, body, password, how, seed)?,
    }
    Ok(out)
}

fn manifest(package: &str) -> Vec<u8> {
    format!("1\n{package}\n1\n34\n\n0\n0\n").into_bytes()
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>, ContentError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn member(tar: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let mut head = [0_u8; 512];
    let mut put = |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600\0");
    put(108, "0001750\0");
    put(116, "0001750\0");
    put(124, &format!("{:011o}\0", bytes.len()));
    put(136, &format!("{:011o}\0", 1_700_000_000));
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar.extend(head);
    tar.extend(bytes);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

fn encrypt(out: &mut Vec<u8>, body: Vec<u8>, password: &str, how: &SmsBackup, seed: u64) -> Result<(), ContentError> {
    let mut dice = Dice::new(seed, "adb backup");
    let (user_salt, checksum_salt) = (dice.bytes::<64>(), dice.bytes::<64>());
    let (user_vector, vector, master) = (dice.bytes::<16>(), dice.bytes::<16>(), dice.bytes::<32>());
    let characters: String =
        master.iter().filter_map(|byte| char::from_u32(u32::from(i16::from(byte.cast_signed()).cast_unsigned()))).collect();
    let checksum = derive(characters.as_bytes(), &checksum_salt, how.rounds)?;
    let blob = [&[16][..], &vector, &[32], &master, &[32], &checksum].concat();
    let user = derive(password.as_bytes(), &user_salt, how.rounds)?;
    let blob = cbc(blob, &user, &user_vector);
    let line = |bytes: &[u8]| hex::encode_upper(bytes);
    let lines =
        ["AES-256".to_owned(), line(&user_salt), line(&checksum_salt), how.rounds.to_string(), line(&user_vector), line(&blob)];
    lines.iter().for_each(|line| out.extend(format!("{line}\n").bytes()));
    out.extend(cbc(body, &master, &vector));
    Ok(())
}

/// AES-256-CBC with padding.
fn cbc(mut bytes: Vec<u8>, key: &[u8; 32], vector: &[u8; 16]) -> Vec<u8> {
    let padding = 16 - bytes.len() % 16;
    bytes.resize(bytes.len() + padding, u8::try_from(padding).unwrap_or(16));
    let cipher = Aes256Enc::new(&(*key).into());
    Encryptor::inner_iv_init(&cipher, &Block::from(*vector)).encrypt_blocks(Block::slice_as_chunks_mut(&mut bytes).0);
    bytes
}

/// PBKDF2-HMAC-SHA1 to 32 bytes.
fn derive(password: &[u8], salt: &[u8], rounds: u32) -> Result<[u8; 32], ContentError> {
    let keyed = <Hmac<Sha1> as KeyInit>::new_from_slice(password).map_err(|_| ContentError::Cipher)?;
    let mut out = [0; 32];
    for (block, number) in out.chunks_mut(20).zip(1_u32..) {
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&number.to_be_bytes());
        let mut last = mac.finalize().into_bytes();
        let mut sum = last;
        for _ in 1..rounds {
            let mut mac = keyed.clone();
            mac.update(&last);
            last = mac.finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        block.iter_mut().zip(&sum).for_each(|(to, from)| *to = *from);
    }
    Ok(out)
}
