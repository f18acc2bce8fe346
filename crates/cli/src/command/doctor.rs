//! `doctor` / `diagnose`: can this station read out? Each answer says what it rests on. What only makes a readout less safe is
//! told and keeps nobody from one.

use crate::{Context, advice, args::Doctor, book, problem::Problem, secret::Secrets, station::Desk, unlocking::VAULT_SECRET};
use std::{net::TcpStream, path::Path, time::Duration};
use uitlezen_check::ExitCode;
use uitlezen_phone::android::{Found, UsbState, adb_server_running, list_usb};
use uitlezen_readout::{
    child::{Confined, confine},
    ledger::{Chain, Ledger},
};
use uitlezen_register::{Kind, Organisation, Rubricering, Store};
use uitlezen_vault::{Vault, VaultError};

pub(crate) fn run(context: &Context, what: &Doctor) -> Result<ExitCode, Problem> {
    let secrets = Secrets::new(&what.secrets.given)?;
    let found = list_usb().ok();
    let findings = [
        line(context, "doctor-usb", usb(context, found.as_deref())),
        line(context, "doctor-permission", permission(context, found.as_deref().unwrap_or_default())),
        line(
            context,
            "doctor-adb-server",
            plain(context, adb_server_running().is_some(), "doctor-adb-server-yes", "doctor-adb-server-no"),
        ),
        line(context, "doctor-usbmuxd", plain(context, usbmuxd(), "doctor-usbmuxd-yes", "doctor-usbmuxd-no")),
        line(context, "doctor-sandbox", sandbox(context)),
        line(context, "doctor-swap", swap(context)),
        line(context, "doctor-space", (space(context), Weight::Fine)),
        line(context, "doctor-vault", vault(context)),
        line(context, "doctor-register", register(context, &secrets)),
        line(context, "doctor-ledger", ledger(context)),
        line(context, "doctor-drill", drill(context)),
    ];
    let exit = exit_of(&findings);
    context.screen.tell(if exit == ExitCode::Whole { "doctor-can" } else { "doctor-cannot" });
    Ok(exit)
}

/// Exit code 2, "usage or plan": the station is not set up. 3 would say that automatic deletion is on.
fn exit_of(findings: &[Weight]) -> ExitCode {
    if findings.contains(&Weight::Stops) { ExitCode::Usage } else { ExitCode::Whole }
}

/// What an answer means for a readout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Fine,
    /// A readout is possible, and something is to be mended.
    Mend,
    /// No phone can be read out.
    Stops,
}

type Answer = (String, Weight);

fn line(context: &Context, key: &str, (answer, weight): Answer) -> Weight {
    let texts = &context.screen.texts;
    let mark = match weight {
        Weight::Fine => "ok",
        Weight::Mend => " !",
        Weight::Stops => "!!",
    };
    context.screen.say(&format!("{mark}  {}: {answer}", texts.plain(key)));
    context.screen.event(&serde_json::json!({
        "event": "doctor", "what": key.trim_start_matches("doctor-"),
        "fine": weight == Weight::Fine, "stops": weight == Weight::Stops,
    }));
    weight
}

fn plain(context: &Context, yes: bool, when: &str, otherwise: &str) -> Answer {
    (context.screen.texts.plain(if yes { when } else { otherwise }), Weight::Fine)
}

fn usb(context: &Context, found: Option<&[Found]>) -> Answer {
    let texts = &context.screen.texts;
    match found {
        Some(found) => (texts.get("doctor-usb-ok", &[("count", found.len().into())]), Weight::Fine),
        None => (texts.plain("doctor-usb-none"), Weight::Stops),
    }
}

fn permission(context: &Context, found: &[Found]) -> Answer {
    let texts = &context.screen.texts;
    if found.iter().any(|f| f.state == UsbState::NoPermission) {
        // An adb server that was allowed to open it is another way to the same phone.
        let weight = if adb_server_running().is_some() { Weight::Mend } else { Weight::Stops };
        return (texts.plain("doctor-permission-no"), weight);
    }
    (texts.plain(if found.is_empty() { "doctor-permission-unknown" } else { "doctor-permission-ok" }), Weight::Fine)
}

fn usbmuxd() -> bool {
    match std::env::var("USBMUXD_SOCKET_ADDRESS").ok().and_then(|a| a.parse().ok()) {
        Some(address) => TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok(),
        None => std::os::unix::net::UnixStream::connect("/var/run/usbmuxd").is_ok(),
    }
}

/// Tried, not looked up: a thread of its own is confined and asked how far it went.
fn sandbox(context: &Context) -> Answer {
    let tried = std::thread::spawn(|| confine::try_on_this_thread(&confine::Confinement::default())).join();
    let (key, weight) = match tried {
        Ok(Confined::Fully) => ("doctor-sandbox-fully", Weight::Fine),
        Ok(Confined::Partly) => ("doctor-sandbox-partly", Weight::Fine),
        Ok(Confined::NotByKernel) | Err(_) => ("doctor-sandbox-not-by-kernel", Weight::Mend),
    };
    (context.screen.texts.plain(key), weight)
}

fn swap(context: &Context) -> Answer {
    let on = std::fs::read_to_string("/proc/swaps").is_ok_and(|table| table.lines().count() > 1);
    let (key, weight) = if on { ("doctor-swap-on", Weight::Mend) } else { ("doctor-swap-none", Weight::Fine) };
    (context.screen.texts.plain(key), weight)
}

