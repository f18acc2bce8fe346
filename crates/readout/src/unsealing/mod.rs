//! Writing out what a role may see.
//!
//! *gesprekken* becomes one JSON file a conversation with its attachments beside it, *scheiding* one list; every other role
//! becomes its items as files. The folder must be new or empty: nothing is ever overwritten.

mod conversations;
mod held;
mod undecided;

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use uitlezen_evidence::{Evidence, EvidenceError, Item, Reader};

pub use conversations::write_conversations;
pub use held::{AtHand, Lacking};
pub use undecided::write_undecided;

#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    #[error("the output folder is not empty")]
    NotEmpty,
    #[error("writing failed: {0}")]
    Io(#[from] io::Error),
    #[error("an item of the seal cannot be read: {0}")]
    Evidence(#[from] EvidenceError),
    #[error("a record in the seal is not readable (item {item}, line {line})")]
    Record { item: &'static str, line: u64 },
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    pub files: u64,
    pub bytes: u64,
    pub conversations: u64,
    pub messages: u64,
    pub attachments: u64,
    /// Of these, fetched from earlier seals.
    pub held: u64,
    /// By seal digest: attachments that lie in an earlier seal and could not be fetched.
    pub lacking: BTreeMap<String, Lacking>,
}

impl Written {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// Makes the output folder, or takes an empty one.
pub fn prepare(out: &Path) -> Result<(), UnsealError> {
    match fs::read_dir(out) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(UnsealError::NotEmpty),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(folder(out)?),
        Err(e) => Err(e.into()),
    }
}

/// Writes every item as a file under its own name.
pub fn write_items(evidence: &dyn Evidence, out: &Path) -> Result<Written, UnsealError> {
    let mut written = Written::default();
    for item in evidence.items() {
        let path = place(out, item)?;
        let bytes = copy(evidence, item, &path)?;
        written.add(bytes);
    }
    Ok(written)
}

/// Where an item's file goes: its name below `out`. An [`uitlezen_evidence::ItemName`] cannot climb.
fn place(out: &Path, item: &Item) -> Result<PathBuf, UnsealError> {
    let path = item.name.components().fold(out.to_owned(), |path, part| path.join(part));
    if let Some(parent) = path.parent() {
        folder(parent)?;
    }
    Ok(path)
}

fn copy(evidence: &dyn Evidence, item: &Item, to: &Path) -> Result<u64, UnsealError> {
    let mut from = Reader::new(evidence.open(&item.name)?);
    let mut file = create(to)?;
    let mut buffer = zeroize::Zeroizing::new(vec![0; 256 * 1024]);
    let mut total = 0;
    loop {
        match from.read(&mut buffer)? {
            0 => break,
            n => {
                file.write_all(buffer.get(..n).unwrap_or_default())?;
                total += n as u64;
            }
        }
    }
    Ok(total)
}

fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
