//! mobilebackup2, the phone's half (`reference/ios.md §2`).
//!
//! The phone leads: it asks the host for what the last run left, for room and folders, sends files into a snapshot, has them moved
//! into place, and says how it ended. `link` is DeviceLink (messages and the raw framing of files), `previous` what the host still
//! has, `run` one backup, `password` its encryption, `hostile` what no decent phone sends, `store` what there is to back up.

mod hostile;
mod link;
mod password;
mod previous;
mod run;
mod status;
mod store;

pub(super) use store::Store;

use super::{
    Iphone, IphoneError, Moment, Passcode,
    asked::note,
    pairing::forbidden,
    wire::{Wire, dictionary},
};
use link::DeviceLink;
use plist::{Dictionary, Value};
use std::time::{Duration, Instant};

/// Highest version of DeviceLink that libimobiledevice takes.
const MAJOR: u64 = 400;
/// What the phone speaks when the host does too.
const PROTOCOL: f64 = 2.1;

/// Why a request ended: ErrorCode and the text beside it. The codes are those of `reference/ios.md §2.9`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    code: u64,
    text: String,
}

impl Failure {
    fn new(code: u64, text: impl Into<String>) -> Failure {
        Failure { code, text: text.into() }
    }
}

/// Why a request stopped before its end.
#[derive(Debug)]
enum Stop {
    /// It is answered with an error.
    Failed(Failure),
    /// The connection is gone.
    Gone(IphoneError),
}

impl From<IphoneError> for Stop {
    fn from(error: IphoneError) -> Stop {
        Stop::Gone(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

pub(super) fn serve(phone: &Iphone, wire: Wire, escrow: bool) -> Result<(), IphoneError> {
    let mut link = DeviceLink::new(phone, wire);
    link.tell(vec!["DLMessageVersionExchange".into(), MAJOR.into(), 0.into()])?;
    let Some(agreed) = link.hear()? else { return Ok(()) };
    if agreed.get(1).and_then(Value::as_string) != Some("DLVersionsOk") {
        return Ok(());
    }
    link.tell(vec!["DLMessageDeviceReady".into()])?;
    while let Some(message) = link.hear()? {
        match message.first().and_then(Value::as_string) {
            Some("DLMessageProcessMessage") => {}
            Some("DLMessageDisconnect") => return Ok(()),
            _ => return Err(IphoneError::Unexpected("a message outside a request")),
        }
        let Some(request) = message.get(1).and_then(Value::as_dictionary) else {
            return Err(IphoneError::Unexpected("a request that is no dictionary"));
        };
        let name = request.get("MessageName").and_then(Value::as_string).unwrap_or_default();
        let done = match name {
            "Hello" => {
                link.answer(&hello(request))?;
                continue;
            }
            "Backup" => run::backup(phone, &mut link, request, escrow),
            "ChangePassword" => password::change(phone, request),
            _ => {
                forbidden(phone, name);
                Err(Failure::new(1, "Not supported").into())
            }
        };
        phone.record(|asked| note(&mut asked.backup_requests, name.to_owned()));
        let (code, text) = match done {
            Ok(()) => (0, String::new()),
            Err(Stop::Failed(failure)) => (failure.code, failure.text),
            Err(Stop::Gone(error)) => return Err(error),
        };
        link.answer(&dictionary([
            ("MessageName", "Response".into()),
            ("ErrorCode", code.into()),
            ("ErrorDescription", text.into()),
            ("Content", Dictionary::new().into()),
        ]))?;
    }
    Ok(())
}

fn hello(request: &Dictionary) -> Dictionary {
    let offered = request.get("SupportedProtocolVersions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let common = offered.iter().filter_map(Value::as_real).any(|version| (version - PROTOCOL).abs() < 0.01);
    let mut answer = dictionary([("MessageName", "Response".into()), ("ErrorCode", u64::from(!common).into())]);
    if common {
        answer.insert("ProtocolVersion".into(), PROTOCOL.into());
    }
    answer
}

impl Iphone {
    /// Lets the faults of this moment happen inside a request.
    fn passes(&self, moment: Moment) -> Result<(), Stop> {
        match self.reach(moment)? {
            None => Ok(()),
            Some((code, text)) => Err(Failure { code, text }.into()),
        }
    }

    /// The passcode on the screen, waited for (`reference/ios.md §1.6`). What a phone answers when the holder taps Cancel is not
    /// read in a source; here as when nobody comes.
    fn ask_passcode(&self) -> Result<(), Stop> {
        let passcode = self.state().passcode;
        if passcode == Passcode::NotAsked {
            return Ok(());
        }
        self.state().typed = false;
        self.notify("com.apple.LocalAuthentication.ui.presented");
        self.passes(Moment::Passcode)?;
        let begun = Instant::now();
        let given_up = begun.checked_add(self.facts.patience);
        let typed = match passcode {
            Passcode::NotAsked => true,
            Passcode::Cancelled => false,
            Passcode::Typed(after) => {
                self.rest(Some(after.min(self.facts.patience)))?;
                after <= self.facts.patience
            }
            Passcode::Waits => self.wait_until(given_up, |state| state.typed)?,
        };
        self.notify("com.apple.LocalAuthentication.ui.dismissed");
        if typed { Ok(()) } else { Err(Failure::new(208, "Device locked (MBErrorDomain/208)").into()) }
    }
}

/// What a holder's Cancel leaves the host to notice it.
const CANCEL_SHOWS: Duration = Duration::from_millis(300);
