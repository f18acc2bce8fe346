//! Other people's programs verify and open our seals: openssl, unzip, age, and a script written from FORMAT.md.
//!
//! Where one is missing the test says SKIPPED, or fails when `UITLEZEN_REQUIRE_INTEROP=1`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod sealing;

use sealing::*;
use secrecy::ExposeSecret;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use uitlezen_seal::{
    cades,
    header::Origin,
    role::Role,
    station::{Certificate, Kind, Station},
};

/// Whether a program can be had; loud if not.
fn has(program: &str, probe: &[&str]) -> bool {
    let there = Command::new(program).args(probe).output().is_ok_and(|out| out.status.success());
    if !there {
        assert!(std::env::var("UITLEZEN_REQUIRE_INTEROP").as_deref() != Ok("1"), "{program} {probe:?} is missing");
        eprintln!("SKIPPED: {program} {probe:?} is missing; the seal was not held against it");
    }
    there
}

fn run(program: &str, dir: &Path, args: &[&str]) -> Output {
    Command::new(program).args(args).current_dir(dir).output().unwrap()
}

fn says(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

/// Unzips by our own reading, so that each oracle is asked alone.
fn unpacked(sealed: &Sealed) -> PathBuf {
    let dir = sealed.dir.path().join("x");
    for (name, content) in sealed.entries() {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    pem(sealed.station.certificate(), &dir);
    dir
}

/// The command of LEESMIJ.txt, at the time of sealing: these certificates are not of today.
fn cms<'a>(at: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = [
        "cms",
        "-verify",
        "-cades",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "META-INF/signature001.p7s",
        "-content",
        "META-INF/ASiCManifest001.xml",
        "-out",
        "/dev/null",
        "-attime",
        at,
    ];
    [&fixed[..], more].concat()
}

#[test]
fn openssl_accepts_the_signature_and_refuses_every_change() {
    if !has("openssl", &["version"]) {
        return;
    }
    let sealed = seal(Kind::Normal, Origin::Usb);
    let dir = unpacked(&sealed);
    let at = NOW.to_string();
    let good = run("openssl", &dir, &cms(&at, &["-CAfile", "station.pem"]));
    assert!(good.status.success(), "{}", says(&good));
    assert!(says(&good).contains("CAdES Verification successful"), "{}", says(&good));
    // Also without -binary, since the manifest has no line end.
    let text: Vec<_> = cms(&at, &["-CAfile", "station.pem"]).into_iter().filter(|arg| *arg != "-binary").collect();
    assert!(run("openssl", &dir, &text).status.success());
    // Nobody trusts a self-issued certificate by default.
    assert!(!run("openssl", &dir, &cms(&at, &[])).status.success());
    // Expired, and at a time that somebody believes.
    let later = (NOW + 6 * 365 * 86_400).to_string();
    let expired = run("openssl", &dir, &cms(&later, &["-CAfile", "station.pem"]));
    assert!(!expired.status.success() && says(&expired).contains("expired"), "{}", says(&expired));
    let manifest = dir.join("META-INF/ASiCManifest001.xml");
    let mut bytes = fs::read(&manifest).unwrap();
    bytes[300] ^= 1;
    fs::write(&manifest, bytes).unwrap();
    assert!(!run("openssl", &dir, &cms(&at, &["-CAfile", "station.pem"])).status.success());
}

