//! Our bytes and parsers against a captured session of the real adb host (fixture `adb-protocol/captured`). The fixture is not
//! part of this repository: without it these tests say SKIPPED.

use super::{
    handshake::Banner,
    key::AdbKey,
    message::{AUTH, CLSE, CNXN, HEADER, Header, MAX_PAYLOAD, OKAY, OPEN, VERSION, WRTE, checksum, le32},
    shell::ShellParser,
    sync::{Kind, ListParser, PullParser, StatParser, Version, request},
};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use serde_json::Value;
use std::path::Path;

struct Packet {
    from_host: bool,
    header: Header,
    payload: Vec<u8>,
}

fn session() -> Option<(Value, Vec<Packet>)> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata/adb-protocol/captured/adb_transport_session.json");
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("SKIPPED: the captured adb session is not at hand ({})", path.display());
        return None;
    };
    let value: Value = serde_json::from_slice(&text).unwrap();
    let packets = value["packets"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|packet| {
            let bytes = hex::decode(packet["header_hex"].as_str()?).unwrap();
            let header = Header::decode(bytes.as_slice().try_into().unwrap()).unwrap();
            assert_eq!(header.encode().as_slice(), bytes, "a header that we write otherwise");
            // Long payloads are cut in the fixture.
            let payload = packet["payload_hex"].as_str().and_then(|p| hex::decode(p).ok()).unwrap_or_default();
            Some(Packet { from_host: packet["dir"] == "host->device", header, payload })
        })
        .collect();
    Some((value, packets))
}

fn device_write(packets: &[Packet], starts: &[u8]) -> Vec<u8> {
    packets.iter().find(|p| !p.from_host && p.header.command == WRTE && p.payload.starts_with(starts)).unwrap().payload.clone()
}

fn host_write<'a>(packets: &'a [Packet], starts: &[u8]) -> &'a [u8] {
    &packets.iter().find(|p| p.from_host && p.header.command == WRTE && p.payload.starts_with(starts)).unwrap().payload
}

#[test]
fn the_real_host_s_greeting_is_ours() {
    let Some((_, packets)) = session() else { return };
    assert!(packets.len() > 20);
    let greeting = packets.iter().find(|p| p.from_host && p.header.command == CNXN).unwrap();
    assert_eq!((greeting.header.arg0, greeting.header.arg1), (VERSION, MAX_PAYLOAD as u32));
    assert_eq!(greeting.header.check, checksum(&greeting.payload), "checked until both versions are known");
    assert!(greeting.payload.starts_with(b"host::features="), "no byte zero at its end, as ours");
    let answer = packets.iter().find(|p| !p.from_host && p.header.command == CNXN).unwrap();
    let banner = Banner::parse(&answer.payload);
    assert_eq!((banner.kind.as_str(), banner.model.as_deref()), ("device", Some("Fake")));
    assert!(banner.has("stat_v2") && banner.has("ls_v2") && banner.has("shell_v2"));
    // After the greeting the real host skips checksums, and only then.
    for packet in packets.iter().filter(|p| p.from_host) {
        let checked = matches!(packet.header.command, CNXN | AUTH);
        assert_eq!(packet.header.check != 0, checked && !packet.payload.is_empty());
    }
    let open = packets.iter().find(|p| p.from_host && p.header.command == OPEN).unwrap();
    assert!(open.header.arg1 == 0 && open.payload.ends_with(b"\0"));
    assert!(packets.iter().any(|p| p.header.command == OKAY) && packets.iter().any(|p| p.header.command == CLSE));
}

#[test]
fn the_real_signature_and_public_key_have_our_structure() {
    let Some((value, packets)) = session() else { return };
    let auth = &value["auth"];
    let bytes = |name: &str| hex::decode(auth[name].as_str().unwrap()).unwrap();
    let modulus = BigUint::from_bytes_be(&bytes("rsa_modulus_hex"));
    let public = RsaPublicKey::new(modulus.clone(), BigUint::from(65537u32)).unwrap();
    // What `AdbKey::sign` signs: SHA-1's DigestInfo and the token in the place of the digest.
    let mut info = hex::decode("3021300906052b0e03021a05000414").unwrap();
    info.extend(bytes("token_hex"));
    public.verify(Pkcs1v15Sign::new_unprefixed(), &info, &bytes("signature_hex")).unwrap();

    let sent = packets.iter().find(|p| p.from_host && p.header.command == AUTH && p.header.arg0 == 3).unwrap();
    let text = String::from_utf8(sent.payload.clone()).unwrap();
    let theirs = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.split(' ').next().unwrap()).unwrap();
    assert_eq!(theirs.len(), 524);
    assert_eq!(u64::from(le32(&theirs, 4)), auth["n0inv"].as_u64().unwrap());
    assert_eq!(BigUint::from_bytes_le(&theirs[8..264]), modulus);
    assert_eq!(super::key::public_structure(&modulus), theirs, "our encoding of the same key");

    let ours = AdbKey::generate().unwrap();
    let payload = ours.auth_payload();
    assert!(payload.ends_with(b"\0") && payload.contains(&b' '));
    assert_eq!(payload.iter().position(|&b| b == b' '), text.find(' '), "base64 of the same length");
}

#[test]
fn captured_answers_are_read_and_our_requests_are_theirs() {
    let Some((_, packets)) = session() else { return };
    assert_eq!(host_write(&packets, b"LIS2"), request(b"LIS2", "/sdcard"));
    assert_eq!(host_write(&packets, b"RECV"), request(b"RECV", "/sdcard/f.txt"));
    assert_eq!(host_write(&packets, b"STA2"), request(b"STA2", "/sdcard/f.txt"));

    for cut in [1, 7, 1000] {
        let mut list = ListParser::new(Version::V2);
        let mut names = Vec::new();
        let mut done = false;
        for piece in device_write(&packets, b"DNT2").chunks(cut) {
            done = list
                .feed(piece, &mut |entry| {
                    let stat = entry.stat.unwrap();
                    names.push((entry.name.to_vec(), stat.bytes, stat.modified, stat.kind));
                    Ok(())
                })
                .unwrap();
        }
        assert!(done);
        assert_eq!(names, [(b"f.txt".to_vec(), 5, 1_700_000_000, Kind::File)]);

        let mut stat = StatParser::new(Version::V2, b"STA2");
        let mut answer = None;
        for piece in device_write(&packets, b"STA2").chunks(cut) {
            answer = stat.feed(piece).unwrap();
        }
        assert_eq!(answer.unwrap().unwrap().bytes, 5);

        let mut pull = PullParser::default();
        let mut got = Vec::new();
        let mut done = false;
        for piece in device_write(&packets, b"DATA").chunks(cut) {
            done = pull
                .feed(piece, &mut |b| {
                    got.extend_from_slice(b);
                    Ok(())
                })
                .unwrap();
        }
        assert!(done && got == b"hello");
    }
    let mut shell = ShellParser::default();
    let mut out = Vec::new();
    for packet in packets.iter().filter(|p| !p.from_host && p.header.command == WRTE).take(2) {
        shell
            .feed(&packet.payload, &mut |_, b| {
                out.extend_from_slice(b);
                Ok(())
            })
            .unwrap();
    }
    assert_eq!((out.as_slice(), shell.code), (&b"uid=2000(shell) gid=2000(shell)\n"[..], Some(0)));
    assert_eq!(HEADER, 24);
}
