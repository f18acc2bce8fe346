//! The passes over the frames.

use super::{MAIN, Reading, aside, book::Book, item::Context, people::People, settings, survey::Survey, unknown_fields};
use crate::{
    Goes, Parted, ReadError, RecordSink, RunSink, Summary, TableNature, note,
    reading::count::count,
    signal::{
        keys::{Keys, Twice},
        settings::Settings,
    },
};
use uitlezen_chat::{ConversationNumber, Message, Moment};
use uitlezen_protobuf::Record;
use uitlezen_signal_backup::folder::{Frames, Limits};

/// Messages handed over at once.
const RUN: usize = 4_096;

/// The first pass: people and chats.
pub(super) struct Heads<'h> {
    pub(super) people: &'h mut People,
    pub(super) book: &'h mut Book,
    pub(super) settings: &'h mut Settings,
    pub(super) made: &'h mut Option<Moment>,
}

/// Goes over all frames behind the first. Frames are counted from 1.
fn each<F>(frames: &mut Frames, mut with: F) -> Result<(), ReadError>
where
    F: FnMut(&'static str, Record<'_>, i64) -> Result<(), ReadError>,
{
    const KINDS: [&str; 8] =
        ["account", "recipient", "chat", "chatItem", "stickerPack", "adHocCall", "notificationProfile", "chatFolder"];
    loop {
        let number = i64::try_from(frames.number()).unwrap_or(i64::MAX).saturating_add(1);
        let Some(frame) = frames.next()? else { return Ok(()) };
        match frame.one_of(&KINDS) {
            Some((kind, inner)) => with(kind, inner, number)?,
            None => with("", frame, number)?,
        }
    }
}

impl Heads<'_> {
    pub(super) fn run(self, reading: &Reading<'_>, summary: &mut Summary) -> Result<(), ReadError> {
        let mut frames = reading.main.frames(Limits::default());
        let made = frames.info()?.uint("backupTimeMs");
        *self.made = crate::signal::keys::some_moment(Some(made));
        let (mut calls, mut packs, mut ways, mut unknown) = (0, 0, 0, 0);
        let gone = each(&mut frames, |kind, frame, number| {
            match kind {
                "account" => {
                    self.people.account(&frame);
                    *self.settings = settings(&frame);
                }
                "recipient" => self.people.add(&frame),
                "chat" => self.book.add(&frame, number),
                "chatItem" => {}
                "adHocCall" => calls += 1,
                "stickerPack" => packs += 1,
                "" => unknown += 1,
                _ => ways += 1,
            }
            Ok(())
        });
        summary.not_asked.calls += calls;
        aside("Frame.stickerPack", packs, TableNature::Technical, "packs of stickers that are installed", summary);
        aside("Frame.notificationProfile", ways, TableNature::Technical, "when the phone rings, and folders of chats", summary);
        aside("Recipient.distributionList", self.people.lists, TableNature::NotAsked, "lists for stories", summary);
        if unknown > 0 {
            aside("Frame", unknown, TableNature::NotInterpreted, "frames of a kind that nobody described", summary);
        }
        unknown_fields(frames.census(), summary);
        gone
    }
}

/// The pass before the records.
pub(super) fn survey(reading: &Reading<'_>, people: &People, survey: &mut Survey<'_>) -> Result<(), ReadError> {
    let mut frames = reading.main.frames(Limits::default());
    frames.info()?;
    // What a message says about another is not looked up yet, and what is counted here is counted when it goes out.
    let (keys, mut aside) = (Keys::new(), Summary::default());
    let cx = Context { item: reading.item, files: &super::NoFiles, people, keys: &keys };
    each(&mut frames, |kind, frame, number| {
        if kind == "chatItem" {
            match survey.place(frame.uint("chatId"), number) {
                Some(index) => {
                    let parts = cx.compose(&frame, index, number, &mut aside);
                    survey.met(index, &parts, people);
                }
                None => survey.unplaced(),
            }
            aside = Summary::default();
        }
        Ok(())
    })
}

fn pass<F>(reading: &Reading<'_>, cx: &Context<'_>, book: &Book, summary: &mut Summary, mut give: F) -> Result<(), ReadError>
where
    F: FnMut(ConversationNumber, Vec<Message>, Summary, &mut Summary) -> Result<(), ReadError>,
{
    let mut frames = reading.main.frames(Limits::default());
    frames.info()?;
    let mut twice = Twice::default();
    each(&mut frames, |kind, frame, number| {
        if kind != "chatItem" {
            return Ok(());
        }
        let Some(index) = book.of_chat(frame.uint("chatId")) else { return Ok(()) };
        let mut of_item = Summary::default();
        let mut parts = cx.compose(&frame, index, number, &mut of_item);
        twice.name(&mut parts.messages, index, &parts.author, parts.named, cx.keys);
        give(Book::number(index), parts.messages, of_item, summary)
    })
}

/// Lets what stays behind be heard.
pub(super) fn hear(reading: &Reading<'_>, cx: &Context<'_>, book: &Book, parted: &Parted<'_>) -> Result<(), ReadError> {
    // What is in the way now is in the way when records go out, and is noted there.
    let heard = pass(reading, cx, book, &mut Summary::default(), |number, messages, _, _| {
        if parted.goes(number) != Goes::Whole {
            messages.iter().for_each(|message| parted.hear(number, message));
        }
        Ok(())
    });
    note(&mut Summary::default(), MAIN, heard)
}

/// Gives out every message.
pub(super) fn run<S: RecordSink>(
    reading: &Reading<'_>,
    cx: &Context<'_>,
    book: &Book,
    parted: Option<&Parted<'_>>,
    summary: &mut Summary,
    sink: &mut S,
) -> Result<(), ReadError> {
    let (mut gathered, mut n) = (S::Run::default(), 0);
    let given = pass(reading, cx, book, summary, |number, messages, mut of_item, summary| {
        let mut gone = false;
        for message in messages {
            let mut message = Some((number, Box::new(message)));
            if let Some(parted) = parted {
                if parted.goes(number) == Goes::Not {
                    continue;
                }
                message = message.and_then(|(number, message)| parted.message(number, message, &mut of_item));
            }
            let Some((number, message)) = message else { continue };
            gone = true;
            count(&mut of_item, &message);
            gathered.message(number, message).map_err(ReadError::Sink)?;
            n += 1;
            if n >= RUN || gathered.is_full() {
                sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
                n = 0;
            }
        }
        // Only what goes out is counted.
        if gone {
            summary.absorb(of_item);
        }
        Ok(())
    });
    note(summary, MAIN, given)?;
    sink.hand_over(&mut gathered).map_err(ReadError::Sink)
}
