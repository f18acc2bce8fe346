//! Pairing: the trust dialog, told to the caller and waited for under our own deadline (reference/ios.md §1.3), and the
//! supervised way without a dialog (§1.7).

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
/// dialog all the same.
pub fn pair(
    muxer: &Muxer,
    phone: &Attached,
    station: &StationId,
    supervision: Option<&SupervisionIdentity>,
    on: &mut dyn FnMut(PairEvent),
) -> Result<PairRecord, IphoneError> {
    let mut lockdown = Lockdown::connect(muxer, phone)?;
    let key = lockdown.value(None, "DevicePublicKey")?;
    let key = key.as_ref().and_then(Value::data).ok_or(KeyFault::Phone)?;
    let record = certificate::make(station, key, SystemTime::now())?;
    let escrow_bag = Asking { muxer, supervision, record: &record, shown: None, on }.go(&mut lockdown)?;
    Ok(PairRecord { escrow_bag: escrow_bag.map(Zeroizing::new), ..record })
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

struct Asking<'a> {
    muxer: &'a Muxer,
    supervision: Option<&'a SupervisionIdentity>,
    record: &'a PairRecord,
    shown: Option<PairEvent>,
    on: &'a mut dyn FnMut(PairEvent),
}

impl Asking<'_> {
    fn go(mut self, lockdown: &mut Lockdown) -> Result<Option<Vec<u8>>, IphoneError> {
        let begun = Instant::now();
        let mut options = self.first_options();
        let mut answered = false;
        loop {
            let answer = lockdown.answer_to("Pair", self.request(options.clone()))?;
            let Some(error) = refusal(&answer) else {
                let bag = answer.get("EscrowBag").and_then(Value::data).filter(|bag| bag.len() <= LONGEST);
                return Ok(bag.map(<[u8]>::to_vec));
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
