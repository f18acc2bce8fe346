//! The words of the `usbmuxd` daemon: a header of 16 bytes, little endian, and an XML list (reference/ios.md §1.1).

use super::{
    discovery::Attached,
    error::{Fault, IphoneError},
    message::limits,
    record::wipe,
};
use secrecy::SecretSlice;
use uitlezen_property_list::{Value, parse, to_xml};

pub(crate) const HEADER: usize = 16;
/// Lists with a property list inside are all that is spoken here.
const VERSION: u32 = 1;
const PLIST: u32 = 8;
/// Longest answer: a list of phones, some 800 bytes each.
const LONGEST: usize = 1 << 20;
/// Most phones taken from one list.
const MOST_PHONES: usize = 256;

/// What the daemon answered.
#[derive(Debug)]
pub(crate) enum Reply {
    /// 0 is success.
    Result(u64),
    Devices(Vec<Attached>),
    /// Names this machine to phones.
    Buid(String),
    /// What the daemon, or a program that asked it to, keeps of a phone: an XML or a binary list.
    Record(SecretSlice<u8>),
    Other,
}

pub(crate) fn request(kind: &str, more: &[(&str, Value)]) -> Result<Vec<u8>, IphoneError> {
    let mut message = Value::of([
        ("MessageType", Value::from(kind)),
        ("ClientVersionString", "uitlezen".into()),
        ("ProgName", "uitlezen".into()),
        ("kLibUSBMuxVersion", 3_u32.into()),
    ]);
    for (key, value) in more {
        message.set(key, value.clone());
    }
    let body = to_xml(&message).map_err(|_| Fault::Message)?;
    let length = u32::try_from(HEADER + body.len()).map_err(|_| Fault::Message)?;
    let mut frame = Vec::with_capacity(HEADER + body.len());
    // One question a connection: the tag, which the daemon echoes, has nothing to tell apart.
    for word in [length, VERSION, PLIST, 1] {
        frame.extend_from_slice(&word.to_le_bytes());
    }
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// Length of the list behind a header.
pub(crate) fn body_length(head: &[u8; HEADER]) -> Result<usize, IphoneError> {
    let word = |at: usize| head.get(at..)?.first_chunk::<4>().map(|word| u32::from_le_bytes(*word));
    let (Some(length), Some(VERSION), Some(PLIST)) = (word(0), word(4), word(8)) else { return Err(Fault::Header.into()) };
    let body = (length as usize).checked_sub(HEADER).ok_or(Fault::Header)?;
    if body > LONGEST {
        return Err(Fault::TooLong { length: body as u64, bound: LONGEST as u64 }.into());
    }
    Ok(body)
}

pub(crate) fn reply(body: &[u8]) -> Result<Reply, IphoneError> {
    let message = parse(body, &limits(LONGEST))?;
    if let Some(list) = message.get("DeviceList").and_then(Value::array) {
        return Ok(Reply::Devices(phones(list)));
    }
    if let Some(record) = message.get("PairRecordData").and_then(Value::data) {
        let record = Reply::Record(SecretSlice::from(record.to_vec()));
        wipe(message);
        return Ok(record);
    }
    if let Some(buid) = message.get("BUID").and_then(Value::str) {
        return Ok(if is_name(buid) { Reply::Buid(buid.to_owned()) } else { Reply::Other });
    }
    Ok(message.get("Number").and_then(Value::unsigned).map_or(Reply::Other, Reply::Result))
}

/// A UUID as every daemon has it, or what another maker's has: short, and nothing that a list would have to quote.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The phones on USB; of one that is listed twice there the last, which is the newest connection.
fn phones(list: &[Value]) -> Vec<Attached> {
    let mut phones: Vec<Attached> = Vec::new();
    for entry in list.iter().take(MOST_PHONES) {
        let properties = entry.get("Properties");
        let text = |key: &str| properties.and_then(|p| p.get(key)).and_then(Value::str);
        let (Some(device), Some(udid)) = (entry.get("DeviceID").and_then(Value::unsigned), text("SerialNumber")) else {
            continue;
        };
        if text("ConnectionType") != Some("USB") || !is_udid(udid) {
            continue;
        }
        phones.retain(|phone| phone.udid != udid);
        phones.push(Attached { udid: udid.to_owned(), device });
    }
    phones
}

/// 40 hexadecimal digits, or 24 with a hyphen after the eighth; the twins of other makers may be shorter. It becomes a folder's
/// name in the backup, so nothing else is taken.
pub(crate) fn is_udid(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn head(words: [u32; 4]) -> [u8; HEADER] {
        words.map(u32::to_le_bytes).concat().try_into().unwrap()
    }

    #[test]
    fn headers_are_bounded_before_anything_is_read() {
        assert_eq!(body_length(&head([16 + 5, 1, 8, 1])).unwrap(), 5);
        for (words, what) in [([15, 1, 8, 1], "shorter than itself"), ([20, 0, 8, 1], "version"), ([20, 1, 9, 1], "type")] {
            assert!(matches!(body_length(&head(words)), Err(IphoneError::Protocol(Fault::Header))), "{what}");
        }
        assert!(matches!(body_length(&head([u32::MAX, 1, 8, 1])), Err(IphoneError::Protocol(Fault::TooLong { .. }))));
    }

    #[test]
    fn the_name_of_the_machine_and_a_kept_record_are_taken_and_nothing_else_in_their_place() {
        let told = |key: &str, value: Value| reply(&to_xml(&Value::of([(key, value)])).unwrap()).unwrap();
        assert!(matches!(told("BUID", "30142955-444094379208051516".into()), Reply::Buid(buid) if buid.len() == 27));
        for bad in [String::new(), "a".repeat(65), "<key>".to_owned(), "a b".to_owned()] {
            assert!(matches!(told("BUID", bad.as_str().into()), Reply::Other), "{bad}");
        }
        assert!(matches!(told("BUID", 7_u32.into()), Reply::Other));
        let Reply::Record(record) = told("PairRecordData", b"<plist/>".as_slice().into()) else { panic!() };
        assert_eq!(record.expose_secret(), b"<plist/>");
        assert!(matches!(told("PairRecordData", "text".into()), Reply::Other));
        assert!(matches!(told("Number", 2_u32.into()), Reply::Result(2)));
    }

    #[test]
    fn phones_on_the_network_are_left_out_and_none_is_listed_twice() {
        let entry = |device: u32, udid: &str, kind: &str| {
            let properties = Value::of([("SerialNumber", udid), ("ConnectionType", kind)]);
            Value::of([("DeviceID", Value::from(device)), ("Properties", properties)])
        };
        let list = Value::of([(
            "DeviceList",
            Value::Array(vec![
                entry(1, "00008030-0011223344556677", "Network"),
                entry(2, "00008030-0011223344556677", "USB"),
                entry(3, "../../etc", "USB"),
                entry(4, "00008030-0011223344556688", "USB"),
                entry(5, "00008030-0011223344556677", "USB"),
                Value::from("no phone"),
            ]),
        )]);
        let Reply::Devices(found) = reply(&to_xml(&list).unwrap()).unwrap() else { panic!() };
        let found: Vec<_> = found.iter().map(|phone| (phone.device, phone.udid.as_str())).collect();
        assert_eq!(found, [(4, "00008030-0011223344556688"), (5, "00008030-0011223344556677")]);
    }
}
