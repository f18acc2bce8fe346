//! One JSON file a conversation, out of the streams that lie in the seal.
//!
//! Messages of all conversations lie in one stream; each is appended to the file of its conversation. At most
//! [`OPEN_FILES`] files are open at a time, so a phone with ten thousand conversations needs no more memory than one with
//! ten: per conversation a buffer that is flushed when its file is put away, and the days it covers.

use super::{AtHand, UnsealError, Written, copy, create, folder, held};
use crate::records::{self, AttachmentLine, EvidenceLine, LONGEST_LINE, MessageLine};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use uitlezen_chat::{
    AttachmentState, ContextLine, Conversation, ConversationKind, ConversationNumber, EvidenceId, Message, Moment, Subject, ZONE,
    conversation_schema,
};
use uitlezen_evidence::{Evidence, ItemName, Reader};

const OPEN_FILES: usize = 128;
const FORMAT: u32 = 1;

/// A line of the overview: enough to find a conversation without opening all files.
#[derive(Serialize)]
struct OverviewLine<'a> {
    file: String,
    number: ConversationNumber,
    title: Option<&'a str>,
    messages: u64,
    context: Option<&'a str>,
}

/// Writes every app of role *gesprekken* below `out`, with what it holds in the earlier seals that are at hand.
pub fn write_conversations(evidence: &dyn Evidence, at_hand: &AtHand, out: &Path) -> Result<Written, UnsealError> {
    let apps: BTreeSet<String> = evidence
        .items()
        .iter()
        .filter_map(|item| {
            let mut parts = item.name.components();
            (parts.next() == Some("gesprekken")).then(|| parts.next().map(str::to_owned)).flatten()
        })
        .collect();
    let mut written = Written::default();
    for app in &apps {
        let mut app = App::open(evidence, app, out)?;
        app.fetch(at_hand, &mut written)?;
        app.write(&mut written)?;
    }
    let mut schema = create(&out.join("conversation.schema.json"))?;
    let text = serde_json::to_vec_pretty(&conversation_schema()).unwrap_or_default();
    schema.write_all(&text)?;
    written.add(text.len() as u64);
    Ok(written)
}

struct App<'e> {
    evidence: &'e dyn Evidence,
    name: &'e str,
    out: PathBuf,
    conversations: BTreeMap<ConversationNumber, Conversation>,
    sources: BTreeMap<EvidenceId, String>,
    attachments: HashMap<String, AttachmentState>,
}

impl<'e> App<'e> {
    fn open(evidence: &'e dyn Evidence, name: &'e str, out: &Path) -> Result<Self, UnsealError> {
        let out = out.join(name);
        folder(&out)?;
        let mut app =
            Self { evidence, name, out, conversations: BTreeMap::new(), sources: BTreeMap::new(), attachments: HashMap::new() };
        app.lines("evidence.jsonl", |app: &mut Self, line: EvidenceLine| {
            app.sources.insert(line.id, line.name);
            Ok(())
        })?;
        app.lines("conversations.jsonl", |app, line: Conversation| {
            app.conversations.insert(line.number, line);
            Ok(())
        })?;
        app.lines("attachments.jsonl", |app, line: AttachmentLine| {
            app.attachments.insert(line.path, line.state);
            Ok(())
        })?;
        Ok(app)
    }

