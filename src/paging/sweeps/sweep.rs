//! A finished sweep, and the handle of a running walk.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::paging::snapshot::Snapshot;
use crate::paging::walk::{Certificate, Cost, Progress, WalkError};

/// The frozen result of one walk.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) snapshot: Snapshot,
    pub(crate) certificate: Certificate,
    pub(crate) cost: Cost,
    pub(crate) began: WalkStart,
    /// No record was collected before this moment: the beginning of the walk, or of the first walk
    /// of a list that was renewed in place.
    pub(crate) oldest: Instant,
}

/// When a walk began, and what it asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkStart {
    /// The time by the clock of the process.
    pub(crate) time: DateTime<Utc>,
    /// The same moment, to measure durations from.
    pub(crate) instant: Instant,
    /// The moment from which the walk has the changes; `None` for all customers.
    pub(crate) since: Option<DateTime<Utc>>,
}

/// The state of a walk. If a running walk is stopped with the process or with its brand, its last
/// state stays `Running`.
#[derive(Debug)]
pub(crate) enum WalkState<E> {
    Running(Progress<E>),
    /// The upstream's failures paused the walk. The walk continues when a caller asks for the list
    /// again.
    Paused {
        error: Arc<WalkError<E>>,
        records: usize,
    },
    Done(Arc<Sweep>),
    Failed(Arc<WalkError<E>>),
}

/// The handle of a walk, for the requests that wait for the walk.
#[derive(Debug)]
pub(crate) struct WalkHandle<E> {
    pub(crate) state: watch::Receiver<WalkState<E>>,
    pub(crate) began: WalkStart,
}

// === impl WalkStart ===

impl WalkStart {
    /// Whether the walk has all customers that a request for the changes since `since` needs.
    pub(crate) fn covers(&self, since: Option<DateTime<Utc>>) -> bool {
        self.since <= since
    }
}

// === impl WalkState ===

impl<E> WalkState<E> {
    /// The result for callers; `None` while the walk runs.
    pub(crate) fn outcome(&self) -> Option<Result<Arc<Sweep>, Arc<WalkError<E>>>> {
        match self {
            Self::Running(_) => None,
            Self::Done(sweep) => Some(Ok(Arc::clone(sweep))),
            Self::Paused { error, .. } | Self::Failed(error) => Some(Err(Arc::clone(error))),
        }
    }

    /// Resumes a paused walk. Returns whether the walk was paused.
    pub(crate) fn resume(&mut self) -> bool {
        let Self::Paused { records, .. } = self else { return false };
        *self = Self::Running(Progress::fetching(*records));
        true
    }

    /// Makes a paused walk fail. Returns whether the walk was paused.
    pub(crate) fn give_up(&mut self) -> bool {
        let Self::Paused { error, .. } = self else { return false };
        *self = Self::Failed(Arc::clone(error));
        true
    }
}

// === impl WalkHandle ===

impl<E> WalkHandle<E> {
    /// Whether the walk's task still runs or is paused.
    pub(crate) fn is_running(&self) -> bool {
        self.state.has_changed().is_ok()
    }

    /// How far the walk is.
    pub(crate) fn progress(&self) -> Progress<E> {
        match &*self.state.borrow() {
            WalkState::Running(progress) => progress.clone(),
            WalkState::Paused { records, .. } => Progress::fetching(*records),
            WalkState::Done(sweep) => Progress::fetching(sweep.snapshot.len()),
            WalkState::Failed(_) => Progress::fetching(0),
        }
    }

    /// Whether the walk is paused until a caller resumes it.
    pub(crate) fn is_paused(&self) -> bool {
        matches!(*self.state.borrow(), WalkState::Paused { .. })
    }
}

impl<E> Clone for WalkHandle<E> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), began: self.began }
    }
}
