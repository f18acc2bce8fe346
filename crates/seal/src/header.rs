//! The signed readable header `zegel.json` (FORMAT.md, "Header"): what anyone may know of a seal without a key. No names of
//! persons, no names of files.

use crate::role::Role;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;
/// Largest `zegel.json` in bytes.
pub const LARGEST_HEADER: u64 = 1 << 16;

/// Most earlier seals that one seal may rely on: a readout that would need more reads everything again.
pub const MOST_RELIED_ON: usize = 256;

/// Whether all was got that the plan asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All that the plan asked for.
    Volledig,
    /// Something that the plan asked for is not in it.
    Onvolledig,
    /// The phone refused parts of it.
    OnderdelenGeweigerd,
}

/// Where the bytes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    Usb,
    AdbServer,
    Files,
    Lab,
    Demo,
}

/// What sets a seal apart from an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The phone, or a current term of its holder, did not stand in the register. Why it was read all the same, and who
    /// approved, stands in role *verantwoording*.
    NietGeregistreerd,
}

/// A SHA-256 digest, in JSON 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Digest(pub [u8; 32]);

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Sha256Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        hex::serde::deserialize(d).map(Self)
    }
}

/// A time to the second, in JSON `2026-11-22T03:04:05Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

impl Moment {
    /// Cuts off what is below a second.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Timestamp::from_second(at.as_second()).unwrap_or(at))
    }

    #[must_use]
    pub fn now() -> Self {
        Self::new(Timestamp::now())
    }

    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map(Self::new).map_err(|_| de::Error::custom("not a time"))
    }
}

/// What the header says of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleEntry {
    pub role: Role,
    pub commitment: Sha256Digest,
    /// Number of key files: one number, or two (halves a and b) for a two-person role.
    pub key_files: Vec<u8>,
}

/// An earlier seal that holds attachments of this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierSeal {
    pub seal: Sha256Digest,
    /// Its run id: its file was called `<run>.uitlezing`.
    pub run: String,
}

/// The header. The order of the fields is the order in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// Run id, as in the file's name.
    pub run: String,
    /// When the readout began.
    pub started: Moment,
    /// When the seal was closed, by the station's clock.
    pub created: Moment,
    /// Code of the organisation, for instance from the register of government organisations.
    pub organisation: String,
    /// SHA-256 of the station's certificate (DER).
    pub station: Sha256Digest,
    pub status: Status,
    pub origin: Origin,
    /// Phone clock minus station clock in seconds, where it was measured.
    pub clock_offset: Option<i64>,
    /// In the order of [`Role`].
    pub roles: Vec<RoleEntry>,
    /// Seal digest ([`crate::verify::Verdict::digest`]) of the seal of this phone before this one.
    pub previous_of_phone: Option<Sha256Digest>,
    /// The same of this station.
    pub previous_of_station: Option<Sha256Digest>,
    /// The earlier seals of this phone that hold attachments of this one, by digest. The field is absent when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relies_on: Vec<EarlierSeal>,
    /// Absent from an ordinary seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// Program and version that made the seal.
    pub tool: String,
}

/// Why a header is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    #[error("the header is larger than {LARGEST_HEADER} bytes")]
    TooLarge,
    #[error("the header is of format {0}, which is not known here")]
    Format(u32),
    #[error("the header is not the JSON of this format (line 1, column {column})")]
    Json { column: usize },
    #[error("the header is not in its canonical form")]
    NotCanonical,
    #[error("a text in the header has characters or a length that it may not have")]
    Text,
    #[error("the header's roles are empty, doubled or out of order")]
    Roles,
    #[error("the header ends before it begins")]
    Times,
    #[error("the earlier seals that the header names are doubled, out of order or more than {MOST_RELIED_ON}")]
    ReliesOn,
    /// Found by verifying: entries and header speak of different roles or key files.
    #[error("the entries of role {0} are not those that the header says")]
    RoleEntries(Role),
    /// Found by verifying: signed by another station than the header says.
    #[error("the header names another station than the one that signed")]
    OtherStation,
    /// Found by verifying: a demo certificate under a seal that does not say demo.
    #[error("a DEMO station signed a seal whose origin is not demo")]
    DemoStation,
}

