//! The register of this station: opening it, and telling what is wrong with it or with an entry.

use crate::{
    problem::Problem,
    station::Desk,
    text::{Texts, Value},
};
use std::path::Path;
use uitlezen_check::ExitCode;
use uitlezen_register::{Fault, Refused, RegisterError, RegisterKey, Store, What};

/// Most faulty lines that are shown; the rest is counted.
const MOST_SHOWN: usize = 100;

/// The register in the state folder, under the key in the vault.
pub(crate) fn store(desk: &mut Desk, folder: &Path) -> Result<Store, Problem> {
    let key = desk.vault.register_key().map_err(|e| crate::advice::vault(&e))?;
    Ok(Store::at(folder, RegisterKey::new(key)))
}

/// A register that cannot be read or changed.
pub(crate) fn problem(error: &RegisterError, texts: &Texts) -> Problem {
    let of = |key| Problem::new(key, ExitCode::Usage);
    match error {
        RegisterError::Absent => of("error-register-absent"),
        RegisterError::Newer(version) => of("error-register-newer").with("version", version),
        RegisterError::OtherKey => of("error-register-key"),
        RegisterError::Damaged(what) => of("error-register-damaged").with("why", what),
        RegisterError::TooLarge => of("error-register-large"),
        RegisterError::Refused(refused) => {
            of("error-register-refused").with("count", refused.len()).with("list", list(refused, texts))
        }
        RegisterError::Io(error) => crate::advice::disk(error),
        RegisterError::Random | RegisterError::Database(_) => {
            Problem::new("error-internal", ExitCode::Internal).with("why", error)
        }
    }
}

/// Every faulty line, one below the other.
pub(crate) fn list(refused: &[Refused], texts: &Texts) -> String {
    let mut lines: Vec<String> = refused.iter().take(MOST_SHOWN).map(|one| line(one, texts)).collect();
    if refused.len() > MOST_SHOWN {
        lines.push(texts.get("register-more-faults", &[("count", (refused.len() - MOST_SHOWN).into())]));
    }
    lines.join("\n")
}

fn line(refused: &Refused, texts: &Texts) -> String {
    let mut at = Vec::new();
    if let Some(line) = refused.line {
        at.push(texts.get("register-line", &[("line", line.into())]));
    }
    if let Some(kind) = refused.kind {
        at.push(format!("{} {}", texts.plain(&format!("register-kind-{}", kind.as_str())), refused.id));
    }
    if !refused.fault.field.is_empty() {
        at.push(refused.fault.field.to_owned());
    }
    format!("- {}: {}", at.join(", "), fault(&refused.fault, texts))
}

/// What is wrong with one field, and what to do.
pub(crate) fn fault(fault: &Fault, texts: &Texts) -> String {
    let key = format!("register-fault-{}", fault.what.word());
    let values: Vec<(&str, Value<'_>)> = match &fault.what {
        What::Unknown { kind, id } | What::Taken { kind, id } | What::InUse { kind, id } => {
            let kind = texts.plain(&format!("register-kind-{}", kind.as_str()));
            vec![("kind", kind.into()), ("id", id.as_str().into())]
        }
        What::NotOneOf(of) => vec![("list", of.join(", ").into())],
        What::UnknownField(name) => vec![("name", name.as_str().into())],
        What::Form(why) => vec![("why", why.as_str().into())],
        _ => Vec::new(),
    };
    texts.get(&key, &values)
}
