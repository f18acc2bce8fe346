//! One story in both kinds of backup, found, unlocked and read: the same records come out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::{
    find::{Best, Found},
    folder, legacy,
    media::{FolderMedia, of_file},
    settings::Known,
};
use crate::{App, RecordSink, Summary, holder_backup};
use std::{collections::BTreeMap, io, sync::Arc};
use uitlezen_chat::{AttachmentState, Body, Conversation, ConversationNumber, EvidenceId, Message, TimerState};
use uitlezen_evidence::{Evidence, ItemName, MemoryEvidence, ReadAtExt};
use uitlezen_signal_backup::{
    folder::{Metadata, RecoveryKey},
    legacy::{Backup, Passphrase},
};
use uitlezen_twin::content::signal::{SignalContent, SignalExpected, SignalOptions, generate};

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

impl Kept {
    /// What was said, by where and who and when.
    fn said(&self) -> BTreeMap<(String, String), (String, Vec<String>, usize)> {
        let name = |number: &ConversationNumber| {
            self.conversations.iter().find(|c| c.number == *number).map(|c| c.id.0.clone()).unwrap()
        };
        let text = |message: &Message| match &message.body {
            Body::Text { text, .. } => text.clone(),
            Body::Image { caption } => caption.clone().unwrap_or_default(),
            Body::Poll(poll) => format!("{} {:?}", poll.question, poll.options),
            other => crate::reading::count::kind_of(other).to_owned(),
        };
        let of = |m: &Message| (text(m), m.earlier.iter().map(text).collect(), m.reactions.len() + m.mentions.len());
        self.messages.iter().map(|(number, m)| ((name(number), m.id.0.clone()), of(m))).collect()
    }

    fn timers(&self) -> Vec<u64> {
        let seconds = |c: &Conversation| match c.timer.state {
            TimerState::Off => 0,
            TimerState::On { seconds } => seconds,
            ref other => panic!("{other:?}"),
        };
        self.conversations.iter().map(seconds).collect()
    }
}

fn evidence(files: BTreeMap<String, Vec<u8>>) -> MemoryEvidence {
    MemoryEvidence::new(files.into_iter().map(|(name, bytes)| (ItemName::new(name).unwrap(), bytes)).collect())
}

fn find(items: &MemoryEvidence) -> Found {
    holder_backup::find(&[App::Signal], items).signal
}

/// Finds, unlocks and reads the folder; every file that a record wants is given and has its hash.
fn of_folder(made: &SignalContent) -> (Kept, folder::Read) {
    let files = made.folder.iter().map(|(path, bytes)| (format!("Documents/{path}"), bytes.clone()));
    let items = evidence(files.collect());
    let found = find(&items);
    let Some(Best::Snapshot(snapshot)) = found.best() else { panic!("{found:?}") };
    let metadata = items.open(&snapshot.metadata().unwrap()).unwrap().read_all(4096).unwrap();
    let keys = Metadata::read(&metadata).unwrap().keys(&RecoveryKey::parse(made.recovery_key.as_bytes()).unwrap());
    let main = keys.main(items.open(&snapshot.main().unwrap()).unwrap()).unwrap();
    let shared = snapshot.shared(&items);
    let reading = folder::Reading { main: &main, item: EvidenceId(1), files: &shared, holder_number: None, separation: None };
    let mut kept = Kept::default();
    let read = folder::read(&reading, &mut kept).unwrap();
    let (media, gone) = FolderMedia::collect(&main);
    assert!(gone.is_ok());
    let mut given = 0;
    for file in kept.messages.iter().flat_map(|(_, m)| &m.attachments) {
        assert_eq!(file.state, AttachmentState::Wanted);
        let content = media.open(file.path.as_ref().unwrap(), &shared).unwrap();
        assert_eq!(Some(content.len()), file.bytes);
        given += 1;
    }
    assert_eq!(given, made.expected.attachments);
    (kept, read)
}

