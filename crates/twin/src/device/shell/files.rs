//! Facts about files: ls, df, readlink, in toybox's formats.

use super::{Io, Outcome, Shell, complain, copy::options, statfmt, text};
use crate::device::{Errno, tree::Stat, zone};
use jiff::Timestamp;
use std::io::{self, Write};

impl Shell {
    /// `ls` with `-a -l -1 -d -n -R -A`; one name a line, as without a terminal.
    pub(super) fn ls(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, mut paths) = options(args, b"");
        let has = |letter| options.iter().any(|(name, _)| *name == letter);
        if let Some((odd, _)) = options.iter().find(|(name, _)| !b"al1dnRAFpLthis".contains(name)) {
            writeln!(io.err, "ls: Unknown option '{}' (see \"ls --help\")", char::from(*odd))?;
            return Ok(1);
        }
        if paths.is_empty() {
            paths.push(b".".to_vec());
        }
        let many = paths.len() > 1 || has(b'R');
        let mut code = 0;
        let mut todo: Vec<Vec<u8>> = paths.into_iter().rev().collect();
        let mut first = true;
        while let Some(path) = todo.pop() {
            // toybox does not follow a link given with -l or -d, unless it ends in a slash
            let follow = has(b'L') || !(has(b'l') || has(b'd'));
            let full = self.path(&path);
            let stat = match self.device.tree().stat(&full, follow) {
                Ok(stat) => stat,
                Err(error) => {
                    complain(io, b"ls", &path, error)?;
                    code = 1;
                    continue;
                }
            };
            if !stat.is_folder() || has(b'd') {
                self.ls_lines(vec![(path.clone(), full, stat)], has(b'l') || has(b'n'), has(b'i'), io)?;
                continue;
            }
            let listed = self.device.tree().list(&full).map(|folder| {
                folder
                    .entries()
                    .map(|(name, node)| (name.to_vec(), node.stat(&[&full, &b"/"[..], name].concat())))
                    .collect::<Vec<_>>()
            });
            let mut entries = match listed {
                Ok(entries) => entries,
                Err(error) => {
                    complain(io, b"ls", &path, error)?;
                    code = 1;
                    continue;
                }
            };
            if !has(b'a') && !has(b'A') {
                entries.retain(|(name, _)| !name.starts_with(b"."));
            }
            if many {
                let gap: &[u8] = if first { b"" } else { b"\n" };
                io.out.write_all(&[gap, path.as_slice(), b":\n"].concat())?;
            }
            first = false;
            if has(b'R') {
                let below = entries.iter().rev().filter(|(_, stat)| stat.is_folder());
                todo.extend(below.map(|(name, _)| [path.strip_suffix(b"/").unwrap_or(&path), name].join(&b'/')));
            }
            if has(b'l') || has(b'n') {
                let blocks: u64 = entries.iter().map(|(_, stat)| statfmt::blocks(stat)).sum();
                writeln!(io.out, "total {}", blocks / 2)?;
            }
            let mut lines: Vec<(Vec<u8>, Vec<u8>, Stat)> = Vec::new();
            if has(b'a') {
                lines.push((b".".to_vec(), full.clone(), stat));
                lines.push((b"..".to_vec(), full.clone(), stat));
            }
            lines.extend(entries.into_iter().map(|(name, stat)| (name.clone(), [&full, &name[..]].join(&b'/'), stat)));
            self.ls_lines(lines, has(b'l') || has(b'n'), has(b'i'), io)?;
        }
        Ok(code)
    }

    fn ls_lines(&self, lines: Vec<(Vec<u8>, Vec<u8>, Stat)>, long: bool, inode: bool, io: &mut Io) -> io::Result<()> {
        let zone = zone(self.device.identity());
        let width = lines.iter().map(|(_, _, stat)| stat.size.to_string().len()).max().unwrap_or(0);
        for (name, full, stat) in lines {
            let mut line = Vec::new();
            if inode {
                line.extend(format!("{} ", stat.inode).bytes());
            }
            if long {
                let when = Timestamp::from_second(stat.modified).unwrap_or_default().to_zoned(zone.clone());
                line.extend(
                    format!(
                        "{} {:>2} {:<8} {:<9} {:>width$} {} ",
                        statfmt::letters(stat.mode),
                        stat.links,
                        statfmt::owner(stat.uid),
                        statfmt::owner(stat.gid),
                        stat.size,
                        when.strftime("%Y-%m-%d %H:%M"),
                    )
                    .bytes(),
                );
            }
            line.extend(&name);
            if long
                && stat.is_link()
                && let Ok(Some(target)) = self.device.tree().link_target(&full)
            {
                line.extend(b" -> ");
                line.extend(target);
            }
            line.push(b'\n');
            io.out.write_all(&line)?;
        }
        Ok(())
    }

    /// `df [-k|-h] [path]`: the one file system a readout is about.
    pub(super) fn df(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, paths) = options(args, b"t");
        let storage = self.device.facts.storage;
        for path in &paths {
            if let Err(error) = self.device.tree().stat(&self.path(path), true) {
                complain(io, b"df", path, error)?;
                return Ok(1);
            }
        }
        let used = storage.total.saturating_sub(storage.free);
        let percent = (used * 100).div_ceil(storage.total.max(1));
        let human = options.iter().any(|(name, _)| *name == b'h');
        let size = |bytes: u64| if human { format!("{}M", bytes >> 20) } else { (bytes / 1024).to_string() };
        let head = if human { "Size" } else { "1K-blocks" };
        writeln!(io.out, "Filesystem {:>12} {:>12} {:>12} Use% Mounted on", head, "Used", "Available")?;
        writeln!(
            io.out,
            "/dev/fuse  {:>12} {:>12} {:>12} {percent:>3}% /storage/emulated",
            size(storage.total),
            size(used),
            size(storage.free)
        )?;
        Ok(0)
    }

    /// `stat [-L] [-f] [-c FORMAT] FILE...`.
    pub(super) fn stat(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, paths) = options(args, b"c");
        let has = |letter| options.iter().any(|(name, _)| *name == letter);
        let format = options.iter().rfind(|(name, _)| *name == b'c').map(|(_, value)| value.as_slice());
        if paths.is_empty() {
            writeln!(io.err, "stat: Needs 1 argument (see \"stat --help\")")?;
            return Ok(1);
        }
        let mut code = 0;
        for path in &paths {
            let full = self.path(path);
            let stat = self.device.tree().stat(&full, has(b'L'));
            let stat = match stat {
                Ok(stat) => stat,
                Err(error) => {
                    io.err.write_all(&[b"stat: '", path.as_slice(), b"': ", error.to_string().as_bytes(), b"\n"].concat())?;
                    code = 1;
                    continue;
                }
            };
            let target = self.device.tree().link_target(&full).ok().flatten().map(<[u8]>::to_vec);
            let subject =
                statfmt::Subject { path, stat, target, storage: self.device.facts.storage, zone: zone(self.device.identity()) };
            let line = match (has(b'f'), format) {
                (false, Some(format)) => subject.fill(format),
                (false, None) => subject.fill(statfmt::LONG),
                (true, Some(format)) => subject.fill_fs(format),
                (true, None) => subject.fill_fs(statfmt::LONG_FS),
            };
            io.out.write_all(&[line, b"\n".to_vec()].concat())?;
        }
        Ok(code)
    }

    /// `readlink [-f] FILE`, `realpath FILE`.
    pub(super) fn readlink(&self, name: &[u8], args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let (options, paths) = options(args, b"");
        let whole = name == b"realpath" || options.iter().any(|(name, _)| *name == b'f');
        let mut code = 0;
        for path in &paths {
            let full = self.path(path);
            let found = {
                let tree = self.device.tree();
                if whole { tree.canonical(&full, true).map(Some) } else { tree.link_target(&full).map(|t| t.map(<[u8]>::to_vec)) }
            };
            match found {
                Ok(Some(found)) => io.out.write_all(&[found, b"\n".to_vec()].concat())?,
                Ok(None) => code = 1,
                Err(error) => {
                    if name == b"realpath" {
                        writeln!(io.err, "realpath: {}: {error}", text(path))?;
                    }
                    code = 1;
                }
            }
        }
        Ok(code)
    }

    /// What a folder holds, names and facts, taken at once so that no lock is held while output waits.
    pub(super) fn snapshot(&self, full: &[u8]) -> Result<Vec<(Vec<u8>, Stat)>, Errno> {
        let tree = self.device.tree();
        let folder = tree.list(full)?;
        Ok(folder.entries().map(|(name, node)| (name.to_vec(), node.stat(&[full, b"/", name].concat()))).collect())
    }
}
