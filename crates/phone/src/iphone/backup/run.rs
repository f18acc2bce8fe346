//! One backup: the request, the loop in which the phone asks and we answer, and the judgement at its end.

use super::{
    super::{
        error::{Fault, IphoneError},
        line::Line,
        notification::Notifications,
        phone::{Escrow, Iphone},
        sync_lock::SyncLock,
    },
    SERVICE,
    catalogue::{Catalogue, Entry, TooMany},
    code::BackupCode,
    counts::Counts,
    device_link::{Answer, DeviceLink},
    exchange::{Inward, Received, give},
    host::{Change, Host},
    message::{Asked, Message},
    status::Status,
    watch::Watch,
};
use std::time::{SystemTime, UNIX_EPOCH};
use uitlezen_property_list::{COCOA_EPOCH, Value};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct BackupRequest {
    /// Everything, whatever the phone remembers of a previous run.
    pub full: bool,
    /// What the previous run left, for an incremental one: with Status.plist, Manifest.plist and Manifest.db, none of them
    /// empty, or the phone makes a full one.
    pub previous: Catalogue,
}

/// What happens meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BackupEvent {
    /// The phone asks for its passcode: someone must type it within about three minutes.
    PasscodeAsked,
    /// It no longer asks, whether it was typed or not.
    PasscodeGone,
    /// How far the phone says it is, percent.
    Progress(f64),
}

/// How it ended: the numbers also when it failed.
#[derive(Debug)]
pub struct Ended {
    pub counts: Counts,
    /// The phone's own word, when the code was 0 and its Status.plist says finished.
    pub result: Result<Status, IphoneError>,
}

/// Makes a backup. The lock of other programs is taken before and given back after, however it goes.
pub fn backup(phone: &Iphone<'_>, request: BackupRequest, host: &mut dyn Host, on: &mut dyn FnMut(BackupEvent)) -> Ended {
    let mut counts = Counts::default();
    let result = locked(phone, |link, notifications| {
        let watch = Watch::new(link.patience(), notifications, on);
        Run { udid: phone.udid(), catalogue: request.previous, host, counts: &mut counts, watch, status: None }
            .go(link, request.full)
    });
    Ended { counts, result }
}

/// The loop alone, on a line where the versions are agreed on: no lock, no screen.
pub(crate) fn run_alone(
    line: Line,
    udid: &str,
    previous: Catalogue,
    host: &mut dyn Host,
) -> (Counts, Result<Status, IphoneError>) {
    let mut counts = Counts::default();
    let mut link = DeviceLink::agreed(line);
    let mut on = |_| ();
    let watch = Watch::alone(link.patience(), &mut on);
    let result = Run { udid, catalogue: previous, host, counts: &mut counts, watch, status: None }.go(&mut link, true);
    (counts, result)
}

/// Opens the service under the lock, and closes and gives back whatever happens.
fn locked<T>(
    phone: &Iphone<'_>,
    run: impl FnOnce(&mut DeviceLink, &mut Notifications) -> Result<T, IphoneError>,
) -> Result<T, IphoneError> {
    let mut lock = SyncLock::take(phone)?;
    let result = match phone.service(SERVICE, Escrow::With).and_then(DeviceLink::open) {
        Ok(mut link) => {
            let result = run(&mut link, &mut lock.notifications);
            link.end();
            result
        }
        Err(error) => Err(error),
    };
    lock.release();
    result
}

pub(crate) struct Run<'a> {
    pub(crate) udid: &'a str,
    pub(crate) catalogue: Catalogue,
    pub(crate) host: &'a mut dyn Host,
    pub(crate) counts: &'a mut Counts,
    pub(crate) watch: Watch<'a>,
    pub(crate) status: Option<Status>,
}

impl From<TooMany> for IphoneError {
    fn from(_: TooMany) -> Self {
        Self::Protocol(Fault::Flood)
    }
}

