//! What happens behind a brand's sweeps: walks that run on their own, and readers that wait for them.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use metrics::Gauge;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{Instrument, error, info, warn};

use super::certificate::Certificate;
use super::certify::Certifier;
use super::cursors::Cursors;
use super::defences::Defences;
use super::history::{Answered, History};
use super::list::{Began, List, Progress, Sweep, Walking};
use super::source::Source;
use super::sweeps::{Error, Surroundings};
use super::walk::Walker;
use super::walk_error::WalkError;
use super::{Answer, Config, Filter, Window};

/// What all requests and walks of one brand share.
pub(super) struct Shared<S: Source> {
    pub(super) source: S,
    pub(super) config: Config,
    pub(super) surroundings: Surroundings,
    pub(super) defences: Defences,
    pub(super) cursors: Cursors,
    /// Held for a few microseconds, never over an await, and never while `lists` is asked for.
    pub(super) history: Mutex<History>,
    /// A std mutex, because nothing is awaited while it is held: plans are made and ends noted in microseconds.
    pub(super) lists: Mutex<HashMap<Filter, List<S::Error>>>,
}

/// The shortest and the longest time a reader is told to wait before its next try. In between it is told to wait as
/// long as the walk has run, so that a walk of any length is seen through in a handful of tries.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(2));

// === impl Shared ===

