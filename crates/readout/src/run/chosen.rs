//! Which files of an app a run works from: the newest full backup, what was added to it since, and the contacts.

use crate::{
    plan::Platform,
    reader::HolderBackup,
    report::{ADB_BACKUP, ADB_BACKUP_ENCRYPTED, Others, SIGNAL_FILE, SIGNAL_FOLDER, THREEMA_BACKUP},
};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use uitlezen_apps::{
    App, holder_backup, imessage,
    signal::find::{self, Best},
    sms, threema,
    whatsapp::{
        Edition,
        backup::{self, Backup},
        wanted::{AppRoot, locate, wanted_databases, wanted_media},
    },
    whatsapp_ios,
};
use uitlezen_evidence::{Item, ItemName, Pattern, PatternError};
use uitlezen_seal::part::ChunkSize;

/// What a chosen file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Part {
    Messages,
    /// Write-ahead log and rollback journal of a database that lies there unencrypted.
    Log,
    Journal,
    Contacts,
    Increment(u32),
    ContactsLog,
    ContactsJournal,
    /// The app's own settings.
    Settings,
    /// Those in which an administrator's may stand.
    ManagedSettings,
    /// Which number is behind which hidden id.
    HiddenIds,
    Calls,
    /// What a backup folder of Signal says of itself.
    Metadata,
    /// What other content providers than that of [`Part::Messages`] answered.
    Answers(u16),
}

impl Part {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Messages => "msgstore",
            Self::Log | Self::Journal => "msgstore-log",
            Self::Contacts => "wa",
            Self::ContactsLog | Self::ContactsJournal => "wa-log",
            Self::Settings => "settings",
            Self::ManagedSettings => "managed-settings",
            Self::HiddenIds => "lid",
            Self::Calls => "calls",
            Self::Increment(_) => "increment",
            Self::Metadata => "metadata",
            Self::Answers(_) => "answers",
        }
    }
}

/// How what was chosen is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Opening {
    /// Databases as they lie.
    Plain,
    /// Backups of WhatsApp, each of which is unlocked into a database.
    WhatsAppBackup,
    /// Signal's backup file, which holds its media.
    SignalFile,
    /// A snapshot of Signal's backup folder, with its media in a folder beside it.
    SignalFolder { root: Option<ItemName> },
    /// Threema's data backup, which holds its media.
    ThreemaBackup,
    /// Answers of content providers, asked of the phone during this readout.
    Answers,
    /// A file of adb backup.
    AdbBackup { encrypted: bool },
}

impl Opening {
    /// What a report calls it, when it is a backup that the holder made in the app.
    pub(super) fn holder_kind(&self) -> Option<&'static str> {
        match self {
            Self::SignalFile => Some(SIGNAL_FILE),
            Self::SignalFolder { .. } => Some(SIGNAL_FOLDER),
            Self::ThreemaBackup => Some(THREEMA_BACKUP),
            Self::AdbBackup { encrypted: false } => Some(ADB_BACKUP),
            Self::AdbBackup { encrypted: true } => Some(ADB_BACKUP_ENCRYPTED),
            Self::Plain | Self::WhatsAppBackup | Self::Answers => None,
        }
    }

    pub(super) fn is_holder_made(&self) -> bool {
        self.holder_kind().is_some()
    }

    /// Whether its media lie beside it, in a folder that several of its kind share.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::SignalFolder { .. })
    }

    /// What the reader is told of it: `item` says where a part lies in the work store.
    pub(super) fn holder_backup(&self, item: impl Fn(Part) -> Option<ItemName>) -> Option<HolderBackup> {
        match self {
            Self::SignalFile => Some(HolderBackup::SignalFile(item(Part::Messages)?)),
            Self::SignalFolder { .. } => {
                Some(HolderBackup::SignalFolder { main: item(Part::Messages)?, metadata: item(Part::Metadata)? })
            }
            Self::ThreemaBackup => Some(HolderBackup::Threema(item(Part::Messages)?)),
            Self::AdbBackup { .. } => Some(HolderBackup::AdbBackup(item(Part::Messages)?)),
            Self::Plain | Self::WhatsAppBackup | Self::Answers => None,
        }
    }

    /// What the phone itself has and never puts into such a backup, as a report calls it.
    pub(super) fn leaves_out(&self) -> Option<&'static str> {
        matches!(self, Self::AdbBackup { .. }).then_some("left-out-of-adb-backup")
    }

    /// In chunks of which size it is kept: databases are read here and there, backups that the holder made from their beginning to
    /// their end.
    pub(super) fn chunk(&self) -> ChunkSize {
        if self.is_holder_made() { ChunkSize::MEDIA } else { ChunkSize::RANDOM_ACCESS }
    }

    /// How many times its own size a run may take of the disk before its media: as it is, and unpacked (databases of messages
    /// pack about 1 to 4).
    pub(super) fn room(&self) -> u64 {
        if self.is_holder_made() { 3 } else { 6 }
    }
}

