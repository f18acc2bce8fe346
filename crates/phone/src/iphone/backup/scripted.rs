//! The backup service played by a script on the other end of a socket.

use super::{
    Code, Host, HostError, Kind, Listed, Outcome, Take,
    host::{BackupEvent, Ended},
    run::{password, run},
};
use crate::iphone::{
    IphoneError, Patience,
    error::Breach,
    list::{Form, frame},
    scripted::{AMPLE, SHORT, hear, line},
};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    os::unix::net::UnixStream,
    thread,
};
use uitlezen_property_list::{Value, to_xml};

/// Keeps files in memory; drains those whose device name says `drop`.
#[derive(Default)]
struct Shelf {
    files: BTreeMap<String, Vec<u8>>,
    now: Option<String>,
    full: bool,
}

impl Host for Shelf {
    fn free_space(&mut self) -> Result<u64, HostError> {
        Ok(12_345)
    }
    fn make_folder(&mut self, _: &str) -> Result<(), HostError> {
        Ok(())
    }
    fn list(&mut self, _: &str) -> Result<Vec<Listed>, HostError> {
        let entry = |(name, bytes): (&String, &Vec<u8>)| Listed {
            name: name.clone(),
            folder: false,
            size: bytes.len() as u64,
            modified: 0,
        };
        Ok(self.files.iter().map(entry).collect())
    }
    fn open(&mut self, path: &str) -> Result<Box<dyn Read + '_>, HostError> {
        self.files.get(path).map(|bytes| Box::new(bytes.as_slice()) as Box<dyn Read>).ok_or(HostError::NotFound)
    }
    fn begin(&mut self, device_name: &str, path: &str) -> Result<Take, HostError> {
        self.now = (!device_name.contains("drop")).then(|| path.to_owned());
        if let Some(path) = &self.now {
            self.files.insert(path.clone(), Vec::new());
        }
        Ok(if self.now.is_some() { Take::Keep } else { Take::Drain })
    }
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        if self.full {
            return Err(HostError::NoSpace);
        }
        self.files.get_mut(self.now.as_ref().unwrap()).unwrap().extend_from_slice(bytes);
        Ok(())
    }
    fn end(&mut self, _: Ended) -> Result<(), HostError> {
        Ok(())
    }
    fn rename(&mut self, from: &str, to: &str) -> Result<(), HostError> {
        let bytes = self.files.remove(from).ok_or(HostError::NotFound)?;
        self.files.insert(to.to_owned(), bytes);
        Ok(())
    }
    fn remove(&mut self, path: &str) -> Result<(), HostError> {
        self.files.remove(path).map(|_| ()).ok_or(HostError::NotFound)
    }
    fn copy(&mut self, from: &str, to: &str) -> Result<(), HostError> {
        let bytes = self.files.get(from).cloned().ok_or(HostError::NotFound)?;
        self.files.insert(to.to_owned(), bytes);
        Ok(())
    }
    fn tell(&mut self, _: BackupEvent) {}
}

struct Phone(UnixStream);

impl Phone {
    fn say(&mut self, items: Vec<Value>) {
        let _ = self.0.write_all(&frame(&Value::Array(items), Form::Binary).unwrap());
    }
    fn ask(&mut self, items: Vec<Value>) -> Vec<Value> {
        self.say(items);
        hear(&mut self.0).and_then(|value| value.array().map(<[Value]>::to_vec)).unwrap_or_default()
    }
    fn block(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(&[&(bytes.len() as u32).to_be_bytes(), bytes].concat());
    }
    fn file(&mut self, device: &str, path: &str, blocks: &[&[u8]]) {
        self.block(device.as_bytes());
        self.block(path.as_bytes());
        blocks.iter().for_each(|block| self.block(block));
    }
    fn upload(&mut self) {
        self.say(vec!["DLMessageUploadFiles".into(), Value::dictionary(), 5.0.into(), 1_u32.into()]);
    }
    fn end(&mut self, code: u64) {
        self.say(vec!["DLMessageProcessMessage".into(), Value::of([("ErrorCode", code)])]);
    }
    fn greet(&mut self) -> Option<Value> {
        self.ask(vec!["DLMessageVersionExchange".into(), 400_u32.into(), 0_u32.into()]);
        self.say(vec!["DLMessageDeviceReady".into()]);
        hear(&mut self.0)?;
        self.say(vec!["DLMessageProcessMessage".into(), Value::of([("ErrorCode", 0_u32)])]);
        hear(&mut self.0)?.array()?.get(1).cloned()
    }
}

fn played(shelf: &mut Shelf, script: impl FnOnce(&mut Phone) + Send + 'static) -> Result<Outcome, IphoneError> {
    played_within(AMPLE, shelf, script)
}

