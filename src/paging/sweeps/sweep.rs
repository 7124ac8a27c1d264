//! A finished sweep, and the handle of a running walk.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::paging::snapshot::Snapshot;
use crate::paging::walk::{Certificate, Cost, WalkError};

/// The frozen result of one walk.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) snapshot: Snapshot,
    pub(crate) certificate: Certificate,
    pub(crate) cost: Cost,
    pub(crate) began: StartedAt,
}

/// When a walk began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartedAt {
    /// By the clock, to be reported.
    pub(crate) time: DateTime<Utc>,
    /// To measure durations from.
    pub(crate) instant: Instant,
}

/// The state of a walk. A walk that was stopped stays `Running`.
#[derive(Debug)]
pub(crate) enum WalkState<E> {
    /// The number of records collected so far.
    Running(usize),
    Done(Arc<Sweep>),
    Failed(Arc<WalkError<E>>),
}

/// A walk, as the requests that wait for it see it.
#[derive(Debug)]
pub(crate) struct WalkHandle<E> {
    pub(crate) state: watch::Receiver<WalkState<E>>,
    pub(crate) began: StartedAt,
}

// === impl WalkState ===

impl<E> WalkState<E> {
    /// How the walk ended; `None` while it runs.
    pub(crate) fn outcome(&self) -> Option<Result<Arc<Sweep>, Arc<WalkError<E>>>> {
        match self {
            Self::Running(_) => None,
            Self::Done(sweep) => Some(Ok(Arc::clone(sweep))),
            Self::Failed(error) => Some(Err(Arc::clone(error))),
        }
    }

    /// The number of records collected so far.
    pub(crate) fn records(&self) -> usize {
        match self {
            Self::Running(records) => *records,
            Self::Done(sweep) => sweep.snapshot.len(),
            Self::Failed(_) => 0,
        }
    }
}

// === impl WalkHandle ===

impl<E> WalkHandle<E> {
    /// Whether the walk's task still runs.
    pub(crate) fn is_running(&self) -> bool {
        self.state.has_changed().is_ok()
    }
}

impl<E> Clone for WalkHandle<E> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), began: self.began }
    }
}
