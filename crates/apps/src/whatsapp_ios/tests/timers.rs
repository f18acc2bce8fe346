//! Disappearing messages through a whole reading.

use super::*;

fn contacts(rows: &str) -> Database {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&format!(
        "CREATE TABLE ZWAADDRESSBOOKCONTACT (Z_PK INTEGER PRIMARY KEY, ZDISAPPEARINGMODEDURATION REAL,
           ZDISAPPEARINGMODETIMESTAMP REAL, ZFULLNAME BLOB, ZWHATSAPPID BLOB);
         INSERT INTO ZWAADDRESSBOOKCONTACT VALUES {rows};"
    ))
    .unwrap();
    database(conn)
}

fn state(kept: &Kept, id: &str) -> TimerState {
    kept.conversation(id).timer.state.clone()
}

const ANJA: &str = "31611111111@s.whatsapp.net";
const GROUP: &str = "120363000000000001@g.us";

#[test]
fn notices_make_a_history_and_the_newest_of_them_counts() {
    let conn = today();
    say(&conn, 1, 2, 6, Some("604800"), "ZGROUPEVENTTYPE = 26, ZGROUPMEMBER = 2");
    say(&conn, 2, 2, 6, None, "ZGROUPEVENTTYPE = 26, ZISFROMME = 1");
    // Stored later, of an earlier time.
    say(&conn, 3, 2, 6, Some("86400"), &format!("ZGROUPEVENTTYPE = 26, ZGROUPMEMBER = 1, ZMESSAGEDATE = {}", TEN - 100));
    say(&conn, 4, 1, 28, None, "");
    media(&conn, 4, "", Some(number(36, 7_776_000)));
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let group = kept.conversation(GROUP);
    assert_eq!(group.timer.state, TimerState::Off);
    assert_eq!(group.timer.source.as_ref().unwrap().row, 2);
    let changes: Vec<_> = group.timer.changes.iter().map(|c| (c.source.row, &c.by, c.from_seconds, c.to_seconds)).collect();
    assert_eq!(
        changes,
        [
            (3, &person("31611111111"), None, Some(86_400)),
            (1, &person("31622222222"), Some(86_400), Some(604_800)),
            (2, &Sender::Holder, Some(604_800), Some(0)),
        ]
    );
    let anja = kept.conversation(ANJA);
    assert_eq!(anja.timer.state, TimerState::On { seconds: 7_776_000 });
    assert_eq!((anja.timer.basis.as_deref(), anja.timer.changes.len()), (None, 1));
    assert_eq!(anja.timer.changes[0].source.table, "ZWAMEDIAITEM");
    let Body::System(event) = &kept.message(4).body else { panic!("no notice") };
    assert_eq!(
        (event.event, event.new.as_deref(), &event.actor),
        (SystemEventKind::TimerChanged, Some("7776000"), &Some(person("31611111111")))
    );
    assert_eq!(summary.by_kind["system"], 4);
}

#[test]
fn what_cannot_be_understood_is_neither_on_nor_off() {
    let conn = today();
    say(&conn, 1, 2, 6, Some("een week"), "ZGROUPEVENTTYPE = 26, ZGROUPMEMBER = 2");
    say(&conn, 2, 1, 28, None, "");
    media(&conn, 2, "", Some(vec![0xff, 0xff]));
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let unknown = TimerState::NotDeterminable { reason: "value-not-understood".into() };
    assert_eq!((state(&kept, GROUP), state(&kept, ANJA)), (unknown.clone(), unknown));
    assert_eq!(summary.undecoded.attributes, 1);
    assert!(!summary.is_whole());
}

#[test]
fn without_a_notice_there_is_no_evidence_and_old_messages_are_told_beside_it() {
    let conn = today();
    say(&conn, 1, 2, 0, Some("oud"), &format!("ZMESSAGEDATE = {}, ZGROUPMEMBER = 1", TEN - 91 * 86_400));
    say(&conn, 2, 1, 0, Some("nieuw"), "");
    let storage = database(conn);
    let (kept, _) = read_all(&reading(&storage));
    let reason = |reason: &str| TimerState::NotDeterminable { reason: reason.into() };
    assert_eq!((state(&kept, GROUP), state(&kept, ANJA)), (reason("no-event-consistent-with-off"), reason("no-event")));
    // By the time of the backup the new one is old too.
    let later = Reading { made_at: Some(TEN + 978_307_200 + 91 * 86_400), ..reading(&storage) };
    assert_eq!(state(&read_all(&later).0, ANJA), reason("no-event-consistent-with-off"));
}

