//! Whose backup it is, and how dear its key.

/// What a backup says of its phone. Made up throughout.
#[derive(Clone, Debug)]
pub struct BackupFacts {
    pub udid: String,
    /// The device name that its holder gave it.
    pub name: String,
    /// `iPhone17,1`.
    pub product: String,
    /// `26.1`.
    pub ios: String,
    /// `23B85`.
    pub build: String,
    pub serial: String,
    /// When the backup was made, Unix seconds.
    pub date: i64,
    pub apps: Vec<App>,
    pub rounds: Rounds,
    /// `IsFullBackup` of Status.plist.
    pub full: bool,
    /// `SnapshotState` of Status.plist; anything but `finished` is a backup that broke off.
    pub snapshot_state: String,
}

/// An installed app.
#[derive(Clone, Debug)]
pub struct App {
    /// `net.whatsapp.WhatsApp`.
    pub bundle: String,
    pub version: String,
}

/// Rounds of the two derivations. Phones take ten million and ten thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    pub first: u32,
    pub second: u32,
}

impl Rounds {
    /// What a phone takes.
    pub const REAL: Self = Self { first: 10_000_000, second: 10_000 };
}

impl Default for Rounds {
    /// Cheap, for tests.
    fn default() -> Self {
        Self { first: 1000, second: 100 }
    }
}

impl Default for BackupFacts {
    fn default() -> Self {
        Self {
            udid: "00008140-000A1B2C3D4E5F60".to_owned(),
            name: "Diensttelefoon".to_owned(),
            product: "iPhone17,1".to_owned(),
            ios: "26.1".to_owned(),
            build: "23B85".to_owned(),
            serial: "F0TWINIPHONE".to_owned(),
            date: crate::content::DEFAULT_NOW,
            apps: Vec::new(),
            rounds: Rounds::default(),
            full: true,
            snapshot_state: "finished".to_owned(),
        }
    }
}
