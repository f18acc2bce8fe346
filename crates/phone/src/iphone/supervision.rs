//! The supervision identity of the organisation that owns the phone: with it a supervised phone pairs without a dialog, also
//! where its administrator forbids all others (reference/ios.md §1.7). The answer to the phone's challenge is a CMS SignedData:
//! the challenge itself within, SHA-256, signed attributes, the certificate beside.

use super::error::{IphoneError, KeyFault};
use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber, x509::Certificate},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{
        CertificateSet, DigestAlgorithmIdentifiers, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo,
        SignerInfos,
    },
};
use der::{
    Any, Decode, Encode, Tag,
    asn1::{ObjectIdentifier, OctetString, SetOfVec},
};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePublicKey},
    rand_core::OsRng,
    sha2::{Digest, Sha256},
    traits::PublicKeyParts,
};
use secrecy::{ExposeSecret, SecretSlice};
use spki::AlgorithmIdentifierOwned;
use std::{fmt, time::SystemTime};
use x509_cert::{attr::Attribute, time::Time};

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Certificate and key by which phones of one organisation know their supervisor. The key is wiped when dropped.
pub struct SupervisionIdentity {
    certificate: Certificate,
    der: Vec<u8>,
    key: RsaPrivateKey,
}

impl fmt::Debug for SupervisionIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SupervisionIdentity")
    }
}

impl SupervisionIdentity {
    /// From a certificate (DER) and its RSA key (PKCS#8, DER). A certificate of another key is refused, and so is a key that is
    /// not RSA: nothing is read about phones taking such.
    pub fn new(certificate: &[u8], key: &SecretSlice<u8>) -> Result<Self, IphoneError> {
        let bad = KeyFault::Supervision;
        let parsed = Certificate::from_der(certificate).map_err(|_| bad)?;
        let key = RsaPrivateKey::from_pkcs8_der(key.expose_secret()).map_err(|_| bad)?;
        let named = parsed.tbs_certificate().subject_public_key_info().to_der().map_err(|_| bad)?;
        let own = key.to_public_key().to_public_key_der().map_err(|_| bad)?;
        if named != own.as_bytes() || key.n().bits() < 2048 {
            return Err(bad.into());
        }
        Ok(Self { certificate: parsed, der: certificate.to_vec(), key })
    }

    /// The certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.der
    }

    /// The answer to a challenge, DER.
    pub(crate) fn answer(&self, challenge: &[u8]) -> Result<Vec<u8>, IphoneError> {
        self.signed(challenge, SystemTime::now()).map_err(|_| KeyFault::Supervision.into())
    }

    fn signed(&self, challenge: &[u8], now: SystemTime) -> Result<Vec<u8>, der::Error> {
        let sha_256 = AlgorithmIdentifierOwned { oid: SHA_256, parameters: None };
        let attribute = |oid, value: Any| Ok::<_, der::Error>(Attribute { oid, values: SetOfVec::try_from(vec![value])? });
        let digest = OctetString::new(Sha256::digest(challenge).to_vec())?;
        let attributes = SetOfVec::try_from(vec![
            attribute(CONTENT_TYPE, Any::encode_from(&DATA)?)?,
            attribute(SIGNING_TIME, Any::encode_from(&Time::try_from(now)?)?)?,
            attribute(MESSAGE_DIGEST, Any::encode_from(&digest)?)?,
        ])?;
        // Signed in the form of a SET, not under the tag that they have in SignerInfo (RFC 5652 §5.4).
        let hash = Sha256::digest(attributes.to_der()?);
        let failed = || der::Error::from(der::ErrorKind::Failed);
        let signature = self.key.sign_with_rng(&mut OsRng, Pkcs1v15Sign::new::<Sha256>(), &hash).map_err(|_| failed())?;
        let tbs = self.certificate.tbs_certificate();
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: tbs.issuer().clone(),
                serial_number: tbs.serial_number().clone(),
            }),
            digest_alg: sha_256.clone(),
            signed_attrs: Some(attributes),
            signature_algorithm: AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Any::new(Tag::Null, [])?) },
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let signed = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: DigestAlgorithmIdentifiers::try_from(vec![sha_256])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: DATA,
                econtent: Some(Any::new(Tag::OctetString, challenge)?),
            },
            certificates: Some(CertificateSet(SetOfVec::try_from(vec![CertificateChoices::Certificate(
                self.certificate.clone(),
            )])?)),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
        };
        ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&signed)? }.to_der()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stderr)]
mod tests {
    use super::*;
    use crate::iphone::certificate::tests::made;
    use der::DecodePem;
    use rsa::pkcs8::EncodePrivateKey;
    use std::process::Command;

    fn identity() -> SupervisionIdentity {
        let (_, record) = made();
        let certificate = Certificate::from_pem(&record.host_certificate).unwrap().to_der().unwrap();
        let pem = std::str::from_utf8(record.host_private_key()).unwrap();
        let key = RsaPrivateKey::from_pkcs8_pem(pem).unwrap().to_pkcs8_der().unwrap();
        SupervisionIdentity::new(&certificate, &SecretSlice::from(key.as_bytes().to_vec())).unwrap()
    }

    /// The signature and the attributes; `-noverify` leaves out the chain, which a certificate without names has not.
    #[test]
    fn openssl_verifies_the_answer_and_finds_the_challenge_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let challenge = [0x0d, 0x0a, 0x00, 0xff].repeat(8); // no text: must go through as it is
        std::fs::write(folder.path().join("answer.der"), identity().answer(&challenge).unwrap()).unwrap();
        let run = Command::new("openssl")
            .current_dir(folder.path())
            .args("cms -verify -binary -noverify -inform DER -in answer.der -out content".split(' '))
            .output();
        let Ok(out) = run else {
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "openssl is required and absent");
            eprintln!("SKIPPED: openssl is not here");
            return;
        };
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(std::fs::read(folder.path().join("content")).unwrap(), challenge);
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let (phone, record) = made();
        let certificate = Certificate::from_pem(&record.host_certificate).unwrap().to_der().unwrap();
        let other = SecretSlice::from(phone.to_pkcs8_der().unwrap().as_bytes().to_vec());
        let refused = |certificate: &[u8], key| {
            matches!(SupervisionIdentity::new(certificate, key), Err(IphoneError::Key(KeyFault::Supervision)))
        };
        assert!(refused(&certificate, &other));
        assert!(refused(b"no certificate", &other));
        assert!(refused(&certificate, &SecretSlice::from(b"no key".to_vec())));
        assert_eq!(format!("{:?}", identity()), "SupervisionIdentity");
    }
}
