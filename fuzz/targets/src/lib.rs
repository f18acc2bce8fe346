//! One function a parser of the house: it takes any bytes and comes back, whatever they are.
//!
//! A target panics when its parser panics, and also when the parser takes what it should have refused: a seal that was
//! changed and verifies, a backup that opens to other content than was put in, a value that is not itself after a round
//! trip. `tests/hostile_input.rs` runs every target over seeded mutations in the ordinary test run; `fuzz/` hands the same
//! functions to libFuzzer. Both go by [`TARGETS`]: a new parser is one function and one line there.
//!
//! Inputs that lock and key protect are also made *with* the key ("forged" targets): a station, a holder or a phone may be
//! the one who lies, and then the checksum, the tag or the signature is right.

// A panic is how a target reports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod framing;
pub mod mutation;

pub mod backup;
pub mod database;
pub mod earlier;
pub mod imessage;
pub mod increment;
pub mod iphone;
pub mod iphone_backup;
pub mod names;
pub mod phone_link;
pub mod phone_wire;
pub mod property_list;
pub mod readout;
pub mod records;
pub mod register;
pub mod seal;
pub mod seal_forged;
pub mod separation;
pub mod signal;
pub mod sms;
pub mod store;
pub mod threema;
pub mod threema_backup;
pub mod vault;
pub mod whatsapp;
pub mod whatsapp_iphone;
pub mod zip_entries;

mod cells;
mod made;

use std::sync::OnceLock;

/// A parser under fire.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    /// Comes back for any bytes.
    pub run: fn(&[u8]),
    /// Small good inputs, made by our own writers.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

macro_rules! targets {
    ($($room:ident :: $name:ident, $seeds:ident;)*) => {
        /// Every target, by room.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), run: $room::$name, seeds: $room::$seeds }),*];
    };
}

targets! {
    names::item_name, item_name_seeds;
    names::pattern, pattern_seeds;
    zip_entries::zip, zip_seeds;
    database::database_open, database_seeds;
    database::wal_overlay, wal_seeds;
    database::wal_forged, wal_forged_seeds;
    database::journal_overlay, journal_seeds;
    backup::backup_head, backup_seeds;
    backup::backup_unlock, backup_seeds;
    backup::backup_forged, payload_seeds;
    backup::backup_key, key_seeds;
    backup::backup_survey, survey_seeds;
    increment::increment_zip, increment_zip_seeds;
    increment::increment_records, increment_record_seeds;
    whatsapp::msgstore, msgstore_seeds;
    whatsapp::msgstore_cells, cell_seeds;
    whatsapp::contacts_database, contacts_seeds;
    records::record_json, record_seeds;
    imessage::typedstream, typedstream_seeds;
    imessage::message_history, message_history_seeds;
    imessage::message_settings, message_settings_seeds;
    imessage::sms_database, sms_seeds;
    imessage::sms_cells, sms_cell_seeds;
    imessage::address_book, address_book_seeds;
    whatsapp_iphone::chat_blobs, chat_blob_seeds;
    whatsapp_iphone::chat_storage, chat_storage_seeds;
    whatsapp_iphone::chat_cells, chat_cell_seeds;
    whatsapp_iphone::beside_chats, beside_seeds;
    threema::threema_database, threema_seeds;
    threema::threema_cells, threema_cell_seeds;
    threema::threema_settings, threema_settings_seeds;
    threema_backup::zip_head, zip_head_seeds;
    threema_backup::zip_locked, zip_locked_seeds;
    threema_backup::threema_csv, threema_csv_seeds;
    threema_backup::threema_tables, threema_table_seeds;
    signal::signal_file, signal_file_seeds;
    signal::signal_frames, signal_frame_seeds;
    signal::signal_main, signal_main_seeds;
    signal::signal_parts, signal_part_seeds;
    signal::signal_records, signal_record_seeds;
    signal::signal_tables, signal_table_seeds;
    sms::provider_page, page_seeds;
    sms::sms_answers, answers_seeds;
    sms::android_backup, android_backup_seeds;
    sms::sms_backup_list, list_seeds;
    phone_wire::phone_wire, wire_seeds;
    phone_wire::phone_sync, sync_seeds;
    phone_wire::phone_shell, shell_seeds;
    phone_wire::phone_banner, banner_seeds;
    phone_link::phone_answers, answer_seeds;
    phone_link::phone_listing, listing_seeds;
    phone_link::phone_acquire, acquire_seeds;
    iphone::iphone_usbmux, usbmux_seeds;
    iphone::iphone_lockdown, lockdown_seeds;
    iphone::iphone_device_link, device_link_seeds;
    iphone::iphone_cable, cable_seeds;
    seal::seal_verify, seal_seeds;
    seal::seal_header, header_seeds;
    seal::seal_manifest, manifest_seeds;
    seal::seal_signature, signature_seeds;
    seal::seal_certificate, certificate_seeds;
    seal::seal_part, part_seeds;
    seal::seal_envelope, envelope_seeds;
    seal::seal_identity, identity_seeds;
    seal_forged::seal_forged, forged_seeds;
    seal_forged::seal_index_forged, index_seeds;
    store::store_journal, journal_seeds;
    store::store_staging, staging_seeds;
    store::store_grants, grant_seeds;
    register::register_file, file_seeds;
    register::register_table, table_seeds;
    vault::vault_file, vault_seeds;
    earlier::held_file, held_seeds;
    earlier::held_forged, forged_held_seeds;
    vault::token_place, token_place_seeds;
    separation::identifier, identifier_seeds;
    readout::pipe_frames, frame_seeds;
    readout::link_reply, link_reply_seeds;
    readout::reader_reply, reader_reply_seeds;
    readout::plan, plan_seeds;
    property_list::property_list, property_list_seeds;
    iphone_backup::iphone_keybag, keybag_seeds;
    iphone_backup::iphone_file_archive, file_archive_seeds;
    iphone_backup::iphone_backup, iphone_backup_seeds;
    readout::ledger, ledger_seeds;
}

fn named(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).expect("no such target")
}

/// For the fuzzer's programs: the target of this name.
pub fn run(name: &str, data: &[u8]) {
    (named(name).run)(data);
}

/// For the fuzzer's programs: one time in sixteen, a broken copy of a good input in the place of what the fuzzer has. Many
/// good inputs hold keys that exist in this process only, so they cannot lie in a corpus.
pub fn seeded(name: &str, data: &mut [u8], most: usize, seed: u32) -> Option<usize> {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    if !seed.is_multiple_of(16) {
        return None;
    }
    let seeds = SEEDS.get_or_init(named(name).seeds);
    let case = mutation::case(seed.into(), name, u64::from(seed / 16) % 1000, seeds);
    let room = data.get_mut(..case.len().min(most))?;
    (room.len() == case.len()).then(|| room.copy_from_slice(&case))?;
    Some(case.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_target_has_a_name_of_its_own_and_good_inputs() {
        assert_eq!(TARGETS.iter().map(|t| t.name).collect::<BTreeSet<_>>().len(), TARGETS.len());
        for target in TARGETS {
            assert!(!(target.seeds)().is_empty(), "{}", target.name);
        }
    }

    /// A target without a file there would never meet the coverage-guided fuzzer.
    #[test]
    fn every_target_is_handed_to_the_fuzzer() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz_targets");
        let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).unwrap();
        for target in TARGETS {
            let file = std::fs::read_to_string(format!("{folder}/{}.rs", target.name)).expect(target.name);
            assert!(file.contains(&format!("\"{}\"", target.name)), "{}", target.name);
            assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "{}", target.name);
        }
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), TARGETS.len());
    }
}
