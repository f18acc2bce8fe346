//! What a whole reading gives: everything that was made, in the newest form and an old one; and what is not to be read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod hostile;
mod published;

use super::*;
use crate::{App, HolderKnown, threema::HOLDER};
use std::{collections::BTreeSet, io, sync::Arc};
use uitlezen_chat::*;
use uitlezen_evidence::{MemoryEvidence, ReadAtExt};
use uitlezen_twin::content::threema::{AesZip, ThreemaBackup, ThreemaBackupOptions, generate};

#[derive(Debug, Default)]
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

fn read_of(backup: &Backup, holder_identity: Option<&str>) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let reading = Reading { edition: Edition::Threema, backup, item: EvidenceId(1), holder_identity, separation: None };
    let summary = read(&reading, &mut kept).unwrap();
    assert_eq!((summary.messages, summary.conversations), (kept.messages.len() as u64, kept.conversations.len() as u64));
    let mut ids = BTreeSet::new();
    for (number, message) in &kept.messages {
        let conversation = &kept.conversations[usize::try_from(number.0).unwrap() - 1];
        assert_eq!(conversation.number, *number);
        assert!(ids.insert((*number, message.id.clone())), "two messages of one id");
        let there = |who: &Sender| match who {
            Sender::Participant(id) => conversation.participants.iter().any(|p| p.id == *id),
            _ => true,
        };
        assert!(there(&message.sender), "a sender is no participant");
        assert!(message.reactions.iter().all(|reaction| there(&reaction.by)), "who reacted is no participant");
        if let Body::Poll(poll) = &message.body {
            assert!(poll.options.iter().flat_map(|option| &option.voters).all(there), "a voter is no participant");
        }
    }
    (kept, summary)
}

fn opened(made: &ThreemaBackup) -> Backup {
    Backup::open(Arc::new(made.bytes.clone()), &made.password).unwrap()
}

fn text(message: &Message) -> Option<String> {
    match &message.body {
        Body::Text { text, .. } => Some(text.clone()),
        Body::Image { caption } => caption.clone(),
        _ => None,
    }
}

fn found_as_made(made: &ThreemaBackup) {
    let backup = opened(made);
    let (kept, summary) = read_of(&backup, None);
    let e = &made.expected;
    assert_eq!((summary.messages, summary.conversations), (e.messages, e.conversations));
    let of = |kind| kept.conversations.iter().filter(|c| c.kind == kind).count() as u64;
    let kinds = (of(ConversationKind::Direct), of(ConversationKind::Group), of(ConversationKind::Broadcast));
    assert_eq!(kinds, (e.direct, e.groups, e.lists));
    assert_eq!(summary.by_kind, e.by_kind);
    let all = || kept.messages.iter().map(|(_, message)| message);
    for message in all() {
        let api = message.id.0.strip_prefix("api:").unwrap();
        assert_eq!(text(message).as_ref(), e.texts.get(api), "{}", message.id.0);
    }
    let files: Vec<&Attachment> = all().flat_map(|message| &message.attachments).collect();
    let wanted = files.iter().filter(|file| file.state == AttachmentState::Wanted).count() as u64;
    assert_eq!((wanted, files.len() as u64 - wanted), (e.files_present, e.files_absent));
    let never = files.iter().filter(|file| matches!(file.state, AttachmentState::NotOnPhone { .. })).count() as u64;
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone), (e.files_present, never));
    assert_eq!(summary.attachments_missing, e.files_absent - never);
    for file in files.iter().filter_map(|file| file.path.as_deref()) {
        let content = media::open(&backup, file).unwrap().read_all(1 << 20).unwrap();
        assert_eq!(content, made.entries[file]);
    }
    assert_eq!(all().map(|message| message.reactions.len() as u64).sum::<u64>(), e.reactions);
    let quotes: Vec<&Quote> = all().filter_map(|message| message.quote.as_deref()).collect();
    assert_eq!(quotes.len() as u64, e.quotes);
    assert!(quotes.iter().all(|quote| quote.id.is_some() && quote.sender != Sender::Unknown));
    assert_eq!((summary.edited, summary.revoked), (e.edited, e.revoked));
    let voters = |poll: &Poll| poll.options.iter().map(|option| option.voters.len() as u64).sum::<u64>();
    let polls = all().filter_map(|message| if let Body::Poll(poll) = &message.body { Some(voters(poll)) } else { None });
    assert_eq!(polls.sum::<u64>(), e.votes);
    assert_eq!(summary.unknown_types.values().sum::<u64>(), e.unknown);
    assert_eq!((summary.oddities.unresolved_senders, summary.oddities.bad_times, summary.oddities.duplicate_keys), (0, 0, 0));
    let unread: Vec<&str> = summary.uninterpreted_tables().map(|table| table.table.as_str()).collect();
    let later = backup.version().is_some_and(|version| version > LATEST_VERSION);
    assert!(summary.is_whole() && unread == if later { vec!["settings"] } else { vec![] }, "{summary:?}");
    assert!(summary.columns_missing.is_empty(), "{:?}", summary.columns_missing);
    assert!(kept.conversations.iter().all(|c| c.timer.state == TimerState::OfAccount));
    nothing_secret(made, &kept, &summary);
}

/// Keys of files and the private key stand in the backup and in no record.
fn nothing_secret(made: &ThreemaBackup, kept: &Kept, summary: &Summary) {
    let messages: Vec<&Message> = kept.messages.iter().map(|(_, message)| message).collect();
    let records = serde_json::to_string(&(&kept.conversations, messages, summary)).unwrap();
    assert!(made.expected.secrets.len() > 1);
    for secret in &made.expected.secrets {
        assert!(!records.contains(secret.as_str()), "a key stands in a record");
    }
}

