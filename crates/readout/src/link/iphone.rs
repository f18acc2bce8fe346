//! An iPhone on the cable, as the link child speaks to it: trust, facts, the password of its backups, its backup.

use super::{
    chooser::Chooser,
    message::{
        BackedUp, Identity, IphoneFacts, IphoneHost, LinkFailure, Package, PasswordSaid, Preflight, Reply, Request, Said, Secret,
        Supervision,
    },
    serve::{Stop, said},
};
use crate::{
    HolderTask,
    pipe::{self, Kind, PipeError},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::{
    cell::RefCell,
    io::{self, BufRead, BufReader, Read, Write},
    time::{Duration, Instant, SystemTime},
};
use uitlezen_evidence::{ChunkCache, Evidence, EvidenceError, ItemName, Pattern, Reader};
use uitlezen_phone::{
    Cancel, Fact,
    iphone::{
        self, Attached, IphoneError, LockdownError, MuxAddress, Muxer, PairEvent, PairRecord, Patience, StationId,
        SupervisionIdentity,
        backup::{
            self, BackupCode, BackupEvent, BackupPath, BackupRequest, Catalogue, Change, FileEnd, Incoming, PasswordChange,
            PasswordError, Take,
        },
    },
};
use uitlezen_seal::store::{Grant, StoredEvidence};

/// How long a phone that should be plugged in is looked for.
const LOOK: Duration = Duration::from_secs(5);
/// Bytes of a file in one frame.
const FRAME: usize = 256 * 1024;
/// Beside the phone's own files about a backup: what is there, in lines of size and path.
pub(crate) const CATALOGUE: &str = "uitlezen-catalogus";
/// Of eight million files.
const LONGEST_CATALOGUE: u64 = 1 << 30;
/// The daemon behind a socket, as it is asked for in a route's name.
const OVER_USB: &str = "usb";
const OVER_TCP: &str = "tcp";

/// A phone that trusts this station.
#[derive(Debug)]
pub(super) struct Iphone {
    muxer: Muxer,
    attached: Attached,
    record: PairRecord,
    route: &'static str,
}

impl From<IphoneError> for Stop {
    fn from(error: IphoneError) -> Self {
        Self::Failed(failure(&error))
    }
}

/// Says something while the phone is busy; the first failure is kept, and ends what is under way where it can.
struct Telling<'a, W: Write> {
    to: &'a mut W,
    broken: Option<PipeError>,
}

impl<W: Write> Telling<'_, W> {
    fn tell(&mut self, reply: &Reply) {
        if self.broken.is_none() {
            self.broken = pipe::write_message(self.to, reply).err();
        }
    }

    fn screen(&mut self, event: BackupEvent) {
        match event {
            BackupEvent::PasscodeAsked => self.tell(&Reply::AskHolder { task: HolderTask::Passcode }),
            BackupEvent::Progress(percent) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage, held within bounds")]
                let percent = if percent.is_finite() { percent.clamp(0.0, 100.0) as u8 } else { 0 };
                self.tell(&Reply::Percent(percent));
            }
            _ => {}
        }
    }

    fn done(self) -> Result<(), PipeError> {
        self.broken.map_or(Ok(()), Err)
    }
}

impl Iphone {
    /// Finds the phone, and asks for trust when it does not know this station (any more). A new pair record is handed over at
    /// once: the phone has it from then on.
    pub(super) fn connect(udid: &str, mux: &str, host: &IphoneHost, wait: Duration, to: &mut impl Write) -> Result<Self, Stop> {
        let address = MuxAddress::parse(mux)?;
        let route = if matches!(address, MuxAddress::Unix(_)) { OVER_USB } else { OVER_TCP };
        let muxer = Muxer::new(address, Patience { trust: wait, ..Patience::default() }, Cancel::default());
        let attached = muxer.wait_for(udid, Instant::now() + LOOK)?;
        if let Some(record) = known(host)
            && iphone::is_paired(&muxer, &attached, &record)?
        {
            return Ok(Self { muxer, attached, record, route });
        }
        let station = StationId { host_id: host.host_id.clone(), system_buid: host.system_buid.clone() };
        let supervision = host.supervision.as_ref().map(identity).transpose()?;
        let mut telling = Telling { to, broken: None };
        let record = iphone::pair(&muxer, &attached, &station, supervision.as_ref(), &mut |event| {
            let task = if event == PairEvent::Locked { HolderTask::Unlock } else { HolderTask::Trust };
            telling.tell(&Reply::AskHolder { task });
        });
        telling.done()?;
        let record = record?;
        let list = record.to_list()?;
        pipe::write_message(to, &Reply::Paired { record: Secret(hex::encode(list.expose_secret())) })?;
        Ok(Self { muxer, attached, record, route })
    }

