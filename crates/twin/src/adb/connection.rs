//! A connection from its first CNXN to its end: who may come in, and which stream a message belongs to.

use super::{
    Accept, AdbError, Answer, Hangup, PublicKey,
    auth::{self, TOKEN, TYPE_PUBLIC_KEY, TYPE_SIGNATURE, TYPE_TOKEN},
    message::{self, AUTH, CLSE, CNXN, MAX_PAYLOAD_V1, Message, OKAY, OPEN, STLS, VERSION_MIN, VERSION_SKIP_CHECKSUM, WRTE},
    shell_service,
    stream::Stream,
    sync,
    wire::{Wire, sleep_unless},
};
use crate::device::{Device, Fault, lock};
use std::{
    collections::HashMap,
    io::{self, Read, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::Scope,
    time::Duration,
};

/// Streams one host may have open at once.
const MOST_STREAMS: usize = 64;
/// Longest service name.
const MOST_SERVICE: usize = 64 * 1024;

/// Serves one host until it goes away. `output` is only ever written whole frames; `hangup` cuts the wire for the faults
/// that want it.
pub fn serve(
    device: &Arc<Device>,
    mut input: impl Read,
    output: impl Write + Send + 'static,
    hangup: impl Hangup + 'static,
) -> Result<(), AdbError> {
    device.record(|asked| asked.connections += 1);
    let connection = Connection {
        device: device.clone(),
        wire: Arc::new(Wire::new(device.clone(), Box::new(output), Box::new(hangup))),
        state: Mutex::new(State { terms: None, token: None, streams: HashMap::new(), next: 1 }),
        epoch: AtomicU64::new(0),
    };
    std::thread::scope(|scope| {
        let ended = connection.run(scope, &mut input);
        connection.forget_streams();
        connection.wire.hang_up();
        ended
    })
}

struct Connection {
    device: Arc<Device>,
    wire: Arc<Wire>,
    state: Mutex<State>,
    /// Counts CNXNs; a dialog of an earlier one no longer counts. `u64::MAX` when the host is gone.
    epoch: AtomicU64,
}

struct State {
    /// `None` while the host is not let in.
    terms: Option<Terms>,
    token: Option<[u8; TOKEN]>,
    streams: HashMap<u32, Arc<Stream>>,
    next: u32,
}

/// What was agreed with the host in CNXN.
#[derive(Debug, Clone, Copy)]
struct Terms {
    version: u32,
    max_payload: u32,
    delayed_ack: bool,
}

impl Connection {
    fn run<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, input: &mut impl Read) -> Result<(), AdbError> {
        let mut hello = Terms { version: VERSION_MIN, max_payload: MAX_PAYLOAD_V1, delayed_ack: false };
        loop {
            // the first messages carry sums whatever the version; a later one does when either side is old
            let sums = hello.version < VERSION_SKIP_CHECKSUM;
            let Some(message) = message::read(input, self.device.facts.link.max_payload, sums)? else { return Ok(()) };
            tracing::trace!(command = message.command, arg0 = message.arg0, arg1 = message.arg1, "from host");
            match message.command {
                CNXN => {
                    hello = self.terms(&message);
                    self.greet(hello)?;
                }
                AUTH => self.authenticate(scope, &message, hello)?,
                OPEN => self.open(scope, &message)?,
                OKAY | WRTE | CLSE => self.pass_on(message)?,
                STLS => tracing::debug!("a host asked for TLS, which a cable has not"),
                other => tracing::debug!(command = other, "unknown command"),
            }
        }
    }

    fn terms(&self, message: &Message) -> Terms {
        let link = &self.device.facts.link;
        // As the real phone does: the banner is cut at ':', ';', '=' and ',' and not trimmed, so that a host which ends its
        // banner with a zero byte loses the last feature it names.
        let features = message
            .payload
            .split(|b| *b == b':')
            .nth(2)
            .unwrap_or_default()
            .split(|b| *b == b';')
            .find_map(|part| part.strip_prefix(b"features="))
            .unwrap_or_default();
        let delayed = link.delayed_ack && features.split(|b| *b == b',').any(|feature| feature == b"delayed_ack");
        Terms {
            version: message.arg0.min(link.version),
            max_payload: message.arg1.min(link.max_payload).max(1),
            delayed_ack: delayed,
        }
    }

    fn greet(&self, hello: Terms) -> Result<(), AdbError> {
        self.forget_streams();
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.wire.set_sums(true);
        self.stale_frames()?;
        match self.device.accept() {
            Accept::Everyone => self.let_in(hello),
            Accept::Known(_) | Accept::Ask(_) | Accept::Forever => self.ask_signature(),
        }
    }

    fn stale_frames(&self) -> Result<(), AdbError> {
        let stale = self.device.fire(|fault| match fault {
            Fault::StaleFrames { frames } => Some(*frames),
            _ => None,
        });
        for at in 0..stale.unwrap_or(0) {
            match at % 3 {
                0 => self.wire.send(WRTE, 900 + at, 700 + at, b"left over from an earlier session")?,
                1 => self.wire.send(OKAY, 900 + at, 700 + at, &[])?,
                _ => self.wire.send(CLSE, 900 + at, 700 + at, &[])?,
            }
        }
        Ok(())
    }

    fn ask_signature(&self) -> Result<(), AdbError> {
        let token = auth::fresh_token()?;
        lock(&self.state).token = Some(token);
        Ok(self.wire.send(AUTH, TYPE_TOKEN, 0, &token)?)
    }

    fn let_in(&self, hello: Terms) -> Result<(), AdbError> {
        let link = &self.device.facts.link;
        lock(&self.state).terms = Some(hello);
        self.wire.send(CNXN, link.version, link.max_payload, banner(&self.device).as_bytes())?;
        self.wire.set_sums(link.checksums || hello.version < VERSION_SKIP_CHECKSUM);
        Ok(())
    }

    fn authenticate<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        message: &Message,
        hello: Terms,
    ) -> Result<(), AdbError> {
        let Some(token) = ({
            let state = lock(&self.state);
            state.token.filter(|_| state.terms.is_none())
        }) else {
            return Ok(());
        };
        let accept = self.device.accept();
        match message.arg0 {
            _ if matches!(accept, Accept::Forever) => self.ask_signature(),
            TYPE_SIGNATURE => {
                if self.device.known_keys().iter().any(|key| key.signed(&token, &message.payload)) {
                    self.let_in(hello)
                } else {
                    self.ask_signature()
                }
            }
            TYPE_PUBLIC_KEY => match PublicKey::parse(&message.payload) {
                Ok(key) => {
                    self.device.record(|asked| asked.dialogs += 1);
                    let answer = match accept {
                        Accept::Ask(answer) => answer,
                        _ => Answer::Never,
                    };
                    let (epoch, taps) = (self.epoch.load(Ordering::SeqCst), self.device.taps());
                    scope.spawn(move || self.dialog(key, answer, hello, epoch, taps));
                    Ok(())
                }
                Err(error) => {
                    tracing::debug!(%error, "a host offered a key that is none");
                    self.ask_signature()
                }
            },
            _ => Ok(()),
        }
    }

    /// The dialog on the screen, until somebody answers it or the host goes away.
    fn dialog(&self, key: PublicKey, answer: Answer, hello: Terms, epoch: u64, taps: u64) {
        let moved_on = || self.epoch.load(Ordering::SeqCst) != epoch;
        let allowed = match answer {
            Answer::Allow(after) => sleep_unless(after, moved_on),
            Answer::Refuse => false,
            Answer::Never => loop {
                if self.device.taps() > taps {
                    break true;
                }
                if !sleep_unless(Duration::from_millis(10), moved_on) {
                    break false;
                }
            },
        };
        if allowed {
            self.device.remember(key);
            if let Err(error) = self.let_in(hello) {
                tracing::debug!(%error, "the host left while the dialog was shown");
            }
        }
    }

    fn open<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, message: &Message) -> Result<(), AdbError> {
        let remote = message.arg0;
        let mut state = lock(&self.state);
        let Some(terms) = state.terms else { return Ok(()) };
        if remote == 0 {
            return Ok(());
        }
        let end = message.payload.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
        let name = message.payload.get(..end).unwrap_or_default();
        let service = (name.len() <= MOST_SERVICE).then(|| Service::parse(name)).flatten();
        self.device.note_service(&String::from_utf8_lossy(name));
        // OPEN's second word is the host's window, and must be there exactly when delayed acknowledgement was agreed
        let fits = terms.delayed_ack == (message.arg1 != 0) && state.streams.len() < MOST_STREAMS;
        let Some(service) = service.filter(|service| fits && !self.refuses(service)) else {
            return Ok(self.wire.send(CLSE, 0, remote, &[])?);
        };
        let local = state.next;
        state.next = state.next.wrapping_add(1).max(1);
        let window = terms.delayed_ack.then_some(message.arg1);
        let stream = Arc::new(Stream::new(self.device.clone(), self.wire.clone(), (local, remote), terms.max_payload, window));
        state.streams.insert(local, stream.clone());
        drop(state);
        stream.accept()?;
        scope.spawn(move || self.work(&stream, &service));
        Ok(())
    }

    fn refuses(&self, service: &Service) -> bool {
        self.device
            .fire(|fault| match (fault, service) {
                (Fault::ShellRefused, Service::Shell { .. }) | (Fault::SyncRefused, Service::Sync) => Some(()),
                _ => None,
            })
            .is_some()
    }

    fn work(&self, stream: &Arc<Stream>, service: &Service) {
        let done = match service {
            Service::Sync => sync::serve(stream),
            Service::Shell { line, framed } => shell_service::serve(stream, line, *framed),
        };
        if let Err(error) = done {
            tracing::debug!(%error, "a service ended early");
        }
        stream.settle();
        // whoever takes the stream off the list says the last word
        let ours = lock(&self.state).streams.remove(&stream.local).is_some_and(|known| Arc::ptr_eq(&known, stream));
        if ours && let Err(error) = stream.close() {
            tracing::debug!(%error, "the host left before a stream was closed");
        }
    }

    fn pass_on(&self, message: Message) -> Result<(), AdbError> {
        let Some(stream) = lock(&self.state).streams.get(&message.arg1).cloned() else { return Ok(()) };
        if message.arg0 != stream.remote && !(message.command == CLSE && message.arg0 == 0) {
            return Ok(());
        }
        match message.command {
            OKAY => stream.acknowledged(&message),
            WRTE => stream.received(message.payload)?,
            _ => {
                stream.end();
                if lock(&self.state).streams.remove(&message.arg1).is_some() {
                    stream.close()?;
                }
            }
        }
        Ok(())
    }

    fn forget_streams(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        let mut state = lock(&self.state);
        state.terms = None;
        state.token = None;
        for (_, stream) in state.streams.drain() {
            stream.end();
        }
    }
}

