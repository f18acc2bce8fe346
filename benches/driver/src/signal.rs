//! A backup file of Signal of any size, written as it is made, and what its cipher and its hash alone take over as many bytes.

use crate::{Failure, seconds};
use serde_json::{Value as Json, json};
use std::{
    fs::{self, File},
    hint::black_box,
    io::{self, BufWriter, Write},
    path::Path,
    time::Instant,
};
use uitlezen_twin::content::signal::{LegacyKeys, LegacyWriter, Value};

const PASSPHRASE: &str = "012345678901234567890123456789";
const PEOPLE: i64 = 50;
/// One message in so many has an attachment.
const EVERY: i64 = 50;
const ATTACHMENT: usize = 262_144;
/// 2026-01-01.
const BEGINS: i64 = 1_767_225_600_000;

const TABLES: [(&str, &[&str]); 4] = [
    ("recipient", &["_id", "type", "e164", "aci", "profile_joined_name", "message_expiration_time"]),
    ("thread", &["_id", "date", "recipient_id"]),
    (
        "message",
        &[
            "_id",
            "date_sent",
            "date_received",
            "date_server",
            "thread_id",
            "from_recipient_id",
            "to_recipient_id",
            "type",
            "body",
            "read",
            "expires_in",
            "expire_started",
            "view_once",
            "remote_deleted",
        ],
    ),
    ("attachment", &["_id", "message_id", "content_type", "data_size", "file_name", "sticker_id", "display_order"]),
];

/// The backup file and its passphrase in `dir`. `version` is that of its header: 0 or 1.
pub(crate) fn file(dir: &Path, messages: &str, version: &str) -> Result<Json, Failure> {
    let messages: i64 = messages.parse()?;
    fs::create_dir_all(dir)?;
    fs::write(dir.join("passphrase"), PASSPHRASE)?;
    let path = dir.join("signal-2026-11-20-10-30-00.backup");
    let to = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut file = LegacyWriter::new(to, &LegacyKeys::new(PASSPHRASE, [4; 32]), [9; 16], version == "1")?;
    file.version(309)?;
    for (table, columns) in TABLES {
        let columns: Vec<String> =
            columns.iter().map(|name| if *name == "_id" { "_id INTEGER PRIMARY KEY".into() } else { (*name).into() }).collect();
        file.statement(&format!("CREATE TABLE {table} ({})", columns.join(", ")), &[])?;
    }
    people(&mut file)?;
    let content: Vec<u8> = (0..ATTACHMENT).map(|n| (n * 7 % 251) as u8).collect();
    let body = "Kunnen we het voorstel van de commissie morgen om negen uur bespreken? ".repeat(3);
    for id in 1..=messages {
        use Value::{Integer as N, Text as S};
        let (other, at) = (id % (PEOPLE - 1) + 2, BEGINS + id * 1000);
        let (from, kind) = if id % 2 == 0 { (1, 23) } else { (other, 20) };
        let head = [N(id), N(at), N(at + 700), N(at), N(other), N(from), N(1), N(kind | 0xa0_0000), S(&body)];
        row(&mut file, "message", &[&head[..], &[N(1), N(0), N(0), N(0), N(0)]].concat())?;
        if id % EVERY == 0 {
            let size = N(i64::try_from(ATTACHMENT)?);
            row(&mut file, "attachment", &[N(id), N(id), S("image/jpeg"), size, Value::Null, N(-1), N(0)])?;
            file.attachment(id, Some(id.cast_unsigned()), &content)?;
        }
    }
    file.setting("settings.universal.expire.timer", |value| value.number(5, 0))?;
    file.end()?.flush()?;
    let bytes = fs::metadata(&path)?.len();
    Ok(json!({ "messages": messages, "attachments": messages / EVERY, "bytes": bytes, "file": path.display().to_string() }))
}

fn people(file: &mut LegacyWriter<impl Write>) -> Result<(), Failure> {
    use Value::{Integer as N, Text as S};
    for id in 1..=PEOPLE {
        let (aci, number) = (format!("00000000-0000-4000-8000-{id:012}"), format!("+316000{id:05}"));
        row(file, "recipient", &[N(id), N(0), S(&number), S(&aci), S("Naam"), N(0)])?;
        row(file, "thread", &[N(id), N(BEGINS), N(id)])?;
    }
    Ok(())
}

fn row(file: &mut LegacyWriter<impl Write>, table: &str, values: &[Value<'_>]) -> io::Result<()> {
    file.statement(&format!("INSERT INTO {table} VALUES ({})", vec!["?"; values.len()].join(",")), values)
}

/// AES-256 in counter mode and HMAC-SHA-256 over so many bytes, one after the other, in pieces that stay in the cache.
pub(crate) fn limit(bytes: &str) -> Result<Json, Failure> {
    use aes::cipher::KeyIvInit;
    use ctr::cipher::StreamCipher;
    use hmac::{KeyInit, Mac};
    let bytes: u64 = bytes.parse()?;
    let mut piece = vec![7_u8; 1 << 18];
    let mut stream = ctr::Ctr128BE::<aes::Aes256>::new(&[1; 32].into(), &[2; 16].into());
    let mut tag = hmac::Hmac::<sha2::Sha256>::new_from_slice(&[3; 32])?;
    let began = Instant::now();
    for _ in 0..bytes / piece.len() as u64 {
        tag.update(&piece);
        stream.apply_keystream(&mut piece);
    }
    black_box(tag.finalize());
    Ok(json!({ "seconds": seconds(began.elapsed()), "bytes": bytes }))
}
