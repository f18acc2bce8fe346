//! Separation: identifiers as people and apps write them, and readings of which something is left out.

use crate::whatsapp::{Counting, in_order};
use jiff::Timestamp;
use uitlezen_apps::{
    Goes, Separation,
    whatsapp::reader::{Reading, read},
};
use uitlezen_chat::{Conversation, ConversationNumber, Message};
use uitlezen_check::separation::{self, Class, Decided, Decision, Policy, Rules, Separator, Span, normal};
use uitlezen_evidence::Database;

/// The one form of an identifier is its own one form, and says no more than was written.
pub fn identifier(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let form = normal(text);
    assert_eq!(normal(&form), form, "of {text:?}");
    assert!(form.len() <= 3 * text.len() + 3);
}

pub fn identifier_seeds() -> Vec<Vec<u8>> {
    ["+31 (0)6 12345678", "0031612345678", "06-12345678", "31612345678:12@s.whatsapp.net", "7700@lid", "1203@g.us", "ECHOECHO"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// As the reader child asks.
struct Asked(Separator);

impl Separation for Asked {
    fn judge(&self, conversation: &Conversation) -> Goes {
        match self.0.judge(conversation) {
            separation::Goes::Whole => Goes::Whole,
            separation::Goes::InPart => Goes::InPart,
            separation::Goes::Not => Goes::Not,
        }
    }

    fn hear(&self, number: ConversationNumber, message: &Message) {
        self.0.hear(number, message);
    }

    fn heard(&self) {
        self.0.heard();
    }

    fn conversation(&self, conversation: Conversation) -> Conversation {
        self.0.conversation(conversation)
    }

    fn message(&self, number: ConversationNumber, message: Box<Message>) -> Option<Box<Message>> {
        self.0.message(number, message)
    }
}

/// Some days in the middle of the good database.
fn days() -> Span {
    let moment = |text: &str| text.parse::<Timestamp>().ok();
    Span { from: moment("2026-10-20T00:00:00Z"), to: moment("2026-11-01T00:00:00Z") }
}

/// The same reading with something left out: all of it, or some days of every conversation.
pub(crate) fn read_apart(reading: &Reading<'_>, whole: &Counting, database: &Database, everything: bool) {
    let days = days();
    let rules = if everything {
        Rules { policy: Policy::AlleenZakelijk, ..Rules::default() }
    } else {
        let decision = Decision { rule: 1, class: Class::Prive, span: days };
        let decided = Decided { identifiers: whole.addresses.clone(), decisions: vec![decision] };
        Rules { decided: vec![decided], ..Rules::default() }
    };
    let asked = Asked(Separator::new(&rules, None, days.to.unwrap_or(Timestamp::MAX)));
    let within = (!everything && whole.unnamed == 0).then_some(days);
    let mut sink = Counting::none_within(within);
    let Ok(summary) = read(&Reading { separation: Some(&asked), ..*reading }, &mut sink) else { return };
    assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
    assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
    if everything {
        assert_eq!((sink.conversations, sink.messages, summary.attachments_wanted), (0, 0, 0), "given, and nobody decided");
        assert!(summary.oldest.is_none() && summary.newest.is_none());
    }
    if sink.strangers > 0 && whole.strangers == 0 && summary.is_whole() {
        assert!(!in_order(database), "left out in part, and {} people are no participants", sink.strangers);
    }
    let tally = asked.0.finish();
    if summary.is_whole() && within.is_some() && tally.repeats == separation::Repeats::default() {
        let left: u64 = tally.left_out.iter().map(|l| l.amount.messages).sum();
        assert_eq!(left + sink.messages, whole.messages, "neither given nor counted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{made, whatsapp::opened};

    /// Else the readings above would leave out nothing.
    #[test]
    fn the_days_are_some_in_which_something_was_said() {
        let database = opened(&made::small_databases().0).unwrap();
        let within = "SELECT count(*) FROM message WHERE timestamp BETWEEN ?1 AND ?2";
        let ms = |at: Option<Timestamp>| at.unwrap().as_millisecond();
        let (from, to) = (ms(days().from), ms(days().to));
        let said: i64 = database.connection().query_row(within, [from, to], |row| row.get(0)).unwrap();
        let all: i64 = database.connection().query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
        assert!(said > 10 && said < all / 2, "{said} of {all}");
    }
}
