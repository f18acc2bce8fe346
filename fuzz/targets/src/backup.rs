//! Encrypted backups: the head, the cipher, the content behind the cipher, the keys that people hand in, and the listing.

use crate::made;
use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use md5::{Digest, Md5};
use std::{
    io::{Read, Write},
    sync::{Arc, OnceLock},
};
use uitlezen_apps::whatsapp::{
    backup::{
        BackupKey, Facts, KEY_DIGITS, KeyPurpose, Keys, LegacyKey, Limits, Payload, UnlockError, Unlocked, inspect, survey,
        unlock_within,
    },
    wanted::{MediaIndex, locate},
};
use uitlezen_evidence::{Bytes, Item, ItemName};

/// The key of what is made here; the phone of the twin has its own.
const ROOT: [u8; 32] = [0x5c; 32];
const LIMITS: Limits = Limits { bytes: 8 << 20, ratio: 200, free: 1 << 20 };

fn unlocked(data: &[u8], keys: &Keys) -> Result<(Unlocked, Vec<u8>), UnlockError> {
    let source: Bytes = Arc::new(data.to_vec());
    let (mut out, mut read) = (Vec::new(), 0);
    let done = unlock_within(source, keys, &LIMITS, &mut out, &mut |so_far| {
        assert!(so_far >= read, "progress goes back");
        read = so_far;
    });
    assert!(out.len() as u64 <= LIMITS.bytes, "beyond the limit");
    done.map(|unlocked| (unlocked, out))
}

/// The head is read the same twice, and comes back from its JSON.
pub fn backup_head(data: &[u8]) {
    let source: Bytes = Arc::new(data.to_vec());
    let Ok(facts) = inspect(&source) else { return };
    assert_eq!(inspect(&source).ok().as_ref(), Some(&facts));
    let json = serde_json::to_vec(&facts).unwrap();
    assert_eq!(serde_json::from_slice::<Facts>(&json).unwrap(), facts);
    let text = |text: &Option<String>| text.as_ref().is_none_or(|t| t.len() <= 64 && !t.chars().any(char::is_control));
    assert!(text(&facts.app_version) && text(&facts.jid_suffix), "a text of the head that no screen should get");
}

/// What unlocks is content that was put in, to the byte: nothing else has a tag.
pub fn backup_unlock(data: &[u8]) {
    static KNOWN: OnceLock<(Vec<Keys>, Vec<Vec<u8>>)> = OnceLock::new();
    let (keys, contents) = KNOWN.get_or_init(|| {
        let keys = vec![keys_of_phone(), own_keys()];
        let seeds = backup_seeds();
        let opened = seeds.iter().filter_map(|seed| keys.iter().find_map(|keys| unlocked(seed, keys).ok()));
        let contents: Vec<Vec<u8>> = opened.map(|(_, out)| out).collect();
        assert!(contents.len() == seeds.len(), "a good backup that does not open");
        (keys, contents)
    });
    for keys in keys {
        if let Ok((unlocked, out)) = unlocked(data, keys) {
            assert_eq!(unlocked.bytes_out, out.len() as u64);
            assert!(contents.contains(&out), "{} bytes came out that nobody put in", out.len());
        }
    }
}

/// The holder's own key makes right tags around anything: then the content must be bounded and the plain inflation of itself.
pub fn backup_forged(data: &[u8]) {
    let made = crypt15(data, data.first().is_none_or(|b| b & 1 == 0));
    match unlocked(&made, &own_keys()) {
        Ok((unlocked, out)) => {
            assert_eq!((unlocked.bytes_in, unlocked.bytes_out), (data.len() as u64, out.len() as u64));
            assert!(out == data || out == inflated(data), "content that is neither the payload nor its inflation");
            if unlocked.payload == Payload::Sqlite {
                assert!(out.starts_with(b"SQLite format 3\0"));
            }
        }
        Err(UnlockError::WrongKey { .. } | UnlockError::Altered { .. }) => panic!("right key, right tag, and called wrong"),
        Err(_) => {}
    }
}