/// The files of one app that a run will pull before anything else.
pub(super) struct Chosen {
    pub(super) app: App,
    /// Its folder in shared storage, on Android.
    pub(super) root: Option<AppRoot>,
    pub(super) files: Vec<(Part, Item)>,
    pub(super) opening: Opening,
    pub(super) bytes: u64,
    pub(super) modified: Option<i64>,
    /// Other backups of it that were found and are not read.
    pub(super) others: Option<Others>,
}

impl Chosen {
    /// Age of the newest thing that holds messages.
    pub(super) fn age_seconds(&self, now: i64) -> Option<i64> {
        self.modified.map(|modified| now.saturating_sub(modified).max(0))
    }
}

/// The asked apps of which backups are to be looked for that the holder made: an iPhone's own backup never holds one, and a phone
/// is asked for its SMS itself.
pub(super) fn makers(platform: Platform, is_a_phone: bool, asked: &[App]) -> Vec<App> {
    let makes = |app: &&App| holder_backup::APPS.contains(app) && !(is_a_phone && **app == App::Sms);
    asked.iter().filter(makes).filter(|_| platform == Platform::Android).copied().collect()
}

/// Whether an app that is on the phone gives nothing without a backup, its own or its holder's.
pub(super) fn needs_backup(platform: Platform, is_a_phone: bool, app: App) -> bool {
    app.edition().is_some() || !makers(platform, is_a_phone, &[app]).is_empty()
}

/// Of each app the newest of the backups that the holder made. `threema` is the one of the three that a data backup is of.
pub(super) fn choose_holder_made(items: &[Item], found: &holder_backup::Found, threema: Option<App>) -> Vec<Chosen> {
    let threema = threema.and_then(|app| choose_threema(app, items, &found.threema));
    choose_signal(items, &found.signal).into_iter().chain(threema).chain(choose_adb_backup(items, &found.sms)).collect()
}

fn choose_threema(app: App, items: &[Item], found: &threema::android::find::Found) -> Option<Chosen> {
    let newest = found.newest()?;
    let item = items.iter().find(|item| item.name == newest.name)?.clone();
    let others = Others { files: found.files.len() as u64 - 1, unfinished: found.unfinished, ..Others::default() };
    let bytes = item.bytes;
    Some(Chosen {
        app,
        root: None,
        files: vec![(Part::Messages, item)],
        opening: Opening::ThreemaBackup,
        bytes,
        modified: newest.made,
        others: Some(others),
    })
}

/// Nothing in it says when it was made, and the time of the file is perhaps that of its copying: it has no age.
fn choose_adb_backup(items: &[Item], found: &sms::find::Found) -> Option<Chosen> {
    let newest = found.newest()?;
    let item = items.iter().find(|item| item.name == newest.name)?;
    let files = vec![(Part::Messages, Item { modified: None, ..item.clone() })];
    let (opening, bytes) = (Opening::AdbBackup { encrypted: newest.encrypted }, item.bytes);
    let others = Some(Others { files: found.files.len() as u64 - 1, ..Others::default() });
    Some(Chosen { app: App::Sms, root: None, files, opening, bytes, modified: None, others })
}

fn choose_signal(items: &[Item], found: &find::Found) -> Option<Chosen> {
    let item = |name: Option<ItemName>| items.iter().find(|item| Some(&item.name) == name.as_ref()).cloned();
    let best = found.best()?;
    let others = Others {
        files: found.files.len() as u64 - u64::from(matches!(best, Best::File(_))),
        snapshots: found.snapshots.len() as u64 - u64::from(matches!(best, Best::Snapshot(_))),
        unfinished: found.unfinished,
        exports: found.exports.len() as u64,
    };
    let (files, opening, modified) = match best {
        Best::File(file) => (vec![(Part::Messages, item(Some(file.name.clone()))?)], Opening::SignalFile, file.made),
        Best::Snapshot(snapshot) => (
            vec![(Part::Messages, item(snapshot.main())?), (Part::Metadata, item(snapshot.metadata())?)],
            Opening::SignalFolder { root: snapshot.root() },
            snapshot.made,
        ),
    };
    let bytes = files.iter().fold(0_u64, |sum, (_, item)| sum.saturating_add(item.bytes));
    Some(Chosen { app: App::Signal, root: None, files, opening, bytes, modified, others: Some(others) })
}

/// What all of them say they hold.
pub(super) fn bytes(chosen: &[Chosen]) -> u64 {
    chosen.iter().fold(0, |sum, chosen| sum.saturating_add(chosen.bytes))
}

