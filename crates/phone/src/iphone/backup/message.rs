//! What the phone asks of the host while a backup runs (reference/ios.md §2.3).

use super::{super::error::Fault, path::BackupPath};
use uitlezen_property_list::Value;

/// A path as the phone gave it: `None` when it leads outside.
pub(crate) type Asked = Option<BackupPath>;

#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    FreeSpace,
    /// The phone thinks that there is too little room; nothing is thrown away for it.
    Purge,
    CreateFolder(Asked),
    Contents(Asked),
    /// With the names as the phone wrote them: they are repeated to it.
    Download(Vec<(String, Asked)>),
    Upload {
        total: Option<u64>,
    },
    Move(Vec<(String, Asked, Asked)>),
    Remove(Vec<(String, Asked)>),
    Copy {
        from: Asked,
        to: Asked,
    },
    /// The end, with the content of the service's own message.
    Process(Value),
    Disconnect,
    /// A kind that nobody knows.
    Unknown,
}

/// A message, and how far the phone says it is (percent).
pub(crate) fn parse(value: Value) -> Result<(Message, Option<f64>), Fault> {
    let Value::Array(items) = value else { return Err(Fault::Message) };
    let name = items.first().and_then(Value::str).ok_or(Fault::Message)?.to_owned();
    let text = |at: usize| items.get(at).and_then(Value::str);
    let path = |at: usize| text(at).map(BackupPath::new).ok_or(Fault::Message);
    let progress = progress(&name, &items);
    let message = match name.as_str() {
        "DLMessageGetFreeDiskSpace" => Message::FreeSpace,
        "DLMessagePurgeDiskSpace" => Message::Purge,
        "DLMessageCreateDirectory" => Message::CreateFolder(path(1)?),
        "DLContentsOfDirectory" => Message::Contents(path(1)?),
        "DLMessageDownloadFiles" => Message::Download(names(items.get(1))?),
        "DLMessageUploadFiles" => {
            let total = items.get(3).and_then(Value::real);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a hint: what is out of range is cut
            let total = total.filter(|total| *total >= 0.0).map(|total| total as u64);
            Message::Upload { total }
        }
        "DLMessageMoveItems" | "DLMessageMoveFiles" => {
            let pairs = items.get(1).and_then(Value::dict).ok_or(Fault::Message)?;
            let pair = |(from, to): (&String, &Value)| {
                let to = BackupPath::new(to.str().ok_or(Fault::Message)?);
                Ok((from.clone(), BackupPath::new(from), to))
            };
            Message::Move(pairs.iter().map(pair).collect::<Result<_, Fault>>()?)
        }
        "DLMessageRemoveItems" | "DLMessageRemoveFiles" => Message::Remove(names(items.get(1))?),
        "DLMessageCopyItem" => Message::Copy { from: path(1)?, to: path(2)? },
        "DLMessageProcessMessage" => Message::Process(items.into_iter().nth(1).ok_or(Fault::Message)?),
        "DLMessageDisconnect" => Message::Disconnect,
        _ => Message::Unknown,
    };
    Ok((message, progress))
}

/// The place of the progress is not the same in notes and captures (index 3, or 2; always 2 before a batch of files): a real
/// within a percentage's reach is one.
fn progress(name: &str, items: &[Value]) -> Option<f64> {
    let places: &[usize] = match name {
        "DLMessageUploadFiles" => &[2],
        "DLMessageDownloadFiles"
        | "DLMessageMoveItems"
        | "DLMessageMoveFiles"
        | "DLMessageRemoveItems"
        | "DLMessageRemoveFiles" => &[3, 2],
        _ => &[],
    };
    let real = |at: &usize| if let Some(Value::Real(real)) = items.get(*at) { Some(*real) } else { None };
    places.iter().find_map(real).filter(|real| (0.0..=100.0).contains(real))
}

fn names(value: Option<&Value>) -> Result<Vec<(String, Asked)>, Fault> {
    let names = value.and_then(Value::array).ok_or(Fault::Message)?;
    let name = |name: &Value| {
        let name = name.str().ok_or(Fault::Message)?;
        Ok((name.to_owned(), BackupPath::new(name)))
    };
    names.iter().map(name).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn array(items: &[Value]) -> Value {
        Value::Array(items.to_vec())
    }

    #[test]
    fn every_message_is_known_and_what_is_none_is_refused() {
        let asked = |name: &str| BackupPath::new(name);
        let list = Value::Array(vec!["U/a".into(), "../b".into()]);
        let pairs = Value::of([("U/Snapshot/a", "U/a"), ("U/b", "/../../b")]);
        for (value, is, progress) in [
            (array(&["DLMessageGetFreeDiskSpace".into()]), Message::FreeSpace, None),
            (array(&["DLMessagePurgeDiskSpace".into(), 5_u8.into()]), Message::Purge, None),
            (
                array(&["DLMessageUploadFiles".into(), Value::dictionary(), 40.0.into(), 161.0.into()]),
                Message::Upload { total: Some(161) },
                Some(40.0),
            ),
            (
                array(&["DLMessageUploadFiles".into(), Value::dictionary(), 400.0.into(), (-1_i64).into()]),
                Message::Upload { total: None },
                None,
            ),
            (
                array(&["DLMessageDownloadFiles".into(), list.clone(), 3.0.into()]),
                Message::Download(vec![("U/a".into(), asked("U/a")), ("../b".into(), None)]),
                Some(3.0),
            ),
            (
                array(&["DLMessageRemoveItems".into(), list, Value::dictionary(), 99.0.into()]),
                Message::Remove(vec![("U/a".into(), asked("U/a")), ("../b".into(), None)]),
                Some(99.0),
            ),
            (
                array(&["DLMessageMoveItems".into(), pairs]),
                Message::Move(vec![
                    ("U/Snapshot/a".into(), asked("U/Snapshot/a"), asked("U/a")),
                    ("U/b".into(), asked("U/b"), None),
                ]),
                None,
            ),
            (
                array(&["DLMessageCopyItem".into(), "U/a".into(), "..".into()]),
                Message::Copy { from: asked("U/a"), to: None },
                None,
            ),
            (array(&["DLMessageDisconnect".into()]), Message::Disconnect, None),
            (array(&["DLMessageSomethingNew".into(), 1_u8.into()]), Message::Unknown, None),
        ] {
            assert_eq!(parse(value).unwrap(), (is, progress));
        }
        for bad in [
            Value::dictionary(),
            array(&[]),
            array(&[1_u8.into()]),
            array(&["DLMessageCreateDirectory".into()]),
            array(&["DLMessageMoveItems".into(), array(&[])]),
            array(&["DLMessageMoveItems".into(), Value::of([("a", 1_u8)])]),
            array(&["DLMessageRemoveItems".into(), array(&[1_u8.into()])]),
            array(&["DLMessageCopyItem".into(), "a".into()]),
            array(&["DLMessageProcessMessage".into()]),
        ] {
            assert_eq!(parse(bad), Err(Fault::Message));
        }
    }
}
