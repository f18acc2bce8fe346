//! The sealed extraction: write, verify, unseal; and the work store of a run.
//!
//! `FORMAT.md` beside this crate is the specification; the modules follow its sections. This room knows bytes and parts,
//! never chats. Who calls what: `readout` keeps a run in a [`store`] and closes it into a container; `cli` verifies with
//! [`verify`] and opens with [`open`]; `vault` keeps the secret half of [`station`].

pub mod cades;
pub mod closing;
pub mod container;
pub mod envelope;
pub mod header;
pub mod index;
pub mod leesmij;
pub mod manifest;
pub mod open;
pub mod part;
pub mod role;
pub mod station;
pub mod store;
pub mod verify;
