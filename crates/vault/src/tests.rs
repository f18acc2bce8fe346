#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use age::secrecy::ExposeSecret;
use secrecy::SecretString;

fn recovery() -> (SecretString, Recovery) {
    let identity = age::x25519::Identity::generate();
    let recipient = Recovery::parse(&identity.to_public().to_string()).unwrap();
    (SecretString::from(identity.to_string().expose_secret().to_owned()), recipient)
}

/// Machine-made, so long enough.
fn credential(letter: char) -> Unlock {
    Unlock::Credential(SecretString::from(letter.to_string().repeat(64)))
}

fn passphrase(p: &str) -> Unlock {
    Unlock::Passphrase(SecretString::from(p.to_owned()))
}

#[test]
fn a_secret_survives_closing_and_is_nowhere_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &passphrase("een goed wachtwoord"), std::slice::from_ref(&recipient)).unwrap();
    let id = AppSecretId { phone: "R5CT".into(), app: "whatsapp".into() };
    let secret = AppSecret::new("kanarie-geheim".to_owned().into(), "houder", 1_700_000_000);
    vault.change(|c| c.app_secrets.insert(id.clone(), secret)).unwrap();
    drop(vault);
    assert!(!String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("kanarie"));
    let again = Vault::open(&path, &passphrase("een goed wachtwoord")).unwrap();
    assert_eq!(again.contents().app_secrets[&id].expose(), "kanarie-geheim");
    let rescued = Vault::open_with_recovery(&path, &identity).unwrap();
    assert_eq!(rescued.contents().app_secrets[&id].expose(), "kanarie-geheim");
}

#[test]
fn a_wrong_passphrase_and_a_stranger_and_a_damaged_file_are_three_answers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    Vault::create(&path, &passphrase("goed"), &[recovery().1]).unwrap();
    assert!(matches!(Vault::open(&path, &passphrase("fout")), Err(VaultError::WrongSecret)));
    assert!(matches!(Vault::open_with_recovery(&path, &recovery().0), Err(VaultError::NotForThisIdentity)));
    assert!(matches!(Vault::open(&path, &credential('x')), Err(VaultError::NoSuchLock)));
    // The salt of the lock: a wrong passphrase, were it not for the check.
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.find("\"salt\":\"").unwrap() + 8;
    let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
    std::fs::write(&path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    assert!(matches!(Vault::open(&path, &passphrase("goed")), Err(VaultError::Damaged(_))));
}

#[test]
fn every_flipped_byte_and_every_cut_is_damage_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let (identity, recipient) = recovery();
    Vault::create(&path, &credential('x'), &[recipient]).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let damaged = |bytes: &[u8]| matches!(Sealed::parse(bytes), Err(VaultError::Damaged(_)));
    for length in 0..whole.len() {
        assert!(damaged(&whole[..length]), "cut to {length} bytes");
    }
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            assert!(damaged(&bytes), "bit {bit} of byte {place}");
        }
    }
    for more in [" ", "\n", "{}"] {
        assert!(damaged(&[&whole, more.as_bytes()].concat()));
    }
    assert!(Sealed::parse(&whole).is_ok());
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    for told in [Vault::open_with_recovery(&path, &identity).err(), Vault::examine(&path).err()] {
        assert!(matches!(told, Some(VaultError::Damaged(_))), "{told:?}");
    }
}

#[test]
fn what_stands_in_the_clear_is_bound_to_the_contents() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &credential('x'), std::slice::from_ref(&recipient)).unwrap();
    let read = || std::fs::read_to_string(&path).unwrap();
    let old = read();
    vault.add_lock(&credential('y')).unwrap();
    vault.set_recovery(&[recipient]).unwrap();
    let new = read();
    // Somebody puts an old lock or envelope back, with a check that is right.
    for (from, to) in [("\"locks\":", ",\"recovery\":"), ("\"recovery\":", ",\"nonce\":\"")] {
        let piece = |text: &str| {
            let rest = &text[text.find(from).unwrap()..];
            rest[..rest.rfind(to).unwrap()].to_owned()
        };
        let forged = new.replace(&piece(&new), &piece(&old));
        assert_ne!(forged, new);
        let body = &forged[..forged.find(",\"check\"").unwrap()];
        use sha2::Digest;
        let check = hex::encode(sha2::Sha256::digest(format!("{body}}}")));
        std::fs::write(&path, format!("{body},\"check\":\"{check}\"}}")).unwrap();
        let told = Vault::open_with_recovery(&path, &identity).err();
        assert!(matches!(told, Some(VaultError::Damaged("the contents do not match their key"))), "{from}: {told:?}");
    }
}

