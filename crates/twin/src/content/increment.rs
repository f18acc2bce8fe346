//! An incremental backup as far as its layout was read (`reference/android.md` §2.5).
//!
//! Known: crypt15 without MD5 over a ZIP; an entry `messages.bin` of length-delimited HistorySync messages, of which the
//! field numbers below are known. Not known: which value of `sync_type` a backup carries (0 is written), how media is
//! described, and the entries about deletions. Those are not supplied; see `Options::unread_entry`.

use super::ContentError;
use prost::Message;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

#[derive(Clone, PartialEq, Message)]
pub(super) struct HistorySync {
    #[prost(int32, required, tag = "1")]
    pub sync_type: i32,
    #[prost(message, repeated, tag = "2")]
    pub conversations: Vec<Conversation>,
    #[prost(message, optional, tag = "8")]
    pub global_settings: Option<GlobalSettings>,
    #[prost(message, repeated, tag = "15")]
    pub lid_mappings: Vec<LidMapping>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GlobalSettings {
    #[prost(int32, optional, tag = "9")]
    pub disappearing_mode_duration: Option<i32>,
    #[prost(int64, optional, tag = "10")]
    pub disappearing_mode_timestamp: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LidMapping {
    #[prost(string, optional, tag = "1")]
    pub pn_jid: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub lid_jid: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Conversation {
    #[prost(string, required, tag = "1")]
    pub id: String,
    #[prost(message, repeated, tag = "2")]
    pub messages: Vec<HistorySyncMsg>,
    #[prost(uint64, optional, tag = "5")]
    pub last_msg_timestamp: Option<u64>,
    /// Seconds.
    #[prost(uint32, optional, tag = "9")]
    pub ephemeral_expiration: Option<u32>,
    /// Unix seconds.
    #[prost(int64, optional, tag = "10")]
    pub ephemeral_setting_timestamp: Option<i64>,
    #[prost(string, optional, tag = "13")]
    pub name: Option<String>,
    #[prost(string, optional, tag = "39")]
    pub pn_jid: Option<String>,
    #[prost(string, optional, tag = "42")]
    pub lid_jid: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct HistorySyncMsg {
    #[prost(message, optional, tag = "1")]
    pub message: Option<WebMessageInfo>,
    #[prost(uint64, optional, tag = "2")]
    pub msg_order_id: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct WebMessageInfo {
    #[prost(message, optional, tag = "1")]
    pub key: Option<MessageKey>,
    #[prost(message, optional, tag = "2")]
    pub message: Option<Content>,
    /// Unix seconds.
    #[prost(uint64, optional, tag = "3")]
    pub timestamp: Option<u64>,
    #[prost(int32, optional, tag = "4")]
    pub status: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub participant: Option<String>,
    #[prost(bool, optional, tag = "17")]
    pub starred: Option<bool>,
    #[prost(string, optional, tag = "19")]
    pub push_name: Option<String>,
    #[prost(int32, optional, tag = "24")]
    pub stub_type: Option<i32>,
    #[prost(string, repeated, tag = "26")]
    pub stub_parameters: Vec<String>,
    #[prost(uint64, optional, tag = "52")]
    pub revoke_timestamp: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MessageKey {
    #[prost(string, optional, tag = "1")]
    pub remote_jid: Option<String>,
    #[prost(bool, optional, tag = "2")]
    pub from_me: Option<bool>,
    #[prost(string, optional, tag = "3")]
    pub id: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub participant: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Content {
    /// The text of a plain message.
    #[prost(string, optional, tag = "1")]
    pub conversation: Option<String>,
}

/// Stub types of §2.5 that are used here.
pub(super) const STUB_REVOKE: i32 = 1;
pub(super) const STUB_CHANGE_EPHEMERAL_SETTING: i32 = 72;

/// The ZIP of one increment. `unread` is the name and bytes of an entry that no reader can know.
pub(super) fn archive(syncs: &[HistorySync], unread: Option<(&str, &[u8])>) -> Result<Vec<u8>, ContentError> {
    let mut bin = Vec::new();
    for sync in syncs {
        sync.encode_length_delimited(&mut bin)?;
    }
    // A fixed date: the default of the ZIP format, 1980-01-01, so that equal options give equal bytes.
    let stored =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(zip::DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("messages.bin", stored)?;
    zip.write_all(&bin)?;
    if let Some((name, bytes)) = unread {
        zip.start_file(name, stored)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
