//! Why a request for a window is refused.

use std::sync::Arc;
use std::time::Duration;

use crate::paging::SourceError;
use crate::paging::walk::{Progress, WalkError};

/// How long to wait before the next try, if the failure itself gives no time. By default, an open
/// breaker allows calls again after this time (`breaker_cool_down`, 30 s).
pub const RETRY_LATER: Duration = Duration::from_secs(30);

/// Why a window cannot be served now.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    /// A walk is still running. The next try joins the walk. If the walk lacks changes that the
    /// caller needs, another walk follows.
    #[error("the customers are still being collected, {} so far", progress.records)]
    StillWalking {
        /// How far the walk is.
        progress: Progress<E>,
        /// When to try again.
        retry_after: Duration,
    },
    /// `start` is not 0, and no kept sweep fits the request. The sweep of the request expired, or
    /// this process never served it.
    #[error("the sweep that this page belongs to is not known")]
    UnknownSweep,
    /// Like [`Self::UnknownSweep`], but a caller of another filter is expected at this `start`.
    #[error("a caller of another filter is expected at this position")]
    OtherFilter,
    /// The brand has as many lists as it may have, and all of them are being walked.
    #[error("too many lists of this brand are being collected")]
    TooManyLists,
    /// The upstream cannot list the changes since the filter's moment, or cannot list all
    /// customers.
    #[error("the upstream cannot list the customers of this filter")]
    OutOfReach,
    /// The walk failed or is paused. The next request with `start = 0` begins a new walk or resumes
    /// the paused walk.
    #[error(transparent)]
    Walk(Arc<WalkError<E>>),
    /// The walk was stopped, because the process stops or a reload replaces or removes the brand.
    #[error("the walk was interrupted")]
    Interrupted,
}

// === impl Error ===

impl<E: SourceError> Error<E> {
    /// When to try again, if that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::StillWalking { retry_after, .. } => Some(*retry_after),
            Self::Walk(error) => error.retry_after(),
            Self::TooManyLists => Some(RETRY_LATER),
            Self::UnknownSweep | Self::OtherFilter | Self::OutOfReach | Self::Interrupted => None,
        }
    }
}
