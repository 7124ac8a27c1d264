//! When each sweep was served, to move a `last_updated` back to the start of its sweep (promise 5).

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use crate::domain::time;
use crate::paging::defence::{Defence, without};
use crate::paging::{Config, Filter, Window};

/// Largest number of sweeps remembered. Five callers that sync each hour make 1,680 in two weeks.
const MAX_SWEEPS: usize = 2_000;

/// The sweeps served for one brand.
#[derive(Debug)]
pub(crate) struct ServedHistory {
    /// Sweeps served before this moment are unknown: the process did not run, or dropped the entry.
    known_since: DateTime<Utc>,
    served: VecDeque<Served>,
}

/// The time span in which a sweep was served.
#[derive(Clone, Copy, Debug)]
struct Served {
    filter: Filter,
    /// When the sweep began.
    began: DateTime<Utc>,
    /// The start of the earliest sweep that its callers may have begun with.
    first_seen: DateTime<Utc>,
    last_answer: DateTime<Utc>,
    /// Number of customers in the list; `None` for callers from the end of an earlier list.
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

    /// Records an answer given now. A caller without a known position may have started with any
    /// sweep over the filter that was served within the lifetime, or with one from before the
    /// history.
    ///
    /// Returns the count of an earlier list, if the caller may have reached the end of that list
    /// and asks whether anything follows.
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

    /// Extends the entry of the same sweep to this answer, or adds an entry.
    fn merge(&mut self, now: Served) {
        let same = |served: &&mut Served| {
            served.filter == now.filter
                && served.began == now.began
                && served.count.is_some() == now.count.is_some()
        };
        // The sweep served last is the likeliest to be served next.
        if let Some(served) = self.served.iter_mut().rev().find(same) {
            served.last_answer = served.last_answer.max(now.last_answer);
            served.first_seen = served.first_seen.min(now.first_seen);
            served.count = now.count;
            return;
        }
        if self.served.len() == MAX_SWEEPS
            && let Some(oldest) = self.served.pop_front()
        {
            self.known_since = self.known_since.max(oldest.last_answer);
        }
        self.served.push_back(now);
    }

    /// What the caller has received, if it may have reached the end of an earlier list and asks for
    /// the next window. Callers look alike, so every list that fits counts.
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

