//! `keys` / `sleutels`: station, role and recovery keys.

use super::{
    drill,
    readout::{read_plan, write_ledger},
    rotate, supervision,
};
use crate::{
    Context, account, advice,
    args::{HolderSecret, Keys, KeysWhat, NewKey},
    identity::KEY_SECRET,
    keeping, keyring,
    problem::Problem,
    secret::{self, Secrets},
    station::{self, Desk},
    unlocking::{self, VAULT_SECRET},
};
use secrecy::ExposeSecret;
use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path};
use uitlezen_check::ExitCode;
use uitlezen_seal::{
    envelope::{GeneratedIdentity, protect_identity},
    station::{Kind, Station, Subject},
};
use uitlezen_vault::{AppSecretId, PasswordOrigin, Recovery, Vault};

pub(crate) fn run(context: &Context, what: &Keys) -> Result<ExitCode, Problem> {
    match &what.what {
        KeysWhat::New { kind: NewKey::Station { organisation, code, name, recovery, years, secrets } } => {
            let secrets = Secrets::new(&secrets.given)?;
            let subject = Subject {
                organisation: organisation.clone(),
                organisation_code: code.clone(),
                station_name: name.clone(),
                kind: Kind::Normal,
            };
            new_station(context, &subject, *years, recovery, &secrets)
        }
        KeysWhat::New { kind: NewKey::Role { out, secrets } | NewKey::Recovery { out, secrets } } => {
            new_identity(context, out, &Secrets::new(&secrets.given)?)
        }
        KeysWhat::Keep { plan, app, chosen_by, secrets } => keep(context, plan, *app, chosen_by, &Secrets::new(&secrets.given)?),
        KeysWhat::Forget { plan, phone, app, secrets } => {
            let serial = match (phone, plan) {
                (None, Some(plan)) => read_plan(plan)?.phone.serial,
                (phone, _) => phone.clone().unwrap_or_default(),
            };
            forget(context, serial, *app, &Secrets::new(&secrets.given)?)
        }
        KeysWhat::Supervision { what } => supervision::run(context, what),
        KeysWhat::Drill(what) => drill::run(context, what),
        KeysWhat::Rotate(what) => rotate::run(context, &what.what),
        KeysWhat::Certificate { secrets } => {
            let desk = Desk::open(&context.state, &Secrets::new(&secrets.given)?, &context.screen.texts)?;
            let pem = desk.station()?.certificate().to_pem().map_err(|e| internal(&e))?;
            context.screen.hand_out(pem.trim_end());
            Ok(ExitCode::Whole)
        }
    }
}

/// Keeping a key is the holder's choice, and whose choice it was is kept with it.
fn keep(context: &Context, plan: &Path, app: HolderSecret, chosen_by: &str, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let texts = &context.screen.texts;
    let serial = read_plan(plan)?.phone.serial;
    let mut desk = Desk::open(&context.state, secrets, texts)?;
    let name = app.word();
    let digits = secrets.text(name, &keyring::question(app, texts))?;
    if !keyring::has_form(app, &digits) {
        return Err(Problem::new(keyring::form_error(app), ExitCode::Usage));
    }
    keeping::keep(context, &mut desk, &serial, name, digits, chosen_by)?;
    Ok(ExitCode::Whole)
}