impl<S: Source> Shared<S> {
    pub(super) fn lists(&self) -> MutexGuard<'_, HashMap<Filter, List<S::Error>>> {
        self.lists.lock().expect("no holder of this lock can panic")
    }

    /// Begins a walk, detached from whoever asks for it (promise 8).
    pub(super) fn begin(this: &Arc<Self>, filter: Filter, now: Instant) -> Walking<S::Error> {
        let began = Began { time: this.surroundings.clock.now(), instant: now };
        let (progress, receiver) = watch::channel(Progress::Walking { records: 0 });
        let shared = Arc::clone(this);
        let run = async move {
            tokio::select! {
                () = shared.run(filter, began, &progress) => {}
                () = shared.surroundings.tasks.stopping() => info!("walk stopped"),
            }
        };
        info!("walk begins");
        this.surroundings.tasks.spawn(run.instrument(this.surroundings.span.clone()));
        Walking { progress: receiver, began }
    }

    async fn run(
        &self,
        filter: Filter,
        began: Began,
        progress: &watch::Sender<Progress<S::Error>>,
    ) {
        let running = Running::new(self.surroundings.metrics.gauge("dotstory_walks_running", &[]));
        let walking = AssertUnwindSafe(self.walk(filter, began, progress)).catch_unwind();
        let outcome = walking.await.unwrap_or(Err(WalkError::Panicked));
        drop(running);
        self.report_walk(&outcome, began);
        let mut lists = self.lists();
        let list = lists.entry(filter).or_default();
        let last_word = match outcome {
            Ok(sweep) => {
                list.keep(Arc::clone(&sweep), Instant::now());
                Progress::Done(sweep)
            }
            Err(error) => {
                let error = Arc::new(error);
                // The list itself holds one receiver; readers come by theirs under the lock that is held here.
                let unheard = progress.receiver_count() <= 1;
                list.give_up(&error, unheard, Instant::now());
                Progress::Failed(error)
            }
        };
        self.report_kept(&lists);
        drop(lists);
        progress.send_replace(last_word);
    }

    async fn walk(
        &self,
        filter: Filter,
        began: Began,
        progress: &watch::Sender<Progress<S::Error>>,
    ) -> Result<Arc<Sweep>, WalkError<S::Error>> {
        let tell = |records| drop(progress.send_replace(Progress::Walking { records }));
        let since = self.upstream_since(filter);
        let room = &self.surroundings.room;
        let clock = &*self.surroundings.clock;
        let mut walker = Walker::new(&self.source, since, room, clock, self.defences, &tell);
        let certifier = Certifier { config: &self.config, cursors: &self.cursors, clock };
        let certificate = certifier.walk(&mut walker).await?;
        let Walker { gathering, cost, .. } = walker;
        let snapshot = match self.predecessor(filter) {
            Some(older) => gathering.freeze_renewing(&older.snapshot)?,
            None => gathering.freeze()?,
        };
        Ok(Arc::new(Sweep { snapshot, certificate, cost, began }))
    }

    /// The sweep that a new one has to renew in place.
    fn predecessor(&self, filter: Filter) -> Option<Arc<Sweep>> {
        let mut lists = self.lists();
        let older =
            lists.entry(filter).or_default().predecessor(self.config.lifetime, Instant::now());
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

    /// Notes an answer where the next one is decided: whose place it left, and which time it covers.
    pub(super) fn note_answer(&self, filter: Filter, window: Window, answer: &Answer) {
        let seen_from = self
            .lists()
            .get_mut(&filter)
            .and_then(|list| list.answered(window, answer.len(), Instant::now()));
        let answered = Answered { filter, began: answer.began(), seen_from };
        self.history().answered(answered, self.surroundings.clock.now(), &self.config);
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().expect("no holder of this lock can panic")
    }

    /// Waits for a walk, as long as a reader may be kept waiting (promise 1).
    pub(super) async fn wait(
        &self,
        mut walking: Walking<S::Error>,
    ) -> Result<Arc<Sweep>, Error<S::Error>> {
        let ended =
            walking.progress.wait_for(|progress| !matches!(progress, Progress::Walking { .. }));
        if let Ok(ended) = tokio::time::timeout(self.config.count_wait, ended).await {
            return match &*ended.map_err(|_| Error::Interrupted)? {
                Progress::Done(sweep) => Ok(Arc::clone(sweep)),
                Progress::Failed(error) => Err(Error::Walk(Arc::clone(error))),
                Progress::Walking { .. } => Err(Error::Interrupted),
            };
        }
        let records = match &*walking.progress.borrow() {
            Progress::Walking { records } => *records,
            Progress::Done(sweep) => sweep.snapshot.len(),
            Progress::Failed(error) => return Err(Error::Walk(Arc::clone(error))),
        };
        let (shortest, longest) = RETRY_AFTER;
        Err(Error::StillWalking {
            records,
            retry_after: walking.began.instant.elapsed().clamp(shortest, longest),
        })
    }

    fn report_walk(&self, outcome: &Result<Arc<Sweep>, WalkError<S::Error>>, began: Began) {
        let metrics = &self.surroundings.metrics;
        let duration_ms = u64::try_from(began.instant.elapsed().as_millis()).unwrap_or(u64::MAX);
        let end = match outcome {
            Ok(sweep) => {
                let (certificate, cost) = (sweep.certificate, sweep.cost);
                let certified = [("certified", certificate.name())];
                metrics.counter("dotstory_walks_certified_total", &certified).increment(1);
                let restarts = metrics.counter("dotstory_walk_restarts_total", &[]);
                restarts.increment(cost.restarts.into());
                #[expect(clippy::cast_precision_loss, reason = "2^53 pages are not to be met")]
                metrics.histogram("dotstory_walk_pages", &[]).record(cost.pages as f64);
                info!(
                    walk.records = sweep.snapshot.len(),
                    walk.walks = cost.walks,
                    walk.pages = cost.pages,
                    walk.checks = cost.checks,
                    walk.restarts = cost.restarts,
                    walk.skipped = cost.skipped,
                    walk.certified = certificate.name(),
                    duration_ms,
                    "walk complete"
                );
                if certificate == Certificate::Uncertified {
                    warn!(
                        "nothing vouches for the last walk: customers that did not change may be missing from it"
                    );
                }
                "complete"
            }
            Err(WalkError::Panicked) => {
                error!(duration_ms, "walk panicked");
                "panicked"
            }
            Err(error) => {
                warn!(%error, duration_ms, "walk failed");
                "failed"
            }
        };
        metrics.counter("dotstory_walks_total", &[("outcome", end)]).increment(1);
    }

    pub(super) fn report_kept(&self, lists: &HashMap<Filter, List<S::Error>>) {
        let kept =
            u32::try_from(lists.values().filter(|list| list.is_kept()).count()).unwrap_or(u32::MAX);
        self.surroundings.metrics.gauge("dotstory_cache_sweeps", &[]).set(kept);
    }
}

/// Counts a walk as running for as long as it lives, however it ends.
struct Running(Gauge);

// === impl Running ===

impl Running {
    fn new(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