/// What a listing must hold for the databases of these apps.
pub(super) fn patterns(platform: Platform, asked: &[App]) -> Result<Vec<Pattern>, PatternError> {
    let mut patterns = Vec::new();
    for app in asked {
        patterns.extend(match (platform, app, app.edition()) {
            (Platform::Android, _, Some(edition)) => wanted_databases(edition)?,
            (Platform::Android, App::Sms, _) => sms::wanted::wanted_databases()?,
            (Platform::Iphone, App::IMessage, _) => imessage::wanted::wanted_databases()?,
            (Platform::Iphone, _, Some(edition)) => whatsapp_ios::wanted::wanted_databases(edition)?,
            (Platform::Iphone, app, None) => app.threema().map_or(Ok(Vec::new()), threema::ios::wanted::wanted_databases)?,
            (Platform::Android, _, None) => Vec::new(),
        });
    }
    Ok(patterns)
}

/// The same for the files that its messages may name.
pub(super) fn media_patterns(platform: Platform, app: App) -> Result<Vec<Pattern>, PatternError> {
    match (platform, app, app.edition()) {
        (Platform::Android, _, Some(edition)) => wanted_media(edition),
        (Platform::Android, App::Sms, _) => sms::wanted::wanted_media(),
        (Platform::Iphone, App::IMessage, _) => imessage::wanted::wanted_media(),
        (Platform::Iphone, _, Some(edition)) => whatsapp_ios::wanted::wanted_media(edition),
        (Platform::Iphone, app, None) => app.threema().map_or(Ok(Vec::new()), threema::ios::wanted::wanted_media),
        (Platform::Android, _, None) => Ok(Vec::new()),
    }
}

/// The item of an iPhone's backup that a message means by this path.
pub(super) fn media_item(app: App, path: &str) -> Option<ItemName> {
    if app == App::Sms {
        return sms::wanted::media(path).ok();
    }
    let item = match (app.edition(), app.threema()) {
        (Some(edition), _) => whatsapp_ios::wanted::media(edition, path),
        (None, Some(edition)) => threema::ios::wanted::media(edition, path),
        (None, None) => imessage::wanted::attachment(path),
    };
    item.ok()
}

/// By which name a file is the same at every readout, where its size and its time are told by nobody.
pub(super) fn lasting(app: App, path: &str) -> Option<ItemName> {
    if app == App::Sms { sms::wanted::lasting(path) } else { None }
}

/// How such a phone calls an app.
pub(crate) fn name_on(platform: Platform, app: App) -> Option<&'static str> {
    match platform {
        Platform::Android => app.package(),
        Platform::Iphone => Some(app.bundle()),
    }
}

/// Which of the asked apps this program reads on such a phone.
pub(crate) fn is_read_on(platform: Platform, app: App) -> bool {
    match platform {
        Platform::Android => app != App::IMessage,
        // The first keeps itself out of the phone's backups, the second is in iMessage's database.
        Platform::Iphone => !matches!(app, App::Signal | App::Sms),
    }
}

/// Chooses the files of each asked app.
pub(super) fn choose(platform: Platform, items: &[Item], asked: &[App]) -> Vec<Chosen> {
    match platform {
        Platform::Android => {
            let editions: Vec<Edition> = asked.iter().filter_map(|app| app.edition()).collect();
            let mut chosen = choose_on_android(items, &editions);
            chosen.extend(asked.contains(&App::Sms).then(|| choose_sms(items)).flatten());
            chosen
        }
        Platform::Iphone => asked.iter().filter_map(|app| choose_on_iphone(items, *app)).collect(),
    }
}

/// What the phone has of content providers with messages: SMS, or MMS where there is nothing else.
fn choose_sms(items: &[Item]) -> Option<Chosen> {
    let mut answers = sms::wanted::answers(items);
    let first =
        answers.iter().position(|item| item.name.file_name() == "sms").or(if answers.is_empty() { None } else { Some(0) })?;
    let messages = answers.remove(first);
    let bytes = answers.iter().fold(messages.bytes, |sum, item| sum.saturating_add(item.bytes));
    let rest = answers.into_iter().zip(0..).map(|(item, n)| (Part::Answers(n), item));
    let files = std::iter::once((Part::Messages, messages)).chain(rest).collect();
    Some(Chosen { app: App::Sms, root: None, files, opening: Opening::Answers, bytes, modified: None, others: None })
}

