#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::device::{Battery, Clock, Contact, Package, Phone, Provider, Storage, User, Value};

/// Runs a line; exit code, stdout, stderr.
fn run(device: &Arc<Device>, line: &str) -> (u8, String, String) {
    let (out, err) = (Kept::default(), Kept::default());
    let code = Shell::new(device).run(line.as_bytes(), Box::new(io::empty()), Tap::new(out.clone()), Tap::new(err.clone()));
    (code, out.text(), err.text())
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(lock(&self.0).clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn phone() -> Arc<Device> {
    Device::builder()
        .user(User::work_profile(true))
        .battery(Battery { level: 41, usb_powered: false })
        .storage(Storage { total: 4096 * 1000, free: 4096 * 250 })
        .clock(Clock::starting("2026-01-05T12:00:00Z".parse().unwrap()))
        .package(Package::new("com.whatsapp", "2.26.1.9", 260_109_000, 10_234))
        .package(Package::new("com.example.other", "1.0", 1, 10_300).also_for(10))
        .contact(Contact {
            name: Some("Jansen, A.".into()),
            phones: vec![Phone::mobile("+31 6 12345678")],
            emails: vec!["a@b.nl".into()],
        })
        .contact(Contact { name: None, phones: vec![Phone::mobile("0201234567")], emails: vec![] })
        .setting("global", "adb_wifi_enabled", "0")
        .provider(Provider {
            uri: "content://sms".into(),
            columns: ["_id", "date", "type", "body"].map(String::from).into(),
            rows: vec![
                vec![
                    Value::Integer(1),
                    Value::Integer(1_700_000_000_000),
                    Value::Integer(1),
                    Value::Text("one, two\nRow: 9 _id=9".into()),
                ],
                vec![Value::Integer(2), Value::Integer(1_700_000_001_000), Value::Integer(2), Value::Null],
                vec![Value::Integer(3), Value::Real(0.5), Value::Integer(2), Value::Blob(vec![1])],
            ],
            ..Provider::default()
        })
        .provider(Provider {
            uri: "content://call_log/calls".into(),
            columns: vec!["_id".into()],
            rows: vec![],
            refused: Some("Permission Denial: opening provider com.android.providers.contacts.CallLogProvider".into()),
            ..Provider::default()
        })
        .file("/sdcard/Download/it's a \"name\".txt", Arc::new(b"hello world\n".to_vec()), 1_700_000_000)
        .file("/sdcard/Download/big.bin", Arc::new(crate::Patterned { len: 5 << 30, seed: 1 }), 1_700_000_000)
        .build()
}

fn stdout(device: &Arc<Device>, line: &str) -> String {
    let (code, out, err) = run(device, line);
    assert_eq!((code, err.as_str()), (0, ""), "{line}");
    out
}

#[test]
fn quoting_lists_and_redirections_are_those_of_sh() {
    let phone = phone();
    for (line, code, out, err) in [
        ("echo a  b", 0, "a b\n", ""),
        (r#"echo 'a  b' "c  d" e\ f 'it'\''s'"#, 0, "a  b c  d e f it's\n", ""),
        (r#"echo "a\"b\\c\d" $? "$?" '$?'"#, 0, "a\"b\\c\\d 0 0 $?\n", ""),
        ("echo -n x; echo y", 0, "xy\n", ""),
        ("false; echo $?", 0, "1\n", ""),
        ("false && echo no", 1, "", ""),
        ("true && echo yes || echo no", 0, "yes\n", ""),
        ("false || echo other", 0, "other\n", ""),
        ("echo x 2>&1 >/dev/null", 0, "", ""),
        ("nothere", 127, "", "/system/bin/sh: nothere: inaccessible or not found\n"),
        ("nothere 2>&1", 127, "/system/bin/sh: nothere: inaccessible or not found\n", ""),
        ("nothere 2>/dev/null; echo $?", 0, "127\n", ""),
        ("echo oops >&2", 0, "", "oops\n"),
        ("echo a | cat", 0, "a\n", ""),
        ("cat /dev/zero | head -c 3 | wc -c", 0, "3\n", ""),
        ("exit 7; echo no", 7, "", ""),
        ("echo a;# comment\necho b", 0, "a\nb\n", ""),
        ("sh -c 'echo in; exit 3'", 3, "in\n", ""),
        ("echo $EXTERNAL_STORAGE${NOPE}", 0, "/sdcard\n", ""),
        ("echo /sdcard/Down*", 0, "/sdcard/Download\n", ""),
        ("echo '/sdcard/Down*' /sdcard/none*", 0, "/sdcard/Down* /sdcard/none*\n", ""),
        ("echo 'open", 1, "", "/system/bin/sh: no closing quote\n"),
        ("echo $(id)", 1, "", "/system/bin/sh: syntax error: unexpected '$('\n"),
        ("echo x > /sdcard/f", 1, "", "/system/bin/sh: can't create: /sdcard/f: Read-only file system\n"),
        ("", 0, "", ""),
        ("[ -d /sdcard/ ] && [ -e /sdcard/none ] || echo no", 0, "no\n", ""),
    ] {
        assert_eq!(run(&phone, line), (code, out.into(), err.into()), "{line}");
    }
}

#[test]
fn facts_come_in_androids_formats() {
    let phone = phone();
    assert_eq!(stdout(&phone, "getprop ro.product.model"), "Twin One\n");
    assert_eq!(stdout(&phone, "getprop no.such"), "\n");
    assert!(stdout(&phone, "getprop").contains("[ro.build.version.sdk]: [34]\n"));
    assert_eq!(stdout(&phone, "date +%s | head -c 9"), "176761440");
    assert_eq!(stdout(&phone, "date '+%Y-%m-%d %H:%M %z'"), "2026-01-05 13:00 +0100\n");
    assert_eq!(stdout(&phone, "settings get global adb_wifi_enabled; settings get secure none"), "0\nnull\n");
    assert_eq!(stdout(&phone, "cmd settings list global"), "adb_wifi_enabled=0\n");
    let battery = stdout(&phone, "dumpsys battery");
    assert!(battery.contains("\n  USB powered: false\n") && battery.contains("\n  level: 41\n"), "{battery}");
    assert_eq!(
        stdout(&phone, "pm list users"),
        "Users:\n\tUserInfo{0:Owner:13} running\n\tUserInfo{10:Work profile:30} running\n"
    );
    assert!(stdout(&phone, "dumpsys package com.whatsapp").contains("\n    versionName=2.26.1.9\n"));
    assert_eq!(stdout(&phone, "dumpsys package com.none"), "Unable to find package: com.none\n");
    assert!(stdout(&phone, "id").starts_with("uid=2000(shell) gid=2000(shell) groups="));
    let df = stdout(&phone, "df -k /sdcard");
    assert_eq!(
        df.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>(),
        ["/dev/fuse", "4000", "3000", "1000", "75%", "/storage/emulated"]
    );
    assert_eq!(stdout(&phone, "stat -f -c '%a %S' /sdcard"), "250 4096\n");
}

#[test]
fn a_refused_profile_is_said_on_stderr_with_exit_code_0() {
    let phone = phone();
    assert_eq!(stdout(&phone, "pm list packages --user 0"), "package:com.whatsapp\npackage:com.example.other\n");
    assert_eq!(
        stdout(&phone, "pm list packages -U --show-versioncode --user 0 whats"),
        "package:com.whatsapp versionCode:260109000 uid:10234\n"
    );
    assert!(stdout(&phone, "cmd package list packages -f --user 0").contains("base.apk=com.whatsapp\n"));
    for line in ["pm list packages --user 10", "pm list packages"] {
        let (code, out, err) = run(&phone, line);
        assert_eq!((code, out.as_str()), (0, ""), "{line}");
        assert!(err.contains("java.lang.SecurityException: Shell does not have permission to access user 10\n"), "{err}");
    }
    let strict = Device::builder().user(User::work_profile(true)).refusal_exit(255).build();
    assert_eq!(run(&strict, "pm list packages --user 10").0, 255);
    let open =
        Device::builder().user(User::work_profile(false)).package(Package::new("a.b", "1", 1, 10_001).also_for(10)).build();
    assert_eq!(stdout(&open, "pm list packages -U --user 10"), "package:a.b uid:1010001\n");
}

#[test]
fn content_query_escapes_nothing_and_tells_refusal_from_emptiness() {
    let phone = phone();
    let uri = "content query --uri content://com.android.contacts/data/phones";
    assert_eq!(
        stdout(&phone, &format!("{uri} --projection _id:data4:display_name --sort '_id ASC'")),
        "Row: 0 _id=1, data4=+31612345678, display_name=Jansen, A.\nRow: 1 _id=3, data4=NULL, display_name=NULL\n"
    );
    assert_eq!(stdout(&phone, &format!("{uri} --where '_id>1 AND _id<=2'")), "No result found.\n");
    assert_eq!(
        stdout(&phone, "content query --uri content://sms --projection _id:body --where 'type=1'"),
        "Row: 0 _id=1, body=one, two\nRow: 9 _id=9\n"
    );
    assert_eq!(stdout(&phone, "content query --uri content://sms/3 --projection date:body"), "Row: 0 date=0.5, body=BLOB\n");
    assert_eq!(stdout(&phone, "content query --uri content://sms --projection _id --where \"body IS NULL\""), "Row: 0 _id=2\n");
    for (line, says) in [
        (
            "content query --uri content://call_log/calls",
            "Error while accessing provider:call_log\njava.lang.SecurityException: Permission Denial",
        ),
        (
            "content query --uri content://sms --user 10",
            "Error while accessing provider:sms\njava.lang.SecurityException: Shell does not",
        ),
        (
            "content query --uri content://sms --projection 'hex(body)'",
            "Error while accessing provider:sms\njava.lang.IllegalArgumentException: Invalid",
        ),
        ("content query --uri content://sms --where '_id IN (SELECT 1)'", "java.lang.IllegalArgumentException: Invalid token"),
        ("content query --uri content://sms --where 'nope='", "android.database.sqlite.SQLiteException"),
        ("content query --uri content://nowhere/x", "Could not find provider: nowhere"),
        ("content query", "[ERROR]"),
    ] {
        let (code, out, err) = run(&phone, line);
        assert_eq!((code, out.as_str()), (0, ""), "{line}");
        assert!(err.contains(says), "{line}: {err}");
    }
}

#[test]
fn files_are_described_and_read_as_toybox_does() {
    let phone = phone();
    let name = r#"'/sdcard/Download/it'\''s a "name".txt'"#;
    assert_eq!(stdout(&phone, &format!("cat {name}")), "hello world\n");
    assert_eq!(
        stdout(
            &phone,
            &format!("head -c 5 {name}; tail -c +7 {name}; dd if={name} bs=4 skip=6 iflag=skip_bytes count=1 status=none")
        ),
        "helloworld\nworl"
    );
    assert!(
        stdout(&phone, &format!("sha256sum {name}"))
            .starts_with("a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447  /sdcard/Down")
    );
    assert_eq!(stdout(&phone, "stat -c '%s %Y %a %F' /sdcard/Download/big.bin"), "5368709120 1700000000 660 regular file\n");
    assert_eq!(stdout(&phone, "stat -c %F%% /sdcard /sdcard/"), "symbolic link%\ndirectory%\n");
    assert_eq!(stdout(&phone, "ls /sdcard/Download"), "big.bin\nit's a \"name\".txt\n");
    let long = stdout(&phone, "ls -la /sdcard/Download/");
    assert!(long.contains("-rw-rw----  1 u0_a180  media_rw  5368709120 2023-11-14 23:13 big.bin\n"), "{long}");
    assert!(stdout(&phone, "ls -ld /sdcard").contains("/sdcard -> /storage/emulated/0\n"));
    assert_eq!(
        stdout(&phone, "find /sdcard/ -type f -name 'b*' -printf '%s %T@ %p\\0'"),
        "5368709120 1700000000.000000000 /sdcard/big.bin\0".replace("/sdcard/", "/sdcard/Download/")
    );
    assert_eq!(stdout(&phone, "dd if=/sdcard/Download/big.bin bs=1M skip=5119 status=none | wc -c"), "1048576\n");
    for (line, err) in [
        ("ls /sdcard/none", "ls: /sdcard/none: No such file or directory\n"),
        ("ls /data/data", "ls: /data/data: Permission denied\n"),
        ("cat /data/data/com.whatsapp/key", "cat: /data/data/com.whatsapp/key: Permission denied\n"),
        ("stat -c %s /sdcard/none", "stat: '/sdcard/none': No such file or directory\n"),
        ("sha256sum /sdcard/Download", "sha256sum: /sdcard/Download: Is a directory\n"),
    ] {
        assert_eq!(run(&phone, line), (1, String::new(), err.into()), "{line}");
    }
    assert_eq!(phone.asked().writes_refused, 0);
    assert!(phone.asked().opened.contains(&b"/storage/emulated/0/Download/big.bin".to_vec()));
}

proptest::proptest! {
    /// Whatever a host sends as a line is parsed or refused, and quoted words come out as they went in.
    #[test]
    fn any_line_is_read_and_quoting_gives_back_what_was_quoted(
        line in "[ -~\n\t]{0,60}",
        words in proptest::collection::vec("[ -~\n]{1,12}", 1..5),
    ) {
        let _ = line::parse(line.as_bytes());
        let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        let (code, out, err) = run(&Device::builder().build(), &format!("echo x {}", quoted.join(" ")));
        proptest::prop_assert_eq!((code, out, err), (0, format!("x {}\n", words.join(" ")), String::new()));
    }
}
