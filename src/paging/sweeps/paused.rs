//! Keeps the walks that the upstream's failures paused. A caller's next request resumes such a
//! walk.

use std::sync::Arc;

use metrics::Gauge;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::watch;

use super::sweep::WalkState;
use crate::paging::Filter;
use crate::telemetry::Metrics;

/// The paused walks of one brand, bounded in bytes. The task of a paused walk keeps the customers
/// and the position. This cache keeps the handle that resumes the walk.
pub(crate) struct PausedWalks<E: Send + Sync + 'static> {
    walks: Cache<Filter, Arc<PausedWalk<E>>>,
    bytes: Gauge,
}

/// The handle of a paused walk.
struct PausedWalk<E> {
    state: watch::Sender<WalkState<E>>,
    bytes: u64,
}

// === impl PausedWalks ===

impl<E: Send + Sync + 'static> PausedWalks<E> {
    /// A cache without walks. All walks together may take at most `max_bytes`.
    pub(crate) fn new(max_bytes: u64, metrics: &Metrics) -> Self {
        let walks = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|_, walk: &Arc<PausedWalk<E>>| u32::try_from(walk.bytes).unwrap_or(u32::MAX))
            // The walk that was paused last is the most likely to be asked for next.
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(|_, walk: Arc<PausedWalk<E>>, cause| {
                if cause.was_evicted() {
                    walk.state.send_if_modified(WalkState::give_up);
                }
            })
            .build();
        Self { walks, bytes: metrics.gauge("dotstory_cache_paused_bytes", &[]) }
    }

    /// Keeps a walk whose state is [`WalkState::Paused`].
    pub(crate) fn keep(&self, filter: Filter, state: watch::Sender<WalkState<E>>, bytes: u64) {
        self.walks.insert(filter, Arc::new(PausedWalk { state, bytes }));
        self.evict();
    }

    /// Resumes the walk over `filter`, if it is kept.
    pub(crate) fn resume(&self, filter: Filter) {
        if let Some(walk) = self.walks.remove(&filter) {
            walk.state.send_if_modified(WalkState::resume);
        }
        self.evict();
    }

    /// Ends the walk over `filter`, if it is kept.
    pub(crate) fn end(&self, filter: Filter) {
        if let Some(walk) = self.walks.remove(&filter) {
            walk.state.send_if_modified(WalkState::give_up);
        }
        self.evict();
    }

    /// Ends all paused walks, to free memory after a walk that did not fit.
    pub(crate) fn end_all(&self) {
        for (filter, _) in &self.walks {
            self.end(*filter);
        }
    }

    /// Ends the walks beyond the limit. The cache evicts only when it is used, so `Sweeps::expire`
    /// calls this function too.
    pub(crate) fn evict(&self) {
        self.walks.run_pending_tasks();
        #[expect(clippy::cast_precision_loss, reason = "no cache has 2^53 bytes")]
        self.bytes.set(self.walks.weighted_size() as f64);
    }
}
