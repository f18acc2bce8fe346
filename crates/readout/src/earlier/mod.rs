//! What earlier seals of a phone hold, so that a weekly readout does not transfer it again.
//!
//! One encrypted [`EarlierFile`] a phone lists this station's seals of it and where the bytes of each attachment lie. At the
//! media stage [`Holdings`] says what may be left there: only what lies in a seal that is found again, unchanged and verified.
//! A seal is verified whole before anything relies on it. The report, the records and the signed header
//! name every seal relied on; nothing is ever taken from a chain: each record names the seal that really holds the bytes.

mod account;
mod destroy;
mod file;
mod holdings;
mod known;
mod remember;
mod trust;

pub use account::{Earlier, ReliedOn, Unusable, WhyFull};
pub use destroy::{Reliance, Reliant, reliance};
pub use file::{EarlierError, EarlierFile};
pub use holdings::{Asked, Holdings, Weekly};
pub use known::{HeldAttachment, Known, KnownSeal, PathKey, PathKeys, PhoneState, Stamp};
pub(crate) use remember::{JustClosed, RememberError, Taken, remember};
pub use trust::{Found, find};
