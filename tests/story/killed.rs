//! Runs that are killed anywhere, gone on with, killed again: in the end the seal holds what an unbroken run's does.
//!
//! For a fixed time (`UITLEZEN_KILL_SECONDS`, else a short one) or a number of kills (`UITLEZEN_KILLS`). What is random comes
//! from a seed that is printed when it fails; `UITLEZEN_KILL_SEED` begins with another.

use super::{
    desk::{Call, Desk},
    phone::{Phone, usual},
    resumed::{opened_beside, same},
};
use std::{
    cell::OnceCell,
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use uitlezen_twin::content::{
    Options,
    signal::{self, SignalOptions},
    threema::{self, ThreemaBackupOptions},
};

const WITH_SIGNAL: &str = "whatsapp = true\nsignal = true";
const WITH_BOTH: &str = "whatsapp = true\nsignal = true\nthreema = true";

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// SplitMix64: a few numbers out of a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most.max(1)
    }
}

/// A phone that is read out, for the first time or in a week after.
struct Scene {
    phone: Phone,
    /// A desk that sealed the week before, and that seal.
    before: Option<(Desk, PathBuf)>,
    /// What the plan asks for in place of WhatsApp alone.
    asked: Option<&'static str>,
    usual: Unbroken,
}

impl Scene {
    fn first() -> Self {
        let phone = Phone::with(&Options { messages: 120, ..usual() });
        let usual = Unbroken::of(&Desk::ready(), &phone, None);
        Self { phone, before: None, asked: None, usual }
    }

    /// With Signal beside it: its backup file, or its backup folder.
    fn with_signal(file: bool) -> Self {
        let made = signal::generate(&SignalOptions::made_at(usual().now - 3600, 200)).unwrap();
        let phone = Phone::with_signal(&Options { messages: 60, ..usual() }, made, file);
        Self::asking(WITH_SIGNAL, phone)
    }

    /// With Signal's backup folder and Threema's data backup beside it.
    fn with_both() -> Self {
        let signal = signal::generate(&SignalOptions::made_at(usual().now - 3600, 60)).unwrap();
        let options = ThreemaBackupOptions { messages: 200, now: usual().now, age_hours: 1, ..ThreemaBackupOptions::default() };
        let phone = Phone::with_both(&Options { messages: 60, ..usual() }, signal, threema::generate(&options).unwrap());
        Self::asking(WITH_BOTH, phone)
    }

    fn asking(asked: &'static str, phone: Phone) -> Self {
        let desk = Desk::ready();
        desk.plan_says("whatsapp = true", asked);
        let usual = Unbroken::of(&desk, &phone, None);
        assert!(desk.report().apps.iter().all(|app| app.records.is_some() && app.attachments.present > 0));
        Self { phone, before: None, asked: Some(asked), usual }
    }

    fn a_week_later() -> Self {
        let first = Options { messages: 120, increments: false, now: usual().now - 7 * 86_400, ..usual() };
        let desk = Desk::ready();
        desk.reads(&Phone::with(&first)).go();
        let seal = desk.seal();
        let phone = Phone::with(&Options { later_days: 7, later_messages: 40, ..first });
        let second = desk.again();
        let usual = Unbroken::of(&second, &phone, Some(&seal));
        // It does rely on the week before.
        second.verifies(&second.seal()).says("steunt op 1 eerder zegel");
        Self { phone, before: Some((desk, seal)), asked: None, usual }
    }

    fn desk(&self) -> Desk {
        let desk = self.before.as_ref().map_or_else(Desk::ready, |(desk, _)| desk.again());
        if let Some(asked) = self.asked {
            desk.plan_says("whatsapp = true", asked);
        }
        desk
    }

    fn earlier(&self) -> Option<&Path> {
        self.before.as_ref().map(|(_, seal)| seal.as_path())
    }
}

/// What an unbroken run brings, and what it takes.
struct Unbroken {
    records: BTreeMap<PathBuf, Vec<u8>>,
    code: Option<i32>,
    bytes: u64,
    took: Duration,
}

