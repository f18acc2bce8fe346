//! `demo`: a virtual phone, keys made on the spot, the whole chain, verified, opened, with what to look at.
//!
//! Everything lies under `--dir`, which must be new or empty; the station signs as "DEMO", and its seals say so.

use super::{keys::write_private, readout, twin, unseal, verify};
use crate::{
    Context, advice,
    args::Demo,
    problem::Problem,
    secret::Secrets,
    state::State,
    station::{self, Desk},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use uitlezen_check::ExitCode;
use uitlezen_readout::{Admission, Cancel, Plan, link::Reach, run::Shown, unsealing};
use uitlezen_seal::{
    envelope::{GeneratedIdentity, Identities},
    header::Origin,
    role::Role,
    station::{Kind, Station, Subject},
};
use uitlezen_twin::{
    adb::{Accept, Answer},
    content::{self, PhoneContent},
    device::Device,
    front::tcp,
};
use uitlezen_vault::{AppSecret, AppSecretId, Recovery, Unlock, Vault};

const SERIAL: &str = "DEMO0001";

pub(crate) fn run(context: &Context, what: &Demo) -> Result<ExitCode, Problem> {
    let began = Instant::now();
    let screen = &context.screen;
    let texts = &screen.texts;
    let internal = |why: &dyn std::fmt::Display| Problem::new("error-internal", ExitCode::Internal).with("why", why);
    unsealing::prepare(&what.dir).map_err(|e| advice::unsealing(&e, &what.dir))?;
    let dir = what.dir.canonicalize().map_err(|e| advice::disk(&e))?;
    screen.tell("demo-start");

    let options =
        content::Options { messages: what.messages, now: jiff::Timestamp::now().as_second(), ..content::Options::default() };
    let made = content::generate(&options).map_err(|e| internal(&e))?;
    let phone = Device::builder()
        .identity(twin::identity(SERIAL))
        .accept(Accept::Ask(Answer::Allow(Duration::from_secs(1))))
        .content(&made)
        .build();
    let running = tcp::spawn(&phone).map_err(|e| internal(&e))?;
    let address = running.addr();
    screen.say(&texts.get("demo-step-phone", &[("address", address.to_string().into()), ("messages", what.messages.into())]));

    let (mut desk, plan, state, key_file) = prepare(&dir, &made)?;
    screen.tell("demo-step-keys");

    screen.tell("demo-step-readout");
    let demo = Context {
        screen: crate::screen::Screen { texts: crate::text::Texts::new(texts.language()), json: screen.json },
        state,
        configuration: context.configuration.clone(),
        cancel: Cancel::clone(&context.cancel),
    };
    let reach = Reach::Tcp { address, lab: false };
    let secrets = Secrets::default();
    let ended = readout::go(
        &demo,
        &mut desk,
        &plan,
        Admission::demo(&plan),
        reach,
        Origin::Demo,
        &dir,
        Shown::default(),
        &secrets,
        None,
    )?;
    running.stop();
    let sealed = ended.sealed.as_ref().ok_or_else(|| internal(&"no seal"))?;

    screen.tell("demo-step-verify");
    let station_pem = dir.join("station.pem");
    let verdict = verify::look(&demo, &sealed.path, std::slice::from_ref(&station_pem), true, 0)?;
    verify::say(&demo, &verdict);
    verify::judge(&verdict, true)?;
    let verified = verdict.verified().ok_or_else(|| internal(&"verify"))?;

    screen.tell("demo-step-unseal");
    let identity = std::fs::read(&key_file).map_err(|e| advice::disk(&e))?;
    let identities = Identities::from_file(&identity, None).map_err(|e| internal(&e))?;
    let opened = dir.join("geopend");
    for role in [Role::Verantwoording, Role::Gesprekken] {
        let out = opened.join(role.as_str());
        let written = unseal::open(verified, role, &identities, &unsealing::AtHand::default(), &out)?;
        unseal::tell(&demo, role, &written, &out);
    }
    look_around(&demo, &sealed.path, &opened);
    let exit = ended.exit();
    screen.say(&texts.get(
        "demo-real",
        &[("code", u64::from(exit.number()).into()), ("why", texts.plain(&format!("demo-code-{}", exit.number())).into())],
    ));
    screen.say(&texts.get("demo-done", &[("seconds", began.elapsed().as_secs().into())]));
    // The demonstration succeeded; what it found on its virtual phone is part of the show.
    Ok(ExitCode::Whole)
}

/// Keys, vault and plan of the demonstration.
fn prepare(dir: &Path, made: &PhoneContent) -> Result<(Desk, Plan, State, PathBuf), Problem> {
    let internal = |why: &dyn std::fmt::Display| Problem::new("error-internal", ExitCode::Internal).with("why", why);
    let state = State::choose(Some(&dir.join("station")));
    state.make().map_err(|e| advice::disk(&e))?;
    let (recipient, recovery) = (GeneratedIdentity::new(), GeneratedIdentity::new());
    let key_file = dir.join("sleutel-div.txt");
    for (path, identity) in [(&key_file, &recipient), (&dir.join("sleutel-herstel.txt"), &recovery)] {
        write_private(path, identity.file.expose_secret().as_bytes()).map_err(|e| advice::disk(&e))?;
    }
    let subject = Subject {
        organisation: "Gemeente Voorbeeldstad".into(),
        organisation_code: "gm0000".into(),
        station_name: "DEMO".into(),
        kind: Kind::Demo,
    };
    let signer = Station::generate(&subject, 1, jiff::Timestamp::now()).map_err(|e| internal(&e))?;
    let pem = signer.certificate().to_pem().map_err(|e| internal(&e))?;
    std::fs::write(dir.join("station.pem"), pem).map_err(|e| advice::disk(&e))?;
    // A passphrase that nobody keeps: this vault ends with the demonstration.
    let passphrase = hex::encode(uitlezen_seal::store::RunKey::random().map_err(|e| internal(&e))?.expose());
    let unlock = Unlock::Passphrase(SecretString::from(passphrase));
    let to = Recovery::parse(&recovery.recipient).map_err(|e| advice::vault(&e))?;
    let mut vault = Vault::create(&state.vault(), &unlock, &[to]).map_err(|e| advice::vault(&e))?;
    let station = station::store_station(&signer).ok_or_else(|| internal(&"station key"))?;
    let id = AppSecretId { phone: SERIAL.into(), app: "whatsapp".into() };
    let kept = AppSecret::new(SecretString::from(made.secrets.hex64.clone()), "demo", made.now);
    vault
        .change(|c| {
            c.station = Some(station);
            c.app_secrets.insert(id, kept);
        })
        .map_err(|e| advice::vault(&e))?;
    let text = plan_text(&made.number, &recipient.recipient, &recovery.recipient);
    let path = dir.join("plan.toml");
    std::fs::write(&path, &text).map_err(|e| advice::disk(&e))?;
    let plan = Plan::parse(&text).map_err(|e| advice::plan(&path, &e))?;
    Ok((Desk { vault, state: state.path().to_owned() }, plan, state, key_file))
}

fn plan_text(number: &str, recipient: &str, recovery: &str) -> String {
    format!(
        r#"format = 1

[person]
name = "drs. A. Voorbeeld"
function = "wethouder"

[phone]
serial = "{SERIAL}"
number = "{number}"
platform = "android"

[run]
purpose = "periodiek"
operator = "demonstratie"

[organisation]
name = "Gemeente Voorbeeldstad"
code = "gm0000"

[apps]
whatsapp = true

[[recipients]]
roles = ["verantwoording", "gesprekken"]
key = "{recipient}"
label = "DIV"

[[recipients]]
roles = ["verantwoording", "gesprekken"]
key = "{recovery}"
recovery = true
label = "herstel"
"#
    )
}

/// What to look at now: paths only, since a conversation names people.
fn look_around(context: &Context, seal: &Path, opened: &Path) {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    screen.tell("demo-look");
    let conversation = opened.join("gesprekken/whatsapp/gesprek-0001.json");
    let report = opened.join("verantwoording/verantwoording/verslag.json");
    let beside = |ending: &str| seal.with_extension(ending);
    for (key, path) in [
        ("demo-look-seal", seal.to_owned()),
        ("demo-look-statement", beside("verklaring.html")),
        ("demo-look-receipt", beside("ontvangstbewijs.html")),
        ("demo-look-report", report),
        ("demo-look-conversation", conversation),
    ] {
        screen.say(&texts.get(key, &[("path", path.display().to_string().into())]));
    }
}
