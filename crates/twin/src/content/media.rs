//! Media files made on the fly: small real pictures, documents and containers around noise.
//!
//! A file is a list of [`Piece`]s that follows from its kind, key and length, laid out again at every read: nothing but
//! the recipe is kept, so a phone with eighty thousand photos weighs nothing. JPEG, PNG, WebP, PDF and text are valid
//! files; voice notes are one true Ogg stream head with noise for sound, videos are an MP4 box structure around noise.

use super::dice::noise_at;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaKind {
    Jpeg,
    Png,
    Webp,
    Opus,
    Mp4,
    Pdf,
    Csv,
}

/// The recipe of one file.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    kind: MediaKind,
    key: [u8; 32],
    /// Bytes of noise inside.
    filler: u64,
    /// Text planted in a comment, heading or body.
    note: String,
    len: u64,
}

enum Piece {
    Bytes(Cow<'static, [u8]>),
    /// Noise of this many bytes; the keystream starts at 0 for each file's one stretch of noise.
    Noise(u64),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Noise(len) => *len,
        }
    }
}

impl Media {
    pub(crate) fn new(kind: MediaKind, key: [u8; 32], filler: u64, note: String) -> Self {
        let filler = match kind {
            // A comment segment of JPEG ends at 65,533 bytes; what is more follows the end-of-image mark.
            MediaKind::Png | MediaKind::Webp | MediaKind::Csv => filler.min(60_000),
            _ => filler,
        };
        let mut media = Self { kind, key, filler, note, len: 0 };
        media.len = media.layout().iter().map(Piece::len).sum();
        media
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn note(&self) -> &str {
        &self.note
    }

    pub(crate) fn read_at(&self, pos: u64, out: &mut [u8]) {
        let mut at = 0;
        let end = pos + out.len() as u64;
        for piece in self.layout() {
            let (from, to) = (at.max(pos), (at + piece.len()).min(end));
            if from < to {
                let place = |x: u64, base: u64| usize::try_from(x - base).unwrap_or(0);
                let target = &mut out[place(from, pos)..place(to, pos)];
                match &piece {
                    Piece::Bytes(bytes) => target.copy_from_slice(&bytes[place(from, at)..place(to, at)]),
                    Piece::Noise(_) => noise_at(self.key, from - at, target),
                }
            }
            at += piece.len();
        }
    }

    /// SHA-256 of the whole, as `message_media.file_hash` holds it in base64.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut buf = vec![0; 65_536];
        let mut pos = 0;
        while pos < self.len {
            let n = usize::try_from((self.len - pos).min(buf.len() as u64)).unwrap_or(0);
            self.read_at(pos, &mut buf[..n]);
            hash.update(&buf[..n]);
            pos += n as u64;
        }
        hash.finalize().into()
    }

    fn layout(&self) -> Vec<Piece> {
        match self.kind {
            MediaKind::Jpeg => self.jpeg(),
            MediaKind::Png => vec![Piece::Bytes(self.png().into())],
            MediaKind::Webp => vec![Piece::Bytes(self.webp().into())],
            MediaKind::Opus => self.opus(),
            MediaKind::Mp4 => self.mp4(),
            MediaKind::Pdf => self.pdf(),
            MediaKind::Csv => vec![Piece::Bytes(self.csv().into())],
        }
    }

    fn small_noise(&self) -> Vec<u8> {
        let mut noise = vec![0; usize::try_from(self.filler).unwrap_or(0)];
        noise_at(self.key, 0, &mut noise);
        noise
    }

