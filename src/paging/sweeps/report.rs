//! The log lines and metrics of walks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::Gauge;
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::sweep::Sweep;
use super::table::SlotTable;
use crate::activity::{RunningWalk, Step, WalkResult};
use crate::health::{Health, Reason};
use crate::paging::walk::{Certificate, PausedAt, WalkError};
use crate::paging::{Filter, SourceError};
use crate::runtime::Runtime;
use crate::telemetry::{Metrics, with_causes};

/// How long a failed list affects the brand's health, if no list of its kind is complete before:
/// an hour longer than the day between two nightly lists.
const FAILURE_COUNTS: Duration = Duration::from_hours(25);

/// Logs how far a long walk is, at most once in [`LOG_PROGRESS`].
pub(crate) struct ProgressLog {
    /// Locked for a few instructions, never over an await.
    next: Mutex<Instant>,
}

/// Counts one walk in a gauge until this value is dropped.
pub(crate) struct Gauged(Gauge);

/// The time between two log lines about the progress of a walk. A shorter walk has no such line.
const LOG_PROGRESS: Duration = Duration::from_mins(1);

// === impl ProgressLog ===

impl ProgressLog {
    /// The log of a walk that began at `began`.
    pub(crate) fn new(began: Instant) -> Self {
        Self { next: Mutex::new(began + LOG_PROGRESS) }
    }

    pub(crate) fn log(&self, filter: Filter, step: Step) {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if now < *next {
            return;
        }
        *next = now + LOG_PROGRESS;
        info!(
            walk.filter = %filter,
            walk.records = step.records,
            walk.pass = step.pass,
            walk.pages = step.pages,
            "walk continues"
        );
    }
}

// === impl Gauged ===

impl Gauged {
    pub(crate) fn new(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Gauged {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Reports the end of a walk over `filter`. If the walk ended during a pause, [`pause`] has already
/// reported the failure to the brand's health.
pub(crate) fn walk<E: SourceError>(
    runtime: &Runtime,
    filter: Filter,
    was_paused: bool,
    outcome: &Result<Arc<Sweep>, WalkError<E>>,
    running: RunningWalk,
) {
    let (metrics, health) = (&runtime.metrics, &runtime.health);
    match outcome {
        Ok(_) => health.clear(Reason::Lists(kind(filter))),
        Err(_) if was_paused => {}
        Err(error) => raise_list_failure(health, filter, error),
    }
    let calls = running.calls();
    let duration_ms = u64::try_from(running.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (end, result) = match outcome {
        Ok(sweep) => ("complete", Ok(walk_result(sweep))),
        Err(WalkError::Panicked) => ("panicked", Err(WalkError::<E>::Panicked.advice())),
        Err(error) => ("failed", Err(error.advice())),
    };
    running.end(result);
    match outcome {
        Ok(sweep) => complete_walk(metrics, filter, sweep, calls, duration_ms),
        Err(WalkError::Panicked) => error!(walk.filter = %filter, duration_ms, "walk panicked"),
        Err(error) => warn!(
            walk.filter = %filter,
            walk.calls = calls,
            error = with_causes(error),
            remedy = error.remedy(),
            duration_ms,
            "walk failed"
        ),
    }
    metrics.counter("dotstory_walks_total", &[("outcome", end)]).increment(1);
}

fn walk_result(sweep: &Sweep) -> WalkResult {
    WalkResult {
        records: sweep.snapshot.len() as u64,
        passes: sweep.cost.passes,
        certified: sweep.certificate.name(),
    }
}

fn complete_walk(metrics: &Metrics, filter: Filter, sweep: &Sweep, calls: u64, duration_ms: u64) {
    let (certificate, cost) = (sweep.certificate, sweep.cost);
    let certified = [("certified", certificate.name())];
    metrics.counter("dotstory_walks_certified_total", &certified).increment(1);
    metrics.counter("dotstory_walk_restarts_total", &[]).increment(cost.restarts.into());
    let kind = [("kind", "consent")];
    let contradictions = metrics.counter("dotstory_upstream_contradictions_total", &kind);
    contradictions.increment(cost.contradictions);
    #[expect(clippy::cast_precision_loss, reason = "no walk has 2^53 pages")]
    metrics.histogram("dotstory_walk_pages", &[]).record(cost.pages as f64);
    info!(
        walk.filter = %filter,
        walk.records = sweep.snapshot.len(),
        walk.passes = cost.passes,
        walk.calls = calls,
        walk.pages = cost.pages,
        walk.checks = cost.checks,
        walk.restarts = cost.restarts,
        walk.skipped = cost.skipped,
        walk.contradictions = cost.contradictions,
        walk.certified = certificate.name(),
        duration_ms,
        "walk complete"
    );
    if certificate == Certificate::Uncertified {
        warn!(
            walk.filter = %filter,
            remedy = "nothing, if the next list of all customers is certified; else raise max_passes under [sync]",
            "walk not certified: it may have missed customers that did not change meanwhile"
        );
    }
}

/// Reports a pause of a walk.
pub(crate) fn pause<E: SourceError>(
    runtime: &Runtime,
    filter: Filter,
    error: &WalkError<E>,
    paused: PausedAt,
) {
    raise_list_failure(&runtime.health, filter, error);
    runtime.metrics.counter("dotstory_walk_pauses_total", &[]).increment(1);
    warn!(
        walk.filter = %filter,
        error = with_causes(error),
        remedy = error.remedy(),
        walk.records = paused.records,
        walk.pages = paused.pages,
        walk.bytes = paused.bytes,
        "walk paused, the next request continues it"
    );
}

/// The kind of a list. Lists of one kind may fail while lists of the other kind work.
fn kind(filter: Filter) -> &'static str {
    match filter {
        Filter::Everyone => "all customers",
        Filter::ChangedSince(_) => "changes",
    }
}

/// Reports a failed list to the brand's health. The reason `lists` ends with the next complete list
/// of this kind, or after [`FAILURE_COUNTS`], because perhaps no caller asks for such a list.
fn raise_list_failure<E: SourceError>(health: &Health, filter: Filter, error: &WalkError<E>) {
    let (kind, cause) = (kind(filter), with_causes(error));
    let sentence = format!("the last list of {kind} failed ({cause}): {}", error.remedy());
    health.raise_for(FAILURE_COUNTS, Reason::Lists(kind), sentence);
}

/// Reports the number of kept sweeps.
pub(crate) fn kept_sweeps<E: SourceError>(metrics: &Metrics, slots: &SlotTable<E>) {
    let kept = u32::try_from(slots.kept_sweeps()).unwrap_or(u32::MAX);
    metrics.gauge("dotstory_cache_sweeps", &[]).set(kept);
}
