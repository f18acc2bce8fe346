//! CNXN and AUTH: getting the holder's permission, and saying truthfully why it did not come.

use super::{
    key::AdbKey,
    message::{AUTH, CNXN, Header, MAX_PAYLOAD, STLS, VERSION, checksum},
    patience::{Cancel, Patience},
    session::{Session, Wire},
    transport::{Transport, Via},
};
use crate::error::{Fault, PhoneError};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

const TOKEN: u32 = 1;
const SIGNATURE: u32 = 2;
const RSA_PUBLIC_KEY: u32 = 3;
/// Frames of an earlier session that are skipped while connecting.
const STALE_FRAMES: usize = 64;
/// What we can do; the phone uses the intersection. `delayed_ack` is adb's name for credit-based flow control.
const FEATURES: &str = "shell_v2,cmd,stat_v2,ls_v2,sendrecv_v2,delayed_ack";

/// What happens while permission is asked for, for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthEvent {
    /// The phone does not know this station: "Allow USB debugging?" should be on its screen now. Unlock it and tap Allow.
    AskingHolder {
        fingerprint: String,
    },
    /// Still nothing, some seconds on.
    StillWaiting {
        waited: Duration,
    },
    Allowed,
}

/// What the phone says of itself in CNXN. Hostile until compared with `getprop`; never used as identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Banner {
    /// `device`, `recovery`, `sideload`, ...
    pub kind: String,
    pub product: Option<String>,
    pub model: Option<String>,
    pub features: BTreeSet<String>,
}

impl Banner {
    /// `device::ro.product.name=x;ro.product.model=y;features=a,b`. Anything unknown is passed over.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or_default());
        let text = text.trim_end_matches('\0');
        let mut parts = text.splitn(3, ':');
        let mut banner = Self { kind: parts.next().unwrap_or_default().to_owned(), ..Self::default() };
        for property in parts.nth(1).unwrap_or_default().split(';') {
            match property.split_once('=') {
                Some(("ro.product.name", value)) => banner.product = Some(value.to_owned()),
                Some(("ro.product.model", value)) => banner.model = Some(value.to_owned()),
                Some(("features", value)) => {
                    banner.features = value.split(',').filter(|f| !f.is_empty()).map(str::to_owned).collect()
                }
                _ => {}
            }
        }
        banner
    }

    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }
}

/// Connects over `transport`. Blocks until the phone accepts, refuses, or a limit of `patience` is reached.
pub(super) fn connect(
    transport: Box<dyn Transport>,
    key: &AdbKey,
    patience: Patience,
    cancel: Cancel,
    on: &mut dyn FnMut(AuthEvent),
) -> Result<Session, PhoneError> {
    let via = transport.via();
    let mut wire = Wire::new(transport, patience, cancel);
    let banner = format!("host::features={FEATURES}");
    send_checked(&mut wire, CNXN, VERSION, MAX_PAYLOAD as u32, banner.as_bytes())?;

    let mut stale = 0;
    let mut signatures = 0;
    let mut asked: Option<Instant> = None;
    loop {
        let header = match asked {
            None => wire.receive(patience.connect, &mut |_| {}),
            Some(since) => wait_for_holder(&mut wire, since, on),
        };
        let header = match header {
            Ok(header) => header,
            Err(PhoneError::Protocol(Fault::BadMagic | Fault::TooLong { .. }))
                if stale < STALE_FRAMES && wire.resynchronise() =>
            {
                stale += 1;
                continue;
            }
            // A TCP peer that hangs up at this point said no; a USB device that does so was unplugged.
            Err(PhoneError::Vanished) if asked.is_some() && via == Via::Tcp => return Err(PhoneError::AllowRefused),
            Err(error) => return Err(error),
        };
        match header.command {
            CNXN => {
                verify(&header, wire.payload())?;
                let banner = Banner::parse(wire.payload());
                if asked.is_some() {
                    on(AuthEvent::Allowed);
                }
                return Session::begin(wire, &header, banner);
            }
            AUTH if header.arg0 == TOKEN => {
                verify(&header, wire.payload())?;
                let token = <[u8; 20]>::try_from(wire.payload()).map_err(|_| Fault::Token(wire.payload().len()))?;
                // After stale frames the first token may be a stale one too: then one more signature before the dialog.
                if signatures < 1 + usize::from(stale > 0) {
                    signatures += 1;
                    let signature = key.sign(&token).map_err(|_| PhoneError::AllowRefused)?;
                    send_checked(&mut wire, AUTH, SIGNATURE, 0, &signature)?;
                } else if asked.is_none() {
                    send_checked(&mut wire, AUTH, RSA_PUBLIC_KEY, 0, &key.auth_payload())?;
                    asked = Some(Instant::now());
                    on(AuthEvent::AskingHolder { fingerprint: key.fingerprint() });
                } else {
                    return Err(PhoneError::AllowRefused);
                }
            }
            STLS => return Err(PhoneError::WirelessOnly),
            _ => {
                stale += 1;
                if stale > STALE_FRAMES {
                    return Err(Fault::Flood.into());
                }
            }
        }
    }
}

/// Waits as long as the plan says, telling the screen every five seconds.
fn wait_for_holder(wire: &mut Wire, since: Instant, on: &mut dyn FnMut(AuthEvent)) -> Result<Header, PhoneError> {
    let limit = wire.patience.allow;
    let mut told = 0;
    let answer = wire.receive(limit.saturating_sub(since.elapsed()), &mut |_| {
        let waited = since.elapsed();
        if waited.as_secs() / 5 > told {
            told = waited.as_secs() / 5;
            on(AuthEvent::StillWaiting { waited });
        }
    });
    match answer {
        Err(PhoneError::Silent { .. }) => Err(PhoneError::AllowNotAnswered { waited: since.elapsed() }),
        answer => answer,
    }
}

/// Until both versions are known the checksum counts.
fn send_checked(wire: &mut Wire, command: u32, arg0: u32, arg1: u32, payload: &[u8]) -> Result<(), PhoneError> {
    let header = Header { command, arg0, arg1, length: payload.len() as u32, check: checksum(payload) };
    wire.send(&header, payload)
}

fn verify(header: &Header, payload: &[u8]) -> Result<(), Fault> {
    if header.check != 0 && header.check != checksum(payload) { Err(Fault::Checksum) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_are_read_and_nonsense_is_survived() {
        let banner = Banner::parse(b"device::ro.product.name=fake;ro.product.model=Fake 1;features=cmd,shell_v2\0");
        assert_eq!((banner.kind.as_str(), banner.model.as_deref()), ("device", Some("Fake 1")));
        assert!(banner.has("shell_v2") && !banner.has("ls_v2"));
        assert_eq!(Banner::parse(b"\xff\xfe"), Banner { kind: "\u{fffd}\u{fffd}".into(), ..Banner::default() });
        assert_eq!(Banner::parse(b""), Banner::default());
    }
}
