//! The open questions of reference/android.md §8, put to the first real phones. The answer is one JSON that a helpdesk can
//! read and send: kinds of names, sizes, dates, counts, yes, no, refused. Never content, a number, or a name.

use super::{
    content::{Query, Rows},
    identity::{Identity, identity},
    link::AndroidLink,
    preflight::{installed, version_of},
    shell::{Channel, quote},
    sync::Kind,
    users::User,
};
use crate::{
    Fact,
    error::{PhoneError, Refusal},
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The app folders of question a and f (reference/android.md §2.1).
const WHATSAPPS: [(&str, &str); 2] = [("com.whatsapp", "WhatsApp"), ("com.whatsapp.w4b", "WhatsApp Business")];
const SIGNAL: &str = "org.thoughtcrime.securesms";
/// Entries described of one folder.
const MOST: usize = 200;
/// Bytes of an adb backup looked through for question e.
const BACKUP: u64 = 256 << 20;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProbeOptions {
    /// Question e: the phone asks its holder to confirm a backup; the bytes are searched for one name and dropped.
    pub with_backup: bool,
}

/// Asks. Fails only when the link does.
pub fn probe(link: &mut dyn AndroidLink, options: &ProbeOptions) -> Result<Value, PhoneError> {
    let who = identity(link)?;
    let users = who.users.known().cloned().unwrap_or_else(|| vec![User::OWNER]);
    let mut out = Map::new();
    out.insert("about".into(), about(&who));
    let mut per_user = Vec::new();
    for user in &users {
        per_user.push(json!({
            "user": user.id,
            "work_profile": user.work_profile,
            "running": user.running,
            "a_backup_folders": backup_folders(link, user)?,
            "b_android_data": android_data(link, user)?,
            "c_function_in_projection": function_accepted(link, user.id)?,
            "d_samsung_chat": count(link, user.id, "content://im/chat")?,
            "f_packages": fact(&packages(link, user.id)?),
            "k_sms": count(link, user.id, "content://sms")?,
            "k_mms": count(link, user.id, "content://mms")?,
        }));
    }
    out.insert("users".into(), json!(per_user));
    out.insert(
        "e_adb_backup".into(),
        if options.with_backup { adb_backup(link)? } else { json!("not asked: the holder must confirm on the phone") },
    );
    out.insert("g_authorisation_after_7_days".into(), json!("compare two probes more than seven days apart"));
    out.insert("h_i_inside_backups".into(), json!("needs the 64-digit key: seen at a readout"));
    let signal = version_of(link, SIGNAL)?;
    out.insert("j_signal_version".into(), fact(&signal));
    Ok(Value::Object(out))
}

fn about(who: &Identity) -> Value {
    // No serial number: this file is sent around.
    json!({
        "maker": fact(&who.maker), "model": fact(&who.model), "android": fact(&who.android), "sdk": fact(&who.sdk),
        "patch": fact(&who.patch), "clock": fact(&who.clock), "timezone": fact(&who.timezone), "adb_wifi": fact(&who.adb_wifi),
        "users": fact(&who.users), "warnings": who.warnings,
    })
}

fn fact<T: serde::Serialize>(fact: &Fact<T>) -> Value {
    serde_json::to_value(fact).unwrap_or(Value::Null)
}

/// Question a: what kinds of files lie in the backup folders.
fn backup_folders(link: &mut dyn AndroidLink, user: &User) -> Result<Value, PhoneError> {
    let mut out = Map::new();
    for (package, folder) in WHATSAPPS {
        for part in ["Databases", "Backups"] {
            let path = format!("{}/Android/media/{package}/{folder}/{part}", user.storage());
            let mut files = Vec::new();
            let mut more = 0u64;
            let result = link.list(&path, &mut |entry| {
                if entry.name == b"." || entry.name == b".." {
                } else if files.len() >= MOST {
                    more += 1;
                } else {
                    let stat = entry.stat.ok();
                    files.push(json!({
                        "kind": class_of(entry.name),
                        "folder": stat.map(|s| s.kind == Kind::Folder),
                        "bytes": stat.map(|s| s.bytes),
                        "modified": stat.map(|s| s.modified),
                    }));
                }
                Ok(())
            });
            let answer = match result {
                Ok(_) => json!({ "files": files, "more": more }),
                Err(PhoneError::Refused(why)) => json!({ "refused": why }),
                Err(error) => return Err(error),
            };
            // An empty answer does not tell absent from refused; the shell does.
            let answer = if files_empty(&answer) { shell_says(link, &path)? } else { answer };
            out.insert(format!("{package}/{part}"), answer);
        }
    }
    Ok(Value::Object(out))
}

fn files_empty(answer: &Value) -> bool {
    answer.get("files").and_then(Value::as_array).is_some_and(Vec::is_empty)
}

/// Question b.
fn android_data(link: &mut dyn AndroidLink, user: &User) -> Result<Value, PhoneError> {
    let mut out = Map::new();
    for (package, _) in WHATSAPPS {
        out.insert(package.into(), shell_says(link, &format!("{}/Android/data/{package}", user.storage()))?);
    }
    Ok(Value::Object(out))
}

/// `readable` with a count, `absent`, or refused.
fn shell_says(link: &mut dyn AndroidLink, path: &str) -> Result<Value, PhoneError> {
    match link.run(&format!("ls -A {}", quote(path)), 1 << 20) {
        Ok(output) => Ok(match (output.code, Refusal::from_text(&output.stderr)) {
            (Some(0), _) => json!({ "readable": output.stdout.split(|&b| b == b'\n').filter(|line| !line.is_empty()).count() }),
            (_, Refusal::NoSuchFile) => json!("absent"),
            (_, why) => json!({ "refused": why }),
        }),
        Err(error) if error.ends_the_link() => Err(error),
        Err(_) => Ok(json!("could not tell")),
    }
}

/// The kind of a backup file's name; what fits none is `other` and not repeated.
fn class_of(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let (stem, crypt) = match name.rsplit_once(".crypt") {
        Some((stem, version)) if version.len() <= 2 && version.bytes().all(|b| b.is_ascii_digit()) => {
            (stem, format!(".crypt{version}"))
        }
        _ => (name.as_str(), String::new()),
    };
    let shape: String = stem.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let kind = match shape.as_str() {
        "msgstore.db"
        | "msgstore-9999-99-99.9.db"
        | "wa.db"
        | "chatsettingsbackup.db"
        | "backup_settings.json"
        | "stickers.db"
        | "commerce_backup.db"
        | "status_backup.db"
        | "chatlock_backup.bkup"
        | "avatar-password.bkup"
        | "chat_transfer_settings.json"
        | "wallpapers"
        | "stickers"
        | "payment backgrounds" => shape,
        increment if increment.starts_with("msgstore-increment") && increment.ends_with(".db") => "msgstore-increment*.db".into(),
        _ => "other".into(),
    };
    kind + &crypt
}

fn query<'a>(user: u32, uri: &'a str, columns: &'a [&'a str], filter: Option<&'a str>) -> Query<'a> {
    Query { user, uri, columns, filter, sort: None }
}

