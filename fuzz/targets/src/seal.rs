//! A sealed extraction and each of its pieces, changed by somebody without its keys.

use crate::{framing::Script, made};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::{
    io::Write,
    path::Path,
    sync::{Arc, OnceLock},
};
use uitlezen_evidence::{ChunkCache, Evidence, Hint, ItemName, ReadAt, ReadAtExt};
use uitlezen_seal::{
    cades::CadesSignature,
    closing::{Facts, RoleContent, close},
    container::{EntryName, reader::Container, writer::Staging},
    envelope::{GeneratedIdentity, Identities, KeyFile, Recipient, RoleKey, RoleRecipients, unwrap, wrap},
    header::{EarlierSeal, Header, Moment, Origin, Sha256Digest, Status},
    index::{IndexExtent, IndexItem, IndexPart, RoleIndex},
    manifest,
    open::Opened,
    part::{ChunkSize, PartKey, PartReader, PartWriter},
    role::Role,
    station::{Certificate, Kind, Station, Subject},
    verify::{Trust, Verdict, VerifyOptions, verify},
};

const NOW: i64 = 1_795_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// A small seal, who made it and who may open it.
pub(crate) struct Made {
    pub(crate) bytes: Vec<u8>,
    pub(crate) entries: Vec<(EntryName, Vec<u8>)>,
    pub(crate) station: Station,
    pub(crate) role_key: [u8; 32],
    identity: GeneratedIdentity,
    key_files: Vec<KeyFile>,
    /// Of role gesprekken.
    items: Vec<(ItemName, Vec<u8>)>,
}

pub(crate) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(make)
}

fn make() -> Made {
    let dir = made::folder();
    let path = dir.path().join("zegel");
    let mut staging = Staging::create(&path).unwrap();
    let contents: [Vec<u8>; 2] = [b"{\"rapport\":1}".to_vec(), (0..9_000_u32).map(|n| (n * 7) as u8).collect()];
    let parts: Vec<IndexPart> = (1..).zip(&contents).map(|(number, content)| part(&mut staging, number, content)).collect();
    let item = |name: &str, extents: &[(u32, u64, u64)]| {
        let extents: Vec<_> = extents.iter().map(|&(part, offset, bytes)| IndexExtent { part, offset, bytes }).collect();
        let plain: Vec<u8> = extents
            .iter()
            .flat_map(|e| &contents[e.part as usize - 1][e.offset as usize..][..e.bytes as usize])
            .copied()
            .collect();
        let sha256 = Some(Sha256Digest(Sha256::digest(&plain).into()));
        let name = ItemName::new(name).unwrap();
        (IndexItem { name: name.clone(), bytes: plain.len() as u64, sha256, modified: Some(NOW), extents }, (name, plain))
    };
    let (gesprekken, items): (Vec<_>, Vec<_>) = [
        item("gesprekken/1.json", &[(1, 0, 13), (2, 100, 5_000)]),
        item("gesprekken/2.json", &[(2, 8_000, 900)]),
        item("leeg", &[]),
    ]
    .into_iter()
    .unzip();
    let (identity, recovery) = (GeneratedIdentity::new(), GeneratedIdentity::new());
    let recipients = RoleRecipients::Each(vec![
        Recipient::parse(&identity.recipient, false).unwrap(),
        Recipient::parse(&recovery.recipient, true).unwrap(),
    ]);
    let role_key = [0x42; 32];
    let content = |role, parts, items| RoleContent {
        index: RoleIndex::new(role, parts, items).unwrap(),
        key: RoleKey::from_bytes(&mut role_key.clone()),
        recipients: recipients.clone(),
    };
    let roles = vec![
        content(Role::Verantwoording, parts[..1].to_vec(), vec![item("rapport.json", &[(1, 0, 13)]).0]),
        content(Role::Gesprekken, parts, gesprekken),
    ];
    let subject = Subject {
        organisation: "Gemeente Voorbeeld".to_owned(),
        organisation_code: "gm0000".to_owned(),
        station_name: "Station 1".to_owned(),
        kind: Kind::Normal,
    };
    let station = Station::generate(&subject, 5, now()).unwrap();
    let facts = Facts {
        run: "20261118T102640Z-abcd".to_owned(),
        started: Moment::new(now()),
        created: Moment::new(now()),
        organisation: "gm0000".to_owned(),
        status: Status::Volledig,
        origin: Origin::Files,
        clock_offset: Some(-2),
        previous_of_phone: None,
        previous_of_station: Some(Sha256Digest([3; 32])),
        relies_on: vec![EarlierSeal { seal: Sha256Digest([4; 32]), run: "20261111T102640Z-abcd".to_owned() }],
        mark: None,
        tool: "uitlezen test".to_owned(),
    };
    close(staging, &station, facts, roles).unwrap();
    let container = Container::open(&path).unwrap();
    let entries = container.entries().iter().map(|entry| (entry.name, container.content(entry).unwrap())).collect();
    let key_files = wrap(&RoleKey::from_bytes(&mut role_key.clone()), &recipients).unwrap();
    Made { bytes: std::fs::read(&path).unwrap(), entries, station, role_key, identity, key_files, items }
}

