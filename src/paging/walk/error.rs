//! Why a walk failed. A walk never ends early as a success.

use crate::paging::snapshot::StorageError;

/// The reason why a walk failed.
#[derive(Debug, thiserror::Error)]
pub enum WalkError<E> {
    /// A page could not be fetched.
    #[error(transparent)]
    Source(E),
    /// The upstream refused cursors that it had issued, in every pass.
    #[error("the upstream refused its own cursor in {passes} passes in a row")]
    CursorsExpire {
        /// Number of passes tried.
        passes: u32,
        /// The last refusal.
        source: E,
    },
    /// The upstream named a next page that this pass has fetched before.
    #[error("the upstream's cursors form a circle that closes at page {page}")]
    Circle {
        /// The page that led back, counted from 1.
        page: u64,
    },
    /// Several pages in a row held no new customer.
    #[error("{in_a_row} pages in a row, up to page {page}, held no new customer")]
    NoNews {
        /// The last page fetched, counted from 1.
        page: u64,
        /// Number of pages without a new customer.
        in_a_row: u32,
    },
    /// The walk's own code panicked.
    #[error("the walk panicked")]
    Panicked,
    /// The snapshot cannot be stored, or the snapshot it renews cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
