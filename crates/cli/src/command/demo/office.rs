//! The office of the demonstration: keys, vault, plan, and the table with which its register begins.

use super::{internal, phone};
use crate::{
    advice,
    command::keys::write_private,
    problem::Problem,
    state::State,
    station::{self, Desk},
};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use uitlezen_readout::Plan;
use uitlezen_seal::{
    envelope::GeneratedIdentity,
    station::{Kind, Station, Subject},
};
use uitlezen_vault::{AppSecret, AppSecretId, Recovery, Unlock, Vault};

pub(super) const SERIAL: &str = "DEMO0001";
/// Of the official's iPhone.
pub(super) const UDID: &str = "00008140-00DE300000000001";
pub(super) const OPERATOR: &str = "demonstratie";

pub(super) struct Office {
    pub(super) dir: PathBuf,
    pub(super) state: State,
    pub(super) desk: Desk,
    pub(super) plan: Plan,
    /// A table with what the register is to know.
    pub(super) register: PathBuf,
    pub(super) certificate: PathBuf,
    /// Opens both roles.
    pub(super) key_file: PathBuf,
}

impl Office {
    /// Makes everything that a station needs once, and a plan for this phone.
    pub(super) fn open(dir: &Path, phone: &phone::Shown) -> Result<Self, Problem> {
        let state = State::choose(Some(&dir.join("station")));
        state.make().map_err(|e| advice::disk(&e))?;
        let (recipient, recovery) = (GeneratedIdentity::new(), GeneratedIdentity::new());
        let (key_file, recovery_file) = (dir.join("sleutel-div.txt"), dir.join("sleutel-herstel.txt"));
        for (path, identity) in [(&key_file, &recipient), (&recovery_file, &recovery)] {
            write_private(path, identity.file.expose_secret().as_bytes()).map_err(|e| advice::disk(&e))?;
        }
        let subject = Subject {
            organisation: "Gemeente Voorbeeldstad".into(),
            organisation_code: "gm0000".into(),
            station_name: "DEMO".into(),
            kind: Kind::Demo,
        };
        let signer = Station::generate(&subject, 1, jiff::Timestamp::now()).map_err(|e| internal(&e))?;
        let certificate = dir.join("station.pem");
        let pem = signer.certificate().to_pem().map_err(|e| internal(&e))?;
        std::fs::write(&certificate, pem).map_err(|e| advice::disk(&e))?;
        // A passphrase that nobody keeps: this vault ends with the demonstration.
        let passphrase = hex::encode(uitlezen_seal::store::RunKey::random().map_err(|e| internal(&e))?.expose());
        let unlock = Unlock::Passphrase(SecretString::from(passphrase));
        let to = Recovery::parse(&recovery.recipient).map_err(|e| advice::vault(&e))?;
        let mut vault = Vault::create(&state.vault(), &unlock, &[to]).map_err(|e| advice::vault(&e))?;
        let station = station::store_station(&signer).ok_or_else(|| internal(&"station key"))?;
        let kept = [
            ("whatsapp", &phone.content.secrets.hex64),
            ("signal-passphrase", &phone.signal.passphrase),
            ("threema-password", &phone.threema.password),
        ];
        let change = vault.change(|c| {
            c.station = Some(station);
            c.app_secrets.extend(kept.map(|(app, secret)| {
                let id = AppSecretId { phone: SERIAL.into(), app: app.into() };
                (id, AppSecret::new(SecretString::from(secret.clone()), OPERATOR, phone.content.now))
            }));
        });
        change.map_err(|e| advice::vault(&e))?;
        let (path, text) = (dir.join("plan.toml"), plan_text(&phone.content.number, &recipient.recipient, &recovery.recipient));
        std::fs::write(&path, &text).map_err(|e| advice::disk(&e))?;
        let plan = Plan::parse(&text).map_err(|e| advice::plan(&path, &e))?;
        let register = dir.join("register.toml");
        std::fs::write(&register, register_text(&phone.content.number, phone.private_group())).map_err(|e| advice::disk(&e))?;
        let desk = Desk { vault, state: state.path().to_owned() };
        Ok(Self { dir: dir.to_owned(), state, desk, plan, register, certificate, key_file })
    }

    /// The same plan, for the official's iPhone and its messages.
    pub(super) fn plan_of_iphone(&self) -> Result<Plan, Problem> {
        let path = self.dir.join("plan-iphone.toml");
        let number = self.plan.phone.number.as_deref().unwrap_or_default();
        let text = self
            .plan
            .text
            .replace(
                &format!("serial = \"{SERIAL}\"\nnumber = \"{number}\"\nplatform = \"android\""),
                &format!("serial = \"{UDID}\"\nplatform = \"iphone\""),
            )
            .replace("whatsapp = true\nsignal = true\nsms = true\nthreema = true", "whatsapp = true\nimessage = true");
        std::fs::write(&path, &text).map_err(|e| advice::disk(&e))?;
        Plan::parse(&text).map_err(|e| advice::plan(&path, &e))
    }
}

fn register_text(number: &str, private_group: &str) -> String {
    format!(
        r#"format = 1

[organisation]
name = "Gemeente Voorbeeldstad"
code = "gm0000"
doel = "Bewaren van de zakelijke chatberichten van sleutelfunctionarissen"
grondslag = "Archiefwet 1995, artikel 3"
dpia = "DPIA-2026-001"
fg_advice = 2026-03-02
policy = "tenzij-uitgesloten"

[[officials]]
id = "wethouder-financien"
name = "drs. A. Voorbeeld"
function = "wethouder"
from = 2022-06-01
set_by = "directieteam"
decision = "DT-2026-7"
decided = 2026-02-10
appraisal = "B"
selection_list = "Selectielijst gemeenten en intergemeentelijke organen 2020"
category_code = "7.1"
category_title = "Het besturen van de gemeente"

[[phones]]
serial = "{SERIAL}"
official = "wethouder-financien"
number = "{number}"
platform = "android"

[[phones]]
serial = "{UDID}"
official = "wethouder-financien"
platform = "iphone"

# Een privégroep: vooraf besloten, voor het hele gesprek, door twee personen.
[[groups]]
id = "prive-1"
name = "privégroep"
identifiers = ["{private_group}"]

[[decisions]]
number = 1
group = "prive-1"
class = "prive"
decider = "archivaris"
second = "gemeentesecretaris"
reason = "gezin"
date = 2026-03-09
"#
    )
}

fn plan_text(number: &str, recipient: &str, recovery: &str) -> String {
    format!(
        r#"format = 1

[person]
name = "drs. A. Voorbeeld"
function = "wethouder"

[phone]
serial = "{SERIAL}"
number = "{number}"
platform = "android"

[run]
purpose = "periodiek"
operator = "{OPERATOR}"
backup_not_older_than = "240h"   # de eerste van de twee weken ligt een week terug

[organisation]
name = "Gemeente Voorbeeldstad"
code = "gm0000"

[apps]
whatsapp = true
signal = true
sms = true
threema = true

[[recipients]]
roles = ["verantwoording", "gesprekken"]
key = "{recipient}"
label = "DIV"

[[recipients]]
roles = ["verantwoording", "gesprekken"]
key = "{recovery}"
recovery = true
label = "herstel"
"#
    )
}
