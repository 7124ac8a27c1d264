//! Why a walk failed: never a short success, always one of these.

use super::cycle_guard::MAX_PAGES_WITHOUT_NEWS;
use crate::paging::snapshot::StorageError;

/// Why a walk has no end that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum WalkError<E> {
    /// The upstream did not answer a page.
    #[error(transparent)]
    Source(E),
    /// The upstream refused cursors that it had given itself, in fresh walks too.
    #[error("the upstream refused its own cursor in {walks} walks on end")]
    CursorsExpire {
        /// How many walks were tried.
        walks: u32,
        /// What it answered at last.
        source: E,
    },
    /// The upstream named a next page that this walk has been at before.
    #[error("the upstream's cursors go in a circle, met at page {page}")]
    Circle {
        /// The page that led back, counted from 1.
        page: u64,
    },
    /// Page after page brought nobody new.
    #[error("{MAX_PAGES_WITHOUT_NEWS} pages on end, up to page {page}, held no new customer")]
    NoNews {
        /// The last page fetched, counted from 1.
        page: u64,
    },
    /// A fault of our own ended the walk.
    #[error("the walk panicked")]
    Panicked,
    /// The snapshot cannot be kept, or the one that it renews cannot be read.
    #[error(transparent)]
    Keep(#[from] StorageError),
}
