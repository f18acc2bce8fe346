//! Addresses, the numbers behind hidden ids, and names with their origin.

use super::time;
use crate::{
    Evidenced, ReadError,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
    whatsapp::reader::HOLDER,
};
use foldhash::HashMap;
use uitlezen_chat::{Moment, NameOrigin, NativeId, Participant, ParticipantId, ParticipantName, Sender, Source};

const MOST_PEOPLE: usize = 1_000_000;
const MOST_NAMES: usize = 8;

/// What the app's contact says of disappearing messages, and where (`reference/ios.md §5.7` C).
#[derive(Clone, Debug)]
pub(super) struct ContactTimer {
    pub(super) seconds: i64,
    pub(super) since: Option<Moment>,
    pub(super) source: Source,
}

#[derive(Debug, Default)]
struct Person {
    /// A number's address where one is known, else the hidden id.
    jid: String,
    lid: Option<String>,
    names: Vec<ParticipantName>,
    timer: Option<ContactTimer>,
}

/// Everybody, by place in one list.
#[derive(Debug, Default)]
pub(super) struct People {
    all: Vec<Person>,
    by_jid: HashMap<String, u32>,
    numbers: HashMap<String, String>,
    holder: Option<u32>,
    pub(super) contacts: Option<u64>,
    pub(super) refused: u64,
}

/// `31612345678:12@s.whatsapp.net` is a device of `31612345678@s.whatsapp.net`. Nothing for what is no address of a person.
pub(super) fn person_jid(jid: &str) -> Option<String> {
    let (user, server) = jid.split_once('@')?;
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    (!user.is_empty() && matches!(server, "s.whatsapp.net" | "lid")).then(|| format!("{user}@{server}"))
}

fn number(jid: &str) -> Option<String> {
    let digits = jid.strip_suffix("@s.whatsapp.net")?;
    (digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| format!("+{digits}"))
}

fn with_server(value: &str, server: &str) -> String {
    if value.contains('@') { value.to_owned() } else { format!("{}@{server}", value.trim_start_matches('+')) }
}

fn place(person: u32) -> usize {
    usize::try_from(person).unwrap_or(usize::MAX)
}

