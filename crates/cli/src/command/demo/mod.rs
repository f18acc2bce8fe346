//! `demo`: the whole chain on a virtual phone: keys, a register, the gate, a run that breaks off and goes on, a second week,
//! verified, opened, with what to look at.
//!
//! Everything lies under `--dir`, which must be new or empty; the station signs as "DEMO", and its seals say so.

mod iphone;
mod office;
mod phone;

use super::{
    at_hand::Search,
    readout::{self, Order},
    register, runs, unseal, verify,
};
use crate::{
    Context, advice,
    args::{Admit, By, Demo, YesNo},
    gate,
    problem::Problem,
    screen::Screen,
    secret::Secrets,
    text::Texts,
};
use office::{OPERATOR, Office};
use phone::Shown as OnTable;
use std::{net::SocketAddr, path::Path, time::Instant};
use uitlezen_check::ExitCode;
use uitlezen_readout::{
    Cancel,
    earlier::Asked,
    link::Reach,
    run::{Ended, Sealed, Shown},
    unsealing::{self, AtHand},
};
use uitlezen_seal::{envelope::Identities, header::Origin, role::Role, verify::Verdict};

fn internal(why: &dyn std::fmt::Display) -> Problem {
    Problem::new("error-internal", ExitCode::Internal).with("why", why)
}

pub(crate) fn run(context: &Context, what: &Demo) -> Result<ExitCode, Problem> {
    let began = Instant::now();
    let (screen, texts) = (&context.screen, &context.screen.texts);
    unsealing::prepare(&what.dir).map_err(|e| advice::unsealing(&e, &what.dir))?;
    let dir = what.dir.canonicalize().map_err(|e| advice::disk(&e))?;
    screen.tell("demo-start");

    let first = OnTable::first_week(what.messages)?;
    let address = first.address();
    screen.say(&texts.get("demo-step-phone", &[("address", address.to_string().into()), ("messages", what.messages.into())]));
    let mut office = Office::open(&dir, &first)?;
    screen.tell("demo-step-keys");
    let demo = Context {
        screen: Screen { texts: Texts::new(texts.language()), json: screen.json },
        state: office.state.clone(),
        configuration: context.configuration.clone(),
        cancel: Cancel::clone(&context.cancel),
    };

    screen.tell("demo-step-gate");
    match gate::admit(&demo, &mut office.desk, &office.plan, &Admit::default()) {
        Ok(_) => return Err(internal(&"the gate let a phone in that no register knows")),
        Err(refused) => tell(&demo, &refused),
    }
    screen.tell("demo-step-register");
    let by = By { by: OPERATOR.into(), why: texts.plain("demo-register-why") };
    register::fill(&demo, &mut office.desk, &office.register, &by)?;

    screen.tell("demo-step-readout");
    first.pull_out_on_the_way();
    let ended = match read(&demo, &mut office, first.address()) {
        Ok(ended) => ended,
        Err(broken) => {
            tell(&demo, &broken);
            screen.tell("demo-step-resume");
            runs::go_on(&demo, &mut office.desk, first.address(), &Secrets::default())?
        }
    };
    let moved = first.sent();
    drop(first);
    let sealed = ended.sealed.as_ref().ok_or_else(|| internal(&"no seal"))?;

    screen.tell("demo-step-week");
    let second = OnTable::second_week(what.messages)?;
    let ended = read(&demo, &mut office, second.address())?;
    let again = ended.sealed.as_ref().ok_or_else(|| internal(&"no second seal"))?;
    let held = ended.report.apps.iter().map(|app| app.attachments.held).sum::<u64>();
    screen.say(
        &texts
            .get("demo-week", &[("held", held.into()), ("now", (second.sent() / 1000).into()), ("then", (moved / 1000).into())]),
    );
    drop(second);

    screen.tell("demo-step-verify");
    verified(&demo, &office, sealed)?;
    let verdict = verified(&demo, &office, again)?;
    screen.tell("demo-step-unseal");
    unsealed(&demo, &office, &verdict, again, &dir.join("geopend"))?;
    screen.tell("demo-step-iphone");
    on_iphone(&demo, &mut office, what.messages)?;
    look_around(&demo, &again.path, &dir);
    let exit = ended.exit();
    screen.say(&texts.get(
        "demo-real",
        &[("code", u64::from(exit.number()).into()), ("why", texts.plain(&format!("demo-code-{}", exit.number())).into())],
    ));
    screen.say(&texts.get("demo-done", &[("seconds", began.elapsed().as_secs().into())]));
    // The demonstration succeeded; what it found on its virtual phone is part of the show.
    Ok(ExitCode::Whole)
}

