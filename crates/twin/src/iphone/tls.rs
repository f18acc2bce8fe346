//! TLS as the phone does it: its key pair, the certificate that a host made for that key when it paired, and a host that must
//! show the certificate it paired with (`reference/ios.md §1.2, §1.3`).
//!
//! That a real phone shows exactly the `DeviceCertificate` of the pair record is not read anywhere (ios.md §1.2); here it does,
//! because it has no other.

use super::IphoneError;
use rsa::{
    RsaPrivateKey,
    pkcs1::EncodeRsaPublicKey,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use rustls::{
    DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime, pem::PemObject},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
};
use std::sync::{Arc, OnceLock};

/// A phone's own key pair. Made once a process and shared by its phones: nothing here tells phones apart by it, and making one
/// takes half a second.
#[derive(Debug)]
pub(crate) struct DeviceKey {
    pkcs8: Vec<u8>,
    /// PKCS#1, PEM: what `DevicePublicKey` answers.
    pub(crate) public: Vec<u8>,
}

pub(crate) fn device_key() -> Result<&'static DeviceKey, IphoneError> {
    static KEY: OnceLock<Option<DeviceKey>> = OnceLock::new();
    KEY.get_or_init(make_key).as_ref().ok_or(IphoneError::Unexpected("no key could be made"))
}

fn make_key() -> Option<DeviceKey> {
    let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).ok()?;
    let public = private.to_public_key().to_pkcs1_pem(LineEnding::LF).ok()?.into_bytes();
    Some(DeviceKey { pkcs8: private.to_pkcs8_der().ok()?.as_bytes().to_vec(), public })
}

/// The certificate in a PEM file of a pair record.
pub(crate) fn certificate(pem: &[u8]) -> Option<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(pem).ok()
}

/// What a session with one paired host runs under.
pub(crate) fn server(
    device: &CertificateDer<'static>,
    host: &[CertificateDer<'static>],
) -> Result<Arc<ServerConfig>, IphoneError> {
    let provider = Arc::new(ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(device_key()?.pkcs8.clone()));
    let key = provider.key_provider.load_private_key(key)?;
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![device.clone()], key));
    let paired = PairedHost { certificates: host.to_vec(), provider: provider.clone() };
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(paired))
        .with_cert_resolver(Arc::new(shown));
    Ok(Arc::new(config))
}

/// Takes one host only: the one with a certificate of its pair record. libimobiledevice shows the root's, others the host's.
#[derive(Debug)]
struct PairedHost {
    certificates: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PairedHost {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if self.certificates.iter().any(|own| own.as_ref() == shown.as_ref()) {
            return Ok(ClientCertVerified::assertion());
        }
        Err(rustls::CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
