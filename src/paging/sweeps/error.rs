//! Why a request for a window is refused.

use std::sync::Arc;
use std::time::Duration;

use crate::paging::walk::WalkError;

/// Why a window cannot be served now.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    /// The walk is still running. The next try joins it.
    #[error("the customers are still being collected, {records} so far")]
    StillWalking {
        /// Number of records collected so far.
        records: usize,
        /// When to try again.
        retry_after: Duration,
    },
    /// `start` is not 0, and its sweep is not kept: it expired, or this process never had it.
    #[error("the sweep that this page belongs to is not known")]
    UnknownSweep,
    /// The walk failed. The next request with `start = 0` begins a new one.
    #[error(transparent)]
    Walk(Arc<WalkError<E>>),
    /// The walk was stopped because the process stops.
    #[error("the walk was interrupted")]
    Interrupted,
}
