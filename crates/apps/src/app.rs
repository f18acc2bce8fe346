//! The apps that can be read, under the names that records, reports and plans call them by.

use crate::{signal, sms, threema, whatsapp::Edition};
use serde::{Deserialize, Serialize};

/// An app, on whatever phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum App {
    #[serde(rename = "whatsapp")]
    WhatsApp,
    #[serde(rename = "whatsapp-business")]
    WhatsAppBusiness,
    /// Apple's Messages: iMessage, SMS and RCS in one database.
    #[serde(rename = "imessage")]
    IMessage,
    #[serde(rename = "threema")]
    Threema,
    #[serde(rename = "threema-work")]
    ThreemaWork,
    #[serde(rename = "threema-onprem")]
    ThreemaOnPrem,
    #[serde(rename = "signal")]
    Signal,
    /// SMS and MMS of an Android phone, and what of RCS stands beside them.
    #[serde(rename = "sms")]
    Sms,
}

impl App {
    pub const ALL: [Self; 8] = [
        Self::WhatsApp,
        Self::WhatsAppBusiness,
        Self::IMessage,
        Self::Signal,
        Self::Sms,
        Self::Threema,
        Self::ThreemaWork,
        Self::ThreemaOnPrem,
    ];

    /// Its name in records and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::WhatsAppBusiness => "whatsapp-business",
            Self::IMessage => "imessage",
            Self::Signal => signal::APP,
            Self::Sms => sms::APP,
            Self::Threema => threema::Edition::Threema.app(),
            Self::ThreemaWork => threema::Edition::Work.app(),
            Self::ThreemaOnPrem => threema::Edition::OnPrem.app(),
        }
    }

    /// Android's package name, where the app exists there.
    #[must_use]
    pub fn package(self) -> Option<&'static str> {
        match self {
            Self::WhatsApp | Self::WhatsAppBusiness => self.edition().map(Edition::package),
            Self::IMessage => None,
            Self::Signal => Some("org.thoughtcrime.securesms"),
            // Whichever app shows them, this one keeps them.
            Self::Sms => Some("com.android.providers.telephony"),
            Self::Threema => Some("ch.threema.app"),
            Self::ThreemaWork => Some("ch.threema.app.work"),
            Self::ThreemaOnPrem => Some("ch.threema.app.onprem"),
        }
    }

    /// The bundle identifier on an iPhone.
    #[must_use]
    pub fn bundle(self) -> &'static str {
        match self {
            Self::WhatsApp => "net.whatsapp.WhatsApp",
            Self::WhatsAppBusiness => "net.whatsapp.WhatsAppSMB",
            Self::IMessage | Self::Sms => "com.apple.MobileSMS",
            Self::Signal => "org.whispersystems.signal",
            Self::Threema => threema::Edition::Threema.bundle(),
            Self::ThreemaWork => threema::Edition::Work.bundle(),
            Self::ThreemaOnPrem => threema::Edition::OnPrem.bundle(),
        }
    }

    /// Which of the two WhatsApps it is, if either.
    #[must_use]
    pub fn edition(self) -> Option<Edition> {
        match self {
            Self::WhatsApp => Some(Edition::WhatsApp),
            Self::WhatsAppBusiness => Some(Edition::Business),
            Self::IMessage | Self::Signal | Self::Sms | Self::Threema | Self::ThreemaWork | Self::ThreemaOnPrem => None,
        }
    }

    /// Whether what is judged of the whole account is how long it keeps messages, and not the timer of new chats.
    #[must_use]
    pub fn keeps_for_a_time(self) -> bool {
        matches!(self, Self::IMessage | Self::Sms) || self.threema().is_some()
    }

    /// Whether its records name people as the phone's address book does, so that nobody has to ask that.
    #[must_use]
    pub fn knows_names(self) -> bool {
        self == Self::Signal || self.threema().is_some()
    }

    /// Which of the three Threemas it is, if any.
    #[must_use]
    pub fn threema(self) -> Option<threema::Edition> {
        match self {
            Self::WhatsApp | Self::WhatsAppBusiness | Self::IMessage | Self::Signal | Self::Sms => None,
            Self::Threema => Some(threema::Edition::Threema),
            Self::ThreemaWork => Some(threema::Edition::Work),
            Self::ThreemaOnPrem => Some(threema::Edition::OnPrem),
        }
    }
}

impl From<Edition> for App {
    fn from(edition: Edition) -> Self {
        match edition {
            Edition::WhatsApp => Self::WhatsApp,
            Edition::Business => Self::WhatsAppBusiness,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ways_to_name_whatsapp_agree() {
        for edition in Edition::ALL {
            let app = App::from(edition);
            assert_eq!((app.word(), app.package(), app.edition()), (edition.app(), Some(edition.package()), Some(edition)));
        }
    }

    #[test]
    fn the_two_ways_to_name_threema_agree() {
        let all: Vec<_> = App::ALL.into_iter().filter_map(|app| Some((app, app.threema()?))).collect();
        assert_eq!(all.iter().map(|(_, edition)| *edition).collect::<Vec<_>>(), threema::Edition::ALL);
        assert!(all.iter().all(|(app, edition)| app.word() == edition.app() && app.bundle() == edition.bundle()));
    }

    #[test]
    fn an_app_is_called_the_same_in_json() {
        for app in App::ALL {
            assert_eq!(serde_json::to_string(&app).ok(), Some(format!("\"{}\"", app.word())));
        }
    }
}
