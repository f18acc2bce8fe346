//! The way onto the virtual phone: files in the shared storage, packages, address book, clock.

use super::PhoneContent;
use crate::device::{Builder, Clock, Contact, Content, Package, Phone};
use std::sync::Arc;

/// Where `/sdcard` leads on a phone's first user.
const SHARED_STORAGE: &str = "/storage/emulated/0";

impl Content for PhoneContent {
    fn place(&self, mut phone: Builder) -> Builder {
        for (path, file) in &self.files {
            phone = phone.file(format!("{SHARED_STORAGE}/{path}"), Arc::new(file.clone()), file.mtime());
        }
        for (i, (name, version)) in (0..).zip(&self.packages) {
            phone = phone.package(Package::new(name, version, version_code(version), 10_200 + i));
        }
        for (number, name) in &self.contacts {
            phone = phone.contact(Contact { name: Some(name.clone()), phones: vec![Phone::mobile(number)], emails: Vec::new() });
        }
        match jiff::Timestamp::from_second(self.now) {
            Ok(now) => phone.clock(Clock::starting(now)),
            // `generate` refused such a time already.
            Err(_) => phone,
        }
    }
}

/// 2.26.31.76 as 263176000: that the number is made so is our choice.
fn version_code(version: &str) -> u64 {
    version.split('.').skip(1).filter_map(|part| part.parse::<u64>().ok()).fold(0, |code, part| code * 100 + part) * 1000
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::content::{APP_VERSION, Options, WHATSAPP, generate};
    use crate::device::Device;

    #[test]
    fn the_generated_files_are_on_the_phone() {
        let content = generate(&Options { messages: 100, ..Options::default() }).unwrap();
        assert_eq!(content.packages, [(WHATSAPP.to_owned(), APP_VERSION.to_owned())]);
        let device = Device::builder().content(&content).build();
        let tree = device.tree();
        for path in content.files.keys() {
            assert!(tree.open(format!("/sdcard/{path}").as_bytes()).is_ok(), "{path}");
        }
    }

    #[test]
    fn version_numbers() {
        assert_eq!(version_code(APP_VERSION), 263_176_000);
    }
}
