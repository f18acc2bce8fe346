#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use aead_stream::EncryptorBE32;
use proptest::prelude::*;
use sha2::Digest;
use std::{io::Write, sync::Arc};
use uitlezen_evidence::{Bytes, ChunkCache, Hint, ReadAt, ReadAtExt};

fn counted<const N: usize>(from: u8) -> [u8; N] {
    std::array::from_fn(|i| from + i as u8)
}

fn sealed(plain: &[u8], log2: u8) -> (Vec<u8>, PartKey, PartSummary) {
    let key = PartKey::from_bytes(&mut counted(0));
    let header = PartHeader { chunk: ChunkSize::from_log2(log2).unwrap(), number: 1, salt: counted(32) };
    let mut writer = PartWriter::with_header(Vec::new(), &key, &header).unwrap();
    // Pieces that fit no chunk, so that every seam is crossed.
    for piece in plain.chunks(1_001) {
        writer.write_all(piece).unwrap();
    }
    let (bytes, summary) = writer.finish().unwrap();
    (bytes, key, summary)
}

fn open(bytes: Vec<u8>, key: &PartKey) -> Result<PartReader, PartError> {
    PartReader::open(Arc::new(bytes) as Bytes, key, 1, Arc::new(ChunkCache::new(1 << 20)))
}

/// Made by a separate Python writer (`cryptography`'s AESGCM and HKDF) from FORMAT.md; the okm stands in
/// `reference/seal.md §5` too.
#[test]
fn the_published_vectors_come_out() {
    let mut okm = [0; 39];
    Hkdf::<Sha256>::new(Some(&counted::<32>(32)), &counted::<32>(0)).expand(SEGMENT_INFO, &mut okm).unwrap();
    assert_eq!(hex::encode(okm), "0da05edaeebebb03b806d319fb315c0576801b07f92066adf7083f5edfb941d870b3238e1c78d0");
    let pattern = |n: usize| (0..n).map(|i| (i % 251) as u8).collect::<Vec<_>>();
    for (plain, len, tail, sha256) in [
        (vec![], 80, "7dce93f0e70f3442ea15e429a4fa95e3", "b6a2bf545cf88df846a2bba288ca96984877ddffc8f314cceedbc39d2e99d5a5"),
        (
            b"uitlezing".to_vec(),
            89,
            "a74ee10233748eb5e5f1d2070b48f564d7e7f3e123eaee5f97",
            "20c5ebb2fa238cbe0874f90a4f99a8d6891e097c3bf5f86fcb762f4b4e67e29e",
        ),
        (pattern(10_000), 10_112, "", "24696faf1aeb17e65eda729a920bdceb3b0fecbbee1c273d3ea666222ccaa839"),
        // Two full chunks: the second is the last, no empty third follows.
        (pattern(8_192), 8_288, "", "139ecf6f2b06c65ad0ed1b5cd2c9b7b32fa41fba596b783d6e353a4ff7a95dfa"),
    ] {
        let (bytes, _, summary) = sealed(&plain, 12);
        assert_eq!(bytes.len(), len);
        assert!(hex::encode(&bytes[64..]).ends_with(tail));
        assert_eq!(hex::encode(Sha256::digest(&bytes)), sha256);
        assert_eq!(hex::encode(summary.sha256), sha256);
        assert_eq!(summary.crc32, crc32fast::hash(&bytes));
        assert_eq!((summary.plain, summary.sealed), (plain.len() as u64, len as u64));
    }
}

#[test]
fn chunks_are_those_of_aead_stream() {
    let plain: Vec<u8> = (0..20_000_u32).map(|i| (i * 7 % 256) as u8).collect();
    let (bytes, key, _) = sealed(&plain, 13);
    let header: [u8; 64] = bytes[..64].try_into().unwrap();
    let (cipher, prefix) = key.derive(&PartHeader::decode(&header).unwrap().salt).unwrap();
    let mut peer = EncryptorBE32::from_aead(cipher, &prefix.into());
    let mut expected = header.to_vec();
    let chunks: Vec<&[u8]> = plain.chunks(8_192).collect();
    let (last, before) = chunks.split_last().unwrap();
    let payload = |msg| aes_gcm::aead::Payload { msg, aad: &header };
    for chunk in before {
        expected.extend(peer.encrypt_next(payload(*chunk)).unwrap());
    }
    expected.extend(peer.encrypt_last(payload(*last)).unwrap());
    assert!(bytes == expected);
}

