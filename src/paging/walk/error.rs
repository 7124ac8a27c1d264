//! Why a walk failed. A walk that ends before the end of its list always fails.

use std::sync::Arc;
use std::time::Duration;

use crate::paging::snapshot::StorageError;
use crate::paging::source::SourceError;
use crate::telemetry::with_causes;

/// The reason why a walk failed.
#[derive(Debug, thiserror::Error)]
pub enum WalkError<E> {
    /// A page could not be fetched.
    #[error(transparent)]
    Source(Arc<E>),
    /// The upstream refused cursors that it had issued, in every pass.
    #[error("the upstream refused its own cursor in {passes} passes in a row, after {} s", after.as_secs())]
    CursorsExpire {
        /// Number of passes that ended at a refused cursor. A refusal after a wait does not count.
        passes: u32,
        /// The time from the first page of the list to the last refusal of a cursor.
        after: Duration,
        /// The last refusal.
        source: Arc<E>,
    },
    /// A page failed before and after a pause, although a first page arrived after the pause. So
    /// the cursor of the failed page no longer works.
    #[error(transparent)]
    DeadCursor(Arc<E>),
    /// A cursor of a list of changes loses the filter, or may lose it.
    #[error("the upstream's cursors lose the filter")]
    FilterLost,
    /// The upstream named the same next page twice in one list.
    #[error("the upstream's cursors form a circle that closes at page {page}")]
    Circle {
        /// The page that named a next page for the second time, counted from 1.
        page: u64,
    },
    /// Several pages in a row had no new or changed customer.
    #[error("{in_a_row} pages in a row, up to page {page}, had no new or changed customer")]
    NoNews {
        /// The last page fetched, counted from 1.
        page: u64,
        /// Number of pages without a new or changed customer.
        in_a_row: u32,
    },
    /// While the walk waited for its turn, the filter's moment became too old for the upstream.
    #[error("the upstream can no longer list the customers of this filter")]
    OutOfReach,
    /// The walk's own code panicked.
    #[error("the walk panicked")]
    Panicked,
    /// The snapshot cannot be stored, or the snapshot that it renews cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What the operator can do about a fault of dotstory itself.
pub const REPORT_FAULT: &str =
    "this is a mistake in dotstory: report it with the log lines of this time";

// === impl WalkError ===

impl<E: SourceError> WalkError<E> {
    /// The upstream's error, if it shows that a cursor no longer works. A new pass may then
    /// succeed.
    pub(crate) fn of_cursor(&self) -> Option<&Arc<E>> {
        match self {
            Self::Source(error) if error.is_cursor_rejected() => Some(error),
            Self::DeadCursor(error) => Some(error),
            _ => None,
        }
    }

    /// Whether a new pass may succeed.
    pub(crate) fn allows_new_pass(&self) -> bool {
        self.of_cursor().is_some() || matches!(self, Self::FilterLost)
    }

    /// The error of a walk whose last allowed pass failed with `self`. `after` is the time from the
    /// first page of the list to the refusal of the cursor.
    pub(crate) fn at_the_last_pass(self, passes: u32, after: Duration) -> Self {
        match self.of_cursor().map(Arc::clone) {
            Some(source) => Self::CursorsExpire { passes, after, source },
            None => self,
        }
    }

    /// What the operator can do about the failure.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Source(error) | Self::DeadCursor(error) => error.remedy(),
            Self::CursorsExpire { .. } => {
                "make walks faster: details = \"never\" under [sync], or a higher rate_limit under [dotapparel]"
            }
            Self::Circle { .. } | Self::NoNews { .. } | Self::FilterLost => {
                "ask DotApparel, with the log lines of this time"
            }
            Self::Storage(StorageError::OutOfBudget { .. }) => "raise memory or disk under [cache]",
            Self::Storage(StorageError::TooManyFiles) => {
                "raise the limit of open files (ulimit -n, or LimitNOFILE of systemd), or memory under [cache]"
            }
            Self::Storage(_) => "check directory under [cache]",
            Self::OutOfReach => "ask for a later last_updated, or raise walks_at_once under [sync]",
            Self::Panicked => REPORT_FAULT,
        }
    }

    /// What failed, with its causes, and what the operator can do about it.
    pub(crate) fn advice(&self) -> String {
        format!("{}: {}", with_causes(self), self.remedy())
    }

    /// The wait that the upstream asks for, if any.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Source(error) | Self::DeadCursor(error) => error.retry_after(),
            _ => None,
        }
    }
}
