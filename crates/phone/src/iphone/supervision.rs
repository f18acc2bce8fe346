//! The identity of the organisation that supervises a phone, and its answer to the phone's challenge: CMS SignedData with the
//! challenge in it, SHA-256, DER (`reference/ios.md` §1.7).

use super::error::IphoneError;
use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos},
};
use const_oid::{
    ObjectIdentifier,
    db::{
        rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA},
        rfc5912::{ECDSA_WITH_SHA_256, ID_SHA_256, RSA_ENCRYPTION},
    },
};
use der::{
    Any, Decode, Encode, EncodeValue, Tagged,
    asn1::{Null, OctetString, SetOfVec},
};
use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::SigningKey,
};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierOwned;
use std::{fmt, sync::Arc};
use x509_cert::{Certificate, attr::Attribute};

/// Certificate and key of a supervising organisation. RSA, or ECDSA on P-256.
pub struct Supervisor {
    certificate: Vec<u8>,
    parsed: Certificate,
    key: Arc<dyn SigningKey>,
    scheme: SignatureScheme,
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

impl Supervisor {
    /// From the DER of the certificate and the PKCS#8 DER of its key.
    pub fn new(certificate: &[u8], key: &SecretSlice<u8>) -> Result<Self, IphoneError> {
        let parsed = Certificate::from_der(certificate).map_err(|_| IphoneError::Key)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.expose_secret().to_vec()));
        let key = any_supported_type(&key).map_err(|_| IphoneError::Key)?;
        let schemes = [SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ECDSA_NISTP256_SHA256];
        let scheme = key.choose_scheme(&schemes).ok_or(IphoneError::Key)?.scheme();
        let own = key.public_key().ok_or(IphoneError::Key)?;
        let named = parsed.tbs_certificate().subject_public_key_info().to_der().map_err(|_| IphoneError::Key)?;
        // A key that does not belong to the certificate would only show as a refusal by the phone.
        if own.as_ref() != named {
            return Err(IphoneError::Key);
        }
        Ok(Self { certificate: certificate.to_vec(), parsed, key, scheme })
    }

    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The answer to a challenge.
    pub(crate) fn answer(&self, challenge: &[u8]) -> Result<Vec<u8>, IphoneError> {
        self.signed(challenge).map_err(|_| IphoneError::Key)
    }

    fn signed(&self, challenge: &[u8]) -> Result<Vec<u8>, SigningFault> {
        let attributes = SetOfVec::try_from(vec![
            attribute(ID_CONTENT_TYPE, &ID_DATA)?,
            attribute(ID_MESSAGE_DIGEST, &OctetString::new(Sha256::digest(challenge).to_vec())?)?,
        ])?;
        let signer = self.key.choose_scheme(&[self.scheme]).ok_or(SigningFault)?;
        let value = signer.sign(&attributes.to_der()?).map_err(|_| SigningFault)?;
        let signature_algorithm = match self.scheme {
            SignatureScheme::RSA_PKCS1_SHA256 => {
                AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Any::encode_from(&Null)?) }
            }
            _ => plain(ECDSA_WITH_SHA_256),
        };
        let tbs = self.parsed.tbs_certificate();
        let sid = IssuerAndSerialNumber { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() };
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![plain(ID_SHA_256)])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: ID_DATA,
                econtent: Some(Any::encode_from(&OctetString::new(challenge.to_vec())?)?),
            },
            certificates: Some(CertificateSet::try_from(vec![CertificateChoices::Certificate(self.parsed.clone())])?),
            crls: None,
            signer_infos: SignerInfos::try_from(vec![SignerInfo {
                version: CmsVersion::V1,
                sid: SignerIdentifier::IssuerAndSerialNumber(sid),
                digest_alg: plain(ID_SHA_256),
                signed_attrs: Some(attributes),
                signature_algorithm,
                signature: OctetString::new(value)?,
                unsigned_attrs: None,
            }])?,
        };
        Ok(ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data)? }.to_der()?)
    }
}

/// The key failed or the answer could not be written; which is no matter to anybody.
struct SigningFault;

impl From<der::Error> for SigningFault {
    fn from(_: der::Error) -> Self {
        Self
    }
}

fn plain(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

fn attribute<T: Tagged + EncodeValue>(oid: ObjectIdentifier, value: &T) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![Any::encode_from(value)?])? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

    #[test]
    fn an_answer_carries_the_challenge_and_a_foreign_key_is_refused() {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        let pkcs8 = SecretSlice::from(key.serialize_der());
        let supervisor = Supervisor::new(certificate.der(), &pkcs8).unwrap();
        let answer = supervisor.answer(b"challenge").unwrap();
        let data: SignedData = ContentInfo::from_der(&answer).unwrap().content.decode_as().unwrap();
        let carried: OctetString = data.encap_content_info.econtent.unwrap().decode_as().unwrap();
        assert_eq!(carried.as_bytes(), b"challenge");
        let other = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let other = SecretSlice::from(other.serialize_der());
        assert!(matches!(Supervisor::new(certificate.der(), &other), Err(IphoneError::Key)));
        assert!(Supervisor::new(b"", &pkcs8).is_err());
    }
}
