//! Content providers of a virtual phone as items: what is listed, what is asked, and what stands in the answers when rows look
//! like others, come, go, or are refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, OnceLock},
    time::Instant,
};
use uitlezen_evidence::{Item, ItemName, Pattern};
use uitlezen_phone::android::{
    self, Acquire, AdbKey, AndroidLink, Cancel, ListingLimits, Outcome, Patience, Reach, User, Wanted,
};
use uitlezen_provider::{Answers, Asked, End, Ended};
use uitlezen_twin::{
    content::sms::{SmsContent, SmsOptions, generate},
    device::{Builder, Device, Fault, Happening, Times},
    front::tcp,
};

fn key() -> &'static AdbKey {
    static KEY: OnceLock<AdbKey> = OnceLock::new();
    KEY.get_or_init(|| AdbKey::generate().unwrap())
}

#[derive(Default)]
struct Got {
    bytes: BTreeMap<String, Vec<u8>>,
    outcomes: BTreeMap<String, Outcome>,
}

impl android::Sink for Got {
    fn begin(&mut self, item: &Item) -> io::Result<()> {
        self.bytes.insert(item.name.as_str().to_owned(), Vec::new());
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.current().extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, item: &Item, outcome: &Outcome) -> io::Result<()> {
        self.outcomes.insert(item.name.as_str().to_owned(), outcome.clone());
        Ok(())
    }
}

impl Got {
    /// The item that began and did not end.
    fn current(&mut self) -> &mut Vec<u8> {
        let outcomes = &self.outcomes;
        self.bytes.iter_mut().find(|(name, _)| !outcomes.contains_key(*name)).unwrap().1
    }

    fn end_of(&self, name: &str) -> End {
        let mut answers = Answers::open(self.bytes[name].as_slice()).unwrap();
        loop {
            if let Ended::Yes(end) = answers.next_answer().unwrap() {
                return end;
            }
        }
    }

    fn frames(&self, name: &str, asked: Asked) -> usize {
        let mut answers = Answers::open(self.bytes[name].as_slice()).unwrap();
        let mut count = 0;
        while let Ended::No(answer) = answers.next_answer().unwrap() {
            count += usize::from(answer.question.asked == asked);
        }
        count
    }
}

struct Desk {
    device: Arc<Device>,
    _front: tcp::Running,
    link: Box<dyn AndroidLink>,
}

fn desk(content: &SmsContent, more: impl FnOnce(Builder) -> Builder) -> Desk {
    let device = more(Device::builder().content(content)).build();
    let front = tcp::spawn(&device).unwrap();
    let reach = Reach::Tcp { address: front.addr(), lab: false };
    let link = android::connect(&reach, key(), Patience::default(), Cancel::default(), &mut |_| {}).unwrap();
    Desk { device, _front: front, link }
}

impl Desk {
    fn list(&mut self, patterns: &[&str]) -> Vec<Item> {
        let patterns: Vec<Pattern> = patterns.iter().map(|pattern| Pattern::new(pattern).unwrap()).collect();
        let wanted = Wanted { patterns: &patterns, users: &[User::OWNER] };
        android::list(self.link.as_mut(), &wanted, &ListingLimits::default()).unwrap().items
    }

    fn pull(&mut self, items: &[Item]) -> Got {
        let mut got = Got::default();
        android::acquire(self.link.as_mut(), items, &Acquire::default(), &mut got).unwrap();
        got
    }

    fn queries(&self) -> usize {
        self.device.asked().commands.iter().filter(|command| command.starts_with("content ")).count()
    }
}

const ALL: &str = "content-providers/*/*";
const SMS: &str = "content-providers/user-0/sms";

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

#[test]
fn what_is_there_is_listed_and_pulled_with_few_calls() {
    let content = generate(&SmsOptions { sms: 2_600, mms: 120, samsung: 12, ..SmsOptions::default() }).unwrap();
    let mut desk = desk(&content, |phone| phone);
    let items = desk.list(&[ALL]);
    let here = ["im-chat", "mms", "mms-addr", "mms-part", "sms"].map(|name| format!("content-providers/user-0/{name}"));
    assert_eq!(names(&items), here);
    let sms: Vec<Item> = items.iter().filter(|item| item.name.as_str() == SMS).cloned().collect();
    desk.device.forget_asked();
    let got = desk.pull(&sms);
    let end = got.end_of(SMS);
    assert_eq!((end.rows, end.unclear, end.gone, end.unread, end.refused), (2_600, 0, 0, 0, false));
    // Three pages, what they need beside them, and what was unclear value by value.
    let values = got.frames(SMS, Asked::Value);
    assert!(values > 0 && desk.queries() - values <= 3 + 1 + 1 + 5 + 40, "{} calls, {values} of them for values", desk.queries());
    let got = desk.pull(&items);
    assert!(got.outcomes.values().all(|outcome| matches!(outcome, Outcome::HashUnavailable { bytes, .. } if *bytes > 0)));
    let addresses: u64 = content.mms.iter().filter(|row| row.message_type != 130).map(|row| row.addresses.len() as u64).sum();
    assert_eq!(got.end_of("content-providers/user-0/mms-addr").rows, addresses);
}

/// The small sister of the measurement below: no odd bodies, so every call is one that each phone costs.
#[test]
fn at_most_one_call_for_five_hundred_rows() {
    let content = generate(&SmsOptions { sms: 6_000, mms: 0, oddities: false, ..SmsOptions::default() }).unwrap();
    let mut desk = desk(&content, |phone| phone);
    let items = desk.list(&[SMS]);
    desk.device.forget_asked();
    assert_eq!(desk.pull(&items).end_of(SMS).rows, 6_000);
    assert!(desk.queries() <= 6_000 / 500 + 1, "{} calls", desk.queries());
}

