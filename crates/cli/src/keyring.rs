//! The holder's keys for the apps of a plan: named on the command line, kept by the holder's choice, or typed now.

use crate::{
    Context,
    problem::Problem,
    secret::{self, Secrets},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::collections::BTreeMap;
use uitlezen_apps::whatsapp::{Edition, backup::BackupKey};
use uitlezen_readout::{Plan, reader::KeyRing};

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
    let asked = [(plan.apps.whatsapp, Edition::WhatsApp), (plan.apps.whatsapp_business, Edition::Business)];
    let mut all = BTreeMap::new();
    for (_, edition) in asked.into_iter().filter(|(on, _)| *on) {
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
