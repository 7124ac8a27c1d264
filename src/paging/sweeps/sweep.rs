//! A walk as others see it: when it began, how far it has come, and how it ended.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use super::live::Live;
use crate::paging::snapshot::Snapshot;
use crate::paging::walk::Certificate;
use crate::paging::walk::WalkError;
use crate::paging::walk::{Cost, Reached};

/// One finished pass over a filter, frozen.
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
    /// By the clock, to tell others.
    pub(crate) time: DateTime<Utc>,
    /// To measure from.
    pub(crate) instant: Instant,
}

/// How far a walk has come. Its last word is one of the two ends.
#[derive(Debug)]
pub(crate) enum WalkState<E> {
    WalkHandle(Reached),
    Done(Arc<Sweep>),
    Failed(Arc<WalkError<E>>),
}

/// A walk that is under way, as those see it who wait for it.
#[derive(Debug)]
pub(crate) struct WalkHandle<E> {
    pub(crate) progress: watch::Receiver<WalkState<E>>,
    pub(crate) began: StartedAt,
    /// Its list, where that is read while it grows. Then no other one is kept.
    pub(crate) live: Option<Live>,
}

// === impl Walking ===

impl<E> WalkHandle<E> {
    /// False when its task is gone without a last word, as after a panic.
    pub(crate) fn is_running(&self) -> bool {
        self.progress.has_changed().is_ok()
    }
}

impl<E> Clone for WalkHandle<E> {
    fn clone(&self) -> Self {
        Self { progress: self.progress.clone(), began: self.began, live: self.live.clone() }
    }
}
