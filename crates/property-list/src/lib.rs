//! Property lists: what Apple's software writes wherever it keeps or sends settings, manifests and archives of objects.
//!
//! They come from a phone, or from a folder somebody handed in, and are hostile until [`parse`] took them: 149 bytes can ask
//! for 1.5 GB, and 200,000 brackets for the whole stack (`reference/crates.md` §7). So every list is read under [`Limits`]:
//! nothing is allocated for a length that is claimed, nesting and the number of values are counted before they are made, and
//! shared references count every time they are followed.
//!
//! `phone` (lockdownd, backup messages), `backup` (manifests, archives) and `apps` (settings) call. The binary form is read
//! here, the XML form from the events of crate `plist`; both forms are written by that crate.
//!
//! What it does not know: any key, or what a list is for.

mod binary;
mod error;
mod limits;
mod value;
mod write;
mod xml;

pub use error::{PlistError, TooLarge, WriteError};
pub use limits::Limits;
pub use value::{COCOA_EPOCH, Dictionary, Value};
pub use write::{to_binary, to_xml};

/// How a binary list begins, whatever its minor version.
const BINARY: &[u8] = b"bplist0";

/// Reads a binary or an XML list; which, its first bytes say. The older text form of NeXT is not read.
///
/// # Errors
/// See [`PlistError`].
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, PlistError> {
    let budget = limits.budget(bytes.len())?;
    if bytes.starts_with(BINARY) { binary::read(bytes, budget) } else { xml::read(bytes, budget) }
}

/// Whether these first bytes (seven are enough) are those of a binary list.
#[must_use]
pub fn is_binary(first: &[u8]) -> bool {
    first.starts_with(BINARY)
}
