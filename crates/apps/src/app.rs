//! The apps that can be read, under the names that records, reports and plans call them by.

use crate::whatsapp::Edition;
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
}

impl App {
    pub const ALL: [Self; 3] = [Self::WhatsApp, Self::WhatsAppBusiness, Self::IMessage];

    /// Its name in records and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::WhatsAppBusiness => "whatsapp-business",
            Self::IMessage => "imessage",
        }
    }

    /// Android's package name, where the app exists there.
    #[must_use]
    pub fn package(self) -> Option<&'static str> {
        match self {
            Self::WhatsApp | Self::WhatsAppBusiness => self.edition().map(Edition::package),
            Self::IMessage => None,
        }
    }

    /// The bundle identifier on an iPhone.
    #[must_use]
    pub fn bundle(self) -> &'static str {
        match self {
            Self::WhatsApp => "net.whatsapp.WhatsApp",
            Self::WhatsAppBusiness => "net.whatsapp.WhatsAppSMB",
            Self::IMessage => "com.apple.MobileSMS",
        }
    }

    /// Which of the two WhatsApps it is, if either.
    #[must_use]
    pub fn edition(self) -> Option<Edition> {
        match self {
            Self::WhatsApp => Some(Edition::WhatsApp),
            Self::WhatsAppBusiness => Some(Edition::Business),
            Self::IMessage => None,
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
    fn an_app_is_called_the_same_in_json() {
        for app in App::ALL {
            assert_eq!(serde_json::to_string(&app).ok(), Some(format!("\"{}\"", app.word())));
        }
    }
}
