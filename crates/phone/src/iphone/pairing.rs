//! Pairing: the trust dialog, told to the caller and waited for under our own deadline (reference/ios.md §1.3), and the
//! supervised way without a dialog (§1.7).
//!
//! Debian's `usbmuxd` pairs by itself with every phone that is plugged in (its "preflight"), so a holder sees a dialog of the
//! daemon's before any of ours. What he answers there is his answer to this computer: the daemon's record is taken over once
//! the phone accepts it, and he is not asked again. Where the daemon does not pair, ours is the only dialog.

use super::{
    certificate,
    discovery::{Attached, Muxer},
    error::{Fault, IphoneError, KeyFault},
    lockdown::{Lockdown, refusal},
    lockdown_error::LockdownError,
    record::{PairRecord, StationId},
    supervision::SupervisionIdentity,
};
use crate::cancel::SLICE;
use std::{
    thread,
    time::{Duration, Instant, SystemTime},
};
use uitlezen_property_list::Value;
use zeroize::Zeroizing;

/// The same request is repeated this often while the dialog stands.
const AGAIN: Duration = Duration::from_secs(1);
/// Longest challenge and escrow bag taken.
const LONGEST: usize = 64 * 1024;

/// What the person at the phone should know now. Each is told once, when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PairEvent {
    /// The phone is locked and shows no dialog: unlock it.
    Locked,
    /// "Trust this computer?" is on the screen: tap Trust, type the passcode.
    DialogShown,
}

/// Makes keys, asks for trust, waits for the answer.
///
/// With a supervision identity the phone is asked the supervised way first; a phone that is not supervised by it shows its
/// dialog all the same. A phone that trusts the daemon on this computer is not asked again: the daemon's record is returned.
pub fn pair(
    muxer: &Muxer,
    phone: &Attached,
    station: &StationId,
    supervision: Option<&SupervisionIdentity>,
    on: &mut dyn FnMut(PairEvent),
) -> Result<PairRecord, IphoneError> {
    if let Some(record) = of_the_daemon(muxer, phone)? {
        return Ok(record);
    }
    let mut lockdown = Lockdown::connect(muxer, phone)?;
    let key = lockdown.value(None, "DevicePublicKey")?;
    let key = key.as_ref().and_then(Value::data).ok_or(KeyFault::Phone)?;
    // All programs of a computer pair under one name, the daemon's.
    let system_buid = muxer.system_buid()?.unwrap_or_else(|| station.system_buid.clone());
    let station = StationId { host_id: station.host_id.clone(), system_buid };
    let record = certificate::make(&station, key, SystemTime::now())?;
    let asking = Asking { muxer, phone, supervision, record: &record, shown: None, on };
    match asking.go(&mut lockdown)? {
        Trusted::Us(escrow_bag) => Ok(PairRecord { escrow_bag: escrow_bag.map(Zeroizing::new), ..record }),
        Trusted::TheDaemon(record) => Ok(*record),
    }
}

