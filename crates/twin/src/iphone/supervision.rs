//! The phone's check of a supervising host: CMS SignedData over the challenge it gave (`reference/ios.md §1.7`).

use cms::{
    cert::x509::Certificate,
    content_info::ContentInfo,
    signed_data::{SignedData, SignerInfo},
};
use der::{
    Decode, Encode,
    asn1::{ObjectIdentifier, OctetString},
};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Digest, Sha256};

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Whether `answer` carries `challenge` and is signed by the key of `supervisor` (DER of its certificate).
pub(super) fn answers(challenge: &[u8], supervisor: &[u8], answer: &[u8]) -> bool {
    signed(answer, challenge)
        .is_some_and(|data| data.signer_infos.0.iter().any(|signer| signed_by(signer, supervisor, challenge).unwrap_or(false)))
}

fn signed(answer: &[u8], challenge: &[u8]) -> Option<SignedData> {
    let outer = ContentInfo::from_der(answer).ok()?;
    if outer.content_type != SIGNED_DATA {
        return None;
    }
    let data: SignedData = outer.content.decode_as().ok()?;
    let carried: OctetString = data.encap_content_info.econtent.as_ref()?.decode_as().ok()?;
    (carried.as_bytes() == challenge).then_some(data)
}

fn signed_by(signer: &SignerInfo, supervisor: &[u8], content: &[u8]) -> Option<bool> {
    if signer.digest_alg.oid != SHA_256 {
        return None;
    }
    let message = match &signer.signed_attrs {
        None => content.to_vec(),
        Some(attributes) => {
            let digest = attributes.iter().find(|attribute| attribute.oid == MESSAGE_DIGEST)?;
            let digest: OctetString = digest.values.iter().next()?.decode_as().ok()?;
            if digest.as_bytes() != Sha256::digest(content).as_slice() {
                return None;
            }
            // signed as a SET OF, whatever tag it travels under
            attributes.to_der().ok()?
        }
    };
    let certificate = Certificate::from_der(supervisor).ok()?;
    let key = certificate.tbs_certificate().subject_public_key_info();
    let algorithm: &'static dyn VerificationAlgorithm = match key.algorithm.oid {
        RSA => &RSA_PKCS1_2048_8192_SHA256,
        EC => match key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()? {
            P256 => &ECDSA_P256_SHA256_ASN1,
            P384 => &ECDSA_P384_SHA256_ASN1,
            _ => return None,
        },
        _ => return None,
    };
    let key = UnparsedPublicKey::new(algorithm, key.subject_public_key.as_bytes()?);
    Some(key.verify(&message, signer.signature.as_bytes()).is_ok())
}
