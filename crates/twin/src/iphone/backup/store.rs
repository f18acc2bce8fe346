//! What there is to back up, and the image of it that a backup sends.

use crate::{
    backup::{self, BackupFacts, BackupFile, BackupImage, Entry, Rounds},
    device::lock,
    iphone::{Iphone, IphoneError, values::now},
};
use std::collections::BTreeMap;

/// Sets the keys of one password apart from those of the next.
const AGE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The files of the phone.
#[derive(Debug, Default)]
pub(in crate::iphone) struct Store {
    pub(in crate::iphone) files: Vec<BackupFile>,
    pub(in crate::iphone) rounds: Rounds,
}

/// What a backup made now would hold.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) whole: BackupImage,
    rows: BTreeMap<String, Vec<u8>>,
}

impl Image {
    pub(super) fn of(phone: &Iphone) -> Result<Image, IphoneError> {
        let who = &phone.facts.identity;
        let (password, age) = {
            let state = phone.state();
            (state.password.clone(), state.password_age)
        };
        let (files, rounds) = {
            let store = lock(&phone.store);
            (store.files.clone(), store.rounds)
        };
        let apps = phone.facts.apps.iter();
        let facts = BackupFacts {
            udid: who.udid.clone(),
            name: who.name.clone(),
            product: who.product.clone(),
            ios: who.ios.clone(),
            build: who.build.clone(),
            serial: who.serial.clone(),
            date: now(&phone.facts.clock) as i64,
            apps: apps.map(|app| backup::App { bundle: app.bundle.clone(), version: app.version.clone() }).collect(),
            rounds,
            ..BackupFacts::default()
        };
        let seed = phone.facts.seed.wrapping_add(age.wrapping_mul(AGE));
        let whole = BackupImage::build(files, &facts, password.as_deref(), seed)?;
        Ok(Image { rows: whole.rows(), whole })
    }

    /// Whether the host has this file as it is now.
    pub(super) fn is_unchanged(&self, file: &Entry, had: &BTreeMap<String, Vec<u8>>) -> bool {
        had.get(&file.file_id).is_some_and(|row| self.rows.get(&file.file_id) == Some(row))
    }
}
