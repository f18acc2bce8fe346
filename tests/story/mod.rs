//! Stories, and the desk, phones and readers that they are told with.

mod counting;
mod desk;
mod outcome;
mod phone;
mod search;

mod adb_backup;
mod commands;
mod damage;
mod disk;
mod drill;
mod files;
mod gate;
mod happy;
mod interrupted;
mod iphone;
mod iphone_cable;
mod killed;
mod media;
mod never;
mod oracles;
mod plans;
mod published;
mod refusals;
mod register;
mod resumed;
mod roles;
mod separation;
mod settings;
mod signal;
mod sms;
mod statement;
mod terminal;
mod threema;
mod traced;
mod two_persons;
mod vault;
mod weekly;

use std::{path::Path, process::Command};

/// Says loudly that a story was not told, or fails when it had to be.
fn skip(required_by: &str, why: &str) {
    assert!(std::env::var_os(required_by).is_none(), "{required_by} is set, and {why}");
    eprintln!("SKIPPED: {why}");
}

const INTEROP: &str = "UITLEZEN_REQUIRE_INTEROP";

/// Whether another program can be had.
fn has(program: &str, arguments: &[&str]) -> bool {
    let there = Command::new(program).args(arguments).output().is_ok_and(|out| out.status.success());
    if !there {
        skip(INTEROP, &format!("`{program} {}` does not work here", arguments.join(" ")));
    }
    there
}

/// Every file below a folder.
fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files_below(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}
