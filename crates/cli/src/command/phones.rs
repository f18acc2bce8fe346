//! `phones` / `telefoons`: what is plugged in, and what it needs.

use crate::{Context, advice, args::Phones, problem::Problem};
use uitlezen_check::ExitCode;
use uitlezen_phone::{
    PhoneError,
    android::{UsbState, list_usb},
};
use uitlezen_readout::link::LinkFailure;

pub(crate) fn run(context: &Context, what: &Phones) -> Result<ExitCode, Problem> {
    if what.reach.adb.is_some() {
        return super::probe::identify(context, &what.reach);
    }
    let found = match list_usb() {
        Ok(found) => found,
        Err(PhoneError::NoUsbOnThisHost) => return Err(advice::phone(LinkFailure::NoUsb, "", "")),
        Err(error) => return Err(Problem::new("error-internal", ExitCode::Internal).with("why", error)),
    };
    let texts = &context.screen.texts;
    if found.is_empty() {
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
    Ok(ExitCode::Whole)
}
