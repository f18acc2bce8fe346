//! The list of what earlier seals of a phone hold, on a disk that somebody else may write to.

use crate::made;
use hkdf::Hkdf;
use jiff::Timestamp;
use secrecy::SecretBox;
use sha2::Sha256;
use std::sync::OnceLock;
use uitlezen_evidence::ItemName;
use uitlezen_readout::earlier::{EarlierFile, HeldAttachment, Known, KnownSeal, Stamp};
use uitlezen_seal::{
    header::Sha256Digest,
    part::{ChunkSize, PartKey, PartWriter},
};

const KEY: [u8; 32] = [6; 32];
const HEAD: usize = 32;

struct Made {
    file: Vec<u8>,
    known: Known,
    /// Its lines in the clear.
    lines: Vec<u8>,
}

fn key() -> SecretBox<[u8; 32]> {
    SecretBox::new(Box::new(KEY))
}

fn seal() -> KnownSeal {
    KnownSeal {
        digest: Sha256Digest([1; 32]),
        file: "20261122T030405Z-abcd.uitlezing".to_owned(),
        folder: "/zegels".into(),
        closed: Timestamp::UNIX_EPOCH,
        full: true,
        apps: vec!["whatsapp".to_owned()],
        relies_on: vec![Sha256Digest([2; 32])],
        attachments: 2,
        verified: Some(Timestamp::UNIX_EPOCH),
        stamp: Stamp { bytes: 1, modified: (2, 3), changed: (4, 5) },
        destroyed: None,
    }
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = made::folder();
        let list = EarlierFile::new(dir.path(), &key());
        list.change(|known| {
            let place = known.add_seal(seal())?;
            for n in 0..2 {
                let item = ItemName::new(format!("gesprekken/whatsapp/bijlagen/{n:06}.jpg")).unwrap();
                let held = HeldAttachment { bytes: 7, modified: 8, sha256: [9; 32], seal: place, item, parts: vec![1, 2] };
                known.hold(list.paths().of(&ItemName::new(format!("Media/{n}.jpg")).unwrap()), held)?;
            }
            Ok(())
        })
        .unwrap();
        let known = list.read().unwrap();
        let mut lines = serde_json::to_vec(&known.state).unwrap();
        lines.push(b'\n');
        let digest = hex::encode([9; 32]);
        for path in ["00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"] {
            let line = format!(
                r#"{{"p":"{path}","b":7,"m":8,"h":"{digest}","z":0,"i":"gesprekken/whatsapp/bijlagen/000001.jpg","d":[1,2]}}"#
            );
            lines.extend([line.as_bytes(), b"\n"].concat());
        }
        Made { file: std::fs::read(list.path()).unwrap(), known, lines }
    })
}

fn read(bytes: &[u8]) -> Option<Known> {
    let dir = made::folder();
    let list = EarlierFile::new(dir.path(), &key());
    std::fs::create_dir_all(list.path().parent().unwrap()).unwrap();
    std::fs::write(list.path(), bytes).unwrap();
    let read = list.read().ok();
    assert_eq!(std::fs::read(list.path()).unwrap(), bytes, "reading changed the file");
    read
}

/// Whatever the file says, it is the list that was written, or it is refused.
pub fn held_file(data: &[u8]) {
    if let Some(known) = read(data) {
        assert!(known == made().known, "a list that nobody wrote");
    }
}

pub fn held_seeds() -> Vec<Vec<u8>> {
    vec![made().file.clone()]
}

/// Any lines under the right key: what is taken comes back as it is after another writing.
pub fn held_forged(data: &[u8]) {
    let mut part = [0; 32];
    Hkdf::<Sha256>::new(None, &KEY).expand(b"uitlezen/1 held part", &mut part).unwrap();
    let mut writer = PartWriter::new(Vec::new(), &PartKey::from_bytes(&mut part), 1, ChunkSize::STREAM).unwrap();
    std::io::Write::write_all(&mut writer, data).unwrap();
    let sealed = writer.finish().unwrap().0;
    let file = [&made().file[..HEAD], &sealed].concat();
    if let Some(known) = read(&file) {
        let dir = made::folder();
        let list = EarlierFile::new(dir.path(), &key());
        list.change(|fresh| {
            *fresh = known.clone();
            Ok(())
        })
        .unwrap();
        assert!(list.read().unwrap() == known, "a list that is another after it was written");
    }
}

pub fn forged_held_seeds() -> Vec<Vec<u8>> {
    vec![made().lines.clone()]
}
