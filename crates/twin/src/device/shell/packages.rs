//! `pm`, and the package part of `dumpsys` (`reference/android.md §1.2, §1.4`).

use super::{Io, Outcome, Shell, text};
use crate::device::{Package, User, zone};
use jiff::Timestamp;
use std::io::{self, Write};

/// What a `--user` argument leads to.
pub(super) enum Whose {
    User(u32),
    /// No such user.
    Unknown(u32),
    /// The policy keeps the shell out.
    Refused(u32),
}

impl Shell {
    fn users(&self) -> &[User] {
        &self.device.facts.users
    }

    pub(super) fn whose(&self, id: u32) -> Whose {
        match self.users().iter().find(|user| user.id == id) {
            None => Whose::Unknown(id),
            Some(user) if user.refused => Whose::Refused(id),
            Some(_) => Whose::User(id),
        }
    }

    pub(super) fn pm(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let args: Vec<String> = args.iter().map(|arg| text(arg).into_owned()).collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["list", "users", ..] => {
                writeln!(io.out, "Users:")?;
                for user in self.users() {
                    let running = if user.running { " running" } else { "" };
                    writeln!(io.out, "\tUserInfo{{{}:{}:{:x}}}{running}", user.id, user.name, user.flags)?;
                }
                Ok(0)
            }
            ["list", "packages", rest @ ..] => self.list_packages(rest, io),
            ["path", rest @ ..] => {
                let Some((user, names, _)) = self.scope(rest, io)? else { return Ok(self.refusal()) };
                let package = self.packages_of(user).find(|package| names.contains(&package.name.as_str()));
                match package {
                    Some(package) => writeln!(io.out, "package:{}", package.apk()).map(|()| 0),
                    None => Ok(1),
                }
            }
            ["get-max-users"] => writeln!(io.out, "Maximum supported users: 4").map(|()| 0),
            [] => writeln!(io.out, "Package manager (package) commands:").map(|()| 255),
            [other, ..] => writeln!(io.err, "Unknown command: {other}").map(|()| 255),
        }
    }

    fn list_packages(&self, args: &[&str], io: &mut Io) -> Outcome {
        let Some((user, filters, options)) = self.scope(args, io)? else { return Ok(self.refusal()) };
        let has = |option: &str| options.contains(&option);
        for odd in &options {
            if !["-f", "-U", "-i", "-u", "-e", "-d", "-s", "-3", "-a", "--show-versioncode"].contains(odd) {
                writeln!(io.err, "Error: Unknown option: {odd}")?;
                return Ok(255);
            }
        }
        for package in self.packages_of(user) {
            if !filters.iter().all(|filter| package.name.contains(filter)) {
                continue;
            }
            // the twin has no system apps and no disabled ones
            if has("-s") || has("-d") {
                continue;
            }
            let mut line = String::from("package:");
            if has("-f") {
                line.push_str(&package.apk());
                line.push('=');
            }
            line.push_str(&package.name);
            if has("--show-versioncode") {
                line.push_str(&format!(" versionCode:{}", package.version_code));
            }
            if has("-i") {
                line.push_str(&format!("  installer={}", package.installer.as_deref().unwrap_or("null")));
            }
            if has("-U") {
                line.push_str(&format!(" uid:{}", u64::from(user) * 100_000 + u64::from(package.uid)));
            }
            writeln!(io.out, "{line}")?;
        }
        Ok(0)
    }

    fn packages_of(&self, user: u32) -> impl Iterator<Item = &Package> {
        self.device.facts.packages.iter().filter(move |package| package.users.contains(&user))
    }

    /// The user a command is about, its words and its options; `None` when that user is refused, which has been said then.
    /// Without `--user` the command is about all users, so that one refused profile spoils it.
    #[allow(clippy::type_complexity, reason = "three slices of one argument list")]
    fn scope<'a>(&self, args: &[&'a str], io: &mut Io) -> io::Result<Option<(u32, Vec<&'a str>, Vec<&'a str>)>> {
        let (mut user, mut words, mut options) = (None, Vec::new(), Vec::new());
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--user" => user = args.next().and_then(|id| if *id == "current" { Some(0) } else { id.parse().ok() }),
                option if option.starts_with('-') => options.push(option),
                word => words.push(word),
            }
        }
        let wanted = match user {
            Some(id) => self.whose(id),
            None => match self.users().iter().find(|user| user.refused) {
                Some(user) => Whose::Refused(user.id),
                None => Whose::User(0),
            },
        };
        match wanted {
            Whose::User(id) => Ok(Some((id, words, options))),
            // a phone takes an unknown number and finds nothing there
            Whose::Unknown(id) => Ok(Some((id, words, options))),
            Whose::Refused(id) => {
                security_exception(id, io)?;
                Ok(None)
            }
        }
    }

    pub(super) fn refusal(&self) -> u8 {
        self.device.facts.refusal_exit.clamp(0, 255) as u8
    }

    pub(super) fn dumpsys_package(&self, name: &str, io: &mut Io) -> Outcome {
        let Some(package) = self.device.facts.packages.iter().find(|package| package.name == name) else {
            writeln!(io.out, "Unable to find package: {name}")?;
            return Ok(0);
        };
        let zone = zone(self.device.identity());
        let time = |at: i64| {
            Timestamp::from_second(at).unwrap_or_default().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
        };
        let apk = package.apk();
        let folder = apk.trim_end_matches("/base.apk");
        writeln!(io.out, "Packages:\n  Package [{name}] ({:07x}):", package.version_code & 0xfff_ffff)?;
        writeln!(io.out, "    userId={}\n    pkg=Package{{{:07x} {name}}}\n    codePath={folder}", package.uid, package.uid)?;
        writeln!(
            io.out,
            "    versionCode={} minSdk=21 targetSdk=34\n    versionName={}",
            package.version_code, package.version_name
        )?;
        writeln!(io.out, "    flags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ]\n    dataDir=/data/user/0/{name}")?;
        writeln!(io.out, "    timeStamp={}\n    lastUpdateTime={}", time(package.last_updated), time(package.last_updated))?;
        writeln!(io.out, "    installerPackageName={}", package.installer.as_deref().unwrap_or("null"))?;
        for user in self.users() {
            let here = package.users.contains(&user.id);
            writeln!(
                io.out,
                "    User {}: ceDataInode=0 installed={here} hidden=false suspended=false stopped=false enabled=0",
                user.id
            )?;
            if here {
                writeln!(io.out, "      firstInstallTime={}", time(package.first_installed))?;
            }
        }
        Ok(0)
    }
}

/// As `cmd` prints an exception it caught: to stderr, whatever the exit code.
fn security_exception(user: u32, io: &mut Io) -> io::Result<()> {
    writeln!(io.err, "\nException occurred while executing 'list':")?;
    writeln!(io.err, "java.lang.SecurityException: Shell does not have permission to access user {user}")?;
    writeln!(io.err, "\tat com.android.server.am.UserController.handleIncomingUser(UserController.java)")
}
