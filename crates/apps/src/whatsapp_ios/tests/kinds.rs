//! Every kind of message.

use super::*;

fn receipts(conn: &Connection, message: i64, blob: Vec<u8>) {
    conn.execute("INSERT INTO ZWAMESSAGEINFO VALUES (?1, ?1, ?2)", rusqlite::params![message, blob]).unwrap();
}

#[test]
fn texts_links_stars_and_states() {
    let conn = today();
    say(&conn, 1, 1, 0, Some("Hoi"), "ZSTARRED = 1, ZMESSAGESTATUS = 8, ZGROUPEVENTTYPE = 2");
    say(&conn, 2, 1, 7, Some("Zie https://example.nl/a"), "ZISFROMME = 1, ZMESSAGEERRORSTATUS = 3");
    conn.execute_batch(
        "INSERT INTO ZWAMESSAGEDATAITEM VALUES (1, 1, 2, 'https://example.nl/a', 'x', 'https://example.nl/a', 'Samenvatting', 'Titel');",
    )
    .unwrap();
    say(&conn, 3, 1, 0, Some("later"), &format!("ZSENTDATE = {}.5, ZMESSAGEDATE = {}", TEN + 9, TEN + 3));
    say(&conn, 4, 1, 0, Some("eigen"), &format!("ZISFROMME = 1, ZSENTDATE = {}.5, ZMESSAGEDATE = {}.25", TEN + 5, TEN + 4));
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let first = kept.message(1);
    assert_eq!((text(&first.body), first.starred, first.status_raw, first.id.0.as_str()), ("Hoi", true, Some(8), "K1"));
    assert_eq!((first.direction, &first.sender), (Direction::Received, &person("31611111111")));
    let second = kept.message(2);
    let Body::Text { link, link_title, .. } = &second.body else { panic!("no text") };
    assert_eq!((link.as_deref(), link_title.as_deref()), (Some("https://example.nl/a"), Some("Titel")));
    assert_eq!((second.id.0.as_str(), second.delivery.as_ref().unwrap().error_raw), ("me:K2", Some(3)));
    assert_eq!(second.uninterpreted["ZWAMESSAGEDATAITEM.ZSUMMARY"], "Samenvatting");
    // Whatever the two columns are called, nothing is received before it is sent.
    let third = kept.message(3);
    assert_eq!(third.sent.local.as_deref(), Some("2025-11-22T10:00:03+01:00"));
    assert_eq!(third.received.as_ref().unwrap().local.as_deref(), Some("2025-11-22T10:00:09.500+01:00"));
    let own = kept.message(4);
    assert_eq!((own.sent.local.as_deref(), own.received.is_none()), (Some("2025-11-22T10:00:04.250+01:00"), true));
    assert!(summary.is_whole());
}

#[test]
fn files_of_every_kind_are_named_and_never_followed() {
    let conn = today();
    let kinds = [(1, "image"), (2, "video"), (3, "audio"), (8, "document"), (11, "gif"), (15, "sticker"), (54, "video-note")];
    for (row, (kind, _)) in (1..).zip(kinds) {
        say(&conn, row, 1, kind, None, "");
        let columns = format!(
            "ZMEDIALOCALPATH = 'Media/31611111111@s.whatsapp.net/a/b/{row}.bin', ZTITLE = 'naam {row}', ZVCARDSTRING = 'image/jpeg',
             ZFILESIZE = 1000 + {row}, ZMOVIEDURATION = 7"
        );
        media(&conn, row, &columns, Some(bytes(4, b"/v/t62/x")));
    }
    say(&conn, 20, 1, 1, None, "");
    media(&conn, 20, "ZTITLE = 'nooit gehaald'", None);
    say(&conn, 21, 1, 1, None, "");
    media(&conn, 21, "ZMEDIALOCALPATH = 'Media/../../../etc/passwd'", None);
    say(&conn, 22, 1, 1, None, "ZMEDIAITEM = 99");
    for (row, kind) in [(23, 38), (24, 39), (25, 53)] {
        say(&conn, row, 1, kind, None, "");
        media(&conn, row, "", None);
    }
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    for (row, (_, name)) in (1..).zip(kinds) {
        let message = kept.message(row);
        let json = serde_json::to_value(&message.body).unwrap();
        assert_eq!(json["kind"], name);
        let file = &message.attachments[0];
        assert_eq!(
            (&file.state, file.bytes, file.duration_seconds),
            (&AttachmentState::Wanted, Some(1000 + row.unsigned_abs()), Some(7))
        );
        assert_eq!(file.media_type.as_deref(), Some("image/jpeg"));
        assert_eq!(file.name.is_some(), name == "document");
        let captioned = matches!(name, "image" | "video" | "gif");
        assert_eq!(json.get("caption").and_then(|c| c.as_str()), captioned.then_some(format!("naam {row}").as_str()));
    }
    let state = |row| &kept.message(row).attachments[0].state;
    assert_eq!(state(20), &AttachmentState::NotOnPhone { reason: "never-downloaded".into() });
    assert_eq!(state(21), &AttachmentState::NotRead { reason: "path-outside-media".into() });
    assert_eq!(state(22), &AttachmentState::NotOnPhone { reason: "media-row-missing".into() });
    assert!(matches!(&kept.message(25).body, Body::ViewOnce { media, state: None } if media == "voice"));
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone, summary.view_once.unknown), (7, 5, 3));
    assert_eq!(summary.attachments_not_read, [("path-outside-media".to_owned(), 1)].into());
}

