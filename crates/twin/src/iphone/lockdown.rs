//! lockdownd: values, trust, a session under TLS, and the start of services (`reference/ios.md §1.2, §1.4`).

use super::{
    Iphone, IphoneError, Link, Lock, Moment,
    asked::{self, note},
    pairing,
    pipe::Pipe,
    service,
    state::{Host, Opening},
    tls, values,
    wire::{Form, Wire, dictionary},
};
use plist::{Dictionary, Value};

/// What one connection has come to.
struct Session {
    id: String,
    host: Host,
    /// StopSession came: the host takes TLS off next.
    stopped: bool,
}

/// Serves one connection until the host closes it.
pub(super) fn serve(phone: &Iphone, pipe: Pipe, link: Link) -> Result<(), IphoneError> {
    let mut wire = Wire::new(pipe);
    let mut session: Option<Session> = None;
    loop {
        let Some(request) = wire.request()? else {
            // TLS's goodbye after StopSession: the same socket goes on without it
            if wire.is_secure() && session.as_ref().is_some_and(|session| session.stopped) {
                wire.plain()?;
                session = None;
                continue;
            }
            return Ok(());
        };
        let name = request.get("Request").and_then(Value::as_string).unwrap_or_default().to_owned();
        phone.record(|asked| note(&mut asked.requests, name.clone()));
        let moment = match name.as_str() {
            "Pair" => Moment::Pairing,
            "StartSession" => Moment::Session,
            "StartService" => Moment::Service,
            _ => Moment::Lockdown,
        };
        if phone.reach(moment)?.is_some() {
            return Err(IphoneError::Fault);
        }
        let mut secure = None;
        let open = session.as_ref().filter(|session| !session.stopped);
        let answer = match name.as_str() {
            "StartSession" => match start(phone, &request, open) {
                Ok(started) => {
                    secure = Some(tls::server(&started.host.device_certificate, &started.host.host_certificates)?);
                    let answer = dictionary([("SessionID", started.id.as_str().into()), ("EnableSessionSSL", true.into())]);
                    session = Some(started);
                    Ok(answer)
                }
                Err(error) => Err((error, Dictionary::new())),
            },
            "StopSession" => match session.as_mut().filter(|session| !session.stopped) {
                Some(session) => {
                    session.stopped = true;
                    Ok(Dictionary::new())
                }
                None => Err(("SessionInactive", Dictionary::new())),
            },
            _ => answer(phone, &name, &request, open, link)?,
        };
        let mut reply = dictionary([("Request", name.as_str().into())]);
        for key in ["Domain", "Key"] {
            if let Some(value) = request.get(key) {
                reply.insert(key.to_owned(), value.clone());
            }
        }
        match answer {
            Ok(more) => reply.extend(more),
            Err((error, more)) => {
                reply.insert("Error".into(), error.into());
                reply.extend(more);
            }
        }
        wire.send(&Value::Dictionary(reply), Form::Xml)?;
        if let Some(config) = secure {
            wire.secure(config)?;
        }
    }
}

type Answer = Result<Dictionary, (&'static str, Dictionary)>;

fn answer(phone: &Iphone, name: &str, request: &Dictionary, open: Option<&Session>, link: Link) -> Result<Answer, IphoneError> {
    let text = |key: &str| request.get(key).and_then(Value::as_string);
    let plain = |error| (error, Dictionary::new());
    let domain = text("Domain").unwrap_or_default();
    let path = format!("{domain}/{}", text("Key").unwrap_or_default());
    Ok(match name {
        "QueryType" => Ok(dictionary([("Type", "com.apple.mobile.lockdown".into())])),
        "GetValue" => {
            phone.record(|asked| note(&mut asked.values, path));
            values::get(phone, domain, text("Key"), open.is_some())?.map(|value| dictionary([("Value", value)])).map_err(plain)
        }
        "SetValue" | "RemoveValue" => {
            phone.record(|asked| note(&mut asked.set, path));
            let value = request.get("Value");
            let key = text("Key").unwrap_or_default();
            let done =
                if name == "SetValue" { values::set(phone, domain, key, value, open.is_some()) } else { Err("SetProhibited") };
            done.map(|()| Dictionary::new()).map_err(plain)
        }
        "Pair" => pairing::pair(phone, request, link),
        "Unpair" => pairing::unpair(phone, request).map(|()| Dictionary::new()).map_err(plain),
        "ValidatePair" => pairing::validate(phone, request).map(|()| Dictionary::new()).map_err(plain),
        "StartService" => match open {
            Some(session) => start_service(phone, request, session).map_err(plain),
            None => Err(plain("SessionInactive")),
        },
        "EnterRecovery" | "Activate" | "Deactivate" => {
            pairing::forbidden(phone, name);
            Err(plain("InvalidRequest"))
        }
        _ => Err(plain("InvalidRequest")),
    })
}

fn start(phone: &Iphone, request: &Dictionary, open: Option<&Session>) -> Result<Session, &'static str> {
    if open.is_some() {
        return Err("SessionActive");
    }
    let id = request.get("HostID").and_then(Value::as_string).ok_or("MissingHostID")?;
    let mut state = phone.state();
    let host = state.hosts.get(id).ok_or("InvalidHostID")?.clone();
    if request.get("SystemBUID").and_then(Value::as_string).is_some_and(|buid| buid != host.buid) {
        return Err("InvalidHostID");
    }
    state.sessions += 1;
    Ok(Session { id: format!("5E551014-0000-4000-8000-{:012X}", state.sessions), host, stopped: false })
}

fn start_service(phone: &Iphone, request: &Dictionary, session: &Session) -> Result<Dictionary, &'static str> {
    let wanted = request.get("Service").and_then(Value::as_string).ok_or("MissingService")?;
    let shown = request.get("EscrowBag").and_then(Value::as_data);
    let escrow = shown.is_some_and(|shown| shown == session.host.escrow);
    phone.record(|asked| note(&mut asked.services, asked::Service { name: wanted.to_owned(), escrow }));
    let name = service::NAMES.iter().find(|name| **name == wanted).ok_or("InvalidService")?;
    let mut state = phone.state();
    match (state.lock, escrow) {
        (Lock::NeverUnlocked, true) => return Err("EscrowLocked"),
        (Lock::NeverUnlocked, false) => return Err("PasswordProtected"),
        _ => {}
    }
    let port = state.next_port;
    state.next_port = port.checked_add(1).unwrap_or(super::builder::FIRST_PORT);
    state.openings.insert(port, Opening { name, host: session.host.clone(), escrow });
    Ok(dictionary([("Service", wanted.into()), ("Port", i64::from(port).into()), ("EnableServiceSSL", true.into())]))
}