fn banner(device: &Device) -> String {
    let identity = device.identity();
    let link = &device.facts.link;
    let mut features = link.features.clone();
    if link.delayed_ack {
        features.push("delayed_ack");
    }
    format!(
        "device::ro.product.name={};ro.product.model={};ro.product.device={};features={}",
        identity.device,
        identity.model,
        identity.device,
        features.join(",")
    )
}

/// What a host may open. Everything else (backup, reverse, abb, host: ...) is refused.
#[derive(Debug, PartialEq, Eq)]
enum Service {
    Sync,
    /// `framed`: shell v2, with channels and an exit code.
    Shell {
        line: Vec<u8>,
        framed: bool,
    },
}

impl Service {
    fn parse(name: &[u8]) -> Option<Service> {
        if name == b"sync:" {
            return Some(Service::Sync);
        }
        if let Some(line) = name.strip_prefix(b"exec:") {
            return Some(Service::Shell { line: line.to_vec(), framed: false });
        }
        let rest = name.strip_prefix(b"shell")?;
        let colon = rest.iter().position(|b| *b == b':')?;
        let (options, line) = rest.split_at(colon);
        if !options.is_empty() && !options.starts_with(b",") {
            return None;
        }
        let framed = options.split(|b| *b == b',').any(|option| option == b"v2");
        Some(Service::Shell { line: line.get(1..).unwrap_or_default().to_vec(), framed })
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

/// The wire of a connection that nobody can cut.
impl Hangup for () {
    fn hang_up(&self) {}
}

impl<F: Fn() + Send + Sync> Hangup for F {
    fn hang_up(&self) {
        self();
    }
}

impl From<AdbError> for io::Error {
    fn from(error: AdbError) -> io::Error {
        match error {
            AdbError::Wire(error) => error,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn services_are_told_apart_and_strange_ones_refused() {
        let shell = |line: &str, framed| Some(Service::Shell { line: line.into(), framed });
        assert_eq!(Service::parse(b"shell,v2,TERM=xterm,raw:id"), shell("id", true));
        assert_eq!(Service::parse(b"shell:echo a:b"), shell("echo a:b", false));
        assert_eq!(Service::parse(b"exec:cat /x"), shell("cat /x", false));
        assert_eq!(Service::parse(b"sync:"), Some(Service::Sync));
        for other in ["host:devices", "backup:all", "shells:id", "sync:x", "", "reverse:list", "reboot:"] {
            assert_eq!(Service::parse(other.as_bytes()), None, "{other}");
        }
    }
}
