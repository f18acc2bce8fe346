//! TLS of a session: our certificate from the pair record, and what is known of the other side (reference/ios.md §1.2).
//!
//! No tool verifies the phone: any certificate and any signature is taken. Over a cable that is acceptable, and it is why
//! phones on the network are not spoken to. Whether a real phone always shows the `DeviceCertificate` of its pair record is
//! unverified, so nothing is refused for it; but when it does show that one, its signature is checked, and a wrong one ends
//! the session.

use super::{
    error::{Fault, IphoneError, KeyFault},
    record::PairRecord,
};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use std::sync::Arc;

/// What every session with this phone runs under.
pub(crate) fn client(record: &PairRecord) -> Result<Arc<ClientConfig>, IphoneError> {
    let provider = Arc::new(ring::default_provider());
    let shown = |pem: &[u8]| CertificateDer::from_pem_slice(pem).map_err(|_| IphoneError::Key(KeyFault::PairRecord));
    let key = PrivateKeyDer::from_pem_slice(record.host_private_key()).map_err(|_| KeyFault::PairRecord)?;
    let key = provider.key_provider.load_private_key(key).map_err(|_| KeyFault::PairRecord)?;
    let ours = SingleCertAndKey::from(CertifiedKey::new(vec![shown(record.host_certificate())?], key));
    let cable = Cable { device: shown(record.device_certificate())?, provider: provider.clone() };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(cable))
        .with_client_cert_resolver(Arc::new(ours));
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Trusts what hangs on the cable.
#[derive(Debug)]
struct Cable {
    device: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl Cable {
    fn is_the_paired_one(&self, shown: &CertificateDer<'_>) -> bool {
        shown.as_ref() == self.device.as_ref()
    }
}

impl ServerCertVerifier for Cable {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.is_the_paired_one(shown) {
            tracing::info!("the phone shows another certificate than it was given when it paired");
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if self.is_the_paired_one(shown) {
            return verify_tls12_signature(message, shown, signed, &self.provider.signature_verification_algorithms);
        }
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if self.is_the_paired_one(shown) {
            return verify_tls13_signature(message, shown, signed, &self.provider.signature_verification_algorithms);
        }
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