#[test]
fn answers_forwards_and_reactions() {
    let conn = today();
    say(&conn, 1, 2, 0, Some("Hoe laat?"), "ZGROUPMEMBER = 2");
    say(&conn, 2, 2, 0, Some("Tien uur"), "ZISFROMME = 1");
    let quoting =
        |key: &str, by: &str| [bytes(5, key.as_bytes()), bytes(6, by.as_bytes()), bytes(19, &bytes(1, b"Hoe laat?"))].concat();
    media(&conn, 2, "", Some(quoting("K1", "31622222222@s.whatsapp.net")));
    say(&conn, 3, 1, 0, Some("Goed"), "");
    media(&conn, 3, "", Some(quoting("K9", "31600000001@s.whatsapp.net")));
    say(&conn, 4, 2, 0, Some("doorgestuurd"), "ZGROUPMEMBER = 1");
    media(&conn, 4, "", Some([number(17, 3), bytes(21, b"31655555555@s.whatsapp.net"), number(250, 1)].concat()));
    say(&conn, 5, 2, 0, Some("van iemand die weg is"), "ZGROUPMEMBER = 1");
    media(&conn, 5, "", Some(quoting("K7", "31677777777@s.whatsapp.net")));
    let other =
        [bytes(1, b"R1"), bytes(2, b"31688888888@s.whatsapp.net"), bytes(3, "👍".as_bytes()), number(4, 1_763_802_000_007)];
    let own = [bytes(1, b"R2"), bytes(2, "❤️".as_bytes()), number(3, 1_763_802_000_008)];
    let gone = [bytes(1, b"R3"), bytes(2, b"31611111111@s.whatsapp.net"), bytes(3, b"")];
    receipts(
        &conn,
        1,
        [
            bytes(2, b"\x0a\x00"),
            bytes(7, &[bytes(1, &other.concat()), bytes(1, &gone.concat()), bytes(2, &own.concat())].concat()),
        ]
        .concat(),
    );
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let quote = kept.message(2).quote.as_ref().unwrap();
    assert_eq!((quote.id.as_ref().unwrap().0.as_str(), &quote.sender), ("K1", &person("31622222222")));
    assert_eq!(quote.text.as_deref(), Some("Hoe laat?"));
    // Between two, whoever is not the other is the holder, though nobody told who that is.
    let between = kept.message(3).quote.as_ref().unwrap();
    assert_eq!((between.id.as_ref().unwrap().0.as_str(), &between.sender), ("me:K9", &Sender::Holder));
    assert_eq!(kept.message(4).forwarded, Some(Forward { score: Some(3) }));
    assert_eq!(kept.message(4).uninterpreted["ZWAMEDIAITEM.ZMETADATA.21"], "31655555555@s.whatsapp.net");
    assert_eq!(kept.message(5).quote.as_ref().unwrap().sender, person("31677777777"));
    let reactions = &kept.message(1).reactions;
    let said: Vec<_> = reactions.iter().map(|r| (&r.by, r.emoji.as_str(), r.removed)).collect();
    assert_eq!(said, [(&person("31688888888"), "👍", false), (&person("31611111111"), "", true), (&Sender::Holder, "❤️", false)]);
    assert_eq!(reactions[0].at.as_ref().unwrap().raw, 1_763_802_000_007);
    assert_eq!(summary.fields_not_interpreted["ZWAMEDIAITEM.ZMETADATA.250"], 1);
    assert!(summary.is_whole());
}

