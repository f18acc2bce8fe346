//! The pair record: what a phone and this station know of each other. A credential; the vault keeps it and hands it in, and
//! nothing here reads or writes a file. The `usbmuxd` daemon is not given it either: it would write it to disk. Its own, which
//! lies there anyway, may become ours (`pairing`).

use super::error::{IphoneError, KeyFault};
use super::message::limits;
use secrecy::{ExposeSecret, SecretSlice};
use std::fmt;
use uitlezen_property_list::{Value, parse, to_xml};
use zeroize::{Zeroize, Zeroizing};

/// Longest record taken: some 8 KB in practice.
const LONGEST: usize = 256 * 1024;

/// Names this station to phones. The same for every phone and for good: a new one brings a new trust dialog.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StationId {
    /// A UUID in upper case.
    pub host_id: String,
    /// A UUID in upper case; names the "system" whose hosts pair.
    pub system_buid: String,
}

impl fmt::Debug for StationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StationId")
    }
}

impl StationId {
    pub fn generate() -> Result<Self, IphoneError> {
        Ok(Self { host_id: uuid()?, system_buid: uuid()? })
    }
}

/// A random UUID (version 4) in upper case, as Apple's software writes them.
pub(crate) fn uuid() -> Result<String, IphoneError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| KeyFault::Making)?;
    let mut number = u128::from_be_bytes(bytes);
    number = number & !(0xf << 76) | 4 << 76;
    number = number & !(0x3 << 62) | 2 << 62;
    let hex = format!("{number:032X}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    Ok(format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)))
}

/// See the module. Wiped when dropped.
pub struct PairRecord {
    pub(crate) station: StationId,
    pub(crate) device_certificate: Vec<u8>,
    pub(crate) host_certificate: Vec<u8>,
    pub(crate) root_certificate: Vec<u8>,
    pub(crate) host_private_key: Zeroizing<Vec<u8>>,
    pub(crate) root_private_key: Zeroizing<Vec<u8>>,
    /// Lets services open data of a phone that was locked since. Absent in records of other programs.
    pub(crate) escrow_bag: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for PairRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairRecord")
    }
}

impl PairRecord {
    /// As an XML list with the keys that every tool uses; for the vault.
    pub fn to_list(&self) -> Result<SecretSlice<u8>, IphoneError> {
        let mut record = Value::of([
            ("HostID", Value::from(self.station.host_id.as_str())),
            ("SystemBUID", self.station.system_buid.as_str().into()),
            ("DeviceCertificate", self.device_certificate.as_slice().into()),
            ("HostCertificate", self.host_certificate.as_slice().into()),
            ("RootCertificate", self.root_certificate.as_slice().into()),
            ("HostPrivateKey", self.host_private_key.as_slice().into()),
            ("RootPrivateKey", self.root_private_key.as_slice().into()),
        ]);
        if let Some(bag) = &self.escrow_bag {
            record.set("EscrowBag", bag.as_slice());
        }
        let list = to_xml(&record).map_err(|_| IphoneError::Key(KeyFault::PairRecord));
        wipe(record);
        Ok(SecretSlice::from(list?))
    }

    /// From such a list, or a binary one: also one that another program made.
    pub fn from_list(list: &SecretSlice<u8>) -> Result<Self, IphoneError> {
        let value = parse(list.expose_secret(), &limits(LONGEST)).map_err(|_| KeyFault::PairRecord)?;
        let record = Self::of(&value);
        wipe(value);
        record.ok_or(IphoneError::Key(KeyFault::PairRecord))
    }

    fn of(value: &Value) -> Option<Self> {
        let data = |key: &str| value.get(key).and_then(Value::data).map(<[u8]>::to_vec);
        let text = |key: &str| value.get(key).and_then(Value::str).map(str::to_owned);
        Some(Self {
            station: StationId { host_id: text("HostID")?, system_buid: text("SystemBUID")? },
            device_certificate: data("DeviceCertificate")?,
            host_certificate: data("HostCertificate")?,
            root_certificate: data("RootCertificate")?,
            host_private_key: Zeroizing::new(data("HostPrivateKey")?),
            // A session does not need it; some programs leave it out.
            root_private_key: Zeroizing::new(data("RootPrivateKey").unwrap_or_default()),
            escrow_bag: data("EscrowBag").map(Zeroizing::new),
        })
    }

