//! Messaging apps: where their data lies, how to unlock it, how to read it.
//!
//! One folder an app. `readout` asks an app what it wants from a phone (patterns over item names), hands the items it got
//! to the app as evidence, and receives `chat` records in order. Nothing here knows a phone, a seal or a screen, nothing is
//! written anywhere, and no text from a phone stands in an error.

pub mod whatsapp;
