//! Drives the VFS table by hand, without SQLite's C, so that it can run under Miri.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::ReadAt;
use std::{mem::MaybeUninit, sync::Arc};

/// Strict: fails on any read beyond the end, also of nothing.
#[derive(Debug)]
struct Strict(Vec<u8>);

impl ReadAt for Strict {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.read_at(pos, buf, hint)
    }
}

#[derive(Debug)]
enum Broken {
    Panics,
    Forged,
    Gone,
    Endless,
}

impl ReadAt for Broken {
    fn len(&self) -> u64 {
        match self {
            Self::Endless => u64::MAX,
            _ => 8192,
        }
    }

    fn read_at(&self, _: u64, buf: &mut [u8], _: &mut Hint) -> io::Result<()> {
        buf.fill(0xaa);
        match self {
            Self::Panics => panic!("a source that panics"),
            Self::Forged => Err(io::ErrorKind::InvalidData.into()),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

const MAIN: c_int = ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_READONLY;

/// An open file as SQLite would hold it.
struct Held(Box<MaybeUninit<OpenFile>>);

impl Held {
    fn open(name: Option<&CStr>, flags: c_int) -> Result<Self, c_int> {
        let mut file = Box::new(MaybeUninit::<OpenFile>::uninit());
        let mut out = 0;
        let code =
            unsafe { open(ptr::null_mut(), name.map_or(ptr::null(), CStr::as_ptr), file.as_mut_ptr().cast(), flags, &mut out) };
        let held = Self(file);
        if code == ffi::SQLITE_OK {
            assert_eq!(out, flags);
            Ok(held)
        } else {
            assert!(unsafe { held.0.assume_init_ref() }.base.pMethods.is_null(), "SQLite would call xClose");
            std::mem::forget(held);
            Err(code)
        }
    }

    fn over(source: impl ReadAt + 'static) -> Self {
        let shelved = Shelved::new(Arc::new(source));
        let name = std::ffi::CString::new(shelved.name()).unwrap();
        Self::open(Some(&name), MAIN).unwrap()
    }

    fn raw(&self) -> *mut sqlite3_file {
        self.0.as_ptr().cast_mut().cast()
    }

    fn methods(&self) -> &sqlite3_io_methods {
        unsafe { &*self.0.assume_init_ref().base.pMethods }
    }

    fn read(&mut self, pos: i64, n: i32) -> (c_int, Vec<u8>) {
        let mut buf: Vec<MaybeUninit<u8>> = vec![MaybeUninit::uninit(); usize::try_from(n).unwrap_or(0)];
        let file: *mut sqlite3_file = self.0.as_mut_ptr().cast();
        let code = unsafe { self.methods().xRead.unwrap()(file, buf.as_mut_ptr().cast(), n, pos) };
        if n < 0 || pos < 0 {
            return (code, Vec::new());
        }
        (code, buf.into_iter().map(|b| unsafe { b.assume_init() }).collect())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let file: *mut sqlite3_file = self.0.as_mut_ptr().cast();
        assert_eq!(unsafe { close(file) }, ffi::SQLITE_OK);
        assert!(unsafe { self.0.assume_init_ref() }.base.pMethods.is_null());
    }
}

#[test]
fn reads_are_whole_or_short_and_never_leave_old_bytes() {
    let mut held = Held::over(Strict((0..200).collect()));
    assert_eq!(held.read(10, 4), (ffi::SQLITE_OK, vec![10, 11, 12, 13]));
    assert_eq!(held.read(198, 4), (ffi::SQLITE_IOERR_SHORT_READ, vec![198, 199, 0, 0]));
    assert_eq!(held.read(200, 2), (ffi::SQLITE_IOERR_SHORT_READ, vec![0, 0]));
    assert_eq!(held.read(1 << 40, 2), (ffi::SQLITE_IOERR_SHORT_READ, vec![0, 0]));
    assert_eq!(held.read(i64::MAX, 2), (ffi::SQLITE_IOERR_SHORT_READ, vec![0, 0]));
    assert_eq!(held.read(-1, 2).0, ffi::SQLITE_IOERR_READ);
    assert_eq!(held.read(0, -2).0, ffi::SQLITE_IOERR_READ);
    assert_eq!(held.read(0, 0), (ffi::SQLITE_OK, vec![]));
}

#[test]
fn only_a_shelved_source_opens_and_only_for_reading() {
    let shelved = Shelved::new(Arc::new(vec![1_u8; 10]));
    let name = std::ffi::CString::new(shelved.name()).unwrap();
    let before = refused_opens();
    let refused: [(Option<&CStr>, c_int); 8] = [
        (None, MAIN),
        (None, ffi::SQLITE_OPEN_TEMP_DB | ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE),
        (Some(&name), ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_READWRITE),
        (Some(&name), ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_READONLY),
        (Some(&name), ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_READONLY),
        (Some(c"e99999999999999999999"), MAIN),
        (Some(c"/etc/passwd"), MAIN),
        (Some(c"e\xff"), MAIN),
    ];
    for (name, flags) in refused {
        assert_eq!(Held::open(name, flags).err(), Some(ffi::SQLITE_CANTOPEN), "{name:?} {flags:x}");
    }
    assert!(refused_opens() >= before + 8);
    let mut held = Held::open(Some(&name), MAIN).unwrap();
    drop(shelved);
    assert_eq!(Held::open(Some(&name), MAIN).err(), Some(ffi::SQLITE_CANTOPEN), "off the shelf");
    assert_eq!(held.read(0, 2), (ffi::SQLITE_OK, vec![1, 1]), "but open files go on");
}

#[test]
fn failures_keep_their_kind_and_hand_out_nothing() {
    assert_eq!(Held::over(Broken::Forged).read(0, 3), (ffi::SQLITE_IOERR_DATA, vec![0; 3]));
    assert_eq!(ffi::SQLITE_IOERR_DATA, 8202);
    assert_eq!(Held::over(Broken::Gone).read(0, 3), (ffi::SQLITE_IOERR_READ, vec![0; 3]));
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let (code, _) = Held::over(Broken::Panics).read(0, 3);
    std::panic::set_hook(hook);
    assert_eq!(code, ffi::SQLITE_IOERR_READ);
}

#[test]
fn the_file_is_immutable_and_sizes_are_told_or_refused() {
    let held = Held::over(vec![0_u8; 4096]);
    let m = held.methods();
    assert_eq!(m.iVersion, 1);
    assert!(m.xShmMap.is_none() && m.xFetch.is_none());
    let (file, mut size, mut reserved) = (held.raw(), -1, -1);
    unsafe {
        assert_eq!(m.xFileSize.unwrap()(file, &mut size), ffi::SQLITE_OK);
        assert_eq!(m.xWrite.unwrap()(file, ptr::null(), 0, 0), ffi::SQLITE_READONLY);
        assert_eq!(m.xTruncate.unwrap()(file, 0), ffi::SQLITE_READONLY);
        assert_eq!(m.xSync.unwrap()(file, 0), ffi::SQLITE_OK);
        assert_eq!(m.xLock.unwrap()(file, 4), ffi::SQLITE_OK);
        assert_eq!(m.xCheckReservedLock.unwrap()(file, &mut reserved), ffi::SQLITE_OK);
        assert_eq!(m.xFileControl.unwrap()(file, 1, ptr::null_mut()), ffi::SQLITE_NOTFOUND);
        assert_eq!(m.xDeviceCharacteristics.unwrap()(file), ffi::SQLITE_IOCAP_IMMUTABLE);
    }
    assert_eq!((size, reserved), (4096, 0));
    let endless = Held::over(Broken::Endless);
    assert_eq!(unsafe { file_size(endless.raw(), &mut size) }, ffi::SQLITE_IOERR_FSTAT);
}

#[test]
fn the_table_itself_answers() {
    let t = table();
    let mut vfs = t;
    let mut out = [b'x' as c_char; 8];
    let (mut there, mut now_ms, mut now) = (7, 0, 0.0);
    unsafe {
        assert_eq!(t.xDelete.unwrap()(&mut vfs, c"e1".as_ptr(), 0), ffi::SQLITE_IOERR_DELETE);
        assert_eq!(t.xAccess.unwrap()(&mut vfs, c"e1-wal".as_ptr(), 0, &mut there), ffi::SQLITE_OK);
        assert_eq!(t.xFullPathname.unwrap()(&mut vfs, c"e123".as_ptr(), 5, out.as_mut_ptr()), ffi::SQLITE_OK);
        assert_eq!(CStr::from_ptr(out.as_ptr()), c"e123");
        assert_eq!(t.xFullPathname.unwrap()(&mut vfs, c"e1234".as_ptr(), 5, out.as_mut_ptr()), ffi::SQLITE_CANTOPEN);
        assert_eq!(t.xFullPathname.unwrap()(&mut vfs, ptr::null(), 5, out.as_mut_ptr()), ffi::SQLITE_CANTOPEN);
        assert!(t.xDlOpen.unwrap()(&mut vfs, c"x".as_ptr()).is_null());
        assert_eq!(t.xRandomness.unwrap()(&mut vfs, 8, out.as_mut_ptr()), 8);
        assert_eq!(t.xRandomness.unwrap()(&mut vfs, -8, out.as_mut_ptr()), 0);
        assert_eq!(t.xCurrentTimeInt64.unwrap()(&mut vfs, &mut now_ms), ffi::SQLITE_OK);
        assert_eq!(t.xCurrentTime.unwrap()(&mut vfs, &mut now), ffi::SQLITE_OK);
        assert_eq!(t.xGetLastError.unwrap()(&mut vfs, 0, ptr::null_mut()), 0);
    }
    assert_eq!(there, 0);
    // 1 January 2026 is Julian day 2,461,041.5.
    assert!(now > 2_461_041.5 && (now - now_ms as f64 / DAY_MS).abs() < 0.01);
}

#[test]
fn threads_read_one_source_each_through_its_own_file() {
    let source: Bytes = Arc::new((0..4096_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    thread::scope(|scope| {
        for t in 0..3 {
            let source = Arc::clone(&source);
            scope.spawn(move || {
                let shelved = Shelved::new(source);
                let name = std::ffi::CString::new(shelved.name()).unwrap();
                let mut held = Held::open(Some(&name), MAIN).unwrap();
                for i in 0..50_u32 {
                    let at = (i * 37 + t) % 4096;
                    assert_eq!(held.read(i64::from(at) * 4, 4).1, at.to_le_bytes());
                }
            });
        }
    });
}