    /// A baseline grey picture of 32 x 32: sixteen blocks of one shade each, so that only DC coefficients are coded.
    fn jpeg(&self) -> Vec<Piece> {
        let mut out = vec![0xff, 0xd8];
        segment(&mut out, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
        segment(&mut out, 0xfe, self.note.as_bytes());
        segment(&mut out, 0xdb, &[&[0_u8][..], &[16; 64]].concat());
        segment(&mut out, 0xc0, &[8, 0, 32, 0, 32, 1, 1, 0x11, 0]);
        // Our own code tables: the twelve DC categories in four bits each, and end-of-block as a single 0.
        let mut dc = vec![0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        dc.extend(0..12);
        segment(&mut out, 0xc4, &dc);
        segment(&mut out, 0xc4, &[0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        segment(&mut out, 0xda, &[1, 1, 0, 0, 63, 0]);
        let (mut bits, mut shade) = (Bits::default(), 0_i32);
        for byte in self.key.iter().take(16) {
            let next = i32::from(*byte) / 2 - 64;
            let step = next - shade;
            shade = next;
            let size = 32 - step.unsigned_abs().leading_zeros();
            bits.push(size, 4);
            let coded = if step < 0 { step + (1 << size) - 1 } else { step };
            bits.push(coded.unsigned_abs(), size);
            bits.push(0, 1);
        }
        out.extend(bits.finish_jpeg());
        out.extend([0xff, 0xd9]);
        // What follows the end mark is ignored by every decoder; phones put such trailers there themselves.
        vec![Piece::Bytes(out.into()), Piece::Noise(self.filler)]
    }

    fn png(&self) -> Vec<u8> {
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut out, b"IHDR", &[0, 0, 0, 16, 0, 0, 0, 16, 8, 0, 0, 0, 0]);
        chunk(&mut out, b"tEXt", &[b"Comment\0", self.note.as_bytes()].concat());
        chunk(&mut out, b"uzNo", &self.small_noise());
        // Sixteen rows of a filter byte and sixteen shades, in one stored deflate block.
        let rows: Vec<u8> = self.key.iter().take(16).flat_map(|shade| [&[0][..], &[*shade; 16]].concat()).collect();
        let len = u16::try_from(rows.len()).unwrap_or(0);
        let mut data = vec![0x78, 0x01, 0x01];
        data.extend(len.to_le_bytes());
        data.extend((!len).to_le_bytes());
        data.extend(&rows);
        data.extend(adler32(&rows).to_be_bytes());
        chunk(&mut out, b"IDAT", &data);
        chunk(&mut out, b"IEND", &[]);
        out
    }

    /// One transparent pixel, lossless, with the noise in a chunk that readers must skip.
    fn webp(&self) -> Vec<u8> {
        const PIXEL: [u8; 14] = [0x2f, 0, 0, 0, 0x10, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0];
        let mut body = b"WEBPVP8L".to_vec();
        body.extend(14_u32.to_le_bytes());
        body.extend(PIXEL);
        for (name, data) in [(b"uzTx", self.note.as_bytes().to_vec()), (b"uzNo", self.small_noise())] {
            body.extend(name);
            body.extend(u32::try_from(data.len()).unwrap_or(0).to_le_bytes());
            let odd = data.len() % 2 == 1;
            body.extend(data);
            body.extend(odd.then_some(0));
        }
        let mut out = b"RIFF".to_vec();
        out.extend(u32::try_from(body.len()).unwrap_or(0).to_le_bytes());
        out.extend(body);
        out
    }

    fn opus(&self) -> Vec<Piece> {
        let mut head = b"OpusHead\x01\x01\x38\x01".to_vec();
        head.extend(16_000_u32.to_le_bytes());
        head.extend([0, 0, 0]);
        // Vendor, then one comment: each text behind its length.
        let mut tags = b"OpusTags".to_vec();
        tags.extend(13_u32.to_le_bytes());
        tags.extend(b"uitlezen twin");
        tags.extend(1_u32.to_le_bytes());
        tags.extend(u32::try_from(self.note.len()).unwrap_or(0).to_le_bytes());
        tags.extend(self.note.as_bytes());
        let mut out = ogg_page(0x02, 0, &head);
        out.extend(ogg_page(0, 1, &tags));
        vec![Piece::Bytes(out.into()), Piece::Noise(self.filler)]
    }

    fn mp4(&self) -> Vec<Piece> {
        let mut out = Vec::new();
        mp4_box(&mut out, b"ftyp", b"isom\0\0\x02\0isommp41");
        mp4_box(&mut out, b"free", self.note.as_bytes());
        // Size 1 announces a 64-bit size after the name, so one layout serves every length.
        out.extend(1_u32.to_be_bytes());
        out.extend(b"mdat");
        out.extend((self.filler + 16).to_be_bytes());
        vec![Piece::Bytes(out.into()), Piece::Noise(self.filler)]
    }

    /// One page with the note as its text; the noise is a stream that no page shows.
    fn pdf(&self) -> Vec<Piece> {
        let text: String = self.note.chars().filter(|c| c.is_ascii() && !matches!(c, '(' | ')' | '\\')).collect();
        let page = format!("BT /F1 12 Tf 72 770 Td ({text}) Tj ET");
        let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut offsets = Vec::new();
        for body in [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
                .to_owned(),
            format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        ] {
            offsets.push(out.len() as u64);
            out.extend(format!("{} 0 obj\n{body}\nendobj\n", offsets.len()).into_bytes());
        }
        offsets.push(out.len() as u64);
        out.extend(format!("6 0 obj\n<< /Length {} >>\nstream\n", self.filler).into_bytes());
        let mut tail = b"\nendstream\nendobj\n".to_vec();
        let xref = out.len() as u64 + self.filler + tail.len() as u64;
        tail.extend(b"xref\n0 7\n0000000000 65535 f \n");
        for offset in offsets {
            tail.extend(format!("{offset:010} 00000 n \n").into_bytes());
        }
        tail.extend(format!("trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n").into_bytes());
        vec![Piece::Bytes(out.into()), Piece::Noise(self.filler), Piece::Bytes(tail.into())]
    }

    fn csv(&self) -> Vec<u8> {
        let mut out = format!("programma;omschrijving;bedrag\n0;{};0\n", self.note).into_bytes();
        for (row, pair) in self.small_noise().chunks(2).enumerate() {
            let amount = pair.iter().fold(0_u32, |sum, b| sum * 256 + u32::from(*b));
            out.extend(format!("{};post {};{amount}\n", row % 9 + 1, row + 1).into_bytes());
        }
        out
    }
}

fn segment(out: &mut Vec<u8>, mark: u8, data: &[u8]) {
    out.extend([0xff, mark]);
    out.extend(u16::try_from(data.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(data);
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(data);
    out.extend(name);
    out.extend(data);
    out.extend(crc.sum().to_be_bytes());
}

fn mp4_box(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len() + 8).unwrap_or(0).to_be_bytes());
    out.extend(name);
    out.extend(data);
}

fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

/// A page of Ogg with one packet (RFC 3533 §6): its checksum is CRC-32 with polynomial 0x04c11db7, unreflected.
fn ogg_page(flags: u8, sequence: u32, packet: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend([0; 8]);
    page.extend(1_u32.to_le_bytes());
    page.extend(sequence.to_le_bytes());
    page.extend([0; 4]);
    let mut lengths = vec![255; packet.len() / 255];
    lengths.push(u8::try_from(packet.len() % 255).unwrap_or(0));
    page.push(u8::try_from(lengths.len()).unwrap_or(0));
    page.extend(lengths);
    page.extend(packet);
    let crc = page.iter().fold(0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |c, _| if c >> 31 == 1 { c << 1 ^ 0x04c1_1db7 } else { c << 1 })
    });
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, size: u32) {
        for bit in (0..size).rev() {
            self.held = self.held << 1 | value >> bit & 1;
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(u8::try_from(self.held & 0xff).unwrap_or(0));
                // A data byte of 0xff is followed by 0 so that it is no mark.
                if self.held & 0xff == 0xff {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// Padded with ones, as the standard asks.
    fn finish_jpeg(mut self) -> Vec<u8> {
        while self.count != 0 {
            self.push(1, 1);
        }
        self.bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    const KINDS: [MediaKind; 7] =
        [MediaKind::Jpeg, MediaKind::Png, MediaKind::Webp, MediaKind::Opus, MediaKind::Mp4, MediaKind::Pdf, MediaKind::Csv];

    fn whole(media: &Media) -> Vec<u8> {
        let mut out = vec![0; usize::try_from(media.len()).unwrap()];
        media.read_at(0, &mut out);
        out
    }

    #[test]
    fn a_part_equals_that_part_of_the_whole() {
        for kind in KINDS {
            let media = Media::new(kind, [9; 32], 5_000, "notitie".to_owned());
            let all = whole(&media);
            for start in (0..all.len()).step_by(97) {
                let mut part = vec![0; (all.len() - start).min(131)];
                media.read_at(start as u64, &mut part);
                assert_eq!(part, all[start..start + part.len()], "{kind:?} at {start}");
            }
        }
    }

    #[test]
    fn the_note_stands_in_every_kind() {
        for kind in KINDS {
            let all = whole(&Media::new(kind, [3; 32], 100, "kenmerk-7".to_owned()));
            assert!(all.windows(9).any(|w| w == b"kenmerk-7"), "{kind:?}");
        }
    }

    #[test]
    fn the_digest_is_of_the_bytes() {
        let media = Media::new(MediaKind::Pdf, [1; 32], 200_000, String::new());
        let expected: [u8; 32] = Sha256::digest(whole(&media)).into();
        assert_eq!(media.sha256(), expected);
    }

    #[test]
    fn offsets_in_the_pdf_point_at_objects() {
        let all = whole(&Media::new(MediaKind::Pdf, [1; 32], 777, "x".to_owned()));
        let text = String::from_utf8_lossy(&all).into_owned();
        let start: usize = text.lines().rev().nth(1).unwrap().parse().unwrap();
        assert!(all[start..].starts_with(b"xref\n0 7\n"));
        for n in 1..=6 {
            let line = &all[start + 9 + n * 20..start + 9 + n * 20 + 10];
            let at: usize = std::str::from_utf8(line).unwrap().parse().unwrap();
            assert!(all[at..].starts_with(format!("{n} 0 obj").as_bytes()), "object {n}");
        }
    }

    #[test]
    fn an_mp4_beyond_four_gib_announces_its_size() {
        let media = Media::new(MediaKind::Mp4, [1; 32], 5 << 30, String::new());
        assert!(media.len() > 5 << 30);
        let mut last = [0; 32];
        media.read_at(media.len() - 32, &mut last);
        assert_ne!(last, [0; 32]);
    }
}
