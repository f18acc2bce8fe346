//! Recipients: people by the numbers that frames call them, and by account.

use super::super::{
    HOLDER,
    person::{self, Person},
};
use crate::HolderKnown;
use foldhash::HashMap;
use std::collections::BTreeMap;
use uitlezen_chat::{NameOrigin, NativeId, Participant, ParticipantId, Sender};
use uitlezen_protobuf::Record;

/// More recipients than anybody has.
const MOST: usize = 1_000_000;

/// The kinds of recipients.
#[derive(Clone, Debug)]
pub(super) enum Recipient {
    Person(ParticipantId),
    Holder,
    Group(Box<Group>),
    /// What Signal itself sends.
    ReleaseNotes,
    /// A list for stories.
    List(Option<String>),
    /// A link to a call.
    CallLink(Option<String>),
    Unknown,
}

/// A group as its last state stands in the backup.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) mark: Option<String>,
    /// The state of the group is there.
    pub(super) snapshot: bool,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) timer: u64,
    /// Who, and whether an administrator.
    pub(super) members: Vec<(ParticipantId, u64)>,
    pub(super) blocked: bool,
    pub(super) terminated: bool,
    pub(super) announcements_only: bool,
    /// Invited or asking, and banned: how many.
    pub(super) pending: usize,
    pub(super) banned: usize,
}

/// Everybody.
#[derive(Debug)]
pub(super) struct People {
    recipients: HashMap<u64, Recipient>,
    persons: HashMap<ParticipantId, Person>,
    holder: Person,
    /// The holder's own account, where a recipient of that account turns up.
    own: Option<ParticipantId>,
    pub(super) refused: u64,
    pub(super) lists: u64,
}

fn sixteen(bytes: Option<&[u8]>) -> Option<[u8; 16]> {
    bytes?.try_into().ok()
}

fn filled(record: &Record<'_>, field: &str) -> Option<String> {
    record.text(field).map(|text| text.into_owned()).filter(|text| !text.is_empty())
}

impl People {
    pub(super) fn new(told: Option<&str>) -> Self {
        let holder = Person { number: told.map(str::to_owned), ..Person::default() };
        Self { recipients: HashMap::default(), persons: HashMap::default(), holder, own: None, refused: 0, lists: 0 }
    }

    /// What the account says of the holder.
    pub(super) fn account(&mut self, account: &Record<'_>) {
        let name = person::full(account.text("givenName").as_deref(), account.text("familyName").as_deref());
        self.holder.name(name, NameOrigin::PushName);
        self.holder.username = filled(account, "username");
    }

    pub(super) fn add(&mut self, recipient: &Record<'_>) {
        let id = recipient.uint("id");
        if self.recipients.len() >= MOST {
            self.refused += 1;
            return;
        }
        let kinds = ["contact", "group", "self", "releaseNotes", "distributionList", "callLink"];
        let found = match recipient.one_of(&kinds) {
            Some(("contact", contact)) => self.contact(&contact, id),
            Some(("group", group)) => Recipient::Group(Box::new(group_of(&group))),
            Some(("self", _)) => Recipient::Holder,
            Some(("releaseNotes", _)) => Recipient::ReleaseNotes,
            Some(("distributionList", list)) => {
                self.lists += 1;
                Recipient::List(list.message("distributionList").and_then(|list| filled(&list, "name")))
            }
            Some(("callLink", link)) => Recipient::CallLink(filled(&link, "name")),
            _ => Recipient::Unknown,
        };
        self.recipients.insert(id, found);
    }

    fn contact(&mut self, contact: &Record<'_>, id: u64) -> Recipient {
        let mut found = Person {
            aci: sixteen(contact.blob("aci")),
            pni: sixteen(contact.blob("pni")),
            number: contact.number("e164").and_then(person::number),
            username: filled(contact, "username"),
            names: Vec::new(),
        };
        let text = |field: &str| contact.text(field);
        // What the holder calls them in the app, what the phone's address book does, and what they call themselves.
        if let Some(nickname) = contact.message("nickname") {
            let name = person::full(nickname.text("given").as_deref(), nickname.text("family").as_deref());
            found.name(name, NameOrigin::AppContacts);
        }
        let system = person::full(text("systemGivenName").as_deref(), text("systemFamilyName").as_deref());
        found.name(system, NameOrigin::PhoneContacts);
        found.name(text("systemNickname").unwrap_or_default(), NameOrigin::PhoneContacts);
        let profile = person::full(text("profileGivenName").as_deref(), text("profileFamilyName").as_deref());
        found.name(profile, NameOrigin::PushName);
        // Somebody without any id is nobody in another backup.
        let known = found.id().unwrap_or_else(|| ParticipantId(format!("recipient:{id}")));
        self.persons.insert(known.clone(), found);
        Recipient::Person(known)
    }