/// A backup of an iPhone holds the databases themselves.
fn choose_on_iphone(items: &[Item], app: App) -> Option<Chosen> {
    use imessage::wanted::{ADDRESS_BOOK, SETTINGS, SMS_DB};
    let files: Vec<(Part, String)> = match app {
        App::IMessage => vec![
            (Part::Messages, SMS_DB.to_owned()),
            (Part::Log, format!("{SMS_DB}-wal")),
            (Part::Journal, format!("{SMS_DB}-journal")),
            (Part::Contacts, ADDRESS_BOOK.to_owned()),
            (Part::ContactsLog, format!("{ADDRESS_BOOK}-wal")),
            (Part::ContactsJournal, format!("{ADDRESS_BOOK}-journal")),
            (Part::Settings, SETTINGS.to_owned()),
        ],
        App::WhatsApp | App::WhatsAppBusiness => {
            use whatsapp_ios::wanted::{calls, chat_storage, contacts, lid, settings};
            let edition = app.edition()?;
            vec![
                (Part::Messages, chat_storage(edition)),
                (Part::Log, format!("{}-wal", chat_storage(edition))),
                (Part::Journal, format!("{}-journal", chat_storage(edition))),
                (Part::Contacts, contacts(edition)),
                (Part::ContactsLog, format!("{}-wal", contacts(edition))),
                (Part::ContactsJournal, format!("{}-journal", contacts(edition))),
                (Part::HiddenIds, lid(edition)),
                (Part::Calls, calls(edition)),
                (Part::Settings, settings(edition)),
            ]
        }
        App::Threema | App::ThreemaWork | App::ThreemaOnPrem => {
            use threema::ios::wanted::{data, managed_settings, settings};
            let edition = app.threema()?;
            let mut files = vec![
                (Part::Messages, data(edition)),
                (Part::Log, format!("{}-wal", data(edition))),
                (Part::Journal, format!("{}-journal", data(edition))),
                (Part::Settings, settings(edition)),
            ];
            files.extend(managed_settings(edition).map(|name| (Part::ManagedSettings, name)));
            files
        }
        App::Signal | App::Sms => return None,
    };
    let called = |name: &str| items.iter().find(|item| item.name.as_str() == name).cloned();
    let files: Vec<(Part, Item)> = files.into_iter().filter_map(|(part, name)| Some((part, called(&name)?))).collect();
    let messages = files.iter().find(|(part, _)| *part == Part::Messages)?;
    let modified = messages.1.modified;
    let bytes = files.iter().fold(0_u64, |sum, (_, item)| sum.saturating_add(item.bytes));
    Some(Chosen { app, root: None, files, opening: Opening::Plain, bytes, modified, others: None })
}

/// The newest full backup, what was added to it since, and the contacts, for each asked edition.
fn choose_on_android(items: &[Item], editions: &[Edition]) -> Vec<Chosen> {
    let mut roots: Vec<AppRoot> = locate(items).into_iter().filter(|root| editions.contains(&root.edition)).collect();
    if let (true, [edition, ..]) = (roots.is_empty(), editions) {
        // A folder of loose backup files: somebody collected them by hand.
        roots.push(AppRoot { edition: *edition, folder: None });
    }
    let mut chosen: Vec<Chosen> = roots.into_iter().filter_map(|root| choose_in(root, items)).collect();
    // An old and a new place of the same app: the newer messages count.
    chosen.sort_by_key(|c| (c.app, Reverse(c.modified)));
    chosen.dedup_by_key(|c| c.app);
    chosen
}

fn choose_in(root: AppRoot, items: &[Item]) -> Option<Chosen> {
    let loose = root.folder.is_none();
    let below: Vec<Item> = items
        .iter()
        .filter(|item| root.is_database(&item.name) || (loose && !item.name.as_str().contains('/')))
        .cloned()
        .collect();
    let survey = backup::survey(&below);
    let item = |b: &Backup| Item { name: b.name.clone(), bytes: b.bytes, modified: b.modified };
    let mut files = Vec::new();
    let opening = match survey.messages.first() {
        Some(full) => {
            files.push((Part::Messages, item(full)));
            for increment in survey.increments.iter().filter(|i| i.after_full != Some(false)) {
                if let backup::Use::Increment { number } = increment.purpose {
                    files.push((Part::Increment(number), item(increment)));
                }
            }
            files.extend(survey.contacts.first().map(|c| (Part::Contacts, item(c))));
            Opening::WhatsAppBackup
        }
        None => {
            let called = |name: &str| below.iter().find(|i| i.name.file_name().eq_ignore_ascii_case(name)).cloned();
            files.push((Part::Messages, called("msgstore.db")?));
            for (part, name) in
                [(Part::Log, "msgstore.db-wal"), (Part::Journal, "msgstore.db-journal"), (Part::Contacts, "wa.db")]
            {
                files.extend(called(name).map(|item| (part, item)));
            }
            Opening::Plain
        }
    };
    // Sizes are the phone's word until bytes arrive.
    let bytes = files.iter().fold(0_u64, |sum, (_, item)| sum.saturating_add(item.bytes));
    let modified = files.iter().filter(|(part, _)| *part != Part::Contacts).filter_map(|(_, item)| item.modified).max();
    Some(Chosen { app: root.edition.into(), root: Some(root), files, opening, bytes, modified, others: None })
}
