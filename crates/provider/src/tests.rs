use crate::{
    Answers, AnswersError, Asked, Cut, End, Ended, PARTS, Question, SMS, Writer, cut, ids, names, one_value, pages, replace,
};
use proptest::prelude::*;

const COLUMNS: [&str; 4] = ["_id", "n", "address", "body"];

fn printed(rows: &[(i64, &str, &str)]) -> String {
    let line = |(n, (id, address, body)): (usize, &(i64, &str, &str))| {
        format!("Row: {n} _id={id}, n=1, address={address}, body={body}\n")
    };
    rows.iter().enumerate().map(line).collect()
}

fn bodies(rows: &[(i64, &str, &str)]) -> Vec<Option<String>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let cut = cut(&printed(rows), &COLUMNS, &ids).unwrap();
    cut.into_iter().map(|row| if let Cut::Row(values) = row { Some(values[3].clone()) } else { None }).collect()
}

fn said(body: &str) -> Option<String> {
    Some(body.to_owned())
}

#[test]
fn commas_quotes_and_line_breaks_stay_in_their_body() {
    let all = [
        (1, "+31", "Dag, _id=7, n=2"),
        (4, "+31", "regel\n\n\"aangehaald\" en 'zo'\nRow: 9 _id=4"),
        (5, "NULL", "NULL"),
        (9, "a, b", "Row: 1"),
    ];
    assert_eq!(bodies(&all), all.map(|row| said(row.2)));
}

#[test]
fn a_body_that_looks_like_the_next_row_makes_those_rows_unclear_and_no_others() {
    let all = [(1, "x", "een"), (2, "x", "kijk:\nRow: 2 _id=3, n=1, address=x, body=nep"), (3, "x", "drie"), (4, "x", "vier")];
    assert_eq!(bodies(&all), [said("een"), None, None, said("vier")]);
    // One that looks like a far row stands where that one cannot.
    let all = [(1, "x", "kijk:\nRow: 2 _id=3, n=1, a"), (2, "x", "twee"), (3, "x", "drie"), (4, "x", "vier")];
    assert_eq!(bodies(&all), all.map(|row| said(row.2)));
    // And one behind the last.
    let all = [(1, "x", "een"), (2, "x", "twee\nRow: 2 _id=77, n=1")];
    assert_eq!(bodies(&all), [said("een"), None]);
}

#[test]
fn a_body_that_looks_like_its_own_column_is_unclear() {
    let all = [(1, "x", "nee, body=ja"), (2, "x", "goed")];
    assert_eq!(bodies(&all), [None, said("goed")]);
    let all = [(1, "x, body=", "y")];
    assert_eq!(bodies(&all), [None]);
}

#[test]
fn rows_that_came_or_went_are_noticed() {
    let text = printed(&[(1, "x", "een"), (3, "x", "drie")]);
    assert!(cut(&text, &COLUMNS, &[1, 2, 3]).is_none());
    assert!(cut(&text, &COLUMNS, &[1]).is_none_or(|rows| rows == [Cut::Unclear]));
    assert!(cut("No result found.\n", &COLUMNS, &[1]).is_none());
    assert_eq!(cut("No result found.\n", &COLUMNS, &[]), Some(Vec::new()));
    assert!(cut("", &COLUMNS, &[1]).is_none());
}

#[test]
fn ids_are_read_in_order_or_not_at_all() {
    assert_eq!(ids("Row: 0 _id=3\nRow: 1 _id=8\n", "_id"), Some(vec![(3, 3), (8, 8)]));
    assert_eq!(ids("Row: 0 _id=9, mid=2\nRow: 1 _id=4, mid=5\n", "mid"), Some(vec![(2, 9), (5, 4)]));
    for odd in ["Row: 1 _id=3\n", "Row: 0 _id=3\nRow: 1 _id=3\n", "Row: 0 _id=x\n", "wat\n", "Row: 0 _id=3, sub=1\n"] {
        assert!(ids(odd, "mid").is_none(), "{odd}");
    }
    assert_eq!(one_value("Row: 0 body=a, body=b\nRow: 1 c\n", "body"), Some("a, body=b\nRow: 1 c"));
    assert_eq!(one_value("No result found.\n", "body"), None);
}

