//! When sweeps were served, so that whatever moment of one a reader remembers as "last synced" leads back to its
//! beginning (promise 5).

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::paging::{Config, Filter, Window};

/// Sweeps remembered: five readers that sync each hour make as many in two weeks.
const MOST_SWEEPS: usize = 2_000;

/// The sweeps of one brand.
#[derive(Debug)]
pub(crate) struct ServedHistory {
    /// Nothing is known of what was served before: this process did not run yet, or has forgotten.
    known_since: DateTime<Utc>,
    served: VecDeque<Served>,
}

/// From when a sweep showed its customers, and until when.
#[derive(Clone, Copy, Debug)]
struct Served {
    filter: Filter,
    /// When the sweep began whose list was answered from.
    began: DateTime<Utc>,
    /// From when on its readers may have seen their customers: earlier, for those who began with another one.
    first_seen: DateTime<Utc>,
    last_answer: DateTime<Utc>,
    /// How many customers the list holds, as far as it was walked; `None` for what a reader may have seen who has left
    /// its list.
    count: Option<u64>,
}

/// An answer, as far as history takes note of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerNote {
    pub(crate) filter: Filter,
    pub(crate) window: Window,
    /// When the sweep began whose list it came from.
    pub(crate) began: DateTime<Utc>,
    /// How many customers that list holds.
    pub(crate) count: u64,
    /// From when on its reader may have seen its customers; `None` when the reader was not known there.
    pub(crate) first_seen: Option<DateTime<Utc>>,
}

// === impl History ===

