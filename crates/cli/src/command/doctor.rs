//! `doctor` / `diagnose`: can this station read out? Each answer says what it rests on.

use crate::Context;
use std::{net::TcpStream, path::Path, time::Duration};
use uitlezen_check::ExitCode;
use uitlezen_phone::android::{Found, UsbState, adb_server_running, list_usb};
use uitlezen_readout::{
    child::{Confined, confine},
    ledger::{Chain, Ledger},
};

pub(crate) fn run(context: &Context) -> ExitCode {
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
        line(context, "doctor-space", (space(context), true)),
        line(context, "doctor-vault", vault(context)),
        line(context, "doctor-ledger", ledger(context)),
    ];
    if findings.into_iter().all(|fine| fine) { ExitCode::Whole } else { ExitCode::Finding }
}

/// An answer and whether it is fine.
type Answer = (String, bool);

fn line(context: &Context, key: &str, (answer, fine): Answer) -> bool {
    let texts = &context.screen.texts;
    let mark = if fine { "ok" } else { "!!" };
    context.screen.say(&format!("{mark}  {}: {answer}", texts.plain(key)));
    context.screen.event(&serde_json::json!({"event": "doctor", "what": key.trim_start_matches("doctor-"), "fine": fine}));
    fine
}

fn plain(context: &Context, yes: bool, when: &str, otherwise: &str) -> Answer {
    (context.screen.texts.plain(if yes { when } else { otherwise }), true)
}

fn usb(context: &Context, found: Option<&[Found]>) -> Answer {
    let texts = &context.screen.texts;
    match found {
        Some(found) => (texts.get("doctor-usb-ok", &[("count", found.len().into())]), true),
        None => (texts.plain("doctor-usb-none"), false),
    }
}

fn permission(context: &Context, found: &[Found]) -> Answer {
    let texts = &context.screen.texts;
    if found.iter().any(|f| f.state == UsbState::NoPermission) {
        return (texts.plain("doctor-permission-no"), false);
    }
    (texts.plain(if found.is_empty() { "doctor-permission-unknown" } else { "doctor-permission-ok" }), true)
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
    let (key, fine) = match tried {
        Ok(Confined::Fully) => ("doctor-sandbox-fully", true),
        Ok(Confined::Partly) => ("doctor-sandbox-partly", true),
        Ok(Confined::NotByKernel) | Err(_) => ("doctor-sandbox-not-by-kernel", false),
    };
    (context.screen.texts.plain(key), fine)
}

fn swap(context: &Context) -> Answer {
    let on = std::fs::read_to_string("/proc/swaps").is_ok_and(|table| table.lines().count() > 1);
    (context.screen.texts.plain(if on { "doctor-swap-on" } else { "doctor-swap-none" }), !on)
}

fn space(context: &Context) -> String {
    let here = context.state.path().ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    let free = rustix::fs::statvfs(here).map(|v| v.f_bavail.saturating_mul(v.f_frsize)).unwrap_or(0);
    let texts = &context.screen.texts;
    texts.get("doctor-space-line", &[("size", texts.bytes(free).into()), ("dir", here.display().to_string().into())])
}

fn vault(context: &Context) -> Answer {
    let there = context.state.vault().exists();
    (context.screen.texts.plain(if there { "doctor-vault-yes" } else { "doctor-vault-no" }), there)
}

fn ledger(context: &Context) -> Answer {
    let texts = &context.screen.texts;
    match Ledger::at(context.state.path()).check() {
        Ok(Chain::Whole { lines }) => (texts.get("doctor-ledger-whole", &[("lines", lines.into())]), true),
        Ok(Chain::BrokenAt(at)) => (texts.get("doctor-ledger-broken", &[("line", at.into())]), false),
        Err(_) => (texts.get("doctor-ledger-broken", &[("line", 0.into())]), false),
    }
}
