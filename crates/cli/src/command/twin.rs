//! `twin android` and `twin iphone`: virtual phones for tests and lessons.

mod iphone;

use crate::{
    Context, advice,
    args::{Accept as AcceptArg, Media, Twin, TwinAndroid, TwinWhat},
    problem::Problem,
};
use std::{net::TcpListener, sync::Arc, time::Duration};
use uitlezen_check::ExitCode;
use uitlezen_twin::{
    Digested, Patterned,
    adb::{Accept, Answer},
    content::{self, MediaScale, PhoneContent},
    device::{Device, Identity},
    front::{functionfs::Function, tcp},
};

pub(crate) fn run(context: &Context, what: &Twin) -> Result<ExitCode, Problem> {
    match &what.what {
        TwinWhat::Android(what) => android(context, what),
        TwinWhat::Iphone(what) => iphone::run(context, what),
    }
}

fn android(context: &Context, what: &TwinAndroid) -> Result<ExitCode, Problem> {
    let internal = |why: &dyn std::fmt::Display| Problem::new("error-internal", ExitCode::Internal).with("why", why);
    let options = content::Options {
        seed: what.seed,
        messages: what.messages,
        canary: what.canary.clone(),
        now: jiff::Timestamp::now().as_second(),
        media: scale(what.media),
        ..content::Options::default()
    };
    let made = content::generate(&options).map_err(|e| internal(&e))?;
    if let Some(path) = &what.key_out {
        super::keys::write_private(path, made.secrets.hex64.as_bytes()).map_err(|e| advice::disk(&e))?;
    }
    if let Some(path) = &what.expected_out {
        let json = serde_json::to_vec_pretty(&made.expected).map_err(|e| internal(&e))?;
        std::fs::write(path, json).map_err(|e| advice::disk(&e))?;
    }
    let device = device(&made, what)?;
    let texts = &context.screen.texts;
    let serial = || what.serial.as_str().into();
    if let Some(folder) = &what.functionfs {
        let ready = || context.screen.say(&texts.get("twin-usb", &[("serial", serial())]));
        Function::new(folder).run(&device, ready).map_err(|e| internal(&e))?;
        return Ok(ExitCode::Whole);
    }
    let Some(address) = what.listen else { return Err(Problem::new("error-usage", ExitCode::Usage)) };
    let listener = TcpListener::bind(address).map_err(|e| advice::disk(&e))?;
    let running = tcp::spawn_on(listener, &device).map_err(|e| internal(&e))?;
    let at = running.addr().to_string();
    context.screen.say(&texts.get("twin-listening", &[("serial", serial()), ("address", at.as_str().into())]));
    context.screen.event(&serde_json::json!({"event": "twin", "serial": what.serial, "address": at}));
    while !context.cancel.is_cancelled() {
        std::thread::sleep(Duration::from_millis(100));
    }
    running.stop();
    Ok(ExitCode::Whole)
}

fn scale(media: Media) -> MediaScale {
    match media {
        Media::None => MediaScale::None,
        Media::Small => MediaScale::Small,
        Media::Realistic => MediaScale::Realistic,
    }
}

fn device(made: &PhoneContent, what: &TwinAndroid) -> Result<Arc<Device>, Problem> {
    let accept = match what.accept {
        AcceptArg::Open => Accept::Everyone,
        AcceptArg::After => Accept::Ask(Answer::Allow(Duration::from_secs(1))),
        AcceptArg::Never => Accept::Ask(Answer::Never),
        AcceptArg::Refuse => Accept::Ask(Answer::Refuse),
    };
    let mut phone = Device::builder().identity(identity(&what.serial)).accept(accept).content(made);
    if let Some(big) = &what.big_file {
        let (name, len) = big
            .rsplit_once(':')
            .and_then(|(name, len)| Some((name, len.parse().ok()?)))
            .ok_or(Problem::new("error-usage", ExitCode::Usage))?;
        let big =
            Digested::of(Patterned { len, seed: what.seed }).map_err(|_| Problem::new("error-internal", ExitCode::Internal))?;
        phone = phone.file(format!("/storage/emulated/0/{name}"), Arc::new(big), made.now);
    }
    Ok(phone.build())
}

/// The virtual phone's make: nobody's.
pub(crate) fn identity(serial: &str) -> Identity {
    Identity { serial: serial.to_owned(), ..Identity::default() }
}
