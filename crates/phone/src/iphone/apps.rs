//! installation_proxy: which of the apps asked for are installed, in which version (reference/ios.md §1.8). The list of all
//! apps passes by; only those asked for are kept.

use super::{
    error::{Fault, IphoneError, fact},
    identity::clean,
    line::{Line, limit},
    lockdown::Lockdown,
    message::{Form, SMALL, receive, send},
    phone::{Escrow, Iphone},
};
use crate::Fact;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uitlezen_property_list::Value;

const SERVICE: &str = "com.apple.mobile.installation_proxy";
/// Most answers to one question; one has some 20 apps.
const MOST_ANSWERS: usize = 10_000;

/// One app that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInstall {
    /// `net.whatsapp.WhatsApp`.
    pub bundle: String,
    pub installed: Fact<bool>,
    pub version: Fact<String>,
}

pub(crate) fn installed(phone: &Iphone<'_>, lockdown: &mut Lockdown, bundles: &[&str]) -> Result<Vec<AppInstall>, IphoneError> {
    let line = fact(phone.service_in(lockdown, SERVICE, Escrow::Without).map(Some))?;
    let found = match line {
        Fact::Known(mut line) => Fact::Known(browse(&mut line, bundles)?),
        Fact::Refused(why) => Fact::Refused(why),
        Fact::Unreadable => Fact::Unreadable,
    };
    let one = |bundle: &&str| AppInstall {
        bundle: (*bundle).to_owned(),
        installed: found.clone().map(|found: BTreeMap<String, Option<String>>| found.contains_key(*bundle)),
        version: found.clone().and_read(|found| found.get(*bundle)?.clone()),
    };
    Ok(bundles.iter().map(one).collect())
}

fn browse(line: &mut Line, bundles: &[&str]) -> Result<BTreeMap<String, Option<String>>, IphoneError> {
    let mut options = Value::of([("ApplicationType", "User")]);
    let wanted = ["CFBundleIdentifier", "CFBundleShortVersionString"].map(Value::from);
    options.set("ReturnAttributes", wanted.to_vec());
    let mut request = Value::of([("Command", "Browse")]);
    request.set("ClientOptions", options);
    send(line, &request, Form::Xml)?;
    let mut found = BTreeMap::new();
    let mut tick = limit(line.patience().silence);
    for _ in 0..MOST_ANSWERS {
        let answer = receive(line, SMALL, &mut tick)?;
        take(&answer, bundles, &mut found);
        match answer.get("Status").and_then(Value::str) {
            Some("Complete") => return Ok(found),
            Some(_) => {}
            None => return Err(Fault::Answer.into()),
        }
    }
    Err(Fault::Flood.into())
}

fn take(answer: &Value, bundles: &[&str], found: &mut BTreeMap<String, Option<String>>) {
    for app in answer.get("CurrentList").and_then(Value::array).unwrap_or_default() {
        let text = |key: &str| app.get(key).and_then(Value::str);
        if let Some(bundle) = text("CFBundleIdentifier").filter(|bundle| bundles.contains(bundle)) {
            found.insert(bundle.to_owned(), text("CFBundleShortVersionString").and_then(clean));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_asked_for_are_kept() {
        let app = |bundle: &str, version: Value| {
            Value::of([("CFBundleIdentifier", Value::from(bundle)), ("CFBundleShortVersionString", version)])
        };
        let list = vec![
            app("net.whatsapp.WhatsApp", "26.1".into()),
            app("com.dating", "1".into()),
            app("ch.threema", 7_u8.into()),
            Value::from("none"),
        ];
        let mut found = BTreeMap::new();
        take(&Value::of([("CurrentList", Value::Array(list))]), &["net.whatsapp.WhatsApp", "ch.threema", "x"], &mut found);
        let all: Vec<_> = found.iter().map(|(bundle, version)| (bundle.as_str(), version.as_deref())).collect();
        assert_eq!(all, [("ch.threema", None), ("net.whatsapp.WhatsApp", Some("26.1"))]);
    }
}
