//! What is known of one filter: the kept sweep, the running walk, and the last failure.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::answer::Answer;
use super::error::RETRY_LATER;
use super::readers::{ReadPage, Readers};
use super::sweep::{Sweep, WalkHandle};
use crate::paging::walk::WalkError;
use crate::paging::{Config, SourceError, Window};

/// What is known of one filter.
#[derive(Debug)]
pub(crate) struct Slot<E> {
    kept: Option<KeptSweep>,
    /// The callers that read the kept sweep.
    readers: Readers,
    walk: Option<WalkHandle<E>>,
    /// The longest `Retry-After` that callers of the running walk received.
    longest_retry: Duration,
    failure: Option<UnreportedFailure<E>>,
}

/// The failure of a walk that no caller waited for. The next caller receives it.
#[derive(Debug)]
struct UnreportedFailure<E> {
    error: Arc<WalkError<E>>,
    /// When the failure is no longer news: a caller that was refused with it may try again.
    until: Instant,
}

/// The sweep that is served.
#[derive(Debug)]
struct KeptSweep {
    sweep: Arc<Sweep>,
    /// When its walk ended.
    since: Instant,
    /// Until when a sweep that no caller has read waits for the callers that were put off.
    awaited_until: Instant,
    /// Whether its first page was served.
    read: bool,
}

/// How long after its `Retry-After` a caller may come back for the sweep that it was put off for.
const RETRY_GRACE: Duration = Duration::from_mins(1);

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
    /// The last walk's failure, which no caller has received yet.
    Fail(Arc<WalkError<E>>),
    /// Nothing: the sweep that the request continues is not known.
    Unknown,
    /// Nothing: a caller of another filter waits at this place.
    OtherFilter,
}

// === impl Slot ===

impl<E> Default for Slot<E> {
    fn default() -> Self {
        Self {
            kept: None,
            readers: Readers::default(),
            walk: None,
            longest_retry: Duration::ZERO,
            failure: None,
        }
    }
}

impl<E: SourceError> Slot<E> {
    /// Decides what a request for `window` gets (promises 4 and 8). `None` asks for a new walk.
    pub(crate) fn plan(
        &mut self,
        window: Window,
        config: &Config,
        now: Instant,
    ) -> Option<Plan<E>> {
        if !window.begins_sweep() {
            return Some(self.plan_to_continue());
        }
        let walk = self.walk.as_ref().filter(|walk| walk.is_running());
        if let Some(walk) = walk.filter(|walk| !walk.is_paused()) {
            return Some(Plan::Join(walk.clone()));
        }
        if let Some(kept) = self.kept.as_ref().filter(|kept| kept.is_for_new_readers(config, now)) {
            return Some(Plan::Serve(Arc::clone(&kept.sweep)));
        }
        if let Some(failure) = self.failure.take().filter(|failure| now < failure.until) {
            return Some(Plan::Fail(failure.error));
        }
        walk.map(|walk| Plan::Resume(walk.clone()))
    }

    /// Whether a caller of the kept sweep waits at exactly this position.
    pub(crate) fn is_awaited_at(&self, start: u64) -> bool {
        self.kept.is_some() && self.readers.is_awaited_at(start)
    }

    /// A caller continues only a kept sweep of a list that was served before.
    fn plan_to_continue(&self) -> Plan<E> {
        match &self.kept {
            Some(kept) if self.readers.last_answer().is_some() => {
                Plan::Serve(Arc::clone(&kept.sweep))
            }
            _ => Plan::Unknown,
        }
    }

    /// Registers the walk that was started for this filter.
    pub(crate) fn begin(&mut self, walk: WalkHandle<E>) -> Plan<E> {
        self.longest_retry = Duration::ZERO;
        Plan::Begin(self.walk.insert(walk).clone())
    }

    /// Records that a caller of the running walk was put off.
    pub(crate) fn note_put_off(&mut self, retry_after: Duration) {
        self.longest_retry = self.longest_retry.max(retry_after);
    }

    /// The sweep that a finished walk must renew in place, because callers may still read it. A
    /// sweep without readers is dropped here, so that no caller continues it from now on.
    pub(crate) fn predecessor(&mut self, lifetime: Duration, now: Instant) -> Option<Arc<Sweep>> {
        if self.kept.is_some() && !self.is_read(lifetime, now) {
            self.drop_kept();
        }
        self.kept.as_ref().map(|kept| Arc::clone(&kept.sweep))
    }

    /// Keeps the sweep of the walk that ended.
    pub(crate) fn keep(&mut self, sweep: Arc<Sweep>, now: Instant) {
        self.walk = None;
        let awaited_until = now + self.longest_retry + RETRY_GRACE;
        self.kept = Some(KeptSweep { sweep, since: now, awaited_until, read: false });
    }

    /// Ends a walk that failed. The kept sweep stays for its readers. `unreported`: no caller waits
    /// for the failure.
    pub(crate) fn fail(&mut self, error: &Arc<WalkError<E>>, unreported: bool, now: Instant) {
        self.walk = None;
        self.remember_failure(error, unreported, now);
    }

    /// Keeps a failure that is `unreported`, for as long as its caller would be put off.
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

    /// Records an answer. Returns when its caller may first have seen these customers, or `None` if
    /// no caller was known at this position.
    pub(crate) fn record(
        &mut self,
        window: Window,
        answer: &Answer,
        now: Instant,
    ) -> Option<DateTime<Utc>> {
        let kept = self.kept.as_mut()?;
        kept.read |= window.begins_sweep();
        let page = ReadPage {
            start: window.start(),
            end: window.start().saturating_add(answer.len() as u64),
            count: kept.sweep.snapshot.len() as u64,
        };
        self.readers.record(page, kept.sweep.began.time, now)
    }

    /// Drops what was unused for a lifetime, and a sweep without readers that is too old for new
    /// ones. Returns whether anything is left.
    pub(crate) fn expire(&mut self, config: &Config, now: Instant) -> bool {
        let is_old = |since: Instant| now.duration_since(since) > config.lifetime;
        let last_answer = self.readers.last_answer();
        let last_use = |kept: &KeptSweep| last_answer.map_or(kept.since, |at| at.max(kept.since));
        let is_over =
            |kept: &KeptSweep| is_old(last_use(kept)) || !kept.is_for_new_readers(config, now);
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

    fn is_read(&mut self, lifetime: Duration, now: Instant) -> bool {
        self.kept.is_some() && self.readers.any_left(lifetime, now)
    }

    fn drop_kept(&mut self) {
        self.kept = None;
        self.readers = Readers::default();
    }
}

// === impl KeptSweep ===

impl KeptSweep {
    /// Whether a caller that begins now gets this sweep instead of a new walk.
    fn is_for_new_readers(&self, config: &Config, now: Instant) -> bool {
        let is_fresh = now.duration_since(self.sweep.began.instant) < config.reuse;
        let is_awaited = !self.read && now < self.awaited_until;
        is_awaited || is_fresh
    }
}
