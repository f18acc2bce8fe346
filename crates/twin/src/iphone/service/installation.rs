//! installation_proxy: the list of apps, in batches (`reference/ios.md §1.8`).

use crate::iphone::{
    App, Iphone, IphoneError,
    pairing::forbidden,
    wire::{Form, Wire, dictionary},
};
use plist::{Dictionary, Value};

/// Apps in one batch.
const BATCH: usize = 16;

pub(super) fn serve(phone: &Iphone, mut wire: Wire) -> Result<(), IphoneError> {
    while let Some(request) = wire.request()? {
        match request.get("Command").and_then(Value::as_string) {
            Some("Browse") => browse(phone, &mut wire, &request)?,
            other => {
                forbidden(phone, other.unwrap_or("installation_proxy"));
                wire.send(&dictionary([("Error", "UnknownCommand".into())]).into(), Form::Xml)?;
            }
        }
    }
    Ok(())
}

fn browse(phone: &Iphone, wire: &mut Wire, request: &Dictionary) -> Result<(), IphoneError> {
    let options = request.get("ClientOptions").and_then(Value::as_dictionary);
    let only_system = options.and_then(|o| o.get("ApplicationType")).and_then(Value::as_string) == Some("System");
    let wanted: Option<Vec<&str>> = options
        .and_then(|o| o.get("ReturnAttributes"))
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_string).collect());
    let apps: &[App] = if only_system { &[] } else { &phone.facts.apps };
    let mut at = 0_usize;
    for batch in apps.chunks(BATCH) {
        let list: Vec<Value> = batch.iter().map(|app| described(app, wanted.as_deref())).collect();
        let message = dictionary([
            ("Status", "BrowsingApplications".into()),
            ("Total", (apps.len() as u64).into()),
            ("CurrentIndex", (at as u64).into()),
            ("CurrentAmount", (list.len() as u64).into()),
            ("CurrentList", Value::Array(list)),
        ]);
        at += batch.len();
        wire.send(&message.into(), Form::Xml)?;
    }
    wire.send(&dictionary([("Status", "Complete".into())]).into(), Form::Xml)
}

fn described(app: &App, wanted: Option<&[&str]>) -> Value {
    let all = dictionary([
        ("ApplicationType", "User".into()),
        ("CFBundleDisplayName", app.name.as_str().into()),
        ("CFBundleIdentifier", app.bundle.as_str().into()),
        ("CFBundleName", app.name.as_str().into()),
        ("CFBundleShortVersionString", app.version.as_str().into()),
        ("CFBundleVersion", app.version.as_str().into()),
    ]);
    all.into_iter().filter(|(key, _)| wanted.is_none_or(|wanted| wanted.contains(&key.as_str()))).collect::<Dictionary>().into()
}
