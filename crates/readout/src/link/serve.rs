//! The link child: the only process that talks to a phone.

use super::{
    files::Files,
    holder_backup::{self, Look},
    iphone::Iphone,
    message::{
        AddressBook, Blind, ITEMS_A_MESSAGE, Identity, LinkFailure, OtherProfile, Outcome, Package, Preflight, Reach, Reply,
        Request, Said, Secret, VIA_SERVER,
    },
};
use crate::HolderTask;
use crate::{
    child::{Confined, Pipes},
    pipe::{self, Kind, PipeError},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufWriter, Stdin, Write},
    sync::Arc,
    time::{Duration, Instant},
};
use uitlezen_evidence::{ChunkCache, Item, Pattern};
use uitlezen_phone::{
    Fact, PhoneError, Refusal,
    android::{self, Acquire, AdbKey, AndroidLink, AuthEvent, Cancel, Contacts, ListingLimits, Patience, User, Wanted},
};
use uitlezen_seal::store::{Grant, StoredEvidence};

/// Buffer towards the closing process: one large payload of adb.
const PIPE_BUFFER: usize = 64 * 1024;
/// Dutch numbers in an address book are often written without the country (`06…`).
const COUNTRY: &str = "31";

/// Serves requests until the closing process goes away. Returns the exit code.
pub(crate) fn serve(confined: Confined) -> u8 {
    let Ok(Pipes { from, to }) = Pipes::open(PIPE_BUFFER) else { return 1 };
    let mut child = Serving { from, to, source: None, granted: Vec::new(), confined };
    loop {
        let request = match pipe::read_message(&mut child.from) {
            Ok(request) => request,
            Err(PipeError::Gone) => return 0,
            Err(_) => return 1,
        };
        let answered = child.answer(request).or_else(|stop| match stop {
            Stop::Failed(failure) => pipe::write_message(&mut child.to, &Reply::Failed(failure)),
            Stop::Pipe(error) => Err(error),
        });
        if answered.is_err() {
            return 1;
        }
    }
}

pub(super) enum Stop {
    Failed(LinkFailure),
    Pipe(PipeError),
}

impl From<PipeError> for Stop {
    fn from(error: PipeError) -> Self {
        Self::Pipe(error)
    }
}

impl From<LinkFailure> for Stop {
    fn from(failure: LinkFailure) -> Self {
        Self::Failed(failure)
    }
}

impl From<PhoneError> for Stop {
    fn from(error: PhoneError) -> Self {
        Self::Failed(failure(&error))
    }
}

enum Source {
    Phone(Box<Phone>),
    Iphone(Box<Iphone>),
    Files(Box<Files>),
}

struct Phone {
    link: Box<dyn AndroidLink>,
    users: Vec<User>,
    /// Other profiles, of which only what is installed is asked.
    profiles: Vec<User>,
    route: &'static str,
}

struct Serving {
    from: Stdin,
    to: BufWriter<File>,
    source: Option<Source>,
    /// Until they are opened.
    granted: Vec<Grant>,
    confined: Confined,
}

impl Serving {
    fn answer(&mut self, request: Request) -> Result<(), Stop> {
        let request = match request {
            Request::Connect { reach, adb_key, backup_password, iphone, wait_ms } => {
                let wait = Duration::from_millis(wait_ms);
                self.source = Some(match reach {
                    Reach::Files { path } => Source::Files(Box::new(Files::open(&path, backup_password)?)),
                    Reach::Iphone { udid, mux } => {
                        let host = iphone.ok_or(LinkFailure::Internal)?;
                        Source::Iphone(Box::new(Iphone::connect(&udid, &mux, &host, wait, &mut self.to)?))
                    }
                    reach => Source::Phone(Box::new(connect(&reach, adb_key, wait, &mut self.to)?)),
                });
                return Ok(pipe::write_message(&mut self.to, &Reply::Connected(self.confined))?);
            }
            Request::Grant(grants) => {
                self.granted.extend(grants);
                return Ok(pipe::write_message(&mut self.to, &Reply::Granted)?);
            }
            Request::OpenGranted { backup_password } => {
                let granted = std::mem::take(&mut self.granted);
                let evidence = StoredEvidence::from_grants(granted, ChunkCache::of_this_process());
                let evidence = Arc::new(evidence.map_err(|_| LinkFailure::BackupDamaged)?);
                self.source = Some(Source::Files(Box::new(Files::granted(evidence, backup_password)?)));
                return Ok(pipe::write_message(&mut self.to, &Reply::Opened)?);
            }
            other => other,
        };
        let to = &mut self.to;
        let reply = match (self.source.as_mut().ok_or(LinkFailure::Internal)?, request) {
            (Source::Phone(phone), request) => phone.answer(request, to)?,
            (Source::Iphone(phone), request) => Some(phone.answer(request, std::mem::take(&mut self.granted), to)?),
            (Source::Files(files), Request::Identify) => Some(Reply::Identity(Box::new(files.identity()))),
            (Source::Files(files), Request::Preflight { packages }) => Some(Reply::Preflight(files.preflight(&packages))),
            (Source::Files(files), Request::List { patterns }) => {
                let listing = files.list(patterns)?;
                send_items(&listing.items, Reply::Items, to)?;
                send_items(&listing.not_here, Reply::NotHere, to)?;
                Some(Reply::Listed(listing.blind))
            }
            (Source::Files(files), Request::Pull { items }) => {
                files.pull(&items, u64::MAX, to)?;
                None
            }
            (Source::Files(files), Request::PullHeads { items, most }) => {
                files.pull(&items, most.into(), to)?;
                None
            }
            (Source::Files(files), Request::FindHolderBackups { of }) => Some(send_backups(files.find_holder_backups(&of), to)?),
            (Source::Files(_), Request::Contacts { .. }) => Some(Reply::Contacts(AddressBook::NotAsked)),
            (Source::Files(_), _) => return Err(LinkFailure::Internal.into()),
        };
        match reply {
            Some(reply) => Ok(pipe::write_message(&mut self.to, &reply)?),
            None => Ok(()),
        }
    }
}

