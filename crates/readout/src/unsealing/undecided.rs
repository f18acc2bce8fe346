//! Role *scheiding* as files: one JSON file with its schema, and the same as text for whoever decides.

use super::{UnsealError, Written, create};
use crate::records::LONGEST_LINE;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use uitlezen_chat::{ConversationKind, Undecided, UndecidedFile, undecided_schema};
use uitlezen_evidence::{Evidence, Reader};

const FORMAT: u32 = 1;
const ITEM: &str = "undecided.jsonl";
/// What one seal may list: an app with more conversations than that has never been seen.
const MOST: usize = 1_000_000;

/// Writes the undecided conversations of every app.
pub fn write_undecided(evidence: &dyn Evidence, out: &Path) -> Result<Written, UnsealError> {
    let mut file = UndecidedFile { format: FORMAT, conversations: Vec::new() };
    for item in evidence.items().iter().filter(|item| item.name.file_name() == ITEM) {
        let mut reader = BufReader::with_capacity(256 * 1024, Reader::new(evidence.open(&item.name)?));
        let mut line = Vec::new();
        for number in 1.. {
            let broken = || UnsealError::Record { item: ITEM, line: number };
            line.clear();
            if reader.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.pop() != Some(b'\n') || file.conversations.len() >= MOST {
                return Err(broken());
            }
            file.conversations.push(serde_json::from_slice(&line).map_err(|_| broken())?);
        }
    }
    let mut written = Written { conversations: file.conversations.len() as u64, ..Written::default() };
    let json = serde_json::to_vec_pretty(&file).map_err(std::io::Error::from)?;
    let schema = serde_json::to_vec_pretty(&undecided_schema()).map_err(std::io::Error::from)?;
    let text = readable(&file.conversations).into_bytes();
    for (name, bytes) in [("scheiding.json", json), ("undecided.schema.json", schema), ("scheiding.txt", text)] {
        create(&out.join(name))?.write_all(&bytes)?;
        written.add(bytes.len() as u64);
    }
    Ok(written)
}

/// A list to decide from, in Dutch as all that a role gives to read.
fn readable(all: &[Undecided]) -> String {
    let mut text = String::from(
        "Gesprekken waarover nog niet is beslist\n\
         Er is niets van overgenomen dan naam en deelnemers. Leg per gesprek een klasse vast in het register.\n",
    );
    if all.is_empty() {
        text.push_str("\nGeen.\n");
    }
    for (number, one) in all.iter().enumerate() {
        let kind = match one.kind {
            ConversationKind::Direct => "gesprek met één ander",
            ConversationKind::Group => "groep",
            ConversationKind::Community => "community",
            ConversationKind::Broadcast => "verzendlijst",
            ConversationKind::Other => "anders",
        };
        let title = one.title.as_deref().map(one_line).unwrap_or_default();
        text.push_str(&format!("\n{}. {} ({}, {kind})\n", number + 1, title, one_line(&one.app)));
        for native in &one.native {
            text.push_str(&format!("   kenmerk: {}\n", one_line(&native.value)));
        }
        for person in one.participants.iter().filter(|p| !p.is_holder) {
            let number = person.number.as_deref().map(|n| format!(" ({})", one_line(n))).unwrap_or_default();
            text.push_str(&format!("   deelnemer: {}{number}\n", one_line(person.display_name())));
        }
        text.push_str(&format!("   berichten die op een besluit wachten: {}\n", one.messages));
    }
    text
}

/// Names come from a phone: no line of its own may stand in them, nor what a terminal would obey.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use uitlezen_chat::{ConversationId, NameOrigin, NativeId, Participant, ParticipantId, ParticipantName};
    use uitlezen_evidence::{ItemName, MemoryEvidence};

    fn undecided() -> Undecided {
        Undecided {
            id: ConversationId("whatsapp:1@g.us".into()),
            app: "whatsapp".into(),
            kind: ConversationKind::Group,
            title: Some("Borrel\u{1b}[2J\nvrijdag".into()),
            native: vec![NativeId { kind: "group jid".into(), value: "1@g.us".into() }],
            participants: vec![Participant {
                id: ParticipantId("31612345678@s.whatsapp.net".into()),
                is_holder: false,
                number: Some("+31612345678".into()),
                names: vec![ParticipantName { name: "Sanne".into(), origin: NameOrigin::PushName }],
                native: vec![],
            }],
            separation: vec![],
            messages: 3,
        }
    }

    #[test]
    fn the_list_can_be_read_by_people_and_by_programs() {
        let line = [serde_json::to_vec(&undecided()).unwrap(), b"\n".to_vec()].concat();
        let name = ItemName::new(crate::records::undecided_item("whatsapp")).unwrap();
        let evidence: MemoryEvidence = [(name, line)].into_iter().collect();
        let dir = tempfile::tempdir().unwrap();
        let written = write_undecided(&evidence, dir.path()).unwrap();
        assert_eq!((written.files, written.conversations), (3, 1));
        let read: UndecidedFile = serde_json::from_slice(&std::fs::read(dir.path().join("scheiding.json")).unwrap()).unwrap();
        assert_eq!(read.conversations, [undecided()]);
        let text = std::fs::read_to_string(dir.path().join("scheiding.txt")).unwrap();
        assert!(
            text.contains("1. Borrel [2J vrijdag (whatsapp, groep)") && text.contains("deelnemer: Sanne (+31612345678)"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn none_is_said_and_a_line_cut_off_too() {
        let dir = tempfile::tempdir().unwrap();
        let name = || ItemName::new(crate::records::undecided_item("whatsapp")).unwrap();
        let empty: MemoryEvidence = [(name(), Vec::new())].into_iter().collect();
        assert_eq!(write_undecided(&empty, dir.path()).unwrap().conversations, 0);
        assert!(std::fs::read_to_string(dir.path().join("scheiding.txt")).unwrap().contains("Geen."));
        let cut: MemoryEvidence = [(name(), b"{\"id\"".to_vec())].into_iter().collect();
        let there = dir.path().join("x");
        super::super::prepare(&there).unwrap();
        assert!(matches!(write_undecided(&cut, &there), Err(UnsealError::Record { item: ITEM, line: 1 })));
    }
}
