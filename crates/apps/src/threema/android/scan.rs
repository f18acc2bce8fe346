//! The passes over the messages.

use super::{
    compose::Context,
    entries::Entry,
    row::{MessageRow, Table},
    survey::Twice,
};
use crate::{Goes, Parted, ReadError, RecordSink, RunSink, Summary, note, reading::count::count};
use uitlezen_chat::{ConversationNumber, Message};

/// Messages handed over at once.
const RUN: usize = 4_096;

/// Goes over all messages, one conversation after the other. A table that is damaged ends there.
fn pass<F>(
    cx: &Context<'_>,
    numbers: &[Option<ConversationNumber>],
    wanted: impl Fn(ConversationNumber) -> bool,
    summary: &mut Summary,
    mut give: F,
) -> Result<(), ReadError>
where
    F: FnMut(ConversationNumber, Message, Summary, &mut Summary) -> Result<(), ReadError>,
{
    for (at, (room, number)) in (0..).zip(cx.book.rooms.iter().zip(numbers)) {
        let (Some(name), Some(number)) = (&room.entry, *number) else { continue };
        if !wanted(number) {
            continue;
        }
        let (kind, mut twice) = (Entry::of(name).table(), Twice::default());
        let mut each = |row: MessageRow<'_>| {
            let mut of_message = Summary::default();
            let message = cx.compose(row, at, kind, &mut twice, &mut of_message);
            give(number, message, of_message, summary)
        };
        let gone = Table::open(cx.backup, name).and_then(|mut table| table.each(&mut each));
        note(summary, kind, gone)?;
    }
    Ok(())
}

/// Lets what stays behind be heard.
pub(super) fn hear(cx: &Context<'_>, numbers: &[Option<ConversationNumber>], parted: &Parted<'_>) -> Result<(), ReadError> {
    let apart = |number| parted.goes(number) != Goes::Whole;
    // What is in the way now is in the way when records go out, and is noted there.
    pass(cx, numbers, apart, &mut Summary::default(), |number, message, _, _| {
        parted.hear(number, &message);
        Ok(())
    })
}

/// Gives out every message.
pub(super) fn run<S: RecordSink>(
    cx: &Context<'_>,
    numbers: &[Option<ConversationNumber>],
    parted: Option<&Parted<'_>>,
    summary: &mut Summary,
    sink: &mut S,
) -> Result<(), ReadError> {
    let (mut gathered, mut n) = (S::Run::default(), 0);
    let goes = |number| parted.is_none_or(|parted| parted.goes(number) != Goes::Not);
    let given = pass(cx, numbers, goes, summary, |number, message, mut of_message, summary| {
        let message = Some((number, Box::new(message)));
        let message = match parted {
            Some(parted) => message.and_then(|(number, message)| parted.message(number, message, &mut of_message)),
            None => message,
        };
        // Only what goes out is counted.
        let Some((number, message)) = message else { return Ok(()) };
        count(&mut of_message, &message);
        summary.absorb(of_message);
        gathered.message(number, message).map_err(ReadError::Sink)?;
        n += 1;
        if n >= RUN || gathered.is_full() {
            sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
            n = 0;
        }
        Ok(())
    });
    given?;
    sink.hand_over(&mut gathered).map_err(ReadError::Sink)
}