impl Run<'_> {
    pub(crate) fn go(mut self, link: &mut DeviceLink, full: bool) -> Result<Status, IphoneError> {
        let mut request =
            Value::of([("MessageName", "Backup"), ("TargetIdentifier", self.udid), ("SourceIdentifier", self.udid)]);
        if full {
            request.set("Options", Value::of([("ForceFullBackup", true)]));
        }
        self.catalogue.make_folder(self.udid)?;
        link.process(request)?;
        let content = loop {
            let (message, progress) = {
                let mut tick = self.watch.between();
                link.next(&mut tick)?
            };
            self.watch.heard();
            if let Some(percent) = progress {
                self.watch.tell(BackupEvent::Progress(percent));
            }
            match message {
                Message::Process(content) => break content,
                Message::Disconnect => return Err(IphoneError::Vanished),
                other => self.answer(link, other)?,
            }
        };
        // Without a code it is no answer: never taken for success.
        let code = content.get("ErrorCode").and_then(Value::int).ok_or(Fault::Answer)?;
        if let Some(code) = BackupCode::from_number(code) {
            return Err(code.into());
        }
        if self.counts.names_refused > 0 {
            return Err(IphoneError::NamesRefused(self.counts.names_refused));
        }
        self.status.filter(|status| status.finished).ok_or(IphoneError::NotFinished)
    }

    fn answer(&mut self, link: &mut DeviceLink, message: Message) -> Result<(), IphoneError> {
        match message {
            Message::FreeSpace => {
                let free = self.host.free_bytes().map_err(IphoneError::Host)?;
                link.answer(Answer::Done, Some(free.into()))
            }
            Message::Purge => {
                self.counts.asked_for_room += 1;
                link.answer(Answer::Failed, None)
            }
            Message::CreateFolder(path) => {
                let answer = self.create_folder(path)?;
                link.answer(answer, None)
            }
            Message::Contents(path) => {
                let Some(path) = self.inside(path) else { return link.answer(Answer::Failed, Some(Value::dictionary())) };
                // As the tools do: a folder that is not there has nothing in it. Before a first run the phone asks for some.
                link.answer(Answer::Done, Some(contents(self.catalogue.list(&path).unwrap_or_default())))
            }
            Message::Download(wanted) => give(link, &wanted, self.host, self.counts),
            Message::Upload { total } => self.upload(link, total),
            Message::Move(pairs) => {
                let answer = self.move_all(pairs)?;
                link.answer(answer, Some(Value::dictionary()))
            }
            Message::Remove(names) => {
                self.remove_all(names)?;
                link.answer(Answer::Done, Some(Value::dictionary()))
            }
            Message::Copy { from, to } => {
                let answer = self.put_at(from, to, true)?;
                link.answer(answer, Some(Value::dictionary()))
            }
            Message::Unknown => {
                // No answer at all would leave the phone waiting.
                self.counts.unknown_messages += 1;
                if self.counts.unknown_messages > 10_000 {
                    return Err(Fault::Flood.into());
                }
                link.answer(Answer::Failed, None)
            }
            Message::Process(_) | Message::Disconnect => Err(Fault::Message.into()),
        }
    }

    /// A name that leads outside is counted; the run does not succeed with it.
    fn inside(&mut self, asked: Asked) -> Option<String> {
        self.counts.names_refused += u64::from(asked.is_none());
        asked.map(|path| path.as_str().to_owned())
    }

    fn create_folder(&mut self, path: Asked) -> Result<Answer, IphoneError> {
        let Some(path) = self.inside(path) else { return Ok(Answer::Failed) };
        if let Some(Entry::File(_)) = self.catalogue.get(&path) {
            return Ok(Answer::Exists);
        }
        self.catalogue.make_folder(&path)?;
        Ok(Answer::Done)
    }

    fn upload(&mut self, link: &mut DeviceLink, total: Option<u64>) -> Result<(), IphoneError> {
        let (catalogue, status) = (&mut self.catalogue, &mut self.status);
        let outside = {
            let mut tick = self.watch.within();
            Inward::new(self.host, self.counts).batch(link, total, &mut tick, &mut |received: Received| {
                if let Some(list) = received.status {
                    *status = Status::read(&list);
                }
                catalogue.put_file(received.path.as_str(), received.bytes).map_err(IphoneError::from)
            })?
        };
        let answer = if outside == 0 { Answer::Done } else { Answer::Failed };
        link.answer(answer, Some(Value::dictionary()))
    }

    /// The first failure is the answer; the others are moved all the same.
    fn move_all(&mut self, pairs: Vec<(String, Asked, Asked)>) -> Result<Answer, IphoneError> {
        let mut answer = Answer::Done;
        for (_, from, to) in pairs {
            let one = self.put_at(from, to, false)?;
            if answer == Answer::Done {
                answer = one;
            }
        }
        Ok(answer)
    }

    fn put_at(&mut self, from: Asked, to: Asked, keep: bool) -> Result<Answer, IphoneError> {
        self.counts.names_refused += u64::from(from.is_none()) + u64::from(to.is_none());
        let (Some(from), Some(to)) = (from, to) else { return Ok(Answer::Failed) };
        if !self.catalogue.put_at(from.as_str(), to.as_str(), keep)? {
            return Ok(Answer::NoEntry);
        }
        self.counts.moved += u64::from(!keep);
        let change = if keep { Change::Copied { from, to } } else { Change::Moved { from, to } };
        self.host.change(&change).map_err(IphoneError::Host)?;
        Ok(Answer::Done)
    }

    /// What is not there is as removed as it can be.
    fn remove_all(&mut self, names: Vec<(String, Asked)>) -> Result<(), IphoneError> {
        for (_, path) in names {
            let Some(path) = path else {
                self.counts.names_refused += 1;
                continue;
            };
            if self.catalogue.remove(path.as_str()) {
                self.counts.removed += 1;
                self.host.change(&Change::Removed(path)).map_err(IphoneError::Host)?;
            }
        }
        Ok(())
    }
}

fn contents(listed: Vec<(String, Entry)>) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()).floor();
    let about = |entry| {
        let (kind, size) = match entry {
            Entry::Folder => ("DLFileTypeDirectory", 0),
            Entry::File(size) => ("DLFileTypeRegular", size),
        };
        Value::of([
            ("DLFileType", Value::from(kind)),
            ("DLFileSize", size.into()),
            ("DLFileModificationDate", Value::Date(now - COCOA_EPOCH)),
        ])
    };
    Value::of(listed.into_iter().map(|(name, entry)| (name, about(entry))))
}
