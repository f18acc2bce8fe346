//! The phone's protocol against a host that is written out message by message: what a well-behaved `adb` never sends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use uitlezen_twin::{
    FileBytes, Patterned,
    adb::{
        PublicKey,
        message::{AUTH, CLSE, CNXN, HEADER, Header, OKAY, OPEN, WRTE},
    },
    device::{Builder, Device, Fault, Pull, Times},
    front::tcp::{self, Running},
};

/// A host's end of the wire.
struct Host {
    socket: TcpStream,
    phone: Running,
}

#[derive(Debug, PartialEq, Eq)]
struct Got {
    command: u32,
    arg0: u32,
    arg1: u32,
    payload: Vec<u8>,
}

impl Host {
    fn dial(builder: Builder) -> Host {
        let phone = tcp::spawn(&builder.build()).unwrap();
        let socket = TcpStream::connect(phone.addr()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket.set_nodelay(true).unwrap();
        Host { socket, phone }
    }

    /// Dials and greets; the banner of the phone is swallowed.
    fn greeted(builder: Builder, features: &str) -> Host {
        let mut host = Host::dial(builder);
        host.say(CNXN, 0x0100_0001, 1 << 20, format!("host::features={features}").as_bytes());
        let hello = host.hear();
        assert_eq!((hello.command, hello.arg0, hello.arg1), (CNXN, 0x0100_0001, 1 << 20));
        host
    }

    fn say(&mut self, command: u32, arg0: u32, arg1: u32, payload: &[u8]) {
        self.socket.write_all(&Header::new(command, arg0, arg1, payload, true).encode()).unwrap();
        self.socket.write_all(payload).unwrap();
    }

    fn hear(&mut self) -> Got {
        self.try_hear().expect("a message")
    }

    fn try_hear(&mut self) -> std::io::Result<Got> {
        let mut head = [0; HEADER];
        self.socket.read_exact(&mut head)?;
        let Header { command, arg0, arg1, length, check, magic } = Header::decode(&head);
        assert_eq!(magic, !command);
        let mut payload = vec![0; length as usize];
        self.socket.read_exact(&mut payload)?;
        assert_eq!(check, payload.iter().map(|b| u32::from(*b)).sum::<u32>());
        Ok(Got { command, arg0, arg1, payload })
    }

    /// Nothing comes for a while.
    fn hears_nothing(&mut self) {
        self.socket.set_read_timeout(Some(Duration::from_millis(150))).unwrap();
        let got = self.try_hear();
        assert!(
            got.as_ref().is_err_and(|e| matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)),
            "{got:?}"
        );
        self.socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    }

    /// Opens a service as stream `mine`; the phone's number for it.
    fn open(&mut self, mine: u32, window: u32, service: &str) -> u32 {
        self.say(OPEN, mine, window, format!("{service}\0").as_bytes());
        let okay = self.hear();
        assert_eq!((okay.command, okay.arg1), (OKAY, mine));
        okay.arg0
    }

    /// All bytes of stream `mine` up to its end, acknowledged one by one.
    fn drain(&mut self, mine: u32, theirs: u32) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let got = self.hear();
            match got.command {
                WRTE => {
                    assert_eq!((got.arg0, got.arg1), (theirs, mine));
                    all.extend(got.payload);
                    self.say(OKAY, mine, theirs, &[]);
                }
                CLSE => return all,
                OKAY => {}
                other => panic!("{other:#x}"),
            }
        }
    }
}

fn request(id: &[u8; 4], path: &str) -> Vec<u8> {
    [&id[..], &(path.len() as u32).to_le_bytes(), path.as_bytes()].concat()
}

fn contents(file: &Patterned) -> Vec<u8> {
    let mut bytes = vec![0; file.len as usize];
    file.read_at(0, &mut bytes).unwrap();
    bytes
}

/// The file in the blocks of a pull.
fn unpacked(mut blocks: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    loop {
        let n = u32::from_le_bytes(blocks[4..8].try_into().unwrap()) as usize;
        match &blocks[..4] {
            b"DATA" => file.extend(&blocks[8..8 + n]),
            b"DONE" => return file,
            other => panic!("{other:?}"),
        }
        blocks = &blocks[8 + n..];
    }
}

const FILE: Patterned = Patterned { len: 200_000, seed: 9 };

fn with_file() -> Builder {
    Device::builder().file("/sdcard/f", Arc::new(FILE), 1_700_000_000)
}

