//! Files by shell commands alone, for a phone behind an adb server and for sizes that sync v1 cannot tell.

use super::{
    link::{AndroidLink, Listed},
    shell::{Channel, quote},
    sync::{Entry, Kind, Stat},
};
use crate::error::{PhoneError, Refusal};
use std::collections::HashMap;

/// What is kept of a command's complaints, to sort them.
const COMPLAINT: usize = 4096;
/// Names of one folder that are held at a time, bytes.
const NAMES: usize = 64 << 20;
/// Bytes of command line for one `stat` of many; Android's shell takes at least 128 KiB.
const LINE: usize = 16 * 1024;

fn complain(errors: &mut Vec<u8>, bytes: &[u8]) {
    errors.extend_from_slice(bytes.get(..bytes.len().min(COMPLAINT.saturating_sub(errors.len()))).unwrap_or_default());
}

/// `find -print0` for the names, so that no name can pass for two, then `stat` on as many of them as fit a command line.
pub(crate) fn list(
    link: &mut dyn AndroidLink,
    path: &str,
    each: &mut dyn FnMut(Entry<'_>) -> Result<(), PhoneError>,
) -> Result<Listed, PhoneError> {
    let folder = format!("{}/", path.trim_end_matches('/'));
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let silence = link.patience().silence;
    let command = format!("find {} -mindepth 1 -maxdepth 1 -print0", quote(&folder));
    let code = link.shell(&command, silence, &mut |channel, bytes| match channel {
        Channel::Stdout if found.len() + bytes.len() > NAMES => Err(PhoneError::TooMuch { limit: NAMES as u64 }),
        Channel::Stdout => {
            found.extend_from_slice(bytes);
            Ok(())
        }
        Channel::Stderr => {
            complain(&mut errors, bytes);
            Ok(())
        }
    })?;
    match code {
        Some(0) => {}
        Some(_) => return Err(Refusal::from_text(&errors).into()),
        None => return Err(PhoneError::Vanished),
    }
    let mut names = found
        .split(|&b| b == 0)
        .filter(|path| !path.is_empty())
        .map(|path| path.strip_prefix(folder.as_bytes()).unwrap_or(path))
        .peekable();
    let mut entries = 0;
    while names.peek().is_some() {
        let (mut batch, mut line) = (Vec::new(), 0);
        while let Some(name) = names.next_if(|name| line == 0 || line + name.len() < LINE) {
            line += name.len() + folder.len() + 4;
            batch.push(name);
        }
        let stats = stat_many(link, &folder, &batch)?;
        for name in batch {
            entries += 1;
            each(Entry { name, stat: stats.get(name).copied().ok_or(Refusal::Other) })?;
        }
    }
    Ok(Listed { entries })
}

/// Names that may stand on a command line and a line of output.
fn plain(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| !name.chars().any(char::is_control))
}

/// What `stat` says of each name; those it could not look at are missing.
fn stat_many(link: &mut dyn AndroidLink, folder: &str, names: &[&[u8]]) -> Result<HashMap<Vec<u8>, Stat>, PhoneError> {
    let mut command = String::from("stat -c '%f %s %Y %n'");
    let mut any = false;
    for name in names.iter().filter_map(|name| plain(name)) {
        command.push(' ');
        command.push_str(&quote(&format!("{folder}{name}")));
        any = true;
    }
    if !any {
        return Ok(HashMap::new());
    }
    let output = link.run(&command, 1 << 20)?;
    if output.code.is_none() {
        return Err(PhoneError::Vanished);
    }
    let one = |line: &[u8]| {
        let (stat, path) = entry(line)?;
        Some((path.strip_prefix(folder.as_bytes())?.to_vec(), stat))
    };
    Ok(output.stdout.split(|&b| b == b'\n').filter_map(one).collect())
}

/// `cat`, whose exit code tells a whole file from a broken one.
pub(crate) fn pull(
    link: &mut dyn AndroidLink,
    path: &str,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>,
) -> Result<u64, PhoneError> {
    let mut received = 0;
    let mut errors = Vec::new();
    let silence = link.patience().silence;
    let code = link.shell(&format!("cat {}", quote(path)), silence, &mut |channel, bytes| match channel {
        Channel::Stdout => {
            received += bytes.len() as u64;
            sink(bytes)
        }
        Channel::Stderr => {
            complain(&mut errors, bytes);
            Ok(())
        }
    })?;
    match code {
        Some(0) => Ok(received),
        Some(_) => Err(Refusal::from_text(&errors).into()),
        // The end was not seen: the connection broke, whatever arrived.
        None => Err(PhoneError::Vanished),
    }
}

/// `stat -c` on the phone: mode in hex, bytes, modification time.
pub(crate) fn stat(link: &mut dyn AndroidLink, path: &str) -> Result<Stat, PhoneError> {
    let output = link.run(&format!("stat -c '%f %s %Y' {}", quote(path)), 4096)?;
    let text = output.text()?;
    let mut words = text.split_whitespace();
    let mut read = || {
        let mode = u32::from_str_radix(words.next()?, 16).ok()?;
        Some(Stat {
            kind: Kind::of_mode(mode),
            bytes: words.next()?.parse().ok()?,
            modified: words.next()?.parse().ok()?,
            exact: true,
        })
    };
    read().ok_or(PhoneError::Refused(Refusal::Other))
}

/// Mode in hex, bytes, seconds, path.
fn entry(line: &[u8]) -> Option<(Stat, &[u8])> {
    let mut words = line.splitn(4, |&b| b == b' ');
    let mut word = || std::str::from_utf8(words.next()?).ok();
    let mode = u32::from_str_radix(word()?, 16).ok()?;
    let stat = Stat { kind: Kind::of_mode(mode), bytes: word()?.parse().ok()?, modified: word()?.parse().ok()?, exact: true };
    Some((stat, words.next()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_with_blanks_in_the_name() {
        let (stat, path) = entry(b"81b0 5368709127 -5 /sdcard/a b  c").unwrap();
        assert_eq!((stat.kind, stat.bytes, stat.modified, path), (Kind::File, (5 << 30) + 7, -5, &b"/sdcard/a b  c"[..]));
        assert_eq!(entry(b"41f8 1 1 /x").unwrap().0.kind, Kind::Folder);
        for bad in [&b""[..], b"81b0", b"81b0 x 1 /a", b"zz 1 1 /a", b"81b0 1 1"] {
            assert!(entry(bad).is_none());
        }
        assert_eq!((plain(b"one"), plain(b"o\nne"), plain(b"\xff")), (Some("one"), None, None));
    }
}
