//! Property lists.

use uitlezen_property_list::{Limits, Value, parse, to_binary, to_xml};

/// Whatever is read stays within its limits and is itself after it was written again.
pub fn property_list(data: &[u8]) {
    let limits = Limits { nodes: 20_000, bytes: 1 << 20, ..Limits::default() };
    let Ok(value) = parse(data, &limits) else { return };
    let mut found = Found::default();
    found.count(&value, 0);
    assert!(found.nodes <= limits.nodes && found.bytes <= limits.bytes && found.depth <= limits.depth);
    // A date that no calendar has can be read; a number that is none is not equal to itself.
    let Ok(binary) = to_binary(&value) else { return };
    if found.whole {
        assert!(parse(&binary, &Limits::default()).unwrap() == value, "another value after a round trip");
    }
    if let Ok(xml) = to_xml(&value) {
        // Control characters cannot be said in XML; anything else is read back.
        let _ = parse(&xml, &Limits::default());
    }
}

struct Found {
    nodes: usize,
    bytes: usize,
    depth: usize,
    /// No reals and dates, whose fractions a writer may round.
    whole: bool,
}

impl Default for Found {
    fn default() -> Self {
        Self { nodes: 0, bytes: 0, depth: 0, whole: true }
    }
}

impl Found {
    fn count(&mut self, value: &Value, depth: usize) {
        self.nodes += 1;
        self.depth = self.depth.max(depth);
        match value {
            Value::Dictionary(dictionary) => {
                for (key, value) in dictionary {
                    self.nodes += 1;
                    self.bytes += key.len();
                    self.count(value, depth + 1);
                }
            }
            Value::Array(array) => array.iter().for_each(|value| self.count(value, depth + 1)),
            Value::String(string) => self.bytes += string.len(),
            Value::Data(data) => self.bytes += data.len(),
            Value::Real(_) | Value::Date(_) => self.whole = false,
            _ => {}
        }
    }
}

pub fn property_list_seeds() -> Vec<Vec<u8>> {
    let value = Value::of([
        ("Lockdown", Value::of([("DeviceName", Value::from("Telefoon é")), ("ProductVersion", "26.1".into())])),
        ("BackupKeyBag", vec![0_u8; 40].into()),
        ("IsEncrypted", true.into()),
        ("$objects", Value::Array(vec![Value::Uid(1), Value::Uid(300), 7_u64.into(), (-1_i64).into()])),
        ("Date", Value::Date(700_000_000.0)),
        ("leeg", Value::dictionary()),
    ]);
    let mut plain = value.clone();
    plain.set("$objects", Value::Array(vec![1.5.into()]));
    vec![to_binary(&value).unwrap(), to_xml(&plain).unwrap()]
}
