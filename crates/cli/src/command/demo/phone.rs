//! The virtual phone of the demonstration, in its first week and in its second.

use super::{internal, office::SERIAL};
use crate::{command::twin, problem::Problem};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use uitlezen_twin::{
    adb::{Accept, Answer},
    content::{
        self, Options, PhoneContent,
        signal::{self, OnPhone, SignalContent, SignalOptions},
        sms::{self, SmsOptions},
        threema::{self, THREEMA, ThreemaBackup, ThreemaBackupOptions},
    },
    device::{Clock, Device, Fault, Pull, Times},
    front::tcp::{self, Running},
};

const DAYS: u32 = 7;
/// What arrives in a week, one in so many of what was there.
const NEW: u64 = 20;
const SHARED: &str = "/storage/emulated/0";

/// A phone on the table.
pub(super) struct Shown {
    pub(super) content: PhoneContent,
    pub(super) signal: SignalContent,
    pub(super) threema: ThreemaBackup,
    device: Arc<Device>,
    running: Running,
}

impl Shown {
    pub(super) fn first_week(messages: u64) -> Result<Self, Problem> {
        Self::with(&options(messages), &signal_options(messages, 0))
    }

    pub(super) fn second_week(messages: u64) -> Result<Self, Problem> {
        let later = Options { later_days: DAYS, later_messages: messages / NEW, ..options(messages) };
        Self::with(&later, &signal_options(messages, DAYS))
    }

    fn with(options: &Options, of_signal: &SignalOptions) -> Result<Self, Problem> {
        let content = content::generate(options).map_err(|e| internal(&e))?;
        let signal = signal::generate(of_signal).map_err(|e| internal(&e))?;
        let sms = sms::generate(&sms_options(options)).map_err(|e| internal(&e))?;
        let threema = threema::generate(&threema_options(options)).map_err(|e| internal(&e))?;
        let device = Device::builder()
            .identity(twin::identity(SERIAL))
            .accept(Accept::Ask(Answer::Allow(Duration::from_secs(1))))
            .content(&content)
            .content(&OnPhone::File { content: &signal, folder: "Documents/Signal", name: None })
            .content(&sms)
            .content(&threema::OnPhone { content: &threema, package: THREEMA, folder: "Documents/Threema", name: None })
            // Its content is of the week that it shows; its clock is right.
            .clock(Clock::starting(jiff::Timestamp::now()))
            .build();
        let running = tcp::spawn(&device).map_err(|e| internal(&e))?;
        Ok(Self { content, signal, threema, device, running })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.running.addr()
    }

    /// Bytes that went to the station.
    pub(super) fn sent(&self) -> u64 {
        self.device.sent()
    }

    /// The group about which the office decided that it is private.
    pub(super) fn private_group(&self) -> &str {
        self.content.apart.as_ref().map_or("", |apart| apart.private_group.as_str())
    }

    /// The cable comes out once while attachments are fetched: at the smallest of the largest half.
    pub(super) fn pull_out_on_the_way(&self) {
        let media = self.content.files.iter().filter(|(path, file)| path.contains("/Media/WhatsApp ") && !file.is_empty());
        let mut media: Vec<_> = media.map(|(path, file)| (file.len(), path)).collect();
        media.sort();
        if let Some((_, path)) = media.get(media.len() / 2) {
            let file = format!("{SHARED}/{path}").into_bytes();
            self.device.inject(Fault::Pull { file, how: Pull::Vanishes { after: 0 } }, Times::Only(1));
        }
    }
}

fn options(messages: u64) -> Options {
    let now = jiff::Timestamp::now().as_second() - i64::from(DAYS) * 86_400;
    Options { messages, now, apart: Some("demo".to_owned()), ..Options::default() }
}

/// Signal beside it, with a tenth of the messages; in a week some more, behind the ones that were there.
fn signal_options(messages: u64, later_days: u32) -> SignalOptions {
    let first = jiff::Timestamp::now().as_second() - i64::from(DAYS) * 86_400 - SIGNAL_AGE;
    let few = (messages / 10).clamp(60, 4_000);
    let new = if later_days > 0 { (few / NEW).min(100) } else { 0 };
    let made = first + i64::from(later_days) * 86_400;
    SignalOptions { messages: few + new, made, ..SignalOptions::made_at(first, few) }
}

/// How long before the readout its holder made the backup: seconds.
const SIGNAL_AGE: i64 = 2 * 3600;

/// Threema beside them, with a data backup of before the first week: its holder made no other.
fn threema_options(of: &Options) -> ThreemaBackupOptions {
    let few = (of.messages / 20).clamp(40, 2_000);
    ThreemaBackupOptions { messages: few, now: of.now, age_hours: 2, oddities: false, ..ThreemaBackupOptions::default() }
}

/// SMS and MMS beside them, few as on most phones, and the same in both weeks.
fn sms_options(of: &Options) -> SmsOptions {
    let few = (of.messages / 20).clamp(40, 2_000);
    SmsOptions { sms: few, mms: 12, oddities: false, now: of.now, ..SmsOptions::default() }
}