#[test]
fn a_vault_of_another_station_is_told_before_a_passphrase_is_tried_and_can_be_taken_over() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [path, own] = [&here, &there].map(|dir| dir.path().join("vault.json"));
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &credential('x'), std::slice::from_ref(&recipient)).unwrap();
    vault.register_key().unwrap();
    Vault::create(&own, &credential('z'), &[recipient]).unwrap();
    std::fs::copy(&path, &own).unwrap();
    for secret in ['x', 'z'] {
        assert!(matches!(Vault::open(&own, &credential(secret)), Err(VaultError::Elsewhere)));
    }
    assert!(matches!(Vault::examine(&own), Err(VaultError::Elsewhere)));
    // Recovery opens it wherever it stands; taking it over needs its own secret.
    Vault::open_with_recovery(&own, &identity).unwrap();
    assert!(matches!(Vault::adopt(&own, &credential('z')), Err(VaultError::WrongSecret)));
    assert!(matches!(Vault::open(&own, &credential('x')), Err(VaultError::Elsewhere)));
    Vault::adopt(&own, &credential('x')).unwrap();
    assert!(Vault::open(&own, &credential('x')).unwrap().contents().register_key.is_some());
    // A folder without a number never had a vault.
    let bare = tempfile::tempdir().unwrap();
    std::fs::copy(&path, bare.path().join("vault.json")).unwrap();
    assert!(matches!(Vault::examine(&bare.path().join("vault.json")), Err(VaultError::Elsewhere)));
    Vault::open(&path, &credential('x')).unwrap();
}

#[test]
fn locks_are_added_replaced_and_removed_and_the_last_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &passphrase("oud"), &[recipient]).unwrap();
    assert!(matches!(vault.remove_lock(0, &LockKind::Passphrase), Err(VaultError::LastLock)));
    vault.add_lock(&credential('x')).unwrap();
    assert_eq!(vault.locks(), [LockKind::Passphrase, LockKind::Credential]);
    assert!(vault.add_lock(&Unlock::Credential(SecretString::from("kort"))).is_err());
    vault.add_lock(&passphrase("nieuw")).unwrap();
    assert_eq!(vault.locks().len(), 2);
    assert!(matches!(Vault::open(&path, &passphrase("oud")), Err(VaultError::WrongSecret)));
    Vault::open(&path, &passphrase("nieuw")).unwrap();
    Vault::open(&path, &credential('x')).unwrap();
    // Of what was seen, not of what stands there by now.
    assert!(matches!(vault.remove_lock(0, &LockKind::Credential), Err(VaultError::NoLockOfThatNumber)));
    assert!(matches!(vault.remove_lock(7, &LockKind::Credential), Err(VaultError::NoLockOfThatNumber)));
    vault.remove_lock(0, &LockKind::Passphrase).unwrap();
    assert!(matches!(Vault::open(&path, &passphrase("nieuw")), Err(VaultError::NoSuchLock)));
    assert_eq!(Vault::examine(&path).unwrap(), [LockKind::Credential]);
    Vault::open_with_recovery(&path, &identity).unwrap();
}

#[test]
fn recovery_is_for_the_recipients_of_now_and_no_former_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let ((old, was), (new, is)) = (recovery(), recovery());
    let mut vault = Vault::create(&path, &credential('x'), std::slice::from_ref(&was)).unwrap();
    assert_eq!(vault.contents().recovery, [was.to_string()]);
    assert!(matches!(vault.set_recovery(&[]), Err(VaultError::NoRecovery)));
    vault.set_recovery(std::slice::from_ref(&is)).unwrap();
    assert!(matches!(Vault::open_with_recovery(&path, &old), Err(VaultError::NotForThisIdentity)));
    assert_eq!(Vault::open_with_recovery(&path, &new).unwrap().contents().recovery, [is.to_string()]);
    vault.set_recovery(&[was, is]).unwrap();
    for identity in [old, new] {
        Vault::open_with_recovery(&path, &identity).unwrap();
    }
}

