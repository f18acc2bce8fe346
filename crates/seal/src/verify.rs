//! Verifying a seal without any key: layout, digests, manifest, signature, header, and who signed.
//!
//! [`verify`] answers; it fails only where the file cannot be read at all. Damage is a finding with its place. What an intact
//! seal needs to be opened later comes along as [`Verified`], and only then: see `open`.

mod digests;
mod glance;

pub use glance::{Glance, glance};

use crate::{
    cades::{CadesSignature, SignatureFault},
    container::{
        EntryName,
        reader::{Container, LayoutFault, OpenError},
    },
    header::{Header, HeaderFault, Origin, Sha256Digest},
    manifest::{self, Listed, ManifestFault},
    station::{Certificate, Validity},
};
use digests::Computed;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::{io, path::Path, sync::Arc};

/// What to hold a seal against.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Certificates of stations that are believed, from elsewhere than the seal. Exactly these: a certificate of an
    /// authority above them does not count here.
    pub signers: Vec<Certificate>,
    /// Whether a demo seal is acceptable.
    pub allow_demo: bool,
    /// Threads that digest; 0 takes all cores.
    pub threads: usize,
    /// Now, for the validity of the certificate; the machine's clock if none.
    pub at: Option<Timestamp>,
}

/// The file could not be read; nothing is known of the seal.
#[derive(Debug, thiserror::Error)]
#[error("the file could not be read: {0}")]
pub struct VerifyError(#[from] pub io::Error);

/// One thing that is wrong with a seal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The container's structure. Contents were not looked at.
    #[error("layout: {0}")]
    Layout(LayoutFault),
    /// The content of this entry is not what was signed.
    #[error("{entry}: the content is not what was signed")]
    Content { entry: EntryName },
    /// The content is what was signed, the checksum in the ZIP headers is not its own.
    #[error("{entry}: the checksum in the ZIP is not that of the content")]
    Checksum { entry: EntryName },
    #[error("{entry}: stands in the container and not in the signed manifest")]
    NotListed { entry: EntryName },
    #[error("{entry}: stands in the signed manifest and not in the container")]
    Absent { entry: EntryName },
    #[error("manifest: {0}")]
    Manifest(ManifestFault),
    /// All listed contents are as signed; only the file that lists them changed.
    #[error("manifest: changed after signing, while all that it listed is unchanged")]
    ManifestChanged,
    #[error("signature: {0}")]
    Signature(SignatureFault),
    #[error("header: {0}")]
    Header(HeaderFault),
}

/// Whether the seal is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    Intact,
    /// At least one finding.
    Damaged(Vec<Damage>),
}

/// Who signed, held against the certificates that the caller believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// One of the given certificates.
    Known,
    /// None of the given certificates. The signature is somebody's.
    Unknown,
    /// No certificate was given, so nobody was asked.
    NotCheckedNoSignerGiven,
    /// A demo seal, whoever signed it.
    Demo { allowed: bool },
}

/// The signer of a valid signature.
#[derive(Clone, Debug)]
pub struct Signer {
    pub certificate: Certificate,
    pub trust: Trust,
    /// Claimed by the signature itself; a timestamp or the ledger must support it.
    pub claimed_time: Timestamp,
    pub validity_now: Validity,
    pub validity_at_claimed_time: Validity,
}

/// What verifying found.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub seal: Seal,
    /// None where the signature over the manifest does not hold.
    pub signer: Option<Signer>,
    /// The header, where it is as it was signed; a header that nobody signed is not shown.
    pub header: Option<Header>,
    /// The seal digest: SHA-256 of the manifest, which later seals refer to. None where the manifest is not as signed.
    pub digest: Option<Sha256Digest>,
    /// Length of the file.
    pub bytes: u64,
    /// Number of entries; 0 where the layout is wrong.
    pub entries: usize,
    verified: Option<Verified>,
}

impl Verdict {
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.seal == Seal::Intact
    }

    /// What opening needs; only an intact seal has it. Whether the signer is one to be believed the caller judges.
    #[must_use]
    pub fn verified(&self) -> Option<&Verified> {
        self.verified.as_ref()
    }

    fn damaged(bytes: u64, damage: Damage) -> Self {
        let seal = Seal::Damaged(vec![damage]);
        Self { seal, signer: None, header: None, digest: None, bytes, entries: 0, verified: None }
    }
}

