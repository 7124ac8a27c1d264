//! Receives what the parts of a brand report, and returns it as data.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use metrics::Counter;
use tokio::time::Instant;

use super::calls::CallRate;
use super::syncs::{Sync, Syncs};
use super::walk_data::{EndedWalk, WalkProgress};
use super::walks::{RunningWalk, Walks};
use crate::clock::Clock;
use crate::health::{Health, Reason};
use crate::telemetry::Metrics;

/// What the sweeps of one brand did since the brand started. Clones share one state.
#[derive(Clone)]
pub struct Activity {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    health: Health,
    records_served: Counter,
    /// Held for a few instructions, never over an await.
    state: Mutex<State>,
}

struct State {
    walks: Walks,
    syncs: Syncs,
    rate: CallRate,
}

/// A window that a caller received.
#[derive(Clone, Copy, Debug)]
pub struct ReadWindow {
    /// When the walk that made the sweep began.
    pub list_began: DateTime<Utc>,
    /// The filter of the sweep; `None` for all customers.
    pub since: Option<DateTime<Utc>>,
    /// Number of records of the sweep.
    pub records: u64,
    /// The sweep's certificate.
    pub certified: &'static str,
    /// Whether the window reaches the end of the sweep.
    pub is_last: bool,
}

/// The activity of a brand at a moment, as data.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityReport {
    /// The running walks, oldest first.
    pub running: Vec<WalkProgress>,
    /// The last 50 walks that ended, newest first.
    pub ended: Vec<EndedWalk>,
    /// The last sweep that a caller read to its end; `None` before the first.
    pub last_sync: Option<Sync>,
    /// The usual time between two syncs, in seconds; `None` before the fourth sync.
    pub usual_gap_seconds: Option<i64>,
    /// Number of calls to the upstream in the last minute.
    pub calls_last_minute: u64,
}

// === impl Activity ===

impl Activity {
    /// An activity in which nothing has happened. `metrics` have the label of the brand, and
    /// `health` is its state.
    pub fn new(clock: Arc<dyn Clock>, metrics: &Metrics, health: &Health) -> Self {
        let state = State {
            walks: Walks::default(),
            syncs: Syncs::default(),
            rate: CallRate::new(Instant::now()),
        };
        Self {
            shared: Arc::new(Shared {
                clock,
                metrics: metrics.clone(),
                health: health.clone(),
                records_served: metrics.counter("dotstory_records_served_total", &[]),
                state: Mutex::new(state),
            }),
        }
    }

    /// Copies the syncs of `predecessor`, the activity that this brand had before a reload. Without
    /// them, the metric of the age of the last sync would not grow until the next sync.
    pub fn continue_from(&self, predecessor: &Self) {
        let syncs = predecessor.state(|state| state.syncs.clone());
        self.state(|state| state.syncs = syncs);
        self.check();
    }

    /// Records the beginning of a walk over the changes since `since`, or over all customers.
    #[must_use]
    pub fn begin_walk(&self, since: Option<DateTime<Utc>>, began: DateTime<Utc>) -> RunningWalk {
        let number = self.walks(|walks| walks.begin(since, began));
        RunningWalk::new(self.clone(), number)
    }

    /// Records a call to the upstream.
    pub fn note_call(&self, duration: Duration, failed: bool) {
        self.state(|state| {
            state.walks.note_call(duration, failed);
            state.rate.add(Instant::now());
        });
    }

    /// Counts records that callers received.
    pub fn note_records(&self, records: usize) {
        self.shared.records_served.increment(records as u64);
    }

    /// Records a window that a caller received. The last window of a sweep ends a sync.
    pub fn note_window(&self, window: ReadWindow) {
        if !window.is_last {
            return;
        }
        let ReadWindow { list_began, since, records, certified, .. } = window;
        let ended = self.shared.clock.now();
        let is_new = self.state(|state| {
            state.walks.note_read(list_began, ended);
            state.syncs.note(Sync { ended, list_began, since, records, certified })
        });
        if is_new {
            let labels = [("certified", certified)];
            self.shared.metrics.counter("dotstory_sweeps_total", &labels).increment(1);
        }
        self.check();
    }

    /// Brings the age of the last sync up to date, in its metric and in the state of the brand.
    /// Must be called every minute, and before metrics are read.
    pub fn check(&self) {
        let now = self.shared.clock.now();
        let (last, overdue) = self.state(|state| {
            let ended = state.syncs.last().map(|last| last.ended);
            (ended, state.syncs.overdue(now))
        });
        if let Some(ended) = last {
            let age = (now - ended).max(TimeDelta::zero()).as_seconds_f64();
            self.shared.metrics.gauge("dotstory_sync_age_seconds", &[]).set(age);
        }
        match overdue {
            Some(overdue) => self.shared.health.raise(
                Reason::Sync,
                format!("{overdue}: check the integration's schedule in DailyStory, and whether its calls reach dotstory"),
            ),
            None => self.shared.health.clear(Reason::Sync),
        }
    }

    /// The activity now.
    #[must_use]
    pub fn report(&self) -> ActivityReport {
        self.state(|state| ActivityReport {
            running: state.walks.running(),
            ended: state.walks.ended(),
            last_sync: state.syncs.last().cloned(),
            usual_gap_seconds: state.syncs.usual_gap().map(|gap| gap.num_seconds()),
            calls_last_minute: state.rate.last_minute(Instant::now()),
        })
    }

