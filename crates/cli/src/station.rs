//! This station: its vault, its signing key, its adb key.

use crate::{account, advice, problem::Problem, screen, secret::Secrets, state::State, text::Texts, unlocking};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use uitlezen_check::{
    ExitCode,
    separation::{Past, ThreadKey},
};
use uitlezen_phone::{android::AdbKey, iphone::StationId};
use uitlezen_readout::{
    earlier::EarlierFile,
    ledger::{Entry, Ledger},
    link::{IphoneHost, Secret, Supervision},
    run::{Claim, KeptPassword, PasswordState, Previous, RunError, RunKeeper},
};
use uitlezen_seal::{
    station::{Certificate, Station},
    store::{RunKey, WorkStore},
};
use uitlezen_vault::{AdbKeySecret, BackupPassword, OpenRun, PairRecord, PasswordOrigin, StationSecret, Vault};
use zeroize::Zeroizing;

/// Folder of what is kept of the last backups of iPhones.
const BACKUPS: &str = "iphones";

/// Names a phone in a file name without saying which.
fn short_digest(phone: &str) -> String {
    hex::encode(Sha256::digest(phone.as_bytes())).chars().take(16).collect()
}

/// Name of the secret that opens the vault when its passphrase is lost: the file of a recovery key.
pub(crate) const RECOVERY_SECRET: &str = "vault-recovery";

/// The identity in a key file; the rest of the file is comment.
pub(crate) fn identity_line(file: &SecretString) -> SecretString {
    let line = file.expose_secret().lines().find(|line| line.starts_with("AGE-SECRET-KEY-"));
    SecretString::from(line.unwrap_or_default().to_owned())
}

/// The unlocked station.
#[derive(Debug)]
pub(crate) struct Desk {
    pub vault: Vault,
    /// The state folder.
    pub state: PathBuf,
}

impl Desk {
    /// Whether there is a vault at all: worth knowing before anything is asked for it.
    pub(crate) fn is_there(state: &State) -> Result<(), Problem> {
        if state.vault().exists() { Ok(()) } else { Err(advice::vault(&uitlezen_vault::VaultError::Absent)) }
    }

    pub(crate) fn open(state: &State, secrets: &Secrets, texts: &Texts) -> Result<Self, Problem> {
        Self::is_there(state)?;
        let opened = match secrets.given_text(RECOVERY_SECRET)? {
            Some(file) => Vault::open_with_recovery(&state.vault(), &identity_line(&file)),
            None => Vault::open(&state.vault(), &unlocking::unlock(state, secrets, texts)?),
        };
        let vault = opened.map_err(|e| advice::vault(&e))?;
        if let Some(seconds) = vault.clock_behind() {
            clock_was_set_back(state, texts, seconds);
        }
        Ok(Self { vault, state: state.path().to_owned() })
    }

    /// The signing key with its certificate.
    pub(crate) fn station(&self) -> Result<Station, Problem> {
        let secret = self.vault.contents().station.as_ref().ok_or(Problem::new("error-no-station-key", ExitCode::Usage))?;
        read_station(secret).ok_or_else(|| Problem::new("error-vault-damaged", ExitCode::Usage).with("why", "station"))
    }

    /// The list of what earlier seals of this phone hold.
    pub(crate) fn earlier(&mut self, state: &State, phone: &str) -> Result<EarlierFile, Problem> {
        let key = self.vault.fingerprint_key(phone).map_err(|e| advice::vault(&e))?;
        Ok(EarlierFile::new(state.path(), &key))
    }

    /// The key that phones ask about; made at first use.
    pub(crate) fn adb_key(&mut self) -> Result<SecretString, Problem> {
        if let Some(key) = &self.vault.contents().adb_key {
            return Ok(key.key().clone());
        }
        let internal = |why| Problem::new("error-internal", ExitCode::Internal).with("why", why);
        let key = AdbKey::generate().map_err(|_| internal("adb key"))?;
        let pem = key.to_pem().map_err(|_| internal("adb key"))?;
        self.vault.change(|c| c.adb_key = Some(AdbKeySecret::new(pem.clone()))).map_err(|e| advice::vault(&e))?;
        Ok(pem)
    }
}

/// Told and recorded; times in the record are still what the clock said, and the seal keeps the phone's clock beside it.
fn clock_was_set_back(state: &State, texts: &Texts, seconds: u64) {
    screen::aside(&texts.get("clock-set-back", &[("minutes", seconds.div_ceil(60).into())]));
    let entry = Entry {
        at: jiff::Timestamp::now(),
        action: "clock".to_owned(),
        object: "vault".to_owned(),
        result: "set-back".to_owned(),
        origin: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        actor: account::name(),
        counts: vec![("seconds".to_owned(), seconds)],
    };
    if let Err(error) = Ledger::at(state.path()).add(entry) {
        let (what, _) = advice::disk(&error).say(texts);
        screen::aside(&what);
    }
}

