//! What a phone keeps over sessions, and what changes while it runs.

use super::{Lock, Passcode, Trust};
use crate::device::Battery;
use rustls::pki_types::CertificateDer;
use std::{collections::BTreeMap, time::Instant};

#[derive(Debug)]
pub(super) struct State {
    pub(super) plugged: bool,
    /// Rises whenever all connections are cut.
    pub(super) cuts: u64,
    pub(super) lock: Lock,
    pub(super) battery: Battery,
    pub(super) trust: Trust,
    /// Hosts that are trusted, by their HostID.
    pub(super) hosts: BTreeMap<String, Host>,
    /// The trust dialog on the screen now.
    pub(super) dialog: Option<Dialog>,
    /// The holder has tapped Trust.
    pub(super) tapped: bool,
    /// The holder has tapped "Don't trust" since the phone was plugged in.
    pub(super) denied: bool,
    /// Challenges given to supervising hosts, by HostID, and the supervisor that must answer.
    pub(super) challenges: BTreeMap<String, (Vec<u8>, Vec<u8>)>,
    pub(super) passcode: Passcode,
    /// The holder has typed the passcode.
    pub(super) typed: bool,
    /// Services started and not yet connected to, by port.
    pub(super) openings: BTreeMap<u16, Opening>,
    pub(super) next_port: u16,
    pub(super) sessions: u64,
    /// Connection that holds the sync lock.
    pub(super) sync_lock: Option<u64>,
    pub(super) password: Option<String>,
    /// Rises with every change of password.
    pub(super) password_age: u64,
    /// Unix seconds of the last backup to a computer.
    pub(super) last_backup: Option<i64>,
    pub(super) wifi_connections: bool,
}

/// A host the phone trusts.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) buid: String,
    /// What the host made for the phone's key.
    pub(super) device_certificate: CertificateDer<'static>,
    /// What the host may show: its own certificate and that of its root.
    pub(super) host_certificates: Vec<CertificateDer<'static>>,
    pub(super) escrow: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) buid: String,
    pub(super) shown: Instant,
}

/// A service that waits for its connection.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) name: &'static str,
    pub(super) host: Host,
    /// Whether the escrow bag came along and is the right one.
    pub(super) escrow: bool,
}