#[test]
fn without_an_acknowledgement_no_second_payload_comes() {
    let mut host = Host::greeted(with_file(), "shell_v2");
    let theirs = host.open(5, 0, "sync:");
    host.say(WRTE, 5, theirs, &request(b"RECV", "/sdcard/f"));
    assert_eq!(host.hear(), Got { command: OKAY, arg0: theirs, arg1: 5, payload: vec![] });
    let first = host.hear();
    assert_eq!((first.command, first.payload.len()), (WRTE, 65_536 + 8));
    host.hears_nothing();
    host.say(OKAY, 5, theirs, &[]);
    assert_eq!(host.hear().payload.len(), 65_536 + 8);
    host.hears_nothing();
    // another stream is not held up by it
    let second = host.open(6, 0, "shell:echo beside");
    assert_eq!(host.drain(6, second), b"beside\n");
}

#[test]
fn with_delayed_acknowledgement_exactly_the_window_comes() {
    let mut host = Host::greeted(with_file(), "delayed_ack,shell_v2");
    host.say(OPEN, 5, 100_000, b"sync:\0");
    let okay = host.hear();
    let theirs = okay.arg0;
    assert_eq!(okay.payload.len(), 4, "the phone's own window");
    host.say(WRTE, 5, theirs, &request(b"RECV", "/sdcard/f"));
    assert_eq!(host.hear().payload, 17u32.to_le_bytes(), "the request's own bytes are acknowledged");
    let mut got = Vec::new();
    while got.len() < 100_000 {
        got.extend(host.hear().payload);
    }
    assert_eq!(got.len(), 100_000);
    host.hears_nothing();
    host.say(OKAY, 5, theirs, &1i32.to_le_bytes());
    got.extend(host.hear().payload);
    assert_eq!(got.len(), 100_001);
    host.hears_nothing();
    // a negative acknowledgement takes back what a later one gives
    host.say(OKAY, 5, theirs, &(-50i32).to_le_bytes());
    host.say(OKAY, 5, theirs, &50i32.to_le_bytes());
    host.hears_nothing();
    host.say(OKAY, 5, theirs, &1_000_000i32.to_le_bytes());
    while got.len() < FILE.len as usize + 4 * 8 + 8 {
        got.extend(host.hear().payload);
    }
    assert_eq!(unpacked(&got), contents(&FILE));
}

#[test]
fn a_window_where_none_was_agreed_or_none_where_one_was_is_refused() {
    let mut host = Host::greeted(with_file(), "shell_v2");
    host.say(OPEN, 5, 1000, b"shell:id\0");
    assert_eq!(host.hear(), Got { command: CLSE, arg0: 0, arg1: 5, payload: vec![] });
    let mut host = Host::greeted(with_file(), "delayed_ack");
    host.say(OPEN, 5, 0, b"shell:id\0");
    assert_eq!(host.hear().command, CLSE);
    // a banner that ends in a zero byte spoils the last feature it names
    let mut host = Host::greeted(with_file(), "delayed_ack\0");
    host.say(OPEN, 5, 1000, b"shell:id\0");
    assert_eq!(host.hear().command, CLSE);
}

#[test]
fn a_host_that_overruns_its_window_is_cut_off() {
    let mut host = Host::greeted(Device::builder(), "shell_v2");
    let theirs = host.open(5, 0, "shell:sleep 60");
    host.say(WRTE, 5, theirs, b"one");
    host.say(WRTE, 5, theirs, b"two, though one was not acknowledged");
    assert!(host.try_hear().is_err());
}

#[test]
fn garbage_from_a_host_ends_the_connection_and_nothing_else() {
    for garbage in [&[0u8; 64][..], b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n........"] {
        let mut host = Host::dial(Device::builder());
        host.socket.write_all(garbage).unwrap();
        assert!(host.try_hear().is_err());
        let mut again = TcpStream::connect(host.phone.addr()).unwrap();
        again.write_all(&Header::new(CNXN, 0x0100_0001, 1 << 20, b"host::", true).encode()).unwrap();
        again.write_all(b"host::").unwrap();
        let mut head = [0; HEADER];
        again.read_exact(&mut head).unwrap();
        assert_eq!(Header::decode(&head).command, CNXN);
    }
    let mut host = Host::greeted(Device::builder(), "");
    let mut lie = Header::new(WRTE, 1, 1, b"", true);
    lie.length = u32::MAX;
    host.socket.write_all(&lie.encode()).unwrap();
    assert!(host.try_hear().is_err());
}

