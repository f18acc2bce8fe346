//! What apps keep on an iPhone, as files of a backup.

pub mod messages;
pub mod threema;
pub mod whatsapp;
