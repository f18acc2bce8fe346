//! The phone's shell: as much of Android's `sh` and toybox as a readout uses, answering in their formats.
//!
//! A line goes through `words` (quoting), `line` (lists, pipes, redirections) and ends in one of the commands: `files`
//! (toybox), `system` (getprop, dumpsys, settings, ...), `packages` (pm) and `content`. What is not here is answered as a
//! phone answers a command it does not have: 127 and a line on stderr.

mod content;
mod copy;
mod files;
mod find;
mod line;
mod packages;
mod statfmt;
mod system;
mod words;

use super::{Device, Errno, lock};
use std::{
    io::{self, Read, Write},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// A place for output that several commands may share.
#[derive(Clone)]
pub struct Tap(Arc<Mutex<dyn Write + Send>>);

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tap")
    }
}

impl Tap {
    pub fn new(to: impl Write + Send + 'static) -> Tap {
        Tap(Arc::new(Mutex::new(to)))
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        lock(&self.0).flush()
    }
}

/// What a command has around it.
struct Io {
    stdin: Box<dyn Read + Send>,
    out: Tap,
    err: Tap,
}

/// One shell, for one line of commands.
#[derive(Debug, Clone)]
pub struct Shell {
    device: Arc<Device>,
    /// `$?`.
    last: u8,
    cwd: Vec<u8>,
}

/// What a command gives back: its exit code; an error when its output is gone, which ends it as SIGPIPE would.
type Outcome = io::Result<u8>;

/// Exit code of a command whose output went away: 128 + SIGPIPE.
const BROKEN_PIPE: u8 = 141;

impl Shell {
    pub fn new(device: &Arc<Device>) -> Shell {
        Shell { device: device.clone(), last: 0, cwd: b"/".to_vec() }
    }

    /// Runs a line and gives its exit code.
    pub fn run(&mut self, line: &[u8], stdin: Box<dyn Read + Send>, out: Tap, err: Tap) -> u8 {
        let mut io = Io { stdin, out, err };
        match line::parse(line) {
            Ok(list) => self.list(&list, &mut io).unwrap_or(BROKEN_PIPE),
            Err(error) => {
                // an unreachable stderr changes nothing about the exit code
                let _ = writeln!(io.err, "/system/bin/sh: {error}");
                1
            }
        }
    }

