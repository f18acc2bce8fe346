//! Waiting for the plan's phone to be plugged in, for as long as it takes its holder to bring it.

use crate::{Context, advice, problem::Problem};
use std::{
    thread,
    time::{Duration, Instant},
};
use uitlezen_check::ExitCode;
use uitlezen_phone::{
    Cancel as Cancelled, PhoneError,
    android::{Found, UsbState, glance_usb, server_devices},
    iphone::{IphoneError, MuxAddress, Muxer, Patience},
};
use uitlezen_readout::{Cancel, Platform, link::LinkFailure};

/// Between two looks at USB.
const BETWEEN: Duration = Duration::from_millis(250);
/// Who has seen nothing for so long is told what may be the matter.
const LONG: Duration = Duration::from_secs(20);

/// What a look at USB shows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Phone,
    /// No phone with USB debugging on.
    Nothing,
    /// Another phone than the plan's.
    Other(String),
    /// A phone that this account may not open, so nobody knows which.
    NotAllowed,
}

/// Returns when the phone is there; Ctrl-C ends it as cancelled.
pub(crate) fn wait_for(context: &Context, platform: Platform, serial: &str) -> Result<(), Problem> {
    let texts = &context.screen.texts;
    let waited = until_there(
        || match platform {
            Platform::Android => look(serial),
            Platform::Iphone => look_for_iphone(serial),
        },
        |key, found| context.screen.say(&texts.get(key, &[("serial", serial.into()), ("found", found.into())])),
        &context.cancel,
        BETWEEN,
        LONG,
    )?;
    if waited {
        context.screen.tell("guided-there");
    }
    Ok(())
}

fn look(serial: &str) -> Result<Seen, Problem> {
    let known_to_server = || server_devices().is_ok_and(|all| all.iter().any(|device| device.serial == serial));
    match glance_usb() {
        Ok(found) => Ok(among(&found, serial, known_to_server)),
        Err(PhoneError::NoUsbOnThisHost) => Err(advice::phone(LinkFailure::NoUsb, serial, "")),
        Err(error) => Err(Problem::new("error-internal", ExitCode::Internal).with("why", error)),
    }
}

fn look_for_iphone(udid: &str) -> Result<Seen, Problem> {
    let list = || Muxer::new(MuxAddress::from_environment()?, Patience::default(), Cancelled::default()).list();
    match list() {
        Ok(found) if found.iter().any(|phone| phone.is(udid)) => Ok(Seen::Phone),
        Ok(found) => Ok(found.into_iter().next().map_or(Seen::Nothing, |phone| Seen::Other(phone.udid))),
        Err(IphoneError::NoPermission) => Ok(Seen::NotAllowed),
        // Many machines start the daemon when a phone is plugged in.
        Err(IphoneError::NoUsbmuxd(_)) => Ok(Seen::Nothing),
        Err(error) => Err(Problem::new("error-internal", ExitCode::Internal).with("why", error)),
    }
}

/// An adb server may hold a phone that this account may not even open.
fn among(found: &[Found], serial: &str, known_to_server: impl Fn() -> bool) -> Seen {
    if found.iter().any(|f| f.serial.as_deref() == Some(serial)) {
        return Seen::Phone;
    }
    if found.iter().any(|f| f.state == UsbState::NoPermission) {
        return if known_to_server() { Seen::Phone } else { Seen::NotAllowed };
    }
    found.iter().find_map(|f| f.serial.clone()).map_or(Seen::Nothing, Seen::Other)
}

