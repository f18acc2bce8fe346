//! Content providers of Android, as `content query` prints them.
//!
//! `content query` escapes nothing (`reference/android.md §1.3, §4.3`), so an answer is read by what was asked: by the ids that a
//! second query gave and by the columns in the order in which they were asked for, never by guessing at commas. What can be cut
//! in more than one way is "unclear" and is asked again, value by value ([`cut`]).
//!
//! The room that speaks to the phone and the rooms that read apps do not know each other, and both need this: the first decides
//! by it what must be asked again, the second reads the same answers out of the evidence. So the answers stand in the evidence
//! as they were received ([`Writer`], [`Answers`]), and what [`Table`] to ask is said once.
//!
//! # The form of an item of answers
//!
//! A line `uitlezen-provider-answers 1`, then frames. A frame is one line of JSON (a [`Question`] and how the phone ended it),
//! then as many bytes of the command's output as that line says, exactly as received, then as many of its errors, then a line
//! break. The last frame is the [`End`], without which the item is not whole. Frames come in this order: the ids of all rows,
//! the first row with every column that the provider has, the ids of rows whose text is the word `NULL`, then pages of rows;
//! behind a page the values that were asked one by one because the page was unclear there. A page that fits no ids was asked
//! while rows came or went: new ids of its range and the page anew stand behind it.

mod addresses;
mod answers;
mod cut;
mod item;
mod plan;
mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests;

pub use addresses::{Address, addresses, segments};
pub use answers::{Answer, Answers, AnswersError, Asked, End, Ended, Question, Writer};
pub use cut::{Cut, cut, ids, one_value};
pub use item::{ADDRESSES_ITEM, Held, ROOT, item, of_item};
pub use plan::{MOST_ROWS, PAGE, Range, names, pages, replace};
pub use table::{ADDRESSES, IM, MMS, PARTS, SMS, Table};