impl Unbroken {
    fn of(desk: &Desk, phone: &Phone, earlier: Option<&Path>) -> Self {
        let (began, before) = (Instant::now(), phone.device.sent());
        let code = desk.reads(phone).go().code;
        let (took, bytes) = (began.elapsed(), phone.device.sent() - before);
        Self { records: opened_beside(desk, earlier), code, bytes, took }
    }
}

/// Starts a command and kills it at some byte of the phone's, or at some moment. `Some`: it ended before that.
fn killed(call: Call, phone: &Phone, dice: &mut Dice, usual: &Unbroken) -> Option<std::process::Output> {
    let by_bytes = dice.below(2) == 0;
    let at_byte = phone.device.sent() + dice.below(usual.bytes);
    let at_moment = Duration::from_micros(dice.below(usual.took.as_micros().try_into().unwrap()));
    let (mut run, began) = (call.start(), Instant::now());
    loop {
        if run.try_wait().unwrap().is_some() {
            return Some(run.wait_with_output().unwrap());
        }
        if if by_bytes { phone.device.sent() >= at_byte } else { began.elapsed() >= at_moment } {
            run.kill().unwrap();
            run.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// One story of kills; says how many there were.
fn tell(seed: u64, scene: &Scene) -> u64 {
    let Scene { phone, usual, .. } = scene;
    let (mut dice, desk, mut kills) = (Dice(seed), scene.desk(), 0);
    let most = 1 + dice.below(3);
    loop {
        let open = open_runs(&desk);
        if open.is_empty() && !desk.seals().is_empty() {
            break;
        }
        let call = if open.is_empty() { desk.reads(phone) } else { desk.resumes(phone) };
        let ended = match kills < most {
            true => killed(call, phone, &mut dice, usual),
            false => Some(call.start().wait_with_output().unwrap()),
        };
        let Some(output) = ended else {
            kills += 1;
            continue;
        };
        let text = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(7) && text.contains("is niets bewaard") {
            // Killed before there was anything to go on with.
            for run in &open {
                desk.runs(["discard", run, "--yes"]).go().ends_with(0);
            }
            continue;
        }
        // A run that was sealed when it was killed has nothing left to find.
        let settled = output.status.code() == Some(0) && desk.seals().len() == 1;
        assert!(output.status.code() == usual.code || settled, "seed {seed}: {:?} {text}", output.status.code());
        break;
    }
    same(&usual.records, &opened_beside(&desk, scene.earlier()));
    kills
}

fn open_runs(desk: &Desk) -> Vec<String> {
    let told = desk.runs(["list", "--json"]).go().ends_with(0);
    told.events_called("run").iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_run_killed_anywhere_ends_as_an_unbroken_one() {
    let wanted = number("UITLEZEN_KILLS").unwrap_or(u64::MAX);
    let seconds = number("UITLEZEN_KILL_SECONDS").unwrap_or(if wanted == u64::MAX { 12 } else { u64::MAX });
    let first = number("UITLEZEN_KILL_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_secs() << 20
    });
    let began = Instant::now();
    let (next, kills) = (AtomicU64::new(first), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // Made when a seed asks for it.
                let scenes: [OnceCell<Scene>; 5] = Default::default();
                while began.elapsed().as_secs() < seconds && kills.load(Ordering::Relaxed) < wanted {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let which = usize::try_from(seed % 5).unwrap();
                    let scene = scenes[which].get_or_init(|| match which {
                        0 => Scene::a_week_later(),
                        1 => Scene::with_signal(true),
                        2 => Scene::with_signal(false),
                        3 => Scene::with_both(),
                        _ => Scene::first(),
                    });
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tell(seed, scene)));
                    match done {
                        Ok(more) => drop(kills.fetch_add(more, Ordering::Relaxed)),
                        Err(panic) => {
                            eprintln!("UITLEZEN_KILL_SEED={seed}");
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
            });
        }
    });
    let seeds = next.into_inner() - first;
    let told =
        format!("killed runs: {seeds} seeds from {first}, {} kills, {} s\n", kills.into_inner(), began.elapsed().as_secs());
    // Past the test runner, which shows what a test prints only when it fails.
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    assert!(seeds > 0);
}