/// Every kind of secret, with canaries, opens again with a recovery identity and stands nowhere in the file.
#[test]
fn every_kind_of_secret_opens_with_recovery_and_is_counted_without_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &credential('x'), &[recipient]).unwrap();
    let canary = |n: u8| SecretString::from(format!("kanarie-{n}"));
    vault
        .change(|c| {
            c.station = Some(StationSecret::new(canary(1), "PEM".into()));
            c.adb_key = Some(AdbKeySecret::new(canary(2)));
            c.iphone_host = Some(IphoneHost { system_buid: "kanarie-3".into(), host_id: "kanarie-4".into() });
            c.supervision = Some(Supervision::new(b"kanarie-9", b"kanarie-10", 6).unwrap());
            c.pair_records.insert("U1".into(), PairRecord::new(b"kanarie-5", 7).unwrap());
            c.app_secrets
                .insert(AppSecretId { phone: "P1".into(), app: "whatsapp".into() }, AppSecret::new(canary(6), "houder", 8));
            c.backup_passwords.insert("U1".into(), BackupPassword::new(canary(7), "houder", 9));
            c.open_runs.insert("R1".into(), OpenRun::new(canary(8), "r.partial".into(), "P1", 10));
            c.former_certificates.push(FormerCertificate { certificates: "PEM".into(), until: 11 });
        })
        .unwrap();
    vault.register_key().unwrap();
    vault.fingerprint_key("P1").unwrap();
    assert!(!format!("{:?}", vault.contents()).replace("kanarie-3", "").replace("kanarie-4", "").contains("kanarie"));
    let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    assert!(!text.contains("kanarie") && !text.contains(&hex::encode("kanarie")));
    let rescued = Vault::open_with_recovery(&path, &identity).unwrap();
    let same = |vault: &Vault| serde_json::to_value(vault.contents()).unwrap();
    assert_eq!(same(&rescued), same(&vault));
    assert_eq!(&*rescued.contents().pair_records["U1"].plist().unwrap(), b"kanarie-5");
    let kept = &rescued.contents().backup_passwords["U1"];
    assert_eq!((kept.password().expose_secret(), kept.chosen_by.as_str(), kept.chosen_at), ("kanarie-7", "houder", 9));
    assert!(rescued.contents().counts().iter().all(|(_, count)| *count == 1), "{:?}", rescued.contents().counts());
    assert!(matches!(PairRecord::new(&vec![0; PairRecord::LARGEST + 1], 0), Err(VaultError::TooLarge)));
}

#[test]
fn a_clock_that_was_set_back_is_told_until_the_vault_is_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &credential('x'), &[recipient]).unwrap();
    assert_eq!(vault.clock_behind(), None);
    vault.contents.changed += 3600;
    assert!(vault.clock_behind().is_some_and(|by| (3590..=3600).contains(&by)));
    vault.register_key().unwrap();
    assert_eq!(vault.clock_behind(), None);
    assert_eq!(Vault::open_with_recovery(&path, &identity).unwrap().clock_behind(), None);
    assert_eq!(
        (behind(1000, 900), behind(1000, 500), behind(i64::MAX, i64::MIN)),
        (None, Some(500), Some(i64::MAX.unsigned_abs()))
    );
}

#[test]
fn a_vault_without_recovery_or_over_another_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    assert!(matches!(Vault::create(&path, &passphrase("x"), &[]), Err(VaultError::NoRecovery)));
    Vault::create(&path, &passphrase("x"), &[recovery().1]).unwrap();
    assert!(matches!(Vault::create(&path, &passphrase("x"), &[recovery().1]), Err(VaultError::Exists)));
}

#[test]
fn a_new_passphrase_replaces_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let mut vault = Vault::create(&path, &passphrase("oud"), &[recovery().1]).unwrap();
    vault.change(|c| c.adb_key = Some(AdbKeySecret::new("PEM".to_owned().into()))).unwrap();
    vault.relock(&passphrase("nieuw")).unwrap();
    assert!(matches!(Vault::open(&path, &passphrase("oud")), Err(VaultError::WrongSecret)));
    assert!(Vault::open(&path, &passphrase("nieuw")).unwrap().contents().adb_key.is_some());
}