    /// Calls `each` for every line of an item; an item that is not there has no lines.
    fn lines<T: DeserializeOwned>(
        &mut self,
        what: &'static str,
        mut each: impl FnMut(&mut Self, T) -> Result<(), UnsealError>,
    ) -> Result<(), UnsealError> {
        let broken = |line| UnsealError::Record { item: what, line };
        let name = ItemName::new(records::item(self.name, what)).map_err(|_| broken(0))?;
        if !self.evidence.items().iter().any(|item| item.name == name) {
            return Ok(());
        }
        let mut reader = BufReader::with_capacity(256 * 1024, Reader::new(self.evidence.open(&name)?));
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = reader.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            if line.pop() != Some(b'\n') {
                return Err(broken(number));
            }
            each(self, serde_json::from_slice(&line).map_err(|_| broken(number))?)?;
        }
        Ok(())
    }

    fn write(mut self, written: &mut Written) -> Result<(), UnsealError> {
        let mut files = Files { out: self.out.clone(), open: HashMap::new(), order: Vec::new(), days: BTreeMap::new() };
        let conversations = std::mem::take(&mut self.conversations);
        let sources = std::mem::take(&mut self.sources);
        for conversation in conversations.values() {
            files.begin(conversation, &sources)?;
        }
        self.lines("messages.jsonl", |app, line: MessageLine| {
            let mut message = line.m;
            app.settle(&mut message);
            if !conversations.contains_key(&line.c) {
                return Err(UnsealError::Record { item: "messages.jsonl", line: 0 });
            }
            files.append(line.c, &message)
        })?;
        let mut overview = Vec::new();
        for conversation in conversations.values() {
            let context = files.end(conversation)?;
            let whole = context.first();
            overview.push((conversation.number, whole.map_or(0, |c| c.messages), whole.map(|c| c.text.clone())));
        }
        for (number, messages, _) in &overview {
            written.conversations += 1;
            written.messages += messages;
            written.add(std::fs::metadata(self.out.join(file_name(*number)))?.len());
        }
        let lines: Vec<OverviewLine<'_>> = overview
            .iter()
            .map(|(number, messages, context)| OverviewLine {
                file: file_name(*number),
                number: *number,
                title: conversations.get(number).and_then(|c| c.title.as_deref()),
                messages: *messages,
                context: context.as_deref(),
            })
            .collect();
        let text = serde_json::to_vec_pretty(&lines).unwrap_or_default();
        create(&self.out.join("overzicht.json"))?.write_all(&text)?;
        written.add(text.len() as u64);
        self.write_attachments(written)
    }

    /// Before the messages are written: each of them then says where its file is.
    fn fetch(&mut self, at_hand: &AtHand, written: &mut Written) -> Result<(), UnsealError> {
        let done = held::fetch(&mut self.attachments, at_hand, &self.out)?;
        written.attachments += done.files;
        written.held += done.files;
        written.files += done.files;
        written.bytes += done.bytes;
        for (seal, lacking) in done.lacking {
            let sum = written.lacking.entry(seal).or_default();
            sum.absent += lacking.absent;
            sum.differs += lacking.differs;
        }
        Ok(())
    }

    /// Puts in each attachment what became of its file.
    fn settle(&self, message: &mut Message) {
        for attachment in &mut message.attachments {
            if attachment.state == AttachmentState::Wanted {
                let settled = attachment.path.as_ref().and_then(|path| self.attachments.get(path));
                attachment.state = settled.cloned().unwrap_or(AttachmentState::Missing);
            }
        }
        for earlier in &mut message.earlier {
            self.settle(earlier);
        }
    }

    fn write_attachments(&self, written: &mut Written) -> Result<(), UnsealError> {
        let prefix = records::item(self.name, "bijlagen/");
        for item in self.evidence.items().iter().filter(|item| item.name.as_str().starts_with(&prefix)) {
            folder(&self.out.join("bijlagen"))?;
            let bytes = copy(self.evidence, item, &self.out.join("bijlagen").join(item.name.file_name()))?;
            written.attachments += 1;
            written.add(bytes);
        }
        Ok(())
    }
}

fn file_name(number: ConversationNumber) -> String {
    format!("gesprek-{:04}.json", number.0)
}

/// The period that a line of context covers.
#[derive(Clone)]
struct Span {
    first: Moment,
    last: Moment,
    messages: u64,
}

impl Span {
    fn one(at: &Moment) -> Self {
        Self { first: at.clone(), last: at.clone(), messages: 1 }
    }

    fn add(&mut self, at: &Moment) {
        if at.utc < self.first.utc {
            self.first = at.clone();
        }
        if at.utc > self.last.utc {
            self.last = at.clone();
        }
        self.messages += 1;
    }
}

#[derive(Default)]
struct Days {
    by_day: BTreeMap<Date, Span>,
    /// Messages without a calendar time count in the whole and belong to no day.
    undated: u64,
    any: bool,
}

/// The conversation files while they grow.
struct Files {
    out: PathBuf,
    open: HashMap<ConversationNumber, BufWriter<File>>,
    /// Least recently opened first.
    order: Vec<ConversationNumber>,
    days: BTreeMap<ConversationNumber, Days>,
}

impl Files {
    fn begin(&mut self, conversation: &Conversation, sources: &BTreeMap<EvidenceId, String>) -> Result<(), UnsealError> {
        let mut file = BufWriter::new(create(&self.out.join(file_name(conversation.number)))?);
        write!(file, "{{\"format\":{FORMAT},\"zone\":\"{ZONE}\",\n\"conversation\":")?;
        json(&mut file, conversation)?;
        file.write_all(b",\n\"evidence\":")?;
        json(&mut file, sources)?;
        file.write_all(b",\n\"messages\":[")?;
        file.flush()?;
        self.days.insert(conversation.number, Days::default());
        Ok(())
    }

