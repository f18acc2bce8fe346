//! `phones release`: lets go of an iPhone, for its holder or at the end of a term that was closed without a readout.

use super::readout::{iphone, where_from, write_ledger};
use crate::{Context, account, advice, args, problem::Problem, progress::Progress, prompt, secret::Secrets, station::Desk};
use std::time::Duration;
use uitlezen_check::ExitCode;
use uitlezen_readout::{
    child::Program,
    run::{self, Released, Releasing},
};

/// A person needs time to find the dialog and to type the passcode.
const WAIT: Duration = Duration::from_secs(180);

pub(crate) fn run(context: &Context, phone: &str, gone: bool, yes: bool, secrets: &args::Secrets) -> Result<ExitCode, Problem> {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    let secrets = Secrets::new(&secrets.given)?;
    let mut desk = Desk::open(&context.state, &secrets, texts)?;
    let contents = desk.vault.contents();
    let known = contents.pair_records.contains_key(phone)
        || contents.backup_passwords.contains_key(phone)
        || contents.backup_states.contains_key(phone);
    if !known {
        return Err(Problem::new("error-release-unknown", ExitCode::Usage).with("serial", phone));
    }
    let result = if gone {
        screen.tell("release-gone-means");
        let question = texts.get("release-gone-ask", &[("serial", phone.into())]);
        if !yes && (screen.json || !prompt::agrees(screen, &question)?) {
            return Err(Problem::new("error-release-not-agreed", ExitCode::Usage));
        }
        run::forget(phone, &mut desk).map_err(|error| advice::run(&error, phone, ""))?;
        "forgotten"
    } else {
        let (reach, program) = (iphone(phone)?, Program::this());
        let mut progress = Progress::new(screen);
        let releasing = Releasing { phone, reach: &reach, program: &program, wait: WAIT };
        let released = releasing
            .go(&mut desk, &mut progress, &context.cancel)
            .map_err(|error| advice::run(&error, phone, &where_from(&reach)))?;
        match released {
            Released::PasswordRemoved => "password-removed",
            Released::NoPassword => "no-password",
            Released::HoldersOwn => "holders-own",
        }
    };
    screen.say(&texts.get(&format!("release-{result}"), &[("serial", phone.into())]));
    if !gone {
        screen.say(&texts.get("release-done", &[("serial", phone.into())]));
    }
    screen.event(&serde_json::json!({"event": "released", "serial": phone, "result": result}));
    write_ledger(context, "release", phone.to_owned(), result.to_owned(), &account::name(), Vec::new());
    Ok(ExitCode::Whole)
}
