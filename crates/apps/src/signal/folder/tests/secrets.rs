use super::*;
use crate::signal::folder::tests::everything::everything;

/// Bytes in every way in which a record could hold them.
fn ways(secret: &[u8]) -> Vec<String> {
    use base64::{Engine, prelude::*};
    let mut ways = vec![
        hex::encode(secret),
        hex::encode_upper(secret),
        BASE64_STANDARD.encode(secret),
        BASE64_STANDARD_NO_PAD.encode(secret),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
        String::from_utf8_lossy(secret).into_owned(),
        secret.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
    ];
    ways.retain(|way| way.len() > 6);
    ways
}

/// Every secret in a backup, by the table.
fn secrets(record: &uitlezen_protobuf::Record<'_>, into: &mut Vec<Vec<u8>>) {
    for (entry, value) in record.fields() {
        match (entry.kind, value) {
            (uitlezen_protobuf::Kind::Secret, uitlezen_protobuf::Value::Bytes(secret)) => into.push(secret.to_vec()),
            (uitlezen_protobuf::Kind::Message(schema), uitlezen_protobuf::Value::Bytes(inner)) => {
                secrets(&uitlezen_protobuf::Record::new(schema, inner), into);
            }
            _ => {}
        }
    }
}

#[test]
fn no_secret_of_a_backup_reaches_a_record_an_answer_or_a_text_for_debugging() {
    let (frames, files) = everything();
    let main = main_of(&frames.0);
    let (kept, read) = read_all(&main, &files);
    let mut found = Vec::new();
    let mut frames = main.frames(Default::default());
    secrets(&frames.info().unwrap(), &mut found);
    while let Some(frame) = frames.next().unwrap() {
        secrets(&frame, &mut found);
    }
    found.retain(|secret| secret.len() >= 6);
    assert!(found.len() >= 10, "the backup is full of them: {}", found.len());
    assert!(found.iter().any(|secret| secret == b"geheime-pin-9731"));
    let said = [kept.json(), format!("{read:?}"), format!("{kept:?}"), serde_json::to_string(&read.summary).unwrap()];
    for secret in &found {
        for way in ways(secret) {
            assert!(said.iter().all(|said| !said.contains(&way)), "a secret of {} bytes is told", secret.len());
        }
    }
}