/// What went wrong as it was meant to: part of the show, so it stands between the other lines.
fn tell(context: &Context, problem: &Problem) {
    let (what, now) = problem.say(&context.screen.texts);
    context.screen.say(&what);
    context.screen.say(&now);
}

fn read(context: &Context, office: &mut Office, address: SocketAddr) -> Result<Ended, Problem> {
    let said = Admit { holder_present: Some(YesNo::Yes), ..Admit::default() };
    let admission = gate::admit(context, &mut office.desk, &office.plan, &said)?;
    let order = Order {
        plan: &office.plan,
        admission,
        reach: Reach::Tcp { address, lab: false },
        origin: Origin::Demo,
        out: office.dir.clone(),
        shown: Shown::default(),
        wait_for_backup: None,
        earlier: Asked::default(),
    };
    readout::drive(context, &mut office.desk, order, None, &Secrets::default())
}

/// The official's other phone: its messages, over the cable, to a verified seal.
fn on_iphone(context: &Context, office: &mut Office, messages: u64) -> Result<(), Problem> {
    let phone = iphone::Shown::with(messages.clamp(50, 1000))?;
    let plan = office.plan_of_iphone()?;
    let said = Admit { holder_present: Some(YesNo::Yes), ..Admit::default() };
    let admission = gate::admit(context, &mut office.desk, &plan, &said)?;
    let order = Order {
        plan: &plan,
        admission,
        reach: phone.reach(),
        origin: Origin::Demo,
        out: office.dir.clone(),
        shown: Shown::default(),
        wait_for_backup: None,
        earlier: Asked::default(),
    };
    let ended = readout::drive(context, &mut office.desk, order, None, &Secrets::default())?;
    let (texts, counts) = (&context.screen.texts, ended.report.backed_up.map(|ended| ended.counts).unwrap_or_default());
    let size = |bytes| texts.bytes(bytes);
    context.screen.say(&texts.get(
        "demo-iphone-kept",
        &[
            ("kept", counts.kept_files.into()),
            ("size", size(counts.kept_bytes).into()),
            ("passed", counts.drained_files.into()),
            ("passed_size", size(counts.drained_bytes).into()),
        ],
    ));
    let sealed = ended.sealed.as_ref().ok_or_else(|| internal(&"no seal of the iPhone"))?;
    verified(context, office, sealed).map(|_| ())
}

fn verified(context: &Context, office: &Office, sealed: &Sealed) -> Result<Verdict, Problem> {
    let verdict = verify::look(context, &sealed.path, std::slice::from_ref(&office.certificate), true, 0)?;
    verify::say(context, &verdict);
    verify::judge(&verdict, true)?;
    Ok(verdict)
}

fn unsealed(context: &Context, office: &Office, verdict: &Verdict, sealed: &Sealed, out: &Path) -> Result<(), Problem> {
    let verified = verdict.verified().ok_or_else(|| internal(&"verify"))?;
    let identity = std::fs::read(&office.key_file).map_err(|e| advice::disk(&e))?;
    let identities = Identities::from_file(&identity, None).map_err(|e| internal(&e))?;
    let signers = std::slice::from_ref(&office.certificate);
    let search = Search { places: Vec::new(), signers, allow_demo: true, identities: &identities };
    for role in [Role::Verantwoording, Role::Gesprekken] {
        let out = out.join(role.as_str());
        let at_hand = if role == Role::Gesprekken { search.gather(context, verified, &sealed.path) } else { AtHand::default() };
        let written = unseal::open(verified, role, &identities, &at_hand, &out)?;
        unseal::tell(context, role, &written, &out);
    }
    Ok(())
}

/// What to look at now: paths only, since a conversation names people.
fn look_around(context: &Context, seal: &Path, dir: &Path) {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    screen.tell("demo-look");
    let opened = dir.join("geopend");
    let conversation = opened.join("gesprekken/whatsapp/gesprek-0001.json");
    let report = opened.join("verantwoording/verantwoording/verslag.json");
    let beside = |ending: &str| seal.with_extension(ending);
    for (key, path) in [
        ("demo-look-seal", seal.to_owned()),
        ("demo-look-statement", beside("verklaring.html")),
        ("demo-look-receipt", beside("ontvangstbewijs.html")),
        ("demo-look-register", dir.join("register.toml")),
        ("demo-look-report", report),
        ("demo-look-conversation", conversation),
    ] {
        screen.say(&texts.get(key, &[("path", path.display().to_string().into())]));
    }
}
