//! A value that changes at moments: what holds when. Stretches are half-open, as a [`Span`] is.

use super::Span;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

impl Span {
    /// Whether the span holds at a moment; `None` is before all time.
    #[must_use]
    pub fn holds(&self, at: Option<Timestamp>) -> bool {
        self.from.is_none_or(|from| at.is_some_and(|at| at >= from)) && self.to.is_none_or(|to| at.is_none_or(|at| at < to))
    }

    /// Whether there is a moment at which both hold.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        to.is_none_or(|to| from.is_none_or(|from| from < to))
    }

    fn ends(&self) -> impl Iterator<Item = Timestamp> {
        self.from.into_iter().chain(self.to)
    }
}

/// What holds from the beginning, and what holds from each of the moments on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline<T> {
    first: T,
    /// In order of time; neighbours differ.
    then: Vec<(Timestamp, T)>,
}

impl<T: Clone + PartialEq> Timeline<T> {
    #[must_use]
    pub fn always(value: T) -> Self {
        Self { first: value, then: Vec::new() }
    }

    /// What `value` says, which changes at none but these moments. `None` is before all time.
    pub fn of(moments: impl IntoIterator<Item = Timestamp>, value: impl Fn(Option<Timestamp>) -> T) -> Self {
        let mut moments: Vec<Timestamp> = moments.into_iter().collect();
        moments.sort_unstable();
        moments.dedup();
        let mut line = Self::always(value(None));
        for at in moments {
            line.change(at, value(Some(at)));
        }
        line
    }

    /// Appends a change; moments must come in order, and of two at one moment the later counts.
    pub(super) fn change(&mut self, at: Timestamp, value: T) {
        if self.then.last().is_some_and(|(last, _)| *last == at) {
            self.then.pop();
        }
        if *self.last() != value {
            self.then.push((at, value));
        }
    }

    /// What holds at a moment; `None` is before all time.
    #[must_use]
    pub fn at(&self, at: Option<Timestamp>) -> &T {
        let passed = at.map_or(0, |at| self.then.partition_point(|(from, _)| *from <= at));
        passed.checked_sub(1).and_then(|at| self.then.get(at)).map_or(&self.first, |(_, value)| value)
    }

    /// What holds in the end.
    #[must_use]
    pub fn last(&self) -> &T {
        self.then.last().map_or(&self.first, |(_, value)| value)
    }

    /// The only value, if there is one only.
    #[must_use]
    pub fn only(&self) -> Option<&T> {
        self.then.is_empty().then_some(&self.first)
    }

    pub fn moments(&self) -> impl Iterator<Item = Timestamp> {
        self.then.iter().map(|(at, _)| *at)
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(self.then.iter().map(|(_, value)| value))
    }

    /// Each stretch with what holds in it, in order.
    pub fn stretches(&self) -> impl Iterator<Item = (Span, &T)> {
        let from = std::iter::once(None).chain(self.moments().map(Some));
        let to = self.moments().map(Some).chain(std::iter::once(None));
        from.zip(to).zip(self.values()).map(|((from, to), value)| (Span { from, to }, value))
    }

    pub fn map<U: Clone + PartialEq>(&self, to: impl Fn(&T) -> U) -> Timeline<U> {
        let mut line = Timeline::always(to(&self.first));
        for (at, value) in &self.then {
            line.change(*at, to(value));
        }
        line
    }

    /// Both together.
    pub fn with<U: Clone + PartialEq, V: Clone + PartialEq>(
        &self,
        other: &Timeline<U>,
        both: impl Fn(&T, &U) -> V,
    ) -> Timeline<V> {
        Timeline::of(self.moments().chain(other.moments()), |at| both(self.at(at), other.at(at)))
    }
}

/// The moments at which any of these spans begins or ends.
pub(super) fn ends<'s>(spans: impl IntoIterator<Item = &'s Span>) -> impl Iterator<Item = Timestamp> {
    spans.into_iter().flat_map(Span::ends)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_span_holds_from_its_first_moment_up_to_its_last() {
        let span = Span { from: Some(at(10)), to: Some(at(20)) };
        assert!(!span.holds(None) && !span.holds(Some(at(9))) && span.holds(Some(at(10))));
        assert!(span.holds(Some(at(19))) && !span.holds(Some(at(20))));
        let turned = Span { from: Some(at(20)), to: Some(at(10)) };
        assert!([None, Some(at(9)), Some(at(10)), Some(at(15)), Some(at(20))].into_iter().all(|at| !turned.holds(at)));
        assert!(Span::default().holds(None));
        assert!(span.meets(&Span { from: Some(at(19)), to: None }) && !span.meets(&Span { from: Some(at(20)), to: None }));
        assert!(!turned.meets(&Span::default()) && span.meets(&Span::default()));
    }

    #[test]
    fn stretches_cover_all_time_and_equal_neighbours_are_one() {
        let line = Timeline::of([at(30), at(10), at(20), at(10)], |at| at.is_some_and(|at| (10..25).contains(&at.as_second())));
        let all: Vec<(Span, bool)> = line.stretches().map(|(span, value)| (span, *value)).collect();
        let span = |from: Option<i64>, to: Option<i64>| Span { from: from.map(at), to: to.map(at) };
        assert_eq!(all, [(span(None, Some(10)), false), (span(Some(10), Some(30)), true), (span(Some(30), None), false)]);
        assert!(*line.at(Some(at(29))) && !line.at(Some(at(30))) && !line.at(None));
        assert_eq!(line.only(), None);
        assert_eq!(Timeline::of([at(1)], |_| 5).only(), Some(&5));
    }
}
