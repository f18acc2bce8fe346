//! The loop of a backup: the phone asks, the host answers, until the phone says how it ended (`reference/ios.md` §2.3, §2.4).

use super::{
    code::Code,
    host::{BackupEvent, Ended, Host, HostError, Listed, Take},
    message::{Message, greet, leave, next, process, status},
    path::{LONGEST, clean},
};
use crate::iphone::{
    error::{Breach, IphoneError},
    line::Line,
    patience::Patience,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::Read,
    time::{Duration, Instant},
};
use uitlezen_property_list::{COCOA_EPOCH, Limits, Value, parse};

/// Longest frame to the phone; it buffers a frame whole (`reference/ios.md` §2.4).
const FRAME: usize = 32 << 10;
const BUFFER: usize = 128 << 10;
const DATA: u8 = 0x0c;
const END: u8 = 0x00;
const LOCAL_ERROR: u8 = 0x06;
const REMOTE_ERROR: u8 = 0x0b;
const LONGEST_STATUS: usize = 1 << 20;
const LONGEST_TEXT: u32 = 64 << 10;
/// File errors that are kept one by one; beyond it they are counted.
const MOST_ERRORS: usize = 10_000;
const PROGRESS: Duration = Duration::from_millis(500);
/// Answers to messages nobody knows, before the phone is taken for mad.
const MOST_UNKNOWN: u32 = 100;

/// Which backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Full,
    /// What has changed since the run whose Manifest and Status the host still has. The phone may make a full one all the same.
    Incremental,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub code: Code,
    /// `SnapshotState` of the last Status.plist is "finished".
    pub finished: bool,
    pub files: u64,
    pub bytes: u64,
    pub drained_bytes: u64,
    /// Names of files here (SHA-1 of their place) that came with an error.
    pub file_errors: Vec<String>,
    pub file_errors_beyond: u64,
    /// Paths that led outside, refused.
    pub refused_paths: u64,
    /// Messages of a kind nobody knows, answered with "not supported".
    pub unknown_messages: u64,
}

impl Outcome {
    /// Code 0 and a finished snapshot. Whether every file is there, the manifest tells.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code == Code::Done && self.finished
    }
}

/// What is looked at between two slices of a wait: the phone's notifications.
pub(crate) type Watch<'a> = &'a mut dyn FnMut() -> Result<Option<BackupEvent>, IphoneError>;

struct Run<'a> {
    line: &'a mut Line,
    host: &'a mut dyn Host,
    watch: Watch<'a>,
    udid: &'a str,
    patience: Patience,
    outcome: Outcome,
    status: Vec<u8>,
    told: Instant,
    percent: u8,
    buffer: Vec<u8>,
}

/// Asks for a backup and takes it in.
pub(crate) fn run(
    line: &mut Line,
    udid: &str,
    kind: Kind,
    patience: Patience,
    watch: Watch<'_>,
    host: &mut dyn Host,
) -> Result<Outcome, IphoneError> {
    let mut request = Value::of([("MessageName", "Backup"), ("TargetIdentifier", udid)]);
    if kind == Kind::Full {
        let mut options = Value::dictionary();
        options.set("ForceFullBackup", true);
        request.set("Options", options);
    }
    conduct(line, udid, request, patience, watch, host)
}

/// Sets, changes or takes off the backup password; the phone asks its holder for the passcode. Only with the holder present.
pub(crate) fn password(
    line: &mut Line,
    udid: &str,
    old: Option<&SecretString>,
    new: Option<&SecretString>,
    patience: Patience,
    watch: Watch<'_>,
    host: &mut dyn Host,
) -> Result<Code, IphoneError> {
    let given = |password: Option<&SecretString>| password.is_none_or(|password| !password.expose_secret().is_empty());
    if (old.is_none() && new.is_none()) || !given(old) || !given(new) {
        return Err(IphoneError::Key);
    }
    let mut request = Value::of([("MessageName", "ChangePassword"), ("TargetIdentifier", udid)]);
    for (key, password) in [("OldPassword", old), ("NewPassword", new)] {
        if let Some(password) = password {
            request.set(key, password.expose_secret());
        }
    }
    Ok(conduct(line, udid, request, patience, watch, host)?.code)
}