#[test]
fn every_flipped_byte_and_every_cut_is_refused() {
    let plain = vec![7; 9_000];
    let (bytes, key, _) = sealed(&plain, 12);
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let outcome = open(bad, &key).and_then(|p| p.read_all(1 << 20).map_err(PartError::Io));
        match outcome {
            Ok(_) => panic!("byte {at} may change"),
            Err(PartError::Io(e)) => assert_eq!(e.kind(), io::ErrorKind::InvalidData),
            Err(_) => {}
        }
    }
    for len in 0..bytes.len() {
        assert!(open(bytes[..len].to_vec(), &key).is_err(), "cut at {len}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(open(longer, &key).is_err());
}

#[test]
fn moved_doubled_and_dropped_chunks_are_refused() {
    let plain: Vec<u8> = (0..16_384_u32).map(|i| (i / 4096) as u8).collect();
    let (bytes, key, _) = sealed(&plain, 12);
    let slot = 4_096 + TAG_BYTES;
    let row: Vec<&[u8]> = bytes[64..].chunks(slot).collect();
    assert_eq!(row.len(), 4);
    let with = |order: &[usize]| {
        let mut made = bytes[..64].to_vec();
        order.iter().for_each(|&i| made.extend_from_slice(row[i]));
        open(made, &key).and_then(|p| p.read_all(1 << 20).map_err(PartError::Io))
    };
    assert!(with(&[0, 1, 2, 3]).is_ok_and(|all| all == plain));
    for order in [&[1, 0, 2, 3][..], &[0, 1, 2], &[0, 1, 2, 3, 3], &[0, 2, 3], &[3], &[0, 1, 3, 2]] {
        assert!(with(order).is_err(), "{order:?}");
    }
}

#[test]
fn another_number_another_key_and_other_headers_are_told_apart() {
    let (bytes, key, _) = sealed(b"x", 12);
    let cache = || Arc::new(ChunkCache::new(1 << 20));
    let other = PartReader::open(Arc::new(bytes.clone()), &key, 2, cache());
    assert!(matches!(other, Err(PartError::Number { expected: 2, found: 1 })));
    assert!(matches!(open(bytes.clone(), &PartKey::random().unwrap()), Err(PartError::Forged)));
    let with = |at: usize, value: u8| {
        let mut bad = bytes.clone();
        bad[at] = value;
        open(bad, &key).unwrap_err()
    };
    assert!(matches!(with(0, 0), PartError::NotAPart));
    assert!(matches!(with(8, 2), PartError::Version(2)));
    assert!(matches!(with(9, 11), PartError::ChunkSize(11)));
    assert!(matches!(with(9, 21), PartError::ChunkSize(21)));
    assert!(matches!(with(10, 1), PartError::Reserved));
    assert!(matches!(with(11, 1), PartError::Reserved));
    assert!(matches!(with(63, 1), PartError::Reserved));
    assert!(matches!(with(20, 0), PartError::Forged));
}

#[test]
fn a_sealer_ends_with_its_last_chunk() {
    let header = PartHeader::random(1, ChunkSize::RANDOM_ACCESS).unwrap();
    let mut sealer = ChunkSealer::new(&PartKey::random().unwrap(), &header).unwrap();
    sealer.seal(&mut [0; 40], false).unwrap();
    sealer.seal(&mut [0; 40], true).unwrap();
    assert!(sealer.seal(&mut [0; 40], true).is_err());
}

#[test]
fn keys_do_not_show_themselves() {
    let key = PartKey::from_bytes(&mut [0x41; 32]);
    assert_eq!(format!("{key:?}"), "PartKey(secret)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_range_of_any_part_reads_back(
        plain in proptest::collection::vec(any::<u8>(), 0..40_000),
        log2 in 12_u8..=14,
        ranges in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..20),
    ) {
        let (bytes, key, summary) = sealed(&plain, log2);
        let chunk = ChunkSize::from_log2(log2).unwrap();
        prop_assert_eq!(chunk.sealed_len(plain.len() as u64), Some(bytes.len() as u64));
        prop_assert_eq!(summary.sealed, bytes.len() as u64);
        let part = open(bytes, &key).unwrap();
        prop_assert_eq!(part.len(), plain.len() as u64);
        let mut hint = Hint::default();
        for (from, to) in ranges {
            let (a, b) = (from.index(plain.len() + 1), to.index(plain.len() + 1));
            let (a, b) = (a.min(b), a.max(b));
            let mut got = vec![0; b - a];
            part.read_at(a as u64, &mut got, &mut hint).unwrap();
            prop_assert_eq!(&got[..], &plain[a..b]);
        }
        prop_assert_eq!(part.read_at(plain.len() as u64, &mut [0], &mut hint).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn lengths_and_their_inverse_agree(log2 in 12_u8..=20, plain in 0_u64..1 << 40, sealed in 0_u64..1 << 40) {
        let chunk = ChunkSize::from_log2(log2).unwrap();
        let made = chunk.sealed_len(plain).unwrap();
        prop_assert_eq!(chunk.plain_len(made).map(|(plain, _)| plain), Some(plain));
        if let Some((plain, _)) = chunk.plain_len(sealed) {
            prop_assert_eq!(chunk.sealed_len(plain), Some(sealed));
        }
    }

    #[test]
    fn no_header_makes_the_decoder_stumble(header in proptest::array::uniform32(any::<u8>())) {
        let mut bytes = [0; 64];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..40].copy_from_slice(&header);
        if let Ok(read) = PartHeader::decode(&bytes) {
            prop_assert_eq!(read.encode(), bytes);
        }
    }
}
