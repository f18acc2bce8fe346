//! Debian's adb server on a port and in a home of its own, for the stories that go through one.

#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr, unreachable_pub)]

use std::{
    io::Read,
    net::{SocketAddr, SocketAddrV4, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use uitlezen_phone::android::{Cancel, Patience, ServerLink};

/// A real adb server on a port of its own; ended by its own process id.
pub struct AdbServer(Child, pub u16);

impl Drop for AdbServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn adb_server(home: &Path) -> Option<AdbServer> {
    if Command::new("adb").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED: no adb on this machine");
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new("adb")
        .args(["-P", &port.to_string(), "nodaemon", "server"])
        .env("HOME", home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Some(AdbServer(child, port))
}

pub fn adb(server: &AdbServer, home: &Path, args: &[&str]) -> String {
    let mut child = Command::new("adb")
        .args(["-P", &server.1.to_string()])
        .args(args)
        .env("HOME", home)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.wait().unwrap();
    out
}

/// Has the server take the phone, and goes to it through the server.
pub fn through(server: &AdbServer, home: &Path, phone: SocketAddr) -> ServerLink {
    let serial = phone.to_string();
    let until = Instant::now() + Duration::from_secs(10);
    while !adb(server, home, &["connect", &serial]).contains("connected to") {
        assert!(Instant::now() < until, "the real adb did not connect");
        std::thread::sleep(Duration::from_millis(100));
    }
    let address = SocketAddrV4::new([127, 0, 0, 1].into(), server.1);
    let patience = Patience { silence: Duration::from_secs(5), ..Patience::default() };
    loop {
        match ServerLink::connect_at(address, &serial, patience, Cancel::default()) {
            Ok(link) => return link,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
