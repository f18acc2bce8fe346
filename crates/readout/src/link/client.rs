//! The closing process's side of the link.

use super::message::{
    AddressBook, Blind, Credentials, ITEMS_A_MESSAGE, Identity, LinkFailure, Outcome, Preflight, Reach, Reply, Request, Secret,
};
use crate::{
    Cancel, HolderTask,
    child::{Child, ChildError, Confined, Confinement, Kind, Program},
    pipe,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};
use uitlezen_apps::{App, holder_backup::Found};
use uitlezen_evidence::{Item, ItemName, Pattern};

/// A phone over USB answers within seconds; a folder on a slow disk too.
const WATCHDOG: Duration = Duration::from_secs(90);
/// Whatever a plan says, nobody stands by a phone for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// A phone with very many files, listed over a slow cable.
const LISTING: Duration = Duration::from_secs(20 * 60);
/// Whatever length a file claims.
const LONGEST_HASHING: Duration = Duration::from_secs(6 * 60 * 60);
/// Bytes a second that any phone hashes.
const SLOWEST_HASHING: u64 = 20_000_000;
/// The child needs room for one large payload in flight and the address space of its libraries.
const MEMORY_MIB: u64 = 1024;
/// A phone with more files than this is not listed to the end; the listing says so.
const MOST_ITEMS: usize = 2_000_000;
/// The names of that many items with paths of 130 bytes on average; a phone whose every path is of the longest kind is not read.
const MOST_NAME_BYTES: usize = 256 * 1024 * 1024;
/// Our child asks for Allow once for each way it tries.
const MOST_ASKED: u32 = 8;
/// A child begins a file that changes while it is read again, three times at most.
const MOST_BEGINNINGS: u32 = 8;
/// What a file may have grown by since it was listed before its bytes are no longer taken: more than our own child lets pass.
const GROWTH: u64 = 1 << 30;
/// Names and numbers out of one address book; our child takes in no larger one.
const MOST_CONTACT_BYTES: usize = 64 * 1024 * 1024;

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

/// What a phone, or what is in its place, has of what was asked.
#[derive(Debug)]
pub struct Listed {
    pub items: Vec<Item>,
    /// What a backup lists and does not hold. Counted in `blind` as broken.
    pub not_here: Vec<Item>,
    /// What could not be seen.
    pub blind: Blind,
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
    pub(super) child: Child,
}

/// What is said while a phone is being connected.
#[derive(Debug)]
pub enum Connecting {
    Holder(HolderTask),
    /// An iPhone trusts this station now: its pair record is to be kept before anything else.
    Paired(Secret),
}

impl Link {
    /// Starts the child with just the rights that this reach needs.
    /// `beside`: where the work store comes to lie, of which an iPhone may be given parts back.
    pub fn start(program: &Program, reach: &Reach, beside: Option<&Path>, cancel: &Cancel) -> Result<Self, LinkError> {
        let mut confinement = Confinement { memory_mib: MEMORY_MIB, ..Confinement::default() };
        match reach {
            Reach::Usb { .. } => {
                confinement.devices = vec!["/dev/bus/usb".into()];
                confinement.read = vec!["/sys".into(), "/run/udev".into()];
                confinement.ports = vec![5037];
            }
            Reach::Tcp { address, .. } => confinement.ports = vec![address.port()],
            Reach::Files { path } => confinement.read = vec![path.clone()],
            // The daemon's socket is not the kernel's to confine; over TCP its port is.
            Reach::Iphone { mux, .. } => {
                confinement.read = beside.map(Path::to_owned).into_iter().collect();
                confinement.ports = mux.rsplit(':').next().and_then(|port| port.parse().ok()).into_iter().collect()
            }
        }
        Ok(Self { child: Child::start(program, Kind::Link, &confinement, WATCHDOG, cancel)? })
    }

