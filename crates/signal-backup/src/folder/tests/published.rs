//! Against what Signal publishes: the schema, one permutation of every feature with a readable twin, and an encrypted backup.

use super::*;
use crate::schema::{BACKUP_INFO, FRAME};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};
use uitlezen_protobuf::{Census, Kind, Schema, Value, check};

/// Beside the checkout; see its INDEX.md.
fn published(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata").join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    }
    Some(path)
}

/// A published schema: fields by message, and what the values of enumerations are called.
#[derive(Default)]
struct Published {
    /// Message, number: name, type, whether it repeats.
    fields: BTreeMap<(String, u32), (String, String, bool)>,
    messages: BTreeSet<String>,
    enums: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Published {
    fn parse(text: &str) -> Self {
        let mut plain = String::new();
        for line in text.lines() {
            plain.push_str(line.split("//").next().unwrap());
            plain.push(' ');
        }
        while let Some(start) = plain.find("/*") {
            let end = plain[start..].find("*/").unwrap() + start + 2;
            plain.replace_range(start..end, " ");
        }
        for mark in ["{", "}", "=", ";"] {
            plain = plain.replace(mark, &format!(" {mark} "));
        }
        let mut found = Self::default();
        // Open blocks: their name, and whether fields of the enclosing message stand in it.
        let mut open: Vec<(&str, String)> = Vec::new();
        let mut said: Vec<&str> = Vec::new();
        for word in plain.split_whitespace() {
            match word {
                "{" => {
                    let [kind, name] = said[..] else { panic!("{said:?}") };
                    let scope = open.last().map_or(String::new(), |(_, scope)| scope.clone());
                    let full = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
                    let full = if kind == "oneof" { scope } else { full };
                    match kind {
                        "message" => drop(found.messages.insert(full.clone())),
                        "enum" => drop(found.enums.insert(full.clone(), BTreeMap::new())),
                        _ => {}
                    }
                    open.push((kind, full));
                    said.clear();
                }
                "}" => drop(open.pop()),
                ";" => {
                    if let Some((kind, scope)) = open.last() {
                        let repeated = said.first() == Some(&"repeated");
                        let field = if repeated || said.first() == Some(&"optional") { &said[1..] } else { &said[..] };
                        match (*kind, field) {
                            (_, ["reserved", ..]) => {}
                            ("enum", [name, "=", number]) => {
                                let number = number.parse().unwrap();
                                found.enums.get_mut(scope).unwrap().insert((*name).to_owned(), number);
                            }
                            (_, [kind, name, "=", number]) => {
                                let entry = ((*name).to_owned(), (*kind).to_owned(), repeated);
                                found.fields.insert((scope.clone(), number.parse().unwrap()), entry);
                            }
                            _ => panic!("{said:?}"),
                        }
                    }
                    said.clear();
                }
                _ => said.push(word),
            }
        }
        found
    }

    /// A name as seen from a message.
    fn resolve(&self, name: &str, scope: &str) -> Option<String> {
        let mut scope = Some(scope);
        while let Some(here) = scope {
            let full = format!("{here}.{name}");
            if self.messages.contains(&full) || self.enums.contains_key(&full) {
                return Some(full);
            }
            scope = here.rsplit_once('.').map(|(outer, _)| outer);
        }
        (self.messages.contains(name) || self.enums.contains_key(name)).then(|| name.to_owned())
    }

    fn fits(&self, schema: &'static Schema, seen: &mut BTreeSet<String>, exactly: bool) {
        if !seen.insert(schema.name.to_owned()) {
            return;
        }
        for entry in schema.fields {
            let Some((name, kind, repeated)) = self.fields.get(&(schema.name.to_owned(), entry.number)) else {
                assert!(!exactly, "{}.{} is not published", schema.name, entry.name);
                continue;
            };
            let full = self.resolve(kind, schema.name);
            let same = match entry.kind {
                Kind::Number => matches!(kind.as_str(), "uint64" | "uint32") || self.enums.contains_key(full.as_ref().unwrap()),
                Kind::Bool => kind == "bool",
                Kind::Text => kind == "string",
                Kind::Bytes => kind == "bytes",
                Kind::Secret => kind == "bytes" || kind == "string",
                Kind::Fixed32 => kind == "fixed32",
                Kind::Float => kind == "float",
                Kind::Message(inner) => full.as_deref() == Some(inner.name),
            };
            assert!(same && name == entry.name && *repeated == entry.repeated, "{}.{name} {kind}", schema.name);
            if let Kind::Message(inner) = entry.kind {
                self.fits(inner, seen, exactly);
            }
        }
    }
}

const TESTS: &str = "signal-backup-v2/signalapp+Signal-Message-Backup-Tests";

#[test]
fn our_table_is_the_published_schema_field_by_field() {
    let Some(path) = published("schemas/signal-backup-v2.libsignal.proto") else { return };
    let schema = Published::parse(&std::fs::read_to_string(path).unwrap());
    let mut seen = BTreeSet::new();
    for root in [&BACKUP_INFO, &FRAME] {
        schema.fits(root, &mut seen, true);
    }
    // Nothing of it is missing here.
    assert_eq!(seen, schema.messages);
    let ours: usize = tables(&[&BACKUP_INFO, &FRAME]).iter().map(|table| table.fields.len()).sum();
    assert_eq!(ours, schema.fields.len());
}

fn tables(roots: &[&'static Schema]) -> Vec<&'static Schema> {
    let mut all: Vec<&'static Schema> = roots.to_vec();
    let mut at = 0;
    while let Some(table) = all.get(at).copied() {
        for entry in table.fields {
            if let Kind::Message(inner) = entry.kind
                && !all.iter().any(|known| known.name == inner.name)
            {
                all.push(inner);
            }
        }
        at += 1;
    }
    all
}

#[test]
fn everything_that_opens_something_is_marked_secret() {
    let secret = |table: &str, field: &str| {
        let all = tables(&[&BACKUP_INFO, &FRAME]);
        let entry = all.iter().find(|t| t.name == table).unwrap().fields.iter().find(|f| f.name == field).unwrap();
        assert!(matches!(entry.kind, Kind::Secret), "{table}.{field}");
    };
    for (table, field) in [
        ("BackupInfo", "mediaRootBackupKey"),
        ("AccountData", "profileKey"),
        ("AccountData", "svrPin"),
        ("AccountData.UsernameLink", "entropy"),
        ("AccountData.SubscriberData", "subscriberId"),
        ("Contact", "profileKey"),
        ("Group", "masterKey"),
        ("Group.GroupSnapshot", "inviteLinkPassword"),
        ("CallLink", "rootKey"),
        ("CallLink", "adminKey"),
        ("Sticker", "packKey"),
        ("StickerPack", "packKey"),
        ("FilePointer.LocatorInfo", "key"),
        ("FilePointer.LocatorInfo", "localKey"),
        ("GiftBadge", "receiptCredentialPresentation"),
    ] {
        secret(table, field);
    }
    // What a new version calls a key, a password or a PIN, and nobody looked at.
    for table in tables(&[&BACKUP_INFO, &FRAME]) {
        for entry in table.fields.iter().filter(|entry| matches!(entry.kind, Kind::Bytes | Kind::Text)) {
            let name = entry.name.to_lowercase();
            let looks = ["key", "password", "pin", "entropy", "token"].iter().any(|word| name.contains(word));
            // The public half, and what a log of public keys says.
            let public = matches!(entry.name, "identityKey" | "keyTransparencyData");
            assert!(!looks || public, "{}.{}", table.name, entry.name);
        }
    }
}

/// A readable twin: a tree of names.
#[derive(Debug)]
enum Node {
    Message(BTreeMap<String, Node>),
    List(Vec<Node>),
    Scalar(String),
}

fn value<'a>(first: &'a str, lines: &mut std::str::Lines<'a>) -> Node {
    let first = first.strip_suffix(',').unwrap_or(first);
    if first.ends_with(" {}") {
        return Node::Message(BTreeMap::new());
    }
    if first.ends_with('{') {
        let mut fields = BTreeMap::new();
        loop {
            let line = lines.next().unwrap();
            let trimmed = line.trim();
            if trimmed == "}" || trimmed == "}," {
                return Node::Message(fields);
            }
            let (name, rest) = trimmed.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
            fields.insert(name.to_owned(), value(rest, lines));
        }
    }
    if first == "[" {
        let mut all = Vec::new();
        loop {
            let line = lines.next().unwrap().trim();
            if line == "]" || line == "]," {
                return Node::List(all);
            }
            all.push(value(line, lines));
        }
    }
    let mut scalar = first.to_owned();
    if scalar.starts_with('"') {
        // A text may go over lines.
        while scalar.len() < 2 || !scalar.ends_with('"') {
            scalar.push('\n');
            scalar.push_str(lines.next().unwrap());
        }
    }
    Node::Scalar(scalar)
}

/// One value as the twin writes it.
fn shown(schema: &Published, owner: &str, number: u32, kind: Kind, value: &Value<'_>) -> Option<String> {
    Some(match (kind, value) {
        (Kind::Bool, Value::Varint(flag)) => (*flag != 0).to_string(),
        (Kind::Number, Value::Varint(n)) => {
            let (_, kind, _) = &schema.fields[&(owner.to_owned(), number)];
            match schema.resolve(kind, owner) {
                Some(full) => {
                    let name = schema.enums[&full].iter().find(|(_, value)| *value == n).unwrap().0;
                    format!("{}.{name}", full.rsplit('.').next().unwrap())
                }
                None => n.to_string(),
            }
        }
        (Kind::Fixed32, Value::Fixed32(n)) => n.cast_signed().to_string(),
        (Kind::Float, Value::Fixed32(bits)) => format!("{:?}", f32::from_bits(*bits)),
        (Kind::Text, Value::Bytes(text)) => format!("\"{}\"", str::from_utf8(text).unwrap()),
        (Kind::Bytes, Value::Bytes(bytes)) => format!("<{}>", hex::encode(bytes)),
        // A secret may be of either kind.
        (Kind::Secret, Value::Bytes(bytes)) => format!("<{}>", hex::encode(bytes)),
        _ => return None,
    })
}

fn same(schema: &Published, record: &Record<'_>, node: &Node, place: &str) -> u64 {
    let Node::Message(fields) = node else { panic!("{place}") };
    let owner = record.schema().name;
    let mut compared = 0;
    let mut met = BTreeSet::new();
    for entry in record.schema().fields {
        let place = format!("{place}.{}", entry.name);
        let values: Vec<_> = record.fields().filter(|(e, _)| e.number == entry.number).map(|(_, value)| value).collect();
        // What is a word of the twin's own language has a stroke behind it.
        let told: Vec<&Node> = match fields.get(entry.name).or_else(|| fields.get(&format!("{}_", entry.name))) {
            Some(Node::List(all)) => all.iter().collect(),
            Some(one) => vec![one],
            None => vec![],
        };
        met.insert(entry.name);
        if let Kind::Message(inner) = entry.kind {
            let inner: Vec<_> = values
                .iter()
                .map(|value| match value {
                    Value::Bytes(bytes) => Record::new(inner, bytes),
                    _ => panic!("{place}"),
                })
                .collect();
            assert_eq!(inner.len(), told.len(), "{place}");
            for (record, node) in inner.iter().zip(told) {
                compared += 1 + same(schema, record, node, &place);
            }
            continue;
        }
        // Numbers that repeat stand in one run.
        let mut ours = Vec::new();
        for value in &values {
            match shown(schema, owner, entry.number, entry.kind, value) {
                Some(shown) => ours.push(shown),
                None => {
                    let kind = entry.kind;
                    for number in record.uints(entry.name) {
                        let value = match kind {
                            Kind::Fixed32 | Kind::Float => Value::Fixed32(u32::try_from(number).unwrap()),
                            _ => Value::Varint(number),
                        };
                        ours.push(shown(schema, owner, entry.number, kind, &value).unwrap());
                    }
                }
            }
        }
        let theirs: Vec<String> = told
            .into_iter()
            .map(|node| match node {
                Node::Scalar(scalar) if matches!(entry.kind, Kind::Secret) && scalar.starts_with('"') => {
                    format!("<{}>", hex::encode(scalar.trim_matches('"')))
                }
                Node::Scalar(scalar) => scalar.clone(),
                other => panic!("{place} {other:?}"),
            })
            .collect();
        // What is not written and what is written as nothing are the same; the twin shows some of the latter.
        let nothing = |text: &str| matches!(text, "0" | "false" | "\"\"" | "<>") || zero(schema, owner, entry.number, text);
        if ours.is_empty() || theirs.is_empty() {
            assert!(ours.iter().chain(&theirs).all(|text| nothing(text)), "{place} {ours:?} {theirs:?}");
        } else {
            assert_eq!(ours, theirs, "{place}");
            compared += 1;
        }
    }
    for name in fields.keys() {
        assert!(met.contains(name.trim_end_matches('_')), "{place} has no {name}");
    }
    compared
}

fn zero(schema: &Published, owner: &str, number: u32, text: &str) -> bool {
    let kind = &schema.fields[&(owner.to_owned(), number)].1;
    let Some(values) = schema.resolve(kind, owner).and_then(|full| schema.enums.get(&full)) else { return false };
    text.rsplit_once('.').is_some_and(|(_, name)| values.get(name) == Some(&0))
}

/// Frames by kind in all 604 published files, as the index counts them.
const INDEXED: [(&str, u64); 8] = [
    ("account", 604),
    ("recipient", 3_104),
    ("chat", 546),
    ("chatItem", 516),
    ("adHocCall", 3),
    ("chatFolder", 8),
    ("notificationProfile", 12),
    ("stickerPack", 3),
];

#[test]
fn every_published_permutation_reads_as_its_readable_twin() {
    let (Some(cases), Some(proto)) =
        (published(&format!("{TESTS}/test-cases")), published("schemas/signal-backup-v2.libsignal.proto"))
    else {
        return;
    };
    let schema = Published::parse(&std::fs::read_to_string(proto).unwrap());
    let (made, keys) = snapshot();
    let (mut by_kind, mut files, mut twins, mut compared) = (BTreeMap::<String, u64>::new(), 0, 0, 0);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "binproto")) {
        files += 1;
        // The whole way: compressed, sealed, opened, checked.
        let main = made.main(&std::fs::read(path).unwrap(), [5; 16]).unwrap();
        let mut frames = keys.main(bytes(main)).unwrap().frames(Limits::default());
        let text = std::fs::read_to_string(path.with_extension("txtproto")).ok();
        let mut told = Vec::new();
        if let Some(text) = &text {
            twins += 1;
            let mut lines = text.lines();
            while let Some(line) = lines.next() {
                if line.ends_with('{') {
                    told.push(value(line, &mut lines));
                }
            }
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut at = 0;
        let mut compare = |record: &Record<'_>| {
            if text.is_some() {
                compared += same(&schema, record, told.get(at).unwrap_or_else(|| panic!("{name}: too many frames")), &name);
            }
            at += 1;
        };
        compare(&frames.info().unwrap());
        while let Some(frame) = frames.next().unwrap() {
            let (kind, _) = frame.fields().next().unwrap();
            *by_kind.entry(kind.name.to_owned()).or_default() += 1;
            compare(&frame);
        }
        assert!(text.is_none() || at == told.len(), "{name}: {at} of {} frames", told.len());
        assert_eq!(frames.census(), &Census::default(), "{name} has what nobody described");
    }
    assert!(files > 0 && twins > 0 && compared > files * 50, "{files} {twins} {compared}");
    if files == 604 {
        let indexed: BTreeMap<String, u64> = INDEXED.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect();
        assert_eq!(by_kind, indexed);
    } else {
        // Counted by the readable twins, which were compared frame by frame above.
        eprintln!("{files} of the 604 indexed files are here: {by_kind:?}");
        assert_eq!(by_kind.get("account"), Some(&files));
    }
}

