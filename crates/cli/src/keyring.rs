//! The holder's keys for the apps of a plan: named on the command line, kept by the holder's choice, or typed now.

use crate::{
    Context,
    problem::Problem,
    secret::{self, Secrets},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::collections::BTreeMap;
use uitlezen_apps::{
    App,
    whatsapp::{Edition, backup::BackupKey},
};
use uitlezen_readout::{Plan, Platform, reader::KeyRing};

/// Name of the secret that is a key file of an app.
#[must_use]
pub(crate) fn key_file(edition: Edition) -> String {
    format!("{}-key-file", edition.app())
}

/// Gathers the keys. `kept` knows what the vault keeps for this phone; an app without any key gets an empty ring, and the
/// run says what the holder must do.
pub(crate) fn gather(
    context: &Context,
    plan: &Plan,
    secrets: &Secrets,
    kept: impl Fn(Edition) -> Option<SecretString>,
) -> Result<BTreeMap<Edition, KeyRing>, Problem> {
    let mut all = BTreeMap::new();
    // On an iPhone the app's data lie open in the phone's own backup.
    if plan.phone.platform == Platform::Iphone {
        return Ok(all);
    }
    for edition in plan.apps.asked().filter_map(App::edition) {
        let name = edition.app();
        let mut ring = KeyRing { digits: secrets.given_text(name)?, key_file: None };
        if let Some(bytes) = secrets.given(&key_file(edition))? {
            ring.key_file = Some(SecretSlice::from(bytes.to_vec()));
        }
        if ring.is_empty() {
            ring.digits = kept(edition);
        }
        if ring.is_empty() && secret::can_ask() {
            ring.digits = typed(context, secrets, name)?;
        }
        all.insert(edition, ring);
    }
    Ok(all)
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