    /// Connects; `on` is called whenever the holder must do something. `wait` bounds the holder's part. Says how far the
    /// kernel confined the child.
    pub fn connect<E: From<LinkError>>(
        &mut self,
        reach: &Reach,
        credentials: &Credentials,
        wait: Duration,
        mut on: impl FnMut(Connecting) -> Result<(), E>,
    ) -> Result<Confined, E> {
        let secret = |given: &Option<SecretString>| given.as_ref().map(|secret| Secret(secret.expose_secret().to_owned()));
        let (adb_key, backup_password) = (secret(&credentials.adb_key), secret(&credentials.backup_password));
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let (reach, iphone) = (reach.clone(), credentials.iphone.clone());
        let sent = self.child.send(&Request::Connect { reach, adb_key, backup_password, iphone, wait_ms });
        sent.map_err(LinkError::from)?;
        // One limit for all of it: a child that goes on asking wins no time.
        let end = Instant::now() + wait.min(LONGEST_WAIT) + WATCHDOG;
        let (mut asked, mut paired) = (0, false);
        loop {
            match self.reply_within(end.saturating_duration_since(Instant::now()))? {
                Reply::AskHolder { task } if asked < MOST_ASKED => {
                    asked += 1;
                    on(Connecting::Holder(task))?;
                }
                Reply::AskHolder { .. } => return Err(self.broken("it asks the holder without end").into()),
                Reply::Paired { record } if !std::mem::replace(&mut paired, true) => on(Connecting::Paired(record))?,
                Reply::Connected(confined) => return Ok(confined),
                other => return Err(self.unexpected(other).into()),
            }
        }
    }

