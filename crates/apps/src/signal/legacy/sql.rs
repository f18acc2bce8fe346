//! The statements of a backup, as far as they are taken: what a table is called and what its columns are, and into which of
//! them values go. Nothing is ever run as it stands; whatever is not exactly one of these two forms is not taken.

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sql {
    /// `CREATE TABLE name (…)`.
    Table { table: String, columns: Vec<String> },
    /// `INSERT INTO name [(…)] VALUES (?, …)`.
    Insert { table: String, columns: Option<Vec<String>>, values: usize },
    /// An index, a trigger, a view, a virtual table: every backup has some, and none is needed.
    Object,
    /// Everything else.
    Refused,
}

/// A statement is some kilobytes, and a table has some tens of columns.
const LONGEST: usize = 64 << 10;
const MOST_COLUMNS: usize = 500;
const LONGEST_NAME: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    /// A word that stands bare.
    Word(&'a str),
    /// A name in quotes.
    Quoted(&'a str),
    /// A text, a number, an operator: the inside of a definition.
    Other,
    Mark(u8),
}

/// Cuts a statement up. None when it holds a comment, or a quote that does not end.
fn tokens(sql: &str) -> Option<Vec<Token<'_>>> {
    let bytes = sql.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let rest = sql.get(at..)?;
        if rest.starts_with("--") || rest.starts_with("/*") {
            return None;
        }
        at += match byte {
            _ if byte.is_ascii_whitespace() => 1,
            b'"' | b'`' | b'\'' | b'[' => {
                let close = if byte == b'[' { ']' } else { char::from(byte) };
                let end = rest.get(1..)?.find(close)?;
                let inside = rest.get(1..=end)?;
                found.push(if byte == b'\'' { Token::Other } else { Token::Quoted(inside) });
                end + 2
            }
            b'(' | b')' | b',' | b'?' | b';' => {
                found.push(Token::Mark(byte));
                1
            }
            _ if byte.is_ascii_alphabetic() || byte == b'_' => {
                let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                found.push(Token::Word(rest.get(..length)?));
                length
            }
            _ => {
                if found.last() != Some(&Token::Other) {
                    found.push(Token::Other);
                }
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
    }
    if found.last() == Some(&Token::Mark(b';')) {
        found.pop();
    }
    Some(found)
}

/// The name in a token, in small letters.
fn name(token: Option<&Token<'_>>) -> Option<String> {
    let (Token::Word(name) | Token::Quoted(name)) = token? else { return None };
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (plain && !name.is_empty() && name.len() <= LONGEST_NAME).then(|| name.to_ascii_lowercase())
}

/// Takes words off the front, whatever their case.
fn words<'t, 'a>(tokens: &'t [Token<'a>], wanted: &[&str]) -> Option<&'t [Token<'a>]> {
    let mut rest = tokens;
    for want in wanted {
        let (first, behind) = rest.split_first()?;
        let Token::Word(word) = first else { return None };
        if !word.eq_ignore_ascii_case(want) {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

/// What stands between the first bracket and the one that closes it, and what follows.
fn bracketed<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], &'t [Token<'a>])> {
    let rest = match tokens.split_first()? {
        (Token::Mark(b'('), rest) => rest,
        _ => return None,
    };
    let mut depth = 1_u32;
    for (at, token) in rest.iter().enumerate() {
        match token {
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') => depth -= 1,
            Token::Mark(b';') => return None,
            _ => {}
        }
        if depth == 0 {
            return Some((rest.get(..at)?, rest.get(at + 1..)?));
        }
    }
    None
}