fn conduct(
    line: &mut Line,
    udid: &str,
    request: Value,
    patience: Patience,
    watch: Watch<'_>,
    host: &mut dyn Host,
) -> Result<Outcome, IphoneError> {
    greet(line, patience.silence, &mut || watch().map(|_| ()))?;
    process(line, request, patience.silence)?;
    let outcome = Outcome {
        code: Code::Other(u64::MAX),
        finished: false,
        files: 0,
        bytes: 0,
        drained_bytes: 0,
        file_errors: Vec::new(),
        file_errors_beyond: 0,
        refused_paths: 0,
        unknown_messages: 0,
    };
    let (status, told, buffer) = (Vec::new(), Instant::now(), vec![0; BUFFER]);
    let mut run = Run { line, host, watch, udid, patience, outcome, status, told, percent: 0, buffer };
    run.outcome.code = run.serve()?;
    run.outcome.finished = finished(&run.status);
    leave(run.line, patience.silence);
    Ok(run.outcome)
}

fn finished(status: &[u8]) -> bool {
    let limits = Limits { input: LONGEST_STATUS, nodes: 10_000, bytes: LONGEST_STATUS, ..Limits::default() };
    parse(status, &limits).is_ok_and(|list| list.get("SnapshotState").and_then(Value::str) == Some("finished"))
}

