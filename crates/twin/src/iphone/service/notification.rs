//! notification_proxy: what a host posts is noted, what it observes is relayed (`reference/ios.md §2.7`).

use crate::iphone::{
    Iphone, IphoneError,
    asked::note,
    wire::{Form, Wire, decode, dictionary},
};
use plist::Value;
use std::{sync::mpsc, time::Duration};

/// How long a notification may lie before it is relayed.
const TURN: Duration = Duration::from_millis(20);

pub(super) fn serve(phone: &Iphone, mut wire: Wire) -> Result<(), IphoneError> {
    let (to, relayed) = mpsc::channel();
    wire.patience(Some(TURN))?;
    loop {
        while let Ok(name) = relayed.try_recv() {
            let message = dictionary([("Command", "RelayNotification".into()), ("Name", Value::String(name))]);
            wire.send(&message.into(), Form::Xml)?;
        }
        let Some(frame) = wire.poll_frame()? else { continue };
        let Some(frame) = frame else { return Ok(()) };
        let request = decode(&frame)?.into_dictionary().ok_or(IphoneError::Unexpected("a command that is no dictionary"))?;
        let name = || request.get("Name").and_then(Value::as_string).unwrap_or_default().to_owned();
        match request.get("Command").and_then(Value::as_string) {
            Some("ObserveNotification") => phone.observe(name(), to.clone()),
            Some("PostNotification") => phone.record(|asked| note(&mut asked.posted, name())),
            Some("Shutdown") => {
                wire.send(&dictionary([("Command", "ProxyDeath".into())]).into(), Form::Xml)?;
                return Ok(());
            }
            _ => return Err(IphoneError::Unexpected("a command of notification_proxy")),
        }
    }
}
