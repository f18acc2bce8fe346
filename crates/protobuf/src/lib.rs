//! Protobuf that comes from outside, read under bounds and without copying.
//!
//! Two ways. [`Fields`] gives the fields of one message as they stand, for whoever knows what they are looking for: it stands
//! before a decoder where the outer layers may be as long as a whole backup. [`Record`] reads a message by a [`Schema`], a table
//! of names and kinds: [`check`] walks it once from end to end, counts every field that the table does not name and refuses
//! what is too deep or too many; after that the getters cannot fail. A field that the table calls secret has no getter but
//! [`Record::secret`], so that a reader cannot put one into a record by mistake.

mod schema;
mod wire;

pub use schema::{Bounds, Census, Entry, Kind, Record, Schema, check};
pub use wire::{Field, Fields, Malformed, Value, bounded, count_unknown, text_at, varint};
