//! What the phone lets know beside the backup, and what it is told (`reference/ios.md` §1.6, §2.7): the passcode prompt, the
//! holder's Cancel, the begin and end of a synchronisation.

use super::host::BackupEvent;
use crate::iphone::{
    error::IphoneError,
    line::Line,
    list::{Form, send},
    lockdown::{Escrow, Session},
    patience::Patience,
};
use std::time::Instant;
use uitlezen_property_list::{Limits, Value, parse};

const PRESENTED: &str = "com.apple.LocalAuthentication.ui.presented";
const DISMISSED: &str = "com.apple.LocalAuthentication.ui.dismissed";
const CANCEL: &str = "com.apple.itunes-client.syncCancelRequest";
/// Longest notification; they are a hundred bytes.
const LONGEST: usize = 16 << 10;

/// A line to the notification proxy.
#[derive(Debug)]
pub(crate) struct Notices {
    /// `None` once the proxy is gone: the backup's own line tells whether the phone is.
    line: Option<Line>,
    patience: Patience,
    kept: Vec<u8>,
    asked: Option<Instant>,
}

impl Notices {
    pub(crate) fn open(session: &mut Session<'_>) -> Result<Self, IphoneError> {
        let line = session.service("com.apple.mobile.notification_proxy", Escrow::Without)?;
        Self::over(line, session.patience())
    }

    pub(crate) fn over(line: Line, patience: Patience) -> Result<Self, IphoneError> {
        let mut notices = Self { line: Some(line), patience, kept: Vec::new(), asked: None };
        for name in [CANCEL, PRESENTED, DISMISSED] {
            notices.command("ObserveNotification", name)?;
        }
        Ok(notices)
    }

    pub(crate) fn post(&mut self, name: &str) -> Result<(), IphoneError> {
        self.command("PostNotification", name)
    }

    fn command(&mut self, command: &str, name: &str) -> Result<(), IphoneError> {
        let line = self.line.as_mut().ok_or(IphoneError::Vanished)?;
        send(line, &Value::of([("Command", command), ("Name", name)]), Form::Xml, self.patience.silence)
    }

    /// What has come since, without waiting.
    pub(crate) fn look(&mut self) -> Result<Option<BackupEvent>, IphoneError> {
        let mut event = None;
        while event.is_none() {
            let Some(name) = self.next()? else { break };
            match name.as_str() {
                CANCEL => return Err(IphoneError::CancelledOnPhone),
                PRESENTED => {
                    self.asked = Some(Instant::now());
                    event = Some(BackupEvent::Passcode);
                }
                DISMISSED => {
                    self.asked = None;
                    event = Some(BackupEvent::PasscodeGone);
                }
                _ => {}
            }
        }
        match self.asked {
            Some(since) if since.elapsed() >= self.patience.passcode => {
                Err(IphoneError::PasscodeNotTyped { waited: self.patience.passcode })
            }
            _ => Ok(event),
        }
    }

    fn next(&mut self) -> Result<Option<String>, IphoneError> {
        loop {
            if let Some(length) = self.kept.first_chunk().map(|word| u32::from_be_bytes(*word) as usize) {
                if length > LONGEST {
                    self.line = None;
                    self.kept.clear();
                    return Ok(None);
                }
                if let Some(body) = self.kept.get(4..length.saturating_add(4)) {
                    let name = parse(body, &Limits { input: LONGEST, nodes: 100, ..Limits::default() });
                    self.kept.drain(..length.saturating_add(4));
                    let name = name.ok().as_ref().and_then(|list| list.get("Name")).and_then(Value::str).map(str::to_owned);
                    return Ok(Some(name.unwrap_or_default()));
                }
            }
            let mut some = [0; 4096];
            let Some(line) = &mut self.line else { return Ok(None) };
            match line.read_now(&mut some) {
                Ok(Some(got)) => self.kept.extend_from_slice(some.get(..got).unwrap_or_default()),
                Ok(None) => return Ok(None),
                Err(IphoneError::Cancelled) => return Err(IphoneError::Cancelled),
                Err(_) => self.line = None,
            }
        }
    }
}
