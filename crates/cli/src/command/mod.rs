//! One file a command.

pub(crate) mod at_hand;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod drill;
pub(crate) mod guided;
pub(crate) mod keys;
pub(crate) mod pages;
pub(crate) mod phones;
pub(crate) mod probe;
pub(crate) mod readout;
pub(crate) mod register;
mod release;
pub(crate) mod rotate;
pub(crate) mod runs;
pub(crate) mod seals;
pub(crate) mod settings;
mod supervision;
pub(crate) mod twin;
pub(crate) mod unseal;
pub(crate) mod vault;
pub(crate) mod verify;