/// One backup against this script.
fn played_within(
    patience: Patience,
    shelf: &mut Shelf,
    script: impl FnOnce(&mut Phone) + Send + 'static,
) -> Result<Outcome, IphoneError> {
    let (mut line, theirs) = line();
    let phone = thread::spawn(move || {
        let mut phone = Phone(theirs);
        phone.greet();
        script(&mut phone);
    });
    let result = run(&mut line, "u", Kind::Full, patience, &mut || Ok(None), shelf);
    drop(line);
    phone.join().unwrap();
    result
}

fn status_list(state: &str) -> Vec<u8> {
    [vec![0x0c], to_xml(&Value::of([("SnapshotState", state)])).unwrap()].concat()
}

#[test]
fn a_backup_from_begin_to_end() {
    let mut shelf = Shelf::default();
    shelf.files.insert("u/Manifest.db".into(), vec![7; 70_000]);
    let outcome = played(&mut shelf, |phone| {
        let space = phone.ask(vec!["DLMessageGetFreeDiskSpace".into()]);
        assert_eq!(space[3].unsigned(), Some(12_345));
        let paths = vec!["u/Manifest.db".into(), "u/absent".into(), "../../etc/passwd".into()];
        phone.say(vec!["DLMessageDownloadFiles".into(), Value::Array(paths), Value::dictionary(), 1.0.into()]);
        let (mut total, mut longest, mut errors) = (0, 0, 0);
        let word = |phone: &mut Phone| {
            let mut word = [0; 4];
            phone.0.read_exact(&mut word).unwrap();
            u32::from_be_bytes(word) as usize
        };
        loop {
            let name = word(phone);
            if name == 0 {
                break;
            }
            phone.0.read_exact(&mut vec![0; name]).unwrap();
            loop {
                let mut block = vec![0; word(phone)];
                longest = longest.max(block.len());
                phone.0.read_exact(&mut block).unwrap();
                errors += usize::from(block[0] == 6);
                if block[0] != 0x0c {
                    break;
                }
                total += block.len() - 1;
            }
        }
        let status = hear(&mut phone.0).unwrap();
        assert_eq!(status.array().unwrap()[1].unsigned(), Some((-13_i64).cast_unsigned()));
        assert_eq!((total, errors, longest <= 32 << 10), (70_000, 2, true));
        phone.upload();
        phone.file("/.b/6/a", "u/Snapshot/ab/abcd", &[b"\x0cone", b"\x0ctwo", b"\0"]);
        phone.file("/.b/6/drop", "u/Snapshot/ab/dddd", &[b"\x0clarge", b"\0"]);
        phone.file("/.b/6/broken", "u/Snapshot/ab/eeee", &[b"\x0cx", b"\x0bgone", b"\0"]);
        phone.file("/x", "u/../../outside", &[b"\x0cevil", b"\0"]);
        phone.file("/var/tmp", "u/Status.plist", &[&status_list("finished"), b"\0"]);
        phone.ask_end();
        let moves = Value::of([("u/Snapshot/ab/abcd", "u/ab/abcd"), ("u/Status.plist", "/etc/cron.d/x")]);
        assert_eq!(phone.ask(vec!["DLMessageMoveItems".into(), moves])[1].unsigned(), Some((-6_i64).cast_unsigned()));
        let gone = Value::Array(vec!["u/nothing".into()]);
        assert_eq!(phone.ask(vec!["DLMessageRemoveItems".into(), gone])[1].unsigned(), Some(0));
        assert_eq!(phone.ask(vec!["DLMessageNew".into()])[1].unsigned(), Some(u64::MAX));
        phone.end(0);
    })
    .unwrap();
    assert!(outcome.is_success());
    assert_eq!(shelf.files["u/ab/abcd"], b"onetwo");
    assert!(!shelf.files.keys().any(|path| path.contains("..") || path.starts_with('/')));
    assert_eq!(outcome.file_errors, ["u/Snapshot/ab/eeee"]);
    assert_eq!((outcome.files, outcome.drained_bytes, outcome.refused_paths, outcome.unknown_messages), (5, 9, 3, 1));
}

impl Phone {
    fn ask_end(&mut self) {
        let _ = self.0.write_all(&[0; 4]);
        hear(&mut self.0);
    }
}

#[test]
fn no_end_but_a_finished_one_is_success() {
    for number in [1, 3, 100, 102, 103, 104, 105, 205, 207, 208, 211, 212, 999] {
        let outcome = played(&mut Shelf::default(), move |phone| phone.end(number)).unwrap();
        assert_eq!((outcome.code, outcome.is_success()), (Code::of(number), false));
        assert_eq!(matches!(outcome.code, Code::Other(_)), number == 999);
    }
    assert!(!played(&mut Shelf::default(), |phone| phone.end(0)).unwrap().is_success(), "without a Status.plist");
    let halfway = played(&mut Shelf::default(), |phone| {
        phone.upload();
        phone.file("/x", "u/Status.plist", &[&status_list("uploading"), b"\0"]);
        phone.ask_end();
        phone.end(0);
    });
    assert!(!halfway.unwrap().is_success());
    let numberless =
        played(&mut Shelf::default(), |phone| phone.say(vec!["DLMessageProcessMessage".into(), Value::dictionary()]));
    assert!(matches!(numberless, Err(IphoneError::Protocol(_))));
}