#[test]
fn the_record_of_the_contact_counts_between_two_and_its_raw_values_stay() {
    let conn = today();
    say(&conn, 1, 1, 28, None, "");
    media(&conn, 1, "", Some(Vec::new()));
    say(&conn, 2, 2, 6, Some("0"), "ZGROUPEVENTTYPE = 26");
    let storage = database(conn);
    let of = |rows: &str| {
        let contacts = contacts(rows);
        let (kept, _) = read_all(&Reading { contacts: Some(evidenced(&contacts, 2)), ..reading(&storage) });
        kept
    };
    let newer = of(&format!("(1, 86400.0, {}, x'416e6a61', CAST('{ANJA}' AS BLOB))", TEN + 500));
    assert_eq!(state(&newer, ANJA), TimerState::On { seconds: 86_400 });
    assert_eq!(state(&newer, GROUP), TimerState::Off);
    let anja = newer.conversation(ANJA);
    assert_eq!(anja.uninterpreted["ZWAADDRESSBOOKCONTACT.ZDISAPPEARINGMODEDURATION"], "86400");
    assert_eq!(anja.uninterpreted["ZWAADDRESSBOOKCONTACT.ZDISAPPEARINGMODETIMESTAMP"], "2025-11-22T09:08:20Z");
    let older = of(&format!("(1, 86400, {}, 'Anja', '{ANJA}')", TEN - 500));
    assert_eq!(state(&older, ANJA), TimerState::NotDeterminable { reason: "event-and-contact-disagree".into() });
    assert_eq!(state(&of(&format!("(1, 0, NULL, 'Anja', '{ANJA}')")), ANJA), TimerState::Off);
    assert_eq!(state(&of(&format!("(1, NULL, NULL, 'Anja', '{ANJA}')")), ANJA), TimerState::Off);
}

#[test]
fn a_table_that_cannot_show_notices_is_no_sign_of_off() {
    let contacts = contacts(&format!("(1, 0, NULL, 'Anja', '{ANJA}')"));
    for (column, sure) in [("ZGROUPEVENTTYPE", false), ("ZMESSAGETYPE", false), ("ZTEXT", false), ("ZPUSHNAME", true)] {
        let conn = today();
        say(&conn, 1, 2, 6, None, "ZGROUPEVENTTYPE = 26");
        conn.execute_batch(&format!("ALTER TABLE ZWAMESSAGE DROP COLUMN {column}")).unwrap();
        let storage = database(conn);
        let (kept, _) = read_all(&Reading { contacts: Some(evidenced(&contacts, 2)), ..reading(&storage) });
        let missing = TimerState::NotDeterminable { reason: "column-missing".into() };
        for id in [GROUP, ANJA] {
            assert_eq!(state(&kept, id), if sure { TimerState::Off } else { missing.clone() }, "{column} {id}");
        }
    }
}

/// The seconds of a timer between two stand beside its notice.
#[test]
fn a_notice_whose_seconds_are_nowhere_is_not_off() {
    let conn = today();
    say(&conn, 1, 1, 28, None, "");
    let storage = database(conn);
    let unknown = TimerState::NotDeterminable { reason: "value-not-understood".into() };
    assert_eq!(state(&read_all(&reading(&storage)).0, ANJA), unknown);
    let conn = today();
    say(&conn, 1, 1, 28, None, "");
    media(&conn, 1, "", None);
    let storage = database(conn);
    assert_eq!(state(&read_all(&reading(&storage)).0, ANJA), TimerState::Off, "no field is 0");
    let conn = today();
    say(&conn, 1, 1, 28, None, "");
    media(&conn, 1, "", None);
    conn.execute_batch("ALTER TABLE ZWAMEDIAITEM DROP COLUMN ZMETADATA").unwrap();
    let storage = database(conn);
    assert_eq!(state(&read_all(&reading(&storage)).0, ANJA), unknown);
}
