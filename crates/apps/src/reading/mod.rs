//! What every reader of a database is made of: what the file holds, values of any type, runs of messages on several threads,
//! the rows of other tables beside a run, absent rows, protobuf without a schema, a message with nothing in it, and the counts.

pub(crate) mod blank;
pub(crate) mod cocoa;
pub(crate) mod count;
pub(crate) mod gaps;
pub(crate) mod pass;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod value;

pub(crate) use uitlezen_protobuf as wire;
