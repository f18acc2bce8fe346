//! A zip under a password: which password it is, and its entries.
//!
//! Only what is encrypted counts. An entry in the clear beside it is not under the password, so anybody may have put it there or
//! changed it: it is skipped and counted.

use crate::{
    Bytes, ChunkCache, Evidence, EvidenceError, Item, ZipError, ZipEvidence, ZipLimits,
    zip::{Of, damaged},
    zip_aes::{self, Decrypted, Refused},
};
use std::{io, sync::Arc};
use zeroize::Zeroizing;

/// Entries that are tried, the shortest first.
const TRIED: usize = 5;
/// Longer ones are not gone through only to see whether the password is right.
const LONGEST_TRIED: u64 = 16 << 20;

/// Why a zip did not open.
#[derive(Debug, thiserror::Error)]
pub enum ZipUnlockError {
    #[error(transparent)]
    Zip(#[from] ZipError),
    #[error("nothing in the zip is encrypted in a way that can be read")]
    NothingEncrypted,
    #[error("the password does not open the zip")]
    WrongPassword,
    /// The password fits, and none of the entries that were tried is what was encrypted.
    #[error("the encrypted entries of the zip are damaged")]
    Damaged,
}

impl ZipEvidence {
    /// The encrypted entries of a zip. That the password is right is known when this comes back.
    ///
    /// # Errors
    /// When the zip is none, or the password is not that of its entries, or they are damaged: three different answers.
    pub fn unlock(zip: Bytes, password: &[u8], limits: ZipLimits, cache: Arc<ChunkCache>) -> Result<Self, ZipUnlockError> {
        let mut unlocked = Self::of(Of::Encrypted, zip, limits, cache)?;
        unlocked.password = Zeroizing::new(password.to_vec());
        let mut shortest: Vec<&Item> = unlocked.items().iter().collect();
        shortest.sort_by_key(|item| item.bytes);
        shortest.truncate(TRIED);
        if shortest.is_empty() {
            return Err(ZipUnlockError::NothingEncrypted);
        }
        let mut fit: usize = 0;
        for item in &shortest {
            let fits = match unlocked.password_fits(&item.name) {
                Ok(fits) => fits,
                Err(EvidenceError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(ZipError::Io(error).into());
                }
                Err(_) => false,
            };
            fit += usize::from(fits);
            if fits && item.bytes <= LONGEST_TRIED && unlocked.open(&item.name).is_ok() {
                return Ok(unlocked);
            }
        }
        // One of them fits a wrong password by chance once in 13,000 times; two hardly ever.
        Err(if fit > shortest.len() / 2 { ZipUnlockError::Damaged } else { ZipUnlockError::WrongPassword })
    }

    pub(crate) fn decrypted(&self, stretch: Bytes) -> Result<Decrypted, EvidenceError> {
        zip_aes::open(stretch, &self.password).map_err(|refused| match refused {
            Refused::Password => damaged("is under another password"),
            Refused::Tag => damaged("fails its tag"),
            Refused::Io(error) => error.into(),
        })
    }
}
