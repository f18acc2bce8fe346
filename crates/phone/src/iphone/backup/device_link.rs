//! DeviceLink: the service's messages, arrays in binary lists, and files in a framing of their own on the same stream
//! (reference/ios.md §2.1, §2.4). Every length is bounded, or streamed without being believed.

use super::{
    super::{
        error::{Fault, IphoneError},
        line::{Line, Tick, limit},
        message::{Form, receive, send},
        patience::Patience,
        record::wipe,
    },
    message::{Message, parse},
    path,
};
use uitlezen_property_list::Value;

/// Stands for an argument that is not there.
const NOTHING: &str = "___EmptyParameterString___";
/// Longest message taken: 100,000 moves in one are some 16 MB.
const LONGEST: usize = 32 << 20;
/// The newest major version that we say we know; phones say 300 or 400.
const MAJOR: u64 = 400;
/// Longest words of the phone about a file that are taken, and how much of them is kept.
const LONGEST_REMARK: u32 = 1 << 20;
const KEPT_REMARK: usize = 4096;
/// Longest frame towards the phone: it holds a whole frame in memory, and was killed over larger ones.
pub(crate) const FRAME: usize = 32 * 1024;

/// Kinds of block, from the phone and to it.
const DATA: u8 = 0x0c;
const DONE: u8 = 0x00;
const REMARK: u8 = 0x0b;
const LOCAL_ERROR: u8 = 0x06;

/// What a host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Failed,
    NoEntry,
    Exists,
    Several,
}

impl Answer {
    /// The code and its words (reference/ios.md §2.3).
    pub(crate) fn words(self) -> (i64, &'static str) {
        match self {
            Self::Done => (0, NOTHING),
            Self::Failed => (-1, "Operation not supported"),
            Self::NoEntry => (-6, "No such file or directory"),
            Self::Exists => (-7, "File exists"),
            Self::Several => (-13, "Multi status"),
        }
    }
}

/// A block of a file.
#[derive(Debug, PartialEq)]
pub(crate) enum Block {
    /// So many bytes of the file follow.
    Data(u32),
    Done,
    Remark(Vec<u8>),
}

#[derive(Debug)]
pub(crate) struct DeviceLink {
    line: Line,
}

impl DeviceLink {
    /// Agrees on versions.
    pub(crate) fn open(line: Line) -> Result<Self, IphoneError> {
        let mut link = Self::agreed(line);
        let mut tick = limit(link.patience().connect);
        let first = link.receive(&mut tick)?;
        let items = first.array().ok_or(Fault::Message)?;
        let major = items.get(1).and_then(Value::unsigned);
        let (Some("DLMessageVersionExchange"), Some(major)) = (items.first().and_then(Value::str), major) else {
            return Err(Fault::Message.into());
        };
        // The phone's own version is the one that it certainly speaks; ours stands for "up to".
        link.tell(&["DLMessageVersionExchange".into(), "DLVersionsOk".into(), major.max(MAJOR).into()])?;
        let ready = link.receive(&mut tick)?;
        if ready.array().and_then(|items| items.first()).and_then(Value::str) != Some("DLMessageDeviceReady") {
            return Err(Fault::Message.into());
        }
        let mut hello = Value::of([("MessageName", "Hello")]);
        hello.set("SupportedProtocolVersions", Value::Array(vec![2.0.into(), 2.1.into()]));
        link.process(hello)?;
        let answer = link.receive(&mut tick)?;
        let (Message::Process(content), _) = parse(answer)? else { return Err(Fault::Message.into()) };
        match content.get("ErrorCode").and_then(Value::int) {
            Some(0) if content.get("MessageName").and_then(Value::str) == Some("Response") => Ok(link),
            Some(_) => Err(Fault::Version.into()),
            None => Err(Fault::Answer.into()),
        }
    }

    /// One whose versions are agreed on.
    pub(crate) fn agreed(line: Line) -> Self {
        Self { line }
    }

    pub(crate) fn patience(&self) -> Patience {
        *self.line.patience()
    }

    fn receive(&mut self, tick: &mut Tick<'_>) -> Result<Value, IphoneError> {
        receive(&mut self.line, LONGEST, tick)
    }

    /// The phone's next message. Between messages it may think for long; within one it may not.
    pub(crate) fn next(&mut self, tick: &mut Tick<'_>) -> Result<(Message, Option<f64>), IphoneError> {
        Ok(parse(self.receive(tick)?)?)
    }

