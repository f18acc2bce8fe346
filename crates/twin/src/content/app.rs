//! One app on the phone: its databases, the backups of them, and its media folders.

use super::apart::{self, Apart};
use super::backup::{self, APP_VERSION, Crypt14Key, Holds, Lock, TwinSecrets};
use super::database::{self, Image};
use super::dice::{Dice, key};
use super::file::VirtualFile;
use super::media::{Media, MediaKind};
use super::options::{BackupKind, MediaScale, Options};
use super::people::{Person, cast};
use super::record::AppExpected;
use super::room::{self, Room, RoomKind};
use super::story::{Calendar, Story};
use super::{ContentError, PhoneContent, PlainDatabases, WHATSAPP, WHATSAPP_BUSINESS, address, increments, wa};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// WhatsApp or WhatsApp Business: the same files under other names (`reference/android.md` §2.1).
pub(super) struct Edition {
    pub(super) package: &'static str,
    /// The folder that `message_media.file_path` is relative to, below the shared storage.
    pub(super) root: &'static str,
    /// What media folders begin with: "WhatsApp Images".
    pub(super) folder: &'static str,
}

impl Edition {
    pub(super) const WHATSAPP: Self = Self { package: WHATSAPP, root: "Android/media/com.whatsapp/WhatsApp", folder: "WhatsApp" };
    pub(super) const BUSINESS: Self = Self {
        package: WHATSAPP_BUSINESS,
        root: "Android/media/com.whatsapp.w4b/WhatsApp Business",
        folder: "WhatsApp Business",
    };
}

/// The databases of one app in the clear, with what must be found in them.
pub(super) struct Databases {
    pub(super) msgstore: Image,
    pub(super) wa: Image,
    pub(super) people: Vec<Person>,
    pub(super) rooms: Vec<Room>,
    pub(super) expected: AppExpected,
    pub(super) media: BTreeMap<String, VirtualFile>,
    pub(super) apart: Option<Apart>,
}

/// Fill `content` with this app; what a reader must find, and the keys.
pub(super) fn build(
    options: &Options,
    edition: &Edition,
    content: &mut PhoneContent,
) -> Result<(AppExpected, TwinSecrets), ContentError> {
    let crypt14 = (matches!(options.kind, BackupKind::Crypt14Only | BackupKind::Crypt15BesideStale14))
        .then(|| Crypt14Key::new(options.seed, edition.package));
    let end_to_end = options.kind != BackupKind::Crypt14Only;
    let readable = matches!(options.kind, BackupKind::Crypt15 | BackupKind::Crypt15BesideStale14);
    let secrets = TwinSecrets::new(options.seed, edition.package, readable, crypt14.as_ref());
    let (lock, suffix) = match &crypt14 {
        Some(old) if !end_to_end => (Lock::Crypt14(old), "crypt14"),
        _ => (Lock::Crypt15(&secrets.root_key), "crypt15"),
    };
    let newest = options.clock() - i64::from(options.backup_age_hours) * 3600;
    // An increment a day follows the full backup.
    let full_at = if options.increments && end_to_end { newest - increments::COUNT * 86_400 } else { newest };

    let Databases { msgstore, wa, people, rooms, mut expected, media, apart } = databases(options, edition, full_at)?;
    expected.readable = readable;
    if content.number.is_empty() {
        content.number = format!("+{}", people[0].number);
    }
    let jid_suffix = people[0].number.get(people[0].number.len() - 2..).unwrap_or("00").to_owned();
    let mut iv = Dice::new(options.seed, &format!("iv {}", edition.package));
    let mut put = |path: String, bytes: Vec<u8>, at: i64| {
        content.files.insert(format!("{}/{path}", edition.root), VirtualFile::from_bytes(bytes, at));
    };

    put(
        format!("Databases/msgstore.db.{suffix}"),
        backup::seal(lock, Holds::Messages, &jid_suffix, iv.bytes(), &msgstore)?,
        full_at,
    );
    put(format!("Backups/wa.db.{suffix}"), backup::seal(lock, Holds::Other, &jid_suffix, iv.bytes(), &wa)?, full_at);

    // An older day: the same person's phone with hardly anything on it.
    let older = Options {
        messages: options.messages.min(40),
        conversations: Some(4),
        media: MediaScale::None,
        later_days: 0,
        apart: None,
        ..options.clone()
    };
    let older_at = full_at - 7 * 86_400;
    let older_database = databases(&older, edition, older_at)?.msgstore;
    let day = jiff::Timestamp::from_second(older_at)?.strftime("%Y-%m-%d");
    put(
        format!("Databases/msgstore-{day}.1.db.{suffix}"),
        backup::seal(lock, Holds::Messages, &jid_suffix, iv.bytes(), &older_database)?,
        older_at,
    );
    if let (Some(old), BackupKind::Crypt15BesideStale14) = (&crypt14, options.kind) {
        put(
            "Databases/msgstore.db.crypt14".to_owned(),
            backup::seal(Lock::Crypt14(old), Holds::Messages, &jid_suffix, iv.bytes(), &older_database)?,
            full_at - 400 * 86_400,
        );
    }
    if options.increments && end_to_end {
        for increment in increments::build(options, &people, &rooms, full_at, edition)? {
            let bytes = backup::seal(lock, Holds::Increment, &jid_suffix, iv.bytes(), &increment.zip)?;
            put(increment.path, bytes, increment.at);
            expected.increments.push(increment.expected);
        }
    }

    content.files.extend(media);
    if let Some(apart) = apart {
        content.files.extend(apart.files);
        let people = apart.names.iter().filter_map(|(jid, name)| Some((jid.strip_suffix("@s.whatsapp.net")?, name)));
        content.contacts.extend(people.map(|(number, name)| (format!("+{number}"), name.clone())));
        content.apart = Some(apart.expected);
    }
    bystanders(options, edition, content, newest);
    content.packages.push((edition.package.to_owned(), APP_VERSION.to_owned()));
    content
        .contacts
        .extend(people.iter().skip(1).filter(|p| p.in_address_book()).map(|p| (format!("+{}", p.number), p.name.clone())));
    expected.package = edition.package.to_owned();
    expected.msgstore_bytes = msgstore.len() as u64;
    expected.msgstore_sha256 = hex::encode(Sha256::digest(&*msgstore));
    expected.wa_sha256 = hex::encode(Sha256::digest(&*wa));
    if options.keep_plain {
        content.plain.insert(edition.package.to_owned(), PlainDatabases { msgstore: msgstore.to_vec(), wa: wa.to_vec() });
    }
    Ok((expected, secrets))
}

