//! `uitlezen` without arguments on a terminal: the guided run. Who, phone, settings, readout, receipt.

use super::{
    readout::{conclude, go, iphone, origin, read_plan},
    runs,
};
use crate::{
    Context, advice,
    args::{Admit, YesNo},
    arrival, gate, keeping,
    problem::Problem,
    prompt,
    secret::{self, Secrets},
    station::Desk,
};
use std::{path::PathBuf, time::Duration};
use uitlezen_check::ExitCode;
use uitlezen_readout::{Plan, Platform, link::Reach, run::Shown};

/// A backup of a large phone takes this long at most before somebody should look at it.
const WAIT_FOR_BACKUP: Duration = Duration::from_secs(30 * 60);

/// How often the passphrase may be typed.
const TRIES: u32 = 3;

pub(crate) fn run(context: &Context) -> Result<ExitCode, Problem> {
    if !secret::can_ask() || context.screen.json {
        return Err(Problem::new("error-not-a-terminal", ExitCode::Usage));
    }
    context.screen.tell("guided-welcome");
    let plan = choose(context)?;
    Desk::is_there(&context.state)?;
    let out = context.configuration.out.clone().unwrap_or_else(|| context.state.path().join("zegels"));
    std::fs::create_dir_all(&out).map_err(|e| advice::disk(&e))?;
    // The phone comes before the passphrase: nothing is typed for nothing, and who looks at USB holds no keys yet.
    arrival::wait_for(context, plan.phone.platform, &plan.phone.serial)?;
    let secrets = Secrets::default();
    let mut desk = unlocked(context, &secrets)?;
    // Without a key to sign with, no question is worth an answer.
    desk.station()?;
    if let Some(exit) = runs::offer(context, &mut desk, &plan.phone.serial, &secrets)? {
        context.screen.tell("guided-receipt");
        return Ok(exit);
    }
    let said = Admit { holder_present: Some(ask_holder(context)?), ..Admit::default() };
    let admission = gate::admit(context, &mut desk, &plan, &said)?;
    // An iPhone's own settings stand in its backup.
    let shown = if plan.phone.platform == Platform::Android { ask_shown(context)? } else { Shown::default() };
    let reach = match plan.phone.platform {
        Platform::Android => Reach::Usb { serial: plan.phone.serial.clone() },
        Platform::Iphone => iphone(&plan.phone.serial)?,
    };
    let origin = origin(&reach, false);
    let ended = go(context, &mut desk, &plan, admission, reach, origin, &out, shown, &secrets, Some(WAIT_FOR_BACKUP))?;
    // The seal stands, whatever becomes of this question.
    if let Err(problem) = keeping::ask(context, &mut desk, &plan, &ended, &secrets) {
        context.screen.problem(&problem);
    }
    context.screen.tell("guided-receipt");
    Ok(conclude(context, &plan, &ended))
}

/// The vault, with a few tries: a mistyped passphrase is no reason to begin anew.
fn unlocked(context: &Context, secrets: &Secrets) -> Result<Desk, Problem> {
    for _ in 1..TRIES {
        match Desk::open(&context.state, secrets, &context.screen.texts) {
            Err(problem) if problem.key == "error-vault-secret" => context.screen.tell("guided-passphrase-again"),
            settled => return settled,
        }
    }
    Desk::open(&context.state, secrets, &context.screen.texts)
}

/// The plans of this station, by person.
fn choose(context: &Context) -> Result<Plan, Problem> {
    let folder = context.state.plans();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect())
        .unwrap_or_default();
    paths.sort();
    let (mut plans, mut faulty) = sound(&paths);
    // With nothing to choose from, the last fault is what ends the run.
    let last = if plans.is_empty() { faulty.pop() } else { None };
    for problem in &faulty {
        let (what, _) = problem.say(&context.screen.texts);
        context.screen.say(&context.screen.texts.get("guided-plan-left-out", &[("what", what.into())]));
    }
    if let Some(problem) = last {
        return Err(problem);
    }
    let missing = || {
        Problem::new("error-no-configuration", ExitCode::Usage)
            .with("file", folder.join("*.toml").display())
            .with("dir", context.state.path().display())
    };
    let texts = &context.screen.texts;
    let lines: Vec<String> = plans
        .iter()
        .map(|plan| {
            texts.get(
                "guided-person",
                &[
                    ("person", plan.person.name.as_str().into()),
                    ("function", plan.person.function.as_str().into()),
                    ("serial", plan.phone.serial.as_str().into()),
                ],
            )
        })
        .collect();
    let chosen = match plans.len() {
        0 => return Err(missing()),
        1 => {
            context.screen.say(lines.first().map_or("", String::as_str));
            0
        }
        _ => prompt::choose(&context.screen, &texts.plain("guided-which"), &lines, 0)?,
    };
    if chosen < plans.len() { Ok(plans.swap_remove(chosen)) } else { Err(missing()) }
}

/// The plans that can be used, and what is wrong with the others: one mistyped plan keeps nobody from another phone.
fn sound(paths: &[PathBuf]) -> (Vec<Plan>, Vec<Problem>) {
    let (mut plans, mut faulty) = (Vec::new(), Vec::new());
    for path in paths {
        match read_plan(path) {
            Ok(plan) => plans.push(plan),
            Err(problem) => faulty.push(problem),
        }
    }
    (plans, faulty)
}

/// Whether the holder is there; recorded, and no ground for anything.
fn ask_holder(context: &Context) -> Result<YesNo, Problem> {
    let there = prompt::agrees(&context.screen, &context.screen.texts.plain("guided-holder"))?;
    Ok(if there { YesNo::Yes } else { YesNo::No })
}

/// What only the phone's own screen shows.
fn ask_shown(context: &Context) -> Result<Shown, Problem> {
    let texts = &context.screen.texts;
    let answers = ["guided-shown-off", "guided-shown-on", "guided-shown-not"].map(|key| texts.plain(key));
    let answer = prompt::choose(&context.screen, &texts.plain("guided-shown"), &answers, 2)?;
    Ok(Shown {
        default_timer_off: match answer {
            0 => Some(true),
            1 => Some(false),
            _ => None,
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_faulty_plan_is_named_with_its_line_and_hides_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let example = include_str!("../../../../fixtures/plan.voorbeeld.toml");
        let (good, bad) = (dir.path().join("goed.toml"), dir.path().join("fout.toml"));
        std::fs::write(&good, example).unwrap();
        std::fs::write(&bad, example.replacen("function =", "functie =", 1)).unwrap();
        let (plans, faulty) = sound(&[bad, good]);
        assert_eq!((plans.len(), faulty.len()), (1, 1));
        let problem = faulty.first().unwrap();
        assert_eq!((problem.key, problem.exit), ("error-plan-toml", ExitCode::Usage));
        let line = example.lines().position(|line| line.starts_with("function =")).unwrap() + 1;
        assert!(problem.values.contains(&("line", line.to_string())), "{problem:?}");
    }
}
