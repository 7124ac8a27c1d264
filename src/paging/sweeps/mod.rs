//! The sweeps of one brand. Each window is served from a frozen snapshot, which one walk makes for
//! all callers.
//!
//! A *list* is what the callers of one filter, and of slightly later filters, read: the kept sweep,
//! which later walks renew or replace. A caller is *put off* when it gets `Retry-After` instead of
//! a window.
//!
//! This file does the work of a request: plan, wait, record the answer. `job` does the work of a
//! walk, and `inner` is the state that both share. Requests start jobs; jobs never call requests.
//! `table` finds the list for a request, and `filters` has the filters that share the list. `slot`
//! is the state of one list: the kept sweep (`kept`), the running walk and the last failure.
//! `sweep` has the types of a sweep and of a walk. `turns` is the line of walks that wait, and
//! `paused` keeps the walks that the upstream's failures paused. `readers` records the positions of
//! one list's callers. `history` records the span of each served sweep. `answer` and `error` are
//! what a request returns. `report` writes the log and the metrics of walks.

mod answer;
mod error;
mod filters;
mod history;
mod inner;
mod job;
mod kept;
mod paused;
mod readers;
mod report;
mod slot;
mod sweep;
mod table;
mod turns;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout};

pub use self::answer::Answer;
pub use self::error::{Error, RETRY_LATER};
use self::history::AnswerNote;
use self::inner::Inner;
use self::slot::Plan;
use self::sweep::{Sweep, WalkHandle, WalkState};
use self::table::{Planned, Request};
use super::{Budget, Config, Filter, Source, Window};
use crate::resilience::wait_limit;
use crate::runtime::Runtime;

/// The sweeps of one brand. Clones share them.
pub struct Sweeps<S: Source> {
    inner: Arc<Inner<S>>,
}

/// While a walk runs, `Retry-After` is the age of the walk within these bounds, so that the callers
/// of a long walk try less often. If the walk's remaining wait for the upstream is longer,
/// `Retry-After` is this wait. A caller that needs changes that the walk lacks gets the lower
/// bound.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(2));

// === impl Sweeps ===

impl<S: Source> Sweeps<S> {
    /// The sweeps of the brand whose upstream is `source`. No sweep exists yet. The snapshots take
    /// memory from `budget`.
    pub fn new(source: S, config: Config, runtime: Runtime, budget: Budget) -> Self {
        Self { inner: Arc::new(Inner::new(source, config, runtime, budget)) }
    }

