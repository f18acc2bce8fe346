//! After a run: whether the holder wants the key of an app kept. Only a key that just opened the app's backups is offered, and
//! whose choice it was is kept with it.

use crate::{
    Context, account, advice, args::App, command::readout::write_ledger, problem::Problem, prompt, secret::Secrets, station::Desk,
};
use secrecy::SecretString;
use uitlezen_readout::{Plan, run::Ended};
use uitlezen_vault::{AppSecret, AppSecretId};

/// As the command line said it: `--keep-secret whatsapp --chosen-by NAME`.
pub(crate) fn as_said(
    context: &Context,
    desk: &mut Desk,
    plan: &Plan,
    ended: &Ended,
    secrets: &Secrets,
    (apps, chosen_by): (&[App], Option<&str>),
) -> Result<(), Problem> {
    let Some(chosen_by) = chosen_by else { return Ok(()) };
    for app in apps {
        match opened_with(ended, secrets, app.word())? {
            Some(digits) => keep(context, desk, &plan.phone.serial, app.word(), digits, chosen_by)?,
            None => context.screen.say(&context.screen.texts.get("key-not-kept", &[("app", app.word().into())])),
        }
    }
    Ok(())
}

/// Asks at the desk, for each key that was typed for this run.
pub(crate) fn ask(context: &Context, desk: &mut Desk, plan: &Plan, ended: &Ended, secrets: &Secrets) -> Result<(), Problem> {
    let texts = &context.screen.texts;
    for app in [App::WhatsApp, App::Business] {
        let Some(digits) = opened_with(ended, secrets, app.word())? else { continue };
        if prompt::agrees(&context.screen, &texts.get("key-keep-ask", &[("app", app.word().into())]))? {
            keep(context, desk, &plan.phone.serial, app.word(), digits, &plan.person.name)?;
        }
    }
    Ok(())
}

/// The 64 digits that were typed or given, when the app's conversations were read with them.
fn opened_with(ended: &Ended, secrets: &Secrets, app: &str) -> Result<Option<SecretString>, Problem> {
    let read = ended.report.apps.iter().any(|one| one.app == app && one.records.is_some());
    if read { secrets.given_text(app) } else { Ok(None) }
}

/// The ledger says that it was done, not for whom.
pub(crate) fn keep(
    context: &Context,
    desk: &mut Desk,
    serial: &str,
    app: &str,
    digits: SecretString,
    chosen_by: &str,
) -> Result<(), Problem> {
    let id = AppSecretId { phone: serial.to_owned(), app: app.to_owned() };
    let kept = AppSecret::new(digits, chosen_by, jiff::Timestamp::now().as_second());
    desk.vault.change(|c| c.app_secrets.insert(id, kept)).map_err(|e| advice::vault(&e))?;
    write_ledger(context, "keep-secret", app.to_owned(), "kept".to_owned(), &account::name(), Vec::new());
    let values = [("who", chosen_by.into()), ("app", app.into()), ("serial", serial.into())];
    context.screen.say(&context.screen.texts.get("key-kept", &values));
    Ok(())
}
