//! Python's `plistlib` as the other reader and writer: it reads what we write, and we read what it writes.
//!
//! Without `python3` the test says SKIPPED and passes, or fails where `UITLEZEN_REQUIRE_INTEROP=1`.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::panic)]

use std::{
    io::Write,
    process::{Command, Stdio},
};
use uitlezen_property_list::{Limits, Value, parse, to_binary, to_xml};

/// Loads the list, says what it is in one line, and writes it again in the form asked for.
const PROGRAM: &str = r#"
import plistlib, sys, datetime
form = {"xml": plistlib.FMT_XML, "binary": plistlib.FMT_BINARY}[sys.argv[1]]
value = plistlib.loads(sys.stdin.buffer.read())
def told(v):
    if isinstance(v, dict): return "{" + ",".join(k + ":" + told(v[k]) for k in v) + "}"
    if isinstance(v, list): return "[" + ",".join(map(told, v)) + "]"
    if isinstance(v, bool): return "b%d" % v
    if isinstance(v, int): return "i%d" % v
    if isinstance(v, float): return "r%.3f" % v
    if isinstance(v, str): return "s" + v
    if isinstance(v, bytes): return "d" + v.hex()
    if isinstance(v, plistlib.UID): return "u%d" % v.data
    if isinstance(v, datetime.datetime): return "t%d" % (v - datetime.datetime(2001, 1, 1)).total_seconds()
    raise TypeError(type(v))
sys.stderr.buffer.write(told(value).encode())
sys.stdout.buffer.write(plistlib.dumps(value, fmt=form, sort_keys=False))
"#;

fn told(value: &Value) -> String {
    match value {
        Value::Dictionary(d) => {
            format!("{{{}}}", d.iter().map(|(k, v)| format!("{k}:{}", told(v))).collect::<Vec<_>>().join(","))
        }
        Value::Array(a) => format!("[{}]", a.iter().map(told).collect::<Vec<_>>().join(",")),
        Value::String(s) => format!("s{s}"),
        Value::Data(d) => format!("d{}", d.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        Value::Integer(i) => format!("i{i}"),
        Value::Real(r) => format!("r{r:.3}"),
        Value::Boolean(b) => format!("b{}", u8::from(*b)),
        Value::Date(t) => format!("t{t:.0}"),
        Value::Uid(u) => format!("u{u}"),
    }
}

/// What Python says of the bytes, and what it writes; `None` when there is no Python.
fn python(form: &str, bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let child = Command::new("python3")
        .args(["-c", PROGRAM, form])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "python3 is absent: {error}");
            eprintln!("SKIPPED: python3 is absent ({error})");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    Some((said, output.stdout))
}

/// One of everything; references of archives only where they can be written.
fn sample(references: bool) -> Value {
    let many: Vec<Value> = (0..700_u64).map(|n| Value::Array(vec![n.into(), format!("nr {n}").into()])).collect();
    let numbers = [i128::from(i64::MIN), -1, 0, 255, 256, 65_536, 1 << 40, i128::from(u64::MAX)];
    let mut value = Value::of([
        ("leeg", Value::dictionary()),
        ("getallen", Value::Array(numbers.map(Value::Integer).to_vec())),
        ("reëel", 1.5.into()),
        ("tekst", "één € 😀 <&>".into()),
        ("bytes", vec![0_u8, 1, 254, 255].into()),
        ("aan", true.into()),
        ("uit", false.into()),
        ("toen", Value::Date(-86_400.0)),
        ("veel", many.into()),
    ]);
    if references {
        value.set("verwijzing", Value::Array([0, 1, 255, 256, 70_000].map(Value::Uid).to_vec()));
    }
    value
}

#[test]
fn plistlib_reads_ours_and_we_read_plistlibs() {
    for references in [false, true] {
        let value = sample(references);
        let ours = if references { to_binary(&value) } else { to_xml(&value) }.unwrap();
        let forms: &[&str] = if references { &["binary"] } else { &["xml", "binary"] };
        for form in forms {
            let Some((said, theirs)) = python(form, &ours) else { return };
            assert_eq!(said, told(&value));
            assert!(parse(&theirs, &Limits::default()).unwrap() == value, "{form}");
        }
    }
}
