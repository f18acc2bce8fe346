//! The direct link: our own adb session over USB or TCP, with sync v2 where the phone has it.

use super::{
    handshake::{self, AuthEvent, Banner},
    key::AdbKey,
    link::{AndroidLink, Listed, keep},
    patience::{Cancel, Patience},
    session::{Session, StreamId},
    shell::{OnOutput, Output, ShellParser},
    sync::{Entry, ListParser, PullParser, Stat, StatParser, Version, request},
    transport::{Transport, Via},
};
use crate::error::{Fault, PhoneError, Refusal};
use std::time::Duration;

/// See the module.
#[derive(Debug)]
pub struct DirectLink {
    session: Session,
    /// The sync service stays open from call to call: 100,000 small files then cost no 100,000 opens.
    sync: Option<StreamId>,
}

impl DirectLink {
    /// Connects, authenticates, and waits for the holder as long as `patience.allow` says, telling `on` what to show.
    pub fn connect(
        transport: Box<dyn Transport>,
        key: &AdbKey,
        patience: Patience,
        cancel: Cancel,
        on: &mut dyn FnMut(AuthEvent),
    ) -> Result<Self, PhoneError> {
        Ok(Self { session: handshake::connect(transport, key, patience, cancel, on)?, sync: None })
    }

    /// Any service by name, its raw bytes to `sink`; at most `limit` of them.
    pub fn service(
        &mut self,
        name: &str,
        limit: u64,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>,
    ) -> Result<u64, PhoneError> {
        let id = self.session.open(name)?;
        let silence = self.session.patience().silence;
        let mut total = 0;
        let result = loop {
            match self.session.next(id, silence) {
                Ok(None) => break Ok(total),
                Ok(Some(bytes)) => {
                    total += bytes.len() as u64;
                    if total > limit {
                        break Err(PhoneError::TooMuch { limit });
                    }
                    if let Err(error) = sink(bytes) {
                        break Err(error);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        self.finish(id, result)
    }

    /// Closes a stream whatever came of it; the first error counts.
    fn finish<T>(&mut self, id: StreamId, result: Result<T, PhoneError>) -> Result<T, PhoneError> {
        match (result, self.session.close(id)) {
            (Ok(value), Ok(())) => Ok(value),
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        }
    }

    fn has(&self, feature: &str) -> bool {
        self.session.banner().has(feature)
    }

    /// One request on the sync service, its answer to `feed` until that says it is whole. After any error the service is
    /// closed: what is left of the answer then belongs to nobody.
    fn exchange(&mut self, request: &[u8], feed: &mut dyn FnMut(&[u8]) -> Result<bool, PhoneError>) -> Result<(), PhoneError> {
        let silence = self.session.patience().silence;
        let mut fresh = false;
        loop {
            let id = match self.sync.filter(|&id| self.session.is_open(id)) {
                Some(id) => id,
                None => {
                    fresh = true;
                    let id = self.session.open("sync:")?;
                    self.sync = Some(id);
                    id
                }
            };
            let mut begun = false;
            let result = self.session.write(id, request).and_then(|()| {
                loop {
                    match self.session.next(id, silence)? {
                        None => break Err(PhoneError::from(Fault::Truncated)),
                        Some(bytes) => {
                            begun = true;
                            if feed(bytes)? {
                                break Ok(());
                            }
                        }
                    }
                }
            });
            let Err(error) = result else { return Ok(()) };
            self.sync = None;
            let closed = self.session.close(id);
            let gone = matches!(error, PhoneError::Protocol(Fault::Truncated) | PhoneError::ServiceRefused);
            // The phone may close an idle service; ask once more on a new one, if nothing was answered yet.
            if gone && !begun && !fresh {
                closed?;
                continue;
            }
            return Err(error);
        }
    }

    /// Reads a shell stream to its end.
    fn drain_shell(&mut self, id: StreamId, silence: Duration, out: &mut OnOutput<'_>) -> Result<Option<u8>, PhoneError> {
        let mut parser = ShellParser::default();
        while let Some(bytes) = self.session.next(id, silence)? {
            parser.feed(bytes, out)?;
            if parser.code.is_some() {
                break;
            }
        }
        Ok(parser.code)
    }

    fn open_shell(&mut self, command: &str) -> Result<StreamId, PhoneError> {
        // Phones without shell v2 (before Android 7) give neither exit code nor stderr; they are not guessed at.
        if !self.has("shell_v2") {
            return Err(PhoneError::Refused(Refusal::NotOffered));
        }
        self.session.open(&format!("shell,v2,raw:{command}"))
    }
}

impl AndroidLink for DirectLink {
    fn via(&self) -> Via {
        self.session.via()
    }

    fn banner(&self) -> Option<&Banner> {
        Some(self.session.banner())
    }

    fn patience(&self) -> &Patience {
        self.session.patience()
    }

    fn shell(&mut self, command: &str, silence: Duration, out: &mut OnOutput<'_>) -> Result<Option<u8>, PhoneError> {
        let id = self.open_shell(command)?;
        let result = self.drain_shell(id, silence, out);
        self.finish(id, result)
    }

    fn stat(&mut self, path: &str) -> Result<Stat, PhoneError> {
        let (version, id) = if self.has("stat_v2") { (Version::V2, b"LST2") } else { (Version::V1, b"STAT") };
        let mut parser = StatParser::new(version, id);
        let mut answer = None;
        self.exchange(&request(id, path), &mut |bytes| {
            answer = parser.feed(bytes)?;
            Ok(answer.is_some())
        })?;
        let stat = answer.ok_or(Fault::Truncated)?;
        match (version, stat) {
            (Version::V2, stat) => Ok(stat?),
            // v1 sizes wrap at 4 GiB and v1 errors have no reason: the shell knows both.
            (Version::V1, _) => super::shell_files::stat(self, path),
        }
    }

    fn list(&mut self, path: &str, each: &mut dyn FnMut(Entry<'_>) -> Result<(), PhoneError>) -> Result<Listed, PhoneError> {
        let (version, id) = if self.has("ls_v2") { (Version::V2, b"LIS2") } else { (Version::V1, b"LIST") };
        let mut parser = ListParser::new(version);
        self.exchange(&request(id, path), &mut |bytes| parser.feed(bytes, each))?;
        Ok(Listed { entries: parser.entries })
    }

    fn pull(&mut self, path: &str, sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>) -> Result<u64, PhoneError> {
        let message = if self.has("sendrecv_v2") {
            let mut message = request(b"RCV2", path);
            message.extend_from_slice(b"RCV2");
            message.extend_from_slice(&0u32.to_le_bytes()); // flags: no compression
            message
        } else {
            request(b"RECV", path)
        };
        let mut parser = PullParser::default();
        self.exchange(&message, &mut |bytes| parser.feed(bytes, sink))?;
        Ok(parser.received)
    }

    fn pull_beside(
        &mut self,
        command: &str,
        silence: Duration,
        path: &str,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>,
    ) -> Result<(u64, Output), PhoneError> {
        let shell = self.open_shell(command)?;
        let result = self.pull(path, sink).and_then(|bytes| {
            let mut output = Output::default();
            output.code = self.drain_shell(shell, silence, &mut |channel, bytes| keep(&mut output, 4096, channel, bytes))?;
            Ok((bytes, output))
        });
        self.finish(shell, result)
    }
}
