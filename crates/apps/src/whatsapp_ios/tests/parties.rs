//! Conversations, people, and what was not asked for.

use super::*;

#[test]
fn conversations_of_every_kind_with_their_people() {
    let conn = today();
    say(&conn, 1, 2, 0, Some("een"), "ZGROUPMEMBER = 2");
    say(&conn, 2, 4, 0, Some("status"), "");
    say(&conn, 3, 5, 0, Some("kanaal"), "");
    conn.execute_batch(
        "UPDATE ZWACHATSESSION SET ZREMOVED = 1, ZARCHIVED = 1, ZSAVEDINPUT = 'nog niet verstuurd' WHERE Z_PK = 1;
         INSERT INTO ZWACHATSESSION(Z_PK, ZSESSIONTYPE, ZCONTACTJID, ZPARTNERNAME) VALUES (6, 4, '120363000000000002@g.us', 'Gemeente');",
    )
    .unwrap();
    let storage = database(conn);
    let owner = Owner { address: Some("31600000001@s.whatsapp.net".into()), name: Some("Houder".into()) };
    let (kept, summary) = read_all(&Reading { owner: Some(&owner), ..reading(&storage) });
    let kinds: Vec<_> = kept.conversations.iter().map(|c| (c.kind, c.kind_raw)).collect();
    assert_eq!(
        kinds,
        [
            (ConversationKind::Direct, None),
            (ConversationKind::Group, Some(1)),
            (ConversationKind::Broadcast, None),
            // What type 4 is, is a supposition: a group with its raw code.
            (ConversationKind::Group, Some(4)),
        ]
    );
    let group = kept.conversation("120363000000000001@g.us");
    let members: Vec<_> = group.membership.iter().map(|m| (m.participant.0.as_str(), m.current, m.role)).collect();
    assert_eq!(
        members,
        [
            ("31611111111@s.whatsapp.net", true, Some(Role::Member)),
            ("31622222222@s.whatsapp.net", true, Some(Role::Admin)),
            ("31633333333@s.whatsapp.net", false, Some(Role::Member)),
            (HOLDER, true, Some(Role::Member)),
        ]
    );
    let name = |id: &str| {
        let found = group.participants.iter().find(|p| p.id.0 == id).unwrap();
        found.names.first().map(|n| (n.name.clone(), n.origin))
    };
    assert_eq!(name("31611111111@s.whatsapp.net"), Some(("Anja".into(), NameOrigin::InConversation)));
    assert_eq!(name("31622222222@s.whatsapp.net"), Some(("Bas".into(), NameOrigin::PushName)), "a number is no name");
    assert_eq!(name(HOLDER), Some(("Houder".into(), NameOrigin::PushName)));
    assert_eq!(group.created.as_ref().unwrap().utc.unwrap().to_string(), "2023-03-08T20:26:40Z");
    assert_eq!(group.uninterpreted["ZWAGROUPINFO.ZCREATORJID"], "31622222222@s.whatsapp.net");
    let anja = kept.conversation("31611111111@s.whatsapp.net");
    assert!(anja.archived && anja.uninterpreted["ZWACHATSESSION.ZREMOVED"] == "1" && anja.title.is_none());
    let not_asked = summary.not_asked;
    assert_eq!((not_asked.status_messages, not_asked.newsletter_messages, not_asked.drafts), (1, 1, 1));
    assert_eq!((kept.messages.len(), summary.holder.clone()), (1, HolderKnown::Told));
    assert!(!serde_json::to_string(&kept.conversations).unwrap().contains("nog niet verstuurd"));

    let scope = Scope { status_broadcast: true, newsletters: true, ..Scope::default() };
    let (kept, _) = read_all(&Reading { scope, ..reading(&storage) });
    assert_eq!((kept.conversations.len(), kept.messages.len()), (6, 3));
}

/// `ZPUSHNAME` of an own row: base64 of a protobuf whose field 3 is the own address.
fn own(address: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode([number(1, 1_763_000_000), bytes(3, address.as_bytes()), number(4, 1)].concat())
}

#[test]
fn the_holder_is_known_by_own_rows_that_agree_and_never_by_ones_that_do_not() {
    let make = |other: &str| {
        let conn = today();
        let me = own("31600000001@s.whatsapp.net");
        say(&conn, 1, 2, 0, Some("een"), &format!("ZISFROMME = 1, ZPUSHNAME = '{me}'"));
        say(&conn, 2, 2, 0, Some("twee"), &format!("ZISFROMME = 1, ZPUSHNAME = '{}'", own(other)));
        say(&conn, 3, 2, 0, Some("drie"), "ZGROUPMEMBER = 4");
        say(&conn, 4, 2, 0, Some("vier"), &format!("ZGROUPMEMBER = 1, ZPUSHNAME = '{}'", own("31699999999@s.whatsapp.net")));
        database(conn)
    };
    let agree = make("31600000001@s.whatsapp.net");
    let (kept, summary) = read_all(&reading(&agree));
    assert_eq!(summary.holder, HolderKnown::ByOwnRows { rows: [("ZWAMESSAGE.ZPUSHNAME".to_owned(), 2)].into() });
    assert_eq!(kept.message(3).sender, Sender::Holder);
    let holder = kept.conversations[1].participants.iter().find(|p| p.is_holder).unwrap();
    assert_eq!(holder.number.as_deref(), Some("+31600000001"));
    let differ = make("31600000002@s.whatsapp.net");
    let (kept, summary) = read_all(&reading(&differ));
    assert_eq!(summary.holder, HolderKnown::Contradictory { addresses: 2 });
    assert_eq!(kept.message(3).sender, person("31600000001"));
}

#[test]
fn messages_without_a_conversation_stand_in_one_of_their_own() {
    let conn = today();
    say(&conn, 1, 77, 0, Some("wees"), "");
    say(&conn, 2, 77, 0, Some("nog een"), "");
    say(&conn, 3, 1, 0, Some("nergens"), "ZCHATSESSION = NULL");
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let numbers: Vec<u32> = kept.messages.iter().map(|(n, _)| n.0).collect();
    assert_eq!((numbers[0], numbers[0] == numbers[1], numbers[2] == numbers[0]), (numbers[0], true, false));
    assert_eq!((summary.oddities.without_conversation, summary.oddities.dropped_messages), (3, 0));
    let invented = kept.conversations.iter().find(|c| c.number == kept.messages[0].0).unwrap();
    let missing = TimerState::NotDeterminable { reason: "conversation-row-missing".into() };
    assert_eq!((invented.kind, &invented.timer.state), (ConversationKind::Other, &missing));
}
