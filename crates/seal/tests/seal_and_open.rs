//! A seal is closed, verified without a key, opened with one; and it is what it says to other stations and persons.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod sealing;

use jiff::Timestamp;
use sealing::*;
use secrecy::ExposeSecret;
use std::sync::Arc;
use uitlezen_evidence::{ChunkCache, Evidence, ItemName, ReadAtExt};
use uitlezen_seal::{
    closing::{ClosingError, RoleContent, close},
    container::{EntryName, writer::Staging},
    envelope::{EnvelopeError, GeneratedIdentity, Identities, Recipient, RoleKey, RoleRecipients},
    header::{HeaderFault, Origin, Sha256Digest},
    index::RoleIndex,
    open::{CopyError, OpenSealError, Opened},
    role::Role,
    station::{Kind, Validity},
    verify::{Trust, VerifyOptions, verify},
};

#[test]
fn what_was_sealed_is_verified_and_opened() {
    let sealed = seal(Kind::Normal, Origin::Files);
    let verdict = sealed.verify();
    assert!(verdict.is_intact(), "{:?}", verdict.seal);
    assert_eq!(verdict.header.as_ref(), Some(&sealed.closed.header));
    assert_eq!(verdict.digest, Some(sealed.closed.digest));
    assert_eq!((verdict.bytes, verdict.entries), (sealed.closed.bytes, 12));
    let signer = verdict.signer.as_ref().unwrap();
    assert_eq!((signer.trust, signer.validity_now, signer.claimed_time), (Trust::Known, Validity::Valid, now()));

    let opened = Opened::open(verdict.verified().unwrap(), Role::Gesprekken, &sealed.identities()).unwrap();
    assert_eq!(opened.items().len(), sealed.items.len());
    for (name, content) in &sealed.items {
        let name = ItemName::new(name.clone()).unwrap();
        assert_eq!(&opened.evidence_bytes(&name), content);
        let mut copy = Vec::new();
        assert_eq!(opened.copy(&name, &mut copy).unwrap(), content.len() as u64);
        assert_eq!(&copy, content);
    }
    let nothing = opened.copy(&ItemName::new("rapport.txt").unwrap(), &mut Vec::new());
    assert!(matches!(nothing, Err(CopyError::Evidence(_))), "a role sees only its own items");
}

trait EvidenceBytes {
    fn evidence_bytes(&self, name: &ItemName) -> Vec<u8>;
}

impl EvidenceBytes for Opened {
    fn evidence_bytes(&self, name: &ItemName) -> Vec<u8> {
        Evidence::open(self, name).unwrap().read_all(1 << 20).unwrap()
    }
}

#[test]
fn only_who_may_opens() {
    let sealed = seal(Kind::Normal, Origin::Files);
    let verdict = sealed.verify();
    let verified = verdict.verified().unwrap();
    let recovery = Identities::from_file(sealed.recovery.file.expose_secret().as_bytes(), None).unwrap();
    assert!(Opened::open(verified, Role::Verantwoording, &recovery).is_ok());
    let stranger = Identities::from_file(GeneratedIdentity::new().file.expose_secret().as_bytes(), None).unwrap();
    let refused = Opened::open(verified, Role::Gesprekken, &stranger);
    assert!(matches!(refused, Err(OpenSealError::Envelope(EnvelopeError::NoMatchingIdentity))), "{refused:?}");
    let refused = Opened::open(verified, Role::Bronnen, &recovery);
    assert!(matches!(refused, Err(OpenSealError::NoSuchRole(Role::Bronnen))), "{refused:?}");
}

#[test]
fn the_signer_is_known_unknown_a_demo_or_not_asked_for() {
    let trust = |sealed: &Sealed, options: VerifyOptions| {
        let verdict = verify(&sealed.path, &VerifyOptions { at: Some(now()), ..options }).unwrap();
        assert!(verdict.is_intact());
        verdict.signer.unwrap().trust
    };
    let normal = seal(Kind::Normal, Origin::Usb);
    let stranger = vec![station(Kind::Normal).certificate().clone()];
    assert_eq!(trust(&normal, normal.options()), Trust::Known);
    assert_eq!(trust(&normal, VerifyOptions { signers: stranger, ..Default::default() }), Trust::Unknown);
    assert_eq!(trust(&normal, VerifyOptions::default()), Trust::NotCheckedNoSignerGiven);
    let demo = seal(Kind::Demo, Origin::Demo);
    assert_eq!(trust(&demo, demo.options()), Trust::Demo { allowed: false });
    assert_eq!(trust(&demo, VerifyOptions { allow_demo: true, ..demo.options() }), Trust::Demo { allowed: true });
    // A normal station that says demo is a demo too.
    let said = seal(Kind::Normal, Origin::Demo);
    assert_eq!(trust(&said, said.options()), Trust::Demo { allowed: false });
}

