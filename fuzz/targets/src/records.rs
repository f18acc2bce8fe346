//! Records as they leave a readout and are read again after unsealing: JSON.

use crate::whatsapp;
use uitlezen_chat::{ContextLine, Conversation, Message, Moment};

/// What reads as a record is written as one and reads the same again.
pub fn record_json(data: &[u8]) {
    again::<Conversation>(data);
    again::<Message>(data);
    again::<Moment>(data);
    again::<ContextLine>(data);
}

fn again<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq>(data: &[u8]) {
    let Ok(record) = serde_json::from_slice::<T>(data) else { return };
    let json = serde_json::to_vec(&record).expect("a record that was read and cannot be written");
    let second: T = serde_json::from_slice(&json).expect("our own JSON");
    assert!(second == record, "another record after a round trip");
}

pub fn record_seeds() -> Vec<Vec<u8>> {
    let moment = serde_json::to_vec(&Moment::from_millis(1_763_802_000_007)).unwrap();
    let mut seeds = whatsapp::some_records();
    seeds.push(moment);
    seeds
}
