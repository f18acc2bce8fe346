//! Threema of a virtual iPhone: what the reader finds is what the generator made.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};
use uitlezen_apps::{
    Evidenced, RecordSink, Summary,
    threema::{
        Edition,
        ios::{Reading, read, wanted},
        settings::{Keep, SetBy, Settings},
    },
};
use uitlezen_chat::{Body, Conversation, ConversationKind, ConversationNumber, EvidenceId, Message};
use uitlezen_evidence::Database;
use uitlezen_twin::content::iphone::threema::{Threema, ThreemaKind, ThreemaOptions, generate};

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

fn read_all(made: &Threema, edition: Edition) -> (Kept, Summary) {
    let database = Database::open(Arc::new(made.data.clone()), None, None).unwrap();
    let threema = Evidenced { database: &database, item: EvidenceId(1) };
    let mut kept = Kept::default();
    let summary = read(&Reading { edition, threema, holder_identity: None, separation: None }, &mut kept).unwrap();
    assert_eq!(database.temp_opens_refused(), 0, "a statement wanted a file");
    (kept, summary)
}

fn names(made: &Threema) -> BTreeSet<String> {
    made.files.iter().map(|file| format!("{}/{}", file.domain, file.path)).collect()
}

#[test]
fn everything_that_was_made_is_found_and_nothing_else() {
    let made = generate(&ThreemaOptions { messages: 6_000, ..ThreemaOptions::default() }).unwrap();
    let (kept, summary) = read_all(&made, Edition::Threema);
    let e = &made.expected;
    assert_eq!((summary.messages, summary.conversations, e.messages), (e.messages, e.conversations, 6_000));
    let of = |k| kept.conversations.iter().filter(|c| c.kind == k).count() as u64;
    assert_eq!((of(ConversationKind::Direct), of(ConversationKind::Group)), (e.direct, e.groups));
    assert_eq!(summary.by_kind, e.by_kind);
    let text = |m: &Message| match &m.body {
        Body::Text { text, .. } => Some(text.clone()),
        Body::Image { caption } => caption.clone(),
        _ => None,
    };
    let all = || kept.messages.iter().map(|(_, m)| m);
    let texts: BTreeMap<i64, String> = all().filter_map(|m| Some((m.source.row, text(m)?))).collect();
    assert!(texts == e.texts, "a text is not what was written");
    let names = names(&made);
    let here = all().flat_map(|m| &m.attachments).filter_map(|a| wanted::media(Edition::Threema, a.path.as_deref()?).ok());
    assert_eq!(here.filter(|name| names.contains(name.as_str())).count() as u64, e.files_present);
    assert!(e.files_present < e.files_named && e.files_inline > 0);
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone), (e.files_named, 0));
    // Told, since they are not taken out of the database.
    assert_eq!(summary.attachments_not_read, [("inside-the-database".to_owned(), e.files_inline)].into());
    assert_eq!(summary.unknown_types.values().sum::<u64>(), e.unknown_types);
    assert_eq!((summary.row_gaps.absent + summary.row_gaps.before_first, summary.row_gaps.after_last), (e.absent, Some(0)));
    assert_eq!(summary.oddities.unresolved_senders, 0);
    assert!(!summary.is_whole() && summary.stopped.is_empty() && summary.uninterpreted_tables().next().is_none(), "{summary:?}");
}

#[test]
fn what_a_remote_secret_hides_is_present_and_unreadable() {
    let options = ThreemaOptions { messages: 400, kind: ThreemaKind::OnPrem, encrypted: true, ..ThreemaOptions::default() };
    let made = generate(&options).unwrap();
    let (kept, summary) = read_all(&made, Edition::OnPrem);
    assert_eq!((summary.messages, summary.undecoded.texts), (400, made.expected.unreadable));
    assert_eq!(summary.by_kind, made.expected.by_kind);
    assert!(!summary.is_whole() && made.expected.unreadable > 200);
    assert!(kept.conversations.iter().all(|c| c.title.is_none() && c.id.0.starts_with("threema-onprem:")));
}

#[test]
fn how_long_messages_are_kept_is_in_the_settings_of_the_backup() {
    for (kind, edition, keep_days, forced_days, expected) in [
        (ThreemaKind::Threema, Edition::Threema, None, None, Keep::NeverSet),
        (ThreemaKind::Threema, Edition::Threema, Some(-1), None, Keep::Forever { by: SetBy::Holder }),
        (ThreemaKind::Work, Edition::Work, Some(0), Some(30), Keep::For { seconds: 30 * 86_400, by: SetBy::Administrator }),
        (ThreemaKind::OnPrem, Edition::OnPrem, Some(3), None, Keep::For { seconds: 7 * 86_400, by: SetBy::Holder }),
    ] {
        let made = generate(&ThreemaOptions { messages: 1, kind, keep_days, forced_days, ..ThreemaOptions::default() }).unwrap();
        assert_eq!(Settings::read(edition, Some(&made.settings), made.managed.as_deref()).keep, expected);
        let names = names(&made);
        assert!(names.contains(&wanted::data(edition)) && names.contains(&wanted::settings(edition)));
        assert_eq!(wanted::managed_settings(edition).is_some_and(|name| names.contains(&name)), forced_days.is_some());
    }
}
