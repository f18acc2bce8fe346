//! `runs` / `uitlezingen`: runs that were broken off. Their work stores are kept for seven days and can be gone on with; then
//! they are destroyed, with a line in the ledger.

use super::readout::{self, Order, conclude, drive, write_ledger};
use crate::{
    Context, advice,
    args::{Reach as ReachArgs, RunsWhat},
    problem::Problem,
    prompt,
    secret::Secrets,
    station::Desk,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use secrecy::ExposeSecret;
use std::{net::SocketAddr, path::Path};
use uitlezen_check::ExitCode;
use uitlezen_readout::{
    Plan,
    link::Reach,
    run::{self, Ended, Kept, RunError, RunKeeper},
};
use uitlezen_seal::{
    header::Origin,
    store::{RunKey, Tally, WipeReport, WorkStore},
};
use uitlezen_vault::OpenRun;

/// How long a work store may lie.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long what is kept of an iPhone's backup is of use: every thirteen weeks a full readout is made.
const BACKUP_LIFE: SignedDuration = SignedDuration::from_hours(13 * 7 * 24);
/// Who destroys what nobody came back for.
const OF_ITSELF: &str = "uitlezen";

pub(crate) fn run(context: &Context, what: &RunsWhat) -> Result<ExitCode, Problem> {
    let secrets = match what {
        RunsWhat::List { secrets } | RunsWhat::Resume { secrets, .. } | RunsWhat::Discard { secrets, .. } => secrets,
    };
    let secrets = Secrets::new(&secrets.given)?;
    let mut desk = Desk::open(&context.state, &secrets, &context.screen.texts)?;
    expire(context, &mut desk, Timestamp::now());
    match what {
        RunsWhat::List { .. } => list(context, &desk),
        RunsWhat::Resume { run, reach, from, .. } => resume(context, &mut desk, run.as_deref(), reach, from.as_deref(), &secrets),
        RunsWhat::Discard { run, yes, .. } => discard(context, &mut desk, run.as_deref(), *yes),
    }
}

/// How the work store of an open run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    BrokenOff,
    Running,
    /// Its folder is not there: moved, destroyed by hand, or on a disk that is not connected.
    Gone,
}

impl State {
    fn of(open: &OpenRun) -> Self {
        if !open.store.is_dir() {
            Self::Gone
        } else if WorkStore::is_in_use(&open.store) {
            Self::Running
        } else {
            Self::BrokenOff
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::BrokenOff => "broken-off",
            Self::Running => "running",
            Self::Gone => "gone",
        }
    }
}