impl People {
    /// Which number belongs to which hidden id, by the app's own list. Before anybody is met.
    pub(super) fn pairs(&mut self, schema: &Schema<'_>, repairs: &Repairs) -> Result<(), ReadError> {
        let Some(columns) = schema.columns("zwaphonenumberlidpair", "p", &["zlid", "zphonenumber"]) else { return Ok(()) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zwaphonenumberlidpair p ORDER BY p.rowid"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if let (Some(lid), Some(number)) = (repairs.text(row, 0), repairs.text(row, 1)) {
                self.pair(&lid, &number);
            }
        }
        Ok(())
    }

    fn pair(&mut self, lid: &str, number: &str) {
        let (lid, number) = (person_jid(&with_server(lid, "lid")), person_jid(&with_server(number, "s.whatsapp.net")));
        if let (Some(lid), Some(number)) = (lid, number) {
            if self.numbers.len() < MOST_PEOPLE {
                self.numbers.insert(lid, number);
            } else {
                self.refused += 1;
            }
        }
    }

    /// Contacts: names, hidden ids, and what they say of disappearing messages.
    pub(super) fn contacts(&mut self, from: &Evidenced<'_>, schema: &Schema<'_>, repairs: &Repairs) -> Result<(), ReadError> {
        let wanted = [
            "rowid",
            "zwhatsappid",
            "zlid",
            "zfullname",
            "zdisappearingmodeduration",
            "zdisappearingmodetimestamp",
            "zgivenname",
        ];
        let Some(columns) = schema.columns("zwaaddressbookcontact", "c", &wanted) else { return Ok(()) };
        let timed = schema.has_column("zwaaddressbookcontact", "zdisappearingmodeduration");
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zwaaddressbookcontact c ORDER BY c.rowid"))?;
        let mut rows = schema.bounded(all.query([])?);
        let mut contacts = 0;
        while let Some(row) = rows.next()? {
            let (id, lid) = (repairs.text(row, 1), repairs.text(row, 2));
            if let (Some(id), Some(lid)) = (&id, &lid) {
                self.pair(lid, id);
            }
            let jid = id.map(|id| with_server(&id, "s.whatsapp.net")).or(lid.map(|lid| with_server(&lid, "lid")));
            // An address-book entry of somebody without WhatsApp.
            let Some(person) = jid.and_then(|jid| self.person(&jid)) else { continue };
            contacts += 1;
            let name = repairs.text(row, 3).or_else(|| repairs.text(row, 6));
            self.name(person, name, NameOrigin::AppContacts);
            if let Some(known) = self.all.get_mut(place(person)).filter(|_| timed) {
                known.timer = Some(ContactTimer {
                    seconds: value::int(row, 4).unwrap_or(0),
                    since: value::real(row, 5).and_then(time::moment),
                    source: Source {
                        item: from.item,
                        table: "ZWAADDRESSBOOKCONTACT".into(),
                        row: value::int(row, 0).unwrap_or(0),
                    },
                });
            }
        }
        self.contacts = Some(contacts);
        Ok(())
    }

    /// Names that people chose for themselves.
    pub(super) fn push_names(&mut self, schema: &Schema<'_>, repairs: &Repairs) -> Result<(), ReadError> {
        let Some(columns) = schema.columns("zwaprofilepushname", "n", &["zjid", "zpushname"]) else { return Ok(()) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zwaprofilepushname n ORDER BY n.rowid"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if let Some(person) = repairs.text(row, 0).and_then(|jid| self.person(&jid)) {
                self.name(person, repairs.text(row, 1), NameOrigin::PushName);
            }
        }
        Ok(())
    }

    pub(super) fn set_holder(&mut self, number: &str) {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        self.holder = self.person(&format!("{digits}@s.whatsapp.net"));
    }

    pub(super) fn name(&mut self, person: u32, name: Option<String>, origin: NameOrigin) {
        if let (Some(name), Some(known)) = (name, self.all.get_mut(place(person)))
            && known.names.len() < MOST_NAMES
            && !known.names.iter().any(|n| n.name == name && n.origin == origin)
        {
            known.names.push(ParticipantName { name, origin });
        }
    }

    fn canonical(&self, jid: &str) -> Option<(String, Option<String>)> {
        let jid = person_jid(jid)?;
        Some(match self.numbers.get(&jid) {
            Some(number) => (number.clone(), Some(jid)),
            None if jid.ends_with("@lid") => (jid.clone(), Some(jid)),
            None => (jid, None),
        })
    }

    /// The person of an address, made when there is none.
    pub(super) fn person(&mut self, jid: &str) -> Option<u32> {
        if let Some(known) = self.by_jid.get(jid) {
            return Some(*known);
        }
        let (canonical, lid) = self.canonical(jid)?;
        let person = match self.by_jid.get(&canonical) {
            Some(known) => *known,
            None if self.all.len() >= MOST_PEOPLE => {
                self.refused += 1;
                return None;
            }
            None => {
                let person = u32::try_from(self.all.len()).ok()?;
                self.all.push(Person { jid: canonical.clone(), ..Person::default() });
                self.by_jid.insert(canonical, person);
                person
            }
        };
        if let Some(known) = self.all.get_mut(place(person)).filter(|_| lid.is_some()) {
            known.lid = lid;
        }
        if self.by_jid.len() < 4 * MOST_PEOPLE {
            self.by_jid.insert(jid.to_owned(), person);
        }
        Some(person)
    }

    pub(super) fn known(&self, jid: &str) -> Option<u32> {
        let direct = self.by_jid.get(jid).copied();
        direct.or_else(|| self.by_jid.get(&self.canonical(jid)?.0).copied())
    }

    pub(super) fn is_holder(&self, person: u32) -> bool {
        self.holder == Some(person)
    }

    pub(super) fn is_unresolved(&self, person: u32) -> bool {
        self.all.get(place(person)).is_some_and(|p| p.jid.ends_with("@lid"))
    }

    pub(super) fn jid(&self, person: u32) -> Option<&str> {
        self.all.get(place(person)).map(|p| p.jid.as_str())
    }

    pub(super) fn id(&self, person: u32) -> Option<ParticipantId> {
        if self.is_holder(person) {
            return Some(ParticipantId(HOLDER.to_owned()));
        }
        self.jid(person).map(|jid| ParticipantId(jid.to_owned()))
    }

    pub(super) fn sender(&self, person: u32) -> Option<Sender> {
        if self.is_holder(person) { Some(Sender::Holder) } else { self.id(person).map(Sender::Participant) }
    }

    pub(super) fn timer(&self, person: u32) -> Option<&ContactTimer> {
        self.all.get(place(person))?.timer.as_ref()
    }

    pub(super) fn participant(&self, person: u32) -> Option<Participant> {
        let known = self.all.get(place(person))?;
        let mut native = Vec::new();
        if number(&known.jid).is_some() {
            native.push(NativeId { kind: "phone-number jid".to_owned(), value: known.jid.clone() });
        }
        native.extend(known.lid.iter().map(|lid| NativeId { kind: "lid".to_owned(), value: lid.clone() }));
        if native.is_empty() {
            native.push(NativeId { kind: "jid".to_owned(), value: known.jid.clone() });
        }
        let mut names = known.names.clone();
        names.sort_by_key(|name| name.origin);
        Some(Participant { id: self.id(person)?, is_holder: false, number: number(&known.jid), names, native })
    }

    /// The holder, with the number that the plan or the phone told.
    pub(super) fn holder(&self) -> Participant {
        let told = self.holder.and_then(|person| self.participant(person));
        let (number, names, native) = told.map(|p| (p.number, p.names, p.native)).unwrap_or_default();
        Participant { id: ParticipantId(HOLDER.to_owned()), is_holder: true, number, names, native }
    }
}
