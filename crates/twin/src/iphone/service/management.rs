//! MCInstall: which profiles an administrator has put on the phone (`reference/ios.md §1.7`). Nothing can be changed here; a host
//! that tries is noted.

use crate::iphone::{
    Iphone, IphoneError,
    pairing::forbidden,
    wire::{Form, Wire, dictionary},
};
use plist::{Dictionary, Value};

pub(super) fn serve(phone: &Iphone, mut wire: Wire) -> Result<(), IphoneError> {
    while let Some(request) = wire.request()? {
        let answer = match request.get("RequestType").and_then(Value::as_string) {
            Some("GetProfileList") => profiles(phone),
            Some("GetCloudConfiguration") => configuration(phone),
            other => {
                forbidden(phone, other.unwrap_or("MCInstall"));
                let why = dictionary([
                    ("ErrorDomain", "MCInstallationErrorDomain".into()),
                    ("LocalizedDescription", "The request is not allowed.".into()),
                ]);
                dictionary([("Status", "Error".into()), ("ErrorChain", Value::Array(vec![why.into()]))])
            }
        };
        wire.send(&answer.into(), Form::Xml)?;
    }
    Ok(())
}

fn profiles(phone: &Iphone) -> Dictionary {
    let installed = phone.facts.supervision.as_ref().map(|by| by.profiles.as_slice()).unwrap_or_default();
    let metadata: Dictionary = installed
        .iter()
        .map(|profile| {
            let about = dictionary([
                ("PayloadDisplayName", profile.name.as_str().into()),
                ("PayloadOrganization", profile.organisation.as_str().into()),
                ("PayloadRemovalDisallowed", true.into()),
                ("PayloadVersion", 1.into()),
            ]);
            (profile.identifier.clone(), Value::Dictionary(about))
        })
        .collect();
    let order = installed.iter().map(|profile| profile.identifier.as_str().into()).collect();
    dictionary([
        ("Status", "Acknowledged".into()),
        ("OrderedIdentifiers", Value::Array(order)),
        ("ProfileMetadata", metadata.into()),
    ])
}

fn configuration(phone: &Iphone) -> Dictionary {
    let about = match &phone.facts.supervision {
        None => dictionary([("IsSupervised", false.into()), ("AllowPairing", true.into())]),
        Some(by) => dictionary([
            ("IsSupervised", true.into()),
            ("AllowPairing", (!by.pairing_forbidden).into()),
            ("OrganizationName", by.organisation.as_str().into()),
            ("SupervisorHostCertificates", Value::Array(by.supervisors.iter().cloned().map(Value::Data).collect())),
        ]),
    };
    dictionary([("Status", "Acknowledged".into()), ("CloudConfiguration", about.into())])
}
