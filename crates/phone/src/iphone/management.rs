//! MCInstall: what an administrator has put on the phone (reference/ios.md §1.7). Two questions; the service also installs
//! profiles and erases phones, and no code for that exists here.

use super::{
    error::{Fault, IphoneError, fact},
    line::{Line, limit},
    lockdown::Lockdown,
    message::{Form, SMALL, receive, send},
    phone::{Escrow, Iphone},
};
use crate::{Fact, error::Refusal};
use serde::{Deserialize, Serialize};
use uitlezen_property_list::Value;

const SERVICE: &str = "com.apple.mobile.MCInstall";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Management {
    pub supervised: Fact<bool>,
    /// `Known(false)`: only hosts with the supervision identity may pair. This pairing exists, the next one may not.
    pub pairing_allowed: Fact<bool>,
    /// How many configuration profiles are installed. Their names are not kept.
    pub profiles: Fact<u64>,
}

impl Management {
    /// Apps that an administrator manages may be left out of the backup (`ManagementFlags` bit 4). Which ones, or whether any,
    /// no host can see: only that there is management at all.
    #[must_use]
    pub fn may_leave_apps_out(&self) -> bool {
        self.supervised == Fact::Known(true) || self.profiles.known().is_some_and(|profiles| *profiles > 0)
    }

    pub(crate) fn ask(phone: &Iphone<'_>, lockdown: &mut Lockdown) -> Result<Self, IphoneError> {
        let mut line = match fact(phone.service_in(lockdown, SERVICE, Escrow::Without).map(Some))? {
            Fact::Known(line) => line,
            Fact::Refused(why) => {
                return Ok(Self {
                    supervised: Fact::Refused(why),
                    pairing_allowed: Fact::Refused(why),
                    profiles: Fact::Refused(why),
                });
            }
            Fact::Unreadable => {
                return Ok(Self { supervised: Fact::Unreadable, pairing_allowed: Fact::Unreadable, profiles: Fact::Unreadable });
            }
        };
        let profiles = question(&mut line, "GetProfileList")?.and_read(|answer| {
            let listed = answer.get("OrderedIdentifiers").and_then(Value::array).map(<[Value]>::len);
            listed.or_else(|| Some(answer.get("ProfileMetadata")?.dict()?.len())).map(|n| n as u64)
        });
        let cloud = question(&mut line, "GetCloudConfiguration")?;
        let switch = |key: &str| cloud.clone().and_read(|answer| answer.get("CloudConfiguration")?.get(key)?.switch());
        Ok(Self { supervised: switch("IsSupervised"), pairing_allowed: switch("AllowPairing"), profiles })
    }
}

fn question(line: &mut Line, kind: &str) -> Result<Fact<Value>, IphoneError> {
    send(line, &Value::of([("RequestType", kind)]), Form::Xml)?;
    let mut tick = limit(line.patience().connect);
    let answer = receive(line, SMALL, &mut tick)?;
    match answer.get("Status").and_then(Value::str) {
        Some("Acknowledged") => Ok(Fact::Known(answer)),
        Some(_) => Ok(Fact::Refused(Refusal::Other)),
        None => Err(Fault::Answer.into()),
    }
}
