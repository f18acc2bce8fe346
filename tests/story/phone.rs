//! Phones for stories: the twin in this very process, on a free port.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};
use uitlezen_twin::{
    content::{
        self, MediaScale, Options, PhoneContent,
        signal::{OnPhone, SignalContent},
        threema::{self, ThreemaBackup},
    },
    device::{Builder, Device, Identity},
    front::tcp::{self, Running},
};

pub const SERIAL: &str = "TWIN0001";
pub const ROOT: &str = "/storage/emulated/0";
pub const BACKUP: &str = "Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15";

/// A small phone of today, whose backup is six hours old.
pub fn usual() -> Options {
    Options { messages: 240, now: now(), ..Options::default() }
}

/// The same without attachments, for stories about something else.
pub fn plain() -> Options {
    Options { media: MediaScale::None, messages: 120, ..usual() }
}

/// No timer anywhere.
pub fn quiet() -> Options {
    Options { timers: false, ..usual() }
}

/// A phone on which there is nothing to find: no timer, nothing for one look, nothing missing, nothing unknown. It still has
/// media, groups and increments.
pub fn nothing_to_find() -> Options {
    static SEED: OnceLock<u64> = OnceLock::new();
    // The clock is of today each time: a run looks at the difference.
    let phone = |seed| Options { seed, messages: 70, ..quiet() };
    let nothing = |seed: &u64| {
        let made = content::generate(&phone(*seed)).unwrap().expected.whatsapp;
        let odd = [made.view_once, made.unknown_types, made.future, made.attachments.missing, made.vanished];
        odd == [0; 5] && made.attachments.present > 0 && made.groups > 0
    };
    phone(*SEED.get_or_init(|| (1..60).find(nothing).expect("one of these phones is unremarkable")))
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// A phone on the desk.
pub struct Phone {
    pub content: PhoneContent,
    /// A backup of Signal on it, beside WhatsApp.
    pub signal: Option<SignalContent>,
    /// A data backup of Threema on it.
    pub threema: Option<ThreemaBackup>,
    pub device: Arc<Device>,
    running: Running,
}

impl Phone {
    /// With the backup file of Signal, or with its backup folder.
    pub fn with_signal(options: &Options, signal: SignalContent, file: bool) -> Self {
        let phone = Self::built(options, |phone| {
            let (content, folder) = (&signal, "Documents/Van mij");
            // Not under a name that says what it is.
            let name = Some("vakantie 2024.dat");
            phone.content(&if file { OnPhone::File { content, folder, name } } else { OnPhone::Folder { content, folder } })
        });
        Self { signal: Some(signal), ..phone }
    }

    /// With the data backup of one of the Threemas, by its package.
    pub fn with_threema(options: &Options, threema: ThreemaBackup, package: &str) -> Self {
        let phone = Self::built(options, |phone| phone.content(&renamed(&threema, package)));
        Self { threema: Some(threema), ..phone }
    }

    /// With backups of both that their holder made.
    pub fn with_both(options: &Options, signal: SignalContent, threema: ThreemaBackup) -> Self {
        let phone = Self::built(options, |phone| {
            let folder = OnPhone::Folder { content: &signal, folder: "Documents/Van mij" };
            phone.content(&folder).content(&renamed(&threema, threema::THREEMA))
        });
        Self { signal: Some(signal), threema: Some(threema), ..phone }
    }

    /// The password that its holder gives is from here on this one.
    pub fn whose_threema_password_is(mut self, password: &str) -> Self {
        self.threema.as_mut().unwrap().password = password.to_owned();
        self
    }

    pub fn with(options: &Options) -> Self {
        Self::built(options, |phone| phone)
    }

    /// The secrets that its holder gives are from here on those of this content.
    pub fn whose_holder_says(self, signal: SignalContent) -> Self {
        Self { signal: Some(signal), ..self }
    }

    /// With another serial number than the plan's.
    pub fn called(serial: &str, options: &Options) -> Self {
        Self::built(options, |phone| phone.identity(Identity { serial: serial.into(), ..Identity::default() }))
    }

    pub fn built(options: &Options, change: impl FnOnce(Builder) -> Builder) -> Self {
        let content = content::generate(options).unwrap();
        let identity = Identity { serial: SERIAL.into(), ..Identity::default() };
        let device = change(Device::builder().identity(identity).content(&content)).build();
        let running = tcp::spawn(&device).unwrap();
        Self { content, signal: None, threema: None, device, running }
    }

    pub fn address(&self) -> String {
        self.running.addr().to_string()
    }

    /// Puts other bytes in place of a file.
    pub fn rewrite(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let file = &self.content.files[path];
        let mut bytes = file.to_vec();
        change(&mut bytes);
        let at = file.mtime();
        self.device.change(|tree| {
            tree.file(format!("{ROOT}/{path}"), Arc::new(bytes), at);
        });
    }

    /// Media files of WhatsApp that messages name, largest first.
    pub fn media(&self) -> Vec<String> {
        let mut all: Vec<_> = self
            .content
            .files
            .iter()
            .filter(|(path, file)| path.contains("/Media/WhatsApp ") && !path.contains("Profile Photos") && !file.is_empty())
            .collect();
        all.sort_by_key(|(path, file)| (std::cmp::Reverse(file.len()), path.as_str()));
        all.into_iter().map(|(path, _)| path.clone()).collect()
    }

    pub fn on_phone(path: &str) -> Vec<u8> {
        format!("{ROOT}/{path}").into_bytes()
    }
}

/// Not under a name that says what it is.
fn renamed<'a>(content: &'a ThreemaBackup, package: &'a str) -> threema::OnPhone<'a> {
    threema::OnPhone { content, package, folder: "Documents/Van mij", name: Some("vakantie 2025.dat") }
}

/// The same files as a folder.
pub fn folder(options: &Options, dir: PathBuf) -> (PhoneContent, PathBuf) {
    let content = content::generate(options).unwrap();
    content::write_folder(&content, &dir).unwrap();
    (content, dir)
}
