//! Runs of messages on several threads, and their records in order all the same.
//!
//! Each thread has a connection of its own. Rows are taken one run after the other under a lock, then a run is put together
//! beside other runs, and then it is given out when the ones before it are. So what comes out does not depend on how many
//! threads there were. Called by the readers' `scan`.

use crate::ReadError;
use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// Threads beside the first one: each holds one run in memory.
const MOST_HELPERS: usize = 3;

#[cfg(test)]
thread_local! {
    /// So many helpers for the readings of this thread, whatever the machine.
    pub(crate) static FORCED: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// How many threads may help with so many runs on this machine.
pub(crate) fn helpers(runs: usize) -> usize {
    #[cfg(test)]
    if let Some(forced) = FORCED.get() {
        return forced;
    }
    thread::available_parallelism().map_or(1, usize::from).min(MOST_HELPERS + 1).min(runs.max(1)) - 1
}

/// What runs are given out to, one after the other.
#[derive(Debug)]
pub(crate) struct Order<T> {
    state: Mutex<State<T>>,
    moved: Condvar,
}

#[derive(Debug)]
pub(crate) struct State<T> {
    /// Number of the run whose turn it is.
    turn: u64,
    /// A run failed: those behind it never get their turn.
    broken: bool,
    pub(crate) to: T,
}

pub(crate) type Turn<'o, T> = MutexGuard<'o, State<T>>;

impl<T> Order<T> {
    pub(crate) fn new(to: T) -> Self {
        Self { state: Mutex::new(State { turn: 0, broken: false, to }), moved: Condvar::new() }
    }

    /// Waits until the run `number` is the next one to be given out; at once where `turn` is held already.
    pub(crate) fn wait<'o, 't>(
        &'o self,
        number: u64,
        turn: &'t mut Option<Turn<'o, T>>,
    ) -> Result<&'t mut Turn<'o, T>, ReadError> {
        let held = match turn.take() {
            Some(held) => held,
            None => {
                let waiting = |state: &mut State<T>| state.turn != number && !state.broken;
                let state = self.state.lock().map_err(|_| elsewhere())?;
                self.moved.wait_while(state, waiting).map_err(|_| elsewhere())?
            }
        };
        if held.broken { Err(elsewhere()) } else { Ok(turn.insert(held)) }
    }

    /// The run that holds the turn has been given out.
    pub(crate) fn next(&self, mut turn: Turn<'_, T>) {
        turn.turn += 1;
        drop(turn);
        self.moved.notify_all();
    }

    fn break_off(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).broken = true;
        self.moved.notify_all();
    }

    pub(crate) fn into_inner(self) -> T {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).to
    }
}

/// Another run failed, and tells why itself.
fn elsewhere() -> ReadError {
    ReadError::Sink(io::ErrorKind::Interrupted.into())
}

/// Runs `work` here and on one thread for each of `helpers`, and gives back what each said, this thread's first. After an
/// error or a panic anywhere the others get no turn any more, so none waits for ever.
pub(crate) fn beside<H: Send, T: Send, R: Send>(
    order: &Order<T>,
    helpers: Vec<H>,
    here: impl FnOnce() -> Result<R, ReadError>,
    there: impl Fn(H) -> Result<R, ReadError> + Sync,
) -> Result<Vec<R>, ReadError> {
    let there = &there;
    let said: Vec<Result<R, ReadError>> = thread::scope(|scope| {
        let started: Vec<_> = helpers
            .into_iter()
            .filter_map(|helper| {
                let body = move || guarded(order, || there(helper));
                // Where no thread is to be had, the others do its work.
                thread::Builder::new().name("runs".to_owned()).spawn_scoped(scope, body).ok()
            })
            .collect();
        let mine = guarded(order, here);
        let theirs = started.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(panicked())));
        std::iter::once(mine).chain(theirs).collect()
    });
    let mut all = Vec::with_capacity(said.len());
    let mut failed = None;
    for one in said {
        match one {
            Ok(said) => all.push(said),
            // The one that failed by itself is the one to tell.
            Err(error) if failed.as_ref().is_none_or(is_elsewhere) => failed = Some(error),
            Err(_) => {}
        }
    }
    failed.map_or(Ok(all), Err)
}

fn is_elsewhere(error: &ReadError) -> bool {
    matches!(error, ReadError::Sink(error) if error.kind() == io::ErrorKind::Interrupted)
}

fn panicked() -> ReadError {
    ReadError::Sink(io::Error::other("a thread of the reading stopped"))
}

fn guarded<T, R>(order: &Order<T>, work: impl FnOnce() -> Result<R, ReadError>) -> Result<R, ReadError> {
    struct Guard<'o, T>(&'o Order<T>, bool);
    impl<T> Drop for Guard<'_, T> {
        fn drop(&mut self) {
            if !self.1 {
                self.0.break_off();
            }
        }
    }
    let mut guard = Guard(order, false);
    let said = work();
    guard.1 = said.is_ok();
    said
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Four threads take numbers and give them out; some runs need their turn early.
    fn numbers(fail: Option<u64>, panic: Option<u64>) -> (Vec<u64>, Result<(), ReadError>) {
        let next = AtomicU64::new(0);
        let order = Order::new(Vec::new());
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= 200 {
                    return Ok(());
                }
                let mut turn = None;
                if number.is_multiple_of(7) {
                    order.wait(number, &mut turn)?.to.push(number);
                }
                if Some(number) == fail {
                    return Err(ReadError::Circular);
                }
                assert!(Some(number) != panic, "as asked");
                order.wait(number, &mut turn)?.to.push(number);
                if let Some(turn) = turn {
                    order.next(turn);
                }
            }
        };
        let said = beside(&order, vec![(), (), ()], work, |()| work()).map(|_| ());
        (order.into_inner(), said)
    }

    #[test]
    fn runs_come_out_in_order_whoever_made_them() {
        let (given, said) = numbers(None, None);
        said.unwrap();
        let expected: Vec<u64> = (0..200).flat_map(|n| std::iter::repeat_n(n, 1 + usize::from(n % 7 == 0))).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn a_failure_is_told_and_nobody_waits_for_ever() {
        for at in [0, 50, 77, 199] {
            let (given, said) = numbers(Some(at), None);
            assert!(matches!(said, Err(ReadError::Circular)), "{said:?}");
            assert!(given.iter().all(|n| *n <= at));
        }
        for at in [1, 98] {
            // A panic of the first thread goes on when the others have ended; one of another thread is an error.
            let said = std::panic::catch_unwind(|| numbers(None, Some(at)).1);
            assert!(matches!(said, Err(_) | Ok(Err(ReadError::Sink(_)))));
        }
    }
}
