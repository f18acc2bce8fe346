//! `uitlezen` without arguments on a terminal: the guided run. Who, phone, settings, readout, receipt.

use super::readout::{conclude, go, read_plan};
use crate::{
    Context, advice,
    problem::Problem,
    prompt,
    secret::{self, Secrets},
    station::Desk,
};
use std::{path::PathBuf, time::Duration};
use uitlezen_check::ExitCode;
use uitlezen_readout::{Plan, link::Reach, run::Shown};
use uitlezen_seal::header::Origin;

/// A backup of a large phone takes this long at most before somebody should look at it.
const WAIT_FOR_BACKUP: Duration = Duration::from_secs(30 * 60);

pub(crate) fn run(context: &Context) -> Result<ExitCode, Problem> {
    if !secret::can_ask() || context.screen.json {
        return Err(Problem::new("error-not-a-terminal", ExitCode::Usage));
    }
    context.screen.tell("guided-welcome");
    let plan = choose(context)?;
    let secrets = Secrets::default();
    let mut desk = Desk::open(&context.state, &secrets, &context.screen.texts)?;
    context.screen.tell("holder-connect");
    context.screen.tell("holder-unlock");
    let shown = ask_shown(context)?;
    let out = context.configuration.out.clone().unwrap_or_else(|| context.state.path().join("zegels"));
    std::fs::create_dir_all(&out).map_err(|e| advice::disk(&e))?;
    let reach = Reach::Usb { serial: plan.phone.serial.clone() };
    let ended = go(context, &mut desk, &plan, reach, Origin::Usb, &out, shown, &secrets, Some(WAIT_FOR_BACKUP))?;
    context.screen.tell("guided-receipt");
    Ok(conclude(context, &plan, &ended))
}

/// The plans of this station, by person.
fn choose(context: &Context) -> Result<Plan, Problem> {
    let folder = context.state.plans();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map(|entries| entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect())
        .unwrap_or_default();
    paths.sort();
    let mut plans = paths.iter().map(|path| read_plan(path)).collect::<Result<Vec<Plan>, Problem>>()?;
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
