//! A zip that somebody hands in with `--from`.

use flate2::{Compression, write::DeflateEncoder};
use std::{
    io::{Cursor, Write},
    sync::Arc,
};
use uitlezen_evidence::{Bytes, ChunkCache, Evidence, Hint, ReadAtExt, ZipEvidence, ZipLimits};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Bytes of one entry that are read whole.
const WHOLE: u64 = 1 << 20;

/// Entries have lawful names, each once; an entry that passes its checksum has the bytes that it says, read in any order.
pub fn zip(data: &[u8]) {
    let limits = ZipLimits { entries: 2000, total: 64 << 20, total_ratio: 20 };
    let source: Bytes = Arc::new(data.to_vec());
    let Ok(evidence) = ZipEvidence::over(source, limits, Arc::new(ChunkCache::new(4 << 20))) else { return };
    let items = evidence.items();
    assert!(items.is_sorted_by(|a, b| a.name < b.name), "doubled or out of order");
    assert!(items.len() <= limits.entries);
    assert!(items.iter().map(|item| item.bytes).sum::<u64>() <= limits.total.max(limits.total_ratio * data.len() as u64));
    for item in items.iter().take(50) {
        let verified = item.bytes <= 4 * WHOLE && evidence.verify(&item.name).is_ok();
        let Ok(bytes) = evidence.open(&item.name) else {
            assert!(!verified, "verified and not to be opened");
            continue;
        };
        assert_eq!(bytes.len(), item.bytes);
        let middle = bytes.len() / 2;
        let mut late = [0; 16];
        let take = usize::try_from(bytes.len() - middle).unwrap().min(late.len());
        let read = bytes.read_at(middle, &mut late[..take], &mut Hint::default());
        assert!(bytes.read_at(bytes.len(), &mut [0], &mut Hint::default()).is_err(), "bytes beyond the end");
        match bytes.read_all(WHOLE) {
            Ok(all) => {
                assert_eq!(all.len() as u64, item.bytes);
                if read.is_ok() {
                    let middle = usize::try_from(middle).unwrap();
                    assert_eq!(all[middle..middle + take], late[..take], "the same place, other bytes");
                }
            }
            Err(_) => assert!(!verified || item.bytes > WHOLE, "verified and not to be read"),
        }
    }
}

pub fn zip_seeds() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let options = SimpleFileOptions::default().compression_method(method);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_directory("WhatsApp/Media", options).unwrap();
        for (name, content) in [
            ("WhatsApp/Databases/msgstore.db.crypt15", (0..3000_u32).map(|n| ((n * n) >> 3) as u8).collect::<Vec<_>>()),
            ("WhatsApp/Media/é.txt", b"een tekst\n".repeat(40)),
            ("leeg", Vec::new()),
        ] {
            zip.start_file(name, options).unwrap();
            zip.write_all(&content).unwrap();
        }
        zip.start_file("groot64", options.large_file(true)).unwrap();
        zip.write_all(b"met lange velden").unwrap();
        let _ = zip.set_comment("een opmerking");
        out.push(zip.finish().unwrap().into_inner());
    }
    out.push(with_data_descriptor());
    out
}

/// An entry whose sizes stand behind its bytes, as streaming writers leave it.
fn with_data_descriptor() -> Vec<u8> {
    let content = vec![b'z'; 300_000];
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflated.write_all(&content).unwrap();
    let deflated = deflated.finish().unwrap();
    let (crc, name) = (crc32fast::hash(&content), b"stroom.bin");
    let sizes = [crc, deflated.len() as u32, content.len() as u32].map(u32::to_le_bytes).concat();
    let mut out = b"PK\x03\x04\x14\0\x08\0\x08\0\0\0\x21\0".to_vec();
    out.extend([0; 12]);
    out.extend([name.len() as u8, 0, 0, 0]);
    out.extend(name);
    out.extend(&deflated);
    out.extend(b"PK\x07\x08");
    out.extend(&sizes);
    let begin = out.len() as u32;
    out.extend(b"PK\x01\x02\x14\0\x14\0\x08\0\x08\0\0\0\x21\0");
    out.extend(&sizes);
    out.extend([name.len() as u8, 0]);
    out.extend([0; 16]);
    out.extend(name);
    let length = out.len() as u32 - begin;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(length.to_le_bytes());
    out.extend(begin.to_le_bytes());
    out.extend([0, 0]);
    out
}
