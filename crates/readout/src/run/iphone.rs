//! What a run does with an iPhone on the cable before it is like any other: the password of its backups, and one backup, of
//! which the wanted part comes into the work store. From there it is read as a backup in a folder is.

use super::{
    Going, PasswordState, RunError, backup_state,
    chosen::{media_patterns, patterns},
    receive::put,
    same_phone, standing,
};
use crate::{
    Event, HolderTask, Stage,
    link::{BackedUp, BackupReceiver, IphoneFacts, Link, LinkFailure, PasswordSaid, Previous, Reach, Said, stored_id},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};
use uitlezen_apps::App;
use uitlezen_evidence::{Item, ItemName, NameError, Pattern};
use uitlezen_phone::iphone::backup::BackupCode;
use uitlezen_seal::{
    part::ChunkSize,
    store::{Digest, Home, ItemId, ItemSpec, ItemWriter, RunKey, ScratchKind, StoreError, WorkStore},
};

/// What came of the backup lies in the work store under this, by number.
const RECEIVED: &str = "iphone";
/// 32 letters and digits without those that look alike: 155 bits.
const PASSWORD_LETTERS: usize = 32;
const ALPHABET: &[u8; 29] = b"abcdefghjkmnpqrstuvwxyz346789";

/// One file of the backup: its name there and that of its item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    path: String,
    item: ItemName,
}

impl Going<'_, '_> {
    pub(super) fn is_iphone_on_cable(&self) -> bool {
        matches!(self.job.reach, Reach::Iphone { .. })
    }

    fn facts(&self) -> Option<&IphoneFacts> {
        self.report.preflight.as_ref().and_then(|preflight| preflight.iphone.as_ref())
    }

    /// What a full backup can bring at most, where the phone says.
    pub(super) fn predicted(&self) -> u64 {
        self.facts().and_then(|facts| facts.used_bytes.known().copied()).unwrap_or(0)
    }

    /// The password that opens this phone's backups: given now, or kept.
    fn password(&mut self) -> Result<Option<SecretString>, RunError> {
        if let Some(given) = &self.job.credentials.backup_password {
            return Ok(Some(given.clone()));
        }
        let kept = self.job.keeper.backup_password(&self.job.plan.phone.serial)?;
        Ok(kept.map(|kept| kept.password))
    }

    /// Sees to it that the phone encrypts its backups under a password that is known here. One that exists is never replaced,
    /// and none is set that was not kept before.
    pub(super) fn settle_encryption(&mut self, link: &mut Link) -> Result<(), RunError> {
        let phone = self.job.plan.phone.serial.clone();
        let kept = self.job.keeper.backup_password(&phone)?;
        let encrypts = self.facts().map_or(Said::NotAsked, |facts| facts.will_encrypt.clone());
        match (encrypts, kept) {
            (Said::Known(true), kept) => {
                // Without it an hour of backup would end in nothing.
                if kept.is_none() && self.job.credentials.backup_password.is_none() {
                    return Err(RunError::Phone(LinkFailure::BackupLocked));
                }
                // Whether an unanswered request of ours set it, or the holder did since, opening the backup shows.
                Ok(())
            }
            (Said::Known(false), kept) => {
                if kept.is_some_and(|kept| kept.state == PasswordState::Asked) {
                    self.tell(Event::PasswordSettled { set: false });
                    self.job.keeper.forget_backup_password(&phone)?;
                }
                self.set_password(link, &phone)
            }
            _ => Err(RunError::EncryptionUnknown),
        }
    }

