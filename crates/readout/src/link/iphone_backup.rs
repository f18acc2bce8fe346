//! An iPhone's backup in a folder or zip: found, unlocked, and listed as far as it is asked for.

use super::message::{Blind, Identity, LinkFailure, Package, Said, Secret};
use std::{ops::ControlFlow, sync::Arc};
use uitlezen_backup::{Backup, BackupError, BackupEvidence, Facts, Keys, Place, Rounds, Snapshot, UnlockError, find};
use uitlezen_evidence::{Evidence, Item, ItemName, Pattern};

/// What a backup has of what was asked.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) evidence: Arc<dyn Evidence>,
    pub(super) not_here: Vec<Item>,
    pub(super) blind: Blind,
}

/// A backup that was found and, where it is encrypted, opened.
#[derive(Debug)]
pub(super) struct IphoneBackup {
    inner: Arc<dyn Evidence>,
    place: Place,
    facts: Facts,
    keys: Option<Keys>,
    /// Everything that was asked for so far: what was listed can be pulled.
    asked: Vec<Pattern>,
}

impl IphoneBackup {
    /// The backup among these files; `None` if there is none. Of several none is taken: which one is meant only a person knows.
    pub(super) fn find(inner: &Arc<dyn Evidence>, password: Option<Secret>) -> Result<Option<Self>, LinkFailure> {
        let mut places = find(&**inner);
        let Some(place) = places.pop() else { return Ok(None) };
        if !places.is_empty() {
            return Err(LinkFailure::BackupsSeveral);
        }
        let backup = Backup::at(inner.clone(), place.clone()).map_err(|error| failure(&error))?;
        let keys = match (backup.facts().encrypted, password) {
            (false, _) => None,
            (true, None) => return Err(LinkFailure::BackupLocked),
            (true, Some(password)) => {
                let on = &mut |_| ControlFlow::Continue(());
                Some(backup.unlock(password.0.as_bytes(), Rounds::default(), on).map_err(|error| match error {
                    UnlockError::WrongPassword => LinkFailure::BackupPassword,
                    UnlockError::KeyBag(_) => LinkFailure::BackupRefused,
                    UnlockError::Cancelled | UnlockError::Damaged | UnlockError::NotEncrypted => LinkFailure::BackupDamaged,
                })?)
            }
        };
        let facts = backup.facts().clone();
        Ok(Some(Self { inner: inner.clone(), place, facts, keys, asked: Vec::new() }))
    }

    /// What the backup says of the phone. The name that its holder gave it is not asked.
    pub(super) fn identity(&self, of_files: Identity) -> Identity {
        let said = |text: &Option<String>| text.clone().map_or(Said::Unreadable, Said::Known);
        Identity {
            serial: said(&self.facts.udid),
            maker: Said::Known("Apple".into()),
            model: said(&self.facts.product),
            ios: said(&self.facts.ios),
            backup_made: self.facts.date,
            ..of_files
        }
    }

    /// Of these the ones that were installed.
    pub(super) fn installed(&self, asked: &[String]) -> Said<Vec<Package>> {
        if self.facts.apps.is_empty() {
            return Said::Unreadable;
        }
        let there = asked.iter().filter(|name| self.facts.apps.binary_search(name).is_ok());
        Said::Known(there.map(|name| Package { name: name.clone(), version: Said::NotAsked }).collect())
    }

    /// Opens the list again with everything that was asked so far: memory goes with what is wanted, not with what there is.
    pub(super) fn list(&mut self, patterns: &[Pattern]) -> Result<Found, LinkFailure> {
        let new = patterns.iter().filter(|pattern| !self.asked.contains(pattern)).cloned();
        let asked: Vec<Pattern> = self.asked.iter().cloned().chain(new).collect();
        let backup = Backup::at(self.inner.clone(), self.place.clone()).map_err(|error| failure(&error))?;
        let wanted = |domain: &str, path: &str| {
            ItemName::new(format!("{domain}/{path}")).is_ok_and(|name| asked.iter().any(|pattern| pattern.matches(&name)))
        };
        let evidence = backup.evidence(self.keys.clone(), &wanted).map_err(|error| failure(&error))?;
        let of_these = |name: &ItemName| patterns.iter().any(|pattern| pattern.matches(name));
        let not_here: Vec<Item> = evidence
            .missing()
            .iter()
            .filter(|missing| of_these(&missing.item.name))
            .map(|missing| missing.item.clone())
            .collect();
        let blind = self.blind(&evidence, patterns);
        self.asked = asked;
        Ok(Found { evidence: Arc::new(evidence), not_here, blind })
    }

    /// What the backup names of this and does not hold.
    fn blind(&self, evidence: &BackupEvidence, patterns: &[Pattern]) -> Blind {
        let of_these = |name: &ItemName| patterns.iter().any(|pattern| pattern.matches(name));
        let in_trouble = evidence.troubles().filter(|(name, _)| of_these(name)).count();
        let missing = evidence.missing().iter().filter(|missing| of_these(&missing.item.name)).count();
        Blind {
            broken_files: (in_trouble + missing) as u64,
            hostile_names: evidence.counts().refused.values().sum(),
            unfinished: self.facts.snapshot == Snapshot::Unfinished,
            ..Blind::default()
        }
    }
}

fn failure(error: &BackupError) -> LinkFailure {
    match error {
        BackupError::Locked => LinkFailure::BackupLocked,
        BackupError::TooOld => LinkFailure::BackupTooOld,
        BackupError::Absent | BackupError::Io(_) => LinkFailure::Files,
        BackupError::KeyBag(_) | BackupError::List(_) | BackupError::TooManyRows => LinkFailure::BackupRefused,
        BackupError::NoManifest
        | BackupError::NoKeyBag
        | BackupError::Incomplete
        | BackupError::DamagedManifest
        | BackupError::NoList
        | BackupError::Database(_)
        | BackupError::Stopped => LinkFailure::BackupDamaged,
    }
}
