//! Setting, changing and removing the backup password (`reference/ios.md §2.8`).

use super::{Failure, Stop};
use crate::iphone::{Iphone, Moment};
use plist::{Dictionary, Value};

pub(super) fn change(phone: &Iphone, request: &Dictionary) -> Result<(), Stop> {
    let given = |key| request.get(key).and_then(Value::as_string).filter(|text| !text.is_empty()).map(str::to_owned);
    let (old, new) = (given("OldPassword"), given("NewPassword"));
    phone.passes(Moment::PasswordAsked)?;
    let known = phone.backup_password();
    if known.is_some() && known != old {
        return Err(Failure::new(207, "Invalid password (MBErrorDomain/207)").into());
    }
    if known.is_none() && new.is_none() {
        return Err(Failure::new(207, "No password is set (MBErrorDomain/207)").into());
    }
    phone.ask_passcode()?;
    {
        let mut state = phone.state();
        state.password = new;
        state.password_age += 1;
    }
    phone.notify("com.apple.mobile.backup.domain_changed");
    phone.passes(Moment::PasswordSet)
}
