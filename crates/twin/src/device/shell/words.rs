//! Words of a command line: single and double quotes, backslash, `$?` and a few variables, and wildcards.

/// A byte of a word; `bare` ones may be wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) byte: u8,
    pub(super) bare: bool,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Vec<Part>),
    /// `;`, `&&`, `||`, `|`, newline (as `;`).
    Operator(&'static str),
    /// `>`, `<`, with the descriptor written before it.
    Redirect {
        descriptor: Option<u8>,
        operator: &'static str,
    },
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Letter(Letter),
    /// `$?`.
    LastCode,
    /// `$NAME`.
    Variable(Vec<u8>),
}

/// What this shell does not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SyntaxError {
    #[error("no closing quote")]
    Quote,
    #[error("syntax error: unexpected '{0}'")]
    Unexpected(String),
}

pub(super) fn tokens(line: &[u8]) -> Result<Vec<Token>, SyntaxError> {
    let mut reader = Reader { bytes: line, at: 0, word: None, tokens: Vec::new() };
    while let Some(byte) = reader.next() {
        reader.byte(byte)?;
    }
    reader.end_word();
    Ok(reader.tokens)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    word: Option<Vec<Part>>,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn push(&mut self, part: Part) {
        self.word.get_or_insert_default().push(part);
    }

    fn letter(&mut self, byte: u8, bare: bool) {
        self.push(Part::Letter(Letter { byte, bare }));
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.tokens.push(Token::Word(word));
        }
    }

    fn operator(&mut self, operator: &'static str) {
        self.end_word();
        self.tokens.push(Token::Operator(operator));
    }

    fn byte(&mut self, byte: u8) -> Result<(), SyntaxError> {
        match byte {
            b' ' | b'\t' => self.end_word(),
            b'\n' | b';' => self.operator(";"),
            b'&' if self.eat(b'&') => self.operator("&&"),
            b'|' if self.eat(b'|') => self.operator("||"),
            b'|' => self.operator("|"),
            b'&' | b'(' | b')' | b'`' => return Err(SyntaxError::Unexpected(char::from(byte).into())),
            b'#' if self.word.is_none() => while self.peek().is_some_and(|b| b != b'\n') && self.next().is_some() {},
            b'>' | b'<' => self.redirect(byte),
            b'\'' => {
                self.word.get_or_insert_default();
                loop {
                    match self.next().ok_or(SyntaxError::Quote)? {
                        b'\'' => break,
                        other => self.letter(other, false),
                    }
                }
            }
            b'"' => self.double_quoted()?,
            b'\\' => match self.next() {
                Some(b'\n') => {}
                Some(other) => self.letter(other, false),
                None => self.letter(b'\\', false),
            },
            b'$' => self.dollar()?,
            other => self.letter(other, true),
        }
        Ok(())
    }

    fn double_quoted(&mut self) -> Result<(), SyntaxError> {
        self.word.get_or_insert_default();
        loop {
            match self.next().ok_or(SyntaxError::Quote)? {
                b'"' => return Ok(()),
                b'\\' => match self.next().ok_or(SyntaxError::Quote)? {
                    special @ (b'"' | b'\\' | b'$' | b'`') => self.letter(special, false),
                    b'\n' => {}
                    other => {
                        self.letter(b'\\', false);
                        self.letter(other, false);
                    }
                },
                b'$' => self.dollar()?,
                b'`' => return Err(SyntaxError::Unexpected("`".into())),
                other => self.letter(other, false),
            }
        }
    }

    fn dollar(&mut self) -> Result<(), SyntaxError> {
        match self.peek() {
            Some(b'?') => {
                self.at += 1;
                self.push(Part::LastCode);
            }
            Some(b'(') => return Err(SyntaxError::Unexpected("$(".into())),
            Some(b'{') => {
                self.at += 1;
                let name = self.name();
                if !self.eat(b'}') {
                    return Err(SyntaxError::Unexpected("${".into()));
                }
                self.push(Part::Variable(name));
            }
            Some(b) if b.is_ascii_alphabetic() || b == b'_' => {
                let name = self.name();
                self.push(Part::Variable(name));
            }
            _ => self.letter(b'$', false),
        }
        Ok(())
    }

    fn name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while let Some(b) = self.peek().filter(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            name.push(b);
            self.at += 1;
        }
        name
    }

    fn redirect(&mut self, byte: u8) {
        // a lone digit right before the sign is the descriptor
        let descriptor = match self.word.as_deref() {
            Some([Part::Letter(Letter { byte: digit @ b'0'..=b'2', bare: true })]) => Some(digit - b'0'),
            _ => None,
        };
        match descriptor {
            Some(_) => self.word = None,
            None => self.end_word(),
        }
        let operator = match (byte, self.eat(b'&')) {
            (b'<', _) => "<",
            (_, true) => ">&",
            _ if self.eat(b'>') => ">>",
            _ => ">",
        };
        self.tokens.push(Token::Redirect { descriptor, operator });
    }
}

/// Whether `name` fits a pattern of `*` and `?`; only bare letters are wildcards.
pub(super) fn fits(pattern: &[Letter], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), name.get(n)) {
            (None, None) => return true,
            (Some(Letter { byte: b'*', bare: true }), _) => {
                star = Some((p + 1, n));
                p += 1;
            }
            (Some(Letter { byte: b'?', bare: true }), Some(_)) => (p, n) = (p + 1, n + 1),
            (Some(letter), Some(byte)) if letter.byte == *byte => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((after, from)) if from < name.len() => {
                    star = Some((after, from + 1));
                    (p, n) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}

/// A pattern all of whose letters are bare, for `find -name`.
pub(super) fn pattern(text: &[u8]) -> Vec<Letter> {
    text.iter().map(|byte| Letter { byte: *byte, bare: true }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (wild, name, yes) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "abcb", false),
            ("msgstore*.db.crypt1?", "msgstore-2024.1.db.crypt14", true),
            ("?", "", false),
        ] {
            assert_eq!(fits(&pattern(wild.as_bytes()), name.as_bytes()), yes, "{wild} {name}");
        }
    }
}