/// The parts between commas that stand in no bracket.
fn parts<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let (mut depth, mut start, mut found) = (0_u32, 0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') => depth = depth.saturating_sub(1),
            Token::Mark(b',') if depth == 0 => {
                found.extend(tokens.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(tokens.get(start..));
    found
}

fn table(tokens: &[Token<'_>]) -> Option<Sql> {
    let rest = words(tokens, &["create", "table"])?;
    let rest = words(rest, &["if", "not", "exists"]).unwrap_or(rest);
    let (first, rest) = rest.split_first()?;
    let table = name(Some(first))?;
    let (inside, behind) = bracketed(rest)?;
    // `WITHOUT ROWID` and the like; nothing with a bracket or a second statement.
    if behind.iter().any(|token| matches!(token, Token::Mark(b'(' | b')' | b'?' | b';'))) {
        return None;
    }
    let mut columns: Vec<String> = Vec::new();
    for part in parts(inside) {
        let constraint = ["constraint", "primary", "unique", "check", "foreign"];
        if constraint.iter().any(|word| words(part, &[word]).is_some()) {
            continue;
        }
        let column = name(part.first())?;
        if columns.contains(&column) || columns.len() >= MOST_COLUMNS {
            return None;
        }
        columns.push(column);
    }
    Some(Sql::Table { table, columns })
}

fn insert(tokens: &[Token<'_>]) -> Option<Sql> {
    let rest = words(tokens, &["insert", "into"])?;
    let (first, mut rest) = rest.split_first()?;
    let table = name(Some(first))?;
    let mut columns = None;
    if let Some((inside, behind)) = bracketed(rest) {
        let names: Option<Vec<String>> =
            parts(inside).into_iter().map(|part| if part.len() == 1 { name(part.first()) } else { None }).collect();
        columns = Some(names?);
        rest = behind;
    }
    let (inside, behind) = bracketed(words(rest, &["values"])?)?;
    let values = parts(inside);
    let bound = values.iter().all(|part| matches!(part, [Token::Mark(b'?')]));
    (bound && behind.is_empty() && values.len() <= MOST_COLUMNS).then_some(Sql::Insert { table, columns, values: values.len() })
}

/// What a statement is.
pub(super) fn parse(sql: &str) -> Sql {
    if sql.len() > LONGEST {
        return Sql::Refused;
    }
    let Some(tokens) = tokens(sql) else { return Sql::Refused };
    if let Some(found) = table(&tokens).or_else(|| insert(&tokens)) {
        return found;
    }
    let objects: [&[&str]; 5] = [
        &["create", "index"],
        &["create", "unique", "index"],
        &["create", "trigger"],
        &["create", "view"],
        &["create", "virtual", "table"],
    ];
    if objects.iter().any(|object| words(&tokens, object).is_some()) { Sql::Object } else { Sql::Refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(of: &[&str]) -> Vec<String> {
        of.iter().map(|&column| column.to_owned()).collect()
    }

    #[test]
    fn the_two_forms_that_the_app_writes_are_taken() {
        let sql = "CREATE TABLE IF NOT EXISTS message (_id INTEGER PRIMARY KEY AUTOINCREMENT, date_sent INTEGER NOT NULL, \
                   thread_id INTEGER NOT NULL REFERENCES thread (_id) ON DELETE CASCADE, pni TEXT CHECK (pni LIKE 'PNI:%'), \
                   \"body\" TEXT DEFAULT NULL, n INTEGER DEFAULT -1, UNIQUE(thread_id, body) ON CONFLICT REPLACE);";
        let wanted = columns(&["_id", "date_sent", "thread_id", "pni", "body", "n"]);
        assert_eq!(parse(sql), Sql::Table { table: "message".into(), columns: wanted });
        assert_eq!(
            parse("INSERT INTO message VALUES (?,?, ?)"),
            Sql::Insert { table: "message".into(), columns: None, values: 3 }
        );
        let named = Sql::Insert { table: "t".into(), columns: Some(columns(&["a", "b"])), values: 2 };
        assert_eq!(parse("insert into \"t\" (a, `B`) values (?,?);"), named);
        for object in [
            "CREATE INDEX i ON t (a)",
            "CREATE UNIQUE INDEX i ON t (a)",
            "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END",
        ] {
            assert_eq!(parse(object), Sql::Object);
        }
        assert_eq!(parse("CREATE VIRTUAL TABLE f USING fts5(body)"), Sql::Object);
    }

    #[test]
    fn everything_else_is_refused() {
        for sql in [
            "ATTACH DATABASE '/etc/x' AS y",
            "PRAGMA writable_schema = 1",
            "SELECT load_extension('x')",
            "INSERT INTO message VALUES (load_extension('x'))",
            "INSERT INTO message SELECT * FROM other",
            "INSERT OR REPLACE INTO message VALUES (?)",
            "INSERT INTO message VALUES (?); DROP TABLE message",
            "INSERT INTO message VALUES (?) RETURNING _id",
            "INSERT INTO message VALUES (1)",
            "INSERT INTO main.message VALUES (?)",
            "INSERT INTO message DEFAULT VALUES",
            "CREATE TABLE t AS SELECT 1",
            "CREATE TABLE t (a); ATTACH 'x' AS y",
            "CREATE TABLE t (a, a)",
            "CREATE TEMP TABLE t (a)",
            "CREATE TABLE main.t (a)",
            "CREATE TABLE t (a",
            "CREATE TABLE \"t\0x\" (a)",
            "DELETE FROM message",
            "UPDATE message SET body = ?",
            "DROP TABLE message",
            "VACUUM INTO '/tmp/x'",
            "INSERT INTO message /* */ VALUES (?)",
            "INSERT INTO message VALUES (?) -- x",
            "CREATE TABLE t (\"a)",
            "",
            ";",
        ] {
            assert_eq!(parse(sql), Sql::Refused, "{sql}");
        }
        assert_eq!(parse(&format!("CREATE TABLE t (a{})", " ".repeat(LONGEST))), Sql::Refused);
    }
}
