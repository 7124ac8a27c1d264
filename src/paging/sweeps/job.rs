//! A walk as a task: detached from its callers, it runs to its end and fills the slot.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use chrono::NaiveDateTime;
use futures_util::FutureExt;
use metrics::Gauge;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{Instrument, info};

use super::inner::Inner;
use super::report;
use super::sweep::{StartedAt, Sweep, WalkHandle, WalkState};
use crate::domain::time;
use crate::paging::defence::{Defence, without};
use crate::paging::walk::{Certifier, WalkError, Walker};
use crate::paging::{Filter, Source};

/// Counts one running walk. Dropping ends the count.
struct RunningGauge(Gauge);

/// Starts a walk over `filter`. No request owns it, so no request can end it (promise 8).
pub(crate) fn start<S: Source>(
    inner: &Arc<Inner<S>>,
    filter: Filter,
    now: Instant,
) -> WalkHandle<S::Error> {
    let began = StartedAt { time: inner.runtime.clock.now(), instant: now };
    let (state, receiver) = watch::channel(WalkState::Running(0));
    let job = Arc::clone(inner);
    let run = async move {
        tokio::select! {
            () = run(&job, filter, began, &state) => {}
            () = job.runtime.tasks.stopping() => info!("walk stopped"),
        }
    };
    info!("walk begins");
    inner.runtime.tasks.spawn(run.instrument(inner.runtime.span.clone()));
    WalkHandle { state: receiver, began }
}

async fn run<S: Source>(
    inner: &Inner<S>,
    filter: Filter,
    began: StartedAt,
    state: &watch::Sender<WalkState<S::Error>>,
) {
    let running = RunningGauge::new(inner.runtime.metrics.gauge("dotstory_walks_running", &[]));
    let walk = AssertUnwindSafe(walk(inner, filter, began, state)).catch_unwind();
    let outcome = walk.await.unwrap_or(Err(WalkError::Panicked));
    drop(running);
    report::walk(&inner.runtime.metrics, &outcome, began.instant.elapsed());
    let end = {
        let mut slots = inner.slots();
        let slot = slots.entry(filter).or_default();
        let end = match outcome {
            Ok(sweep) => {
                slot.keep(Arc::clone(&sweep), Instant::now());
                WalkState::Done(sweep)
            }
            Err(error) => {
                let error = Arc::new(error);
                // The slot holds one receiver. Callers take theirs under this lock.
                let unreported = state.receiver_count() <= 1;
                slot.fail(&error, unreported, Instant::now());
                WalkState::Failed(error)
            }
        };
        report::kept_sweeps(&inner.runtime.metrics, &slots);
        end
    };
    state.send_replace(end);
}

async fn walk<S: Source>(
    inner: &Inner<S>,
    filter: Filter,
    began: StartedAt,
    state: &watch::Sender<WalkState<S::Error>>,
) -> Result<Arc<Sweep>, WalkError<S::Error>> {
    let progress = |records| drop(state.send_replace(WalkState::Running(records)));
    let (clock, budget) = (&*inner.runtime.clock, &inner.budget);
    let since = upstream_since(inner, filter);
    let mut walker = Walker::new(&inner.source, since, clock, budget, &progress);
    let certifier = Certifier { config: &inner.config, trust: &inner.trust };
    let certificate = certifier.certify(&mut walker).await?;
    let (builder, cost) = walker.finish();
    let snapshot = match predecessor(inner, filter) {
        Some(older) => builder.freeze_renewing(&older.snapshot)?,
        None => builder.freeze()?,
    };
    Ok(Arc::new(Sweep { snapshot, certificate, cost, began }))
}

/// The sweep that the new one renews in place.
fn predecessor<S: Source>(inner: &Inner<S>, filter: Filter) -> Option<Arc<Sweep>> {
    let mut slots = inner.slots();
    let slot = slots.entry(filter).or_default();
    let older = slot.predecessor(inner.config.lifetime, Instant::now());
    if without(Defence::Renewal) { None } else { older }
}

/// The stamp from which the upstream is asked for changes (promises 5 and 6): the start of the
/// sweep that the caller may refer to, minus the lookback, because the upstream's copies arrive
/// late.
fn upstream_since<S: Source>(inner: &Inner<S>, filter: Filter) -> Option<NaiveDateTime> {
    let asked = filter.since()?;
    let since = inner.history().since(asked, &inner.config);
    Some(inner.source.earliest_stamp(time::earlier(since, inner.config.lookback)))
}

// === impl RunningGauge ===

impl RunningGauge {
    fn new(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for RunningGauge {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
