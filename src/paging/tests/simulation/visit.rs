//! A visit: what a reader receives of one sweep, and the checks of each answer.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::paging::tests::support::as_stored;
use crate::paging::{Answer, Certificate, Cost, Filter};

/// What a reader has received of one sweep.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) filter: Filter,
    pub(crate) limit: u32,
    /// When the sweep of the first answer began.
    pub(crate) began: DateTime<Utc>,
    pub(crate) first_answer: DateTime<Utc>,
    pub(crate) first_count: u64,
    pub(crate) certificate: Certificate,
    pub(crate) cost: Cost,
    /// How often the adapter had been restarted before the first window was asked for.
    pub(crate) restarts: u32,
    /// When the sweep of the latest answer began, and its count.
    latest: (DateTime<Utc>, u64),
    /// The versions received, by customer.
    pub(crate) seen: BTreeMap<i64, i64>,
}

// === impl Visit ===

impl Visit {
    /// A visit that begins with this answer.
    pub(crate) fn new(
        filter: Filter,
        limit: u32,
        answer: &Answer,
        now: DateTime<Utc>,
        restarts: u32,
    ) -> Self {
        Self {
            filter,
            limit,
            began: answer.began(),
            first_answer: now,
            first_count: answer.count() as u64,
            certificate: answer.certificate(),
            cost: answer.cost(),
            restarts,
            latest: (answer.began(), answer.count() as u64),
            seen: BTreeMap::new(),
        }
    }

    /// Adds the records of an answer from `start`, and checks promise 1.
    pub(crate) fn take(&mut self, start: u64, answer: &Answer) -> Result<Vec<(i64, i64)>, String> {
        let mut text = b"[".to_vec();
        answer.append_to(&mut text, as_stored).map_err(|error| error.to_string())?;
        text.push(b']');
        let rows: Vec<(i64, i64)> =
            serde_json::from_slice(&text).map_err(|error| format!("unreadable: {error}"))?;
        let count = answer.count() as u64;
        let expected = count.saturating_sub(start).min(self.limit.into());
        if rows.len() as u64 != expected || answer.len() as u64 != expected {
            return Err(format!("{} rows from {start}, count {count}", rows.len()));
        }
        let (began, before) = self.latest;
        // A reader past the end has the whole list. Its next answer may be from a later list.
        let is_over = start >= before;
        if count < before || (!is_over && count > before && answer.began() == began) {
            return Err(format!("the count changed from {before} to {count}"));
        }
        self.latest = (answer.began(), count);
        for (id, version) in &rows {
            if self.seen.insert(*id, *version).is_some() && !is_over {
                return Err(format!("customer {id} appears again in the window from {start}"));
            }
        }
        Ok(rows)
    }

    /// The count of the latest answer.
    pub(crate) fn latest_count(&self) -> u64 {
        self.latest.1
    }
}

impl fmt::Display for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filter, began, certificate, cost, seen, .. } = self;
        write!(
            f,
            "a sweep of {} over {filter:?}, began {began}, {certificate}, {cost:?}",
            seen.len()
        )
    }
}