/// The daemon's record of a phone, where the phone accepts it and it can open what a backup needs.
fn of_the_daemon(muxer: &Muxer, phone: &Attached) -> Result<Option<PairRecord>, IphoneError> {
    let Some(record) = muxer.pair_record(phone)?.filter(PairRecord::has_escrow_bag) else { return Ok(None) };
    match is_paired(muxer, phone, &record) {
        Ok(paired) => Ok(paired.then_some(record)),
        // A phone that is locked for now; or a record that goes with another phone. Pairing tells which.
        Err(IphoneError::Lockdown(_) | IphoneError::Key(_) | IphoneError::Protocol(Fault::Tls)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the phone still knows the record: a session is begun and ended.
pub fn is_paired(muxer: &Muxer, phone: &Attached, record: &PairRecord) -> Result<bool, IphoneError> {
    let mut lockdown = Lockdown::connect(muxer, phone)?;
    match lockdown.start_session(record) {
        Ok(()) => {
            lockdown.end();
            Ok(true)
        }
        Err(IphoneError::Lockdown(LockdownError::InvalidHostId | LockdownError::InvalidPairRecord)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the phone forget this station. The next read-out then begins with the trust dialog.
pub fn unpair(muxer: &Muxer, phone: &Attached, record: &PairRecord) -> Result<(), IphoneError> {
    let mut lockdown = Lockdown::connect(muxer, phone)?;
    let mut message = Value::dictionary();
    message.set("PairRecord", record.public()).set("ProtocolVersion", "2");
    match lockdown.ask("Unpair", message) {
        // It was forgotten before.
        Ok(_) | Err(IphoneError::Lockdown(LockdownError::InvalidHostId)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whom the phone came to trust.
enum Trusted {
    /// With the escrow bag, where it gave one.
    Us(Option<Vec<u8>>),
    TheDaemon(Box<PairRecord>),
}

struct Asking<'a> {
    muxer: &'a Muxer,
    phone: &'a Attached,
    supervision: Option<&'a SupervisionIdentity>,
    record: &'a PairRecord,
    shown: Option<PairEvent>,
    on: &'a mut dyn FnMut(PairEvent),
}

impl Asking<'_> {
    fn go(mut self, lockdown: &mut Lockdown) -> Result<Trusted, IphoneError> {
        let begun = Instant::now();
        let mut options = self.first_options();
        let mut answered = false;
        loop {
            let answer = lockdown.answer_to("Pair", self.request(options.clone()))?;
            let Some(error) = refusal(&answer) else {
                let bag = answer.get("EscrowBag").and_then(Value::data).filter(|bag| bag.len() <= LONGEST);
                return Ok(Trusted::Us(bag.map(<[u8]>::to_vec)));
            };
            match error {
                LockdownError::PairingDialogResponsePending => self.tell(PairEvent::DialogShown),
                LockdownError::PasswordProtected => self.tell(PairEvent::Locked),
                LockdownError::UserDeniedPairing => return Err(IphoneError::TrustRefused),
                LockdownError::McChallengeRequired if answered => return Err(IphoneError::SupervisionRefused),
                LockdownError::McChallengeRequired => {
                    let identity = self.supervision.ok_or(IphoneError::SupervisionNeeded)?;
                    let challenge = answer.get("ExtendedResponse").and_then(|more| more.get("PairingChallenge"));
                    let challenge = challenge.and_then(Value::data).filter(|c| (1..=LONGEST).contains(&c.len()));
                    options = Value::of([("ChallengeResponse", identity.answer(challenge.ok_or(Fault::Answer)?)?)]);
                    options.set("ExtendedPairingErrors", true);
                    answered = true;
                    continue;
                }
                LockdownError::McProtected if answered => return Err(IphoneError::SupervisionRefused),
                LockdownError::McProtected => return Err(IphoneError::PairingForbidden),
                other => return Err(other.into()),
            }
            self.wait(begun)?;
            // The dialog on the screen may have been the daemon's.
            if let Some(record) = of_the_daemon(self.muxer, self.phone)? {
                return Ok(Trusted::TheDaemon(Box::new(record)));
            }
        }
    }

    fn first_options(&self) -> Value {
        let mut options = Value::of([("ExtendedPairingErrors", true)]);
        if let Some(identity) = self.supervision {
            options.set("SupervisorCertificate", identity.certificate());
        }
        options
    }

    fn request(&self, options: Value) -> Value {
        let mut message = Value::dictionary();
        message.set("PairRecord", self.record.public()).set("ProtocolVersion", "2").set("PairingOptions", options);
        message
    }

    fn tell(&mut self, event: PairEvent) {
        if self.shown != Some(event) {
            self.shown = Some(event);
            (self.on)(event);
        }
    }

    /// Until the request is repeated.
    fn wait(&self, begun: Instant) -> Result<(), IphoneError> {
        let most = self.muxer.patience.trust;
        let until = Instant::now() + AGAIN.min(most);
        while Instant::now() < until {
            if self.muxer.cancel.is_cancelled() {
                return Err(IphoneError::Cancelled);
            }
            thread::sleep(SLICE.min(until.saturating_duration_since(Instant::now())));
        }
        if begun.elapsed() >= most {
            let locked = self.shown == Some(PairEvent::Locked);
            return Err(IphoneError::TrustNotAnswered { waited: begun.elapsed(), locked });
        }
        Ok(())
    }
}
