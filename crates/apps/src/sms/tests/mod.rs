//! Answers as a virtual phone's `content` would give them: made here by hand where a row must be odd.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

use super::{HOLDER, Item, Rcs, Reading, read};
use crate::{ReadError, RecordSink, Summary};
use std::{collections::HashMap, io, sync::Arc};
use uitlezen_chat::{
    AttachmentState, Body, Conversation, ConversationKind, ConversationNumber, Direction, EvidenceId, Message, ParticipantId,
    Sender, TimeUnit,
};
use uitlezen_evidence::Bytes;
use uitlezen_provider::{Asked, End, Held, IM, MMS, PARTS, Question, SMS, Table, Writer};

#[derive(Default)]
struct Kept {
    conversations: Vec<Conversation>,
    messages: Vec<(ConversationNumber, Message)>,
}

impl RecordSink for Kept {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.conversations.push(conversation.clone());
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        self.messages.append(run);
        Ok(())
    }
}

fn printed(columns: &[&str], rows: &[Vec<&str>]) -> String {
    let row = |(n, values): (usize, &Vec<&str>)| {
        let cells: Vec<String> = columns.iter().zip(values).map(|(column, value)| format!("{column}={value}")).collect();
        format!("Row: {n} {}\n", cells.join(", "))
    };
    if rows.is_empty() { "No result found.\n".into() } else { rows.iter().enumerate().map(row).collect() }
}

