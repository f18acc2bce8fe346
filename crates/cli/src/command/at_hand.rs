//! The earlier seals that hold attachments of one that is opened: looked for, verified, opened with the same keys.

use super::verify;
use crate::{Context, advice};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use uitlezen_readout::unsealing::AtHand;
use uitlezen_seal::{
    envelope::Identities,
    header::EarlierSeal,
    open::Opened,
    role::Role,
    verify::{Verified, glance},
};

/// Where earlier seals may lie, and how they are believed and opened.
pub(crate) struct Search<'a> {
    /// Files and folders, in the order in which they are tried; the folder of the seal itself comes last.
    pub places: Vec<PathBuf>,
    pub signers: &'a [PathBuf],
    pub allow_demo: bool,
    pub identities: &'a Identities,
}

impl Search<'_> {
    /// What `verified` relies on, as far as it is found and can be opened. Why something could not be opened is said; what was
    /// not found is told when it is missed.
    pub(crate) fn gather(&self, context: &Context, verified: &Verified, file: &Path) -> AtHand {
        let mut at_hand = AtHand::default();
        let beside = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        for earlier in &verified.header().relies_on {
            let places = self.places.iter().chain([&beside]);
            let found = places.map(|place| candidate(place, earlier)).find(|path| is(path, earlier));
            if let Some(opened) = found.and_then(|path| self.open(context, &path, earlier)) {
                at_hand.add(earlier.seal, Arc::new(opened));
            }
        }
        at_hand
    }

    fn open(&self, context: &Context, path: &Path, earlier: &EarlierSeal) -> Option<Opened> {
        let say = |problem| context.screen.problem(&problem);
        let verdict = verify::look(context, path, self.signers, self.allow_demo, 0).map_err(say).ok()?;
        verify::judge(&verdict, self.allow_demo).map_err(say).ok()?;
        let verified = verdict.verified().filter(|_| verdict.digest == Some(earlier.seal))?;
        let role = Role::Gesprekken;
        let opened = Opened::open(verified, role, self.identities);
        opened.map_err(|e| say(advice::opening(&e, role.as_str(), role.as_str()))).ok()
    }
}

/// The file that this place may have of it.
fn candidate(place: &Path, earlier: &EarlierSeal) -> PathBuf {
    if place.is_dir() { place.join(format!("{}.uitlezing", earlier.run)) } else { place.to_owned() }
}

fn is(path: &Path, earlier: &EarlierSeal) -> bool {
    path.is_file() && glance(path).is_ok_and(|seen| seen.is_some_and(|seen| seen.digest == earlier.seal))
}
