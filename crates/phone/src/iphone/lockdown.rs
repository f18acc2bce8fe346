//! lockdownd: values, a session under TLS, and the start of services (`reference/ios.md` §1.2, §1.4).

use super::{
    discovery::{Found, Mux},
    error::{Breach, IphoneError, LockdownRefusal},
    line::Line,
    list::ask,
    patience::Patience,
    record::{PairRecord, wipe},
    tls,
};
use secrecy::ExposeSecret;
use uitlezen_property_list::Value;

/// Port of lockdownd.
pub(crate) const PORT: u16 = 62078;
const LABEL: &str = "uitlezen";

/// Whether a service may see class-protected data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escrow {
    Without,
    With,
}

/// A conversation with lockdownd.
#[derive(Debug)]
pub struct Lockdown {
    line: Line,
    patience: Patience,
}

impl Lockdown {
    /// Over the cable.
    pub fn connect(mux: &Mux, phone: &Found) -> Result<Self, IphoneError> {
        Self::over(mux.connect(phone, PORT)?, mux.patience)
    }

    /// Over a line that leads to lockdownd; asks whether it does.
    pub fn over(line: Line, patience: Patience) -> Result<Self, IphoneError> {
        let mut lockdown = Self { line, patience };
        let answer = lockdown.request("QueryType", Value::dictionary())?;
        if answer.get("Type").and_then(Value::str) != Some("com.apple.mobile.lockdown") {
            return Err(Breach::Unexpected("not lockdownd").into());
        }
        Ok(lockdown)
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.patience
    }

    pub(crate) fn cancel(&self) -> &crate::Cancel {
        self.line.cancel()
    }

    /// One request; the whole answer, an error word among it.
    pub(crate) fn exchange(&mut self, name: &str, mut request: Value) -> Result<Value, IphoneError> {
        request.set("Label", LABEL).set("Request", name);
        let answer = ask(&mut self.line, &request, self.patience.silence);
        wipe(&mut request);
        let answer = answer?;
        if answer.get("Request").and_then(Value::str) != Some(name) {
            return Err(Breach::Unexpected("an answer to another request").into());
        }
        Ok(answer)
    }

    /// One request; an error word is an error.
    pub(crate) fn request(&mut self, name: &str, request: Value) -> Result<Value, IphoneError> {
        let answer = self.exchange(name, request)?;
        refusal(&answer).map_or(Ok(answer), |why| Err(why.into()))
    }

    /// A value; `None` when the phone has none under this key.
    pub fn value(&mut self, domain: Option<&str>, key: &str) -> Result<Option<Value>, IphoneError> {
        let mut request = Value::of([("Key", key)]);
        if let Some(domain) = domain {
            request.set("Domain", domain);
        }
        match self.request("GetValue", request) {
            Ok(answer) => Ok(answer.get("Value").cloned()),
            Err(IphoneError::Lockdown(LockdownRefusal::MissingValue | LockdownRefusal::MissingKey)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Goes on as the paired host. [`LockdownRefusal::InvalidHostID`]: the phone has forgotten the pairing.
    pub fn start_session(&mut self, record: &PairRecord) -> Result<(), IphoneError> {
        let config = tls::client(record)?;
        let request = Value::of([("HostID", record.host.host_id.as_str()), ("SystemBUID", record.host.system_buid.as_str())]);
        let answer = self.request("StartSession", request)?;
        // Pair records and backups never go over a session that is not secured.
        if answer.get("EnableSessionSSL").and_then(Value::switch) != Some(true) {
            return Err(IphoneError::Tls);
        }
        self.line.secure(config, self.patience.silence)
    }

    /// The port of a service that was started, and whether it wants TLS.
    fn start_service(&mut self, name: &str, record: &PairRecord, escrow: Escrow) -> Result<(u16, bool), IphoneError> {
        let mut request = Value::of([("Service", name)]);
        if let (Escrow::With, Some(bag)) = (escrow, &record.escrow_bag) {
            request.set("EscrowBag", bag.expose_secret());
        }
        let answer = self.request("StartService", request)?;
        let port = answer.get("Port").and_then(Value::unsigned).and_then(|port| u16::try_from(port).ok());
        let port = port.filter(|&port| port != 0).ok_or(Breach::Unexpected("a service without a port"))?;
        Ok((port, answer.get("EnableServiceSSL").and_then(Value::switch) == Some(true)))
    }
}

/// The error word of an answer.
pub(crate) fn refusal(answer: &Value) -> Option<LockdownRefusal> {
    let error = answer.get("Error")?;
    Some(error.str().map_or(LockdownRefusal::Other, LockdownRefusal::from_word))
}

/// A paired phone with an open session: opens services.
#[derive(Debug)]
pub struct Session<'a> {
    mux: &'a Mux,
    phone: &'a Found,
    record: &'a PairRecord,
    lockdown: Lockdown,
}

impl<'a> Session<'a> {
    pub fn open(mux: &'a Mux, phone: &'a Found, record: &'a PairRecord) -> Result<Self, IphoneError> {
        let mut lockdown = Lockdown::connect(mux, phone)?;
        lockdown.start_session(record)?;
        Ok(Self { mux, phone, record, lockdown })
    }

    pub fn lockdown(&mut self) -> &mut Lockdown {
        &mut self.lockdown
    }

    #[must_use]
    pub fn udid(&self) -> &str {
        &self.phone.udid
    }

    pub(crate) fn patience(&self) -> Patience {
        self.mux.patience
    }

    /// A line to a service.
    pub(crate) fn service(&mut self, name: &str, escrow: Escrow) -> Result<Line, IphoneError> {
        let (port, secure) = self.lockdown.start_service(name, self.record, escrow)?;
        let mut line = self.mux.connect(self.phone, port)?;
        if secure {
            line.secure(tls::client(self.record)?, self.mux.patience.silence)?;
        }
        Ok(line)
    }
}
