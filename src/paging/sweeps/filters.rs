//! Filters of requests that share one list. Some callers send a later filter at each try.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use crate::paging::Filter;

/// The filters of the requests for one list.
#[derive(Debug, Default)]
pub(crate) struct ListFilters {
    /// The latest `last_updated` of the requests for the first window. While a walk runs, each try
    /// of a caller may have a later `last_updated`.
    latest: Option<DateTime<Utc>>,
    /// The filters that are later than the list's own filter and whose callers read the list, in
    /// the order in which they were recorded.
    reading: VecDeque<Filter>,
}

/// Largest number of later filters of one list. Beyond this number, the filter recorded first is
/// forgotten, and its callers may have to begin again.
const MAX_READING: usize = 100;

// === impl ListFilters ===

impl ListFilters {
    /// Records a request for the first window.
    pub(crate) fn note_asked(&mut self, filter: Filter) {
        self.latest = self.latest.max(filter.since());
    }

    /// The latest `last_updated` of the requests for the first window; `None` for all customers.
    pub(crate) fn latest(&self) -> Option<DateTime<Utc>> {
        self.latest
    }

    /// Records that a caller of this later filter reads the list.
    pub(crate) fn note_reading(&mut self, filter: Filter) {
        if self.is_reading(filter) {
            return;
        }
        if self.reading.len() == MAX_READING {
            self.reading.pop_front();
        }
        self.reading.push_back(filter);
    }

    /// Whether a caller of this later filter reads the list.
    pub(crate) fn is_reading(&self, filter: Filter) -> bool {
        self.reading.contains(&filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_the_filter_recorded_first_is_forgotten() {
        let filter = |second| {
            Filter::ChangedSince(DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(second))
        };
        let mut filters = ListFilters::default();
        let last = i64::try_from(MAX_READING).unwrap();
        for second in (0..=last).chain([1]) {
            filters.note_reading(filter(second));
        }
        assert!(!filters.is_reading(filter(0)));
        assert!((1..=last).all(|second| filters.is_reading(filter(second))));
    }
}
