//! The elements of a list of JSON, one after the other, so that no list is ever held as a whole and what stands before damage is
//! not lost with what stands behind it.

use std::io::{self, BufRead, BufReader, Read};
use uitlezen_android_backup::BackupError;

/// One message with everything that is said of it.
const LARGEST_ELEMENT: usize = 16 << 20;

enum At {
    Before,
    Within,
    Over,
}

pub(super) struct Elements<R> {
    from: BufReader<R>,
    at: At,
}

impl<R: Read> Elements<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from: BufReader::new(from), at: At::Before }
    }

    /// What the list lay in, wherever in it this stands.
    pub(super) fn into_inner(self) -> R {
        self.from.into_inner()
    }

    /// The text of the next element. `None` when the list has ended and nothing stands behind it; then it was read to its end, so
    /// that a checksum there was looked at.
    pub(super) fn next_element(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        match self.at {
            At::Over => return Ok(None),
            At::Within => {}
            At::Before => {
                if self.sign()? != b'[' {
                    return Err(BackupError::Damaged);
                }
                self.at = At::Within;
                let first = self.sign()?;
                if first == b']' {
                    return self.ends();
                }
                return self.element(first).map(Some);
            }
        }
        match self.sign()? {
            b']' => self.ends(),
            b',' => {
                let first = self.sign()?;
                self.element(first).map(Some)
            }
            _ => Err(BackupError::Damaged),
        }
    }

    fn ends(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        self.at = At::Over;
        loop {
            match self.byte() {
                Ok(byte) if byte.is_ascii_whitespace() => {}
                Ok(_) => return Err(BackupError::Damaged),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let byte = *self.from.fill_buf()?.first().ok_or(io::ErrorKind::UnexpectedEof)?;
        self.from.consume(1);
        Ok(byte)
    }

    /// The next byte that is no space between others.
    fn sign(&mut self) -> io::Result<u8> {
        loop {
            let byte = self.byte()?;
            if !byte.is_ascii_whitespace() {
                return Ok(byte);
            }
        }
    }

    /// An object from its first byte to its last. Whether it is one in every respect its reader finds out.
    fn element(&mut self, first: u8) -> Result<Vec<u8>, BackupError> {
        if first != b'{' {
            return Err(BackupError::Damaged);
        }
        let (mut text, mut depth, mut quoted, mut escaped) = (vec![first], 1_u32, false, false);
        while depth > 0 {
            let byte = self.byte()?;
            if text.len() >= LARGEST_ELEMENT {
                return Err(BackupError::TooLarge);
            }
            text.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth -= 1,
                _ => {}
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn all(text: &str) -> (Vec<String>, bool) {
        let mut elements = Elements::new(text.as_bytes());
        let mut found = Vec::new();
        loop {
            match elements.next_element() {
                Ok(Some(element)) => found.push(String::from_utf8(element).unwrap()),
                Ok(None) => return (found, true),
                Err(_) => return (found, false),
            }
        }
    }

    #[test]
    fn each_element_comes_as_it_stands_and_what_is_no_list_of_objects_is_damage() {
        let texts = [r#"{"a":"}],[{\"\\"}"#, r#"{"b":[{"c":[]},1]}"#, "{}"];
        assert_eq!(all(&format!(" [{} ,\n{},{}] \n", texts[0], texts[1], texts[2])), (texts.map(str::to_owned).to_vec(), true));
        assert_eq!(all("[]"), (vec![], true));
        for broken in ["", "[", "[,{}]", "{}", "[1]", "[[]]", "[null]", "x[]"] {
            assert_eq!(all(broken), (vec![], false), "{broken}");
        }
        for (broken, before) in [("[{},]", 1), ("[{} {}]", 1), ("[{},{}", 2), ("[{},{\"a\":\"}", 1), ("[{}]x", 1), ("[{}]]", 1)] {
            let (found, whole) = all(broken);
            assert_eq!((found.len(), whole), (before, false), "{broken}");
        }
    }

    #[test]
    fn an_element_without_end_is_given_up() {
        let mut elements = Elements::new(b"[{\"a\":\"".as_slice().chain(io::repeat(b'x')));
        assert!(matches!(elements.next_element(), Err(BackupError::TooLarge)));
    }
}
