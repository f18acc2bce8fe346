//! Numbers as the phone writes them.

/// The calling code that a number with a leading 0 belongs to: phones of Dutch offices.
const COUNTRY: &str = "31";

/// International form, where it is a number and that can be told. Names of senders and service numbers are none.
pub(super) fn international(address: &str) -> Option<String> {
    let text = address.trim();
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
    if text.is_empty() || !text.chars().all(allowed) {
        return None;
    }
    let plus = text.starts_with('+');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = match (plus, digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (true, ..) if text.contains("(0)") => digits.replacen('0', "", 1),
        (true, ..) => digits,
        (false, Some(international), _) => international.to_owned(),
        (false, None, Some(national)) if national.len() >= 8 => format!("{COUNTRY}{national}"),
        _ => return None,
    };
    (8..=15).contains(&number.len()).then(|| format!("+{number}"))
}

/// The same for everybody who is written in different ways.
pub(super) fn person(address: &str) -> String {
    international(address).unwrap_or_else(|| address.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_one_person_however_they_are_written() {
        for (text, want) in [
            ("+31 6 1234 5678", Some("+31612345678")),
            ("0031612345678", Some("+31612345678")),
            ("06-12345678", Some("+31612345678")),
            ("1266", None),
            ("DigiD", None),
            ("", None),
            ("a@b.nl", None),
        ] {
            assert_eq!(international(text).as_deref(), want, "{text}");
        }
        assert_eq!((person(" DigiD "), person("0612345678")), ("DigiD".into(), "+31612345678".into()));
    }
}