#[test]
fn before_the_phone_said_hello_nothing_opens() {
    let mut host = Host::dial(Device::builder().accept(uitlezen_twin::adb::Accept::Known(vec![])));
    host.say(OPEN, 5, 0, b"shell:id\0");
    host.hears_nothing();
    host.say(CNXN, 0x0100_0001, 1 << 20, b"host::");
    let token = host.hear();
    assert_eq!((token.command, token.arg0, token.payload.len()), (AUTH, 1, 20));
    host.say(OPEN, 5, 0, b"shell:id\0");
    host.hears_nothing();
    host.say(AUTH, 2, 0, &[7; 256]);
    let next = host.hear();
    assert_ne!(next.payload, token.payload, "each refusal asks about a fresh token");
    assert!(host.phone.device().asked().services.is_empty());
}

#[test]
fn many_streams_at_once_and_not_more_than_that() {
    let mut host = Host::greeted(Device::builder(), "");
    let mut open = Vec::new();
    for mine in 1..=64 {
        open.push((mine, host.open(mine, 0, "shell:cat")));
    }
    host.say(OPEN, 99, 0, b"shell:cat\0");
    assert_eq!(host.hear(), Got { command: CLSE, arg0: 0, arg1: 99, payload: vec![] });
    for (mine, theirs) in open {
        host.say(CLSE, mine, theirs, &[]);
        assert_eq!(host.hear(), Got { command: CLSE, arg0: theirs, arg1: mine, payload: vec![] });
    }
    let theirs = host.open(7, 0, "shell:echo again");
    assert_eq!(host.drain(7, theirs), b"again\n");
}

#[test]
fn a_second_hello_forgets_the_streams_of_the_first() {
    let mut host = Host::greeted(with_file(), "");
    let theirs = host.open(5, 0, "sync:");
    host.say(CNXN, 0x0100_0001, 1 << 20, b"host::");
    assert_eq!(host.hear().command, CNXN);
    host.say(WRTE, 5, theirs, &request(b"RECV", "/sdcard/f"));
    host.hears_nothing();
}

#[test]
fn stale_frames_come_before_the_hello() {
    let mut host = Host::dial(Device::builder().fault(Fault::StaleFrames { frames: 3 }, Times::Only(1)));
    host.say(CNXN, 0x0100_0001, 1 << 20, b"host::");
    assert_eq!([host.hear().command, host.hear().command, host.hear().command, host.hear().command], [WRTE, OKAY, CLSE, CNXN]);
}

#[test]
fn sync_version_2_answers_with_an_errno_and_refuses_packed_data() {
    let mut host =
        Host::greeted(with_file().file("/sdcard/big", Arc::new(Patterned { len: 5 << 30, seed: 0 }), 1_700_000_000), "");
    let theirs = host.open(5, 0, "sync:");
    let mut ask = |bytes: &[u8]| {
        host.say(WRTE, 5, theirs, bytes);
        assert_eq!(host.hear().command, OKAY);
        let got = host.hear();
        host.say(OKAY, 5, theirs, &[]);
        got.payload
    };
    let big = ask(&request(b"STA2", "/sdcard/big"));
    assert_eq!(big[40..48], (5u64 << 30).to_le_bytes());
    let old = ask(&request(b"STAT", "/sdcard/big"));
    assert_eq!(old[8..12], (1u32 << 30).to_le_bytes(), "version 1 carries 32 bits of the size");
    assert_eq!(ask(&request(b"LST2", "/data/data/x"))[4..8], 13u32.to_le_bytes());
    assert_eq!(ask(&request(b"LST2", "/sdcard/none"))[4..8], 2u32.to_le_bytes());
    let link = ask(&request(b"LST2", "/sdcard"));
    assert_eq!(u32::from_le_bytes(link[24..28].try_into().unwrap()) & 0o170_000, 0o120_000);
    // a shut folder looks empty in a listing, as on a phone
    let shut = ask(&request(b"LIS2", "/data/data"));
    assert_eq!((&shut[..4], shut.len()), (&b"DONE"[..], 76));
    let packed = ask(&[request(b"RCV2", "/sdcard/f"), b"RCV2\x04\0\0\0".to_vec()].concat());
    assert_eq!((&packed[..4], &packed[8..]), (&b"FAIL"[..], &b"recv_v2: unknown flags: 0x4"[..]));
    let plain = ask(&[request(b"RCV2", "/sdcard/f"), b"RCV2\0\0\0\0".to_vec()].concat());
    assert_eq!(&plain[..8], b"DATA\0\0\x01\0");
}

