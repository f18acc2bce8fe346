use super::*;
use crate::{Goes, signal::folder::tests::everything::everything};
use std::sync::Mutex;

/// Leaves one conversation out and hears another in part.
#[derive(Default)]
struct Rules {
    out: String,
    part: String,
    heard: Mutex<Vec<(u32, String)>>,
    done: Mutex<bool>,
}

impl Separation for Rules {
    fn judge(&self, conversation: &Conversation) -> Goes {
        match &conversation.id.0 {
            id if *id == self.out => Goes::Not,
            id if *id == self.part => Goes::InPart,
            _ => Goes::Whole,
        }
    }

    fn hear(&self, number: ConversationNumber, message: &Message) {
        assert!(!*self.done.lock().unwrap());
        self.heard.lock().unwrap().push((number.0, message.id.0.clone()));
    }

    fn heard(&self) {
        *self.done.lock().unwrap() = true;
    }

    fn conversation(&self, conversation: Conversation) -> Conversation {
        conversation
    }

    fn message(&self, _: ConversationNumber, message: Box<Message>) -> Option<Box<Message>> {
        // Of the one in part, only what was sent by the holder goes.
        (message.sender == Sender::Holder).then_some(message)
    }
}

#[test]
fn what_stays_behind_is_heard_first_and_counted_nowhere() {
    let (frames, files) = everything();
    let main = main_of(&frames.0);
    let (all, whole) = read_all(&main, &files);
    let group = all.conversations.iter().find(|c| c.kind == ConversationKind::Group).unwrap();
    let direct = all.conversations.iter().find(|c| c.kind == ConversationKind::Direct).unwrap();
    let rules = Rules { out: group.id.0.clone(), part: direct.id.0.clone(), ..Rules::default() };
    let mut kept = Kept::default();
    let read = read(&Reading { separation: Some(&rules), ..reading(&main, &files) }, &mut kept).unwrap();
    assert!(*rules.done.lock().unwrap());
    let of = |number: ConversationNumber| all.messages.iter().filter(|(n, _)| *n == number).count();
    assert_eq!(rules.heard.lock().unwrap().len(), of(group.number) + of(direct.number));
    holds(&kept, &read);
    assert!(kept.conversations.iter().all(|c| c.id != group.id));
    assert!(kept.messages.iter().all(|(_, m)| m.sender == Sender::Holder));
    let numbers: Vec<u32> = kept.conversations.iter().map(|c| c.number.0).collect();
    assert_eq!(numbers, (1..=u32::try_from(kept.conversations.len()).unwrap()).collect::<Vec<_>>());
    assert!(read.summary.attachments_wanted < whole.summary.attachments_wanted);
    assert_eq!(read.summary.by_kind.values().sum::<u64>(), read.summary.messages);
    assert_eq!(read.summary.view_once, Default::default());
}
