//! Backups of an iPhone: the key bag, the archive in a row, and a whole backup whose every part is the input's.

use crate::framing::{cut, joined};
use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc, sync::OnceLock};
use uitlezen_backup::{Backup, BackupEvidence, KeyBag, Keys, MbFile, Place, Rounds, find};
use uitlezen_evidence::{Evidence, Hint, ItemName, MemoryEvidence};
use uitlezen_property_list::{Limits, Value, parse};
use uitlezen_twin::backup::{BackupFacts, BackupFile, BackupImage, Kind, Rounds as Asked};

const PASSWORD: &str = "wachtwoord";
/// What a case may cost; the seeds ask for less.
const MOST: Rounds = Rounds { first: 50, second: 50 };

/// Takes any bytes for a key bag; what it takes opens or does not, with the rounds that were allowed.
pub fn iphone_keybag(data: &[u8]) {
    let Ok(bag) = KeyBag::parse(data) else { return };
    assert!(bag.classes() > 0 && bag.classes() <= 64);
    if let Ok(keys) = Keys::open(&bag, PASSWORD.as_bytes(), MOST, &mut |_| ControlFlow::Continue(())) {
        assert!(keys.classes() <= bag.classes());
    }
}

/// Takes any bytes for what a row says of a file.
pub fn iphone_file_archive(data: &[u8]) {
    let Ok(file) = MbFile::parse(data) else { return };
    assert!(!format!("{file:?}").contains("EncryptionKey"));
}

/// Manifest.plist, Manifest.db, Status.plist, and one stored file after another.
pub fn iphone_backup(data: &[u8]) {
    let (manifest_plist, rest) = cut(data);
    let (manifest_db, rest) = cut(rest);
    let (status_plist, mut rest) = cut(rest);
    let mut parts = BTreeMap::from([
        ("Manifest.plist".to_owned(), manifest_plist.to_vec()),
        ("Manifest.db".to_owned(), manifest_db.to_vec()),
        ("Status.plist".to_owned(), status_plist.to_vec()),
    ]);
    for id in ids() {
        let (file, after) = cut(rest);
        rest = after;
        if !file.is_empty() {
            parts.insert(format!("{}/{id}", &id[..2]), file.to_vec());
        }
    }
    let stored = parts.len() as u64;
    let named = parts.into_iter().map(|(name, bytes)| (ItemName::new(name).unwrap(), bytes));
    let inner: Arc<dyn Evidence> = Arc::new(MemoryEvidence::from_iter(named));
    assert_eq!(find(&*inner), [Place::top()]);
    let Ok(backup) = Backup::at(inner, Place::top()) else { return };
    let keys = backup.unlock(PASSWORD.as_bytes(), MOST, &mut |_| ControlFlow::Continue(())).ok();
    if let Ok(evidence) = backup.evidence(keys, &|domain, _| domain != "Ongevraagd") {
        holds(&evidence, stored);
    }
}

fn holds(evidence: &BackupEvidence, stored: u64) {
    let counts = evidence.counts();
    let refused: u64 = counts.refused.values().sum();
    let trouble: u64 = counts.trouble.values().sum();
    let taken = counts.folders + counts.symlinks + counts.other_rows + counts.unwanted + counts.wanted;
    assert_eq!(counts.rows, taken + refused, "a row went missing");
    assert!(trouble <= counts.wanted && counts.without_row <= stored);
    assert_eq!(evidence.items().len() as u64 + evidence.missing().len() as u64, counts.wanted);
    assert!(evidence.items().windows(2).all(|pair| pair[0].name < pair[1].name), "unsorted, or a name twice");
    for item in evidence.items() {
        assert!(item.name.components().all(|part| !matches!(part, "" | "." | "..")));
        let Ok(source) = evidence.open(&item.name) else { continue };
        assert_eq!(source.len(), item.bytes);
        let mut bytes = vec![0; usize::try_from(source.len()).unwrap()];
        source.read_at(0, &mut bytes, &mut Hint::default()).unwrap();
        assert!(source.read_at(source.len(), &mut [0], &mut Hint::default()).is_err());
    }
}

fn image(password: Option<&str>) -> BackupImage {
    let facts = BackupFacts { rounds: Asked { first: 20, second: 10 }, ..BackupFacts::default() };
    let files = vec![
        BackupFile::of("HomeDomain", "Library/SMS/sms.db", vec![7; 100], 1).class(3),
        BackupFile::of("HomeDomain", "leeg", vec![], 2).class(4),
        BackupFile::of("Ongevraagd", "x", vec![1; 32], 3).class(1),
        BackupFile { kind: Kind::Symlink("/var".to_owned()), ..BackupFile::of("HomeDomain", "link", vec![], 4) },
    ];
    BackupImage::build(files, &facts, password, 5).unwrap()
}

fn ids() -> &'static [String] {
    static IDS: OnceLock<Vec<String>> = OnceLock::new();
    IDS.get_or_init(|| image(None).entries().iter().map(|entry| entry.file_id.clone()).collect())
}

pub fn iphone_backup_seeds() -> Vec<Vec<u8>> {
    let seed = |image: BackupImage| {
        let files = image.entries().iter().map(|entry| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry.open(), &mut bytes).unwrap();
            bytes
        });
        let lists = [image.manifest_plist(), image.manifest_db(), image.status_plist()].map(<[u8]>::to_vec);
        joined(lists.into_iter().chain(files).collect::<Vec<_>>())
    };
    vec![seed(image(None)), seed(image(Some(PASSWORD)))]
}

pub fn keybag_seeds() -> Vec<Vec<u8>> {
    let list = parse(image(Some(PASSWORD)).manifest_plist(), &Limits::default()).unwrap();
    vec![list.get("BackupKeyBag").and_then(Value::data).unwrap().to_vec()]
}

pub fn file_archive_seeds() -> Vec<Vec<u8>> {
    [None, Some(PASSWORD)]
        .into_iter()
        .flat_map(|password| {
            let image = image(password);
            let parts = [image.manifest_plist(), image.manifest_db()];
            let named = ["Manifest.plist", "Manifest.db"].map(|name| ItemName::new(name).unwrap());
            let inner: Arc<dyn Evidence> = Arc::new(MemoryEvidence::from_iter(named.into_iter().zip(parts.map(<[u8]>::to_vec))));
            let backup = Backup::at(inner, Place::top()).unwrap();
            let keys = password.map(|p| backup.unlock(p.as_bytes(), MOST, &mut |_| ControlFlow::Continue(())).unwrap());
            let mut archives = Vec::new();
            let manifest = backup.manifest(keys.as_ref()).unwrap();
            manifest
                .each(&mut |row| {
                    archives.push(row.unwrap().archive().to_vec());
                    ControlFlow::Continue(())
                })
                .unwrap();
            archives
        })
        .collect()
}
