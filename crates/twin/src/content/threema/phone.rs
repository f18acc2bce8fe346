//! The way of a data backup onto the virtual phone: where its holder put it.

use super::{THREEMA_VERSION, ThreemaBackup};
use crate::device::{Builder, Content, Package};
use std::sync::Arc;

/// The number that goes with the app's version.
const VERSION_CODE: u64 = 1_080;
/// Its user id on the phone.
const UID: u32 = 10_310;
const SHARED_STORAGE: &str = "/storage/emulated/0";

/// A data backup in a folder of the shared storage, under the app's own name for it or under another, and the app that made it.
#[derive(Clone, Debug)]
pub struct OnPhone<'a> {
    pub content: &'a ThreemaBackup,
    pub package: &'a str,
    pub folder: &'a str,
    pub name: Option<&'a str>,
}

impl Content for OnPhone<'_> {
    fn place(&self, phone: Builder) -> Builder {
        let phone = phone.package(Package::new(self.package, THREEMA_VERSION, VERSION_CODE, UID));
        let name = self.name.unwrap_or(&self.content.name);
        let bytes = Arc::new(self.content.bytes.clone());
        phone.file(format!("{SHARED_STORAGE}/{}/{name}", self.folder), bytes, self.content.made)
    }
}
