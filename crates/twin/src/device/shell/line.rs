//! Lists (`;`, `&&`, `||`), pipes and redirections of a line, and the running of them.

use super::{
    Io, Outcome, Shell, Tap, complain,
    words::{self, Letter, Part, SyntaxError, Token},
};
use crate::device::Errno;
use std::io;

/// A line: pipelines, each with the condition under which it runs.
pub(super) type List = Vec<(When, Vec<Command>)>;

/// What the pipeline before must have ended in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    Succeeded,
    Failed,
}

/// Words with redirections, in order.
#[derive(Debug, Default)]
pub(super) struct Command {
    words: Vec<Vec<Part>>,
    redirects: Vec<(u8, &'static str, Vec<Part>)>,
}

pub(super) fn parse(line: &[u8]) -> Result<List, SyntaxError> {
    let (mut list, mut pipeline, mut command) = (List::new(), Vec::new(), Command::default());
    let mut when = When::Always;
    let mut redirect = None;
    let empty = |command: &Command| command.words.is_empty() && command.redirects.is_empty();
    for token in words::tokens(line)? {
        match (token, redirect.take()) {
            (Token::Word(word), Some((descriptor, operator))) => command.redirects.push((descriptor, operator, word)),
            (Token::Word(word), None) => command.words.push(word),
            (Token::Redirect { descriptor, operator }, None) => {
                redirect = Some((descriptor.unwrap_or(u8::from(operator != "<")), operator));
            }
            (Token::Operator("|"), None) if !empty(&command) => pipeline.push(std::mem::take(&mut command)),
            (Token::Operator(operator), None) if operator != "|" => {
                let nothing = empty(&command) && pipeline.is_empty();
                if (nothing && operator != ";") || (empty(&command) && !nothing) {
                    return Err(SyntaxError::Unexpected(operator.into()));
                }
                if !nothing {
                    pipeline.push(std::mem::take(&mut command));
                    list.push((when, std::mem::take(&mut pipeline)));
                }
                when = match operator {
                    "&&" => When::Succeeded,
                    "||" => When::Failed,
                    _ => When::Always,
                };
            }
            (Token::Operator(operator), _) => return Err(SyntaxError::Unexpected(operator.into())),
            (Token::Redirect { operator, .. }, _) => return Err(SyntaxError::Unexpected(operator.into())),
        }
    }
    if redirect.is_some() || (empty(&command) && (!pipeline.is_empty() || when != When::Always)) {
        return Err(SyntaxError::Unexpected("newline".into()));
    }
    if !empty(&command) {
        pipeline.push(command);
        list.push((when, pipeline));
    }
    Ok(list)
}

impl Shell {
    pub(super) fn list(&mut self, list: &List, io: &mut Io) -> Outcome {
        for (when, pipeline) in list {
            let run = match when {
                When::Always => true,
                When::Succeeded => self.last == 0,
                When::Failed => self.last != 0,
            };
            if !run {
                continue;
            }
            self.last = self.pipeline(pipeline, io)?;
            let leaves = matches!(pipeline.as_slice(), [only] if only.words.first().is_some_and(|word| plain(word) == b"exit"));
            if leaves {
                break;
            }
        }
        Ok(self.last)
    }

    fn pipeline(&mut self, commands: &[Command], io: &mut Io) -> Outcome {
        match commands.split_first() {
            None => Ok(0),
            Some((only, [])) => self.simple(only, io),
            Some((first, rest)) => {
                let (reader, writer) = io::pipe()?;
                let stdin = std::mem::replace(&mut io.stdin, Box::new(io::empty()));
                let mut left = Io { stdin, out: Tap::new(writer), err: io.err.clone() };
                let mut inner = self.clone();
                std::thread::scope(|scope| {
                    // the left side ends when the right side stops reading: its writes fail
                    scope.spawn(move || inner.simple(first, &mut left));
                    io.stdin = Box::new(reader);
                    let outcome = self.pipeline(rest, io);
                    io.stdin = Box::new(io::empty());
                    outcome
                })
            }
        }
    }