fn send_items(items: &[Item], as_what: fn(Vec<Item>) -> Reply, to: &mut impl Write) -> Result<(), PipeError> {
    items.chunks(ITEMS_A_MESSAGE).try_for_each(|batch| pipe::write_message(to, &as_what(batch.to_vec())))
}

/// Over USB: waits for the phone to be plugged in, goes through an adb server when that holds it.
fn connect(reach: &Reach, key: Option<Secret>, wait: Duration, to: &mut impl Write) -> Result<Phone, Stop> {
    let key = key.ok_or(LinkFailure::Internal)?;
    let pem = secrecy::SecretString::from(key.0.clone());
    let key = AdbKey::from_pem(&pem).map_err(|_| LinkFailure::Internal)?;
    let patience = Patience { allow: wait, ..Patience::default() };
    let mut broken = None;
    let mut on = |event: AuthEvent| {
        if let AuthEvent::AskingHolder { .. } = event
            && let Err(error) = pipe::write_message(to, &Reply::AskHolder { task: HolderTask::Allow })
        {
            broken = Some(error);
        }
    };
    let (reach, route) = match reach {
        Reach::Usb { serial } => {
            match android::wait_for(serial, Instant::now() + Duration::from_secs(3), &Cancel::default()) {
                // An adb server may know a phone that this account may not even open.
                Ok(_) | Err(PhoneError::NoPermission) => {}
                Err(error) => return Err(error.into()),
            }
            (android::Reach::Usb { serial: serial.clone() }, "usb")
        }
        Reach::Tcp { address, lab } => (android::Reach::Tcp { address: *address, lab: *lab }, "tcp"),
        Reach::Files { .. } | Reach::Iphone { .. } => return Err(LinkFailure::Internal.into()),
    };
    let connected = match (android::connect(&reach, &key, patience, Cancel::default(), &mut on), &reach) {
        (Err(PhoneError::Busy { adb_server: true } | PhoneError::NoPermission), android::Reach::Usb { serial })
            if android::adb_server_running().is_some() =>
        {
            let through = android::Reach::Server { serial: serial.clone() };
            android::connect(&through, &key, patience, Cancel::default(), &mut on).map(|link| (link, VIA_SERVER))
        }
        (connected, _) => connected.map(|link| (link, route)),
    };
    if let Some(error) = broken {
        return Err(error.into());
    }
    let (link, route) = connected?;
    Ok(Phone { link, users: vec![User::OWNER], profiles: Vec::new(), route })
}

impl Phone {
    fn answer(&mut self, request: Request, to: &mut impl Write) -> Result<Option<Reply>, Stop> {
        Ok(Some(match request {
            Request::Identify => Reply::Identity(Box::new(self.identity()?)),
            Request::Preflight { packages } => Reply::Preflight(self.preflight(&packages)?),
            Request::List { patterns } => self.list(&patterns, to)?,
            Request::Pull { items } => {
                let mut sink = Sink { to, broken: None };
                let acquired = android::acquire(self.link.as_mut(), &items, &Acquire::default(), &mut sink);
                if let Some(error) = sink.broken {
                    return Err(error.into());
                }
                acquired?;
                Reply::Pulled
            }
            Request::PullHeads { items, most } => {
                let mut sink = Sink { to, broken: None };
                let pulled = heads(self.link.as_mut(), &items, most, &mut sink);
                if let Some(error) = sink.broken {
                    return Err(error.into());
                }
                pulled?;
                Reply::Pulled
            }
            Request::FindHolderBackups { of } => send_backups(holder_backup::find(&of, self.link.as_mut(), &self.users)?, to)?,
            Request::Contacts { numbers } => self.contacts(&numbers)?,
            Request::Probe => {
                Reply::Probe(android::probe(self.link.as_mut(), &android::ProbeOptions::default()).map_err(|e| failure(&e))?)
            }
            _ => return Err(LinkFailure::Internal.into()),
        }))
    }