    fn set_password(&mut self, link: &mut Link, phone: &str) -> Result<(), RunError> {
        if self.job.admission.facts().holder_present == Some(false) {
            return Err(RunError::HolderAbsent);
        }
        let password = new_password()?;
        self.job.keeper.keep_backup_password(phone, &password, PasswordState::Asked)?;
        self.tell(Event::HolderNeeded { task: HolderTask::PasscodeForPassword });
        match self.ask_for_password(link, &password, false) {
            Ok(PasswordSaid::Done) => {
                self.job.keeper.keep_backup_password(phone, &password, PasswordState::Set)?;
                self.tell(Event::PasswordSettled { set: true });
                self.job.credentials.backup_password = Some(password);
                Ok(())
            }
            Ok(PasswordSaid::AsItWas(failure)) => {
                self.job.keeper.forget_backup_password(phone)?;
                Err(RunError::Phone(failure))
            }
            Ok(PasswordSaid::Unknown(failure)) => {
                self.tell(Event::PasswordUnsettled);
                Err(RunError::Phone(failure))
            }
            Err(error) => {
                self.tell(Event::PasswordUnsettled);
                Err(error)
            }
        }
    }

    fn ask_for_password(&mut self, link: &mut Link, password: &SecretString, remove: bool) -> Result<PasswordSaid, RunError> {
        let (listener, log) = (&mut *self.listener, &mut self.log);
        Ok(link.change_password(password, remove, |task| {
            let event = Event::HolderNeeded { task };
            log.add(&event);
            listener.event(event);
        })?)
    }

    /// Takes the password away again, for a run that was to leave the phone as it was. The readout stands also when the phone
    /// does not do it: then the task stays, and is said.
    fn remove_password(&mut self, link: &mut Link) -> Result<(), RunError> {
        let phone = self.job.plan.phone.serial.clone();
        let kept = self.job.keeper.backup_password(&phone)?;
        let Some(kept) = kept.filter(|kept| kept.state == PasswordState::Set) else { return Ok(()) };
        match self.ask_for_password(link, &kept.password, true) {
            Ok(PasswordSaid::Done) => {
                self.job.keeper.forget_backup_password(&phone)?;
                self.tell(Event::PasswordRemoved);
            }
            Ok(PasswordSaid::AsItWas(_) | PasswordSaid::Unknown(_)) => self.tell(Event::PasswordStays),
            Err(RunError::Cancelled) => return Err(RunError::Cancelled),
            Err(_) => self.tell(Event::PasswordStays),
        }
        Ok(())
    }

    /// The backup of this run brought only what changed.
    pub(super) fn is_incremental(&self) -> bool {
        self.report.backed_up.as_ref().is_some_and(|ended| ended.full == Some(false))
    }

    /// One backup into the work store: of what changed, where that is allowed and something is known of the one before. After
    /// a full one the phone is needed no more.
    pub(super) fn back_up(&mut self, link: &mut Link, store: &WorkStore, incremental: bool) -> Result<(), RunError> {
        self.stage(Stage::Backup);
        self.drop_backup(store)?;
        let wanted = self.wanted_of_backup()?;
        let mut numbers = 0;
        let before = if incremental { self.backup_before(&wanted, &mut numbers, store)? } else { None };
        let goes_on = before.is_some();
        let went = self.take_backup(link, &wanted, before, numbers, store);
        let (ended, parts) = match went {
            // The phone cannot go on from what is kept: it makes a full one.
            Err(RunError::Phone(LinkFailure::Code(BackupCode::Folder | BackupCode::State | BackupCode::Properties)))
                if goes_on =>
            {
                self.tell(Event::FullBackup);
                self.take_backup(link, &wanted, None, numbers + 1_000_000, store)?
            }
            went => went?,
        };
        standing::keep(&standing::name(RECEIVED, BACKUP)?, parts.list(), store)?;
        if let Some(phone) = &mut self.report.phone {
            phone.backup_made = ended.date;
        }
        self.report.backed_up = Some(ended);
        self.stand(super::Reached::Backup, &mut Vec::new(), store)?;
        if self.job.plan.takes_password_away() {
            self.remove_password(link)?;
        }
        if !self.is_incremental() {
            self.tell_once_unplugged();
        }
        Ok(())
    }

