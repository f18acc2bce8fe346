//! `readout` / `lees-uit`: the run, over a phone or over files.

use super::{pages, runs};
use crate::{
    Context, advice,
    args::{Reach as ReachArgs, Readout},
    gate, keeping, keyring,
    problem::Problem,
    progress::Progress,
    secret::Secrets,
    station::Desk,
};
use std::{
    collections::BTreeSet,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use uitlezen_check::ExitCode;
use uitlezen_phone::iphone::{IphoneError, MuxAddress};
use uitlezen_readout::{
    Admission, Event, LARGEST_PLAN, Listener, Plan, Platform,
    child::Program,
    earlier::{Asked, Weekly},
    ledger::{Entry, Ledger},
    link::{Credentials, LinkFailure, Reach},
    run::{self, Ended, Job, Kept, Reached, RunError, SealedBy, Shown},
};
use uitlezen_seal::header::Origin;
use uitlezen_vault::AppSecretId;

pub(crate) fn run(context: &Context, what: &Readout) -> Result<ExitCode, Problem> {
    let secrets = Secrets::new(&what.secrets.given)?;
    let mut plan = read_plan(&what.plan)?;
    what.admit.purpose(&mut plan);
    let reach = reach_of(&plan, &what.reach, what.from.as_deref())?;
    let shown = shown(&what.shown)?;
    context.state.make().map_err(|e| advice::disk(&e))?;
    let mut desk = Desk::open(&context.state, &secrets, &context.screen.texts)?;
    let admission = gate::admit(context, &mut desk, &plan, &what.admit)?;
    std::fs::create_dir_all(&what.out).map_err(|e| advice::disk(&e))?;
    runs::look_over(context, &mut desk, &plan.phone.serial);
    let origin = origin(&reach, what.reach.lab);
    let earlier = Asked { places: what.earlier.clone(), full: what.full };
    let order = Order { plan: &plan, admission, reach, origin, out: what.out.clone(), shown, wait_for_backup: None, earlier };
    let ended = drive(context, &mut desk, order, None, &secrets)?;
    let exit = conclude(context, &plan, &ended);
    keeping::as_said(context, &mut desk, &plan, &ended, &secrets, (&what.keep_secret, what.chosen_by.as_deref()))?;
    Ok(exit)
}

/// One sealed run with everything in place.
#[allow(clippy::too_many_arguments, reason = "each is one fact of the run, and there is no second caller to group them for")]
pub(crate) fn go(
    context: &Context,
    desk: &mut Desk,
    plan: &Plan,
    admission: Admission,
    reach: Reach,
    origin: Origin,
    out: &Path,
    shown: Shown,
    secrets: &Secrets,
    wait_for_backup: Option<Duration>,
) -> Result<Ended, Problem> {
    let (out, earlier) = (out.to_owned(), Asked::default());
    drive(context, desk, Order { plan, admission, reach, origin, out, shown, wait_for_backup, earlier }, None, secrets)
}

/// What a run is to do.
pub(crate) struct Order<'a> {
    pub plan: &'a Plan,
    pub admission: Admission,
    pub reach: Reach,
    pub origin: Origin,
    pub out: PathBuf,
    pub shown: Shown,
    pub wait_for_backup: Option<Duration>,
    pub earlier: Asked,
}