/// Puts a station's key and certificates into the form the vault keeps.
pub(crate) fn store_station(station: &Station) -> Option<StationSecret> {
    let key = hex::encode(station.secret().ok()?.as_slice());
    let certificates: Option<String> = station.chain().iter().map(|c| c.to_pem().ok()).collect();
    Some(StationSecret::new(SecretString::from(key), certificates?))
}

fn read_station(secret: &StationSecret) -> Option<Station> {
    let pkcs8 = Zeroizing::new(hex::decode(secret.key().expose_secret()).ok()?);
    const END: &str = "-----END CERTIFICATE-----";
    let chain: Option<Vec<Certificate>> = secret
        .certificates
        .split_inclusive(END)
        .filter(|pem| pem.contains(END))
        .map(|pem| Certificate::from_file(pem.trim_start().as_bytes()).ok())
        .collect();
    Station::from_parts(&pkcs8, chain?).ok()
}

impl Desk {
    /// Destroys what was kept of backups of a phone, but for one.
    fn discard_backup_states(&self, phone: &str, but: Option<&Path>) {
        let of_phone = format!("{}-", short_digest(phone));
        let all = std::fs::read_dir(self.state.join(BACKUPS)).into_iter().flatten().flatten().map(|entry| entry.path());
        for other in all.filter(|other| Some(other.as_path()) != but) {
            let ours = other.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&of_phone));
            // What cannot be destroyed has lost its key.
            if ours && let Err(error) = WorkStore::discard_at(&other) {
                tracing::warn!(%error, "an older kept backup");
            }
        }
    }
}

impl RunKeeper for Desk {
    fn claim(&mut self, phone: &str) -> Result<Claim, RunError> {
        Claim::on(&self.state, phone)
    }

    fn keep(&mut self, run: &str, key: &RunKey, store: &Path, phone: &str) -> Result<(), RunError> {
        let key = SecretString::from(hex::encode(key.expose()));
        let started = jiff::Timestamp::now().as_second();
        let open = OpenRun::new(key, store.to_owned(), phone, started);
        Ok(self.vault.change(|c| c.open_runs.insert(run.to_owned(), open)).map(|_| ())?)
    }

    fn forget(&mut self, run: &str) -> Result<(), RunError> {
        Ok(self.vault.change(|c| c.open_runs.remove(run)).map(|_| ())?)
    }

    fn sealed(&mut self, run: &str, phone: &str, digest: [u8; 32]) -> Result<(), RunError> {
        Ok(self.vault.change(|c| {
            c.open_runs.remove(run);
            c.last_seals.insert(phone.to_owned(), hex::encode(digest));
            c.last_seal_of_station = Some(hex::encode(digest));
        })?)
    }

    fn previous(&self, phone: &str) -> Previous {
        let digest = |text: Option<&String>| text.and_then(|t| hex::decode(t).ok()).and_then(|d| d.try_into().ok());
        let contents = self.vault.contents();
        Previous { of_phone: digest(contents.last_seals.get(phone)), of_station: digest(contents.last_seal_of_station.as_ref()) }
    }

    fn thread_key(&mut self, phone: &str) -> Result<Option<Zeroizing<[u8; 32]>>, RunError> {
        Ok(Some(Zeroizing::new(ThreadKey::derive(self.vault.fingerprint_key(phone)?.expose_secret()))))
    }

    fn iphone_host(&mut self, phone: &str) -> Result<IphoneHost, RunError> {
        let contents = self.vault.contents();
        let record = contents.pair_records.get(phone).map(PairRecord::plist).transpose()?;
        let host = match &contents.iphone_host {
            Some(host) => host.clone(),
            None => {
                let made = StationId::generate().map_err(|_| RunError::Random)?;
                let made = uitlezen_vault::IphoneHost { system_buid: made.system_buid, host_id: made.host_id };
                // Another process may have made one meanwhile: that one counts.
                self.vault.change(|c| c.iphone_host.get_or_insert(made).clone())?
            }
        };
        let pair_record = record.map(|list| Secret::new(hex::encode(list.as_slice())));
        let supervision = self.vault.contents().supervision.as_ref().map(|kept| Supervision {
            certificate: kept.certificate.clone(),
            key: Secret::new(kept.key().expose_secret().to_owned()),
        });
        Ok(IphoneHost { host_id: host.host_id, system_buid: host.system_buid, pair_record, supervision })
    }

    fn keep_pair_record(&mut self, phone: &str, record: &Secret) -> Result<(), RunError> {
        let list = Zeroizing::new(hex::decode(record.expose()).map_err(|_| RunError::Internal("a pair record"))?);
        let record = PairRecord::new(&list, jiff::Timestamp::now().as_second())?;
        Ok(self.vault.change(|c| c.pair_records.insert(phone.to_owned(), record)).map(|_| ())?)
    }

