//! The services that lockdownd starts, each on a connection of its own under TLS.

mod afc;
mod diagnostics;
mod installation;
mod management;
mod notification;
mod springboard;

use super::{Iphone, IphoneError, Moment, backup, pipe::Pipe, state::Opening, tls, wire::Wire};

const AFC: &str = "com.apple.afc";
const BACKUP: &str = "com.apple.mobilebackup2";
const DIAGNOSTICS: &str = "com.apple.mobile.diagnostics_relay";
const INSTALLATION: &str = "com.apple.mobile.installation_proxy";
const MANAGEMENT: &str = "com.apple.mobile.MCInstall";
const NOTIFICATION: &str = "com.apple.mobile.notification_proxy";
const SPRINGBOARD: &str = "com.apple.springboardservices";

/// What can be started.
pub(super) const NAMES: &[&str] = &[AFC, BACKUP, DIAGNOSTICS, INSTALLATION, MANAGEMENT, NOTIFICATION, SPRINGBOARD];

/// Serves one connection of a started service until the host closes it.
pub(super) fn serve(phone: &Iphone, pipe: Pipe, opening: &Opening, line: u64) -> Result<(), IphoneError> {
    let mut wire = Wire::new(pipe);
    wire.secure(tls::server(&opening.host.device_certificate, &opening.host.host_certificates)?)?;
    match opening.name {
        AFC => afc::serve(phone, wire, line),
        BACKUP => {
            if phone.reach(Moment::Hello)?.is_some() {
                return Err(IphoneError::Fault);
            }
            backup::serve(phone, wire, opening.escrow)
        }
        DIAGNOSTICS => diagnostics::serve(phone, wire),
        INSTALLATION => installation::serve(phone, wire),
        MANAGEMENT => management::serve(phone, wire),
        NOTIFICATION => notification::serve(phone, wire),
        _ => springboard::serve(wire),
    }
}