    fn phone(&self) -> iphone::Iphone<'_> {
        iphone::Iphone::new(&self.muxer, &self.attached, &self.record)
    }

    /// Whatever may be asked of a connected iPhone; the answer, unless that was written on the way.
    /// `granted`: of the backup before.
    pub(super) fn answer(&self, request: Request, granted: Vec<Grant>, to: &mut impl Write) -> Result<Reply, Stop> {
        Ok(match request {
            Request::Identify => Reply::Identity(Box::new(self.identity()?)),
            Request::Preflight { packages } => Reply::Preflight(self.preflight(&packages)?),
            Request::Encryption => Reply::Encryption(said(self.phone().will_encrypt()?)),
            Request::Unpair => {
                iphone::unpair(&self.muxer, &self.attached, &self.record)?;
                Reply::Unpaired
            }
            Request::ChangePassword { password, remove } => Reply::Password(self.change_password(&password, remove, to)?),
            Request::BackUp { patterns, free_bytes, incremental } => {
                let previous = if incremental { Some(Before::open(granted)?) } else { None };
                self.back_up(patterns, free_bytes, previous, to)?
            }
            _ => return Err(LinkFailure::Internal.into()),
        })
    }

    /// The name that its holder gave the phone is not handed on.
    fn identity(&self) -> Result<Identity, Stop> {
        let found = self.phone().identity()?;
        Ok(Identity {
            serial: Said::Known(found.udid),
            maker: Said::Known("Apple".to_owned()),
            model: said(found.product),
            android: Said::NotAsked,
            ios: said(found.ios),
            patch_level: Said::NotAsked,
            // The phone says whole seconds.
            clock_offset_ms: said(found.clock_offset.map(|seconds| (seconds.saturating_mul(1000), 1000))),
            time_zone: said(found.time_zone),
            other_users: Said::NotAsked,
            wireless_debugging_open: Said::NotAsked,
            backup_made: None,
            route: self.route.to_owned(),
        })
    }

    fn preflight(&self, bundles: &[String]) -> Result<Preflight, Stop> {
        let names: Vec<&str> = bundles.iter().map(String::as_str).collect();
        let found = self.phone().preflight(&names)?;
        let refused = found.apps.iter().any(|app| matches!(app.installed, Fact::Refused(_)));
        let unreadable = found.apps.iter().any(|app| matches!(app.installed, Fact::Unreadable));
        let may_leave_apps_out = found.management.may_leave_apps_out();
        let installed = found.apps.into_iter().filter(|app| matches!(app.installed, Fact::Known(true)));
        let installed = installed.map(|app| Package { name: app.bundle, version: said(app.version) });
        let used = match (&found.data_bytes, &found.free_bytes) {
            (Fact::Known(all), Fact::Known(free)) => Some(all.saturating_sub(*free)),
            _ => None,
        };
        Ok(Preflight {
            battery_percent: said(found.battery.map(|battery| battery.percent)),
            free_bytes: said(found.free_bytes),
            packages: match (refused, unreadable) {
                (true, _) => Said::Refused,
                (false, true) => Said::Unreadable,
                (false, false) => Said::Known(installed.collect()),
            },
            profiles: Vec::new(),
            iphone: Some(IphoneFacts {
                will_encrypt: said(found.will_encrypt),
                encryption_forced: said(found.encryption_forced),
                last_backup: said(found.last_backup),
                passcode_set: said(found.passcode_set),
                used_bytes: used.map_or(Said::Unreadable, Said::Known),
                supervised: said(found.management.supervised),
                profiles: said(found.management.profiles),
                pairing_allowed: said(found.management.pairing_allowed),
                may_leave_apps_out,
            }),
        })
    }

    fn change_password(&self, password: &Secret, remove: bool, to: &mut impl Write) -> Result<PasswordSaid, Stop> {
        let password = SecretString::from(password.0.clone());
        let change = if remove { PasswordChange::Remove(&password) } else { PasswordChange::Set(&password) };
        let mut telling = Telling { to, broken: None };
        let changed = backup::change_password(&self.phone(), &change, &mut |event| telling.screen(event));
        telling.done()?;
        Ok(match changed {
            Ok(()) => PasswordSaid::Done,
            Err(PasswordError::NotAsked(error)) => PasswordSaid::AsItWas(failure(&error)),
            Err(PasswordError::Refused(code)) => PasswordSaid::AsItWas(LinkFailure::Code(code)),
            Err(PasswordError::Unknown(error)) => PasswordSaid::Unknown(failure(&error)),
        })
    }

    fn back_up(
        &self,
        patterns: Vec<Pattern>,
        free_bytes: u64,
        previous: Option<Before>,
        to: &mut impl Write,
    ) -> Result<Reply, Stop> {
        let phone = self.phone();
        let about = iphone::info_plist(&phone.identity()?, SystemTime::now())?;
        pipe::write_message(to, &Reply::File { path: format!("{}/Info.plist", phone.udid()) })?;
        pipe::write_bytes(to, Kind::Bytes, &about)?;
        pipe::write_message(to, &Reply::FileEnd)?;
        let shared = RefCell::new(Telling { to, broken: None });
        let (full, before) = (previous.is_none(), previous.unwrap_or_default());
        let request = BackupRequest { full, previous: before.catalogue };
        let mut sending = Sending {
            to: &shared,
            chooser: Chooser::new(patterns),
            free_bytes,
            frame: Vec::with_capacity(FRAME),
            before: before.files,
        };
        let ended = backup::backup(&phone, request, &mut sending, &mut |event| shared.borrow_mut().screen(event));
        shared.into_inner().done()?;
        let status = ended.result?;
        self.send_catalogue(&ended.catalogue, to)?;
        Ok(Reply::BackedUp(BackedUp { counts: ended.counts, date: status.date, full: status.full }))
    }

    /// Lines of size and path.
    fn send_catalogue(&self, catalogue: &Catalogue, to: &mut impl Write) -> Result<(), PipeError> {
        pipe::write_message(to, &Reply::File { path: format!("{}/{CATALOGUE}", self.attached.udid) })?;
        let mut frame = String::with_capacity(FRAME);
        for (path, size) in catalogue.files() {
            if frame.len() + path.len() + 24 > FRAME {
                pipe::write_bytes(to, Kind::Bytes, frame.as_bytes())?;
                frame.clear();
            }
            frame.push_str(&format!("{size} {path}\n"));
        }
        if !frame.is_empty() {
            pipe::write_bytes(to, Kind::Bytes, frame.as_bytes())?;
        }
        pipe::write_message(to, &Reply::FileEnd)
    }
}

