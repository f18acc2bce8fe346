//! Signal's backups: the file under a known passphrase, the folder under a known key, and what is inside both when whoever
//! wrote it had the key.

use crate::{
    framing::{cut, joined},
    whatsapp::Counting,
};
use std::sync::{Arc, OnceLock};
use uitlezen_apps::{
    ReadError,
    signal::{
        folder::{NoFiles, Reading, read},
        legacy,
    },
};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::{Bytes, ReadAtExt};
use uitlezen_signal_backup::{
    folder::{self, Limits, Metadata, RecoveryKey, media},
    legacy::{Backup, FileKeys, Frame, Passphrase, Unlocked, recognise},
};
use uitlezen_twin::content::signal::{Fields, FolderKeys, LegacyKeys, LegacyWriter, Value, seal_media};

const PASSPHRASE: &str = "112233445566778899001122334455";
const SALT: [u8; 32] = [0x5a; 32];
const RECOVERY: &str = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqr";

fn written(frames: impl FnOnce(&mut LegacyWriter<Vec<u8>>), encrypted: bool) -> Vec<u8> {
    static KEYS: OnceLock<LegacyKeys> = OnceLock::new();
    let keys = KEYS.get_or_init(|| LegacyKeys::new(PASSPHRASE, SALT));
    let mut file = LegacyWriter::new(Vec::new(), keys, [3; 16], encrypted).unwrap();
    file.version(300).unwrap();
    frames(&mut file);
    file.end().unwrap()
}

/// Keys for the salt of the seeds, whatever the head says now: the derivation is too slow to do for each case.
fn keys() -> &'static FileKeys {
    static KEYS: OnceLock<FileKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let backup = Backup::open(Arc::new(written(|_| {}, true))).unwrap();
        backup.keys(&Passphrase::parse(PASSPHRASE.as_bytes()).unwrap())
    })
}

/// Reads all that verifies: blobs lie in the file and have the length that they announce.
fn walk(unlocked: &Unlocked, bytes: u64) -> Vec<String> {
    let (mut frames, mut sql) = (unlocked.frames(), Vec::new());
    while let Ok(Some(frame)) = frames.next() {
        match frame {
            Frame::Statement(statement) => {
                let _ = statement.parameters().count();
                sql.extend(statement.sql.map(str::to_owned));
            }
            Frame::Attachment { blob, .. } | Frame::Avatar(blob) | Frame::Sticker { blob, .. } => {
                assert!(blob.len() < bytes, "longer than the file");
                if let Ok(source) = unlocked.blob(&blob) {
                    assert_eq!(source.read_all(bytes).unwrap().len() as u64, blob.len());
                }
            }
            _ => {}
        }
        assert!(frames.position() <= bytes);
    }
    assert!(matches!(frames.next(), Ok(None)), "it goes on behind its end");
    sql
}

/// Takes any bytes for a file, under the passphrase of the seeds.
pub fn signal_file(data: &[u8]) {
    let Ok(backup) = Backup::open(Arc::new(data.to_vec())) else { return };
    assert!(recognise(data.get(..516).unwrap_or(data)));
    if let Ok(unlocked) = backup.unlock(keys()) {
        walk(&unlocked, data.len() as u64);
    }
}

pub fn signal_file_seeds() -> Vec<Vec<u8>> {
    let frames = |file: &mut LegacyWriter<Vec<u8>>| {
        file.statement("CREATE TABLE message (_id INTEGER PRIMARY KEY, body TEXT)", &[]).unwrap();
        file.statement("INSERT INTO message VALUES (?,?)", &[Value::Integer(1), Value::Text("hallo")]).unwrap();
        file.attachment(1, Some(2), b"blob").unwrap();
        file.setting("pref_trim_threads", |f| f.number(3, 1)).unwrap();
    };
    vec![written(frames, true), written(frames, false)]
}

/// The input cut into frames, written with the right key.
pub fn signal_frames(data: &[u8]) {
    let mut rest = data;
    let mut sent = 0;
    let file = written(
        |file| {
            while !rest.is_empty() && sent < 100 {
                let (frame, behind) = cut(rest);
                rest = behind;
                if !frame.is_empty() {
                    file.frame(&Fields(frame.to_vec())).unwrap();
                    sent += 1;
                }
            }
        },
        data.len().is_multiple_of(2),
    );
    let bytes = file.len() as u64;
    let unlocked = Backup::open(Arc::new(file)).unwrap().unlock(keys()).expect("its first frame is right");
    assert!(walk(&unlocked, bytes).len() <= sent);
}