#[test]
fn an_expired_certificate_is_said_and_the_seal_stays_intact() {
    let sealed = seal(Kind::Normal, Origin::Usb);
    let later = Timestamp::from_second(NOW + 6 * 365 * 86_400).unwrap();
    let verdict = verify(&sealed.path, &VerifyOptions { at: Some(later), ..sealed.options() }).unwrap();
    let signer = verdict.signer.as_ref().unwrap();
    assert!(verdict.is_intact());
    assert_eq!((signer.validity_now, signer.validity_at_claimed_time), (Validity::Expired, Validity::Valid));
}

#[test]
fn two_threads_say_the_same_as_one() {
    let sealed = seal(Kind::Normal, Origin::Usb);
    for threads in [0, 1, 2, 7] {
        let verdict = verify(&sealed.path, &VerifyOptions { threads, ..sealed.options() }).unwrap();
        assert!(verdict.is_intact());
        assert_eq!(verdict.digest, Some(sealed.closed.digest));
    }
}

#[test]
fn what_cannot_be_closed_rightly_is_not_closed() {
    let new = GeneratedIdentity::new();
    let close_with = |kind, origin, recovery: bool, alter: &dyn Fn(&mut RoleContent)| {
        let dir = tempfile::tempdir().unwrap();
        let mut staging = Staging::create(&dir.path().join("zegel")).unwrap();
        let part = write_part(&mut staging, 1, b"x");
        let recipients = vec![
            Recipient::parse(&new.recipient, false).unwrap(),
            Recipient::parse(&GeneratedIdentity::new().recipient, recovery).unwrap(),
        ];
        let mut content = RoleContent {
            index: RoleIndex::new(Role::Gesprekken, vec![part], vec![]).unwrap(),
            key: RoleKey::random().unwrap(),
            recipients: RoleRecipients::Each(recipients),
        };
        alter(&mut content);
        close(staging, &station(kind), facts(origin), vec![content]).map(|_| ())
    };
    assert!(close_with(Kind::Normal, Origin::Usb, true, &|_| ()).is_ok());
    let refused = close_with(Kind::Normal, Origin::Usb, false, &|_| ());
    assert!(matches!(refused, Err(ClosingError::Envelope { why: EnvelopeError::NoRecovery, .. })), "{refused:?}");
    let refused = close_with(Kind::Demo, Origin::Usb, true, &|_| ());
    assert!(matches!(refused, Err(ClosingError::Header(HeaderFault::DemoStation))), "{refused:?}");
    let refused = close_with(Kind::Normal, Origin::Usb, true, &|content| content.index.parts[0].sha256 = Sha256Digest([0; 32]));
    assert!(matches!(refused, Err(ClosingError::PartElsewhere { .. })), "{refused:?}");
}

#[test]
fn a_staging_file_is_taken_up_where_its_journal_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zegel");
    let mut staging = Staging::create(&path).unwrap();
    let first = staging.append_whole(EntryName::Part(1), b"first").unwrap();
    let at = staging.begin(EntryName::Part(2)).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&**staging.file(), b"torn", at).unwrap();
    drop(staging);
    let again = Staging::reopen(&path, first.end(), vec![first.clone()]).unwrap();
    assert_eq!((again.end(), again.entries().len()), (first.end(), 2));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), first.end());
    let moved = uitlezen_seal::container::EntryRecord { size: 4, ..first.clone() };
    assert!(Staging::reopen(&path, moved.end(), vec![moved]).is_err());
    std::fs::write(&path, b"PK").unwrap();
    assert!(Staging::reopen(&path, first.end(), vec![first]).is_err());
}

#[test]
fn a_role_opens_through_a_cache_of_its_own() {
    let sealed = seal(Kind::Normal, Origin::Usb);
    let verdict = sealed.verify();
    let cache = Arc::new(ChunkCache::new(8 << 10));
    let opened =
        Opened::open_with_cache(verdict.verified().unwrap(), Role::Gesprekken, &sealed.identities(), Arc::clone(&cache)).unwrap();
    for item in opened.items() {
        Evidence::open(&opened, &item.name).unwrap().read_all(1 << 20).unwrap();
    }
    assert!(cache.filled() > 0 && cache.bytes() <= 16 << 10);
}
