//! The closing process's side of the link.

use super::message::{
    AddressBook, Blind, ITEMS_A_MESSAGE, Identity, LinkFailure, Outcome, Preflight, Reach, Reply, Request, Secret,
};
use crate::{
    Cancel,
    child::{Child, ChildError, Confined, Confinement, Kind, Program},
    pipe,
};
use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeMap, time::Duration};
use uitlezen_evidence::{Item, ItemName, Pattern};

/// A phone over USB answers within seconds; a folder on a slow disk too.
const WATCHDOG: Duration = Duration::from_secs(90);
/// The child needs room for one large payload in flight and the address space of its libraries.
const MEMORY_MIB: u64 = 1024;
/// A phone with more files than this is not listed to the end; the listing says so.
const MOST_ITEMS: usize = 2_000_000;

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("the phone: {0:?}")]
    Phone(LinkFailure),
    #[error(transparent)]
    Child(#[from] ChildError),
    /// Whoever receives the bytes failed: the disk, above all.
    #[error("the received bytes could not be kept: {0}")]
    Keep(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Who takes the bytes of pulled items.
pub trait Receiver {
    type Error: std::error::Error + Send + Sync + 'static;
    /// An item begins. The same item may begin again: what came before is void.
    fn begin(&mut self, item: &Item) -> Result<(), Self::Error>;
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    fn end(&mut self, item: &Item, outcome: &Outcome) -> Result<(), Self::Error>;
}

/// A link child that was started.
#[derive(Debug)]
pub struct Link {
    child: Child,
}

impl Link {
    /// Starts the child with just the rights that this reach needs.
    pub fn start(program: &Program, reach: &Reach, cancel: &Cancel) -> Result<Self, LinkError> {
        let mut confinement = Confinement { memory_mib: MEMORY_MIB, ..Confinement::default() };
        match reach {
            Reach::Usb { .. } => {
                confinement.devices = vec!["/dev/bus/usb".into()];
                confinement.read = vec!["/sys".into(), "/run/udev".into()];
                confinement.ports = vec![5037];
            }
            Reach::Tcp { address, .. } => confinement.ports = vec![address.port()],
            Reach::Files { path } => confinement.read = vec![path.clone()],
        }
        Ok(Self { child: Child::start(program, Kind::Link, &confinement, WATCHDOG, cancel)? })
    }

    /// Connects; `ask` is called whenever the holder must do something. `wait` bounds the holder's part. Says how far the
    /// kernel confined the child.
    pub fn connect(
        &mut self,
        reach: &Reach,
        adb_key: Option<&SecretString>,
        wait: Duration,
        mut ask: impl FnMut(bool),
    ) -> Result<Confined, LinkError> {
        let adb_key = adb_key.map(|k| Secret(k.expose_secret().to_owned()));
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.child.send(&Request::Connect { reach: reach.clone(), adb_key, wait_ms })?;
        loop {
            let frame = self.child.receive_within(wait + WATCHDOG)?;
            let reply = frame.message(self.child.name());
            self.child.recycle(frame);
            match reply? {
                Reply::AskHolder { unlock } => ask(unlock),
                Reply::Connected(confined) => return Ok(confined),
                other => return Err(self.unexpected(other)),
            }
        }
    }

    pub fn identify(&mut self) -> Result<Identity, LinkError> {
        self.child.send(&Request::Identify)?;
        match self.child.message()? {
            Reply::Identity(identity) => Ok(*identity),
            other => Err(self.unexpected(other)),
        }
    }

    pub fn preflight(&mut self, packages: &[&str]) -> Result<Preflight, LinkError> {
        self.child.send(&Request::Preflight { packages: packages.iter().map(|p| (*p).to_owned()).collect() })?;
        match self.child.message()? {
            Reply::Preflight(preflight) => Ok(preflight),
            other => Err(self.unexpected(other)),
        }
    }

    /// Every item that a pattern matches, and what the walk could not see.
    pub fn list(&mut self, patterns: Vec<Pattern>) -> Result<(Vec<Item>, Blind), LinkError> {
        self.child.send(&Request::List { patterns })?;
        let mut all = Vec::new();
        loop {
            match self.child.message()? {
                Reply::Items(items) if all.len() + items.len() <= MOST_ITEMS => all.extend(items),
                Reply::Items(_) => return Err(self.broken("more items than the bound")),
                Reply::Listed(blind) => return Ok((all, blind)),
                other => return Err(self.unexpected(other)),
            }
        }
    }

    /// Pulls items one after another into `receiver`. An item that is refused, absent or broken does not stop the rest.
    pub fn pull<R: Receiver>(&mut self, items: &[Item], receiver: &mut R) -> Result<(), LinkError> {
        for batch in items.chunks(ITEMS_A_MESSAGE) {
            self.pull_batch(batch, receiver)?;
        }
        Ok(())
    }

    fn pull_batch<R: Receiver>(&mut self, batch: &[Item], receiver: &mut R) -> Result<(), LinkError> {
        let asked: BTreeMap<&ItemName, &Item> = batch.iter().map(|item| (&item.name, item)).collect();
        let mut settled = 0;
        self.child.send(&Request::Pull { items: batch.to_vec() })?;
        let mut current: Option<&Item> = None;
        loop {
            let frame = self.child.receive()?;
            match frame.kind {
                pipe::Kind::Bytes if current.is_some() => receiver.bytes(&frame.payload).map_err(keep)?,
                pipe::Kind::Bytes | pipe::Kind::MoreBytes => return Err(self.broken("bytes outside an item")),
                pipe::Kind::Message => match frame.message(self.child.name())? {
                    Reply::Begin { name } => {
                        let item = asked.get(&name).copied().ok_or_else(|| self.broken("an item that was not asked"))?;
                        receiver.begin(item).map_err(keep)?;
                        current = Some(item);
                    }
                    Reply::End { name, outcome } => {
                        let item = asked.get(&name).copied().ok_or_else(|| self.broken("an item that was not asked"))?;
                        receiver.end(item, &outcome).map_err(keep)?;
                        current = None;
                        settled += 1;
                    }
                    Reply::Pulled if settled == batch.len() => return Ok(()),
                    Reply::Pulled => return Err(self.broken("an item without an end")),
                    other => return Err(self.unexpected(other)),
                },
            }
            self.child.recycle(frame);
        }
    }

    /// Names for numbers. The first batch that is not read ends the asking.
    pub fn contacts(&mut self, numbers: &[String]) -> Result<AddressBook, LinkError> {
        let (mut all, mut not_clear) = (Vec::new(), 0);
        for batch in numbers.chunks(ITEMS_A_MESSAGE) {
            self.child.send(&Request::Contacts { numbers: batch.to_vec() })?;
            match self.child.message()? {
                Reply::Contacts(AddressBook::Read { found, unclear }) => {
                    all.extend(found);
                    // Each batch goes through the same rows.
                    not_clear = unclear.max(not_clear);
                }
                Reply::Contacts(other) => return Ok(other),
                other => return Err(self.unexpected(other)),
            }
        }
        Ok(AddressBook::Read { found: all, unclear: not_clear })
    }

    pub fn probe(&mut self) -> Result<serde_json::Value, LinkError> {
        self.child.send(&Request::Probe)?;
        match self.child.message()? {
            Reply::Probe(answers) => Ok(answers),
            other => Err(self.unexpected(other)),
        }
    }

    fn unexpected(&self, reply: Reply) -> LinkError {
        match reply {
            Reply::Failed(failure) => LinkError::Phone(failure),
            _ => self.broken("an answer to another question"),
        }
    }

    fn broken(&self, what: &'static str) -> LinkError {
        ChildError::Rules { child: self.child.name(), what }.into()
    }
}

fn keep(error: impl std::error::Error + Send + Sync + 'static) -> LinkError {
    LinkError::Keep(Box::new(error))
}
