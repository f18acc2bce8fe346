//! `settings` / `instellingen`: is automatic deletion off? Nothing is sealed and nothing is kept.
//!
//! With a plan the phone must be the plan's; without one it is whichever phone answers. No vault is needed: the work store's
//! key lives as long as the check.

use super::{
    probe,
    readout::{reach, read_plan, where_from},
};
use crate::{
    Context, advice, args::Settings, fleeting, judgement, keyring, problem::Problem, progress::Progress, prompt, secret::Secrets,
    station::Desk,
};
use secrecy::SecretString;
use std::{cell::RefCell, collections::BTreeMap, path::Path};
use uitlezen_apps::whatsapp::Edition;
use uitlezen_chat::{Conversation, ConversationNumber};
use uitlezen_check::{AppVerdict, ExitCode};
use uitlezen_phone::android::AdbKey;
use uitlezen_readout::{
    Admission, Event, Listener, Plan, Platform,
    child::Program,
    link::{Credentials, Reach},
    run::{self, Claim, Job, Previous, Reached, RunError, RunKeeper, Shown, Titles},
};
use uitlezen_seal::store::RunKey;
use zeroize::Zeroizing;

pub(crate) fn run(context: &Context, what: &Settings) -> Result<ExitCode, Problem> {
    if what.to_holder && context.screen.json {
        return Err(Problem::new("error-to-holder-json", ExitCode::Usage));
    }
    if what.to_holder {
        fleeting::possible()?;
        // Names appear only when somebody at the keyboard says that the holder is there.
        if !prompt::agrees(&context.screen, &context.screen.texts.plain("to-holder-ask"))? {
            return Err(Problem::new("error-no-holder", ExitCode::Cancelled));
        }
    }
    let secrets = Secrets::new(&what.secrets.given)?;
    context.state.make().map_err(|e| advice::disk(&e))?;
    let adb_key = adb_key(context, &secrets)?;
    let plan = match (&what.plan, &what.from) {
        (Some(path), _) => read_plan(path)?,
        (None, from) => {
            let serial = if from.is_some() { String::new() } else { probe::serial_of(context, &what.reach, &adb_key)? };
            Plan::for_settings(serial, true, given(&secrets, Edition::Business))
        }
    };
    // They stand in its backup, and making one is a readout's business: it may set a password on the phone.
    if plan.phone.platform == Platform::Iphone && what.from.is_none() {
        return Err(Problem::new("error-settings-iphone", ExitCode::Usage));
    }
    let reach = reach(&plan.phone.serial, &what.reach, what.from.as_deref());
    check(context, &plan, reach, adb_key, what.to_holder, &secrets)
}

fn given(secrets: &Secrets, edition: Edition) -> bool {
    secrets.is_given(edition.app()) || secrets.is_given(&keyring::key_file(edition))
}

/// The station's own adb key when its vault can be opened, so that the phone need not ask again; else one for this once.
fn adb_key(context: &Context, secrets: &Secrets) -> Result<SecretString, Problem> {
    if context.state.vault().exists() && secrets.is_given(crate::unlocking::VAULT_SECRET) {
        return Desk::open(&context.state, secrets, &context.screen.texts)?.adb_key();
    }
    let made = AdbKey::generate().and_then(|key| key.to_pem());
    made.map_err(|_| Problem::new("error-internal", ExitCode::Internal).with("why", "adb key"))
}

/// A run whose store nobody will want to resume.
struct Passing;

impl RunKeeper for Passing {
    fn claim(&mut self, _: &str) -> Result<Claim, RunError> {
        Ok(Claim::none())
    }

    fn keep(&mut self, _: &str, _: &RunKey, _: &Path, _: &str) -> Result<(), RunError> {
        Ok(())
    }

    fn forget(&mut self, _: &str) -> Result<(), RunError> {
        Ok(())
    }

    fn sealed(&mut self, _: &str, _: &str, _: [u8; 32]) -> Result<(), RunError> {
        Ok(())
    }

    fn previous(&self, _: &str) -> Previous {
        Previous::default()
    }
}

fn check(
    context: &Context,
    plan: &Plan,
    reach: Reach,
    adb_key: SecretString,
    to_holder: bool,
    secrets: &Secrets,
) -> Result<ExitCode, Problem> {
    let keys = keyring::gather(context, plan, &reach, Reached::Begun, secrets, |_| None)?;
    let backup_password = keyring::backup_password(context, plan, secrets, None)?;
    let asked = where_from(&reach);
    let lines = RefCell::new(Zeroizing::new(Vec::new()));
    let job = Job {
        plan,
        admission: Admission::for_settings(plan),
        reach,
        program: Program::this(),
        keys,
        credentials: Credentials { adb_key: Some(adb_key), backup_password, iphone: None },
        shown: Shown::default(),
        wait_for_backup: None,
        out: context.state.path().to_owned(),
        keeper: &mut Passing,
        seal: None,
        weekly: None,
        titles: to_holder.then(|| Box::new(|bytes: &[u8]| lines.borrow_mut().extend_from_slice(bytes)) as Titles<'_>),
    };
    let mut progress = Progress::new(&context.screen);
    let ended = run::run(job, &mut progress, &context.cancel).map_err(|e| advice::run(&e, &plan.phone.serial, &asked))?;
    let exit = ended.exit();
    progress.event(Event::Finished { status: None, codes: ended.codes.clone(), exit: exit.number() });
    drop(progress);
    if to_holder {
        let lines = named(context, &ended.standing.apps, &lines.into_inner());
        fleeting::show(&context.screen, &lines, &context.cancel)?;
    }
    Ok(exit)
}

/// Every conversation with its name and its verdict: for the holder's eyes, and kept nowhere.
fn named(context: &Context, verdicts: &[AppVerdict], lines: &[u8]) -> Vec<String> {
    let texts = &context.screen.texts;
    let conversations: BTreeMap<(String, ConversationNumber), Conversation> = lines
        .split(|b| *b == b'\n')
        .filter_map(|line| serde_json::from_slice::<Conversation>(line).ok())
        .map(|c| ((c.app.clone(), c.number), c))
        .collect();
    let mut named = Vec::new();
    for verdict in verdicts {
        for one in &verdict.conversations {
            let Some(conversation) = conversations.get(&(verdict.app.clone(), one.conversation)) else { continue };
            let name = conversation.title.clone().unwrap_or_else(|| {
                let others = conversation.participants.iter().filter(|p| !p.is_holder);
                others.map(|p| p.display_name().to_owned()).collect::<Vec<_>>().join(", ")
            });
            let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            named.push(texts.get(
                "to-holder-line",
                &[
                    ("number", one.conversation.0.into()),
                    ("name", name.into()),
                    ("verdict", judgement::short(&one.verdict, texts).into()),
                ],
            ));
        }
    }
    named
}
