//! Writing both forms, for what we send to a phone and for the virtual one.

use crate::{COCOA_EPOCH, Value, WriteError};
use plist::{
    Date, Integer, Uid,
    stream::{BinaryWriter, Event, Writer, XmlWriter},
};
use std::time::{Duration, UNIX_EPOCH};

/// From year 1 to year 9999, which is what the XML form can say.
const YEARS: std::ops::Range<f64> = -62_135_596_800.0..253_402_300_800.0;

/// The XML form; dates in whole seconds, as Apple reads them there.
///
/// # Errors
/// A date outside the calendar, or a reference of an archive.
pub fn to_xml(value: &Value) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::new();
    send(value, &mut XmlWriter::new(&mut out), true)?;
    out.push(b'\n');
    Ok(out)
}

/// The binary form.
///
/// # Errors
/// A date outside the calendar.
pub fn to_binary(value: &Value) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::new();
    send(value, &mut BinaryWriter::new(&mut out), false)?;
    Ok(out)
}

fn send(value: &Value, to: &mut impl Writer, xml: bool) -> Result<(), WriteError> {
    let event = match value {
        Value::Array(array) => {
            event(to, Event::StartArray(Some(array.len() as u64)))?;
            array.iter().try_for_each(|value| send(value, to, xml))?;
            Event::EndCollection
        }
        Value::Dictionary(dictionary) => {
            event(to, Event::StartDictionary(Some(dictionary.len() as u64)))?;
            for (key, value) in dictionary {
                event(to, Event::String(key.into()))?;
                send(value, to, xml)?;
            }
            Event::EndCollection
        }
        Value::String(string) => Event::String(string.into()),
        Value::Data(data) => Event::Data(data.into()),
        Value::Integer(integer) => Event::Integer(written(*integer)?),
        Value::Real(real) => Event::Real(*real),
        Value::Boolean(boolean) => Event::Boolean(*boolean),
        Value::Date(seconds) => Event::Date(date(if xml { seconds.floor() } else { *seconds })?),
        Value::Uid(uid) => Event::Uid(Uid::new(*uid)),
    };
    self::event(to, event)
}

fn event(to: &mut impl Writer, event: Event<'_>) -> Result<(), WriteError> {
    to.write(event).map_err(|_| WriteError::Form)
}

fn written(integer: i128) -> Result<Integer, WriteError> {
    let signed = i64::try_from(integer).ok().map(Integer::from);
    signed.or_else(|| u64::try_from(integer).ok().map(Integer::from)).ok_or(WriteError::Form)
}

fn date(cocoa: f64) -> Result<Date, WriteError> {
    let unix = cocoa + COCOA_EPOCH;
    // Also what is no number.
    if !YEARS.contains(&unix) {
        return Err(WriteError::Date);
    }
    let distance = Duration::try_from_secs_f64(unix.abs()).map_err(|_| WriteError::Date)?;
    let time = if unix < 0.0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    time.map(Date::from).ok_or(WriteError::Date)
}