    /// The moment from which changes must be asked for, so that a caller that has everything up to
    /// `asked` misses none. The caller's clock may be wrong by `clock_skew`. A moment within a
    /// served sweep is moved back to the start of that sweep. Each sweep before the history is
    /// assumed to have lasted for `lifetime`.
    pub(crate) fn since(&self, asked: DateTime<Utc>, config: &Config) -> DateTime<Utc> {
        if without(Defence::Rewind) {
            return asked;
        }
        let skew = config.clock_skew;
        let is_within = |served: &&Served| {
            time::earlier(served.first_seen, skew) <= asked
                && asked <= time::later(served.last_answer, skew)
        };
        let known = self.served.iter().filter(is_within).map(|served| served.first_seen).min();
        let unknown = time::earlier(asked, config.lifetime);
        let unknown = (asked <= time::later(self.known_since, skew)).then_some(unknown);
        [known, unknown].into_iter().flatten().fold(asked, DateTime::min)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use chrono::TimeDelta;

    use super::*;
    use crate::paging::CursorTrust;

    const CONFIG: Config = Config {
        count_wait: Duration::from_secs(20),
        reuse: Duration::from_secs(30),
        lifetime: Duration::from_hours(2),
        lookback: Duration::from_mins(30),
        clock_skew: Duration::from_mins(10),
        max_passes: NonZeroU32::MIN,
        walk_patience: Duration::from_mins(15),
        filter_slack: Duration::from_mins(10),
        cursor: CursorTrust::Auto,
    };

    /// A moment, in minutes since the epoch.
    fn minute(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn answered(
        history: &mut ServedHistory,
        filter: Filter,
        began: i64,
        first_seen: Option<i64>,
        now: i64,
    ) {
        let (began, first_seen) = (minute(began), first_seen.map(minute));
        let window = Window::new(0, NonZeroU32::MIN);
        let note = AnswerNote { filter, window, began, count: 10, first_seen };
        history.record(note, minute(now), &CONFIG);
    }

    /// An answer from `start`, at `now`, of a list of `count` that began at `began`.
    fn answered_behind(
        history: &mut ServedHistory,
        (began, count): (i64, u64),
        start: u64,
        now: i64,
    ) -> Option<u64> {
        let window = Window::new(start, NonZeroU32::new(10).unwrap());
        let (began, filter) = (minute(began), Filter::Everyone);
        let note = AnswerNote { filter, window, began, count, first_seen: Some(began) };
        history.record(note, minute(now), &CONFIG)
    }

    fn since(history: &ServedHistory, asked: i64) -> i64 {
        (history.since(minute(asked), &CONFIG) - DateTime::UNIX_EPOCH).num_minutes()
    }

    #[test]
    fn a_moment_within_a_served_sweep_leads_back_to_its_start() {
        let mut history = ServedHistory::new(minute(0));
        for (began, now) in [(1000, 1001), (1000, 1090), (1060, 1070), (2000, 2000)] {
            answered(&mut history, Filter::Everyone, began, Some(began), now);
        }
        for (asked, from) in [
            (900, 900),
            (989, 989),
            (995, 995),
            (1000, 1000),
            (1055, 1000),
            (1075, 1000),
            (1100, 1000),
            (1101, 1101),
            (2009, 2000),
            (2011, 2011),
        ] {
            assert_eq!(since(&history, asked), from, "asked for {asked}");
        }
    }

    #[test]
    fn a_moment_before_the_process_started_is_moved_back_by_lifetime() {
        let history = ServedHistory::new(minute(1000));
        for (asked, from) in [(500, 380), (1000, 880), (1010, 890), (1011, 1011)] {
            assert_eq!(since(&history, asked), from, "asked for {asked}");
        }
    }

    #[test]
    fn a_forgotten_sweep_is_treated_as_unknown() {
        let mut history = ServedHistory::new(minute(0));
        for sweep in 0..=i64::try_from(MAX_SWEEPS).unwrap() {
            let began = 1000 + 100 * sweep;
            answered(&mut history, Filter::Everyone, began, Some(began), began + 50);
        }
        assert_eq!(history.served.len(), MAX_SWEEPS);
        assert_eq!(
            since(&history, 1040),
            920,
            "the first sweep is forgotten, and its time unknown"
        );
        assert_eq!(since(&history, 1140), 1100, "the second is known");
    }

    #[test]
    fn a_reader_without_a_known_position_is_led_back_to_the_oldest_possible_sweep() {
        let other = Filter::ChangedSince(minute(7));
        let mut history = ServedHistory::new(minute(0));
        answered(&mut history, Filter::Everyone, 1000, Some(1000), 1001);
        answered(&mut history, other, 1010, Some(1010), 1011);
        answered(&mut history, Filter::Everyone, 1080, Some(1080), 1081);
        answered(&mut history, Filter::Everyone, 1080, None, 1085);
        assert_eq!(since(&history, 1085), 1000, "the start of the first sweep");

        answered(&mut history, Filter::Everyone, 1300, None, 1305);
        assert_eq!(since(&history, 1305), 1300, "a sweep unused for a lifetime has no readers");

        let mut restarted = ServedHistory::new(minute(1290));
        answered(&mut restarted, Filter::Everyone, 1300, None, 1305);
        assert_eq!(since(&restarted, 1305), 1170, "a sweep from before the restart");
    }

    #[test]
    fn a_reader_that_returns_behind_the_end_of_its_list_is_led_back_to_that_list() {
        for (start, now, count, from) in [
            (100, 1075, Some(95), 1000),
            (95, 1075, Some(95), 1000),
            // positions at which a reader of that list does not go on
            (90, 1075, None, 1060),
            (105, 1075, None, 1060),
            // more than a lifetime after that list's last answer
            (100, 1122, None, 1060),
        ] {
            let mut history = ServedHistory::new(minute(0));
            answered_behind(&mut history, (1000, 95), 90, 1001);
            answered_behind(&mut history, (1060, 93), 0, 1061);
            let named = format!("from {start} at {now}");
            assert_eq!(answered_behind(&mut history, (1060, 93), start, now), count, "{named}");
            assert_eq!(since(&history, now), from, "{named}");
        }
    }

    #[test]
    fn a_reader_that_syncs_each_hour_is_not_led_back_further_each_time() {
        let mut history = ServedHistory::new(minute(0));
        for hour in 10..100 {
            let began = hour * 60;
            answered_behind(&mut history, (began, 95), 90, began + 1);
            answered_behind(&mut history, (began, 95), 100, began + 2);
            assert!(since(&history, began + 2) >= began - 120, "in hour {hour}");
        }
    }

    #[test]
    fn the_first_and_last_moment_of_the_calendar_are_not_moved() {
        let history = ServedHistory::new(minute(0));
        assert_eq!(history.since(DateTime::<Utc>::MIN_UTC, &CONFIG), DateTime::<Utc>::MIN_UTC);
        assert_eq!(history.since(DateTime::<Utc>::MAX_UTC, &CONFIG), DateTime::<Utc>::MAX_UTC);
    }
}
