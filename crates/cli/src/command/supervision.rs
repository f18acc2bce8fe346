//! `keys supervision`: the identity by which supervised iPhones know the organisation that owns them. With it they pair without
//! their holder's tap, also where the administrator allows no other computer: the owner's right, and no way around the passcode.

use super::readout::write_ledger;
use crate::{
    Context, account, advice,
    args::SupervisionWhat,
    problem::Problem,
    secret::{self, Secrets},
    station::Desk,
};
use p12_keystore::KeyStore;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use std::{fs::File, io::Read, path::Path};
use uitlezen_check::ExitCode;
use uitlezen_phone::iphone::SupervisionIdentity;
use uitlezen_vault::Supervision;
use zeroize::Zeroizing;

/// Name of the secret that opens the file.
const SECRET: &str = "supervision";
/// Certificates and a key are some kilobytes.
const LARGEST: u64 = 1024 * 1024;

pub(crate) fn run(context: &Context, what: &SupervisionWhat) -> Result<ExitCode, Problem> {
    match what {
        SupervisionWhat::Import { file, secrets } => import(context, file, &Secrets::new(&secrets.given)?),
        SupervisionWhat::Forget { secrets } => forget(context, &Secrets::new(&secrets.given)?),
    }
}

fn import(context: &Context, file: &Path, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let texts = &context.screen.texts;
    let bytes = read(file)
        .map_err(|e| Problem::new("error-supervision-read", ExitCode::Usage).with("file", file.display()).because(&e))?;
    let mut desk = Desk::open(&context.state, secrets, texts)?;
    let password = match secrets.given_text(SECRET)? {
        Some(given) => given,
        None => secret::ask(SECRET, &texts.plain("supervision-ask"))?,
    };
    let unusable = || Problem::new("error-supervision-file", ExitCode::Usage).with("file", file.display());
    let store = KeyStore::from_pkcs12(&bytes, password.expose_secret()).map_err(|_| unusable())?;
    let (_, chain) = store.private_key_chain().ok_or_else(unusable)?;
    let key = Zeroizing::new(chain.key().to_vec());
    // The key's own certificate stands first; those of its issuers are of no use to a phone.
    let certificate = chain.chain().first().ok_or_else(unusable)?.as_der().to_vec();
    SupervisionIdentity::new(&certificate, &SecretSlice::from(key.to_vec())).map_err(|_| unusable())?;
    let kept = Supervision::new(&certificate, &key, jiff::Timestamp::now().as_second()).map_err(|e| advice::vault(&e))?;
    desk.vault.change(|c| c.supervision = Some(kept)).map_err(|e| advice::vault(&e))?;
    let fingerprint = hex::encode(Sha256::digest(&certificate));
    write_ledger(context, "supervision", fingerprint.clone(), "imported".to_owned(), &account::name(), Vec::new());
    context.screen.say(&texts.get("supervision-imported", &[("fingerprint", fingerprint.as_str().into())]));
    context.screen.event(&serde_json::json!({"event": "supervision", "sha256": fingerprint}));
    Ok(ExitCode::Whole)
}

fn read(file: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(file)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn forget(context: &Context, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let mut desk = Desk::open(&context.state, secrets, &context.screen.texts)?;
    let had = desk.vault.change(|c| c.supervision.take().is_some()).map_err(|e| advice::vault(&e))?;
    if had {
        write_ledger(context, "supervision", "-".to_owned(), "forgotten".to_owned(), &account::name(), Vec::new());
    }
    context.screen.tell(if had { "supervision-forgotten" } else { "supervision-none" });
    Ok(ExitCode::Whole)
}
