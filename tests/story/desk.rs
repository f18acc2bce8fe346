//! A desk: a station with its vault, a plan, keys, and an empty out-tray.

use super::{
    outcome::Outcome,
    phone::{Phone, SERIAL},
};
use std::{
    ffi::OsString,
    fs,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};
use tempfile::TempDir;
use uitlezen_chat::ConversationFile;
use uitlezen_twin::content::PhoneContent;

/// Who may be read out at every desk: one official, with two phones.
pub const REGISTER: &str = r#"format = 1

[organisation]
name = "Gemeente Vlietmonde"
code = "gm0000"
doel = "Bewaren van de zakelijke chatberichten van sleutelfunctionarissen"
grondslag = "Archiefwet 1995, artikel 3"
dpia = "DPIA-2026-014"
fg_advice = 2026-03-02
stop_contact = "de CISO, toestel 112"

[[officials]]
id = "wethouder-1"
name = "drs. A. Voorbeeld"
function = "wethouder"
from = 2022-06-01
set_by = "directieteam"
decision = "DT-2026-7"
decided = 2026-02-10
appraisal = "B"
selection_list = "Selectielijst gemeenten 2020"
category_code = "7.1"
category_title = "Bestuur"

[[phones]]
serial = "TWIN0001"
official = "wethouder-1"
platform = "android"
mdm = "beheerd"

[[phones]]
serial = "TWIN0002"
official = "wethouder-1"
platform = "android"
"#;

pub const VAULT_PASSPHRASE: &str = "Correct-paard-batterij-nietje";
/// No story takes longer, however busy the machine.
const LONGEST: Duration = Duration::from_secs(240);

pub struct Desk {
    dir: TempDir,
}

/// What every desk has, made once by the real commands.
struct Equipment {
    /// Relative path, bytes, mode.
    files: Vec<(PathBuf, Vec<u8>, u32)>,
    role: String,
    recovery: String,
}

impl Desk {
    /// A desk that was put in order before.
    pub fn ready() -> Self {
        static EQUIPMENT: OnceLock<Equipment> = OnceLock::new();
        let equipment = EQUIPMENT.get_or_init(Self::equip);
        let desk = Self::empty();
        for (path, bytes, mode) in &equipment.files {
            desk.write(path, bytes, *mode);
        }
        desk.write(Path::new("plan.toml"), plan(&equipment.role, &equipment.recovery).as_bytes(), 0o644);
        desk
    }

    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn equip() -> Equipment {
        let desk = Self::empty();
        let recipient = |kind: &str, file: &str| {
            let made = desk.says(["keys", "new", kind, "--json", "--out"]).with(desk.at(file)).go().ends_with(0);
            made.event("key")["recipient"].as_str().unwrap().to_owned()
        };
        let recovery = recipient("recovery", "herstel.txt");
        let role = recipient("role", "div.txt");
        recipient("role", "vreemd.txt");
        let vault = desk.secret("vault", VAULT_PASSPHRASE);
        desk.says(["keys", "new", "station", "--organisation", "Gemeente Vlietmonde", "--code", "gm0000", "--name", "kiosk 1"])
            .with("--recovery")
            .with(&recovery)
            .with("--secret")
            .with(&vault)
            .go()
            .ends_with(0);
        desk.write(Path::new("register.toml"), REGISTER.as_bytes(), 0o644);
        desk.registers(["import", "register.toml"]).go().ends_with(0);
        // The first time that a phone is looked for, the station makes the key that phones ask about.
        desk.write(Path::new("plan.toml"), plan(&role, &recovery).as_bytes(), 0o644);
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        desk.readout().with("--adb").with(free.to_string()).go().ends_with(7);
        fs::remove_file(desk.at("state/ledger.jsonl")).unwrap();
        Equipment { files: desk.files(), role, recovery }
    }

