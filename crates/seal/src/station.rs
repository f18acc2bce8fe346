//! The station: the key that signs seals, and certificates.
//!
//! A station makes its own certificate, or is given the organisation's. The vault keeps the secret half; `verify` needs
//! only a [`Certificate`] that came from elsewhere than the seal.

use der::{
    Any, Decode, Encode, EncodePem,
    asn1::{SetOfVec, Utf8StringRef},
};
use jiff::Timestamp;
use p384::{
    ecdsa::{DerSignature, Signature, SigningKey, VerifyingKey, signature::Signer},
    pkcs8::{DecodePrivateKey, EncodePrivateKey},
};
use sha2::{Digest, Sha256};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use std::{fmt, time::Duration};
use x509_cert::{
    attr::AttributeTypeAndValue,
    builder::{self, Builder, CertificateBuilder, profile::BuilderProfile},
    certificate::TbsCertificate,
    ext::{
        Extension, ToExtension,
        pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier, name::DirectoryString},
    },
    name::{Name, RdnSequence, RelativeDistinguishedName},
    serial_number::SerialNumber,
    time::{Time, Validity as X509Validity},
};
use zeroize::Zeroizing;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANISATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
/// organizationIdentifier (ITU-T X.520).
const ORGANISATION_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");
/// The organisational unit of a station that only plays.
const DEMO: &str = "DEMO";
/// Largest certificate in bytes, DER.
const LARGEST_CERTIFICATE: usize = 16 << 10;
/// X.520 gives names 64 characters.
const LONGEST_NAME: usize = 64;
const LONGEST_CHAIN: usize = 8;

/// Why a certificate or key could not be made or taken.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    #[error("this is not a certificate (X.509, DER or PEM)")]
    NotACertificate,
    #[error("the certificate holds no P-384 key")]
    NotP384,
    #[error("the key is not a P-384 key in PKCS #8")]
    NotAKey,
    #[error("the key does not belong to the certificate")]
    KeyOfAnother,
    #[error("the chain is empty, too long, or not in order")]
    Chain,
    #[error("a name is empty, longer than {LONGEST_NAME} characters, or holds control characters")]
    Name,
    #[error("the certificate was issued by somebody else")]
    NotSelfIssued,
    #[error("the validity does not fit in a certificate")]
    Validity,
    #[error("no random bytes from the system")]
    Random,
    #[error("the certificate could not be made: {0}")]
    Making(String),
}

/// Whether a certificate was valid at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    Valid,
    NotYet,
    Expired,
}

