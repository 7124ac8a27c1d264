//! The state that the requests and the walks of one brand share.

use std::sync::{Mutex, MutexGuard};

use super::history::{CallerClock, ServedHistory};
use super::paused::PausedWalks;
use super::table::SlotTable;
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
    /// Locked for microseconds, never over an await, and never while `slots` is locked.
    history: Mutex<ServedHistory>,
    /// Locked for microseconds, never over an await.
    slots: Mutex<SlotTable<S::Error>>,
}

// === impl Inner ===

impl<S: Source> Inner<S> {
    pub(crate) fn new(source: S, config: Config, runtime: Runtime, budget: Budget) -> Self {
        let paused = PausedWalks::new(budget.paused_limit(), &runtime.metrics);
        let learnt = Learnt::new(&config, &runtime.metrics, &runtime.health);
        let caller_clock = CallerClock::new(&runtime.metrics, &runtime.health);
        let history = Mutex::new(ServedHistory::new(runtime.clock.now()));
        let slots = Mutex::default();
        Self { source, config, runtime, budget, learnt, caller_clock, paused, history, slots }
    }

    pub(crate) fn slots(&self) -> MutexGuard<'_, SlotTable<S::Error>> {
        self.slots.lock().expect("no holder of this lock can panic")
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, ServedHistory> {
        self.history.lock().expect("no holder of this lock can panic")
    }
}
