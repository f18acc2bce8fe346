//! The holder's keys for the apps of a plan: named on the command line, kept by the holder's choice, or typed now.

use crate::{
    Context,
    args::HolderSecret,
    problem::Problem,
    secret::{self, Secrets},
    text::Texts,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::collections::BTreeMap;
use uitlezen_apps::{
    App,
    signal::{Passphrase, RecoveryKey},
    whatsapp::{Edition, backup::BackupKey},
};
use uitlezen_readout::{Plan, Platform, link::Reach, reader::KeyRing, run::Reached};

/// Name of the secret that is a key file of an app.
#[must_use]
pub(crate) fn key_file(edition: Edition) -> String {
    format!("{}-key-file", edition.app())
}

/// Gathers the keys that a run still needs, which has come so far. `kept` knows what the vault keeps for this phone, by the
/// secret's word; an app without any key gets an empty ring, and the run says what the holder must do.
pub(crate) fn gather(
    context: &Context,
    plan: &Plan,
    reach: &Reach,
    reached: Reached,
    secrets: &Secrets,
    kept: impl Fn(&str) -> Option<SecretString>,
) -> Result<BTreeMap<App, KeyRing>, Problem> {
    let mut all = BTreeMap::new();
    for app in plan.apps.asked() {
        // In an iPhone's own backup WhatsApp's data lie open; Signal is not in it, but in what its holder made and copied.
        let on_iphone = plan.phone.platform == Platform::Iphone;
        let ring = match app.edition() {
            Some(edition) if !on_iphone && reached < Reached::Records => of_whatsapp(context, secrets, edition, &kept)?,
            None if app == App::Signal && reached < Reached::Acquired && !(on_iphone && reach.is_a_phone()) => {
                of_signal(context, secrets, &kept)?
            }
            None if app.threema().is_some() && reached < Reached::Acquired && !on_iphone => {
                of_password(context, secrets, HolderSecret::ThreemaPassword, &kept)?
            }
            // A phone is asked for its SMS itself.
            None if app == App::Sms && reached < Reached::Records && !on_iphone && !reach.is_a_phone() => {
                of_password(context, secrets, HolderSecret::AdbBackup, &kept)?
            }
            _ => continue,
        };
        all.insert(app, ring);
    }
    Ok(all)
}

fn of_whatsapp(
    context: &Context,
    secrets: &Secrets,
    edition: Edition,
    kept: impl Fn(&str) -> Option<SecretString>,
) -> Result<KeyRing, Problem> {
    let name = edition.app();
    let mut ring = KeyRing { digits: secrets.given_text(name)?, ..KeyRing::default() };
    if let Some(bytes) = secrets.given(&key_file(edition))? {
        ring.key_file = Some(SecretSlice::from(bytes.to_vec()));
    }
    if ring.is_empty() {
        ring.digits = kept(name);
    }
    if ring.is_empty() && secret::can_ask() {
        ring.digits = typed(context, secrets, name)?;
    }
    Ok(ring)
}

/// Which of the two secrets it takes shows only on the phone: whatever is given or kept goes along, and the holder types the one
/// that the app showed.
fn of_signal(context: &Context, secrets: &Secrets, kept: impl Fn(&str) -> Option<SecretString>) -> Result<KeyRing, Problem> {
    let find = |secret: HolderSecret| Ok::<_, Problem>(secrets.given_text(secret.word())?.or_else(|| kept(secret.word())));
    let mut ring = KeyRing {
        passphrase: find(HolderSecret::SignalPassphrase)?,
        recovery_key: find(HolderSecret::SignalRecoveryKey)?,
        ..KeyRing::default()
    };
    while ring.is_empty() && secret::can_ask() {
        let typed = secret::ask("signal", &context.screen.texts.plain("signal-ask"))?;
        if typed.expose_secret().trim().is_empty() {
            break;
        }
        let fits =
            [HolderSecret::SignalPassphrase, HolderSecret::SignalRecoveryKey].into_iter().find(|one| has_form(*one, &typed));
        let Some(secret) = fits else {
            context.screen.tell("error-signal-form");
            context.screen.tell("error-signal-form.do");
            continue;
        };
        secrets.remember(secret.word(), &typed);
        match secret {
            HolderSecret::SignalPassphrase => ring.passphrase = Some(typed),
            _ => ring.recovery_key = Some(typed),
        }
    }
    Ok(ring)
}

/// The password that the holder chose for a backup: whatever it is, only the backup can tell, and it may have none.
fn of_password(
    context: &Context,
    secrets: &Secrets,
    secret: HolderSecret,
    kept: impl Fn(&str) -> Option<SecretString>,
) -> Result<KeyRing, Problem> {
    let word = secret.word();
    let mut ring = KeyRing { password: secrets.given_text(word)?.or_else(|| kept(word)), ..KeyRing::default() };
    if ring.is_empty() && secret::can_ask() {
        let typed = secret::ask(word, &question(secret, &context.screen.texts))?;
        if !typed.expose_secret().is_empty() {
            secrets.remember(word, &typed);
            ring.password = Some(typed);
        }
    }
    Ok(ring)
}

/// Whether a text can be this secret at all. A password may be anything.
pub(crate) fn has_form(secret: HolderSecret, text: &SecretString) -> bool {
    let bytes = text.expose_secret().as_bytes();
    match secret {
        HolderSecret::WhatsApp | HolderSecret::Business => BackupKey::from_digits(bytes).is_ok(),
        HolderSecret::SignalPassphrase => Passphrase::parse(bytes).is_ok(),
        HolderSecret::SignalRecoveryKey => RecoveryKey::parse(bytes).is_ok(),
        HolderSecret::IphoneBackup | HolderSecret::ThreemaPassword | HolderSecret::AdbBackup => true,
    }
}

/// What is said of a text that has not that form.
pub(crate) fn form_error(secret: HolderSecret) -> &'static str {
    match secret {
        HolderSecret::SignalPassphrase => "error-signal-passphrase-form",
        HolderSecret::SignalRecoveryKey => "error-signal-recovery-key-form",
        HolderSecret::WhatsApp
        | HolderSecret::Business
        | HolderSecret::IphoneBackup
        | HolderSecret::ThreemaPassword
        | HolderSecret::AdbBackup => "error-key-form",
    }
}

