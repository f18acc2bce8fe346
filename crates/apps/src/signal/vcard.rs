//! Contact cards. Signal sends fields and no card, so the card is written here, of the fields that were sent.

use uitlezen_protobuf::Record;

/// Writes what a value may not hold as it stands.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => {}
            ',' | ';' | '\\' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Adds one line, unless nothing stands in it.
fn line(card: &mut String, name: &str, parts: &[&str]) {
    if parts.iter().all(|part| part.is_empty()) {
        return;
    }
    card.push_str(name);
    card.push(':');
    card.push_str(&parts.iter().map(|part| escaped(part)).collect::<Vec<_>>().join(";"));
    card.push_str("\r\n");
}

/// The card of a `ContactAttachment`.
pub(super) fn of(contact: &Record<'_>) -> String {
    let mut card = "BEGIN:VCARD\r\nVERSION:3.0\r\n".to_owned();
    let name = contact.message("name");
    let part = |field: &str| name.and_then(|name| name.text(field)).unwrap_or_default();
    let (given, family) = (part("givenName"), part("familyName"));
    let (middle, prefix, suffix) = (part("middleName"), part("prefix"), part("suffix"));
    line(&mut card, "N", &[&family, &given, &middle, &prefix, &suffix]);
    let shown: Vec<&str> = [&*prefix, &*given, &*middle, &*family, &*suffix].into_iter().filter(|p| !p.is_empty()).collect();
    line(&mut card, "FN", &[&shown.join(" ")]);
    line(&mut card, "NICKNAME", &[&part("nickname")]);
    line(&mut card, "ORG", &[&contact.text("organization").unwrap_or_default()]);
    for phone in contact.messages("number") {
        let kind = match phone.uint("type") {
            2 => "TEL;TYPE=CELL",
            3 => "TEL;TYPE=WORK",
            4 => "TEL",
            _ => "TEL;TYPE=HOME",
        };
        line(&mut card, kind, &[&phone.text("value").unwrap_or_default()]);
    }
    for mail in contact.messages("email") {
        let kind = match mail.uint("type") {
            3 => "EMAIL;TYPE=WORK",
            _ => "EMAIL",
        };
        line(&mut card, kind, &[&mail.text("value").unwrap_or_default()]);
    }
    for address in contact.messages("address") {
        let part = |field: &str| address.text(field).unwrap_or_default();
        let kind = if address.uint("type") == 2 { "ADR;TYPE=WORK" } else { "ADR;TYPE=HOME" };
        let fields = ["pobox", "neighborhood", "street", "city", "region", "postcode", "country"].map(part);
        line(&mut card, kind, &fields.each_ref().map(|field| &**field));
    }
    card.push_str("END:VCARD\r\n");
    card
}
