//! The command line. Commands are English, each with a Dutch alias; help texts come from the Fluent files.

mod admit;
mod keys;
mod register;
mod vault;

pub(crate) use admit::{Admit, YesNo};
pub(crate) use keys::{Drill, HolderSecret, Keys, KeysWhat, NewKey, RotateWhat, SupervisionWhat};
pub(crate) use register::{By, KindWord, Register, RegisterWhat, Separate};
pub(crate) use vault::{LockWhat, Vault, VaultWhat};

use crate::{problem::Problem, text::Texts};
use clap::{
    Arg, ArgAction, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::{net::SocketAddr, path::PathBuf};
use uitlezen_check::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "uitlezen", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(long, global = true, value_name = "DIR")]
    pub state: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<What>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    Nl,
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    Demo(Demo),
    #[command(visible_alias = "telefoons")]
    Phones(Phones),
    #[command(visible_alias = "instellingen")]
    Settings(Settings),
    #[command(visible_alias = "lees-uit")]
    Readout(Readout),
    #[command(visible_alias = "uitlezingen")]
    Runs(Runs),
    #[command(visible_alias = "controleer-zegel")]
    Verify(Verify),
    #[command(visible_alias = "ontzegel")]
    Unseal(Unseal),
    #[command(visible_alias = "zegels")]
    Seals(Seals),
    #[command(visible_alias = "sleutels")]
    Keys(Keys),
    #[command(visible_alias = "kluis")]
    Vault(Vault),
    Register(Register),
    #[command(visible_alias = "verken")]
    Probe(Probe),
    #[command(visible_alias = "diagnose")]
    Doctor(Doctor),
    Twin(Twin),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    #[arg(long, value_name = "DIR", default_value = "demo")]
    pub dir: PathBuf,
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub messages: u64,
}

/// How the phone is reached when not simply over USB.
#[derive(Clone, Debug, Args)]
pub(crate) struct Reach {
    #[arg(long, value_name = "ADDR")]
    pub adb: Option<SocketAddr>,
    #[arg(long)]
    pub lab: bool,
}

