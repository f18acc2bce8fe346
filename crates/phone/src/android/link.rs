//! What every way to an Android phone can do. The rooms above speak only to this.

use super::{
    handshake::Banner,
    patience::Patience,
    shell::{Channel, OnOutput, Output},
    sync::{Entry, Stat},
    transport::Via,
};
use crate::error::PhoneError;
use std::time::Duration;

/// What a folder listing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Entries handed over, with `.` and `..` where the phone sends them: a readable folder then has at least two.
    pub entries: u64,
}

/// One authorised phone. Blocking; every call is bounded by [`Patience`] and the cancel switch given at connecting.
///
/// Paths are absolute on the phone and free of control characters (`listing` sees to that); each implementation quotes.
pub trait AndroidLink: Send + std::fmt::Debug {
    fn via(&self) -> Via;

    /// What the phone says of itself; `None` through an adb server.
    fn banner(&self) -> Option<&Banner>;

    fn patience(&self) -> &Patience;

    /// Runs one shell command, handing its output over as it comes. `silence`: how long it may say nothing.
    /// Returns the exit code, `None` where it cannot be told.
    fn shell(&mut self, command: &str, silence: Duration, out: &mut OnOutput<'_>) -> Result<Option<u8>, PhoneError>;

    /// Size and time without following links. [`PhoneError::Refused`] tells absent from not permitted.
    fn stat(&mut self, path: &str) -> Result<Stat, PhoneError>;

    /// Hands over each entry of a folder as it arrives. A folder that may not be read can look empty (adb's list has no
    /// error for it): the caller asks again where [`Listed::entries`] is 0.
    fn list(&mut self, path: &str, each: &mut dyn FnMut(Entry<'_>) -> Result<(), PhoneError>) -> Result<Listed, PhoneError>;

    /// Streams a file's bytes; returns how many. An error after some bytes means that they are not the file.
    fn pull(&mut self, path: &str, sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>) -> Result<u64, PhoneError>;

    /// [`Self::pull`] while the phone runs `command` beside it; the command's output after the pull. `silence` is how long
    /// the command may take once the bytes are here.
    fn pull_beside(
        &mut self,
        command: &str,
        silence: Duration,
        path: &str,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>,
    ) -> Result<(u64, Output), PhoneError> {
        let bytes = self.pull(path, sink)?;
        Ok((bytes, self.run_for(command, 4096, silence)?))
    }

    /// Runs a command and keeps its output, at most `limit` bytes of each channel.
    fn run(&mut self, command: &str, limit: usize) -> Result<Output, PhoneError> {
        let silence = self.patience().silence;
        self.run_for(command, limit, silence)
    }

    fn run_for(&mut self, command: &str, limit: usize, silence: Duration) -> Result<Output, PhoneError> {
        let mut output = Output::default();
        let code = self.shell(command, silence, &mut |channel, bytes| keep(&mut output, limit, channel, bytes))?;
        output.code = code;
        Ok(output)
    }
}

pub(crate) fn keep(output: &mut Output, limit: usize, channel: Channel, bytes: &[u8]) -> Result<(), PhoneError> {
    let to = match channel {
        Channel::Stdout => &mut output.stdout,
        Channel::Stderr => &mut output.stderr,
    };
    if to.len() + bytes.len() > limit {
        return Err(PhoneError::TooMuch { limit: limit as u64 });
    }
    to.extend_from_slice(bytes);
    Ok(())
}
