//! A small scripted adbd over loopback TCP: files, shell answers, and every way of misbehaving that a test asks for. The full
//! virtual phone is crate `twin`; this one is for faults a true phone model would not commit.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

pub const CNXN: &[u8; 4] = b"CNXN";
pub const V2: &str = "shell_v2,cmd,stat_v2,ls_v2,sendrecv_v2";
pub const V2_DELAYED: &str = "shell_v2,cmd,stat_v2,ls_v2,sendrecv_v2,delayed_ack";

#[derive(Clone, Copy, PartialEq)]
pub enum Auth {
    Open,
    KnowsKey,
    AcceptsKeyAfter(Duration),
    NeverAnswers,
    AsksAgain,
    HangsUp,
    Wireless,
}

/// What is sent on a stream, one payload after the other.
#[derive(Clone)]
pub enum Out {
    Bytes(Vec<u8>),
    /// So many DATA blocks of 64 KiB, 16 to a payload.
    Blocks(u64),
    /// A whole frame, as it is.
    Raw(Vec<u8>),
    Hang,
    Vanish,
}

pub type Shell = (Vec<u8>, Vec<u8>, u8);
type ShellHook = dyn Fn(&str) -> Option<Shell> + Send + Sync;
type PullHook = dyn Fn(&str, usize) -> Option<Vec<Out>> + Send + Sync;

pub struct Fake {
    pub features: &'static str,
    pub version: u32,
    pub max_payload: u32,
    pub auth: Auth,
    /// Raw bytes sent before anything is answered.
    pub before: Vec<u8>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub mtimes: Mutex<HashMap<String, u64>>,
    /// Folders that list as nothing and say "Permission denied" to the shell.
    pub closed: BTreeSet<String>,
    /// Files that stat but do not open.
    pub locked: BTreeSet<String>,
    /// Names as bytes that no `String` may hold, by folder.
    pub odd: Vec<(String, Vec<u8>, u32)>,
    /// Sizes that stat and list tell instead of the true one.
    pub sizes: HashMap<String, u64>,
    pub shell: Box<ShellHook>,
    /// What the n-th pull of a file sends instead of the file.
    pub pull: Box<PullHook>,
    pub pulls: Mutex<HashMap<String, usize>>,
    pub services: Mutex<Vec<String>>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            features: V2,
            version: 0x0100_0001,
            max_payload: 1 << 20,
            auth: Auth::Open,
            before: Vec::new(),
            files: BTreeMap::new(),
            mtimes: Mutex::default(),
            closed: BTreeSet::new(),
            locked: BTreeSet::new(),
            odd: Vec::new(),
            sizes: HashMap::new(),
            shell: Box::new(|_| None),
            pull: Box::new(|_, _| None),
            pulls: Mutex::default(),
            services: Mutex::default(),
        }
    }
}

pub struct Running {
    pub address: SocketAddr,
    pub fake: Arc<Fake>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Opens of a service whose name starts so.
    pub fn opened(&self, start: &str) -> usize {
        self.fake.services.lock().unwrap().iter().filter(|s| s.starts_with(start)).count()
    }
}

pub fn frame(command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) -> Vec<u8> {
    let id = u32::from_le_bytes(*command);
    let sum = payload.iter().fold(0u32, |s, &b| s.wrapping_add(b.into()));
    let mut out = Vec::with_capacity(24 + payload.len());
    for word in [id, arg0, arg1, payload.len() as u32, sum, !id] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(payload);
    out
}

pub fn block(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(body);
    out
}

