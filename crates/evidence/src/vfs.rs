//! SQLite's file layer over byte sources: read-only, immutable, without names. The only file of this crate with `unsafe`.
//!
//! One VFS for all evidence, never the default and never unregistered. A source is put on a shelf under a number; SQLite
//! is given `e<number>` as the name, so no name from a phone ever reaches it. `SQLITE_IOCAP_IMMUTABLE` makes the pager take
//! no lock, look for no journal and no log, and never write. Temporary files are opened through the VFS of the main
//! database, so this VFS is also the guard that none is made: every open but that of a shelved source is refused and
//! counted (`reference/sqlite-vfs.md §2`). [`crate::Database`] calls.
//!
//! Why the `unsafe` is sound: SQLite hands `szOsFile` aligned writable bytes to `xOpen` and calls `xClose` exactly once after
//! a successful `xOpen`. Calls on one file are serialised by its connection (`Connection` is `Send`, not `Sync`), so the
//! `&mut Body` is exclusive. The VFS table and the method table live for ever. A panic must not leave an `extern "C"`
//! function, so whatever runs a source's code runs within `catch_unwind`.
#![allow(unsafe_code)]

use crate::{Bytes, Hint};
use rusqlite::{
    Connection, OpenFlags,
    ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs},
};
use std::{
    collections::HashMap,
    ffi::{CStr, c_char, c_int, c_void},
    hash::{BuildHasher, RandomState},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const NAME: &CStr = c"evidence";
/// Longest name with its NUL that SQLite need provide for: `e` and 20 digits fit.
const LONGEST_NAME: c_int = 64;
/// Unix time 0 in milliseconds of Julian day numbers.
const UNIX_EPOCH_JULIAN_MS: i64 = 210_866_760_000_000;
const DAY_MS: f64 = 86_400_000.0;

static REFUSED: AtomicU64 = AtomicU64::new(0);

/// How many opens SQLite asked for and did not get in this process: temporary files, journals, other databases.
pub(crate) fn refused_opens() -> u64 {
    REFUSED.load(Ordering::Relaxed)
}

fn shelf() -> MutexGuard<'static, HashMap<u64, Bytes>> {
    static SHELF: OnceLock<Mutex<HashMap<u64, Bytes>>> = OnceLock::new();
    SHELF.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// A source on the shelf, for as long as this lives. An open connection keeps its own hold on the source.
struct Shelved(u64);

impl Shelved {
    fn new(source: Bytes) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        shelf().insert(number, source);
        Self(number)
    }

    fn name(&self) -> String {
        format!("e{}", self.0)
    }
}

impl Drop for Shelved {
    fn drop(&mut self) {
        let gone = shelf().remove(&self.0);
        drop(gone); // outside the lock: it may be the source's last holder
    }
}

/// A connection that reads `source` as its main database, can open nothing else and knows no virtual tables.
pub(crate) fn connect(source: Bytes) -> rusqlite::Result<Connection> {
    register()?;
    let shelved = Shelved::new(source);
    // No URI names, and the source comes off the shelf before anyone could ask for it again.
    let connection = Connection::open_with_flags_and_vfs(
        shelved.name(),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        NAME,
    )?;
    // A schema may put a virtual table in the place of a table, with shadow tables made to hurt the module's code: without
    // modules (full-text search, r-tree, dbstat) it is an error.
    // SAFETY: an open connection that nothing else uses yet; null keeps no module.
    match unsafe { ffi::sqlite3_drop_modules(connection.handle(), ptr::null_mut()) } {
        ffi::SQLITE_OK => Ok(connection),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
    }
}

fn register() -> rusqlite::Result<()> {
    static REGISTERED: OnceLock<c_int> = OnceLock::new();
    let code = *REGISTERED.get_or_init(|| {
        let vfs = Box::leak(Box::new(table()));
        // SAFETY: the table is leaked, so it lives and stays in its place for ever; 0: never the default.
        unsafe { ffi::sqlite3_vfs_register(vfs, 0) }
    });
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
    }
}