/// A number and words for the phone, and what goes with them.
type Answer = (i64, &'static str, Option<Value>);
const FINE: Answer = (0, "", None);

impl Run<'_> {
    fn serve(&mut self) -> Result<Code, IphoneError> {
        let mut unknown = 0;
        loop {
            let message = {
                let (watch, host) = (&mut self.watch, &mut self.host);
                let mut look = || watch().map(|event| event.into_iter().for_each(|event| host.tell(event)));
                next(self.line, self.patience.thinking, &mut look)?
            };
            self.percent = message.percent().unwrap_or(self.percent);
            self.look()?;
            let (code, text, payload) = match message.name.as_str() {
                "DLMessageProcessMessage" => return end(&message),
                "DLMessageDisconnect" => return Err(IphoneError::Vanished),
                "DLMessageDownloadFiles" => self.download(&message)?,
                "DLMessageUploadFiles" => self.upload()?,
                "DLMessageGetFreeDiskSpace" => match self.host.free_space() {
                    Ok(free) => (0, "", Some(free.into())),
                    Err(error) => self.answer(Err(error))?,
                },
                "DLMessageCreateDirectory" => self.on_path(message.text(1)?, |host, path| host.make_folder(path))?,
                "DLContentsOfDirectory" | "DLMessageContentsOfDirectory" => self.contents(message.text(1)?)?,
                "DLMessageMoveItems" | "DLMessageMoveFiles" => self.moves(&message)?,
                "DLMessageRemoveItems" | "DLMessageRemoveFiles" => self.removes(&message)?,
                "DLMessageCopyItem" => match self.inside(message.text(2)?) {
                    Some(to) => self.on_path(message.text(1)?, |host, from| host.copy(from, &to))?,
                    None => HostError::NotFound.answer(),
                },
                _ => {
                    unknown += 1;
                    if unknown > MOST_UNKNOWN {
                        return Err(Breach::Flood.into());
                    }
                    self.outcome.unknown_messages += u64::from(message.name != "DLMessagePurgeDiskSpace");
                    (-1, "Operation not supported", None)
                }
            };
            status(self.line, code, text, payload, self.patience.silence)?;
        }
    }

    /// Notifications and progress, also while bytes come without a pause.
    fn look(&mut self) -> Result<(), IphoneError> {
        if self.told.elapsed() < PROGRESS {
            return Ok(());
        }
        self.told = Instant::now();
        if let Some(event) = (self.watch)()? {
            self.host.tell(event);
        }
        let bytes = self.outcome.bytes.saturating_add(self.outcome.drained_bytes);
        self.host.tell(BackupEvent::Progress { bytes, percent: self.percent });
        Ok(())
    }

    /// The clean path, or a refusal that is counted.
    fn inside(&mut self, path: &str) -> Option<String> {
        let clean = clean(path, self.udid).ok();
        self.outcome.refused_paths += u64::from(clean.is_none());
        clean
    }

    fn on_path(
        &mut self,
        path: &str,
        act: impl FnOnce(&mut dyn Host, &str) -> Result<(), HostError>,
    ) -> Result<Answer, IphoneError> {
        let Some(path) = self.inside(path) else { return Ok(HostError::NotFound.answer()) };
        let done = act(self.host, &path);
        self.answer(done)
    }

    /// What the phone is told; what must not be gone on from ends the run, after the phone was told.
    fn answer(&mut self, done: Result<(), HostError>) -> Result<Answer, IphoneError> {
        match done {
            Ok(()) => Ok(FINE),
            Err(error @ (HostError::NoSpace | HostError::Io(_))) => Err(self.give_up(error)),
            Err(error) => Ok(error.answer()),
        }
    }

    fn give_up(&mut self, error: HostError) -> IphoneError {
        let (code, text) = error.code();
        let _ = status(self.line, code, text, None, self.patience.silence);
        leave(self.line, self.patience.silence);
        IphoneError::Host(match error {
            HostError::Io(error) => error,
            _ => std::io::ErrorKind::StorageFull.into(),
        })
    }

    #[allow(clippy::cast_precision_loss)]
    fn contents(&mut self, path: &str) -> Result<Answer, IphoneError> {
        let Some(path) = self.inside(path) else { return Ok(HostError::NotFound.answer()) };
        let entry = |item: Listed| {
            let kind = if item.folder { "DLFileTypeDirectory" } else { "DLFileTypeRegular" };
            let mut facts = Value::of([("DLFileType", kind)]);
            facts.set("DLFileSize", item.size);
            facts.set("DLFileModificationDate", Value::Date(item.modified as f64 - COCOA_EPOCH));
            (item.name, facts)
        };
        match self.host.list(&path) {
            Ok(items) => Ok((0, "", Some(Value::of(items.into_iter().map(entry))))),
            Err(error) => self.answer(Err(error)),
        }
    }

    fn moves(&mut self, message: &Message) -> Result<Answer, IphoneError> {
        let pairs = message.item(1).and_then(Value::dict).ok_or(Breach::Unexpected("a move without its items"))?;
        let mut last = FINE;
        for (from, to) in pairs {
            let to = to.str().ok_or(Breach::Unexpected("a path that is no text"))?;
            let answer = match self.inside(to) {
                Some(to) => self.on_path(from, |host, from| host.rename(from, &to))?,
                None => HostError::NotFound.answer(),
            };
            if answer.0 != 0 {
                last = answer;
            }
        }
        Ok(last.or_empty())
    }

    fn removes(&mut self, message: &Message) -> Result<Answer, IphoneError> {
        let mut last = FINE;
        for path in message.paths()? {
            let answer = self.on_path(path, |host, path| match host.remove(path) {
                Err(HostError::NotFound) => Ok(()),
                other => other,
            })?;
            if answer.0 != 0 {
                last = answer;
            }
        }
        Ok(last.or_empty())
    }

    /// Sends files to the phone.
    fn download(&mut self, message: &Message) -> Result<Answer, IphoneError> {
        let (mut failed, wait) = (Value::dictionary(), self.patience.silence);
        for named in message.paths()? {
            let length =
                u32::try_from(named.len()).ok().filter(|&n| n <= LONGEST).ok_or(Breach::Unexpected("a path too long"))?;
            self.line.write_all(&[&length.to_be_bytes(), named.as_bytes()].concat(), wait)?;
            let sent = match self.inside(named) {
                Some(path) => self.send_file(&path)?,
                None => Err(HostError::NotFound),
            };
            let Err(error) = sent else { continue };
            let (code, text) = error.code();
            self.frame(LOCAL_ERROR, text.as_bytes())?;
            let mut facts = Value::of([("DLFileErrorString", text)]);
            facts.set("DLFileErrorCode", code);
            failed.set(named, facts);
        }
        self.line.write_all(&[0; 4], wait)?;
        Ok(match failed.dict().is_some_and(|failed| failed.is_empty()) {
            true => FINE.or_empty(),
            false => (-13, "Multi status", Some(failed)),
        })
    }

    fn frame(&mut self, code: u8, bytes: &[u8]) -> Result<(), IphoneError> {
        frame(self.line, code, bytes, self.patience.silence)
    }

    fn send_file(&mut self, path: &str) -> Result<Result<(), HostError>, IphoneError> {
        let mut file = match self.host.open(path) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            let room = self.buffer.get_mut(..FRAME - 1).unwrap_or_default();
            let got = match file.read(room) {
                Ok(0) => break,
                Ok(got) => got,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Err(HostError::Io(error))),
            };
            frame(self.line, DATA, self.buffer.get(..got).unwrap_or_default(), self.patience.silence)?;
        }
        frame(self.line, END, &[], self.patience.silence)?;
        Ok(Ok(()))
    }

    /// Takes files in until the phone says that the batch is over.
    fn upload(&mut self) -> Result<Answer, IphoneError> {
        loop {
            let Some(device_name) = self.name()? else { return Ok(FINE.or_empty()) };
            let path = self.name()?.ok_or(Breach::Unexpected("a file without a name here"))?;
            let path = self.inside(&path);
            let take = match &path {
                None => Take::Drain,
                Some(path) => match self.host.begin(&device_name, path) {
                    Ok(take) => take,
                    Err(error) => return Err(self.give_up(error)),
                },
            };
            let is_status = path.as_deref().is_some_and(|path| path.ends_with("/Status.plist"));
            if is_status {
                self.status.clear();
            }
            let ended = self.file(take, is_status)?;
            self.outcome.files += 1;
            let Some(path) = path else { continue };
            if ended == Ended::WithError {
                if self.outcome.file_errors.len() < MOST_ERRORS {
                    self.outcome.file_errors.push(path);
                } else {
                    self.outcome.file_errors_beyond += 1;
                }
            }
            if let Err(error) = self.host.end(ended) {
                return Err(self.give_up(error));
            }
        }
    }

    fn name(&mut self) -> Result<Option<String>, IphoneError> {
        let length = self.length(LONGEST)?;
        if length == 0 {
            return Ok(None);
        }
        let bytes = self.line.read_block(length as usize, self.patience.silence, &mut || Ok(()))?;
        String::from_utf8(bytes).map(Some).map_err(|_| Breach::NameNotText.into())
    }

    /// Between files and blocks the phone may be busy reading.
    fn length(&mut self, bound: u32) -> Result<u32, IphoneError> {
        self.look()?;
        let (watch, host) = (&mut self.watch, &mut self.host);
        let mut look = || watch().map(|event| event.into_iter().for_each(|event| host.tell(event)));
        self.line.read_length(bound, self.patience.thinking, &mut look)
    }

    /// The blocks of one file.
    fn file(&mut self, take: Take, is_status: bool) -> Result<Ended, IphoneError> {
        let mut ended = Ended::Whole;
        loop {
            let length = self.length(u32::MAX)?;
            let Some(mut left) = length.checked_sub(1) else { return Ok(ended) };
            let mut code = [0];
            self.line.read_exact(&mut code, self.patience.silence, &mut || Ok(()))?;
            let [code] = code;
            match code {
                DATA => {}
                END if left == 0 => return Ok(ended),
                REMOTE_ERROR if left <= LONGEST_TEXT => {
                    // The text may hold a path; it is read over. More may follow, up to the end.
                    self.line.read_block(left as usize, self.patience.silence, &mut || Ok(()))?;
                    ended = Ended::WithError;
                    continue;
                }
                REMOTE_ERROR => return Err(Breach::TooLong { length: left.into(), bound: LONGEST_TEXT.into() }.into()),
                _ => return Err(Breach::Unexpected("an unknown kind of block").into()),
            }
            while left > 0 {
                self.look()?;
                let room = self.buffer.len().min(left as usize);
                let room = self.buffer.get_mut(..room).unwrap_or_default();
                let got = self.line.read_some(room, self.patience.silence, &mut || Ok(()))?;
                let bytes = self.buffer.get(..got).unwrap_or_default();
                left = left.saturating_sub(u32::try_from(got).unwrap_or(u32::MAX));
                if is_status {
                    let room = LONGEST_STATUS.saturating_sub(self.status.len());
                    self.status.extend_from_slice(bytes.get(..got.min(room)).unwrap_or_default());
                }
                match take {
                    Take::Drain => self.outcome.drained_bytes += got as u64,
                    Take::Keep => {
                        self.outcome.bytes += got as u64;
                        if let Err(error) = self.host.bytes(bytes) {
                            return Err(self.give_up(error));
                        }
                    }
                }
            }
        }
    }
}

/// One block to the phone.
fn frame(line: &mut Line, code: u8, bytes: &[u8], wait: Duration) -> Result<(), IphoneError> {
    let length = u32::try_from(bytes.len()).ok().and_then(|n| n.checked_add(1)).ok_or(Breach::TooShort)?;
    let mut whole = Vec::with_capacity(bytes.len().saturating_add(5));
    whole.extend_from_slice(&length.to_be_bytes());
    whole.push(code);
    whole.extend_from_slice(bytes);
    line.write_all(&whole, wait)
}

impl HostError {
    fn answer(&self) -> Answer {
        let (code, text) = self.code();
        (code, text, None)
    }
}

trait OrEmpty {
    /// With an empty dictionary where nothing goes with the answer.
    fn or_empty(self) -> Self;
}

impl OrEmpty for Answer {
    fn or_empty(self) -> Self {
        (self.0, self.1, Some(self.2.unwrap_or_else(Value::dictionary)))
    }
}

fn end(message: &Message) -> Result<Code, IphoneError> {
    let code = message.item(1).and_then(|body| body.get("ErrorCode")).and_then(Value::unsigned);
    // An end without a number is no good end.
    code.map(Code::of).ok_or_else(|| Breach::Unexpected("an end without an ErrorCode").into())
}
