//! Chat apps on the phone of which this readout holds nothing.

use super::{AppStatement, ChatApps, Reachable};
use crate::{link::Said, report::Report};
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
        let called = app.name_on(platform)?;
        let installed = packages.iter().find(|package| package.name == called)?;
        let (reach, nl, en) = app.on(platform);
        Some(OtherApp {
            app: app.id.clone(),
            name: app.name.clone(),
            package: called.to_owned(),
            version: installed.version.known().cloned(),
            reach,
            nl: nl.to_owned(),
            en: en.to_owned(),
        })
    });
    Said::Known(others.collect())
}
