//! What a reader asks for and how many of a sweep's records it gets.

use std::num::NonZeroU32;
use std::ops::Range;

/// The records `start..start + limit` of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: u64,
    limit: NonZeroU32,
}

// === impl Window ===

impl Window {
    /// The window of `limit` records from `start`, counted from 0.
    #[must_use]
    pub fn new(start: u64, limit: NonZeroU32) -> Self {
        Self { start, limit }
    }

    /// The first record asked for, counted from 0.
    #[must_use]
    pub fn start(self) -> u64 {
        self.start
    }

    /// How many records are asked for.
    #[must_use]
    pub fn limit(self) -> NonZeroU32 {
        self.limit
    }

    /// Whether this window begins a sweep rather than going on with one.
    #[must_use]
    pub fn begins_sweep(self) -> bool {
        self.start == 0
    }

    /// Whether a list of `count` items goes on behind this window.
    pub(super) fn ends_within(self, count: usize) -> bool {
        self.start.saturating_add(self.limit.get().into()) < count as u64
    }

    /// The part of a list of `count` items that this window shows: `min(limit, count - start)` of them, none behind
    /// the end.
    #[must_use]
    pub fn of(self, count: usize) -> Range<usize> {
        let start = usize::try_from(self.start).map_or(count, |start| start.min(count));
        let limit = usize::try_from(self.limit.get()).unwrap_or(usize::MAX);
        start..start.saturating_add(limit).min(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_shows_its_part_of_the_list_and_nothing_behind_the_end() {
        for (start, limit, count, shown) in [
            (0, 25, 0, 0..0),
            (0, 25, 10, 0..10),
            (0, 25, 25, 0..25),
            (25, 25, 30, 25..30),
            (30, 25, 30, 30..30),
            (31, 25, 30, 30..30),
            (u64::MAX, u32::MAX, 30, 30..30),
            (3, u32::MAX, 30, 3..30),
        ] {
            let window = Window::new(start, NonZeroU32::new(limit).unwrap());
            assert_eq!(window.of(count), shown, "{window:?} of {count}");
        }
    }
}
