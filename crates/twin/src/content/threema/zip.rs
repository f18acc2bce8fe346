//! A zip whose entries are encrypted as WinZip does (AE-1 or AE-2, 256 bits), as the app's library streams it: lengths stand
//! behind each entry. Salts follow from the seed, so equal calls give equal bytes. Shares no code with the reader.

use crate::content::dice::Dice;
use aes::{
    Aes256,
    cipher::{KeyIvInit, StreamCipher},
};
use ctr::Ctr128LE;
use flate2::{Compression, Crc, write::DeflateEncoder};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::io::{self, Write};

/// Which version of the encryption: the first keeps a checksum of the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ae {
    One,
    #[default]
    Two,
}

/// The zip while it grows.
pub struct AesZip {
    out: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
    password: Vec<u8>,
    salts: Dice,
    pub ae: Ae,
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const AES: u16 = 99;
const ENCRYPTED: u16 = 1;
const LENGTHS_BEHIND: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;
/// 1 January 2026, midnight.
const DATE: u32 = 46 << 25 | 1 << 21 | 1 << 16;

impl AesZip {
    #[must_use]
    pub fn new(password: &str, seed: u64) -> Self {
        Self::of_bytes(password.as_bytes(), seed)
    }

    /// Under a password of any bytes.
    #[must_use]
    pub fn of_bytes(password: &[u8], seed: u64) -> Self {
        Self {
            out: Vec::new(),
            directory: Vec::new(),
            entries: 0,
            password: password.to_vec(),
            salts: Dice::new(seed, "zip salts"),
            ae: Ae::Two,
        }
    }

    /// Adds an entry under the password.
    ///
    /// # Errors
    /// When it does not compress, or is too long for this form.
    pub fn add(&mut self, name: &str, content: &[u8], compress: bool) -> io::Result<()> {
        let method = if compress { DEFLATED } else { STORED };
        let mut body = packed(content, compress)?;
        let salt: [u8; 16] = self.salts.bytes();
        let made = derive(&self.password, &salt);
        let (key, rest) = made.split_at(32);
        let (tag_key, verifier) = rest.split_at(32);
        let mut first = [0; 16];
        first[0] = 1;
        let mut stream = Ctr128LE::<Aes256>::new_from_slices(key, &first).map_err(io::Error::other)?;
        stream.apply_keystream(&mut body);
        let mut mac = Hmac::<Sha1>::new_from_slice(tag_key).map_err(io::Error::other)?;
        mac.update(&body);
        let tag = mac.finalize().into_bytes();
        let body = [&salt, verifier, &body, &tag[..10]].concat();
        let crc = if self.ae == Ae::One { checksum(content) } else { 0 };
        let version = if self.ae == Ae::One { 1 } else { 2 };
        let extra = [&[0x01, 0x99, 7, 0, version, 0, b'A', b'E', 3][..], &method.to_le_bytes()].concat();
        self.entry(name, ENCRYPTED, AES, &extra, &body, crc, content.len())
    }

    /// Adds an entry that anybody can read, as nothing but a forger would.
    ///
    /// # Errors
    /// When it does not compress, or is too long for this form.
    pub fn add_in_the_clear(&mut self, name: &str, content: &[u8], compress: bool) -> io::Result<()> {
        let method = if compress { DEFLATED } else { STORED };
        self.entry(name, 0, method, &[], &packed(content, compress)?, checksum(content), content.len())
    }

    #[allow(clippy::too_many_arguments)]
    fn entry(
        &mut self,
        name: &str,
        flags: u16,
        method: u16,
        extra: &[u8],
        body: &[u8],
        crc: u32,
        length: usize,
    ) -> io::Result<()> {
        let short = |n: usize| u16::try_from(n).map_err(io::Error::other);
        let long = |n: usize| u32::try_from(n).map_err(io::Error::other);
        let begin = long(self.out.len())?;
        let flags = flags | LENGTHS_BEHIND | UTF8;
        let head = |lengths: &[u8]| -> io::Result<Vec<u8>> {
            let (method, date) = (method.to_le_bytes(), DATE.to_le_bytes());
            let (name, extra) = (short(name.len())?.to_le_bytes(), short(extra.len())?.to_le_bytes());
            Ok([&51_u16.to_le_bytes(), &flags.to_le_bytes()[..], &method, &date, lengths, &name, &extra].concat())
        };
        let lengths = [crc, long(body.len())?, long(length)?].map(u32::to_le_bytes).concat();
        self.out.extend(b"PK\x03\x04");
        self.out.extend(head(&[0; 12])?);
        self.out.extend(name.as_bytes());
        self.out.extend(extra);
        self.out.extend(body);
        self.out.extend(b"PK\x07\x08");
        self.out.extend(&lengths);
        self.directory.extend(b"PK\x01\x02\x33\x00");
        self.directory.extend(head(&lengths)?);
        // No comment, the first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(begin.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.directory.extend(extra);
        self.entries += 1;
        Ok(())
    }

    /// The whole.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let begin = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
        let length = u32::try_from(self.directory.len()).unwrap_or(u32::MAX);
        let entries = self.entries.to_le_bytes();
        self.out.append(&mut self.directory);
        self.out.extend(b"PK\x05\x06\0\0\0\0");
        self.out.extend([entries, entries].concat());
        self.out.extend(length.to_le_bytes());
        self.out.extend(begin.to_le_bytes());
        self.out.extend([0, 0]);
        self.out
    }
}

impl std::fmt::Debug for AesZip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AesZip").field("entries", &self.entries).finish_non_exhaustive()
    }
}

fn packed(content: &[u8], compress: bool) -> io::Result<Vec<u8>> {
    if !compress {
        return Ok(content.to_vec());
    }
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(content)?;
    deflate.finish()
}

fn checksum(content: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(content);
    crc.sum()
}

/// PBKDF2-HMAC-SHA1, a thousand rounds, to the 66 bytes that an entry takes.
fn derive(password: &[u8], salt: &[u8]) -> Vec<u8> {
    let Ok(keyed) = Hmac::<Sha1>::new_from_slice(password) else { return vec![0; 66] };
    let mut out = Vec::with_capacity(80);
    for block in 1_u32..=4 {
        let once = |message: &[&[u8]]| -> [u8; 20] {
            let mut mac = keyed.clone();
            message.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        };
        let mut last = once(&[salt, &block.to_be_bytes()]);
        let mut sum = last;
        for _ in 1..1000 {
            last = once(&[&last]);
            sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
        }
        out.extend(sum);
    }
    out.truncate(66);
    out
}