#[test]
fn faults_in_a_pull_look_as_announced() {
    let path = b"/storage/emulated/0/f".to_vec();
    let bent = |how| with_file().fault(Fault::Pull { file: path.clone(), how }, Times::Always);
    let pull = |host: &mut Host| {
        let theirs = host.open(5, 0, "sync:");
        host.say(WRTE, 5, theirs, &request(b"RECV", "/sdcard/f"));
        assert_eq!(host.hear().command, OKAY);
        theirs
    };

    let mut host = Host::greeted(bent(Pull::SplitHeaders), "");
    let theirs = pull(&mut host);
    assert_eq!(host.hear().payload, b"DATA\0");
    host.say(OKAY, 5, theirs, &[]);
    assert_eq!(host.hear().payload.len(), 65_536 + 3);

    let mut host = Host::greeted(bent(Pull::Crumbs { bytes: 3 }), "");
    let theirs = pull(&mut host);
    assert_eq!(host.hear().payload, b"DAT");
    host.say(OKAY, 5, theirs, &[]);
    assert_eq!(host.hear().payload, b"A\0\0");

    let mut host = Host::greeted(bent(Pull::Hangs { after: 70_000 }), "");
    let theirs = pull(&mut host);
    host.hear();
    host.say(OKAY, 5, theirs, &[]);
    assert_eq!(host.hear().payload.len(), 70_000 - 65_536 + 8);
    host.say(OKAY, 5, theirs, &[]);
    host.hears_nothing();

    let other = Patterned { len: 90_000, seed: 77 };
    let mut host = Host::greeted(bent(Pull::Changes { after: 65_536, bytes: Arc::new(other), modified: 1_700_000_500 }), "");
    let theirs = pull(&mut host);
    let mut got = host.hear().payload;
    for _ in 0..2 {
        host.say(OKAY, 5, theirs, &[]);
        got.extend(host.hear().payload);
    }
    assert_eq!(unpacked(&got), [&contents(&FILE)[..65_536], &contents(&other)[65_536..]].concat());
    let stat = host.phone.device().tree().stat(b"/sdcard/f", true).unwrap();
    assert_eq!((stat.size, stat.modified), (90_000, 1_700_000_500));

    let mut host = Host::greeted(bent(Pull::Vanishes { after: 0 }), "");
    pull(&mut host);
    assert!(host.try_hear().is_err());
    assert_eq!(host.phone.device().asked().bytes_served, 0);
}

#[test]
fn hostile_names_and_endless_output() {
    let builder = Device::builder()
        .fault(Fault::HostileNames { folder: b"/storage/emulated/0/Download".to_vec() }, Times::Always)
        .fault(Fault::EndlessShell { command: "getprop".into() }, Times::Always);
    let mut host = Host::greeted(builder, "");
    let theirs = host.open(5, 0, "sync:");
    host.say(WRTE, 5, theirs, &request(b"LIST", "/sdcard/Download"));
    host.say(OKAY, 5, theirs, &[]);
    let mut all = Vec::new();
    while !all.ends_with(&[b"DONE".as_slice(), &[0; 16]].concat()) {
        let got = host.hear();
        if got.command == WRTE {
            all.extend(got.payload);
            host.say(OKAY, 5, theirs, &[]);
        }
    }
    assert!(all.len() > 1 << 20, "a name of 1 MiB");
    assert!(all.windows(22).any(|w| w == b"../../../../etc/passwd"));
    host.say(WRTE, 5, theirs, b"QUIT\0\0\0\0");
    host.drain(5, theirs);

    let theirs = host.open(6, 0, "shell:getprop");
    let mut bytes = 0;
    while bytes < 1_000_000 {
        bytes += host.hear().payload.len();
        host.say(OKAY, 6, theirs, &[]);
    }
    host.say(CLSE, 6, theirs, &[]);
    while host.hear().command != CLSE {}
}

#[test]
fn a_phone_that_is_stopped_lets_go_of_hanging_streams() {
    let builder =
        with_file().fault(Fault::Pull { file: b"/storage/emulated/0/f".to_vec(), how: Pull::Hangs { after: 0 } }, Times::Always);
    let mut host = Host::greeted(builder, "");
    let theirs = host.open(5, 0, "sync:");
    host.say(WRTE, 5, theirs, &request(b"RECV", "/sdcard/f"));
    assert_eq!(host.hear().command, OKAY);
    let start = Instant::now();
    host.phone.stop();
    assert!(start.elapsed() < Duration::from_secs(3));
}

