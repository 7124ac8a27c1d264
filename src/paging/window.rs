//! What a caller asks for: a window of the sweep over a filter.

use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;

use chrono::{DateTime, SecondsFormat, Utc};

/// The records `start..start + limit` of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: u64,
    limit: NonZeroU32,
}

/// The customers that a caller asks for. Requests with equal filters share one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every customer.
    Everyone,
    /// The customers that changed since this moment.
    ChangedSince(DateTime<Utc>),
}

// === impl Window ===

impl Window {
    /// The window of `limit` records from `start`, counted from 0.
    #[must_use]
    pub fn new(start: u64, limit: NonZeroU32) -> Self {
        Self { start, limit }
    }

    /// The position of the first record, counted from 0.
    #[must_use]
    pub fn start(self) -> u64 {
        self.start
    }

    /// The number of records asked for.
    #[must_use]
    pub fn limit(self) -> NonZeroU32 {
        self.limit
    }

    /// Whether this window begins a sweep.
    #[must_use]
    pub fn begins_sweep(self) -> bool {
        self.start == 0
    }

    /// The positions of this window in a list of `count` items. The range is empty if the window
    /// starts behind the end of the list.
    #[must_use]
    pub fn range_in(self, count: usize) -> Range<usize> {
        let start = usize::try_from(self.start).map_or(count, |start| start.min(count));
        let limit = usize::try_from(self.limit.get()).unwrap_or(usize::MAX);
        start..start.saturating_add(limit).min(count)
    }
}

// === impl Filter ===

impl Filter {
    /// The moment since which changes are asked for; `None` for all customers.
    #[must_use]
    pub fn since(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Everyone => None,
            Self::ChangedSince(since) => Some(since),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("all"),
            Self::ChangedSince(since) => {
                f.write_str(&since.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_at_the_end_of_the_list_and_is_empty_behind_it() {
        for (start, limit, count, range) in [
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
            assert_eq!(window.range_in(count), range, "{window:?} of {count}");
        }
    }
}
