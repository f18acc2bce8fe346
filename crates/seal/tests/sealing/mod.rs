//! Small seals for the tests, and a ZIP writer of its own that writes what the crate's never would.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use jiff::Timestamp;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};
use uitlezen_evidence::ItemName;
use uitlezen_seal::{
    closing::{Closed, Facts, RoleContent, close},
    container::{EntryName, reader::Container, writer::Staging},
    envelope::{GeneratedIdentity, Identities, Recipient, RoleKey, RoleRecipients},
    header::{Moment, Origin, Sha256Digest, Status},
    index::{IndexExtent, IndexItem, IndexPart, RoleIndex},
    manifest,
    part::{ChunkSize, PartKey, PartWriter},
    role::Role,
    station::{Certificate, Kind, Station, Subject},
    verify::{Damage, Seal, Verdict, VerifyOptions, verify},
};

pub const NOW: i64 = 1_795_000_000;

pub fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

pub fn station(kind: Kind) -> Station {
    let subject = Subject {
        organisation: "Gemeente Voorbeeld".to_owned(),
        organisation_code: "gm0000".to_owned(),
        station_name: "Station 1".to_owned(),
        kind,
    };
    Station::generate(&subject, 5, now()).unwrap()
}

pub fn facts(origin: Origin) -> Facts {
    Facts {
        run: "20261118T102640Z-abcd".to_owned(),
        started: Moment::new(now()),
        created: Moment::new(now()),
        organisation: "gm0000".to_owned(),
        status: Status::Volledig,
        origin,
        clock_offset: None,
        previous_of_phone: None,
        previous_of_station: None,
        relies_on: Vec::new(),
        mark: None,
        tool: "uitlezen test".to_owned(),
    }
}

/// A seal on disk and everything that opens it.
pub struct Sealed {
    pub dir: tempfile::TempDir,
    pub path: PathBuf,
    pub station: Station,
    pub identity: GeneratedIdentity,
    pub recovery: GeneratedIdentity,
    pub closed: Closed,
    /// Names and contents of role gesprekken.
    pub items: Vec<(String, Vec<u8>)>,
}

impl Sealed {
    pub fn options(&self) -> VerifyOptions {
        VerifyOptions { signers: vec![self.station.certificate().clone()], threads: 1, at: Some(now()), ..Default::default() }
    }

    pub fn identities(&self) -> Identities {
        Identities::from_file(self.identity.file.expose_secret().as_bytes(), None).unwrap()
    }

