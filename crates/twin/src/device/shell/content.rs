//! `content query`, with the exact habits of Android's own (`reference/android.md §1.3`): no escaping, `NULL` for null, and
//! exceptions on stderr with exit code 0.

use super::{Io, Outcome, Shell, packages::Whose, text};
use crate::device::providers::{Query, QueryError, Value};
use std::io::{self, Write};

impl Shell {
    pub(super) fn content(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let args: Vec<String> = args.iter().map(|arg| text(arg).into_owned()).collect();
        let mut args = args.iter();
        let reads = match args.next().map(String::as_str) {
            Some("query") => false,
            Some("read") => true,
            Some(other) => {
                writeln!(io.err, "[ERROR] Unsupported command: {other}")?;
                return Ok(0);
            }
            None => {
                writeln!(io.err, "usage: adb shell content [subcommand] [options]")?;
                return Ok(0);
            }
        };
        let mut uri = None;
        let mut query = Query::default();
        while let Some(option) = args.next() {
            let Some(value) = args.next() else {
                writeln!(io.err, "[ERROR] No value for argument: {option}")?;
                return Ok(0);
            };
            match option.as_str() {
                "--uri" => uri = Some(value.clone()),
                "--user" => query.user = value.parse().unwrap_or(0),
                "--projection" if !reads => {
                    query.projection = Some(value.split(':').map(|column| column.trim().to_string()).collect())
                }
                "--where" if !reads => query.where_ = Some(value.clone()),
                "--sort" if !reads => query.sort = Some(value.clone()),
                _ => {
                    writeln!(io.err, "[ERROR] Unsupported argument: {option}")?;
                    return Ok(0);
                }
            }
        }
        let Some(uri) = uri else {
            writeln!(io.err, "[ERROR] Content provider URI not specified. Did you specify --uri argument?")?;
            return Ok(0);
        };
        self.ask(&uri, reads, query, io)?;
        Ok(0)
    }

    fn ask(&self, uri: &str, reads: bool, mut query: Query, io: &mut Io) -> io::Result<()> {
        let authority = uri.strip_prefix("content://").unwrap_or(uri).split(['/', '?']).next().unwrap_or_default().to_string();
        let refuse = |io: &mut Io, class: &str, why: &str| {
            writeln!(
                io.err,
                "Error while accessing provider:{authority}\n{class}: {why}\n\tat android.os.Parcel.createException(Parcel.java)"
            )
        };
        match self.whose(query.user) {
            Whose::User(_) => {}
            Whose::Refused(id) => {
                return refuse(io, "java.lang.SecurityException", &format!("Shell does not have permission to access user {id}"));
            }
            Whose::Unknown(id) => return refuse(io, "java.lang.IllegalArgumentException", &format!("User {id} does not exist")),
        }
        let providers = &self.device.facts.providers;
        let plain = uri.split('?').next().unwrap_or(uri).trim_end_matches('/');
        // content://x/17 is row 17 of content://x
        let row = plain.rsplit_once('/').and_then(|(base, id)| Some((base, id.parse::<i64>().ok()?)));
        let mut only = None;
        let provider = providers.iter().find(|p| p.uri == plain).or_else(|| {
            let (base, id) = row?;
            let found = providers.iter().find(|p| p.uri == base)?;
            only = Some(("_id", id));
            Some(found)
        });
        // content://x/17/y are the rows of content://x/#/y that belong to 17
        let provider = provider.or_else(|| {
            providers.iter().find(|p| {
                let Some((before, after)) = p.uri.split_once('#') else { return false };
                let id = plain.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).and_then(|id| id.parse().ok());
                only = id.zip(p.of.as_deref()).map(|(id, of)| (of, id));
                only.is_some()
            })
        });
        let Some(provider) = provider else {
            if providers.iter().any(|p| p.uri.starts_with(&format!("content://{authority}"))) {
                return refuse(io, "java.lang.IllegalArgumentException", &format!("Unknown URL {uri}"));
            }
            return refuse(io, "java.lang.IllegalStateException", &format!("Could not find provider: {authority}"));
        };
        if let Some(why) = &provider.refused {
            return refuse(io, "java.lang.SecurityException", why);
        }
        if reads {
            let file = only.and_then(|(_, id)| provider.files.get(&id));
            let Some(file) = file else {
                return refuse(io, "java.io.FileNotFoundException", &format!("No entry for {uri}"));
            };
            let mut at = 0;
            let mut buffer = vec![0; 64 * 1024];
            while at < file.len() {
                let n = usize::try_from(file.len() - at).unwrap_or(usize::MAX).min(buffer.len());
                let part = buffer.get_mut(..n).unwrap_or_default();
                file.read_at(at, part)?;
                io.out.write_all(part)?;
                at += n as u64;
            }
            return Ok(());
        }
        if let Some((column, id)) = only {
            query.where_ = Some(match query.where_.take() {
                Some(part) => format!("{column}={id} AND ({part})"),
                None => format!("{column}={id}"),
            });
        }
        let mut count = 0u64;
        let mut lines: Vec<u8> = Vec::new();
        let done = self.device.query(provider, &query, |columns, values| {
            lines.extend(format!("Row: {count} ").bytes());
            for (at, (column, value)) in columns.iter().zip(&values).enumerate() {
                if at > 0 {
                    lines.extend(b", ");
                }
                lines.extend(column.bytes());
                lines.push(b'=');
                lines.extend(printed(value).bytes());
            }
            lines.push(b'\n');
            count += 1;
        });
        match done {
            Err(QueryError::Exception(class, why)) => refuse(io, class, &why),
            Ok(0) => writeln!(io.out, "No result found."),
            Ok(_) => io.out.write_all(&lines),
        }
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Integer(n) => n.to_string(),
        // a cursor gives a Java float, which is 32 bits
        Value::Real(n) => format!("{:?}", *n as f32),
        Value::Text(text) => text.clone(),
        Value::Blob(_) => "BLOB".into(),
    }
}