pub fn signal_frame_seeds() -> Vec<Vec<u8>> {
    let statement = Fields::new().text(1, "INSERT INTO t VALUES (?)").message(2, &Fields::new().number(2, 9));
    let frames = [
        Fields::new().message(2, &statement),
        Fields::new().message(3, &Fields::new().text(1, "f").text(2, "k").text(3, "500")),
        Fields::new().message(9, &Fields::new().text(1, "k").number(5, 3)),
        Fields::new().message(7, &Fields::new().text(1, "a").number(2, 0)),
    ];
    vec![joined(frames.iter().map(|frame| frame.0.as_slice()).collect::<Vec<_>>())]
}

/// The input cut into frames, taken in as tables and read into records.
pub fn signal_tables(data: &[u8]) {
    let (mut rest, mut sent) = (data, 0);
    let file = written(
        |file| {
            while !rest.is_empty() && sent < 200 {
                let (frame, behind) = cut(rest);
                rest = behind;
                if !frame.is_empty() {
                    file.frame(&Fields(frame.to_vec())).unwrap();
                    sent += 1;
                }
            }
        },
        true,
    );
    let unlocked = Backup::open(Arc::new(file)).unwrap().unlock(keys()).expect("its first frame is right");
    let store = legacy::take_in(unlocked, &mut |_| {}).expect("the file is in memory");
    assert!(store.intake().frames <= sent + 1);
    let reading = legacy::Reading { store: &store, item: EvidenceId(1), holder_number: None, separation: None };
    let mut sink = Counting::default();
    match legacy::read(&reading, &mut sink) {
        Ok(read) => {
            assert_eq!((sink.conversations, sink.messages), (read.summary.conversations, read.summary.messages));
            assert_eq!((sink.strangers, sink.unnamed), (0, 0), "somebody is named and is not there");
        }
        Err(ReadError::Sink(error)) => panic!("{error}"),
        Err(_) => {}
    }
}

pub fn signal_table_seeds() -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = Vec::new();
    let mut run = |sql: &str, values: &[Fields]| {
        let statement = values.iter().fold(Fields::new().text(1, sql), |statement, value| statement.message(2, value));
        frames.push(Fields::new().message(2, &statement).0);
    };
    let number = |n: u64| Fields::new().number(2, n);
    let text = |text: &str| Fields::new().text(1, text);
    run("CREATE TABLE recipient (_id INTEGER PRIMARY KEY, aci TEXT, group_id TEXT, message_expiration_time INTEGER)", &[]);
    run("CREATE TABLE thread (_id INTEGER PRIMARY KEY, recipient_id INTEGER)", &[]);
    run("CREATE TABLE groups (_id INTEGER PRIMARY KEY, group_id TEXT, title TEXT, master_key BLOB)", &[]);
    let columns =
        "_id, date_sent, date_received, thread_id, from_recipient_id, type, body, quote_id, quote_author, latest_revision_id";
    run(&format!("CREATE TABLE message ({columns}, expires_in, view_once)"), &[]);
    run("CREATE TABLE reaction (_id, message_id, author_id, emoji, date_sent)", &[]);
    let null = Fields::new().number(5, 1);
    for (id, group) in [(1, null.clone()), (2, null.clone()), (3, text("g"))] {
        let aci = if id == 3 { null.clone() } else { text(&format!("{id:032x}")) };
        run("INSERT INTO recipient VALUES (?,?,?,?)", &[number(id), aci, group, number(60)]);
    }
    run("INSERT INTO thread VALUES (?,?)", &[number(1), number(2)]);
    run("INSERT INTO thread VALUES (?,?)", &[number(2), number(3)]);
    run("INSERT INTO groups VALUES (?,?,?,?)", &[number(1), text("g"), text("Groep"), Fields::new().bytes(4, &[8; 32])]);
    for (id, from, kind, newest) in
        [(1, 2, 20, 0), (2, 1, 23, 0), (3, 2, 20, 4), (4, 2, 20, 0), (5, 2, 20 | 0x4_0000, 0), (6, 2, 3, 0)]
    {
        let head =
            [number(id), number(1000 + id), number(1000 + id), number(1 + id % 2), number(from), number(kind), text("dag")];
        let tail = [number(1001), number(2), if newest == 0 { null.clone() } else { number(newest) }, number(60_000), number(0)];
        run("INSERT INTO message VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", &[&head[..], &tail[..]].concat());
    }
    run("INSERT INTO reaction VALUES (?,?,?,?,?)", &[number(1), number(4), number(1), text("x"), number(9)]);
    vec![joined(frames)]
}

