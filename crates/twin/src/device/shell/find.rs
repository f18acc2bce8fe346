//! `find`, with the few tests a readout uses.

use super::{
    Io, Outcome, Shell, complain, statfmt, text,
    words::{self, Letter},
};
use crate::device::{tree::Stat, zone};
use std::io::Write;

#[derive(Default)]
struct Wish {
    kind: Option<u8>,
    name: Option<Vec<Letter>>,
    min: usize,
    max: Option<usize>,
    zero: bool,
    printf: Option<Vec<u8>>,
}

impl Shell {
    /// `find PATH... [-type f|d|l] [-name P] [-mindepth N] [-maxdepth N] [-print|-print0|-printf FORMAT]`.
    pub(super) fn find(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let split = args.iter().position(|arg| arg.starts_with(b"-")).unwrap_or(args.len());
        let (paths, tests) = args.split_at(split);
        let mut wish = Wish::default();
        let mut tests = tests.iter();
        while let Some(test) = tests.next() {
            match test.as_slice() {
                b"-print" => {}
                b"-print0" => wish.zero = true,
                name => {
                    let Some(value) = tests.next() else {
                        writeln!(io.err, "find: '{}' needs 1 args", text(name))?;
                        return Ok(1);
                    };
                    match name {
                        b"-type" => wish.kind = value.first().copied(),
                        b"-name" => wish.name = Some(words::pattern(value)),
                        b"-mindepth" => wish.min = text(value).parse().unwrap_or(0),
                        b"-maxdepth" => wish.max = text(value).parse().ok(),
                        b"-printf" => wish.printf = Some(value.clone()),
                        other => {
                            writeln!(io.err, "find: bad arg '{}'", text(other))?;
                            return Ok(1);
                        }
                    }
                }
            }
        }
        let here = [b".".to_vec()];
        let mut code = 0;
        for path in if paths.is_empty() { &here[..] } else { paths } {
            // toybox does not follow a link given on the line, unless it ends in a slash
            match self.device.tree().stat(&self.path(path), false) {
                Ok(stat) => code |= self.find_below(path, stat, &wish, io)?,
                Err(error) => {
                    complain(io, b"find", path, error)?;
                    code = 1;
                }
            }
        }
        Ok(code)
    }

    fn find_below(&self, start: &[u8], stat: Stat, wish: &Wish, io: &mut Io) -> Outcome {
        let mut code = 0;
        let mut todo = vec![(start.to_vec(), stat, 0)];
        while let Some((path, stat, depth)) = todo.pop() {
            let name = path.rsplit(|b| *b == b'/').find(|part| !part.is_empty()).unwrap_or(&path);
            let kind = if stat.is_folder() {
                b'd'
            } else if stat.is_link() {
                b'l'
            } else {
                b'f'
            };
            let fits = wish.kind.is_none_or(|wanted| wanted == kind) && wish.name.as_ref().is_none_or(|p| words::fits(p, name));
            if fits && depth >= wish.min {
                io.out.write_all(&self.found(&path, name, stat, wish))?;
            }
            if !stat.is_folder() || wish.max.is_some_and(|max| depth >= max) {
                continue;
            }
            match self.snapshot(&self.path(&path)) {
                Ok(entries) => {
                    let base = path.strip_suffix(b"/").unwrap_or(&path);
                    todo.extend(entries.into_iter().rev().map(|(name, stat)| ([base, &name].join(&b'/'), stat, depth + 1)));
                }
                Err(error) => {
                    complain(io, b"find", &path, error)?;
                    code = 1;
                }
            }
        }
        Ok(code)
    }

    fn found(&self, path: &[u8], name: &[u8], stat: Stat, wish: &Wish) -> Vec<u8> {
        let Some(format) = &wish.printf else {
            return [path, if wish.zero { b"\0" } else { b"\n" }].concat();
        };
        let subject =
            statfmt::Subject { path, stat, target: None, storage: self.device.facts.storage, zone: zone(self.device.identity()) };
        let mut out = Vec::new();
        let mut bytes = format.iter().copied();
        while let Some(byte) = bytes.next() {
            match byte {
                b'%' => match bytes.next() {
                    Some(b'p') => out.extend(path),
                    Some(b'f') => out.extend(name),
                    Some(b's') => out.extend(subject.fill(b"%s")),
                    Some(b'm') => out.extend(subject.fill(b"%a")),
                    Some(b'T') => match bytes.next() {
                        Some(b'@') => out.extend(format!("{}.000000000", stat.modified).bytes()),
                        other => out.extend([b'%', b'T'].into_iter().chain(other)),
                    },
                    Some(b'%') | None => out.push(b'%'),
                    Some(other) => out.extend([b'%', other]),
                },
                b'\\' => match bytes.next() {
                    Some(b'n') => out.push(b'\n'),
                    Some(b't') => out.push(b'\t'),
                    Some(b'0') => out.push(0),
                    Some(other) => out.extend([b'\\', other]),
                    None => out.push(b'\\'),
                },
                other => out.push(other),
            }
        }
        out
    }
}