    fn take_backup(
        &mut self,
        link: &mut Link,
        wanted: &[Pattern],
        before: Option<Vec<backup_state::Kept>>,
        numbers: u64,
        store: &WorkStore,
    ) -> Result<(BackedUp, Parts), RunError> {
        let free = rustix::fs::statvfs(&self.job.out).map_or(0, |v| v.f_bavail.saturating_mul(v.f_frsize));
        let mut parts = Parts::default();
        let previous = match before {
            None => Previous::Nothing,
            Some(kept) => {
                let about = kept.iter().filter(|part| backup_state::is_needed(&part.path, &[]));
                let (ids, paths): (Vec<ItemId>, Vec<&str>) = about.map(|part| (part.id, part.path.as_str())).unzip();
                let mut grants = store.grants(&ids)?;
                for (grant, path) in grants.iter_mut().zip(paths) {
                    grant.name = ItemName::new(path).map_err(|_| RunError::Internal("item name"))?;
                }
                for part in kept {
                    parts.put(part.path, part.id, part.item);
                }
                Previous::Granted(grants)
            }
        };
        let mut taking = Taking { store, numbers, writer: None, parts, going: self };
        let ended = link.back_up(wanted.to_vec(), free, previous, &mut taking)?;
        Ok((ended, taking.parts))
    }

    /// What the next backup goes on from. `None`: it will be a full one.
    fn backup_before(
        &mut self,
        wanted: &[Pattern],
        numbers: &mut u64,
        store: &WorkStore,
    ) -> Result<Option<Vec<backup_state::Kept>>, RunError> {
        if self.job.seal.is_none() || self.job.plan.takes_password_away() {
            return Ok(None);
        }
        // A run that transfers every attachment needs a phone that sends every attachment.
        if self.job.plan.scope.media {
            let there = self.asked().into_iter().filter(|app| *app == App::IMessage || self.is_installed(*app));
            let names: Vec<&str> = there.map(|app| app.word()).collect();
            self.look_at_earlier(&names)?;
            if self.holdings.as_ref().is_none_or(|holdings| holdings.full().is_some()) {
                return Ok(None);
            }
        } else if self.job.weekly.as_ref().is_none_or(|weekly| weekly.full) {
            return Ok(None);
        }
        let phone = self.job.plan.phone.serial.clone();
        let Some((dir, key)) = self.job.keeper.backup_state(&phone)? else { return Ok(None) };
        backup_state::take_up(&dir, &key, wanted, store, || {
            *numbers += 1;
            part_name(*numbers).map_err(|_| RunError::Internal("item name"))
        })
    }

    /// Whatever of a backup lies in the store: another one is begun.
    fn drop_backup(&self, store: &WorkStore) -> Result<(), RunError> {
        let folder = format!("{RECEIVED}/");
        let old: Vec<ItemId> =
            store.items().into_iter().filter(|item| item.name.as_str().starts_with(&folder)).map(|item| item.id).collect();
        old.into_iter().try_for_each(|id| store.drop_item(id))?;
        Ok(())
    }

    /// Writes what the next backup will go on from; it counts when the seal is closed. That there is none costs a full
    /// backup, and no seal.
    pub(super) fn write_backup_state(
        &mut self,
        databases: &[Item],
        store: &WorkStore,
    ) -> Result<Option<(PathBuf, RunKey)>, RunError> {
        if !self.is_iphone_on_cable() || self.job.plan.takes_password_away() {
            return Ok(None);
        }
        let Ok(Some(dir)) = self.job.keeper.new_backup_state(&self.job.plan.phone.serial) else { return Ok(None) };
        let wanted = self.wanted_of_backup()?;
        let databases: Vec<String> = databases.iter().filter_map(|item| stored_id(item.name.as_str())).collect();
        let parts: Vec<Part> = standing::read(&standing::name(RECEIVED, BACKUP)?, store)?.unwrap_or_default();
        let ids: HashMap<ItemName, ItemId> = store.items().into_iter().map(|item| (item.name, item.id)).collect();
        let needed: Vec<backup_state::Kept> = parts
            .into_iter()
            .filter(|part| backup_state::is_needed(&part.path, &databases))
            .filter_map(|part| Some(backup_state::Kept { id: *ids.get(&part.item)?, path: part.path, item: part.item }))
            .collect();
        let key = RunKey::random().map_err(|_| RunError::Random)?;
        match backup_state::write(&dir, &key, &wanted, &needed, store) {
            Ok(()) => Ok(Some((dir, key))),
            Err(error) => {
                tracing::warn!(error = error.word(), "what the next backup of this iPhone would go on from");
                let _ = WorkStore::discard_at(&dir);
                Ok(None)
            }
        }
    }

