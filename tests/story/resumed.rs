//! Runs that are gone on with after they were broken off, and what becomes of those that nobody goes on with.

use super::{
    desk::{Call, Desk},
    interrupted::{pulling, stuck},
    outcome::Outcome,
    phone::{BACKUP, Phone, plain, quiet, usual},
};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Child,
};
use uitlezen_twin::{
    content::Options,
    device::{Fault, Pull, Times},
};

/// Everything that role *gesprekken* of the only seal holds, by relative name.
pub fn opened(desk: &Desk) -> BTreeMap<PathBuf, Vec<u8>> {
    opened_beside(desk, None)
}

/// The same, where an earlier seal holds some of it.
pub fn opened_beside(desk: &Desk, earlier: Option<&Path>) -> BTreeMap<PathBuf, Vec<u8>> {
    let into = desk.at("geopend");
    let _ = fs::remove_dir_all(&into);
    let seal = desk.seal();
    let with = |call: Call| earlier.into_iter().fold(call, |call, earlier| call.with(earlier));
    with(desk.verify(&seal)).go().ends_with(0).says("Zegel: ongeschonden");
    with(desk.unseals(&seal, "gesprekken", "div.txt", "geopend")).go().ends_with(0);
    let name = |path: &PathBuf| path.strip_prefix(&into).unwrap().to_owned();
    super::files_below(&into).into_iter().map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

/// Two openings hold the same; says which files differ, not what is in them.
#[track_caller]
pub fn same(one: &BTreeMap<PathBuf, Vec<u8>>, other: &BTreeMap<PathBuf, Vec<u8>>) {
    let names = |all: &BTreeMap<PathBuf, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other));
    let differ: Vec<&PathBuf> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

fn unbroken(phone: &Phone) -> (BTreeMap<PathBuf, Vec<u8>>, Option<i32>) {
    let desk = Desk::ready();
    let code = desk.reads(phone).go().code;
    (opened(&desk), code)
}

/// Kills the run at the first event of this name.
pub fn killed_at(mut run: Child, event: &str) {
    let wanted = format!("{{\"event\":\"{event}\"");
    let lines = BufReader::new(run.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.into_iter().any(|line| line.starts_with(&wanted)), "no event {event}");
    run.kill().unwrap();
    run.wait().unwrap();
}

fn ledger(desk: &Desk) -> String {
    fs::read_to_string(desk.state().join("ledger.jsonl")).unwrap()
}

#[test]
fn a_phone_that_was_pulled_out_is_plugged_in_again_and_nothing_whole_is_pulled_twice() {
    let phone = Phone::with(&usual());
    let (whole, code) = unbroken(&phone);
    let last = phone.media().pop().unwrap();
    phone.device.inject(Fault::Pull { file: Phone::on_phone(&last), how: Pull::Vanishes { after: 0 } }, Times::Only(1));
    let desk = Desk::ready();
    desk.reads(&phone).go().ends_with(7).says("uitlezen runs resume").says("zeven dagen");
    desk.nothing_sealed();
    desk.runs(["list"]).go().ends_with(0).says("TWIN0001").says("afgebroken");
    phone.device.forget_asked();
    let resumed = desk.resumes(&phone).go();
    assert_eq!(resumed.code, code, "{}", resumed.err);
    resumed.says("de gesprekken zijn al gelezen");
    let opened_again = phone.device.asked().opened;
    assert!(!opened_again.contains(&Phone::on_phone(BACKUP)), "the database was pulled again");
    same(&whole, &opened(&desk));
    assert_eq!(desk.report().interruptions.len(), 1);
    let page = fs::read_to_string(desk.seal().with_extension("verklaring.html")).unwrap();
    assert!(page.contains("Onderbroken en hervat op"));
    desk.runs(["list"]).go().ends_with(0).says("geen afgebroken uitlezingen");
    assert!(ledger(&desk).contains("\"resume\""));
}

#[test]
fn what_is_here_is_sealed_without_the_phone() {
    let desk = Desk::ready();
    let (whole, code) = {
        let phone = Phone::with(&usual());
        let whole = unbroken(&phone);
        killed_at(desk.reads(&phone).json().start(), "may-unplug");
        whole
    };
    // The phone is gone, its key was not given again, and both are no longer needed.
    let resumed = desk.runs(["resume"]).go();
    assert_eq!(resumed.code, code, "{}", resumed.err);
    resumed.says("niet meer nodig");
    same(&whole, &opened(&desk));
}

#[test]
fn files_in_the_work_store_that_were_exchanged_or_hurt_are_fetched_again() {
    let phone = Phone::with(&Options { messages: 500, ..usual() });
    let (whole, code) = unbroken(&phone);
    for hurt in [exchange as fn(&Path), flip] {
        let desk = Desk::ready();
        let last = phone.media().pop().unwrap();
        phone.device.inject(Fault::Pull { file: Phone::on_phone(&last), how: Pull::Vanishes { after: 0 } }, Times::Only(1));
        desk.reads(&phone).go().ends_with(7);
        hurt(&desk.unfinished()[0]);
        let resumed = desk.resumes(&phone).go();
        assert_eq!(resumed.code, code, "{}", resumed.err);
        same(&whole, &opened(&desk));
        assert!(desk.report().interruptions[0].parts_damaged > 0);
    }
}

