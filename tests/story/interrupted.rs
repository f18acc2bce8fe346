//! Runs that are broken off: by the person at the desk, or by a process that dies.

use super::{
    desk::Desk,
    outcome::Outcome,
    phone::{BACKUP, Phone, plain},
};
use std::{
    fs,
    process::{Child, Command},
    time::{Duration, Instant},
};
use uitlezen_twin::{
    adb::{Accept, Answer},
    content::Options,
    device::{Fault, Pull, Times},
};

/// A process and all its descendants.
pub fn family(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children: Vec<u32> = tasks
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|text| text.split_whitespace().filter_map(|n| n.parse().ok()).collect::<Vec<u32>>())
        .collect();
    std::iter::once(pid).chain(children.into_iter().flat_map(family)).collect()
}

/// The child process of this kind, once it is there.
fn child_called(pid: u32, kind: &str) -> u32 {
    let wanted = format!("__child\0{kind}\0");
    let is =
        |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&wanted));
    patiently(|| family(pid).into_iter().find(is))
}

fn patiently<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// `kill` of the system, to a process or (with a minus) a process group.
fn signal(name: &str, target: &str) {
    assert!(Command::new("kill").args(["-s", name, "--", target]).status().unwrap().success());
}

fn end(child: Child) -> Outcome {
    Outcome::new(&child.wait_with_output().unwrap())
}

/// A phone that stops in the middle of the backup and keeps the line open.
pub fn stuck() -> Phone {
    let phone = Phone::with(&Options { increments: false, ..plain() });
    phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how: Pull::Hangs { after: 3000 } }, Times::Always);
    phone
}

pub fn pulling(desk: &Desk, phone: &Phone) {
    patiently(|| (!desk.unfinished().is_empty()).then_some(()));
    patiently(|| phone.device.asked().opened.contains(&Phone::on_phone(BACKUP)).then_some(()));
}

#[test]
fn the_person_at_the_keyboard_breaks_off_and_the_work_store_is_kept() {
    let (desk, phone) = (Desk::ready(), stuck());
    let run = desk.reads(&phone).start();
    pulling(&desk, &phone);
    // As a terminal does: to the whole group, the child processes too.
    signal("INT", &format!("-{}", run.id()));
    end(run).ends_with(130).says("Afgebroken").says("Nu doen:");
    desk.nothing_sealed();
    assert_eq!(desk.unfinished().len(), 1, "kept for resuming");
    let ledger = fs::read_to_string(desk.state().join("ledger.jsonl")).unwrap();
    assert!(ledger.contains("cancelled"), "{ledger}");
}

#[test]
fn a_service_that_is_told_to_stop_stops_too() {
    let (desk, phone) = (Desk::ready(), stuck());
    let run = desk.reads(&phone).json().start();
    pulling(&desk, &phone);
    signal("TERM", &run.id().to_string());
    let told = end(run).ends_with(130);
    assert_eq!(told.event("error")["exit"], 130);
    desk.nothing_sealed();
}

#[test]
fn breaking_off_while_the_holder_is_waited_for_leaves_nothing() {
    let (desk, phone) = (Desk::ready(), stuck());
    phone.device.set_accept(Accept::Ask(Answer::Never));
    let run = desk.reads(&phone).start();
    patiently(|| (phone.device.asked().dialogs > 0).then_some(()));
    signal("INT", &run.id().to_string());
    end(run).ends_with(130);
    assert!(desk.unfinished().is_empty() && desk.seals().is_empty());
}

#[test]
fn a_link_that_is_killed_is_told_and_the_work_store_is_kept() {
    let (desk, phone) = (Desk::ready(), stuck());
    let run = desk.reads(&phone).start();
    pulling(&desk, &phone);
    signal("KILL", &child_called(run.id(), "link").to_string());
    end(run).ends_with(7).says("Een deelproces is gestopt").says("(link)").says("Nu doen:");
    desk.nothing_sealed();
    assert_eq!(desk.unfinished().len(), 1);
}

#[test]
fn a_reader_that_is_killed_is_told_and_nothing_is_sealed() {
    let phone = Phone::with(&Options { increments: false, ..plain() });
    phone.device.inject(Fault::Slow { pause: Duration::from_millis(150) }, Times::Always);
    let desk = Desk::ready();
    let run = desk.reads(&phone).start();
    signal("KILL", &child_called(run.id(), "reader").to_string());
    end(run).ends_with(7).says("Een deelproces is gestopt").says("(reader)");
    desk.nothing_sealed();
}

#[test]
fn children_do_not_outlive_a_run_that_is_killed() {
    let (desk, phone) = (Desk::ready(), stuck());
    let mut run = desk.reads(&phone).start();
    pulling(&desk, &phone);
    let children: Vec<u32> = family(run.id()).into_iter().filter(|pid| *pid != run.id()).collect();
    assert!(!children.is_empty());
    run.kill().unwrap();
    run.wait().unwrap();
    let lives = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("__child")
    };
    patiently(|| (!children.iter().any(lives)).then_some(()));
    desk.nothing_sealed();
}
