//! Chat apps on the phone of which this readout holds nothing.

use super::{AppStatement, ChatApp, ChatApps, Reachable};
use crate::{
    link::{Package, Said},
    plan::Platform,
    report::Report,
};
use serde::{Deserialize, Serialize};

/// A chat app that is installed and was not asked for, or cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherApp {
    /// Stable word: `signal`.
    pub app: String,
    pub name: String,
    pub package: String,
    pub version: Option<String>,
    pub reach: Reachable,
    /// What can be done about it.
    pub nl: String,
    pub en: String,
    /// Number of the profile in which it is installed, where that is not the phone's main one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<u32>,
}

/// The installed ones of the table that the plan did not ask for.
pub(super) fn on_the_phone(table: &ChatApps, asked: &[AppStatement], report: &Report) -> Said<Vec<OtherApp>> {
    let packages = match report.preflight.as_ref().map(|p| &p.packages) {
        None | Some(Said::NotAsked) => return Said::NotAsked,
        Some(Said::Refused) => return Said::Refused,
        Some(Said::Unreadable) => return Said::Unreadable,
        Some(Said::Known(packages)) => packages,
    };
    let platform = report.platform();
    let others = table.apps.iter().filter(|app| asked.iter().all(|a| a.app != app.id)).filter_map(|app| {
        let installed = found(app, packages, platform)?;
        let (reach, nl, en) = app.on(platform);
        Some(other(app, installed, (reach, nl, en), None))
    });
    let mut others: Vec<OtherApp> = others.collect();
    // An app that was asked is read in the main profile only.
    let profiles = report.preflight.iter().flat_map(|preflight| &preflight.profiles);
    for (profile, packages) in profiles.filter_map(|profile| Some((profile.user, profile.packages.known()?))) {
        let said = (Reachable::Administered, table.profile.nl.as_str(), table.profile.en.as_str());
        let there = table.apps.iter().filter_map(|app| Some((app, found(app, packages, platform)?)));
        others.extend(there.map(|(app, installed)| other(app, installed, said, Some(profile))));
    }
    Said::Known(others)
}

fn found<'p>(app: &ChatApp, packages: &'p [Package], platform: Platform) -> Option<&'p Package> {
    let called = app.name_on(platform)?;
    packages.iter().find(|package| package.name == called)
}

fn other(app: &ChatApp, installed: &Package, said: (Reachable, &str, &str), profile: Option<u32>) -> OtherApp {
    let (reach, nl, en) = said;
    OtherApp {
        app: app.id.clone(),
        name: app.name.clone(),
        package: installed.name.clone(),
        version: installed.version.known().cloned(),
        reach,
        nl: nl.to_owned(),
        en: en.to_owned(),
        profile,
    }
}

/// Profiles that are there and do not say what is in them.
pub(super) fn closed_profiles(report: &Report) -> Vec<u32> {
    let profiles = report.preflight.iter().flat_map(|preflight| &preflight.profiles);
    profiles.filter(|profile| profile.packages.known().is_none()).map(|profile| profile.user).collect()
}