#[test]
fn the_published_encrypted_backup_opens() {
    let folder = "signal-backup-v2/signalapp+libsignal/rust/message-backup/tests/res/test-cases/valid-encrypted";
    let Some(path) = published(&format!("{folder}/legacy-account.binproto.encrypted")) else { return };
    let recovery = RecoveryKey::parse(&[b'm'; 64]).unwrap();
    let id = id_of(&recovery, &[0x11; 16]);
    assert_eq!(hex::encode(id), "687b4288aab129fd7dcb3941aa3c7e39");
    let keys = Keys::of(&recovery.backup_key(), &id);
    assert_eq!(hex::encode(keys.sealed().raw.0), "bfb00e1f5fb1db5e59fef8f9b11deb32cf75a7344a0b909f9ebbb3c0a31461a7");
    assert_eq!(hex::encode(keys.sealed().raw.1), "0127f5d81d408be7a96de0217db1b03f3d5be252f5654470d476d39249269d40");
    let mut frames = keys.main(bytes(std::fs::read(path).unwrap())).unwrap().frames(Limits::default());
    let mut lengths = vec![frames.info().unwrap().bytes().len()];
    while let Some(frame) = frames.next().unwrap() {
        lengths.push(frame.bytes().len());
    }
    assert_eq!(lengths, [43, 58, 6, 6]);
    assert_eq!(frames.census().total(), 0);
}

#[test]
fn the_canonical_backup_has_no_field_that_nobody_described() {
    let Some(path) = published("signal-backup-v2/signalapp+libsignal/rust/message-backup/tests/res/canonical-backup.binproto")
    else {
        return;
    };
    let file = std::fs::read(path).unwrap();
    let (mut rest, mut census, mut frames) = (&file[..], Census::default(), 0);
    while !rest.is_empty() {
        let (length, used) = uitlezen_protobuf::varint(rest).unwrap();
        let (frame, behind) = rest[used..].split_at(usize::try_from(length).unwrap());
        check(frame, if frames == 0 { &BACKUP_INFO } else { &FRAME }, BOUNDS, &mut census).unwrap();
        frames += 1;
        rest = behind;
    }
    assert!(frames > 4);
    assert_eq!(census, Census::default());
}
