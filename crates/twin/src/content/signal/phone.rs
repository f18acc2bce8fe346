//! The way of a Signal backup onto the virtual phone: where its holder put it.

use super::SignalContent;
use crate::device::{Builder, Content, Package};
use std::sync::Arc;

/// The app's version on the phone, and the number that goes with it.
pub const VERSION: &str = "8.2.1";
const VERSION_CODE: u64 = 160_201;
/// Its user id on the phone.
const UID: u32 = 10_300;
const SHARED_STORAGE: &str = "/storage/emulated/0";

/// One of the two kinds of backup, in a folder of the shared storage.
#[derive(Clone, Debug)]
pub enum OnPhone<'a> {
    /// Under the app's own name for it, or under another.
    File {
        content: &'a SignalContent,
        folder: &'a str,
        name: Option<&'a str>,
    },
    Folder {
        content: &'a SignalContent,
        folder: &'a str,
    },
}

impl Content for OnPhone<'_> {
    fn place(&self, phone: Builder) -> Builder {
        let phone = phone.package(Package::new("org.thoughtcrime.securesms", VERSION, VERSION_CODE, UID));
        match self {
            Self::File { content, folder, name } => {
                let (named, bytes) = &content.file;
                let name = name.unwrap_or(named);
                phone.file(format!("{SHARED_STORAGE}/{folder}/{name}"), Arc::new(bytes.clone()), content.made)
            }
            Self::Folder { content, folder } => content.folder.iter().fold(phone, |phone, (path, bytes)| {
                phone.file(format!("{SHARED_STORAGE}/{folder}/{path}"), Arc::new(bytes.clone()), content.made)
            }),
        }
    }
}
