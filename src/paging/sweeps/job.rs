//! What happens behind a brand's sweeps: walks that run on their own, and readers that wait for them.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, info};

use super::Error;
use super::history::{AnswerNote, ServedHistory};
use super::live::Live;
use super::report::Running;
use super::slot::Slot;
use super::sweep::{StartedAt, Sweep, WalkHandle, WalkState};
use crate::paging::snapshot::Budget;
use crate::paging::snapshot::SnapshotBuilder;
use crate::paging::source::Source;
use crate::paging::walk::Certificate;
use crate::paging::walk::Certifier;
use crate::paging::walk::Defences;
use crate::paging::walk::LearntTrust;
use crate::paging::walk::WalkError;
use crate::paging::walk::{Cost, Reached, Walker};
use crate::paging::{Answer, Config, Count, Filter, StorageError, Window};
use crate::runtime::Runtime;

/// What all requests and walks of one brand share.
pub(crate) struct Shared<S: Source> {
    pub(crate) source: S,
    pub(crate) config: Config,
    pub(crate) runtime: Runtime,
    pub(crate) budget: Budget,
    pub(crate) defences: Defences,
    pub(crate) cursors: LearntTrust,
    /// Held for a few microseconds, never over an await, and never while `slots` is asked for.
    pub(crate) history: Mutex<ServedHistory>,
    /// A std mutex, because nothing is awaited while it is held: plans are made and ends noted in microseconds.
    pub(crate) slots: Mutex<HashMap<Filter, Slot<S::Error>>>,
}

/// The shortest and the longest time a reader is told to wait before its next try. In between it is told to wait as
/// long as the walk has run, so that a walk of any length is seen through in a handful of tries.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(2));

// === impl Shared ===

