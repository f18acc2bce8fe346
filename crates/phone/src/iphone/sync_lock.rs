//! The lock by which programs that synchronise with a phone keep out of each other's way (reference/ios.md §2.7): a file that
//! is locked over AFC, and notifications around it. It is the one file that AFC is used for, and it is empty.

use super::{
    error::{Fault, IphoneError},
    line::{Line, limit},
    notification::{DID_FINISH, DID_START, LOCK_REQUEST, Notifications, SERVICE as NOTIFICATIONS, WILL_START},
    phone::{Escrow, Iphone},
};
use crate::cancel::SLICE;
use std::thread;

const AFC: &str = "com.apple.afc";
const FILE: &[u8] = b"/com.apple.itunes.lock_sync\0";
/// Times the lock is tried, a [`SLICE`] apart.
const TRIES: usize = 50;

/// A synchronising that others know of.
#[derive(Debug)]
pub(crate) struct SyncLock {
    pub(crate) notifications: Notifications,
    afc: Afc,
    handle: u64,
}

impl SyncLock {
    pub(crate) fn take(phone: &Iphone<'_>) -> Result<Self, IphoneError> {
        let mut lockdown = phone.session()?;
        let opened = phone.service_in(&mut lockdown, NOTIFICATIONS, Escrow::Without).and_then(|notifications| {
            let afc = phone.service_in(&mut lockdown, AFC, Escrow::Without)?;
            Ok((Notifications::observe(notifications)?, Afc { line: afc, number: 0 }))
        });
        lockdown.end();
        let (mut notifications, mut afc) = opened?;
        notifications.post(WILL_START)?;
        match lock(&mut notifications, &mut afc, phone) {
            Ok(handle) => Ok(Self { notifications, afc, handle }),
            Err(error) => {
                notifications.end(Some(DID_FINISH));
                Err(error)
            }
        }
    }

    /// Gives the lock back, however the backup went.
    pub(crate) fn release(mut self) {
        self.afc.line.finish_in_any_case();
        self.notifications.finish_in_any_case();
        let _ = self.afc.lock(self.handle, Afc::UNLOCK);
        let _ = self.afc.close(self.handle);
        self.notifications.end(Some(DID_FINISH));
    }
}

fn lock(notifications: &mut Notifications, afc: &mut Afc, phone: &Iphone<'_>) -> Result<u64, IphoneError> {
    let handle = afc.open()?;
    notifications.post(LOCK_REQUEST)?;
    for _ in 0..TRIES {
        match afc.lock(handle, Afc::EXCLUSIVE)? {
            Afc::SUCCESS => {
                notifications.post(DID_START)?;
                return Ok(handle);
            }
            Afc::WOULD_BLOCK => {}
            _ => return Err(Fault::Answer.into()),
        }
        if phone.muxer.cancel.is_cancelled() {
            return Err(IphoneError::Cancelled);
        }
        thread::sleep(SLICE);
    }
    let _ = afc.close(handle);
    Err(IphoneError::SyncLockBusy)
}

/// As much of AFC as a lock needs: a header of five u64, little endian, and arguments.
#[derive(Debug)]
struct Afc {
    line: Line,
    number: u64,
}

impl Afc {
    const MAGIC: &'static [u8; 8] = b"CFA6LPAA";
    const HEADER: usize = 40;
    /// Longest answer: a status or a handle.
    const LONGEST: u64 = 64 * 1024;

    const STATUS: u64 = 0x01;
    const OPEN: u64 = 0x0d;
    const OPENED: u64 = 0x0e;
    const CLOSE: u64 = 0x14;
    const LOCK: u64 = 0x1b;

    const READ_WRITE_CREATE: u64 = 2;
    const EXCLUSIVE: u64 = 2 | 4;
    const UNLOCK: u64 = 8 | 4;

    const SUCCESS: u64 = 0;
    const WOULD_BLOCK: u64 = 19;

    fn open(&mut self) -> Result<u64, IphoneError> {
        let arguments = [&Self::READ_WRITE_CREATE.to_le_bytes()[..], FILE].concat();
        match self.ask(Self::OPEN, &arguments)? {
            (Self::OPENED, handle) => Ok(handle),
            _ => Err(Fault::Answer.into()),
        }
    }

    /// The phone's status.
    fn lock(&mut self, handle: u64, how: u64) -> Result<u64, IphoneError> {
        match self.ask(Self::LOCK, &[handle.to_le_bytes(), how.to_le_bytes()].concat())? {
            (Self::STATUS, status) => Ok(status),
            _ => Err(Fault::Answer.into()),
        }
    }

    fn close(&mut self, handle: u64) -> Result<(), IphoneError> {
        self.ask(Self::CLOSE, &handle.to_le_bytes()).map(|_| ())
    }

    /// The operation of the answer and its first number.
    fn ask(&mut self, operation: u64, arguments: &[u8]) -> Result<(u64, u64), IphoneError> {
        self.number += 1;
        let length = (Self::HEADER + arguments.len()) as u64;
        let mut packet = Self::MAGIC.to_vec();
        for word in [length, length, self.number, operation] {
            packet.extend_from_slice(&word.to_le_bytes());
        }
        packet.extend_from_slice(arguments);
        self.line.write_all(&packet)?;
        let mut tick = limit(self.line.patience().connect);
        let mut head = [0; Self::HEADER];
        self.line.read_exact(&mut head, &mut tick)?;
        let (operation, length) = header(&head)?;
        let body = self.line.read_vec(length, &mut tick)?;
        let word = body.first_chunk::<8>().map(|word| u64::from_le_bytes(*word));
        Ok((operation, word.ok_or(Fault::Answer)?))
    }
}

/// Operation, and length of what follows.
fn header(head: &[u8; Afc::HEADER]) -> Result<(u64, usize), IphoneError> {
    let word = |at: usize| head.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word));
    let (Some(entire), Some(operation)) = (word(8), word(32)) else { return Err(Fault::Header.into()) };
    let body = entire.checked_sub(Afc::HEADER as u64).filter(|_| head.starts_with(Afc::MAGIC)).ok_or(Fault::Header)?;
    if body > Afc::LONGEST {
        return Err(Fault::TooLong { length: body, bound: Afc::LONGEST }.into());
    }
    Ok((operation, usize::try_from(body).map_err(|_| Fault::Header)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn head(magic: &[u8; 8], entire: u64) -> [u8; Afc::HEADER] {
        let mut head = magic.to_vec();
        [entire, 40, 1, Afc::STATUS].iter().for_each(|word| head.extend_from_slice(&word.to_le_bytes()));
        head.try_into().unwrap()
    }

    #[test]
    fn headers_of_afc_are_bounded() {
        assert_eq!(header(&head(Afc::MAGIC, 48)).unwrap(), (Afc::STATUS, 8));
        assert!(matches!(header(&head(Afc::MAGIC, 39)), Err(IphoneError::Protocol(Fault::Header))), "shorter than itself");
        assert!(matches!(header(&head(b"CFA6LPAB", 48)), Err(IphoneError::Protocol(Fault::Header))));
        assert!(matches!(header(&head(Afc::MAGIC, u64::MAX)), Err(IphoneError::Protocol(Fault::TooLong { .. }))));
    }
}
