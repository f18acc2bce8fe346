//! From records to lines on the pipe. Each thread of the reading puts its own messages into JSON and drops them at once: to
//! hand them to another thread would cost about as much as to write them.
//!
//! Called by [`super::serve`]. What waits for its turn is bounded by [`FULL`] for each thread.

use super::{
    message::{Reply, STRINGS_A_MESSAGE, WantedFile},
    serve::{FRAME, Stop},
};
use crate::{
    pipe::{self, Kind, PipeError},
    records::{LONGEST_LINE, MessageLine},
};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufWriter},
};
use uitlezen_apps::{RecordSink, RunSink};
use uitlezen_chat::{Attachment, AttachmentState, Conversation, ConversationNumber, Message};
use uitlezen_check::{TimerCheck, TimerMark, separation::Separator};

/// Bytes of lines that one thread gathers before it waits for its turn.
const FULL: usize = 8 << 20;
/// For the line that fills it.
const ROOM: usize = 64 << 10;

/// Lines of messages that follow each other.
#[derive(Default)]
pub(super) struct Gathered {
    lines: Vec<u8>,
    wanted: Vec<WantedFile>,
    marks: Vec<(ConversationNumber, TimerMark)>,
}

impl Gathered {
    fn want(&mut self, message: &Message) {
        for attachment in message.attachments.iter().filter(|a| a.state == AttachmentState::Wanted) {
            let Some(path) = &attachment.path else { continue };
            let nameless = Some(attachment).filter(|_| !path.rsplit('/').next().unwrap_or_default().contains('.'));
            self.wanted.push(WantedFile {
                path: path.clone(),
                sha256: attachment.sha256.clone(),
                ending: nameless.and_then(ending),
                bytes: nameless.and_then(|attachment| attachment.bytes),
            });
        }
        for earlier in &message.earlier {
            self.want(earlier);
        }
    }
}

/// An ending that says of which kind a file is: out of the name that its sender gave it, or else by its media type. For files
/// whose path says nothing; what of it becomes part of a name is decided elsewhere.
fn ending(attachment: &Attachment) -> Option<String> {
    const LONGEST: usize = 8;
    let named = attachment.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    let plain = |ending: &&str| (1..=LONGEST).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    let of_type = || {
        Some(match attachment.media_type.as_deref()? {
            "image/jpeg" => "jpg",
            "image/png" => "png",
            "image/gif" => "gif",
            "image/webp" => "webp",
            "image/heic" => "heic",
            "image/avif" => "avif",
            "video/mp4" => "mp4",
            "video/3gpp" => "3gp",
            "video/quicktime" => "mov",
            "video/webm" => "webm",
            "audio/aac" => "aac",
            "audio/mp4" => "m4a",
            "audio/mpeg" => "mp3",
            "audio/ogg" => "ogg",
            "application/pdf" => "pdf",
            "text/plain" | "text/x-signal-plain" => "txt",
            "text/x-vcard" | "text/vcard" => "vcf",
            _ => return None,
        })
    };
    named.filter(plain).or_else(of_type).map(str::to_ascii_lowercase)
}

impl RunSink for Gathered {
    fn message(&mut self, number: ConversationNumber, message: Box<Message>) -> io::Result<()> {
        if let Some(mark) = TimerMark::of(&message) {
            self.marks.push((number, mark));
        }
        self.want(&message);
        if self.lines.capacity() == 0 {
            // At once: growing would copy what is there, and end at twice the size.
            self.lines.reserve_exact(FULL + ROOM);
        }
        line(&mut self.lines, &MessageLine { c: number, m: &message })
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= FULL
    }
}

/// Writes records as lines to the pipe, in order, and judges timers as they pass.
pub(super) struct Lines<'a> {
    to: &'a mut BufWriter<File>,
    conversations: Vec<u8>,
    wanted: Vec<WantedFile>,
    /// Digests of the paths already named: a file that a thousand messages forward is wanted once.
    seen: HashSet<u64>,
    check: TimerCheck,
    /// Judges conversations as they pass, where nothing can be left out; else that was done before.
    judge: Option<&'a Separator>,
    /// Why the pipe took no more.
    broken: Option<PipeError>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(to: &'a mut BufWriter<File>, check: TimerCheck, judge: Option<&'a Separator>) -> Self {
        let conversations = Vec::with_capacity(FRAME);
        Self { to, conversations, wanted: Vec::new(), seen: HashSet::new(), check, judge, broken: None }
    }

    /// Everything has been handed over: the judgement of timers, or why the records could not be passed on.
    pub(super) fn finish(mut self) -> Result<TimerCheck, Stop> {
        if let Some(error) = self.broken.take() {
            return Err(error.into());
        }
        self.send_conversations()?;
        if !self.wanted.is_empty() {
            self.send_wanted()?;
        }
        Ok(self.check)
    }

    fn send_conversations(&mut self) -> Result<(), PipeError> {
        pipe::write_bytes(self.to, Kind::Bytes, &self.conversations)?;
        self.conversations.clear();
        Ok(())
    }

    fn send_wanted(&mut self) -> Result<(), PipeError> {
        pipe::write_message(self.to, &Reply::Wanted(std::mem::take(&mut self.wanted)))
    }

    fn want(&mut self, file: WantedFile) -> Result<(), PipeError> {
        use std::hash::BuildHasher;
        let digest = self.seen.hasher().hash_one(&file.path);
        if self.seen.insert(digest) {
            self.wanted.push(file);
            if self.wanted.len() >= STRINGS_A_MESSAGE {
                self.send_wanted()?;
            }
        }
        Ok(())
    }

    fn send(&mut self, run: &mut Gathered) -> Result<(), PipeError> {
        // The closing process takes no conversations behind the first message.
        self.send_conversations()?;
        for (number, mark) in run.marks.drain(..) {
            self.check.mark(number, mark);
        }
        for frame in run.lines.chunks(FRAME) {
            pipe::write_bytes(self.to, Kind::MoreBytes, frame)?;
        }
        run.lines.clear();
        run.wanted.drain(..).try_for_each(|file| self.want(file))
    }

    /// The reading is told that it must end; the reason is kept for [`Self::finish`].
    fn noted(&mut self, sent: Result<(), PipeError>) -> io::Result<()> {
        sent.map_err(|error| {
            self.broken = Some(error);
            io::ErrorKind::BrokenPipe.into()
        })
    }
}

impl RecordSink for Lines<'_> {
    type Run = Gathered;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.check.conversation(conversation);
        if let Some(judge) = self.judge {
            judge.judge(conversation);
            line(&mut self.conversations, &judge.conversation(conversation.clone()))?;
        } else {
            line(&mut self.conversations, conversation)?;
        }
        if self.conversations.len() < FRAME {
            return Ok(());
        }
        let sent = self.send_conversations();
        self.noted(sent)
    }

    fn hand_over(&mut self, run: &mut Gathered) -> io::Result<()> {
        let sent = self.send(run);
        self.noted(sent)
    }
}

/// Appends one line; a record longer than a line may be is a fault of the bounds above us.
fn line<T: serde::Serialize>(to: &mut Vec<u8>, record: &T) -> io::Result<()> {
    let start = to.len();
    serde_json::to_writer(&mut *to, record)?;
    to.push(b'\n');
    if to.len() - start > LONGEST_LINE {
        to.truncate(start);
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(())
}
