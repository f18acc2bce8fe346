//! `shell:`, `shell,v2:` and `exec:`: the phone's shell behind a stream.
//!
//! Version 2 frames what comes out: one byte of channel, the length (u32, little endian), the bytes; the exit code is a frame
//! of its own. The older forms mix both outputs and lose the code (`reference/android.md §1.1`).

use super::stream::Stream;
use crate::device::{
    Fault, lock,
    shell::{Shell, Tap},
};
use std::{
    io::{self, Read, Write},
    sync::{Arc, Mutex},
};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const EXIT: u8 = 3;
const CLOSE_STDIN: u8 = 4;
/// Channel byte and length.
const FRAME: usize = 5;
/// Output gathered before it is sent.
const GATHER: usize = 32 * 1024;

pub(super) fn serve(stream: &Arc<Stream>, line: &[u8], framed: bool) -> io::Result<()> {
    let text = String::from_utf8_lossy(line).into_owned();
    stream.device.note_command(&text);
    let out = Arc::new(Mutex::new(Output { stream: stream.clone(), framed, channel: STDOUT, gathered: Vec::new() }));
    let fault = stream.device.fires_for(&text);
    let code = match fault {
        Some(Fault::SilentShell { .. }) => {
            stream.hang();
            return Ok(());
        }
        Some(_) => loop {
            // stops when the host closes: writing fails then
            lock(&out).write(STDOUT, b"all work and no play makes a phone a dull toy\n")?;
        },
        None => {
            let (stdout, stderr) = (Tap::new(Channel(out.clone(), STDOUT)), Tap::new(Channel(out.clone(), STDERR)));
            let stdin = Box::new(Input { stream: stream.clone(), framed, raw: Vec::new(), ready: Vec::new(), ended: false });
            Shell::new(&stream.device).run(line, stdin, stdout, stderr)
        }
    };
    let mut out = lock(&out);
    out.flush()?;
    if framed {
        stream.send(&[EXIT, 1, 0, 0, 0, code])?;
    }
    Ok(())
}

struct Output {
    stream: Arc<Stream>,
    framed: bool,
    channel: u8,
    gathered: Vec<u8>,
}

impl Output {
    fn write(&mut self, channel: u8, bytes: &[u8]) -> io::Result<()> {
        if self.framed && channel != self.channel {
            self.flush()?;
            self.channel = channel;
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHER { self.flush() } else { Ok(()) }
    }

    /// Sends what was gathered. Fails when the host has closed, even when nothing was: a command that waits finds out by it.
    fn flush(&mut self) -> io::Result<()> {
        if self.stream.is_gone() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let most = if self.framed { self.stream.max_payload.saturating_sub(FRAME).max(1) } else { self.stream.max_payload };
        for part in self.gathered.chunks(most.min(GATHER)) {
            let mut frame = Vec::with_capacity(FRAME + part.len());
            if self.framed {
                frame.push(self.channel);
                frame.extend((part.len() as u32).to_le_bytes());
            }
            frame.extend_from_slice(part);
            self.stream.send(&frame)?;
        }
        self.gathered.clear();
        Ok(())
    }
}

/// One of the two outputs.
struct Channel(Arc<Mutex<Output>>, u8);

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).write(self.1, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        lock(&self.0).flush()
    }
}

/// What the host types.
struct Input {
    stream: Arc<Stream>,
    framed: bool,
    raw: Vec<u8>,
    ready: Vec<u8>,
    ended: bool,
}

impl Input {
    /// Takes whole frames off what came in.
    fn unpack(&mut self) {
        if !self.framed {
            self.ready.append(&mut self.raw);
            return;
        }
        while let Some((&[channel, a, b, c, d], _)) = self.raw.split_first_chunk::<FRAME>() {
            let end = FRAME.saturating_add(u32::from_le_bytes([a, b, c, d]) as usize);
            if self.raw.len() < end {
                return;
            }
            let frame: Vec<u8> = self.raw.drain(..end).skip(FRAME).collect();
            match channel {
                STDIN => self.ready.extend(frame),
                CLOSE_STDIN => self.ended = true,
                _ => {}
            }
        }
        // a frame larger than what one may send at once never becomes whole: there is no such input
        self.ended |= self.raw.len() > 2 * 1024 * 1024;
    }
}

impl Read for Input {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.ended {
            match self.stream.take()? {
                Some(chunk) => self.raw.extend(chunk),
                None => self.ended = true,
            }
            self.unpack();
        }
        let n = buf.len().min(self.ready.len());
        for (to, from) in buf.iter_mut().zip(self.ready.drain(..n)) {
            *to = from;
        }
        Ok(n)
    }
}
