//! The state of one list: the kept sweep, the running walk, and the last failure.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::answer::Answer;
use super::error::RETRY_LATER;
use super::filters::ListFilters;
use super::kept::KeptSweep;
use super::readers::{Readers, ServedWindow};
use super::sweep::{Sweep, WalkHandle};
use crate::paging::walk::WalkError;
use crate::paging::{Config, SourceError};

/// The state of one list.
#[derive(Debug)]
pub(crate) struct Slot<E> {
    kept: Option<KeptSweep>,
    /// The callers that read the kept sweep.
    readers: Readers,
    walk: Option<WalkHandle<E>>,
    /// The [`Sweep::oldest`] of the sweep that the walk is about to renew.
    renewed_from: Option<Instant>,
    /// The longest `Retry-After` that callers of the running walk received.
    longest_retry: Duration,
    failure: Option<UnreportedFailure<E>>,
    /// The filters of the callers of this list.
    pub(crate) filters: ListFilters,
}

/// The failure of a walk that no caller waited for. The next caller receives it.
#[derive(Debug)]
struct UnreportedFailure<E> {
    error: Arc<WalkError<E>>,
    /// When the failure is dropped: at the end of its `Retry-After`.
    until: Instant,
}

/// What a request gets.
#[derive(Debug)]
pub(crate) enum Plan<E> {
    /// The kept sweep.
    Serve(Arc<Sweep>),
    /// The walk that was running.
    Join(WalkHandle<E>),
    /// The walk that was paused.
    Resume(WalkHandle<E>),
    /// A walk that begins now.
    Begin(WalkHandle<E>),
    /// Nothing yet: the current walk must end first, because it asks from a later moment than the
    /// request needs.
    Outlast(WalkHandle<E>),
    /// The last walk's failure, which no caller has received yet.
    Fail(Arc<WalkError<E>>),
    /// Nothing: the sweep that the request continues is not known.
    Unknown,
    /// Nothing: a caller of another filter is expected at this `start`.
    OtherFilter,
    /// Nothing: the brand has as many lists as it may have, and all of them are being walked.
    TooManyLists,
}

// === impl Slot ===

impl<E> Default for Slot<E> {
    fn default() -> Self {
        Self {
            kept: None,
            readers: Readers::default(),
            walk: None,
            renewed_from: None,
            longest_retry: Duration::ZERO,
            failure: None,
            filters: ListFilters::default(),
        }
    }
}

impl<E: SourceError> Slot<E> {
    /// Decides what a request for the first window gets (promises 4 and 8). The caller needs the
    /// changes since `since`. Returns `None` if the request needs a new walk.
    pub(crate) fn plan(
        &mut self,
        since: Option<DateTime<Utc>>,
        config: &Config,
        now: Instant,
    ) -> Option<Plan<E>> {
        let walk = self.walk.as_ref().filter(|walk| walk.is_running());
        if let Some(walk) = walk.filter(|walk| !walk.began.covers(since)) {
            return Some(Plan::Outlast(walk.clone()));
        }
        if let Some(walk) = walk.filter(|walk| !walk.is_paused()) {
            return Some(Plan::Join(walk.clone()));
        }
        let serves_new_readers = |kept: &&KeptSweep| {
            kept.is_for_new_readers(config, now) && kept.sweep.began.covers(since)
        };
        if let Some(kept) = self.kept.as_ref().filter(serves_new_readers) {
            return Some(Plan::Serve(Arc::clone(&kept.sweep)));
        }
        if let Some(failure) = self.failure.take().filter(|failure| now < failure.until) {
            return Some(Plan::Fail(failure.error));
        }
        walk.map(|walk| Plan::Resume(walk.clone()))
    }

    /// Whether this list can serve a caller that needs the changes since `since`. It cannot while
    /// its walk asks from a later moment. Without a walk it can, because a new walk may begin.
    pub(crate) fn can_serve(&self, since: Option<DateTime<Utc>>) -> bool {
        self.walk.as_ref().is_none_or(|walk| walk.began.covers(since))
    }

    /// Whether a caller of the kept sweep is expected to ask next from exactly this position.
    pub(crate) fn is_awaited_at(&self, start: u64) -> bool {
        self.kept.is_some() && self.readers.is_awaited_at(start)
    }

    /// Decides what a request with `start > 0` gets: the kept sweep, if the list was served before.
    pub(crate) fn plan_to_continue(&self) -> Plan<E> {
        match &self.kept {
            Some(kept) if self.readers.last_answer().is_some() => {
                Plan::Serve(Arc::clone(&kept.sweep))
            }
            _ => Plan::Unknown,
        }
    }

    /// The moment from which a new walk must ask for changes, for a caller that needs the changes
    /// since `since`. A renewed list keeps the records of the kept sweep, so the walk must have
    /// each change since that sweep began.
    pub(crate) fn walk_since(&self, since: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let kept = self.kept.as_ref().map(|kept| kept.sweep.began.time);
        since.map(|since| kept.map_or(since, |kept| since.min(kept)))
    }