/// The kept record, where it can still be read; a damaged one means asking for trust again.
fn known(host: &IphoneHost) -> Option<PairRecord> {
    let bytes = hex::decode(host.pair_record.as_ref()?.0.as_str()).ok()?;
    PairRecord::from_list(&SecretSlice::from(bytes)).ok()
}

fn identity(given: &Supervision) -> Result<SupervisionIdentity, LinkFailure> {
    let (certificate, key) = (hex::decode(&given.certificate), hex::decode(&given.key.0));
    let (Ok(certificate), Ok(key)) = (certificate, key) else { return Err(LinkFailure::Internal) };
    SupervisionIdentity::new(&certificate, &SecretSlice::from(key)).map_err(|_| LinkFailure::Internal)
}

/// What is known of the backup before.
#[derive(Default)]
struct Before {
    catalogue: Catalogue,
    files: Option<StoredEvidence>,
}

impl Before {
    fn open(granted: Vec<Grant>) -> Result<Self, LinkFailure> {
        let damaged = LinkFailure::BackupDamaged;
        let files = StoredEvidence::from_grants(granted, ChunkCache::of_this_process()).map_err(|_| damaged)?;
        let of_ours = files.items().iter().find(|item| item.name.file_name() == CATALOGUE).map(|item| item.name.clone());
        let lines = files.open(&of_ours.ok_or(damaged)?).map_err(|_| damaged)?;
        let mut catalogue = Catalogue::default();
        for line in BufReader::new(Reader::new(lines)).take(LONGEST_CATALOGUE).lines() {
            let line = line.map_err(|_| damaged)?;
            let (size, path) = line.split_once(' ').ok_or(damaged)?;
            let (Ok(size), Some(path)) = (size.parse(), BackupPath::new(path)) else { return Err(damaged) };
            catalogue.put(&path, size);
        }
        Ok(Self { catalogue, files: Some(files) })
    }
}