    /// Everything that any later stage may ask for: the phone is not asked twice.
    fn wanted_of_backup(&self) -> Result<Vec<Pattern>, RunError> {
        let refused = |_| RunError::Internal("patterns");
        let asked = self.asked();
        let mut wanted = patterns(self.platform(), &asked).map_err(refused)?;
        if self.job.plan.scope.media && self.job.seal.is_some() {
            for app in asked {
                wanted.extend(media_patterns(self.platform(), app).map_err(refused)?);
            }
        }
        Ok(wanted)
    }

    /// The backup that lies in the work store, through a child that sees nothing else.
    pub(super) fn open_backup_taken(&mut self, store: &WorkStore) -> Result<Link, RunError> {
        let parts: Vec<Part> = standing::read(&standing::name(RECEIVED, BACKUP)?, store)?.ok_or(RunError::NothingKept)?;
        let ids: HashMap<ItemName, ItemId> = store.items().into_iter().map(|item| (item.name, item.id)).collect();
        let ids: Option<Vec<ItemId>> = parts.iter().map(|part| ids.get(&part.item).copied()).collect();
        let mut grants = store.grants(&ids.ok_or(RunError::NothingKept)?)?;
        let mut refused = 0_u64;
        let mut named = Vec::with_capacity(grants.len());
        for (mut grant, part) in grants.drain(..).zip(parts) {
            match ItemName::new(part.path) {
                Ok(name) => {
                    grant.name = name;
                    named.push(grant);
                }
                Err(_) => refused += 1,
            }
        }
        // A wanted file among them is missed when the backup's own list names it.
        self.report.blind.hostile_names += refused;
        let password = self.password()?;
        let mut link = Link::over_backup(&self.job.program, store.dir(), named, password.as_ref(), &self.cancel)?;
        let made_by = link.identify()?;
        let phone = &self.job.plan.phone.serial;
        if made_by.serial.known().is_some_and(|serial| !same_phone(true, serial, phone)) {
            return Err(RunError::OtherPhone);
        }
        if let Some(opened) = password {
            self.settle_by(&opened)?;
        }
        Ok(link)
    }

    /// What opened a backup tells whether an unanswered request of ours was carried out.
    fn settle_by(&mut self, opened: &SecretString) -> Result<(), RunError> {
        let phone = self.job.plan.phone.serial.clone();
        let kept = self.job.keeper.backup_password(&phone)?;
        let Some(kept) = kept.filter(|kept| kept.state == PasswordState::Asked) else { return Ok(()) };
        let set = kept.password.expose_secret() == opened.expose_secret();
        if set {
            self.job.keeper.keep_backup_password(&phone, opened, PasswordState::Set)?;
        } else {
            self.job.keeper.forget_backup_password(&phone)?;
        }
        self.tell(Event::PasswordSettled { set });
        Ok(())
    }
}

fn part_name(number: u64) -> Result<ItemName, NameError> {
    ItemName::new(format!("{RECEIVED}/{number:08}"))
}

/// The standing item of the parts.
const BACKUP: &str = "backup";

