//! The closing process's side of an iPhone: its password, its backup as it comes, and that backup read out of the work store.

use super::{
    client::{Link, LinkError, keep},
    message::{BackedUp, GRANTS_A_MESSAGE, PasswordSaid, Reply, Request, Said, Secret},
};
use crate::{
    Cancel, HolderTask,
    child::{Child, ChildError, Confinement, Kind, Program},
    pipe,
};
use secrecy::{ExposeSecret, SecretString};
use std::{path::Path, time::Duration};
use uitlezen_evidence::Pattern;
use uitlezen_seal::store::Grant;

/// The phone makes a snapshot, or waits for its passcode; the child has limits of its own over it.
const THINKING: Duration = Duration::from_secs(20 * 60);
/// Reading the list of a backup: ten million rounds of its password, and a million rows.
const OPENING: Duration = Duration::from_secs(5 * 60);
/// As of [`Link::list`], and SQLite's own list besides.
const MEMORY_MIB: u64 = 2048;
/// Longest name of a file in a backup.
const LONGEST_PATH: usize = 4096;
/// Files and changes of one backup: twice what the largest phones met have.
const MOST_STEPS: u64 = 8_000_000;
/// A phone tells each percent, many times over.
const MOST_TOLD: u64 = 10_000_000;

/// What a backup goes on from.
#[derive(Debug)]
pub enum Previous {
    /// From nothing: the phone sends everything.
    Nothing,
    /// The phone's own files about the backup before, and the catalogue of it.
    Granted(Vec<Grant>),
}

/// Who takes a backup as it comes. Names are relative to the folder of backups, `<UDID>/…`; they come from the phone.
pub trait BackupReceiver {
    type Error: std::error::Error + Send + Sync + 'static;
    /// A file begins. One that lies there already is replaced when this one is whole.
    fn begin(&mut self, path: &str) -> Result<(), Self::Error>;
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    fn end(&mut self) -> Result<(), Self::Error>;
    /// A file or folder with all that is in it; what lies at the new place goes. What is not there is no error: the phone
    /// speaks also of what was not kept.
    fn moved(&mut self, from: &str, to: &str, copy: bool) -> Result<(), Self::Error>;
    fn removed(&mut self, path: &str) -> Result<(), Self::Error>;
    fn asked(&mut self, task: HolderTask);
    fn percent(&mut self, percent: u8);
}

impl Link {
    /// Whether the phone's backups have a password now.
    pub fn encryption(&mut self) -> Result<Said<bool>, LinkError> {
        self.child.send(&Request::Encryption)?;
        match self.child.message()? {
            Reply::Encryption(said) => Ok(said),
            other => Err(self.unexpected(other)),
        }
    }

    /// The iPhone forgets this station.
    pub fn unpair(&mut self) -> Result<(), LinkError> {
        self.child.send(&Request::Unpair)?;
        match self.child.message()? {
            Reply::Unpaired => Ok(()),
            other => Err(self.unexpected(other)),
        }
    }

    /// Sets the password of the phone's backups, or removes this one. An error from here leaves open what became of it.
    pub fn change_password(
        &mut self,
        password: &SecretString,
        remove: bool,
        mut ask: impl FnMut(HolderTask),
    ) -> Result<PasswordSaid, LinkError> {
        let password = Secret(password.expose_secret().to_owned());
        self.child.send(&Request::ChangePassword { password, remove })?;
        let mut told = 0;
        loop {
            told += 1;
            match self.reply_within(THINKING)? {
                _ if told > MOST_TOLD => return Err(self.broken("it tells without end")),
                Reply::AskHolder { task } => ask(task),
                Reply::Percent(_) => {}
                Reply::Password(said) => return Ok(said),
                other => return Err(self.unexpected(other)),
            }
        }
    }

    /// A backup, of which `receiver` gets the files that may fit these patterns.
    pub fn back_up<R: BackupReceiver>(
        &mut self,
        patterns: Vec<Pattern>,
        free_bytes: u64,
        previous: Previous,
        receiver: &mut R,
    ) -> Result<BackedUp, LinkError> {
        let incremental = matches!(previous, Previous::Granted(_));
        if let Previous::Granted(grants) = previous {
            self.grant(grants)?;
        }
        self.child.send(&Request::BackUp { patterns, free_bytes, incremental })?;
        let (mut in_file, mut steps, mut told) = (false, 0_u64, 0_u64);
        loop {
            let frame = self.child.receive_within(THINKING)?;
            let rule = |what| ChildError::Rules { child: self.child.name(), what };
            match frame.kind {
                pipe::Kind::Bytes if in_file => receiver.bytes(&frame.payload).map_err(keep)?,
                pipe::Kind::Bytes | pipe::Kind::MoreBytes => return Err(rule("bytes outside a file").into()),
                pipe::Kind::Message => {
                    let reply: Reply = frame.message(self.child.name())?;
                    steps += 1;
                    if steps > MOST_STEPS.saturating_add(told) {
                        return Err(rule("a backup without end").into());
                    }
                    let path =
                        |path: String| if path.len() <= LONGEST_PATH { Ok(path) } else { Err(rule("a name beyond the bound")) };
                    match reply {
                        Reply::AskHolder { task } => receiver.asked(task),
                        Reply::Percent(percent) if told < MOST_TOLD => {
                            told += 1;
                            receiver.percent(percent);
                        }
                        Reply::File { path: at } if !in_file => {
                            in_file = true;
                            receiver.begin(&path(at)?).map_err(keep)?;
                        }
                        Reply::FileEnd if in_file => {
                            in_file = false;
                            receiver.end().map_err(keep)?;
                        }
                        Reply::Moved { from, to } if !in_file => receiver.moved(&path(from)?, &path(to)?, false).map_err(keep)?,
                        Reply::Copied { from, to } if !in_file => receiver.moved(&path(from)?, &path(to)?, true).map_err(keep)?,
                        Reply::Removed { path: at } if !in_file => receiver.removed(&path(at)?).map_err(keep)?,
                        Reply::BackedUp(ended) if !in_file => return Ok(ended),
                        other => return Err(self.unexpected(other)),
                    }
                }
            }
            self.child.recycle(frame);
        }
    }

    fn grant(&mut self, grants: Vec<Grant>) -> Result<(), LinkError> {
        let mut grants = grants.into_iter().peekable();
        while grants.peek().is_some() {
            let batch: Vec<Grant> = grants.by_ref().take(GRANTS_A_MESSAGE).collect();
            self.child.send(&Request::Grant(batch))?;
            match self.child.message()? {
                Reply::Granted => {}
                other => return Err(self.unexpected(other)),
            }
        }
        Ok(())
    }

    /// A second child, that reads a backup out of the work store: it may read that folder and speak to nothing.
    pub fn over_backup(
        program: &Program,
        store: &Path,
        grants: Vec<Grant>,
        password: Option<&SecretString>,
        cancel: &Cancel,
    ) -> Result<Self, LinkError> {
        let confinement = Confinement { read: vec![store.to_owned()], memory_mib: MEMORY_MIB, ..Confinement::default() };
        let mut link = Self { child: Child::start(program, Kind::Link, &confinement, OPENING, cancel)? };
        link.grant(grants)?;
        let backup_password = password.map(|password| Secret(password.expose_secret().to_owned()));
        link.child.send(&Request::OpenGranted { backup_password })?;
        match link.child.message()? {
            Reply::Opened => Ok(link),
            other => Err(link.unexpected(other)),
        }
    }
}