#[test]
fn columns_are_learned_and_texts_stand_last() {
    let row = "Row: 0 _id=1, thread_id=2, address=+31, person=NULL, date=5, type=1, body=Hoi, x y=3, sim=4, vendor_x=0, seen=1";
    let there = names(row, &SMS).unwrap();
    assert_eq!(SMS.columns(&there), ["_id", "thread_id", "date", "type", "seen", "person", "sim", "vendor_x", "address", "body"]);
    assert_eq!(SMS.explained(&there), ["_id", "thread_id", "date", "type", "seen", "person", "address", "body"]);
    assert!(names("Row: 0 _id=1, body=x", &SMS).is_none());
    assert_eq!(SMS.least(), ["_id", "thread_id", "date", "type", "address", "body"]);
    assert_eq!((PARTS.sort().as_str(), PARTS.bound()), ("mid, _id", "mid"));
}

#[test]
fn pages_keep_the_rows_of_one_message_together() {
    let ids: Vec<(i64, i64)> = [(1, 10), (1, 11), (2, 12), (3, 5), (3, 13), (3, 14), (3, 15), (9, 16)].into();
    let cut: Vec<_> = pages(&ids, 3).into_iter().map(|page| (page.bounds, page.at)).collect();
    assert_eq!(cut, [(1..=2, 0..3), (3..=3, 3..7), (9..=9, 7..8)]);
    let mut now = ids.clone();
    replace(&mut now, &(3..=3), &[(3, 13)]);
    assert_eq!(now, [(1, 10), (1, 11), (2, 12), (3, 13), (9, 16)]);
    replace(&mut now, &(4..=8), &[(5, 20)]);
    assert_eq!(now[4], (5, 20));
}

fn question(asked: Asked) -> Question {
    Question { asked, range: Some((1, 9)), of: vec![4], columns: vec!["_id".into()], about: None }
}

#[test]
fn answers_are_kept_to_the_byte_and_a_cut_off_item_is_told() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let output = b"Row: 0 _id=1, body=\xff{\n}\n\n".to_vec();
    writer.answer(&question(Asked::Page), Some(0), &output, b"wat\n").unwrap();
    writer.answer(&question(Asked::Ids), None, b"", b"").unwrap();
    let end = End { rows: 1, unclear: 2, gone: 3, unread: 4, refused: true, cut_off: false };
    let bytes = writer.end(end).unwrap();
    let mut read = Answers::open(bytes.as_slice()).unwrap();
    let Ended::No(first) = read.next_answer().unwrap() else { panic!("ended") };
    assert_eq!(
        (first.question, first.exit, first.output, first.errors),
        (question(Asked::Page), Some(0), output, b"wat\n".to_vec())
    );
    assert!(matches!(read.next_answer().unwrap(), Ended::No(second) if second.exit.is_none() && second.output.is_empty()));
    assert!(matches!(read.next_answer().unwrap(), Ended::Yes(told) if told == end));
    for length in 0..bytes.len() {
        let whole = Answers::open(&bytes[..length]).map(|mut read| {
            loop {
                match read.next_answer() {
                    Ok(Ended::Yes(_)) => return true,
                    Ok(Ended::No(_)) => {}
                    Err(_) => return false,
                }
            }
        });
        assert!(!whole.unwrap_or(false), "{length}");
    }
    assert!(matches!(Answers::open(b"iets anders dan antwoorden, en lang genoeg".as_slice()), Err(AnswersError::NotAnswers)));
}

proptest! {
    #[test]
    fn what_content_prints_is_read_back_or_called_unclear(
        texts in prop::collection::vec(prop_oneof![
            "[a-z ,=\\n]{0,12}",
            Just("\nRow: 1 _id=1, n=1, address=a, body=b".to_owned()),
            Just("x, body=y".to_owned()),
            Just("\nRow: 2 _id=2, n=".to_owned()),
        ], 1..6)
    ) {
        let rows: Vec<(i64, &str, &str)> = texts.iter().enumerate().map(|(n, text)| (n as i64, "a", text.as_str())).collect();
        for (read, text) in bodies(&rows).into_iter().zip(&texts) {
            if let Some(read) = read {
                prop_assert_eq!(&read, text);
            }
        }
    }

    #[test]
    fn any_text_is_survived(text in "(Row: [0-3] _id=[0-3], n=|\\n|\\PC){0,40}") {
        let _ = cut(&text, &COLUMNS, &[0, 1, 2]);
        let _ = ids(&text, "_id");
        let _ = names(&text, &SMS);
    }
}
