//! `unseal` / `ontzegel`: opens a seal for one role and writes what that role may see, and a ledger line.

use super::{at_hand::Search, readout::write_ledger, verify};
use crate::{Context, account, advice, args::Unseal, identity, problem::Problem, secret::Secrets};
use std::path::Path;
use uitlezen_check::ExitCode;
use uitlezen_readout::unsealing::{AtHand, Written, prepare, write_conversations, write_items, write_undecided};
use uitlezen_seal::{envelope::Identities, open::Opened, role::Role, verify::Verified};

pub(crate) fn run(context: &Context, what: &Unseal) -> Result<ExitCode, Problem> {
    let secrets = Secrets::new(&what.secrets.given)?;
    let unknown = || Problem::new("error-unseal-role", ExitCode::Usage).with("role", &what.role).with("roles", every_role());
    let role = Role::parse(&what.role).map_err(|_| unknown())?;
    let identities = identity::read_all(context, &what.identity, &secrets)?;
    let places = what.files.iter().chain(&what.earlier).cloned().collect();
    let search = Search { places, signers: &what.signer, allow_demo: what.allow_demo, identities: &identities };
    let mut exit = ExitCode::Whole;
    for (n, file) in what.files.iter().enumerate() {
        let verdict = verify::look(context, file, &what.signer, what.allow_demo, 0)?;
        verify::say(context, &verdict);
        verify::judge(&verdict, what.allow_demo)?;
        let Some(verified) = verdict.verified() else {
            return Err(Problem::new("error-unseal", ExitCode::Damaged).with("why", "verify"));
        };
        // Several seals each get a folder of their own.
        let out = if what.files.len() == 1 { what.out.clone() } else { what.out.join(format!("zegel-{}", n + 1)) };
        let at_hand = if role == Role::Gesprekken { search.gather(context, verified, file) } else { AtHand::default() };
        let written = open(verified, role, &identities, &at_hand, &out)?;
        tell(context, role, &written, &out);
        if say_lacking(context, verified, &written) {
            exit = ExitCode::NotEverything;
        }
        let object = file.file_name().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
        let lacking = written.lacking.values().map(|lacking| lacking.absent + lacking.differs).sum();
        let counts =
            vec![("files".to_owned(), written.files), ("bytes".to_owned(), written.bytes), ("lacking".to_owned(), lacking)];
        let actor = account::name();
        write_ledger(context, "unseal", object, role.as_str().to_owned(), &actor, counts);
    }
    Ok(exit)
}

/// Names every earlier seal whose attachments are not beside the conversations; whether there is one.
fn say_lacking(context: &Context, verified: &Verified, written: &Written) -> bool {
    let (screen, texts) = (&context.screen, &context.screen.texts);
    for (seal, lacking) in &written.lacking {
        let named = verified.header().relies_on.iter().find(|earlier| earlier.seal.to_string() == *seal);
        let file = named.map_or_else(|| "?".to_owned(), |earlier| format!("{}.uitlezing", earlier.run));
        for (key, count) in [("unsealed-lacking", lacking.absent), ("unsealed-differs", lacking.differs)] {
            if count > 0 {
                let values = [("file", file.as_str().into()), ("seal", seal.as_str().into()), ("count", count.into())];
                screen.say(&texts.get(key, &values));
            }
        }
        screen.event(&serde_json::json!({
            "event": "seal-lacking", "file": file, "digest": seal, "absent": lacking.absent, "differs": lacking.differs,
        }));
    }
    if !written.lacking.is_empty() {
        screen.tell("unsealed-lacking-do");
    }
    !written.lacking.is_empty()
}

/// Opens one role and writes it below `out`.
pub(crate) fn open(
    verified: &Verified,
    role: Role,
    identities: &Identities,
    at_hand: &AtHand,
    out: &Path,
) -> Result<Written, Problem> {
    let roles: Vec<&str> = verified.header().roles.iter().map(|r| r.role.as_str()).collect();
    let opened = Opened::open(verified, role, identities).map_err(|e| advice::opening(&e, role.as_str(), &roles.join(", ")))?;
    prepare(out).map_err(|e| advice::unsealing(&e, out))?;
    let written = match role {
        Role::Gesprekken => write_conversations(&opened, at_hand, out),
        Role::Scheiding => write_undecided(&opened, out),
        Role::Verantwoording | Role::Bronnen => write_items(&opened, out),
    };
    written.map_err(|e| advice::unsealing(&e, out))
}

pub(crate) fn tell(context: &Context, role: Role, written: &Written, out: &Path) {
    let texts = &context.screen.texts;
    context.screen.say(&texts.get(
        "unsealed",
        &[
            ("role", role.as_str().into()),
            ("files", written.files.into()),
            ("size", texts.bytes(written.bytes).into()),
            ("dir", out.display().to_string().into()),
        ],
    ));
    if role == Role::Gesprekken {
        context.screen.say(&texts.get(
            "unsealed-conversations",
            &[
                ("conversations", written.conversations.into()),
                ("messages", written.messages.into()),
                ("attachments", written.attachments.into()),
            ],
        ));
    }
    context.screen.event(&serde_json::json!({"event": "unsealed", "role": role, "written": written}));
}

fn every_role() -> String {
    Role::ALL.map(Role::as_str).join(", ")
}