impl Header {
    /// The file's bytes: compact JSON, fields in order, no line end.
    pub fn to_bytes(&self) -> Result<Vec<u8>, HeaderFault> {
        self.check()?;
        let bytes = serde_json::to_vec(self).map_err(|_| HeaderFault::NotCanonical)?;
        if bytes.len() as u64 > LARGEST_HEADER { Err(HeaderFault::TooLarge) } else { Ok(bytes) }
    }

    /// Takes only what [`Header::to_bytes`] would write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeaderFault> {
        if bytes.len() as u64 > LARGEST_HEADER {
            return Err(HeaderFault::TooLarge);
        }
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let json = |e: serde_json::Error| HeaderFault::Json { column: e.column() };
        let Version { format } = serde_json::from_slice(bytes).map_err(json)?;
        if format != FORMAT {
            return Err(HeaderFault::Format(format));
        }
        let header: Self = serde_json::from_slice(bytes).map_err(json)?;
        header.check()?;
        if serde_json::to_vec(&header).is_ok_and(|again| again == bytes) { Ok(header) } else { Err(HeaderFault::NotCanonical) }
    }

    fn check(&self) -> Result<(), HeaderFault> {
        let code = |text: &str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let line = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if !code(&self.run) || !code(&self.organisation) || !line(&self.tool) {
            return Err(HeaderFault::Text);
        }
        let lawful =
            |entry: &RoleEntry| matches!(entry.key_files.len(), 1 | 2) && entry.key_files.iter().all(|n| (1..=99).contains(n));
        if self.roles.is_empty() || !self.roles.is_sorted_by(|a, b| a.role < b.role) || !self.roles.iter().all(lawful) {
            return Err(HeaderFault::Roles);
        }
        if !self.relies_on.iter().all(|earlier| code(&earlier.run)) {
            return Err(HeaderFault::Text);
        }
        if self.relies_on.len() > MOST_RELIED_ON || !self.relies_on.is_sorted_by(|a, b| a.seal < b.seal) {
            return Err(HeaderFault::ReliesOn);
        }
        if self.created < self.started { Err(HeaderFault::Times) } else { Ok(()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn header() -> Header {
        let at = |s| Moment::new(Timestamp::from_second(s).unwrap());
        Header {
            format: FORMAT,
            run: "20261122T030000Z-abcd".to_owned(),
            started: at(1_795_000_000),
            created: at(1_795_000_100),
            organisation: "gm0000".to_owned(),
            station: Sha256Digest([7; 32]),
            status: Status::OnderdelenGeweigerd,
            origin: Origin::AdbServer,
            clock_offset: Some(-3),
            roles: vec![RoleEntry { role: Role::Gesprekken, commitment: Sha256Digest([1; 32]), key_files: vec![2] }],
            previous_of_phone: None,
            previous_of_station: Some(Sha256Digest([9; 32])),
            relies_on: Vec::new(),
            mark: None,
            tool: "uitlezen 0.1.0".to_owned(),
        }
    }

    #[test]
    fn comes_back_and_has_one_form_only() {
        let bytes = header().to_bytes().unwrap();
        assert_eq!(Header::from_bytes(&bytes).unwrap(), header());
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.starts_with("{\"format\":1,\"run\":\"20261122T030000Z-abcd\",\"started\":\"2026-11-18T11:06:40Z\""),
            "{text}"
        );
        assert!(text.contains("\"status\":\"onderdelen-geweigerd\",\"origin\":\"adb-server\",\"clock_offset\":-3"));
        let read = |text: &str| Header::from_bytes(text.as_bytes());
        assert_eq!(read(&format!("{text}\n")), Err(HeaderFault::NotCanonical));
        assert_eq!(read(&text.replace("\"clock_offset\":-3,", "")), Err(HeaderFault::NotCanonical));
        assert_eq!(read(&text.replace("gm0000", "gm000\\u0030")), Err(HeaderFault::NotCanonical));
        assert_eq!(read(&text.replace("0101", "010A").replace("0909", "090A")), Err(HeaderFault::NotCanonical));
        assert_eq!(read(&text.replace("06:40Z", "06:40.5Z")), Err(HeaderFault::NotCanonical));
        assert_eq!(read(&text.replace("\"format\":1", "\"format\":2")), Err(HeaderFault::Format(2)));
        assert!(matches!(read(&text.replace("\"tool\"", "\"naam\":1,\"tool\"")), Err(HeaderFault::Json { .. })));
        assert!(matches!(read("{}"), Err(HeaderFault::Json { .. })));
        assert_eq!(read(&text.replace("gm0000", "gm 0000")), Err(HeaderFault::Text));
    }

    #[test]
    fn earlier_seals_stand_once_in_order_or_the_field_is_absent() {
        let text = String::from_utf8(header().to_bytes().unwrap()).unwrap();
        assert!(!text.contains("relies_on"), "{text}");
        let read = |text: &str| Header::from_bytes(text.as_bytes());
        let with = |list: &str| read(&text.replace(",\"tool\"", &format!(",\"relies_on\":[{list}],\"tool\"")));
        let digest = |n: u8| format!("{{\"seal\":\"{}\",\"run\":\"r{n}\"}}", hex::encode([n; 32]));
        assert_eq!(with(""), Err(HeaderFault::NotCanonical));
        let two = with(&[digest(1), digest(2)].join(",")).unwrap();
        let earlier = |n: u8| EarlierSeal { seal: Sha256Digest([n; 32]), run: format!("r{n}") };
        assert_eq!(two.relies_on, [earlier(1), earlier(2)]);
        assert_eq!(with(&digest(1).replace("r1", "r/1")), Err(HeaderFault::Text));
        assert_eq!(with(&[digest(2), digest(1)].join(",")), Err(HeaderFault::ReliesOn));
        assert_eq!(with(&[digest(1), digest(1)].join(",")), Err(HeaderFault::ReliesOn));
        let nth = |i: usize| Sha256Digest([&[0; 24][..], &i.to_be_bytes()].concat().try_into().unwrap());
        let many = |n: usize| (0..n).map(|i| EarlierSeal { seal: nth(i), run: "r".repeat(64) }).collect();
        let most = Header { relies_on: many(MOST_RELIED_ON), ..header() };
        assert_eq!(Header::from_bytes(&most.to_bytes().unwrap()).unwrap(), most);
        assert_eq!(Header { relies_on: many(MOST_RELIED_ON + 1), ..header() }.to_bytes(), Err(HeaderFault::ReliesOn));
    }

    #[test]
    fn a_mark_is_one_of_the_known_or_the_field_is_absent() {
        let text = String::from_utf8(header().to_bytes().unwrap()).unwrap();
        assert!(!text.contains("mark"), "{text}");
        let with = |mark: &str| Header::from_bytes(text.replace(",\"tool\"", &format!(",\"mark\":{mark},\"tool\"")).as_bytes());
        assert_eq!(with("\"niet-geregistreerd\"").unwrap().mark, Some(Mark::NietGeregistreerd));
        assert_eq!(with("null"), Err(HeaderFault::NotCanonical));
        assert!(matches!(with("\"anders\""), Err(HeaderFault::Json { .. })));
    }

    #[test]
    fn roles_stand_once_and_in_order() {
        let mut two = header();
        two.roles.push(RoleEntry { role: Role::Verantwoording, ..two.roles.first().unwrap().clone() });
        assert_eq!(two.to_bytes(), Err(HeaderFault::Roles));
        two.roles.clear();
        assert_eq!(two.to_bytes(), Err(HeaderFault::Roles));
        let backwards = Header { created: Moment::new(Timestamp::UNIX_EPOCH), ..header() };
        assert_eq!(backwards.to_bytes(), Err(HeaderFault::Times));
    }
}
