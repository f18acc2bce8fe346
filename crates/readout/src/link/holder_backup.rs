//! Where a phone's holder put backups that were made in an app: one walk over the shared storage for every app that is asked,
//! and a look at how those files begin that could be one. What is not looked into is counted; nothing is taken by its name
//! alone.

use super::{
    message::Blind,
    serve::{Stop, blind},
};
use std::{
    collections::HashSet,
    io,
    sync::{Arc, Mutex, PoisonError},
};
use uitlezen_apps::{
    App,
    holder_backup::{self, Found, LOOKED_AT},
};
use uitlezen_evidence::{Bytes, Evidence, EvidenceError, Hint, Item, ItemName, ReadAt};
use uitlezen_phone::{
    PhoneError,
    android::{AndroidLink, Anywhere, ListingLimits, User, head, list_anywhere},
};

/// No holder can put a backup there: Android lets no app choose these folders for its files, and many phones let nobody look.
const NOT_ENTERED: [&str; 2] = ["Android/data", "Android/obb"];

/// What a look over everything gave.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// The files that make up what was found.
    pub(super) items: Vec<Item>,
    pub(super) found: Found,
    pub(super) blind: Blind,
}

impl Look {
    pub(super) fn among(asked: &[App], evidence: &dyn Evidence, blind: Blind) -> Self {
        let found = holder_backup::find(asked, evidence);
        let named: HashSet<ItemName> = found.parts().collect();
        let items = evidence.items().iter().filter(|item| named.contains(&item.name)).cloned().collect();
        Self { items, found, blind }
    }
}

/// Walks over the phone.
pub(super) fn find(asked: &[App], link: &mut dyn AndroidLink, users: &[User]) -> Result<Look, Stop> {
    let wants = |name: &ItemName, bytes| holder_backup::may_be(asked, name, bytes);
    let anywhere = Anywhere { users, except: &NOT_ENTERED, wants: &wants };
    let listing = list_anywhere(link, &anywhere, &ListingLimits::default())?;
    let blind = blind(&listing);
    let heads = Heads { items: listing.items, link: Mutex::new(Line { link, broken: None }) };
    let look = Look::among(asked, &heads, blind);
    let line = heads.link.into_inner().unwrap_or_else(PoisonError::into_inner);
    match line.broken {
        Some(error) => Err(error.into()),
        None => Ok(look),
    }
}

/// Files on the phone, of which only the beginning is asked.
#[derive(Debug)]
struct Heads<'l> {
    items: Vec<Item>,
    link: Mutex<Line<'l>>,
}

#[derive(Debug)]
struct Line<'l> {
    link: &'l mut dyn AndroidLink,
    /// What ended it: nothing more is asked then.
    broken: Option<PhoneError>,
}

impl Evidence for Heads<'_> {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let at = self.items.binary_search_by(|item| item.name.cmp(name)).map_err(|_| EvidenceError::Absent)?;
        let item = self.items.get(at).ok_or(EvidenceError::Absent)?;
        let mut line = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if line.broken.is_some() {
            return Err(io::Error::from(io::ErrorKind::NotConnected).into());
        }
        match head(line.link, name, LOOKED_AT) {
            Ok(begins) => Ok(Arc::new(Head { begins, bytes: item.bytes })),
            Err(error) => {
                if error.ends_the_link() {
                    line.broken = Some(error);
                }
                Err(io::Error::from(io::ErrorKind::PermissionDenied).into())
            }
        }
    }
}

/// How a file begins.
struct Head {
    begins: Vec<u8>,
    bytes: u64,
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Head").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl ReadAt for Head {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        self.begins.read_at(pos, buf, hint)
    }
}