fn of_backup_file(made: &SignalContent) -> (Kept, legacy::Read) {
    let (name, bytes) = &made.file;
    let items = evidence(BTreeMap::from([(format!("Download/{name}"), bytes.clone())]));
    let found = find(&items);
    let Some(Best::File(file)) = found.best() else { panic!("{found:?}") };
    let backup = Backup::open(items.open(&file.name).unwrap()).unwrap();
    let keys = backup.keys(&Passphrase::parse(made.passphrase.as_bytes()).unwrap());
    let store = legacy::take_in(backup.unlock(&keys).unwrap(), &mut |_| {}).unwrap();
    let reading = legacy::Reading { store: &store, item: EvidenceId(1), holder_number: None, separation: None };
    let mut kept = Kept::default();
    let read = legacy::read(&reading, &mut kept).unwrap();
    for file in kept.messages.iter().flat_map(|(_, m)| &m.attachments) {
        assert_eq!(Some(of_file(&store, file.path.as_ref().unwrap()).unwrap().len()), file.bytes);
    }
    (kept, read)
}

fn holds(expected: &SignalExpected, kept: &Kept, summary: &Summary) {
    assert!(summary.is_whole(), "{summary:?}");
    assert_eq!((summary.conversations, summary.messages), (expected.conversations, expected.messages));
    assert_eq!((&summary.by_kind, summary.edited), (&expected.by_kind, expected.edited));
    assert_eq!((summary.revoked, summary.attachments_wanted), (expected.revoked, expected.attachments));
    let reactions: usize = kept.messages.iter().map(|(_, m)| m.reactions.len()).sum();
    assert_eq!(reactions as u64, expected.reactions);
    assert_eq!(kept.timers(), expected.timers);
    let told = serde_json::to_string(&(&kept.conversations, &kept.messages)).unwrap();
    for secret in &expected.secrets {
        assert!(!told.contains(&hex::encode(secret)) && !told.contains(&*String::from_utf8_lossy(secret)));
    }
}

#[test]
fn both_backups_of_one_account_give_the_same_records_under_the_same_ids() {
    for (seed, messages, universal_timer) in [(1, 400, 0), (7, 1200, 604_800)] {
        let made = generate(&SignalOptions { seed, messages, universal_timer, ..SignalOptions::default() }).unwrap();
        let (first, of_first) = of_folder(&made);
        let (second, of_second) = of_backup_file(&made);
        holds(&made.expected, &first, &of_first.summary);
        holds(&made.expected, &second, &of_second.summary);
        assert_eq!(first.said(), second.said());
        let titles = |kept: &Kept| kept.conversations.iter().map(|c| (c.id.clone(), c.title.clone())).collect::<Vec<_>>();
        assert_eq!(titles(&first), titles(&second));
        assert_eq!(of_first.settings.universal_timer, Known::Set { value: universal_timer });
        assert_eq!(of_second.settings.universal_timer, Known::Set { value: universal_timer });
        // Only the file says what is trimmed.
        assert_eq!((of_first.settings.trim, of_second.settings.trim), (Known::NotCarried, Known::Set { value: None }));
        // Who changed a timer, and when, is the same in both.
        let changes = |kept: &Kept| {
            let of = |c: &Conversation| c.timer.changes.iter().map(|t| (t.at.raw, t.by.clone(), t.to_seconds)).collect();
            kept.conversations.iter().map(of).collect::<Vec<Vec<_>>>()
        };
        assert_eq!(changes(&first), changes(&second));
        assert!(changes(&first).iter().any(|chat| !chat.is_empty()));
    }
}

#[test]
fn equal_options_give_equal_bytes_and_a_wrong_secret_is_refused_by_name() {
    use uitlezen_signal_backup::{folder::FolderError, legacy::LegacyError};
    let options = SignalOptions { messages: 60, ..SignalOptions::default() };
    let (made, again) = (generate(&options).unwrap(), generate(&options).unwrap());
    assert_eq!((&made.folder, &made.file), (&again.folder, &again.file));
    let other = generate(&SignalOptions { seed: 2, ..options }).unwrap();
    let backup = Backup::open(Arc::new(made.file.1.clone())).unwrap();
    let wrong = backup.keys(&Passphrase::parse(other.passphrase.as_bytes()).unwrap());
    assert!(matches!(backup.unlock(&wrong), Err(LegacyError::WrongPassphrase)));
    let of = |end: &str| made.folder.iter().find(|(path, _)| path.ends_with(end)).map(|(_, bytes)| bytes.clone()).unwrap();
    let wrong = Metadata::read(&of("/metadata")).unwrap().keys(&RecoveryKey::parse(other.recovery_key.as_bytes()).unwrap());
    assert!(matches!(wrong.main(Arc::new(of("/main"))), Err(FolderError::WrongKey)));
}
