//! The vault file: the station's secrets, on a disk that somebody else may write to.

use crate::made;
use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{io::Read, sync::OnceLock};
use uitlezen_seal::envelope::GeneratedIdentity;
use uitlezen_vault::{AppSecret, AppSecretId, Contents, Recovery, TokenKey, Unlock, Vault};

/// Argon2 work (KiB times passes) that a case may cost; more is the lock's right, and no fuzzing.
const MOST_WORK: u64 = 4096;

struct Made {
    /// The file as the first version wrote it, with locks that cost next to nothing.
    file: Vec<u8>,
    /// As it is written now.
    second: Vec<u8>,
    /// JSON of the contents.
    contents: Vec<u8>,
    identity: SecretString,
}

fn passphrase() -> Unlock {
    Unlock::Passphrase(SecretString::from("een goed wachtwoord".to_owned()))
}

fn credential() -> Unlock {
    Unlock::Credential(SecretString::from("0123456789abcdef0123".to_owned()))
}

fn identity_line(identity: &GeneratedIdentity) -> SecretString {
    identity.file.expose_secret().lines().last().unwrap().to_owned().into()
}

fn vault() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = made::folder();
        let path = dir.path().join("vault");
        let identity = GeneratedIdentity::new();
        let recovery = Recovery::parse(&identity.recipient).unwrap();
        let mut vault = Vault::create(&path, &credential(), &[recovery]).unwrap();
        let secret = AppSecret::new("geheim".to_owned().into(), "houder", 1_794_000_000);
        let id = AppSecretId { phone: "R5CT".into(), app: "whatsapp".into() };
        vault.change(|contents| contents.app_secrets.insert(id, secret)).unwrap();
        let contents = serde_json::to_vec(vault.contents()).unwrap();
        let mut file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let identity = identity_line(&identity);
        let key = vault_key(&hex::decode(file["recovery"].as_str().unwrap()).unwrap(), &identity);
        file["locks"] = json!([cheap_lock(&key, "passphrase", &passphrase()), cheap_lock(&key, "credential", &credential())]);
        // The first version binds the body to nothing, so that locks can be changed by hand.
        file["vault"] = 1.into();
        let body = Payload { msg: &contents, aad: b"uitlezen vault body 1" };
        let body = Aes256Gcm::new(&<[u8; 32]>::try_from(key).unwrap().into()).encrypt(&Nonce::from([6; 12]), body).unwrap();
        (file["nonce"], file["body"]) = (hex::encode([6; 12]).into(), hex::encode(body).into());
        for later in ["home", "check"] {
            file.as_object_mut().unwrap().remove(later).unwrap();
        }
        let second = std::fs::read(&path).unwrap();
        Made { file: serde_json::to_vec(&file).unwrap(), second, contents, identity }
    })
}

/// Out of the recovery envelope, as any age program would.
fn vault_key(envelope: &[u8], identity: &SecretString) -> Vec<u8> {
    let identity: age::x25519::Identity = identity.expose_secret().parse().unwrap();
    let mut line = String::new();
    let decryptor = age::Decryptor::new(envelope).unwrap();
    decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).unwrap().read_to_string(&mut line).unwrap();
    hex::decode(line.trim_end().strip_prefix("uitlezen/1 vault-key ").unwrap()).unwrap()
}

/// A lock as the file has it, but of the least work that Argon2 takes.
fn cheap_lock(key: &[u8], kind: &str, unlock: &Unlock) -> Value {
    let (Unlock::Passphrase(secret) | Unlock::Credential(secret)) = unlock else { unreachable!("made above") };
    let (salt, nonce, mut under) = ([4; 16], [5; 12], [0; 32]);
    let params = Params::new(8, 1, 1, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(secret.expose_secret().as_bytes(), &salt, &mut under).unwrap();
    let payload = Payload { msg: key, aad: b"uitlezen vault lock 1" };
    let wrapped = Aes256Gcm::new(&under.into()).encrypt(&Nonce::from(nonce), payload).unwrap();
    json!({ "kind": kind, "salt": hex::encode(salt), "memory_kib": 8, "passes": 1, "lanes": 1, "nonce": hex::encode(nonce), "wrapped": hex::encode(wrapped) })
}

/// The same with its check made right, so that what stands behind the check is reached.
fn with_check(data: &[u8]) -> Option<Vec<u8>> {
    let end = data.windows(10).rposition(|at| at == b",\"check\":\"")?;
    let json = [&data[..end], b"}"].concat();
    let check = hex::encode(Sha256::digest(&json));
    Some([&data[..end], format!(",\"check\":\"{check}\"}}").as_bytes()].concat())
}

/// Whatever the file says, it opens to the contents that were put in, or not at all.
pub fn vault_file(data: &[u8]) {
    one_file(data);
    if let Some(checked) = with_check(data) {
        one_file(&checked);
    }
}

fn one_file(data: &[u8]) {
    let dir = made::folder();
    let path = dir.path().join("vault");
    std::fs::write(&path, data).unwrap();
    let same =
        |contents: &Contents| assert!(serde_json::to_vec(contents).unwrap() == vault().contents, "contents that nobody put in");
    let _ = Vault::examine(&path);
    if let Ok(vault) = Vault::open_with_recovery(&path, &vault().identity) {
        same(vault.contents());
    }
    if cheap(data) {
        for unlock in [passphrase(), credential()] {
            if let Ok(vault) = Vault::open(&path, &unlock) {
                same(vault.contents());
            }
        }
    }
    assert_eq!(std::fs::read(&path).unwrap(), data, "opening changed the file");
}

fn cheap(data: &[u8]) -> bool {
    let Ok(file) = serde_json::from_slice::<Value>(data) else { return true };
    let number = |lock: &Value, name: &str| lock[name].as_u64().unwrap_or(0);
    let locks = file["locks"].as_array().map(Vec::as_slice).unwrap_or_default();
    locks.iter().all(|lock| {
        let (memory, passes) = (number(lock, "memory_kib"), number(lock, "passes"));
        // What is above the vault's own bounds is refused without work, which is worth trying.
        memory.saturating_mul(passes) <= MOST_WORK || memory > 1 << 20 || passes > 32
    })
}

/// Where a key on a token stands: refused, or read with a module to load and no PIN in it.
pub fn token_place(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if TokenKey::parse(text).is_ok() {
        assert!(text.starts_with("pkcs11:") && text.contains("?module-path=") && !text.contains("pin-value"));
    }
}

pub fn token_place_seeds() -> Vec<Vec<u8>> {
    vec![b"pkcs11:token=kiosk%201;object=kluis;id=%01%fF;type=private?module-path=/usr/lib/x.so".to_vec()]
}

pub fn vault_seeds() -> Vec<Vec<u8>> {
    vec![vault().file.clone(), vault().second.clone()]
}
