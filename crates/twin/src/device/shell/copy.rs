//! Bytes of files to the output: cat, head, tail, dd, wc, and the digests.

use super::{Io, Outcome, Shell, complain, text};
use crate::device::{Errno, OpenFile};
use sha2::Digest;
use std::{
    io::{self, Read, Write},
    sync::Arc,
};

/// Bytes copied at a time.
const PIECE: usize = 64 * 1024;

/// A file being read, from any position.
pub(super) struct FileReader {
    device: Arc<crate::device::Device>,
    file: OpenFile,
    pos: u64,
}

impl FileReader {
    fn len(&self) -> u64 {
        self.file.bytes.len()
    }
}

impl Read for FileReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.len().saturating_sub(self.pos);
        let n = left.min(buf.len() as u64) as usize;
        let Some(part) = buf.get_mut(..n).filter(|part| !part.is_empty()) else { return Ok(0) };
        self.file.bytes.read_at(self.pos, part)?;
        self.pos += n as u64;
        self.device.record(|asked| asked.bytes_served += n as u64);
        Ok(n)
    }
}

/// Copies up to `most` bytes; the count copied. An error is one of the output.
fn pour(from: &mut dyn Read, to: &mut impl Write, most: u64) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut done = 0;
    while done < most {
        let want = (most - done).min(PIECE as u64) as usize;
        let Some(part) = piece.get_mut(..want) else { break };
        let n = from.read(part)?;
        if n == 0 {
            break;
        }
        to.write_all(part.get(..n).unwrap_or_default())?;
        done += n as u64;
    }
    Ok(done)
}

impl Shell {
    pub(super) fn reader(&self, path: &[u8]) -> Result<FileReader, Errno> {
        Ok(FileReader { device: self.device.clone(), file: self.device.open(&self.path(path))?, pos: 0 })
    }

    /// Runs `each` over the files, or over the input when there are none. Exit code 1 when one could not be opened.
    fn over(
        &self,
        what: &[u8],
        files: &[Vec<u8>],
        io: &mut Io,
        mut each: impl FnMut(&mut dyn Read, &[u8], &mut Io) -> io::Result<()>,
    ) -> Outcome {
        let mut code = 0;
        let dash = [b"-".to_vec()];
        for path in if files.is_empty() { &dash } else { files } {
            if path == b"-" {
                let mut stdin = std::mem::replace(&mut io.stdin, Box::new(io::empty()));
                each(&mut stdin, path, io)?;
                continue;
            }
            if path == b"/dev/zero" {
                each(&mut io::repeat(0), path, io)?;
                continue;
            }
            match self.reader(path) {
                Ok(mut file) => each(&mut file, path, io)?,
                Err(error) => {
                    complain(io, what, path, error)?;
                    code = 1;
                }
            }
        }
        Ok(code)
    }

    pub(super) fn cat(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        self.over(b"cat", args, io, |from, _, io| pour(from, &mut io.out.clone(), u64::MAX).map(drop))
    }

