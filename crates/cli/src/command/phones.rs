//! `phones` / `telefoons`: what is plugged in, what it needs, and which passwords of iPhones this station set.

use crate::{
    Context, advice,
    args::{Phones, PhonesWhat},
    problem::Problem,
    secret::Secrets,
    station::Desk,
};
use uitlezen_check::ExitCode;
use uitlezen_phone::{
    Cancel, PhoneError,
    android::{UsbState, list_usb},
    iphone::{Attached, IphoneError, MuxAddress, Muxer, Patience},
};
use uitlezen_readout::link::LinkFailure;
use uitlezen_vault::PasswordOrigin;

pub(crate) fn run(context: &Context, what: &Phones) -> Result<ExitCode, Problem> {
    if let Some(PhonesWhat::Release { serial, gone, yes, secrets }) = &what.what {
        return super::release::run(context, serial, *gone, *yes, secrets);
    }
    if what.reach.adb.is_some() {
        return super::probe::identify(context, &what.reach);
    }
    let iphones = iphones();
    let found = match list_usb() {
        Ok(found) => found,
        Err(PhoneError::NoUsbOnThisHost) if !iphones.is_empty() => Vec::new(),
        Err(PhoneError::NoUsbOnThisHost) => return Err(advice::phone(LinkFailure::NoUsb, "", "")),
        Err(error) => return Err(Problem::new("error-internal", ExitCode::Internal).with("why", error)),
    };
    let texts = &context.screen.texts;
    if found.is_empty() && iphones.is_empty() {
        context.screen.tell("phones-none");
        context.screen.tell("holder-connect");
    }
    for phone in &found {
        let state = match phone.state {
            UsbState::Ready => "phone-state-ready",
            UsbState::NoPermission => "phone-state-permission",
            UsbState::Busy { adb_server: true } => "phone-state-server",
            UsbState::Busy { adb_server: false } => "phone-state-busy",
            _ => "phone-state-silent",
        };
        let unknown = || texts.plain("unknown");
        let name = [phone.maker.as_deref(), phone.product.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        context.screen.say(&texts.get(
            "phones-line",
            &[
                ("serial", phone.serial.clone().unwrap_or_else(unknown).into()),
                ("name", name.into()),
                ("state", texts.plain(state).into()),
            ],
        ));
        context.screen.event(&serde_json::json!({
            "event": "phone", "serial": phone.serial, "maker": phone.maker, "product": phone.product,
            "state": state.trim_start_matches("phone-state-"),
        }));
    }
    for phone in &iphones {
        context.screen.say(&texts.get("phones-iphone", &[("serial", phone.udid.as_str().into())]));
        context.screen.event(&serde_json::json!({"event": "phone", "serial": phone.udid, "maker": "Apple"}));
    }
    let secrets = Secrets::new(&what.secrets.given)?;
    if !what.secrets.given.is_empty() {
        let desk = Desk::open(&context.state, &secrets, texts)?;
        passwords(context, &desk);
    }
    Ok(ExitCode::Whole)
}

/// Every iPhone that the daemon knows; none where no daemon runs. More than its UDID a phone tells only who it trusts.
fn iphones() -> Vec<Attached> {
    let list = || -> Result<Vec<Attached>, IphoneError> {
        Muxer::new(MuxAddress::from_environment()?, Patience::default(), Cancel::default()).list()
    };
    list().unwrap_or_default()
}

/// What stays on a phone until somebody takes it away, and what is not settled yet.
fn passwords(context: &Context, desk: &Desk) {
    for (phone, kept) in &desk.vault.contents().backup_passwords {
        let (key, state) = match kept.origin {
            PasswordOrigin::Holder => continue,
            PasswordOrigin::Set => ("phones-password-set", "set"),
            PasswordOrigin::Asked => ("phones-password-asked", "asked"),
        };
        context.screen.say(&context.screen.texts.get(key, &[("serial", phone.as_str().into())]));
        context.screen.event(&serde_json::json!({"event": "backup-password", "serial": phone, "state": state}));
    }
}
