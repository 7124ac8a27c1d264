//! The sweep that a list serves, and how long it serves new callers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::sweep::Sweep;
use crate::paging::Config;

/// The sweep that is served.
#[derive(Debug)]
pub(crate) struct KeptSweep {
    pub(crate) sweep: Arc<Sweep>,
    /// When the sweep's walk ended.
    pub(crate) since: Instant,
    /// Until this instant, an unread sweep serves the callers that were put off.
    awaited_until: Instant,
    /// Whether the sweep's first window was served.
    pub(crate) read: bool,
}

/// How long an unread sweep waits for a caller after the end of the caller's `Retry-After`.
const RETRY_GRACE: Duration = Duration::from_mins(1);

// === impl KeptSweep ===

impl KeptSweep {
    /// The sweep of a walk that ended now. The walk's callers were put off for at most
    /// `longest_retry`.
    pub(crate) fn new(sweep: Arc<Sweep>, longest_retry: Duration, now: Instant) -> Self {
        Self { sweep, since: now, awaited_until: now + longest_retry + RETRY_GRACE, read: false }
    }

    /// Whether a caller that begins now gets this sweep instead of a new walk.
    pub(crate) fn is_for_new_readers(&self, config: &Config, now: Instant) -> bool {
        let is_fresh = now.duration_since(self.sweep.began.instant) < config.reuse;
        let is_awaited = !self.read && now < self.awaited_until;
        is_awaited || is_fresh
    }
}
