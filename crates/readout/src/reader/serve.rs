//! The reader child: opens the evidence it was granted, unlocks backups, reads databases, writes records to the pipe.

use super::{
    holder_backup::Opened as HolderOpened,
    lines::Lines,
    message::{KeyTexts, ReadFailure, Reading as Outcome, Reply, Request, STRINGS_A_MESSAGE, Sources},
    separating::Asked,
};
use crate::{
    child::{Confined, Pipes},
    pipe::{self, Kind, PipeError},
    plan::Platform,
};
use secrecy::SecretString;
use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    io::{self, BufWriter, Stdin, Write},
    sync::{Mutex, PoisonError},
};
use uitlezen_apps::{
    App, Evidenced, ReadError, RecordSink, RunSink, Separation, Summary,
    imessage::{
        self,
        settings::{KeepMessages, Settings},
    },
    threema,
    whatsapp::{
        backup::{self, BackupKey, IncrementSet, KeyMismatch, KeyMode, Keys, LegacyKey, UnlockError},
        reader::{self, PhoneContacts, Reading},
    },
    whatsapp_ios,
};
use uitlezen_chat::{Conversation, ConversationNumber, EvidenceId, Message, Participant, Undecided};
use uitlezen_check::{AccountDefault, AppVerdict, TimerCheck};
use uitlezen_evidence::{Bytes, ChunkCache, Database, Evidence, ItemName, ReadAtExt};
use uitlezen_seal::store::{Grant, StoredEvidence};

/// One frame of records.
pub(super) const FRAME: usize = 256 * 1024;
/// How often a long unlocking says how far it is.
pub(super) const PROGRESS_EVERY: u64 = 8 * 1024 * 1024;

/// Serves requests until the closing process goes away. Returns the exit code.
pub(crate) fn serve(_confined: Confined) -> u8 {
    let Ok(Pipes { from, to }) = Pipes::open(FRAME) else { return 1 };
    let mut child = Serving { from, to, evidence: HashMap::new(), names: HashMap::new(), opened: HashMap::new() };
    loop {
        let request = match pipe::read_message(&mut child.from) {
            Ok(request) => request,
            Err(PipeError::Gone) => return 0,
            Err(_) => return 1,
        };
        let answered = child.answer(request).or_else(|error| match error {
            Stop::Failed(failure) => pipe::write_message(&mut child.to, &Reply::Failed(failure)),
            Stop::Pipe(error) => Err(error),
        });
        if answered.is_err() {
            return 1;
        }
    }
}

pub(super) enum Stop {
    Failed(ReadFailure),
    Pipe(PipeError),
}

impl From<PipeError> for Stop {
    fn from(error: PipeError) -> Self {
        Self::Pipe(error)
    }
}

impl From<ReadFailure> for Stop {
    fn from(failure: ReadFailure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) struct Serving {
    from: Stdin,
    pub(super) to: BufWriter<File>,
    pub(super) evidence: HashMap<ItemName, Bytes>,
    /// Names in the phone's address book, by international number.
    pub(super) names: HashMap<String, String>,
    /// Backups that the holder made, opened.
    pub(super) opened: HashMap<App, HolderOpened>,
}

impl Serving {
    /// A child in this process, over evidence that lies open.
    #[cfg(test)]
    pub(super) fn here(to: File, evidence: HashMap<ItemName, Bytes>) -> Self {
        Self { from: io::stdin(), to: BufWriter::new(to), evidence, names: HashMap::new(), opened: HashMap::new() }
    }

    pub(super) fn answer(&mut self, request: Request) -> Result<(), Stop> {
        let reply = match request {
            Request::Grant(grants) => self.grant(grants)?,
            Request::Inspect(item) => {
                Reply::Facts(Box::new(backup::inspect(&self.open(&item)?).map_err(|e| unlock_failure(&e))?))
            }
            Request::Unlock { item, keys } => self.unlock(&item, &keys)?,
            Request::Numbers(sources) => self.numbers(&sources)?,
            Request::Names(names) => {
                self.names.extend(names);
                Reply::Named
            }
            Request::TryHolderBackup { backup, keys } => self.try_holder_backup(&backup, &keys)?,
            Request::OpenHolderBackup { app, backup, keys } => self.open_holder_backup(app, &backup, &keys)?,
            Request::Give { app, paths } => self.give(app, &paths)?,
            Request::Read(sources) if sources.app == App::Signal => self.read_signal(&sources)?,
            Request::Read(sources) if sources.app == App::Sms => self.read_sms(&sources)?,
            Request::Read(sources) if self.has_threema(&sources) => self.read_threema(&sources)?,
            Request::Read(sources) => self.read(&sources)?,
        };
        Ok(pipe::write_message(&mut self.to, &reply)?)
    }