/// An organisation's own PKI, made by openssl: root, authority below it, station below that.
#[test]
fn a_station_of_an_organisations_pki_signs_what_openssl_follows_to_the_root() {
    if !has("openssl", &["version"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let shell = |script: &str| {
        let out = run("sh", dir.path(), &["-ec", script]);
        assert!(out.status.success(), "{}", says(&out));
    };
    shell(
        "new() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout $1.key -subj /O=Voorbeeld/CN=$1 -out $1.csr; }
         new root; new tussen; new station
         printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' > ca.ext
         printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n' > ee.ext
         openssl x509 -req -in root.csr -signkey root.key -sha384 -days 900 -extfile ca.ext -out root.pem
         openssl x509 -req -in tussen.csr -CA root.pem -CAkey root.key -CAcreateserial -sha384 -days 900 -extfile ca.ext -out tussen.pem
         openssl x509 -req -in station.csr -CA tussen.pem -CAkey tussen.key -CAcreateserial -sha384 -days 900 -extfile ee.ext -out own.pem
         openssl pkcs8 -topk8 -nocrypt -in station.key -outform DER -out station.der",
    );
    let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
    let certificate = |name: &str| Certificate::from_file(&read(name)).unwrap();
    let chain = vec![certificate("own.pem"), certificate("tussen.pem")];
    let station = Station::from_parts(&read("station.der"), chain.clone()).unwrap();
    let backwards = chain.iter().rev().cloned().collect();
    assert!(Station::from_parts(&read("station.der"), backwards).is_err());
    let (manifest, now) = (b"<manifest/>", jiff::Timestamp::now());
    let signed = cades::sign(&station, manifest, now).unwrap();
    let read_back = cades::CadesSignature::read(&signed).unwrap();
    assert_eq!(read_back.covers(manifest), Ok(()));
    assert_eq!((read_back.signer(), read_back.others()), (&chain[0], &chain[1..]));
    fs::write(dir.path().join("s.p7s"), &signed).unwrap();
    fs::write(dir.path().join("m.xml"), manifest).unwrap();
    let verify = "openssl cms -verify -cades -binary -inform DER -in s.p7s -content m.xml -out /dev/null -CAfile";
    shell(&format!("{verify} root.pem"));
    assert!(!run("sh", dir.path(), &["-c", &format!("{verify} own.pem")]).status.success(), "the root is missing");
    for n in (0..signed.len()).step_by(3) {
        let mut bad = signed.clone();
        bad[n] ^= 4;
        assert!(cades::CadesSignature::read(&bad).and_then(|read| read.covers(manifest)).is_err(), "byte {n}");
    }
}

#[test]
fn openssl_reads_the_certificate_as_meant() {
    if !has("openssl", &["version"]) {
        return;
    }
    let sealed = seal(Kind::Demo, Origin::Demo);
    let dir = unpacked(&sealed);
    let text = says(&run("openssl", &dir, &["x509", "-in", "station.pem", "-noout", "-text"]));
    for line in [
        "Version: 3 (0x2)",
        "ecdsa-with-SHA384",
        "ASN1 OID: secp384r1",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation",
        "X509v3 Subject Key Identifier",
        "OU = DEMO",
        "gm0000",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("Extended Key Usage"));
}

#[test]
fn the_digest_of_every_entry_is_in_the_manifest() {
    if !has("openssl", &["version"]) {
        return;
    }
    let sealed = seal(Kind::Normal, Origin::Usb);
    let dir = unpacked(&sealed);
    let manifest = fs::read_to_string(dir.join("META-INF/ASiCManifest001.xml")).unwrap();
    for (name, _) in sealed.entries() {
        if name == "mimetype" || name.starts_with("META-INF/") {
            continue;
        }
        let digest = run("sh", &dir, &["-c", &format!("openssl dgst -sha256 -binary {name} | openssl base64 -A")]);
        let digest = String::from_utf8(digest.stdout).unwrap();
        assert_eq!(digest.len(), 44);
        let from = manifest.find(&format!("URI=\"{name}\"")).unwrap();
        assert!(manifest[from..].find(&format!(">{digest}<")).unwrap() < 200, "{name}");
    }
}

#[test]
fn unzip_finds_no_fault() {
    if !has("unzip", &["-v"]) {
        return;
    }
    let sealed = seal(Kind::Normal, Origin::Usb);
    let out = run("unzip", sealed.dir.path(), &["-t", sealed.path.to_str().unwrap()]);
    assert!(out.status.success() && says(&out).contains("No errors detected"), "{}", says(&out));
    // Said by others too: the type string stands where sniffers look.
    assert_eq!(&sealed.bytes()[38..69], b"application/vnd.etsi.asic-e+zip");
}

#[test]
fn age_opens_the_key_file_for_each_recipient() {
    if !has("age", &["--version"]) {
        return;
    }
    let sealed = seal(Kind::Normal, Origin::Usb);
    let dir = unpacked(&sealed);
    for (n, identity) in [&sealed.identity, &sealed.recovery].into_iter().enumerate() {
        let file = dir.join(format!("identity{n}"));
        fs::write(&file, identity.file.expose_secret()).unwrap();
        let out = run("age", &dir, &["-d", "-i", file.to_str().unwrap(), "sleutels/gesprekken.1.age"]);
        assert!(out.status.success(), "{}", says(&out));
        let line = String::from_utf8(out.stdout).unwrap();
        assert!(line.starts_with("uitlezing/1 role-key ") && line.len() == 21 + 64 + 1, "{} characters", line.len());
    }
    let stranger = dir.join("stranger");
    fs::write(&stranger, uitlezen_seal::envelope::GeneratedIdentity::new().file.expose_secret()).unwrap();
    assert!(!run("age", &dir, &["-d", "-i", stranger.to_str().unwrap(), "sleutels/gesprekken.1.age"]).status.success());
}

#[test]
fn a_script_written_from_the_format_opens_every_item() {
    if !has("age", &["--version"]) || !has("python3", &["-c", "import cryptography"]) {
        return;
    }
    let sealed = seal(Kind::Normal, Origin::Usb);
    let identity = sealed.dir.path().join("identity");
    fs::File::create(&identity).unwrap().write_all(sealed.identity.file.expose_secret().as_bytes()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/open_from_format.py");
    assert!(fs::read_to_string(&script).unwrap().lines().count() <= 70);
    for (name, content) in &sealed.items {
        let out = Command::new("python3")
            .args([&script, &sealed.path, &identity])
            .args([Role::Gesprekken.as_str(), name])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", says(&out));
        assert_eq!(&out.stdout, content, "{name}");
    }
}
