//! Property lists on a connection, as lockdownd and every service frame them: u32 big endian length, then the list.

use super::{
    error::{Fault, IphoneError},
    line::{Line, Tick},
};
use uitlezen_property_list::{Limits, Value, parse, to_binary, to_xml};
use zeroize::Zeroizing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Xml,
    Binary,
}

/// Longest answer of lockdownd and the small services: a list of apps or profiles is some hundred kilobytes.
pub(crate) const SMALL: usize = 8 << 20;

pub(crate) fn limits(input: usize) -> Limits {
    Limits { input, depth: 64, nodes: 500_000, bytes: input }
}

/// Sends one list. The written form is wiped: it may hold a password or a key.
pub(crate) fn send(line: &mut Line, value: &Value, form: Form) -> Result<(), IphoneError> {
    let list = match form {
        Form::Xml => to_xml(value),
        Form::Binary => to_binary(value),
    };
    let list = Zeroizing::new(list.map_err(|_| Fault::Message)?);
    let length = u32::try_from(list.len()).map_err(|_| Fault::Message)?;
    let mut frame = Zeroizing::new(Vec::with_capacity(list.len() + 4));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&list);
    line.write_all(&frame)
}

/// Takes one list of at most `most` bytes.
pub(crate) fn receive(line: &mut Line, most: usize, tick: &mut Tick<'_>) -> Result<Value, IphoneError> {
    let mut length = [0; 4];
    line.read_exact(&mut length, tick)?;
    receive_rest(line, length, most, tick)
}

/// The list behind a length that has been read.
pub(crate) fn receive_rest(line: &mut Line, length: [u8; 4], most: usize, tick: &mut Tick<'_>) -> Result<Value, IphoneError> {
    let length = u32::from_be_bytes(length) as usize;
    if length > most {
        return Err(Fault::TooLong { length: length as u64, bound: most as u64 }.into());
    }
    let bytes = Zeroizing::new(line.read_vec(length, tick)?);
    Ok(parse(&bytes, &limits(most))?)
}
