//! `content query`, with the exact habits of Android's own (`reference/android.md §1.3`): no escaping, `NULL` for null, and
//! exceptions on stderr with exit code 0.

use super::{Io, Outcome, Shell, packages::Whose, text};
use crate::device::providers::{Query, QueryError, Value};
use std::io::{self, Write};

impl Shell {
    pub(super) fn content(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let args: Vec<String> = args.iter().map(|arg| text(arg).into_owned()).collect();
        let mut args = args.iter();
        match args.next().map(String::as_str) {
            Some("query") => {}
            Some(other) => {
                writeln!(io.err, "[ERROR] Unsupported command: {other}")?;
                return Ok(0);
            }
            None => {
                writeln!(io.err, "usage: adb shell content [subcommand] [options]")?;
                return Ok(0);
            }
        }
        let (mut uri, mut user) = (None, 0);
        let mut query = Query::default();
        while let Some(option) = args.next() {
            let Some(value) = args.next() else {
                writeln!(io.err, "[ERROR] No value for argument: {option}")?;
                return Ok(0);
            };
            match option.as_str() {
                "--uri" => uri = Some(value.clone()),
                "--user" => user = value.parse().unwrap_or(0),
                "--projection" => query.projection = Some(value.split(':').map(|column| column.trim().to_string()).collect()),
                "--where" => query.where_ = Some(value.clone()),
                "--sort" => query.sort = Some(value.clone()),
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
        self.ask(&uri, user, query, io)?;
        Ok(0)
    }

    fn ask(&self, uri: &str, user: u32, mut query: Query, io: &mut Io) -> io::Result<()> {
        let authority = uri.strip_prefix("content://").unwrap_or(uri).split(['/', '?']).next().unwrap_or_default().to_string();
        let refuse = |io: &mut Io, class: &str, why: &str| {
            writeln!(
                io.err,
                "Error while accessing provider:{authority}\n{class}: {why}\n\tat android.os.Parcel.createException(Parcel.java)"
            )
        };
        match self.whose(user) {
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
        let provider = providers.iter().find(|p| p.uri == plain).or_else(|| {
            let (base, id) = row?;
            let found = providers.iter().find(|p| p.uri == base)?;
            query.where_ = Some(match query.where_.take() {
                Some(part) => format!("_id={id} AND ({part})"),
                None => format!("_id={id}"),
            });
            Some(found)
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
        let mut count = 0u64;
        let mut out = io.out.clone();
        let done = provider.query(&query, |columns, values| {
            let mut line = format!("Row: {count} ").into_bytes();
            for (at, (column, value)) in columns.iter().zip(&values).enumerate() {
                if at > 0 {
                    line.extend(b", ");
                }
                line.extend(column.bytes());
                line.push(b'=');
                line.extend(printed(value).bytes());
            }
            line.push(b'\n');
            count += 1;
            out.write_all(&line)
        });
        match done {
            Err(QueryError::Exception(class, why)) => refuse(io, class, &why),
            Ok(Err(output)) => Err(output),
            Ok(Ok(0)) => writeln!(io.out, "No result found."),
            Ok(Ok(_)) => Ok(()),
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