    fn identity(&mut self) -> Result<Identity, PhoneError> {
        let found = android::identity(self.link.as_mut())?;
        let others = |users: &Vec<User>| users.iter().filter(|u| u.id != User::OWNER.id).count() as u64;
        if let Fact::Known(users) = &found.users {
            self.profiles = users.iter().filter(|user| user.id != User::OWNER.id).copied().collect();
        }
        Ok(Identity {
            serial: said(found.serial),
            maker: said(found.maker),
            model: said(found.model),
            android: said(found.android),
            ios: Said::NotAsked,
            backup_made: None,
            patch_level: said(found.patch),
            clock_offset_ms: said(found.clock.map(|c| (c.offset_ms, c.uncertainty_ms))),
            time_zone: said(found.timezone),
            other_users: said(found.users.map(|u| others(&u))),
            wireless_debugging_open: Said::Known(found.warnings.contains(&android::Warning::WirelessDebuggingOpen)),
            route: self.route.to_owned(),
        })
    }

    fn preflight(&mut self, packages: &[String]) -> Result<Preflight, PhoneError> {
        let names: Vec<&str> = packages.iter().map(String::as_str).collect();
        let users: Vec<User> = self.users.iter().chain(&self.profiles).copied().collect();
        let query = android::PreflightQuery { packages: &names, users: &users, wanted: &[], backups: &[] };
        let found = android::preflight(self.link.as_mut(), &query)?;
        let of = |user: u32| installed(found.apps.iter().filter(|app| app.user == user));
        let profiles = self.profiles.iter().map(|user| OtherProfile { user: user.id, packages: of(user.id) });
        Ok(Preflight {
            battery_percent: said(found.battery.clone().map(|b| b.percent)),
            free_bytes: said(found.free_bytes.clone()),
            packages: of(User::OWNER.id),
            profiles: profiles.collect(),
            iphone: None,
        })
    }

    fn list(&mut self, patterns: &[Pattern], to: &mut impl Write) -> Result<Reply, Stop> {
        let wanted = Wanted { patterns, users: &self.users };
        let listing = android::list(self.link.as_mut(), &wanted, &ListingLimits::default())?;
        send_items(&listing.items, Reply::Items, to)?;
        Ok(Reply::Listed(blind(&listing)))
    }

    fn contacts(&mut self, numbers: &[String]) -> Result<Reply, PhoneError> {
        // Records write numbers as "+31…", the phone's room compares digits alone.
        let asked: BTreeSet<String> = numbers.iter().map(|n| n.trim_start_matches('+').to_owned()).collect();
        let found = android::contacts(self.link.as_mut(), User::OWNER.id, &asked, Some(COUNTRY))?;
        Ok(Reply::Contacts(match found {
            Contacts::Read { contacts, unclear } => {
                let found = contacts.into_iter().map(|c| (format!("+{}", c.number), c.name)).collect();
                AddressBook::Read { found, unclear }
            }
            Contacts::Empty => AddressBook::Read { found: Vec::new(), unclear: 0 },
            Contacts::Refused { .. } => AddressBook::Refused,
            Contacts::Unreadable => AddressBook::Unreadable,
        }))
    }
}

/// What a walk over a phone could not see.
pub(super) fn blind(listing: &android::Listing) -> Blind {
    Blind {
        refused_folders: listing.refused.len() as u64,
        hostile_names: listing.skipped.hostile_names,
        unreadable_names: listing.skipped.not_utf8 + listing.skipped.unreadable,
        cut_off: listing.truncated,
        ..Blind::default()
    }
}

/// Backups that the holder made: the items that make them up, and what is said of them.
fn send_backups(look: Look, to: &mut impl Write) -> Result<Reply, PipeError> {
    send_items(&look.items, Reply::Items, to)?;
    Ok(Reply::HolderBackups { found: Box::new(look.found), blind: look.blind })
}

