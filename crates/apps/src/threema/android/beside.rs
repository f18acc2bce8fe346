//! What stands in tables beside the messages: polls with their votes, and reactions.

use super::{
    backup::Backup,
    book::Book,
    entries::Entry,
    people::{People, Who},
    row::csv,
};
use crate::{ReadError, Summary, note};
use foldhash::HashMap;
use uitlezen_chat::{EvidenceId, Moment, Poll, PollOption, Reaction, Source};

/// Polls, and their options and votes together.
const MOST_POLLS: usize = 100_000;
const MOST_VOTES: usize = 2_000_000;
const MOST_REACTIONS: usize = 2_000_000;

#[derive(Debug)]
struct Ballot {
    question: String,
    one_choice: bool,
    choices: Vec<Choice>,
    /// A message shows it.
    shown: bool,
}

#[derive(Debug)]
struct Choice {
    id: String,
    text: String,
    total: Option<i64>,
    order: i64,
    voters: Vec<Who>,
}

/// Polls by the app's own number, which messages name.
#[derive(Debug, Default)]
pub(super) struct Polls {
    all: Vec<Ballot>,
    by_number: HashMap<i64, usize>,
    by_uid: HashMap<String, usize>,
    votes: usize,
    pub(super) refused: u64,
    /// Rows that belong to no poll.
    stray: u64,
}

/// One reaction.
#[derive(Debug)]
struct Reacted {
    by: Who,
    emoji: String,
    at: Option<i64>,
    group: bool,
    row: i64,
}

/// Reactions by conversation and message.
#[derive(Debug, Default)]
pub(super) struct Reactions {
    by_message: HashMap<(u32, String), Vec<Reacted>>,
    count: usize,
    item: Option<EvidenceId>,
    pub(super) refused: u64,
    /// To conversations that are not there.
    stray: u64,
    /// To messages that are there.
    met: u64,
}

impl Polls {
    pub(super) fn read(backup: &Backup, people: &mut People, summary: &mut Summary) -> Result<Self, ReadError> {
        let mut polls = Self::default();
        let read = polls.ballots(backup);
        note(summary, Entry::Ballots.table(), read)?;
        let read = polls.choices(backup);
        note(summary, Entry::Choices.table(), read)?;
        let read = polls.votes(backup, people);
        note(summary, Entry::Votes.table(), read)?;
        polls.all.iter_mut().for_each(|ballot| ballot.choices.sort_by_key(|choice| choice.order));
        Ok(polls)
    }

    fn ballots(&mut self, backup: &Backup) -> Result<(), ReadError> {
        if !backup.has("ballot.csv") {
            return Ok(());
        }
        let mut csv = csv(backup, "ballot.csv")?;
        let [id, api, creator, name, assessment] = csv.columns(["id", "aid", "creator", "name", "assessment"]);
        while let Some(row) = csv.next()? {
            if self.all.len() >= MOST_POLLS {
                self.refused += 1;
                continue;
            }
            let uid = format!("{}-{}", row.text(api).unwrap_or_default(), row.text(creator).unwrap_or_default());
            let at = self.all.len();
            self.by_uid.entry(uid).or_insert(at);
            if let Some(number) = row.number(id) {
                self.by_number.entry(number).or_insert(at);
            }
            let one_choice = row.text(assessment).is_some_and(|how| how.starts_with("SINGLE"));
            let question = row.text(name).unwrap_or_default().to_owned();
            self.all.push(Ballot { question, one_choice, choices: Vec::new(), shown: false });
        }
        Ok(())
    }

    fn choices(&mut self, backup: &Backup) -> Result<(), ReadError> {
        if !backup.has("ballot_choice.csv") {
            return Ok(());
        }
        let mut csv = csv(backup, "ballot_choice.csv")?;
        let [ballot, id, name, total, order] = csv.columns(["ballot", "aid", "name", "vote_count", "order"]);
        while let Some(row) = csv.next()? {
            let Some(of) = row.text(ballot).and_then(|uid| self.by_uid.get(uid)) else {
                self.stray += 1;
                continue;
            };
            let Some(of) = self.all.get_mut(*of).filter(|_| self.votes < MOST_VOTES) else {
                self.refused += 1;
                continue;
            };
            self.votes += 1;
            of.choices.push(Choice {
                id: row.text(id).unwrap_or_default().to_owned(),
                text: row.text(name).unwrap_or_default().to_owned(),
                total: row.number(total),
                order: row.number(order).unwrap_or(i64::MAX),
                voters: Vec::new(),
            });
        }
        Ok(())
    }

    fn votes(&mut self, backup: &Backup, people: &mut People) -> Result<(), ReadError> {
        if !backup.has("ballot_vote.csv") {
            return Ok(());
        }
        let mut csv = csv(backup, "ballot_vote.csv")?;
        let [ballot, choice, voter, chosen] = csv.columns(["ballot_uid", "choice_uid", "identity", "choice"]);
        while let Some(row) = csv.next()? {
            // A row stands for every option; 1 is a vote for it.
            if row.number(chosen) == Some(0) {
                continue;
            }
            let of = row.text(ballot).and_then(|uid| self.by_uid.get(uid)).and_then(|at| self.all.get_mut(*at));
            let option = of.and_then(|of| of.choices.iter_mut().find(|option| Some(option.id.as_str()) == row.text(choice)));
            let (Some(option), Some(who)) = (option, row.text(voter).and_then(|voter| people.of(voter))) else {
                self.stray += 1;
                continue;
            };
            if self.votes >= MOST_VOTES {
                self.refused += 1;
                continue;
            }
            self.votes += 1;
            option.voters.push(who);
        }
        Ok(())
    }