/// Hands on what is wanted, as it comes.
struct Sending<'a, 'w, W: Write> {
    to: &'a RefCell<Telling<'w, W>>,
    chooser: Chooser,
    /// What is left of what was free when the backup began.
    free_bytes: u64,
    /// Gathers the small blocks of the phone.
    frame: Vec<u8>,
    /// What the phone may ask back.
    before: Option<StoredEvidence>,
}

impl<W: Write> Sending<'_, '_, W> {
    fn say(&self, reply: &Reply) -> io::Result<()> {
        let mut telling = self.to.borrow_mut();
        telling.tell(reply);
        if telling.broken.is_some() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let mut telling = self.to.borrow_mut();
        if telling.broken.is_none() {
            telling.broken = pipe::write_bytes(telling.to, Kind::Bytes, &self.frame).err();
        }
        self.frame.clear();
        if telling.broken.is_some() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

impl<W: Write> backup::Host for Sending<'_, '_, W> {
    fn free_bytes(&mut self) -> io::Result<u64> {
        Ok(self.free_bytes)
    }

    fn begin(&mut self, file: &Incoming<'_>) -> io::Result<Take> {
        self.frame.clear();
        if !self.chooser.wants(file.device_name, file.path) {
            return Ok(Take::Drain);
        }
        self.say(&Reply::File { path: file.path.as_str().to_owned() })?;
        Ok(Take::Keep)
    }

    fn bytes(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.free_bytes = self.free_bytes.saturating_sub(bytes.len() as u64);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(FRAME - self.frame.len()));
            self.frame.extend_from_slice(now);
            bytes = later;
            if self.frame.len() == FRAME {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn end(&mut self, _file: &Incoming<'_>, end: &FileEnd) -> io::Result<()> {
        if end.taken == Take::Drain {
            return Ok(());
        }
        self.flush()?;
        self.say(&Reply::FileEnd)
    }

    fn open(&mut self, path: &BackupPath) -> io::Result<Option<Box<dyn Read + '_>>> {
        let (Some(before), Ok(name)) = (&self.before, ItemName::new(path.as_str())) else { return Ok(None) };
        match before.open(&name) {
            Ok(bytes) => Ok(Some(Box::new(Reader::new(bytes)))),
            Err(EvidenceError::Absent) => Ok(None),
            Err(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn change(&mut self, change: &Change) -> io::Result<()> {
        let text = |path: &BackupPath| path.as_str().to_owned();
        self.say(&match change {
            Change::Moved { from, to } => Reply::Moved { from: text(from), to: text(to) },
            Change::Copied { from, to } => Reply::Copied { from: text(from), to: text(to) },
            Change::Removed(path) => Reply::Removed { path: text(path) },
        })
    }
}

fn failure(error: &IphoneError) -> LinkFailure {
    match error {
        IphoneError::NoUsbmuxd(_) => LinkFailure::NoUsbmuxd,
        IphoneError::SocketAddress => LinkFailure::MuxAddress,
        IphoneError::NoPermission => LinkFailure::MuxPermission,
        IphoneError::NotLoopback => LinkFailure::NotLoopback,
        IphoneError::NotFound | IphoneError::PortRefused => LinkFailure::NoIphone,
        IphoneError::Vanished => LinkFailure::Gone,
        IphoneError::Silent { .. } => LinkFailure::Silent,
        IphoneError::CancelledOnPhone => LinkFailure::CancelledOnPhone,
        IphoneError::TrustRefused => LinkFailure::TrustRefused,
        IphoneError::TrustNotAnswered { .. } => LinkFailure::TrustNotAnswered,
        IphoneError::PairingForbidden | IphoneError::Lockdown(LockdownError::McProtected) => LinkFailure::PairingForbidden,
        IphoneError::SupervisionNeeded | IphoneError::SupervisionRefused => LinkFailure::SupervisionNeeded,
        IphoneError::Lockdown(LockdownError::PasswordProtected) => LinkFailure::Code(BackupCode::Locked),
        IphoneError::Lockdown(_) => LinkFailure::Denied,
        IphoneError::SyncLockBusy => LinkFailure::OtherProgram,
        IphoneError::Backup(code) => LinkFailure::Code(*code),
        IphoneError::NotFinished => LinkFailure::NotFinished,
        IphoneError::Protocol(_) | IphoneError::NamesRefused(_) | IphoneError::Usbmuxd(_) => LinkFailure::GarbageOfIphone,
        _ => LinkFailure::Internal,
    }
}
