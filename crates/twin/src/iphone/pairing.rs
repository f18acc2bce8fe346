//! Who the phone trusts: the dialog, the policy of an organisation, and the supervising host that needs no dialog
//! (`reference/ios.md §1.3, §1.7`).

use super::{
    Iphone, Link, Lock, Trust,
    asked::note,
    state::{Dialog, Host},
    supervision, tls,
    wire::dictionary,
};
use plist::{Dictionary, Value};
use std::time::Instant;

/// Length of a pairing challenge and of an escrow bag. What a real phone takes is not read in a source.
const SECRET: usize = 32;

/// Answer to Pair: what else stands in the reply, or the error with what stands beside it.
pub(super) fn pair(phone: &Iphone, request: &Dictionary, link: Link) -> Result<Dictionary, (&'static str, Dictionary)> {
    let plain = |error| (error, Dictionary::new());
    let record = request.get("PairRecord").and_then(Value::as_dictionary).ok_or(plain("MissingPairRecord"))?;
    phone.record(|asked| {
        asked.private_keys_seen +=
            ["RootPrivateKey", "HostPrivateKey"].iter().filter(|key| record.contains_key(key)).count() as u64;
    });
    if link != Link::Usb {
        return Err(plain("PairingProhibitedOverThisConnection"));
    }
    let id = record.get("HostID").and_then(Value::as_string).ok_or(plain("MissingHostID"))?.to_owned();
    let host = host(record).ok_or(plain("InvalidPairRecord"))?;
    let empty = Dictionary::new();
    let options = request.get("PairingOptions").and_then(Value::as_dictionary).unwrap_or(&empty);
    if supervised(phone, &id, options)? {
        return Ok(admit(phone, id, host));
    }
    if phone.facts.supervision.as_ref().is_some_and(|by| by.pairing_forbidden) {
        return Err(plain("MCProtected"));
    }
    if phone.state().lock != Lock::Unlocked {
        return Err(plain("PasswordProtected"));
    }
    match dialog(phone, &id, &host.buid) {
        Ok(()) => Ok(admit(phone, id, host)),
        Err(error) => Err(plain(error)),
    }
}

/// Answer to Unpair.
pub(super) fn unpair(phone: &Iphone, request: &Dictionary) -> Result<(), &'static str> {
    let record = request.get("PairRecord").and_then(Value::as_dictionary).ok_or("MissingPairRecord")?;
    let id = record.get("HostID").and_then(Value::as_string).ok_or("MissingHostID")?;
    phone.state().hosts.remove(id).map(|_| ()).ok_or("InvalidHostID")
}

/// Answer to ValidatePair, which only old hosts send.
pub(super) fn validate(phone: &Iphone, request: &Dictionary) -> Result<(), &'static str> {
    let record = request.get("PairRecord").and_then(Value::as_dictionary).ok_or("MissingPairRecord")?;
    let id = record.get("HostID").and_then(Value::as_string).ok_or("MissingHostID")?;
    phone.state().hosts.contains_key(id).then_some(()).ok_or("InvalidHostID")
}

fn host(record: &Dictionary) -> Option<Host> {
    let pem = |key| record.get(key).and_then(Value::as_data).and_then(tls::certificate);
    Some(Host {
        buid: record.get("SystemBUID").and_then(Value::as_string).unwrap_or_default().to_owned(),
        device_certificate: pem("DeviceCertificate")?,
        host_certificates: vec![pem("HostCertificate")?, pem("RootCertificate")?],
        escrow: random()?,
    })
}

/// Whether a supervising host has proved itself; its first request ends with the challenge.
fn supervised(phone: &Iphone, id: &str, options: &Dictionary) -> Result<bool, (&'static str, Dictionary)> {
    if let Some(shown) = options.get("SupervisorCertificate").and_then(Value::as_data) {
        let known = phone.facts.supervision.iter().flat_map(|by| &by.supervisors).any(|one| one == shown);
        if !known {
            return Ok(false);
        }
        let challenge = random().ok_or(("SavePairRecordFailed", Dictionary::new()))?;
        phone.state().challenges.insert(id.to_owned(), (challenge.clone(), shown.to_vec()));
        let extended = dictionary([("PairingChallenge", Value::Data(challenge))]);
        return Err(("MCChallengeRequired", dictionary([("ExtendedResponse", extended.into())])));
    }
    let Some(answer) = options.get("ChallengeResponse").and_then(Value::as_data) else { return Ok(false) };
    // a challenge is good for one answer; the error for a wrong one is not read in a source
    let given = phone.state().challenges.remove(id);
    match given {
        Some((challenge, supervisor)) if supervision::answers(&challenge, &supervisor, answer) => Ok(true),
        _ => Err(("MCProtected", Dictionary::new())),
    }
}

/// The dialog, which is asked for again and again until the holder has answered. It is one computer that is trusted, by its
/// SystemBUID: idevicepair comes back with another HostID every time.
fn dialog(phone: &Iphone, id: &str, buid: &str) -> Result<(), &'static str> {
    let mut state = phone.state();
    if state.hosts.contains_key(id) {
        return Ok(());
    }
    if state.denied {
        return Err("UserDeniedPairing");
    }
    if state.trust == Trust::AtOnce {
        return Ok(());
    }
    let shown = match &state.dialog {
        Some(dialog) if dialog.buid == buid => dialog.shown,
        _ => {
            let shown = Instant::now();
            state.dialog = Some(Dialog { buid: buid.to_owned(), shown });
            phone.record(|asked| asked.dialogs += 1);
            // the first answer always is that the dialog is there
            return Err("PairingDialogResponsePending");
        }
    };
    let trusted = match state.trust {
        Trust::After(wait) => shown.elapsed() >= wait,
        _ => state.tapped,
    };
    if state.trust == Trust::Refuses {
        state.dialog = None;
        state.denied = true;
        return Err("UserDeniedPairing");
    }
    if !trusted {
        return Err("PairingDialogResponsePending");
    }
    state.dialog = None;
    state.tapped = false;
    Ok(())
}

/// A host that pairs again keeps its escrow bag.
fn admit(phone: &Iphone, id: String, mut host: Host) -> Dictionary {
    let mut state = phone.state();
    if let Some(known) = state.hosts.get(&id) {
        host.escrow.clone_from(&known.escrow);
    }
    let answer = dictionary([("EscrowBag", Value::Data(host.escrow.clone()))]);
    state.hosts.insert(id, host);
    answer
}

fn random() -> Option<Vec<u8>> {
    let mut bytes = vec![0; SECRET];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// Notes a request that no read-out may ever send.
pub(super) fn forbidden(phone: &Iphone, what: &str) {
    phone.record(|asked| note(&mut asked.forbidden, what.to_owned()));
}
