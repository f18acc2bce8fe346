//! The three certificates of a pairing (reference/ios.md §1.3): a root of our own, and under it one for this station and one
//! for the phone's key. X.509 v3 with empty names, SHA-256 with RSA-2048, ten years.

use super::{
    error::{IphoneError, KeyFault},
    record::{PairRecord, StationId},
};
use der::{
    Encode,
    pem::{self, LineEnding},
};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey,
    pkcs1::DecodeRsaPublicKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey},
    rand_core::OsRng,
    sha2::{Digest, Sha256},
};
use std::time::{Duration, SystemTime};
use x509_cert::time::Time;
use zeroize::Zeroizing;

const BITS: usize = 2048;
/// What a phone's key may have. Real ones have 2048.
const PHONE_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
/// Longest public key taken from a phone.
const LONGEST: usize = 8 * 1024;
const TEN_YEARS: Duration = Duration::from_secs(3650 * 86_400);
/// Clocks differ: valid a day before it was made.
const EARLIER: Duration = Duration::from_secs(86_400);

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
/// AlgorithmIdentifier sha256WithRSAEncryption, with its NULL.
const SHA256_WITH_RSA: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
const BASIC_CONSTRAINTS: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x0f];
const TRUE: &[u8] = &[0x01, 0x01, 0xff];
/// BIT STRING digitalSignature, keyEncipherment.
const USAGE: &[u8] = &[0x03, 0x02, 0x05, 0xa0];

/// Keys and certificates for one phone; no escrow bag yet. Takes a second or so.
pub(crate) fn make(station: &StationId, phone_key: &[u8], now: SystemTime) -> Result<PairRecord, IphoneError> {
    let phone = phone_public(phone_key)?;
    let making = |_| IphoneError::Key(KeyFault::Making);
    let root = RsaPrivateKey::new(&mut OsRng, BITS).map_err(making)?;
    let host = RsaPrivateKey::new(&mut OsRng, BITS).map_err(making)?;
    Ok(PairRecord {
        station: station.clone(),
        device_certificate: certificate(&phone, &root, false, now)?,
        host_certificate: certificate(&host.to_public_key(), &root, false, now)?,
        root_certificate: certificate(&root.to_public_key(), &root, true, now)?,
        host_private_key: private(&host)?,
        root_private_key: private(&root)?,
        escrow_bag: None,
    })
}

/// `DevicePublicKey`: PEM, "RSA PUBLIC KEY" (PKCS#1).
fn phone_public(key: &[u8]) -> Result<RsaPublicKey, IphoneError> {
    use rsa::traits::PublicKeyParts;
    let text = std::str::from_utf8(key).ok().filter(|text| text.len() <= LONGEST).ok_or(KeyFault::Phone)?;
    // Phones end the text with a byte zero.
    let key = RsaPublicKey::from_pkcs1_pem(text.trim_end_matches('\0').trim()).map_err(|_| KeyFault::Phone)?;
    if PHONE_BITS.contains(&key.n().bits()) { Ok(key) } else { Err(KeyFault::Phone.into()) }
}

fn private(key: &RsaPrivateKey) -> Result<Zeroizing<Vec<u8>>, IphoneError> {
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyFault::Making)?;
    Ok(Zeroizing::new(pem.as_bytes().to_vec()))
}

/// A certificate in PEM.
fn certificate(subject: &RsaPublicKey, signer: &RsaPrivateKey, authority: bool, now: SystemTime) -> Result<Vec<u8>, IphoneError> {
    let making = || IphoneError::Key(KeyFault::Making);
    let key = subject.to_public_key_der().map_err(|_| making())?;
    let moment = |at: Option<SystemTime>| at.and_then(|at| Time::try_from(at).ok()?.to_der().ok()).ok_or_else(making);
    let validity = [moment(now.checked_sub(EARLIER))?, moment(now.checked_add(TEN_YEARS))?].concat();
    let constraint = tlv(SEQUENCE, if authority { TRUE } else { &[] });
    let mut extensions = extension(BASIC_CONSTRAINTS, &constraint);
    if !authority {
        extensions.extend(extension(KEY_USAGE, USAGE));
    }
    let content = [
        tlv(0xa0, &[0x02, 0x01, 0x02]),         // version 3
        vec![0x02, 0x01, u8::from(!authority)], // serial
        SHA256_WITH_RSA.to_vec(),
        tlv(SEQUENCE, &[]), // issuer
        tlv(SEQUENCE, &validity),
        tlv(SEQUENCE, &[]), // subject
        key.as_bytes().to_vec(),
        tlv(0xa3, &tlv(SEQUENCE, &extensions)),
    ]
    .concat();
    let signed = tlv(SEQUENCE, &content);
    let digest = Sha256::digest(&signed);
    let signature = signer.sign_with_rng(&mut OsRng, Pkcs1v15Sign::new::<Sha256>(), &digest).map_err(|_| making())?;
    let signature = [&[0][..], &signature].concat();
    let whole = tlv(SEQUENCE, &[signed, SHA256_WITH_RSA.to_vec(), tlv(BIT_STRING, &signature)].concat());
    pem::encode_string("CERTIFICATE", LineEnding::LF, &whole).map(String::into_bytes).map_err(|_| making())
}

