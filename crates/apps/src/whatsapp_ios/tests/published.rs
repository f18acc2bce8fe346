//! Databases and schemas that others published, against what their INDEX expects.

use super::*;

const BACKUP: &str = "ios-backup/mvt-project+mvt/tests/artifacts/ios_backup";

fn of_backup(file: &str) -> Option<Database> {
    let bytes = std::fs::read(published(&format!("{BACKUP}/{file}"))?).unwrap();
    Some(Database::open(Arc::new(bytes), None, None).unwrap())
}

fn storage() -> Option<Database> {
    of_backup("7c/7c7fba66680ef796b916b067077cc246adacf01d")
}

#[test]
fn a_published_backup_gives_its_conversations_with_the_number_behind_the_hidden_id() {
    let (Some(storage), Some(contacts), Some(lids)) = (
        storage(),
        of_backup("b8/b8548dc30aa1030df0ce18ef08b882cf7ab5212f"),
        of_backup("e7/e794f6ffcc3c222535f47684a63d5178da3c4500"),
    ) else {
        return;
    };
    for (contacts, lids, by) in [
        (Some(&contacts), Some(&lids), "LID.ZWAPHONENUMBERLIDPAIR"),
        (None, Some(&lids), "LID.ZWAPHONENUMBERLIDPAIR"),
        (Some(&contacts), None, "ContactsV2.ZWAADDRESSBOOKCONTACT"),
    ] {
        let reading =
            Reading { contacts: contacts.map(|d| evidenced(d, 2)), lid: lids.map(|d| evidenced(d, 3)), ..reading(&storage) };
        let (kept, summary) = read_all(&reading);
        assert_eq!((summary.conversations, summary.messages), (2, 3));
        let alice = kept.conversation("14155550100@s.whatsapp.net");
        assert_eq!((alice.kind, alice.number.0), (ConversationKind::Direct, 1));
        assert!(alice.native.iter().any(|n| n.kind == "lid" && n.value == "100000000000001@lid"));
        let other = &alice.participants[0];
        assert_eq!((other.number.as_deref(), other.names[0].name.as_str()), (Some("+14155550100"), "Alice Example"));
        let origin = if contacts.is_some() { NameOrigin::AppContacts } else { NameOrigin::InConversation };
        assert_eq!(other.names[0].origin, origin);
        assert_eq!((text(&kept.message(1).body), &kept.message(1).sender), ("Hi", &person("14155550100")));
        assert_eq!(kept.message(1).sent.utc.unwrap().to_string(), "2025-08-27T15:06:40Z");
        assert_eq!((text(&kept.message(2).body), &kept.message(2).sender), ("Check https://example.org/news", &Sender::Holder));
        let group = kept.conversation("120000000000000001@g.us");
        assert_eq!((group.kind, group.title.as_deref()), (ConversationKind::Group, Some("Example Group")));
        assert_eq!(group.created.as_ref().unwrap().utc.unwrap().to_string(), "2025-08-21T20:13:20Z");
        assert_eq!((text(&kept.message(3).body), &kept.message(3).sender), ("Welcome", &person("14155550101")));
        assert_eq!(summary.lid_pairs.get(by).copied(), Some(1), "{:?}", summary.lid_pairs);
        assert_eq!((summary.oddities.unresolved_lids, summary.contacts_read), (0, contacts.map(|_| 2)));
        // The record of the contact says 24 hours; nothing in the conversation says anything.
        match contacts {
            Some(_) => {
                assert_eq!(alice.timer.state, TimerState::On { seconds: 86_400 });
                assert_eq!(alice.timer.basis.as_deref(), Some("contact-record"));
                assert_eq!(alice.timer.since.as_ref().unwrap().utc.unwrap().to_string(), "2025-07-23T21:46:40Z");
            }
            None => assert!(matches!(alice.timer.state, TimerState::NotDeterminable { .. })),
        }
        assert!(matches!(group.timer.state, TimerState::NotDeterminable { .. }));
    }
}

#[test]
fn a_hidden_id_that_nothing_resolves_is_shown_as_such() {
    let Some(storage) = storage() else { return };
    let (kept, summary) = read_all(&reading(&storage));
    let alice = kept.conversation("100000000000001@lid");
    assert_eq!(alice.participants[0].number, None);
    // The row names the number of the sender, which nothing joins with the hidden id: two people, and neither is hidden.
    assert_eq!(kept.message(1).sender, person("14155550100"));
    assert_eq!(summary.oddities.unresolved_lids, 1);
}

