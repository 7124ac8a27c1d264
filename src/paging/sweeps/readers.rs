//! The callers that may still read one list, counted at the position from which each asks next.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// How long after any answer a list counts as read, even if every known caller has reached the end.
/// If a caller asks for its last window twice, the second request removes another caller that waits
/// at the same position. `LINGER` protects this other caller.
const LINGER: Duration = Duration::from_mins(5);

/// Largest number of waiting callers, and of ends, so that unusual requests cannot fill the memory.
/// One caller that reads a million customers in windows of 100, in any order, counts 10,000 times.
const MAX_POSITIONS: usize = 10_000;

/// A request at most this long after the last arrival at its position counts as the request of the
/// caller that arrived last. The older callers at the position keep their age, so a caller that
/// never returns is forgotten.
const PROMPT: Duration = Duration::from_mins(1);

/// The callers of one list.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    /// The callers that wait at each position, in the order of their arrival. A position is the
    /// `start` that a caller asks for next.
    waiting: BTreeMap<u64, Vec<WaitingReader>>,
    /// Number of waiting callers.
    count: usize,
    /// The positions where callers reached the end of the list, each with the latest `first_seen`
    /// of these callers. Some callers ask once more from there and get an empty window.
    ends: BTreeMap<u64, DateTime<Utc>>,
    first_answer: Option<Instant>,
    last_answer: Option<Instant>,
    /// When a caller was last left out because `MAX_POSITIONS` callers were waiting.
    overflowed_at: Option<Instant>,
}

/// A caller at one position.
#[derive(Debug)]
struct WaitingReader {
    arrived: Instant,
    /// The start of the earliest sweep that the caller may have started from.
    first_seen: DateTime<Utc>,
}

/// A served window of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServedWindow {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Number of records in the list.
    pub(crate) count: u64,
}

// === impl Readers ===

impl Readers {
    /// Records a window of a sweep that began at `began`. Returns the caller's `first_seen`, or
    /// `None` if no caller was known at this position.
    pub(crate) fn record(
        &mut self,
        window: ServedWindow,
        began: DateTime<Utc>,
        now: Instant,
    ) -> Option<DateTime<Utc>> {
        self.first_answer.get_or_insert(now);
        self.last_answer = Some(now);
        let known = if window.start == 0 { Some(began) } else { self.leave(window.start, now) };
        let first_seen = known.unwrap_or(began).min(began);
        if window.end < window.count {
            self.wait_at(window.end, first_seen, now);
        } else {
            self.end_at(window.end, first_seen);
        }
        known
    }

    /// Whether a caller waits at exactly this position.
    pub(crate) fn is_awaited_at(&self, start: u64) -> bool {
        self.waiting.contains_key(&start)
    }

    /// When a window of the list was last served.
    pub(crate) fn last_answer(&self) -> Option<Instant> {
        self.last_answer
    }

    /// Whether a caller may still be reading. A caller is gone after `lifetime` without a request.
    pub(crate) fn any_left(&mut self, lifetime: Duration, now: Instant) -> bool {
        let within = |since: Instant, span: Duration| now.duration_since(since) <= span;
        self.waiting.retain(|_, readers| {
            readers.retain(|reader| within(reader.arrived, lifetime));
            !readers.is_empty()
        });
        self.count = self.waiting.values().map(Vec::len).sum();
        !self.waiting.is_empty()
            || self.overflowed_at.is_some_and(|at| within(at, lifetime))
            || self.last_answer.is_some_and(|at| within(at, LINGER))
    }

    /// Whether the list must be renewed in place and not replaced. A list that counts as read only
    /// because of [`LINGER`] is renewed for at most a `lifetime`, because each renewal keeps the
    /// customers that have vanished.
    pub(crate) fn need_renewal(&mut self, lifetime: Duration, now: Instant) -> bool {
        let is_young = self.first_answer.is_some_and(|at| now.duration_since(at) <= lifetime);
        let any_left = self.any_left(lifetime, now);
        let only_lingers = self.waiting.is_empty()
            && self.overflowed_at.is_none_or(|at| now.duration_since(at) > lifetime);
        any_left && (is_young || !only_lingers)
    }

    /// Removes one caller from a position. Callers at one position cannot be distinguished, so the
    /// result is the earliest `first_seen` of all of them. If no caller waits at the position, the
    /// result is the `first_seen` of the end there, if any.
    fn leave(&mut self, start: u64, now: Instant) -> Option<DateTime<Utc>> {
        let Some(readers) = self.waiting.get_mut(&start) else {
            return self.ends.get(&start).copied();
        };
        let first_seen = readers.iter().map(|reader| reader.first_seen).min();
        let newest = readers.len() - 1;
        let is_prompt = now.duration_since(readers[newest].arrived) <= PROMPT;
        // If the request is not prompt, the oldest caller is removed. The younger callers stay, so
        // the list counts as read for longer.
        readers.remove(if is_prompt { newest } else { 0 });
        self.count -= 1;
        if readers.is_empty() {
            self.waiting.remove(&start);
        }
        first_seen
    }

    /// Records that a caller reached the end at `position`. Beyond the limit, the end is not kept,
    /// and a caller that returns to it has no known position.
    fn end_at(&mut self, position: u64, first_seen: DateTime<Utc>) {
        if self.ends.len() >= MAX_POSITIONS && !self.ends.contains_key(&position) {
            return;
        }
        let ended = self.ends.entry(position).or_insert(first_seen);
        *ended = first_seen.max(*ended);
    }

