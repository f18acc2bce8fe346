//! The journal: which parts and items of a run are whole. Append-only, encrypted under the run key.
//!
//! ```text
//! UITLJRN1 · 8 zero bytes · frames
//! frame = length u32 BE · epoch 8 · counter u32 BE · AES-256-GCM(record) with tag
//! ```
//! `length` counts ciphertext and tag. The nonce is epoch ‖ counter: each opening of the journal draws a new epoch, so a
//! nonce does not come twice although the counter begins again. Associated data: length ‖ the tag of the frame before
//! (zeros for the first), so frames cannot be moved, dropped from the middle or taken from another journal.
//!
//! A frame that is cut or does not open ends the journal: it and all behind it are cut off. That is safe, since what is
//! not journaled is fetched again.

use crate::part::TAG_BYTES;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};
use zeroize::{Zeroize, Zeroizing};

use super::error::{Doing, StoreError};

const MAGIC: [u8; 16] = *b"UITLJRN1\0\0\0\0\0\0\0\0";
const INFO: &[u8] = b"uitlezing/1 journal";
/// Length, epoch and counter before the ciphertext.
const FRAME_HEAD: usize = 4 + 8 + 4;
/// Longest record in bytes. An item of a tebibyte in 64 MiB parts has a record of under 1 MiB.
pub(super) const LONGEST_RECORD: usize = 4 << 20;

/// The secret of one run; the vault keeps it until the seal is closed. Whoever destroys it destroys the work store.
pub struct RunKey(SecretBox<[u8; 32]>);

impl RunKey {
    pub fn random() -> io::Result<Self> {
        crate::part::random_secret().map(Self)
    }

    /// Takes the key over; the caller's copy is wiped.
    #[must_use]
    pub fn from_bytes(bytes: &mut [u8; 32]) -> Self {
        let key = SecretBox::init_with_mut(|k: &mut [u8; 32]| k.copy_from_slice(bytes));
        bytes.zeroize();
        Self(key)
    }

    /// For the vault, which keeps it across a crash.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    fn cipher(&self) -> Result<Aes256Gcm, StoreError> {
        let mut key = Zeroizing::new([0; 32]);
        // 32 bytes are lawful for HKDF and for AES-256: neither fails, and neither may panic.
        Hkdf::<Sha256>::new(None, self.expose()).expand(INFO, key.as_mut()).map_err(|_| StoreError::NotThisStore)?;
        Aes256Gcm::new_from_slice(key.as_ref()).map_err(|_| StoreError::NotThisStore)
    }
}

impl std::fmt::Debug for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RunKey(secret)")
    }
}

/// The journal, open for appending and locked against a second process.
pub(super) struct Journal {
    file: File,
    cipher: Aes256Gcm,
    end: u64,
    epoch: [u8; 8],
    counter: u32,
    before: [u8; TAG_BYTES],
    /// Something was appended since the last sync.
    unsynced: bool,
}

