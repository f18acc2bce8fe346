//! What a station and a phone know of each other after pairing (`reference/ios.md` §1.3).
//!
//! With it somebody can talk to the phone's services: it comes from the vault and goes back there, never to a disk and never to
//! usbmuxd's folder. The root's private key is not kept: it signs twice while a pairing is made and has no use afterwards.

use super::error::IphoneError;
use secrecy::{ExposeSecret, SecretSlice};
use std::fmt;
use uitlezen_property_list::{Limits, Value, parse, to_binary};
use zeroize::Zeroize;

/// The station as phones know it. A phone that meets another id asks its holder again: keep it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HostIdentity {
    pub host_id: String,
    pub system_buid: String,
}

impl HostIdentity {
    /// Two fresh random ids.
    pub fn generate() -> Result<Self, IphoneError> {
        Ok(Self { host_id: uuid()?, system_buid: uuid()? })
    }
}

/// A random UUID (version 4) in capitals.
fn uuid() -> Result<String, IphoneError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| IphoneError::Key)?;
    let number = (u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let text = format!("{number:032X}");
    let mut uuid = String::with_capacity(36);
    for (at, digit) in text.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    Ok(uuid)
}

/// A pair record; `Debug` shows no secret.
pub struct PairRecord {
    pub(crate) udid: String,
    pub(crate) host: HostIdentity,
    /// PEM, as all certificates here.
    pub(crate) device_certificate: Vec<u8>,
    pub(crate) host_certificate: Vec<u8>,
    pub(crate) root_certificate: Vec<u8>,
    /// PKCS#8, DER.
    pub(crate) host_key: SecretSlice<u8>,
    pub(crate) escrow_bag: Option<SecretSlice<u8>>,
}

impl fmt::Debug for PairRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairRecord").field("escrow_bag", &self.escrow_bag.is_some()).finish_non_exhaustive()
    }
}

const KEYS: [&str; 8] =
    ["UDID", "HostID", "SystemBUID", "DeviceCertificate", "HostCertificate", "RootCertificate", "HostPrivateKey", "EscrowBag"];

impl PairRecord {
    #[must_use]
    pub fn udid(&self) -> &str {
        &self.udid
    }

    #[must_use]
    pub fn host(&self) -> &HostIdentity {
        &self.host
    }

    /// For the vault.
    pub fn to_bytes(&self) -> Result<SecretSlice<u8>, IphoneError> {
        let mut list = self.public();
        list.set("UDID", self.udid.as_str()).set("HostPrivateKey", self.host_key.expose_secret());
        if let Some(bag) = &self.escrow_bag {
            list.set("EscrowBag", bag.expose_secret());
        }
        let bytes = to_binary(&list).map_err(|_| IphoneError::Key);
        wipe(&mut list);
        Ok(SecretSlice::from(bytes?))
    }

    /// From the vault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IphoneError> {
        let mut list =
            parse(bytes, &Limits { input: 1 << 20, nodes: 1000, ..Limits::default() }).map_err(|_| IphoneError::Key)?;
        let known = list.dict().is_some_and(|keys| keys.keys().all(|key| KEYS.contains(&key.as_str())));
        let text = |key: &str| list.get(key).and_then(Value::str).map(str::to_owned).ok_or(IphoneError::Key);
        let data = |key: &str| list.get(key).and_then(Value::data).map(<[u8]>::to_vec).ok_or(IphoneError::Key);
        if !known {
            return Err(IphoneError::Key);
        }
        let record = Self {
            udid: text("UDID")?,
            host: HostIdentity { host_id: text("HostID")?, system_buid: text("SystemBUID")? },
            device_certificate: data("DeviceCertificate")?,
            host_certificate: data("HostCertificate")?,
            root_certificate: data("RootCertificate")?,
            host_key: SecretSlice::from(data("HostPrivateKey")?),
            escrow_bag: data("EscrowBag").ok().map(SecretSlice::from),
        };
        wipe(&mut list);
        Ok(record)
    }

    /// What the phone may see of it: no private key.
    pub(crate) fn public(&self) -> Value {
        let mut list = Value::of([("HostID", self.host.host_id.as_str()), ("SystemBUID", self.host.system_buid.as_str())]);
        list.set("DeviceCertificate", self.device_certificate.as_slice())
            .set("HostCertificate", self.host_certificate.as_slice())
            .set("RootCertificate", self.root_certificate.as_slice());
        list
    }
}

/// Wipes all text and data of a list that held secrets.
pub(crate) fn wipe(value: &mut Value) {
    match value {
        Value::Dictionary(dictionary) => dictionary.values_mut().for_each(wipe),
        Value::Array(array) => array.iter_mut().for_each(wipe),
        Value::String(text) => text.zeroize(),
        Value::Data(data) => data.zeroize(),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_shows_nothing() {
        let host = HostIdentity::generate().unwrap();
        assert_eq!(host.host_id.len(), 36);
        assert_eq!((&host.host_id[14..15], host.host_id == host.system_buid), ("4", false));
        let record = PairRecord {
            udid: "u".into(),
            host,
            device_certificate: vec![1],
            host_certificate: vec![2],
            root_certificate: vec![3],
            host_key: SecretSlice::from(b"KEYKEYKEY".to_vec()),
            escrow_bag: Some(SecretSlice::from(b"BAGBAGBAG".to_vec())),
        };
        let bytes = record.to_bytes().unwrap();
        let again = PairRecord::from_bytes(bytes.expose_secret()).unwrap();
        assert_eq!(again.to_bytes().unwrap().expose_secret(), bytes.expose_secret());
        assert_eq!(again.host, record.host);
        assert!(!format!("{record:?}").contains("KEY") && record.public().get("HostPrivateKey").is_none());
        for cut in 0..bytes.expose_secret().len() {
            assert!(PairRecord::from_bytes(&bytes.expose_secret()[..cut]).is_err());
        }
    }
}
