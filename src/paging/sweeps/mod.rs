//! The sweeps of one brand: a request for a window is answered from a frozen snapshot, made by one
//! walk for all callers.
//!
//! This file is what a request does: plan, wait, record the answer. `job` is what a walk does, and
//! `inner` is the state that both share; requests call jobs, never the other way round. `slot`
//! holds the kept sweep and the running walk of one filter, `sweep` the types of both. `paused`
//! keeps the walks that the upstream ended. `readers` holds the positions of one list's callers, `history` when each sweep was served. `answer` and
//! `error` are what a request returns; `report` writes the log and the metrics of walks.

mod answer;
mod error;
mod history;
mod inner;
mod job;
mod paused;
mod readers;
mod report;
mod slot;
mod sweep;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

pub use self::answer::Answer;
pub use self::error::{Error, RETRY_LATER};
use self::history::AnswerNote;
use self::inner::Inner;
use self::slot::Plan;
use self::sweep::{Sweep, WalkHandle, WalkState};
use super::{Budget, Config, Filter, Source, Window};
use crate::runtime::Runtime;

/// The sweeps of one brand. Clones share them.
pub struct Sweeps<S: Source> {
    inner: Arc<Inner<S>>,
}

/// The shortest and the longest `Retry-After`. In between it is the age of the walk, so that the
/// callers of a long walk try less often.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(2));

// === impl Sweeps ===

impl<S: Source> Sweeps<S> {
    /// No sweeps yet, over this source. Their snapshots take their memory from `budget`.
    pub fn new(source: S, config: Config, runtime: Runtime, budget: Budget) -> Self {
        Self { inner: Arc::new(Inner::new(source, config, runtime, budget)) }
    }

    /// The window of the sweep over `filter` (promises 1, 3, 4 and 8).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn window(&self, filter: Filter, window: Window) -> Result<Answer, Error<S::Error>> {
        let (from, sweep) = match self.plan(filter, window) {
            Plan::Serve(sweep) => ("kept", Ok(sweep)),
            Plan::Join(walk) => ("joined", self.wait(filter, &walk).await),
            Plan::Resume(walk) => ("resumed", self.wait(filter, &walk).await),
            Plan::Begin(walk) => ("walked", self.wait(filter, &walk).await),
            Plan::Fail(error) => ("failed", Err(Error::Walk(error))),
            Plan::Unknown => ("unknown", Err(Error::UnknownSweep)),
            Plan::OtherFilter => ("unknown", Err(Error::OtherFilter)),
        };
        let metrics = &self.inner.runtime.metrics;
        metrics.counter("dotstory_sweep_answers_total", &[("from", from)]).increment(1);
        let answer = Answer::new(sweep?, window);
        let count_floor = self.record(filter, window, &answer);
        Ok(answer.with_count_floor(count_floor.unwrap_or(0)))
    }

    /// Forgets sweeps and failures that are no longer used. Called once a minute.
    pub fn expire(&self) {
        let mut slots = self.inner.slots();
        let now = Instant::now();
        slots.retain(|_, slot| slot.expire(&self.inner.config, now));
        report::kept_sweeps(&self.inner.runtime.metrics, &slots);
        self.inner.paused.evict();
    }

    fn plan(&self, filter: Filter, window: Window) -> Plan<S::Error> {
        let mut slots = self.inner.slots();
        if !window.begins_sweep() && !slots.contains_key(&filter) {
            let is_moved = slots.values().any(|slot| slot.is_awaited_at(window.start()));
            return if is_moved { Plan::OtherFilter } else { Plan::Unknown };
        }
        let now = Instant::now();
        let slot = slots.entry(filter).or_default();
        match slot.plan(window, &self.inner.config, now) {
            Some(plan) => {
                if matches!(plan, Plan::Resume(_)) {
                    self.inner.paused.resume(filter);
                }
                plan
            }
            None => slot.begin(job::start(&self.inner, filter, now)),
        }
    }

    /// Waits for the end of a walk, at most for the configured `count_wait` (promise 1).
    async fn wait(
        &self,
        filter: Filter,
        walk: &WalkHandle<S::Error>,
    ) -> Result<Arc<Sweep>, Error<S::Error>> {
        let mut state = walk.state.clone();
        let ended = state.wait_for(|state| state.outcome().is_some());
        if let Ok(Err(_)) = timeout(self.inner.config.count_wait, ended).await {
            return Err(Error::Interrupted);
        }
        // The walk cannot end between this look at its state and the note in its slot.
        let mut slots = self.inner.slots();
        let progress = match &*walk.state.borrow() {
            WalkState::Running(progress) => progress.clone(),
            WalkState::Done(sweep) => return Ok(Arc::clone(sweep)),
            WalkState::Paused { error, .. } | WalkState::Failed(error) => {
                return Err(Error::Walk(Arc::clone(error)));
            }
        };
        let (shortest, longest) = RETRY_AFTER;
        let wait = progress.wait.as_ref().map(|wait| wait.until.duration_since(Instant::now()));
        let age = walk.began.instant.elapsed().clamp(shortest, longest);
        let retry_after = age.max(wait.unwrap_or_default());
        if let Some(slot) = slots.get_mut(&filter) {
            slot.note_put_off(retry_after);
        }
        Err(Error::StillWalking { progress, retry_after })
    }

    /// Records an answer in the slot's readers and in the history. Returns the count of an earlier
    /// list, if the caller may have reached the end of that list.
    fn record(&self, filter: Filter, window: Window, answer: &Answer) -> Option<u64> {
        let now = Instant::now();
        let first_seen = {
            let mut slots = self.inner.slots();
            slots.get_mut(&filter).and_then(|slot| slot.record(window, answer, now))
        };
        let (began, count) = (answer.began(), answer.count() as u64);
        let note = AnswerNote { filter, window, began, count, first_seen };
        self.inner.history().record(note, self.inner.runtime.clock.now(), &self.inner.config)
    }
}

impl<S: Source> Clone for Sweeps<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S: Source> fmt::Debug for Sweeps<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeps").field("config", &self.inner.config).finish_non_exhaustive()
    }
}
