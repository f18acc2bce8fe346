//! Writes the file `signal-….backup`, frame by frame.

use super::Fields;
use aes::{Aes256, cipher::KeyIvInit};
use ctr::{Ctr128BE, cipher::StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use std::io::{self, Write};

const ROUNDS: u32 = 250_000;

/// A value of a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// Takes frames and writes them encrypted.
pub struct LegacyWriter<W> {
    to: W,
    cipher_key: [u8; 32],
    tag: Hmac<Sha256>,
    iv: [u8; 16],
    counter: u32,
    encrypted_lengths: bool,
}

impl<W> std::fmt::Debug for LegacyWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LegacyWriter").field("counter", &self.counter).finish_non_exhaustive()
    }
}

/// What a passphrase and a salt give: slow to make, so that several files may share one.
#[derive(Clone)]
pub struct LegacyKeys {
    salt: [u8; 32],
    cipher: [u8; 32],
    tags: [u8; 32],
}

impl std::fmt::Debug for LegacyKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LegacyKeys(..)")
    }
}

impl LegacyKeys {
    /// `passphrase` is digits only.
    #[must_use]
    pub fn new(passphrase: &str, salt: [u8; 32]) -> Self {
        let (cipher, tags) = keys(passphrase.as_bytes(), &salt);
        Self { salt, cipher, tags }
    }
}

/// Cipher key and key of the tags.
fn keys(passphrase: &[u8], salt: &[u8]) -> ([u8; 32], [u8; 32]) {
    let mut hash = Sha512::new().chain_update(salt).chain_update(passphrase).chain_update(passphrase).finalize();
    for _ in 1..ROUNDS {
        hash = Sha512::new().chain_update(hash).chain_update(passphrase).finalize();
    }
    // HKDF in two steps, without the library that the reader uses.
    let mac = |key: &[u8], parts: &[&[u8]]| -> [u8; 32] {
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(key);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let prk = mac(&[0; 32], &[&hash[..32]]);
    let cipher = mac(&prk, &[b"Backup Export", &[1]]);
    let tags = mac(&prk, &[&cipher, b"Backup Export", &[2]]);
    (cipher, tags)
}

impl<W: Write> LegacyWriter<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// What `to` says.
    pub fn new(mut to: W, keys: &LegacyKeys, iv: [u8; 16], encrypted_lengths: bool) -> io::Result<Self> {
        let mut header = Fields::new().bytes(1, &iv).bytes(2, &keys.salt);
        if encrypted_lengths {
            header = header.number(3, 1);
        }
        let head = Fields::new().message(1, &header).0;
        to.write_all(&(head.len() as u32).to_be_bytes())?;
        to.write_all(&head)?;
        let mut block = [0; 64];
        block[..32].copy_from_slice(&keys.tags);
        let counter = u32::from_be_bytes([iv[0], iv[1], iv[2], iv[3]]);
        Ok(Self { to, cipher_key: keys.cipher, tag: Hmac::new(&block.into()), iv, counter, encrypted_lengths })
    }

    fn stream(&mut self) -> ([u8; 16], Ctr128BE<Aes256>) {
        let mut nonce = self.iv;
        nonce[..4].copy_from_slice(&self.counter.to_be_bytes());
        self.counter = self.counter.wrapping_add(1);
        (nonce, Ctr128BE::new(&self.cipher_key.into(), &nonce.into()))
    }

    /// Any frame.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn frame(&mut self, frame: &Fields) -> io::Result<()> {
        let (_, mut stream) = self.stream();
        let mut length = (frame.0.len() as u32 + 10).to_be_bytes();
        let mut tag = self.tag.clone();
        if self.encrypted_lengths {
            stream.apply_keystream(&mut length);
            tag.update(&length);
        }
        let mut bytes = frame.0.clone();
        stream.apply_keystream(&mut bytes);
        tag.update(&bytes);
        self.to.write_all(&length)?;
        self.to.write_all(&bytes)?;
        self.to.write_all(&tag.finalize().into_bytes()[..10])
    }

    fn blob(&mut self, content: &[u8]) -> io::Result<()> {
        let (nonce, mut stream) = self.stream();
        let mut bytes = content.to_vec();
        stream.apply_keystream(&mut bytes);
        let tag = self.tag.clone().chain_update(nonce).chain_update(&bytes).finalize().into_bytes();
        self.to.write_all(&bytes)?;
        self.to.write_all(&tag[..10])
    }

    /// The version of the database.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn version(&mut self, version: u64) -> io::Result<()> {
        self.frame(&Fields::new().message(5, &Fields::new().number(1, version)))
    }

    /// A statement and its values.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn statement(&mut self, sql: &str, values: &[Value<'_>]) -> io::Result<()> {
        let mut statement = Fields::new().text(1, sql);
        for value in values {
            let parameter = match *value {
                Value::Null => Fields::new().number(5, 1),
                Value::Integer(number) => Fields::new().number(2, number.cast_unsigned()),
                Value::Real(number) => Fields::new().double(3, number),
                Value::Text(text) => Fields::new().text(1, text),
                Value::Blob(bytes) => Fields::new().bytes(4, bytes),
            };
            statement = statement.message(2, &parameter);
        }
        self.frame(&Fields::new().message(2, &statement))
    }

    /// An attachment, behind its row.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn attachment(&mut self, row: i64, id: Option<u64>, content: &[u8]) -> io::Result<()> {
        let mut frame = Fields::new().number(1, row.cast_unsigned());
        if let Some(id) = id {
            frame = frame.number(2, id);
        }
        self.frame(&Fields::new().message(4, &frame.number(3, content.len() as u64)))?;
        self.blob(content)
    }

    /// A picture of somebody.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn avatar(&mut self, recipient: &str, content: &[u8]) -> io::Result<()> {
        let frame = Fields::new().text(1, "avatar").number(2, content.len() as u64).text(3, recipient);
        self.frame(&Fields::new().message(7, &frame))?;
        self.blob(content)
    }

    /// A setting: `value` holds field 2 to 7 of it.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn setting(&mut self, key: &str, value: impl FnOnce(Fields) -> Fields) -> io::Result<()> {
        self.frame(&Fields::new().message(9, &value(Fields::new().text(1, key))))
    }

    /// The last frame.
    ///
    /// # Errors
    /// What the place to write to says.
    pub fn end(mut self) -> io::Result<W> {
        self.frame(&Fields::new().number(6, 1))?;
        Ok(self.to)
    }

    /// Where it was written, without a last frame.
    pub fn cut(self) -> W {
        self.to
    }
}
