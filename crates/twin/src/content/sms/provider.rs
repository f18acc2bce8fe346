//! The messages as content providers show them.

use super::SmsContent;
use crate::{
    FileBytes,
    device::{Builder, Contact, Content, Package, Phone, Provider, Value},
};
use std::{collections::BTreeMap, sync::Arc};

/// The app that owns SMS on the phone.
const OWNER: &str = "com.google.android.apps.messaging";

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl SmsContent {
    /// The tables of the telephony provider, and Samsung's where it has rows.
    #[must_use]
    pub fn providers(&self) -> Vec<Provider> {
        let mut all = vec![self.sms_table(), self.mms_table(), self.part_table(), self.address_table()];
        if !self.samsung.is_empty() {
            let rows = self.samsung.iter().map(|(id, address, date, kind, body)| {
                vec![Value::Integer(*id), text(Some(address)), Value::Integer(*date), Value::Integer(*kind), text(Some(body))]
            });
            all.push(Provider {
                uri: "content://im/chat".into(),
                columns: columns(&["_id", "address", "date", "type", "body"]),
                rows: rows.collect(),
                ..Provider::default()
            });
        }
        all
    }

    fn sms_table(&self) -> Provider {
        let row = |row: &super::SmsRow| {
            let sent = if row.kind == 1 { row.date - 2_000 } else { 0 };
            vec![
                Value::Integer(row.id),
                Value::Integer(row.thread),
                text(Some(&row.address)),
                Value::Null,
                Value::Integer(row.date),
                Value::Integer(sent),
                Value::Integer(0),
                Value::Integer(1),
                Value::Integer(-1),
                Value::Integer(row.kind),
                Value::Integer(0),
                Value::Null,
                text(row.body.as_deref()),
                text((row.kind == 1).then_some("+31653131313")),
                Value::Integer(0),
                Value::Integer(row.sim),
                Value::Integer(0),
                text(Some(OWNER)),
                Value::Integer(1),
            ]
        };
        Provider {
            uri: "content://sms".into(),
            columns: columns(&[
                "_id",
                "thread_id",
                "address",
                "person",
                "date",
                "date_sent",
                "protocol",
                "read",
                "status",
                "type",
                "reply_path_present",
                "subject",
                "body",
                "service_center",
                "locked",
                "sub_id",
                "error_code",
                "creator",
                "seen",
            ]),
            rows: self.sms.iter().map(row).collect(),
            seen: Some("type IN (1, 2)".into()),
            mute: true,
            ..Provider::default()
        }
    }

    fn mms_table(&self) -> Provider {
        let row = |row: &super::MmsRow| {
            vec![
                Value::Integer(row.id),
                Value::Integer(row.thread),
                Value::Integer(row.date),
                Value::Integer(0),
                Value::Integer(row.kind),
                Value::Integer(1),
                text(Some(&format!("m{:08x}@mms.example", row.id))),
                text(row.subject.as_deref()),
                if row.subject.is_some() { Value::Integer(106) } else { Value::Null },
                text(Some("application/vnd.wap.multipart.related")),
                Value::Integer(row.message_type),
                Value::Integer(18),
                Value::Integer(1),
                Value::Integer(1),
                text(Some(OWNER)),
                Value::Integer(i64::from(row.parts.iter().all(|part| part.bytes.is_none()))),
            ]
        };
        Provider {
            uri: "content://mms".into(),
            columns: columns(&[
                "_id",
                "thread_id",
                "date",
                "date_sent",
                "msg_box",
                "read",
                "m_id",
                "sub",
                "sub_cs",
                "ct_t",
                "m_type",
                "v",
                "sub_id",
                "seen",
                "creator",
                "text_only",
            ]),
            rows: self.mms.iter().map(row).collect(),
            seen: Some("msg_box IN (1, 2) AND m_type <> 130".into()),
            ..Provider::default()
        }
    }

    fn part_table(&self) -> Provider {
        let mut files: BTreeMap<i64, Arc<dyn FileBytes>> = BTreeMap::new();
        let mut rows = Vec::new();
        for message in self.mms.iter().filter(|row| row.message_type != 130) {
            for (seq, part) in message.parts.iter().enumerate() {
                // The moment at which it was stored, and its name where its sender gave one.
                let stored = message.date * 1000 + part.id % 1000;
                let name = part.name.as_ref().map(|name| format!("_{name}")).unwrap_or_default();
                let path = part
                    .bytes
                    .as_ref()
                    .map(|_| format!("/data/user_de/0/com.android.providers.telephony/app_parts/PART_{stored}{name}"));
                rows.push(vec![
                    Value::Integer(part.id),
                    Value::Integer(message.id),
                    Value::Integer(if part.media_type == "application/smil" { -1 } else { seq as i64 }),
                    text(Some(part.media_type)),
                    text(part.name.as_deref()),
                    if part.media_type == "text/plain" { Value::Integer(106) } else { Value::Null },
                    Value::Null,
                    Value::Null,
                    text(Some(&format!("<{}>", part.id))),
                    text(part.name.as_deref()),
                    Value::Null,
                    Value::Null,
                    text(path.as_deref()),
                    text(part.text.as_deref()),
                    Value::Integer(1),
                ]);
                if let Some(bytes) = &part.bytes {
                    files.insert(part.id, Arc::new(bytes.clone()));
                }
            }
        }
        Provider {
            uri: "content://mms/part".into(),
            columns: columns(&[
                "_id", "mid", "seq", "ct", "name", "chset", "cd", "fn", "cid", "cl", "ctt_s", "ctt_t", "_data", "text", "sub_id",
            ]),
            rows,
            files,
            ..Provider::default()
        }
    }

    fn address_table(&self) -> Provider {
        let mut rows = Vec::new();
        for message in &self.mms {
            for (kind, address) in &message.addresses {
                rows.push(vec![
                    Value::Integer(rows.len() as i64 + 1),
                    Value::Integer(message.id),
                    Value::Null,
                    text(Some(address)),
                    Value::Integer(*kind),
                    Value::Integer(106),
                ]);
            }
        }
        Provider {
            uri: "content://mms/#/addr".into(),
            columns: columns(&["_id", "msg_id", "contact_id", "address", "type", "charset"]),
            rows,
            of: Some("msg_id".into()),
            ..Provider::default()
        }
    }
}

impl Content for SmsContent {
    fn place(&self, mut phone: Builder) -> Builder {
        for provider in self.providers() {
            phone = phone.provider(provider);
        }
        phone = phone.package(Package::new("com.android.providers.telephony", "14", 34, 1_001));
        phone = phone.package(Package::new(OWNER, "20260901_00_RC00", 260_901_000, 10_150));
        for (number, name) in &self.contacts {
            phone = phone.contact(Contact { name: Some(name.clone()), phones: vec![Phone::mobile(number)], emails: Vec::new() });
        }
        phone
    }
}
