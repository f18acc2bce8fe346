//! The holder's keys for the apps of a plan: named on the command line, kept by the holder's choice, or typed now.

use crate::{
    Context,
    problem::Problem,
    secret::{self, Secrets},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::collections::BTreeMap;
use uitlezen_apps::whatsapp::Edition;
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
            let typed = secret::ask(name, &context.screen.texts.get("key-ask", &[("app", name.into())]))?;
            ring.digits = Some(typed).filter(|t| !t.expose_secret().trim().is_empty());
        }
        all.insert(edition, ring);
    }
    Ok(all)
}