impl Fake {
    /// Serves one connection on a thread of its own.
    pub fn start(self) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let fake = Arc::new(self);
        let served = fake.clone();
        let thread = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            drop(listener);
            stream.set_nodelay(true).unwrap();
            let mut device = Device { fake: &served, stream, streams: HashMap::new(), delayed: false, next: 100 };
            let _ = device.serve(); // a broken pipe is how every test ends
        });
        Running { address, fake, thread }
    }

    fn mtime(&self, path: &str) -> u64 {
        self.mtimes.lock().unwrap().get(path).copied().unwrap_or(1_700_000_000)
    }

    fn is_folder(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        self.files.keys().any(|f| f.starts_with(&prefix))
            || self.closed.contains(path)
            || self.odd.iter().any(|(f, ..)| *f == path || f.starts_with(&prefix))
    }

    /// (mode, size, mtime) or an errno.
    fn look(&self, path: &str) -> Result<(u32, u64, u64), u32> {
        if let Some(bytes) = self.files.get(path) {
            let size = self.sizes.get(path).copied().unwrap_or(bytes.len() as u64);
            Ok((0o100_660, size, self.mtime(path)))
        } else if self.is_folder(path) {
            Ok((0o040_770, 4096, 1))
        } else {
            Err(2)
        }
    }

    fn children(&self, folder: &str) -> Vec<(Vec<u8>, u32, u64, u64)> {
        let prefix = format!("{folder}/");
        let mut names: BTreeSet<String> = self
            .files
            .keys()
            .chain(self.closed.iter())
            .filter_map(|f| Some(f.strip_prefix(&prefix)?.split('/').next()?.to_owned()))
            .collect();
        names.extend(self.odd.iter().filter_map(|(f, ..)| Some(f.strip_prefix(&prefix)?.split('/').next()?.to_owned())));
        let mut out: Vec<_> = [".", ".."].iter().map(|n| (n.as_bytes().to_vec(), 0o040_770, 4096, 1)).collect();
        for name in names {
            let (mode, size, mtime) = self.look(&format!("{prefix}{name}")).unwrap();
            out.push((name.into_bytes(), mode, size, mtime));
        }
        for (_, name, mode) in self.odd.iter().filter(|(f, ..)| f == folder) {
            out.push((name.clone(), *mode, 1, 1));
        }
        out
    }

    fn run(&self, command: &str) -> Shell {
        // What a shell does with the note that the server link asks for.
        if let Some(command) = command.strip_suffix("; echo uitlezen-exit:$? >&2") {
            let (out, mut err, code) = self.run(command);
            err.extend(format!("uitlezen-exit:{code}\n").into_bytes());
            return (out, err, 0);
        }
        if let Some(answer) = (self.shell)(command) {
            return answer;
        }
        let words = words_of(command);
        let paths: Vec<&str> = words.iter().map(String::as_str).filter(|w| w.starts_with('/')).collect();
        match words[0].as_str() {
            "sha256sum" => {
                let (mut out, mut err, mut code) = (String::new(), String::new(), 0);
                for path in &paths {
                    match self.files.get(*path).filter(|_| !self.locked.contains(*path)) {
                        Some(bytes) => out.push_str(&format!("{}  {path}\n", hex::encode(Sha256::digest(bytes)))),
                        None => (err.push_str("sha256sum: Permission denied\n"), code = 1).0,
                    }
                }
                (out.into_bytes(), err.into_bytes(), code)
            }
            "ls" => {
                let path = paths[0].trim_end_matches('/');
                if self.closed.contains(path) {
                    (vec![], format!("ls: {path}: Permission denied\n").into_bytes(), 1)
                } else if self.is_folder(path) {
                    (vec![], vec![], 0)
                } else {
                    (vec![], format!("ls: {path}: No such file or directory\n").into_bytes(), 1)
                }
            }
            "stat" => {
                let (mut out, mut code) = (String::new(), 0);
                for path in &paths {
                    match self.look(path) {
                        Ok((mode, size, mtime)) if words[2].ends_with("%n") => {
                            out.push_str(&format!("{mode:x} {size} {mtime} {path}\n"))
                        }
                        Ok((mode, size, mtime)) => out.push_str(&format!("{mode:x} {size} {mtime}\n")),
                        Err(_) => code = 1,
                    }
                }
                let err: &[u8] = if code == 0 { b"" } else { b"stat: No such file or directory\n" };
                (out.into_bytes(), err.to_vec(), code)
            }
            "cat" => match self.files.get(paths[0]) {
                Some(_) if self.locked.contains(paths[0]) => (vec![], b"cat: Permission denied\n".to_vec(), 1),
                Some(bytes) => (bytes.clone(), vec![], 0),
                None => (vec![], b"cat: No such file or directory\n".to_vec(), 1),
            },
            "find" => {
                let folder = paths[0].trim_end_matches('/');
                if self.closed.contains(folder) {
                    return (vec![], b"find: Permission denied\n".to_vec(), 1);
                }
                if !self.is_folder(folder) {
                    return (vec![], b"find: No such file or directory\n".to_vec(), 1);
                }
                let mut out = Vec::new();
                for (name, ..) in self.children(folder).into_iter().skip(2) {
                    out.extend(format!("{folder}/").into_bytes());
                    out.extend(name);
                    out.push(0);
                }
                (out, vec![], 0)
            }
            "head" => match self.files.get(paths[0]) {
                Some(bytes) => {
                    let most: usize = words[2].parse().unwrap();
                    (bytes[..bytes.len().min(most)].to_vec(), vec![], 0)
                }
                None => (vec![], b"head: No such file or directory\n".to_vec(), 1),
            },
            _ => (vec![], b"/system/bin/sh: inaccessible or not found\n".to_vec(), 127),
        }
    }
}

