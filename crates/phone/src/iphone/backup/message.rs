//! The messages of DeviceLink: a list whose first item is the name (`reference/ios.md` §2.1, §2.3).

use crate::iphone::{
    error::{Breach, IphoneError},
    line::{Idle, Line},
    list::{Form, receive, send},
};
use std::time::Duration;
use uitlezen_property_list::Value;

/// Longest message; one that moves 100,000 files takes some 20 MB.
pub(crate) const LONGEST: u32 = 64 << 20;
/// Stands where an argument is absent.
pub(crate) const EMPTY: &str = "___EmptyParameterString___";

/// A message of the phone.
pub(crate) struct Message {
    pub(crate) name: String,
    items: Vec<Value>,
}

impl Message {
    pub(crate) fn read(value: Value) -> Result<Self, IphoneError> {
        let Value::Array(items) = value else { return Err(Breach::Unexpected("a message that is no array").into()) };
        let name = items.first().and_then(Value::str).ok_or(Breach::Unexpected("a message without a name"))?.to_owned();
        Ok(Self { name, items })
    }

    pub(crate) fn item(&self, at: usize) -> Option<&Value> {
        self.items.get(at)
    }

    pub(crate) fn text(&self, at: usize) -> Result<&str, IphoneError> {
        self.item(at).and_then(Value::str).ok_or_else(|| Breach::Unexpected("a message without its path").into())
    }

    /// The list of paths of a message; anything but text in it is refused.
    pub(crate) fn paths(&self) -> Result<Vec<&str>, IphoneError> {
        let paths = self.item(1).and_then(Value::array).ok_or(Breach::Unexpected("a message without its paths"))?;
        paths.iter().map(|path| path.str().ok_or_else(|| Breach::Unexpected("a path that is no text").into())).collect()
    }

    /// The phone's own per cent.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn percent(&self) -> Option<u8> {
        let at = if self.name == "DLMessageUploadFiles" { 2 } else { 3 };
        self.item(at).and_then(Value::real).filter(|real| (0.0..=100.0).contains(real)).map(|real| real as u8)
    }
}

pub(crate) fn next(line: &mut Line, wait: Duration, look: Idle<'_>) -> Result<Message, IphoneError> {
    Message::read(receive(line, LONGEST, wait, look)?)
}

/// An answer of the host's.
pub(crate) fn status(line: &mut Line, code: i64, text: &str, payload: Option<Value>, wait: Duration) -> Result<(), IphoneError> {
    let text = if text.is_empty() { EMPTY } else { text };
    // Two's complement, as a positive number.
    let code = Value::from(code.cast_unsigned());
    let payload = payload.unwrap_or_else(|| Value::from(EMPTY));
    let message = Value::Array(vec!["DLMessageStatusResponse".into(), code, text.into(), payload]);
    send(line, &message, Form::Binary, wait)
}

/// Version, readiness, hello.
pub(crate) fn greet(line: &mut Line, wait: Duration, look: Idle<'_>) -> Result<(), IphoneError> {
    let first = next(line, wait, look)?;
    let major = first.item(1).and_then(Value::unsigned).filter(|_| first.name == "DLMessageVersionExchange");
    let major = major.ok_or(Breach::Unexpected("no version exchange"))?;
    let answer = Value::Array(vec!["DLMessageVersionExchange".into(), "DLVersionsOk".into(), major.into()]);
    send(line, &answer, Form::Binary, wait)?;
    if next(line, wait, look)?.name != "DLMessageDeviceReady" {
        return Err(Breach::Unexpected("the phone is not ready").into());
    }
    let mut hello = Value::of([("MessageName", "Hello")]);
    hello.set("SupportedProtocolVersions", vec![Value::Real(2.0), Value::Real(2.1)]);
    process(line, hello, wait)?;
    let answer = next(line, wait, look)?;
    let body = answer.item(1).filter(|_| answer.name == "DLMessageProcessMessage");
    if body.and_then(|body| body.get("ErrorCode")).and_then(Value::unsigned) != Some(0) {
        return Err(Breach::Unexpected("no common version of the backup service").into());
    }
    Ok(())
}

/// A request.
pub(crate) fn process(line: &mut Line, body: Value, wait: Duration) -> Result<(), IphoneError> {
    let mut message = Value::Array(vec!["DLMessageProcessMessage".into(), body]);
    let sent = send(line, &message, Form::Binary, wait);
    crate::iphone::record::wipe(&mut message);
    sent
}

/// The goodbye; the phone may be gone already.
pub(crate) fn leave(line: &mut Line, wait: Duration) {
    let _ = send(line, &Value::Array(vec!["DLMessageDisconnect".into(), EMPTY.into()]), Form::Binary, wait);
}