fn inflated(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = ZlibDecoder::new(data).take(LIMITS.bytes + 1).read_to_end(&mut out);
    out
}

fn own_keys() -> Keys {
    Keys { backup: Some(BackupKey::from_root(ROOT)), legacy: None }
}

fn keys_of_phone() -> Keys {
    let secrets = &made::phone().secrets;
    let legacy = secrets.crypt14_key_file.as_ref().map(|file| LegacyKey::from_key_file(file).unwrap());
    Keys { backup: Some(BackupKey::from_root(secrets.root_key)), legacy }
}

/// A crypt15 file around `payload`, written from the published layout (reference/android.md §2.3).
pub(crate) fn crypt15(payload: &[u8], checksum: bool) -> Vec<u8> {
    let iv = [0x33; 16];
    let key = BackupKey::from_root(ROOT).derive(KeyPurpose::Backup);
    // Key type 1; the part of crypt15 with its IV; the info part with an app version and a phone number's last digits.
    let prefix = [&[8, 1, 0x1a, 18, 0x0a, 16][..], &iv, &[0x22, 13, 0x0a, 7], b"2.26.31", &[0x1a, 2], b"42"].concat();
    let sealed = AesGcm::<Aes256, U16>::new(&(*key).into()).encrypt(&iv.into(), payload).unwrap();
    let mut file = [&[u8::try_from(prefix.len()).unwrap()], prefix.as_slice(), &sealed].concat();
    if checksum {
        file.extend(Md5::digest(&file).as_slice());
    }
    file
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(content).unwrap();
    zlib.finish().unwrap()
}

pub fn backup_seeds() -> Vec<Vec<u8>> {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let make = || {
        let mut seeds: Vec<Vec<u8>> = [".crypt15", ".crypt14"].into_iter().flat_map(made::files_of_phone).collect();
        seeds.sort_by_key(Vec::len);
        // Large ones only cost time: the layout around the content is the same.
        seeds.retain(|seed| seed.len() < 300 << 10);
        assert!(seeds.len() >= 4, "the phone has fewer backups than it should");
        seeds.push(crypt15(&deflated(b"{\"een\":\"instelling\"}"), true));
        seeds.push(crypt15(b"{\"twee\":2}", false));
        seeds
    };
    SEEDS.get_or_init(make).clone()
}

pub fn payload_seeds() -> Vec<Vec<u8>> {
    let mut doubled = deflated(b"SQLite format 3\0 en de rest");
    doubled.extend(b"meer dan het einde");
    vec![
        deflated(&b"{\"json\":[1,2,3]}".repeat(30)),
        doubled,
        deflated(&vec![0; 3 << 20]),
        b"[\"niet gepakt\"]".to_vec(),
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
    ]
}

/// A key is taken only from its one form, and the digits that were given are the key.
pub fn backup_key(data: &[u8]) {
    if let Ok(key) = BackupKey::from_digits(data) {
        let digits: Vec<u8> = data.iter().filter(|c| !c.is_ascii_whitespace()).map(u8::to_ascii_lowercase).collect();
        assert_eq!((digits.len(), hex::encode(key.expose()).into_bytes()), (KEY_DIGITS, digits));
        assert!(!format!("{key:?}").contains(&hex::encode(&key.expose()[..4])), "a key in a log");
    }
    if let Ok(key) = BackupKey::from_key_file(data) {
        assert!(data.len() == 59 && data.ends_with(key.expose()));
    }
    if let Ok(key) = LegacyKey::from_key_file(data) {
        assert_eq!((data.len(), key.fingerprint().as_str().len()), (158, 16));
    }
    for error in [BackupKey::from_digits(data).err(), BackupKey::from_key_file(data).err(), LegacyKey::from_key_file(data).err()]
    {
        // Only what a person typed could be a key: eight digits of it in a message are a leak.
        if let (Some(error), Ok(typed)) = (error, std::str::from_utf8(data)) {
            let text = format!("{error:?} {error}");
            assert!(
                typed.len() < 32 || !typed.is_ascii() || !typed.split_whitespace().any(|w| w.len() > 7 && text.contains(w)),
                "{text}"
            );
        }
    }
}

