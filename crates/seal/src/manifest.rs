//! The ASiC manifest (FORMAT.md, "Manifest"): the digest of every listed entry, in one fixed spelling.
//!
//! It is rendered, never interpreted as XML: a verifier recomputes the digests, renders what must stand there and compares.
//! [`read`] walks the fixed text only to say *which* entry differs.

use crate::container::EntryName;
use base64::{Engine, prelude::BASE64_STANDARD};

/// Largest manifest in bytes.
pub const LARGEST_MANIFEST: u64 = 1 << 20;
/// Longest entry name; see [`EntryName`].
const LONGEST_NAME: usize = 64;

const HEAD: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<asic:SigReference URI="META-INF/signature001.p7s" MimeType="application/pkcs7-signature"/>"#,
);
const URI: &str = r#"<asic:DataObjectReference URI=""#;
const TYPE: &str = r#"" MimeType=""#;
const METHOD: &str = r#""><ds:DigestMethod Algorithm=""#;
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const VALUE: &str = r#""/><ds:DigestValue>"#;
const END: &str = "</ds:DigestValue></asic:DataObjectReference>";
const TAIL: &str = "</asic:ASiCManifest>";

/// An entry and the SHA-256 of its content.
pub type Listed = (EntryName, [u8; 32]);

/// Why a manifest is not one. Offsets are in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    #[error("the manifest is larger than {LARGEST_MANIFEST} bytes")]
    TooLarge,
    #[error("the manifest has another form than this format's from byte {offset}")]
    Form { offset: usize },
    #[error("the manifest lists a name at byte {offset} that this format does not have")]
    UnknownName { offset: usize },
    #[error("the manifest uses another digest than SHA-256 at byte {offset}")]
    UnknownDigest { offset: usize },
}

/// The manifest's bytes: one line, no line end. Entries in container order; those that no manifest lists are left out.
#[must_use]
pub fn render(entries: &[Listed]) -> Vec<u8> {
    let mut out = String::with_capacity(HEAD.len() + TAIL.len() + entries.len() * 320);
    out.push_str(HEAD);
    for (name, sha256) in entries.iter().filter(|(name, _)| name.is_listed()) {
        let (name, media, digest) = (name.to_string(), name.media_type(), BASE64_STANDARD.encode(sha256));
        for piece in [URI, &name, TYPE, media, METHOD, SHA256, VALUE, &digest, END] {
            out.push_str(piece);
        }
    }
    out.push_str(TAIL);
    out.into_bytes()
}

/// What a manifest lists, if it is exactly what [`render`] would write for that.
pub fn read(manifest: &[u8]) -> Result<Vec<Listed>, ManifestFault> {
    if manifest.len() as u64 > LARGEST_MANIFEST {
        return Err(ManifestFault::TooLarge);
    }
    let mut text = Text { all: manifest, at: 0 };
    let mut listed = Vec::new();
    text.fixed(HEAD)?;
    while text.fixed(TAIL).is_err() {
        text.fixed(URI)?;
        let offset = text.at;
        let name = text.until_quote(LONGEST_NAME).and_then(EntryName::parse).filter(|name| name.is_listed());
        let name = name.ok_or(ManifestFault::UnknownName { offset })?;
        text.fixed(TYPE)?;
        text.fixed(name.media_type())?;
        text.fixed(METHOD)?;
        text.fixed(SHA256).map_err(|_| ManifestFault::UnknownDigest { offset: text.at })?;
        text.fixed(VALUE)?;
        listed.push((name, text.digest()?));
        text.fixed(END)?;
    }
    if text.at == manifest.len() { Ok(listed) } else { Err(ManifestFault::Form { offset: text.at }) }
}

struct Text<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Text<'a> {
    fn rest(&self) -> &'a [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    fn fixed(&mut self, wanted: &str) -> Result<(), ManifestFault> {
        if self.rest().starts_with(wanted.as_bytes()) {
            self.at += wanted.len();
            return Ok(());
        }
        let same = self.rest().iter().zip(wanted.as_bytes()).take_while(|(a, b)| a == b).count();
        Err(ManifestFault::Form { offset: self.at + same })
    }

    fn until_quote(&mut self, longest: usize) -> Option<&'a str> {
        let len = self.rest().iter().take(longest + 1).position(|b| *b == b'"')?;
        let text = std::str::from_utf8(self.rest().get(..len)?).ok()?;
        self.at += len;
        Some(text)
    }

    /// 44 base64 digits; a second spelling of the same bytes is refused by the strict decoder.
    fn digest(&mut self) -> Result<[u8; 32], ManifestFault> {
        let fault = ManifestFault::Form { offset: self.at };
        let digits = self.rest().get(..44).ok_or(fault)?;
        let digest = BASE64_STANDARD.decode(digits).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(fault)?;
        self.at += 44;
        Ok(digest)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::role::Role;

    fn listed() -> Vec<Listed> {
        vec![(EntryName::Part(1), [1; 32]), (EntryName::Index(Role::Gesprekken), [2; 32]), (EntryName::Header, [3; 32])]
    }

    #[test]
    fn reads_what_it_renders() {
        assert_eq!(read(&render(&listed())).unwrap(), listed());
        assert_eq!(read(&render(&[])).unwrap(), []);
        assert_eq!(render(&[(EntryName::Mimetype, [0; 32]), (EntryName::Manifest, [0; 32])]), render(&[]));
        assert!(!render(&listed()).contains(&b'\n'));
    }

    #[test]
    fn every_other_form_is_refused_with_its_place() {
        let good = String::from_utf8(render(&listed())).unwrap();
        let fault = |text: String| read(text.as_bytes()).unwrap_err();
        let form = |offset| ManifestFault::Form { offset };
        assert_eq!(fault(good.replacen("<asic:ASiC", "<!DOCTYPE x><asic:ASiC", 1)), form(39));
        assert_eq!(fault(format!("{good}\n")), form(good.len()));
        assert_eq!(fault(format!("\u{feff}{good}")), form(0));
        assert_eq!(fault(good.replacen('"', "'", 1)), form(14));
        let at = good.find(SHA256).unwrap();
        let sha1 = good.replacen(SHA256, "http://www.w3.org/2000/09/xmldsig#sha1", 1);
        assert!(matches!(fault(sha1), ManifestFault::UnknownDigest { offset } if offset == at));
        let at = good.find("deel/000001").unwrap();
        for name in ["../../etc/passwd", "deel/1", "mimetype", "META-INF/signature001.p7s", &"x".repeat(100)] {
            assert_eq!(fault(good.replacen("deel/000001", name, 1)), ManifestFault::UnknownName { offset: at }, "{name}");
        }
        // A second base64 spelling of the same 32 bytes.
        let digits = BASE64_STANDARD.encode([1; 32]);
        let other = digits.replace("E=", "F=");
        assert_ne!(digits, other);
        assert!(matches!(fault(good.replace(&digits, &other)), ManifestFault::Form { .. }));
        assert_eq!(read(&vec![b'<'; (1 << 20) + 1]), Err(ManifestFault::TooLarge));
    }

    #[test]
    fn each_byte_counts() {
        let good = render(&listed());
        for n in 0..good.len() {
            let mut bad = good.clone();
            if let Some(byte) = bad.get_mut(n) {
                *byte ^= 1;
            }
            assert_ne!(read(&bad).ok(), Some(listed()), "byte {n}");
        }
    }
}