fn space(context: &Context) -> String {
    let here = context.state.path().ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    let free = rustix::fs::statvfs(here).map(|v| v.f_bavail.saturating_mul(v.f_frsize)).unwrap_or(0);
    let texts = &context.screen.texts;
    texts.get("doctor-space-line", &[("size", texts.bytes(free).into()), ("dir", here.display().to_string().into())])
}

fn vault(context: &Context) -> Answer {
    let texts = &context.screen.texts;
    match Vault::examine(&context.state.vault()) {
        Ok(locks) => (texts.get("doctor-vault-yes", &[("locks", (locks.len() as u64).into())]), Weight::Fine),
        Err(VaultError::Absent) => (texts.plain("doctor-vault-no"), Weight::Stops),
        Err(error) => {
            let (what, now) = advice::vault(&error).say(texts);
            (format!("{what} {now}"), Weight::Stops)
        }
    }
}

/// Once a year at least (BIO2 8.13). A station without a vault has nothing to practise for.
fn drill(context: &Context) -> Answer {
    let texts = &context.screen.texts;
    let last = Ledger::at(context.state.path()).last(super::drill::ACTION, super::drill::PASSED).ok().flatten();
    let Some(last) = last else {
        let weight = if context.state.vault().exists() { Weight::Mend } else { Weight::Fine };
        return (texts.plain("doctor-drill-never"), weight);
    };
    let zone = jiff::tz::TimeZone::get(uitlezen_chat::ZONE).unwrap_or(jiff::tz::TimeZone::UTC);
    let date = last.to_zoned(zone).strftime("%Y-%m-%d").to_string();
    let late = overdue(last, jiff::Timestamp::now());
    let (key, weight) = if late { ("doctor-drill-late", Weight::Mend) } else { ("doctor-drill-done", Weight::Fine) };
    (texts.get(key, &[("date", date.into())]), weight)
}

/// More than a year ago, or in the future of a clock that was set back.
fn overdue(last: jiff::Timestamp, now: jiff::Timestamp) -> bool {
    let seconds = now.as_second() - last.as_second();
    !(-86_400..=366 * 86_400).contains(&seconds)
}

/// Without a register nothing but the demonstration runs. What stands in it is seen only with the vault's secret, which is
/// not asked for here.
fn register(context: &Context, secrets: &Secrets) -> Answer {
    let texts = &context.screen.texts;
    if !Store::is_there(context.state.path()) {
        return (texts.plain("doctor-register-no"), Weight::Stops);
    }
    if !secrets.is_given(VAULT_SECRET) {
        return (texts.plain("doctor-register-unseen"), Weight::Fine);
    }
    let looked = Desk::open(&context.state, secrets, texts).and_then(|mut desk| {
        let told = |e| book::problem(&e, texts);
        let register = book::store(&mut desk, context.state.path())?.open().map_err(told)?;
        let view = register.view();
        Ok((view.organisation().map_err(told)?, view.count(Kind::Phone).map_err(told)?))
    });
    match looked {
        Err(problem) => (problem.say(texts).0, Weight::Stops),
        Ok((organisation, phones)) => {
            let missing = missing(organisation.as_ref());
            if missing.is_empty() {
                return (texts.get("doctor-register-ok", &[("phones", phones.into())]), Weight::Fine);
            }
            let list: Vec<String> = missing.iter().map(|key| texts.plain(key)).collect();
            (list.join(" "), Weight::Stops)
        }
    }
}

/// What the gate would miss of the basis.
fn missing(organisation: Option<&Organisation>) -> Vec<&'static str> {
    let Some(organisation) = organisation else { return vec!["gate-no-organisation"] };
    let said = [
        (organisation.doel.is_some(), "gate-no-doel"),
        (organisation.grondslag.is_some(), "gate-no-grondslag"),
        (organisation.dpia.is_some(), "gate-no-dpia"),
        (organisation.fg_advice.is_some(), "gate-no-fg-advice"),
        (organisation.rubricering != Rubricering::Staatsgeheim, "doctor-register-secret"),
    ];
    said.into_iter().filter_map(|(there, key)| (!there).then_some(key)).collect()
}

fn ledger(context: &Context) -> Answer {
    let texts = &context.screen.texts;
    match Ledger::at(context.state.path()).check() {
        Ok(Chain::Whole { lines }) => (texts.get("doctor-ledger-whole", &[("lines", lines.into())]), Weight::Fine),
        Ok(Chain::BrokenAt(at)) => (texts.get("doctor-ledger-broken", &[("line", at.into())]), Weight::Mend),
        Err(_) => (texts.get("doctor-ledger-broken", &[("line", 0.into())]), Weight::Mend),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_is_due_every_year() {
        let at = |days: i64| jiff::Timestamp::from_second(1_794_000_000 + days * 86_400).unwrap_or_default();
        assert!(!overdue(at(0), at(0)) && !overdue(at(0), at(366)));
        assert!(overdue(at(0), at(367)) && overdue(at(2), at(0)));
    }

    #[test]
    fn only_what_stops_a_readout_ends_with_another_code() {
        assert_eq!(exit_of(&[Weight::Fine, Weight::Mend]), ExitCode::Whole);
        assert_eq!(exit_of(&[Weight::Fine, Weight::Stops, Weight::Mend]), ExitCode::Usage);
    }
}