impl ServedHistory {
    /// No history before `now`.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self { known_since: now, served: VecDeque::new() }
    }

    /// Notes an answer given now. One whose reader was not known on the list may have begun with any sweep over the
    /// filter that was answered from within a lifetime, or with one from before what is known.
    ///
    /// Says how many customers the reader was told of before, if it is one that comes back to ask whether anything is
    /// behind the end of an earlier list: that one may hold more than this.
    pub(crate) fn answered(
        &mut self,
        answered: AnswerNote,
        now: DateTime<Utc>,
        config: &Config,
    ) -> Option<u64> {
        let AnswerNote { filter, began, count, first_seen, .. } = answered;
        let first_seen = first_seen.unwrap_or_else(|| self.oldest(filter, now, config)).min(began);
        let list = Served { filter, began, first_seen, last_answer: now, count: Some(count) };
        self.note(list);
        let (first_seen, told) = self.ended(answered, now, config)?;
        self.note(Served { first_seen, count: None, ..list });
        Some(told)
    }

    /// Notes what was served now, together with what was served of the same before.
    fn note(&mut self, now: Served) {
        // The sweep answered last is the likeliest to be answered next.
        let same = |served: &&mut Served| {
            served.filter == now.filter
                && served.began == now.began
                && served.count.is_some() == now.count.is_some()
        };
        if let Some(served) = self.served.iter_mut().rev().find(same) {
            served.last_answer = served.last_answer.max(now.last_answer);
            served.first_seen = served.first_seen.min(now.first_seen);
            served.count = now.count;
            return;
        }
        if self.served.len() == MOST_SWEEPS
            && let Some(oldest) = self.served.pop_front()
        {
            self.known_since = self.known_since.max(oldest.last_answer);
        }
        self.served.push_back(now);
    }

    /// What the reader has seen, if it is one that has come to the end of an earlier list, and asks for its next
    /// window on this one. Who it is cannot be told: whoever ends where it would have ended may be it.
    fn ended(
        &self,
        answered: AnswerNote,
        now: DateTime<Utc>,
        config: &Config,
    ) -> Option<(DateTime<Utc>, u64)> {
        let (start, limit) = (answered.window.start(), u64::from(answered.window.limit().get()));
        let alive = earlier(now, delta(config.lifetime));
        self.served
            .iter()
            .filter(|served| served.filter == answered.filter && served.began < answered.began)
            .filter(|served| served.last_answer >= alive)
            .filter_map(|served| Some((served.first_seen, served.count?)))
            .filter(|(_, count)| *count <= start && start - count < limit && *count > 0)
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// The earliest beginning that a reader of this filter may have begun with, who comes from nowhere.
    fn oldest(&self, filter: Filter, now: DateTime<Utc>, config: &Config) -> DateTime<Utc> {
        let lifetime = delta(config.lifetime);
        let alive = |served: &&Served| {
            served.filter == filter && earlier(now, lifetime) <= served.last_answer
        };
        let beginnings = self.served.iter().filter(alive).map(|served| served.began);
        let unknown = (earlier(now, lifetime) <= self.known_since)
            .then(|| earlier(self.known_since, lifetime));
        beginnings.chain(unknown).fold(now, DateTime::min)
    }

    /// From when on changes must be asked for, that a reader may miss who has everything up to `asked` by a clock that
    /// is `clock_skew` off at most: the beginning of the sweep whose last moments it may have in mind. Of times before
    /// this process nobody knows what was served then; no sweep is held to have taken longer than its `lifetime`.
    pub(crate) fn since(&self, asked: DateTime<Utc>, config: &Config) -> DateTime<Utc> {
        let skew = delta(config.clock_skew);
        let within = |served: &&Served| {
            earlier(served.first_seen, skew) <= asked && asked <= later(served.last_answer, skew)
        };
        let beginnings = self.served.iter().filter(within).map(|served| served.first_seen);
        let unknown = (asked <= later(self.known_since, skew))
            .then(|| earlier(asked, delta(config.lifetime)));
        beginnings.chain(unknown).fold(asked, DateTime::min)
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

fn earlier(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    time.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn later(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    time.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::paging::{Count, CursorTrust};

    const CONFIG: Config = Config {
        count_wait: Duration::from_secs(20),
        reuse: Duration::from_secs(30),
        lifetime: Duration::from_hours(2),
        lookback: Duration::from_mins(30),
        clock_skew: Duration::from_mins(10),
        max_passes: NonZeroU32::MIN,
        count: Count::Exact,
        cursor: CursorTrust::Auto,
    };

    /// So many minutes after the beginning of time, as this test counts it.
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
        let answered = AnswerNote { filter, window, began, count: 10, first_seen };
        history.answered(answered, minute(now), &CONFIG);
    }

    /// An answer from `start` on, at `now`, of a list of `count` that began at `began`; by limits of 10.
    fn answered_behind(
        history: &mut ServedHistory,
        (began, count): (i64, u64),
        start: u64,
        now: i64,
    ) -> Option<u64> {
        let window = Window::new(start, NonZeroU32::new(10).unwrap());
        let (began, filter) = (minute(began), Filter::Everyone);
        let answered = AnswerNote { filter, window, began, count, first_seen: Some(began) };
        history.answered(answered, minute(now), &CONFIG)
    }

    fn since(history: &ServedHistory, asked: i64) -> i64 {
        (history.since(minute(asked), &CONFIG) - DateTime::UNIX_EPOCH).num_minutes()
    }

    #[test]
    fn a_moment_within_a_served_sweep_leads_back_to_its_beginning() {
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
    fn a_moment_before_this_process_leads_back_by_a_lifetime() {
        let history = ServedHistory::new(minute(1000));
        for (asked, from) in [(500, 380), (1000, 880), (1010, 890), (1011, 1011)] {
            assert_eq!(since(&history, asked), from, "asked for {asked}");
        }
    }

    #[test]
    fn what_is_forgotten_is_treated_as_unknown() {
        let mut history = ServedHistory::new(minute(0));
        for sweep in 0..=i64::try_from(MOST_SWEEPS).unwrap() {
            let began = 1000 + 100 * sweep;
            answered(&mut history, Filter::Everyone, began, Some(began), began + 50);
        }
        assert_eq!(history.served.len(), MOST_SWEEPS);
        assert_eq!(
            since(&history, 1040),
            920,
            "the first sweep is forgotten, and its time unknown"
        );
        assert_eq!(since(&history, 1140), 1100, "the second is known");
    }

    #[test]
    fn a_reader_from_nowhere_is_led_back_as_far_as_it_may_have_begun() {
        let other = Filter::ChangedSince(minute(7));
        let mut history = ServedHistory::new(minute(0));
        answered(&mut history, Filter::Everyone, 1000, Some(1000), 1001);
        answered(&mut history, other, 1010, Some(1010), 1011);
        answered(&mut history, Filter::Everyone, 1080, Some(1080), 1081);
        answered(&mut history, Filter::Everyone, 1080, None, 1085);
        assert_eq!(since(&history, 1085), 1000, "it may have begun with the first sweep");

        answered(&mut history, Filter::Everyone, 1300, None, 1305);
        assert_eq!(
            since(&history, 1305),
            1300,
            "nobody reads a sweep that was left for a lifetime"
        );

        let mut restarted = ServedHistory::new(minute(1290));
        answered(&mut restarted, Filter::Everyone, 1300, None, 1305);
        assert_eq!(since(&restarted, 1305), 1170, "or with one from before the restart");
    }

    #[test]
    fn a_reader_that_comes_back_behind_the_end_of_its_list_is_led_back_to_that() {
        for (start, now, told, from) in [
            (100, 1075, Some(95), 1000),
            (95, 1075, Some(95), 1000),
            // where a reader of that list would not go on
            (90, 1075, None, 1060),
            (105, 1075, None, 1060),
            // a lifetime after that list's last answer
            (100, 1122, None, 1060),
        ] {
            let mut history = ServedHistory::new(minute(0));
            answered_behind(&mut history, (1000, 95), 90, 1001);
            answered_behind(&mut history, (1060, 93), 0, 1061);
            let named = format!("from {start} at {now}");
            assert_eq!(answered_behind(&mut history, (1060, 93), start, now), told, "{named}");
            assert_eq!(since(&history, now), from, "{named}");
        }
    }

    #[test]
    fn a_list_that_grew_while_it_was_read_ends_where_it_ended_at_last() {
        let mut history = ServedHistory::new(minute(0));
        answered_behind(&mut history, (1000, 50), 0, 1001);
        answered_behind(&mut history, (1000, 95), 90, 1002);
        answered_behind(&mut history, (1060, 93), 0, 1061);
        assert_eq!(answered_behind(&mut history, (1060, 93), 50, 1070), None);
        assert_eq!(answered_behind(&mut history, (1060, 93), 100, 1075), Some(95));
    }

    #[test]
    fn who_reads_the_same_each_hour_is_not_led_back_further_each_time() {
        let mut history = ServedHistory::new(minute(0));
        for hour in 10..100 {
            let began = hour * 60;
            answered_behind(&mut history, (began, 95), 90, began + 1);
            answered_behind(&mut history, (began, 95), 100, began + 2);
            assert!(since(&history, began + 2) >= began - 120, "in hour {hour}");
        }
    }

    #[test]
    fn the_edges_of_the_calendar_hold() {
        let history = ServedHistory::new(minute(0));
        assert_eq!(history.since(DateTime::<Utc>::MIN_UTC, &CONFIG), DateTime::<Utc>::MIN_UTC);
        assert_eq!(history.since(DateTime::<Utc>::MAX_UTC, &CONFIG), DateTime::<Utc>::MAX_UTC);
    }
}
