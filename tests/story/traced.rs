//! What the kernel saw: a readout writes below its out-tray and its state folder, and talks to nobody but the phone.

use super::{
    INTEROP, desk::Desk, has, skip,
    phone::{Phone, usual},
};
use std::{ffi::OsString, fs, path::Path};
use uitlezen_twin::content::Options;

const WATCHED: &str = "trace=openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,link,linkat,symlink,\
symlinkat,truncate,mknod,mknodat,memfd_create,socket,connect,bind,listen,openat2";

/// Calls that succeeded, one a line, without the process number.
fn calls(trace: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in trace.lines() {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        assert!(!call.contains("<unfinished") || call.contains('('), "{line}");
        all.push(call.to_owned());
    }
    all
}

fn paths(call: &str) -> Vec<&str> {
    call.split('"').skip(1).step_by(2).collect()
}

#[test]
fn a_readout_writes_in_its_out_tray_and_state_folder_only_and_talks_to_the_phone_only() {
    if !has("strace", &["-V"]) {
        return;
    }
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { messages: 200, ..usual() }));
    let trace = desk.at("spoor.txt");
    fs::create_dir_all(desk.out()).unwrap();
    let strace: Vec<OsString> =
        ["strace".into(), "-f".into(), "-s".into(), "4096".into(), "-o".into(), trace.clone().into(), "-e".into(), WATCHED.into()].into();
    let told = desk.reads(&phone).through(&strace);
    if told.code != Some(3) && told.err.contains("ptrace") {
        skip(INTEROP, "strace may not trace here");
        return;
    }
    told.ends_with(3);
    let (out, state) = (desk.out().canonicalize().unwrap(), desk.state().canonicalize().unwrap());
    let ours = |path: &str| {
        let path = Path::new(path);
        path.starts_with(&out) || path.starts_with(&state) || path == Path::new("/dev/null") || path == Path::new("/dev/tty")
    };
    let text = fs::read_to_string(&trace).unwrap();
    let (mut written, mut connected) = (0, 0);
    for call in calls(&text) {
        let name = call.split('(').next().unwrap_or_default();
        match name {
            "memfd_create" => panic!("memory that looks like a file: {call}"),
            "open" | "openat" | "openat2" | "creat" => {
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"].iter().any(|f| call.contains(f));
                if writes || name == "creat" {
                    let path = paths(&call)[0].to_owned();
                    // Opened by a descriptor of a folder: the name alone; such a folder is one of ours or it is not opened.
                    assert!(ours(&path) || (!path.starts_with('/') && !call.contains("AT_FDCWD")), "writes elsewhere: {call}");
                    written += 1;
                }
            }
            "rename" | "renameat" | "renameat2" | "mkdir" | "mkdirat" | "unlink" | "unlinkat" | "rmdir" | "link" | "linkat" | "symlink"
            | "symlinkat" | "truncate" | "mknod" | "mknodat" => {
                if !call.contains("= -1 EEXIST") {
                    assert!(paths(&call).iter().all(|p| ours(p) || !p.starts_with('/')), "changes something elsewhere: {call}");
                }
                written += 1;
            }
            "socket" => assert!(call.contains("AF_INET,") || call.contains("AF_UNIX") || call.contains("AF_INET6"), "{call}"),
            "bind" | "listen" => panic!("opens a port: {call}"),
            "connect" => {
                assert!(call.contains("inet_addr(\"127.0.0.1\")"), "talks to somebody else: {call}");
                connected += 1;
            }
            _ => {}
        }
    }
    assert!(written > 3 && connected > 0, "the trace holds nothing:\n{text}");
}
