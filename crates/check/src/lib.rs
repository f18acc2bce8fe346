//! Judgements over records: is automatic deletion off, and was everything had that was asked.
//!
//! The reader child feeds every record once through a [`TimerCheck`]; `readout` adds what acquisition found and asks for the
//! [`Status`] and the exit code. Nothing here holds a name, a number or a text: conversations are numbers, so that every
//! result may stand in role *verantwoording*, in an event and on the operator's screen.

mod finding;
pub mod separation;
mod standing;
mod timer;

pub use finding::{EarlierSealFault, EarlierUnknown, Finding, Gap, GapReason, Subject};
pub use standing::{ExitCode, Standing, Status};
pub use timer::{AccountDefault, AppVerdict, ConversationVerdict, TimerCheck, TimerMark, Verdict};