    fn grant(&mut self, grants: Vec<Grant>) -> Result<Reply, Stop> {
        let stored =
            StoredEvidence::from_grants(grants, ChunkCache::of_this_process()).map_err(|_| ReadFailure::EvidenceUnreadable)?;
        for item in stored.items() {
            let bytes = stored.open(&item.name).map_err(|_| ReadFailure::EvidenceUnreadable)?;
            self.evidence.insert(item.name.clone(), bytes);
        }
        Ok(Reply::Granted)
    }

    pub(super) fn open(&self, item: &ItemName) -> Result<Bytes, ReadFailure> {
        self.evidence.get(item).cloned().ok_or(ReadFailure::EvidenceUnreadable)
    }

    fn unlock(&mut self, item: &ItemName, texts: &KeyTexts) -> Result<Reply, Stop> {
        let keys = keys(texts)?;
        let source = self.open(item)?;
        let to = Mutex::new(&mut self.to);
        let mut said = 0;
        let unlocked = backup::unlock(source, &keys, &mut Payload { to: &to }, &mut |read| {
            if read >= said + PROGRESS_EVERY {
                said = read;
                // A broken pipe shows at the next write of content.
                let _ = pipe::write_message(*to.lock().unwrap_or_else(PoisonError::into_inner), &Reply::Progress(read));
            }
        });
        match unlocked {
            Ok(unlocked) => Ok(Reply::Unlocked(Box::new(unlocked))),
            Err(UnlockError::Output(error)) => Err(Stop::Pipe(error.into())),
            Err(error) => Err(unlock_failure(&error).into()),
        }
    }

    fn databases(&self, sources: &Sources) -> Result<(Database, Option<Database>), ReadFailure> {
        let beside = |name: &Option<ItemName>| name.as_ref().map(|n| self.open(n)).transpose();
        let messages = Database::open(self.open(&sources.messages.0)?, beside(&sources.log)?, beside(&sources.journal)?)
            .map_err(|_| ReadFailure::DatabaseDamaged)?;
        // Contacts add names; a damaged copy of them must not keep the messages from being read.
        let contacts = sources.contacts.as_ref().map(|(name, _)| self.open(name)).transpose()?;
        let (log, journal) = (beside(&sources.contacts_log)?, beside(&sources.contacts_journal)?);
        Ok((messages, contacts.and_then(|bytes| Database::open(bytes, log, journal).ok())))
    }

    /// A database that adds to others: where it is damaged, they are read without it.
    fn small(&self, source: &Option<(ItemName, EvidenceId)>) -> Result<Option<Database>, ReadFailure> {
        let bytes = source.as_ref().map(|(name, _)| self.open(name)).transpose()?;
        Ok(bytes.and_then(|bytes| Database::open(bytes, None, None).ok()))
    }

    /// A list of settings. Small, and read before the records go out: what is wrong with it keeps no message from being read.
    fn list(&self, name: &Option<ItemName>) -> Result<Option<Vec<u8>>, ReadFailure> {
        let bytes = name.as_ref().map(|name| self.open(name)).transpose()?;
        Ok(bytes.and_then(|bytes| bytes.read_all(LARGEST_SETTINGS).ok()))
    }

