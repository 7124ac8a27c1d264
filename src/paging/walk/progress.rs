//! What a running walk reports to the job that runs it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::activity::Step;

/// How far a walk is.
#[derive(Debug)]
pub struct Progress<E> {
    /// Number of records collected so far.
    pub records: usize,
    /// Why the walk waits; `None` while it fetches pages.
    pub wait: Option<Wait<E>>,
}

/// Why a walk waits.
#[derive(Debug)]
pub enum Wait<E> {
    /// Other walks of the brand run first.
    Turn,
    /// The upstream failed, and the same page is asked for again.
    Upstream {
        /// The failure of the last attempt.
        error: Arc<E>,
        /// When the page is asked for again.
        until: Instant,
    },
}

/// Where a walk is paused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PausedAt {
    /// Number of records collected.
    pub(crate) records: usize,
    /// Number of calls for pages, including failed calls.
    pub(crate) pages: u64,
    /// Memory that the walk keeps, in bytes.
    pub(crate) bytes: u64,
}

/// The job that runs a walk.
pub(crate) trait Job<E>: Send + Sync {
    /// Receives the progress. `wait` is why the walk waits; `None` while it fetches pages.
    fn report(&self, step: Step, wait: Option<Wait<E>>);

    /// Keeps the paused walk until a caller resumes it. Returns false if the walk must end instead.
    fn pause(&self, error: &Arc<E>, paused: PausedAt) -> BoxFuture<'_, bool>;
}

// === impl Progress ===

impl<E> Progress<E> {
    /// The shortest time for which the walk still waits.
    pub(crate) fn wait_left(&self) -> Duration {
        match self.wait {
            Some(Wait::Upstream { until, .. }) => until.duration_since(Instant::now()),
            Some(Wait::Turn) | None => Duration::ZERO,
        }
    }

    /// The progress of a walk that fetches pages.
    pub(crate) fn fetching(records: usize) -> Self {
        Self { records, wait: None }
    }
}

impl<E> Clone for Progress<E> {
    fn clone(&self) -> Self {
        Self { records: self.records, wait: self.wait.clone() }
    }
}

impl<E> Clone for Wait<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Turn => Self::Turn,
            Self::Upstream { error, until } => {
                Self::Upstream { error: Arc::clone(error), until: *until }
            }
        }
    }
}