#[test]
fn a_stage_of_which_the_disk_lost_something_is_not_taken_for_whole() {
    let phone = Phone::with(&usual());
    let (whole, code) = unbroken(&phone);
    // The records stand in the first parts, attachments in the last; both stages were whole.
    for at in [300, u64::MAX] {
        let desk = Desk::ready();
        killed_at(desk.reads(&phone).json().start(), "may-unplug");
        let staged = desk.unfinished()[0].join("zegel");
        let mut bytes = fs::read(&staged).unwrap();
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len() - 100);
        bytes[at] ^= 1;
        fs::write(&staged, bytes).unwrap();
        // Not without the phone: what is lost must come from it again.
        let resumed = desk.resumes(&phone).go();
        assert_eq!(resumed.code, code, "{}", resumed.err);
        same(&whole, &opened(&desk));
        assert!(desk.report().interruptions[0].parts_damaged > 0);
        assert_ne!(desk.report().interruptions[0].reached, "acquired");
    }
}

/// Exchanges the two largest files of scratch parts, where there are two; else the first bytes of one with its last.
fn exchange(store: &Path) {
    let mut klads = klads(store);
    assert!(klads.len() >= 2, "{klads:?}");
    klads.sort_by_key(|path| fs::metadata(path).unwrap().len());
    let [a, b] = [&klads[klads.len() - 1], &klads[klads.len() - 2]];
    let (first, second) = (fs::read(a).unwrap(), fs::read(b).unwrap());
    fs::write(a, second).unwrap();
    fs::write(b, first).unwrap();
}

fn flip(store: &Path) {
    for path in klads(store).into_iter().chain([store.join("zegel")]) {
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
}

fn klads(store: &Path) -> Vec<PathBuf> {
    let all = super::files_below(store).into_iter();
    all.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("klad")).collect()
}

#[test]
fn a_newer_backup_in_the_meantime_is_read_instead() {
    let desk = Desk::ready();
    let before = Phone::with(&plain());
    before.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how: Pull::Vanishes { after: 3000 } }, Times::Only(1));
    desk.reads(&before).go().ends_with(7);
    // The same phone, and the holder tapped "Back up".
    let after = Phone::with(&Options { messages: 140, ..plain() });
    let (whole, code) = unbroken(&after);
    let resumed = desk.resumes(&after).go();
    assert_eq!(resumed.code, code, "{}", resumed.err);
    same(&whole, &opened(&desk));
}

#[test]
fn two_runs_on_one_phone_exclude_each_other_and_two_phones_are_read_side_by_side() {
    let (desk, phone) = (Desk::ready(), stuck());
    let run = desk.reads(&phone).start();
    pulling(&desk, &phone);
    desk.reads(&phone).json().go().ends_with(7).says_error("phone-in-use");
    desk.runs(["list"]).go().ends_with(0).says("bezig");
    desk.runs(["discard", "--yes"]).go().ends_with(2).says("nog bezig");
    desk.runs(["resume"]).go().ends_with(7).says("nog bezig");
    // Another phone of the same office.
    let other = Phone::called("TWIN0002", &quiet());
    desk.plan_says("serial = \"TWIN0001\"", "serial = \"TWIN0002\"");
    let told = desk.reads(&other).json().go();
    assert!(matches!(told.code, Some(0 | 3 | 6 | 8)), "{}", told.err);
    assert_eq!(desk.seals().len(), 1);
    drop(kill(run));
}

fn kill(mut run: Child) -> Outcome {
    run.kill().unwrap();
    Outcome::new(&run.wait_with_output().unwrap())
}

#[test]
fn a_run_that_is_given_up_leaves_a_ledger_line_and_nothing_else() {
    let (desk, phone) = (Desk::ready(), stuck());
    let run = desk.reads(&phone).start();
    pulling(&desk, &phone);
    drop(kill(run));
    desk.runs(["discard", "--json"]).go().ends_with(2);
    assert_eq!(desk.unfinished().len(), 1, "nobody agreed");
    desk.runs(["discard", "--yes"]).go().ends_with(0).says("vernietigd");
    assert!(desk.unfinished().is_empty());
    assert!(ledger(&desk).contains("\"discarded\""), "{}", ledger(&desk));
    desk.runs(["resume"]).go().ends_with(2).says("geen afgebroken uitlezingen");
    // A work store that somebody took away: its key goes all the same.
    let run = desk.reads(&phone).start();
    pulling(&desk, &phone);
    drop(kill(run));
    fs::remove_dir_all(&desk.unfinished()[0]).unwrap();
    desk.runs(["list"]).go().ends_with(0).says("werkmap niet gevonden");
    desk.runs(["discard", "--yes"]).go().ends_with(0);
    assert!(ledger(&desk).contains("\"discarded-key-only\""));
}

#[test]
fn whoever_begins_anew_is_told_what_waits() {
    let (desk, phone) = (Desk::ready(), Phone::with(&plain()));
    phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how: Pull::Vanishes { after: 0 } }, Times::Only(1));
    desk.reads(&phone).go().ends_with(7);
    let again = desk.reads(&phone).go();
    again.says("staat nog een afgebroken uitlezing");
    assert_eq!((desk.seals().len(), desk.unfinished().len()), (1, 1));
}