/// Random letters and digits, in groups of four: it may have to be typed by hand one day.
fn new_password() -> Result<SecretString, RunError> {
    let mut password = String::with_capacity(PASSWORD_LETTERS + PASSWORD_LETTERS / 4);
    let mut letters = 0;
    while letters < PASSWORD_LETTERS {
        let mut random = [0_u8; 1];
        getrandom::fill(&mut random).map_err(|_| RunError::Random)?;
        // Of 256 values the last ones would come more often.
        let most = 256 - 256 % ALPHABET.len();
        if usize::from(random[0]) >= most {
            continue;
        }
        if letters > 0 && letters % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(*ALPHABET.get(usize::from(random[0]) % ALPHABET.len()).unwrap_or(&b'a')));
        letters += 1;
    }
    Ok(SecretString::from(password))
}

/// Where each file of a backup lies now, and in which item.
#[derive(Debug, Default)]
struct Parts {
    by_path: BTreeMap<String, (ItemId, ItemName)>,
    /// How many paths an item has: the phone may copy.
    uses: HashMap<ItemId, u32>,
}

impl Parts {
    fn list(&self) -> Vec<Part> {
        self.by_path.iter().map(|(path, (_, item))| Part { path: path.clone(), item: item.clone() }).collect()
    }

    /// Puts an item at a path. Says which item nobody names any more.
    fn put(&mut self, path: String, id: ItemId, item: ItemName) -> Option<ItemId> {
        *self.uses.entry(id).or_default() += 1;
        let before = self.by_path.insert(path, (id, item));
        before.and_then(|(id, _)| self.release(id))
    }

    fn release(&mut self, id: ItemId) -> Option<ItemId> {
        let uses = self.uses.get_mut(&id)?;
        *uses = uses.saturating_sub(1);
        if *uses > 0 {
            return None;
        }
        self.uses.remove(&id);
        Some(id)
    }

    /// Everything at a path and below it.
    fn below(&self, path: &str) -> Vec<String> {
        let folder = format!("{path}/");
        let within = self.by_path.range(folder.clone()..).map(|(name, _)| name).take_while(|name| name.starts_with(&folder));
        self.by_path.get_key_value(path).map(|(name, _)| name).into_iter().chain(within).cloned().collect()
    }

    fn remove(&mut self, path: &str) -> Vec<ItemId> {
        let gone = self.below(path);
        gone.iter()
            .filter_map(|name| {
                let (id, _) = self.by_path.remove(name)?;
                self.release(id)
            })
            .collect()
    }

    fn move_to(&mut self, from: &str, to: &str, copy: bool) -> Vec<ItemId> {
        if from == to {
            return Vec::new();
        }
        let moved: Vec<(String, ItemId, ItemName)> = self
            .below(from)
            .into_iter()
            .filter_map(|name| {
                let (id, item) = self.by_path.get(&name)?.clone();
                Some((format!("{to}{}", name.strip_prefix(from)?), id, item))
            })
            .collect();
        // In use under their new names before the old ones go.
        for (_, id, _) in &moved {
            *self.uses.entry(*id).or_default() += 1;
        }
        let mut gone = if copy { Vec::new() } else { self.remove(from) };
        gone.extend(self.remove(to));
        for (path, id, item) in moved {
            gone.extend(self.by_path.insert(path, (id, item)).and_then(|(id, _)| self.release(id)));
        }
        gone
    }
}

/// Puts a backup into the store as it comes.
struct Taking<'s, 'g, 'a, 'l> {
    store: &'s WorkStore,
    numbers: u64,
    writer: Option<(String, ItemWriter)>,
    parts: Parts,
    going: &'g mut Going<'a, 'l>,
}

impl Taking<'_, '_, '_, '_> {
    fn drop_items(&self, gone: Vec<ItemId>) -> Result<(), StoreError> {
        gone.into_iter().try_for_each(|id| self.store.drop_item(id))
    }
}

impl BackupReceiver for Taking<'_, '_, '_, '_> {
    type Error = StoreError;

