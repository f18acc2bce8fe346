//! Starting a child, talking to it, and never waiting for it without a watchdog.

use super::{Confinement, FLAG, Kind};
use crate::{
    Cancel,
    pipe::{self, Kind as FrameKind, PipeError},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt,
    io::{self, BufWriter},
    ops::Deref,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    path::PathBuf,
    process::{self, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};
use uitlezen_evidence::wipe;

/// Frames in flight between the child and the closing process: back-pressure reaches the phone after so many.
const IN_FLIGHT: usize = 6;
/// Bytes that may wait in the child's end; Linux gives an ordinary account less.
const SEND_BUFFER: usize = 1024 * 1024;
/// How often a wait looks at the cancel flag.
const GLANCE: Duration = Duration::from_millis(100);

/// The binary to start as a child.
#[derive(Clone, Debug)]
pub struct Program(pub PathBuf);

impl Program {
    /// This very binary.
    #[must_use]
    pub fn this() -> Self {
        // Resolved between fork and exec, so it is right also when an update replaced the file meanwhile.
        Self("/proc/self/exe".into())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    #[error("a child process could not be started: {0}")]
    Start(io::Error),
    /// It died: killed by what it read, by its memory limit, or by a fault of ours.
    #[error("the {0} child died")]
    Died(&'static str),
    #[error("the {0} child gave no sign of life in time")]
    Silent(&'static str),
    #[error("the {child} child broke the rules of the pipe: {what}")]
    Rules { child: &'static str, what: &'static str },
    #[error("cancelled")]
    Cancelled,
}

/// One frame from a child. Give its buffer back with [`Child::recycle`].
#[derive(Debug)]
pub struct Frame {
    pub kind: FrameKind,
    pub payload: Payload,
}

/// The bytes of a frame, wiped when dropped: they are plaintext. A buffer that goes round is not wiped on its way, since the
/// next frame overwrites it.
#[derive(Default)]
pub struct Payload(Vec<u8>);

impl Deref for Payload {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

impl Frame {
    /// The message in it; bytes are a broken rule.
    pub fn message<T: DeserializeOwned>(&self, child: &'static str) -> Result<T, ChildError> {
        match self.kind {
            FrameKind::Message => {
                pipe::parse(&self.payload).map_err(|_| ChildError::Rules { child, what: "a message that cannot be read" })
            }
            FrameKind::Bytes | FrameKind::MoreBytes => Err(ChildError::Rules { child, what: "bytes where a message was due" }),
        }
    }
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Child {
    name: &'static str,
    process: process::Child,
    to: BufWriter<ChildStdin>,
    from: Receiver<Result<Frame, PipeError>>,
    spare: SyncSender<Payload>,
    watchdog: Duration,
    cancel: Cancel,
}

impl Child {
    pub fn start(
        program: &Program,
        kind: Kind,
        confinement: &Confinement,
        watchdog: Duration,
        cancel: &Cancel,
    ) -> Result<Self, ChildError> {
        // Its standard output is a pair of sockets and not a pipe: a pipe's two ends contend for its lock, and moving the same
        // bytes through it cost four times the processor time (measured on Linux 6.18).
        let (from_child, its_end) = UnixStream::pair().map_err(ChildError::Start)?;
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(&its_end, SEND_BUFFER);
        let mut process = Command::new(&program.0)
            .arg0("uitlezen")
            .arg(FLAG)
            .arg(kind.as_str())
            .args(confinement.to_arguments())
            .env_clear()
            // Ctrl-C at the terminal goes to a whole process group. The closing process alone answers it; a child that died of
            // it first would be told as a child that died.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::from(OwnedFd::from(its_end)))
            .stderr(if cfg!(debug_assertions) { Stdio::inherit() } else { Stdio::null() })
            .spawn()
            .map_err(ChildError::Start)?;
        let missing = || ChildError::Start(io::ErrorKind::BrokenPipe.into());
        let stdin = process.stdin.take().ok_or_else(missing)?;
        let (frames, from) = sync_channel(IN_FLIGHT);
        let (spare, spares) = sync_channel::<Payload>(IN_FLIGHT + 2);
        thread::Builder::new()
            .name(format!("from {}", kind.as_str()))
            .spawn(move || {
                // Not buffered: a payload would be copied once more, and the head of a frame costs one short read.
                let mut from_child = from_child;
                loop {
                    let mut payload = spares.try_recv().unwrap_or_default();
                    let read = pipe::read_frame(&mut from_child, &mut payload.0).map(|kind| Frame { kind, payload });
                    let last = read.is_err();
                    if frames.send(read).is_err() || last {
                        return;
                    }
                }
            })
            .map_err(ChildError::Start)?;
        Ok(Self { name: kind.as_str(), process, to: BufWriter::new(stdin), from, spare, watchdog, cancel: cancel.clone() })
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn send<T: Serialize>(&mut self, message: &T) -> Result<(), ChildError> {
        pipe::write_message(&mut self.to, message).map_err(|e| self.fault(e))
    }

    /// The next frame, within the watchdog's time.
    pub fn receive(&mut self) -> Result<Frame, ChildError> {
        self.receive_within(self.watchdog)
    }

    /// The next frame, within `time`; for waits on a person.
    pub fn receive_within(&mut self, time: Duration) -> Result<Frame, ChildError> {
        let end = Instant::now() + time;
        loop {
            if self.cancel.is_cancelled() {
                return Err(ChildError::Cancelled);
            }
            match self.from.recv_timeout(GLANCE) {
                Ok(frame) => return frame.map_err(|e| self.fault(e)),
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
                Err(RecvTimeoutError::Timeout) => return Err(ChildError::Silent(self.name)),
                Err(RecvTimeoutError::Disconnected) => return Err(ChildError::Died(self.name)),
            }
        }
    }

    /// A message, within the watchdog's time.
    pub fn message<T: DeserializeOwned>(&mut self) -> Result<T, ChildError> {
        let name = self.name;
        let frame = self.receive()?;
        let out = frame.message(name);
        self.recycle(frame);
        out
    }

    /// Returns a frame's buffer for the next one.
    pub fn recycle(&self, frame: Frame) {
        let _ = self.spare.try_send(frame.payload);
    }

    fn fault(&self, error: PipeError) -> ChildError {
        match error {
            PipeError::Gone | PipeError::Io(_) => ChildError::Died(self.name),
            PipeError::Rules(what) => ChildError::Rules { child: self.name, what },
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
