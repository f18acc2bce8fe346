//! What no decent phone sends: paths outside, lengths that are lies, property lists that explode (`reference/crates.md §7`).

use super::{Stop, link::DeviceLink};
use crate::iphone::{Hostile, Iphone, IphoneError};
use plist::{Dictionary, Value};
use std::fmt::Write as _;

/// Levels and references of the list that grows eightfold at every level.
const LEVELS: u16 = 9;
const WIDE: usize = 8;
const DEEP_BINARY: u32 = 60_000;
const DEEP_XML: usize = 200_000;

/// Does it. A host that ends the connection has done right; one that answers gets the rest of the backup.
pub(super) fn misbehave(phone: &Iphone, link: &mut DeviceLink<'_>, udid: &str, how: Hostile) -> Result<(), Stop> {
    match how {
        Hostile::PathsOutside => paths_outside(link, udid),
        Hostile::AsksHostFiles => asks_host_files(phone, link, udid),
        Hostile::HugeBlock => {
            link.begin_upload(0.0, 1)?;
            link.names(b"/var/tmp/tmp.huge", format!("{udid}/Snapshot/00/huge").as_bytes())?;
            lie(link, &[&u32::MAX.to_be_bytes()[..], &[0x0c], &[0; 65536]].concat())
        }
        Hostile::HugeName => {
            link.begin_upload(0.0, 1)?;
            lie(link, &[&0xffff_fff0_u32.to_be_bytes()[..], &[b'n'; 65536]].concat())
        }
        Hostile::HugeMessage => lie(link, &[&u32::MAX.to_be_bytes()[..], b"bplist00"].concat()),
        Hostile::SharedReferences => bomb(link, &shared_references()),
        Hostile::DeepBinary => bomb(link, &deep_binary()),
        Hostile::DeepXml => bomb(link, deep_xml().as_bytes()),
        Hostile::Circular => bomb(link, &circular()),
        Hostile::UnknownMessage => {
            link.ask(vec!["DLMessageMakeCoffee".into(), 2.into()])?;
            Ok(())
        }
        Hostile::NotAnArray => bomb(link, b"<plist version=\"1.0\"><dict><key>a</key><string>b</string></dict></plist>"),
        Hostile::NameNotText => {
            link.begin_upload(0.0, 1)?;
            let host = [udid.as_bytes(), b"/Snapshot/00/", &[0xff, 0xfe, b'/', 0x80]].concat();
            link.names(&[b'/', 0xc3, 0x28], &host)?;
            link.data(b"x")?;
            link.done()?;
            link.end_upload()
        }
    }
}

/// Sends the beginning of something far too long and hangs up.
fn lie(link: &mut DeviceLink<'_>, bytes: &[u8]) -> Result<(), Stop> {
    link.tell_raw(bytes)?;
    Err(IphoneError::Fault.into())
}

/// Sends a frame and waits for whatever comes.
fn bomb(link: &mut DeviceLink<'_>, body: &[u8]) -> Result<(), Stop> {
    link.tell_frame(body)?;
    link.status("a property list that explodes")?;
    Ok(())
}

fn paths_outside(link: &mut DeviceLink<'_>, udid: &str) -> Result<(), Stop> {
    let names = [
        "../twin-outside".to_owned(),
        "../../twin-outside".to_owned(),
        "/tmp/twin-outside".to_owned(),
        format!("{udid}/../../twin-outside"),
        format!("{udid}/./Snapshot/../../../twin-outside"),
        format!("{udid}/Snapshot/00/..\\..\\..\\twin-outside"),
        "..".to_owned(),
        "/".to_owned(),
        format!("{udid}/Snapshot/00/zero\0byte"),
    ];
    for name in &names {
        let folder = format!("{name}-folder");
        link.ask(vec!["DLMessageCreateDirectory".into(), folder.into(), Dictionary::new().into(), 0.0.into()])?;
    }
    for name in &names {
        link.begin_upload(0.0, 7)?;
        link.names(b"/var/tmp/tmp.outside", name.as_bytes())?;
        link.data(b"outside")?;
        link.done()?;
        // each in a batch of its own, so that one refusal does not hide the others
        if let Err(Stop::Gone(error)) = link.end_upload() {
            return Err(error.into());
        }
    }
    for name in &names {
        let from = format!("{udid}/Snapshot/00");
        let moved: Dictionary = [(from.clone(), Value::String(name.clone()))].into_iter().collect();
        link.ask(vec!["DLMessageMoveItems".into(), moved.into(), Dictionary::new().into(), 0.0.into()])?;
        link.ask(vec!["DLMessageCopyItem".into(), from.into(), name.as_str().into(), Dictionary::new().into(), 0.0.into()])?;
    }
    let all = names.iter().map(|name| Value::String(name.clone())).collect();
    link.ask(vec!["DLMessageRemoveItems".into(), Value::Array(all), Dictionary::new().into(), 0.0.into()])?;
    Ok(())
}

fn asks_host_files(phone: &Iphone, link: &mut DeviceLink<'_>, udid: &str) -> Result<(), Stop> {
    let wanted = [
        "/etc/passwd".to_owned(),
        "../../../../../../../../etc/passwd".to_owned(),
        format!("{udid}/../../../../../../../../etc/hostname"),
        "/proc/self/environ".to_owned(),
    ];
    let given = link.download(&wanted, 0.0)?;
    let mut leaked: u64 = given.iter().flatten().map(|file| file.len() as u64).sum();
    for folder in ["/", "..", "/etc"] {
        let listed = link.ask(vec!["DLContentsOfDirectory".into(), folder.into()])?;
        let names = listed.payload.as_ref().and_then(Value::as_dictionary);
        leaked += names.and_then(|names| names.contains_key("passwd").then_some(1)).unwrap_or(0);
    }
    phone.record(|asked| asked.host_bytes_leaked += leaked);
    Ok(())
}

/// A binary property list of these objects, references four bytes wide.
fn binary(objects: &[Vec<u8>], top: u64) -> Vec<u8> {
    let mut list = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.push(list.len() as u32);
        list.extend_from_slice(object);
    }
    let table = list.len() as u64;
    for offset in offsets {
        list.extend_from_slice(&offset.to_be_bytes());
    }
    list.extend_from_slice(&[0, 0, 0, 0, 0, 0, 4, 4]);
    for word in [objects.len() as u64, top, table] {
        list.extend_from_slice(&word.to_be_bytes());
    }
    list
}

/// An array of up to 14 references.
fn array(references: &[u32]) -> Vec<u8> {
    let mut object = vec![0xa0 | references.len() as u8];
    for reference in references {
        object.extend_from_slice(&reference.to_be_bytes());
    }
    object
}

fn shared_references() -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = (1..=u32::from(LEVELS)).map(|next| array(&[next; WIDE])).collect();
    objects.push(vec![0x51, b'x']);
    binary(&objects, 0)
}

fn deep_binary() -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = (1..=DEEP_BINARY).map(|next| array(&[next])).collect();
    objects.push(vec![0x51, b'x']);
    binary(&objects, 0)
}

fn circular() -> Vec<u8> {
    binary(&[array(&[1, 0]), vec![0x51, b'x']], 0)
}

fn deep_xml() -> String {
    let mut list = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\">");
    list.extend(std::iter::repeat_n("<array>", DEEP_XML));
    list.extend(std::iter::repeat_n("</array>", DEEP_XML));
    let _ = write!(list, "</plist>");
    list
}
