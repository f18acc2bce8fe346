//! TLS of a session: the host shows the certificate it paired with.
//!
//! No tool checks what the phone shows, and that it is always the `DeviceCertificate` of the record is not read in a source
//! (`reference/ios.md` §1.2). So any phone is taken, on a cable; but one that shows that very certificate must also prove that it
//! has the key.

use super::{certificate, error::IphoneError, record::PairRecord};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    sign::{CertifiedKey, SingleCertAndKey},
};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// What sessions and services of a paired phone run under.
pub(crate) fn client(record: &PairRecord) -> Result<Arc<ClientConfig>, IphoneError> {
    let provider = Arc::new(ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(record.host_key.expose_secret().to_vec()));
    let key = provider.key_provider.load_private_key(key).map_err(|_| IphoneError::Key)?;
    let own = certificate::der(&record.host_certificate)?;
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![own], key));
    let device = certificate::der(&record.device_certificate)?;
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|_| IphoneError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Phone { device, provider }))
        .with_client_cert_resolver(Arc::new(shown));
    config.enable_sni = false;
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct Phone {
    device: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl Phone {
    fn is_paired(&self, shown: &CertificateDer<'_>) -> bool {
        shown.as_ref() == self.device.as_ref()
    }
}

impl ServerCertVerifier for Phone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if !self.is_paired(shown) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if !self.is_paired(shown) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
