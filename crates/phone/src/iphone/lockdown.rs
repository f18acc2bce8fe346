//! lockdownd, the daemon at port 62078: values, sessions, services (reference/ios.md §1.2). XML goes out, either form comes in.
//!
//! Why not crate `idevice`: it allocates whatever length the phone claims, knows no time-outs, prints requests with keys and
//! passwords at debug level, and panics on a malformed key of a phone (`reference/crates.md` §3). What is needed here is four
//! requests.

use super::{
    discovery::{Attached, Muxer},
    error::{Fault, IphoneError},
    line::{Line, limit},
    lockdown_error::LockdownError,
    message::{Form, SMALL, receive, send},
    record::{PairRecord, wipe},
    tls,
};
use uitlezen_property_list::Value;

pub(crate) const PORT: u16 = 62078;
/// How we call ourselves in requests.
const LABEL: &str = "uitlezen";

/// One connection to the daemon.
#[derive(Debug)]
pub(crate) struct Lockdown {
    line: Line,
    session: Option<String>,
}

/// A service that was started and waits for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Started {
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Lockdown {
    /// On a connection that is there.
    pub(crate) fn over(line: Line) -> Self {
        Self { line, session: None }
    }

    /// Connects and sees whether it is lockdownd that answers.
    pub(crate) fn connect(muxer: &Muxer, phone: &Attached) -> Result<Self, IphoneError> {
        let mut lockdown = Self::over(muxer.connect(phone, PORT)?);
        let answer = lockdown.ask("QueryType", Value::dictionary())?;
        if answer.get("Type").and_then(Value::str) == Some("com.apple.mobile.lockdown") {
            Ok(lockdown)
        } else {
            Err(Fault::Answer.into())
        }
    }

    /// Asks, and gives the answer as it came: also one with an error in it.
    pub(crate) fn answer_to(&mut self, request: &str, mut message: Value) -> Result<Value, IphoneError> {
        message.set("Label", LABEL).set("Request", request);
        let sent = send(&mut self.line, &message, Form::Xml);
        wipe(message);
        sent?;
        let mut tick = limit(self.line.patience().connect);
        let answer = receive(&mut self.line, SMALL, &mut tick)?;
        // An answer to another question means that the two sides are out of step.
        if answer.get("Request").and_then(Value::str).is_some_and(|echo| echo != request) || answer.dict().is_none() {
            return Err(Fault::Answer.into());
        }
        Ok(answer)
    }

    /// Asks; an error in the answer is an error here.
    pub(crate) fn ask(&mut self, request: &str, message: Value) -> Result<Value, IphoneError> {
        let answer = self.answer_to(request, message)?;
        refusal(&answer).map_or(Ok(answer), |error| Err(error.into()))
    }

    /// One value; `None` where the phone has none.
    pub(crate) fn value(&mut self, domain: Option<&str>, key: &str) -> Result<Option<Value>, IphoneError> {
        let mut message = Value::of([("Key", key)]);
        if let Some(domain) = domain {
            message.set("Domain", domain);
        }
        match self.ask("GetValue", message) {
            Ok(mut answer) => Ok(take(&mut answer, "Value")),
            Err(IphoneError::Lockdown(LockdownError::MissingValue)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A session under the pair record, encrypted if the phone asks for it.
    pub(crate) fn start_session(&mut self, record: &PairRecord) -> Result<(), IphoneError> {
        let station = record.station();
        let message = Value::of([("HostID", station.host_id.as_str()), ("SystemBUID", station.system_buid.as_str())]);
        let answer = self.ask("StartSession", message)?;
        self.session = Some(answer.get("SessionID").and_then(Value::str).ok_or(Fault::Answer)?.to_owned());
        if answer.get("EnableSessionSSL").and_then(Value::switch).unwrap_or(false) {
            self.line.secure(tls::client(record)?)?;
        }
        Ok(())
    }

    /// Starts a service, with the escrow bag when one is given.
    pub(crate) fn start_service(&mut self, name: &str, escrow_bag: Option<&[u8]>) -> Result<Started, IphoneError> {
        let mut message = Value::of([("Service", name)]);
        if let Some(bag) = escrow_bag {
            message.set("EscrowBag", bag);
        }
        let answer = self.ask("StartService", message)?;
        let port = answer.get("Port").and_then(Value::int).and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
        let tls = answer.get("EnableServiceSSL").and_then(Value::switch).unwrap_or(false);
        Ok(Started { port: port.ok_or(Fault::Answer)?, tls })
    }

    /// Ends the session in an orderly way. What goes wrong with that is of no consequence: the connection closes next.
    pub(crate) fn end(mut self) {
        self.line.finish_in_any_case();
        if let Some(session) = self.session.take() {
            let _ = self.ask("StopSession", Value::of([("SessionID", session)]));
        }
    }
}

/// The error in an answer. Since iOS 5 an answer without `Error` and without `Result` is a success.
pub(crate) fn refusal(answer: &Value) -> Option<LockdownError> {
    match answer.get("Error") {
        Some(error) => Some(LockdownError::from_word(error.str().unwrap_or_default())),
        None => (answer.get("Result").and_then(Value::str) == Some("Failure")).then_some(LockdownError::Other),
    }
}

fn take(value: &mut Value, key: &str) -> Option<Value> {
    if let Value::Dictionary(entries) = value { entries.shift_remove(key) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_result_is_a_success_and_one_with_an_error_is_none() {
        assert_eq!(refusal(&Value::of([("Request", "GetValue")])), None);
        assert_eq!(refusal(&Value::of([("Result", "Success")])), None);
        assert_eq!(refusal(&Value::of([("Result", "Failure")])), Some(LockdownError::Other));
        assert_eq!(refusal(&Value::of([("Error", "MCProtected")])), Some(LockdownError::McProtected));
        assert_eq!(refusal(&Value::of([("Error", Value::from(7_u8))])), Some(LockdownError::Other));
    }
}