/// What a real adb sent in a recorded session is understood word for word, and answered in the recorded shape.
#[test]
fn a_recorded_session_of_a_real_host_replays() {
    let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/testdata/adb-protocol/captured/adb_transport_session.json");
    let Ok(text) = std::fs::read_to_string(&fixture) else {
        eprintln!("SKIPPED: the recorded adb session is not beside the project");
        return;
    };
    let session: serde_json::Value = serde_json::from_str(&text).unwrap();
    let unhex = |v: &serde_json::Value| hex::decode(v.as_str().unwrap()).unwrap();

    // the key and the signature it made over the token
    let auth = &session["auth"];
    let key = PublicKey::parse(auth["host_public_key"].as_str().unwrap().as_bytes()).unwrap();
    let token: [u8; 20] = unhex(&auth["token_hex"]).try_into().unwrap();
    assert!(key.signed(&token, &unhex(&auth["signature_hex"])));
    let mut other = token;
    other[0] ^= 1;
    assert!(!key.signed(&other, &unhex(&auth["signature_hex"])));
    assert!(auth["host_public_key"].as_str().unwrap().starts_with(&key.to_base64()));

    // every header, ours and theirs, is the one we would write
    for packet in session["packets"].as_array().unwrap() {
        let header: [u8; HEADER] = unhex(&packet["header_hex"]).try_into().unwrap();
        let (payload, read) = (unhex(&packet["payload_hex"]), Header::decode(&header));
        let ours = Header::new(read.command, read.arg0, read.arg1, &payload, read.check != 0);
        assert_eq!(ours.encode(), header);
    }

    // and the services it opened answer in the same shape
    let mut tree = Device::builder().file("/sdcard/f.txt", Arc::new(b"hello".to_vec()), 0x6553_b1f1);
    for folder in ["Alarms", "Android", "DCIM", "Documents", "Download", "Movies", "Music", "Pictures"] {
        tree = tree.tree(|t| {
            t.remove(format!("/sdcard/{folder}"));
        });
    }
    let mut host = Host::greeted(tree, "shell_v2,cmd,stat_v2,ls_v2");
    let packets = session["packets"].as_array().unwrap();
    let mut theirs = 0;
    for packet in packets.iter().filter(|p| p["dir"] == "host->device") {
        let (arg0, payload) = (packet["arg0"].as_u64().unwrap() as u32, unhex(&packet["payload_hex"]));
        match packet["cmd"].as_str().unwrap() {
            "OPEN" => {
                host.say(OPEN, arg0, 0, &payload);
                let answer = host.hear();
                if payload.starts_with(b"backup:") {
                    assert_eq!(answer.command, CLSE, "this phone offers no backup service");
                    continue;
                }
                assert_eq!((answer.command, answer.arg1), (OKAY, arg0));
                theirs = answer.arg0;
                if payload.starts_with(b"shell") {
                    let out = host.drain(arg0, theirs);
                    assert_eq!(&out[..1], b"\x01");
                    assert!(out[5..].starts_with(b"uid=2000(shell) gid=2000(shell)"));
                    assert_eq!(out[out.len() - 6..], *b"\x03\x01\0\0\0\0");
                }
            }
            "WRTE" => {
                host.say(WRTE, arg0, theirs, &payload);
                assert_eq!(host.hear().command, OKAY);
                let got = host.hear();
                match &payload[..4] {
                    b"QUIT" => assert_eq!(got.command, CLSE),
                    b"LIS2" => {
                        assert_eq!((&got.payload[..4], &got.payload[got.payload.len() - 76..][..4]), (&b"DNT2"[..], &b"DONE"[..]))
                    }
                    b"STA2" => assert_eq!((&got.payload[..8], got.payload.len()), (&b"STA2\0\0\0\0"[..], 72)),
                    b"RECV" => {
                        assert_eq!(got.payload, b"DATA\x05\0\0\0hello");
                        host.say(OKAY, arg0, theirs, &[]);
                        assert_eq!(host.hear().payload, b"DONE\0\0\0\0");
                    }
                    other => panic!("{other:?}"),
                }
                if got.command == WRTE {
                    host.say(OKAY, arg0, theirs, &[]);
                }
            }
            _ => {}
        }
    }
    let asked = host.phone.device().asked();
    assert_eq!((asked.opened.len(), asked.bytes_served), (1, 5));
}
