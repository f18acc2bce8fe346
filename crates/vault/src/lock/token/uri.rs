//! Where a key stands, as RFC 7512 writes it: `pkcs11:token=kiosk;object=kluis?module-path=/usr/lib/softhsm/libsofthsm2.so`.

use super::TokenTrouble;
use std::path::{Path, PathBuf};

const LONGEST: usize = 2048;

/// A key on a token, and the library that speaks to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    module: PathBuf,
    token: Option<String>,
    serial: Option<String>,
    label: Option<String>,
    id: Option<Vec<u8>>,
}

impl TokenKey {
    /// Takes `token`, `serial`, `object`, `id`, `type=private` and `module-path` (absolute), percent-encoded. A PIN in it is
    /// refused: it would stand in the process list.
    pub fn parse(text: &str) -> Result<Self, TokenTrouble> {
        let rest = text.strip_prefix("pkcs11:").filter(|_| text.len() <= LONGEST).ok_or(TokenTrouble::Uri)?;
        let (path, query) = rest.split_once('?').ok_or(TokenTrouble::Uri)?;
        let mut found = Self { module: PathBuf::new(), token: None, serial: None, label: None, id: None };
        for pair in path.split(';').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(TokenTrouble::Uri)?;
            let bytes = decoded(value)?;
            let text = || String::from_utf8(bytes.clone()).map_err(|_| TokenTrouble::Uri);
            let twice = match name {
                "token" => found.token.replace(text()?).is_some(),
                "serial" => found.serial.replace(text()?).is_some(),
                "object" => found.label.replace(text()?).is_some(),
                "id" => found.id.replace(bytes).is_some(),
                "type" => bytes != b"private",
                _ => true,
            };
            if twice {
                return Err(TokenTrouble::Uri);
            }
        }
        let module = query.strip_prefix("module-path=").filter(|m| !m.contains('&')).ok_or(TokenTrouble::Uri)?;
        found.module = String::from_utf8(decoded(module)?).map_err(|_| TokenTrouble::Uri)?.into();
        if found.module.is_absolute() { Ok(found) } else { Err(TokenTrouble::Uri) }
    }

    /// Whether the token is plugged in; no PIN is tried.
    #[must_use]
    pub fn is_present(&self) -> bool {
        super::session::is_present(self)
    }

    pub(super) fn module(&self) -> &Path {
        &self.module
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(super) fn serial(&self) -> Option<&str> {
        self.serial.as_deref()
    }

    pub(super) fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    pub(super) fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    /// The same library, and just this token.
    pub(super) fn on(&self, token: &str, serial: &str) -> Self {
        Self { token: Some(token.to_owned()), serial: Some(serial.to_owned()), ..self.clone() }
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, TokenTrouble> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next().ok_or(TokenTrouble::Uri)?, bytes.next().ok_or(TokenTrouble::Uri)?];
        let mut one = [0];
        hex::decode_to_slice(digits, &mut one).map_err(|_| TokenTrouble::Uri)?;
        out.extend(one);
    }
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_of_keys_are_read_and_half_ones_are_not() {
        let read =
            TokenKey::parse("pkcs11:token=kiosk%201;object=kluis;id=%01%fF;type=private?module-path=/usr/lib/x.so").unwrap();
        assert_eq!((read.token(), read.label(), read.serial()), (Some("kiosk 1"), Some("kluis"), None));
        assert_eq!((read.id(), read.module()), (Some(&[1, 255][..]), Path::new("/usr/lib/x.so")));
        TokenKey::parse("pkcs11:?module-path=/x.so").unwrap();
        for wrong in [
            "token=kiosk?module-path=/x.so",
            "pkcs11:token=kiosk",
            "pkcs11:token=kiosk?module-path=x.so",
            "pkcs11:token=kiosk?module-path=/x.so&pin-value=1234",
            "pkcs11:token=kiosk;pin-value=1234?module-path=/x.so",
            "pkcs11:token=a;token=b?module-path=/x.so",
            "pkcs11:token=%4?module-path=/x.so",
            "pkcs11:token=%zz?module-path=/x.so",
            "pkcs11:token=%ff?module-path=/x.so",
            "pkcs11:type=public?module-path=/x.so",
        ] {
            assert_eq!(TokenKey::parse(wrong), Err(TokenTrouble::Uri), "{wrong}");
        }
        assert!(TokenKey::parse(&format!("pkcs11:token={}?module-path=/x.so", "x".repeat(LONGEST))).is_err());
    }
}