    fn backup_password(&mut self, phone: &str) -> Result<Option<KeptPassword>, RunError> {
        // Another process may have settled it.
        let kept = self.vault.change(|c| c.backup_passwords.get(phone).cloned())?;
        Ok(kept.map(|kept| KeptPassword {
            password: kept.password().clone(),
            state: match kept.origin {
                PasswordOrigin::Holder => PasswordState::Given,
                PasswordOrigin::Asked => PasswordState::Asked,
                PasswordOrigin::Set => PasswordState::Set,
            },
        }))
    }

    fn keep_backup_password(&mut self, phone: &str, password: &SecretString, state: PasswordState) -> Result<(), RunError> {
        let origin = match state {
            PasswordState::Given => PasswordOrigin::Holder,
            PasswordState::Asked => PasswordOrigin::Asked,
            PasswordState::Set => PasswordOrigin::Set,
        };
        let kept = BackupPassword::new(password.clone(), account::name(), jiff::Timestamp::now().as_second()).of(origin);
        Ok(self.vault.change(|c| c.backup_passwords.insert(phone.to_owned(), kept)).map(|_| ())?)
    }

    fn forget_backup_password(&mut self, phone: &str) -> Result<(), RunError> {
        Ok(self.vault.change(|c| c.backup_passwords.remove(phone)).map(|_| ())?)
    }

    fn backup_state(&mut self, phone: &str) -> Result<Option<(PathBuf, RunKey)>, RunError> {
        let Some(kept) = self.vault.contents().backup_states.get(phone) else { return Ok(None) };
        let mut key = Zeroizing::new([0; 32]);
        let damaged = |_| RunError::Internal("the key of a kept backup");
        hex::decode_to_slice(kept.key().expose_secret(), &mut *key).map_err(damaged)?;
        Ok(Some((kept.store.clone(), RunKey::from_bytes(&mut key))))
    }

    fn new_backup_state(&mut self, phone: &str) -> Result<Option<PathBuf>, RunError> {
        let folder = self.state.join(BACKUPS);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|e| RunError::State(e.kind()))?;
        let random = hex::encode(RunKey::random().map_err(|_| RunError::Random)?.expose());
        Ok(Some(folder.join(format!("{}-{}", short_digest(phone), random.get(..8).unwrap_or_default()))))
    }

    /// Also what a run left that broke off between writing and sealing.
    fn keep_backup_state(&mut self, phone: &str, dir: &Path, key: &RunKey) -> Result<(), RunError> {
        let key = SecretString::from(hex::encode(key.expose()));
        let kept = OpenRun::new(key, dir.to_owned(), phone, jiff::Timestamp::now().as_second());
        self.vault.change(|c| c.backup_states.insert(phone.to_owned(), kept))?;
        self.discard_backup_states(phone, Some(dir));
        Ok(())
    }

    fn forget_backup_state(&mut self, phone: &str) -> Result<(), RunError> {
        // Without its key it is gone, whatever becomes of the files.
        self.vault.change(|c| c.backup_states.remove(phone))?;
        self.discard_backup_states(phone, None);
        Ok(())
    }

    fn forget_iphone(&mut self, phone: &str) -> Result<(), RunError> {
        self.forget_backup_state(phone)?;
        Ok(self.vault.change(|c| c.pair_records.remove(phone)).map(|_| ())?)
    }

    fn past(&mut self, phone: &str) -> Result<Option<Past>, RunError> {
        let Some(kept) = self.vault.contents().separations.get(phone) else { return Ok(None) };
        serde_json::from_str(kept).map(Some).map_err(|_| RunError::Internal("what was decided before"))
    }

    fn keep_past(&mut self, phone: &str, past: &Past) -> Result<(), RunError> {
        let text = serde_json::to_string(past).map_err(|_| RunError::Internal("what was decided"))?;
        Ok(self.vault.change(|c| c.separations.insert(phone.to_owned(), text)).map(|_| ())?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn a_clock_that_was_set_back_stands_in_the_ledger_with_how_much() {
        let dir = tempfile::tempdir().unwrap();
        let state = State::choose(Some(dir.path()));
        clock_was_set_back(&state, &Texts::new(Language::Dutch), 3601);
        let line = std::fs::read_to_string(dir.path().join("ledger.jsonl")).unwrap();
        assert!(line.contains("\"set-back\"") && line.contains("[\"seconds\",3601]"), "{line}");
        let said = Texts::new(Language::Dutch).get("clock-set-back", &[("minutes", 61.into())]);
        assert!(said.contains("61 minuten"), "{said}");
    }
}