    /// The station it was made for.
    #[must_use]
    pub fn station(&self) -> &StationId {
        &self.station
    }

    /// Whether it holds an escrow bag; without one, a backup may end with "device locked".
    #[must_use]
    pub fn has_escrow_bag(&self) -> bool {
        self.escrow_bag.is_some()
    }

    pub(crate) fn host_private_key(&self) -> &[u8] {
        &self.host_private_key
    }

    pub(crate) fn host_certificate(&self) -> &[u8] {
        &self.host_certificate
    }

    pub(crate) fn device_certificate(&self) -> &[u8] {
        &self.device_certificate
    }

    /// What the phone is shown of it: no private key.
    pub(crate) fn public(&self) -> Value {
        Value::of([
            ("HostID", Value::from(self.station.host_id.as_str())),
            ("SystemBUID", self.station.system_buid.as_str().into()),
            ("DeviceCertificate", self.device_certificate.as_slice().into()),
            ("HostCertificate", self.host_certificate.as_slice().into()),
            ("RootCertificate", self.root_certificate.as_slice().into()),
        ])
    }
}

/// Overwrites all text and data of a value.
pub(crate) fn wipe(value: Value) {
    match value {
        Value::String(mut text) => text.zeroize(),
        Value::Data(mut data) => data.zeroize(),
        Value::Array(values) => values.into_iter().for_each(wipe),
        Value::Dictionary(values) => values.into_values().for_each(wipe),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn record() -> PairRecord {
        PairRecord {
            station: StationId::generate().unwrap(),
            device_certificate: b"device".to_vec(),
            host_certificate: b"host".to_vec(),
            root_certificate: b"root".to_vec(),
            host_private_key: Zeroizing::new(b"host secret".to_vec()),
            root_private_key: Zeroizing::new(b"root secret".to_vec()),
            escrow_bag: Some(Zeroizing::new(b"bag secret".to_vec())),
        }
    }

    #[test]
    fn a_record_survives_the_vault_and_shows_no_secret() {
        let record = record();
        let again = PairRecord::from_list(&record.to_list().unwrap()).unwrap();
        assert_eq!(again.station, record.station);
        assert_eq!(*again.host_private_key, *record.host_private_key);
        assert_eq!(again.escrow_bag, record.escrow_bag);
        let shown = to_xml(&record.public()).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        for key in ["HostPrivateKey", "RootPrivateKey", "EscrowBag"] {
            assert!(!shown.contains(key), "{key} goes to no phone");
        }
        assert!(!format!("{record:?}").contains("secret"));
    }

    #[test]
    fn records_with_parts_missing_are_refused_and_those_of_other_programs_are_taken() {
        for key in ["HostID", "SystemBUID", "DeviceCertificate", "HostCertificate", "HostPrivateKey"] {
            let mut value = parse(record().to_list().unwrap().expose_secret(), &limits(LONGEST)).unwrap();
            if let Value::Dictionary(entries) = &mut value {
                entries.shift_remove(key);
            }
            let list = SecretSlice::from(to_xml(&value).unwrap());
            assert!(matches!(PairRecord::from_list(&list), Err(IphoneError::Key(KeyFault::PairRecord))), "{key}");
        }
        let mut value = parse(record().to_list().unwrap().expose_secret(), &limits(LONGEST)).unwrap();
        if let Value::Dictionary(entries) = &mut value {
            entries.shift_remove("EscrowBag");
            entries.shift_remove("RootPrivateKey");
            entries.insert("WiFiMACAddress".into(), "00:00:00:00:00:00".into());
        }
        let list = SecretSlice::from(uitlezen_property_list::to_binary(&value).unwrap());
        assert!(!PairRecord::from_list(&list).unwrap().has_escrow_bag());
        assert!(PairRecord::from_list(&SecretSlice::from(b"no list".to_vec())).is_err());
    }

    #[test]
    fn station_ids_are_random_uuids_in_upper_case() {
        let one = StationId::generate().unwrap();
        assert_ne!(one.host_id, one.system_buid);
        for id in [&one.host_id, &one.system_buid] {
            assert_eq!(id.len(), 36);
            assert_eq!(id.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
            assert_eq!(id.as_bytes().get(14), Some(&b'4'));
            assert!(matches!(id.as_bytes().get(19), Some(b'8' | b'9' | b'A' | b'B')));
            assert_eq!(*id, id.to_uppercase());
        }
    }
}
