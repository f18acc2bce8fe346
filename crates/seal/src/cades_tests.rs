#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::station::{Kind, Subject};

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

fn station() -> Station {
    let subject = Subject {
        organisation: "Gemeente Voorbeeld".to_owned(),
        organisation_code: "gm0000".to_owned(),
        station_name: "Station 1".to_owned(),
        kind: Kind::Normal,
    };
    Station::generate(&subject, 5, now()).unwrap()
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut SignedData)) -> SignatureFault {
    let mut info = ContentInfo::from_der(bytes).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    change(&mut data);
    info.content = Any::encode_from(&data).unwrap();
    CadesSignature::read(&info.to_der().unwrap()).unwrap_err()
}

fn signer(data: &mut SignedData, change: impl FnOnce(&mut SignerInfo)) {
    let mut info = data.signer_infos.0.as_slice()[0].clone();
    change(&mut info);
    data.signer_infos = SignerInfos::try_from(vec![info]).unwrap();
}

fn without(attributes: &SignedAttributes, oid: ObjectIdentifier) -> SignedAttributes {
    SetOfVec::try_from(attributes.iter().filter(|a| a.oid != oid).cloned().collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_signature_covers_its_manifest_and_no_other() {
    let station = station();
    let signed = sign(&station, b"manifest", now()).unwrap();
    let read = CadesSignature::read(&signed).unwrap();
    assert_eq!(read.covers(b"manifest"), Ok(()));
    assert_eq!(read.covers(b"manifesT"), Err(SignatureFault::OtherManifest));
    assert_eq!((read.signer(), read.claimed_time()), (station.certificate(), now()));
}

#[test]
fn every_flipped_bit_is_refused() {
    let signed = sign(&station(), b"manifest", now()).unwrap();
    for n in 0..signed.len() {
        for bit in [0, 3, 7] {
            let mut bad = signed.clone();
            bad[n] ^= 1 << bit;
            let outcome = CadesSignature::read(&bad).and_then(|read| read.covers(b"manifest"));
            assert!(outcome.is_err(), "byte {n} bit {bit}");
        }
    }
    for len in 0..signed.len() {
        assert!(CadesSignature::read(&signed[..len]).is_err());
    }
    assert!(CadesSignature::read(&[&signed[..], b"\0"].concat()).is_err());
}

#[test]
fn each_departure_from_the_form_has_its_name() {
    let signed = sign(&station(), b"manifest", now()).unwrap();
    for (oid, name) in [
        (ID_CONTENT_TYPE, "content-type"),
        (ID_MESSAGE_DIGEST, "message-digest"),
        (ID_SIGNING_TIME, "signing-time"),
        (SIGNING_CERTIFICATE_V2, "signing-certificate-v2"),
    ] {
        let fault = changed(&signed, |data| {
            signer(data, |info| info.signed_attrs = info.signed_attrs.as_ref().map(|a| without(a, oid)));
        });
        assert_eq!(fault, SignatureFault::MissingAttribute(name));
    }
    let extra = Attribute { oid: ID_DATA, values: SetOfVec::try_from(vec![Any::null()]).unwrap() };
    let fault = changed(&signed, |data| {
        signer(data, |info| info.signed_attrs.as_mut().unwrap().insert(extra.clone()).unwrap());
    });
    assert_eq!(fault, SignatureFault::UnknownAttribute);
    let fault = changed(&signed, |data| {
        signer(data, |info| info.unsigned_attrs = Some(SetOfVec::try_from(vec![extra.clone()]).unwrap()));
    });
    assert_eq!(fault, SignatureFault::UnsignedAttributes);
    let fault = changed(&signed, |data| {
        data.encap_content_info.econtent = Some(Any::encode_from(&OctetString::new(b"manifest".to_vec()).unwrap()).unwrap());
    });
    assert_eq!(fault, SignatureFault::Attached);
    assert_eq!(changed(&signed, |data| data.certificates = None), SignatureFault::NoCertificate);
    assert_eq!(changed(&signed, |data| data.signer_infos = SignerInfos(SetOfVec::default())), SignatureFault::Signers);
    let fault = changed(&signed, |data| {
        signer(data, |info| info.digest_alg.oid = const_oid::db::rfc5912::ID_SHA_256);
    });
    assert_eq!(fault, SignatureFault::Algorithm);
    let fault = changed(&signed, |data| {
        signer(data, |info| info.digest_alg.parameters = Some(Any::null()));
    });
    assert_eq!(fault, SignatureFault::Algorithm);
    assert_eq!(changed(&signed, |data| data.version = CmsVersion::V3), SignatureFault::NotCanonical);
    let fault = changed(&signed, |data| {
        let other = CertificateChoices::Certificate(station().certificate().x509().clone());
        data.certificates.as_mut().unwrap().0.insert(other).unwrap();
    });
    assert_eq!(fault, SignatureFault::OtherCertificate);
}

#[test]
fn the_twin_value_with_the_other_s_is_refused() {
    let signed = sign(&station(), b"manifest", now()).unwrap();
    let mut info = ContentInfo::from_der(&signed).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    signer(&mut data, |info| {
        let value = Signature::from_der(info.signature.as_bytes()).unwrap();
        let twin = Signature::from_scalars(*value.r(), -*value.s()).unwrap();
        info.signature = OctetString::new(twin.to_der().as_bytes().to_vec()).unwrap();
    });
    info.content = Any::encode_from(&data).unwrap();
    let twin = CadesSignature::read(&info.to_der().unwrap()).unwrap();
    assert_eq!(twin.covers(b"manifest"), Err(SignatureFault::NotCanonical));
}
