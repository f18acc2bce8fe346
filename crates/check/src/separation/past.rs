//! Whether a conversation was classed anew for a time that had been read out already. That may be right (a mistake that was
//! corrected), and somebody must know it: calling things private afterwards is how they would be hidden.

use super::{Class, Timeline};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was decided about conversations, by keyed hash of their ids. Conversations about which nothing was decided are absent.
pub type Classes = BTreeMap<String, Timeline<Option<Class>>>;

/// What was decided when a phone was last read out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub at: Timestamp,
    pub classes: Classes,
}

impl Past {
    /// How many conversations have another class now for a time before [`Past::at`]. That something undecided was decided to
    /// be kept is no change; that it was decided to be left out is one.
    #[must_use]
    pub fn changed(&self, now: &Classes) -> u64 {
        let nothing = Timeline::always(None);
        let changed = now.iter().filter(|(thread, now)| {
            let before = self.classes.get(*thread).unwrap_or(&nothing);
            let both = before.with(now, |before, now| (*before, *now));
            both.stretches().any(|(span, (before, now))| span.from.is_none_or(|from| from < self.at) && differs(*before, *now))
        });
        changed.count() as u64
    }
}

fn differs(before: Option<Class>, now: Option<Class>) -> bool {
    let decided = |class: Option<Class>| class.filter(|class| *class != Class::Onbekend);
    match (decided(before), decided(now)) {
        (None, now) => matches!(now, Some(Class::Prive | Class::Partijpolitiek)),
        (before, now) => before != now,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn from(second: i64, class: Class) -> Timeline<Option<Class>> {
        Timeline::of([at(second)], |now| now.is_some_and(|now| now >= at(second)).then_some(class))
    }

    fn past(classes: &[(&str, Timeline<Option<Class>>)]) -> Past {
        Past { at: at(100), classes: now(classes) }
    }

    fn now(classes: &[(&str, Timeline<Option<Class>>)]) -> Classes {
        classes.iter().map(|(thread, line)| ((*thread).to_owned(), line.clone())).collect()
    }

    #[test]
    fn a_class_that_changes_from_now_on_is_no_finding_and_one_that_changes_before_is() {
        let before = past(&[("a", from(10, Class::Zakelijk))]);
        assert_eq!(before.changed(&now(&[("a", from(10, Class::Zakelijk))])), 0);
        let later = from(10, Class::Zakelijk).with(&from(100, Class::Prive), |a, b| b.or(*a));
        assert_eq!(before.changed(&now(&[("a", later)])), 0);
        let earlier = from(10, Class::Zakelijk).with(&from(99, Class::Prive), |a, b| b.or(*a));
        assert_eq!(before.changed(&now(&[("a", earlier)])), 1);
        assert_eq!(before.changed(&now(&[("a", from(20, Class::Zakelijk))])), 1, "no longer decided for days 10 to 20");
        assert_eq!(before.changed(&now(&[])), 0, "no longer on the phone");
    }

    #[test]
    fn a_first_decision_to_keep_is_none_and_a_first_decision_to_leave_out_is_one() {
        assert_eq!(past(&[]).changed(&now(&[("a", from(10, Class::Gemengd)), ("b", from(10, Class::Onbekend))])), 0);
        assert_eq!(past(&[]).changed(&now(&[("a", from(10, Class::Partijpolitiek)), ("b", from(101, Class::Prive))])), 1);
    }
}
