//! `settings` / `instellingen`: is automatic deletion off? Nothing is sealed and nothing is kept.

use super::readout::{keys, reach, read_plan};
use crate::{
    Context, advice,
    args::Settings,
    judgement,
    problem::Problem,
    progress::Progress,
    secret::{self, Secrets},
    station::Desk,
};
use std::{cell::RefCell, collections::BTreeMap};
use uitlezen_chat::{Conversation, ConversationNumber};
use uitlezen_check::{AppVerdict, ExitCode};
use uitlezen_readout::{
    Event, Listener, Plan,
    child::Program,
    link::Reach,
    run::{self, Job, Shown},
};
use zeroize::Zeroizing;

pub(crate) fn run(context: &Context, what: &Settings) -> Result<ExitCode, Problem> {
    if what.to_holder && context.screen.json {
        return Err(Problem::new("error-to-holder-json", ExitCode::Usage));
    }
    if what.to_holder && !holder_looks_along(context)? {
        return Err(Problem::new("error-cancelled", ExitCode::Cancelled));
    }
    let secrets = Secrets::new(&what.secrets.given)?;
    let Some(path) = &what.plan else { return Err(Problem::new("error-usage", ExitCode::Usage)) };
    let plan = read_plan(path)?;
    let reach = reach(&plan.phone.serial, &what.reach, what.from.as_deref());
    context.state.make().map_err(|e| advice::disk(&e))?;
    let mut desk = Desk::open(&context.state, &secrets, &context.screen.texts)?;
    check(context, &mut desk, &plan, reach, what.to_holder, &secrets)
}

/// Names appear only when somebody at the keyboard says that the holder is there.
fn holder_looks_along(context: &Context) -> Result<bool, Problem> {
    if !secret::can_ask() {
        return Err(Problem::new("error-not-a-terminal", ExitCode::Usage));
    }
    let asked = dialoguer::Confirm::new().with_prompt(context.screen.texts.plain("to-holder-ask")).default(false).interact();
    asked.map_err(|e| Problem::new("error-internal", ExitCode::Internal).with("why", e))
}

fn check(context: &Context, desk: &mut Desk, plan: &Plan, reach: Reach, to_holder: bool, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let adb_key = if matches!(reach, Reach::Files { .. }) { None } else { Some(desk.adb_key()?) };
    let keys = keys(context, desk, plan, secrets)?;
    let lines = RefCell::new(Zeroizing::new(Vec::new()));
    let job = Job {
        plan,
        reach,
        program: Program::this().map_err(|e| advice::disk(&e))?,
        keys,
        adb_key,
        shown: Shown::default(),
        wait_for_backup: None,
        out: context.state.path().to_owned(),
        keeper: desk,
        seal: None,
        titles: to_holder.then(|| Box::new(|bytes: &[u8]| lines.borrow_mut().extend_from_slice(bytes)) as Box<dyn FnMut(&[u8])>),
    };
    let mut progress = Progress::new(&context.screen);
    let ended = run::run(job, &mut progress, &context.cancel).map_err(|e| advice::run(&e, &plan.phone.serial, ""))?;
    let exit = ended.exit();
    progress.event(Event::Finished { status: None, codes: ended.codes.clone(), exit: exit.number() });
    drop(progress);
    if to_holder {
        show(context, &ended.standing.apps, &lines.into_inner());
    }
    Ok(exit)
}

/// On the screen for the holder, and nowhere else.
fn show(context: &Context, verdicts: &[AppVerdict], lines: &[u8]) {
    let texts = &context.screen.texts;
    let conversations: BTreeMap<ConversationNumber, Conversation> = lines
        .split(|b| *b == b'\n')
        .filter_map(|line| serde_json::from_slice::<Conversation>(line).ok())
        .map(|c| (c.number, c))
        .collect();
    for verdict in verdicts {
        for one in &verdict.conversations {
            let Some(conversation) = conversations.get(&one.conversation) else { continue };
            let name = conversation.title.clone().unwrap_or_else(|| {
                let others = conversation.participants.iter().filter(|p| !p.is_holder);
                others.map(|p| p.display_name().to_owned()).collect::<Vec<_>>().join(", ")
            });
            let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let number = one.conversation.0;
            context.screen.say(&texts.get(
                "to-holder-line",
                &[
                    ("number", number.into()),
                    ("name", name.into()),
                    ("verdict", judgement::short(&one.verdict, texts).into()),
                ],
            ));
        }
    }
}
