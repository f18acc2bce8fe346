//! diagnostics_relay: whether a passcode is set, and nothing else (`reference/ios.md §1.6`). A host that wants a restart is noted.

use crate::iphone::{
    Iphone, IphoneError, Passcode,
    pairing::forbidden,
    wire::{Form, Wire, dictionary},
};
use plist::{Dictionary, Value};

pub(super) fn serve(phone: &Iphone, mut wire: Wire) -> Result<(), IphoneError> {
    while let Some(request) = wire.request()? {
        let answer = match request.get("Request").and_then(Value::as_string) {
            Some("MobileGestalt") => gestalt(phone, &request),
            Some("Goodbye") => {
                wire.send(&dictionary([("Status", "Success".into())]).into(), Form::Xml)?;
                return Ok(());
            }
            other => {
                forbidden(phone, other.unwrap_or("diagnostics_relay"));
                dictionary([("Status", "UnknownRequest".into())])
            }
        };
        wire.send(&answer.into(), Form::Xml)?;
    }
    Ok(())
}

fn gestalt(phone: &Iphone, request: &Dictionary) -> Dictionary {
    let keys = request.get("MobileGestaltKeys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut known = dictionary([("Status", "Success".into())]);
    for key in keys.iter().filter_map(Value::as_string) {
        if key == "PasswordConfigured" {
            known.insert(key.to_owned(), (phone.state().passcode != Passcode::NotAsked).into());
        }
    }
    let all = dictionary([("MobileGestalt", known.into())]);
    dictionary([("Status", "Success".into()), ("Diagnostics", all.into())])
}
