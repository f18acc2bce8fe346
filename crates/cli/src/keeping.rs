//! After a run: whether the holder wants the key of an app kept. Only a key that just opened the app's backups is offered, and
//! whose choice it was is kept with it.

use crate::{
    Context, account, advice, args::HolderSecret, command::readout::write_ledger, problem::Problem, prompt, secret::Secrets,
    station::Desk,
};
use secrecy::SecretString;
use uitlezen_readout::{
    Plan, Platform,
    report::{ADB_BACKUP_ENCRYPTED, AppReport, SIGNAL_FILE, SIGNAL_FOLDER, THREEMA_BACKUP},
    run::Ended,
};
use uitlezen_vault::{AppSecret, AppSecretId, BackupPassword};

/// As the command line said it: `--keep-secret whatsapp --chosen-by NAME`.
pub(crate) fn as_said(
    context: &Context,
    desk: &mut Desk,
    plan: &Plan,
    ended: &Ended,
    secrets: &Secrets,
    (apps, chosen_by): (&[HolderSecret], Option<&str>),
) -> Result<(), Problem> {
    let Some(chosen_by) = chosen_by else { return Ok(()) };
    for app in apps {
        match opened_with(ended, secrets, *app)? {
            Some(digits) => keep(context, desk, &plan.phone.serial, app.word(), digits, chosen_by)?,
            None => context.screen.say(&context.screen.texts.get("key-not-kept", &[("app", app.word().into())])),
        }
    }
    Ok(())
}

/// Asks at the desk, for each key that was typed for this run.
pub(crate) fn ask(context: &Context, desk: &mut Desk, plan: &Plan, ended: &Ended, secrets: &Secrets) -> Result<(), Problem> {
    let texts = &context.screen.texts;
    for app in HolderSecret::ALL {
        let Some(digits) = opened_with(ended, secrets, app)? else { continue };
        if prompt::agrees(&context.screen, &texts.get("key-keep-ask", &[("app", app.word().into())]))? {
            keep(context, desk, &plan.phone.serial, app.word(), digits, &plan.person.name)?;
        }
    }
    Ok(())
}

/// What was typed or given, when the app's conversations, or an iPhone's backup, were read with it.
fn opened_with(ended: &Ended, secrets: &Secrets, secret: HolderSecret) -> Result<Option<SecretString>, Problem> {
    let of_kind = |kind: &'static str| move |one: &AppReport| one.backups.iter().any(|backup| backup.kind == kind);
    let mut read = ended.report.apps.iter().filter(|one| one.records.is_some());
    let opened = match secret {
        HolderSecret::IphoneBackup => ended.report.platform() == Platform::Iphone && read.next().is_some(),
        HolderSecret::SignalPassphrase => read.any(of_kind(SIGNAL_FILE)),
        HolderSecret::SignalRecoveryKey => read.any(of_kind(SIGNAL_FOLDER)),
        HolderSecret::ThreemaPassword => read.any(of_kind(THREEMA_BACKUP)),
        HolderSecret::AdbBackup => read.any(of_kind(ADB_BACKUP_ENCRYPTED)),
        HolderSecret::WhatsApp | HolderSecret::Business => read.any(|one| one.app == secret.word()),
    };
    if opened { secrets.given_text(secret.word()) } else { Ok(None) }
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
    let now = jiff::Timestamp::now().as_second();
    let change = desk.vault.change(|c| {
        if app == HolderSecret::IphoneBackup.word() {
            // One that this station made is the phone's only one; it stays what it is.
            c.backup_passwords.entry(serial.to_owned()).or_insert_with(|| BackupPassword::new(digits, chosen_by, now));
        } else {
            let id = AppSecretId { phone: serial.to_owned(), app: app.to_owned() };
            c.app_secrets.insert(id, AppSecret::new(digits, chosen_by, now));
        }
    });
    change.map_err(|e| advice::vault(&e))?;
    write_ledger(context, "keep-secret", app.to_owned(), "kept".to_owned(), &account::name(), Vec::new());
    let values = [("who", chosen_by.into()), ("app", app.into()), ("serial", serial.into())];
    context.screen.say(&context.screen.texts.get("key-kept", &values));
    Ok(())
}