    /// A message shows this poll. Who voted.
    pub(super) fn show(&mut self, number: i64) -> Vec<Who> {
        let Some(ballot) = self.by_number.get(&number).and_then(|at| self.all.get_mut(*at)) else { return Vec::new() };
        ballot.shown = true;
        ballot.choices.iter().flat_map(|choice| choice.voters.iter().copied()).collect()
    }

    pub(super) fn question(&self, number: i64) -> Option<&str> {
        let ballot = self.by_number.get(&number).and_then(|at| self.all.get(*at))?;
        Some(ballot.question.as_str())
    }

    pub(super) fn poll(&self, number: i64, people: &People) -> Option<Poll> {
        let ballot = self.by_number.get(&number).and_then(|at| self.all.get(*at))?;
        let options = ballot.choices.iter().map(|choice| PollOption {
            text: choice.text.clone(),
            voters: choice.voters.iter().map(|who| people.sender(*who)).collect(),
            total: choice.total,
        });
        let selectable = ballot.one_choice.then_some(1);
        Some(Poll { question: ballot.question.clone(), selectable, options: options.collect() })
    }

    /// Polls that no message shows, and rows that belong to none.
    pub(super) fn unseen(&self) -> u64 {
        self.stray + self.all.iter().filter(|ballot| !ballot.shown).count() as u64
    }
}

impl Reactions {
    pub(super) fn read(
        backup: &Backup,
        item: EvidenceId,
        book: &Book,
        people: &mut People,
        summary: &mut Summary,
    ) -> Result<Self, ReadError> {
        let mut reactions = Self { item: Some(item), ..Self::default() };
        let read = reactions.table(backup, "contact_reactions.csv", book, people);
        note(summary, Entry::ContactReactions.table(), read)?;
        let read = reactions.table(backup, "group_reactions.csv", book, people);
        note(summary, Entry::GroupReactions.table(), read)?;
        Ok(reactions)
    }

    fn table(&mut self, backup: &Backup, name: &str, book: &Book, people: &mut People) -> Result<(), ReadError> {
        // Since version 26.
        if !backup.has(name) {
            return Ok(());
        }
        let group = Entry::of(name) == Entry::GroupReactions;
        let mut csv = csv(backup, name)?;
        let [partner, id, creator] = csv.columns(["identity", "api_group_id", "group_creator_identity"]);
        let [message, by, emoji, at] = csv.columns(["api_message_id", "sender_identity", "emoji_sequence", "reacted_at"]);
        while let Some(row) = csv.next()? {
            let room = match group {
                true => book.group(row.text(id).unwrap_or_default(), row.text(creator).unwrap_or_default()),
                false => row.text(partner).and_then(|partner| people.known(partner)).and_then(|who| book.with(who)),
            };
            let who = row.text(by).and_then(|by| people.of(by));
            let (Some(room), Some(message), Some(by), Some(emoji)) = (room, row.text(message), who, row.text(emoji)) else {
                self.stray += 1;
                continue;
            };
            if self.count >= MOST_REACTIONS {
                self.refused += 1;
                continue;
            }
            self.count += 1;
            let row_number = i64::try_from(row.number).unwrap_or(i64::MAX);
            let reacted = Reacted { by, emoji: emoji.to_owned(), at: row.number(at), group, row: row_number };
            self.by_message.entry((room, message.to_owned())).or_default().push(reacted);
        }
        Ok(())
    }

    /// A message is there. Who reacted to it.
    pub(super) fn meet(&mut self, room: u32, message: &str) -> Vec<Who> {
        let there = self.by_message.get(&(room, message.to_owned()));
        self.met += there.map_or(0, Vec::len) as u64;
        there.into_iter().flatten().map(|reacted| reacted.by).collect()
    }

    /// Reactions to what is not in the backup.
    pub(super) fn unseen(&self) -> u64 {
        self.stray + (self.count as u64).saturating_sub(self.met)
    }

    pub(super) fn of(&self, room: u32, message: &str, people: &People) -> Vec<Reaction> {
        let Some(item) = self.item.filter(|_| self.count > 0) else { return Vec::new() };
        let there = self.by_message.get(&(room, message.to_owned()));
        let reactions = there.into_iter().flatten().map(|reacted| Reaction {
            by: people.sender(reacted.by),
            emoji: reacted.emoji.clone(),
            removed: false,
            at: reacted.at.filter(|at| *at > 0).map(Moment::from_millis),
            kind_raw: None,
            part: None,
            source: Source {
                item,
                table: if reacted.group { Entry::GroupReactions.table() } else { Entry::ContactReactions.table() }.into(),
                row: reacted.row,
            },
        });
        reactions.collect()
    }
}
