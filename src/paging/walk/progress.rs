//! What a running walk reports to the job that runs it.

use std::sync::Arc;

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

/// A wait of a walk, before it asks for the same page again.
#[derive(Debug)]
pub struct Wait<E> {
    /// The failure of the last attempt.
    pub error: Arc<E>,
    /// When the page is asked for again.
    pub until: Instant,
}

/// Where a walk is paused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PausedAt {
    /// Number of records collected.
    pub(crate) records: usize,
    /// Number of pages fetched.
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
        Self { error: Arc::clone(&self.error), until: self.until }
    }
}
