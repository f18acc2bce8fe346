//! The gate as the operator meets it: everything that is missing is told at once, each with what to do.

use crate::{
    Context, advice,
    args::Admit,
    book,
    command::readout::write_ledger,
    problem::Problem,
    station::Desk,
    text::{Texts, Value},
};
use jiff::Timestamp;
use uitlezen_check::ExitCode;
use uitlezen_readout::{Admission, Denied, Objection, Plan};
use uitlezen_register::{RegisterError, Store};

/// Lets the plan's run in, or says why not.
pub(crate) fn admit(context: &Context, desk: &mut Desk, plan: &Plan, said: &Admit) -> Result<Admission, Problem> {
    let texts = &context.screen.texts;
    let (folder, presented, now) = (context.state.path(), said.presented(), Timestamp::now());
    let judged = if Store::is_there(folder) {
        match book::store(desk, folder)?.open() {
            Ok(register) => Admission::from_register(plan, &presented, Some(register.view()), now),
            Err(error) => Err(Denied::Register(error)),
        }
    } else {
        Admission::from_register(plan, &presented, None, now)
    };
    let denied = match judged {
        Ok(admission) => return Ok(admission),
        Err(denied) => denied,
    };
    let words = match &denied {
        Denied::Objections(objections) => objections.iter().map(Objection::word).collect(),
        Denied::StateSecret { .. } => vec!["state-secret"],
        Denied::Sources => vec!["sources"],
        Denied::Register(error) => vec![error.word()],
    };
    context.screen.event(&serde_json::json!({ "event": "gate-refused", "objections": words }));
    let counts = words.iter().map(|word| ((*word).to_owned(), 1)).collect();
    write_ledger(context, "gate", "-".to_owned(), "refused".to_owned(), &plan.run.operator, counts);
    Err(problem(&denied, texts))
}

fn problem(denied: &Denied, texts: &Texts) -> Problem {
    let nothing = |key| Problem::new(key, ExitCode::NothingSealed);
    match denied {
        Denied::StateSecret { contact } => {
            let contact = contact.clone().unwrap_or_else(|| texts.plain("gate-stop-contact"));
            nothing("error-gate-state-secret").with("contact", contact)
        }
        Denied::Objections(objections) => {
            let list: Vec<String> = objections.iter().map(|objection| line(objection, texts)).collect();
            nothing("error-gate").with("list", list.join("\n"))
        }
        Denied::Sources => Problem::new("error-plan-sources", ExitCode::Usage),
        // What cannot be asked keeps a phone from being read, like a register that is not there.
        Denied::Register(RegisterError::Io(error)) => Problem { exit: ExitCode::NothingSealed, ..advice::disk(error) },
        Denied::Register(error) => Problem { exit: ExitCode::NothingSealed, ..book::problem(error, texts) },
    }
}

/// What stands in the way, and what to do about it.
fn line(objection: &Objection, texts: &Texts) -> String {
    let date = |day: jiff::civil::Date| Value::from(day.to_string());
    let values: Vec<(&str, Value<'_>)> = match objection {
        Objection::FgAdviceToCome { on } => vec![("date", date(*on))],
        Objection::NoTerm { from, to } => {
            let to = to.map_or_else(|| texts.plain("gate-no-end").into(), date);
            vec![("from", date(*from)), ("to", to)]
        }
        Objection::ClockBehind { changed } => vec![("moment", changed.to_string().into())],
        Objection::OtherPerson { plan, register }
        | Objection::OtherFunction { plan, register }
        | Objection::OtherNumber { plan, register }
        | Objection::OtherCode { plan, register } => {
            vec![("plan", plan.as_str().into()), ("register", register.as_str().into())]
        }
        Objection::NumberOfOther { serial } => vec![("serial", serial.as_str().into())],
        _ => Vec::new(),
    };
    let key = format!("gate-{}", objection.word());
    format!("- {} {}", texts.get(&key, &values), texts.get(&format!("{key}.do"), &values))
}
