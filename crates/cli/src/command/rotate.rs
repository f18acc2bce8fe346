//! `keys rotate` / `sleutels vervang`: new keys for the seals that are still to come. What was sealed stays as it is.

use super::readout::{read_plan, write_ledger};
use crate::{
    Context, account, advice,
    args::RotateWhat,
    fingerprint,
    problem::Problem,
    secret::Secrets,
    station::{self, Desk},
};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use uitlezen_check::ExitCode;
use uitlezen_readout::{LARGEST_PLAN, Plan};
use uitlezen_seal::{cades, envelope::Recipient, station::StationError};
use uitlezen_vault::FormerCertificate;

pub(crate) fn run(context: &Context, what: &RotateWhat) -> Result<ExitCode, Problem> {
    match what {
        RotateWhat::Station { years, secrets } => station(context, *years, &Secrets::new(&secrets.given)?),
        RotateWhat::Recipient { plans, old, new } => recipient(context, plans, old.trim(), new.trim()),
    }
}

fn internal(error: &dyn std::fmt::Display) -> Problem {
    Problem::new("error-internal", ExitCode::Internal).with("why", error)
}

/// The old key signs the new certificate before it is forgotten, so that whoever knows the old one can know the new one. The
/// old certificate stays among those that this station accepts: its earlier seals go on verifying.
fn station(context: &Context, years: u16, secrets: &Secrets) -> Result<ExitCode, Problem> {
    let (screen, texts, state) = (&context.screen, &context.screen.texts, &context.state);
    let mut desk = Desk::open(state, secrets, texts)?;
    let old = desk.station()?;
    let now = jiff::Timestamp::now();
    let new = old.succeed(years, now).map_err(|e| match e {
        StationError::NotSelfIssued => Problem::new("error-rotate-issued", ExitCode::Usage),
        other => internal(&other),
    })?;
    let [was, is] = [&old, &new].map(|station| hex::encode(station.certificate().fingerprint().get(..8).unwrap_or_default()));
    let pem = |certificate: &uitlezen_seal::station::Certificate| certificate.to_pem().map_err(|e| internal(&e));
    let (old_pem, new_pem) = (pem(old.certificate())?, pem(new.certificate())?);
    let signed = cades::sign(&old, new_pem.as_bytes(), now).map_err(|e| internal(&e))?;
    let secret = station::store_station(&new).ok_or_else(|| internal(&"station key"))?;
    // What others need stands before the old key goes.
    fs::create_dir_all(state.stations()).map_err(|e| advice::disk(&e))?;
    replace(&state.stations().join(format!("{was}.pem")), old_pem.as_bytes())?;
    let [certificate, succession] = ["pem", "p7s"].map(|ending| state.path().join(format!("opvolger-{is}.{ending}")));
    replace(&certificate, new_pem.as_bytes())?;
    replace(&succession, &signed)?;
    let until = now.as_second();
    desk.vault
        .change(|c| {
            if let Some(before) = c.station.replace(secret) {
                c.former_certificates.push(FormerCertificate { certificates: before.certificates, until });
            }
        })
        .map_err(|e| advice::vault(&e))?;
    replace(&state.path().join("station.pem"), new_pem.as_bytes())?;
    write_ledger(context, "rotate-station", is, "done".to_owned(), &account::name(), Vec::new());
    let shown = |path: &Path| path.display().to_string().into();
    screen.say(&texts.get("rotate-station-done", &[("file", shown(&certificate)), ("proof", shown(&succession))]));
    Ok(ExitCode::Whole)
}

/// Every plan is read, changed and judged before the first is written: all of them or none.
fn recipient(context: &Context, paths: &[PathBuf], old: &str, new: &str) -> Result<ExitCode, Problem> {
    let refused = |key| Problem::new(key, ExitCode::Usage);
    if Recipient::parse(old, false).is_err() || Recipient::parse(new, false).is_err() || old.eq_ignore_ascii_case(new) {
        return Err(refused("error-rotate-recipient"));
    }
    let mut changed = Vec::new();
    for path in paths {
        read_plan(path)?;
        let text = text(path).map_err(|e| advice::disk(&e))?;
        let Some(after) = exchanged(&text, old, new) else {
            return Err(refused("error-rotate-not-there").with("file", path.display()));
        };
        Plan::parse(&after).map_err(|e| advice::plan(path, &e))?;
        changed.push((path, after));
    }
    for (path, after) in &changed {
        replace(path, after.as_bytes())?;
    }
    let object = format!("recipient {} by {}", fingerprint::of(old), fingerprint::of(new));
    let counts = vec![("plans".to_owned(), changed.len() as u64)];
    write_ledger(context, "rotate-recipient", object, "done".to_owned(), &account::name(), counts);
    context.screen.say(&context.screen.texts.get("rotate-recipient-done", &[("plans", (changed.len() as u64).into())]));
    Ok(ExitCode::Whole)
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST_PLAN).read_to_string(&mut text)?;
    Ok(text)
}

/// The plan with the key exchanged where it is a key, comments and order kept; `None` when it stands nowhere as one.
fn exchanged(text: &str, old: &str, new: &str) -> Option<String> {
    let (mut out, mut found) = (String::with_capacity(text.len()), false);
    for line in text.split_inclusive('\n') {
        let assigned = line.trim_start().strip_prefix("key").is_some_and(|rest| rest.trim_start().starts_with('='));
        let (code, comment) = line.split_at(line.find('#').unwrap_or(line.len()));
        match code.to_ascii_lowercase().find(&old.to_ascii_lowercase()).filter(|_| assigned) {
            Some(at) => {
                found = true;
                out.push_str(code.get(..at)?);
                out.push_str(new);
                out.push_str(code.get(at + old.len()..)?);
                out.push_str(comment);
            }
            None => out.push_str(line),
        }
    }
    found.then_some(out)
}

/// Written beside, synced, renamed; the mode stays that of a file that everyone may read, since none of these is a secret.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".nieuw");
    let write = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        if let Ok(before) = fs::metadata(path) {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|e| advice::disk(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_are_exchanged_and_the_rest_of_the_plan_stays() {
        let plan =
            "# key = \"age1oud\"\nkey = \"AGE1OUD\" # age1oud, van DIV\r\nlabel = \"age1oud\"\nkeys = 1\n  key=\"age1oud\"";
        let after =
            "# key = \"age1oud\"\nkey = \"age1nieuw\" # age1oud, van DIV\r\nlabel = \"age1oud\"\nkeys = 1\n  key=\"age1nieuw\"";
        assert_eq!(exchanged(plan, "age1oud", "age1nieuw").as_deref(), Some(after));
        assert_eq!(exchanged(plan, "age1anders", "age1nieuw"), None);
    }
}
