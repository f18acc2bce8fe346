//! What becomes of a conversation at each moment.

use super::{
    Class, Decision, Policy, Rules,
    identifier::normal,
    presence::{self, Roll, councillors_only},
    timeline::{self, Timeline},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use uitlezen_chat::{Conversation, ConversationKind, Moment, Participant};

/// What becomes of what was said at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "placing", rename_all = "kebab-case")]
pub enum Placing {
    /// Read out. The class is [`Class::Zakelijk`], [`Class::Gemengd`] or [`Class::Onbekend`].
    In { class: Class },
    /// Left out by a decision: [`Class::Prive`] or [`Class::Partijpolitiek`].
    Out { rule: u64, class: Class },
    /// Not decided, under a policy that reads out what was decided only.
    Undecided,
    /// Council members among themselves.
    CouncillorsOnly,
}

impl Placing {
    #[must_use]
    pub fn is_in(self) -> bool {
        matches!(self, Self::In { .. })
    }

    /// Whether what was said then must not come out elsewhere either. What council members said among themselves is not
    /// secret, it only need not be kept: where an official was sent it, it is read out there.
    #[must_use]
    pub fn is_apart(self) -> bool {
        matches!(self, Self::Out { .. } | Self::Undecided)
    }
}

/// What becomes of one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    placings: Timeline<Placing>,
    /// What was decided, whatever the policy makes of it.
    classes: Timeline<Option<Class>>,
}

impl Ruling {
    /// At a moment. What has no time belongs to the strictest part of its conversation.
    #[must_use]
    pub fn at(&self, at: Option<Timestamp>) -> Placing {
        if let Some(only) = self.placings.only() {
            return *only;
        }
        at.map_or_else(|| self.strictest(), |at| *self.placings.at(Some(at)))
    }

    /// At the moment of a record. A raw 0 is how apps write "no time".
    #[must_use]
    pub fn of(&self, moment: &Moment) -> Placing {
        self.at(moment.utc.filter(|_| moment.raw > 0))
    }

    #[must_use]
    pub fn placings(&self) -> &Timeline<Placing> {
        &self.placings
    }

    #[must_use]
    pub fn classes(&self) -> &Timeline<Option<Class>> {
        &self.classes
    }

    /// Whether all of it is read out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.placings.values().all(|placing| placing.is_in())
    }

    /// Whether none of it is.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.placings.values().any(|placing| placing.is_in())
    }

    fn strictest(&self) -> Placing {
        let rank = |placing: &Placing| match placing {
            Placing::In { .. } => 0,
            Placing::CouncillorsOnly => 1,
            Placing::Undecided => 2,
            Placing::Out { .. } => 3,
        };
        self.placings.values().copied().max_by_key(rank).unwrap_or(Placing::Undecided)
    }
}

/// The rules, ready to be asked.
#[derive(Debug)]
pub struct Judge {
    policy: Policy,
    decided: Vec<Vec<Decision>>,
    by_identifier: HashMap<String, Vec<usize>>,
    councillors: Roll,
    officials: Roll,
    excludes: bool,
}

impl Judge {
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        let mut by_identifier: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, decided) in rules.decided.iter().enumerate() {
            for identifier in decided.identifiers.iter().map(|i| normal(i)).filter(|i| !i.is_empty()) {
                by_identifier.entry(identifier).or_default().push(at);
            }
        }
        let councillors = if rules.phone_of_official { Roll::default() } else { Roll::of(&rules.councillors) };
        let apart = |d: &Decision| matches!(d.class, Class::Prive | Class::Partijpolitiek);
        let excludes = rules.policy == Policy::AlleenZakelijk
            || !councillors.is_empty()
            || rules.decided.iter().flat_map(|d| &d.decisions).any(apart);
        Self {
            policy: rules.policy,
            decided: rules.decided.iter().map(|d| d.decisions.clone()).collect(),
            by_identifier,
            councillors,
            officials: Roll::of(&rules.officials),
            excludes,
        }
    }

    /// Whether any conversation at all could be left out.
    #[must_use]
    pub fn excludes(&self) -> bool {
        self.excludes
    }

    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    #[must_use]
    pub fn rule(&self, conversation: &Conversation) -> Ruling {
        let decisions = self.decisions(conversation);
        let classes = decisions.map(|d| d.map(|(_, class)| class));
        let among = councillors_only(conversation, &self.councillors, &self.officials);
        let placings = decisions.with(&among, |decided, among| match (decided, self.policy) {
            (Some((rule, class @ (Class::Prive | Class::Partijpolitiek))), _) => Placing::Out { rule: *rule, class: *class },
            // Somebody decided that this one is to be kept.
            (Some((_, class @ (Class::Zakelijk | Class::Gemengd))), _) => Placing::In { class: *class },
            (Some((_, Class::Onbekend)) | None, _) if *among => Placing::CouncillorsOnly,
            (Some((_, Class::Onbekend)) | None, Policy::TenzijUitgesloten) => Placing::In { class: Class::Onbekend },
            (Some((_, Class::Onbekend)) | None, Policy::AlleenZakelijk) => Placing::Undecided,
        });
        Ruling { placings, classes }
    }

    /// Which decision holds when. Where entries of the register that name the same conversation disagree, the decision with
    /// the higher number counts.
    fn decisions(&self, conversation: &Conversation) -> Timeline<Option<(u64, Class)>> {
        let entries: Vec<&Vec<Decision>> = self.entries(conversation).into_iter().filter_map(|at| self.decided.get(at)).collect();
        let moments = timeline::ends(entries.iter().flat_map(|entry| entry.iter().map(|d| &d.span)));
        Timeline::of(moments, |at| {
            let of_entry = |entry: &&Vec<Decision>| entry.iter().rev().find(|d| d.span.holds(at)).map(|d| (d.rule, d.class));
            entries.iter().filter_map(of_entry).max_by_key(|(rule, _)| *rule)
        })
    }

    /// Entries of the register that name this conversation.
    fn entries(&self, conversation: &Conversation) -> BTreeSet<usize> {
        let of = |name: &str| self.by_identifier.get(&normal(name)).into_iter().flatten().copied();
        let mut found: BTreeSet<usize> = conversation.native.iter().flat_map(|n| of(&n.value)).collect();
        if conversation.kind != ConversationKind::Direct {
            return found;
        }
        let partners = || conversation.participants.iter().filter(|p| !p.is_holder && presence::is_partner(conversation, p));
        let present = |p: &Participant| -> Vec<String> {
            let former = |kind: &str| kind.starts_with("former");
            p.native.iter().filter(|n| !former(&n.kind)).map(|n| n.value.clone()).chain(p.number.clone()).collect()
        };
        found.extend(partners().flat_map(present).flat_map(|name| of(&name).collect::<Vec<_>>()));
        if found.is_empty() {
            // A number that the partner had before names them still, unless something names them better.
            found.extend(partners().flat_map(|p| &p.native).flat_map(|n| of(&n.value)));
        }
        found
    }
}
