//! DeviceLink: messages that are arrays, and files in a framing of their own on the same stream (`reference/ios.md §2.1, §2.4`).

use super::{Failure, Stop};
use crate::iphone::{
    Iphone, IphoneError,
    asked::note,
    wire::{Form, Wire},
};
use plist::{Dictionary, Value};
use std::io::{self, Read, Write};

/// Stands for an argument that is not there.
const EMPTY: &str = "___EmptyParameterString___";

const FILE_DATA: u8 = 0x0c;
const FILE_DONE: u8 = 0x00;
const FILE_ERROR: u8 = 0x0b;

/// Most bytes taken of one file of the host.
const LONGEST_FILE: usize = 2 * 1024 * 1024 * 1024;
/// Longest path a host may repeat.
const LONGEST_PATH: u32 = 4096;
/// What is gathered before it goes out: a hundred small files in one go.
const GATHER: usize = 128 * 1024;

/// A host's answer to a message.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) code: i64,
    pub(super) payload: Option<Value>,
}

pub(super) struct DeviceLink<'a> {
    phone: &'a Iphone,
    wire: Wire,
    out: Vec<u8>,
}

impl<'a> DeviceLink<'a> {
    pub(super) fn new(phone: &'a Iphone, wire: Wire) -> DeviceLink<'a> {
        DeviceLink { phone, wire, out: Vec::with_capacity(GATHER + 64 * 1024) }
    }

    pub(super) fn tell(&mut self, message: Vec<Value>) -> Result<(), IphoneError> {
        self.flush()?;
        self.wire.send(&Value::Array(message), Form::Binary)
    }

    /// Sends bytes that are no message of ours.
    pub(super) fn tell_raw(&mut self, bytes: &[u8]) -> Result<(), IphoneError> {
        self.out.extend_from_slice(bytes);
        self.flush()
    }

    /// Sends a frame whose content is no message of ours.
    pub(super) fn tell_frame(&mut self, body: &[u8]) -> Result<(), IphoneError> {
        self.flush()?;
        self.wire.send_frame(body)
    }

    /// The host's next message; `None` when it has closed.
    pub(super) fn hear(&mut self) -> Result<Option<Vec<Value>>, IphoneError> {
        match self.wire.receive()? {
            None => Ok(None),
            Some(Value::Array(message)) => Ok(Some(message)),
            Some(_) => Err(IphoneError::Unexpected("a message that is no array")),
        }
    }

    pub(super) fn answer(&mut self, content: &Dictionary) -> Result<(), IphoneError> {
        self.tell(vec!["DLMessageProcessMessage".into(), content.clone().into()])
    }

    /// Sends a message and waits for its answer.
    pub(super) fn ask(&mut self, message: Vec<Value>) -> Result<Status, IphoneError> {
        let name = message.first().and_then(Value::as_string).unwrap_or_default().to_owned();
        self.tell(message)?;
        self.status(&name)
    }

    /// The answer to the message of this name.
    pub(super) fn status(&mut self, name: &str) -> Result<Status, IphoneError> {
        self.flush()?;
        let Some(mut answer) = self.hear()? else { return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) };
        match answer.first().and_then(Value::as_string) {
            Some("DLMessageStatusResponse") => {}
            Some("DLMessageDisconnect") => return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
            _ => return Err(IphoneError::Unexpected("something else than an answer")),
        }
        let code = match answer.get(1) {
            Some(Value::Integer(code)) => {
                // a negative code travels as the unsigned number with the same bits
                code.as_signed().or(code.as_unsigned().map(u64::cast_signed)).unwrap_or(-1)
            }
            _ => return Err(IphoneError::Unexpected("an answer without a code")),
        };
        if code != 0 {
            self.phone.record(|asked| note(&mut asked.refusals, (name.to_owned(), code)));
        }
        let payload = (answer.len() > 3).then(|| answer.swap_remove(3)).filter(|value| value.as_string() != Some(EMPTY));
        Ok(Status { code, payload })
    }