    fn tell(&mut self, items: &[Value]) -> Result<(), IphoneError> {
        send(&mut self.line, &Value::Array(items.to_vec()), Form::Binary)
    }

    /// A request of ours. It is wiped: one of them holds passwords.
    pub(crate) fn process(&mut self, content: Value) -> Result<(), IphoneError> {
        let message = Value::Array(vec!["DLMessageProcessMessage".into(), content]);
        let sent = send(&mut self.line, &message, Form::Binary);
        wipe(message);
        sent
    }

    pub(crate) fn answer(&mut self, answer: Answer, payload: Option<Value>) -> Result<(), IphoneError> {
        let (code, words) = answer.words();
        // Signed, written as 64 bits of two's complement: a binary list has no other form for a negative number.
        self.tell(&["DLMessageStatusResponse".into(), code.into(), words.into(), payload.unwrap_or_else(|| NOTHING.into())])
    }

    /// Ends the session; best effort, also after a cancel.
    pub(crate) fn end(mut self) {
        self.line.finish_in_any_case();
        let _ = self.tell(&["DLMessageDisconnect".into(), NOTHING.into()]);
    }

    fn word(&mut self, tick: &mut Tick<'_>) -> Result<u32, IphoneError> {
        let mut word = [0; 4];
        self.line.read_exact(&mut word, tick)?;
        Ok(u32::from_be_bytes(word))
    }

    /// A name within a batch; `None` at the batch's end.
    pub(crate) fn name(&mut self, tick: &mut Tick<'_>) -> Result<Option<String>, IphoneError> {
        let length = self.word(tick)?;
        if length == 0 {
            return Ok(None);
        }
        if length as usize > path::LONGEST {
            return Err(Fault::TooLong { length: length.into(), bound: path::LONGEST as u64 }.into());
        }
        let bytes = self.line.read_vec(length as usize, tick)?;
        String::from_utf8(bytes).map(Some).map_err(|_| Fault::Name.into())
    }

    /// The head of the next block.
    pub(crate) fn block(&mut self, tick: &mut Tick<'_>) -> Result<Block, IphoneError> {
        // A length of 0 in the place of a block ends the file too.
        let Some(length) = self.word(tick)?.checked_sub(1) else { return Ok(Block::Done) };
        let mut kind = [0];
        self.line.read_exact(&mut kind, tick)?;
        match kind[0] {
            DATA => Ok(Block::Data(length)),
            DONE if length == 0 => Ok(Block::Done),
            REMARK => self.remark(length, tick).map(Block::Remark),
            other => Err(Fault::Block(other).into()),
        }
    }

    fn remark(&mut self, length: u32, tick: &mut Tick<'_>) -> Result<Vec<u8>, IphoneError> {
        if length > LONGEST_REMARK {
            return Err(Fault::TooLong { length: length.into(), bound: LONGEST_REMARK.into() }.into());
        }
        let mut words = self.line.read_vec(length as usize, tick)?;
        words.truncate(KEPT_REMARK);
        Ok(words)
    }

    /// Bytes of a file, as they come: at most `buf`.
    pub(crate) fn data(&mut self, buf: &mut [u8], tick: &mut Tick<'_>) -> Result<usize, IphoneError> {
        self.line.read(buf, tick)
    }

    /// Begins a file towards the phone.
    pub(crate) fn give_name(&mut self, name: &str) -> Result<(), IphoneError> {
        let length = u32::try_from(name.len()).map_err(|_| Fault::Name)?;
        self.line.write_all(&[&length.to_be_bytes(), name.as_bytes()].concat())
    }

    /// At most [`FRAME`] less its head.
    pub(crate) fn give_data(&mut self, bytes: &[u8]) -> Result<(), IphoneError> {
        self.give_block(DATA, bytes)
    }

    pub(crate) fn give_done(&mut self) -> Result<(), IphoneError> {
        self.give_block(DONE, &[])
    }

    pub(crate) fn give_error(&mut self, answer: Answer) -> Result<(), IphoneError> {
        self.give_block(LOCAL_ERROR, answer.words().1.as_bytes())
    }

    pub(crate) fn give_end(&mut self) -> Result<(), IphoneError> {
        self.line.write_all(&[0; 4])
    }

    fn give_block(&mut self, kind: u8, bytes: &[u8]) -> Result<(), IphoneError> {
        let length = u32::try_from(bytes.len() + 1).map_err(|_| Fault::Message)?;
        self.line.write_all(&[&length.to_be_bytes(), &[kind][..], bytes].concat())
    }
}
