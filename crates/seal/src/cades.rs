//! The signature over the manifest (FORMAT.md, "Signature"): CMS SignedData, detached, CAdES baseline B.
//!
//! Reading takes out what may differ from seal to seal (certificates, time, signature value), renders the one form that
//! these allow, and compares: so a file that differs in any byte is refused, with the reason named where it has a name.

use crate::{
    manifest::LARGEST_MANIFEST,
    station::{Certificate, Station, StationError},
};
use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{
        CertificateSet, EncapsulatedContentInfo, SignedAttributes, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
    },
};
use const_oid::{
    ObjectIdentifier,
    db::{
        rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME},
        rfc5912::{ECDSA_WITH_SHA_384, ID_SHA_384},
    },
};
use der::{
    Any, Decode, Encode, EncodeValue, Sequence, Tagged,
    asn1::{OctetString, SetOfVec, UtcTime},
};
use jiff::Timestamp;
use p384::ecdsa::{DerSignature, Signature, signature::Verifier};
use sha2::{Digest, Sha256, Sha384};
use spki::AlgorithmIdentifierOwned;
use std::time::Duration;
use x509_cert::{attr::Attribute, ext::pkix::name::GeneralName, serial_number::SerialNumber};

/// Largest signature file in bytes.
pub const LARGEST_SIGNATURE: u64 = 64 << 10;
/// id-aa-signingCertificateV2, RFC 5035.
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const MOST_CERTIFICATES: usize = 8;