    fn numbers(&mut self, sources: &Sources) -> Result<Reply, Stop> {
        let separator = sources.separation.separator()?;
        let asked = Asked(&separator);
        let separation = separator.excludes().then_some(&asked as &dyn Separation);
        let mut sink = NumberSink(BTreeSet::new());
        let read = if sources.app == App::Sms {
            self.sms(sources, separation, None, &mut sink)?
        } else {
            self.numbers_of(sources, separation, &mut sink)?
        };
        match read {
            // The sink stops at the first message: conversations and their participants come before.
            Ok(_) | Err(ReadError::Sink(_)) => {}
            Err(error) => return Err(read_failure(&error).into()),
        }
        // Whoever decides about an undecided conversation must know who is in it.
        let undecided = separator.undecided();
        sink.0.extend(undecided.iter().flat_map(|u| numbers_of(&u.participants)));
        let numbers: Vec<String> = sink.0.into_iter().collect();
        let mut batches = numbers.chunks(STRINGS_A_MESSAGE).peekable();
        while let Some(batch) = batches.next() {
            if batches.peek().is_none() {
                return Ok(Reply::Numbers { numbers: batch.to_vec(), last: true });
            }
            pipe::write_message(&mut self.to, &Reply::Numbers { numbers: batch.to_vec(), last: false })?;
        }
        Ok(Reply::Numbers { numbers: Vec::new(), last: true })
    }

    fn numbers_of(
        &self,
        sources: &Sources,
        separation: Option<&dyn Separation>,
        sink: &mut NumberSink,
    ) -> Result<Result<Summary, ReadError>, ReadFailure> {
        let (messages, contacts) = self.databases(sources)?;
        let hidden_ids = self.small(&sources.hidden_ids)?;
        let evidence = Opened {
            messages: &messages,
            contacts: contacts.as_ref(),
            hidden_ids: hidden_ids.as_ref(),
            calls: None,
            owner: None,
            names: None,
            increments: None,
        };
        Ok(evidence.read(sources, separation, sink))
    }

    fn read(&mut self, sources: &Sources) -> Result<Reply, Stop> {
        let (messages, contacts) = self.databases(sources)?;
        let mut increments = IncrementSet::new();
        for (_, name, id) in &sources.increments {
            increments.add(self.open(name)?, *id);
        }
        let separator = sources.separation.separator()?;
        let asked = Asked(&separator);
        let separation = separator.excludes().then_some(&asked as &dyn Separation);
        let (settings, managed) = (self.list(&sources.settings)?, self.list(&sources.managed_settings)?);
        let of_whatsapp = settings.as_deref().filter(|_| sources.app.edition().is_some());
        let owner = of_whatsapp.and_then(|list| whatsapp_ios::Owner::read(list).ok());
        let (hidden_ids, calls) = (self.small(&sources.hidden_ids)?, self.small(&sources.calls)?);
        let judge = (!separator.excludes()).then_some(&separator);
        let mut lines = Lines::new(&mut self.to, TimerCheck::new(sources.app.word()), judge);
        let evidence = Opened {
            messages: &messages,
            contacts: contacts.as_ref(),
            hidden_ids: hidden_ids.as_ref(),
            calls: calls.as_ref(),
            owner: owner.as_ref(),
            names: Some(&self.names),
            increments: Some(&increments),
        };
        let read = evidence.read(sources, separation, &mut lines);
        let check = lines.finish()?;
        let summary = read.map_err(|e| read_failure(&e))?;
        self.undecided(&separator.undecided())?;
        let verdict = match sources.app {
            App::IMessage => keeping(check, settings.as_deref(), sources.ios.as_deref()),
            App::Threema | App::ThreemaWork | App::ThreemaOnPrem => {
                let edition = sources.app.threema().ok_or(ReadFailure::Internal)?;
                threema_keeping(check, &threema::settings::Settings::read(edition, settings.as_deref(), managed.as_deref()))
            }
            // They have readings of their own.
            App::Signal | App::Sms => return Err(ReadFailure::Internal.into()),
            App::WhatsApp | App::WhatsAppBusiness => {
                let hint = summary.default_timer_hint.as_ref();
                check.finish(hint.map_or(AccountDefault::HolderMustShow, |hint| AccountDefault::SeenIndirectly {
                    seconds: hint.seconds,
                    since: hint.since.clone(),
                }))
            }
        };
        Ok(Reply::Read(Box::new(Outcome {
            summary,
            verdict,
            pages_rolled_back: messages.report().journal.as_ref().map_or(0, |j| j.pages_rolled_back),
            temporary_files_refused: messages.temp_opens_refused(),
            separation: separator.finish(),
        })))
    }

