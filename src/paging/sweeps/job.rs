//! Runs a walk as a task. The task does not depend on callers. At its end, the task puts the result
//! into the list's slot.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::info;

use super::inner::Inner;
use super::report::{self, Gauged, ProgressLog};
use super::sweep::{Sweep, WalkHandle, WalkStart, WalkState};
use super::turns::Turn;
use crate::activity::{RunningWalk, Step};
use crate::paging::defence::{Defence, without};
use crate::paging::snapshot::StorageError;
use crate::paging::walk::{
    Certificate, Certifier, Fetcher, Job, Learnt, Patience, PausedAt, Progress, Wait, WalkError,
    WalkSpan, Walker,
};
use crate::paging::{Filter, FullList, Source};
use crate::telemetry::with_causes;

/// What the operator reads of a walk that waits for its turn.
const WAITS_FOR_TURN: &str = "waits until other lists of this brand are collected";

/// The job that runs a walk. The walk reports to this job.
struct WalkJob<'a, S: Source> {
    inner: &'a Inner<S>,
    filter: Filter,
    state: &'a watch::Sender<WalkState<S::Error>>,
    running: &'a RunningWalk,
    progress_log: &'a ProgressLog,
    /// `None` while the walk waits for its turn or is paused. Locked for a few instructions.
    turn: Mutex<Option<Turn<'a>>>,
}

/// Starts a walk over `filter` that asks for the changes since `since`. No request owns the walk,
/// so the walk continues without its callers (promise 8).
pub(crate) fn start<S: Source>(
    inner: &Arc<Inner<S>>,
    filter: Filter,
    since: Option<DateTime<Utc>>,
    now: Instant,
) -> WalkHandle<S::Error> {
    let began = WalkStart { time: inner.runtime.clock.now(), instant: now, since };
    let (state, receiver) = watch::channel(WalkState::Running(Progress::fetching(0)));
    let job = Arc::clone(inner);
    let walk = inner.runtime.activity.begin_walk(filter.since(), began.time);
    let run = async move {
        tokio::select! {
            () = run(&job, filter, began, &state, walk) => {}
            () = job.runtime.tasks.stopping() => info!(walk.filter = %filter, "walk stopped"),
        }
    };
    info!(walk.filter = %filter, "walk begins");
    inner.runtime.spawn(run);
    WalkHandle { state: receiver, began }
}

async fn run<S: Source>(
    inner: &Inner<S>,
    filter: Filter,
    began: WalkStart,
    state: &watch::Sender<WalkState<S::Error>>,
    running: RunningWalk,
) {
    let gauged = Gauged::new(inner.runtime.metrics.gauge("dotstory_walks_running", &[]));
    let progress_log = ProgressLog::new(began.instant);
    let (running_walk, progress_log) = (&running, &progress_log);
    let turn = Mutex::default();
    let job = WalkJob { inner, filter, state, running: running_walk, progress_log, turn };
    let walk = AssertUnwindSafe(walk(&job, began)).catch_unwind();
    let outcome = walk.await.unwrap_or(Err(WalkError::Panicked));
    drop((job, gauged));
    let was_paused = matches!(*state.borrow(), WalkState::Failed(_));
    report::walk(&inner.runtime, filter, was_paused, &outcome, running);
    let mut slots = inner.slots();
    let slot = slots.slot(filter);
    let end = match outcome {
        Ok(sweep) => {
            slot.keep(Arc::clone(&sweep), Instant::now());
            WalkState::Done(sweep)
        }
        Err(error) => {
            if matches!(error, WalkError::Storage(StorageError::OutOfBudget { .. })) {
                inner.paused.end_all();
            }
            let error = Arc::new(error);
            // The failure of a paused walk was reported when the walk was paused.
            let unreported = !was_paused && is_unreported(state);
            slot.fail(&error, unreported, Instant::now());
            WalkState::Failed(error)
        }
    };
    report::kept_sweeps(&inner.runtime.metrics, &slots);
    // The slots are still locked, so no caller can be put off by a walk that has ended.
    state.send_replace(end);
}

/// Whether no caller waits for the walk: the only receiver is in the slot. The slots must be
/// locked, because callers take their receivers while the slots are locked.
fn is_unreported<E>(state: &watch::Sender<WalkState<E>>) -> bool {
    state.receiver_count() <= 1
}

