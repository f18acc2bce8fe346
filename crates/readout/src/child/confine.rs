//! What a child may touch: read-only folders, device files, TCP ports on loopback, so much memory.
//!
//! Landlock where the kernel has it (best effort: an older kernel gives less, and the report says how much), resource limits
//! and "not dumpable" everywhere.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};
use rustix::{
    mm::MlockAllFlags,
    process::{DumpableBehavior, Resource, Rlimit, Signal},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What one child needs; everything else is denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Folders and files that may be read.
    pub read: Vec<PathBuf>,
    /// Device folders that may be read and written (`/dev/bus/usb`).
    pub devices: Vec<PathBuf>,
    /// TCP ports that may be connected to.
    pub ports: Vec<u16>,
    /// Address space in MiB.
    pub memory_mib: u64,
}

/// How far the confinement took hold; stands in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confined {
    Fully,
    /// The kernel knows only part of the rules.
    Partly,
    /// The kernel has no Landlock.
    NotByKernel,
}

impl Confinement {
    pub(crate) fn to_arguments(&self) -> Vec<String> {
        let path = |flag: &str, p: &PathBuf| format!("{flag}={}", p.display());
        let mut all: Vec<String> = self.read.iter().map(|p| path("read", p)).collect();
        all.extend(self.devices.iter().map(|p| path("device", p)));
        all.extend(self.ports.iter().map(|p| format!("port={p}")));
        all.push(format!("memory={}", self.memory_mib));
        all
    }

    pub(crate) fn from_arguments(arguments: &[String]) -> Option<Self> {
        let mut out = Self::default();
        for argument in arguments {
            match argument.split_once('=')? {
                ("read", p) => out.read.push(p.into()),
                ("device", p) => out.devices.push(p.into()),
                ("port", p) => out.ports.push(p.parse().ok()?),
                ("memory", m) => out.memory_mib = m.parse().ok()?,
                _ => return None,
            }
        }
        Some(out)
    }
}

/// Core dumps off, not dumpable (so not traceable by another process of the same account). For every process that holds keys.
pub fn hide_memory() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Keeps this process's memory out of swap where the account may lock without a bound (a kiosk's service unit with
/// `LimitMEMLOCK=infinity`, or root). With a bound, locking what comes later would make allocations fail; then `doctor`
/// speaks of swap instead. Pages are locked as they are touched.
#[must_use]
pub fn lock_memory() -> bool {
    rustix::process::getrlimit(Resource::Memlock).current.is_none()
        && rustix::mm::mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT).is_ok()
}

/// Confines this process for good.
#[must_use]
pub fn confine(to: &Confinement) -> Confined {
    hide_memory();
    let _ = lock_memory();
    // A child never outlives the closing process.
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    if to.memory_mib > 0 {
        let bytes = Some(to.memory_mib.saturating_mul(1024 * 1024));
        let _ = rustix::process::setrlimit(Resource::As, Rlimit { current: bytes, maximum: bytes });
    }
    enforced(landlock(to))
}

/// Tries the kernel's part of the confinement on the calling thread only; for a diagnosis.
#[must_use]
pub fn try_on_this_thread(to: &Confinement) -> Confined {
    enforced(landlock(to))
}

fn enforced(status: Result<RulesetStatus, RulesetError>) -> Confined {
    match status {
        Ok(RulesetStatus::FullyEnforced) => Confined::Fully,
        Ok(RulesetStatus::PartiallyEnforced) => Confined::Partly,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Confined::NotByKernel,
    }
}

fn landlock(to: &Confinement) -> Result<RulesetStatus, RulesetError> {
    let abi = ABI::V4; // files, truncation, TCP
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?;
    for path in &to.read {
        if let Ok(fd) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(fd, AccessFs::from_read(abi)))?;
        }
    }
    for path in &to.devices {
        if let Ok(fd) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(fd, AccessFs::from_read(abi) | AccessFs::WriteFile))?;
        }
    }
    for port in &to.ports {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_what_the_child_is_told() {
        let asked =
            Confinement { read: vec!["/a b".into()], devices: vec!["/dev/bus/usb".into()], ports: vec![5037], memory_mib: 512 };
        assert_eq!(Confinement::from_arguments(&asked.to_arguments()), Some(asked));
        assert_eq!(Confinement::from_arguments(&["write=/".to_owned()]), None);
    }
}
