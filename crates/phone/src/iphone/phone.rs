//! A paired phone: sessions with its lockdownd, and lines to its services.

use super::{
    discovery::{Attached, Muxer},
    error::IphoneError,
    line::Line,
    lockdown::Lockdown,
    record::PairRecord,
    tls,
};

/// A phone that trusts this station. Every question opens connections of its own, as the phone's own tools do.
#[derive(Debug)]
pub struct Iphone<'a> {
    pub(crate) muxer: &'a Muxer,
    pub(crate) attached: &'a Attached,
    pub(crate) record: &'a PairRecord,
}

/// Whether a service gets the escrow bag. Only the backup does: it opens data that the lock screen protects
/// (reference/ios.md §1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escrow {
    Without,
    With,
}

impl<'a> Iphone<'a> {
    /// Nothing is sent yet; whether the phone still knows the record, the first question shows
    /// ([`super::LockdownError::InvalidHostId`], or [`super::is_paired`] before).
    #[must_use]
    pub fn new(muxer: &'a Muxer, attached: &'a Attached, record: &'a PairRecord) -> Self {
        Self { muxer, attached, record }
    }

    #[must_use]
    pub fn udid(&self) -> &str {
        &self.attached.udid
    }

    /// A session.
    pub(crate) fn session(&self) -> Result<Lockdown, IphoneError> {
        let mut lockdown = Lockdown::connect(self.muxer, self.attached)?;
        lockdown.start_session(self.record)?;
        Ok(lockdown)
    }

    /// A service, in a session that goes on.
    pub(crate) fn service_in(&self, lockdown: &mut Lockdown, name: &str, escrow: Escrow) -> Result<Line, IphoneError> {
        let bag = self.record.escrow_bag.as_ref().filter(|_| escrow == Escrow::With);
        let started = lockdown.start_service(name, bag.map(|bag| bag.as_slice()))?;
        let mut line = self.muxer.connect(self.attached, started.port)?;
        if started.tls {
            line.secure(tls::client(self.record)?)?;
        }
        Ok(line)
    }

    /// A service, in a session of its own.
    pub(crate) fn service(&self, name: &str, escrow: Escrow) -> Result<Line, IphoneError> {
        let mut lockdown = self.session()?;
        let line = self.service_in(&mut lockdown, name, escrow);
        lockdown.end();
        line
    }
}
