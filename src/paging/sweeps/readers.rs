//! Which readers may still be on a list. They cannot be told apart, but each leaves the place at which it will go on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// How long after any answer a list counts as being read even when every known reader has come to its end: a reader
/// that asks for its last page twice would otherwise hide another one that waits at the same place.
const LINGER: Duration = Duration::from_mins(5);

/// Places remembered at most, so that odd readers cannot fill the memory: enough for one reader of a million
/// customers by pages of 100 in any order.
const MAX_POSITIONS: usize = 10_000;

/// The readers of one list.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    /// Where readers will go on, by the next `start` they have not asked for.
    positions: BTreeMap<u64, ReadersAt>,
    /// Where readers once were, and may ask again: an answer can be lost on its way.
    past_positions: BTreeSet<u64>,
    /// Where readers have come to the end. Some ask once more, to see an empty page.
    ends: BTreeMap<u64, DateTime<Utc>>,
    last_answer: Option<Instant>,
    /// When a place was last left out because there were too many.
    overflowed_at: Option<Instant>,
}

#[derive(Debug)]
struct ReadersAt {
    readers: u32,
    last_answer: Instant,
    /// From when on these readers may have seen their customers: the beginning of the sweep they began with.
    first_seen: DateTime<Utc>,
}

// === impl Readers ===

impl Readers {
    /// Notes that `start..end` of a list of `count` records was answered, of a sweep that began at `began`. Answers from
    /// when on the reader may have seen its customers; `None` for one that goes on at a place where nobody was.
    pub(crate) fn answered(
        &mut self,
        (start, end, count): (u64, u64, u64),
        began: DateTime<Utc>,
        now: Instant,
    ) -> Option<DateTime<Utc>> {
        self.last_answer = Some(now);
        let known = if start == 0 { Some(began) } else { self.leave(start) };
        let first_seen = known.unwrap_or(began).min(began);
        if end < count {
            self.wait_at(end, first_seen, now);
        } else {
            let ended = self.ends.entry(end).or_insert(first_seen);
            *ended = first_seen.max(*ended);
        }
        known
    }

    /// Whether some reader may go on at `start`: it is where a page ended, or behind where a reader came to the end.
    pub(crate) fn may_resume_at(&self, start: u64) -> bool {
        self.positions.contains_key(&start)
            || self.past_positions.contains(&start)
            || self.ends.range(..=start).next().is_some()
            || self.overflowed_at.is_some()
    }

    /// Those who wait at a place may have been told to come back until now: they are given their time anew.
    pub(crate) fn refresh(&mut self, now: Instant) {
        for waiting in self.positions.values_mut() {
            waiting.last_answer = now;
        }
    }

    /// When the list was last answered from.
    pub(crate) fn last_answer(&self) -> Option<Instant> {
        self.last_answer
    }

    /// Whether a reader may still be under way. One that has not come back within `lifetime` is gone.
    pub(crate) fn any_left(&mut self, lifetime: Duration, now: Instant) -> bool {
        let within = |since: Instant, span: Duration| now.duration_since(since) <= span;
        self.positions.retain(|_, waiting| within(waiting.last_answer, lifetime));
        !self.positions.is_empty()
            || self.overflowed_at.is_some_and(|at| within(at, lifetime))
            || self.last_answer.is_some_and(|at| within(at, LINGER))
    }

    fn leave(&mut self, start: u64) -> Option<DateTime<Utc>> {
        let Some(waiting) = self.positions.get_mut(&start) else {
            return self.ends.get(&start).copied();
        };
        let first_seen = waiting.first_seen;
        waiting.readers -= 1;
        if waiting.readers == 0 {
            self.positions.remove(&start);
            if self.past_positions.len() < MAX_POSITIONS {
                self.past_positions.insert(start);
            }
        }
        Some(first_seen)
    }

    fn wait_at(&mut self, place: u64, first_seen: DateTime<Utc>, now: Instant) {
        if self.positions.len() >= MAX_POSITIONS && !self.positions.contains_key(&place) {
            self.overflowed_at = Some(now);
            return;
        }
        let nobody = ReadersAt { readers: 0, last_answer: now, first_seen };
        let waiting = self.positions.entry(place).or_insert(nobody);
        waiting.readers = waiting.readers.saturating_add(1);
        waiting.last_answer = now;
        // Two readers at one place cannot be told apart: what holds for the earlier one is safe for both.
        waiting.first_seen = waiting.first_seen.min(first_seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_hours(2);

    /// Readers after these answers of a list of 100, and a moment long after the last.
    fn after(answers: &[(u64, u64)]) -> (Readers, Instant) {
        let (mut readers, now) = (Readers::default(), Instant::now());
        for (start, end) in answers {
            readers.answered((*start, *end, 100), DateTime::UNIX_EPOCH, now);
        }
        (readers, now + LINGER * 2)
    }

    #[test]
    fn a_reader_is_left_until_it_has_come_to_the_end() {
        for (answers, past_positions) in [
            (&[(0, 50)][..], true),
            (&[(0, 50), (50, 100)], false),
            (&[(0, 100)], false),
            (&[(0, 50), (50, 100), (100, 100)], false),
            // two readers at one place, one goes on
            (&[(0, 50), (0, 50), (50, 100)], true),
            (&[(0, 50), (0, 50), (50, 100), (50, 100)], false),
            // all pages planned from the first answer, the last one fetched first
            (&[(0, 50), (75, 100), (50, 75)], true),
        ] {
            let (mut readers, later) = after(answers);
            assert_eq!(readers.any_left(LIFETIME, later), past_positions, "{answers:?}");
        }
    }

    #[test]
    fn a_list_counts_as_read_for_a_while_after_any_answer() {
        let (mut readers, later) = after(&[(0, 100)]);
        assert!(readers.any_left(LIFETIME, later - LINGER));
        assert!(!readers.any_left(LIFETIME, later));
    }

    #[test]
    fn a_reader_that_does_not_come_back_is_gone_in_the_end() {
        let (mut readers, later) = after(&[(0, 50)]);
        assert!(!readers.any_left(LIFETIME, later + LIFETIME));
    }

    #[test]
    fn too_many_places_count_as_readers_without_being_kept() {
        let (mut readers, now) = (Readers::default(), Instant::now());
        let positions = MAX_POSITIONS as u64 + 5;
        for start in 0..positions {
            let answer = (2 * start, 2 * start + 1, u64::MAX);
            readers.answered(answer, DateTime::UNIX_EPOCH, now);
        }
        assert_eq!(readers.positions.len(), MAX_POSITIONS);
        readers.positions.clear();
        assert!(readers.any_left(LIFETIME, now + LINGER * 2));
        assert!(!readers.any_left(LIFETIME, now + LIFETIME * 2));
    }

    #[test]
    fn a_reader_keeps_the_beginning_of_its_own_sweep_through_renewals() {
        let began = |minute| DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minute);
        let (mut readers, now) = (Readers::default(), Instant::now());
        for (answer, sweep, first_seen) in [
            ((0, 30, 100), 10, Some(10)),
            ((30, 60, 100), 10, Some(10)),
            // another one renews the list, and the first goes on in it
            ((0, 40, 100), 20, Some(20)),
            ((60, 90, 100), 20, Some(10)),
            ((40, 100, 100), 20, Some(20)),
            ((90, 100, 100), 20, Some(10)),
            // the empty page behind the end, and a place where nobody was
            ((100, 100, 100), 20, Some(20)),
            ((55, 85, 100), 20, None),
        ] {
            let noted = readers.answered(answer, began(sweep), now);
            assert_eq!(noted, first_seen.map(began), "{answer:?}");
        }
    }
}
