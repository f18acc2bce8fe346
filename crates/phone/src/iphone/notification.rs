//! notification_proxy: what happens on the phone's screen, and what its tools tell it (reference/ios.md §2.7).

use super::{
    error::IphoneError,
    line::{Line, limit},
    message::{Form, receive_rest, send},
};
use std::time::Duration;
use uitlezen_property_list::Value;

pub(crate) const SERVICE: &str = "com.apple.mobile.notification_proxy";

/// The passcode is on the screen; and is gone again, typed or not.
pub(crate) const PASSCODE_SHOWN: &str = "com.apple.LocalAuthentication.ui.presented";
pub(crate) const PASSCODE_GONE: &str = "com.apple.LocalAuthentication.ui.dismissed";
/// The holder tapped Cancel.
pub(crate) const CANCEL: &str = "com.apple.itunes-client.syncCancelRequest";

const OBSERVED: [&str; 6] = [
    CANCEL,
    "com.apple.itunes-client.syncSuspendRequest",
    "com.apple.itunes-client.syncResumeRequest",
    "com.apple.mobile.backup.domain_changed",
    PASSCODE_SHOWN,
    PASSCODE_GONE,
];

pub(crate) const WILL_START: &str = "com.apple.itunes-mobdev.syncWillStart";
pub(crate) const LOCK_REQUEST: &str = "com.apple.itunes-mobdev.syncLockRequest";
pub(crate) const DID_START: &str = "com.apple.itunes-mobdev.syncDidStart";
pub(crate) const DID_FINISH: &str = "com.apple.itunes-mobdev.syncDidFinish";

/// Longest notification taken.
const LONGEST: usize = 64 * 1024;
/// How long a look takes that finds nothing.
const GLANCE: Duration = Duration::from_millis(1);

/// What is of interest here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    PasscodeShown,
    PasscodeGone,
    Cancel,
}

/// What a look finds.
enum Look {
    Nothing,
    /// A notification that says nothing here.
    Other,
    Notice(Notice),
}

#[derive(Debug)]
pub(crate) struct Notifications {
    line: Line,
    /// The length word of the next message, as far as it has come.
    head: ([u8; 4], usize),
    /// The service has ended; the backup goes on without it.
    ended: bool,
}

impl Notifications {
    /// Observes all that is of interest.
    pub(crate) fn observe(mut line: Line) -> Result<Self, IphoneError> {
        for name in OBSERVED {
            command(&mut line, "ObserveNotification", Some(name))?;
        }
        Ok(Self { line, head: ([0; 4], 0), ended: false })
    }

    pub(crate) fn post(&mut self, name: &str) -> Result<(), IphoneError> {
        command(&mut self.line, "PostNotification", Some(name))
    }

    /// The next notice that has arrived, if any has.
    pub(crate) fn glance(&mut self) -> Result<Option<Notice>, IphoneError> {
        // Bounded: a phone may notify without end.
        for _ in 0..1000 {
            if self.ended {
                break;
            }
            match self.look() {
                // What it tells is a courtesy: without it the backup still ends with the phone's own code.
                Err(IphoneError::Cancelled) => return Err(IphoneError::Cancelled),
                Err(_) => self.ended = true,
                Ok(Look::Nothing) => break,
                Ok(Look::Other) => {}
                Ok(Look::Notice(notice)) => return Ok(Some(notice)),
            }
        }
        Ok(None)
    }

    fn look(&mut self) -> Result<Look, IphoneError> {
        let (head, filled) = &mut self.head;
        while let Some(rest) = head.get_mut(*filled..).filter(|rest| !rest.is_empty()) {
            match self.line.fill(rest, GLANCE)? {
                Some(n) => *filled += n,
                None => return Ok(Look::Nothing),
            }
        }
        let (head, _) = std::mem::take(&mut self.head);
        let mut tick = limit(self.line.patience().connect);
        let message = receive_rest(&mut self.line, head, LONGEST, &mut tick)?;
        let text = |key: &str| message.get(key).and_then(Value::str);
        if text("Command") == Some("ProxyDeath") {
            self.ended = true;
        }
        Ok(match text("Name") {
            Some(PASSCODE_SHOWN) => Look::Notice(Notice::PasscodeShown),
            Some(PASSCODE_GONE) => Look::Notice(Notice::PasscodeGone),
            Some(CANCEL) => Look::Notice(Notice::Cancel),
            _ => Look::Other,
        })
    }

    /// Says that the synchronising is over and closes. Best effort, also after a cancel.
    pub(crate) fn end(mut self, over: Option<&str>) {
        self.line.finish_in_any_case();
        if let Some(name) = over {
            let _ = self.post(name);
        }
        let _ = command(&mut self.line, "Shutdown", None);
    }

    pub(crate) fn finish_in_any_case(&mut self) {
        self.line.finish_in_any_case();
    }
}

fn command(line: &mut Line, command: &str, name: Option<&str>) -> Result<(), IphoneError> {
    let mut message = Value::of([("Command", command)]);
    if let Some(name) = name {
        message.set("Name", name);
    }
    send(line, &message, Form::Xml)
}