fn table() -> sqlite3_vfs {
    sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<OpenFile>() as c_int,
        mxPathname: LONGEST_NAME,
        pNext: ptr::null_mut(),
        zName: NAME.as_ptr(),
        pAppData: ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: Some(dl_open),
        xDlError: Some(dl_error),
        xDlSym: Some(dl_sym),
        xDlClose: Some(dl_close),
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(get_last_error),
        xCurrentTimeInt64: Some(current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// Version 1: no shared memory, no memory mapping.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(ok_with_flags),
    xFileSize: Some(file_size),
    xLock: Some(ok_with_flags),
    xUnlock: Some(ok_with_flags),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// What SQLite keeps for us: its own part first, then our pointer.
#[repr(C)]
struct OpenFile {
    base: sqlite3_file,
    body: *mut Body,
}

struct Body {
    source: Bytes,
    hint: Hint,
}

fn guarded(on_panic: c_int, run: impl FnOnce() -> c_int) -> c_int {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(on_panic)
}

fn refuse() -> c_int {
    REFUSED.fetch_add(1, Ordering::Relaxed);
    ffi::SQLITE_CANTOPEN
}

/// The source that `name` stands for.
fn on_shelf(name: &CStr) -> Option<Bytes> {
    let number = name.to_str().ok()?.strip_prefix('e')?.parse().ok()?;
    shelf().get(&number).cloned()
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let file = file.cast::<OpenFile>();
    // SAFETY: szOsFile bytes, writable; SQLite calls xClose only if pMethods is set.
    unsafe {
        (&raw mut (*file).base.pMethods).write(ptr::null());
        (&raw mut (*file).body).write(ptr::null_mut());
    }
    let wanted = ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_READONLY;
    if flags & wanted != wanted || name.is_null() {
        return refuse();
    }
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: not null, and SQLite's names end in NUL.
        let Some(source) = on_shelf(unsafe { CStr::from_ptr(name) }) else { return refuse() };
        let body = Box::into_raw(Box::new(Body { source, hint: Hint::default() }));
        // SAFETY: as above; `out_flags` is null or writable.
        unsafe {
            (&raw mut (*file).body).write(body);
            (&raw mut (*file).base.pMethods).write(&raw const METHODS);
            if !out_flags.is_null() {
                out_flags.write(flags);
            }
        }
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let file = file.cast::<OpenFile>();
    // SAFETY: a file that `open` filled; after this its body is gone and SQLite does not call again.
    let body = unsafe {
        (&raw mut (*file).base.pMethods).write(ptr::null());
        (&raw mut (*file).body).replace(ptr::null_mut())
    };
    guarded(ffi::SQLITE_IOERR_CLOSE, || {
        if !body.is_null() {
            // SAFETY: made by `Box::into_raw` in `open`, taken once.
            drop(unsafe { Box::from_raw(body) });
        }
        ffi::SQLITE_OK
    })
}

/// The body of an open file.
///
/// SAFETY: `file` must be one that [`open`] filled and [`close`] has not seen, and no other borrow of its body may live.
unsafe fn body_of<'a>(file: *mut sqlite3_file) -> Option<&'a mut Body> {
    // SAFETY: promised by the caller.
    unsafe { (*file.cast::<OpenFile>()).body.as_mut() }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, amount: c_int, offset: sqlite3_int64) -> c_int {
    let (Ok(n), Ok(pos)) = (usize::try_from(amount), u64::try_from(offset)) else { return ffi::SQLITE_IOERR_READ };
    if n == 0 {
        return ffi::SQLITE_OK;
    }
    let to = to.cast::<u8>();
    // SAFETY: SQLite hands `amount` writable bytes, uninitialised, so they are zeroed before a slice covers them.
    let buf = unsafe {
        to.write_bytes(0, n);
        slice::from_raw_parts_mut(to, n)
    };
    // SAFETY: SQLite reads only from open files, one call at a time.
    let Some(body) = (unsafe { body_of(file) }) else { return ffi::SQLITE_IOERR_READ };
    guarded(ffi::SQLITE_IOERR_READ, || read_page(body, pos, buf))
}

/// Fills the zeroed `buf`; what lies beyond the end stays zero, which SQLite relies on.
fn read_page(body: &mut Body, pos: u64, buf: &mut [u8]) -> c_int {
    let left = usize::try_from(body.source.len().saturating_sub(pos)).unwrap_or(usize::MAX);
    let have = left.min(buf.len());
    let whole = have == buf.len();
    // A source is not asked for nothing beyond its end: a strict one would fail.
    let Some(part) = buf.get_mut(..have).filter(|part| !part.is_empty()) else { return ffi::SQLITE_IOERR_SHORT_READ };
    match body.source.read_at(pos, part, &mut body.hint) {
        Ok(()) if whole => ffi::SQLITE_OK,
        Ok(()) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(error) => {
            part.fill(0);
            // So "the seal is broken" is told from "the disk failed".
            if error.kind() == io::ErrorKind::InvalidData { ffi::SQLITE_IOERR_DATA } else { ffi::SQLITE_IOERR_READ }
        }
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    // SAFETY: as in `read`.
    let Some(body) = (unsafe { body_of(file) }) else { return ffi::SQLITE_IOERR_FSTAT };
    guarded(ffi::SQLITE_IOERR_FSTAT, || {
        let Ok(len) = sqlite3_int64::try_from(body.source.len()) else { return ffi::SQLITE_IOERR_FSTAT };
        // SAFETY: SQLite hands a writable integer.
        unsafe { size.write(len) };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn write(_: *mut sqlite3_file, _: *const c_void, _: c_int, _: sqlite3_int64) -> c_int {
    ffi::SQLITE_READONLY
}

unsafe extern "C" fn truncate(_: *mut sqlite3_file, _: sqlite3_int64) -> c_int {
    ffi::SQLITE_READONLY
}

unsafe extern "C" fn ok_with_flags(_: *mut sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite hands a writable integer.
    unsafe { out.write(0) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_IMMUTABLE
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, _: *const c_char, _: c_int) -> c_int {
    ffi::SQLITE_IOERR_DELETE
}

/// Nothing lies beside a source: no journal, no log.
unsafe extern "C" fn access(_: *mut sqlite3_vfs, _: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite hands a writable integer.
    unsafe { out.write(0) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_: *mut sqlite3_vfs, name: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    if name.is_null() {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: SQLite's names end in NUL.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if usize::try_from(room).is_ok_and(|room| name.len() <= room) {
        // SAFETY: `room` writable bytes, and the name fits; the two do not overlap.
        unsafe { ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len()) };
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_CANTOPEN
    }
}

unsafe extern "C" fn dl_open(_: *mut sqlite3_vfs, _: *const c_char) -> *mut c_void {
    ptr::null_mut()
}

unsafe extern "C" fn dl_error(_: *mut sqlite3_vfs, room: c_int, out: *mut c_char) {
    if room > 0 {
        // SAFETY: `room` writable bytes.
        unsafe { out.write(0) };
    }
}

type Symbol = unsafe extern "C" fn(*mut sqlite3_vfs, *mut c_void, *const c_char);

unsafe extern "C" fn dl_sym(_: *mut sqlite3_vfs, _: *mut c_void, _: *const c_char) -> Option<Symbol> {
    None
}

unsafe extern "C" fn dl_close(_: *mut sqlite3_vfs, _: *mut c_void) {}

/// SQLite's own generator asks the default VFS, not this one; so this need be honest, not strong.
unsafe extern "C" fn randomness(_: *mut sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    let Ok(n) = usize::try_from(amount) else { return 0 };
    for (at, byte) in (0..n).zip((0_u64..).flat_map(|i| RandomState::new().hash_one(i).to_ne_bytes())) {
        // SAFETY: `amount` writable bytes.
        unsafe { out.add(at).cast::<u8>().write(byte) };
    }
    amount
}

unsafe extern "C" fn sleep(_: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    thread::sleep(Duration::from_micros(u64::try_from(microseconds).unwrap_or(0)));
    microseconds
}

fn julian_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(0).saturating_add(UNIX_EPOCH_JULIAN_MS)
}

unsafe extern "C" fn current_time(_: *mut sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite hands a writable number.
    unsafe { out.write(julian_ms() as f64 / DAY_MS) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_int64(_: *mut sqlite3_vfs, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite hands a writable integer.
    unsafe { out.write(julian_ms()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn get_last_error(_: *mut sqlite3_vfs, room: c_int, out: *mut c_char) -> c_int {
    if room > 0 && !out.is_null() {
        // SAFETY: `room` writable bytes.
        unsafe { out.write(0) };
    }
    0
}

#[cfg(test)]
#[path = "vfs_tests.rs"]
mod tests;
