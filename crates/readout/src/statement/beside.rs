//! The two pages beside a seal: the statement with the seal's digest, and the receipt for the holder.

use super::{Closed, page, receipt};
use crate::{run::Sealed, words::Language};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    pub statement: PathBuf,
    pub receipt: PathBuf,
}

/// Writes both pages into the folder of the seal, under the name of its run. They hold no more than the statement does, and
/// only the account of the station may read them until somebody hands them on.
pub fn leave_beside(sealed: &Sealed, language: Language) -> io::Result<Pages> {
    let folder = sealed.path.parent().unwrap_or(Path::new("."));
    let run = &sealed.statement.run;
    let pages = Pages {
        statement: folder.join(format!("{run}.verklaring.html")),
        receipt: folder.join(format!("{run}.ontvangstbewijs.html")),
    };
    let closed = Closed { file: sealed.file_name(), digest: sealed.digest_hex(), bytes: sealed.bytes };
    write(&pages.statement, &page(&sealed.statement, language, Some(&closed)))?;
    write(&pages.receipt, &receipt(&sealed.statement, language, &closed))?;
    File::open(folder)?.sync_all()?;
    Ok(pages)
}

/// Whole or not at all: a run that is resumed after its closing writes them again.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let partly = path.with_extension("html.deel");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partly)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partly, path)
}
