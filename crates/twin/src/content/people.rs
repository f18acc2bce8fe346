//! The people on the phone: none exists. Names are common first and last names thrown together; numbers begin with
//! +31 60, a series that, as far as we know, is given to no subscriber.

use super::dice::Dice;
use super::options::Options;
use super::record::NameExpected;

/// Where a reader can find this person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// wa.db and the phone's address book.
    AppContacts,
    /// The address book only; wa.db lacks the row, as backups of wa.db often do.
    PhoneContacts,
    /// A business whose name was verified.
    Verified,
    /// wa.db holds only the name that the person chose.
    PushName,
    /// Nowhere.
    Nobody,
    /// A hidden id that maps to no number, with a name in the app's own list.
    LidDirectory,
    /// A hidden id that maps to no number and has a masked number where a name could be.
    LidMasked,
}

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub name: String,
    pub given: String,
    pub family: String,
    /// International digits without "+".
    pub number: String,
    pub known: Known,
    /// Digits of the hidden id, for those who have one.
    pub lid: Option<String>,
    /// Row of the phone-number jid; 0 for those known by hidden id alone.
    pub pn_row: i64,
    /// Row of the hidden id; 0 without.
    pub lid_row: i64,
}

impl Person {
    pub(super) fn pn_jid(&self) -> String {
        format!("{}@s.whatsapp.net", self.number)
    }

    pub(super) fn lid_jid(&self) -> Option<String> {
        self.lid.as_ref().map(|lid| format!("{lid}@lid"))
    }

    pub(super) fn has_number(&self) -> bool {
        !matches!(self.known, Known::LidDirectory | Known::LidMasked)
    }

    /// The id a reader should give this person: the number where one is known, else the hidden id.
    pub(super) fn resolved_jid(&self) -> String {
        if self.has_number() { self.pn_jid() } else { self.lid_jid().unwrap_or_default() }
    }

    pub(super) fn in_address_book(&self) -> bool {
        matches!(self.known, Known::AppContacts | Known::PhoneContacts)
    }

    /// A masked number as WhatsApp shows for a hidden id: no name (`reference/android.md` §2.6).
    pub(super) fn masked(&self) -> String {
        format!("+31∙∙∙∙∙∙∙{}", self.number.get(self.number.len() - 2..).unwrap_or(""))
    }

    pub(super) fn expected_name(&self) -> NameExpected {
        let origin = match self.known {
            Known::AppContacts => Some("app-contacts"),
            Known::PhoneContacts => Some("phone-contacts"),
            Known::Verified => Some("verified"),
            Known::PushName => Some("push-name"),
            Known::LidDirectory => Some("app-directory"),
            Known::Nobody | Known::LidMasked => None,
        };
        NameExpected { jid: self.resolved_jid(), name: origin.map(|_| self.name.clone()), origin: origin.map(str::to_owned) }
    }
}

#[rustfmt::skip]
const GIVEN: [&str; 40] = [
    "Femke", "Joris", "Aylin", "Ruben", "Noor", "Willem", "Samira", "Teun", "Marit", "Bas", "Sanne", "Daan", "Fatima", "Koen",
    "Lotte", "Mehmet", "Eva", "Sjoerd", "Ilse", "Youssef", "Anouk", "Gijs", "Hanna", "Pim", "Roos", "Thijs", "Wouter", "Zoë",
    "Jasmijn", "Kees", "Mirjam", "Olaf", "Petra", "Rick", "Simone", "Tarik", "Ursula", "Vera", "Xander", "Yara",
];
#[rustfmt::skip]
const FAMILY: [&str; 50] = [
    "Duinker", "van der Sluis", "Yıldız", "Koopmans", "de Graaf-Meer", "Terpstra", "El Amrani", "Hoogeveen", "Zandstra",
    "Brouwershaven", "van Oosterdijk", "Kuiperij", "Ramdasi", "Wolthuizen", "Vlietstra", "ten Hove", "Lindeboom", "Postmaat",
    "Santegoed", "van 't Veen", "Öztürker", "Mulderij", "Haverkort", "Blokzijl", "Dijkgraver", "Akkerveld", "Noordewind",
    "Peeringa", "Rietdekker", "Schaapsma", "Tolhuis", "Uiterwaard", "Veldkampen", "Waterink", "IJsselsteen", "Zuidema-Bos",
    "Berkhoff", "Cornelder", "Donkervliet", "Eikenaar", "Fokkinga", "Geestman", "Heuvelrug", "Immerzeel", "Jachtwerf",
    "Kraaienest", "Laagland", "Moerdijker", "Nijenkamp", "Overduin",
];

/// The holder first, then the others. `special` persons with fixed roles stand at the front of the others.
pub(super) fn cast(options: &Options, package: &str, count: usize) -> Vec<Person> {
    let mut dice = Dice::new(options.seed, &format!("people {package}"));
    let mut pairs: Vec<(&str, &str)> = GIVEN.iter().flat_map(|g| FAMILY.iter().map(move |f| (*g, *f))).collect();
    dice.shuffle(&mut pairs);
    let mut people = Vec::with_capacity(count + 1);
    for (i, (given, family)) in pairs.into_iter().take(count + 1).enumerate() {
        let known = match i % 10 {
            4 => Known::PhoneContacts,
            5 => Known::PushName,
            6 => Known::Verified,
            7 => Known::Nobody,
            8 if i % 20 == 8 => Known::LidDirectory,
            8 => Known::LidMasked,
            _ => Known::AppContacts,
        };
        let has_lid = i == 0 || i % 3 == 0 || matches!(known, Known::LidDirectory | Known::LidMasked);
        let mut name = format!("{given} {family}");
        if known == Known::Verified {
            name = format!("{family} Advies B.V.");
        }
        // The canary sits in one name of each kind that people read first: a contact and a chosen name.
        if let (Some(canary), 1 | 5) = (&options.canary, i) {
            name = format!("{name} {canary}");
        }
        people.push(Person {
            name,
            given: given.to_owned(),
            family: family.to_owned(),
            number: format!("3160{:07}", 1_000_000 + dice.below(900_000) * 10 + i as u64 % 10),
            known,
            lid: has_lid.then(|| format!("{}{:09}", 100_000 + i, dice.below(1_000_000_000))),
            pn_row: 0,
            lid_row: 0,
        });
    }
    // Two with one number would be one person to the app.
    for i in 1..people.len() {
        while people[..i].iter().any(|p| p.number == people[i].number) {
            people[i].number = format!("3160{:07}", 1_000_000 + dice.below(9_000_000));
        }
    }
    people
}
