//! What a phone answers to commands and questions, above the session: texts of `getprop`, `pm`, `dumpsys`, `content query`,
//! folder listings, and files that change or lie while they are read.
//!
//! An input is the answers in the order in which they are asked for. Good inputs are recorded from a phone that behaves.

use crate::framing::{Script, cut, joined};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::Duration,
};
use uitlezen_evidence::{Item, ItemName, Pattern};
use uitlezen_phone::{
    PhoneError, Refusal,
    android::{
        Acquire, AndroidLink, Banner, Channel, Contacts, Entry, HashRule, Kind, Listed, ListingLimits, OnOutput, Outcome,
        Patience, PreflightQuery, ProbeOptions, Sink, Stat, User, Via, Wanted, acquire, contacts, identity, list, path_of,
        preflight, probe,
    },
};

/// A phone that answers from a script, or that behaves and has its answers written down as a script.
struct Told<'a> {
    script: Script<'a>,
    /// Path to content: a phone that behaves has these files.
    good: Option<BTreeMap<&'static str, &'static [u8]>>,
    recorded: Vec<u8>,
    patience: Patience,
}

impl std::fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
}

impl<'a> Told<'a> {
    fn script(data: &'a [u8]) -> Self {
        Self { script: Script(data), good: None, recorded: Vec::new(), patience: Patience::default() }
    }

    fn good() -> Self {
        let files: [(&str, &[u8]); 3] = [
            ("/sdcard/Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15", b"een bestand"),
            ("/sdcard/Android/media/com.whatsapp/WhatsApp/Databases/msgstore-increment-1.db.crypt15", b""),
            ("/sdcard/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/IMG-1.jpg", &[7; 5000]),
        ];
        Self { good: Some(files.into()), ..Self::script(&[]) }
    }

    /// The next answer: what the script says, or what `good` makes of the phone's files, written down.
    fn next(&mut self, good: impl FnOnce(&BTreeMap<&'static str, &'static [u8]>) -> Vec<u8>) -> Vec<u8> {
        match &self.good {
            None => self.script.piece().to_vec(),
            Some(files) => {
                let answer = good(files);
                self.recorded.extend(joined([&answer]));
                answer
            }
        }
    }
}

/// How an answer begins: what kind of answer it is.
const FINE: u8 = 0;

fn refusal(kind: u8) -> Option<PhoneError> {
    Some(match kind & 0x1f {
        27 => Refusal::NoSuchFile.into(),
        28 => Refusal::NotPermitted.into(),
        29 => PhoneError::ServiceRefused,
        30 => PhoneError::Refused(Refusal::Other),
        31 => PhoneError::Vanished,
        _ => return None,
    })
}

impl AndroidLink for Told<'_> {
    fn via(&self) -> Via {
        Via::Usb
    }

    fn banner(&self) -> Option<&Banner> {
        None
    }

    fn patience(&self) -> &Patience {
        &self.patience
    }

    fn shell(&mut self, command: &str, _: Duration, out: &mut OnOutput<'_>) -> Result<Option<u8>, PhoneError> {
        assert!(!command.contains(['\n', '\0']), "a command of two lines");
        let answer = self.next(|files| [&[FINE], said(command, files).as_bytes()].concat());
        let (kind, text) = answer.split_first().map_or((FINE, &[][..]), |(kind, text)| (*kind, text));
        if let Some(error) = refusal(kind) {
            return Err(error);
        }
        // In two pieces, so that no reader may count on getting a line whole.
        let channel = if kind & 0x20 == 0 { Channel::Stdout } else { Channel::Stderr };
        let (first, second) = text.split_at(text.len() / 2);
        out(channel, first)?;
        out(channel, second)?;
        Ok(if kind & 0x40 == 0 { Some(kind >> 7) } else { None })
    }

    fn stat(&mut self, path: &str) -> Result<Stat, PhoneError> {
        let answer = self.next(|files| stat_answer(looked(path, files)));
        stat_of(&mut Script(&answer))
    }

    fn list(&mut self, path: &str, each: &mut dyn FnMut(Entry<'_>) -> Result<(), PhoneError>) -> Result<Listed, PhoneError> {
        let answer = self.next(|files| {
            let folder = format!("{}/", path.trim_end_matches('/'));
            let inside = files.keys().filter_map(|file| file.strip_prefix(folder.as_str())?.split('/').next());
            let names: BTreeSet<&str> = [".", ".."].into_iter().chain(inside).collect();
            joined(
                names
                    .iter()
                    .map(|name| [stat_answer(looked(&format!("{folder}{name}"), files)), name.as_bytes().to_vec()].concat()),
            )
        });
        let (mut rest, mut entries) = (answer.as_slice(), 0);
        while !rest.is_empty() {
            let (entry, behind) = cut(rest);
            rest = behind;
            let mut script = Script(entry);
            let stat = match stat_of(&mut script) {
                Ok(stat) => Ok(stat),
                Err(PhoneError::Refused(why)) => Err(why),
                Err(error) => return Err(error),
            };
            each(Entry { name: script.0, stat })?;
            entries += 1;
        }
        Ok(Listed { entries })
    }

    fn pull(&mut self, path: &str, sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>) -> Result<u64, PhoneError> {
        let answer = self.next(|files| [&[FINE], files.get(path).copied().unwrap_or_default()].concat());
        let (kind, bytes) = answer.split_first().map_or((31, &[][..]), |(kind, bytes)| (*kind, bytes));
        for piece in bytes.chunks(1000) {
            sink(piece)?;
        }
        refusal(kind).map_or(Ok(bytes.len() as u64), Err)
    }
}

