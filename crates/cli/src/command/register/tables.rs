//! Files in and out.

use crate::{Context, advice, args::KindWord, book, problem::Problem};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use uitlezen_check::ExitCode;
use uitlezen_register::{
    Edit, Kind, Register,
    table::{self, Format, LARGEST, TableError, Writer},
};

/// TOML holds everything; a CSV file one kind, named by `--of` or by the file's own name (`contacts.csv`).
fn format(path: &Path, of: Option<KindWord>) -> Result<Format, Problem> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    if ending == "toml" {
        return Ok(Format::Toml);
    }
    let named = path.file_stem().and_then(|stem| stem.to_str()).and_then(Kind::parse);
    match (of.map(KindWord::kind).or(named), ending.as_str()) {
        (Some(kind), "csv" | "txt" | "tsv") => Ok(Format::Csv(kind)),
        (None, "csv" | "txt" | "tsv") => Err(Problem::new("error-register-kind", ExitCode::Usage).with("file", path.display())),
        _ => Err(Problem::new("error-register-ending", ExitCode::Usage).with("file", path.display())),
    }
}

pub(super) fn read(context: &Context, path: &Path, of: Option<KindWord>) -> Result<Vec<Edit>, Problem> {
    let format = format(path, of)?;
    let file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| unreadable(path, &e))?;
    table::read(&bytes, format).map_err(|e| problem(context, path, &e))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new("error-register-file", ExitCode::Usage).with("file", path.display()).because(error)
}

fn problem(context: &Context, path: &Path, error: &TableError) -> Problem {
    let of = |key| Problem::new(key, ExitCode::Usage).with("file", path.display());
    match error {
        TableError::Utf16 => of("error-table-utf16"),
        TableError::NotUtf8 { line } => of("error-table-not-utf8").with("line", line),
        TableError::TooLarge => of("error-table-large"),
        TableError::NoHeader => of("error-table-no-header"),
        TableError::UnknownColumn { name } => of("error-table-column").with("name", name),
        TableError::ColumnTwice { name } => of("error-table-column-twice").with("name", name),
        TableError::MissingColumn { name } => of("error-table-column-missing").with("name", name),
        TableError::OpenQuote { line } => of("error-table-open-quote").with("line", line),
        TableError::StrayQuote { line } => of("error-table-stray-quote").with("line", line),
        TableError::Cells { line, found, expected } => {
            of("error-table-cells").with("line", line).with("found", found).with("expected", expected)
        }
        TableError::Toml { line, what } => of("error-table-toml").with("line", line).with("what", what),
        TableError::Format(format) => of("error-table-format").with("format", format),
        TableError::Refused(refused) => {
            let list = book::list(refused, &context.screen.texts);
            Problem::new("error-register-refused", ExitCode::Usage).with("count", refused.len()).with("list", list)
        }
    }
}

pub(super) fn export(context: &Context, register: &Register, path: &Path, of: Option<KindWord>) -> Result<ExitCode, Problem> {
    let format = format(path, of)?;
    let kinds = match format {
        Format::Csv(kind) => vec![kind],
        Format::Toml => Kind::ALL.to_vec(),
    };
    let mut writer = Writer::new(format);
    let mut count: u64 = 0;
    for kind in kinds {
        let each = |standing| {
            writer.add(&standing);
            count += 1;
            Ok(())
        };
        register.view().each(kind, each).map_err(|e| book::problem(&e, &context.screen.texts))?;
    }
    // Names of people: for whoever exports only, and never over another file.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| unreadable(path, &e))?;
    file.write_all(writer.finish().as_bytes()).and_then(|()| file.sync_all()).map_err(|e| advice::disk(&e))?;
    let texts = &context.screen.texts;
    context.screen.say(&texts.get("register-exported", &[("count", count.into()), ("file", path.display().to_string().into())]));
    context.screen.event(&serde_json::json!({ "event": "exported", "entries": count }));
    Ok(ExitCode::Whole)
}