/// Why a manifest could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error("the signature could not be encoded: {0}")]
    Encoding(#[from] der::Error),
    #[error("the station could not sign: {0}")]
    Station(#[from] StationError),
    #[error("the time of signing cannot be written down: it is before 1970 or after 2049")]
    Time,
}

/// Why a signature is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    #[error("the signature file is larger than {LARGEST_SIGNATURE} bytes")]
    TooLarge,
    #[error("the signature file is not DER of a CMS SignedData")]
    NotSignedData,
    #[error("the signature carries its own content")]
    Attached,
    #[error("the signature uses other algorithms than ECDSA P-384 with SHA-384")]
    Algorithm,
    #[error("there is not exactly one signer")]
    Signers,
    #[error("the signature carries no usable certificate of its signer")]
    NoCertificate,
    #[error("the signature carries attributes that are not signed")]
    UnsignedAttributes,
    #[error("the signature carries revocation lists, which this format has no place for")]
    RevocationLists,
    #[error("signed attribute {0} is missing")]
    MissingAttribute(&'static str),
    #[error("there is a signed attribute that this format does not have, or one twice")]
    UnknownAttribute,
    #[error("the attribute signing-certificate-v2 names other certificates than the signature carries")]
    OtherCertificate,
    #[error("the signature is in another form than this format's")]
    NotCanonical,
    #[error("the signature is for another manifest")]
    OtherManifest,
    #[error("the signature value is wrong")]
    Value,
}

/// `ESSCertIDv2` with its default SHA-256, which DER leaves out (RFC 5035 §4).
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct EssCertIdV2 {
    hash: OctetString,
    issuer_serial: IssuerSerial,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct IssuerSerial {
    issuer: Vec<GeneralName>,
    serial_number: SerialNumber,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
}

/// A signature that has the right form. Whether it is one over some manifest says [`CadesSignature::covers`].
#[derive(Clone, Debug)]
pub struct CadesSignature {
    signer: Certificate,
    /// The other certificates in the file, by DER.
    others: Vec<Certificate>,
    time: Timestamp,
    message_digest: Vec<u8>,
    attributes: SignedAttributes,
    value: Vec<u8>,
}

/// Signs a manifest; the content of `META-INF/signature001.p7s`.
pub fn sign(station: &Station, manifest: &[u8], at: Timestamp) -> Result<Vec<u8>, SigningError> {
    let time = UtcTime::from_unix_duration(Duration::from_secs(u64::try_from(at.as_second()).map_err(|_| SigningError::Time)?))
        .map_err(|_| SigningError::Time)?;
    let mut others = station.chain().get(1..).unwrap_or_default().to_vec();
    others.sort_by(by_der);
    let signer = station.certificate();
    let attributes = attributes(&Sha384::digest(manifest), time, signer, &others)?;
    let value = station.sign(&attributes.to_der()?)?;
    Ok(content_info(signer, &others, attributes, &value)?.to_der()?)
}

impl CadesSignature {
    /// Reads the content of `META-INF/signature001.p7s`.
    pub fn read(bytes: &[u8]) -> Result<Self, SignatureFault> {
        if bytes.len() as u64 > LARGEST_SIGNATURE {
            return Err(SignatureFault::TooLarge);
        }
        let info = ContentInfo::from_der(bytes).map_err(|_| SignatureFault::NotSignedData)?;
        if info.content_type != ID_SIGNED_DATA {
            return Err(SignatureFault::NotSignedData);
        }
        let data: SignedData = info.content.decode_as().map_err(|_| SignatureFault::NotSignedData)?;
        if data.encap_content_info.econtent.is_some() {
            return Err(SignatureFault::Attached);
        }
        if data.crls.is_some() {
            return Err(SignatureFault::RevocationLists);
        }
        let [signer_info] = data.signer_infos.0.as_slice() else { return Err(SignatureFault::Signers) };
        if signer_info.unsigned_attrs.is_some() {
            return Err(SignatureFault::UnsignedAttributes);
        }
        if signer_info.digest_alg != plain(ID_SHA_384) || signer_info.signature_algorithm != plain(ECDSA_WITH_SHA_384) {
            return Err(SignatureFault::Algorithm);
        }
        let (signer, others) = certificates(data.certificates.as_ref(), &signer_info.sid)?;
        let attributes = signer_info.signed_attrs.clone().ok_or(SignatureFault::MissingAttribute("content-type"))?;
        let content_type = value(&attributes, ID_CONTENT_TYPE, "content-type")?;
        let message_digest = value(&attributes, ID_MESSAGE_DIGEST, "message-digest")?;
        let time = value(&attributes, ID_SIGNING_TIME, "signing-time")?;
        let certificates = value(&attributes, SIGNING_CERTIFICATE_V2, "signing-certificate-v2")?;
        if attributes.len() != 4 {
            return Err(SignatureFault::UnknownAttribute);
        }
        let named: SigningCertificateV2 = certificates.decode_as().map_err(|_| SignatureFault::OtherCertificate)?;
        if signing_certificates(&signer, &others).ok() != Some(named) {
            return Err(SignatureFault::OtherCertificate);
        }
        let time: UtcTime = time.decode_as().map_err(|_| SignatureFault::NotCanonical)?;
        let message_digest: OctetString = message_digest.decode_as().map_err(|_| SignatureFault::NotCanonical)?;
        if content_type.decode_as() != Ok(ID_DATA) {
            return Err(SignatureFault::NotCanonical);
        }
        let read = Self {
            time: Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(0))
                .map_err(|_| SignatureFault::NotCanonical)?,
            value: signer_info.signature.as_bytes().to_vec(),
            message_digest: message_digest.as_bytes().to_vec(),
            signer,
            others,
            attributes,
        };
        if read.rendered(time).is_ok_and(|again| again == bytes) { Ok(read) } else { Err(SignatureFault::NotCanonical) }
    }

    fn rendered(&self, time: UtcTime) -> der::Result<Vec<u8>> {
        let attributes = attributes(&self.message_digest, time, &self.signer, &self.others)?;
        content_info(&self.signer, &self.others, attributes, &self.value)?.to_der()
    }

    /// Whether this is the signer's signature over `manifest`. Who the signer is, is another question.
    pub fn covers(&self, manifest: &[u8]) -> Result<(), SignatureFault> {
        if manifest.len() as u64 > LARGEST_MANIFEST || Sha384::digest(manifest).as_slice() != self.message_digest {
            return Err(SignatureFault::OtherManifest);
        }
        let key = self.signer.key().map_err(|_| SignatureFault::Algorithm)?;
        let value = DerSignature::from_bytes(&self.value).map_err(|_| SignatureFault::Value)?;
        let value = Signature::try_from(value).map_err(|_| SignatureFault::Value)?;
        // The twin value with the other s would verify too; a seal has one form.
        if value.normalize_s() != value {
            return Err(SignatureFault::NotCanonical);
        }
        let message = self.attributes.to_der().map_err(|_| SignatureFault::NotCanonical)?;
        key.verify(&message, &value).map_err(|_| SignatureFault::Value)
    }

    /// The certificate that came with the signature. It proves nothing about itself.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// Certificates above it that came along.
    #[must_use]
    pub fn others(&self) -> &[Certificate] {
        &self.others
    }

    /// When the signer says that it signed.
    #[must_use]
    pub fn claimed_time(&self) -> Timestamp {
        self.time
    }
}

fn plain(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: None }
}