/// With the schema of a real phone of 2023.
#[test]
fn the_published_schema_is_read_whole() {
    let names = [
        "ChatStorage.sqlite-ios15.ileapp.sql",
        "whatsapp-CallHistory.sqlite-ios15.ileapp.sql",
        "whatsapp-ContactsV2.sqlite-ios15.ileapp.sql",
    ];
    let [Some(storage), Some(calls), Some(contacts)] = names.map(|name| published(&format!("schemas/{name}"))) else { return };
    let open = |path: PathBuf, rows: &str| {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&std::fs::read_to_string(path).unwrap()).unwrap();
        conn.execute_batch(rows).unwrap();
        database(conn)
    };
    let storage = open(
        storage,
        "INSERT INTO ZWACHATSESSION(Z_PK, ZSESSIONTYPE, ZCONTACTJID, ZPARTNERNAME) VALUES (1, 0, '31611111111@s.whatsapp.net', 'Anja');
         INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZMESSAGETYPE, ZGROUPEVENTTYPE, ZISFROMME, ZMESSAGEDATE, ZTEXT, ZSTANZAID,
           ZFROMJID) VALUES (1, 1, 0, 2, 0, 785494800, 'Hoi', 'A', '31611111111@s.whatsapp.net'),
           (3, 1, 0, 0, 1, 785494801.25, 'Dag', 'B', NULL);
         INSERT INTO Z_PRIMARYKEY VALUES (9, 'WAMessage', 0, 4);",
    );
    let calls = open(
        calls,
        "INSERT INTO ZWAAGGREGATECALLEVENT(Z_PK, ZINCOMING, ZMISSED, ZVIDEO) VALUES (1, 1, 0, 1);
         INSERT INTO ZWACDCALLEVENT(Z_PK, ZOUTCOME, Z1CALLEVENTS, ZDATE, ZDURATION) VALUES (1, 0, 1, 785494900.5, 61.4);
         INSERT INTO ZWACDCALLEVENTPARTICIPANT(Z_PK, ZOUTCOME, Z1PARTICIPANTS, ZJIDSTRING) VALUES
           (1, 0, 1, '31611111111@s.whatsapp.net');",
    );
    let contacts = open(
        contacts,
        "INSERT INTO ZWAADDRESSBOOKCONTACT(Z_PK, ZWHATSAPPID, ZFULLNAME, ZDISAPPEARINGMODEDURATION) VALUES
           (1, '31611111111@s.whatsapp.net', 'Anja de Boer', 0), (2, NULL, 'Zonder app', 0);",
    );
    let mut reading = Reading { contacts: Some(evidenced(&contacts, 2)), calls: Some(evidenced(&calls, 3)), ..reading(&storage) };
    let (kept, summary) = read_all(&reading);
    assert_eq!(kept.messages.iter().map(|(_, m)| text(&m.body)).collect::<Vec<_>>(), ["Hoi", "Dag"]);
    assert_eq!(kept.message(3).sent.local.as_deref(), Some("2025-11-22T10:00:01.250+01:00"));
    let timer = &kept.conversations[0].timer;
    assert_eq!((&timer.state, timer.basis.as_deref()), (&TimerState::Off, Some("contact-record")));
    assert!(summary.is_whole() && summary.uninterpreted_tables().next().is_none(), "{summary:?}");
    assert_eq!((summary.row_gaps.absent, summary.row_gaps.after_last), (1, Some(1)));
    assert!(summary.columns_missing.iter().all(|c| c.ends_with(".zlid")), "{:?}", summary.columns_missing);
    assert_eq!(summary.not_asked.calls, 1);

    reading.scope.call_log = true;
    let (kept, summary) = read_all(&reading);
    let call = &kept.messages[2].1;
    let Body::Call(said) = &call.body else { panic!("{:?}", call.body) };
    assert_eq!((said.video, said.group, said.duration_seconds, &said.outcome), (true, false, 61, &CallOutcome::Answered));
    assert_eq!((said.participants.as_slice(), call.direction), ([person("31611111111")].as_slice(), Direction::Received));
    assert_eq!((call.id.0.as_str(), summary.not_asked.calls, summary.messages), ("call:1", 0, 3));
}