/// The holder withdraws the choice; nothing else is asked for it.
fn forget(context: &Context, serial: String, app: HolderSecret, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let texts = &context.screen.texts;
    let mut desk = Desk::open(&context.state, secrets, texts)?;
    let id = AppSecretId { phone: serial.clone(), app: app.word().to_owned() };
    let of_station =
        |c: &uitlezen_vault::Contents| c.backup_passwords.get(&serial).is_some_and(|kept| kept.origin != PasswordOrigin::Holder);
    // Without it nobody could open the phone's backups, or take it off the phone.
    if app == HolderSecret::IphoneBackup && of_station(desk.vault.contents()) {
        return Err(Problem::new("error-iphone-password-is-ours", ExitCode::Usage).with("serial", serial));
    }
    let was = desk.vault.change(|c| match app {
        HolderSecret::IphoneBackup => c.backup_passwords.remove(&serial).is_some(),
        _ => c.app_secrets.remove(&id).is_some(),
    });
    let was = was.map_err(|e| advice::vault(&e))?;
    let result = if was { "forgotten" } else { "not-there" };
    write_ledger(context, "forget-secret", id.app, result.to_owned(), &account::name(), Vec::new());
    if !was {
        return Err(Problem::new("error-key-not-kept", ExitCode::Usage).with("app", app.word()).with("serial", serial));
    }
    context.screen.say(&texts.get("key-forgotten", &[("app", app.word().into()), ("serial", serial.into())]));
    Ok(ExitCode::Whole)
}

fn internal(error: &dyn std::fmt::Display) -> Problem {
    Problem::new("error-internal", ExitCode::Internal).with("why", error)
}

fn new_station(
    context: &Context,
    subject: &Subject,
    years: u16,
    recovery: &[String],
    secrets: &Secrets,
) -> Result<ExitCode, Problem> {
    let texts = &context.screen.texts;
    context.state.make().map_err(|e| advice::disk(&e))?;
    if context.state.vault().exists() {
        return Err(advice::vault(&uitlezen_vault::VaultError::Exists));
    }
    let recovery: Vec<Recovery> =
        recovery.iter().map(|r| Recovery::parse(r)).collect::<Result<_, _>>().map_err(|e| advice::vault(&e))?;
    let unlock = unlocking::new_lock(VAULT_SECRET, secrets, &context.screen)?;
    let made = Station::generate(subject, years, jiff::Timestamp::now()).map_err(|e| internal(&e))?;
    let secret = station::store_station(&made).ok_or_else(|| internal(&"station key"))?;
    let mut vault = Vault::create(&context.state.vault(), &unlock, &recovery).map_err(|e| advice::vault(&e))?;
    vault.change(|c| c.station = Some(secret)).map_err(|e| advice::vault(&e))?;
    let certificate = context.state.path().join("station.pem");
    let pem = made.certificate().to_pem().map_err(|e| internal(&e))?;
    std::fs::write(&certificate, pem).map_err(|e| advice::disk(&e))?;
    context.screen.say(&texts.get("station-made", &[("dir", context.state.path().display().to_string().into())]));
    context.screen.say(&texts.get("station-certificate", &[("file", certificate.display().to_string().into())]));
    Ok(ExitCode::Whole)
}

fn new_identity(context: &Context, out: &Path, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let texts = &context.screen.texts;
    if out.exists() {
        return Err(Problem::new("error-key-exists", ExitCode::Usage).with("file", out.display()));
    }
    let made = GeneratedIdentity::new();
    let passphrase = match secrets.given_text(KEY_SECRET)? {
        Some(given) => Some(given),
        None if secret::can_ask() => Some(secret::ask(KEY_SECRET, &texts.plain("key-passphrase-ask"))?),
        None => None,
    };
    let bytes = match passphrase.filter(|p| !p.expose_secret().is_empty()) {
        Some(passphrase) => protect_identity(&made.file, &passphrase, None).map_err(|e| internal(&e))?,
        None => made.file.expose_secret().as_bytes().to_vec(),
    };
    write_private(out, &bytes).map_err(|e| advice::disk(&e))?;
    context.screen.say(&texts.get("key-made", &[("file", out.display().to_string().into())]));
    context.screen.say(&texts.get("key-public", &[("key", made.recipient.as_str().into())]));
    context.screen.tell("key-keep");
    context.screen.event(&serde_json::json!({"event": "key", "recipient": made.recipient}));
    Ok(ExitCode::Whole)
}

/// A new file that only its owner may read; an existing one is never touched.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