    fn begin(&mut self, path: &str) -> Result<(), StoreError> {
        self.numbers += 1;
        let name = part_name(self.numbers).map_err(|_| StoreError::UnknownItem)?;
        let home = Home::Scratch(ScratchKind::Received);
        let spec = ItemSpec { name, home, chunk: ChunkSize::RANDOM_ACCESS, digest: Digest::None, modified: None };
        self.writer = Some((path.to_owned(), self.store.begin(spec)?));
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        match &mut self.writer {
            Some((_, writer)) => put(writer, bytes),
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), StoreError> {
        let Some((path, writer)) = self.writer.take() else { return Ok(()) };
        let stored = writer.finish()?;
        let gone = self.parts.put(path, stored.id, stored.name);
        self.drop_items(gone.into_iter().collect())
    }

    fn moved(&mut self, from: &str, to: &str, copy: bool) -> Result<(), StoreError> {
        let gone = self.parts.move_to(from, to, copy);
        self.drop_items(gone)
    }

    fn removed(&mut self, path: &str) -> Result<(), StoreError> {
        let gone = self.parts.remove(path);
        self.drop_items(gone)
    }

    fn asked(&mut self, task: HolderTask) {
        self.going.tell(Event::HolderNeeded { task });
    }

    fn percent(&mut self, percent: u8) {
        self.going.listener.event(Event::Percent { stage: Stage::Backup, percent });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn item(number: u64) -> (ItemId, ItemName) {
        (ItemId(number), ItemName::new(format!("iphone/{number}")).unwrap())
    }

    fn parts(paths: &[&str]) -> Parts {
        let mut parts = Parts::default();
        for (number, path) in (1..).zip(paths) {
            let (id, name) = item(number);
            assert_eq!(parts.put((*path).to_owned(), id, name), None);
        }
        parts
    }

    fn paths(parts: &Parts) -> Vec<&str> {
        parts.by_path.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_folder_is_moved_with_what_is_in_it_and_what_lay_there_goes() {
        let mut parts = parts(&["U/Snapshot/ab/x", "U/Snapshot/ab/y", "U/Snapshot2", "U/ab/x"]);
        assert_eq!(parts.move_to("U/Snapshot/ab", "U/ab", false), [ItemId(4)]);
        assert_eq!(paths(&parts), ["U/Snapshot2", "U/ab/x", "U/ab/y"]);
        assert_eq!(parts.remove("U"), [ItemId(3), ItemId(1), ItemId(2)]);
        assert!(parts.uses.is_empty());
    }

    #[test]
    fn a_copy_keeps_its_item_until_the_last_name_of_it_is_gone() {
        let mut parts = parts(&["U/a"]);
        assert!(parts.move_to("U/a", "U/b", true).is_empty());
        assert!(parts.remove("U/a").is_empty());
        assert_eq!(parts.remove("U/b"), [ItemId(1)]);
    }

    #[test]
    fn a_move_onto_itself_or_of_nothing_loses_nothing() {
        let mut parts = parts(&["U/a"]);
        assert!(parts.move_to("U/a", "U/a", false).is_empty());
        assert!(parts.move_to("U/none", "U/c", false).is_empty());
        assert_eq!(paths(&parts), ["U/a"]);
        // What lay where nothing is moved to is gone on the phone's side too.
        assert_eq!(parts.move_to("U/none", "U/a", false), [ItemId(1)]);
    }

    #[test]
    fn a_file_that_comes_again_replaces_the_one_before() {
        let mut parts = parts(&["U/Manifest.db"]);
        let (id, name) = item(2);
        assert_eq!(parts.put("U/Manifest.db".to_owned(), id, name), Some(ItemId(1)));
    }

    #[test]
    fn passwords_are_long_readable_and_never_the_same() {
        let all: BTreeSet<String> = (0..200).map(|_| new_password().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(all.len(), 200);
        for one in &all {
            assert_eq!(one.len(), 39);
            assert!(one.split('-').all(|group| group.len() == 4 && group.bytes().all(|b| ALPHABET.contains(&b))));
        }
    }
}