fn by_der(a: &Certificate, b: &Certificate) -> std::cmp::Ordering {
    a.der().cmp(b.der())
}

fn certificates(set: Option<&CertificateSet>, sid: &SignerIdentifier) -> Result<(Certificate, Vec<Certificate>), SignatureFault> {
    let SignerIdentifier::IssuerAndSerialNumber(sid) = sid else { return Err(SignatureFault::NotCanonical) };
    let (mut signer, mut others) = (None, Vec::new());
    let choices = set.map(|set| set.0.as_slice()).unwrap_or_default();
    if choices.len() > MOST_CERTIFICATES {
        return Err(SignatureFault::NoCertificate);
    }
    for choice in choices {
        let CertificateChoices::Certificate(x509) = choice else { return Err(SignatureFault::NoCertificate) };
        let der = x509.to_der().map_err(|_| SignatureFault::NoCertificate)?;
        let certificate = Certificate::from_der(&der).map_err(|_| SignatureFault::NoCertificate)?;
        let tbs = x509.tbs_certificate();
        if signer.is_none() && *tbs.issuer() == sid.issuer && *tbs.serial_number() == sid.serial_number {
            signer = Some(certificate);
        } else {
            others.push(certificate);
        }
    }
    others.sort_by(by_der);
    signer.map(|signer| (signer, others)).ok_or(SignatureFault::NoCertificate)
}

fn value(attributes: &SignedAttributes, oid: ObjectIdentifier, name: &'static str) -> Result<Any, SignatureFault> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    let one = found.next().ok_or(SignatureFault::MissingAttribute(name))?;
    match (one.values.as_slice(), found.next()) {
        ([value], None) => Ok(value.clone()),
        _ => Err(SignatureFault::UnknownAttribute),
    }
}

fn signing_certificates(signer: &Certificate, others: &[Certificate]) -> der::Result<SigningCertificateV2> {
    let certs = std::iter::once(signer).chain(others).map(|certificate| {
        let tbs = certificate.x509().tbs_certificate();
        Ok(EssCertIdV2 {
            hash: OctetString::new(Sha256::digest(certificate.der()).to_vec())?,
            issuer_serial: IssuerSerial {
                issuer: vec![GeneralName::DirectoryName(tbs.issuer().clone())],
                serial_number: tbs.serial_number().clone(),
            },
        })
    });
    Ok(SigningCertificateV2 { certs: certs.collect::<der::Result<_>>()? })
}

fn attributes(digest: &[u8], time: UtcTime, signer: &Certificate, others: &[Certificate]) -> der::Result<SignedAttributes> {
    fn attribute<T: Tagged + EncodeValue>(oid: ObjectIdentifier, value: &T) -> der::Result<Attribute> {
        Ok(Attribute { oid, values: SetOfVec::try_from(vec![Any::encode_from(value)?])? })
    }
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, &ID_DATA)?,
        attribute(ID_MESSAGE_DIGEST, &OctetString::new(digest.to_vec())?)?,
        attribute(ID_SIGNING_TIME, &time)?,
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificates(signer, others)?)?,
    ])
}

fn content_info(
    signer: &Certificate,
    others: &[Certificate],
    attributes: SignedAttributes,
    value: &[u8],
) -> der::Result<ContentInfo> {
    let tbs = signer.x509().tbs_certificate();
    let sid = IssuerAndSerialNumber { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() };
    let certificates = std::iter::once(signer).chain(others).map(|c| CertificateChoices::Certificate(c.x509().clone()));
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![plain(ID_SHA_384)])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
        certificates: Some(CertificateSet::try_from(certificates.collect::<Vec<_>>())?),
        crls: None,
        signer_infos: SignerInfos::try_from(vec![SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(sid),
            digest_alg: plain(ID_SHA_384),
            signed_attrs: Some(attributes),
            signature_algorithm: plain(ECDSA_WITH_SHA_384),
            signature: OctetString::new(value.to_vec())?,
            unsigned_attrs: None,
        }])?,
    };
    Ok(ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&data)? })
}

#[cfg(test)]
#[path = "cades_tests.rs"]
mod tests;