    /// `head -c N`, `head -n N`.
    pub(super) fn head(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, files) = options(args, b"cn");
        let count = |option: u8| options.iter().rfind(|(name, _)| *name == option).and_then(|(_, value)| number(value));
        if let Some(bytes) = count(b'c') {
            return self.over(b"head", &files, io, |from, _, io| pour(from, &mut io.out.clone(), bytes).map(drop));
        }
        let lines = count(b'n').unwrap_or(10);
        self.over(b"head", &files, io, |from, _, io| {
            let mut left = lines;
            let mut piece = vec![0; PIECE];
            while left > 0 {
                let n = from.read(&mut piece)?;
                let Some(part) = piece.get(..n).filter(|part| !part.is_empty()) else { break };
                for line in part.split_inclusive(|b| *b == b'\n') {
                    if left > 0 {
                        io.out.write_all(line)?;
                        left -= u64::from(line.ends_with(b"\n"));
                    }
                }
            }
            Ok(())
        })
    }

    /// `tail -c +N FILE` (from byte N, counted from 1) and `tail -c N FILE`.
    pub(super) fn tail(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, files) = options(args, b"cn");
        let Some((_, value)) = options.iter().rfind(|(name, _)| *name == b'c') else {
            writeln!(io.err, "tail: needs -c")?;
            return Ok(1);
        };
        let from_start = value.starts_with(b"+");
        let Some(count) = number(value.strip_prefix(b"+").unwrap_or(value)) else {
            writeln!(io.err, "tail: bad -c")?;
            return Ok(1);
        };
        let mut code = 0;
        for path in &files {
            match self.reader(path) {
                Ok(mut file) => {
                    file.pos = if from_start { count.saturating_sub(1) } else { file.len().saturating_sub(count) };
                    pour(&mut file, &mut io.out, u64::MAX)?;
                }
                Err(error) => {
                    complain(io, b"tail", path, error)?;
                    code = 1;
                }
            }
        }
        Ok(code)
    }

    /// `dd if= bs= skip= count=`, with `iflag=skip_bytes,count_bytes`.
    pub(super) fn dd(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let value = |name: &str| args.iter().find_map(|arg| arg.strip_prefix(name.as_bytes()));
        if value("of=").is_some() {
            writeln!(io.err, "dd: {}", Errno::ReadOnly)?;
            return Ok(1);
        }
        let block = value("bs=").and_then(number).unwrap_or(512).max(1);
        let flags = value("iflag=").unwrap_or_default();
        let flag = |name: &[u8]| flags.split(|b| *b == b',').any(|f| f == name);
        let scaled =
            |name: &str, in_bytes: bool| value(name).and_then(number).map(|n| if in_bytes { n } else { n.saturating_mul(block) });
        let skip = scaled("skip=", flag(b"skip_bytes")).unwrap_or(0);
        let count = scaled("count=", flag(b"count_bytes")).unwrap_or(u64::MAX);
        let done = match value("if=") {
            None => pour(&mut io.stdin, &mut io.out.clone(), count)?,
            Some(b"/dev/zero") => pour(&mut io::repeat(0), &mut io.out.clone(), count)?,
            Some(path) => match self.reader(path) {
                Ok(mut file) => {
                    file.pos = skip;
                    pour(&mut file, &mut io.out, count)?
                }
                Err(error) => {
                    complain(io, b"dd", path, error)?;
                    return Ok(1);
                }
            },
        };
        if value("status=") != Some(b"none") {
            let (whole, part) = (done / block, u8::from(done % block != 0));
            writeln!(io.err, "{whole}+{part} records in\n{whole}+{part} records out\n{done} bytes copied")?;
        }
        Ok(0)
    }

    /// `wc -c`.
    pub(super) fn wc(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, files) = options(args, b"");
        let lines_only = options.iter().any(|(name, _)| *name == b'l');
        if options.len() != 1 || !options.iter().all(|(name, _)| matches!(name, b'c' | b'l')) {
            writeln!(io.err, "wc: -c or -l only")?;
            return Ok(1);
        }
        self.over(b"wc", &files, io, |from, path, io| {
            let mut counter = Counter { bytes: 0, lines: 0 };
            pour(from, &mut counter, u64::MAX)?;
            let count = if lines_only { counter.lines } else { counter.bytes };
            let name = if path == b"-" { String::new() } else { format!(" {}", text(path)) };
            writeln!(io.out, "{count}{name}")
        })
    }

    fn known_sha256(&self, path: &[u8]) -> Option<[u8; 32]> {
        self.device.tree().open(&self.path(path)).ok().and_then(|(_, file)| file.bytes.sha256())
    }

    /// `sha256sum` and its sisters: digest, two blanks, name.
    pub(super) fn digest<D: Digest>(&self, what: &str, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, files) = options(args, b"");
        let brief = options.iter().any(|(name, _)| *name == b'b');
        self.over(what.as_bytes(), &files, io, |from, path, io| {
            let known = if what == "sha256sum" { self.known_sha256(path) } else { None };
            let digest = match known {
                Some(sha256) => hex::encode(sha256),
                None => {
                    let mut hasher = Hasher(D::new());
                    pour(from, &mut hasher, u64::MAX)?;
                    hex::encode(hasher.0.finalize())
                }
            };
            let mut line = digest.into_bytes();
            if !brief {
                line.extend(b"  ");
                line.extend(path);
            }
            line.push(b'\n');
            io.out.write_all(&line)
        })
    }
}

struct Hasher<D>(D);

impl<D: Digest> Write for Hasher<D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Counter {
    bytes: u64,
    lines: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        self.lines += bytes.iter().filter(|b| **b == b'\n').count() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A count with toybox's endings.
fn number(value: &[u8]) -> Option<u64> {
    let value = text(value);
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match value.get(digits.len()..)? {
        "" | "c" => 1,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        "g" | "G" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// An option with its value, empty for those that take none.
type Given = (u8, Vec<u8>);

/// Single-letter options; those in `with` take the next word or the rest of their own.
pub(super) fn options(args: &[Vec<u8>], with: &[u8]) -> (Vec<Given>, Vec<Vec<u8>>) {
    let (mut found, mut rest) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == b"--" {
            rest.extend(args.by_ref().cloned());
        }
        let Some(letters) = arg.strip_prefix(b"-").filter(|letters| !letters.is_empty() && !letters.starts_with(b"-")) else {
            if arg != b"--" {
                rest.push(arg.clone());
            }
            continue;
        };
        for (at, letter) in letters.iter().enumerate() {
            if with.contains(letter) {
                let own = letters.get(at + 1..).unwrap_or_default();
                let value = if own.is_empty() { args.next().cloned().unwrap_or_default() } else { own.to_vec() };
                found.push((*letter, value));
                break;
            }
            found.push((*letter, Vec::new()));
        }
    }
    (found, rest)
}