#[test]
fn fifty_thousand_messages_in_a_minute() {
    let content = generate(&SmsOptions { sms: 50_000, mms: 0, ..SmsOptions::default() }).unwrap();
    let mut desk = desk(&content, |phone| phone);
    let start = Instant::now();
    let items = desk.list(&[SMS]);
    let got = desk.pull(&items);
    let took = start.elapsed();
    assert_eq!((got.end_of(SMS).rows, got.end_of(SMS).unclear), (50_000, 0));
    eprintln!("50,000 messages: {:.1} s, {} calls, {} bytes", took.as_secs_f64(), desk.queries(), got.bytes[SMS].len());
    assert!(desk.queries() <= 50_000 / 500 && took.as_secs() < 60);
}

#[test]
fn a_refusal_with_exit_0_is_refused_and_an_absent_provider_absent() {
    let content = generate(&SmsOptions { sms: 40, mms: 4, ..SmsOptions::default() }).unwrap();
    let mut refused = content.providers();
    refused.iter_mut().for_each(|provider| provider.refused = Some("Permission Denial: reading TelephonyProvider".into()));
    let mut desk = desk(&content, |phone| refused.into_iter().fold(phone, Builder::provider));
    let items = desk.list(&[ALL]);
    assert!(!names(&items).iter().any(|name| name.contains("im-chat")), "absent, so no item");
    let got = desk.pull(&items);
    assert!(
        got.outcomes.len() >= 3 && got.outcomes.values().all(|outcome| matches!(outcome, Outcome::Refused { .. })),
        "{:?}",
        got.outcomes
    );
    let absent = Item { name: ItemName::new("content-providers/user-0/im-chat").unwrap(), bytes: 0, modified: None };
    assert_eq!(desk.pull(&[absent]).outcomes.into_values().collect::<Vec<_>>(), [Outcome::Absent]);
}

#[test]
fn a_provider_that_begins_to_refuse_leaves_what_was_read() {
    let content = generate(&SmsOptions { sms: 3_000, mms: 0, oddities: false, ..SmsOptions::default() }).unwrap();
    let refuses = Happening::Refuses("Permission Denial".into());
    let mut desk = desk(&content, |phone| {
        phone.fault(Fault::Provider { uri: "content://sms".into(), query: 10, what: refuses }, Times::Always)
    });
    let items = desk.list(&[SMS]);
    let end = desk.pull(&items).end_of(SMS);
    assert!(end.refused && end.rows == 3_000 && end.unread > 0 && end.unread < 3_000, "{end:?}");
}

#[test]
fn rows_that_disappear_between_pages_are_counted_and_the_others_stay() {
    let content = generate(&SmsOptions { sms: 2_500, mms: 0, oddities: false, ..SmsOptions::default() }).unwrap();
    let row = content.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).nth(1_500).unwrap().id;
    let gone = Happening::Sql(format!("DELETE FROM t WHERE _id IN ({row})"));
    let arrives = Happening::Sql(
        "INSERT INTO t (_id, thread_id, address, date, type, body) VALUES (900000, 1, '+316', 5, 1, 'nieuw')".into(),
    );
    let mut desk = desk(&content, |phone| {
        let at = |query, what| Fault::Provider { uri: "content://sms".into(), query, what };
        phone.fault(at(9, arrives), Times::Only(1)).fault(at(10, gone), Times::Only(1))
    });
    let items = desk.list(&[SMS]);
    let end = desk.pull(&items).end_of(SMS);
    assert_eq!((end.rows, end.gone, end.unread, end.unclear), (2_500, 1, 0, 0));
}

#[test]
fn a_closed_profile_is_told_and_its_sim_is_read_when_it_is_open() {
    let content = generate(&SmsOptions { sms: 200, mms: 0, ..SmsOptions::default() }).unwrap();
    let split = |mut providers: Vec<uitlezen_twin::device::Provider>| {
        providers.iter_mut().filter(|p| p.uri == "content://sms").for_each(|p| p.sims = [(0, vec![1, -1]), (10, vec![2])].into());
        providers
    };
    for closed in [true, false] {
        let mut desk = desk(&content, |phone| {
            let phone = phone.user(uitlezen_twin::device::User::work_profile(closed));
            split(content.providers()).into_iter().fold(phone, Builder::provider)
        });
        let items = desk.list(&["content-providers/*/sms"]);
        assert_eq!(names(&items), [SMS, "content-providers/user-10/sms"]);
        let got = desk.pull(&items);
        let of_work = &got.outcomes["content-providers/user-10/sms"];
        if closed {
            assert!(matches!(of_work, Outcome::Refused { .. }), "{of_work:?}");
        } else {
            assert_eq!(got.end_of(SMS).rows + got.end_of("content-providers/user-10/sms").rows, 200);
        }
    }
}

#[test]
fn parts_are_streamed_and_one_that_is_gone_is_absent() {
    let content = generate(&SmsOptions { sms: 0, mms: 30, ..SmsOptions::default() }).unwrap();
    let mut desk = desk(&content, |phone| phone);
    let items = desk.list(&["content-providers/*/mms-part/*"]);
    let parts: Vec<_> = content.mms.iter().flat_map(|row| &row.parts).collect();
    assert_eq!(items.len(), parts.len());
    let got = desk.pull(&items);
    for part in parts {
        let name = format!("content-providers/user-0/mms-part/{}", part.id);
        match &part.bytes {
            Some(bytes) => assert!(got.bytes[&name] == bytes.to_vec(), "{name}"),
            None => assert_eq!(got.outcomes[&name], Outcome::Absent),
        }
    }
}