    /// Registers the walk that was started for this list.
    pub(crate) fn begin(&mut self, walk: WalkHandle<E>) -> Plan<E> {
        self.longest_retry = Duration::ZERO;
        Plan::Begin(self.walk.insert(walk).clone())
    }

    /// Records that a caller of the running walk was put off.
    pub(crate) fn note_put_off(&mut self, retry_after: Duration) {
        self.longest_retry = self.longest_retry.max(retry_after);
    }

    /// The sweep that a finished walk must renew in place, because callers may still read it. A
    /// sweep without readers is dropped here, so no caller can continue it.
    pub(crate) fn predecessor(&mut self, lifetime: Duration, now: Instant) -> Option<Arc<Sweep>> {
        if self.kept.is_some() && !self.readers.need_renewal(lifetime, now) {
            self.drop_kept();
        }
        let older = self.kept.as_ref().map(|kept| Arc::clone(&kept.sweep));
        self.renewed_from = older.as_ref().map(|older| older.oldest);
        older
    }

    /// Keeps the sweep of the walk that ended.
    pub(crate) fn keep(&mut self, sweep: Arc<Sweep>, now: Instant) {
        self.walk = None;
        self.renewed_from = None;
        self.kept = Some(KeptSweep::new(sweep, self.longest_retry, now));
    }

    /// Ends a walk that failed. The kept sweep stays for its readers. `unreported` means that no
    /// caller waits for the failure.
    pub(crate) fn fail(&mut self, error: &Arc<WalkError<E>>, unreported: bool, now: Instant) {
        self.walk = None;
        self.renewed_from = None;
        self.remember_failure(error, unreported, now);
    }

    /// Keeps the failure until the end of its `Retry-After`, if it is `unreported`.
    pub(crate) fn remember_failure(
        &mut self,
        error: &Arc<WalkError<E>>,
        unreported: bool,
        now: Instant,
    ) {
        let until = now + error.retry_after().unwrap_or(RETRY_LATER);
        let failure = UnreportedFailure { error: Arc::clone(error), until };
        self.failure = unreported.then_some(failure);
    }

    /// Records an answer. Returns the start of the earliest sweep that the caller may have begun
    /// with, or `None` if no caller was known at this position.
    pub(crate) fn record(&mut self, answer: &Answer, now: Instant) -> Option<DateTime<Utc>> {
        let (window, kept) = (answer.window(), self.kept.as_mut()?);
        kept.read |= window.begins_sweep();
        let served = ServedWindow {
            start: window.start(),
            end: window.start().saturating_add(answer.len() as u64),
            count: kept.sweep.snapshot.len() as u64,
        };
        self.readers.record(served, kept.sweep.began.time, now)
    }

    /// Drops a sweep without readers that was unused for a lifetime or is too old for new readers.
    /// Also drops an ended walk and an old failure. Returns whether anything is left.
    pub(crate) fn expire(&mut self, config: &Config, now: Instant) -> bool {
        let is_old = |since: Instant| now.duration_since(since) > config.lifetime;
        let last_use = self.last_use();
        let is_over =
            |kept: &KeptSweep| last_use.is_none_or(is_old) || !kept.is_for_new_readers(config, now);
        if self.kept.as_ref().is_some_and(is_over) && !self.is_read(config.lifetime, now) {
            self.drop_kept();
        }
        self.walk.take_if(|walk| !walk.is_running());
        self.failure.take_if(|failure| failure.until <= now);
        self.kept.is_some() || self.walk.is_some() || self.failure.is_some()
    }

    pub(crate) fn keeps_a_sweep(&self) -> bool {
        self.kept.is_some()
    }

    /// Whether a walk is running or paused.
    pub(crate) fn is_walking(&self) -> bool {
        self.walk.as_ref().is_some_and(WalkHandle::is_running)
    }

    /// When the kept sweep was made or last served; `None` without a kept sweep.
    pub(crate) fn last_use(&self) -> Option<Instant> {
        let kept = self.kept.as_ref()?;
        Some(self.readers.last_answer().map_or(kept.since, |at| at.max(kept.since)))
    }

    /// No record of the kept sweep or of the running walk was collected before this moment; `None`
    /// if there is neither a sweep nor a walk.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        let kept = self.kept.as_ref().map(|kept| kept.sweep.oldest);
        let walk = self.walk.as_ref().map(|walk| walk.began.instant);
        kept.into_iter().chain(walk).chain(self.renewed_from).min()
    }

    fn is_read(&mut self, lifetime: Duration, now: Instant) -> bool {
        self.kept.is_some() && self.readers.any_left(lifetime, now)
    }

    fn drop_kept(&mut self) {
        self.kept = None;
        self.readers = Readers::default();
    }
}
