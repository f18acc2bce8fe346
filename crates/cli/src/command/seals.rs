//! `seals` / `zegels`: the seals that this station made, which of them hold attachments of which, and destroying one.
//!
//! Destroying is what retention asks of the office. It unlinks the file and no more: the keys of its roles lie with their
//! holders, and copies elsewhere are copies. A seal that others need is not destroyed before a full run has made it superfluous.

use super::readout::write_ledger;
use crate::{Context, advice, args::SealsWhat, problem::Problem, prompt, secret::Secrets, station::Desk, text::Texts};
use jiff::{Timestamp, tz::TimeZone};
use std::{fs, path::Path};
use uitlezen_check::ExitCode;
use uitlezen_readout::earlier::{EarlierError, EarlierFile, Known, KnownSeal, Reliance, Reliant, reliance};
use uitlezen_seal::verify::{Glance, glance};

const ENDING: &str = "uitlezing";

pub(crate) fn run(context: &Context, what: &SealsWhat) -> Result<ExitCode, Problem> {
    let (SealsWhat::List { secrets } | SealsWhat::Destroy { secrets, .. }) = what;
    let secrets = Secrets::new(&secrets.given)?;
    let mut desk = Desk::open(&context.state, &secrets, &context.screen.texts)?;
    match what {
        SealsWhat::List { .. } => list(context, &mut desk),
        SealsWhat::Destroy { file, yes, .. } => destroy(context, &mut desk, file, *yes),
    }
}

/// Every phone's list that can be read, by serial number.
fn lists(context: &Context, desk: &mut Desk) -> Result<Vec<(String, EarlierFile, Known)>, Problem> {
    let phones: Vec<String> = desk.vault.contents().fingerprint_keys.keys().cloned().collect();
    let mut all = Vec::new();
    for phone in phones {
        let file = desk.earlier(&context.state, &phone)?;
        match file.read() {
            Ok(known) => all.push((phone, file, known)),
            // The other phones' lists are still worth seeing.
            Err(error @ (EarlierError::Damaged(_) | EarlierError::OtherKey | EarlierError::Newer(_))) => {
                context.screen.say(&context.screen.texts.get("seals-list-unreadable", &[("serial", phone.into())]));
                context.screen.problem(&advice::earlier(&error));
            }
            Err(error) => return Err(advice::earlier(&error)),
        }
    }
    Ok(all)
}

fn here(at: Timestamp) -> String {
    let zone = TimeZone::get(uitlezen_chat::ZONE).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

fn list(context: &Context, desk: &mut Desk) -> Result<ExitCode, Problem> {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    let lists = lists(context, desk)?;
    let standing = |known: &Known| known.state.seals.iter().filter(|seal| seal.destroyed.is_none()).count();
    if lists.iter().all(|(_, _, known)| standing(known) == 0) {
        screen.tell("seals-none");
    }
    for (phone, _, known) in &lists {
        for seal in &known.state.seals {
            let Reliance { needing, losing } = reliance(known, seal, &[]);
            if seal.destroyed.is_none() {
                screen.say(&line(texts, phone, seal, needing.len() as u64));
            }
            screen.event(&serde_json::json!({
                "event": "seal",
                "serial": phone,
                "file": seal.file,
                "digest": seal.digest,
                "closed": seal.closed,
                "full": seal.full,
                "attachments": seal.attachments,
                "relies_on": seal.relies_on,
                "needed_by": needing.len(),
                "superseded_for": losing.len(),
                "verified": seal.verified,
                "destroyed": seal.destroyed,
            }));
        }
    }
    Ok(ExitCode::Whole)
}

fn line(texts: &Texts, phone: &str, seal: &KnownSeal, needed_by: u64) -> String {
    texts.get(
        "seals-line",
        &[
            ("serial", phone.into()),
            ("closed", here(seal.closed).into()),
            ("file", seal.file.as_str().into()),
            ("digest", seal.digest.to_string().into()),
            ("kind", texts.plain(if seal.full { "seals-full" } else { "seals-incremental" }).into()),
            ("attachments", seal.attachments.into()),
            ("relies", (seal.relies_on.len() as u64).into()),
            ("needed", needed_by.into()),
        ],
    )
}

fn destroy(context: &Context, desk: &mut Desk, path: &Path, yes: bool) -> Result<ExitCode, Problem> {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    let usage = |key| Problem::new(key, ExitCode::Usage).with("file", path.display());
    let seen = glance(path).map_err(|e| usage("error-seal-read").because(&e.0))?;
    let lists = lists(context, desk)?;
    let found = lists.iter().find_map(|(phone, file, known)| Some((phone, file, known, named(known, path, seen.as_ref())?)));
    let Some((_, file, known, seal)) = found else { return Err(usage("error-seals-unknown")) };
    let beside = beside(path);
    let Reliance { needing, losing } = reliance(known, seal, &beside);
    if !needing.is_empty() {
        let runs: Vec<&str> = needing.iter().map(|reliant| reliant.run.as_str()).collect();
        return Err(usage("error-seals-needed").with("count", runs.len()).with("runs", runs.join(", ")));
    }
    if !losing.is_empty() {
        let runs: Vec<&str> = losing.iter().map(|reliant| reliant.run.as_str()).collect();
        let values = [("count", (runs.len() as u64).into()), ("runs", runs.join(", ").into())];
        screen.say(&texts.get("seals-destroy-losing", &values));
    }
    screen.tell("seals-destroy-means");
    let question = texts.get("seals-destroy-ask", &[("file", seal.file.as_str().into()), ("closed", here(seal.closed).into())]);
    if !yes && (screen.json || !prompt::agrees(screen, &question)?) {
        return Err(usage("error-seals-not-agreed"));
    }
    // First nothing relies on it any more; a file that cannot be removed then can be destroyed again.
    let (digest, name, held) = (seal.digest, seal.file.clone(), seal.attachments);
    file.change(|known| {
        known.destroyed(digest, Timestamp::now());
        Ok(())
    })
    .map_err(|e| advice::earlier(&e))?;
    fs::remove_file(path).map_err(|e| usage("error-seal-read").because(&e))?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    let counts = vec![("attachments".to_owned(), held), ("losing".to_owned(), losing.len() as u64)];
    let actor = std::env::var("USER").unwrap_or_else(|_| rustix::process::getuid().as_raw().to_string());
    write_ledger(context, "destroy", name.clone(), "unlinked".to_owned(), &actor, counts);
    screen.say(&texts.get("seals-destroyed", &[("file", name.as_str().into())]));
    screen.event(&serde_json::json!({"event": "destroyed", "file": name, "digest": digest, "losing": losing.len()}));
    Ok(ExitCode::Whole)
}

/// The seal by its digest; one that is too damaged to have one, by its name.
fn named<'k>(known: &'k Known, path: &Path, seen: Option<&Glance>) -> Option<&'k KnownSeal> {
    match seen {
        Some(seen) => known.by_digest(seen.digest),
        None => known.state.seals.iter().find(|seal| path.file_name().is_some_and(|name| *name == *seal.file)),
    }
}

/// Seals in the same folder that rely on others, whatever the list says.
fn beside(path: &Path) -> Vec<Reliant> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let seals = entries.flatten().map(|entry| entry.path()).filter(|other| other.extension().is_some_and(|e| e == ENDING));
    seals.filter_map(|other| glance(&other).ok().flatten()).map(|seen| Reliant::of(seen.digest, &seen.header)).collect()
}
