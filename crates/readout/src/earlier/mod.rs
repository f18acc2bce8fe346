//! What earlier seals of a phone hold, so that a weekly readout does not transfer it again.

mod account;

pub use account::{Earlier, ReliedOn, Unusable, WhyFull};
