//! Every parser of the house over broken inputs: the targets of `fuzz/targets`, seeded, in the ordinary test run.
//!
//! `UITLEZEN_FUZZ_SECONDS` (default 25) is shared over all targets, `UITLEZEN_FUZZ_SEED` repeats a run,
//! `UITLEZEN_FUZZ_TARGET` runs one target, and with `UITLEZEN_FUZZ_CASE` one case of it. A case that fails is printed with
//! all of these and kept as a file; `UITLEZEN_FUZZ_INPUT=<file>` runs it again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use rustix::{
    process::{Resource, Rlimit, setrlimit},
    time::{ClockId, clock_gettime},
};
use std::{
    env,
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use uitlezen_fuzz_targets::{TARGETS, Target, mutation};

/// Processor time of one case. The largest seed is some 300 KB; an honest case takes milliseconds.
const LONGEST_CASE: Duration = Duration::from_secs(5);
/// Wall-clock time after which a case is taken to hang, on a machine that does other things too.
const HANGS_AFTER: Duration = Duration::from_secs(60);
/// Address space of this process: a length that is believed before its bytes arrive does not fit in it.
const MEMORY: u64 = 3 << 30;

fn asked<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not what it should be: {text}")))
}

/// Another one every run, so that the cases of many runs add up.
fn fresh_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs())
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

/// Ends the process when a case does not: a thread that runs cannot be stopped.
struct Watch {
    begun: Instant,
    /// Milliseconds after `begun` at which the case in hand began, and its number; 0: none.
    since: Arc<AtomicU64>,
    case: Arc<AtomicU64>,
}

impl Watch {
    fn set(seed: u64) -> Self {
        let watch = Self { begun: Instant::now(), since: Arc::default(), case: Arc::default() };
        let (begun, since, case) = (watch.begun, Arc::clone(&watch.since), Arc::clone(&watch.case));
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(1));
                let since = since.load(Ordering::Relaxed);
                if since > 0 && begun.elapsed() > Duration::from_millis(since) + HANGS_AFTER {
                    let (target, number) = (case.load(Ordering::Relaxed) >> 48, case.load(Ordering::Relaxed) & 0xffff_ffff_ffff);
                    eprintln!("HANGS: {}", again(TARGETS[target as usize].name, seed, number));
                    process::abort();
                }
            }
        });
        watch
    }

    fn over<T>(&self, target: usize, number: u64, run: impl FnOnce() -> T) -> T {
        self.case.store((target as u64) << 48 | number, Ordering::Relaxed);
        self.since.store(u64::try_from(self.begun.elapsed().as_millis()).unwrap().max(1), Ordering::Relaxed);
        let done = run();
        self.since.store(0, Ordering::Relaxed);
        done
    }
}

fn again(target: &str, seed: u64, case: u64) -> String {
    format!("UITLEZEN_FUZZ_TARGET={target} UITLEZEN_FUZZ_SEED={seed} UITLEZEN_FUZZ_CASE={case} cargo test --test hostile_input")
}

fn kept(target: &str, seed: u64, case: u64, data: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-{seed}-{case}"));
    std::fs::write(&path, data).unwrap();
    path
}

/// Runs one case; says what went wrong.
fn run(target: &Target, data: &[u8]) -> Result<Duration, String> {
    let before = processor_time();
    let done = catch_unwind(AssertUnwindSafe(|| (target.run)(data)));
    let took = processor_time().saturating_sub(before);
    match done {
        Err(_) => Err("panicked".to_owned()),
        Ok(()) if took > LONGEST_CASE => Err(format!("took {took:?}")),
        Ok(()) => Ok(took),
    }
}

#[test]
fn no_bytes_harm_a_parser_or_pass_for_what_they_are_not() {
    setrlimit(Resource::As, Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) }).expect("a bound on memory");
    let seed = asked("UITLEZEN_FUZZ_SEED").unwrap_or_else(fresh_seed);
    let only: Option<String> = asked("UITLEZEN_FUZZ_TARGET");
    let targets: Vec<(usize, &Target)> =
        TARGETS.iter().enumerate().filter(|(_, t)| only.as_deref().is_none_or(|name| name == t.name)).collect();
    assert!(!targets.is_empty(), "no such target");
    if let Some(path) = asked::<PathBuf>("UITLEZEN_FUZZ_INPUT") {
        let data = std::fs::read(path).unwrap();
        return targets.iter().for_each(|(_, target)| (target.run)(&data));
    }
    let seconds: f64 = asked("UITLEZEN_FUZZ_SECONDS").unwrap_or(25.0);
    let single: Option<u64> = asked("UITLEZEN_FUZZ_CASE");
    let each = Duration::from_secs_f64(seconds / targets.len() as f64);
    let watch = Watch::set(seed);
    let mut failed = String::new();
    for (index, target) in targets {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no good input", target.name);
        let (begun, mut number, mut slowest) = (Instant::now(), single.unwrap_or(0), Duration::ZERO);
        // Every seed runs, however little time there is.
        while single.is_some() || number < seeds.len() as u64 || begun.elapsed() < each {
            let data = mutation::case(seed, target.name, number, &seeds);
            match watch.over(index, number, || run(target, &data)) {
                Ok(took) => slowest = slowest.max(took),
                Err(why) => {
                    let path = kept(target.name, seed, number, &data);
                    let _ = writeln!(failed, "{why}: {}\n  input: {}", again(target.name, seed, number), path.display());
                    break;
                }
            }
            number += 1;
            if single.is_some() {
                break;
            }
        }
        let rate = number as f64 / begun.elapsed().as_secs_f64();
        eprintln!("{:20} seed {seed}  {number:7} cases  {rate:8.0}/s  slowest {slowest:?}", target.name);
    }
    assert!(failed.is_empty(), "\n{failed}");
}
