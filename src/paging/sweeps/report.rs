//! What is told of walks and of what they leave behind: the log and the metrics.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::Gauge;
use tracing::{error, info, warn};

use super::job::Shared;
use super::slot::Slot;
use super::sweep::{StartedAt, Sweep};
use crate::paging::Filter;
use crate::paging::source::Source;
use crate::paging::walk::Certificate;
use crate::paging::walk::WalkError;

/// Counts a walk as running for as long as it lives, however it ends.
pub(crate) struct Running(Gauge);

// === impl Shared ===

impl<S: Source> Shared<S> {
    pub(crate) fn report_walk(
        &self,
        outcome: &Result<Arc<Sweep>, WalkError<S::Error>>,
        began: StartedAt,
    ) {
        let metrics = &self.runtime.metrics;
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
                    walk.passes = cost.passes,
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

    pub(crate) fn report_kept(&self, slots: &HashMap<Filter, Slot<S::Error>>) {
        let kept =
            u32::try_from(slots.values().filter(|slot| slot.is_kept()).count()).unwrap_or(u32::MAX);
        self.runtime.metrics.gauge("dotstory_cache_sweeps", &[]).set(kept);
    }
}

// === impl Running ===

impl Running {
    pub(crate) fn new(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