/// Kind, size, time.
fn stat_answer(stat: (u8, u32, u32)) -> Vec<u8> {
    [&[stat.0], stat.1.to_le_bytes().as_slice(), &stat.2.to_le_bytes()].concat()
}

fn looked(path: &str, files: &BTreeMap<&'static str, &'static [u8]>) -> (u8, u32, u32) {
    let folder = format!("{}/", path.trim_end_matches('/'));
    match files.get(path) {
        Some(content) => (0, content.len() as u32, 1_794_000_000),
        None if files.keys().any(|file| file.starts_with(&folder)) || path.ends_with('.') => (1, 4096, 1),
        None => (27, 0, 0),
    }
}

fn stat_of(script: &mut Script<'_>) -> Result<Stat, PhoneError> {
    let (kind, bytes, modified) = (script.byte(), script.word(), script.word());
    if let Some(error) = refusal(kind) {
        return Err(error);
    }
    let (bytes, modified) =
        if kind & 0x20 == 0 { (bytes.into(), modified.into()) } else { (u64::from(bytes) << 32, i64::MIN + i64::from(modified)) };
    let kind = [Kind::File, Kind::Folder, Kind::Other][usize::from(kind & 0x1f) % 3];
    Ok(Stat { kind, bytes, modified, exact: true })
}

/// What commands print on a phone (reference/android.md §1.2).
fn said(command: &str, files: &BTreeMap<&'static str, &'static [u8]>) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    match words[0] {
        "getprop" => match *words.get(1).unwrap_or(&"") {
            "ro.build.version.sdk" => "35",
            "ro.build.version.security_patch" => "2026-04-05",
            "persist.sys.timezone" => "Europe/Amsterdam",
            "ro.build.version.release" => "15",
            _ => "waarde",
        }
        .to_owned()
            + "\n",
        "date" => "1794817800.123456789\n".to_owned(),
        "settings" => "1\n".to_owned(),
        "df" => "Filesystem     1K-blocks     Used Available Use% Mounted on\n/dev/fuse      237000000 90000000 147000000  38% /storage/emulated\n".to_owned(),
        "pm" if command.contains("list users") => "Users:\n\tUserInfo{0:Eigenaar:4c13} running\n\tUserInfo{10:Werk: }{:1030} running\n".to_owned(),
        "pm" => "package:com.whatsapp\npackage:com.whatsapp.w4b\n".to_owned(),
        "dumpsys" if command.contains("battery") => "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  level: 81\n  scale: 100\n".to_owned(),
        "dumpsys" => "Packages:\n  Package [com.whatsapp] (abc):\n    versionCode=1\n    versionName=2.26.31.76\n".to_owned(),
        "content" if command.contains("display_name") => {
            "Row: 0 _id=4, data4=+31611111111, data1=06-11111111, display_name=Jan, Piet\nRow: 1 _id=5, data4=NULL, data1=0622222222, display_name=Row: 1 x\n".to_owned()
        }
        "content" => "Row: 0 _id=4\nRow: 1 _id=5\n".to_owned(),
        "sha256sum" => files
            .iter()
            .filter(|(path, _)| command.contains(**path))
            .map(|(path, content)| format!("{}  {path}\n", hex::encode(Sha256::digest(content))))
            .collect(),
        _ => String::new(),
    }
}

fn patterns() -> Vec<Pattern> {
    let folder = "Android/media/com.whatsapp/WhatsApp";
    [format!("{folder}/Databases/msgstore*"), format!("{folder}/Media/**/*")].map(|p| Pattern::new(&p).unwrap()).to_vec()
}

fn users() -> [User; 2] {
    [User::OWNER, User { id: 10, work_profile: Some(true), running: true }]
}

/// The texts of commands: what comes out is short, plain, and what was asked for.
pub fn phone_answers(data: &[u8]) {
    answers(&mut Told::script(data));
}

