//! Databases that other projects published. They are read in place and never copied; expectations from their index.

use super::*;
use std::path::{Path, PathBuf};

/// Where the published databases lie: beside the project.
fn published(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata/whatsapp-android").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "published test data are required and absent: {name}");
    eprintln!("SKIPPED: published test data are absent: {name}");
    None
}

fn scripts(month: &str) -> Option<(Database, Database)> {
    let folder = format!("frozenspider+chat-history-manager/crates/loaders/resources/test/whatsapp-android_{month}");
    let of = |name: &str| published(&format!("{folder}/{name}")).map(|path| built(&std::fs::read_to_string(path).unwrap()));
    of("msgstore.sql").zip(of("wa.sql"))
}

#[test]
fn october_2023_two_conversations_with_four_messages() {
    let Some((msgstore, wa)) = scripts("2023-10") else { return };
    let (kept, summary) = read_all(&Reading { holder_number: Some("+00000"), ..reading(&msgstore, Some(&wa)) });
    assert_eq!((summary.table, summary.conversations, summary.messages), (MessageTable::Modern, 2, 4));
    assert!(summary.is_whole(), "{summary:?}");

    let group = kept.conversation("whatsapp:100000000000000001@g.us");
    assert_eq!(
        (group.kind, group.title.as_deref(), group.number),
        (ConversationKind::Group, Some("My Group"), ConversationNumber(1))
    );
    let holder = group.participants.iter().find(|p| p.is_holder).unwrap();
    assert_eq!((holder.names[0].name.as_str(), holder.number.as_deref()), ("Aaaaa Aaaaaaaaaaa", Some("+00000")));
    let messages = kept.of(1);
    let [invited, last] = messages.as_slice() else { panic!() };
    assert_eq!((invited.sent.raw, &invited.sender, invited.direction), (1_643_607_839_000, &person("11111"), Direction::Notice));
    let Body::System(event) = &invited.body else { panic!() };
    assert_eq!((event.event, event.code, event.actor.as_ref()), (SystemEventKind::Added, 12, Some(&person("11111"))));
    assert_eq!(event.affected, [Sender::Holder]);
    assert_eq!((last.sent.raw, &last.sender), (1_661_417_508_000, &Sender::Holder));
    assert_eq!(last.body, Body::Text { text: "Last group message".into(), link: None, link_title: None });
    let edit = last.edited.as_ref().unwrap();
    assert_eq!((edit.at.as_ref().unwrap().raw, edit.original_id.as_deref()), (1_661_417_955_000, Some("GROUPMSG99999OLD")));
    assert_eq!(last.forwarded, Some(Forward { score: Some(1) }));
    let quote = last.quote.as_ref().unwrap();
    assert_eq!((quote.id.as_ref(), quote.conversation, &quote.sender), (Some(&invited.id), None, &person("11111")));

    let direct = kept.conversation("whatsapp:11111@s.whatsapp.net");
    assert_eq!(direct.timer.state, TimerState::On { seconds: 86_400 });
    assert_eq!(direct.timer.since.as_ref().unwrap().raw, 1_696_243_309_000);
    let messages = kept.of(2);
    let [place, deleted] = messages.as_slice() else { panic!() };
    assert_eq!((place.sent.raw, &place.sender), (1_687_757_170_000, &person("11111")));
    let Body::Place(place) = &place.body else { panic!() };
    assert!((place.latitude + 8.703_856_50).abs() < 1e-7 && (place.longitude - 115.216_736_66).abs() < 1e-7);
    assert_eq!(
        (place.name.as_deref(), place.address.as_deref(), place.live_seconds),
        (Some("New Bahari"), Some("Jl. Gurita No.21x, Denpasar, Bali"), Some(123))
    );
    assert_eq!((deleted.sent.raw, &deleted.sender), (1_693_993_938_000, &Sender::Holder));
    let Body::Revoked(revocation) = &deleted.body else { panic!() };
    assert_eq!(revocation.at.as_ref().unwrap().raw, 1_693_993_963_000);
    assert_eq!(revocation.original_id.as_deref(), Some("PERSONALMSGDELETED"));
}

#[test]
fn january_2026_a_business_message_with_its_text_in_json() {
    let Some((msgstore, wa)) = scripts("2026-01") else { return };
    let (kept, summary) = read_all(&reading(&msgstore, Some(&wa)));
    assert_eq!((summary.conversations, summary.messages), (1, 1));
    let partner = &kept.conversations[0].participants[0];
    assert_eq!(partner.names, [ParticipantName { name: "WA Verified VName".into(), origin: NameOrigin::Verified }]);
    let message = kept.of(1)[0];
    assert_eq!((message.sent.raw, &message.sender), (1_761_287_123_000, &person("11111")));
    let Body::Place(place) = &message.body else { panic!() };
    assert_eq!(place.text.as_deref(), Some("Line 1\nLine 2\n\nLine 3"));
    assert_eq!(place.name.as_deref(), Some("New Bahari"));
    assert!((place.latitude + 8.703_856_50).abs() < 1e-7);
}

#[test]
fn the_emptied_database_of_2022_has_no_messages_but_nine_statuses_in_the_old_table() {
    let Some(path) = published("ElDavoo+wa-crypt-tools/tests/res/msgstore.db") else { return };
    let database = Database::open(Arc::new(std::fs::read(path).unwrap()), None, None).unwrap();
    let (kept, summary) = read_all(&reading(&database, None));
    assert_eq!((summary.table, summary.conversations, summary.messages), (MessageTable::Legacy, 0, 0));
    assert_eq!(summary.not_asked.status_messages, 9);
    assert_eq!(summary.oddities.dummies, 1);
    assert_eq!(summary.oddities.empty_conversations_without_address, 7);
    assert!(summary.stopped.is_empty() && kept.messages.is_empty());

    let asked = Scope { status_broadcast: true, ..Scope::default() };
    let (kept, summary) = read_all(&Reading { scope: asked, ..reading(&database, None) });
    assert_eq!((summary.conversations, summary.messages, summary.not_asked.status_messages), (1, 9, 0));
    assert_eq!(summary.by_kind.values().sum::<u64>(), 9);
    assert!(kept.messages.iter().all(|(_, m)| m.attachments.len() == 1 && m.attachments[0].sha256.is_some()));
}