/// An X.509 certificate, kept byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Takes one certificate in strict DER, at most 16 KiB.
    pub fn from_der(der: &[u8]) -> Result<Self, StationError> {
        if der.len() > LARGEST_CERTIFICATE {
            return Err(StationError::NotACertificate);
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| StationError::NotACertificate)?;
        if parsed.to_der().is_ok_and(|again| again == der) {
            Ok(Self { der: der.to_vec(), parsed })
        } else {
            Err(StationError::NotACertificate)
        }
    }

    /// Takes one certificate, PEM or DER: a file that a person points at.
    pub fn from_file(bytes: &[u8]) -> Result<Self, StationError> {
        if !bytes.starts_with(b"-----BEGIN") {
            return Self::from_der(bytes);
        }
        if bytes.len() > 2 * LARGEST_CERTIFICATE {
            return Err(StationError::NotACertificate);
        }
        let (label, der) = der::pem::decode_vec(bytes.trim_ascii_end()).map_err(|_| StationError::NotACertificate)?;
        if label == "CERTIFICATE" { Self::from_der(&der) } else { Err(StationError::NotACertificate) }
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub fn to_pem(&self) -> Result<String, StationError> {
        self.parsed.to_pem(der::pem::LineEnding::LF).map_err(|e| StationError::Making(e.to_string()))
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// The subject as text (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// The subject for people: common name and organisation, else the whole of it.
    #[must_use]
    pub fn name(&self) -> String {
        let subject = self.parsed.tbs_certificate().subject();
        let one = |value: der::Result<Option<DirectoryString>>| value.ok().flatten().map(|name| name.value().into_owned());
        match (one(subject.common_name()), one(subject.organization())) {
            (Some(name), Some(organisation)) => format!("{name}, {organisation}"),
            (Some(name), None) => name,
            (None, Some(organisation)) => organisation,
            (None, None) => subject.to_string(),
        }
    }

    /// Signed by its own key's name: trusted by nobody's default.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.parsed.tbs_certificate().subject() == self.parsed.tbs_certificate().issuer()
    }

    /// Whether the certificate calls itself a demo.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        let is_demo = |a: &AttributeTypeAndValue| a.oid == ORGANISATIONAL_UNIT && a.value.value() == DEMO.as_bytes();
        self.parsed.tbs_certificate().subject().iter().any(is_demo)
    }

    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        timestamp(self.parsed.tbs_certificate().validity().not_before)
    }

    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        timestamp(self.parsed.tbs_certificate().validity().not_after)
    }

    #[must_use]
    pub fn validity_at(&self, at: Timestamp) -> Validity {
        if at < self.not_before() {
            Validity::NotYet
        } else if at > self.not_after() {
            Validity::Expired
        } else {
            Validity::Valid
        }
    }

    pub(crate) fn x509(&self) -> &x509_cert::Certificate {
        &self.parsed
    }

    pub(crate) fn key(&self) -> Result<VerifyingKey, StationError> {
        let spki = self.parsed.tbs_certificate().subject_public_key_info();
        let der = spki.to_der().map_err(|_| StationError::NotP384)?;
        p384::pkcs8::DecodePublicKey::from_public_key_der(&der).map_err(|_| StationError::NotP384)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", hex::encode(self.fingerprint()))
    }
}

fn timestamp(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// What a station is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Normal,
    /// Its seals say DEMO wherever they are verified.
    Demo,
}

/// What stands in a certificate that the station makes itself.
#[derive(Clone, Debug)]
pub struct Subject {
    pub organisation: String,
    pub organisation_code: String,
    pub station_name: String,
    pub kind: Kind,
}

/// The signing key and its certificate, with the certificates above it where an organisation issued it.
pub struct Station {
    key: SigningKey,
    chain: Vec<Certificate>,
}

impl Station {
    /// A fresh key and a certificate signed with it, valid from a day ago (clocks differ) for so many years of 365 days.
    pub fn generate(subject: &Subject, valid_years: u16, now: Timestamp) -> Result<Self, StationError> {
        Self::self_issued(name(subject)?, valid_years, now)
    }

    /// A successor: the same subject, a fresh key. [`StationError::NotSelfIssued`] when somebody else issued the certificate:
    /// then that authority must issue the next one too.
    pub fn succeed(&self, valid_years: u16, now: Timestamp) -> Result<Self, StationError> {
        let own = self.certificate();
        if !own.is_self_issued() {
            return Err(StationError::NotSelfIssued);
        }
        Self::self_issued(own.parsed.tbs_certificate().subject().clone(), valid_years, now)
    }

