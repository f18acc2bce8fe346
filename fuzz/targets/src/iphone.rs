//! What an iPhone, and the daemon before it, may say.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};
use uitlezen_phone::iphone::fuzzing::{self, UDID};
use uitlezen_property_list::{Value, to_binary, to_xml};
use uitlezen_twin::iphone::{
    Iphone, LOCKDOWN,
    usb::{
        Outlet,
        packet::{self, ACK, LONGEST_SENT, Packet, RST, SYN, Segment},
        serve,
    },
};

/// No phone is taken whose name is none, and no length is believed.
pub fn iphone_usbmux(data: &[u8]) {
    fuzzing::usbmux(data);
}

/// Any answers to the questions of a read-out.
pub fn iphone_lockdown(data: &[u8]) {
    fuzzing::lockdown(data);
}

/// No path leaves, no more bytes are handed on than came, and a run with names outside does not end well.
pub fn iphone_device_link(data: &[u8]) {
    fuzzing::device_link(data);
}

/// What a host says to the virtual iPhone on a cable: a packet that is taken is itself when written again, and whatever comes
/// of a session, only whole packets leave.
pub fn iphone_cable(data: &[u8]) {
    let mut rest = data;
    while let Ok(Some(packet)) = Packet::read(&mut rest) {
        if let Packet::Segment { number, segment } = &packet {
            let again = packet::segment(*number, 0, segment);
            assert_eq!(Packet::read(&mut &*again).unwrap(), Some(packet));
        }
    }
    static PHONE: OnceLock<Arc<Iphone>> = OnceLock::new();
    let torn = Arc::new(AtomicBool::new(false));
    // how the session ended is the host's business
    let _ = serve(PHONE.get_or_init(|| Iphone::builder().build()), data, Box::new(Whole(torn.clone())));
    assert!(!torn.load(Ordering::SeqCst), "a packet that is none left the phone");
}

/// Notes a packet that is none.
struct Whole(Arc<AtomicBool>);

impl Outlet for Whole {
    fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let whole = bytes.len() <= LONGEST_SENT && matches!(Packet::read(&mut bytes), Ok(Some(_))) && bytes.is_empty();
        self.0.fetch_or(!whole, Ordering::SeqCst);
        Ok(())
    }
}

pub fn cable_seeds() -> Vec<Vec<u8>> {
    let setup = [&[0, 0, 0, 2, 0, 0, 0, 17][..], &[0xfe, 0xed, 0xfa, 0xce, 0, 0, 0xff, 0xff, 7]].concat();
    let begins = [packet::version(), setup].concat();
    let request = to_xml(&Value::of([("Request", Value::from("QueryType"))])).unwrap();
    let says = |from: u16, seq: u32, flags: u8, data: &[u8]| {
        let ack = u32::from(seq != 0);
        packet::segment(0, 0, &Segment { from, to: LOCKDOWN, seq, ack, flags, window: 0x2_0000, data: data.to_vec() })
    };
    let talk = [says(1, 0, SYN, &[]), says(1, 1, ACK, &[]), says(1, 1, ACK, &framed(&request)), says(2, 0, SYN, &[])];
    let broken = [says(1, 0, SYN, &[]), says(1, 7, ACK, b"x"), says(1, 0, SYN, &[]), says(1, 1, RST, &[])];
    vec![
        begins.clone(),
        [begins.clone(), talk.concat()].concat(),
        [begins.clone(), broken.concat(), begins, talk.concat()].concat(),
    ]
}

