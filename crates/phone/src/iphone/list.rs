//! Services that speak in property lists: a big-endian length, then the list (`reference/ios.md` §1.2).

use super::{
    error::{Breach, IphoneError},
    line::{Idle, Line, idle},
};
use std::time::Duration;
use uitlezen_property_list::{Limits, Value, parse, to_binary, to_xml};
use zeroize::Zeroize;

/// Longest list of a small service; a phone with a thousand apps stays under two.
pub(crate) const SMALL: u32 = 8 << 20;

/// In which form a list is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Xml,
    Binary,
}

/// The bytes of one frame; they may hold a secret and are for wiping.
pub(crate) fn frame(value: &Value, form: Form) -> Result<Vec<u8>, IphoneError> {
    let mut list = match form {
        Form::Xml => to_xml(value),
        Form::Binary => to_binary(value),
    }
    .map_err(|_| Breach::Unexpected("a list that cannot be written"))?;
    let length = u32::try_from(list.len()).map_err(|_| Breach::Unexpected("a list that is too long"))?;
    let mut whole = Vec::with_capacity(list.len().saturating_add(4));
    whole.extend_from_slice(&length.to_be_bytes());
    whole.extend_from_slice(&list);
    list.zeroize();
    Ok(whole)
}

pub(crate) fn send(line: &mut Line, value: &Value, form: Form, wait: Duration) -> Result<(), IphoneError> {
    let mut whole = frame(value, form)?;
    let sent = line.write_all(&whole, wait);
    whole.zeroize();
    sent
}

pub(crate) fn receive(line: &mut Line, bound: u32, wait: Duration, look: Idle<'_>) -> Result<Value, IphoneError> {
    let length = line.read_length(bound, wait, look)?;
    let mut bytes = line.read_block(length as usize, wait, look)?;
    let value = parse(&bytes, &Limits { input: bound as usize, ..Limits::default() });
    bytes.zeroize();
    Ok(value?)
}

/// One question in XML, one answer.
pub(crate) fn ask(line: &mut Line, value: &Value, wait: Duration) -> Result<Value, IphoneError> {
    send(line, value, Form::Xml, wait)?;
    receive(line, SMALL, wait, &mut idle)
}