fn started(open: &OpenRun) -> Timestamp {
    Timestamp::from_second(open.started).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn ends(open: &OpenRun) -> Timestamp {
    started(open).saturating_add(LIFE).unwrap_or(Timestamp::MAX)
}

fn here(at: Timestamp) -> String {
    let zone = TimeZone::get(uitlezen_chat::ZONE).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

fn list(context: &Context, desk: &Desk) -> Result<ExitCode, Problem> {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    let open = &desk.vault.contents().open_runs;
    if open.is_empty() {
        screen.tell("runs-none");
    }
    for (run, open) in open {
        let state = State::of(open);
        screen.say(&texts.get(
            "runs-line",
            &[
                ("run", run.as_str().into()),
                ("serial", open.phone.as_str().into()),
                ("started", here(started(open)).into()),
                ("ends", here(ends(open)).into()),
                ("state", texts.plain(&format!("run-state-{}", state.word())).into()),
            ],
        ));
        screen.event(&serde_json::json!({
            "event": "run",
            "run": run,
            "serial": open.phone,
            "started": started(open),
            "ends": ends(open),
            "state": state.word(),
        }));
    }
    Ok(ExitCode::Whole)
}

/// The run that was named; the only one when none was.
fn chosen(desk: &Desk, named: Option<&str>) -> Result<(String, OpenRun), Problem> {
    let open = &desk.vault.contents().open_runs;
    let usage = |key| Problem::new(key, ExitCode::Usage);
    match (named, open.len()) {
        (Some(run), _) => match open.get_key_value(run) {
            Some((run, open)) => Ok((run.clone(), open.clone())),
            None => Err(usage("error-run-unknown").with("run", run)),
        },
        (None, 1) => {
            let only = open.first_key_value().map(|(run, open)| (run.clone(), open.clone()));
            only.ok_or_else(|| usage("error-run-none"))
        }
        (None, 0) => Err(usage("error-run-none")),
        (None, _) => Err(usage("error-run-which")),
    }
}

fn key_of(open: &OpenRun) -> Result<RunKey, Problem> {
    let damaged = || Problem::new("error-vault-damaged", ExitCode::Usage).with("why", "open run");
    let mut key = [0; 32];
    hex::decode_to_slice(open.key().expose_secret(), &mut key).map_err(|_| damaged())?;
    Ok(RunKey::from_bytes(&mut key))
}

fn resume(
    context: &Context,
    desk: &mut Desk,
    named: Option<&str>,
    reach: &ReachArgs,
    from: Option<&Path>,
    secrets: &Secrets,
) -> Result<ExitCode, Problem> {
    let (run, open) = chosen(desk, named)?;
    let kept = match Kept::open(&open.store, &key_of(&open)?) {
        Ok(kept) => kept,
        Err(RunError::SealedAlready) => return settle(context, desk, &run, &open),
        Err(error) => return Err(advice::run(&error, &open.phone, &open.store.display().to_string())),
    };
    let (plan, ended) = take_up(context, desk, kept, reach, from, secrets)?;
    Ok(conclude(context, &plan, &ended))
}

/// The run goes on, over the way it was begun unless another is named.
fn take_up(
    context: &Context,
    desk: &mut Desk,
    kept: Kept,
    reach: &ReachArgs,
    from: Option<&Path>,
    secrets: &Secrets,
) -> Result<(Plan, Ended), Problem> {
    let plan = kept.plan().map_err(|e| advice::run(&e, "", ""))?;
    let named = from.is_some() || reach.adb.is_some();
    let reached = if named { readout::reach(&plan.phone.serial, reach, from) } else { kept.reach().clone() };
    let origin = origin(kept.origin(), &reached, reach.lab);
    let order = Order {
        plan: &plan,
        admission: kept.admission().clone(),
        reach: reached,
        origin,
        out: kept.out(),
        shown: kept.shown(),
        wait_for_backup: None,
        earlier: kept.earlier().clone(),
    };
    let ended = drive(context, desk, order, Some(kept), secrets)?;
    Ok((plan, ended))
}

/// Goes on with the only run that was broken off, over a phone at this address.
pub(crate) fn go_on(context: &Context, desk: &mut Desk, address: SocketAddr, secrets: &Secrets) -> Result<Ended, Problem> {
    let (_, open) = chosen(desk, None)?;
    let told = |error| advice::run(&error, &open.phone, &open.store.display().to_string());
    let kept = Kept::open(&open.store, &key_of(&open)?).map_err(told)?;
    let reach = ReachArgs { adb: Some(address), lab: false };
    take_up(context, desk, kept, &reach, None, secrets).map(|(_, ended)| ended)
}

/// In a guided run: whether to go on with what was broken off on this phone. `None`: there is nothing, or a new run is wanted.
pub(crate) fn offer(context: &Context, desk: &mut Desk, phone: &str, secrets: &Secrets) -> Result<Option<ExitCode>, Problem> {
    expire(context, desk, Timestamp::now());
    let waits = |(_, open): &(&String, &OpenRun)| open.phone == phone && State::of(open) == State::BrokenOff;
    let newest = desk.vault.contents().open_runs.iter().filter(waits).max_by_key(|(_, open)| open.started);
    let Some((run, open)) = newest else { return Ok(None) };
    let question = context.screen.texts.get("run-waits-ask", &[("started", here(started(open)).into())]);
    let run = run.clone();
    if !prompt::agrees(&context.screen, &question)? {
        return Ok(None);
    }
    resume(context, desk, Some(&run), &ReachArgs { adb: None, lab: false }, None, secrets).map(Some)
}

/// What the header will say: a run that was partly got from files or a virtual phone never says that it came over USB.
fn origin(begun: Option<Origin>, now: &Reach, lab: bool) -> Origin {
    match (begun, readout::origin(now, lab)) {
        (Some(begun @ (Origin::Demo | Origin::Lab | Origin::Files)), _) => begun,
        (_, now) => now,
    }
}

/// The process ended between the seal and the end of the run: nothing is missing but the tidying.
fn settle(context: &Context, desk: &mut Desk, run: &str, open: &OpenRun) -> Result<ExitCode, Problem> {
    let told = |error: RunError| advice::run(&error, &open.phone, &open.store.display().to_string());
    let station = desk.station()?;
    let (path, digest) = run::sealed_already(&open.store, run, &station).map_err(told)?;
    let gone =
        if open.store.is_dir() { WorkStore::discard_at(&open.store).map_err(|e| told(e.into()))? } else { Tally::default() };
    desk.sealed(run, &open.phone, digest.0).map_err(told)?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let counts = vec![("wiped-files".into(), gone.items), ("wiped-bytes".into(), gone.bytes)];
    write_ledger(context, "resume", file.clone(), "sealed-already".into(), OF_ITSELF, counts);
    context.screen.say(&context.screen.texts.get("run-sealed-already", &[("file", file.into())]));
    Ok(ExitCode::Whole)
}

fn discard(context: &Context, desk: &mut Desk, named: Option<&str>, yes: bool) -> Result<ExitCode, Problem> {
    let (run, open) = chosen(desk, named)?;
    if State::of(&open) == State::Running {
        return Err(Problem::new("error-run-in-use", ExitCode::Usage));
    }
    let (screen, texts) = (&context.screen, &context.screen.texts);
    let question = || texts.get("run-discard-ask", &[("run", run.as_str().into()), ("started", here(started(&open)).into())]);
    if !yes && (screen.json || !prompt::agrees(screen, &question())?) {
        return Err(Problem::new("error-run-not-agreed", ExitCode::Usage));
    }
    destroy(context, desk, &run, &open, "discarded")?;
    screen.say(&texts.get("run-discarded", &[("run", run.as_str().into())]));
    Ok(ExitCode::Whole)
}

/// Destroys a work store and then its key, and says in the ledger what went.
fn destroy(context: &Context, desk: &mut Desk, run: &str, open: &OpenRun, why: &str) -> Result<(), Problem> {
    let told = |error: RunError| advice::run(&error, &open.phone, &open.store.display().to_string());
    let counts = if open.store.is_dir() {
        // With its key the store can say what it held; without, its files go all the same.
        match Kept::open(&open.store, &key_of(open)?).and_then(Kept::discard) {
            Ok(wiped) => wiped_counts(&wiped),
            Err(RunError::Store(uitlezen_seal::store::StoreError::InUse)) => {
                return Err(Problem::new("error-run-in-use", ExitCode::Usage));
            }
            Err(_) => {
                let gone = WorkStore::discard_at(&open.store).map_err(|e| told(e.into()))?;
                vec![("wiped-files".into(), gone.items), ("wiped-bytes".into(), gone.bytes)]
            }
        }
    } else {
        Vec::new()
    };
    desk.forget(run).map_err(told)?;
    let result = if counts.is_empty() { format!("{why}-key-only") } else { why.to_owned() };
    write_ledger(context, "discard", run.to_owned(), result, OF_ITSELF, counts);
    Ok(())
}

fn wiped_counts(wiped: &WipeReport) -> Vec<(String, u64)> {
    let all = [wiped.received, wiped.derived, wiped.undecided, wiped.kept, wiped.abandoned];
    vec![
        ("wiped-items".into(), all.iter().map(|tally| tally.items).sum()),
        ("wiped-bytes".into(), all.iter().map(|tally| tally.bytes).sum()),
        ("wiped-files".into(), wiped.files.items),
    ]
}

/// Destroys what has lain for longer than its life. A clock that was set back makes nothing die early.
fn expire(context: &Context, desk: &mut Desk, now: Timestamp) {
    expire_backups(context, desk, now);
    let old: Vec<(String, OpenRun)> = desk
        .vault
        .contents()
        .open_runs
        .iter()
        .filter(|(_, open)| ends(open) <= now)
        .map(|(r, o)| (r.clone(), o.clone()))
        .collect();
    for (run, open) in old {
        if State::of(&open) == State::Running {
            continue;
        }
        match destroy(context, desk, &run, &open, "expired") {
            Ok(()) => context.screen.say(&context.screen.texts.get("run-expired", &[("run", run.as_str().into())])),
            Err(problem) => context.screen.problem(&problem),
        }
    }
}

/// Destroys what was kept of a backup that no next one will go on from: by then a full one is due. It holds the databases of
/// its phone, and the phone may never come back.
fn expire_backups(context: &Context, desk: &mut Desk, now: Timestamp) {
    let over = |kept: &OpenRun| started(kept).saturating_add(BACKUP_LIFE).is_ok_and(|end| end <= now);
    let old: Vec<String> =
        desk.vault.contents().backup_states.iter().filter(|(_, kept)| over(kept)).map(|(phone, _)| phone.clone()).collect();
    for phone in old {
        match desk.forget_backup_state(&phone) {
            Ok(()) => {
                context.screen.say(&context.screen.texts.get("backup-expired", &[("serial", phone.as_str().into())]));
                write_ledger(context, "discard", phone, "backup-expired".to_owned(), OF_ITSELF, Vec::new());
            }
            Err(error) => context.screen.problem(&advice::run(&error, &phone, "")),
        }
    }
}

/// Before a new run: old work stores go, and whoever begins anew is told that there is one to go on with.
pub(crate) fn look_over(context: &Context, desk: &mut Desk, phone: &str) {
    let now = Timestamp::now();
    expire(context, desk, now);
    for (run, open) in &desk.vault.contents().open_runs {
        if open.phone == phone && State::of(open) == State::BrokenOff {
            context.screen.say(&context.screen.texts.get(
                "run-waits",
                &[("run", run.as_str().into()), ("started", here(started(open)).into()), ("ends", here(ends(open)).into())],
            ));
        }
        if started(open) > now.saturating_add(SignedDuration::from_mins(5)).unwrap_or(Timestamp::MAX) {
            context.screen.tell("run-clock-back");
        }
    }
}