    fn wait_at(&mut self, position: u64, first_seen: DateTime<Utc>, now: Instant) {
        if self.count >= MAX_POSITIONS {
            self.overflowed_at = Some(now);
            return;
        }
        self.count += 1;
        let reader = WaitingReader { arrived: now, first_seen };
        self.waiting.entry(position).or_default().push(reader);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_hours(2);

    fn window(start: u64, end: u64) -> ServedWindow {
        ServedWindow { start, end, count: 100 }
    }

    /// The readers after these windows of a list of 100 records, and a moment long after the last
    /// window.
    fn after(windows: &[(u64, u64)]) -> (Readers, Instant) {
        let (mut readers, now) = (Readers::default(), Instant::now());
        for (start, end) in windows {
            readers.record(window(*start, *end), DateTime::UNIX_EPOCH, now);
        }
        (readers, now + LINGER * 2)
    }

    #[test]
    fn a_reader_counts_until_it_reaches_the_end() {
        for (windows, any_left) in [
            (&[(0, 50)][..], true),
            (&[(0, 50), (50, 100)], false),
            (&[(0, 100)], false),
            (&[(0, 50), (50, 100), (100, 100)], false),
            // two readers at one position, and one of them continues
            (&[(0, 50), (0, 50), (50, 100)], true),
            (&[(0, 50), (0, 50), (50, 100), (50, 100)], false),
            // one reader that fetches the last window before the middle window
            (&[(0, 50), (75, 100), (50, 75)], true),
        ] {
            let (mut readers, later) = after(windows);
            assert_eq!(readers.any_left(LIFETIME, later), any_left, "{windows:?}");
        }
    }

    #[test]
    fn a_list_counts_as_read_for_a_while_after_any_answer() {
        let (mut readers, later) = after(&[(0, 100)]);
        assert!(readers.any_left(LIFETIME, later - LINGER));
        assert!(!readers.any_left(LIFETIME, later));
    }

    #[test]
    fn a_reader_that_does_not_come_back_is_gone_after_the_lifetime() {
        let (mut readers, later) = after(&[(0, 50)]);
        assert!(!readers.any_left(LIFETIME, later + LIFETIME));
    }

    #[test]
    fn a_reader_that_never_returns_is_forgotten_though_others_pass_its_position() {
        let (mut readers, mut now) = (Readers::default(), Instant::now());
        readers.record(window(0, 50), DateTime::UNIX_EPOCH, now);
        for _ in 0..5 {
            now += LIFETIME / 4;
            readers.record(window(0, 50), DateTime::UNIX_EPOCH, now);
            now += PROMPT / 2;
            readers.record(window(50, 100), DateTime::UNIX_EPOCH, now);
        }
        assert!(!readers.any_left(LIFETIME, now + LINGER * 2));
    }

    #[test]
    fn the_older_of_two_slow_readers_at_one_position_is_removed_first() {
        let (mut readers, began) = (Readers::default(), Instant::now());
        readers.record(window(0, 50), DateTime::UNIX_EPOCH, began);
        let second = began + LIFETIME / 2;
        readers.record(window(0, 50), DateTime::UNIX_EPOCH, second);
        readers.record(window(50, 100), DateTime::UNIX_EPOCH, second + PROMPT * 2);
        assert!(readers.any_left(LIFETIME, second + LIFETIME));
        assert!(!readers.any_left(LIFETIME, second + LIFETIME + PROMPT));
    }

    #[test]
    fn readers_beyond_the_limit_count_for_a_lifetime_but_are_not_kept() {
        let (mut readers, now) = (Readers::default(), Instant::now());
        for start in 0..MAX_POSITIONS as u64 + 5 {
            let window = ServedWindow { start: 2 * start, end: 2 * start + 1, count: u64::MAX };
            readers.record(window, DateTime::UNIX_EPOCH, now);
        }
        assert_eq!(readers.waiting.len(), MAX_POSITIONS);
        readers.waiting.clear();
        readers.count = 0;
        assert!(readers.any_left(LIFETIME, now + LINGER * 2));
        assert!(!readers.any_left(LIFETIME, now + LIFETIME * 2));
    }

    #[test]
    fn ends_beyond_the_limit_are_not_kept() {
        let (mut readers, now) = (Readers::default(), Instant::now());
        for start in 100..200 + MAX_POSITIONS as u64 {
            readers.record(window(start, start), DateTime::UNIX_EPOCH, now);
        }
        assert_eq!(readers.ends.len(), MAX_POSITIONS);
        let last = 199 + MAX_POSITIONS as u64;
        assert_eq!(readers.record(window(last, last), DateTime::UNIX_EPOCH, now), None);
    }

    #[test]
    fn a_reader_keeps_the_start_of_its_own_sweep_through_renewals() {
        let began = |minute| DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minute);
        let (mut readers, now) = (Readers::default(), Instant::now());
        for ((start, end), sweep, first_seen) in [
            ((0, 30), 10, Some(10)),
            ((30, 60), 10, Some(10)),
            // a second reader renews the list, and the first continues in the new list
            ((0, 40), 20, Some(20)),
            ((60, 90), 20, Some(10)),
            ((40, 100), 20, Some(20)),
            ((90, 100), 20, Some(10)),
            // the empty window past the end, and a position without a reader
            ((100, 100), 20, Some(20)),
            ((55, 85), 20, None),
        ] {
            let window = window(start, end);
            assert_eq!(
                readers.record(window, began(sweep), now),
                first_seen.map(began),
                "{window:?}"
            );
        }
    }
}