    pub fn verify(&self) -> Verdict {
        verify(&self.path, &self.options()).unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    /// Puts other bytes in the seal's place and says what is wrong with them.
    pub fn damage(&self, bytes: &[u8]) -> Vec<Damage> {
        // Tests share a seal and run at once.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let path = self.dir.path().join(format!("other{}.uitlezing", NEXT.fetch_add(1, Ordering::Relaxed)));
        std::fs::write(&path, bytes).unwrap();
        let seal = verify(&path, &self.options()).unwrap().seal;
        std::fs::remove_file(&path).unwrap();
        match seal {
            Seal::Intact => Vec::new(),
            Seal::Damaged(found) => found,
        }
    }

    /// Entries with their contents, for forging.
    pub fn entries(&self) -> Vec<(String, Vec<u8>)> {
        let container = Container::open(&self.path).unwrap();
        container.entries().iter().map(|e| (e.name.to_string(), container.content(e).unwrap())).collect()
    }
}

/// A seal of two roles: three parts, four items (one empty, one over two parts).
pub fn seal(kind: Kind, origin: Origin) -> Sealed {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zegel");
    let mut staging = Staging::create(&path).unwrap();
    let contents: [Vec<u8>; 3] = [b"rapport\n".to_vec(), b"gesprek 1, ".to_vec(), (0..9_000_u32).map(|n| n as u8).collect()];
    let mut parts = Vec::new();
    for (n, content) in contents.iter().enumerate() {
        parts.push(write_part(&mut staging, n as u32 + 1, content));
    }
    let item = |name: &str, extents: &[(u32, u64, u64)]| {
        let extents: Vec<_> = extents.iter().map(|&(part, offset, bytes)| IndexExtent { part, offset, bytes }).collect();
        let plain: Vec<u8> = extents
            .iter()
            .flat_map(|e| contents[e.part as usize - 1][e.offset as usize..(e.offset + e.bytes) as usize].to_vec())
            .collect();
        let entry = IndexItem {
            name: ItemName::new(name).unwrap(),
            bytes: plain.len() as u64,
            sha256: Some(Sha256Digest(Sha256::digest(&plain).into())),
            modified: Some(NOW),
            extents,
        };
        (entry, (name.to_owned(), plain))
    };
    let report = item("rapport.txt", &[(1, 0, 8)]);
    let (gesprekken, items): (Vec<_>, Vec<_>) = [
        item("gesprekken/1.json", &[(2, 0, 11), (3, 100, 5_000)]),
        item("gesprekken/2.json", &[(3, 8_000, 1_000)]),
        item("leeg", &[]),
    ]
    .into_iter()
    .unzip();
    let (identity, recovery) = (GeneratedIdentity::new(), GeneratedIdentity::new());
    let recipients = || {
        RoleRecipients::Each(vec![
            Recipient::parse(&identity.recipient, false).unwrap(),
            Recipient::parse(&recovery.recipient, true).unwrap(),
        ])
    };
    let content = |role, parts, items| RoleContent {
        index: RoleIndex::new(role, parts, items).unwrap(),
        key: RoleKey::random().unwrap(),
        recipients: recipients(),
    };
    let [p1, p2, p3] = <[IndexPart; 3]>::try_from(parts).unwrap();
    let roles = vec![
        content(Role::Gesprekken, vec![p1.clone(), p2, p3], gesprekken),
        content(Role::Verantwoording, vec![p1], vec![report.0]),
    ];
    let station = station(kind);
    let closed = close(staging, &station, facts(origin), roles).unwrap();
    Sealed { dir, path, station, identity, recovery, closed, items }
}

pub fn write_part(staging: &mut Staging, number: u32, content: &[u8]) -> IndexPart {
    let key = PartKey::random().unwrap();
    let mut part = PartWriter::new(Vec::new(), &key, number, ChunkSize::from_log2(12).unwrap()).unwrap();
    part.write_all(content).unwrap();
    let (bytes, summary) = part.finish().unwrap();
    let entry = staging.append_whole(EntryName::Part(number), &bytes).unwrap();
    assert_eq!(entry.sha256, summary.sha256);
    IndexPart { number, key, sha256: Sha256Digest(summary.sha256), plain: summary.plain }
}

/// How a forged ZIP departs from a good one.
#[derive(Clone, Default)]
pub struct Forged {
    /// Name and content, in this order.
    pub entries: Vec<(String, Vec<u8>)>,
    /// Names that the directory leaves out.
    pub hidden_from_directory: Vec<String>,
    /// Directory headers for entries that are not there.
    pub only_in_directory: Vec<String>,
    /// Bytes put behind the content of the entry of this number.
    pub gap: Option<(usize, Vec<u8>)>,
    /// Extra field in the local header of the first entry.
    pub extra: Vec<u8>,
    /// Added to the size of this entry in the directory only.
    pub central_size: Option<(String, u32)>,
    /// Added to the CRC of this entry in both headers.
    pub crc: Option<(String, u32)>,
    pub comment: Vec<u8>,
}

impl Forged {
    pub fn bytes(&self) -> Vec<u8> {
        let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
        let added = |what: &Option<(String, u32)>, name: &str| what.as_ref().filter(|w| w.0 == name).map_or(0, |w| w.1);
        for (n, (name, content)) in self.entries.iter().enumerate() {
            let offset = out.len() as u32;
            let crc = crc32fast::hash(content).wrapping_add(added(&self.crc, name));
            let extra: &[u8] = if n == 0 { &self.extra } else { &[] };
            out.extend(b"PK\x03\x04\x0a\0\0\0\0\0\0\0\x21\0");
            for field in [crc, content.len() as u32, content.len() as u32] {
                out.extend(field.to_le_bytes());
            }
            out.extend((name.len() as u16).to_le_bytes());
            out.extend((extra.len() as u16).to_le_bytes());
            out.extend(name.as_bytes());
            out.extend(extra);
            out.extend(content);
            if let Some((at, bytes)) = &self.gap
                && *at == n
            {
                out.extend(bytes);
            }
            if !self.hidden_from_directory.contains(name) {
                count += 1;
                let size = (content.len() as u32).wrapping_add(added(&self.central_size, name));
                central(&mut directory, name, crc, size, offset);
            }
        }
        for name in &self.only_in_directory {
            count += 1;
            central(&mut directory, name, 0, 0, 0);
        }
        let begin = out.len() as u32;
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(count.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend((directory.len() as u32).to_le_bytes());
        out.extend(begin.to_le_bytes());
        out.extend((self.comment.len() as u16).to_le_bytes());
        out.extend(&self.comment);
        out
    }

    /// Lists the entries as they now are and signs that.
    pub fn sign(mut self, station: &Station) -> Self {
        let listed: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(name, content)| Some((EntryName::parse(name)?, Sha256::digest(content).into())))
            .collect();
        self.set("META-INF/ASiCManifest001.xml", manifest::render(&listed));
        self.sign_manifest(station)
    }

    /// Signs the manifest as it stands.
    pub fn sign_manifest(mut self, station: &Station) -> Self {
        let manifest = self.get("META-INF/ASiCManifest001.xml").to_vec();
        self.set("META-INF/signature001.p7s", uitlezen_seal::cades::sign(station, &manifest, now()).unwrap());
        self
    }

    pub fn get(&self, name: &str) -> &[u8] {
        &self.entries.iter().find(|(n, _)| n == name).unwrap().1
    }

    pub fn set(&mut self, name: &str, content: Vec<u8>) {
        self.entries.iter_mut().find(|(n, _)| n == name).unwrap().1 = content;
    }

    pub fn position(&self, name: &str) -> usize {
        self.entries.iter().position(|(n, _)| n == name).unwrap()
    }
}

fn central(out: &mut Vec<u8>, name: &str, crc: u32, size: u32, offset: u32) {
    out.extend(b"PK\x01\x02\x2d\x03\x0a\0\0\0\0\0\0\0\x21\0");
    for field in [crc, size, size] {
        out.extend(field.to_le_bytes());
    }
    out.extend((name.len() as u16).to_le_bytes());
    out.extend([0; 8]);
    out.extend((0o100_444_u32 << 16).to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend(name.as_bytes());
}

pub fn pem(certificate: &Certificate, dir: &Path) -> PathBuf {
    let path = dir.join("station.pem");
    std::fs::write(&path, certificate.to_pem().unwrap()).unwrap();
    path
}