#[test]
fn hostile_lengths_and_sudden_ends_are_errors() {
    let huge = u32::MAX.to_be_bytes();
    let message = played(&mut Shelf::default(), move |phone| phone.0.write_all(&huge).unwrap());
    assert!(matches!(message, Err(IphoneError::Protocol(Breach::TooLong { .. }))));
    let name = played(&mut Shelf::default(), move |phone| {
        phone.upload();
        phone.0.write_all(&huge).unwrap();
    });
    assert!(matches!(name, Err(IphoneError::Protocol(Breach::TooLong { .. }))));
    let block = played(&mut Shelf::default(), move |phone| {
        phone.upload();
        phone.file("/x", "u/x", &[]);
        phone.0.write_all(&[&huge[..], b"\x0cfew"].concat()).unwrap();
    });
    assert!(matches!(block, Err(IphoneError::Vanished)), "a block of 4 GiB of which some bytes come");
    let kind = played(&mut Shelf::default(), |phone| {
        phone.upload();
        phone.file("/x", "u/x", &[b"\x7f"]);
    });
    assert!(matches!(kind, Err(IphoneError::Protocol(_))));
    let text = played(&mut Shelf::default(), |phone| {
        phone.upload();
        phone.block(&[0xff, 0xfe]);
    });
    assert!(matches!(text, Err(IphoneError::Protocol(Breach::NameNotText))));
    let no_array = played(&mut Shelf::default(), |phone| {
        let _ = phone.0.write_all(&frame(&Value::dictionary(), Form::Binary).unwrap());
    });
    assert!(matches!(no_array, Err(IphoneError::Protocol(_))));
    assert!(matches!(played(&mut Shelf::default(), |_| {}), Err(IphoneError::Vanished)));
    let mad = played(&mut Shelf::default(), |phone| (0..200).for_each(|_| drop(phone.ask(vec!["DLMessageX".into()]))));
    assert!(matches!(mad, Err(IphoneError::Protocol(Breach::Flood))));
}

#[test]
fn silence_ends_and_a_full_disk_is_told() {
    let hangs = played_within(SHORT, &mut Shelf::default(), |phone| {
        let mut rest = Vec::new();
        let _ = phone.0.read_to_end(&mut rest);
    });
    assert!(matches!(hangs, Err(IphoneError::Silent { .. })));
    let mut full = Shelf { full: true, ..Shelf::default() };
    let result = played(&mut full, |phone| {
        phone.upload();
        phone.file("/x", "u/x", &[b"\x0cone"]);
        let told = hear(&mut phone.0).unwrap();
        assert_eq!(told.array().unwrap()[1].unsigned(), Some((-15_i64).cast_unsigned()));
    });
    assert!(matches!(result, Err(IphoneError::Host(error)) if error.kind() == std::io::ErrorKind::StorageFull));
}

#[test]
fn a_hundred_thousand_moves_take_no_square() {
    let mut shelf = Shelf::default();
    for number in 0..100_000 {
        shelf.files.insert(format!("u/Snapshot/{number}"), Vec::new());
    }
    let outcome = played(&mut shelf, |phone| {
        let moves = Value::of((0..100_000).map(|n| (format!("u/Snapshot/{n}"), format!("u/{n}"))));
        phone.ask(vec!["DLMessageMoveItems".into(), moves]);
        phone.end(0);
    });
    assert_eq!(outcome.unwrap().refused_paths, 0);
    assert!(shelf.files.len() == 100_000 && shelf.files.contains_key("u/99999"));
}

#[test]
fn a_password_is_set_and_a_refusal_is_seen() {
    let secret = SecretString::from("Geheim-1".to_owned());
    for number in [0, 207, 208] {
        let (mut line, theirs) = line();
        let phone = thread::spawn(move || {
            let mut phone = Phone(theirs);
            let asked = phone.greet().unwrap();
            phone.end(number);
            asked
        });
        let code = password(&mut line, "u", None, Some(&secret), AMPLE, &mut || Ok(None), &mut Shelf::default()).unwrap();
        assert_eq!(code, Code::of(number));
        let asked = phone.join().unwrap();
        assert_eq!(asked.get("MessageName").and_then(Value::str), Some("ChangePassword"));
        assert_eq!(asked.get("NewPassword").and_then(Value::str), Some("Geheim-1"));
        assert!(asked.get("OldPassword").is_none());
    }
    let (mut line, _theirs) = line();
    let empty = SecretString::from(String::new());
    let result = password(&mut line, "u", None, Some(&empty), SHORT, &mut || Ok(None), &mut Shelf::default());
    assert!(matches!(result, Err(IphoneError::Key)));
}