/// An intact seal: the open file, what stands where, and the digests that were signed. Only [`verify`] makes it.
#[derive(Clone, Debug)]
pub struct Verified {
    pub(crate) container: Arc<Container>,
    pub(crate) header: Header,
    pub(crate) digests: Arc<[Listed]>,
}

impl Verified {
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn digest(&self, name: EntryName) -> Option<&[u8; 32]> {
        self.digests.iter().find(|(entry, _)| *entry == name).map(|(_, digest)| digest)
    }
}

/// Verifies a seal, reading all of it once.
pub fn verify(path: &Path, options: &VerifyOptions) -> Result<Verdict, VerifyError> {
    let container = match Container::open(path) {
        Ok(container) => container,
        Err(OpenError::Io(e)) => return Err(e.into()),
        Err(OpenError::Layout(fault)) => return Ok(Verdict::damaged(std::fs::metadata(path)?.len(), Damage::Layout(fault))),
    };
    let computed = digests::compute(&container, options.threads)?;
    let mut found = Findings { damage: Vec::new(), computed: &computed };
    let manifest = content(&container, EntryName::Manifest)?;
    let signature = CadesSignature::read(&content(&container, EntryName::Signature)?);
    let signature = found.signature(&manifest, signature);
    found.checksums(&container);
    let header = if signature.is_some() && found.is_whole(EntryName::Header) {
        found.header(&content(&container, EntryName::Header)?, &container)
    } else {
        None
    };
    let signer = signature.map(|signature| judge(&signature, header.as_ref(), options));
    if let (Some(signer), Some(header)) = (&signer, &header) {
        found.station(&signer.certificate, header);
    }
    let digest = signer.as_ref().map(|_| Sha256Digest(Sha256::digest(&manifest).into()));
    let (bytes, entries, damage) = (container.bytes(), container.entries().len(), found.damage);
    let verified = header.clone().filter(|_| damage.is_empty() && signer.is_some()).map(|header| Verified {
        container: Arc::new(container),
        header,
        digests: computed.iter().map(|one| (one.name, one.sha256)).collect(),
    });
    let seal = if verified.is_some() { Seal::Intact } else { Seal::Damaged(damage) };
    Ok(Verdict { seal, signer, header, digest, bytes, entries, verified })
}

fn content(container: &Container, name: EntryName) -> io::Result<Vec<u8>> {
    // The walk saw that these entries are there.
    let entry = container.entry(name).ok_or(io::ErrorKind::NotFound)?;
    container.content(entry)
}

fn judge(signature: &CadesSignature, header: Option<&Header>, options: &VerifyOptions) -> Signer {
    let certificate = signature.signer().clone();
    let demo = certificate.is_demo() || header.is_some_and(|header| header.origin == Origin::Demo);
    let trust = if demo {
        Trust::Demo { allowed: options.allow_demo }
    } else if options.signers.contains(&certificate) {
        Trust::Known
    } else if options.signers.is_empty() {
        Trust::NotCheckedNoSignerGiven
    } else {
        Trust::Unknown
    };
    let (claimed_time, now) = (signature.claimed_time(), options.at.unwrap_or_else(Timestamp::now));
    Signer {
        validity_now: certificate.validity_at(now),
        validity_at_claimed_time: certificate.validity_at(claimed_time),
        certificate,
        trust,
        claimed_time,
    }
}

struct Findings<'a> {
    damage: Vec<Damage>,
    computed: &'a [Computed],
}