/// A new run, or with `kept` one that was broken off.
pub(crate) fn drive(
    context: &Context,
    desk: &mut Desk,
    order: Order<'_>,
    kept: Option<Kept>,
    secrets: &Secrets,
) -> Result<Ended, Problem> {
    let Order { plan, admission, reach, origin, out, shown, wait_for_backup, earlier } = order;
    let station = desk.station()?;
    let adb_key = if matches!(reach, Reach::Usb { .. } | Reach::Tcp { .. }) { Some(desk.adb_key()?) } else { None };
    let so_far = kept.as_ref().map_or(Reached::Begun, Kept::reached);
    let keys = keyring::gather(context, plan, &reach, so_far, secrets, |secret| {
        let id = AppSecretId { phone: plan.phone.serial.clone(), app: secret.to_owned() };
        desk.vault.contents().app_secrets.get(&id).map(|kept| kept.secret().clone())
    })?;
    let kept_password = desk.vault.contents().backup_passwords.get(&plan.phone.serial).map(|kept| kept.password().clone());
    let backup_password = keyring::backup_password(context, plan, secrets, kept_password)?;
    let known: BTreeSet<String> = desk.vault.contents().open_runs.keys().cloned().collect();
    let resumed = kept.as_ref().map(|kept| kept.run().to_owned());
    let file = desk.earlier(&context.state, &plan.phone.serial)?;
    let every = jiff::SignedDuration::from_hours(i64::from(admission.facts().full_run_weeks) * 7 * 24);
    let weekly = Weekly { file, places: earlier.places, full: earlier.full, every };
    let job = Job {
        plan,
        admission,
        reach: reach.clone(),
        program: Program::this(),
        keys,
        credentials: Credentials { adb_key, backup_password, iphone: None },
        shown,
        wait_for_backup,
        out,
        keeper: desk,
        weekly: Some(weekly),
        seal: Some(SealedBy { station: &station, origin }),
        titles: None,
    };
    let mut progress = Progress::new(&context.screen);
    let ended = match kept {
        Some(kept) => run::resume(job, kept, &mut progress, &context.cancel),
        None => run::run(job, &mut progress, &context.cancel),
    };
    if let Ok(ended) = &ended {
        if let Some(sealed) = &ended.sealed {
            pages::leave(context, sealed);
        }
        let (codes, exit) = (ended.codes.clone(), ended.exit().number());
        progress.event(Event::Finished { status: Some(ended.standing.status()), codes, exit });
    }
    drop(progress);
    // A run that broke off behind the making of its work store can be gone on with.
    let open = &desk.vault.contents().open_runs;
    let left = open.keys().find(|run| !known.contains(*run) || Some(*run) == resumed.as_ref());
    note(context, plan, &ended, resumed.is_some(), left.map(String::as_str));
    ended.map_err(|error| {
        if let Some(run) = left {
            context.screen.say(&context.screen.texts.get("run-kept", &[("run", run.as_str().into())]));
            context.screen.event(&serde_json::json!({"event": "run-kept", "run": run}));
        }
        advice::run(&error, &plan.phone.serial, &where_from(&reach))
    })
}

/// The closing words: findings decide the exit code.
pub(crate) fn conclude(context: &Context, plan: &Plan, ended: &Ended) -> ExitCode {
    let texts = &context.screen.texts;
    let status = match ended.standing.status() {
        uitlezen_check::Status::Volledig => "verify-complete",
        uitlezen_check::Status::Onvolledig => "verify-incomplete",
        uitlezen_check::Status::OnderdelenGeweigerd => "verify-refused",
    };
    context.screen.tell(status);
    if let Some(sealed) = &ended.sealed {
        let zone = jiff::tz::TimeZone::get(uitlezen_chat::ZONE).unwrap_or(jiff::tz::TimeZone::UTC);
        let date = ended.report.started.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string();
        context.screen.say(&texts.get(
            "guided-receipt-line",
            &[
                ("date", date.into()),
                ("serial", plan.phone.serial.as_str().into()),
                ("operator", plan.run.operator.as_str().into()),
                ("status", texts.plain(status_word(ended.standing.status())).into()),
                ("file", sealed.file_name().into()),
                ("digest", sealed.digest_hex().into()),
            ],
        ));
    }
    ended.exit()
}

fn status_word(status: uitlezen_check::Status) -> &'static str {
    match status {
        uitlezen_check::Status::Volledig => "status-volledig",
        uitlezen_check::Status::Onvolledig => "status-onvolledig",
        uitlezen_check::Status::OnderdelenGeweigerd => "status-onderdelen-geweigerd",
    }
}

/// A line in the ledger, whatever came of the run. The run stands also when the ledger cannot be written; that is said.
fn note(context: &Context, plan: &Plan, ended: &Result<Ended, RunError>, resumed: bool, left: Option<&str>) {
    let (object, result, counts) = match ended {
        Ok(ended) => {
            let object = ended.sealed.as_ref().map_or_else(|| ended.run.clone(), run::Sealed::file_name);
            let mut counts: Vec<(String, u64)> = Vec::new();
            for app in &ended.report.apps {
                if let Some(records) = &app.records {
                    counts.push((format!("{}-conversations", app.app), records.conversations));
                    counts.push((format!("{}-messages", app.app), records.messages));
                }
            }
            if let Some(wiped) = ended.sealed.as_ref().and_then(|s| s.wiped.as_ref()) {
                counts.push(("wiped-items".into(), wiped.received.items + wiped.derived.items + wiped.abandoned.items));
                counts.push(("wiped-bytes".into(), wiped.received.bytes + wiped.derived.bytes + wiped.abandoned.bytes));
            }
            (object, format!("{:?}", ended.standing.status()).to_lowercase(), counts)
        }
        Err(error) => (left.unwrap_or("-").to_owned(), error.word().to_owned(), Vec::new()),
    };
    write_ledger(context, if resumed { "resume" } else { "readout" }, object, result, &plan.run.operator, counts);
}

