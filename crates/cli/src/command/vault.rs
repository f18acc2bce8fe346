//! `vault` / `kluis`: how the vault stands, its locks, its recovery, and what to do when it was moved or its passphrase lost.

use super::readout::write_ledger;
use crate::{
    Context, account, advice,
    args::{LockWhat, Vault as Asked, VaultWhat},
    fingerprint, identity,
    problem::Problem,
    secret::Secrets,
    station::{self, Desk},
    unlocking::{self, NEW_SECRET},
};
use std::path::Path;
use uitlezen_check::ExitCode;
use uitlezen_vault::{LockKind, Recovery, Vault};

pub(crate) fn run(context: &Context, asked: &Asked) -> Result<ExitCode, Problem> {
    match &asked.what {
        VaultWhat::Status { secrets } => status(context, &Secrets::new(&secrets.given)?),
        VaultWhat::Passphrase { secrets } => passphrase(context, &Secrets::new(&secrets.given)?),
        VaultWhat::Lock { what: LockWhat::Add { secrets } } => add(context, &Secrets::new(&secrets.given)?),
        VaultWhat::Lock { what: LockWhat::Remove { number, secrets } } => {
            remove(context, *number, &Secrets::new(&secrets.given)?)
        }
        VaultWhat::Recipients { recovery, secrets } => recipients(context, recovery, &Secrets::new(&secrets.given)?),
        VaultWhat::Recover { identity, secrets } => recover(context, identity, &Secrets::new(&secrets.given)?),
        VaultWhat::Adopt { secrets } => adopt(context, &Secrets::new(&secrets.given)?),
    }
}

fn open(context: &Context, secrets: &Secrets) -> Result<Vault, Problem> {
    Ok(Desk::open(&context.state, secrets, &context.screen.texts)?.vault)
}

/// A line in the ledger: that it was done, never with what.
fn note(context: &Context, action: &str, vault: &Vault) {
    let counts = vec![
        ("locks".to_owned(), vault.locks().len() as u64),
        ("recovery-recipients".to_owned(), vault.contents().recovery.len() as u64),
    ];
    write_ledger(context, action, "vault".to_owned(), "done".to_owned(), &account::name(), counts);
}

fn done(context: &Context, action: &str, vault: &Vault) -> ExitCode {
    note(context, action, vault);
    context.screen.tell(&format!("{action}-done"));
    ExitCode::Whole
}

fn status(context: &Context, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let vault = open(context, secrets)?;
    let (screen, texts) = (&context.screen, &context.screen.texts);
    screen.tell("vault-status-locks");
    for (n, kind) in vault.locks().iter().enumerate() {
        let words = match kind {
            LockKind::Token { label, serial } => {
                texts.get("lock-pkcs11", &[("token", label.as_str().into()), ("serial", serial.as_str().into())])
            }
            other => texts.plain(&format!("lock-{}", other.word())),
        };
        screen.say(&format!("  {}. {words}", n + 1));
    }
    let recovery: Vec<String> = vault.contents().recovery.iter().map(|r| fingerprint::of(r)).collect();
    screen.tell(if recovery.is_empty() { "vault-status-recovery-unknown" } else { "vault-status-recovery" });
    for one in &recovery {
        screen.say(&format!("  {one}"));
    }
    screen.tell("vault-status-kept");
    for (kind, count) in vault.contents().counts() {
        screen.say(&format!("  {}: {count}", texts.plain(&format!("kept-{kind}"))));
    }
    let locks: Vec<&str> = vault.locks().iter().map(LockKind::word).collect();
    let kept: serde_json::Map<String, serde_json::Value> =
        vault.contents().counts().into_iter().map(|(kind, count)| (kind.to_owned(), count.into())).collect();
    screen.event(&serde_json::json!({"event": "vault", "locks": locks, "recovery": recovery, "kept": kept}));
    Ok(ExitCode::Whole)
}

fn passphrase(context: &Context, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let mut vault = open(context, secrets)?;
    let unlock = unlocking::new_lock(NEW_SECRET, secrets, &context.screen)?;
    vault.add_lock(&unlock).map_err(|e| advice::vault(&e))?;
    Ok(done(context, "vault-passphrase", &vault))
}

fn add(context: &Context, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let mut vault = open(context, secrets)?;
    let unlock = unlocking::new_lock(NEW_SECRET, secrets, &context.screen)?;
    vault.add_lock(&unlock).map_err(|e| advice::vault(&e))?;
    Ok(done(context, "vault-lock-add", &vault))
}

fn remove(context: &Context, number: usize, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let mut vault = open(context, secrets)?;
    let no_such = || advice::vault(&uitlezen_vault::VaultError::NoLockOfThatNumber);
    let place = number.checked_sub(1).ok_or_else(no_such)?;
    let kind = vault.locks().get(place).cloned().ok_or_else(no_such)?;
    vault.remove_lock(place, &kind).map_err(|e| advice::vault(&e))?;
    Ok(done(context, "vault-lock-remove", &vault))
}

fn recipients(context: &Context, recovery: &[String], secrets: &Secrets) -> Result<ExitCode, Problem> {
    let recovery: Vec<Recovery> =
        recovery.iter().map(|r| Recovery::parse(r)).collect::<Result<_, _>>().map_err(|e| advice::vault(&e))?;
    let mut vault = open(context, secrets)?;
    vault.set_recovery(&recovery).map_err(|e| advice::vault(&e))?;
    Ok(done(context, "vault-recipients", &vault))
}

/// Every lock that was there is gone afterwards: whoever found the old passphrase does not come in with it.
fn recover(context: &Context, path: &Path, secrets: &Secrets) -> Result<ExitCode, Problem> {
    Desk::is_there(&context.state)?;
    let file = identity::text(context, path, 0, secrets)?;
    let opened = Vault::open_with_recovery(&context.state.vault(), &station::identity_line(&file));
    let mut vault = opened.map_err(|e| advice::recovery(&e, path))?;
    let unlock = unlocking::new_lock(NEW_SECRET, secrets, &context.screen)?;
    vault.relock(&unlock).and_then(|()| vault.settle()).map_err(|e| advice::vault(&e))?;
    Ok(done(context, "vault-recover", &vault))
}

fn adopt(context: &Context, secrets: &Secrets) -> Result<ExitCode, Problem> {
    Desk::is_there(&context.state)?;
    let unlock = unlocking::unlock_moved(&context.state, secrets, &context.screen.texts)?;
    let vault = Vault::adopt(&context.state.vault(), &unlock).map_err(|e| advice::vault(&e))?;
    Ok(done(context, "vault-adopt", &vault))
}