fn count(link: &mut dyn AndroidLink, user: u32, uri: &str) -> Result<Value, PhoneError> {
    count_of(&query(user, uri, &["_id"], None), link)
}

fn count_of(query: &Query<'_>, link: &mut dyn AndroidLink) -> Result<Value, PhoneError> {
    Ok(match query.run(link, 64 << 20)? {
        Rows::Some(rows) => json!({ "rows": rows.len() }),
        Rows::None => json!("no result"),
        Rows::Refused(why) => json!({ "refused": why }),
        Rows::Unreadable => json!("could not tell"),
    })
}

/// Question c on one row, with a column that is no content (`type` is 1 or 2).
fn function_accepted(link: &mut dyn AndroidLink, user: u32) -> Result<Value, PhoneError> {
    let newest = Query { user, uri: "content://sms", columns: &["_id"], filter: None, sort: Some("_id DESC LIMIT 1") };
    let Rows::Some(rows) = newest.run(link, 64 << 20)? else { return Ok(json!("no message to try it on")) };
    let Some(id) = rows.first().and_then(|row| row.first()?.parse::<i64>().ok()) else { return Ok(json!("could not tell")) };
    Ok(match query(user, "content://sms", &["_id", "hex(type)"], Some(&format!("_id={id}"))).run(link, 1 << 20)? {
        Rows::Some(_) => json!("yes"),
        Rows::None => json!("no result"),
        Rows::Refused(why) => json!({ "refused": why }),
        Rows::Unreadable => json!("could not tell"),
    })
}

/// Question f: how many packages a user has, if it may be asked.
fn packages(link: &mut dyn AndroidLink, user: u32) -> Result<Fact<Value>, PhoneError> {
    let asked = [WHATSAPPS[0].0, WHATSAPPS[1].0, SIGNAL];
    let there = installed(link, &asked, user)?;
    Ok(there
        .map(|there| Value::Object(asked.map(|package| (package.into(), json!(there.contains(package)))).into_iter().collect())))
}

/// Question e: the header, and whether an entry of messages is in it.
fn adb_backup(link: &mut dyn AndroidLink) -> Result<Value, PhoneError> {
    const NAME: &[u8] = b"_sms_backup";
    let (mut total, mut head, mut tail, mut found) = (0u64, Vec::new(), Vec::new(), false);
    // The holder needs time to confirm.
    let result =
        link.shell("bu backup -nocompress com.android.providers.telephony", Duration::from_secs(120), &mut |channel, bytes| {
            if channel == Channel::Stdout {
                total += bytes.len() as u64;
                if total > BACKUP {
                    return Err(PhoneError::TooMuch { limit: BACKUP });
                }
                head.extend_from_slice(bytes.get(..bytes.len().min(64usize.saturating_sub(head.len()))).unwrap_or_default());
                tail.extend_from_slice(bytes);
                found |= tail.windows(NAME.len()).any(|w| w == NAME);
                let keep = tail.len().saturating_sub(NAME.len());
                tail.drain(..keep);
            }
            Ok(())
        });
    match result {
        Ok(_) | Err(PhoneError::TooMuch { .. }) => {}
        Err(PhoneError::Silent { .. }) => return Ok(json!("not confirmed on the phone")),
        Err(error) if error.ends_the_link() => return Err(error),
        Err(_) => return Ok(json!("not offered")),
    }
    let header = String::from_utf8_lossy(&head);
    let mut lines = header.lines();
    let magic = lines.next() == Some("ANDROID BACKUP");
    let version = lines.next().and_then(|v| v.parse::<u32>().ok());
    let encrypted = lines.nth(1).map(|cipher| cipher != "none");
    Ok(json!({ "answered": magic, "version": version, "encrypted": encrypted, "messages_entry": found, "bytes": total }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_kinds_and_others_are_not_repeated() {
        for (name, kind) in [
            ("msgstore.db.crypt15", "msgstore.db.crypt15"),
            ("msgstore-2026-11-01.1.db.crypt14", "msgstore-9999-99-99.9.db.crypt14"),
            ("msgstore-increment-2-2026-11-01.1.db.crypt15", "msgstore-increment*.db.crypt15"),
            ("Wallpapers", "wallpapers"),
            ("letter to Jan.pdf", "other"),
            ("Jan.crypt15", "other.crypt15"),
        ] {
            assert_eq!(class_of(name.as_bytes()), kind);
        }
    }
}
