//! A store that was cut anywhere comes back with what its journal promised, byte for byte, and nothing else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, clippy::print_stdout)]

mod store_support;

use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use store_support::*;
use uitlezen_evidence::{Evidence, ReadAtExt};
use uitlezen_seal::store::{Check, Home, Resumed, RunKey, ScratchKind, StoreError, WorkStore};

/// What a step of a run does.
#[derive(Clone, Debug)]
enum Step {
    Put { kept: bool, size: usize },
    Half { kept: bool, size: usize },
    Drop(prop::sample::Index),
    Checkpoint,
    Note,
    Crash,
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<bool>(), 0_usize..30_000).prop_map(|(kept, size)| Step::Put { kept, size }),
        1 => (any::<bool>(), 1_usize..30_000).prop_map(|(kept, size)| Step::Half { kept, size }),
        1 => any::<prop::sample::Index>().prop_map(Step::Drop),
        2 => Just(Step::Checkpoint),
        1 => Just(Step::Note),
        2 => Just(Step::Crash),
    ]
}

fn home(kept_one: bool) -> Home {
    if kept_one { kept() } else { Home::Scratch(ScratchKind::Received) }
}

fn key_again(key: &RunKey) -> RunKey {
    RunKey::from_bytes(&mut key.expose().clone())
}