    /// What is undecided, in lines; several in one message as long as they are short.
    pub(super) fn undecided(&mut self, all: &[Undecided]) -> Result<(), Stop> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        for conversation in all {
            let line = serde_json::to_string(conversation).map_err(|_| ReadFailure::Internal)?;
            bytes += line.len();
            lines.push(line);
            if bytes >= FRAME || lines.len() >= STRINGS_A_MESSAGE {
                pipe::write_message(&mut self.to, &Reply::Undecided(std::mem::take(&mut lines)))?;
                bytes = 0;
            }
        }
        if !lines.is_empty() {
            pipe::write_message(&mut self.to, &Reply::Undecided(lines))?;
        }
        Ok(())
    }
}

/// A settings file is some kilobytes.
const LARGEST_SETTINGS: u64 = 4 << 20;

/// The verdict over an app that keeps its messages for a time, by the settings of the whole account.
fn keeping(check: TimerCheck, settings: Option<&[u8]>, ios: Option<&str>) -> AppVerdict {
    let settings = settings.map_or(Settings::ABSENT, |list| Settings::read(list, ios).unwrap_or(Settings::ABSENT));
    let mut verdict = check.finish(match settings.messages {
        KeepMessages::Forever => AccountDefault::Set { seconds: 0 },
        KeepMessages::For { seconds } => AccountDefault::Set { seconds },
        KeepMessages::NeverSet => AccountDefault::NeverSet,
        KeepMessages::NoEvidence => AccountDefault::HolderMustShow,
    });
    // No key is established for these, so whatever stands there the holder must show the screen.
    verdict.others.insert("audio-messages".into(), AccountDefault::HolderMustShow);
    verdict
}

/// The same for Threema, where an administrator may have a say.
pub(super) fn threema_keeping(check: TimerCheck, settings: &threema::settings::Settings) -> AppVerdict {
    use threema::settings::Keep;
    let mut verdict = check.finish(match settings.keep {
        Keep::Forever { .. } => AccountDefault::Set { seconds: 0 },
        Keep::For { seconds, .. } => AccountDefault::Set { seconds },
        Keep::NeverSet => AccountDefault::NeverSet,
        Keep::NoEvidence => AccountDefault::HolderMustShow,
    });
    if settings.administrator_unseen {
        verdict.others.insert("administrator".into(), AccountDefault::HolderMustShow);
    }
    verdict
}

/// What one reading works from, opened.
struct Opened<'a> {
    messages: &'a Database,
    contacts: Option<&'a Database>,
    hidden_ids: Option<&'a Database>,
    calls: Option<&'a Database>,
    /// Who the app's settings on an iPhone say the holder is.
    owner: Option<&'a whatsapp_ios::Owner>,
    names: Option<&'a HashMap<String, String>>,
    increments: Option<&'a IncrementSet>,
}

impl<'a> Opened<'a> {
    fn read<S: RecordSink + Send>(
        &self,
        sources: &'a Sources,
        separation: Option<&'a dyn Separation>,
        sink: &mut S,
    ) -> Result<Summary, ReadError> {
        let messages = Evidenced { database: self.messages, item: sources.messages.1 };
        let contacts =
            self.contacts.zip(sources.contacts.as_ref()).map(|(database, (_, item))| Evidenced { database, item: *item });
        let holder_number = sources.holder_number.as_ref().map(|n| n.0.as_str());
        match (sources.platform, sources.app, sources.app.edition()) {
            (Platform::Android, _, Some(edition)) => {
                let reading = Reading {
                    edition,
                    msgstore: messages,
                    wa: contacts,
                    increments: self.increments,
                    phone_contacts: self.names.map(|n| n as &dyn PhoneContacts),
                    holder_number,
                    scope: sources.scope,
                    separation,
                };
                reader::read(&reading, sink)
            }
            (Platform::Iphone, App::IMessage, _) => {
                imessage::read(&imessage::Reading { sms: messages, address_book: contacts, holder_number, separation }, sink)
            }
            (Platform::Iphone, _, Some(edition)) => {
                let beside = |database: Option<&'a Database>, source: &Option<(ItemName, EvidenceId)>| {
                    database.zip(source.as_ref()).map(|(database, (_, item))| Evidenced { database, item: *item })
                };
                let reading = whatsapp_ios::Reading {
                    edition,
                    chat_storage: messages,
                    contacts,
                    lid: beside(self.hidden_ids, &sources.hidden_ids),
                    calls: beside(self.calls, &sources.calls),
                    phone_contacts: self.names.map(|n| n as &dyn PhoneContacts),
                    owner: self.owner,
                    holder_number,
                    made_at: None,
                    scope: sources.scope,
                    separation,
                };
                whatsapp_ios::read(&reading, sink)
            }
            (Platform::Iphone, app, None) => {
                let edition = app.threema().ok_or(ReadError::NotAMessageStore)?;
                threema::ios::read(&threema::ios::Reading { edition, threema: messages, holder_identity: None, separation }, sink)
            }
            (Platform::Android, _, None) => Err(ReadError::NotAMessageStore),
        }
    }
}