pub(crate) fn write_ledger(
    context: &Context,
    action: &str,
    object: String,
    result: String,
    actor: &str,
    counts: Vec<(String, u64)>,
) {
    let entry = Entry {
        at: jiff::Timestamp::now(),
        action: action.to_owned(),
        object,
        result,
        origin: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        actor: actor.to_owned(),
        counts,
    };
    let written = context.state.make().and_then(|()| Ledger::at(context.state.path()).add(entry));
    if let Err(error) = written {
        context.screen.problem(&advice::disk(&error));
    }
}

pub(crate) fn read_plan(path: &Path) -> Result<Plan, Problem> {
    let unreadable = |e: &io::Error| Problem::new("error-plan-read", ExitCode::Usage).with("file", path.display()).because(e);
    let file = std::fs::File::open(path).map_err(|e| unreadable(&e))?;
    let mut text = String::new();
    file.take(LARGEST_PLAN).read_to_string(&mut text).map_err(|e| unreadable(&e))?;
    Plan::parse(&text).map_err(|e| advice::plan(path, &e))
}

/// The way to the phone of a plan.
pub(crate) fn reach_of(plan: &Plan, named: &ReachArgs, from: Option<&Path>) -> Result<Reach, Problem> {
    match (plan.phone.platform, from) {
        (Platform::Iphone, None) if named.adb.is_some() => Err(Problem::new("error-adb-for-iphone", ExitCode::Usage)),
        (Platform::Iphone, None) => iphone(&plan.phone.serial),
        _ => Ok(reach(&plan.phone.serial, named, from)),
    }
}

/// Through the daemon that the environment names, or the usual one.
pub(crate) fn iphone(udid: &str) -> Result<Reach, Problem> {
    let mux = MuxAddress::from_environment().map_err(|error| match error {
        IphoneError::NotLoopback => advice::phone(LinkFailure::NotLoopback, udid, "USBMUXD_SOCKET_ADDRESS"),
        _ => advice::phone(LinkFailure::MuxAddress, udid, ""),
    })?;
    Ok(Reach::Iphone { udid: udid.to_owned(), mux: mux.to_string() })
}

pub(crate) fn reach(serial: &str, named: &ReachArgs, from: Option<&Path>) -> Reach {
    match (from, named.adb) {
        (Some(path), _) => Reach::Files { path: path.canonicalize().unwrap_or_else(|_| path.to_owned()) },
        (None, Some(address)) => Reach::Tcp { address, lab: named.lab },
        (None, None) => Reach::Usb { serial: serial.to_owned() },
    }
}

/// What the header says of where the bytes came from. A TCP phone is a laboratory phone, whoever it is.
pub(crate) fn origin(reach: &Reach, lab: bool) -> Origin {
    match reach {
        Reach::Files { .. } => Origin::Files,
        Reach::Tcp { .. } => Origin::Lab,
        Reach::Iphone { mux, .. } if lab || !mux.starts_with("UNIX:") => Origin::Lab,
        Reach::Iphone { .. } => Origin::Usb,
        Reach::Usb { .. } if lab => Origin::Lab,
        Reach::Usb { .. } => Origin::Usb,
    }
}

/// What the operator named, for the messages about it.
pub(crate) fn where_from(reach: &Reach) -> String {
    match reach {
        Reach::Files { path } => path.display().to_string(),
        Reach::Tcp { address, .. } => address.to_string(),
        Reach::Usb { serial } => serial.clone(),
        Reach::Iphone { udid, .. } => udid.clone(),
    }
}

/// `whatsapp-standaardtimer=uit` or `whatsapp-default-timer=off`.
pub(crate) fn shown(given: &[String]) -> Result<Shown, Problem> {
    let mut shown = Shown::default();
    for text in given {
        let off = match text.split_once('=') {
            Some(("whatsapp-standaardtimer" | "whatsapp-default-timer", "uit" | "off")) => true,
            Some(("whatsapp-standaardtimer" | "whatsapp-default-timer", "aan" | "on")) => false,
            _ => return Err(Problem::new("error-shown", ExitCode::Usage).with("text", text)),
        };
        shown.default_timer_off = Some(off);
    }
    Ok(shown)
}