pub fn key_seeds() -> Vec<Vec<u8>> {
    let secrets = &made::phone().secrets;
    let mut seeds = vec![
        secrets.hex64.as_bytes().to_vec(),
        secrets.hex64.as_bytes().chunks(4).collect::<Vec<_>>().join(&b' ').to_ascii_uppercase(),
        secrets.encrypted_backup_key_file(),
    ];
    seeds.extend(secrets.crypt14_key_file.clone());
    seeds
}

/// A listing of names: each backup stands in one list, and the path of a message finds a file of the listing or none.
pub fn backup_survey(data: &[u8]) {
    let mut lines = data.split(|b| *b == b'\n');
    let wanted = lines.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let item = |(n, line): (usize, &[u8])| {
        let name = ItemName::new(std::str::from_utf8(line).ok()?).ok()?;
        Some(Item { name, bytes: line.len() as u64, modified: (n % 5 > 0).then_some(i64::from(line[0]) << (n % 57)) })
    };
    let items: Vec<Item> = lines.take(2000).enumerate().filter_map(item).collect();
    let found = survey(&items);
    let lists = [&found.messages, &found.increments, &found.contacts, &found.settings, &found.others];
    let mut listed: Vec<&ItemName> = lists.iter().flat_map(|list| list.iter().map(|b| &b.name)).collect();
    assert!(listed.len() <= items.len());
    let count = listed.len();
    listed.sort();
    listed.dedup();
    let mut names: Vec<&ItemName> = items.iter().map(|item| &item.name).collect();
    names.sort();
    names.dedup();
    assert!(listed.len() == count || names.len() < items.len(), "one file in two lists");
    let backups = items.iter().filter(|i| i.name.file_name().to_ascii_lowercase().ends_with(".crypt15")).count();
    assert!(count >= backups, "a backup was passed over");
    for at in [i64::MIN, 0, i64::MAX] {
        let _ = found.age_seconds(at);
    }
    let _ = (found.newest_full(), found.newest_openable(), found.only_with_key_file(), found.kinds());
    for root in locate(&items) {
        let media = MediaIndex::new(&root, &items);
        if let Some(hit) = media.resolve(wanted) {
            assert!(names.contains(&hit), "a name that nobody listed");
            assert!(root.relative(hit).is_some(), "outside the app's folder");
        }
    }
}

pub fn survey_seeds() -> Vec<Vec<u8>> {
    let folder = "Android/media/com.whatsapp/WhatsApp";
    let names: Vec<String> = [
        "Databases/msgstore.db.crypt15",
        "Databases/msgstore-2026-11-20.1.db.crypt15",
        "Databases/msgstore-increment-1-2026-11-21.1.db.crypt15",
        "Databases/msgstore-increment-2.db.crypt15",
        "Backups/wa.db.crypt15",
        "Backups/backup_settings.json.crypt15",
        "Backups/stickers.db.crypt14",
        "Media/WhatsApp Images/IMG-1.jpg",
    ]
    .iter()
    .map(|name| format!("{folder}/{name}"))
    .collect();
    let with = |path: &str| format!("{path}\n{}", names.join("\n")).into_bytes();
    vec![
        with("Media/WhatsApp Images/IMG-1.jpg"),
        with("/storage/emulated/0/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/img-1.JPG"),
        b"Media/x\nDatabases/msgstore.db.crypt14\nMedia/WhatsApp Business Images/x.jpg\nDatabases/msgstore.db.crypt16".to_vec(),
    ]
}
