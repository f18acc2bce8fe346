//! Edits and parts that were taken back, by the published summaries.

use super::*;
use typedstream::Decoder;

fn summary_of(name: &str) -> Option<Vec<u8>> {
    let folder = "imessage/ReagentX+imessage-exporter/crate-imessage-database-4.0.0/test_data/edited_message";
    // They were published as XML or binary; a phone writes binary.
    published(&format!("{folder}/{name}.plist")).map(|path| std::fs::read(path).unwrap())
}

/// A message with this summary and this present text.
fn edited(name: &str, now: Option<&str>) -> Option<(Message, Summary)> {
    let conn = today();
    say(&conn, 1, 1, "A", 0, now, "date_edited = 785494999000000000");
    conn.execute("UPDATE message SET message_summary_info = ?1", [summary_of(name)?]).unwrap();
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    Some((kept.message("A").clone(), summary))
}

fn versions(message: &Message) -> Vec<(&str, Option<i64>)> {
    let one = |m: &'_ Message| m.edited.as_ref().and_then(|e| e.at.as_ref()).map(|at| at.raw / 1_000_000_000);
    message.earlier.iter().map(|m| (text(&m.body), one(m))).collect()
}

#[test]
fn every_version_of_an_edited_message_is_there_newest_first() {
    let Some((message, summary)) = edited("Edited", Some("Edited message")) else { return };
    assert_eq!(text(&message.body), "Edited message");
    assert_eq!(versions(&message), [("Edit 2", Some(690_513_485)), ("Edit 1", Some(690_513_480)), ("First message  ", None)]);
    assert_eq!(message.edited.as_ref().unwrap().at.as_ref().unwrap().raw, 785_494_999_000_000_000);
    assert!(summary.is_whole() && summary.edited == 1, "{summary:?}");
    let (message, _) = edited("EditedWithFormatting", Some("Test")).unwrap();
    assert_eq!(versions(&message), [("Test", None)]);
    let (message, _) = edited("EditedToLinkAndBack", Some("And edit it back to a normal message...")).unwrap();
    assert_eq!(versions(&message).last(), Some(&("This is a normal message", None)));
    assert_eq!(versions(&message).len(), 2);
}

#[test]
fn a_message_that_was_taken_back_is_gone_and_one_part_of_it_is_told() {
    let Some((message, summary)) = edited("Deleted", None) else { return };
    let Body::Revoked(revocation) = &message.body else { panic!("taken back") };
    assert_eq!(revocation.at.as_ref().unwrap().raw, 785_494_999_000_000_000);
    assert_eq!((summary.revoked, summary.is_whole()), (1, true));
    let (message, _) = edited("MultiPartOneDeleted", Some("From arbitrary byte stream:\r\u{fffc}To native")).unwrap();
    assert_eq!(message.edited.as_ref().unwrap().unsent_parts, [3]);
    assert!(message.earlier.is_empty(), "what was taken back is not in the summary");
    let (message, _) = edited("EditedAndUnsent", Some("rest")).unwrap();
    assert_eq!(message.edited.as_ref().unwrap().unsent_parts, [3]);
    assert_eq!(versions(&message), [("restSecond test", None)], "the edited part stands behind the text of part 0");
}

#[test]
fn a_summary_that_cannot_be_read_is_counted_and_the_text_stays() {
    let conn = today();
    say(&conn, 1, 1, "A", 0, Some("tekst"), "message_summary_info = x'62706c6973743030526563ff'");
    say(&conn, 1, 2, "B", 0, Some("tekst"), "message_summary_info = x'62706c6973743030ffffffff'");
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    assert_eq!((text(&kept.message("A").body), summary.undecoded.histories), ("tekst", 1));
    assert!(!summary.is_whole());
}

#[test]
fn parts_edited_by_turns_give_the_whole_message_of_each_time() {
    let Some(summary) = summary_of("EditedAndDeleted") else { return };
    let mut history = History::read(&summary, &mut Decoder::default()).unwrap();
    let now = [(0, "First message".to_owned()), (1, "\u{fffc}".to_owned()), (2, "Second message got edited!".to_owned())].into();
    let earlier = history.earlier(&now);
    assert_eq!(earlier.len(), 1);
    assert_eq!(earlier[0].text.as_deref(), Some("First message\u{fffc}Second message"));
}
