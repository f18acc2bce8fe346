//! The addresses of several messages in one answer: each message's rows, then a line `=<id>=<exit code>`.

/// From whom, to whom, in whose copy: what the provider's codes mean is the reader's business.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub id: i64,
    pub kind: i64,
    pub charset: Option<i64>,
    pub address: String,
}

/// Addresses are content.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What stands before the line of each message, in the order asked; `None` where the line is not there or stands twice.
#[must_use]
pub fn segments<'t>(text: &'t str, of: &[i64]) -> Vec<Option<&'t str>> {
    let mut rest = text;
    of.iter()
        .map(|id| {
            let mark = format!("={id}=");
            let at = if rest.starts_with(&mark) { 0 } else { rest.find(&format!("\n{mark}"))? + 1 };
            let (segment, marked) = rest.split_at_checked(at)?;
            let (code, after) = marked.strip_prefix(&mark)?.split_once('\n')?;
            code.parse::<u8>().ok()?;
            rest = after;
            Some(segment)
        })
        .collect()
}

/// The rows of one message; `None` when they are not in the form of an answer.
#[must_use]
pub fn addresses(segment: &str) -> Option<Vec<Address>> {
    if segment.trim() == "No result found." {
        return Some(Vec::new());
    }
    let mut rest = segment.strip_suffix('\n')?;
    let mut all = Vec::new();
    loop {
        let n = all.len();
        let row = rest.strip_prefix(&format!("Row: {n} _id="))?;
        let (row, after) = match row.split_once(&format!("\nRow: {} _id=", n + 1)) {
            Some((row, tail)) => (row, rest.get(rest.len() - tail.len() - format!("Row: {} _id=", n + 1).len()..)?),
            None => (row, ""),
        };
        let (id, row) = row.split_once(", type=")?;
        let (kind, row) = row.split_once(", charset=")?;
        let (charset, address) = row.split_once(", address=")?;
        all.push(Address {
            id: id.parse().ok()?,
            kind: kind.parse().ok()?,
            charset: charset.parse().ok(),
            address: address.to_owned(),
        });
        if after.is_empty() {
            return Some(all);
        }
        rest = after;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_its_own_rows() {
        let text = "Row: 0 _id=1, type=137, charset=106, address=+316\nRow: 1 _id=2, type=151, charset=NULL, address=a, b\n=17=0\n\
                    No result found.\n=18=0\nError while accessing provider:mms\nx\n=19=1\n";
        let found = segments(text, &[17, 18, 19, 20]);
        let first = addresses(found[0].unwrap()).unwrap();
        assert_eq!(
            first.iter().map(|a| (a.id, a.kind, a.charset, a.address.as_str())).collect::<Vec<_>>(),
            [(1, 137, Some(106), "+316"), (2, 151, None, "a, b"),]
        );
        assert_eq!(addresses(found[1].unwrap()), Some(Vec::new()));
        assert_eq!((addresses(found[2].unwrap()), found[3]), (None, None));
        assert!(segments("", &[1]) == [None] && addresses("").is_none());
    }
}