    /// Files of the host, each as far as it gave it; `None` for one it has not.
    pub(super) fn download(&mut self, paths: &[String], progress: f64) -> Result<Vec<Option<Vec<u8>>>, IphoneError> {
        let wanted = paths.iter().map(|path| Value::String(path.clone())).collect();
        self.tell(vec!["DLMessageDownloadFiles".into(), Value::Array(wanted), Dictionary::new().into(), progress.into()])?;
        let mut files: Vec<Option<Vec<u8>>> = paths.iter().map(|_| None).collect();
        loop {
            let length = self.word()?;
            if length == 0 {
                break;
            }
            if length > LONGEST_PATH {
                return Err(IphoneError::TooLong(length));
            }
            let mut path = vec![0; length as usize];
            self.wire.read_exact(&mut path)?;
            let file = self.file()?;
            let at = paths.iter().position(|wanted| wanted.as_bytes() == path);
            let place = at.and_then(|at| files.get_mut(at)).ok_or(IphoneError::Unexpected("a file nobody asked for"))?;
            *place = file;
        }
        self.status("DLMessageDownloadFiles")?;
        Ok(files)
    }

    fn file(&mut self) -> Result<Option<Vec<u8>>, IphoneError> {
        let mut bytes = Vec::new();
        loop {
            let length = self.word()?;
            let Some(rest) = length.checked_sub(1) else { return Ok(Some(bytes)) };
            let mut code = [0];
            self.wire.read_exact(&mut code)?;
            let [code] = code;
            if code == FILE_DATA {
                self.phone.record(|asked| asked.longest_block = asked.longest_block.max(u64::from(length)));
            }
            if bytes.len() + rest as usize > LONGEST_FILE {
                return Err(IphoneError::TooLong(length));
            }
            let before = bytes.len();
            (&mut self.wire).take(u64::from(rest)).read_to_end(&mut bytes)?;
            if bytes.len() - before != rest as usize {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            match code {
                FILE_DATA => {}
                FILE_DONE => {
                    bytes.truncate(before);
                    return Ok(Some(bytes));
                }
                _ => return Ok(None),
            }
        }
    }

    fn word(&mut self) -> Result<u32, IphoneError> {
        let mut word = [0; 4];
        self.wire.read_exact(&mut word)?;
        Ok(u32::from_be_bytes(word))
    }

    /// Announces a batch of files; `total` is their bytes together.
    pub(super) fn begin_upload(&mut self, progress: f64, total: u64) -> Result<(), IphoneError> {
        self.tell(vec!["DLMessageUploadFiles".into(), Dictionary::new().into(), progress.into(), total.into()])
    }

    /// The names of the next file of a batch.
    pub(super) fn names(&mut self, device: &[u8], host: &[u8]) -> Result<(), IphoneError> {
        for name in [device, host] {
            self.out.extend_from_slice(&(name.len() as u32).to_be_bytes());
            self.out.extend_from_slice(name);
        }
        self.spill()
    }

    pub(super) fn data(&mut self, block: &[u8]) -> Result<(), IphoneError> {
        self.head(block.len(), FILE_DATA);
        self.out.extend_from_slice(block);
        self.spill()
    }

    pub(super) fn done(&mut self) -> Result<(), IphoneError> {
        self.head(0, FILE_DONE);
        self.spill()
    }

    pub(super) fn error(&mut self, text: &str) -> Result<(), IphoneError> {
        self.head(text.len(), FILE_ERROR);
        self.out.extend_from_slice(text.as_bytes());
        self.spill()
    }

    /// Ends a batch. A host that could not write answers so, and the backup ends with 104 (`reference/ios.md §2.9`).
    pub(super) fn end_upload(&mut self) -> Result<(), Stop> {
        self.out.extend_from_slice(&0_u32.to_be_bytes());
        match self.status("DLMessageUploadFiles")?.code {
            0 => Ok(()),
            _ => Err(Failure::new(104, "Multiple errors uploading files (MBErrorDomain/104)").into()),
        }
    }

    fn head(&mut self, length: usize, code: u8) {
        self.out.extend_from_slice(&(length as u32 + 1).to_be_bytes());
        self.out.push(code);
    }

    fn spill(&mut self) -> Result<(), IphoneError> {
        if self.out.len() >= GATHER { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), IphoneError> {
        if !self.out.is_empty() {
            self.wire.write_all(&self.out)?;
            self.wire.flush()?;
            self.out.clear();
        }
        Ok(())
    }
}