fn part(staging: &mut Staging, number: u32, content: &[u8]) -> IndexPart {
    let key = PartKey::from_bytes(&mut [number as u8; 32]);
    let bytes = sealed_part(&key, number, content);
    let entry = staging.append_whole(EntryName::Part(number), &bytes).unwrap();
    IndexPart { number, key, sha256: Sha256Digest(entry.sha256), plain: content.len() as u64 }
}

pub(crate) fn sealed_part(key: &PartKey, number: u32, content: &[u8]) -> Vec<u8> {
    let mut part = PartWriter::new(Vec::new(), key, number, ChunkSize::from_log2(12).unwrap()).unwrap();
    part.write_all(content).unwrap();
    part.finish().unwrap().0
}

impl Made {
    fn entry(&self, name: EntryName) -> &[u8] {
        &self.entries.iter().find(|(entry, _)| *entry == name).unwrap().1
    }

    fn identities(&self) -> Identities {
        Identities::from_file(self.identity.file.expose_secret().as_bytes(), None).unwrap()
    }
}

/// Verifies the bytes as a file.
pub(crate) fn verified(bytes: &[u8], with: impl FnOnce(Verdict)) {
    let dir = made::folder();
    let path = dir.path().join("zegel");
    std::fs::write(&path, bytes).unwrap();
    with(verdict(&path));
}

fn verdict(path: &Path) -> Verdict {
    let signers = vec![made().station.certificate().clone()];
    let verdict = verify(path, &VerifyOptions { signers, threads: 1, at: Some(now()), ..VerifyOptions::default() })
        .expect("a file that can be read");
    assert_eq!(verdict.is_intact(), verdict.verified().is_some());
    verdict
}

/// Opens every role with the keys that we have; what is copied out is what its index says.
pub(crate) fn open_all(verdict: &Verdict) -> Vec<(ItemName, Vec<u8>)> {
    let mut copied = Vec::new();
    let Some(verified) = verdict.verified() else { return copied };
    for role in Role::ALL {
        let cache = Arc::new(ChunkCache::new(1 << 20));
        let Ok(opened) = Opened::open_with_cache(verified, role, &made().identities(), cache) else { continue };
        for item in opened.index() {
            let mut copy = Vec::new();
            if opened.copy(&item.name, &mut copy).is_ok() {
                assert_eq!(copy.len() as u64, item.bytes);
                assert!(item.sha256.is_none_or(|digest| digest.0 == Sha256::digest(&copy).as_slice()));
                let again = Evidence::open(&opened, &item.name).unwrap().read_all(1 << 20).unwrap();
                assert_eq!(copy, again);
                if role == Role::Gesprekken {
                    copied.push((item.name.clone(), copy));
                }
            }
        }
    }
    copied
}

/// The whole file: one byte other than was made, and it is not intact.
pub fn seal_verify(data: &[u8]) {
    verified(data, |verdict| {
        if data == made().bytes {
            assert!(verdict.is_intact(), "{:?}", verdict.seal);
            assert_eq!(verdict.signer.as_ref().unwrap().trust, Trust::Known);
            assert_eq!(open_all(&verdict), made().items);
        } else {
            assert!(!verdict.is_intact(), "a changed seal is called intact");
            // What is shown of a damaged seal is still what the station signed.
            if let Some(header) = verdict.header {
                assert_eq!(header.to_bytes().unwrap(), made().entry(EntryName::Header));
            }
        }
    });
}

pub fn seal_seeds() -> Vec<Vec<u8>> {
    vec![made().bytes.clone()]
}

/// `zegel.json`: one spelling only.
pub fn seal_header(data: &[u8]) {
    if let Ok(header) = Header::from_bytes(data) {
        assert_eq!(header.to_bytes().expect("a header that was read"), data);
    }
}

pub fn header_seeds() -> Vec<Vec<u8>> {
    vec![made().entry(EntryName::Header).to_vec()]
}

/// The manifest and the names in it: one spelling only.
pub fn seal_manifest(data: &[u8]) {
    if let Ok(listed) = manifest::read(data) {
        assert_eq!(manifest::render(&listed), data);
    }
    if let Some(name) = std::str::from_utf8(data).ok().and_then(EntryName::parse) {
        assert_eq!(name.to_string().as_bytes(), data);
    }
}

pub fn manifest_seeds() -> Vec<Vec<u8>> {
    let names = made().entries.iter().map(|(name, _)| name.to_string().into_bytes());
    std::iter::once(made().entry(EntryName::Manifest).to_vec()).chain(names).collect()
}

