//! The command line: commands, prompts, progress bars, Dutch and English texts.
//!
//! `main` hands over here. A hidden first argument makes the process a child of the engine (see `uitlezen_readout::child`);
//! everything else is parsed, done, and answered with an exit code.

mod account;
mod advice;
mod args;
mod arrival;
mod book;
mod command;
mod configuration;
mod fingerprint;
mod fleeting;
mod gate;
mod identity;
mod judgement;
mod keeping;
mod keyring;
mod pace;
mod problem;
mod progress;
mod prompt;
mod sample;
mod screen;
mod secret;
mod state;
mod station;
mod text;
mod unlocking;

use args::What;
use configuration::Configuration;
use problem::Problem;
use screen::Screen;
use state::State;
use std::{ffi::OsString, process};
use text::Texts;
use uitlezen_check::ExitCode;
use uitlezen_readout::{Cancel, child};

/// What every command works with.
pub(crate) struct Context {
    pub(crate) screen: Screen,
    pub(crate) state: State,
    pub(crate) configuration: Configuration,
    pub(crate) cancel: Cancel,
}

/// The whole program.
#[must_use]
pub fn main() -> process::ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some((flag, rest)) = arguments.get(1..).and_then(<[OsString]>::split_first)
        && flag == child::FLAG
    {
        let rest: Vec<String> = rest.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        return child::main(&rest).into();
    }
    child::confine::hide_memory();
    let _ = child::confine::lock_memory();
    let locale = text::locale();
    let asked = asked_language(&arguments);
    let state = State::choose(asked_state(&arguments).as_deref());
    let configuration = Configuration::read(&state);
    let configured = configuration.as_ref().ok().and_then(|c| c.lang.clone());
    let language = text::choose_language(asked.as_deref(), configured.as_deref(), locale.as_deref());
    let texts = Texts::new(language);
    let json = arguments.iter().any(|argument| argument == "--json");
    let cli = match args::parse(&texts, arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let Some(problem) = args::misunderstood(&error) else {
                let _ = error.print();
                let fine = error.exit_code() == 0;
                return if fine { ExitCode::Whole } else { ExitCode::Usage }.number().into();
            };
            Screen { texts, json }.problem(&problem);
            return problem.exit.number().into();
        }
    };
    let screen = Screen { texts, json: cli.json };
    let context = match configuration {
        Ok(configuration) => Context { screen, state, configuration, cancel: Cancel::default() },
        Err(why) => {
            let problem = Problem::new("error-configuration", ExitCode::Usage)
                .with("file", state.configuration().display())
                .with("why", why);
            screen.problem(&problem);
            return problem.exit.number().into();
        }
    };
    let stop = context.cancel.clone();
    // Without a handler the default still ends the process, and the children with it.
    let _ = ctrlc::set_handler(move || stop.cancel());
    let done = match cli.command {
        None => command::guided::run(&context),
        Some(What::Demo(what)) => command::demo::run(&context, &what),
        Some(What::Phones(what)) => command::phones::run(&context, &what),
        Some(What::Settings(what)) => command::settings::run(&context, &what),
        Some(What::Readout(what)) => command::readout::run(&context, &what),
        Some(What::Runs(what)) => command::runs::run(&context, &what.what),
        Some(What::Verify(what)) => command::verify::run(&context, &what),
        Some(What::Unseal(what)) => command::unseal::run(&context, &what),
        Some(What::Seals(what)) => command::seals::run(&context, &what.what),
        Some(What::Keys(what)) => command::keys::run(&context, &what),
        Some(What::Vault(what)) => command::vault::run(&context, &what),
        Some(What::Probe(what)) => command::probe::run(&context, &what),
        Some(What::Register(what)) => command::register::run(&context, &what),
        Some(What::Doctor(what)) => command::doctor::run(&context, &what),
        Some(What::Twin(what)) => command::twin::run(&context, &what),
    };
    let exit = done.unwrap_or_else(|problem| {
        context.screen.problem(&problem);
        problem.exit
    });
    exit.number().into()
}

/// `--lang` is looked for before parsing, since the parser's own words depend on it.
fn asked_language(arguments: &[OsString]) -> Option<String> {
    value_of(arguments, "--lang").map(|v| v.to_string_lossy().into_owned())
}

fn asked_state(arguments: &[OsString]) -> Option<std::path::PathBuf> {
    value_of(arguments, "--state").map(Into::into)
}

fn value_of(arguments: &[OsString], flag: &str) -> Option<OsString> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let Some(text) = argument.to_str() else { continue };
        if text == flag {
            return arguments.next().cloned();
        }
        if let Some(value) = text.strip_prefix(flag).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value.into());
        }
    }
    None
}