fn owned(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

/// A whole table in one page; `words` are rows in which a text is the word `NULL`.
fn table(table: Table, columns: &[&str], rows: &[Vec<&str>], words: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let id_columns: Vec<&str> = ["_id"].into_iter().chain(table.group).collect();
    let pick = |row: &Vec<&'_ str>, column: &str| row[columns.iter().position(|c| *c == column).unwrap()].to_owned();
    let ids: Vec<Vec<String>> = rows.iter().map(|row| id_columns.iter().map(|column| pick(row, column)).collect()).collect();
    let ids: Vec<Vec<&str>> = ids.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let said = printed(&id_columns, &ids);
    writer.answer(&Question::new(Asked::Ids, owned(&id_columns)), Some(0), said.as_bytes(), b"").unwrap();
    for (column, id) in words {
        let question = Question { about: Some((*column).to_owned()), ..Question::new(Asked::WordNull, owned(&["_id"])) };
        writer.answer(&question, Some(0), printed(&["_id"], &[vec![id]]).as_bytes(), b"").unwrap();
    }
    let question = Question { range: Some((0, i64::MAX)), ..Question::new(Asked::Page, owned(columns)) };
    writer.answer(&question, Some(0), printed(columns, rows).as_bytes(), b"").unwrap();
    writer.end(End { rows: rows.len() as u64, ..End::default() }).unwrap()
}

fn addresses(of: &[(i64, &[(&str, &str)])]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut text = String::new();
    for (id, rows) in of {
        let ids: Vec<String> = (1..=rows.len()).map(|n| n.to_string()).collect();
        let rows: Vec<Vec<&str>> = rows.iter().zip(&ids).map(|((kind, who), id)| vec![id.as_str(), kind, "106", who]).collect();
        text.push_str(&printed(&uitlezen_provider::ADDRESSES, &rows));
        text.push_str(&format!("={id}=0\n"));
    }
    let question = Question { of: of.iter().map(|(id, _)| *id).collect(), ..Question::new(Asked::Addresses, vec![]) };
    writer.answer(&question, Some(0), text.as_bytes(), b"").unwrap();
    writer.end(End::default()).unwrap()
}

fn item(number: u32, held: Held, bytes: Vec<u8>) -> Item {
    let bytes: Bytes = Arc::new(bytes);
    Item { user: 0, held, bytes, item: EvidenceId(number) }
}

fn read_all(items: &[Item], holder_number: Option<&str>) -> (Kept, Summary) {
    let names: HashMap<String, String> = [("+31612345678".to_owned(), "Anja de Boer".to_owned())].into();
    let mut kept = Kept::default();
    let reading = Reading { items, backups: &[], holder_number, phone_contacts: Some(&names), separation: None };
    let summary = read(&reading, &mut kept).unwrap();
    assert_eq!((summary.messages, summary.conversations), (kept.messages.len() as u64, kept.conversations.len() as u64));
    for (number, message) in &kept.messages {
        if let Sender::Participant(id) = &message.sender {
            let there = &kept.conversations[number.0 as usize - 1].participants;
            assert!(there.iter().any(|person| person.id == *id), "a sender is no participant");
        }
    }
    (kept, summary)
}

const SMS_COLUMNS: [&str; 8] = ["_id", "thread_id", "date", "date_sent", "type", "sub_id", "address", "body"];

fn person(id: &str) -> Sender {
    Sender::Participant(ParticipantId(id.to_owned()))
}

#[test]
fn messages_by_thread_with_their_people_times_and_sims() {
    let rows = [
        vec!["1", "5", "1700000002000", "1700000000000", "1", "1", "+31612345678", "Hoi"],
        vec!["2", "5", "1700000003000", "0", "2", "2", "0612345678", "NULL"],
        vec!["3", "6", "1700000004000", "0", "1", "1", "DigiD", "Uw code is 12"],
        vec!["4", "5", "1700000005000", "0", "3", "1", "0612345678", "een concept"],
        vec!["5", "5", "1700000006000", "0", "5", "1", "0612345678", "mislukt"],
        vec!["6", "5", "1700000007000", "0", "9", "1", "0612345678", "onbekend"],
        vec!["7", "5", "1700000008000", "0", "1", "1", "0612345678", "NULL"],
    ];
    let (kept, summary) = read_all(&[item(1, Held::Table(SMS), table(SMS, &SMS_COLUMNS, &rows, &[("body", "2")]))], None);
    let message = |row: i64| &kept.messages.iter().find(|(_, m)| m.source.row == row).unwrap().1;
    assert_eq!(message(1).body, Body::Text { text: "Hoi".into(), link: None, link_title: None });
    assert_eq!((message(1).sent.raw, message(1).received.as_ref().unwrap().raw), (1_700_000_000_000, 1_700_000_002_000));
    assert_eq!((&message(1).sender, message(1).direction), (&person("+31612345678"), Direction::Received));
    assert_eq!(message(2).body, Body::Text { text: "NULL".into(), link: None, link_title: None });
    assert_eq!((&message(2).sender, message(2).uninterpreted["sms.sub_id"].as_str()), (&Sender::Holder, "2"));
    assert_eq!((message(5).direction, message(6).direction), (Direction::Sent, Direction::Notice));
    assert!(matches!(&message(6).body, Body::Unknown { code: 9, text: Some(text), .. } if text == "onbekend"));
    assert!(matches!(&message(7).body, Body::Unknown { code: 1, text: None, .. }), "no text is not an empty one");
    assert_eq!((summary.not_asked.drafts, summary.rcs), (1, Some(Rcs::Unknown)));
    let kinds: Vec<_> = kept.conversations.iter().map(|c| (c.id.0.as_str(), c.kind, c.participants[0].display_name())).collect();
    assert_eq!(
        kinds,
        [("sms:thread:5", ConversationKind::Direct, "Anja de Boer"), ("sms:thread:6", ConversationKind::Direct, "DigiD"),]
    );
    assert!(summary.is_whole());
}

const MMS_COLUMNS: [&str; 6] = ["_id", "thread_id", "date", "msg_box", "m_type", "sub"];
const PART_COLUMNS: [&str; 7] = ["_id", "mid", "seq", "_data", "ct", "name", "text"];

#[test]
fn parts_and_addresses_go_with_their_message() {
    let rows = [
        vec!["3", "9", "1700000000", "1", "132", "Schouw"],
        vec!["4", "9", "1700000100", "2", "128", "NULL"],
        vec!["7", "8", "1700000200", "1", "132", "NULL"],
        vec!["8", "8", "1700000300", "1", "130", "NULL"],
    ];
    let parts = [
        vec!["1", "2", "0", "NULL", "text/plain", "NULL", "van een ander"],
        vec!["5", "3", "-1", "NULL", "application/smil", "s.xml", "<smil/>"],
        vec!["6", "3", "1", "NULL", "text/plain", "NULL", "wereld"],
        vec!["7", "3", "0", "NULL", "text/plain", "NULL", "Hallo, "],
        vec!["8", "3", "2", "/data/x", "image/jpeg", "kade.jpg", "NULL"],
        vec!["9", "4", "0", "/data/y", "video/mp4", "NULL", "NULL"],
        vec!["10", "7", "0", "NULL", "text/x-vcard", "k.vcf", "BEGIN:VCARD"],
    ];
    let from: [(i64, &[(&str, &str)]); 3] = [
        (3, &[("137", "+31612345678"), ("151", "+31600000001"), ("151", "+31687654321")]),
        (4, &[("137", "insert-address-token"), ("151", "+31612345678"), ("151", "+31687654321")]),
        (7, &[("137", "+31612345678"), ("151", "+31600000001")]),
    ];
    let items = [
        item(1, Held::Table(MMS), table(MMS, &MMS_COLUMNS, &rows, &[])),
        item(2, Held::Table(PARTS), table(PARTS, &PART_COLUMNS, &parts, &[])),
        item(3, Held::Addresses, addresses(&from)),
    ];
    let (kept, summary) = read_all(&items, None);
    let message = |row: i64| &kept.messages.iter().find(|(_, m)| m.source.row == row).unwrap().1;
    assert_eq!(message(3).body, Body::Image { caption: Some("Hallo, wereld".into()) });
    assert_eq!((message(3).sent.unit, &message(3).sender), (TimeUnit::Seconds, &person("+31612345678")));
    assert_eq!(message(3).uninterpreted["mms.sub"], "Schouw");
    let file = &message(3).attachments[0];
    assert_eq!((file.path.as_deref(), &file.state), (Some("content-providers/user-0/mms-part/8"), &AttachmentState::Wanted));
    assert_eq!((message(4).body.clone(), &message(4).sender), (Body::Video { caption: None }, &Sender::Holder));
    assert_eq!(message(4).uninterpreted["mms-addr.137"], "insert-address-token");
    assert!(matches!(&message(7).body, Body::Unknown { text: None, raw, .. } if raw["mms-part.10.text"] == "BEGIN:VCARD"));
    assert_eq!(message(8).body, Body::Waiting);
    // The number that a message came to alone is the holder's, so the other conversation is between three, not four.
    let group = &kept.conversations[1];
    assert_eq!((group.kind, group.participants.len()), (ConversationKind::Group, 3));
    assert!(group.participants.iter().any(|p| p.id.0 == HOLDER && p.native[0].value == "+31600000001"));
    assert_eq!(summary.attachments_wanted, 2);
}

#[test]
fn stores_go_by_time_and_one_that_breaks_off_is_told() {
    let sms = [
        vec!["1", "5", "1700000002000", "0", "1", "1", "+31612345678", "een"],
        vec!["2", "5", "1700000009000", "0", "1", "1", "+31612345678", "drie"],
    ];
    let im = [vec!["1", "1700000005000", "1", "+31612345678", "twee"]];
    let im = table(IM, &["_id", "date", "type", "address", "body"], &im, &[]);
    let items = |im: Vec<u8>| [item(1, Held::Table(SMS), table(SMS, &SMS_COLUMNS, &sms, &[])), item(2, Held::Table(IM), im)];
    let (kept, summary) = read_all(&items(im.clone()), None);
    let said: Vec<_> =
        kept.messages.iter().map(|(_, m)| if let Body::Text { text, .. } = &m.body { text.as_str() } else { "" }).collect();
    assert_eq!((said, summary.is_whole()), (vec!["een", "twee", "drie"], true));
    let (kept, summary) = read_all(&items(im[..im.len() - 10].to_vec()), None);
    assert_eq!((kept.messages.len(), summary.is_whole(), summary.rcs), (3, false, Some(Rcs::No)));
    let (kept, summary) = read_all(&items(b"iets anders".to_vec()), None);
    assert_eq!((kept.messages.len(), summary.stopped.len()), (2, 1));
    let none = Reading { items: &[], backups: &[], holder_number: None, phone_contacts: None, separation: None };
    assert!(matches!(read(&none, &mut Kept::default()), Err(ReadError::NotAMessageStore)));
}

mod backups;