    fn simple(&mut self, command: &Command, io: &mut Io) -> Outcome {
        let words: Vec<Vec<u8>> = command.words.iter().flat_map(|word| self.expand(word)).collect();
        if command.redirects.is_empty() {
            return self.command(&words, io);
        }
        let (out, err) = (io.out.clone(), io.err.clone());
        let stdin = std::mem::replace(&mut io.stdin, Box::new(io::empty()));
        let mut inner = Io { stdin, out, err };
        for (descriptor, operator, word) in &command.redirects {
            let target = self.expand(word).into_iter().next().unwrap_or_default();
            if let Err(error) = self.redirect(&mut inner, *descriptor, operator, &target) {
                complain(io, b"/system/bin/sh: can't create", &target, error)?;
                return Ok(1);
            }
        }
        self.command(&words, &mut inner)
    }

    fn redirect(&self, io: &mut Io, descriptor: u8, operator: &str, target: &[u8]) -> Result<(), Errno> {
        let to = match (operator, target) {
            ("<", b"/dev/null") => {
                io.stdin = Box::new(io::empty());
                return Ok(());
            }
            ("<", path) => {
                io.stdin = Box::new(self.reader(path)?);
                return Ok(());
            }
            (">&", b"1") => io.out.clone(),
            (">&", b"2") => io.err.clone(),
            (_, b"/dev/null") => Tap::new(io::sink()),
            _ => return Err(Errno::ReadOnly),
        };
        match descriptor {
            2 => io.err = to,
            _ => io.out = to,
        }
        Ok(())
    }

    /// Variables, then wildcards; a pattern that fits nothing stays as it is.
    fn expand(&self, word: &[Part]) -> Vec<Vec<u8>> {
        let mut letters = Vec::new();
        for part in word {
            let value = match part {
                Part::Letter(letter) => {
                    letters.push(*letter);
                    continue;
                }
                Part::LastCode => self.last.to_string().into_bytes(),
                Part::Variable(name) => variable(name).to_vec(),
            };
            letters.extend(value.into_iter().map(|byte| Letter { byte, bare: false }));
        }
        let whole: Vec<u8> = letters.iter().map(|letter| letter.byte).collect();
        if !letters.iter().any(|letter| letter.bare && matches!(letter.byte, b'*' | b'?')) {
            return vec![whole];
        }
        let found = self.glob(&letters);
        if found.is_empty() { vec![whole] } else { found }
    }

    fn glob(&self, letters: &[Letter]) -> Vec<Vec<u8>> {
        let absolute = letters.first().is_some_and(|letter| letter.byte == b'/');
        let mut found: Vec<Vec<u8>> = vec![if absolute { b"/".to_vec() } else { Vec::new() }];
        for part in letters.split(|letter| letter.byte == b'/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for base in &found {
                let prefix = if base.is_empty() || base.ends_with(b"/") { base.clone() } else { [base, &b"/"[..]].concat() };
                if !part.iter().any(|letter| letter.bare && matches!(letter.byte, b'*' | b'?')) {
                    let path = [prefix, part.iter().map(|letter| letter.byte).collect()].concat();
                    if self.device.tree().stat(&self.path(&path), false).is_ok() {
                        next.push(path);
                    }
                } else if let Ok(folder) = self.device.tree().list(&self.path(if base.is_empty() { b"." } else { base })) {
                    let names =
                        folder.entries().map(|(name, _)| name).filter(|name| !name.starts_with(b".") && words::fits(part, name));
                    next.extend(names.map(|name| [&prefix, name].concat()));
                }
            }
            found = next;
        }
        found
    }
}

fn plain(word: &[Part]) -> Vec<u8> {
    word.iter().filter_map(|part| if let Part::Letter(letter) = part { Some(letter.byte) } else { None }).collect()
}

fn variable(name: &[u8]) -> &'static [u8] {
    match name {
        b"EXTERNAL_STORAGE" => b"/sdcard",
        b"HOME" => b"/",
        b"PATH" => b"/product/bin:/apex/com.android.runtime/bin:/system/bin:/vendor/bin",
        b"USER" | b"LOGNAME" => b"shell",
        b"SHELL" => b"/bin/sh",
        _ => b"",
    }
}
