//! The three certificates of a pairing (`reference/ios.md` §1.3): a root made for this phone, which signs the host's own and one
//! for the key of the phone.

use super::{
    error::IphoneError,
    record::{HostIdentity, PairRecord},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    PublicKeyData, SerialNumber, SignatureAlgorithm, date_time_ymd,
};
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs1::{DecodeRsaPublicKey, EncodeRsaPublicKey},
    pkcs8::EncodePrivateKey,
    traits::PublicKeyParts,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use secrecy::SecretSlice;
use std::time::{SystemTime, UNIX_EPOCH};

/// Longest public key in PEM that a phone may show.
const LONGEST: usize = 4096;

/// The phone's own key, for which a certificate is made.
struct DeviceKey(Vec<u8>);

impl PublicKeyData for DeviceKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl DeviceKey {
    /// From `DevicePublicKey`: PKCS#1 in PEM.
    fn read(pem: &[u8]) -> Result<Self, IphoneError> {
        let text = std::str::from_utf8(pem).ok().filter(|text| text.len() <= LONGEST).ok_or(IphoneError::Key)?;
        let text = text.trim_end_matches(['\0', '\n', '\r', ' ']);
        let key = RsaPublicKey::from_pkcs1_pem(text).map_err(|_| IphoneError::Key)?;
        if key.size() > 1024 {
            return Err(IphoneError::Key);
        }
        Ok(Self(key.to_pkcs1_der().map_err(|_| IphoneError::Key)?.as_bytes().to_vec()))
    }
}

/// A new record for a phone with this public key, not yet known to the phone. Takes a second or so.
pub(crate) fn make(udid: &str, host: &HostIdentity, device_key: &[u8]) -> Result<PairRecord, IphoneError> {
    let device_key = DeviceKey::read(device_key)?;
    let (root_key, _) = key()?;
    let (host_key, host_pkcs8) = key()?;
    let root = params(IsCa::Ca(BasicConstraints::Unconstrained), 0)?;
    let root_certificate = root.self_signed(&root_key).map_err(|_| IphoneError::Key)?;
    let issuer = Issuer::from_params(&root, &root_key);
    let host_certificate = leaf(1)?.signed_by(&host_key, &issuer).map_err(|_| IphoneError::Key)?;
    let device_certificate = leaf(2)?.signed_by(&device_key, &issuer).map_err(|_| IphoneError::Key)?;
    Ok(PairRecord {
        udid: udid.to_owned(),
        host: host.clone(),
        device_certificate: pem(device_certificate.der()),
        host_certificate: pem(host_certificate.der()),
        root_certificate: pem(root_certificate.der()),
        host_key: host_pkcs8,
        escrow_bag: None,
    })
}

fn key() -> Result<(KeyPair, SecretSlice<u8>), IphoneError> {
    let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).map_err(|_| IphoneError::Key)?;
    let der = private.to_pkcs8_der().map_err(|_| IphoneError::Key)?;
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der.as_bytes()), &PKCS_RSA_SHA256)
        .map_err(|_| IphoneError::Key)?;
    Ok((pair, SecretSlice::from(der.as_bytes().to_vec())))
}

fn leaf(serial: u64) -> Result<CertificateParams, IphoneError> {
    let mut params = params(IsCa::ExplicitNoCa, serial)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    Ok(params)
}

/// Ten years, of which one lies back: the phone's clock may run behind.
fn params(is_ca: IsCa, serial: u64) -> Result<CertificateParams, IphoneError> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| IphoneError::Key)?.as_secs();
    let year = i32::try_from(seconds / 31_557_600).map_err(|_| IphoneError::Key)?.saturating_add(1970);
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(year.saturating_sub(1), 1, 1);
    params.not_after = date_time_ymd(year.saturating_add(9), 1, 1);
    params.distinguished_name = DistinguishedName::new();
    params.serial_number = Some(SerialNumber::from(serial));
    params.is_ca = is_ca;
    Ok(params)
}

fn pem(der: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem.into_bytes()
}

/// The certificate in a PEM file of a record.
pub(crate) fn der(pem: &[u8]) -> Result<CertificateDer<'static>, IphoneError> {
    CertificateDer::from_pem_slice(pem).map_err(|_| IphoneError::Key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ::der::Decode;
    use rsa::pkcs8::LineEnding;
    use x509_cert::Certificate;

    #[test]
    fn the_certificates_hang_together() {
        let phone = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap().to_public_key();
        let shown = phone.to_pkcs1_pem(LineEnding::LF).unwrap();
        let host = HostIdentity::generate().unwrap();
        let record = make("u", &host, shown.as_bytes()).unwrap();
        let device = der(&record.device_certificate).unwrap();
        let device = Certificate::from_der(&device).unwrap();
        let key = device.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
        assert_eq!(key, phone.to_pkcs1_der().unwrap().as_bytes());
        assert!(device.tbs_certificate().subject().is_empty() && device.tbs_certificate().issuer().is_empty());
        assert!(make("u", &host, b"-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n").is_err());
        assert!(make("u", &host, b"").is_err());
    }
}
