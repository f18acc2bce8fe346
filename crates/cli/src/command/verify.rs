//! `verify` / `controleer-zegel`: no key needed; two lines, DEMO or LAB first.

use crate::{Context, args::Verify, problem::Problem};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use uitlezen_check::ExitCode;
use uitlezen_seal::{
    container::reader::LayoutFault,
    header::{EarlierSeal, Header, Origin, Sha256Digest, Status},
    station::{Certificate, Validity},
    verify::{Damage, Seal, Signer, Trust, Verdict, VerifyOptions, verify},
};

pub(crate) fn run(context: &Context, what: &Verify) -> Result<ExitCode, Problem> {
    let one = |file: &Path| {
        let verdict = look(context, file, &what.signer, what.allow_demo, what.threads.unwrap_or(0))?;
        say(context, &verdict);
        let exit = judge(&verdict, what.allow_demo)?;
        Ok::<_, Problem>((verdict, exit))
    };
    if let [only] = what.files.as_slice() {
        return one(only).map(|(_, exit)| exit);
    }
    // Several: each is said, and whether what they rely on is among them.
    let (mut good, mut worst) = (Vec::new(), ExitCode::Whole);
    for file in &what.files {
        context.screen.say(&context.screen.texts.get("verify-file", &[("file", file.display().to_string().into())]));
        match one(file) {
            Ok((verdict, _)) => good.push(verdict),
            Err(problem) => {
                context.screen.problem(&problem);
                worst = if worst == ExitCode::Damaged { worst } else { problem.exit };
            }
        }
    }
    let given: BTreeSet<Sha256Digest> = good.iter().filter_map(|verdict| verdict.digest).collect();
    let named: BTreeSet<&EarlierSeal> =
        good.iter().filter_map(|verdict| verdict.header.as_ref()).flat_map(|header| &header.relies_on).collect();
    for lacking in named.into_iter().filter(|earlier| !given.contains(&earlier.seal)) {
        let values = [("run", lacking.run.as_str().into()), ("seal", lacking.seal.to_string().into())];
        context.screen.say(&context.screen.texts.get("verify-lacking", &values));
        context.screen.event(&serde_json::json!({"event": "seal-lacking", "run": lacking.run, "digest": lacking.seal}));
        worst = if worst == ExitCode::Whole { ExitCode::NotEverything } else { worst };
    }
    Ok(worst)
}

/// Verifies a seal against the certificates named and those that this station accepts.
pub(crate) fn look(
    context: &Context,
    file: &Path,
    signers: &[PathBuf],
    allow_demo: bool,
    threads: usize,
) -> Result<Verdict, Problem> {
    let mut believed = Vec::new();
    for path in signers {
        believed.push(certificate(path)?);
    }
    // Certificates that somebody put in the state folder on purpose.
    if let Ok(folder) = std::fs::read_dir(context.state.stations()) {
        for entry in folder.flatten() {
            believed.push(certificate(&entry.path())?);
        }
    }
    let options = VerifyOptions { signers: believed, allow_demo, threads, at: None };
    verify(file, &options)
        .map_err(|e| Problem::new("error-seal-read", ExitCode::Usage).with("file", file.display()).because(&e.0))
}

fn certificate(path: &Path) -> Result<Certificate, Problem> {
    let refuse = |why: String| Problem::new("error-key-file", ExitCode::Usage).with("file", path.display()).with("why", why);
    let absent = |e: &std::io::Error| Problem::new("error-key-file", ExitCode::Usage).with("file", path.display()).because(e);
    let bytes = std::fs::read(path).map_err(|e| absent(&e))?;
    Certificate::from_file(&bytes).map_err(|e| refuse(e.to_string()))
}

