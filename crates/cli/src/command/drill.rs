//! `keys drill` / `sleutels oefen`: do the keys in the safe still open what was sealed for them? Really opened, role by role:
//! key file, index and content. The ledger keeps which recipients (by fingerprint) opened how much; no names, no content.

use super::{
    readout::{read_plan, write_ledger},
    verify,
};
use crate::{
    Context, account, advice,
    args::Drill,
    fingerprint, identity,
    problem::Problem,
    sample::{self, Sample},
    secret::Secrets,
};
use std::{io, path::Path};
use uitlezen_check::ExitCode;
use uitlezen_seal::{
    container::Half,
    envelope::{EnvelopeError, Identities},
    open::{OpenSealError, Opened},
    role::Role,
    verify::{Verdict, Verified, VerifyOptions},
};

/// So many items of a role are read whole, spread over its index.
const SAMPLES: usize = 16;
/// The word in the ledger that `doctor` looks for.
pub(crate) const ACTION: &str = "drill";
pub(crate) const PASSED: &str = "passed";

/// What one key, or all of them together, did with one role.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Opened {
        items: u64,
        bytes: u64,
    },
    /// It holds this half and needs the other.
    Half(Half),
    NotForIt,
    Failed(String),
}

pub(crate) fn run(context: &Context, what: &Drill) -> Result<ExitCode, Problem> {
    let secrets = Secrets::new(&what.secrets.given)?;
    let mut keys = Vec::new();
    for (n, path) in what.identity.iter().enumerate() {
        keys.push(identity::read(context, path, n, &secrets)?);
    }
    let mut exits = Vec::new();
    if let Some(plan) = &what.plan {
        let plan = read_plan(plan)?;
        context.state.make().map_err(|e| advice::disk(&e))?;
        let made = sample::seal(context.state.path(), &plan).map_err(|e| advice::disk(&e))?;
        let verdict = sampled(&made)?;
        let verified = verdict.verified().ok_or_else(|| internal(&"the sample does not verify"))?;
        exits.push(practise(context, "sample", verified, &keys));
    }
    for file in &what.files {
        let verdict = verify::look(context, file, &what.signer, what.allow_demo, 0)?;
        verify::say(context, &verdict);
        verify::judge(&verdict, what.allow_demo)?;
        let Some(verified) = verdict.verified() else {
            return Err(Problem::new("error-unseal", ExitCode::Damaged).with("why", "verify"));
        };
        exits.push(practise(context, &name(file), verified, &keys));
    }
    Ok(ExitCode::foremost(&exits))
}

fn name(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn internal(why: &dyn std::fmt::Display) -> Problem {
    Problem::new("error-internal", ExitCode::Internal).with("why", why)
}

fn sampled(made: &Sample) -> Result<Verdict, Problem> {
    let options = VerifyOptions { signers: vec![made.signer.clone()], allow_demo: true, ..VerifyOptions::default() };
    uitlezen_seal::verify::verify(&made.seal, &options).map_err(|e| internal(&e.0))
}

/// Each key alone, then all together for roles that two persons open. Passed: every role opens, and no key opens nothing.
fn practise(context: &Context, object: &str, verified: &Verified, keys: &[Identities]) -> ExitCode {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    let roles: Vec<Role> = verified.header().roles.iter().map(|entry| entry.role).collect();
    let (mut open, mut failed): (Vec<Role>, u64) = (Vec::new(), 0);
    let note = |object: String, result: &str, roles: u64, items: u64, bytes: u64| {
        let counts = vec![("roles".to_owned(), roles), ("items".to_owned(), items), ("bytes".to_owned(), bytes)];
        write_ledger(context, ACTION, object, result.to_owned(), &account::name(), counts);
    };
    for key in keys {
        let prints: Vec<String> = key.recipients().iter().map(|r| fingerprint::of(r)).collect();
        let print = prints.join(" ");
        let (mut did, mut halves, mut items, mut bytes, mut broke) = (Vec::new(), 0_u64, 0, 0, false);
        for role in &roles {
            match attempt(verified, *role, key) {
                Outcome::Opened { items: n, bytes: b } => {
                    did.push(role.as_str());
                    open.push(*role);
                    (items, bytes) = (items + n, bytes + b);
                }
                Outcome::Half(half) => {
                    halves += 1;
                    let values =
                        [("key", print.as_str().into()), ("role", role.as_str().into()), ("half", half.to_string().into())];
                    screen.say(&texts.get("drill-half", &values));
                }
                Outcome::NotForIt => {}
                Outcome::Failed(why) => {
                    (failed, broke) = (failed + 1, true);
                    let values = [("key", print.as_str().into()), ("role", role.as_str().into()), ("why", why.into())];
                    screen.say(&texts.get("drill-failed", &values));
                }
            }
        }
        let nothing = did.is_empty() && halves == 0;
        if nothing {
            failed += 1;
            screen.say(&texts.get("drill-nothing", &[("key", print.as_str().into())]));
        } else if !did.is_empty() {
            screen.say(&texts.get("drill-opened", &[("key", print.as_str().into()), ("roles", did.join(", ").into())]));
        }
        let result = if broke {
            "failed"
        } else if nothing {
            "opens-nothing"
        } else {
            "opened"
        };
        note(format!("recipient {print}"), result, did.len() as u64, items, bytes);
        screen.event(&serde_json::json!({"event": "drill-key", "recipients": prints, "result": result, "roles": did}));
    }
    let together = keys.iter().cloned().fold(Identities::default(), Identities::and);
    for role in &roles {
        if !open.contains(role)
            && let Outcome::Opened { .. } = attempt(verified, *role, &together)
        {
            open.push(*role);
            screen.say(&texts.get("drill-together", &[("role", role.as_str().into())]));
        }
        if !open.contains(role) {
            failed += 1;
            screen.say(&texts.get("drill-closed", &[("role", role.as_str().into())]));
        }
    }
    let passed = failed == 0;
    let opened = roles.iter().filter(|role| open.contains(role)).count() as u64;
    note(object.to_owned(), if passed { PASSED } else { "failed" }, opened, 0, 0);
    screen.tell(if passed { "drill-passed" } else { "drill-not-passed" });
    screen.event(&serde_json::json!({"event": "drill", "object": object, "passed": passed, "roles": opened}));
    if passed { ExitCode::Whole } else { ExitCode::Finding }
}

fn attempt(verified: &Verified, role: Role, key: &Identities) -> Outcome {
    match Opened::open(verified, role, key) {
        Ok(opened) => read(&opened),
        Err(OpenSealError::Envelope(EnvelopeError::NoMatchingIdentity)) => Outcome::NotForIt,
        Err(OpenSealError::Envelope(EnvelopeError::HalfMissing(missing))) => Outcome::Half(match missing {
            Half::A => Half::B,
            Half::B => Half::A,
        }),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Decrypts a sample of the items to nowhere and holds them against their digests.
fn read(opened: &Opened) -> Outcome {
    let all = opened.index();
    let step = all.len().div_ceil(SAMPLES).max(1);
    let (mut items, mut bytes) = (0, 0);
    for item in all.iter().step_by(step) {
        match opened.copy(&item.name, &mut io::sink()) {
            Ok(copied) => (items, bytes) = (items + 1, bytes + copied),
            // Its own words name no item.
            Err(error) => return Outcome::Failed(error.to_string()),
        }
    }
    Outcome::Opened { items, bytes }
}