/// Content of an unlocked backup, on its way to the work store.
struct Payload<'a, 'b> {
    to: &'a Mutex<&'b mut BufWriter<File>>,
}

impl Write for Payload<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        pipe::write_bytes(*to, Kind::Bytes, bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn numbers_of(participants: &[Participant]) -> impl Iterator<Item = String> {
    participants.iter().filter(|p| !p.is_holder).filter_map(|p| p.number.clone())
}

/// Collects the numbers of participants and stops at the first message.
struct NumberSink(BTreeSet<String>);

#[derive(Default)]
struct Enough;

impl RunSink for Enough {
    fn message(&mut self, _: ConversationNumber, _: Box<Message>) -> io::Result<()> {
        Err(io::Error::other("enough"))
    }
}

impl RecordSink for NumberSink {
    type Run = Enough;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.0.extend(numbers_of(&conversation.participants));
        Ok(())
    }

    fn hand_over(&mut self, _: &mut Enough) -> io::Result<()> {
        Ok(())
    }
}

fn keys(texts: &KeyTexts) -> Result<Keys, ReadFailure> {
    let mut keys = Keys::default();
    if let Some(digits) = &texts.digits {
        let digits = SecretString::from(digits.0.clone());
        keys.backup = Some(
            BackupKey::from_digits(secrecy::ExposeSecret::expose_secret(&digits).as_bytes()).map_err(|_| ReadFailure::KeyForm)?,
        );
    }
    if let Some(file) = &texts.key_file {
        let bytes = zeroize::Zeroizing::new(hex::decode(&file.0).map_err(|_| ReadFailure::KeyForm)?);
        match (BackupKey::from_key_file(&bytes), LegacyKey::from_key_file(&bytes)) {
            (Ok(key), _) => keys.backup = Some(key),
            (_, Ok(key)) => keys.legacy = Some(key),
            (Err(_), Err(_)) => return Err(ReadFailure::KeyForm),
        }
    }
    Ok(keys)
}

fn unlock_failure(error: &UnlockError) -> ReadFailure {
    match error {
        UnlockError::NotABackup(_) => ReadFailure::NotABackup,
        UnlockError::Unsupported(_) => ReadFailure::Unsupported,
        UnlockError::NotForThisKey { kind: backup::Kind::Crypt15, mismatch: KeyMismatch::NotGiven } => ReadFailure::KeyMissing,
        UnlockError::NotForThisKey { .. } => ReadFailure::LegacyKeyMissing,
        UnlockError::WrongKey { mode: Some(KeyMode::Password | KeyMode::Passkey), .. } => ReadFailure::PasswordMode,
        UnlockError::WrongKey { .. } => ReadFailure::WrongKey,
        UnlockError::Truncated { .. } => ReadFailure::Truncated,
        UnlockError::Altered { .. } | UnlockError::Content(_) => ReadFailure::Altered,
        UnlockError::TooLarge(_) => ReadFailure::TooLarge,
        UnlockError::Source(_) => ReadFailure::EvidenceUnreadable,
        UnlockError::Output(_) => ReadFailure::Internal,
    }
}

pub(super) fn read_failure(error: &ReadError) -> ReadFailure {
    match error {
        ReadError::NotAMessageStore => ReadFailure::NotAMessageStore,
        ReadError::Database { .. } | ReadError::Circular => ReadFailure::DatabaseDamaged,
        ReadError::Damaged => ReadFailure::Altered,
        ReadError::Sink(_) => ReadFailure::Internal,
    }
}