struct Stream {
    remote: u32,
    sync: bool,
    inbox: Vec<u8>,
    out: VecDeque<Out>,
    credit: i64,
    close_when_done: bool,
}

struct Device<'a> {
    fake: &'a Fake,
    stream: TcpStream,
    streams: HashMap<u32, Stream>,
    delayed: bool,
    next: u32,
}

type Io = std::io::Result<()>;

impl Device<'_> {
    fn receive(&mut self) -> std::io::Result<([u32; 3], Vec<u8>)> {
        let mut header = [0; 24];
        self.stream.read_exact(&mut header)?;
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let mut payload = vec![0; word(12) as usize];
        self.stream.read_exact(&mut payload)?;
        Ok(([word(0), word(4), word(8)], payload))
    }

    fn send(&mut self, command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) -> Io {
        self.stream.write_all(&frame(command, arg0, arg1, payload))
    }

    fn serve(&mut self) -> Io {
        self.greet()?;
        loop {
            let ([command, arg0, arg1], payload) = self.receive()?;
            match &command.to_le_bytes() {
                b"OPEN" => self.open(arg0, arg1, &payload)?,
                b"OKAY" => {
                    if let Some(s) = self.streams.get_mut(&arg1) {
                        s.credit = if self.delayed {
                            s.credit + i64::from(u32::from_le_bytes(payload.as_slice().try_into().unwrap()))
                        } else {
                            1
                        };
                    }
                    self.flush(arg1)?;
                }
                b"WRTE" => self.written(arg1, &payload)?,
                b"CLSE" => {
                    self.streams.remove(&arg1);
                }
                _ => {}
            }
        }
    }

    fn greet(&mut self) -> Io {
        self.receive()?;
        self.stream.write_all(&self.fake.before)?;
        let token = [9u8; 20];
        if self.fake.auth == Auth::Wireless {
            self.send(b"STLS", 0x0100_0000, 0, &[])?;
        } else if self.fake.auth != Auth::Open {
            self.send(b"AUTH", 1, 0, &token)?;
            let ([_, kind, _], signature) = self.receive()?;
            assert_eq!((kind, signature.len()), (2, 256));
            if self.fake.auth != Auth::KnowsKey {
                self.send(b"AUTH", 1, 0, &token)?;
                let ([_, kind, _], key) = self.receive()?;
                assert!(kind == 3 && key.ends_with(b"\0"));
                match self.fake.auth {
                    Auth::AcceptsKeyAfter(wait) => thread::sleep(wait),
                    Auth::AsksAgain => self.send(b"AUTH", 1, 0, &token)?,
                    Auth::HangsUp => return Err(std::io::ErrorKind::BrokenPipe.into()),
                    _ => {}
                }
            }
        }
        if matches!(self.fake.auth, Auth::NeverAnswers | Auth::AsksAgain | Auth::Wireless) {
            self.receive()?;
        }
        let banner =
            format!("device::ro.product.name=fake;ro.product.model=Fake;ro.product.device=fake;features={}", self.fake.features);
        self.delayed = self.fake.features.contains("delayed_ack");
        self.send(CNXN, self.fake.version, self.fake.max_payload, banner.as_bytes())
    }

    fn open(&mut self, remote: u32, window: u32, service: &[u8]) -> Io {
        let service = String::from_utf8(service.strip_suffix(b"\0").unwrap().to_vec()).unwrap();
        self.fake.services.lock().unwrap().push(service.clone());
        assert_eq!(self.delayed, window != 0, "the window tells delayed acknowledgement");
        let id = self.next;
        self.next += 1;
        let mut stream = Stream {
            remote,
            sync: service == "sync:",
            inbox: vec![],
            out: VecDeque::new(),
            credit: if self.delayed { window.into() } else { 1 },
            close_when_done: false,
        };
        // adb and adb_client put `TERM=...` between the two.
        if let Some((_, command)) = service.split_once("raw:").filter(|_| service.starts_with("shell,v2,")) {
            let (out, err, code) = self.fake.run(command);
            let channel = |n: u8, bytes: &[u8]| {
                let mut framed = vec![n];
                framed.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                framed.extend_from_slice(bytes);
                framed
            };
            // In pieces that do not respect frames.
            let whole = [channel(1, &out), channel(2, &err), channel(3, &[code])].concat();
            stream.out = whole.chunks(1000).map(|c| Out::Bytes(c.to_vec())).collect();
            stream.close_when_done = true;
        } else if !stream.sync {
            return self.send(b"CLSE", 0, remote, &[]);
        }
        self.streams.insert(id, stream);
        let credit = (1u32 << 20).to_le_bytes();
        self.send(b"OKAY", id, remote, if self.delayed { &credit } else { &[] })?;
        self.flush(id)
    }

    /// Sends what the peer has room for.
    fn flush(&mut self, id: u32) -> Io {
        loop {
            let Some(s) = self.streams.get_mut(&id) else { return Ok(()) };
            if s.credit <= 0 {
                return Ok(());
            }
            let payload = match s.out.pop_front() {
                None => {
                    if s.close_when_done {
                        let remote = s.remote;
                        self.streams.remove(&id);
                        self.send(b"CLSE", id, remote, &[])?;
                    }
                    return Ok(());
                }
                Some(Out::Bytes(bytes)) => bytes,
                Some(Out::Blocks(0)) => continue,
                Some(Out::Blocks(n)) => {
                    let now = n.min(16);
                    if n > now {
                        s.out.push_front(Out::Blocks(n - now));
                    }
                    // 15 blocks and a bit fit 1 MiB with their headers.
                    let body = vec![0x5a; 65536];
                    let mut payload = Vec::with_capacity(1 << 20);
                    let fit = now.min(15);
                    for _ in 0..fit {
                        payload.extend(block(b"DATA", &body));
                    }
                    if now > fit {
                        match s.out.front_mut() {
                            Some(Out::Blocks(left)) => *left += now - fit,
                            _ => s.out.push_front(Out::Blocks(now - fit)),
                        }
                    }
                    payload
                }
                Some(Out::Raw(raw)) => {
                    self.stream.write_all(&raw)?;
                    continue;
                }
                Some(Out::Hang) => {
                    thread::sleep(Duration::from_secs(5));
                    return Err(std::io::ErrorKind::TimedOut.into());
                }
                Some(Out::Vanish) => return Err(std::io::ErrorKind::BrokenPipe.into()),
            };
            s.credit -= if self.delayed { payload.len() as i64 } else { 1 };
            let remote = s.remote;
            self.send(b"WRTE", id, remote, &payload)?;
        }
    }

    fn written(&mut self, id: u32, payload: &[u8]) -> Io {
        let Some(s) = self.streams.get_mut(&id) else { return Ok(()) };
        let remote = s.remote;
        s.inbox.extend_from_slice(payload);
        let taken = (payload.len() as u32).to_le_bytes();
        self.send(b"OKAY", id, remote, if self.delayed { &taken } else { &[] })?;
        while let Some(s) = self.streams.get_mut(&id) {
            if s.inbox.len() < 8 {
                break;
            }
            let length = u32::from_le_bytes(s.inbox[4..8].try_into().unwrap()) as usize;
            let whole = 8 + length + if s.inbox.starts_with(b"RCV2") { 8 } else { 0 };
            if s.inbox.len() < whole {
                break;
            }
            let request: Vec<u8> = s.inbox.drain(..whole).collect();
            let path = String::from_utf8(request[8..8 + length].to_vec()).unwrap();
            let answer = self.answer(&request[..4], &path);
            self.streams.get_mut(&id).unwrap().out.extend(answer);
        }
        self.flush(id)
    }

    fn answer(&self, id: &[u8], path: &str) -> Vec<Out> {
        let fake = self.fake;
        match id {
            b"LST2" | b"STA2" => vec![Out::Bytes(stat_v2(id, fake.look(path)))],
            b"STAT" => {
                let (mode, size, mtime) = fake.look(path).unwrap_or_default();
                vec![Out::Bytes([id.to_vec(), words(&[mode, size as u32, mtime as u32])].concat())]
            }
            b"LIS2" | b"LIST" => {
                let folder = path.trim_end_matches('/');
                let mut out = Vec::new();
                let entries =
                    if fake.closed.contains(folder) || !fake.is_folder(folder) { vec![] } else { fake.children(folder) };
                for (name, mode, size, mtime) in entries {
                    if id == b"LIS2" {
                        out.extend(stat_v2(b"DNT2", Ok((mode, size, mtime))));
                        out.extend((name.len() as u32).to_le_bytes());
                    } else {
                        out.extend(b"DENT");
                        out.extend(words(&[mode, size as u32, mtime as u32, name.len() as u32]));
                    }
                    out.extend(name);
                }
                out.extend(b"DONE");
                out.extend(vec![0; if id == b"LIS2" { 72 } else { 16 }]);
                out.chunks(64 * 1024).map(|c| Out::Bytes(c.to_vec())).collect()
            }
            b"RECV" | b"RCV2" => {
                let n = {
                    let mut pulls = fake.pulls.lock().unwrap();
                    let n = pulls.entry(path.to_owned()).or_default();
                    *n += 1;
                    *n
                };
                if let Some(script) = (fake.pull)(path, n) {
                    return script;
                }
                match fake.files.get(path) {
                    Some(_) if fake.locked.contains(path) => vec![Out::Bytes(block(b"FAIL", b"open failed: Permission denied"))],
                    None => vec![Out::Bytes(block(b"FAIL", b"open failed: No such file or directory"))],
                    Some(bytes) => {
                        let mut out: Vec<u8> = bytes.chunks(65536).flat_map(|c| block(b"DATA", c)).collect();
                        out.extend(block(b"DONE", &[]));
                        out.chunks(64 * 1024).map(|c| Out::Bytes(c.to_vec())).collect()
                    }
                }
            }
            _ => vec![Out::Vanish],
        }
    }
}

/// A command line as a shell cuts it: single quotes and backslashes.
fn words_of(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (vec![], String::new(), false, false);
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => (quoted, any) = (!quoted, true),
            '\\' if !quoted => word.push(chars.next().unwrap()),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            _ => word.push(c),
        }
    }
    words.push(word);
    words
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

fn stat_v2(id: &[u8], stat: Result<(u32, u64, u64), u32>) -> Vec<u8> {
    let ((mode, size, mtime), error) = match stat {
        Ok(stat) => (stat, 0),
        Err(errno) => (Default::default(), errno),
    };
    let mut out = id.to_vec();
    out.extend(words(&[error, 1, 0, 2, 0, mode, 1, 0, 0]));
    for number in [size, mtime, mtime, mtime] {
        out.extend(number.to_le_bytes());
    }
    assert_eq!(out.len(), 72);
    out
}