/// How each of these files begins.
fn heads(link: &mut dyn AndroidLink, items: &[Item], most: u32, sink: &mut dyn android::Sink) -> Result<(), PhoneError> {
    for item in items {
        sink.begin(item).map_err(PhoneError::Sink)?;
        let outcome = match android::head(link, &item.name, most) {
            Ok(bytes) => {
                sink.data(&bytes).map_err(PhoneError::Sink)?;
                let (sha256, bytes) = (Sha256::digest(&bytes).into(), bytes.len() as u64);
                android::Outcome::HashUnavailable { bytes, sha256, modified: item.modified.unwrap_or_default() }
            }
            Err(PhoneError::Refused(Refusal::NoSuchFile)) => android::Outcome::Absent,
            Err(error) if error.ends_the_link() => return Err(error),
            Err(_) => android::Outcome::Refused { why: Refusal::Other },
        };
        sink.end(item, &outcome).map_err(PhoneError::Sink)?;
    }
    Ok(())
}

/// Passes what arrives to the closing process.
struct Sink<'a, W: Write> {
    to: &'a mut W,
    broken: Option<PipeError>,
}

impl<W: Write> Sink<'_, W> {
    fn keep(&mut self, sent: Result<(), PipeError>) -> io::Result<()> {
        sent.map_err(|error| {
            self.broken = Some(error);
            io::ErrorKind::BrokenPipe.into()
        })
    }
}

impl<W: Write> android::Sink for Sink<'_, W> {
    fn begin(&mut self, item: &Item) -> io::Result<()> {
        let sent = pipe::write_message(self.to, &Reply::Begin { name: item.name.clone() });
        self.keep(sent)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sent = pipe::write_bytes(self.to, Kind::Bytes, bytes);
        self.keep(sent)
    }

    fn end(&mut self, item: &Item, outcome: &android::Outcome) -> io::Result<()> {
        let outcome = match outcome {
            // The same item begins again right after this; its first bytes are void then.
            android::Outcome::ReadAgain { .. } => return Ok(()),
            android::Outcome::Verified { sha256, .. } => Outcome::Whole { sha256: hex::encode(sha256), digest_on_phone: true },
            android::Outcome::HashUnavailable { sha256, .. } => {
                Outcome::Whole { sha256: hex::encode(sha256), digest_on_phone: false }
            }
            android::Outcome::ChangedWhileRead { .. } => Outcome::Changing,
            // An I/O error on the phone, say: nobody said no.
            android::Outcome::Refused { why: Refusal::Other } => Outcome::Broken,
            android::Outcome::Refused { .. } => Outcome::Refused,
            android::Outcome::Absent => Outcome::Absent,
            // Failed, and whatever a later version of the link may say: not whole.
            _ => Outcome::Broken,
        };
        let sent = pipe::write_message(self.to, &Reply::End { name: item.name.clone(), outcome });
        self.keep(sent)
    }
}

/// Which of the asked apps one user has, if all of them could be asked for.
fn installed<'a>(apps: impl Iterator<Item = &'a android::AppInstall> + Clone) -> Said<Vec<Package>> {
    if apps.clone().any(|app| matches!(app.installed, Fact::Refused(_))) {
        return Said::Refused;
    }
    if apps.clone().any(|app| matches!(app.installed, Fact::Unreadable)) {
        return Said::Unreadable;
    }
    let there = apps.filter(|app| app.installed == Fact::Known(true));
    Said::Known(there.map(|app| Package { name: app.package.clone(), version: said(app.version.clone()) }).collect())
}

pub(super) fn said<T>(fact: Fact<T>) -> Said<T> {
    match fact {
        Fact::Known(value) => Said::Known(value),
        Fact::Refused(_) => Said::Refused,
        Fact::Unreadable => Said::Unreadable,
    }
}

pub(crate) fn failure(error: &PhoneError) -> LinkFailure {
    match error {
        PhoneError::NoUsbOnThisHost => LinkFailure::NoUsb,
        PhoneError::NotFound | PhoneError::Unreachable(_) | PhoneError::SeveralAlike(_) => LinkFailure::NoPhone,
        PhoneError::NoPermission => LinkFailure::NoPermission,
        PhoneError::Busy { .. } => LinkFailure::Busy,
        PhoneError::NotLoopback => LinkFailure::NotLoopback,
        PhoneError::AllowNotAnswered { .. } | PhoneError::ServerNotAllowed => LinkFailure::NotAllowed,
        PhoneError::AllowRefused | PhoneError::Refused(_) | PhoneError::ServiceRefused | PhoneError::WirelessOnly => {
            LinkFailure::Denied
        }
        PhoneError::Vanished => LinkFailure::Gone,
        PhoneError::Silent { .. } => LinkFailure::Silent,
        PhoneError::Protocol(_) | PhoneError::TooMuch { .. } => LinkFailure::Garbage,
        PhoneError::NoServer | PhoneError::Server => LinkFailure::Busy,
        _ => LinkFailure::Internal,
    }
}
