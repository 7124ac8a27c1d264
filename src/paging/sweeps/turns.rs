//! The line of one brand's walks: a few run at the same time, and the others wait.

use std::num::NonZeroU32;

use metrics::Gauge;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::report::Gauged;
use crate::telemetry::Metrics;

/// One permit for each walk that may run. Waiting walks get permits in the order in which they
/// began to wait.
#[derive(Debug)]
pub(crate) struct Turns {
    permits: Semaphore,
    waiting: Gauge,
}

/// A walk holds its turn while it runs.
pub(crate) type Turn<'a> = SemaphorePermit<'a>;

// === impl Turns ===

impl Turns {
    pub(crate) fn new(walks_at_once: NonZeroU32, metrics: &Metrics) -> Self {
        let permits = Semaphore::new(walks_at_once.get() as usize);
        Self { permits, waiting: metrics.gauge("dotstory_walks_waiting", &[]) }
    }

    /// Waits until the walk may run. Calls `waits` first if the walk may not run at once.
    pub(crate) async fn take(&self, waits: impl FnOnce()) -> Turn<'_> {
        if let Ok(turn) = self.permits.try_acquire() {
            return turn;
        }
        waits();
        let _waiting = Gauged::new(self.waiting.clone());
        self.permits.acquire().await.expect("the semaphore is never closed")
    }
}