    fn self_issued(name: Name, valid_years: u16, now: Timestamp) -> Result<Self, StationError> {
        let key = random_key()?;
        let making = |e: builder::Error| StationError::Making(e.to_string());
        let begin = now.as_second() - 86_400;
        let end = i64::from(valid_years) * 365 * 86_400 + now.as_second();
        let time = |s: i64| {
            let since = Duration::from_secs(u64::try_from(s).map_err(|_| StationError::Validity)?);
            der::DateTime::from_unix_duration(since).map(Time::from).map_err(|_| StationError::Validity)
        };
        let mut serial = [0; 19];
        getrandom::fill(&mut serial).map_err(|_| StationError::Random)?;
        // Positive and never shorter than 19 bytes.
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x7f | 0x40;
        }
        let serial = SerialNumber::new(&serial).map_err(|e| StationError::Making(e.to_string()))?;
        let public = SubjectPublicKeyInfoOwned::from_key(key.verifying_key()).map_err(|e| StationError::Making(e.to_string()))?;
        let profile = Profile(name);
        let validity = X509Validity::new(time(begin)?, time(end)?);
        let builder = CertificateBuilder::new(profile, serial, validity, public).map_err(making)?;
        let certificate = builder.build::<_, DerSignature>(&key).map_err(making)?;
        let der = certificate.to_der().map_err(|e| StationError::Making(e.to_string()))?;
        Ok(Self { key, chain: vec![Certificate::from_der(&der)?] })
    }

    /// Takes a key (PKCS #8, DER) with its certificate chain, the station's own first, each issued by the next. The
    /// topmost, which verifiers must know themselves, may be left out. Also how the vault brings a station back.
    pub fn from_parts(pkcs8: &[u8], chain: Vec<Certificate>) -> Result<Self, StationError> {
        let key = SigningKey::from_pkcs8_der(pkcs8).map_err(|_| StationError::NotAKey)?;
        let own = chain.first().ok_or(StationError::Chain)?;
        if own.key()? != *key.verifying_key() {
            return Err(StationError::KeyOfAnother);
        }
        let issued = |pair: &[Certificate]| match pair {
            [below, above] => below.parsed.tbs_certificate().issuer() == above.parsed.tbs_certificate().subject(),
            _ => false,
        };
        let doubled = chain.iter().enumerate().any(|(n, one)| chain.iter().skip(n + 1).any(|other| one == other));
        if chain.len() > LONGEST_CHAIN || !chain.windows(2).all(issued) || doubled {
            return Err(StationError::Chain);
        }
        Ok(Self { key, chain })
    }

    /// The secret for the vault: PKCS #8, DER.
    pub fn secret(&self) -> Result<Zeroizing<Vec<u8>>, StationError> {
        let document = self.key.to_pkcs8_der().map_err(|e| StationError::Making(e.to_string()))?;
        Ok(Zeroizing::new(document.as_bytes().to_vec()))
    }

    /// The station's own certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        // Neither constructor takes an empty chain.
        self.chain.first().unwrap_or_else(|| unreachable!("a station has a certificate"))
    }

    /// The station's certificate and those above it.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// ECDSA P-384 with SHA-384 over `message`, deterministic (RFC 6979), s in the lower half: of the two values that
    /// verify, a seal has that one.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, StationError> {
        let signature: Signature = self.key.try_sign(message).map_err(|e| StationError::Making(e.to_string()))?;
        Ok(signature.normalize_s().to_der().as_bytes().to_vec())
    }
}

impl fmt::Debug for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Station({:?})", self.chain)
    }
}

fn random_key() -> Result<SigningKey, StationError> {
    let mut secret = Zeroizing::new([0; 48]);
    // Almost every 48 bytes are a key; the rest (a chance of 2^-190) is drawn again.
    for _ in 0..8 {
        getrandom::fill(secret.as_mut()).map_err(|_| StationError::Random)?;
        if let Ok(key) = SigningKey::from_slice(secret.as_ref()) {
            return Ok(key);
        }
    }
    Err(StationError::Random)
}