#[test]
fn places_cards_polls_albums_and_what_was_taken_back() {
    let conn = today();
    say(&conn, 1, 1, 5, None, "");
    media(&conn, 1, "ZLATITUDE = 52.07, ZLONGITUDE = 4.3, ZTITLE = 'Stadhuis', ZHACCURACY = 12.5", None);
    say(&conn, 2, 1, 4, None, "");
    let cards = "BEGIN:VCARD\nFN:Een\nEND:VCARD_$!<VCard-Separator>!$_BEGIN:VCARD\nFN:Twee\nEND:VCARD";
    media(&conn, 2, &format!("ZVCARDSTRING = '{cards}', ZVCARDNAME = 'Een en nog iemand'"), None);
    say(&conn, 3, 1, 46, None, "");
    receipts(
        &conn,
        3,
        bytes(8, &[bytes(2, b"Wanneer?"), bytes(3, &bytes(1, b"ma")), bytes(3, &bytes(1, b"di")), number(9, 1)].concat()),
    );
    say(&conn, 4, 1, 66, None, "");
    say(&conn, 5, 1, 1, None, "ZPARENTMESSAGE = 4");
    say(&conn, 6, 1, 2, None, "ZPARENTMESSAGE = 4");
    say(&conn, 7, 1, 0, Some("onder een ander"), "ZPARENTMESSAGE = 1");
    say(&conn, 8, 1, 14, None, "");
    say(&conn, 9, 1, 14, Some("stond er nog"), "");
    say(&conn, 10, 1, 12, None, "");
    say(&conn, 11, 1, 27, Some("Kom erbij"), "");
    say(&conn, 12, 1, 10, None, "ZGROUPEVENTTYPE = 46");
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let Body::Place(place) = &kept.message(1).body else { panic!("no place") };
    assert_eq!((place.latitude, place.longitude, place.name.as_deref()), (52.07, 4.3, Some("Stadhuis")));
    let Body::Cards { cards } = &kept.message(2).body else { panic!("no cards") };
    assert_eq!(cards.iter().map(|c| c.vcard.lines().nth(1).unwrap()).collect::<Vec<_>>(), ["FN:Een", "FN:Twee"]);
    assert!(cards.iter().all(|c| c.vcard.ends_with("END:VCARD")));
    let Body::Poll(poll) = &kept.message(3).body else { panic!("no poll") };
    assert_eq!(poll.question, "Wanneer?");
    assert_eq!(poll.options.iter().map(|o| o.text.as_str()).collect::<Vec<_>>(), ["ma", "di"]);
    assert_eq!(summary.fields_not_interpreted["ZWAMESSAGEINFO.ZRECEIPTINFO.809"], 1);
    assert_eq!(kept.message(4).body, Body::Album { images: 1, videos: 1 });
    assert_eq!(kept.message(5).album.as_ref().unwrap().0, "K4");
    assert_eq!(
        (kept.message(7).album.is_none(), kept.message(7).uninterpreted["ZWAMESSAGE.ZPARENTMESSAGE"].as_str()),
        (true, "1")
    );
    assert!(matches!(&kept.message(8).body, Body::Revoked(_)) && kept.message(8).earlier.is_empty());
    assert_eq!(text(&kept.message(9).earlier[0].body), "stond er nog");
    assert_eq!((&kept.message(10).body, summary.undecoded_by_app, summary.revoked), (&Body::Waiting, 1, 2));
    assert!(matches!(&kept.message(11).body, Body::GroupInvite(_)));
    assert_eq!(kept.message(11).uninterpreted["ZWAMESSAGE.ZTEXT"], "Kom erbij");
    let Body::Call(call) = &kept.message(12).body else { panic!("no call") };
    assert_eq!((call.video, &call.outcome, kept.message(12).direction), (true, &CallOutcome::Missed, Direction::Received));
}

