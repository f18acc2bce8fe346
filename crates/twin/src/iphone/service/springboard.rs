//! springboardservices: hosts that write an Info.plist for a restore connect to it for icons, and get none.

use crate::iphone::{
    IphoneError,
    wire::{Form, Wire},
};
use plist::{Dictionary, Value};

pub(super) fn serve(mut wire: Wire) -> Result<(), IphoneError> {
    while wire.request()?.is_some() {
        wire.send(&Value::Dictionary(Dictionary::new()), Form::Xml)?;
    }
    Ok(())
}