fn name(subject: &Subject) -> Result<Name, StationError> {
    let unit = (subject.kind == Kind::Demo).then_some((ORGANISATIONAL_UNIT, DEMO));
    let rest = [
        (ORGANISATION, subject.organisation.as_str()),
        (ORGANISATION_CODE, subject.organisation_code.as_str()),
        (COMMON_NAME, subject.station_name.as_str()),
    ];
    let mut rdns = Vec::new();
    for (oid, text) in rest.into_iter().take(2).chain(unit).chain(rest.into_iter().skip(2)) {
        if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
            return Err(StationError::Name);
        }
        let value = Utf8StringRef::new(text).and_then(|text| Any::encode_from(&text)).map_err(|_| StationError::Name)?;
        let set = SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }]).map_err(|_| StationError::Name)?;
        rdns.push(RelativeDistinguishedName::from(set));
    }
    let sequence = RdnSequence::from(rdns).to_der().map_err(|_| StationError::Name)?;
    Name::from_der(&sequence).map_err(|_| StationError::Name)
}

/// The extensions of a self-issued certificate. No extended key usage: openssl would then want one for mail
/// (`reference/seal.md` §4).
struct Profile(Name);

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        self.0.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation);
        let subject = tbs.subject();
        Ok(vec![
            BasicConstraints { ca: false, path_len_constraint: None }.to_extension(subject, &[])?,
            usage.to_extension(subject, &[])?,
            SubjectKeyIdentifier::try_from(key)?.to_extension(subject, &[])?,
        ])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn subject(kind: Kind) -> Subject {
        Subject {
            organisation: "Gemeente Voorbeeld, afd. \"I&A\"".to_owned(),
            organisation_code: "gm0000".to_owned(),
            station_name: "Werkplek één".to_owned(),
            kind,
        }
    }

    #[test]
    fn a_station_comes_back_from_the_vault() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let station = Station::generate(&subject(Kind::Normal), 5, now).unwrap();
        let secret = station.secret().unwrap();
        let again = Station::from_parts(&secret, station.chain().to_vec()).unwrap();
        assert_eq!(again.certificate(), station.certificate());
        assert_eq!(again.sign(b"x").unwrap(), station.sign(b"x").unwrap());
        let other = Station::generate(&subject(Kind::Normal), 5, now).unwrap();
        assert!(matches!(Station::from_parts(&secret, other.chain().to_vec()), Err(StationError::KeyOfAnother)));
        assert!(matches!(Station::from_parts(&secret, vec![]), Err(StationError::Chain)));
        assert!(matches!(Station::from_parts(b"no key", station.chain().to_vec()), Err(StationError::NotAKey)));
        let twice = [station.chain(), station.chain()].concat();
        assert!(matches!(Station::from_parts(&secret, twice), Err(StationError::Chain)));
    }

    #[test]
    fn a_certificate_says_who_and_until_when() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let station = Station::generate(&subject(Kind::Demo), 30, now).unwrap();
        let certificate = station.certificate();
        assert!(certificate.is_demo() && certificate.is_self_issued());
        assert!(certificate.subject().contains("Werkplek één"), "{}", certificate.subject());
        assert_eq!(certificate.validity_at(now), Validity::Valid);
        assert_eq!(certificate.validity_at(Timestamp::from_second(1_794_000_000).unwrap()), Validity::NotYet);
        // 30 years from 2026 is beyond 2049, where X.509 changes how it writes a year.
        assert_eq!(certificate.not_after().as_second(), 1_795_000_000 + 30 * 365 * 86_400);
        let pem = certificate.to_pem().unwrap();
        assert_eq!(&Certificate::from_file(pem.as_bytes()).unwrap(), certificate);
        assert_eq!(&Certificate::from_file(certificate.der()).unwrap(), certificate);
        assert!(Certificate::from_file(b"-----BEGIN NONSENSE-----").is_err());
        let normal = Station::generate(&subject(Kind::Normal), 1, now).unwrap();
        assert!(!normal.certificate().is_demo());
    }

    #[test]
    fn names_that_no_certificate_holds_are_refused() {
        for name in ["", "a\nb", &"x".repeat(65)] {
            let bad = Subject { station_name: name.to_owned(), ..subject(Kind::Normal) };
            assert!(matches!(
                Station::generate(&bad, 1, Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(48)),
                Err(StationError::Name)
            ));
        }
    }
}