/// The CMS signature: only the one that was made covers what was signed.
pub fn seal_signature(data: &[u8]) {
    let Ok(signature) = CadesSignature::read(data) else { return };
    let manifest = made().entry(EntryName::Manifest);
    if signature.covers(manifest).is_ok() && signature.signer() == made().station.certificate() {
        assert_eq!(data, made().entry(EntryName::Signature), "another signature of the same station over the same manifest");
    }
    assert!(signature.covers(b"something else").is_err());
}

pub fn signature_seeds() -> Vec<Vec<u8>> {
    vec![made().entry(EntryName::Signature).to_vec()]
}

/// Certificates that a person points at, DER or PEM.
pub fn seal_certificate(data: &[u8]) {
    let Ok(certificate) = Certificate::from_file(data) else { return };
    assert_eq!(Certificate::from_der(certificate.der()).unwrap(), certificate);
    let pem = certificate.to_pem().unwrap();
    assert_eq!(Certificate::from_file(pem.as_bytes()).unwrap(), certificate);
    let _ = (certificate.subject(), certificate.is_self_issued(), certificate.is_demo(), certificate.validity_at(now()));
    let _ = (certificate.not_before(), certificate.not_after(), certificate.fingerprint());
}

pub fn certificate_seeds() -> Vec<Vec<u8>> {
    let certificate = made().station.certificate();
    vec![certificate.der().to_vec(), certificate.to_pem().unwrap().into_bytes()]
}

/// A part under a known key: every byte that can be read is the byte that was sealed there.
pub fn seal_part(data: &[u8]) {
    let mut script = Script(data);
    let (at, take) = (u64::from(script.word()), usize::from(script.byte()) * 40);
    let key = PartKey::from_bytes(&mut [2; 32]);
    let Ok(part) = PartReader::open(Arc::new(script.0.to_vec()), &key, 2, Arc::new(ChunkCache::new(1 << 20))) else { return };
    let plain = content_of_part();
    assert_eq!(part.len(), plain.len() as u64, "a part of another length opens");
    let mut hint = Hint::default();
    for (at, take) in [(at % 10_000, take), (0, 1), (4095, 2), (plain.len() as u64 - 1, 1)] {
        let mut got = vec![0; take];
        if part.read_at(at, &mut got, &mut hint).is_ok() {
            let at = usize::try_from(at).unwrap();
            assert_eq!(got, plain[at..at + take]);
        }
    }
    if let Ok(all) = part.read_all(1 << 20) {
        assert_eq!(
            (all.as_slice(), script.0),
            (plain.as_slice(), made().entry(EntryName::Part(2))),
            "a changed part reads whole"
        );
    }
}

fn content_of_part() -> Vec<u8> {
    (0..9_000_u32).map(|n| (n * 7) as u8).collect()
}

pub fn part_seeds() -> Vec<Vec<u8>> {
    let part = made().entry(EntryName::Part(2));
    vec![[&[0xf0, 0x0f, 0, 0, 100], part].concat(), [&[0, 0, 0, 0, 1], part].concat()]
}

/// An age file with a role key: what opens is the key to which the header commits.
pub fn seal_envelope(data: &[u8]) {
    // A passphrase file costs what it asks, up to a bound; that is no bug, and no fuzzing either.
    if data.windows(6).any(|window| window == b"scrypt") {
        return;
    }
    let commitment = RoleKey::from_bytes(&mut made().role_key.clone()).commitment();
    let file = KeyFile { half: None, number: 1, bytes: data.to_vec() };
    if let Ok(key) = unwrap(&[file], &made().identities(), &commitment) {
        assert_eq!(key.commitment(), commitment);
    }
}

pub fn envelope_seeds() -> Vec<Vec<u8>> {
    made().key_files.iter().map(|file| file.bytes.clone()).collect()
}

/// Identity files and recipients as people hand them in. No line of them comes back in an error.
pub fn seal_identity(data: &[u8]) {
    let passphrase = SecretString::from("wachtwoord".to_owned());
    let costly = data.windows(6).any(|window| window == b"scrypt") || data.starts_with(b"-----BEGIN AGE");
    for passphrase in [None, (!costly).then_some(&passphrase)] {
        match Identities::from_file(data, passphrase) {
            Ok(found) => assert!(!format!("{found:?}").contains("AGE-SECRET")),
            Err(error) => assert!(!format!("{error:?} {error}").contains("AGE-SECRET-KEY-1Q"), "a secret in an error"),
        }
    }
    if let Some(recipient) = std::str::from_utf8(data).ok().and_then(|text| Recipient::parse(text, true).ok()) {
        assert!(recipient.is_recovery());
    }
}

pub fn identity_seeds() -> Vec<Vec<u8>> {
    let identity = &made().identity;
    let file = identity.file.expose_secret().as_bytes().to_vec();
    let armoured =
        b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCg==\n-----END AGE ENCRYPTED FILE-----\n".to_vec();
    vec![identity.recipient.as_bytes().to_vec(), file, armoured, b"age-encryption.org/v1\n-> X25519 abc\n".to_vec()]
}