    /// Everything on it: relative path, bytes, mode.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>, u32)> {
        super::files_below(self.dir.path())
            .into_iter()
            .map(|path| {
                let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                (path.strip_prefix(self.dir.path()).unwrap().to_owned(), fs::read(&path).unwrap(), mode)
            })
            .collect()
    }

    /// Another desk on which everything lies that lies on this one, but for what is in the out-tray.
    pub fn again(&self) -> Self {
        let desk = Self::empty();
        for (path, bytes, mode) in self.files().iter().filter(|(path, ..)| !path.starts_with("out")) {
            desk.write(path, bytes, *mode);
        }
        desk
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn out(&self) -> PathBuf {
        self.at("out")
    }

    pub fn state(&self) -> PathBuf {
        self.at("state")
    }

    fn write(&self, name: &Path, bytes: &[u8], mode: u32) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path).unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
    }

    /// A secret in a file that only its owner may read, as `--secret` takes it.
    pub fn secret(&self, name: &str, value: impl AsRef<[u8]>) -> OsString {
        let file = format!("geheim-{name}");
        self.write(Path::new(&file), value.as_ref(), 0o600);
        let mut text = OsString::from(format!("{name}=@"));
        text.push(self.at(&file));
        text
    }

    /// Changes a line of the plan.
    #[track_caller]
    pub fn plan_says(&self, instead_of: &str, now: &str) -> &Self {
        let text = fs::read_to_string(self.at("plan.toml")).unwrap();
        assert!(text.contains(instead_of), "the plan does not say {instead_of}");
        fs::write(self.at("plan.toml"), text.replacen(instead_of, now, 1)).unwrap();
        self
    }

    /// Any command at this desk.
    pub fn says<const N: usize>(&self, words: [&str; N]) -> Call {
        let call = Call {
            arguments: vec!["--state".into(), self.state().into()],
            directory: self.dir.path().to_owned(),
            variables: Vec::new(),
        };
        words.into_iter().fold(call, Call::with)
    }

    fn unlocked(&self, call: Call) -> Call {
        call.with("--secret").with(self.secret("vault", VAULT_PASSPHRASE))
    }

    /// `register` with a change, by somebody for some reason.
    pub fn registers<const N: usize>(&self, words: [&str; N]) -> Call {
        let call = words.into_iter().fold(self.says(["register"]), Call::with);
        self.unlocked(call).with("--by").with("archivaris").with("--why").with("inrichting")
    }

    /// `register` with a question.
    pub fn asks_register<const N: usize>(&self, words: [&str; N]) -> Call {
        self.unlocked(words.into_iter().fold(self.says(["register"]), Call::with))
    }

    /// `readout` with plan, out-tray and vault, and nothing to read from yet.
    pub fn readout(&self) -> Call {
        self.unlocked(self.says(["readout", "--plan"]).with(self.at("plan.toml")).with("--out").with(self.out()))
    }

    /// `runs …` with the vault.
    pub fn runs<const N: usize>(&self, words: [&str; N]) -> Call {
        let call = words.into_iter().fold(self.says(["runs"]), Call::with);
        self.unlocked(call)
    }

    /// Goes on with the only run that was broken off.
    pub fn resumes(&self, phone: &Phone) -> Call {
        self.with_secrets(self.runs(["resume"]).over(phone), phone)
    }

    /// What its holder gave for the apps of a phone.
    fn with_secrets(&self, call: Call, phone: &Phone) -> Call {
        let call = call.with("--secret").with(self.key_of(&phone.content));
        let of_signal = phone
            .signal
            .iter()
            .flat_map(|signal| [("signal-passphrase", &signal.passphrase), ("signal-recovery-key", &signal.recovery_key)]);
        let of_threema = phone.threema.iter().map(|threema| ("threema-password", &threema.password));
        of_signal.chain(of_threema).fold(call, |call, (name, value)| call.with("--secret").with(self.secret(name, value)))
    }

    pub fn settings(&self) -> Call {
        self.unlocked(self.says(["settings", "--plan"]).with(self.at("plan.toml")))
    }

    /// Reads a phone with the key that its holder gave.
    pub fn reads(&self, phone: &Phone) -> Call {
        self.with_secrets(self.readout().over(phone), phone)
    }

    /// Reads a folder or zip with the key that the holder gave.
    pub fn reads_files(&self, content: &PhoneContent, path: &Path) -> Call {
        self.readout().with("--from").with(path).with("--secret").with(self.key_of(content))
    }

    pub fn key_of(&self, content: &PhoneContent) -> OsString {
        self.secret("whatsapp", &content.secrets.hex64)
    }

    /// Seals in the out-tray.
    pub fn seals(&self) -> Vec<PathBuf> {
        self.in_tray(".uitlezing")
    }

    /// Work stores in the out-tray.
    pub fn unfinished(&self) -> Vec<PathBuf> {
        self.in_tray(".partial")
    }

    fn in_tray(&self, ending: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.out()) else { return Vec::new() };
        entries.map(|e| e.unwrap().path()).filter(|p| p.to_string_lossy().ends_with(ending)).collect()
    }

    /// The only seal.
    #[track_caller]
    pub fn seal(&self) -> PathBuf {
        let mut seals = self.seals();
        assert_eq!(seals.len(), 1, "{seals:?}");
        assert!(self.unfinished().is_empty(), "a closed run leaves no work store");
        seals.remove(0)
    }

    #[track_caller]
    pub fn nothing_sealed(&self) {
        assert!(self.seals().is_empty(), "{:?}", self.seals());
    }

    pub fn verify(&self, seal: &Path) -> Call {
        self.says(["verify"]).with(seal).with("--signer").with(self.at("state/station.pem"))
    }

    pub fn verifies(&self, seal: &Path) -> Outcome {
        self.verify(seal).go()
    }

    pub fn unseals(&self, seal: &Path, role: &str, key: &str, into: &str) -> Call {
        let call = self.says(["unseal"]).with(seal).with("--signer").with(self.at("state/station.pem"));
        call.with("--role").with(role).with("--identity").with(self.at(key)).with("--out").with(self.at(into))
    }

    /// Opens *gesprekken* of the only seal.
    #[track_caller]
    pub fn conversations(&self, app: &str) -> Vec<ConversationFile> {
        let into = format!("open-{app}");
        if !self.at(&into).exists() {
            self.unseals(&self.seal(), "gesprekken", "div.txt", &into).go().ends_with(0);
        }
        let mut all: Vec<_> = super::files_below(&self.at(&into).join(app))
            .into_iter()
            .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("gesprek-")))
            .collect();
        all.sort();
        all.iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }

    /// The report of the only seal.
    #[track_caller]
    pub fn report(&self) -> uitlezen_readout::Report {
        let into = "open-verantwoording";
        if !self.at(into).exists() {
            self.unseals(&self.seal(), "verantwoording", "div.txt", into).go().ends_with(0);
        }
        serde_json::from_slice(&fs::read(self.at(into).join("verantwoording/verslag.json")).unwrap()).unwrap()
    }
}

