//! What the kernel saw: a readout writes below its out-tray and its state folder, and talks to nobody but the phone.

use super::{
    INTEROP,
    desk::Desk,
    has,
    phone::{Phone, usual},
    skip,
};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};
use uitlezen_twin::content::Options;

const WATCHED: &str = "trace=openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,link,linkat,symlink,\
symlinkat,truncate,mknod,mknodat,memfd_create,socket,connect,bind,listen,openat2";

/// Calls, one a line, without the process number.
fn calls(trace: &str) -> impl Iterator<Item = &str> {
    trace.lines().map(|line| line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' '))
}

/// The paths that a call names, from the folder that `strace -y` shows before each.
fn paths(call: &str) -> Vec<PathBuf> {
    let parts: Vec<&str> = call.split('"').collect();
    let folder =
        |before: &str| before.rsplit_once('<').and_then(|(_, path)| path.split('>').next()).unwrap_or_default().to_owned();
    parts.windows(2).step_by(2).map(|pair| Path::new(&folder(pair[0])).join(pair[1])).collect()
}

#[test]
fn a_readout_writes_in_its_out_tray_and_state_folder_only_and_talks_to_the_phone_only() {
    if !has("strace", &["-V"]) {
        return;
    }
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { messages: 200, ..usual() }));
    let trace = desk.at("spoor.txt");
    fs::create_dir_all(desk.out()).unwrap();
    let strace: Vec<OsString> = [
        "strace".into(),
        "-f".into(),
        "-y".into(),
        "-s".into(),
        "4096".into(),
        "-o".into(),
        trace.clone().into(),
        "-e".into(),
        WATCHED.into(),
    ]
    .into();
    let told = desk.reads(&phone).through(&strace);
    if told.code != Some(3) && told.err.contains("ptrace") {
        skip(INTEROP, "strace may not trace here");
        return;
    }
    told.ends_with(3);
    let (out, state) = (desk.out().canonicalize().unwrap(), desk.state().canonicalize().unwrap());
    let ours = |path: &Path| {
        path.starts_with(&out) || path.starts_with(&state) || [Path::new("/dev/null"), Path::new("/dev/tty")].contains(&path)
    };
    let text = fs::read_to_string(&trace).unwrap();
    let (mut written, mut connected) = (0, 0);
    for call in calls(&text) {
        let name = call.split('(').next().unwrap_or_default();
        match name {
            "memfd_create" => panic!("memory that looks like a file: {call}"),
            "open" | "openat" | "openat2" | "creat" => {
                let writes =
                    ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"].iter().any(|f| call.contains(f));
                if writes || name == "creat" {
                    assert!(paths(call).first().is_some_and(|path| ours(path)), "writes elsewhere: {call}");
                    written += 1;
                }
            }
            "rename" | "renameat" | "renameat2" | "mkdir" | "mkdirat" | "unlink" | "unlinkat" | "rmdir" | "link" | "linkat"
            | "symlink" | "symlinkat" | "truncate" | "mknod" | "mknodat" => {
                if !call.contains("= -1 EEXIST") {
                    assert!(paths(call).iter().all(|path| ours(path)), "changes something elsewhere: {call}");
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
