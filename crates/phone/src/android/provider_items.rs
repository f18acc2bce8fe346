//! Content providers as items beside a phone's files: listed by their names, pulled as their answers.

use super::{
    acquisition::{Acquired, Outcome, Sink},
    link::AndroidLink,
    provider::{Asking, Came, refused},
    shell::{Channel, Output, quote},
    users::{User, users},
};
use crate::{
    Fact,
    error::{PhoneError, Refusal},
};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use uitlezen_evidence::{Item, ItemName, Pattern};
use uitlezen_provider::{Held, PARTS, Table, item, of_item};

/// About what one row takes in the answers; a guess, for progress.
const ROW: u64 = 300;
/// Bytes of one part of a message; networks carry far less.
const LARGEST_PART: u64 = 256 << 20;
/// Bytes held back until it is clear that they are no refusal.
const FIRST: usize = 256;
/// Ids of one table, as printed.
const IDS: usize = 128 << 20;

/// The items that these patterns match. A provider that is not on the phone is no item; one that refuses is.
pub(super) fn list(link: &mut dyn AndroidLink, patterns: &[Pattern]) -> Result<Vec<Item>, PhoneError> {
    let mut items = Vec::new();
    if patterns.is_empty() {
        return Ok(items);
    }
    let wanted = |name: &ItemName| patterns.iter().any(|pattern| pattern.matches(name));
    // A profile that is closed or does not run says so when it is asked. Where nobody says who there is, the owner is.
    let mut all = match users(link)? {
        Fact::Known(users) => users,
        Fact::Refused(_) | Fact::Unreadable => Vec::new(),
    };
    if !all.iter().any(|user| user.id == User::OWNER.id) {
        all.insert(0, User::OWNER);
    }
    for user in all {
        let mut add = |held: Held, bytes: u64| {
            if let Ok(name) = item(user.id, held)
                && wanted(&name)
            {
                items.push(Item { name, bytes, modified: None });
            }
        };
        let mut messages = None;
        for table in Table::ALL {
            let of_table = item(user.id, Held::Table(table)).is_ok_and(|name| wanted(&name));
            let of_parts = table == PARTS && item(user.id, Held::Part(0)).is_ok_and(|name| wanted(&name));
            if !of_table && !of_parts {
                continue;
            }
            match rows(link, user.id, &table)? {
                Rows::Absent => {}
                Rows::Unknown => add(Held::Table(table), 0),
                Rows::Some(ids) => {
                    add(Held::Table(table), (ids.len() as u64).saturating_mul(ROW));
                    if table.name == "mms" {
                        messages = Some(ids.len() as u64);
                    }
                    if of_parts {
                        ids.iter().for_each(|id| add(Held::Part(*id), 0));
                    }
                }
            }
        }
        if let Some(messages) = messages {
            add(Held::Addresses, messages.saturating_mul(ROW));
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}

enum Rows {
    Some(Vec<i64>),
    /// It refuses, or says what cannot be read: whoever pulls it hears that.
    Unknown,
    Absent,
}

fn rows(link: &mut dyn AndroidLink, user: u32, table: &Table) -> Result<Rows, PhoneError> {
    let projection = table.group.map_or_else(|| "_id".to_owned(), |group| format!("_id:{group}"));
    let command = format!(
        "content query --user {user} --uri {} --projection {} --sort {}",
        quote(table.uri),
        quote(&projection),
        quote(&table.sort())
    );
    let output = match link.run(&command, IDS) {
        Ok(output) => output,
        Err(error) if error.ends_the_link() => return Err(error),
        Err(_) => return Ok(Rows::Unknown),
    };
    Ok(match refused(&output) {
        Some(Refusal::NotOffered) => Rows::Absent,
        Some(_) => Rows::Unknown,
        None => {
            let ids = uitlezen_provider::ids(&String::from_utf8_lossy(&output.stdout), table.bound());
            ids.map_or(Rows::Unknown, |ids| Rows::Some(ids.into_iter().map(|(_, id)| id).collect()))
        }
    })
}

/// Bytes on their way to a [`Sink`].
struct Passing<'s> {
    sink: &'s mut dyn Sink,
    hasher: Sha256,
    bytes: u64,
}

impl Write for Passing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            self.hasher.update(bytes);
            self.bytes += bytes.len() as u64;
            self.sink.data(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Pulls one item that [`list`] named.
pub(super) fn pull(link: &mut dyn AndroidLink, what: &Item, sink: &mut dyn Sink, total: &mut Acquired) -> Result<(), PhoneError> {
    sink.begin(what).map_err(PhoneError::Sink)?;
    let mut passing = Passing { sink, hasher: Sha256::new(), bytes: 0 };
    let came = match of_item(&what.name) {
        Some((user, Held::Table(table))) => answers(link, user, table, false, &mut passing),
        Some((user, Held::Addresses)) => answers(link, user, uitlezen_provider::MMS, true, &mut passing),
        Some((user, Held::Part(id))) => part(link, user, id, &mut passing),
        None => Ok(Some(Refusal::NoSuchFile)),
    };
    let Passing { sink, hasher, bytes } = passing;
    let outcome = match came {
        Ok(None) => Outcome::HashUnavailable { bytes, sha256: hasher.finalize().into(), modified: 0 },
        Ok(Some(Refusal::NoSuchFile | Refusal::NotOffered)) => Outcome::Absent,
        Ok(Some(why)) => Outcome::Refused { why },
        Err(error) => {
            sink.end(what, &Outcome::Failed).map_err(PhoneError::Sink)?;
            return Err(error);
        }
    };
    total.count(&outcome);
    sink.end(what, &outcome).map_err(PhoneError::Sink)
}

fn answers(
    link: &mut dyn AndroidLink,
    user: u32,
    table: Table,
    addresses: bool,
    to: &mut Passing<'_>,
) -> Result<Option<Refusal>, PhoneError> {
    let asking = Asking::new(link, user, table, io::BufWriter::with_capacity(1 << 16, to))?;
    Ok(match if addresses { asking.addresses()? } else { asking.run()? } {
        Came::Here(_) => None,
        Came::Absent => Some(Refusal::NotOffered),
        Came::Refused(why) => Some(why),
        Came::Unreadable => Some(Refusal::Other),
    })
}

/// The bytes of one part. A refusal arrives where they were expected (`reference/android.md §1.2`).
fn part(link: &mut dyn AndroidLink, user: u32, id: i64, to: &mut Passing<'_>) -> Result<Option<Refusal>, PhoneError> {
    let command = format!("content read --user {user} --uri content://mms/part/{id}");
    let silence = link.patience().silence;
    let mut first = Output::default();
    let mut let_through = false;
    let said = link.shell(&command, silence, &mut |channel, bytes| match channel {
        Channel::Stderr => {
            let room = 4096_usize.saturating_sub(first.stderr.len());
            first.stderr.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
            Ok(())
        }
        Channel::Stdout if let_through => pass(to, bytes),
        Channel::Stdout => {
            first.stdout.extend_from_slice(bytes);
            if first.stdout.len() >= FIRST && refused(&first).is_none() {
                let_through = true;
                pass(to, &std::mem::take(&mut first.stdout))?;
            }
            if first.stdout.len() as u64 > LARGEST_PART {
                return Err(PhoneError::TooMuch { limit: LARGEST_PART });
            }
            Ok(())
        }
    });
    match said {
        Ok(code) => first.code = code,
        Err(PhoneError::Refused(why)) => return Ok(Some(why)),
        Err(PhoneError::ServiceRefused) => return Ok(Some(Refusal::NotOffered)),
        Err(PhoneError::TooMuch { .. }) => return Ok(Some(Refusal::Other)),
        Err(error) => return Err(error),
    }
    if let Some(why) = refused(&first) {
        return Ok(Some(why));
    }
    if !let_through {
        if first.stdout.is_empty() {
            return Ok(Some(Refusal::NoSuchFile));
        }
        pass(to, &first.stdout)?;
    }
    Ok(None)
}

fn pass(to: &mut Passing<'_>, bytes: &[u8]) -> Result<(), PhoneError> {
    if to.bytes.saturating_add(bytes.len() as u64) > LARGEST_PART {
        return Err(PhoneError::TooMuch { limit: LARGEST_PART });
    }
    to.write_all(bytes).map_err(PhoneError::Sink)
}
