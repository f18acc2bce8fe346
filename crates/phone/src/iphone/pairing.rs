//! Trust: the dialog on the phone, waited for and told; and the host of a supervising organisation, which needs no dialog
//! (`reference/ios.md` §1.3, §1.7).

use super::{
    certificate,
    error::{Breach, IphoneError, LockdownRefusal},
    lockdown::{Lockdown, refusal},
    patience::SLICE,
    record::{HostIdentity, PairRecord},
    supervision::Supervisor,
};
use secrecy::SecretSlice;
use std::{
    thread,
    time::{Duration, Instant},
};
use uitlezen_property_list::Value;

/// Longest escrow bag and challenge that are taken.
const LONGEST: usize = 64 << 10;

/// What happens while a pairing is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairEvent {
    /// "Trust this computer?" is on the screen.
    Dialog,
    /// The phone is locked and shows no dialog: unlock it.
    Locked,
    /// The organisation's identity was asked to prove itself.
    Challenged,
}

/// Pairs: the record goes to the vault. Without `supervisor`, the holder has [`super::Patience::trust`] to tap Trust.
///
/// # Errors
/// [`LockdownRefusal::UserDeniedPairing`], [`LockdownRefusal::MCProtected`] and so on as the phone says them; a phone that stays
/// locked ends in [`LockdownRefusal::PasswordProtected`], a dialog that nobody answers in [`IphoneError::TrustNotAnswered`].
pub fn pair(
    lockdown: &mut Lockdown,
    udid: &str,
    host: &HostIdentity,
    supervisor: Option<&Supervisor>,
    tell: &mut dyn FnMut(PairEvent),
) -> Result<PairRecord, IphoneError> {
    let key = lockdown.value(None, "DevicePublicKey")?;
    let key = key.as_ref().and_then(Value::data).ok_or(Breach::Unexpected("a phone without a public key"))?;
    let mut record = certificate::make(udid, host, key)?;
    let answer = match supervisor {
        Some(supervisor) => supervised(lockdown, &record, supervisor, tell)?,
        None => by_holder(lockdown, &record, tell)?,
    };
    let bag = answer.get("EscrowBag").and_then(Value::data).filter(|bag| bag.len() <= LONGEST);
    record.escrow_bag = bag.map(|bag| SecretSlice::from(bag.to_vec()));
    Ok(record)
}

/// Takes the pairing back on the phone.
pub fn unpair(lockdown: &mut Lockdown, record: &PairRecord) -> Result<(), IphoneError> {
    let mut request = Value::dictionary();
    request.set("PairRecord", record.public()).set("ProtocolVersion", "2");
    lockdown.request("Unpair", request).map(|_| ())
}

fn ask(lockdown: &mut Lockdown, record: &PairRecord, mut options: Value) -> Result<Value, IphoneError> {
    options.set("ExtendedPairingErrors", true);
    let mut request = Value::of([("ProtocolVersion", "2"), ("HostName", "uitlezen")]);
    request.set("PairRecord", record.public()).set("PairingOptions", options);
    lockdown.exchange("Pair", request)
}

fn by_holder(lockdown: &mut Lockdown, record: &PairRecord, tell: &mut dyn FnMut(PairEvent)) -> Result<Value, IphoneError> {
    let patience = *lockdown.patience();
    let (start, mut told) = (Instant::now(), None);
    loop {
        let answer = ask(lockdown, record, Value::dictionary())?;
        let (why, event) = match refusal(&answer) {
            None => return Ok(answer),
            Some(why @ LockdownRefusal::PairingDialogResponsePending) => (why, PairEvent::Dialog),
            Some(why @ LockdownRefusal::PasswordProtected) => (why, PairEvent::Locked),
            Some(why) => return Err(why.into()),
        };
        if told != Some(event) {
            tell(event);
            told = Some(event);
        }
        if start.elapsed() >= patience.trust {
            return Err(match why {
                LockdownRefusal::PasswordProtected => why.into(),
                _ => IphoneError::TrustNotAnswered { waited: patience.trust },
            });
        }
        pause(lockdown, patience.again)?;
    }
}

/// A wait that the switch ends.
fn pause(lockdown: &Lockdown, wait: Duration) -> Result<(), IphoneError> {
    let start = Instant::now();
    loop {
        if lockdown.cancel().is_cancelled() {
            return Err(IphoneError::Cancelled);
        }
        let left = wait.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(SLICE));
    }
}

fn supervised(
    lockdown: &mut Lockdown,
    record: &PairRecord,
    supervisor: &Supervisor,
    tell: &mut dyn FnMut(PairEvent),
) -> Result<Value, IphoneError> {
    let mut options = Value::dictionary();
    options.set("SupervisorCertificate", supervisor.certificate());
    let answer = ask(lockdown, record, options)?;
    match refusal(&answer) {
        None => return Ok(answer),
        Some(LockdownRefusal::MCChallengeRequired) => {}
        // Not supervised, or by another organisation: then only the holder can let us in.
        Some(LockdownRefusal::PairingDialogResponsePending) => return by_holder(lockdown, record, tell),
        Some(why) => return Err(why.into()),
    }
    tell(PairEvent::Challenged);
    let challenge = answer.get("ExtendedResponse").and_then(|more| more.get("PairingChallenge")).and_then(Value::data);
    let challenge = challenge.filter(|challenge| challenge.len() <= LONGEST).ok_or(Breach::Unexpected("no pairing challenge"))?;
    let mut options = Value::dictionary();
    options.set("ChallengeResponse", supervisor.answer(challenge)?);
    let answer = ask(lockdown, record, options)?;
    refusal(&answer).map_or(Ok(answer), |why| Err(why.into()))
}
