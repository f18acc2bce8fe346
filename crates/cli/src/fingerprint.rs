//! How a recipient (`age1…`) is named in the ledger and on the screen: by the first bytes of its digest, so that two lists can
//! be held beside each other and no long key need be read aloud.

use sha2::{Digest, Sha256};

/// 16 hex digits.
#[must_use]
pub(crate) fn of(recipient: &str) -> String {
    let digest = Sha256::digest(recipient.trim().to_ascii_lowercase());
    hex::encode(digest.get(..8).unwrap_or_default())
}