fn databases(options: &Options, edition: &Edition, at: i64) -> Result<Databases, ContentError> {
    let db = database::create(include_str!("schema_msgstore.sql"))?;
    let count = options.conversation_count();
    let mut people = cast(options, edition.package, (count * 2).clamp(40, 1_800));
    address::add_people(&db, &mut people)?;
    let calendar = Calendar::new(at - options.later_seconds(), options.messages);
    let rooms = room::build(&db, options, &people, count, calendar.start_ms())?;
    settings(&db, &people[0], edition)?;
    let mut story = Story {
        db: &db,
        options,
        edition,
        people: &people,
        rooms,
        expected: AppExpected::default(),
        files: BTreeMap::new(),
        dice: Dice::new(options.seed, &format!("story {}", edition.package)),
        calendar,
        next_row: 2,
        media_made: 0,
        texts_made: 0,
        captions_made: 0,
        renumbered: 0,
    };
    story.tell()?;
    story.go_on(at)?;
    story.close()?;
    let Story { rooms, mut expected, files: media, next_row, calendar, .. } = story;
    let apart = options.apart.as_ref().map(|word| apart::add(&db, edition, word, next_row, calendar.end_ms)).transpose()?;
    let of = |kind| rooms.iter().filter(|r| r.kind == kind).count() as u64;
    expected.conversations = rooms.len() as u64;
    (expected.direct, expected.groups, expected.communities) =
        (of(RoomKind::Direct), of(RoomKind::Group), of(RoomKind::Community));
    expected.lids_mapped = people.iter().filter(|p| p.lid_row != 0 && p.pn_row != 0).count() as u64;
    expected.lids_unresolved = people.iter().filter(|p| p.pn_row == 0).count() as u64;
    let mut met: Vec<usize> =
        rooms.iter().flat_map(|r| r.members.iter().copied().chain(r.past.iter().map(|(p, ..)| *p))).collect();
    met.sort_unstable();
    met.dedup();
    expected.names = met.iter().map(|p| people[*p].expected_name()).collect();
    if let Some(canary) = &options.canary {
        let planted = |name: Option<&String>| u64::from(name.is_some_and(|n| n.contains(canary.as_str())));
        expected.canary.names = expected.names.iter().map(|n| planted(n.name.as_ref())).sum();
        expected.canary.subjects = rooms.iter().map(|r| planted(r.subject.as_ref())).sum();
    }
    let beside = apart.as_ref().map_or(&[][..], |apart| apart.names.as_slice());
    let wa = wa::build(&people, &rooms, beside, at)?;
    Ok(Databases { msgstore: database::finish(db)?, wa, people, rooms, expected, media, apart })
}

fn settings(db: &Connection, holder: &Person, edition: &Edition) -> Result<(), ContentError> {
    for (key, value) in [("user_push_name", holder.given.as_str()), ("fts_ready", "5"), ("jid_ready", "1")] {
        db.execute("INSERT INTO props (key, value) VALUES (?, ?)", params![key, value])?;
    }
    if edition.package == WHATSAPP_BUSINESS {
        db.execute("INSERT INTO labels (type, label_name, predefined_id, color_id) VALUES (0, 'Nieuwe klant', 1, 1)", [])?;
        db.execute("INSERT INTO labeled_jid (label_id, jid_row_id) SELECT 1, jid_row_id FROM chat ORDER BY _id LIMIT 1", [])?;
    }
    Ok(())
}

/// Files that no conversation refers to: markers, link previews, profile photos.
fn bystanders(options: &Options, edition: &Edition, content: &mut PhoneContent, at: i64) {
    let media = format!("{}/Media", edition.root);
    for marker in [".nomedia".to_owned(), format!("{} Images/Private/.nomedia", edition.folder)] {
        content.files.insert(format!("{media}/{marker}"), VirtualFile::from_bytes(Vec::new(), at));
    }
    if options.media == MediaScale::None {
        return;
    }
    for (n, folder) in [".Links", &format!("{} Profile Photos", edition.folder)].into_iter().enumerate() {
        let recipe = key(options.seed, &format!("bystander {n} {}", edition.package));
        let picture = Media::new(MediaKind::Jpeg, recipe, 3_000, "Vlietmonde".to_owned());
        let path = format!("{media}/{folder}/{}.jpg", hex::encode(&recipe[..12]));
        content.files.insert(path, VirtualFile::from_media(Arc::new(picture), at - 86_400));
    }
}