pub fn usbmux_seeds() -> Vec<Vec<u8>> {
    let properties =
        Value::of([("SerialNumber", Value::from(UDID)), ("ConnectionType", "USB".into()), ("ProductID", 4776_u16.into())]);
    let phone = Value::of([("DeviceID", Value::from(1_u8)), ("MessageType", "Attached".into()), ("Properties", properties)]);
    [
        Value::of([("DeviceList", Value::Array(vec![phone]))]),
        Value::of([("MessageType", Value::from("Result")), ("Number", 3_u8.into())]),
    ]
    .iter()
    .map(|list| {
        let body = to_xml(list).unwrap();
        let head = [16 + body.len() as u32, 1, 8, 1].map(u32::to_le_bytes).concat();
        [head, body].concat()
    })
    .collect()
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

pub fn lockdown_seeds() -> Vec<Vec<u8>> {
    let answer = |request: &str, key: &str, value: Value| Value::of([("Request", Value::from(request)), (key, value)]);
    let answers = [
        answer("QueryType", "Type", "com.apple.mobile.lockdown".into()),
        answer("GetValue", "Value", vec![0x30_u8; 40].into()),
        Value::of([("Request", Value::from("StartService")), ("Port", 49_152_u16.into()), ("EnableServiceSSL", true.into())]),
        Value::of([
            ("Request", Value::from("Pair")),
            ("Error", "MCChallengeRequired".into()),
            ("ExtendedResponse", Value::of([("PairingChallenge", vec![1_u8; 32])])),
        ]),
    ];
    let refused = [
        ("QueryType", "InvalidResponse"),
        ("GetValue", "GetProhibited"),
        ("StartService", "EscrowLocked"),
        ("Pair", "MCProtected"),
    ];
    let refused = refused.map(|(request, error)| answer(request, "Error", error.into()));
    let written = |answers: &[Value]| answers.iter().flat_map(|answer| framed(&to_xml(answer).unwrap())).collect();
    vec![written(&answers), written(&refused), answers.iter().flat_map(|answer| framed(&to_binary(answer).unwrap())).collect()]
}

pub fn device_link_seeds() -> Vec<Vec<u8>> {
    let at = |name: &str| format!("{UDID}/{name}");
    let message = |items: Vec<Value>| framed(&to_binary(&Value::Array(items)).unwrap());
    let block = |kind: u8, bytes: &[u8]| framed(&[&[kind], bytes].concat());
    let names = |device: &str, host: &str| [framed(device.as_bytes()), framed(host.as_bytes())].concat();
    let upload = || message(vec!["DLMessageUploadFiles".into(), Value::dictionary(), 5.0.into(), 100_u8.into()]);
    let end = |code: u8| {
        let content = Value::of([("MessageName", Value::from("Response")), ("ErrorCode", code.into())]);
        message(vec!["DLMessageProcessMessage".into(), content])
    };
    let status = to_binary(&Value::of([("SnapshotState", Value::from("finished")), ("IsFullBackup", true.into())])).unwrap();
    let whole = [
        message(vec!["DLMessageGetFreeDiskSpace".into()]),
        message(vec!["DLMessageCreateDirectory".into(), at("Snapshot/3d").into(), Value::dictionary(), 0.0.into()]),
        message(vec!["DLContentsOfDirectory".into(), UDID.into()]),
        message(vec![
            "DLMessageDownloadFiles".into(),
            Value::Array(vec![at("Manifest.db").into(), at("none").into()]),
            1.0.into(),
        ]),
        upload(),
        names("/.b/6/Library/SMS/sms.db", &at("Snapshot/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28")),
        block(0x0c, b"some"),
        block(0x0c, b"bytes"),
        block(0x00, b""),
        names("/.b/7/x", &at("Snapshot/x")),
        block(0x0b, b"Input/output error"),
        names("/var/tmp/tmp.1", &at("Status.plist")),
        block(0x0c, &status),
        block(0x00, b""),
        vec![0; 4],
        message(vec!["DLMessageMoveItems".into(), Value::of([(at("Snapshot/x"), at("x"))]), Value::dictionary(), 99.0.into()]),
        message(vec!["DLMessageCopyItem".into(), at("x").into(), at("y").into(), Value::dictionary(), 0.0.into()]),
        message(vec!["DLMessageRemoveItems".into(), Value::Array(vec![at("Snapshot").into()])]),
        end(0),
    ]
    .concat();
    let outside = [upload(), names("/x", "../../etc/x"), block(0x0c, b"x"), block(0, b""), vec![0; 4], end(0)].concat();
    vec![whole, outside, end(208)]
}