#[test]
fn notices_name_only_whom_the_reference_knows_they_name() {
    let conn = today();
    say(&conn, 1, 2, 6, Some("Nieuwe naam"), "ZGROUPEVENTTYPE = 1, ZGROUPMEMBER = 2");
    say(&conn, 2, 2, 6, None, "ZGROUPEVENTTYPE = 3, ZGROUPMEMBER = 3");
    say(&conn, 3, 2, 6, None, "ZGROUPEVENTTYPE = 2, ZGROUPMEMBER = 1");
    say(&conn, 4, 2, 6, None, "ZGROUPEVENTTYPE = 15, ZGROUPMEMBER = 1");
    say(&conn, 5, 1, 10, None, "ZGROUPEVENTTYPE = 2");
    say(&conn, 6, 1, 10, None, "ZGROUPEVENTTYPE = 3");
    say(&conn, 7, 2, 6, None, "ZGROUPEVENTTYPE = 64");
    say(&conn, 8, 2, 10, None, "ZGROUPEVENTTYPE = 22");
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let event = |row| match &kept.message(row).body {
        Body::System(event) => event,
        other => panic!("no notice: {other:?}"),
    };
    assert_eq!((event(1).event, event(1).new.as_deref()), (SystemEventKind::SubjectChanged, Some("Nieuwe naam")));
    assert_eq!(event(1).actor, Some(person("31622222222")));
    assert_eq!((event(2).event, event(2).affected.as_slice()), (SystemEventKind::Left, [person("31633333333")].as_slice()));
    // Whether the row names who was added or who added them is not known.
    assert_eq!((event(3).event, &event(3).actor, event(3).affected.len()), (SystemEventKind::Added, &None, 0));
    assert_eq!(kept.message(3).uninterpreted["ZWAMESSAGE.ZGROUPMEMBER"], "31611111111@s.whatsapp.net");
    assert_eq!((event(5).event, &kept.message(5).sender), (SystemEventKind::EncryptionNotice, &Sender::App));
    assert_eq!(event(6).affected, [person("31611111111")]);
    assert_eq!((event(7).event, event(7).code, event(8).event), (SystemEventKind::Other, 64, SystemEventKind::Other));
    assert_eq!(summary.unknown_actions, [(22, 1), (64, 1)].into());
    let group = kept.conversation("120363000000000001@g.us");
    let changes: Vec<_> =
        group.membership.iter().flat_map(|m| m.changes.iter().map(|c| (m.participant.0.as_str(), c.joined))).collect();
    assert_eq!(changes, [("31611111111@s.whatsapp.net", true), ("31633333333@s.whatsapp.net", false)]);
}

#[test]
fn what_nobody_knows_stands_raw_and_is_counted() {
    let conn = today();
    say(&conn, 1, 1, 96, Some("tekst"), "ZSTARRED = 1");
    say(&conn, 2, 1, 59, None, "");
    media(&conn, 2, "", Some(bytes(87, &bytes(1, &number(3, 63)))));
    say(&conn, 3, 1, 20, Some("sjabloon"), "");
    say(&conn, 4, 1, 25, Some("antwoord op een sjabloon"), "");
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let Body::Unknown { code: 96, text: Some(said), raw } = &kept.message(1).body else { panic!("known") };
    assert_eq!((said.as_str(), raw["ZSTARRED"].as_str(), raw["ZSTANZAID"].as_str()), ("tekst", "1", "K1"));
    let Body::Unknown { code: 59, raw, .. } = &kept.message(2).body else { panic!("known") };
    assert_eq!(raw["ZWAMEDIAITEM.ZMETADATA.87.1.3"], "63");
    assert!(matches!(&kept.message(3).body, Body::Unknown { code: 20, text: Some(t), .. } if t == "sjabloon"));
    assert_eq!(text(&kept.message(4).body), "antwoord op een sjabloon");
    assert_eq!(summary.unknown_types, [(20, 1), (59, 1), (96, 1)].into());
    assert!(summary.is_whole());
}