    pub(super) fn recipient(&self, id: u64) -> Option<&Recipient> {
        self.recipients.get(&id)
    }

    /// Who a frame names by number.
    pub(super) fn by_number(&self, id: u64) -> Option<ParticipantId> {
        match self.recipients.get(&id)? {
            Recipient::Person(id) => Some(id.clone()),
            Recipient::Holder => Some(ParticipantId(HOLDER.to_owned())),
            Recipient::ReleaseNotes => Some(ParticipantId("signal".to_owned())),
            Recipient::Group(_) | Recipient::List(_) | Recipient::CallLink(_) | Recipient::Unknown => None,
        }
    }

    pub(super) fn sender(&self, id: u64) -> Sender {
        self.by_number(id).map_or(Sender::Unknown, person::sender)
    }

    /// Who a frame names by account. That is the holder where the account is theirs.
    pub(super) fn by_service(&self, id: Option<&[u8]>) -> Option<Sender> {
        let id = person::service(id?)?;
        Some(if self.own.as_ref() == Some(&id) { Sender::Holder } else { Sender::Participant(id) })
    }

    /// Nothing in the format says which account is the holder's, except a group in which they are the one member that is no
    /// contact. That is enough when every group that says something says the same.
    pub(super) fn find_holder(&mut self) -> HolderKnown {
        let (mut found, mut rows): (Option<ParticipantId>, u64) = (None, 0);
        for recipient in self.recipients.values() {
            let Recipient::Group(group) = recipient else { continue };
            let mut strangers = group.members.iter().map(|(id, _)| id).filter(|id| !self.persons.contains_key(id));
            let (Some(one), None) = (strangers.next(), strangers.next()) else { continue };
            rows += 1;
            match &found {
                None => found = Some(one.clone()),
                Some(known) if known == one => {}
                Some(_) => return HolderKnown::Contradictory { addresses: 2 },
            }
        }
        if found.is_none() {
            return HolderKnown::No;
        }
        if let Some(aci) = found.as_ref().and_then(|id| id.0.strip_prefix("aci:")) {
            let hex: String = aci.chars().filter(|c| *c != '-').collect();
            let mut bytes = [0; 16];
            if hex::decode_to_slice(hex, &mut bytes).is_ok() {
                self.holder.aci = Some(bytes);
            }
        }
        self.own = found;
        HolderKnown::ByOwnRows { rows: BTreeMap::from([("GroupSnapshot.members".to_owned(), rows)]) }
    }

    /// Somebody of a group, as records name them.
    pub(super) fn member(&self, id: &ParticipantId) -> ParticipantId {
        if self.own.as_ref() == Some(id) { ParticipantId(HOLDER.to_owned()) } else { id.clone() }
    }

    pub(super) fn participant(&self, id: &ParticipantId) -> Participant {
        if id.0 == HOLDER {
            return self.holder.participant(id.clone());
        }
        match self.persons.get(id) {
            Some(person) => person.participant(id.clone()),
            None => person::stranger(id),
        }
    }

    pub(super) fn native(&self, id: &ParticipantId) -> Vec<NativeId> {
        self.persons.get(id).map(Person::native).unwrap_or_default()
    }
}

fn group_of(group: &Record<'_>) -> Group {
    let mark = group.secret("masterKey").filter(|key| key.len() == 32).map(person::group_mark);
    let blocked = group.flag("blocked");
    let Some(state) = group.message("snapshot") else { return Group { mark, blocked, ..Group::default() } };
    let attribute = |field: &str, part: &str| state.message(field).and_then(|attribute| filled(&attribute, part));
    let members = state.messages("members");
    let members = members.filter_map(|member| Some((person::service(member.blob("userId")?)?, member.uint("role"))));
    Group {
        mark,
        snapshot: true,
        title: attribute("title", "title"),
        description: attribute("description", "descriptionText"),
        timer: state.message("disappearingMessagesTimer").map_or(0, |timer| timer.uint("disappearingMessagesDuration")),
        members: members.collect(),
        blocked,
        terminated: state.flag("terminated"),
        announcements_only: state.flag("announcementsOnly"),
        pending: state.messages("membersPendingProfileKey").count() + state.messages("membersPendingAdminApproval").count(),
        banned: state.messages("membersBanned").count(),
    }
}