    fn writer(&mut self, number: ConversationNumber) -> Result<&mut BufWriter<File>, UnsealError> {
        if !self.open.contains_key(&number) {
            if self.open.len() >= OPEN_FILES && !self.order.is_empty() {
                let oldest = self.order.remove(0);
                if let Some(mut file) = self.open.remove(&oldest) {
                    file.flush()?;
                }
            }
            let file = OpenOptions::new().append(true).open(self.out.join(file_name(number)))?;
            self.open.insert(number, BufWriter::with_capacity(32 * 1024, file));
            self.order.push(number);
        }
        self.open.get_mut(&number).ok_or_else(|| std::io::Error::other("a file that was just opened").into())
    }

    fn append(&mut self, number: ConversationNumber, message: &Message) -> Result<(), UnsealError> {
        let days = self.days.entry(number).or_default();
        let first = !std::mem::replace(&mut days.any, true);
        match message.sent.civil() {
            Some(at) => {
                days.by_day.entry(at.date()).and_modify(|s| s.add(&message.sent)).or_insert_with(|| Span::one(&message.sent));
            }
            None => days.undated += 1,
        }
        let file = self.writer(number)?;
        file.write_all(if first { b"\n" } else { b",\n" })?;
        json(file, message)
    }

    fn end(&mut self, conversation: &Conversation) -> Result<Vec<ContextLine>, UnsealError> {
        let days = self.days.remove(&conversation.number).unwrap_or_default();
        let context = context(conversation, &days);
        let file = self.writer(conversation.number)?;
        file.write_all(b"\n],\n\"context\":")?;
        json(file, &context)?;
        file.write_all(b"}\n")?;
        file.flush()?;
        self.open.remove(&conversation.number);
        self.order.retain(|n| *n != conversation.number);
        Ok(context)
    }
}

/// One line for the whole, then one for each day.
fn context(conversation: &Conversation, days: &Days) -> Vec<ContextLine> {
    let others: Vec<&str> =
        conversation.participants.iter().filter(|p| !p.is_holder).map(uitlezen_chat::Participant::display_name).collect();
    let subject = match (&conversation.title, conversation.kind) {
        (Some(title), ConversationKind::Group | ConversationKind::Community) => Subject::group_name(title.clone()),
        _ => Subject::unknown(),
    };
    let whole = days.by_day.values().cloned().reduce(|mut whole, day| {
        if day.last.utc > whole.last.utc {
            whole.last = day.last;
        }
        whole.messages += day.messages;
        whole
    });
    let whole = whole
        .and_then(|span| ContextLine::new(None, subject.clone(), &others, &span.first, &span.last, span.messages + days.undated));
    let each = days
        .by_day
        .iter()
        .filter_map(|(day, span)| ContextLine::new(Some(*day), subject.clone(), &others, &span.first, &span.last, span.messages));
    whole.into_iter().chain(each).collect()
}