/// As the disk stands when the process is killed now.
fn snapshot(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn read_everything(store: &WorkStore) -> BTreeMap<(bool, String), Vec<u8>> {
    let mut all = BTreeMap::new();
    for kept_ones in [true, false] {
        let view = store.evidence(|item| item.home.is_kept() == kept_ones).unwrap();
        for item in view.items() {
            let bytes = view.open(&item.name).unwrap().read_all(1 << 30).unwrap();
            all.insert((kept_ones, item.name.as_str().to_owned()), bytes);
        }
    }
    all
}

/// The content of an item follows from its name, so any store can be checked.
fn expected(name: &str) -> Vec<u8> {
    let mut words = name.split('-').map(|w| w.parse::<u64>().unwrap());
    let (seed, size) = (words.next().unwrap(), words.next().unwrap());
    content(seed, size as usize)
}

fn put_step(store: &WorkStore, n: usize, size: usize, kept_one: bool) -> ((bool, String), uitlezen_seal::store::ItemId) {
    let name = format!("{n}-{size}");
    let item = put(store, &name, home(kept_one), &content(n as u64, size));
    ((kept_one, name), item.id)
}

fn all_is_as_named(found: &BTreeMap<(bool, String), Vec<u8>>) -> Result<(), TestCaseError> {
    for ((_, name), bytes) in found {
        prop_assert!(*bytes == expected(name), "{} differs", name);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// A mere crash: the process is gone, what was not synced may be gone, garbage may follow the last sync.
    #[test]
    fn a_crash_loses_nothing_that_was_promised(
        part_bytes in 3_000_u64..40_000,
        steps in proptest::collection::vec(a_step(), 1..30),
        junk in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let root = tempfile::tempdir().unwrap();
        let mut at = root.path().join("start.partial");
        let key = RunKey::random().unwrap();
        let mut store = WorkStore::create(&at, "run", &key, uitlezen_seal::store::StoreOptions { part_bytes }).unwrap();
        // What was promised (durable), and what may be there besides (finished since).
        let (mut promised, mut possible) = (BTreeMap::new(), BTreeMap::new());
        let mut notes = Vec::new();
        for (n, step) in steps.iter().enumerate() {
            match step {
                Step::Put { kept, size } => {
                    let (name, id) = put_step(&store, n, *size, *kept);
                    possible.insert(name, id);
                }
                Step::Half { kept, size } => {
                    let mut half = store.begin(spec(&format!("{n}-half"), home(*kept))).unwrap();
                    half.write_all(&content(9, *size)).unwrap();
                }
                Step::Drop(which) => {
                    let all: Vec<_> = possible.iter().chain(&promised).map(|(name, id)| (name.clone(), *id)).collect();
                    if all.is_empty() {
                        continue;
                    }
                    let (name, id) = which.get(&all);
                    store.drop_item(*id).unwrap();
                    possible.remove(name);
                    promised.remove(name);
                }
                Step::Checkpoint => {
                    store.checkpoint().unwrap();
                    promised.append(&mut possible);
                }
                Step::Note => {
                    store.note(&n.to_be_bytes()).unwrap();
                    notes.push(n.to_be_bytes().to_vec());
                }
                Step::Crash => {
                    let next = root.path().join(format!("{n}.partial"));
                    snapshot(&at, &next);
                    drop(store);
                    // The last bytes of the journal may have been on their way.
                    let journal = next.join("journaal");
                    fs::OpenOptions::new().append(true).open(&journal).unwrap().write_all(&junk).unwrap();
                    fs::OpenOptions::new().append(true).open(next.join("zegel")).unwrap().write_all(&junk).unwrap();
                    let (again, found) = WorkStore::resume(&next, &key_again(&key), Check::Digests).unwrap();
                    prop_assert_eq!(found.parts_damaged, 0);
                    prop_assert_eq!(&found.notes, &notes);
                    prop_assert!(found.journal_cut >= junk.len() as u64);
                    let all = read_everything(&again);
                    all_is_as_named(&all)?;
                    for name in promised.keys() {
                        prop_assert!(all.contains_key(name), "{:?} was promised", name);
                    }
                    for name in all.keys() {
                        prop_assert!(promised.contains_key(name) || possible.contains_key(name), "{:?} was never finished", name);
                    }
                    let ids: BTreeMap<_, _> = again.items().into_iter().map(|i| ((i.home.is_kept(), i.name.as_str().to_owned()), i.id)).collect();
                    promised = ids;
                    possible = BTreeMap::new();
                    (store, at) = (again, next);
                }
            }
        }
        all_is_as_named(&read_everything(&store))?;
    }

    /// Worse than a crash: files cut or overwritten anywhere. What is listed must still be right.
    #[test]
    fn whatever_is_cut_what_is_listed_is_right(
        sizes in proptest::collection::vec((any::<bool>(), 0_usize..20_000), 1..15),
        victim in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        flip in any::<bool>(),
    ) {
        let (root, store, key) = a_store(12_000);
        let dir = root.path().join("run.partial");
        for (n, (kept_one, size)) in sizes.iter().enumerate() {
            put_step(&store, n, *size, *kept_one);
        }
        store.checkpoint().unwrap();
        drop(store);
        let mut files: Vec<_> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let victim = victim.get(&files);
        let mut bytes = fs::read(victim).unwrap();
        let at = cut.index(bytes.len());
        if flip { bytes[at] ^= 0x10 } else { bytes.truncate(at) }
        fs::write(victim, bytes).unwrap();
        match WorkStore::resume(&dir, &key, Check::Digests) {
            Ok((again, found)) => {
                all_is_as_named(&read_everything(&again))?;
                prop_assert_eq!(again.items(), found.items);
                // And the run goes on.
                let (name, _) = put_step(&again, 1_000, 40_000, true);
                again.checkpoint().unwrap();
                drop(again);
                let (third, found) = WorkStore::resume(&dir, &key, Check::Digests).unwrap();
                prop_assert_eq!((found.parts_damaged, found.parts_torn, found.journal_cut), (0, 0, 0));
                let all = read_everything(&third);
                prop_assert!(all.contains_key(&name));
                all_is_as_named(&all)?;
            }
            // The head of the journal or the entry `mimetype` was hit: said, not guessed.
            Err(StoreError::NotThisStore | StoreError::Staging(_)) => prop_assert!(at < 400, "at {at}"),
            Err(e) => prop_assert!(false, "{}", e),
        }
    }
}

#[test]
fn another_key_and_an_empty_folder_are_refused_and_nothing_is_cut() {
    let (root, store, _) = a_store(1 << 20);
    let dir = root.path().join("run.partial");
    put(&store, "a", kept(), b"x");
    store.checkpoint().unwrap();
    drop(store);
    let before = fs::metadata(dir.join("journaal")).unwrap().len();
    let other = RunKey::random().unwrap();
    assert!(matches!(WorkStore::resume(&dir, &other, Check::Sizes), Err(StoreError::NotThisStore)));
    assert_eq!(fs::metadata(dir.join("journaal")).unwrap().len(), before);
    assert!(WorkStore::resume(root.path(), &other, Check::Sizes).is_err());
}

#[test]
fn what_was_not_closed_is_counted_as_lost() {
    let (root, store, key) = a_store(1 << 20);
    put(&store, "1-5000", kept(), &content(1, 5_000));
    store.checkpoint().unwrap();
    put(&store, "2-5000", kept(), &content(2, 5_000));
    put(&store, "3-100", Home::Scratch(ScratchKind::Derived), &content(3, 100));
    let next = root.path().join("next.partial");
    snapshot(&root.path().join("run.partial"), &next);
    let (again, Resumed { items, items_lost, parts_torn, run_id, .. }) = WorkStore::resume(&next, &key, Check::Sizes).unwrap();
    assert_eq!((items.len(), items_lost, parts_torn, run_id.as_str()), (1, 2, 2, "run"));
    // The lost names are free, and their parts' numbers do not come back to life.
    put(&again, "2-5000", kept(), &content(2, 5_000));
    again.checkpoint().unwrap();
    drop(again);
    let (third, found) = WorkStore::resume(&next, &key, Check::Digests).unwrap();
    assert_eq!(found.items.len(), 2);
    assert!(read_everything(&third).iter().all(|((_, name), bytes)| *bytes == expected(name)));
}

/// Not a test: the process that is killed. It gets its folder in the environment and its key on stdin, and says on stdout
/// which items were promised.
#[test]
#[ignore = "the child of killed_processes_keep_their_promises"]
fn the_child_that_is_killed() {
    let Some(dir) = env::var_os("STORE_DIR") else { return };
    let mut key = [0; 32];
    std::io::stdin().read_exact(&mut key).unwrap();
    let key = RunKey::from_bytes(&mut key);
    let dir = Path::new(&dir);
    let store = if dir.exists() {
        WorkStore::resume(dir, &key, Check::Sizes).unwrap().0
    } else {
        WorkStore::create(dir, "killed", &key, uitlezen_seal::store::StoreOptions { part_bytes: 100_000 }).unwrap()
    };
    let mut n = store.items().iter().map(|i| i.id.0).max().map_or(0, |id| id as usize + 1_000);
    loop {
        let mut names = Vec::new();
        for _ in 0..5 {
            let (name, _) = put_step(&store, n, (n * 7_919) % 70_000, n % 3 != 0);
            names.push(format!("{}{}", if name.0 { 'k' } else { 's' }, name.1));
            n += 1;
        }
        store.checkpoint().unwrap();
        println!("\nPROMISED {}", names.join(" "));
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn killed_processes_keep_their_promises() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("killed.partial");
    let key = RunKey::random().unwrap();
    let mut promised: Vec<(bool, String)> = Vec::new();
    for round in 0..8_u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "the_child_that_is_killed", "--ignored", "--nocapture"])
            .env("STORE_DIR", &dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(key.expose()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut take = |line: String| {
            if let Some(names) = line.strip_prefix("PROMISED ") {
                promised.extend(names.split(' ').map(|word| (word.starts_with('k'), word[1..].to_owned())));
                return true;
            }
            false
        };
        // At least one promise, then a moment in the middle of the next.
        assert!(lines.by_ref().map_while(Result::ok).any(&mut take), "the child promised nothing");
        std::thread::sleep(Duration::from_millis(round * 13 % 40));
        child.kill().unwrap();
        child.wait().unwrap();
        lines.map_while(Result::ok).for_each(|line| {
            take(line);
        });
        let (store, found) = WorkStore::resume(&dir, &key, Check::Digests).unwrap();
        assert_eq!(found.parts_damaged, 0);
        let all = read_everything(&store);
        assert!(all.iter().all(|((_, name), bytes)| *bytes == expected(name)));
        for name in &promised {
            assert!(all.contains_key(name), "{name:?} was promised in round {round}");
        }
    }
    assert!(promised.len() >= 40);
}