    pub(crate) fn walks<T>(&self, read: impl FnOnce(&mut Walks) -> T) -> T {
        self.state(|state| read(&mut state.walks))
    }

    fn state<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::{Step, WalkResult};
    use crate::clock::ManualClock;

    struct Subject {
        activity: Activity,
        clock: Arc<ManualClock>,
        health: Health,
        metrics: Metrics,
    }

    fn subject() -> Subject {
        let start: DateTime<Utc> = "2026-11-02T00:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let metrics = Metrics::new();
        let health = Health::new(&metrics);
        let activity = Activity::new(clock.clone(), &metrics, &health);
        Subject { activity, clock, health, metrics }
    }

    fn window(list_began: DateTime<Utc>, is_last: bool) -> ReadWindow {
        ReadWindow { list_began, since: None, records: 250, certified: "quiet", is_last }
    }

    fn ended(records: u64) -> WalkResult {
        WalkResult { records, passes: 1, certified: "quiet" }
    }

    #[tokio::test(start_paused = true)]
    async fn a_walk_is_shown_while_it_runs_and_after_it_ended() {
        let Subject { activity, clock, .. } = subject();
        let walk = activity.begin_walk(None, clock.now());
        assert_eq!(
            activity.report().running[0].done,
            None,
            "before the first list, the number of customers is unknown"
        );
        activity.note_call(Duration::from_millis(200), false);
        activity.note_call(Duration::from_millis(400), true);
        tokio::time::advance(Duration::from_secs(3)).await;
        walk.end(Ok(ended(250)));
        activity.note_call(Duration::from_millis(1), false);
        let report = activity.report();
        assert!(report.running.is_empty());
        let last = &report.ended[0];
        assert_eq!((last.records, last.calls, last.failed_calls), (250, 2, 1));
        assert_eq!((last.duration_ms, last.certified, last.read), (3000, Some("quiet"), None));
        assert_eq!(report.calls_last_minute, 3);

        let walk = activity.begin_walk(None, clock.now());
        walk.progress(Step { pass: 1, pages: 2, records: 125 });
        assert_eq!(activity.report().running[0].done, Some(0.5), "the last list had 250 records");
        walk.progress(Step { pass: 1, pages: 4, records: 250 });
        walk.progress(Step { pass: 2, pages: 5, records: 250 });
        walk.wait("throttled".to_owned());
        let running = &activity.report().running[0];
        assert_eq!((running.done, running.wait.as_deref()), (Some(0.25), Some("throttled")));
        walk.end(Err("no answer: wait".to_owned()));
        let report = activity.report();
        assert_eq!(report.ended[0].error.as_deref(), Some("no answer: wait"));
        assert_eq!((report.ended[0].certified, report.ended[0].passes), (None, 1));
    }

    #[tokio::test]
    async fn a_walk_that_is_dropped_before_its_end_is_forgotten() {
        let Subject { activity, clock, .. } = subject();
        drop(activity.begin_walk(None, clock.now()));
        let report = activity.report();
        assert!(report.running.is_empty() && report.ended.is_empty());
    }

    #[tokio::test]
    async fn the_last_fifty_ended_walks_are_kept() {
        let Subject { activity, clock, .. } = subject();
        (0..60).for_each(|records| activity.begin_walk(None, clock.now()).end(Ok(ended(records))));
        let report = activity.report();
        let records: Vec<_> = report.ended.iter().map(|walk| walk.records).collect();
        assert_eq!(records, (10..60).rev().collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn the_last_window_of_a_sweep_ends_a_sync() {
        let Subject { activity, clock, metrics, .. } = subject();
        let began = clock.now();
        activity.begin_walk(None, began).end(Ok(ended(250)));
        activity.note_window(window(began, false));
        assert_eq!(activity.report().last_sync, None);
        assert!(!metrics.render().contains("dotstory_sync_age_seconds "));
        clock.advance(TimeDelta::minutes(1));
        activity.note_window(window(began, true));
        activity.note_window(window(began, true));
        clock.advance(TimeDelta::minutes(5));
        activity.check();
        let report = activity.report();
        assert_eq!(report.ended[0].read, Some(began + TimeDelta::minutes(1)));
        assert_eq!(report.last_sync.unwrap().records, 250);
        let text = metrics.render();
        assert!(text.contains("dotstory_sync_age_seconds 300"), "{text}");
        assert!(text.contains("dotstory_sweeps_total{certified=\"quiet\"} 1"), "{text}");
    }

    #[tokio::test]
    async fn a_late_sync_degrades_the_brand_until_the_next_one() {
        let Subject { activity, clock, health, .. } = subject();
        for _ in 0..4 {
            clock.advance(TimeDelta::hours(1));
            activity.note_window(window(clock.now(), true));
        }
        assert!(!health.has(Reason::Sync));
        clock.advance(TimeDelta::hours(3));
        activity.check();
        let sentence = health.report().reasons[0].sentence.clone();
        assert!(sentence.starts_with("no sync for 3 h, usually every 60 min: "), "{sentence}");
        activity.note_window(window(clock.now(), true));
        assert!(!health.has(Reason::Sync));
    }
}