    pub(super) fn reply_within(&mut self, time: Duration) -> Result<Reply, LinkError> {
        let frame = self.child.receive_within(time)?;
        let reply = frame.message(self.child.name());
        self.child.recycle(frame);
        Ok(reply?)
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
    pub fn list(&mut self, patterns: Vec<Pattern>) -> Result<Listed, LinkError> {
        self.child.send(&Request::List { patterns })?;
        let (mut all, mut not_here) = (Listing::default(), Listing::default());
        loop {
            // The child walks all folders before it says a word; it has a watchdog of its own over the phone.
            let frame = self.child.receive_within(LISTING)?;
            let reply = frame.message(self.child.name());
            self.child.recycle(frame);
            match reply? {
                Reply::Items(items) => all.add(items).map_err(|what| self.broken(what))?,
                Reply::NotHere(items) => not_here.add(items).map_err(|what| self.broken(what))?,
                Reply::Listed(blind) => return Ok(Listed { items: all.items, not_here: not_here.items, blind }),
                other => return Err(self.unexpected(other)),
            }
        }
    }

    /// The backups that the holder made in these apps, wherever they lie: their items, and what is said of them.
    pub fn find_holder_backups(&mut self, of: Vec<App>) -> Result<(Listed, Found), LinkError> {
        self.child.send(&Request::FindHolderBackups { of })?;
        let mut all = Listing::default();
        loop {
            let frame = self.child.receive_within(LISTING)?;
            let reply = frame.message(self.child.name());
            self.child.recycle(frame);
            match reply? {
                Reply::Items(items) => all.add(items).map_err(|what| self.broken(what))?,
                Reply::HolderBackups { found, blind } => {
                    return Ok((Listed { items: all.items, not_here: Vec::new(), blind }, *found));
                }
                other => return Err(self.unexpected(other)),
            }
        }
    }

    /// Pulls items one after another into `receiver`. An item that is refused, absent or broken does not stop the rest.
    pub fn pull<R: Receiver>(&mut self, items: &[Item], receiver: &mut R) -> Result<(), LinkError> {
        for batch in items.chunks(ITEMS_A_MESSAGE) {
            self.pull_batch(batch, None, receiver)?;
        }
        Ok(())
    }

    /// The same for no more than the first `most` bytes of each.
    pub fn pull_heads<R: Receiver>(&mut self, items: &[Item], most: u32, receiver: &mut R) -> Result<(), LinkError> {
        for batch in items.chunks(ITEMS_A_MESSAGE) {
            self.pull_batch(batch, Some(most), receiver)?;
        }
        Ok(())
    }

    fn pull_batch<R: Receiver>(&mut self, batch: &[Item], most: Option<u32>, receiver: &mut R) -> Result<(), LinkError> {
        let mut pulling = Pulling::of(batch);
        let items = batch.to_vec();
        self.child.send(&match most {
            Some(most) => Request::PullHeads { items, most },
            None => Request::Pull { items },
        })?;
        loop {
            let frame = self.child.receive_within(pulling.patience())?;
            let rule = |what| ChildError::Rules { child: self.child.name(), what };
            match frame.kind {
                pipe::Kind::Bytes => {
                    pulling.bytes(frame.payload.len()).map_err(rule)?;
                    receiver.bytes(&frame.payload).map_err(keep)?;
                }
                pipe::Kind::MoreBytes => return Err(self.broken("bytes outside an item")),
                pipe::Kind::Message => match frame.message(self.child.name())? {
                    Reply::Begin { name } => receiver.begin(pulling.begin(&name).map_err(rule)?).map_err(keep)?,
                    Reply::End { name, outcome } => {
                        receiver.end(pulling.end(&name).map_err(rule)?, &outcome).map_err(keep)?;
                    }
                    Reply::Pulled if pulling.open.is_empty() => return Ok(()),
                    Reply::Pulled => return Err(self.broken("an item without an end")),
                    other => return Err(self.unexpected(other)),
                },
            }
            self.child.recycle(frame);
        }
    }

    /// Names for numbers. The first batch that is not read ends the asking.
    pub fn contacts(&mut self, numbers: &[String]) -> Result<AddressBook, LinkError> {
        let (mut all, mut not_clear, mut bytes) = (Vec::new(), 0, 0);
        for batch in numbers.chunks(ITEMS_A_MESSAGE) {
            self.child.send(&Request::Contacts { numbers: batch.to_vec() })?;
            match self.child.message()? {
                Reply::Contacts(AddressBook::Read { found, unclear }) => {
                    bytes = weigh_names(batch, &found, bytes).map_err(|what| self.broken(what))?;
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

    pub(super) fn unexpected(&self, reply: Reply) -> LinkError {
        match reply {
            Reply::Failed(failure) => LinkError::Phone(failure),
            _ => self.broken("an answer to another question"),
        }
    }

    pub(super) fn broken(&self, what: &'static str) -> LinkError {
        ChildError::Rules { child: self.child.name(), what }.into()
    }
}

/// What a child lists. Every message brings something, so that the bounds on what it brings bound the messages too.
#[derive(Debug, Default)]
struct Listing {
    items: Vec<Item>,
    name_bytes: usize,
}

impl Listing {
    fn add(&mut self, items: Vec<Item>) -> Result<(), &'static str> {
        if items.is_empty() {
            return Err("a message without items");
        }
        self.name_bytes += items.iter().map(|item| item.name.as_str().len()).sum::<usize>();
        if self.items.len() + items.len() > MOST_ITEMS || self.name_bytes > MOST_NAME_BYTES {
            return Err("more items than the bound");
        }
        self.items.extend(items);
        Ok(())
    }
}

/// The order of a pull: every item that was asked ends once, begins a few times at most, and brings about the bytes that were
/// listed.
struct Pulling<'a> {
    /// Items without an end, and how often each began.
    open: BTreeMap<&'a ItemName, (&'a Item, u32)>,
    /// The item that bytes now belong to, and how many of them may still come.
    current: Option<(&'a ItemName, u64)>,
}

impl<'a> Pulling<'a> {
    fn of(batch: &'a [Item]) -> Self {
        Self { open: batch.iter().map(|item| (&item.name, (item, 0))).collect(), current: None }
    }

    fn begin(&mut self, name: &ItemName) -> Result<&'a Item, &'static str> {
        if self.current.is_some_and(|(open, _)| open != name) {
            return Err("an item inside an item");
        }
        let (item, begun) = self.open.get_mut(name).ok_or("an item that was not asked, or that had ended")?;
        *begun += 1;
        if *begun > MOST_BEGINNINGS {
            return Err("an item that begins without end");
        }
        self.current = Some((&item.name, item.bytes.saturating_mul(2).saturating_add(GROWTH)));
        Ok(item)
    }

    /// How long the child may be silent: a phone may still be hashing a file when all of its bytes are here.
    fn patience(&self) -> Duration {
        let open = self.current.and_then(|(name, _)| self.open.get(name));
        let hashing = open.map_or(0, |(item, _)| item.bytes / SLOWEST_HASHING);
        WATCHDOG + Duration::from_secs(hashing).min(LONGEST_HASHING)
    }

    fn bytes(&mut self, count: usize) -> Result<(), &'static str> {
        let (_, left) = self.current.as_mut().ok_or("bytes outside an item")?;
        if count == 0 {
            return Err("a frame without bytes");
        }
        *left = left.checked_sub(count as u64).ok_or("far more bytes than were listed")?;
        Ok(())
    }

    fn end(&mut self, name: &ItemName) -> Result<&'a Item, &'static str> {
        match self.current.take() {
            Some((open, _)) if open == name => {}
            _ => return Err("the end of an item that had not begun"),
        }
        let (item, _) = self.open.remove(name).ok_or("an item that was not asked, or that had ended")?;
        Ok(item)
    }
}

/// Names for the numbers asked, for no more of them than were asked, and of no more bytes than an address book has. Says how
/// many bytes there are now.
fn weigh_names(asked: &[String], found: &[(String, String)], before: usize) -> Result<usize, &'static str> {
    let bytes = found.iter().fold(before, |sum, (number, name)| sum + number.len() + name.len());
    if found.len() > asked.len() || bytes > MOST_CONTACT_BYTES {
        return Err("more names than the bound");
    }
    Ok(bytes)
}

pub(super) fn keep(error: impl std::error::Error + Send + Sync + 'static) -> LinkError {
    LinkError::Keep(Box::new(error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{cell::Cell, fs, os::unix::fs::PermissionsExt};

    fn item(name: &str, bytes: u64) -> Item {
        Item { name: ItemName::new(name).unwrap(), bytes, modified: None }
    }

    /// A child that says one thing over and over, whatever is asked.
    fn parrot(dir: &Path, reply: &Reply) -> Link {
        let (said, program) = (dir.join("said"), dir.join("parrot"));
        let mut frames = Vec::new();
        for _ in 0..100 {
            pipe::write_message(&mut frames, reply).unwrap();
        }
        fs::write(&said, frames).unwrap();
        fs::write(&program, format!("#!/bin/sh\nwhile cat '{}'; do :; done 2>&-\n", said.display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        Link::start(&Program(program), &Reach::Files { path: dir.to_owned() }, None, &Cancel::default()).unwrap()
    }

    #[test]
    fn a_large_file_may_be_hashed_for_longer_than_a_small_one() {
        let items = [item("klein", 5), item("groot", 64 << 30), item("gelogen", u64::MAX)];
        let mut pulling = Pulling::of(&items);
        assert_eq!(pulling.patience(), WATCHDOG);
        for (item, longer) in items.iter().zip([Duration::ZERO, Duration::from_secs(3435), LONGEST_HASHING]) {
            pulling.begin(&item.name).unwrap();
            assert_eq!(pulling.patience(), WATCHDOG + longer);
            pulling.end(&item.name).unwrap();
        }
    }

    #[track_caller]
    fn breaks<T>(ended: Result<T, LinkError>, rule: &str) {
        let told = match &ended {
            Err(LinkError::Child(ChildError::Rules { what, .. })) => Some(*what),
            _ => None,
        };
        assert_eq!(told, Some(rule), "{:?}", ended.err());
    }

    #[test]
    fn a_child_that_repeats_itself_is_not_listened_to_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        breaks(parrot(dir.path(), &Reply::Items(Vec::new())).list(Vec::new()), "a message without items");
        let asked = Cell::new(0);
        let mut link = parrot(dir.path(), &Reply::AskHolder { task: HolderTask::Allow });
        let reach = Reach::Files { path: dir.path().to_owned() };
        let connected = link.connect(&reach, &Credentials::default(), Duration::MAX, |_| {
            asked.set(asked.get() + 1);
            Ok::<_, LinkError>(())
        });
        breaks(connected, "it asks the holder without end");
        assert_eq!(asked.get(), MOST_ASKED);
        let one = || ("+31612345678".to_owned(), "Jansen".to_owned());
        let more = Reply::Contacts(AddressBook::Read { found: vec![one(), one()], unclear: 0 });
        breaks(parrot(dir.path(), &more).contacts(&[one().0]), "more names than the bound");
    }

    #[test]
    fn a_listing_ends_however_it_is_sent() {
        let mut all = Listing::default();
        assert!(all.add(vec![item("a", 1)]).is_ok());
        assert_eq!(all.add(Vec::new()), Err("a message without items"));
        all.name_bytes = MOST_NAME_BYTES - 2;
        assert!(all.add(vec![item("b", 1)]).is_ok());
        assert_eq!(all.add(vec![item("cc", 1)]), Err("more items than the bound"));
        assert_eq!(all.items.len(), 2);
    }

    #[test]
    fn a_pull_ends_however_its_child_draws_it_out() {
        let batch = [item("a", 10), item("b", 10)];
        let name = |n: usize| &batch.get(n).unwrap().name;
        let mut pulling = Pulling::of(&batch);
        assert_eq!(pulling.bytes(1), Err("bytes outside an item"));
        assert!(pulling.end(name(0)).is_err(), "it had not begun");
        // It changed while it was read, twice.
        for _ in 0..3 {
            pulling.begin(name(0)).unwrap();
            pulling.bytes(10).unwrap();
        }
        assert_eq!(pulling.bytes(0), Err("a frame without bytes"));
        assert!(pulling.begin(name(1)).is_err(), "an item inside an item");
        pulling.end(name(0)).unwrap();
        assert_eq!(pulling.bytes(1), Err("bytes outside an item"));
        assert!(pulling.begin(name(0)).is_err(), "an end is the end");
        for _ in 0..MOST_BEGINNINGS {
            pulling.begin(name(1)).unwrap();
        }
        assert_eq!(pulling.begin(name(1)).unwrap_err(), "an item that begins without end");
        let mut pulling = Pulling::of(&batch);
        assert!(pulling.begin(&item("c", 1).name).is_err());
        pulling.begin(name(1)).unwrap();
        pulling.bytes(usize::try_from(GROWTH).unwrap()).unwrap();
        assert_eq!(pulling.bytes(21), Err("far more bytes than were listed"));
        pulling.end(name(1)).unwrap();
        assert_eq!(pulling.open.len(), 1);
    }

    #[test]
    fn no_more_names_come_than_were_asked() {
        let asked = ["+31612345678".to_owned()];
        let one = || ("+31612345678".to_owned(), "Jansen".to_owned());
        assert_eq!(weigh_names(&asked, &[one()], 2), Ok(20));
        assert_eq!(weigh_names(&asked, &[], 2), Ok(2));
        assert!(weigh_names(&asked, &[one(), one()], 0).is_err());
        assert!(weigh_names(&asked, &[one()], MOST_CONTACT_BYTES).is_err());
    }
}
