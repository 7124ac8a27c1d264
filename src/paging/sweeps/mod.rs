//! The sweeps of one brand: who asks for a window gets it from a frozen snapshot, walked once for all who ask.

mod answer;
mod history;
mod job;
mod live;
mod readers;
mod report;
mod slot;
mod sweep;

pub use answer::Answer;

pub(crate) use live::Live;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::{Config, Filter, Window};
use crate::paging::snapshot::Budget;
use crate::paging::source::Source;
use crate::paging::walk::Defences;
use crate::paging::walk::LearntTrust;
use crate::paging::walk::WalkError;
use crate::runtime::Runtime;
use history::ServedHistory;
use job::Shared;
use slot::Plan;

/// The sweeps of one brand. Cloning is cheap; clones share their sweeps.
pub struct Sweeps<S: Source> {
    shared: Arc<Shared<S>>,
}

/// Why a window cannot be had now.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    /// The walk goes on; the next try joins it.
    #[error("the customers are still being collected, {records} so far")]
    StillWalking {
        /// How many were met so far.
        records: usize,
        /// When to try again.
        retry_after: Duration,
    },
    /// `start` is not 0 and goes on with a sweep that is not known: it expired, or this process never had it.
    #[error("the sweep that this page belongs to is not known")]
    UnknownSweep,
    /// The walk failed; the next try with `start = 0` begins a new one.
    #[error(transparent)]
    Walk(Arc<WalkError<E>>),
    /// The walk was stopped from outside: this process is going down.
    #[error("the walk was interrupted")]
    Interrupted,
}

// === impl Sweeps ===

impl<S: Source> Sweeps<S> {
    /// No sweeps yet, over this source.
    #[must_use]
    pub fn new(source: S, config: Config, runtime: Runtime, budget: Budget) -> Self {
        Self::with_defences(source, config, runtime, budget, Defences::ALL)
    }

    /// The same with some defences taken away, for a simulation to show what they are good for.
    pub(super) fn with_defences(
        source: S,
        config: Config,
        runtime: Runtime,
        budget: Budget,
        defences: Defences,
    ) -> Self {
        let history = Mutex::new(ServedHistory::new(runtime.clock.now()));
        let cursors = LearntTrust::new(config.cursor, defences.second_opinion, &runtime.metrics);
        let slots = Mutex::new(HashMap::new());
        let shared = Shared { source, config, runtime, budget, defences, cursors, history, slots };
        Self { shared: Arc::new(shared) }
    }

    /// The window of the sweep over `filter`: promises 1, 3, 4 and 8 of DESIGN section 2.
    pub async fn window(&self, filter: Filter, window: Window) -> Result<Answer, Error<S::Error>> {
        let (came_from, answer) = match self.plan(filter, window) {
            Plan::Serve(sweep) => ("kept", Ok(Answer::frozen(sweep, window))),
            Plan::Join(walking) => ("joined", self.shared.wait(walking, window).await),
            Plan::Begin(walking) => ("walked", self.shared.wait(walking, window).await),
            Plan::Failed(error) => ("failed", Err(Error::Walk(error))),
            Plan::Unknown => ("unknown", Err(Error::UnknownSweep)),
        };
        let metrics = &self.shared.runtime.metrics;
        metrics.counter("dotstory_sweep_answers_total", &[("from", came_from)]).increment(1);
        let answer = answer?;
        let count_floor = self.shared.note_answer(filter, window, &answer).unwrap_or(0);
        let answer = answer.count_floor(count_floor);
        Ok(answer)
    }

    /// Forgets what nobody has read for the lifetime of a sweep. To be called now and then.
    pub fn expire(&self) {
        let mut slots = self.shared.slots();
        let now = Instant::now();
        slots.retain(|_, slot| slot.expire(&self.shared.config, now));
        self.shared.report_kept(&slots);
    }

    fn plan(&self, filter: Filter, window: Window) -> Plan<S::Error> {
        let mut slots = self.shared.slots();
        let known = slots.contains_key(&filter) || !self.shared.defences.unknown_sweep;
        if !window.begins_sweep() && !known {
            return Plan::Unknown;
        }
        let now = Instant::now();
        let slot = slots.entry(filter).or_default();
        let mut plan = |window| {
            let begin = |alone| Shared::begin(&self.shared, filter, now, alone);
            slot.plan(window, &self.shared.config, now, begin)
        };
        match plan(window) {
            Plan::Unknown if !self.shared.defences.unknown_sweep => {
                plan(Window::new(0, window.limit()))
            }
            plan => plan,
        }
    }
}

impl<S: Source> Clone for Sweeps<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S: Source> fmt::Debug for Sweeps<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeps").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