#[test]
fn no_change_is_lost_between_handles_that_write_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let (identity, recipient) = recovery();
    drop(Vault::create(&path, &passphrase("x"), &[recipient]).unwrap());
    let keys: Vec<_> = std::thread::scope(|scope| {
        let desks: Vec<_> = (0..4)
            .map(|desk| {
                let (path, identity) = (&path, &identity);
                scope.spawn(move || {
                    let mut vault = Vault::open_with_recovery(path, identity).unwrap();
                    for n in 0..10 {
                        let id = AppSecretId { phone: format!("{desk}"), app: format!("{n}") };
                        vault.change(|c| c.app_secrets.insert(id, AppSecret::new("s".to_owned().into(), "h", 1))).unwrap();
                    }
                    // A handle that read the vault before anybody made a key gets the one that was made first.
                    (vault.register_key().unwrap(), vault.fingerprint_key("R5CT").unwrap(), vault.fingerprint_key("P1X").unwrap())
                })
            })
            .collect();
        desks.into_iter().map(|desk| desk.join().unwrap()).collect()
    });
    let again = Vault::open_with_recovery(&path, &identity).unwrap();
    assert_eq!(again.contents().app_secrets.len(), 40);
    use secrecy::ExposeSecret as _;
    let (register, of_phone, of_other) = &keys[0];
    for (r, p, o) in &keys {
        assert_eq!(r.expose_secret(), register.expose_secret());
        assert_eq!(p.expose_secret(), of_phone.expose_secret());
        assert_eq!(o.expose_secret(), of_other.expose_secret());
    }
    assert_ne!(register.expose_secret(), of_phone.expose_secret());
    assert_ne!(of_phone.expose_secret(), of_other.expose_secret());
}

#[test]
fn a_change_that_does_not_fit_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &passphrase("x"), &[recipient]).unwrap();
    let before = std::fs::read(&path).unwrap();
    let large = vault.change(|c| c.adb_key = Some(AdbKeySecret::new("x".repeat(9 << 20).into())));
    assert!(matches!(large, Err(VaultError::Full)), "{large:?}");
    assert!(vault.contents().adb_key.is_none());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    vault.change(|c| c.adb_key = Some(AdbKeySecret::new("x".repeat(7 << 20).into()))).unwrap();
    assert!(Vault::open_with_recovery(&path, &identity).unwrap().contents().adb_key.is_some());
}

/// As the last version wrote it: no home, no check, another binding.
fn as_version_one(vault: &Vault, text: &str) -> String {
    use aes_gcm::aead::{Aead, Payload};
    let mut file: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut contents = serde_json::to_value(vault.contents()).unwrap();
    for later in ["former_certificates", "iphone_host", "pair_records", "backup_passwords", "recovery", "changed"] {
        contents.as_object_mut().unwrap().remove(later).unwrap();
    }
    let json = contents.to_string();
    let payload = Payload { msg: json.as_bytes(), aad: b"uitlezen vault body 1" };
    let body = vault.key.cipher().encrypt(&aes_gcm::Nonce::from([7; 12]), payload).unwrap();
    file["vault"] = 1.into();
    file["nonce"] = hex::encode([7; 12]).into();
    file["body"] = hex::encode(body).into();
    for later in ["home", "check"] {
        file.as_object_mut().unwrap().remove(later).unwrap();
    }
    file.to_string()
}

#[test]
fn a_vault_of_a_newer_program_is_left_as_it_is_and_an_older_one_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let (identity, recipient) = recovery();
    let mut vault = Vault::create(&path, &credential('x'), &[recipient]).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    use sha2::Digest;
    let newer = r#"{"vault":3,"anders":{}"#;
    let newer = format!("{newer},\"check\":\"{}\"}}", hex::encode(sha2::Sha256::digest(format!("{newer}}}"))));
    std::fs::write(&path, &newer).unwrap();
    assert!(matches!(Vault::open_with_recovery(&path, &identity), Err(VaultError::Newer(3))));
    assert!(matches!(Vault::examine(&path), Err(VaultError::Newer(3))));
    assert!(matches!(vault.change(|c| c.last_seals.clear()), Err(VaultError::Newer(3))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), newer);
    std::fs::write(&path, as_version_one(&vault, &text)).unwrap();
    std::fs::remove_file(dir.path().join("station.id")).unwrap();
    let mut older = Vault::open(&path, &credential('x')).unwrap();
    older.register_key().unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("{\"vault\":2,\"home\":"));
    Vault::open(&path, &credential('x')).unwrap();
}

#[test]
fn the_file_is_only_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    Vault::create(&path, &passphrase("x"), &[recovery().1]).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
