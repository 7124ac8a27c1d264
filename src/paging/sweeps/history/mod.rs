//! Records the span of each served sweep, from its start to its last answer. A `last_updated` in
//! this span is moved back to the start (promise 5).
//!
//! This file has the [`ServedHistory`]. `caller_clock.rs` notices callers whose clock is ahead.

mod caller_clock;

pub(crate) use caller_clock::CallerClock;

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::time;
use crate::paging::defence::{Defence, without};
use crate::paging::{Config, Filter, Window};

/// Largest number of sweeps remembered. Five callers that sync each hour make 1,680 in two weeks.
const MAX_SWEEPS: usize = 2_000;

/// The sweeps served for one brand.
#[derive(Debug)]
pub(crate) struct ServedHistory {
    /// Sweeps served before this moment are unknown, because the process did not run then or has
    /// dropped their entries.
    known_since: DateTime<Utc>,
    served: VecDeque<Served>,
}

/// The span of a served sweep: from `first_seen` to `last_answer`.
#[derive(Clone, Copy, Debug)]
struct Served {
    filter: Filter,
    /// When the sweep began.
    began: DateTime<Utc>,
    /// The start of the earliest sweep that the callers of this sweep may have started from.
    first_seen: DateTime<Utc>,
    last_answer: DateTime<Utc>,
    /// Number of customers in the list; `None` if the entry is for callers that came from the end
    /// of an earlier list.
    count: Option<u64>,
}

/// An answer, as the history records it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerNote {
    pub(crate) filter: Filter,
    pub(crate) window: Window,
    /// When the answer's sweep began.
    pub(crate) began: DateTime<Utc>,
    /// Number of customers in that sweep.
    pub(crate) count: u64,
    /// Like `Served::first_seen`; `None` if no caller was known at this position.
    pub(crate) first_seen: Option<DateTime<Utc>>,
}

/// What a caller at the end of an earlier list has received.
#[derive(Clone, Copy, Debug)]
struct FinishedReader {
    first_seen: DateTime<Utc>,
    count: u64,
}

// === impl ServedHistory ===

impl ServedHistory {
    /// No history before `now`.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self { known_since: now, served: VecDeque::new() }
    }

    /// Records an answer that is given at `now`. A caller without a known position may have started
    /// from any sweep over the filter that was served within the lifetime, or from a sweep before
    /// the history.
    ///
    /// Returns the count of an earlier list, if the caller may have reached the end of that list
    /// and asks whether more records follow.
    pub(crate) fn record(
        &mut self,
        note: AnswerNote,
        now: DateTime<Utc>,
        config: &Config,
    ) -> Option<u64> {
        let AnswerNote { filter, began, count, first_seen, .. } = note;
        let first_seen = first_seen.unwrap_or_else(|| self.oldest(filter, now, config)).min(began);
        let served = Served { filter, began, first_seen, last_answer: now, count: Some(count) };
        self.merge(served);
        let finished = self.finished_reader(note, now, config)?;
        self.merge(Served { first_seen: finished.first_seen, count: None, ..served });
        Some(finished.count)
    }

    /// Extends the entry of the same sweep by `entry`, or adds `entry`.
    fn merge(&mut self, entry: Served) {
        let same = |served: &&mut Served| {
            served.filter == entry.filter
                && served.began == entry.began
                && served.count.is_some() == entry.count.is_some()
        };
        // The sweep that was served last is the most likely to be served next.
        if let Some(served) = self.served.iter_mut().rev().find(same) {
            served.last_answer = served.last_answer.max(entry.last_answer);
            served.first_seen = served.first_seen.min(entry.first_seen);
            served.count = entry.count;
            return;
        }
        if self.served.len() == MAX_SWEEPS
            && let Some(oldest) = self.served.pop_front()
        {
            self.known_since = self.known_since.max(oldest.last_answer);
        }
        self.served.push_back(entry);
    }

    /// What the caller has received, if it may have reached the end of an earlier list and asks for
    /// the next window. Callers cannot be distinguished, so every list that fits counts.
    fn finished_reader(
        &self,
        note: AnswerNote,
        now: DateTime<Utc>,
        config: &Config,
    ) -> Option<FinishedReader> {
        let (start, limit) = (note.window.start(), u64::from(note.window.limit().get()));
        let alive_since = time::earlier(now, config.lifetime);
        self.served
            .iter()
            .filter(|served| served.filter == note.filter && served.began < note.began)
            .filter(|served| served.last_answer >= alive_since)
            .filter_map(|served| {
                Some(FinishedReader { first_seen: served.first_seen, count: served.count? })
            })
            .filter(|FinishedReader { count, .. }| {
                *count <= start && start - count < limit && *count > 0
            })
            .reduce(|a, b| FinishedReader {
                first_seen: a.first_seen.min(b.first_seen),
                count: a.count.max(b.count),
            })
    }

    /// The start of the earliest sweep over `filter` that a caller without a known position may
    /// have started from.
    fn oldest(&self, filter: Filter, now: DateTime<Utc>, config: &Config) -> DateTime<Utc> {
        let alive_since = time::earlier(now, config.lifetime);
        let is_alive =
            |served: &&Served| served.filter == filter && alive_since <= served.last_answer;
        let known = self.served.iter().filter(is_alive).map(|served| served.began).min();
        let unknown = time::earlier(self.known_since, config.lifetime);
        let unknown = (alive_since <= self.known_since).then_some(unknown);
        [known, unknown].into_iter().flatten().fold(now, DateTime::min)
    }

    /// The moment from which changes must be asked for, so that a caller with all changes up to
    /// `asked` misses no change. The caller's clock may be wrong by `clock_skew`. A moment in the
    /// span of a sweep is moved back to the start of that span. A moment between two spans counts
    /// as the time of the last answer before it, because the caller cannot have later changes. Each
    /// sweep before the history is assumed to have lasted for `lifetime`.
    pub(crate) fn since(&self, asked: DateTime<Utc>, config: &Config) -> DateTime<Utc> {
        if without(Defence::Rewind) {
            return asked;
        }
        let asked = self.last_answered(asked, config.clock_skew);
        let known = self.served.iter().filter(|served| served.is_within(asked, config.clock_skew));
        let known = known.map(|served| served.first_seen).min();
        let unknown = time::earlier(asked, config.lifetime);
        let is_unknown = asked <= time::later(self.known_since, config.clock_skew);
        let unknown = is_unknown.then_some(unknown);
        [known, unknown].into_iter().flatten().fold(asked, DateTime::min)
    }

    /// `asked`, if it is in the span of a sweep. Otherwise, the moment that is `skew` after the
    /// last answer before `asked`, but at most `asked`. Without such an answer, the beginning of
    /// the history counts as the last answer.
    fn last_answered(&self, asked: DateTime<Utc>, skew: Duration) -> DateTime<Utc> {
        if self.served.iter().any(|served| served.is_within(asked, skew)) {
            return asked;
        }
        let answers = self.served.iter().map(|served| served.last_answer);
        let last = answers.filter(|answer| *answer <= asked).max();
        asked.min(time::later(last.unwrap_or(self.known_since), skew))
    }
}

// === impl Served ===

impl Served {
    /// Whether `moment` is in this span, by a clock that may be wrong by `skew`.
    fn is_within(&self, moment: DateTime<Utc>, skew: Duration) -> bool {
        time::earlier(self.first_seen, skew) <= moment
            && moment <= time::later(self.last_answer, skew)
    }
}

#[cfg(test)]
mod tests;
