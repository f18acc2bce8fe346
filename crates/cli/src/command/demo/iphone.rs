//! The virtual iPhone of the demonstration, behind a `usbmuxd` of its own.

use super::{internal, office::UDID};
use crate::problem::Problem;
use std::{sync::Arc, time::Duration};
use uitlezen_readout::link::Reach;
use uitlezen_twin::{
    backup::{BackupFile, Rounds},
    content::iphone::messages::{self, MessagesOptions},
    iphone::{Identity, Iphone, Passcode, Trust, usbmuxd},
};

/// How long its holder takes for everything.
const HOLDER: Duration = Duration::from_millis(500);
/// Of its photos: nobody's business here.
const PHOTOS: usize = 20;

/// A phone on the table.
#[derive(Debug)]
pub(super) struct Shown {
    mux: usbmuxd::Running,
}

impl Shown {
    pub(super) fn with(messages: u64) -> Result<Self, Problem> {
        let now = jiff::Timestamp::now().as_second();
        let options = MessagesOptions { messages, now, oddities: false, ..MessagesOptions::default() };
        let made = messages::generate(&options).map_err(|e| internal(&e))?;
        let photo = |n: usize| {
            BackupFile::of("CameraRollDomain", format!("Media/DCIM/100APPLE/IMG_{n:04}.HEIC"), vec![0xFF; 100_000], now)
        };
        let phone = Iphone::builder()
            .identity(Identity { udid: UDID.to_owned(), ios: "26.1".into(), build: "23B85".into(), ..Identity::default() })
            .files(made.files)
            .files((1..=PHOTOS).map(photo))
            // A real one takes ten million.
            .rounds(Rounds { first: 10_000, second: 10_000 })
            .trust(Trust::After(HOLDER))
            .passcode(Passcode::Typed(HOLDER))
            .build();
        Ok(Self { mux: usbmuxd::spawn(&[Arc::clone(&phone)]).map_err(|e| internal(&e))? })
    }

    pub(super) fn reach(&self) -> Reach {
        Reach::Iphone { udid: UDID.to_owned(), mux: self.mux.address() }
    }
}