async fn walk<S: Source>(
    job: &WalkJob<'_, S>,
    began: WalkStart,
) -> Result<Arc<Sweep>, WalkError<S::Error>> {
    let (inner, filter) = (job.inner, job.filter);
    job.take_turn(0).await;
    if !inner.source.can_list(filter.since()) {
        return Err(WalkError::OutOfReach);
    }
    let (time, instant) = (inner.runtime.clock.now(), Instant::now());
    let began = WalkStart { time, instant, ..began };
    let (clock, budget) = (&*inner.runtime.clock, &inner.budget);
    let since = inner.upstream_since(began);
    let seed = began.time.timestamp_nanos_opt().unwrap_or_default().cast_unsigned();
    let patience = Patience::new(inner.config.walk_patience, seed);
    let fetcher = Fetcher::new(&inner.source, since, &inner.learnt, patience, job);
    let mut walker = Walker::new(fetcher, clock, budget);
    let certifier = Certifier { config: &inner.config };
    let certificate = certifier.certify(&mut walker).await?;
    let has_nearly_all = learn(job, began, since, certificate, &walker);
    let (builder, cost) = walker.finish();
    let older = predecessor(inner, filter);
    let renewed = older.clone();
    let freeze = move || match renewed {
        Some(older) => builder.freeze_renewing(&older.snapshot),
        None => builder.freeze(),
    };
    let mut snapshot = inner.runtime.tasks.run_blocking(freeze).await?;
    if has_nearly_all {
        inner.source.full_list_read(&FullList::new(&snapshot, began.instant)).await;
    }
    snapshot.forget_walk();
    let oldest = older.map_or(began.instant, |older| older.oldest);
    Ok(Arc::new(Sweep { snapshot, certificate, cost, began, oldest }))
}

/// Records what a finished walk shows about the tenant. Returns whether the walk made a certified
/// list of all customers that is large enough: it has at least nine tenths of the customers of an
/// earlier list, or it is the first list and is not empty.
fn learn<S: Source>(
    job: &WalkJob<'_, S>,
    began: WalkStart,
    since: Option<NaiveDateTime>,
    certificate: Certificate,
    walker: &Walker<'_, S>,
) -> bool {
    let Learnt { clock, zone, full_list, .. } = &job.inner.learnt;
    let (ended, newest) = (job.inner.runtime.clock.now(), walker.newest_stamp());
    clock.learn(began.time, ended, newest);
    let is_certified = certificate != Certificate::Uncertified;
    let has_nearly_all = since.is_none() && is_certified && full_list.note(walker.customers());
    if is_certified {
        let span = WalkSpan { began: began.time, ended, since, newest };
        zone.observe(&job.inner.source, span, walker.stamps());
    }
    has_nearly_all
}

/// The older sweep that the new sweep must renew in place, if there is such a sweep.
fn predecessor<S: Source>(inner: &Inner<S>, filter: Filter) -> Option<Arc<Sweep>> {
    let mut slots = inner.slots();
    let slot = slots.slot(filter);
    let older = slot.predecessor(inner.config.lifetime, Instant::now());
    if without(Defence::Renewal) { None } else { older }
}

// === impl WalkJob ===

impl<'a, S: Source> WalkJob<'a, S> {
    /// Waits until the walk may run. The walk has collected `records` records so far.
    async fn take_turn(&self, records: usize) {
        let waits = || {
            info!(walk.filter = %self.filter, "walk waits for other walks of the brand");
            self.running.wait(WAITS_FOR_TURN.to_owned());
            let progress = Progress { records, wait: Some(Wait::Turn) };
            self.state.send_replace(WalkState::Running(progress));
        };
        let turn = self.inner.turns.take(waits).await;
        self.hold_turn(Some(turn));
        self.state.send_replace(WalkState::Running(Progress::fetching(records)));
    }

    /// Lets the next walk run.
    fn end_turn(&self) {
        self.hold_turn(None);
    }

    fn hold_turn(&self, turn: Option<Turn<'a>>) {
        *self.turn.lock().expect("no holder of this lock can panic") = turn;
    }
}

impl<S: Source> Job<S::Error> for WalkJob<'_, S> {
    fn report(&self, step: Step, wait: Option<Wait<S::Error>>) {
        self.running.progress(step);
        match &wait {
            Some(Wait::Upstream { error, .. }) => self.running.wait(with_causes(&**error)),
            Some(Wait::Turn) => self.running.wait(WAITS_FOR_TURN.to_owned()),
            None => self.progress_log.log(self.filter, step),
        }
        let records = usize::try_from(step.records).unwrap_or(usize::MAX);
        self.state.send_replace(WalkState::Running(Progress { records, wait }));
    }

    fn pause(&self, error: &Arc<S::Error>, paused: PausedAt) -> BoxFuture<'_, bool> {
        let metrics = &self.inner.runtime.metrics;
        let error = Arc::new(WalkError::Source(Arc::clone(error)));
        report::pause(&self.inner.runtime, self.filter, &error, paused);
        self.running.wait(format!("paused until the next request: {}", with_causes(&*error)));
        {
            let mut slots = self.inner.slots();
            let slot = slots.slot(self.filter);
            slot.remember_failure(&error, is_unreported(self.state), Instant::now());
            self.state.send_replace(WalkState::Paused { error, records: paused.records });
            self.inner.paused.keep(self.filter, self.state.clone(), paused.bytes);
        }
        self.end_turn();
        Box::pin(async move {
            let paused_gauge = Gauged::new(metrics.gauge("dotstory_walks_paused", &[]));
            let mut state = self.state.subscribe();
            let resumed = state.wait_for(|state| !matches!(state, WalkState::Paused { .. }));
            let in_time = timeout(self.inner.config.lifetime, resumed).await.is_ok();
            if !in_time {
                self.inner.paused.end(self.filter);
            }
            let is_resumed = matches!(*self.state.borrow(), WalkState::Running(_));
            drop(paused_gauge);
            if is_resumed {
                self.take_turn(paused.records).await;
            }
            is_resumed
        })
    }
}