fn folder_keys() -> (FolderKeys, folder::Keys) {
    let made = FolderKeys::new(RECOVERY, [6; 16]);
    let keys = Metadata::read(&made.metadata([2; 12])).unwrap().keys(&RecoveryKey::parse(RECOVERY.as_bytes()).unwrap());
    (made, keys)
}

fn frames(keys: &folder::Keys, main: Vec<u8>, most: u64) {
    let main: Bytes = Arc::new(main);
    let limits = Limits { frame: 1 << 20, bytes: 8 << 20 };
    let Ok(main) = keys.main(main) else { return };
    let mut frames = main.frames(limits);
    if frames.info().is_err() {
        assert!(matches!(frames.next(), Ok(None)));
        return;
    }
    let mut bytes = 0;
    while let Ok(Some(frame)) = frames.next() {
        bytes += frame.bytes().len() as u64;
        assert!(bytes <= most.saturating_mul(1100).min(8 << 20), "more than there can be");
        // Every field by its getter, two levels deep.
        for (entry, _) in frame.fields() {
            for inner in frame.messages(entry.name) {
                for (entry, _) in inner.fields() {
                    let _ = (inner.number(entry.name), inner.uints(entry.name), inner.text(entry.name), inner.blob(entry.name));
                    assert!(inner.secret(entry.name).is_none() || inner.blob(entry.name).is_none());
                }
            }
        }
    }
}

/// The input as frames, as compressed content, and as a whole box.
pub fn signal_main(data: &[u8]) {
    let (made, keys) = folder_keys();
    frames(&keys, data.to_vec(), data.len() as u64);
    frames(&keys, made.seal(data, [1; 16]), data.len() as u64);
    frames(&keys, made.main(data, [1; 16]).unwrap(), data.len() as u64);
}

pub fn signal_main_seeds() -> Vec<Vec<u8>> {
    let mut file = Vec::new();
    Fields::new().number(1, 1).number(2, 1_700_000_000_000).append_to(&mut file);
    let text = Fields::new().message(2, &Fields::new().text(1, "hallo"));
    let item = Fields::new().number(1, 3).number(2, 4).number(3, 12).message(10, &Fields::new()).message(11, &text);
    let edited = Fields::new().number(1, 3).number(3, 13).message(6, &item).message(11, &text);
    for frame in [Fields::new().message(4, &item), Fields::new().message(4, &edited)] {
        frame.append_to(&mut file);
    }
    let (made, _) = folder_keys();
    vec![made.main(&file, [8; 16]).unwrap(), file]
}

/// The input as frames, read into records: as many as are counted, and each in a conversation that was given out.
pub fn signal_records(data: &[u8]) {
    let (made, keys) = folder_keys();
    let main = keys.main(Arc::new(made.main(data, [1; 16]).unwrap())).unwrap();
    let reading = Reading { main: &main, item: EvidenceId(1), files: &NoFiles, holder_number: None, separation: None };
    let mut sink = Counting::default();
    match read(&reading, &mut sink) {
        Ok(read) => {
            let counted = (read.summary.conversations, read.summary.messages);
            assert_eq!((sink.conversations, sink.messages), counted, "what is counted is not what went out");
            assert_eq!((sink.strangers, sink.unnamed), (0, 0), "somebody is named and is not there");
        }
        Err(ReadError::NotAMessageStore) => {}
        Err(other) => panic!("{other}"),
    }
}

