//! Protobuf messages, field by field.

/// A message in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<u8>);

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

impl Fields {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn number(mut self, field: u32, value: u64) -> Self {
        varint(&mut self.0, u64::from(field) << 3);
        varint(&mut self.0, value);
        self
    }

    #[must_use]
    pub fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        varint(&mut self.0, u64::from(field) << 3 | 2);
        varint(&mut self.0, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    #[must_use]
    pub fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    #[must_use]
    pub fn message(self, field: u32, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    #[must_use]
    pub fn double(mut self, field: u32, value: f64) -> Self {
        varint(&mut self.0, u64::from(field) << 3 | 1);
        self.0.extend_from_slice(&value.to_bits().to_le_bytes());
        self
    }

    /// Adds it to a file of such messages, with its length before it.
    pub fn append_to(&self, file: &mut Vec<u8>) {
        varint(file, self.0.len() as u64);
        file.extend_from_slice(&self.0);
    }
}
