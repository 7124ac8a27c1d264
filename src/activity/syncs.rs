//! The sweeps that callers read to their end, and when the next sync is overdue.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A sweep that a caller read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// When the last window was served.
    pub ended: DateTime<Utc>,
    /// When the walk that made the sweep began.
    pub list_began: DateTime<Utc>,
    /// The filter; `None` for all customers.
    pub since: Option<DateTime<Utc>>,
    /// Number of records of the sweep.
    pub records: u64,
    /// The sweep's certificate.
    pub certified: &'static str,
}

/// A sync that is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The time since the last sync.
    pub age: Duration,
    /// The usual time between two syncs.
    pub usual: Duration,
}

/// The last syncs of one brand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Syncs {
    last: Option<Sync>,
    /// The lists of the last syncs, oldest first.
    lists: VecDeque<List>,
    /// When the last syncs ended, oldest first. A sync that ends less than [`BURST`] after the last
    /// entry has no entry of its own.
    ended: VecDeque<DateTime<Utc>>,
}

/// When a list began, and its filter.
type List = (DateTime<Utc>, Option<DateTime<Utc>>);

/// Number of syncs that are kept.
const KEPT: usize = 20;

/// Syncs that end less than this after the first of them count as one sync for the usual gap: a
/// caller may read several lists in one run.
const BURST: TimeDelta = TimeDelta::minutes(2);

/// The usual time between syncs is known after this many gaps.
const GAPS_NEEDED: usize = 3;

/// A sync is overdue after one and a half usual gaps plus this time. Callers that begin by a
/// timetable are often some minutes late.
const GRACE: TimeDelta = TimeDelta::minutes(15);

// === impl Syncs ===

impl Syncs {
    /// Records a sync. Returns false for a list that was read to its end before.
    pub(crate) fn note(&mut self, sync: Sync) -> bool {
        let list = (sync.list_began, sync.since);
        let is_new = !self.lists.contains(&list);
        if is_new {
            push(&mut self.lists, list);
            if self.ended.back().is_none_or(|last| sync.ended - *last >= BURST) {
                push(&mut self.ended, sync.ended);
            }
        }
        let is_last = self.lists.back() == Some(&list);
        if is_last {
            self.last = Some(sync);
        }
        is_new
    }

    /// The last sync.
    pub(crate) fn last(&self) -> Option<&Sync> {
        self.last.as_ref()
    }

    /// The usual time between two syncs: the 75th percentile of the last gaps, rounded down to one
    /// of the gaps. The median would be too short for a caller that reads several lists in a row,
    /// if these lists end more than [`BURST`] apart.
    pub(crate) fn usual_gap(&self) -> Option<TimeDelta> {
        let times = self.ended.iter().zip(self.ended.iter().skip(1));
        let mut gaps: Vec<_> = times.map(|(earlier, later)| *later - *earlier).collect();
        if gaps.len() < GAPS_NEEDED {
            return None;
        }
        gaps.sort_unstable();
        Some(gaps[3 * (gaps.len() - 1) / 4])
    }

    /// The time since the last sync and the usual gap, if the next sync is overdue.
    pub(crate) fn overdue(&self, now: DateTime<Utc>) -> Option<Overdue> {
        let (age, usual) = (now - self.last.as_ref()?.ended, self.usual_gap()?);
        let allowed = usual + usual / 2 + GRACE;
        if age <= allowed {
            return None;
        }
        Some(Overdue { age: age.to_std().ok()?, usual: usual.to_std().ok()? })
    }
}

fn push<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}

// === impl Overdue ===

impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [age, usual] = [self.age, self.usual].map(rounded);
        write!(f, "no sync for {age}, usually every {usual}")
    }
}

/// The duration in its largest unit: minutes below two hours, hours below two days, then days.
fn rounded(duration: Duration) -> String {
    let minutes = (duration.as_secs() + 30) / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-11-02T00:00:00Z".parse().unwrap()
    }

    fn sync(minute: i64) -> Sync {
        let ended = start() + TimeDelta::minutes(minute);
        Sync { ended, list_began: ended, since: None, records: 1, certified: "single" }
    }

    fn syncs(minutes: &[i64]) -> Syncs {
        let mut syncs = Syncs::default();
        for minute in minutes {
            assert!(syncs.note(sync(*minute)));
        }
        syncs
    }

    #[test]
    fn a_sync_is_overdue_15_minutes_after_one_and_a_half_usual_gaps() {
        let hourly = [0, 60, 120, 180, 240];
        let nightly = [0, 1440, 2880, 4320];
        for (minutes, now, expected) in [
            (&hourly[..], 240 + 105, None),
            (&hourly[..], 240 + 106, Some("no sync for 106 min, usually every 60 min")),
            (&hourly[..], 240 + 180, Some("no sync for 3 h, usually every 60 min")),
            (&nightly[..], 4320 + 2175, None),
            (&nightly[..], 4320 + 2176, Some("no sync for 36 h, usually every 24 h")),
            (&nightly[..], 4320 + 4320, Some("no sync for 3 days, usually every 24 h")),
            // A pause in the past does not change the usual gap.
            (
                &[0, 60, 120, 1200, 1260],
                1260 + 106,
                Some("no sync for 106 min, usually every 60 min"),
            ),
            // The caller reads two lists in each run, one right after the other.
            (&[0, 1, 60, 61, 120, 121, 180, 181, 240, 241], 240 + 105, None),
            // The second list takes longer to read.
            (&[0, 5, 60, 65, 120, 125, 180, 185, 240, 245], 245 + 97, None),
            // A caller that reads a list each minute has a usual gap too.
            (
                &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                12 + 21,
                Some("no sync for 21 min, usually every 2 min"),
            ),
            // Three syncs have two gaps, which are too few for a usual gap.
            (&[0, 60, 120], 100_000, None),
            (&[], 100_000, None),
        ] {
            let found = syncs(minutes).overdue(start() + TimeDelta::minutes(now));
            assert_eq!(found.map(|overdue| overdue.to_string()).as_deref(), expected, "{now}");
        }
    }

    #[test]
    fn a_sweep_that_is_read_to_its_end_again_is_no_new_sync() {
        let mut syncs = syncs(&[0, 60]);
        let again = Sync { ended: start() + TimeDelta::minutes(61), ..sync(60) };
        assert!(!syncs.note(again.clone()));
        assert_eq!(syncs.last(), Some(&again));

        let older = Sync { ended: start() + TimeDelta::minutes(62), ..sync(0) };
        assert!(!syncs.note(older), "the older list was read to its end before");
        assert_eq!(
            syncs.last(),
            Some(&again),
            "reading the older list again does not change the last sync"
        );
    }

    #[test]
    fn a_clock_that_was_put_back_makes_no_sync_overdue() {
        let syncs = syncs(&[0, 60, 120, 180]);
        assert_eq!(syncs.overdue(start() - TimeDelta::days(1)), None);
    }
}