#[test]
fn everything_that_was_made_is_found_in_the_newest_form() {
    let made = generate(&ThreemaBackupOptions { messages: 1_500, ..ThreemaBackupOptions::default() }).unwrap();
    assert_eq!(opened(&made).version(), Some(LATEST_VERSION));
    found_as_made(&made);
}

#[test]
fn forms_of_every_version_are_read_by_the_names_of_their_columns() {
    for version in [16, 19, 21, 24, 26, 28] {
        let options = ThreemaBackupOptions { messages: 250, version, seed: version.into(), ..ThreemaBackupOptions::default() };
        found_as_made(&generate(&options).unwrap());
    }
}

#[test]
fn media_that_the_holder_left_out_are_not_in_the_backup_and_not_missing_by_chance() {
    let options = ThreemaBackupOptions { messages: 250, media: false, ..ThreemaBackupOptions::default() };
    let made = generate(&options).unwrap();
    let (kept, summary) = read_of(&opened(&made), None);
    let files = || kept.messages.iter().flat_map(|(_, message)| &message.attachments);
    let never =
        files().filter(|file| file.state == AttachmentState::NotOnPhone { reason: "never-downloaded".into() }).count() as u64;
    let left_out =
        files().filter(|file| file.state == AttachmentState::NotRead { reason: "not-in-the-backup".into() }).count() as u64;
    assert_eq!((never + left_out, files().count() as u64), (made.expected.files_absent, made.expected.files_absent));
    assert!(never > 0 && left_out > 0);
    assert_eq!((summary.attachments_wanted, summary.attachments_missing, summary.attachments_not_on_phone), (0, 0, never));
    assert_eq!(summary.attachments_not_read, [("not-in-the-backup".to_owned(), left_out)].into());
    assert!(!summary.is_whole(), "what the holder left out may be on the phone");
}

#[test]
fn the_holder_is_known_when_told_or_when_all_own_rows_agree() {
    let of = |own_identity| {
        generate(&ThreemaBackupOptions { messages: 400, own_identity, ..ThreemaBackupOptions::default() }).unwrap()
    };
    let by_holder = |kept: &Kept| {
        let reactions = kept.messages.iter().flat_map(|(_, message)| &message.reactions);
        reactions.filter(|reaction| reaction.by == Sender::Holder).count()
    };
    let plain = of(false);
    let (kept, summary) = read_of(&opened(&plain), None);
    assert_eq!((&summary.holder, by_holder(&kept)), (&HolderKnown::No, 0));
    assert!(kept.conversations.iter().any(|c| c.participants.iter().any(|p| p.id.0 == plain.identity)));
    let (kept, summary) = read_of(&opened(&plain), Some(&plain.identity));
    assert_eq!(summary.holder, HolderKnown::Told);
    assert!(by_holder(&kept) > 0);
    assert!(kept.conversations.iter().all(|c| c.participants.iter().all(|p| p.id.0 != plain.identity)));
    assert!(kept.conversations.iter().all(|c| c.participants.iter().filter(|p| p.is_holder && p.id.0 == HOLDER).count() == 1));
    let named = of(true);
    let (kept, summary) = read_of(&opened(&named), None);
    let HolderKnown::ByOwnRows { rows } = &summary.holder else { panic!("{:?}", summary.holder) };
    assert_eq!(rows.keys().collect::<Vec<_>>(), ["group_message_*.csv"]);
    assert!(by_holder(&kept) > 0);
}

#[test]
fn backups_are_found_by_how_they_begin_and_dated_by_their_names() {
    let made = generate(&ThreemaBackupOptions { messages: 30, ..ThreemaBackupOptions::default() }).unwrap();
    let other = ThreemaBackupOptions { messages: 30, age_hours: 500, ..ThreemaBackupOptions::default() };
    let older = generate(&other).unwrap();
    assert_ne!(made.name, older.name);
    let renamed = "Documents/kopie van telefoon.ZIP".to_owned();
    let plain = {
        let mut zip = AesZip::new("x", 1);
        zip.add_in_the_clear("settings", b"x", false).unwrap();
        zip.finish()
    };
    let files = [
        (format!("Download/{}", made.name), made.bytes.clone()),
        (format!("Threema/{}", older.name), older.bytes),
        (renamed.clone(), made.bytes.clone()),
        (format!("Download/INCOMPLETE-{}", made.name), made.bytes[..500].to_vec()),
        ("Download/foto's.zip".to_owned(), plain),
        ("Download/leeg.zip".to_owned(), Vec::new()),
        ("Download/threema-backup_1_1.txt".to_owned(), made.bytes),
        ("Download/threema-backup_2_1.zip".to_owned(), b"no more than a name".repeat(9)),
    ];
    let evidence: MemoryEvidence =
        files.into_iter().map(|(name, bytes)| (uitlezen_evidence::ItemName::new(name).unwrap(), bytes)).collect();
    let found = crate::holder_backup::find(&[App::Threema], &evidence);
    assert_eq!(found.unreadable, 0);
    let found = found.threema;
    let names: Vec<&str> = found.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, [format!("Download/{}", made.name), format!("Threema/{}", older.name), renamed]);
    assert_eq!(found.unfinished, 1);
    assert_eq!(found.newest().unwrap().made, find::made_by_name(&made.name));
    assert_eq!(find::made_by_name("threema-backup_1794745800123_1.zip"), Some(1_794_745_800));
    for name in
        ["threema-backup_x_1.zip", "threema-backup_-5_1.zip", "backup_1_1.zip", "threema-backup_99999999999999999999_1.zip"]
    {
        assert_eq!(find::made_by_name(name), None, "{name}");
    }
}
