//! A walk as others see it: when it began, how far it has come, and how it ended.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use super::certificate::Certificate;
use super::live::Live;
use super::snapshot::Snapshot;
use super::walk::{Cost, Reached};
use super::walk_error::WalkError;

/// One finished pass over a filter, frozen.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) snapshot: Snapshot,
    pub(super) certificate: Certificate,
    pub(super) cost: Cost,
    pub(super) began: Began,
}

/// When a walk began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Began {
    /// By the clock, to tell others.
    pub(super) time: DateTime<Utc>,
    /// To measure from.
    pub(super) instant: Instant,
}

/// How far a walk has come. Its last word is one of the two ends.
#[derive(Debug)]
pub(super) enum Progress<E> {
    Walking(Reached),
    Done(Arc<Sweep>),
    Failed(Arc<WalkError<E>>),
}

/// A walk that is under way, as those see it who wait for it.
#[derive(Debug)]
pub(super) struct Walking<E> {
    pub(super) progress: watch::Receiver<Progress<E>>,
    pub(super) began: Began,
    /// Its list, where that is read while it grows. Then no other one is kept.
    pub(super) live: Option<Live>,
}

// === impl Walking ===

impl<E> Walking<E> {
    /// False when its task is gone without a last word, as after a panic.
    pub(super) fn is_under_way(&self) -> bool {
        self.progress.has_changed().is_ok()
    }
}

impl<E> Clone for Walking<E> {
    fn clone(&self) -> Self {
        Self { progress: self.progress.clone(), began: self.began, live: self.live.clone() }
    }
}