fn answers(link: &mut Told<'_>) {
    let Ok(who) = identity(link) else { return };
    for text in [&who.serial, &who.maker, &who.model, &who.android, &who.patch, &who.timezone] {
        if let Some(text) = text.known() {
            assert!(
                !text.is_empty() && text.chars().count() <= 256 && !text.chars().any(char::is_control),
                "a text for no screen"
            );
        }
    }
    if let Some(users) = who.users.known() {
        assert!(!users.is_empty() && users.len() <= 1000);
    }
    let numbers: BTreeSet<String> = ["31611111111", "31622222222"].map(str::to_owned).into();
    let Ok(found) = contacts(link, 0, &numbers, Some("31")) else { return };
    if let Contacts::Read { contacts, .. } = &found {
        assert!(contacts.iter().all(|contact| numbers.contains(&contact.number)), "somebody who was not asked for");
        assert!(contacts.len() <= numbers.len());
    }
    let (wanted, users) = (patterns(), users());
    let query = PreflightQuery { packages: &["com.whatsapp"], users: &users, wanted: &wanted, backups: &wanted[..1] };
    let Ok(before) = preflight(link, &query) else { return };
    assert_eq!(before.apps.len(), users.len());
    assert!(before.battery.known().is_none_or(|battery| battery.percent <= 100));
    if let Some(newest) = &before.newest_backup {
        assert!(before.listing.items.contains(newest));
    }
    if let Ok(report) = probe(link, &ProbeOptions { with_backup: false }) {
        let report = serde_json::to_string(&report).unwrap();
        assert!(
            !report.contains("0611111111") && !report.contains("Jan, Piet"),
            "a number or a name in a report for the helpdesk"
        );
    }
}

pub fn answer_seeds() -> Vec<Vec<u8>> {
    let mut link = Told::good();
    answers(&mut link);
    vec![link.recorded]
}

/// Folder listings: every item is one that was wanted, under a name that is one, once.
pub fn phone_listing(data: &[u8]) {
    let limits = ListingLimits { items: 500, folders: 200, entries: 5000 };
    let (wanted, users) = (patterns(), users());
    let Ok(found) = list(&mut Told::script(data), &Wanted { patterns: &wanted, users: &users }, &limits) else { return };
    assert!(found.items.len() <= limits.items && found.folders <= limits.folders * users.len());
    assert!(found.items.is_sorted_by(|a, b| a.name < b.name));
    for item in &found.items {
        let name = item.name.as_str();
        let own = name.strip_prefix("storage/emulated/10/").unwrap_or(name);
        let own = ItemName::new(own).unwrap();
        assert!(wanted.iter().any(|pattern| pattern.matches(&own)), "not wanted");
        let path = path_of(&item.name);
        assert!(path.starts_with("/sdcard/") || path.starts_with("/storage/emulated/10/"), "outside shared storage");
        assert!(!path.split('/').any(|part| part == ".."));
    }
}

pub fn listing_seeds() -> Vec<Vec<u8>> {
    let mut link = Told::good();
    let (wanted, users) = (patterns(), users());
    list(&mut link, &Wanted { patterns: &wanted, users: &users }, &ListingLimits::default()).unwrap();
    vec![link.recorded]
}

/// Takes files in, and holds every "verified" against the bytes that came.
#[derive(Default)]
struct Holding {
    open: Option<Vec<u8>>,
    kept: u64,
}

impl Sink for Holding {
    fn begin(&mut self, _: &Item) -> io::Result<()> {
        assert!(self.open.replace(Vec::new()).is_none(), "a file begun within a file");
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.open.as_mut().expect("bytes of no file").extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, _: &Item, outcome: &Outcome) -> io::Result<()> {
        let content = self.open.take().expect("an end of no file");
        if let Outcome::Verified { bytes, sha256, .. } | Outcome::HashUnavailable { bytes, sha256, .. } = outcome {
            assert_eq!(*bytes, content.len() as u64);
            assert_eq!(sha256.as_slice(), Sha256::digest(&content).as_slice());
            self.kept += bytes;
        }
        Ok(())
    }
}

/// Files that change, shrink, grow, vanish or hash to something else: what is called verified is what came.
pub fn phone_acquire(data: &[u8]) {
    let (first, data) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
    take(&mut Told::script(data), first);
}

fn take(link: &mut Told<'_>, first: u8) {
    let item = |path: &str, content: &[u8]| Item {
        name: ItemName::new(path.strip_prefix("/sdcard/").unwrap()).unwrap(),
        bytes: content.len() as u64 + if first & 2 == 0 { 0 } else { 1 << 40 },
        modified: None,
    };
    let items: Vec<Item> = Told::good().good.unwrap().iter().map(|(path, content)| item(path, content)).collect();
    let how = Acquire { hash: if first & 1 == 0 { HashRule::Always } else { HashRule::Never }, attempts: 3 };
    let mut sink = Holding::default();
    let done = acquire(link, &items, &how, &mut sink);
    assert!(sink.open.is_none(), "a file without an end");
    if let Ok(total) = done {
        assert_eq!(total.bytes, sink.kept);
        let settled = total.verified + total.unhashed + total.changed + total.refused + total.absent;
        assert_eq!(settled, items.len() as u64, "a file without an outcome");
    }
}

pub fn acquire_seeds() -> Vec<Vec<u8>> {
    [0, 1, 2]
        .map(|first| {
            let mut link = Told::good();
            take(&mut link, first);
            [&[first], link.recorded.as_slice()].concat()
        })
        .to_vec()
}
