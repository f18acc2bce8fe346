//! Cutting a page into rows and rows into values.

/// One row of a page.
#[derive(Clone, PartialEq, Eq)]
pub enum Cut {
    /// Values in the order of the columns. SQL NULL reads as the text `NULL`.
    Row(Vec<String>),
    /// It can be cut in more than one way.
    Unclear,
}

/// Rows are content.
impl std::fmt::Debug for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Row(_) => "Row(..)",
            Self::Unclear => "Unclear",
        })
    }
}

/// A place where a row seems to begin.
struct Beginning {
    at: usize,
    number: usize,
    id: i64,
}

/// The rows of a page. `columns` begin with `_id`; `ids` are those of the rows, in the order asked for. `None`: the page is not
/// the rows with these ids.
#[must_use]
pub fn cut(text: &str, columns: &[&str], ids: &[i64]) -> Option<Vec<Cut>> {
    if ids.is_empty() {
        return (text.trim() == "No result found.").then(Vec::new);
    }
    let text = text.strip_suffix('\n')?;
    let next = columns.get(1).map(|column| format!(", {column}="));
    let beginnings = beginnings(text, next.as_deref(), ids.len());
    // The first row begins where the answer does; for every other one there must be a place with its number and its id.
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    let mut beyond = false;
    for one in &beginnings {
        beyond |= one.number == ids.len();
        let (Some(places), Some(id)) = (places.get_mut(one.number), ids.get(one.number)) else { continue };
        if one.id == *id && (one.number == 0) == (one.at == 0) {
            places.push(one.at);
        }
    }
    let starts = settle(&places)?;
    let mut rows = Vec::with_capacity(ids.len());
    for (n, start) in starts.iter().enumerate() {
        let last = n + 1 == ids.len();
        let end = if last { (!beyond).then_some(text.len()) } else { starts.get(n + 1).copied().flatten() };
        let piece = start.zip(end).and_then(|(start, end)| text.get(start..end));
        let row = piece.and_then(|piece| values(piece.strip_prefix('\n').unwrap_or(piece), n, columns));
        rows.push(row.map_or(Cut::Unclear, Cut::Row));
    }
    Some(rows)
}

/// Where each row begins: the only place there is, or the only one between those of which there is no doubt. `None` for a row that
/// could begin in several; for all of them where one could begin nowhere.
fn settle(places: &[Vec<usize>]) -> Option<Vec<Option<usize>>> {
    if places.iter().any(Vec::is_empty) {
        return None;
    }
    let only = |places: &Vec<usize>| if let [at] = places.as_slice() { Some(*at) } else { None };
    let mut starts: Vec<Option<usize>> = places.iter().map(only).collect();
    let sure: Vec<(usize, usize)> = starts.iter().enumerate().filter_map(|(n, at)| Some((n, (*at)?))).collect();
    // Rows rise through the answer; if those without doubt do not, it is another answer.
    if !sure.windows(2).all(|pair| matches!(pair, [(_, a), (_, b)] if a < b)) {
        return None;
    }
    for (n, all) in places.iter().enumerate().filter(|(_, all)| all.len() > 1) {
        let behind = sure.partition_point(|(row, _)| *row < n);
        let from = behind.checked_sub(1).and_then(|at| sure.get(at)).map(|(_, at)| *at);
        let to = sure.get(behind).map(|(_, at)| *at);
        let mut between = all.iter().filter(|at| from.is_none_or(|from| **at > from) && to.is_none_or(|to| **at < to));
        if let (Some(at), None) = (between.next(), between.next())
            && let Some(start) = starts.get_mut(n)
        {
            *start = Some(*at);
        }
    }
    Some(starts)
}

/// Every `Row: <n> _id=<id>` that stands at the beginning of a line and is followed as a row is.
fn beginnings(text: &str, next: Option<&str>, most: usize) -> Vec<Beginning> {
    let mut found = Vec::new();
    let mut look = |at: usize, line: &str| {
        let Some((number, rest)) = line.strip_prefix("Row: ").and_then(|rest| rest.split_once(' ')) else { return };
        let Some(rest) = rest.strip_prefix("_id=") else { return };
        let id = match next {
            Some(next) => rest.split_once(next).map(|(id, _)| id),
            None => rest.lines().next(),
        };
        if let (Ok(number), Some(Ok(id))) = (number.parse::<usize>(), id.map(str::parse::<i64>))
            && number <= most
        {
            found.push(Beginning { at, number, id });
        }
    };
    look(0, head(text));
    for (at, _) in text.match_indices("\nRow: ") {
        look(at, text.get(at + 1..).map(head).unwrap_or_default());
    }
    found
}

/// As much of a text as a beginning can be long.
fn head(text: &str) -> &str {
    let mut end = text.len().min(160);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The values of row `n`, if there is one way to cut it: from the left and from the right come to the same.
fn values(row: &str, n: usize, columns: &[&str]) -> Option<Vec<String>> {
    let (first, others) = columns.split_first()?;
    let rest = row.strip_prefix(&format!("Row: {n} {first}="))?;
    let separators: Vec<String> = others.iter().map(|column| format!(", {column}=")).collect();
    let mut left = Vec::with_capacity(columns.len());
    let mut tail = rest;
    for separator in &separators {
        let (value, after) = tail.split_once(separator.as_str())?;
        left.push(value);
        tail = after;
    }
    left.push(tail);
    let mut before = rest;
    for (separator, value) in separators.iter().zip(left.iter().skip(1)).rev() {
        let (head, value_from_right) = before.rsplit_once(separator.as_str())?;
        if value_from_right != *value {
            return None;
        }
        before = head;
    }
    Some(left.into_iter().map(str::to_owned).collect())
}

/// The ids in an answer of ids alone, or of a bound and ids (`_id`, `mid`): as `(bound, id)`, in the order given.
#[must_use]
pub fn ids(text: &str, bound: &str) -> Option<Vec<(i64, i64)>> {
    if text.trim() == "No result found." {
        return Some(Vec::new());
    }
    let mut all = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let rest = line.strip_prefix("Row: ")?;
        let (number, rest) = rest.split_once(" _id=")?;
        if number.parse::<usize>().ok()? != n {
            return None;
        }
        let (id, bounded_by) = match rest.split_once(", ") {
            Some((id, other)) => (id, other.strip_prefix(bound)?.strip_prefix('=')?),
            None => (rest, rest),
        };
        all.push((bounded_by.parse().ok()?, id.parse().ok()?));
    }
    // Sorted and each once, or it is no list of ids.
    all.windows(2).all(|pair| matches!(pair, [a, b] if a < b)).then_some(all)
}

/// The value in an answer of one row and one column: everything after its name.
#[must_use]
pub fn one_value<'t>(text: &'t str, column: &str) -> Option<&'t str> {
    text.strip_prefix("Row: 0 ")?.strip_prefix(column)?.strip_prefix('=')?.strip_suffix('\n')
}
