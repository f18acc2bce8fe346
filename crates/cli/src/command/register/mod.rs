//! `register`: who is read out, on what basis, and what is left out.

mod assistant;
mod change;
mod dpia;
mod look;
mod tables;

use crate::{
    Context, advice,
    args::{By, Register, RegisterWhat},
    book,
    command::readout::read_plan,
    problem::Problem,
    secret::{self, Secrets},
    station::Desk,
};
use std::path::Path;
use uitlezen_check::ExitCode;
use uitlezen_register::{self as register, RegisterError, Store};

pub(crate) fn run(context: &Context, what: &Register) -> Result<ExitCode, Problem> {
    match &what.what {
        RegisterWhat::Init { with: Some(table), by: Some(by), why: Some(why), secrets } => {
            let edits = tables::read(context, table, None)?;
            let store = store(context, &Secrets::new(&secrets.given)?)?;
            change::import(context, &store, edits, false, &By { by: by.clone(), why: why.clone() })
        }
        RegisterWhat::Init { with: None, by, secrets, .. } if secret::can_ask() && !context.screen.json => {
            let secrets = Secrets::new(&secrets.given)?;
            Desk::is_there(&context.state)?;
            assistant::run(context, &store(context, &secrets)?, by.as_deref())
        }
        RegisterWhat::Init { .. } => Err(Problem::new("error-register-answers", ExitCode::Usage)),
        RegisterWhat::Dpia { plan, out, secrets } => {
            let plan = plan.as_deref().map(read_plan).transpose()?;
            let register = opened(context, &Secrets::new(&secrets.given)?)?;
            dpia::run(context, &register, plan.as_ref(), out.as_deref())
        }
        RegisterWhat::Show { kind, id, secrets } => {
            look::show(context, &opened(context, &Secrets::new(&secrets.given)?)?, *kind, id.as_deref())
        }
        RegisterWhat::History { kind, id, secrets } => {
            look::history(context, &opened(context, &Secrets::new(&secrets.given)?)?, *kind, id.as_deref())
        }
        RegisterWhat::Set { kind, id, fields, by, secrets } => {
            let store = store(context, &Secrets::new(&secrets.given)?)?;
            change::set(context, &store, kind.kind(), id, fields, by)
        }
        RegisterWhat::End { kind, id, by, secrets } => {
            let store = store(context, &Secrets::new(&secrets.given)?)?;
            change::end(context, &store, kind.kind(), id, by)
        }
        RegisterWhat::Separate(separate) => {
            let store = store(context, &Secrets::new(&separate.secrets.given)?)?;
            change::separate(context, &store, separate)
        }
        RegisterWhat::Import { table, of, preview, by, secrets } => {
            let edits = tables::read(context, table, *of)?;
            let store = store(context, &Secrets::new(&secrets.given)?)?;
            change::import(context, &store, edits, *preview, by)
        }
        RegisterWhat::Export { out, of, secrets } => {
            tables::export(context, &opened(context, &Secrets::new(&secrets.given)?)?, out, *of)
        }
    }
}

/// Fills the register of an unlocked station from a table.
pub(crate) fn fill(context: &Context, desk: &mut Desk, table: &Path, by: &By) -> Result<ExitCode, Problem> {
    let edits = tables::read(context, table, None)?;
    let store = book::store(desk, context.state.path())?;
    change::import(context, &store, edits, false, by)
}

fn store(context: &Context, secrets: &Secrets) -> Result<Store, Problem> {
    context.state.make().map_err(|e| advice::disk(&e))?;
    let mut desk = Desk::open(&context.state, secrets, &context.screen.texts)?;
    book::store(&mut desk, context.state.path())
}

fn opened(context: &Context, secrets: &Secrets) -> Result<register::Register, Problem> {
    if !Store::is_there(context.state.path()) {
        return Err(book::problem(&RegisterError::Absent, &context.screen.texts));
    }
    store(context, secrets)?.open().map_err(|e| book::problem(&e, &context.screen.texts))
}
