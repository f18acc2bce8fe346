//! Shell v2: stdout, stderr and the exit code, told apart; and the one way a path gets into a command line.

use super::message::le32;
use crate::error::{Fault, PhoneError, Refusal};

/// Where a piece of output came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Stdout,
    Stderr,
}

/// Takes a command's output as it comes; an error ends the command.
pub type OnOutput<'a> = dyn FnMut(Channel, &[u8]) -> Result<(), PhoneError> + 'a;

/// What a finished command left: bounded output and, unless the phone is too old to tell, its exit code.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Output {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// `None`: could not be told. Never read as success.
    pub code: Option<u8>,
}

/// Output may be content; only sizes are shown.
impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Output({} bytes, {} on stderr, exit {:?})", self.stdout.len(), self.stderr.len(), self.code)
    }
}

impl Output {
    /// Stdout as text if the command succeeded and said nothing that looks like a refusal. Commands on Android may print a
    /// SecurityException and still exit 0 (reference/android.md §1.2).
    pub fn text(&self) -> Result<String, Refusal> {
        if self.code != Some(0) || self.looks_refused() {
            let words = if self.stderr.is_empty() { &self.stdout } else { &self.stderr };
            return Err(Refusal::from_text(words));
        }
        Ok(String::from_utf8_lossy(&self.stdout).into_owned())
    }

    /// `SecurityException` anywhere on stderr, or at the start of a line of stdout.
    #[must_use]
    pub fn looks_refused(&self) -> bool {
        let refused = |line: &[u8]| {
            let line = line.trim_ascii_start();
            [
                b"java.lang.SecurityException".as_slice(),
                b"Security exception",
                b"Error while accessing provider",
                b"Exception occurred while executing",
                b"Error: java.lang.SecurityException",
            ]
            .iter()
            .any(|start| line.starts_with(start))
        };
        self.stderr.split(|&b| b == b'\n').chain(self.stdout.split(|&b| b == b'\n')).any(refused)
    }
}

/// Frames of `shell,v2`: channel (1 stdout, 2 stderr, 3 exit), u32 length, bytes.
#[derive(Debug, Default)]
pub(crate) struct ShellParser {
    header: Vec<u8>,
    left: u32,
    channel: u8,
    pub(crate) code: Option<u8>,
}

impl ShellParser {
    pub(crate) fn feed(&mut self, mut bytes: &[u8], out: &mut OnOutput<'_>) -> Result<(), PhoneError> {
        while !bytes.is_empty() {
            if self.left == 0 {
                let (head, tail) = bytes.split_at(bytes.len().min(5 - self.header.len().min(5)));
                self.header.extend_from_slice(head);
                bytes = tail;
                if self.header.len() < 5 {
                    return Ok(());
                }
                self.channel = self.header.first().copied().unwrap_or_default();
                self.left = le32(&self.header, 1);
                self.header.clear();
                match self.channel {
                    1 | 2 => {}
                    3 if self.left == 1 => {}
                    3 => return Err(Fault::TooLong { length: self.left.into(), bound: 1 }.into()),
                    other => return Err(Fault::ShellChannel(other).into()),
                }
                continue;
            }
            let (head, tail) = bytes.split_at(bytes.len().min(self.left as usize));
            self.left -= head.len() as u32;
            bytes = tail;
            match self.channel {
                1 => out(Channel::Stdout, head)?,
                2 => out(Channel::Stderr, head)?,
                _ => self.code = head.first().copied(),
            }
        }
        Ok(())
    }
}

/// A word for the phone's shell: single quotes, so that nothing in it means anything.
#[must_use]
pub fn quote(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    out.push('\'');
    for c in word.chars() {
        if c == '\'' { out.push_str("'\\''") } else { out.push(c) }
    }
    out.push('\'');
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn frames_split_anywhere_are_told_apart() {
        let wire = b"\x01\x03\0\0\0abc\x02\x02\0\0\0no\x01\0\0\0\0\x03\x01\0\0\0\x07";
        for cut in 1..wire.len() {
            let mut parser = ShellParser::default();
            let (mut out, mut err) = (Vec::new(), Vec::new());
            for piece in wire.chunks(cut) {
                parser
                    .feed(piece, &mut |channel, b| {
                        match channel {
                            Channel::Stdout => out.extend_from_slice(b),
                            Channel::Stderr => err.extend_from_slice(b),
                        }
                        Ok(())
                    })
                    .unwrap();
            }
            assert_eq!((out.as_slice(), err.as_slice(), parser.code), (&b"abc"[..], &b"no"[..], Some(7)), "cut {cut}");
        }
        assert!(ShellParser::default().feed(b"\x09\0\0\0\0", &mut |_, _| Ok(())).is_err());
    }

    #[test]
    fn refusals_are_not_output_even_with_exit_code_0() {
        let refused = Output {
            stdout: b"java.lang.SecurityException: Shell does not have permission to access user 150\n".to_vec(),
            stderr: vec![],
            code: Some(0),
        };
        assert_eq!(refused.text(), Err(Refusal::ProfileClosed));
        assert!(Output { stdout: b"ok".to_vec(), stderr: vec![], code: None }.text().is_err());
        assert_eq!(quote("it's $(x)"), r"'it'\''s $(x)'");
    }
}