/// A critical extension.
fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[oid, TRUE, &tlv(OCTET_STRING, value)].concat())
}

/// Tag, length in its shortest form, content.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if let Some(short) = u8::try_from(length).ok().filter(|short| *short < 0x80) {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let bytes = bytes.get(bytes.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
        out.push(0x80 | bytes.len() as u8);
        out.extend_from_slice(bytes);
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stderr)]
pub(crate) mod tests {
    use super::*;
    use der::{Decode, DecodePem};
    use rsa::{pkcs1::EncodeRsaPublicKey, pkcs8::DecodePublicKey};
    use std::{
        io::Write,
        process::{Command, Stdio},
        sync::OnceLock,
    };
    use x509_cert::{
        Certificate,
        ext::pkix::{BasicConstraints, KeyUsage, KeyUsages},
    };

    /// A phone's key and what a station made of it, once for all tests.
    pub(crate) fn made() -> &'static (RsaPrivateKey, PairRecord) {
        static MADE: OnceLock<(RsaPrivateKey, PairRecord)> = OnceLock::new();
        MADE.get_or_init(|| {
            let phone = RsaPrivateKey::new(&mut OsRng, BITS).unwrap();
            let pem = phone.to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
            let record = make(&StationId::generate().unwrap(), pem.as_bytes(), SystemTime::now()).unwrap();
            (phone, record)
        })
    }

    #[test]
    fn the_certificates_are_what_phones_are_known_to_take() {
        let (phone, record) = made();
        for (pem, authority) in
            [(&record.root_certificate, true), (&record.host_certificate, false), (&record.device_certificate, false)]
        {
            let one = Certificate::from_pem(pem).unwrap();
            let tbs = one.tbs_certificate();
            assert_eq!(tbs.version(), x509_cert::Version::V3);
            assert!(tbs.issuer().is_empty() && tbs.subject().is_empty());
            let (_, basic): (bool, BasicConstraints) = tbs.get_extension().unwrap().unwrap();
            assert_eq!(basic.ca, authority);
            let usage: Option<(bool, KeyUsage)> = tbs.get_extension().unwrap();
            assert_eq!(
                usage.map(|(_, usage)| usage.0),
                (!authority).then(|| KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment)
            );
            assert_eq!(Certificate::from_der(&one.to_der().unwrap()).unwrap(), one, "shortest form");
        }
        let device = Certificate::from_pem(&record.device_certificate).unwrap();
        let key = device.tbs_certificate().subject_public_key_info().to_der().unwrap();
        assert_eq!(key, phone.to_public_key().to_public_key_der().unwrap().as_bytes());
    }

    /// Names are empty, so no chain can be built by name: the signatures alone tie them together.
    #[test]
    fn the_root_has_signed_all_three() {
        let (_, record) = made();
        let root = Certificate::from_pem(&record.root_certificate).unwrap();
        let key = root.tbs_certificate().subject_public_key_info().to_der().unwrap();
        let key = RsaPublicKey::from_public_key_der(&key).unwrap();
        for pem in [&record.root_certificate, &record.host_certificate, &record.device_certificate] {
            let one = Certificate::from_pem(pem).unwrap();
            let digest = Sha256::digest(one.tbs_certificate().to_der().unwrap());
            key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, one.signature().raw_bytes()).unwrap();
        }
    }

    #[test]
    fn openssl_reads_them() {
        let (_, record) = made();
        for (pem, says) in
            [(&record.root_certificate, "CA:TRUE"), (&record.host_certificate, "Digital Signature, Key Encipherment")]
        {
            let read = Command::new("openssl")
                .args(["x509", "-noout", "-text"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn();
            let Ok(mut child) = read else {
                assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "openssl is required and absent");
                eprintln!("SKIPPED: openssl is not here");
                return;
            };
            child.stdin.take().unwrap().write_all(pem).unwrap();
            let out = child.wait_with_output().unwrap();
            assert!(out.status.success() && String::from_utf8_lossy(&out.stdout).contains(says));
        }
    }

    #[test]
    fn what_is_no_key_of_a_phone_is_refused_without_a_panic() {
        let small = RsaPrivateKey::new(&mut OsRng, 512).unwrap().to_public_key();
        let small = small.to_pkcs1_pem(LineEnding::LF).unwrap();
        let (phone, _) = made();
        let good = phone.to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
        let long = format!("{good}{}", " ".repeat(LONGEST));
        let cut = good.get(..good.len() / 2).unwrap();
        for bad in ["", "no key", small.as_str(), cut, long.as_str()] {
            assert!(matches!(phone_public(bad.as_bytes()), Err(IphoneError::Key(KeyFault::Phone))));
        }
        assert!(phone_public(&[0xff; 64]).is_err());
        assert!(phone_public(format!("{good}\0").as_bytes()).is_ok(), "phones end it with a zero");
    }
}
