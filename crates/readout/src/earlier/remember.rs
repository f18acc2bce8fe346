//! After a run: what its seal holds enters the list.

use super::{
    file::{EarlierError, EarlierFile},
    holdings::Holdings,
    known::{HeldAttachment, Known, KnownSeal, Stamp},
    trust::{self, Found},
};
use crate::records;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use uitlezen_evidence::ItemName;
use uitlezen_seal::header::Sha256Digest;

/// An attachment that this run transferred: what the phone listed, and what was kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// As the phone lists it, or by a name that lasts.
    pub(crate) listed: ItemName,
    pub(crate) bytes: u64,
    /// Unix seconds, by the phone; 0 under a name that lasts.
    pub(crate) modified: i64,
    #[serde(with = "hex::serde")]
    pub(crate) sha256: [u8; 32],
    /// The item in the seal.
    pub(crate) item: ItemName,
}

/// The seal that was just closed.
#[derive(Clone, Debug)]
pub(crate) struct JustClosed<'a> {
    pub(crate) path: &'a Path,
    pub(crate) digest: Sha256Digest,
    pub(crate) closed: Timestamp,
    /// Every attachment asked of these apps is in it.
    pub(crate) full: bool,
    pub(crate) apps: Vec<String>,
    pub(crate) relies_on: Vec<Sha256Digest>,
    /// In which parts each item lies.
    pub(crate) placed: &'a BTreeMap<ItemName, Vec<u32>>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum RememberError {
    /// The file is not the seal that was closed: nothing may rely on it.
    #[error("the seal is not as it was closed")]
    NotVerified,
    #[error(transparent)]
    List(#[from] EarlierError),
}

/// Looks at the seal and enters it with what it holds. Its parts are read by the first run that relies on it.
pub(crate) fn remember(
    file: &EarlierFile,
    seal: JustClosed<'_>,
    taken: &[Taken],
    holdings: Option<&Holdings>,
) -> Result<(), RememberError> {
    let stamp = trust::as_closed(seal.path, seal.digest).ok_or(RememberError::NotVerified)?;
    Ok(file.change(|known| {
        for (digest, found) in holdings.into_iter().flat_map(Holdings::seen) {
            known.seen(*digest, found);
        }
        enter(known, file, &seal, taken, stamp)
    })?)
}

fn enter(
    known: &mut Known,
    file: &EarlierFile,
    seal: &JustClosed<'_>,
    taken: &[Taken],
    stamp: Stamp,
) -> Result<(), EarlierError> {
    if seal.full {
        // Whatever of these apps was known to lie elsewhere is here now, or no longer wanted.
        let here: Vec<String> = seal.apps.iter().map(|app| records::item(app, "")).collect();
        known.retain(|held| !here.iter().any(|folder| held.item.as_str().starts_with(folder.as_str())));
    }
    let (folder, name) = place(seal.path);
    let place = known.add_seal(KnownSeal {
        digest: seal.digest,
        file: name,
        folder,
        closed: seal.closed,
        full: seal.full,
        apps: seal.apps.clone(),
        relies_on: seal.relies_on.clone(),
        attachments: taken.len() as u64,
        verified: None,
        stamp,
        destroyed: None,
    })?;
    for one in taken {
        let Some(parts) = seal.placed.get(&one.item) else { continue };
        let held = HeldAttachment {
            bytes: one.bytes,
            modified: one.modified,
            sha256: one.sha256,
            seal: place,
            item: one.item.clone(),
            parts: parts.clone(),
        };
        known.hold(file.paths().of(&one.listed), held)?;
    }
    Ok(())
}

/// Folder and own name; the folder absolute, for the next run may stand elsewhere.
fn place(path: &Path) -> (PathBuf, String) {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    (absolute.parent().map(Path::to_owned).unwrap_or_default(), name)
}

impl Known {
    /// This seal was found there, and verified then.
    pub(super) fn seen(&mut self, digest: Sha256Digest, found: &Found) {
        for seal in self.state.seals.iter_mut().filter(|seal| seal.digest == digest) {
            (seal.folder, _) = place(&found.path);
            (seal.verified, seal.stamp) = (Some(found.verified), found.stamp);
        }
    }
}
