//! What names a conversation or a person in the register and in an app, brought into one form.
//!
//! | written | form |
//! |---|---|
//! | `+31 6 1234 5678`, `0031612345678`, `06-12345678`, `31612345678@s.whatsapp.net` | `+31612345678` |
//! | `31612345678:12@s.whatsapp.net` (one device of somebody) | `+31612345678` |
//! | `1203@g.us`, `77001@lid` | as it is, in lower case |
//! | `ECHOECHO` (an id without a server) | in lower case |

/// The country whose numbers are written with one leading zero.
const HOME: &str = "31";
/// The shortest and the longest number of which we believe that it is one (E.164 allows 15 digits).
const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// The one form of an identifier; empty when it names nothing.
#[must_use]
pub fn normal(identifier: &str) -> String {
    let text = identifier.trim().to_lowercase();
    match text.rsplit_once('@') {
        Some((user, "s.whatsapp.net" | "c.us")) => number(account(user)).unwrap_or(text),
        Some((user, "lid")) => format!("{}@lid", account(user)),
        Some(_) => text,
        None => number(&text).unwrap_or(text),
    }
}

/// The account without the device that it was written with.
fn account(user: &str) -> &str {
    user.split([':', '.']).next().unwrap_or(user)
}

/// A phone number in international form, if the text is one.
fn number(text: &str) -> Option<String> {
    let international = text.starts_with('+');
    // "+31 (0)6": the zero is not dialled from abroad.
    let plain = if international || text.starts_with("00") { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let mut digits = String::with_capacity(plain.len());
    for (at, c) in plain.chars().enumerate() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/' => {}
            '+' if at == 0 => {}
            _ => return None,
        }
    }
    let full = match (international, digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (true, _, _) => digits,
        (false, Some(abroad), _) => abroad.to_owned(),
        (false, None, Some(home)) => format!("{HOME}{home}"),
        (false, None, None) => digits,
    };
    DIGITS.contains(&full.len()).then(|| format!("+{full}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_in_every_writing_is_one_number() {
        for written in [
            "+31612345678",
            "+31 6 1234 5678",
            "+31 (0)6 12345678",
            "0031612345678",
            "06-12345678",
            "0612345678",
            "(06) 12 34 56 78",
            "31612345678",
            " 31612345678@s.whatsapp.net ",
            "31612345678:12@s.whatsapp.net",
            "31612345678@c.us",
        ] {
            assert_eq!(normal(written), "+31612345678", "{written}");
        }
        assert_eq!(normal("(0)6-12345678"), "+31612345678");
        assert_eq!(normal("0172-522 522"), "+31172522522");
        assert_eq!(normal("+32 470 12 34 56"), "+32470123456");
    }

    #[test]
    fn what_is_no_number_stays_what_it_is() {
        assert_eq!(normal("120363012345678901@g.us"), "120363012345678901@g.us");
        assert_eq!(normal("77001122:3@lid"), "77001122@lid");
        assert_eq!(normal("ECHOECHO"), "echoecho");
        assert_eq!(normal("112"), "112", "too short for a subscriber's number");
        assert_eq!(normal("wethouder Bakker"), "wethouder bakker");
        assert_eq!(normal("  "), "");
        assert_eq!(normal("x@s.whatsapp.net"), "x@s.whatsapp.net");
    }
}
