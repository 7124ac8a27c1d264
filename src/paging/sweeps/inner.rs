//! The state that the requests and the walks of one brand share.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};

use super::history::{CallerClock, ServedHistory};
use super::paused::PausedWalks;
use super::sweep::WalkStart;
use super::table::SlotTable;
use super::turns::Turns;
use crate::domain::time;
use crate::paging::defence::{Defence, without};
use crate::paging::walk::Learnt;
use crate::paging::{Budget, Config, Source};
use crate::runtime::Runtime;

/// The state of one brand's sweeps.
pub(crate) struct Inner<S: Source> {
    pub(crate) source: S,
    pub(crate) config: Config,
    pub(crate) runtime: Runtime,
    pub(crate) budget: Budget,
    pub(crate) learnt: Learnt,
    pub(crate) caller_clock: CallerClock,
    pub(crate) paused: PausedWalks<S::Error>,
    pub(crate) turns: Turns,
    /// Locked for microseconds, never over an await, and never while `slots` is locked.
    history: Mutex<ServedHistory>,
    /// Locked for microseconds, never over an await.
    slots: Mutex<SlotTable<S::Error>>,
}

/// While the upstream's own clock is unknown, changes are asked for from this much earlier. The
/// clocks of two zones differ by at most 24 hours, except that a few small islands differ by up to
/// 26 hours.
const UNKNOWN_CLOCK: Duration = Duration::from_hours(24);

// === impl Inner ===

impl<S: Source> Inner<S> {
    pub(crate) fn new(source: S, config: Config, runtime: Runtime, budget: Budget) -> Self {
        let paused = PausedWalks::new(budget.paused_limit(), &runtime.metrics);
        let learnt = Learnt::new(&config, &runtime.metrics, &runtime.health);
        let caller_clock = CallerClock::new(&runtime.metrics, &runtime.health);
        let history = Mutex::new(ServedHistory::new(runtime.clock.now()));
        let slots = Mutex::default();
        let turns = Turns::new(config.walks_at_once, &runtime.metrics);
        Self {
            source,
            config,
            runtime,
            budget,
            learnt,
            caller_clock,
            paused,
            turns,
            history,
            slots,
        }
    }

    pub(crate) fn slots(&self) -> MutexGuard<'_, SlotTable<S::Error>> {
        self.slots.lock().expect("no holder of this lock can panic")
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, ServedHistory> {
        self.history.lock().expect("no holder of this lock can panic")
    }

    /// The stamp from which the upstream is asked for changes (promises 5, 6 and 9): the earlier of
    /// two stamps, by the brand's zone and by the upstream's own clock. Both are earlier than the
    /// walk's `since` by the lookback, because the upstream shows changes late.
    pub(crate) fn upstream_since(&self, began: WalkStart) -> Option<NaiveDateTime> {
        let start = time::earlier(began.since?, self.config.lookback);
        let by_zone = self.source.earliest_stamp(start);
        if without(Defence::SecondClock) {
            return Some(by_zone);
        }
        let lookback = TimeDelta::from_std(self.config.lookback).unwrap_or(TimeDelta::MAX);
        let known = self.learnt.clock.earliest_stamp(began.since?, began.time);
        let by_own_clock = match known {
            Some(stamp) => stamp.checked_sub_signed(lookback).unwrap_or(NaiveDateTime::MIN),
            None => self.source.earliest_stamp(time::earlier(start, UNKNOWN_CLOCK)),
        };
        Some(by_zone.min(by_own_clock))
    }
}