impl<S: Source> Shared<S> {
    pub(crate) fn slots(&self) -> MutexGuard<'_, HashMap<Filter, Slot<S::Error>>> {
        self.slots.lock().expect("no holder of this lock can panic")
    }

    /// Begins a walk, detached from whoever asks for it (promise 8).
    /// `alone` says that nobody else may still be on an older slot of the filter, so that the new one can be read while
    /// it grows, if the brand wants that.
    pub(crate) fn begin(
        this: &Arc<Self>,
        filter: Filter,
        now: Instant,
        alone: bool,
    ) -> WalkHandle<S::Error> {
        let began = StartedAt { time: this.runtime.clock.now(), instant: now };
        let (progress, receiver) = watch::channel(WalkState::WalkHandle(Reached::default()));
        let budget = &this.budget;
        let is_read = alone && this.config.count == Count::Progressive;
        let builder = Live::new(if is_read {
            SnapshotBuilder::readable(budget)
        } else {
            SnapshotBuilder::new(budget)
        });
        let live = is_read.then(|| builder.clone());
        let shared = Arc::clone(this);
        let run = async move {
            tokio::select! {
                () = shared.run(filter, began, builder, &progress) => {}
                () = shared.runtime.tasks.stopping() => info!("walk stopped"),
            }
        };
        info!("walk begins");
        this.runtime.tasks.spawn(run.instrument(this.runtime.span.clone()));
        WalkHandle { progress: receiver, began, live }
    }

    async fn run(
        &self,
        filter: Filter,
        began: StartedAt,
        builder: Live,
        progress: &watch::Sender<WalkState<S::Error>>,
    ) {
        let running = Running::new(self.runtime.metrics.gauge("dotstory_walks_running", &[]));
        let walking = self.walk(filter, began, builder.clone(), progress);
        let walking = AssertUnwindSafe(walking).catch_unwind();
        let outcome = walking.await.unwrap_or(Err(WalkError::Panicked));
        drop(running);
        self.report_walk(&outcome, began);
        let part = outcome.is_err().then(|| builder.part(&self.budget)).flatten();
        let part = part.map(|snapshot| {
            let (certificate, cost) = (Certificate::Uncertified, Cost::default());
            Arc::new(Sweep { snapshot, certificate, cost, began })
        });
        let mut slots = self.slots();
        let slot = slots.entry(filter).or_default();
        let last_word = match outcome {
            Ok(sweep) => {
                slot.keep(Arc::clone(&sweep), Instant::now());
                WalkState::Done(sweep)
            }
            Err(error) => {
                let error = Arc::new(error);
                // The list itself holds one receiver; readers come by theirs under the lock that is held here.
                let unheard = progress.receiver_count() <= 1;
                slot.give_up(&error, part, unheard, Instant::now());
                WalkState::Failed(error)
            }
        };
        self.report_kept(&slots);
        drop(slots);
        progress.send_replace(last_word);
    }

    async fn walk(
        &self,
        filter: Filter,
        began: StartedAt,
        builder: Live,
        progress: &watch::Sender<WalkState<S::Error>>,
    ) -> Result<Arc<Sweep>, WalkError<S::Error>> {
        let tell = |reached| drop(progress.send_replace(WalkState::WalkHandle(reached)));
        let since = self.upstream_since(filter);
        let budget = &self.budget;
        let clock = &*self.runtime.clock;
        let place = (budget, clock);
        let mut walker =
            Walker::new(&self.source, since, builder.clone(), place, self.defences, &tell);
        let certifier = Certifier { config: &self.config, cursors: &self.cursors, clock };
        let certificate = certifier.walk(&mut walker).await?;
        let cost = walker.cost;
        let older = self.predecessor(filter);
        let snapshot = builder.freeze(budget, older.as_ref().map(|older| &older.snapshot))?;
        Ok(Arc::new(Sweep { snapshot, certificate, cost, began }))
    }

    /// The sweep that a new one has to renew in place.
    fn predecessor(&self, filter: Filter) -> Option<Arc<Sweep>> {
        let mut slots = self.slots();
        let older =
            slots.entry(filter).or_default().predecessor(self.config.lifetime, Instant::now());
        older.filter(|_| self.defences.renewal)
    }

    /// From which stamp on the upstream is asked for changes (promises 5 and 6): from the beginning of the sweep that
    /// the reader may have in mind, and earlier by the lookback, because the upstream's own copies arrive late.
    fn upstream_since(&self, filter: Filter) -> Option<NaiveDateTime> {
        let asked = filter.since()?;
        let since =
            if self.defences.rewind { self.history().since(asked, &self.config) } else { asked };
        let lookback = if self.defences.lookback { self.config.lookback } else { Duration::ZERO };
        let lookback = TimeDelta::from_std(lookback).unwrap_or(TimeDelta::MAX);
        let early = since.checked_sub_signed(lookback).unwrap_or(DateTime::<Utc>::MIN_UTC);
        Some(self.source.earliest_stamp(early))
    }

    /// Notes an answer where the next one is decided: whose place it left, and which time it covers. Says how many
    /// customers its reader was told of by an earlier list, if it may be one that has come to the end of that.
    pub(crate) fn note_answer(
        &self,
        filter: Filter,
        window: Window,
        answer: &Answer,
    ) -> Option<u64> {
        let first_seen = self
            .slots()
            .get_mut(&filter)
            .and_then(|slot| slot.answered(window, answer, Instant::now()));
        let (began, count) = (answer.began(), answer.count() as u64);
        let answered = AnswerNote { filter, window, began, count, first_seen };
        self.history().answered(answered, self.runtime.clock.now(), &self.config)
    }

    fn history(&self) -> MutexGuard<'_, ServedHistory> {
        self.history.lock().expect("no holder of this lock can panic")
    }

    /// Waits for a walk, or for as much of it as can be read already, as long as a reader may be kept waiting (promise 1).
    pub(crate) async fn wait(
        &self,
        mut walking: WalkHandle<S::Error>,
        window: Window,
    ) -> Result<Answer, Error<S::Error>> {
        let deadline = Instant::now() + self.config.count_wait;
        let (mut progress, mut live) = (walking.progress.clone(), walking.live.take());
        loop {
            let is_enough = |progress: &WalkState<_>| match progress {
                WalkState::WalkHandle(reached) => {
                    live.is_some() && window.ends_within(reached.records)
                }
                WalkState::Done(_) | WalkState::Failed(_) => true,
            };
            let waited = timeout_at(deadline, progress.wait_for(is_enough)).await;
            let Ok(reached) = waited else { return Err(Self::put_off(&walking)) };
            let cost = match &*reached.map_err(|_| Error::Interrupted)? {
                WalkState::Done(sweep) => return Ok(Answer::frozen(Arc::clone(sweep), window)),
                WalkState::Failed(error) => return Err(Error::Walk(Arc::clone(error))),
                WalkState::WalkHandle(reached) => reached.cost,
            };
            // None when it is being frozen just now: then there is only its last word to wait for.
            let glimpse = live.take().map_or(Ok(None), |live| live.window(window));
            let glimpse = glimpse.map_err(|error| WalkError::Keep(StorageError::Read(error)));
            if let Some(glimpse) = glimpse.map_err(|error| Error::Walk(Arc::new(error)))? {
                return Ok(Answer::growing(glimpse, (walking.began.time, cost), window));
            }
        }
    }

    /// What a reader is told who has waited long enough.
    fn put_off(walking: &WalkHandle<S::Error>) -> Error<S::Error> {
        let records = match &*walking.progress.borrow() {
            WalkState::WalkHandle(reached) => reached.records,
            WalkState::Done(sweep) => sweep.snapshot.len(),
            WalkState::Failed(error) => return Error::Walk(Arc::clone(error)),
        };
        let (shortest, longest) = RETRY_AFTER;
        let retry_after = walking.began.instant.elapsed().clamp(shortest, longest);
        Error::StillWalking { records, retry_after }
    }
}
