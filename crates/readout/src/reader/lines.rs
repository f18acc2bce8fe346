//! From records to lines on the pipe, in a thread beside the reading: putting records into JSON costs about as much as
//! making them, and a machine that reads out phones has more than one core.
//!
//! Called by [`super::serve`]. What waits between the two threads is bounded by count and by the runs of the reader.

use super::{
    message::{ReadFailure, Reply, STRINGS_A_MESSAGE, WantedFile},
    serve::{FRAME, Stop},
};
use crate::{
    pipe::{self, Kind, PipeError},
    records::{LONGEST_LINE, MessageLine},
};
use std::{
    collections::HashSet,
    io::{self, BufWriter, Stdout},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};
use uitlezen_apps::whatsapp::reader::RecordSink;
use uitlezen_chat::{AttachmentState, Conversation, ConversationNumber, Message};
use uitlezen_check::TimerCheck;

/// Messages that go to the other thread together: enough that handing over costs nothing, few enough to stay in cache.
const BATCH: usize = 64;
/// Batches that may wait.
const WAITING: usize = 4;

type Batch = Vec<(ConversationNumber, Message)>;

enum Given {
    Conversation(Box<Conversation>),
    Messages(Batch),
}

/// Runs `read` with a sink whose records `lines` puts on the pipe meanwhile. Gives back what `read` said and the judgement
/// of timers, or why the records could not be passed on.
pub(super) fn beside<T>(lines: Lines<'_>, read: impl FnOnce(&mut dyn RecordSink) -> T) -> Result<(T, TimerCheck), Stop> {
    let (give, take) = sync_channel(WAITING);
    thread::scope(|scope| {
        let writing = thread::Builder::new()
            .name("lines".to_owned())
            .spawn_scoped(scope, move || lines.write(&take))
            .map_err(|_| ReadFailure::Internal)?;
        let mut sink = Hand { give, batch: Vec::with_capacity(BATCH) };
        let said = read(&mut sink);
        // The writer is gone only after an error of its own, which it tells.
        let _ = sink.hand_over();
        drop(sink);
        // A panic there has said where it was; here it is a fault like any other.
        let check = writing.join().unwrap_or_else(|_| Err(ReadFailure::Internal.into()))?;
        Ok((said, check))
    })
}

/// The reading thread's end.
struct Hand {
    give: SyncSender<Given>,
    batch: Batch,
}

impl Hand {
    fn send(&self, given: Given) -> io::Result<()> {
        self.give.send(given).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn hand_over(&mut self) -> io::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.send(Given::Messages(full))
    }
}

impl RecordSink for Hand {
    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.send(Given::Conversation(Box::new(conversation.clone())))
    }

    fn message(&mut self, number: ConversationNumber, message: Message) -> io::Result<()> {
        self.batch.push((number, message));
        if self.batch.len() < BATCH { Ok(()) } else { self.hand_over() }
    }

    fn run_ended(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}

/// The writing thread's end: writes records as lines to the pipe, and judges timers as they pass.
pub(super) struct Lines<'a> {
    to: &'a mut BufWriter<Stdout>,
    conversations: Vec<u8>,
    messages: Vec<u8>,
    wanted: Vec<WantedFile>,
    /// Digests of the paths already named: a file that a thousand messages forward is wanted once.
    seen: HashSet<u64>,
    check: TimerCheck,
}

impl<'a> Lines<'a> {
    pub(super) fn new(to: &'a mut BufWriter<Stdout>, check: TimerCheck) -> Self {
        Self {
            to,
            conversations: Vec::with_capacity(FRAME),
            messages: Vec::with_capacity(FRAME + 4096),
            wanted: Vec::new(),
            seen: HashSet::new(),
            check,
        }
    }

    fn write(mut self, take: &Receiver<Given>) -> Result<TimerCheck, Stop> {
        for given in take {
            match given {
                Given::Conversation(conversation) => self.conversation(&conversation)?,
                Given::Messages(batch) => {
                    for (number, message) in &batch {
                        self.message(*number, message)?;
                    }
                }
            }
        }
        self.send_conversations()?;
        self.send_messages()?;
        if !self.wanted.is_empty() {
            self.send_wanted()?;
        }
        Ok(self.check)
    }

    fn conversation(&mut self, conversation: &Conversation) -> Result<(), Stop> {
        self.check.conversation(conversation);
        line(&mut self.conversations, conversation)?;
        if self.conversations.len() >= FRAME { Ok(self.send_conversations()?) } else { Ok(()) }
    }

    fn message(&mut self, number: ConversationNumber, message: &Message) -> Result<(), Stop> {
        // The closing process takes no conversations behind the first message.
        self.send_conversations()?;
        self.check.message(number, message);
        self.want(message)?;
        line(&mut self.messages, &MessageLine { c: number, m: message })?;
        if self.messages.len() >= FRAME { Ok(self.send_messages()?) } else { Ok(()) }
    }

    fn send_conversations(&mut self) -> Result<(), PipeError> {
        pipe::write_bytes(self.to, Kind::Bytes, &self.conversations)?;
        self.conversations.clear();
        Ok(())
    }

    fn send_messages(&mut self) -> Result<(), PipeError> {
        pipe::write_bytes(self.to, Kind::MoreBytes, &self.messages)?;
        self.messages.clear();
        Ok(())
    }

    fn send_wanted(&mut self) -> Result<(), PipeError> {
        pipe::write_message(self.to, &Reply::Wanted(std::mem::take(&mut self.wanted)))
    }

    fn want(&mut self, message: &Message) -> Result<(), PipeError> {
        use std::hash::BuildHasher;
        for attachment in message.attachments.iter().filter(|a| a.state == AttachmentState::Wanted) {
            let Some(path) = &attachment.path else { continue };
            let digest = self.seen.hasher().hash_one(path);
            if self.seen.insert(digest) {
                self.wanted.push(WantedFile { path: path.clone(), sha256: attachment.sha256.clone() });
                if self.wanted.len() >= STRINGS_A_MESSAGE {
                    self.send_wanted()?;
                }
            }
        }
        for earlier in &message.earlier {
            self.want(earlier)?;
        }
        Ok(())
    }
}

/// Appends one line; a record longer than a line may be is a fault of the bounds above us.
fn line<T: serde::Serialize>(to: &mut Vec<u8>, record: &T) -> Result<(), ReadFailure> {
    let start = to.len();
    serde_json::to_writer(&mut *to, record).map_err(|_| ReadFailure::Internal)?;
    to.push(b'\n');
    if to.len() - start > LONGEST_LINE {
        to.truncate(start);
        return Err(ReadFailure::Internal);
    }
    Ok(())
}
