//! How often progress is told to a script: the engine reports every frame, which for a large backup is thousands of lines.

use std::time::{Duration, Instant};
use uitlezen_readout::Event;

/// At most ten a second.
const BETWEEN: Duration = Duration::from_millis(100);

/// Holds progress back that comes too soon. What a stage ends with is always told: it goes out before the next event of
/// another kind.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    told: Option<Instant>,
    held: Option<Event>,
}

impl Pace {
    /// What is to be told now, in order.
    pub(crate) fn pass(&mut self, event: Event, now: Instant) -> impl Iterator<Item = Event> + use<> {
        let (first, then) = if !matches!(event, Event::Progress { .. } | Event::Percent { .. }) {
            (self.rest(), Some(event))
        } else if self.told.is_some_and(|told| now.saturating_duration_since(told) < BETWEEN) {
            self.held = Some(event);
            (None, None)
        } else {
            self.told = Some(now);
            // Older than what is told now.
            self.held = None;
            (None, Some(event))
        };
        first.into_iter().chain(then)
    }

    /// What was still held back.
    pub(crate) fn rest(&mut self) -> Option<Event> {
        self.held.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uitlezen_readout::Stage;

    fn progress(stage: Stage, done: u64) -> Event {
        Event::Progress { stage, done }
    }

    /// What a script sees: positions, and names of the other events.
    fn seen(events: impl Iterator<Item = Event>) -> Vec<String> {
        let word = |event| match event {
            Event::Progress { stage, done } => format!("{stage:?} {done}"),
            Event::Stage { stage } => format!("{stage:?}"),
            other => format!("{other:?}"),
        };
        events.map(word).collect()
    }

    #[test]
    fn ten_a_second_and_the_last_of_every_stage() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        let mut all = Vec::new();
        // A frame every millisecond, for 250 of them.
        for n in 1..=250 {
            all.extend(seen(pace.pass(progress(Stage::Databases, n), begun + Duration::from_millis(n))));
        }
        assert_eq!(all, ["Databases 1", "Databases 101", "Databases 201"]);
        let now = begun + Duration::from_millis(251);
        assert_eq!(seen(pace.pass(Event::Stage { stage: Stage::Unlock }, now)), ["Databases 250", "Unlock"]);
        assert_eq!(seen(pace.pass(Event::MayUnplug, now)), ["MayUnplug"]);
        assert!(pace.rest().is_none());
    }

    #[test]
    fn what_is_still_held_is_there_to_be_told_and_never_after_newer() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        assert_eq!(pace.pass(progress(Stage::Media, 1), begun).count(), 1);
        assert_eq!(pace.pass(progress(Stage::Media, 2), begun).count(), 0);
        assert_eq!(seen(pace.rest().into_iter()), ["Media 2"]);
        assert_eq!(pace.pass(progress(Stage::Media, 3), begun).count(), 0);
        assert_eq!(seen(pace.pass(progress(Stage::Media, 4), begun + BETWEEN)), ["Media 4"]);
        assert!(pace.rest().is_none());
    }
}