/// Looks until the phone is there, and says when something else is seen than before: whether anything was said. What is seen
/// only once is not told, for a phone that comes shows itself in steps.
fn until_there(
    mut look: impl FnMut() -> Result<Seen, Problem>,
    mut tell: impl FnMut(&'static str, String),
    cancel: &Cancel,
    between: Duration,
    long: Duration,
) -> Result<bool, Problem> {
    let (mut last, mut told): (Option<Seen>, Option<Seen>) = (None, None);
    let mut since = Instant::now();
    let mut reminded = false;
    loop {
        if cancel.is_cancelled() {
            return Err(Problem::new("error-cancelled", ExitCode::Cancelled));
        }
        let seen = look()?;
        if seen == Seen::Phone {
            return Ok(told.is_some());
        }
        if last.as_ref() != Some(&seen) {
            since = Instant::now();
        } else if told.as_ref() != Some(&seen) {
            let (key, found) = match &seen {
                Seen::Other(found) => ("guided-wait-other", found.clone()),
                Seen::NotAllowed => ("guided-wait-permission", String::new()),
                Seen::Nothing | Seen::Phone => ("guided-wait", String::new()),
            };
            tell(key, found);
            told = Some(seen.clone());
        } else if seen == Seen::Nothing && since.elapsed() >= long && !reminded {
            tell("guided-wait-long", String::new());
            reminded = true;
        }
        last = Some(seen);
        thread::sleep(between);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What is told while this is seen, one after the other; and how it ends.
    fn told(seen: &[Seen], long: Duration, cancel_at_end: bool) -> (Vec<String>, Result<bool, ExitCode>) {
        let (cancel, mut said, mut left) = (Cancel::default(), Vec::new(), seen.iter());
        let look = || {
            Ok(left.next().cloned().unwrap_or_else(|| {
                if cancel_at_end {
                    cancel.cancel();
                    Seen::Nothing
                } else {
                    Seen::Phone
                }
            }))
        };
        let tell = |key: &'static str, found: String| said.push(format!("{key} {found}").trim_end().to_owned());
        let ended = until_there(look, tell, &cancel, Duration::ZERO, long).map_err(|problem| problem.exit);
        (said, ended)
    }

    #[test]
    fn a_phone_that_is_there_is_not_waited_for() {
        assert_eq!(told(&[], LONG, false), (vec![], Ok(false)));
    }

    #[test]
    fn a_phone_that_comes_later_is_noticed_and_another_is_told_once() {
        let other = || Seen::Other("ANDERE".into());
        let seen = [Seen::Nothing, Seen::Nothing, Seen::Nothing, Seen::NotAllowed, other(), other(), other()];
        assert_eq!(told(&seen, LONG, false), (vec!["guided-wait".into(), "guided-wait-other ANDERE".into()], Ok(true)));
        let (said, _) = told(&[Seen::NotAllowed, Seen::NotAllowed], LONG, false);
        assert_eq!(said, ["guided-wait-permission"]);
    }

    #[test]
    fn who_waits_long_is_told_why_once_and_may_stop() {
        let (said, ended) = told(&vec![Seen::Nothing; 9], Duration::ZERO, true);
        assert_eq!(said, ["guided-wait", "guided-wait-long"]);
        assert_eq!(ended, Err(ExitCode::Cancelled));
    }

    #[test]
    fn the_phone_of_the_plan_is_known_among_others() {
        let found = |serial: Option<&str>, state| Found {
            bus: 1,
            address: 2,
            vendor_id: 0x18d1,
            product_id: 0x4ee7,
            serial: serial.map(str::to_owned),
            maker: None,
            product: None,
            state,
        };
        let ours = found(Some("ONZE"), UsbState::Ready);
        let other = found(Some("ANDERE"), UsbState::Ready);
        let closed = found(None, UsbState::NoPermission);
        assert_eq!(among(&[other.clone(), ours], "ONZE", || false), Seen::Phone);
        assert_eq!(among(&[other.clone(), closed.clone()], "ONZE", || false), Seen::NotAllowed);
        assert_eq!(among(&[closed], "ONZE", || true), Seen::Phone);
        assert_eq!(among(&[other], "ONZE", || true), Seen::Other("ANDERE".into()));
        assert_eq!(among(&[found(None, UsbState::NotAnswering)], "ONZE", || true), Seen::Nothing);
    }
}