impl Journal {
    pub(super) fn create(path: &Path, key: &RunKey) -> Result<Self, StoreError> {
        let making = |e: io::Error| StoreError::disk(Doing::Making, &e);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path).map_err(making)?;
        lock(&file)?;
        file.write_all_at(&MAGIC, 0).map_err(making)?;
        Self::at(file, key, MAGIC.len() as u64, [0; TAG_BYTES])
    }

    /// Reads every record to `take`, cuts what is torn behind the last, and is then open for appending. Also says how many
    /// bytes were cut. A first record that does not open is [`StoreError::NotThisStore`], and nothing is cut.
    pub(super) fn open<R: DeserializeOwned>(
        path: &Path,
        key: &RunKey,
        mut take: impl FnMut(R) -> Result<(), StoreError>,
    ) -> Result<(Self, u64), StoreError> {
        let reading = |e: io::Error| StoreError::disk(Doing::Reading, &e);
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(reading)?;
        lock(&file)?;
        let len = file.metadata().map_err(reading)?.len();
        let cipher = key.cipher()?;
        let mut from = io::BufReader::with_capacity(1 << 16, &file);
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic).map_err(|_| StoreError::NotThisStore)?;
        if magic != MAGIC {
            return Err(StoreError::NotThisStore);
        }
        let (mut end, mut before) = (MAGIC.len() as u64, [0; TAG_BYTES]);
        while let Some((record, frame, tag)) = next_frame(&mut from, &cipher, &before, len - end).map_err(reading)? {
            // A record that opens was written by us: if it cannot be understood, the store is of another version.
            take(serde_json::from_slice(&record).map_err(|_| StoreError::NotThisStore)?)?;
            (end, before) = (end + frame, tag);
        }
        if end == MAGIC.len() as u64 {
            return Err(StoreError::NotThisStore);
        }
        file.set_len(end).and_then(|()| file.sync_data()).map_err(|e| StoreError::disk(Doing::Journaling, &e))?;
        Ok((Self::at(file, key, end, before)?, len - end))
    }

    fn at(file: File, key: &RunKey, end: u64, before: [u8; TAG_BYTES]) -> Result<Self, StoreError> {
        let mut epoch = [0; 8];
        getrandom::fill(&mut epoch).map_err(|_| StoreError::Disk { doing: Doing::Making, kind: io::ErrorKind::Other })?;
        Ok(Self { file, cipher: key.cipher()?, end, epoch, counter: 0, before, unsynced: false })
    }

    /// Appends a record; it is durable after [`Self::sync`].
    pub(super) fn append<R: Serialize>(&mut self, record: &R) -> Result<(), StoreError> {
        let mut frame = WipedBuffer::new();
        frame
            .write_all(&[0; FRAME_HEAD])
            .and_then(|()| serde_json::to_writer(&mut frame, record).map_err(io::Error::from))
            .map_err(|_| StoreError::RecordTooLong(LONGEST_RECORD))?;
        let mut frame = frame.0;
        let sealed = frame.len() - FRAME_HEAD + TAG_BYTES;
        let length = u32::try_from(sealed).map_err(|_| StoreError::RecordTooLong(LONGEST_RECORD))?.to_be_bytes();
        let nonce = nonce(&self.epoch, self.counter);
        self.counter = self.counter.checked_add(1).ok_or(StoreError::RecordTooLong(LONGEST_RECORD))?;
        let (head, body) = frame.split_at_mut(FRAME_HEAD);
        for (to, from) in head.iter_mut().zip(length.iter().chain(&nonce)) {
            *to = *from;
        }
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce.into(), &associated(length, &self.before), body.into())
            .map_err(|_| StoreError::RecordTooLong(LONGEST_RECORD))?;
        self.before = tag.into();
        // From here on the buffer is ciphertext, so growing it leaves nothing behind.
        frame.extend_from_slice(&self.before);
        self.file.write_all_at(&frame, self.end).map_err(|e| StoreError::disk(Doing::Journaling, &e))?;
        self.end += frame.len() as u64;
        self.unsynced = true;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), StoreError> {
        if self.unsynced {
            self.file.sync_data().map_err(|e| StoreError::disk(Doing::Syncing, &e))?;
            self.unsynced = false;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({} bytes)", self.end)
    }
}

fn lock(file: &File) -> Result<(), StoreError> {
    file.try_lock().map_err(|e| match e {
        TryLockError::WouldBlock => StoreError::InUse,
        TryLockError::Error(e) => StoreError::disk(Doing::Making, &e),
    })
}

fn nonce(epoch: &[u8; 8], counter: u32) -> [u8; 12] {
    let [a, b, c, d, e, f, g, h] = *epoch;
    let [i, j, k, l] = counter.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l]
}

fn associated(length: [u8; 4], before: &[u8; TAG_BYTES]) -> [u8; 4 + TAG_BYTES] {
    let mut out = [0; 4 + TAG_BYTES];
    for (to, from) in out.iter_mut().zip(length.iter().chain(before)) {
        *to = *from;
    }
    out
}

type Frame = (Zeroizing<Vec<u8>>, u64, [u8; TAG_BYTES]);

/// The next record, its frame's length and tag; none where the journal ends or is torn. `left` bounds what is allocated.
fn next_frame(from: &mut impl Read, cipher: &Aes256Gcm, before: &[u8; TAG_BYTES], left: u64) -> io::Result<Option<Frame>> {
    if left < (FRAME_HEAD + TAG_BYTES) as u64 {
        return Ok(None);
    }
    let (mut length, mut nonce) = ([0; 4], [0; 12]);
    from.read_exact(&mut length)?;
    from.read_exact(&mut nonce)?;
    let sealed = u32::from_be_bytes(length);
    let frame = FRAME_HEAD as u64 + u64::from(sealed);
    if (sealed as usize) < TAG_BYTES || sealed as usize > LONGEST_RECORD + TAG_BYTES || frame > left {
        return Ok(None);
    }
    let mut body = Zeroizing::new(vec![0; sealed as usize]);
    from.read_exact(&mut body)?;
    let Some((plain, tag)) = body.split_last_chunk_mut::<TAG_BYTES>() else { return Ok(None) };
    let tag = *tag;
    if cipher.decrypt_inout_detached(&nonce.into(), &associated(length, before), plain.into(), &tag.into()).is_err() {
        return Ok(None);
    }
    let plain = body.len() - TAG_BYTES;
    body.truncate(plain);
    Ok(Some((body, frame, tag)))
}

/// Grows without leaving an unwiped copy behind, up to the longest record.
struct WipedBuffer(Zeroizing<Vec<u8>>);

impl WipedBuffer {
    fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(1 << 12)))
    }
}

impl Write for WipedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wanted = self.0.len() + bytes.len();
        if wanted > FRAME_HEAD + LONGEST_RECORD {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if wanted > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(wanted.max(self.0.capacity() * 2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
