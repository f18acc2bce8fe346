//! Threema, Threema Work and Threema OnPrem.
//!
//! [`ios`] reads the database of an iPhone, as a backup holds it; [`android`] the data backup that the holder makes in the app.
//! [`settings`] says how long messages are kept, as far as either shows it.

pub mod android;
mod edition;
pub mod ios;
pub mod settings;

pub use edition::Edition;

/// The holder's participant id in every conversation.
pub const HOLDER: &str = "holder";