pub fn signal_record_seeds() -> Vec<Vec<u8>> {
    let mut file = Vec::new();
    let aci = |n| Fields::new().bytes(1, &[n; 16]);
    let frame = |file: &mut Vec<u8>, kind, inner: &Fields| Fields::new().message(kind, inner).append_to(file);
    Fields::new().number(1, 1).number(2, 1_700_000_000_000).append_to(&mut file);
    frame(&mut file, 1, &Fields::new().text(4, "Wil").message(9, &Fields::new().number(7, 60)));
    frame(&mut file, 2, &Fields::new().number(1, 1).message(5, &Fields::new()));
    frame(&mut file, 2, &Fields::new().number(1, 2).message(2, &aci(7).number(4, 31_612_345_678).text(11, "Anna")));
    let snapshot = Fields::new().message(2, &Fields::new().text(1, "Groep")).message(7, &aci(7).number(2, 2));
    frame(&mut file, 2, &Fields::new().number(1, 3).message(3, &Fields::new().bytes(1, &[8; 32]).message(5, &snapshot)));
    frame(&mut file, 3, &Fields::new().number(1, 10).number(2, 2).number(5, 60_000));
    frame(&mut file, 3, &Fields::new().number(1, 11).number(2, 3));
    let head = |chat, at| Fields::new().number(1, chat).number(2, 2).number(3, at).message(8, &Fields::new().number(1, at));
    let said = |text: &str| Fields::new().message(2, &Fields::new().text(1, text));
    let quote = Fields::new().number(1, 5).number(2, 2);
    let reaction = Fields::new().text(1, "x").number(2, 1).number(3, 9);
    let edited = head(10, 6).message(6, &head(10, 5).message(11, &said("een")));
    frame(&mut file, 4, &edited.message(11, &said("twee").message(1, &quote).message(6, &reaction)));
    let left = Fields::new().message(10, &aci(7));
    let timer = Fields::new().message(34, &Fields::new().number(1, 60_000).bytes(2, &[7; 16]));
    let changes = Fields::new().message(1, &left).message(1, &timer);
    frame(&mut file, 4, &head(11, 7).message(15, &Fields::new().message(2, &changes)));
    let option = Fields::new().text(1, "ja").message(2, &Fields::new().number(1, 2));
    frame(&mut file, 4, &head(11, 8).message(20, &Fields::new().text(1, "?").message(3, &option)));
    frame(&mut file, 4, &head(99, 8).message(14, &Fields::new()));
    vec![file]
}

/// What else lies in the folder, and what a holder may type: `metadata`, a list of media, a medium, both secrets.
pub fn signal_parts(data: &[u8]) {
    let (first, rest) = cut(data);
    let _ = Metadata::read(first);
    let (names, _) = media::names(rest);
    assert!(names.iter().all(|name| name.len() == 64));
    assert!(Passphrase::parse(data).is_err() || data.iter().filter(|b| b.is_ascii_digit()).count() == 30);
    let _ = RecoveryKey::parse(data);
    let info = Fields::new().number(3, rest.len() as u64 / 2).bytes(9, &[1; 64]).bytes(10, &[2; 32]);
    let text = Fields::new().message(5, &Fields::new().message(13, &info));
    let mut main = Vec::new();
    Fields::new().number(1, 1).append_to(&mut main);
    Fields::new().message(4, &Fields::new().message(11, &text)).append_to(&mut main);
    let (made, keys) = folder_keys();
    let mut frames = keys.main(Arc::new(made.main(&main, [1; 16]).unwrap())).unwrap().frames(Limits::default());
    frames.info().unwrap();
    let frame = frames.next().unwrap().unwrap();
    let pointer = frame.message("chatItem").and_then(|item| item.message("standardMessage")?.message("longText")).unwrap();
    let locator = media::Locator::of(&pointer).expect("the pointer is whole");
    let stored: Bytes = Arc::new(rest.to_vec());
    let sealed: Bytes = Arc::new(seal_media(rest, &[1; 64], [4; 16]));
    for file in [stored, sealed] {
        assert!(locator.open(file).is_err(), "another content was taken");
    }
}

pub fn signal_part_seeds() -> Vec<Vec<u8>> {
    let (made, _) = folder_keys();
    let mut list = Vec::new();
    Fields::new().text(1, &"ab".repeat(32)).append_to(&mut list);
    vec![
        joined([made.metadata([2; 12]).as_slice(), list.as_slice()]),
        RECOVERY.as_bytes().to_vec(),
        PASSPHRASE.as_bytes().to_vec(),
    ]
}