/// How it is asked for.
pub(crate) fn question(secret: HolderSecret, texts: &Texts) -> String {
    match secret {
        HolderSecret::IphoneBackup => texts.plain("iphone-backup-ask"),
        HolderSecret::SignalPassphrase => texts.plain("signal-passphrase-ask"),
        HolderSecret::SignalRecoveryKey => texts.plain("signal-recovery-key-ask"),
        HolderSecret::AdbBackup => texts.plain("adb-backup-ask"),
        HolderSecret::ThreemaPassword => texts.plain("threema-password-ask"),
        HolderSecret::WhatsApp | HolderSecret::Business => texts.get("key-ask", &[("app", secret.word().into())]),
    }
}

/// Name of the secret that opens an encrypted backup of an iPhone.
pub(crate) const IPHONE_BACKUP: &str = "iphone-backup";

/// The password of an iPhone's backup: named on the command line, kept in the vault, or typed now.
pub(crate) fn backup_password(
    context: &Context,
    plan: &Plan,
    secrets: &Secrets,
    kept: Option<SecretString>,
) -> Result<Option<SecretString>, Problem> {
    if plan.phone.platform != Platform::Iphone {
        return Ok(None);
    }
    if let Some(given) = secrets.given_text(IPHONE_BACKUP)?.or(kept) {
        return Ok(Some(given));
    }
    if !secret::can_ask() {
        return Ok(None);
    }
    let typed = secret::ask(IPHONE_BACKUP, &context.screen.texts.plain("iphone-backup-ask"))?;
    if typed.expose_secret().is_empty() {
        return Ok(None);
    }
    secrets.remember(IPHONE_BACKUP, &typed);
    Ok(Some(typed))
}

/// Asks until it has the form of a key, or until nothing is typed: better here than when everything was fetched.
fn typed(context: &Context, secrets: &Secrets, app: &str) -> Result<Option<SecretString>, Problem> {
    let texts = &context.screen.texts;
    loop {
        let typed = secret::ask(app, &texts.get("key-ask", &[("app", app.into())]))?;
        if typed.expose_secret().trim().is_empty() {
            return Ok(None);
        }
        if BackupKey::from_digits(typed.expose_secret().as_bytes()).is_ok() {
            secrets.remember(app, &typed);
            return Ok(Some(typed));
        }
        context.screen.tell("error-key-form");
        context.screen.tell("error-key-form.do");
    }
}