/// What was found, in words.
pub(crate) fn say(context: &Context, verdict: &Verdict) {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    match verdict.header.as_ref().map(|h| h.origin) {
        Some(Origin::Demo) => screen.tell("verify-demo"),
        Some(Origin::Lab) => screen.tell("verify-lab"),
        Some(Origin::Usb | Origin::AdbServer | Origin::Files) | None => {}
    }
    match &verdict.seal {
        Seal::Intact => screen.tell("verify-intact"),
        Seal::Damaged(all) => {
            for damage in all {
                let (what, place) = words(damage);
                screen.say(&texts.get("verify-damaged", &[("what", texts.plain(what).into()), ("where", place.into())]));
            }
        }
    }
    // A header that nobody signed says nothing.
    if let (Some(header), true) = (&verdict.header, verdict.is_intact()) {
        screen.tell(status(header));
        if !header.relies_on.is_empty() {
            screen.say(&texts.get("verify-relies", &[("count", (header.relies_on.len() as u64).into())]));
        }
        for earlier in &header.relies_on {
            let values = [("run", earlier.run.as_str().into()), ("seal", earlier.seal.to_string().into())];
            screen.say(&texts.get("verify-relies-line", &values));
        }
    }
    if let Some(signer) = &verdict.signer {
        say_signer(context, signer);
    }
    screen.event(&serde_json::json!({
        "event": "verified",
        "seal": if verdict.is_intact() { "intact" } else { "damaged" },
        "damage": match &verdict.seal { Seal::Damaged(all) => all.iter().map(ToString::to_string).collect(), Seal::Intact => Vec::new() },
        "header": verdict.header,
        "signer": verdict.signer.as_ref().map(|s| s.certificate.name()),
        "signer_known": verdict.signer.as_ref().is_some_and(|s| s.trust == Trust::Known),
        "digest": verdict.digest.as_ref().map(|d| hex::encode(d.0)),
        "bytes": verdict.bytes,
    }));
}

/// Only what somebody must know: a known, valid signer needs no word, an unknown one is an error with its own words.
fn say_signer(context: &Context, signer: &Signer) {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    if signer.validity_now == Validity::Expired {
        screen.say(&texts.get("verify-expired", &[("time", signer.claimed_time.to_string().into())]));
    }
}

fn status(header: &Header) -> &'static str {
    match header.status {
        Status::Volledig => "verify-complete",
        Status::Onvolledig => "verify-incomplete",
        Status::OnderdelenGeweigerd => "verify-refused",
    }
}

/// What is wrong, as a text, and where: an entry, or what exactly its reader found.
fn words(damage: &Damage) -> (&'static str, String) {
    match damage {
        Damage::Content { entry } => ("damage-content", entry.to_string()),
        Damage::Checksum { entry } => ("damage-checksum", entry.to_string()),
        Damage::NotListed { entry } => ("damage-not-listed", entry.to_string()),
        Damage::Absent { entry } => ("damage-absent", entry.to_string()),
        Damage::Layout(LayoutFault::NotAContainer) => ("damage-no-container", "ASiC-E".to_owned()),
        Damage::Layout(fault) => ("damage-layout", fault.to_string()),
        Damage::Manifest(fault) => ("damage-manifest", fault.to_string()),
        Damage::ManifestChanged => ("damage-manifest-changed", "manifest".to_owned()),
        Damage::Signature(fault) => ("damage-signature", fault.to_string()),
        Damage::Header(fault) => ("damage-header", fault.to_string()),
    }
}

/// The exit code of what was found.
pub(crate) fn judge(verdict: &Verdict, allow_demo: bool) -> Result<ExitCode, Problem> {
    let trust = verdict.signer.as_ref().map(|s| s.trust);
    match (&verdict.seal, trust) {
        (Seal::Damaged(all), _) => {
            let Some((what, place)) = all.first().map(words) else {
                return Err(Problem::new("error-internal", ExitCode::Internal).with("why", "damage without a finding"));
            };
            Err(Problem::new("error-seal-damaged", ExitCode::Damaged).with_text("what", what).with("where", place))
        }
        (Seal::Intact, Some(Trust::Demo { .. })) if allow_demo => Ok(ExitCode::Whole),
        (Seal::Intact, Some(Trust::Demo { .. })) => Err(Problem::new("error-seal-demo", ExitCode::UnknownSigner)),
        (Seal::Intact, Some(Trust::Known)) => Ok(ExitCode::Whole),
        (Seal::Intact, Some(Trust::Unknown | Trust::NotCheckedNoSignerGiven) | None) => {
            let subject = verdict.signer.as_ref().map(|s| s.certificate.name()).unwrap_or_default();
            Err(Problem::new("error-seal-signer", ExitCode::UnknownSigner).with("subject", subject))
        }
    }
}