/// With the vault's secret it says of which phones it keeps what.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Phones {
    #[command(subcommand)]
    pub what: Option<PhonesWhat>,
    #[command(flatten)]
    pub reach: Reach,
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PhonesWhat {
    /// Takes from an iPhone what this station left on it, and from this station what it keeps of the phone.
    #[command(visible_alias = "laat-los")]
    Release {
        serial: String,
        #[arg(long)]
        gone: bool,
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(flatten)]
    pub reach: Reach,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    #[arg(long, value_name = "PATH", conflicts_with = "adb")]
    pub from: Option<PathBuf>,
    #[arg(long)]
    pub to_holder: bool,
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Args)]
pub(crate) struct Readout {
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub reach: Reach,
    #[arg(long, value_name = "PATH", conflicts_with = "adb")]
    pub from: Option<PathBuf>,
    /// What the holder showed on the phone's own screen.
    #[arg(long, value_name = "WHAT=ON|OFF")]
    pub shown: Vec<String>,
    /// Transfers also what earlier seals hold.
    #[arg(long)]
    pub full: bool,
    #[arg(long, value_name = "PATH")]
    pub earlier: Vec<PathBuf>,
    #[command(flatten)]
    pub admit: Admit,
    /// Keeps the app's key when it opened the backups, by the holder's choice.
    #[arg(long, value_name = "APP", requires = "chosen_by")]
    pub keep_secret: Vec<HolderSecret>,
    #[arg(long, value_name = "WHO", requires = "keep_secret")]
    pub chosen_by: Option<String>,
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Args)]
pub(crate) struct Runs {
    #[command(subcommand)]
    pub what: RunsWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsWhat {
    /// Runs that were broken off.
    #[command(visible_alias = "toon")]
    List {
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Goes on with one.
    #[command(visible_alias = "hervat")]
    Resume {
        run: Option<String>,
        #[command(flatten)]
        reach: Reach,
        #[arg(long, value_name = "PATH", conflicts_with = "adb")]
        from: Option<PathBuf>,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Gives one up: what it had is destroyed.
    #[command(visible_alias = "vernietig")]
    Discard {
        run: Option<String>,
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        secrets: Secrets,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Secrets {
    #[arg(long = "secret", value_name = "NAME=SOURCE")]
    pub given: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[arg(long, value_name = "CERT")]
    pub signer: Vec<PathBuf>,
    #[arg(long)]
    pub allow_demo: bool,
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct Unseal {
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[arg(long, value_name = "KEY", required = true)]
    pub identity: Vec<PathBuf>,
    #[arg(long, value_name = "ROLE")]
    pub role: String,
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Earlier seals that hold attachments, or folders with them.
    #[arg(long, value_name = "PATH")]
    pub earlier: Vec<PathBuf>,
    #[arg(long, value_name = "CERT")]
    pub signer: Vec<PathBuf>,
    #[arg(long)]
    pub allow_demo: bool,
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Args)]
pub(crate) struct Seals {
    #[command(subcommand)]
    pub what: SealsWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SealsWhat {
    /// Seals of this station, and which rely on which.
    #[command(visible_alias = "toon")]
    List {
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Destroys one that no other needs.
    #[command(visible_alias = "vernietig")]
    Destroy {
        file: PathBuf,
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        secrets: Secrets,
    },
}

/// With the vault's secret it looks into the register too.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub secrets: Secrets,
}

#[derive(Debug, Args)]
pub(crate) struct Probe {
    #[command(flatten)]
    pub reach: Reach,
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Twin {
    #[command(subcommand)]
    pub what: TwinWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TwinWhat {
    Android(TwinAndroid),
    Iphone(TwinIphone),
}

#[derive(Debug, Args)]
pub(crate) struct TwinAndroid {
    #[arg(long, value_name = "ADDR", required_unless_present = "functionfs")]
    pub listen: Option<SocketAddr>,
    #[arg(long, value_name = "DIR", conflicts_with = "listen")]
    pub functionfs: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub messages: u64,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[arg(long, value_enum, default_value_t = Accept::After)]
    pub accept: Accept,
    #[arg(long, value_name = "SERIAL", default_value = "TWIN0001")]
    pub serial: String,
    /// Writes the 64-digit backup key of the virtual phone to this file.
    #[arg(long, value_name = "FILE")]
    pub key_out: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub expected_out: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub canary: Option<String>,
    #[arg(long, value_name = "NAME:BYTES")]
    pub big_file: Option<String>,
    #[arg(long, value_enum, default_value_t = Media::Small)]
    pub media: Media,
}

#[derive(Debug, Args)]
pub(crate) struct TwinIphone {
    /// Address of its usbmuxd: 127.0.0.1:PORT goes into USBMUXD_SOCKET_ADDRESS.
    #[arg(long, value_name = "ADDR", required_unless_present_any = ["socket", "functionfs"])]
    pub listen: Option<SocketAddr>,
    #[arg(long, value_name = "PATH", conflicts_with = "listen")]
    pub socket: Option<PathBuf>,
    #[arg(long, value_name = "DIR", conflicts_with_all = ["listen", "socket"])]
    pub functionfs: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub messages: u64,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[arg(long, value_enum, default_value_t = Accept::After)]
    pub accept: Accept,
    #[arg(long, value_name = "UDID")]
    pub udid: Option<String>,
    /// Backups are encrypted with the password in this file, without its last line end.
    #[arg(long, value_name = "FILE")]
    pub backup_password_file: Option<PathBuf>,
    /// Asks for its passcode before a backup, which the virtual holder types after a second.
    #[arg(long)]
    pub passcode: bool,
    /// Ends every backup with this ErrorCode.
    #[arg(long, value_name = "CODE")]
    pub fails: Option<u64>,
    /// A file of this many bytes beside the messages.
    #[arg(long, value_name = "BYTES")]
    pub big_file: Option<u64>,
    #[arg(long, value_name = "FILE")]
    pub expected_out: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub canary: Option<String>,
    #[arg(long, value_enum, default_value_t = Media::Small)]
    pub media: Media,
}

/// How large the attachments of the virtual phone are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Media {
    None,
    Small,
    /// As on a real phone.
    Realistic,
}

/// What the virtual holder does with "Allow USB debugging?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Accept {
    /// No question is asked.
    Open,
    /// Taps Allow after a second.
    After,
    /// Never answers.
    Never,
    /// Taps Cancel.
    Refuse,
}

/// The command with its help texts in the chosen language.
#[must_use]
pub(crate) fn command(texts: &Texts) -> Command {
    let words = Words::new(texts);
    let own = |id: &'static str, short: char, action: ArgAction| {
        Arg::new(id).short(short).long(id).action(action).help(texts.plain(&format!("help-arg-{id}"))).help_heading(words.options)
    };
    let command = Cli::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(own("help", 'h', ArgAction::Help).global(true))
        .arg(own("version", 'V', ArgAction::Version));
    localise(command, texts, &words, "help")
}

/// Parses in the chosen language.
pub(crate) fn parse(texts: &Texts, arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Cli, clap::Error> {
    let matches = command(texts).try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// What was not understood, in the reader's language; `None` when the error is help or a version that was asked for.
#[must_use]
pub(crate) fn misunderstood(error: &clap::Error) -> Option<Problem> {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => Some(one.clone()),
        Some(ContextValue::Strings(all)) => Some(all.join(", ")),
        _ => None,
    };
    let problem = |key, kind| said(kind).map(|what| Problem::new(key, ExitCode::Usage).with("what", what));
    let told = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::UnknownArgument => match said(ContextKind::SuggestedArg) {
            Some(near) => problem("error-usage-near", ContextKind::InvalidArg).map(|p| p.with("near", near)),
            None => problem("error-usage-unknown", ContextKind::InvalidArg),
        },
        ErrorKind::InvalidSubcommand => problem("error-usage-unknown", ContextKind::InvalidSubcommand),
        ErrorKind::MissingRequiredArgument => problem("error-usage-missing", ContextKind::InvalidArg),
        ErrorKind::ArgumentConflict => problem("error-usage-conflict", ContextKind::InvalidArg)
            .and_then(|p| Some(p.with("other", said(ContextKind::PriorArg)?))),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => problem("error-usage-value", ContextKind::InvalidArg)
            .and_then(|p| Some(p.with("value", said(ContextKind::InvalidValue)?))),
        _ => None,
    };
    Some(told.unwrap_or_else(|| Problem::new("error-usage", ExitCode::Usage)))
}

/// Clap's own headings. It keeps them for the life of the program.
struct Words {
    commands: &'static str,
    options: &'static str,
    arguments: &'static str,
    template: &'static str,
}

impl Words {
    fn new(texts: &Texts) -> Self {
        let keep = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let usage = texts.plain("help-heading-usage");
        Self {
            commands: keep(texts.plain("help-heading-commands")),
            options: keep(texts.plain("help-heading-options")),
            arguments: keep(texts.plain("help-heading-arguments")),
            template: keep(format!("{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}")),
        }
    }
}

fn localise(command: Command, texts: &Texts, words: &Words, prefix: &str) -> Command {
    let mut command = command.help_template(words.template).subcommand_help_heading(words.commands);
    if let Some(about) = texts.find(prefix, &[]) {
        command = command.about(about);
    }
    let arguments: Vec<String> = command.get_arguments().map(|a| a.get_id().to_string()).collect();
    for id in arguments {
        let help = texts.find(&format!("help-arg-{}", id.replace('_', "-")), &[]);
        command = command.mut_arg(&id, |arg: Arg| {
            let heading = if arg.is_positional() { words.arguments } else { words.options };
            let takes_value = arg.get_action().takes_values();
            let arg = arg.help_heading(heading);
            // The help text names the values, in the reader's language.
            let arg = if takes_value { arg.hide_possible_values(true).hide_default_value(true) } else { arg };
            let default: Vec<String> = arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
            match help {
                Some(text) if takes_value && !default.is_empty() => {
                    arg.help(format!("{text} {}", texts.get("help-default", &[("value", default.join(", ").into())])))
                }
                Some(text) => arg.help(text),
                None => arg,
            }
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in names {
        let below = format!("{prefix}-{name}");
        command = command.mut_subcommand(&name, |c| localise(c, texts, words, &below));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    fn every(command: &Command, path: &str, see: &mut impl FnMut(&Command, &str)) {
        see(command, path);
        for below in command.get_subcommands() {
            every(below, &format!("{path} {}", below.get_name()), see);
        }
    }

    #[test]
    fn every_command_and_argument_is_explained_in_both_languages() {
        for language in [Language::Dutch, Language::English] {
            let texts = Texts::new(language);
            let command = command(&texts);
            command.clone().debug_assert();
            every(&command, "uitlezen", &mut |command, path| {
                assert!(command.get_about().is_some_and(|a| !a.to_string().starts_with("help-")), "{path}");
                for argument in command.get_arguments() {
                    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                    let key = format!("help-arg-{}", argument.get_id().as_str().replace('_', "-"));
                    assert!(texts.find(&key, &[]).is_some_and(|text| help.starts_with(&text)), "{path} {key}: {help}");
                }
                assert!(!command.clone().render_long_help().to_string().is_empty(), "{path}");
            });
        }
    }
    #[test]
    fn what_is_not_understood_is_told_in_the_readers_language() {
        let texts = Texts::new(Language::Dutch);
        let told = |arguments: &[&str]| {
            let arguments = std::iter::once("uitlezen").chain(arguments.iter().copied()).map(Into::into);
            let error = parse(&texts, arguments).err()?;
            misunderstood(&error).map(|problem| (problem.key, problem.say(&texts).0))
        };
        let line = |arguments: &[&str]| told(arguments).unwrap_or_default();
        assert_eq!(line(&["verify", "a", "--singer", "b"]).0, "error-usage-near");
        assert_eq!(line(&["frobnicate"]), ("error-usage-unknown", "Fout: `frobnicate` is hier niet bekend.".to_owned()));
        assert!(line(&["readout", "--out", "b"]).1.contains("--plan <FILE>"));
        let (key, value) = line(&["phones", "--adb", "hier"]);
        assert!(key == "error-usage-value" && value.contains("hier") && value.contains("--adb"), "{value}");
        let both = ["readout", "--plan", "a", "--out", "b", "--adb", "127.0.0.1:1", "--from", "c"];
        assert_eq!(line(&both).0, "error-usage-conflict");
        assert_eq!(line(&["verify", "a", "--threads"]).0, "error-usage-value");
        assert!(told(&["--help"]).is_none() && told(&["verify", "a"]).is_none());
    }
}
