//! `probe` / `verken`: the open questions about real phones, answered on a plugged one without content.

use super::readout::{reach, where_from};
use crate::{
    Context, advice,
    args::{Probe, Reach as ReachArgs},
    problem::Problem,
};
use secrecy::SecretString;
use std::time::Duration;
use uitlezen_check::ExitCode;
use uitlezen_phone::android::{AdbKey, list_usb};
use uitlezen_readout::{
    child::Program,
    link::{Credentials, Link, LinkError, LinkFailure, Reach},
    run::RunError,
};

/// A person needs time to find the dialog.
const WAIT: Duration = Duration::from_secs(180);

pub(crate) fn run(context: &Context, what: &Probe) -> Result<ExitCode, Problem> {
    let serial = what.serial.clone().or_else(only_phone);
    let (mut link, reach) = connect(context, &what.reach, serial.as_deref())?;
    let answers = link.probe().map_err(|e| problem(e, serial.as_deref(), &where_from(&reach)))?;
    let json =
        serde_json::to_string_pretty(&answers).map_err(|e| Problem::new("error-internal", ExitCode::Internal).with("why", e))?;
    match &what.out {
        Some(path) => std::fs::write(path, json + "\n").map_err(|e| advice::disk(&e))?,
        None => context.screen.hand_out(&json),
    }
    context.screen.event(&serde_json::json!({"event": "probe", "answers": answers}));
    Ok(ExitCode::Whole)
}

/// `phones --adb`: who answers at an address.
pub(crate) fn identify(context: &Context, named: &ReachArgs) -> Result<ExitCode, Problem> {
    let (mut link, reach) = connect(context, named, None)?;
    let identity = link.identify().map_err(|e| problem(e, None, &where_from(&reach)))?;
    let texts = &context.screen.texts;
    let unknown = || texts.plain("unknown");
    let name = [identity.maker.known(), identity.model.known()].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    context.screen.say(&texts.get(
        "phones-line",
        &[
            ("serial", identity.serial.known().cloned().unwrap_or_else(unknown).into()),
            ("name", name.into()),
            ("state", texts.plain("phone-state-ready").into()),
        ],
    ));
    context.screen.event(&serde_json::json!({"event": "phone", "identity": identity}));
    Ok(ExitCode::Whole)
}

/// The serial number of the phone that answers, for a check without a plan.
pub(crate) fn serial_of(context: &Context, named: &ReachArgs, key: &SecretString) -> Result<String, Problem> {
    if named.adb.is_none() {
        return only_phone().ok_or_else(|| advice::phone(LinkFailure::NoPhone, &context.screen.texts.plain("unknown"), ""));
    }
    let reach = reach("", named, None);
    let mut link = connect_with(context, &reach, key)?;
    let identity = link.identify().map_err(|e| problem(e, None, &where_from(&reach)))?;
    identity.serial.known().cloned().ok_or_else(|| Problem::new("error-phone-other", ExitCode::NothingSealed))
}

/// With a key made for this occasion: probing needs no vault, and the phone asks its holder.
fn connect(context: &Context, named: &ReachArgs, serial: Option<&str>) -> Result<(Link, Reach), Problem> {
    if named.adb.is_none() && serial.is_none() {
        return Err(advice::phone(LinkFailure::NoPhone, &context.screen.texts.plain("unknown"), ""));
    }
    let reach = reach(serial.unwrap_or_default(), named, None);
    let internal = |why: &str| Problem::new("error-internal", ExitCode::Internal).with("why", why);
    let key = AdbKey::generate().and_then(|k| k.to_pem()).map_err(|_| internal("adb key"))?;
    let link = connect_with(context, &reach, &key)?;
    Ok((link, reach))
}

fn connect_with(context: &Context, reach: &Reach, key: &SecretString) -> Result<Link, Problem> {
    let serial = if let Reach::Usb { serial } = reach { Some(serial.as_str()) } else { None };
    let program = Program::this();
    let asked = where_from(reach);
    let mut link = Link::start(&program, reach, &context.cancel).map_err(|e| problem(e, serial, &asked))?;
    let credentials = Credentials { adb_key: Some(key.clone()), ..Credentials::default() };
    let on = |_| {
        context.screen.tell("holder-allow");
        Ok::<_, LinkError>(())
    };
    link.connect(reach, &credentials, WAIT, on).map_err(|e| problem(e, serial, &asked))?;
    Ok(link)
}

fn problem(error: LinkError, serial: Option<&str>, asked: &str) -> Problem {
    advice::run(&RunError::from(error), serial.unwrap_or("-"), asked)
}

/// The serial number when just one phone is plugged in.
fn only_phone() -> Option<String> {
    match list_usb().ok()?.as_slice() {
        [only] => only.serial.clone(),
        _ => None,
    }
}
