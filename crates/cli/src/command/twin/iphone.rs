//! `twin iphone`: a virtual iPhone behind a usbmuxd of its own.

use super::scale;
use crate::{
    Context, advice,
    args::{Accept, TwinIphone},
    problem::Problem,
};
use std::{net::TcpListener, sync::Arc, time::Duration};
use uitlezen_check::ExitCode;
use uitlezen_twin::{
    Patterned,
    backup::BackupFile,
    content::iphone::messages::{self, MessagesOptions},
    device::Times,
    front::functionfs::Function,
    iphone::{Fault, How, Identity, Iphone, Moment, Passcode, Trust, usb, usbmuxd},
};

/// How long the virtual holder takes for everything.
const HOLDER: Duration = Duration::from_secs(1);

pub(crate) fn run(context: &Context, what: &TwinIphone) -> Result<ExitCode, Problem> {
    let internal = |why: &dyn std::fmt::Display| Problem::new("error-internal", ExitCode::Internal).with("why", why);
    let options = MessagesOptions {
        seed: what.seed,
        messages: what.messages,
        canary: what.canary.clone(),
        now: jiff::Timestamp::now().as_second(),
        media: scale(what.media),
        ..MessagesOptions::default()
    };
    let made = messages::generate(&options).map_err(|e| internal(&e))?;
    if let Some(path) = &what.expected_out {
        let json = serde_json::to_vec_pretty(&made.expected).map_err(|e| internal(&e))?;
        std::fs::write(path, json).map_err(|e| advice::disk(&e))?;
    }
    let phone = phone(made.files, options.now, what)?;
    let udid = phone.identity().udid.clone();
    if let Some(folder) = &what.functionfs {
        let ready = || context.screen.say(&context.screen.texts.get("twin-usb", &[("serial", udid.as_str().into())]));
        usb::run(Function::new(folder), &phone, ready).map_err(|e| internal(&e))?;
        return Ok(ExitCode::Whole);
    }
    let phones = std::slice::from_ref(&phone);
    let running = match (&what.socket, what.listen) {
        #[cfg(unix)]
        (Some(path), _) => usbmuxd::spawn_at(path, phones),
        (_, Some(address)) => usbmuxd::spawn_on(TcpListener::bind(address).map_err(|e| advice::disk(&e))?, phones),
        _ => return Err(Problem::new("error-usage", ExitCode::Usage)),
    }
    .map_err(|e| internal(&e))?;
    let at = running.address();
    let shown = [("serial", udid.as_str().into()), ("address", at.as_str().into())];
    context.screen.say(&context.screen.texts.get("twin-listening", &shown));
    context.screen.event(&serde_json::json!({"event": "twin", "serial": udid, "address": at}));
    while !context.cancel.is_cancelled() {
        std::thread::sleep(Duration::from_millis(100));
    }
    running.stop();
    Ok(ExitCode::Whole)
}

fn phone(files: Vec<BackupFile>, now: i64, what: &TwinIphone) -> Result<Arc<Iphone>, Problem> {
    let own = Identity::default();
    let identity =
        Identity { udid: what.udid.clone().unwrap_or(own.udid.clone()), ios: "26.1".into(), build: "23B85".into(), ..own };
    let mut phone = Iphone::builder().identity(identity).seed(what.seed).files(files).trust(match what.accept {
        Accept::Open => Trust::AtOnce,
        Accept::After => Trust::After(HOLDER),
        Accept::Never => Trust::Waits,
        Accept::Refuse => Trust::Refuses,
    });
    if let Some(len) = what.big_file {
        let big = Arc::new(Patterned { len, seed: what.seed });
        phone = phone.files([BackupFile::new("MediaDomain", "Library/SMS/Attachments/00/00/GROOT/IMG_0001.MOV", big, now)]);
    }
    if let Some(path) = &what.backup_password_file {
        let text = std::fs::read_to_string(path).map_err(|e| advice::disk(&e))?;
        phone = phone.backup_password(text.strip_suffix('\n').unwrap_or(&text));
    }
    if what.passcode {
        phone = phone.passcode(Passcode::Typed(HOLDER));
    }
    if let Some(code) = what.fails {
        phone = phone.fault(Fault::At(Moment::Answer, How::fails(code, "asked for")), Times::Always);
    }
    Ok(phone.build())
}
