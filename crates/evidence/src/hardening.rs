//! What every connection to a database from outside is set to before its first statement. The settings were run against
//! hostile databases: `reference/crates.md §5`, `reference/sqlite-vfs.md §2`.

use rusqlite::{
    Connection,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Functions that a reader's statement may call, by SQLite's names. None of them reaches beyond its arguments, and none
/// makes more than it is given.
///
/// `like` and `glob` are what the operators call. Not here: `printf`, `format`, `replace`, `zeroblob`, `randomblob`,
/// `group_concat`, `load_extension`, anything of full-text search.
pub(crate) const FUNCTIONS: [&str; 22] = [
    "abs",
    "avg",
    "coalesce",
    "count",
    "glob",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "length",
    "like",
    "lower",
    "max",
    "min",
    "nullif",
    "octet_length",
    "round",
    "substr",
    "sum",
    "total",
    "typeof",
    "upper",
];

/// The only pragmas that run after the settings, and only while [`Permit`] is open: they read the schema of one table.
const PROBES: [&str; 1] = ["table_xinfo"];

/// How long one statement may work, and how much it may make.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time that SQLite itself spends on a statement since it was prepared or since [`crate::Database::restart_clock`]. The
    /// caller's time between two rows does not count.
    pub statement_time: Duration,
    /// Longest value or row in bytes: it is held in memory beside the caches.
    pub longest_value: i32,
}

impl Default for Limits {
    fn default() -> Self {
        // Ten minutes: a full scan of 2 GB takes under half a minute on a loaded machine (`reference/sqlite-vfs.md §5`).
        Self { statement_time: Duration::from_secs(600), longest_value: 64 << 20 }
    }
}

/// Instructions of SQLite's machine between two looks at the clock.
const TICK: i32 = 1000;
/// A longer gap between two ticks is the caller at work (or asleep) between two rows, not SQLite.
const LONGEST_TICK: Duration = Duration::from_millis(50);

/// Working time of the current statement, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    pub(crate) fn restart(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn add(&self, time: Duration) -> Duration {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.0.fetch_add(micros, Ordering::Relaxed).saturating_add(micros))
    }
}

/// Whether the probing pragmas may be prepared now.
#[derive(Debug, Default)]
pub(crate) struct Permit(AtomicBool);

impl Permit {
    /// Runs `probe` with the permit open.
    pub(crate) fn during<T>(&self, probe: impl FnOnce() -> T) -> T {
        self.0.store(true, Ordering::Relaxed);
        let done = probe();
        self.0.store(false, Ordering::Relaxed);
        done
    }

    fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sets `connection` up; the first thing to be done with it.
pub(crate) fn harden(
    connection: &mut Connection,
    limits: Limits,
    clock: &Arc<Clock>,
    permit: &Arc<Permit>,
) -> rusqlite::Result<()> {
    // First of all: from here on nothing may want a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.busy_timeout(Duration::ZERO)?;
    use DbConfig as C;
    for (config, on) in [
        (C::SQLITE_DBCONFIG_DEFENSIVE, true),
        (C::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (C::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (C::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (C::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (C::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (C::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
        (C::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    use Limit as L;
    for (limit, to) in [
        (L::SQLITE_LIMIT_LENGTH, limits.longest_value),
        (L::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (L::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (L::SQLITE_LIMIT_COMPOUND_SELECT, 20),
        (L::SQLITE_LIMIT_VDBE_OP, 100_000),
        (L::SQLITE_LIMIT_ATTACHED, 0),
        (L::SQLITE_LIMIT_TRIGGER_DEPTH, 4),
        (L::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, to)?;
    }
    time(connection, limits.statement_time, clock)?;
    let (clock, permit) = (Arc::clone(clock), Arc::clone(permit));
    connection.authorizer(Some(move |asked: AuthContext<'_>| {
        // SQLite asks while a statement is prepared, so a new statement starts with a full clock.
        clock.restart();
        authorize(&asked.action, permit.is_open())
    }))
}

fn time(connection: &mut Connection, most: Duration, clock: &Arc<Clock>) -> rusqlite::Result<()> {
    let clock = Arc::clone(clock);
    let mut last = Instant::now();
    connection.progress_handler(
        TICK,
        Some(move || {
            let now = Instant::now();
            let gap = now.saturating_duration_since(last).min(LONGEST_TICK);
            last = now;
            clock.add(gap) > most
        }),
    )
}

fn authorize(action: &AuthAction<'_>, probing: bool) -> Authorization {
    let allowed = match action {
        AuthAction::Select | AuthAction::Read { .. } => true,
        AuthAction::Function { function_name } => FUNCTIONS.iter().any(|allowed| function_name.eq_ignore_ascii_case(allowed)),
        AuthAction::Pragma { pragma_name, .. } => {
            probing && PROBES.iter().any(|allowed| pragma_name.eq_ignore_ascii_case(allowed))
        }
        _ => false,
    };
    if allowed { Authorization::Allow } else { Authorization::Deny }
}
