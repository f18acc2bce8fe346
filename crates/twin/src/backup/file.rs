//! What lies on the phone, before the backup.

use sha1::{Digest, Sha1};
use std::sync::Arc;
use uitlezen_evidence::Bytes;

/// A file, folder or link in a domain of the phone.
#[derive(Clone, Debug)]
pub struct BackupFile {
    /// `HomeDomain`, `AppDomainGroup-group.net.whatsapp.WhatsApp.shared`.
    pub domain: String,
    /// Within the domain, without a slash at its start.
    pub path: String,
    pub kind: Kind,
    /// Permissions; the bits of the kind are added.
    pub mode: u16,
    /// Unix seconds.
    pub modified: i64,
    /// Protection class, 1 to 11; files of a phone have 1 to 4.
    pub class: u8,
}

#[derive(Clone, Debug)]
pub enum Kind {
    File(Bytes),
    Folder,
    Symlink(String),
}

impl BackupFile {
    /// A file of these bytes as most are: class 3 (until first unlock).
    pub fn new(domain: impl Into<String>, path: impl Into<String>, bytes: Bytes, modified: i64) -> Self {
        Self { domain: domain.into(), path: path.into(), kind: Kind::File(bytes), mode: 0o644, modified, class: 3 }
    }

    /// The same, with bytes that are in memory.
    pub fn of(domain: impl Into<String>, path: impl Into<String>, bytes: Vec<u8>, modified: i64) -> Self {
        Self::new(domain, path, Arc::new(bytes), modified)
    }

    /// In another protection class.
    #[must_use]
    pub fn class(mut self, class: u8) -> Self {
        self.class = class;
        self
    }

    pub(super) fn flags(&self) -> u8 {
        match self.kind {
            Kind::File(_) => 1,
            Kind::Folder => 2,
            Kind::Symlink(_) => 4,
        }
    }

    pub(super) fn whole_mode(&self) -> u16 {
        let kind = match self.kind {
            Kind::File(_) => 0o100_000,
            Kind::Folder => 0o040_000,
            Kind::Symlink(_) => 0o120_000,
        };
        kind | self.mode & 0o7777
    }
}

/// The name under which a file is stored: SHA-1 of `domain-path`, 40 lower-case hexadecimal digits.
#[must_use]
pub fn file_id(domain: &str, path: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(domain.as_bytes());
    hash.update(b"-");
    hash.update(path.as_bytes());
    hex::encode(hash.finalize())
}
