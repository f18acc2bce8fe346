//! Files of adb backup, as the generator writes them, and what becomes of them.

use super::{Kept, read};
use crate::{
    ReadError, Summary,
    sms::{AdbBackup, Backup, Rcs, Reading},
};
use secrecy::SecretString;
use std::{collections::BTreeSet, sync::Arc};
use uitlezen_android_backup::BackupError;
use uitlezen_chat::{Body, ConversationKind, EvidenceId, Message, Sender, TimeUnit};
use uitlezen_evidence::Bytes;
use uitlezen_twin::content::sms::{SmsBackup, SmsContent, SmsOptions, backup_of_another_app, backup_of_lists, generate};

fn content(sms: u64, mms: u64) -> SmsContent {
    generate(&SmsOptions { sms, mms, ..SmsOptions::default() }).unwrap()
}

fn plain() -> SmsBackup {
    SmsBackup { compressed: false, rounds: 20, ..SmsBackup::default() }
}

fn opened(bytes: Vec<u8>, password: Option<&str>) -> Result<Backup, BackupError> {
    let bytes: Bytes = Arc::new(bytes);
    let file = AdbBackup::open(bytes, password.map(SecretString::from).as_ref())?;
    Ok(Backup { file, item: EvidenceId(4) })
}

fn read_backup(bytes: Vec<u8>, password: Option<&str>) -> Result<(Kept, Summary), ReadError> {
    let backups = [opened(bytes, password).unwrap()];
    let mut kept = Kept::default();
    let reading = Reading { items: &[], backups: &backups, holder_number: None, phone_contacts: None, separation: None };
    read(&reading, &mut kept).map(|summary| (kept, summary))
}

/// Where the list of this number begins in a tar that lies open.
fn list(bytes: &[u8], number: u32) -> usize {
    let name = format!("d_f/{number:06}_");
    let at = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    // Names stand at the beginning of their block, and the bytes behind it.
    at - "apps/com.android.providers.telephony/".len() + 512
}

#[test]
fn a_backup_holds_the_messages_with_text_and_no_files() {
    let content = content(1_300, 60);
    let (sms, mms) = content.backed_up();
    for password in [None, Some("geheim")] {
        let how = SmsBackup { password: password.map(str::to_owned), rounds: 20, ..SmsBackup::default() };
        let made = content.backup(&how, 1).unwrap();
        let (kept, summary) = read_backup(made.clone(), password).unwrap();
        assert_eq!((summary.messages, summary.attachments_wanted), (sms + mms, 0));
        // What has no text of its own is not there, so that of RCS can be more.
        assert_eq!((summary.is_whole(), summary.rcs), (true, Some(Rcs::No)));
        let row = content.sms.iter().find(|row| row.kind == 2).unwrap();
        let message = |table: &str, body: &str| {
            let said = |m: &Message| matches!(&m.body, Body::Text { text, .. } if text == body) && m.source.table == table;
            kept.messages.iter().find(|(_, m)| said(m)).map(|(_, m)| m).unwrap()
        };
        let sent = message("sms_backup", row.body.as_deref().unwrap());
        assert_eq!((&sent.sender, sent.sent.raw, sent.sent.unit), (&Sender::Holder, row.date, TimeUnit::Milliseconds));
        // Whoever wrote in a group, by the addresses; times of MMS are seconds, and the phone's own number is nobody else's.
        assert!(kept.messages.iter().any(|(_, m)| m.source.table == "mms_backup" && m.sent.unit == TimeUnit::Seconds));
        let own = |p: &uitlezen_chat::Participant| p.id.0 == content.number;
        assert!(!kept.conversations.iter().flat_map(|c| &c.participants).any(own));
        assert!(kept.conversations.iter().any(|c| c.kind == ConversationKind::Group));
        let (short, summary) = read_backup(made[..made.len() - 900].to_vec(), password).unwrap();
        assert!(!summary.is_whole() && short.messages.len() < kept.messages.len());
        let wrong = opened(made, Some("fout")).map(|backup| backup.file.is_encrypted());
        assert!(if password.is_some() { matches!(wrong, Err(BackupError::WrongPassword)) } else { matches!(wrong, Ok(false)) });
    }
}