    /// The window of the sweep over `filter` (promises 1, 3, 4 and 8).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn window(&self, filter: Filter, window: Window) -> Result<Answer, Error<S::Error>> {
        let (list, answer) = self.answer(filter, window).await?;
        let count_floor = self.record(list, filter, &answer);
        Ok(answer.with_count_floor(count_floor.unwrap_or(0)))
    }

    /// As [`Self::window`], for a caller that gets no records. The sweep does not count as read by
    /// this caller.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn unread_window(
        &self,
        filter: Filter,
        window: Window,
    ) -> Result<Answer, Error<S::Error>> {
        Ok(self.answer(filter, window).await?.1)
    }

    /// The window, and the filter that names its list.
    async fn answer(
        &self,
        filter: Filter,
        window: Window,
    ) -> Result<(Filter, Answer), Error<S::Error>> {
        let since = filter.since().map(|asked| self.changes_needed_since(asked));
        if window.begins_sweep() && !self.inner.source.can_list(filter.since()) {
            return Err(Error::OutOfReach);
        }
        let (list, plan) = self.plan(Request { filter, window, since });
        let (from, sweep) = match plan {
            Plan::Serve(sweep) => ("kept", Ok(sweep)),
            Plan::Join(walk) => ("joined", self.wait(list, &walk).await),
            Plan::Resume(walk) => ("resumed", self.wait(list, &walk).await),
            Plan::Begin(walk) => ("walked", self.wait(list, &walk).await),
            Plan::Outlast(walk) => ("joined", Err(put_off_by(&walk))),
            Plan::TooManyLists => ("refused", Err(Error::TooManyLists)),
            Plan::Fail(error) => ("failed", Err(Error::Walk(error))),
            Plan::Unknown => ("unknown", Err(Error::UnknownSweep)),
            Plan::OtherFilter => ("unknown", Err(Error::OtherFilter)),
        };
        let metrics = &self.inner.runtime.metrics;
        metrics.counter("dotstory_sweep_answers_total", &[("from", from)]).increment(1);
        Ok((list, Answer::new(sweep?, filter, window)))
    }

    /// Forgets sweeps and failures that are no longer used. Called once a minute.
    pub fn expire(&self) {
        let mut slots = self.inner.slots();
        let now = Instant::now();
        slots.expire(&self.inner.config, now);
        report::kept_sweeps(&self.inner.runtime.metrics, &slots);
        let oldest = slots.oldest().unwrap_or(now);
        drop(slots);
        self.inner.paused.evict();
        self.inner.source.lists_begin_at(oldest);
    }

    /// The moment from which a caller with this `last_updated` needs the changes (promise 5).
    fn changes_needed_since(&self, asked: DateTime<Utc>) -> DateTime<Utc> {
        let Inner { caller_clock, config, runtime, .. } = &*self.inner;
        let received = caller_clock.received_up_to(asked, runtime.clock.now(), config);
        // The history is locked here, because it must not be locked while the slots are locked.
        self.inner.history().since(received, config)
    }

    /// Decides what a request gets, and starts a walk if the request needs one. Also returns the
    /// filter that names the request's list.
    fn plan(&self, request: Request) -> (Filter, Plan<S::Error>) {
        let mut slots = self.inner.slots();
        let now = Instant::now();
        let Planned { list, plan } = slots.plan(request, &self.inner.config, now);
        let plan = plan.unwrap_or_else(|| {
            let slot = slots.slot(list);
            let walk = job::start(&self.inner, list, slot.walk_since(request.since), now);
            slot.begin(walk)
        });
        match &plan {
            Plan::Resume(_) => self.inner.paused.resume(list),
            Plan::Outlast(walk) if walk.is_paused() => self.inner.paused.end(list),
            _ => {}
        }
        (list, plan)
    }

    /// Waits for the end of a walk, at most for the configured `count_wait` (promise 1) and for the
    /// time that is left of the caller's request.
    async fn wait(
        &self,
        list: Filter,
        walk: &WalkHandle<S::Error>,
    ) -> Result<Arc<Sweep>, Error<S::Error>> {
        let mut state = walk.state.clone();
        let ended = state.wait_for(|state| state.outcome().is_some());
        let limit = wait_limit(self.inner.config.count_wait);
        if let Ok(Err(_)) = timeout(limit, ended).await {
            return Err(Error::Interrupted);
        }
        // A job ends its walk only while the slots are locked. So the walk cannot end between this
        // look at its state and `note_put_off` below.
        let mut slots = self.inner.slots();
        let progress = match &*walk.state.borrow() {
            WalkState::Running(progress) => progress.clone(),
            WalkState::Done(sweep) => return Ok(Arc::clone(sweep)),
            WalkState::Paused { error, .. } | WalkState::Failed(error) => {
                return Err(Error::Walk(Arc::clone(error)));
            }
        };
        let (shortest, longest) = RETRY_AFTER;
        let age = walk.began.instant.elapsed().clamp(shortest, longest);
        let retry_after = age.max(progress.wait_left());
        if let Some(slot) = slots.find(list) {
            slot.note_put_off(retry_after);
        }
        Err(Error::StillWalking { progress, retry_after })
    }

    /// Records an answer from `list` in the readers of its slot and in the history. Returns the
    /// count of an earlier list, if the caller may have reached the end of that list.
    fn record(&self, list: Filter, filter: Filter, answer: &Answer) -> Option<u64> {
        let now = Instant::now();
        let (filter, first_seen) = self.inner.slots().record(list, filter, answer, now);
        let (began, count) = (answer.began(), answer.count() as u64);
        let note = AnswerNote { filter, window: answer.window(), began, count, first_seen };
        self.inner.history().record(note, self.inner.runtime.clock.now(), &self.inner.config)
    }
}

/// The error that puts a caller off until `walk` ends. The walk lacks changes that the caller
/// needs.
fn put_off_by<E>(walk: &WalkHandle<E>) -> Error<E> {
    Error::StillWalking { progress: walk.progress(), retry_after: RETRY_AFTER.0 }
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
