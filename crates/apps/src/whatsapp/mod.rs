//! WhatsApp and WhatsApp Business on Android.

pub mod backup;