impl Findings<'_> {
    /// Holds manifest, signature and contents against each other. Gives the signature back if it holds for the manifest
    /// that stands there.
    fn signature(&mut self, manifest: &[u8], signature: Result<CadesSignature, SignatureFault>) -> Option<CadesSignature> {
        let computed: Vec<Listed> = self.computed.iter().map(|one| (one.name, one.sha256)).collect();
        let rendered = manifest::render(&computed);
        let signature = match signature {
            Ok(signature) => signature,
            Err(fault) => {
                self.damage.push(Damage::Signature(fault));
                self.compare(manifest, &rendered, &computed);
                return None;
            }
        };
        match signature.covers(manifest) {
            Ok(()) => {
                self.compare(manifest, &rendered, &computed);
                Some(signature)
            }
            Err(_) if signature.covers(&rendered).is_ok() => {
                self.damage.push(Damage::ManifestChanged);
                None
            }
            Err(fault) => {
                self.damage.push(Damage::Signature(fault));
                self.compare(manifest, &rendered, &computed);
                None
            }
        }
    }

    fn compare(&mut self, manifest: &[u8], rendered: &[u8], computed: &[Listed]) {
        if manifest == rendered {
            return;
        }
        let listed = match manifest::read(manifest) {
            Ok(listed) => listed,
            Err(fault) => return self.damage.push(Damage::Manifest(fault)),
        };
        let before = self.damage.len();
        let computed: Vec<&Listed> = computed.iter().filter(|(name, _)| name.is_listed()).collect();
        for (entry, digest) in &computed {
            match listed.iter().find(|(name, _)| name == entry) {
                Some((_, listed)) if listed == digest => {}
                Some(_) => self.damage.push(Damage::Content { entry: *entry }),
                None => self.damage.push(Damage::NotListed { entry: *entry }),
            }
        }
        let absent = listed.iter().filter(|(name, _)| !computed.iter().any(|(entry, _)| entry == name));
        self.damage.extend(absent.map(|(entry, _)| Damage::Absent { entry: *entry }));
        if self.damage.len() == before {
            // The same entries and digests in another order, or one twice.
            let offset = manifest.iter().zip(rendered).take_while(|(a, b)| a == b).count();
            self.damage.push(Damage::Manifest(ManifestFault::Form { offset }));
        }
    }

    fn checksums(&mut self, container: &Container) {
        for (entry, computed) in container.entries().iter().zip(self.computed) {
            let known = |damage: &Damage| matches!(damage, Damage::Content { entry } if *entry == computed.name);
            if entry.crc32 != computed.crc32 && !self.damage.iter().any(known) {
                self.damage.push(Damage::Checksum { entry: computed.name });
            }
        }
    }

    /// Whether nothing that was found concerns this entry.
    fn is_whole(&self, name: EntryName) -> bool {
        !self.damage.iter().any(|damage| match damage {
            Damage::Content { entry } | Damage::NotListed { entry } => *entry == name,
            Damage::Manifest(_) => true,
            _ => false,
        })
    }

    fn header(&mut self, bytes: &[u8], container: &Container) -> Option<Header> {
        let header = match Header::from_bytes(bytes) {
            Ok(header) => header,
            Err(fault) => {
                self.damage.push(Damage::Header(fault));
                return None;
            }
        };
        for role in crate::role::Role::ALL {
            let said: Vec<u8> =
                header.roles.iter().filter(|entry| entry.role == role).flat_map(|entry| entry.key_files.clone()).collect();
            if !role_entries_agree(role, &said, container) {
                self.damage.push(Damage::Header(HeaderFault::RoleEntries(role)));
            }
        }
        Some(header)
    }

    fn station(&mut self, signer: &Certificate, header: &Header) {
        if header.station.0 != signer.fingerprint() {
            self.damage.push(Damage::Header(HeaderFault::OtherStation));
        }
        if signer.is_demo() && header.origin != Origin::Demo {
            self.damage.push(Damage::Header(HeaderFault::DemoStation));
        }
    }
}

/// A role has an index and its key files numbered from 1 in each half, or nothing at all.
fn role_entries_agree(role: crate::role::Role, said: &[u8], container: &Container) -> bool {
    use crate::container::Half;
    let wanted: Vec<EntryName> = match said {
        [] => Vec::new(),
        [whole] => (1..=*whole).map(|number| EntryName::Key { role, half: None, number }).collect(),
        halves => halves
            .iter()
            .zip([Half::A, Half::B])
            .flat_map(|(count, half)| (1..=*count).map(move |number| EntryName::Key { role, half: Some(half), number }))
            .collect(),
    };
    let found = container.entries().iter().map(|entry| entry.name);
    let keys: Vec<EntryName> = found.filter(|name| matches!(name, EntryName::Key { role: of, .. } if *of == role)).collect();
    keys == wanted && container.entry(EntryName::Index(role)).is_some() != said.is_empty()
}