/// A command that is about to be given.
pub struct Call {
    arguments: Vec<OsString>,
    directory: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Call {
    /// With iPhones behind a daemon at this address.
    #[must_use]
    pub fn through_usbmuxd(mut self, address: impl Into<String>) -> Self {
        self.variables.push(("USBMUXD_SOCKET_ADDRESS", address.into()));
        self
    }

    #[must_use]
    pub fn with(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn over(self, phone: &Phone) -> Self {
        self.with("--adb").with(phone.address())
    }

    /// The holder showed that the default timer is off.
    #[must_use]
    pub fn shown_off(self) -> Self {
        self.with("--shown").with("whatsapp-standaardtimer=uit")
    }

    #[must_use]
    pub fn json(self) -> Self {
        self.with("--json")
    }

    #[must_use]
    pub fn in_english(self) -> Self {
        self.with("--lang").with("en")
    }

    /// To its end.
    #[track_caller]
    pub fn go(self) -> Outcome {
        self.go_with(&[])
    }

    /// To its end, with these variables beside `PATH`.
    #[track_caller]
    pub fn go_with(self, variables: &[(&str, &str)]) -> Outcome {
        let mut command = assert_cmd::Command::from_std(self.command(None));
        Outcome::new(&command.envs(variables.iter().copied()).timeout(LONGEST).output().unwrap())
    }

    /// Through another program, such as a tracer, that takes the command line behind its own.
    pub fn through(self, program: &[OsString]) -> Outcome {
        Outcome::new(&assert_cmd::Command::from_std(self.command(Some(program))).timeout(LONGEST).output().unwrap())
    }

    /// Begun, in a process group of its own, as a shell would.
    pub fn start(self) -> Child {
        let mut command = self.command(None);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap()
    }

    /// The whole command line and where it is given.
    pub fn words(&self) -> (Vec<OsString>, &Path) {
        let binary = OsString::from(env!("CARGO_BIN_EXE_uitlezen"));
        (std::iter::once(binary).chain(self.arguments.iter().cloned()).collect(), &self.directory)
    }

    fn command(&self, through: Option<&[OsString]>) -> Command {
        let binary = env!("CARGO_BIN_EXE_uitlezen");
        let mut command = match through.and_then(<[OsString]>::split_first) {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        command.args(&self.arguments).current_dir(&self.directory).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", &self.directory);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn plan(role: &str, recovery: &str) -> String {
    format!(
        r#"format = 1

[person]
name = "drs. A. Voorbeeld"
function = "wethouder"

[phone]
serial = "{SERIAL}"
platform = "android"

[run]
purpose = "periodiek"
operator = "secretariaat"

[organisation]
name = "Gemeente Vlietmonde"
code = "gm0000"

[apps]
whatsapp = true
whatsapp_business = false
keep_sources = false

[scope]
media = true
call_log = false

[[recipients]]
roles = ["verantwoording", "gesprekken", "bronnen"]
key = "{role}"
label = "DIV"

[[recipients]]
roles = ["verantwoording", "gesprekken", "bronnen"]
key = "{recovery}"
recovery = true
label = "herstel"
"#
    )
}
