//! How the vault is unlocked, and with what it is locked anew: a passphrase, a systemd credential, a key on a token.
//!
//! A lock's secret goes by a name after `--secret`: `vault` for what opens it now, `vault-new` for what shall. The PIN of a
//! token is `<name>-pin`, and is asked for when nobody gave it.

use crate::{
    advice,
    configuration::Configuration,
    problem::Problem,
    screen::Screen,
    secret::{self, Secrets},
    state::State,
    text::Texts,
};
use secrecy::{ExposeSecret, SecretString};
use uitlezen_check::ExitCode;
use uitlezen_vault::{LockKind, TokenKey, Unlock, Vault, VaultError};

/// What opens the vault; as a systemd credential it is taken by itself when there is one.
pub(crate) const VAULT_SECRET: &str = "vault";
/// What shall open it.
pub(crate) const NEW_SECRET: &str = "vault-new";

/// A passphrase is typed by people, so length is what it can have.
const SHORTEST: usize = 12;
/// `aaaaaaaaaaaa` is long and no passphrase.
const FEWEST_DIFFERENT: usize = 6;

/// What is named on the command line; else the token of the station's settings when it is plugged in; else a passphrase, given
/// or typed. Nothing is asked for a vault that no secret opens.
pub(crate) fn unlock(state: &State, secrets: &Secrets, texts: &Texts) -> Result<Unlock, Problem> {
    let kinds = Vault::examine(&state.vault()).map_err(|e| advice::vault(&e))?;
    unlock_among(&kinds, state, secrets, texts)
}

/// As [`unlock`], for a vault that stands where it was not made.
pub(crate) fn unlock_moved(state: &State, secrets: &Secrets, texts: &Texts) -> Result<Unlock, Problem> {
    match Vault::examine(&state.vault()) {
        Ok(kinds) => unlock_among(&kinds, state, secrets, texts),
        Err(VaultError::Elsewhere) => unlock_among(&[], state, secrets, texts),
        Err(error) => Err(advice::vault(&error)),
    }
}

fn unlock_among(kinds: &[LockKind], state: &State, secrets: &Secrets, texts: &Texts) -> Result<Unlock, Problem> {
    if secrets.is_given(VAULT_SECRET) {
        return given(VAULT_SECRET, secrets, texts);
    }
    if kinds.iter().any(|kind| matches!(kind, LockKind::Token { .. }))
        && let Some(key) = configured(state)
        && key.is_present()
    {
        return with_pin(VAULT_SECRET, key, secrets, texts);
    }
    Ok(Unlock::Passphrase(secret::ask(VAULT_SECRET, &texts.plain("vault-passphrase"))?))
}

/// `token = "pkcs11:…"` of the station's settings.
fn configured(state: &State) -> Option<TokenKey> {
    Configuration::read(state).ok()?.token.and_then(|text| TokenKey::parse(&text).ok())
}

fn given(name: &str, secrets: &Secrets, texts: &Texts) -> Result<Unlock, Problem> {
    if let Some(key) = secrets.token(name) {
        return with_pin(name, key.clone(), secrets, texts);
    }
    let secret = secrets.text(name, "")?;
    Ok(if secrets.is_credential(name) { Unlock::Credential(secret) } else { Unlock::Passphrase(secret) })
}

/// Enter alone: the token has a keypad of its own.
fn with_pin(name: &str, key: TokenKey, secrets: &Secrets, texts: &Texts) -> Result<Unlock, Problem> {
    let pin = secrets.text(&format!("{name}-pin"), &texts.plain("vault-pin"))?;
    Ok(Unlock::Token { key, pin: Some(pin).filter(|pin| !pin.expose_secret().is_empty()) })
}

/// What the vault shall be locked with: given, or a passphrase typed twice. A weak passphrase is refused wherever it came from.
pub(crate) fn new_lock(name: &str, secrets: &Secrets, screen: &Screen) -> Result<Unlock, Problem> {
    if !secrets.is_given(name) {
        return twice(name, screen).map(Unlock::Passphrase);
    }
    let lock = given(name, secrets, &screen.texts)?;
    match &lock {
        Unlock::Passphrase(text) if weak(text) => Err(too_weak()),
        _ => Ok(lock),
    }
}

fn too_weak() -> Problem {
    Problem::new("error-passphrase-weak", ExitCode::Usage).with("least", SHORTEST)
}

/// A passphrase that nobody else knows must be typed twice.
fn twice(name: &str, screen: &Screen) -> Result<SecretString, Problem> {
    loop {
        let first = secret::ask(name, &screen.texts.plain("vault-passphrase-new"))?;
        if weak(&first) {
            let (what, now) = too_weak().say(&screen.texts);
            screen.say(&what);
            screen.say(&now);
            continue;
        }
        let again = secret::ask(name, &screen.texts.plain("vault-passphrase-again"))?;
        if first.expose_secret() == again.expose_secret() {
            return Ok(first);
        }
        screen.tell("vault-passphrase-differs");
    }
}

fn weak(passphrase: &SecretString) -> bool {
    let text = passphrase.expose_secret();
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    text.chars().count() < SHORTEST || different.len() < FEWEST_DIFFERENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_monotonous_passphrases_are_weak() {
        let is_weak = |text: &str| weak(&SecretString::from(text.to_owned()));
        for text in ["", "kort", "elf tekens!", "aaaaaaaaaaaaaaaaaaaa", "abababababab"] {
            assert!(is_weak(text), "{text}");
        }
        for text in ["twaalf teken", "Correct-paard-batterij-nietje", "één twee drie"] {
            assert!(!is_weak(text), "{text}");
        }
    }
}