#[test]
fn a_backup_of_nothing_or_of_another_app_holds_no_messages() {
    let empty = b"ANDROID BACKUP\n5\n0\nnone\n".to_vec();
    assert!(matches!(opened(empty.clone(), None).unwrap().file.holds_messages(), Ok(false)));
    assert!(matches!(read_backup(empty, None), Err(ReadError::NotAMessageStore)));
    let other = opened(backup_of_another_app(&plain(), 1).unwrap(), None).unwrap();
    assert!(matches!(other.file.holds_messages(), Ok(false)));
}

#[test]
fn a_damaged_list_costs_no_other_list_and_is_told() {
    let content = content(2_300, 60);
    let mms = content.backed_up().1;
    let made = content.backup(&plain(), 1).unwrap();
    let mut damaged = made.clone();
    damaged[list(&made, 1)] ^= 1;
    let (_, summary) = read_backup(damaged, None).unwrap();
    assert_eq!((summary.messages, summary.is_whole()), (1_300 + mms, false));
    assert_eq!(summary.stopped.iter().map(|stopped| stopped.table.as_str()).collect::<Vec<_>>(), ["sms_backup"]);
    // Of one that is damaged at its end only the sum does not fit: what was inflated before it is in the records all the same, and
    // what came together with it (less than a buffer) is not.
    let mut damaged = made.clone();
    let end = list(&made, 2) - 512;
    let last = made[..end].iter().rposition(|byte| *byte != 0).unwrap();
    damaged[last] ^= 1;
    let (_, summary) = read_backup(damaged, None).unwrap();
    assert!((2_250 + mms..=2_300 + mms).contains(&summary.messages), "{} of {}", summary.messages, 2_300 + mms);
    assert_eq!(summary.stopped.iter().map(|stopped| stopped.table.as_str()).collect::<Vec<_>>(), ["sms_backup"]);
    assert!(!summary.is_whole());
}

#[test]
fn a_backup_that_was_cut_between_two_files_is_not_whole() {
    let content = content(1_300, 60);
    let made = content.backup(&plain(), 1).unwrap();
    let before_mms = list(&made, 2) - 512;
    let (_, summary) = read_backup(made[..before_mms].to_vec(), None).unwrap();
    assert_eq!((summary.messages, summary.is_whole()), (1_300, false));
}

#[test]
fn a_message_has_the_same_id_in_the_next_backup() {
    let mut content = content(400, 20);
    // Two that say the same to the same at the same moment are two.
    let twin = content.sms.iter().find(|row| matches!(row.kind, 1 | 2)).cloned().unwrap();
    content.sms.push(twin);
    let ids = |content: &SmsContent| -> Vec<String> {
        let (kept, _) = read_backup(content.backup(&SmsBackup::default(), 1).unwrap(), None).unwrap();
        kept.messages.iter().map(|(_, message)| message.id.0.clone()).collect()
    };
    let first = ids(&content);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len(), "two messages of one id");
    // The oldest fall out.
    content.sms.drain(..50);
    let next = ids(&content);
    let seen = content.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).count() + content.backed_up().1 as usize;
    assert_eq!(next.len(), seen);
    let first: BTreeSet<&str> = first.iter().map(String::as_str).collect();
    // The one that was there twice is there once, under the first of its two ids.
    assert!(next.iter().all(|id| first.contains(id.as_str())));
}

#[test]
fn what_nobody_explained_stays_beside_its_message() {
    let message =
        r#"[{"address":"+31612345678","body":"Hoi","date":"1700000000000","type":"1","reactions":[{"a":1}],"archived":true}]"#;
    let lists = [("sms", message.to_owned()), ("sms", r#"[{"type":}]"#.to_owned())];
    let (kept, summary) = read_backup(backup_of_lists(&lists, &plain(), 1).unwrap(), None).unwrap();
    let (_, said) = &kept.messages[0];
    assert_eq!(said.uninterpreted["sms.reactions"], r#"[{"a":1}]"#);
    assert_eq!(said.uninterpreted["sms.archived"], "true");
    assert_eq!((summary.messages, summary.oddities.dropped_messages, summary.is_whole()), (1, 1, false));
}
