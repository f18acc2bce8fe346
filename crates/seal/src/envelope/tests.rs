#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use secrecy::SecretString;

fn person(recovery: bool) -> (Recipient, Identities) {
    let new = GeneratedIdentity::new();
    let identities = Identities::from_file(new.file.expose_secret().as_bytes(), None).unwrap();
    (Recipient::parse(&new.recipient, recovery).unwrap(), identities)
}

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

#[test]
fn the_vectors_of_the_format() {
    let key = RoleKey::from_bytes(&mut std::array::from_fn(|n| n as u8));
    assert_eq!(hex::encode(key.commitment()), "256b6a8e5631636c1a568d7768341506069ba015091659ef5ed503d9d7ad3381");
    assert_eq!(hex::encode(key.index_key().expose()), "fc93239c305de5728ceed92487430a8ab408ca1cbf5ab9e19ca7fb4b19c8d7f5");
}

#[test]
fn each_recipient_opens_alone_and_a_stranger_does_not() {
    let ((daily, d), (recovery, r), (_, stranger)) = (person(false), person(true), person(false));
    let safe = Recipient::passphrase_with_work(secret("in the safe"), 2, true);
    let key = RoleKey::random().unwrap();
    let files = wrap(&key, &RoleRecipients::Each(vec![daily, safe, recovery])).unwrap();
    assert_eq!(files.iter().map(|f| f.number).collect::<Vec<_>>(), [1, 2]);
    for who in [d, r, Identities::from_passphrase(&secret("in the safe"))] {
        let opened = unwrap(&files, &who, &key.commitment()).unwrap();
        assert_eq!(opened.0.expose_secret(), key.0.expose_secret());
    }
    let closed = unwrap(&files, &stranger.and(Identities::from_passphrase(&secret("guess"))), &key.commitment());
    assert!(matches!(closed, Err(EnvelopeError::NoMatchingIdentity)), "{closed:?}");
}

#[test]
fn too_few_twice_or_without_recovery_is_refused() {
    let ((a, _), (b, _)) = (person(false), person(false));
    let key = RoleKey::random().unwrap();
    let wrap = |list: &[&Recipient]| wrap(&key, &RoleRecipients::Each(list.iter().map(|r| (*r).clone()).collect()));
    assert!(matches!(wrap(&[]), Err(EnvelopeError::TooFewRecipients { found: 0 })));
    assert!(matches!(wrap(&[&a]), Err(EnvelopeError::TooFewRecipients { found: 1 })));
    assert!(matches!(wrap(&[&a, &b]), Err(EnvelopeError::NoRecovery)));
    assert!(matches!(wrap(&[&a, &a]), Err(EnvelopeError::RecipientTwice)));
    let both = RoleRecipients::TwoPersons { a: vec![a.clone(), person(true).0], b: vec![a.clone(), person(true).0] };
    assert!(matches!(both.check(), Err(EnvelopeError::RecipientTwice)));
    let two = RoleRecipients::TwoPersons { a: vec![a.clone(), person(true).0], b: vec![b] };
    assert!(matches!(two.check(), Err(EnvelopeError::TooFewRecipients { found: 1 })));
}

#[test]
fn two_persons_open_together_only() {
    let ((a, ia), (b, ib), (ra, _), (rb, _)) = (person(false), person(false), person(true), person(true));
    let key = RoleKey::random().unwrap();
    let files = wrap(&key, &RoleRecipients::TwoPersons { a: vec![a, ra], b: vec![b, rb] }).unwrap();
    let alone = unwrap(&files, &ia, &key.commitment());
    assert!(matches!(alone, Err(EnvelopeError::HalfMissing(Half::B))), "{alone:?}");
    let both = unwrap(&files, &ia.and(ib), &key.commitment()).unwrap();
    assert_eq!(both.0.expose_secret(), key.0.expose_secret());
}

#[test]
fn files_that_disagree_and_keys_without_commitment_are_refused() {
    let ((a, ia), (r, _)) = (person(false), person(true));
    let to = RoleRecipients::Each(vec![a, r]);
    let (one, two) = (RoleKey::random().unwrap(), RoleKey::random().unwrap());
    let mut files = wrap(&one, &to).unwrap();
    assert!(matches!(unwrap(&files, &ia, &two.commitment()), Err(EnvelopeError::WrongCommitment)));
    files.extend(wrap(&two, &to).unwrap());
    assert!(matches!(unwrap(&files, &ia, &one.commitment()), Err(EnvelopeError::KeyFilesDisagree)));
    files.truncate(1);
    files[0].bytes.pop();
    assert!(matches!(unwrap(&files, &ia, &one.commitment()), Err(EnvelopeError::KeyFile(1))));
    files[0].bytes = b"not an age file".to_vec();
    assert!(matches!(unwrap(&files, &ia, &one.commitment()), Err(EnvelopeError::KeyFile(1))));
}

#[test]
fn identity_files_bare_and_protected() {
    let new = GeneratedIdentity::new();
    let protected = protect_identity(&new.file, &secret("open"), Some(2)).unwrap();
    let read = |passphrase: Option<&SecretString>| Identities::from_file(&protected, passphrase).map(|_| ());
    assert_eq!(read(None), Err(IdentityError::PassphraseNeeded));
    assert_eq!(read(Some(&secret("shut"))), Err(IdentityError::WrongPassphrase));
    assert_eq!(read(Some(&secret("open"))), Ok(()));
    assert_eq!(Identities::from_file(b"# nothing\n", None).map(|_| ()), Err(IdentityError::Empty));
    assert_eq!(Identities::from_file(b"\n\nage1notasecret\n", None).map(|_| ()), Err(IdentityError::Line(3)));
    let key = new.file.expose_secret().lines().nth(1).unwrap();
    assert_eq!(Recipient::parse(key, true).map(|_| ()), Err(RecipientError::SecretKey));
    assert_eq!(Recipient::parse("age1", true).map(|_| ()), Err(RecipientError::Unknown));
}
