//! What a host still has of the last backup, and what that means for this one (`reference/ios.md §2.6`).

use super::{Failure, Stop, link::DeviceLink, status, store::Image};
use std::collections::BTreeMap;

/// What the host has.
#[derive(Debug)]
pub(super) struct Previous {
    /// Files of the last backup that count for this one: the rows of its manifest, by file id.
    pub(super) rows: BTreeMap<String, Vec<u8>>,
    pub(super) full: bool,
}

/// Asks for the files of the last run and decides. A manifest of other keys (the password has changed) makes it a full backup;
/// that a real phone does so is likely, not read (`reference/ios.md §2.6`).
pub(super) fn look(link: &mut DeviceLink<'_>, udid: &str, image: &Image, forced: bool) -> Result<Previous, Stop> {
    let path = |name: &str| format!("{udid}/{name}");
    let mut files = link.download(&[path("Status.plist"), path("Manifest.plist")], 0.0)?.into_iter();
    let (status, plist) = (files.next().flatten(), files.next().flatten());
    let none = Previous { rows: BTreeMap::new(), full: true };
    let Some(status) = status.filter(|bytes| !bytes.is_empty()) else { return Ok(none) };
    let status = status::read(&status).ok_or(Failure::new(102, "Error reading status (MBErrorDomain/102)"))?;
    let Some(plist) = plist else { return Ok(none) };
    if plist.is_empty() {
        // pymobiledevice3 makes an empty one for a full backup and says in Status.plist that it will be full
        return if forced || status.full {
            Ok(none)
        } else {
            Err(Failure::new(205, "Error reading backup properties (MBErrorDomain/205)").into())
        };
    }
    let database = link.download(&[path("Manifest.db")], 0.0)?.into_iter().next().flatten();
    let Some(rows) = database.and_then(|database| image.whole.rows_of(&plist, &database)) else { return Ok(none) };
    Ok(Previous { rows, full: forced || !status.finished })
}