fn json<T: Serialize>(to: &mut impl Write, value: &T) -> Result<(), UnsealError> {
    Ok(serde_json::to_writer(to, value).map_err(std::io::Error::from)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use uitlezen_chat::{
        Attachment, Body, ConversationFile, ConversationId, Direction, MessageId, Sender, Source, Timer, TimerState,
    };
    use uitlezen_evidence::MemoryEvidence;

    fn source() -> Source {
        Source { item: EvidenceId(1), table: "message".into(), row: 1 }
    }

    fn conversation(number: u32) -> Conversation {
        Conversation {
            id: ConversationId(format!("whatsapp:{number}")),
            number: ConversationNumber(number),
            app: "whatsapp".into(),
            kind: ConversationKind::Group,
            kind_raw: None,
            title: Some(format!("Groep {number}")),
            description: None,
            labels: vec![],
            created: None,
            archived: false,
            locked: false,
            uninterpreted: BTreeMap::new(),
            native: vec![],
            participants: vec![],
            membership: vec![],
            timer: Timer { state: TimerState::Off, since: None, basis: None, initiator_raw: None, changes: vec![], source: None },
            separation: vec![],
            source: source(),
        }
    }

    fn message(id: &str, millis: i64, attachment: Option<&str>) -> Message {
        Message {
            id: MessageId(id.into()),
            direction: Direction::Received,
            sender: Sender::Unknown,
            sent: Moment::from_millis(millis),
            received: None,
            body: Body::Text { text: "hallo".into(), link: None, link_title: None },
            attachments: attachment
                .map(|path| Attachment {
                    path: Some(path.into()),
                    name: None,
                    media_type: None,
                    bytes: None,
                    sha256: None,
                    duration_seconds: None,
                    width: None,
                    height: None,
                    transcription: None,
                    state: AttachmentState::Wanted,
                })
                .into_iter()
                .collect(),
            quote: None,
            mentions: vec![],
            reactions: vec![],
            forwarded: None,
            pins: vec![],
            kept: vec![],
            additions: vec![],
            edited: None,
            expiry: None,
            starred: false,
            album: None,
            comment_on: None,
            uninterpreted: Default::default(),
            status_raw: None,
            delivery: None,
            earlier: vec![],
            source: source(),
        }
    }

    fn lines<T: Serialize>(all: &[T]) -> Vec<u8> {
        all.iter().flat_map(|l| [serde_json::to_vec(l).unwrap(), vec![b'\n']].concat()).collect()
    }

    fn seal(conversations: u32, messages: u32) -> MemoryEvidence {
        let state = AttachmentState::Present { file: "bijlagen/000001.jpg".into(), bytes: 3, sha256: "00".into() };
        let all: Vec<_> = (0..messages)
            .map(|i| MessageLine {
                c: ConversationNumber(i % conversations + 1),
                // an hour apart, so that several days are covered
                m: message(
                    &format!("m{i}"),
                    1_763_802_000_000 + i64::from(i) * 3_600_000,
                    (i < 2).then(|| ["a", "b"][i as usize]),
                ),
            })
            .collect();
        let items = [
            ("gesprekken/whatsapp/conversations.jsonl", lines(&(1..=conversations).map(conversation).collect::<Vec<_>>())),
            ("gesprekken/whatsapp/messages.jsonl", lines(&all)),
            ("gesprekken/whatsapp/attachments.jsonl", lines(&[AttachmentLine { path: "a".into(), state }])),
            ("gesprekken/whatsapp/bijlagen/000001.jpg", b"jpg".to_vec()),
        ];
        items.into_iter().map(|(name, bytes)| (ItemName::new(name).unwrap(), bytes)).collect()
    }

    #[test]
    fn more_conversations_than_open_files_still_come_out_whole() {
        let dir = tempfile::tempdir().unwrap();
        let conversations = 3 * OPEN_FILES as u32;
        let written = write_conversations(&seal(conversations, conversations * 4), &AtHand::default(), dir.path()).unwrap();
        assert_eq!((written.conversations, written.messages), (u64::from(conversations), u64::from(conversations) * 4));
        let file: ConversationFile =
            serde_json::from_slice(&std::fs::read(dir.path().join("whatsapp/gesprek-0200.json")).unwrap()).unwrap();
        assert_eq!(file.messages.len(), 4);
        assert_eq!(file.messages[0].id.0, "m199");
        assert_eq!(file.context[0].messages, 4);
        assert_eq!(file.context.len(), 5, "one line for the whole and one for each of four days");
    }

    #[test]
    fn an_attachment_is_present_or_missing_and_never_just_wanted() {
        let dir = tempfile::tempdir().unwrap();
        write_conversations(&seal(1, 3), &AtHand::default(), dir.path()).unwrap();
        let file: ConversationFile =
            serde_json::from_slice(&std::fs::read(dir.path().join("whatsapp/gesprek-0001.json")).unwrap()).unwrap();
        assert!(
            matches!(&file.messages[0].attachments[0].state, AttachmentState::Present { file, .. } if file == "bijlagen/000001.jpg")
        );
        assert_eq!(file.messages[1].attachments[0].state, AttachmentState::Missing);
        assert_eq!(std::fs::read(dir.path().join("whatsapp/bijlagen/000001.jpg")).unwrap(), b"jpg");
    }

    #[test]
    fn a_line_cut_off_is_said_and_not_skipped() {
        let cut: MemoryEvidence =
            [(ItemName::new("gesprekken/whatsapp/conversations.jsonl").unwrap(), b"{\"id\":".to_vec())].into_iter().collect();
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            write_conversations(&cut, &AtHand::default(), dir.path()),
            Err(UnsealError::Record { item: "conversations.jsonl", line: 1 })
        ));
    }

    #[test]
    fn a_folder_with_something_in_it_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), "").unwrap();
        assert!(matches!(super::super::prepare(dir.path()), Err(UnsealError::NotEmpty)));
        assert!(super::super::prepare(&dir.path().join("nieuw")).is_ok());
    }
}