    /// Runs one command with its words.
    fn command(&mut self, words: &[Vec<u8>], io: &mut Io) -> Outcome {
        let Some((name, args)) = words.split_first() else { return Ok(0) };
        let name = name.rsplit(|b| *b == b'/').next().unwrap_or_default();
        match name {
            b"toybox" | b"exec" | b"command" if !args.is_empty() => self.command(args, io),
            b"true" | b":" => Ok(0),
            b"false" => Ok(1),
            b"exit" => Ok(args.first().and_then(|code| text(code).parse().ok()).unwrap_or(self.last)),
            b"echo" => echo(args, io),
            b"cd" => self.cd(args, io),
            b"pwd" => io.out.write_all(&[&self.cwd[..], b"\n"].concat()).map(|()| 0),
            b"sh" => match args {
                [flag, line, ..] if flag == b"-c" => {
                    let mut inner = self.clone();
                    match line::parse(line) {
                        Ok(list) => inner.list(&list, io),
                        Err(error) => writeln!(io.err, "sh: {error}").map(|()| 1),
                    }
                }
                _ => self.not_found(name, io),
            },
            b"ls" => self.ls(args, io),
            b"stat" => self.stat(args, io),
            b"df" => self.df(args, io),
            b"cat" => self.cat(args, io),
            b"head" => self.head(args, io),
            b"tail" => self.tail(args, io),
            b"dd" => self.dd(args, io),
            b"wc" => self.wc(args, io),
            b"sha256sum" => self.digest::<sha2::Sha256>("sha256sum", args, io),
            b"sha1sum" => self.digest::<sha1::Sha1>("sha1sum", args, io),
            b"md5sum" => self.digest::<md5::Md5>("md5sum", args, io),
            b"readlink" | b"realpath" => self.readlink(name, args, io),
            b"find" => self.find(args, io),
            b"test" | b"[" => Ok(self.test(args)),
            b"getprop" => self.getprop(args, io),
            b"date" => self.date(args, io),
            b"id" => io.out.write_all(ID).map(|()| 0),
            b"whoami" => io.out.write_all(b"shell\n").map(|()| 0),
            b"uname" => io.out.write_all(b"Linux\n").map(|()| 0),
            b"settings" => self.settings(args, io),
            b"dumpsys" => self.dumpsys(args, io),
            b"pm" => self.pm(args, io),
            b"cmd" => self.cmd(args, io),
            b"content" => self.content(args, io),
            b"sleep" => {
                let seconds = args.first().and_then(|arg| text(arg).parse::<f64>().ok()).unwrap_or(0.0).clamp(0.0, 60.0);
                let end = Instant::now() + Duration::from_secs_f64(seconds);
                while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                    std::thread::sleep(left.min(Duration::from_millis(20)));
                    // fails when nobody listens any more
                    io.out.flush()?;
                }
                Ok(0)
            }
            _ => self.not_found(name, io),
        }
    }

    fn not_found(&self, name: &[u8], io: &mut Io) -> Outcome {
        io.err.write_all(&[b"/system/bin/sh: ", name, b": inaccessible or not found\n"].concat())?;
        Ok(127)
    }

    fn cd(&mut self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let to = self.path(args.first().map_or(b"/", |arg| arg.as_slice()));
        let seen = { self.device.tree().list(&to).map(|_| ()).and_then(|()| self.device.tree().canonical(&to, true)) };
        match seen {
            Ok(real) => {
                self.cwd = real;
                Ok(0)
            }
            Err(error) => complain(io, b"/system/bin/sh: cd", &to, error).map(|()| 2),
        }
    }

    /// A path against the current folder.
    fn path(&self, path: &[u8]) -> Vec<u8> {
        if path.starts_with(b"/") { path.to_vec() } else { [&self.cwd, path].join(&b'/') }
    }

    /// Files of a command's arguments, without options.
    fn test(&self, args: &[Vec<u8>]) -> u8 {
        let stat = |path: &Vec<u8>, follow| self.device.tree().stat(&self.path(path), follow);
        let args: Vec<&Vec<u8>> = args.iter().filter(|arg| arg.as_slice() != b"]").collect();
        let yes = match args.as_slice() {
            [flag, path] => match flag.as_slice() {
                b"-e" => stat(path, true).is_ok(),
                b"-f" => stat(path, true).is_ok_and(|s| !s.is_folder()),
                b"-d" => stat(path, true).is_ok_and(|s| s.is_folder()),
                b"-L" => stat(path, false).is_ok_and(|s| s.is_link()),
                b"-s" => stat(path, true).is_ok_and(|s| s.size > 0),
                b"-r" => match stat(path, true) {
                    Ok(s) if s.is_folder() => self.device.tree().list(&self.path(path)).is_ok(),
                    Ok(_) => self.device.tree().open(&self.path(path)).is_ok(),
                    Err(_) => false,
                },
                b"-w" => false,
                b"-n" => !path.is_empty(),
                b"-z" => path.is_empty(),
                _ => return 2,
            },
            [one, op, other] if op.as_slice() == b"=" => one == other,
            [one, op, other] if op.as_slice() == b"!=" => one != other,
            [one] => !one.is_empty(),
            [] => false,
            _ => return 2,
        };
        u8::from(!yes)
    }
}

/// Groups of the shell user as a phone prints them.
const ID: &[u8] =
    b"uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),\
1078(ext_data_rw),1079(ext_obb_rw),3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid),\
3012(readtracefs) context=u:r:shell:s0\n";

/// `what: path: reason` on stderr, as toybox complains.
fn complain(io: &mut Io, what: &[u8], path: &[u8], error: Errno) -> io::Result<()> {
    io.err.write_all(&[what, b": ", path, b": ", error.to_string().as_bytes(), b"\n"].concat())
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// mksh's echo: `-n`, and `-e` for escapes.
fn echo(args: &[Vec<u8>], io: &mut Io) -> Outcome {
    let (mut line_end, mut words) = (true, args);
    while let Some((first, rest)) = words.split_first() {
        match first.as_slice() {
            b"-n" => line_end = false,
            b"-e" | b"-E" => {}
            _ => break,
        }
        words = rest;
    }
    let mut out = words.join(&b' ');
    if line_end {
        out.push(b'\n');
    }
    io.out.write_all(&out).map(|()| 0)
}

#[cfg(test)]
mod tests;
