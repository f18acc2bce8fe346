//! Where exactly a directory departs from its entries. Only called when it does; only for the words of the finding.

use super::{
    EntryName,
    reader::{Entry, LayoutFault},
    wire,
};

/// `found` stands at `at` where `wanted` should stand, and differs.
pub(super) fn directory(entries: &[Entry], wanted: &[u8], found: &[u8], at: u64) -> LayoutFault {
    let same = wanted.iter().zip(found).take_while(|(a, b)| a == b).count();
    let offset = at + same as u64;
    if same == wanted.len() {
        return LayoutFault::Appended { offset };
    }
    if same == found.len() {
        return LayoutFault::Truncated { offset: at };
    }
    // The names that the directory really has, as long as it can be followed.
    let mut names = Vec::new();
    let mut rest = found;
    while rest.starts_with(&wire::CENTRAL_SIGNATURE) && names.len() <= super::MOST_ENTRIES {
        let begin = at + (found.len() - rest.len()) as u64;
        let length = |field: usize| rest.get(field..field + 2).and_then(|b| b.try_into().ok()).map(u16::from_le_bytes);
        // Name, extra and comment lengths (APPNOTE 4.3.12).
        let (Some(name), Some(extra), Some(comment)) = (length(28), length(30), length(32)) else { break };
        let name_end = wire::CENTRAL_FIXED + usize::from(name);
        let text = rest.get(wire::CENTRAL_FIXED..name_end).and_then(|b| std::str::from_utf8(b).ok());
        names.push((begin, text.and_then(EntryName::parse)));
        rest = rest.get(name_end + usize::from(extra) + usize::from(comment)..).unwrap_or_default();
    }
    let differs = |entries: &[Entry]| {
        // Which header the first difference lies in.
        let mut end = 0;
        for entry in entries {
            end += wire::central_len(entry);
            if same < end {
                return LayoutFault::DirectoryDiffers { name: entry.name, offset };
            }
        }
        LayoutFault::EndDiffers { offset }
    };
    if names.len() > entries.len() {
        let more = names.iter().find(|(_, name)| !entries.iter().any(|entry| Some(entry.name) == *name));
        return LayoutFault::DirectoryNamesMore { offset: more.map_or(offset, |(begin, _)| *begin) };
    }
    let omitted = entries.iter().find(|entry| !names.iter().any(|(_, name)| *name == Some(entry.name)));
    match omitted {
        Some(entry) if names.len() < entries.len() => LayoutFault::DirectoryOmits { name: entry.name },
        _ => differs(entries),
    }
}
