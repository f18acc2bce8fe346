//! The kernel's endpoints under a session.

use super::{MuxError, Outlet, serve};
use crate::{
    front::{
        FrontError,
        functionfs::{BulkIn, Function, Interface},
    },
    iphone::{Iphone, Watcher},
};
use std::{io, sync::Arc};

/// `reference/rig.md`, "idevice 0.1.68 and usbmuxd".
const INTERFACE: Interface = Interface { class: [0xff, 0xfe, 0x02], name: "Apple USB Multiplexor" };

impl Outlet for BulkIn {
    fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        self.transfer(packet)
    }
}

/// Serves `phone` on a FunctionFS instance until the kernel takes it away; `ready` is called when the gadget may be bound.
/// Unplugging the phone ([`Iphone::unplug`], a fault) unplugs the gadget, where the function knows how.
pub fn run(function: Function, phone: &Arc<Iphone>, ready: impl FnOnce()) -> Result<(), FrontError> {
    let cable = function.cable();
    phone.watch(Watcher(Box::new(move |plugged| if plugged { cable.plug() } else { cable.pull() })));
    let (phone, cable) = (phone.clone(), function.cable());
    function.serve(INTERFACE, ready, move |input, output| {
        let ended = serve(&phone, input, Box::new(output));
        if ended.as_ref().is_err_and(MuxError::is_breach) {
            tracing::warn!(?ended, "a host that speaks no usbmux");
            cable.pull();
        } else {
            tracing::debug!(?ended, "the USB session ended");
        }
    })
}
