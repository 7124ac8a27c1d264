//! The list of one filter: what is kept of it, the walk that renews it, and what a request may have of either.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::answer::Answer;
use super::readers::Readers;
use super::sweep::{Sweep, WalkHandle};
use crate::paging::walk::WalkError;
use crate::paging::window::Window;
use crate::paging::{Config, Count};

/// What is known of one filter.
#[derive(Debug)]
pub(crate) struct Slot<E> {
    kept: Option<KeptSweep>,
    /// Who reads what is kept, or the walk that is live.
    readers: Readers,
    walking: Option<WalkHandle<E>>,
    failed: Option<Failed<E>>,
}

/// A walk that ended badly while nobody waited for it: the next who asks is told, and not put off again.
#[derive(Debug)]
struct Failed<E> {
    error: Arc<WalkError<E>>,
    at: Instant,
}

/// The sweep that is served.
#[derive(Debug)]
struct KeptSweep {
    sweep: Arc<Sweep>,
    /// When it took the place of the one before.
    since: Instant,
    /// Whether its first page was ever answered.
    read: bool,
    /// Whether it came to its end. One that did not is served to nobody; it keeps the places of those who read it while
    /// it grew.
    complete: bool,
}

/// What a request gets.
#[derive(Debug)]
pub(crate) enum Plan<E> {
    /// The sweep that is kept.
    Serve(Arc<Sweep>),
    /// The walk that was under way.
    Join(WalkHandle<E>),
    /// A walk that begins now.
    Begin(WalkHandle<E>),
    /// What became of the last walk, which nobody has heard yet.
    Failed(Arc<WalkError<E>>),
    /// Nothing: it goes on with a sweep that is not known.
    Unknown,
}

// === impl List ===

impl<E> Default for Slot<E> {
    fn default() -> Self {
        Self { kept: None, readers: Readers::default(), walking: None, failed: None }
    }
}

impl<E> Slot<E> {
    /// Decides what a request for `window` gets (promises 4 and 8). `begin` begins a walk, and is told whether nobody
    /// reads an older list any more.
    pub(crate) fn plan(
        &mut self,
        window: Window,
        config: &Config,
        now: Instant,
        begin: impl FnOnce(bool) -> WalkHandle<E>,
    ) -> Plan<E> {
        let walking = self.walking.as_ref().filter(|walking| walking.is_running());
        if !window.begins_sweep() {
            let live = walking.filter(|walking| walking.live.is_some());
            return self.go_on(window, config, live);
        }
        if let Some(walking) = walking {
            return Plan::Join(walking.clone());
        }
        if let Some(kept) = self.kept.as_ref().filter(|kept| kept.is_for_new_readers(config, now)) {
            return Plan::Serve(Arc::clone(&kept.sweep));
        }
        if let Some(failed) = self.failed.take() {
            return Plan::Failed(failed.error);
        }
        let walking = begin(!self.is_read(config.lifetime, now));
        if walking.live.is_some() {
            self.drop_kept();
        }
        Plan::Begin(self.walking.insert(walking).clone())
    }

    /// What a request gets that goes on with a list: only one of which somebody had a first page, and never a walk under
    /// way but a live one.
    ///
    /// Lists that are read while they grow are in no order that another list of the filter has. Whoever goes on where
    /// nobody has been comes from such another one, from before a restart, and would pass over customers here.
    fn go_on(&self, window: Window, config: &Config, live: Option<&WalkHandle<E>>) -> Plan<E> {
        let is_stranger =
            config.count == Count::Progressive && !self.readers.may_resume_at(window.start());
        if self.readers.last_answer().is_none() || is_stranger {
            return Plan::Unknown;
        }
        let kept = self.kept.as_ref().filter(|kept| kept.complete);
        let kept = || kept.map(|kept| Plan::Serve(Arc::clone(&kept.sweep)));
        live.map(|live| Plan::Join(live.clone())).or_else(kept).unwrap_or(Plan::Unknown)
    }

    /// Whether a reader may still be on what is kept.
    fn is_read(&mut self, lifetime: Duration, now: Instant) -> bool {
        self.kept.is_some() && self.readers.any_left(lifetime, now)
    }

    /// From now on nobody goes on with what was kept.
    fn drop_kept(&mut self) {
        (self.kept, self.readers) = (None, Readers::default());
    }

    /// The sweep that the walk under way has to renew in place, because readers may still be on it. With none left,
    /// it is dropped here: from now on, and not only once its successor is there, nobody goes on with it.
    pub(crate) fn predecessor(&mut self, lifetime: Duration, now: Instant) -> Option<Arc<Sweep>> {
        if self.kept.is_some() && !self.is_read(lifetime, now) {
            self.drop_kept();
        }
        self.kept.as_ref().map(|kept| Arc::clone(&kept.sweep))
    }

    /// The walk under way ended well, and this is what it found, renewed from what [`Slot::predecessor`] configured.
    pub(crate) fn keep(&mut self, sweep: Arc<Sweep>, now: Instant) {
        let was_live = self.walking.take().is_some_and(|walking| walking.live.is_some());
        let read = was_live && self.readers.last_answer().is_some();
        if was_live {
            self.readers.refresh(now);
        }
        self.kept = Some(KeptSweep { sweep, since: now, read, complete: true });
    }

    /// The walk under way ended badly. What was kept before stays, for those who read it. So does, of a live one, the part
    /// that it came to, which the next walk renews in place for them. `unheard` says that nobody waits to be told.
    pub(crate) fn give_up(
        &mut self,
        error: &Arc<WalkError<E>>,
        part: Option<Arc<Sweep>>,
        unheard: bool,
        now: Instant,
    ) {
        let was_live = self.walking.take().is_some_and(|walking| walking.live.is_some());
        if let Some(sweep) = part.filter(|_| was_live && self.readers.last_answer().is_some()) {
            self.kept = Some(KeptSweep { sweep, since: now, read: true, complete: false });
        }
        self.failed = unheard.then(|| Failed { error: Arc::clone(error), at: now });
    }

    /// Notes an answer. Says from when on the one who reads them
    /// may have seen its customers; `None` when nobody was known to wait at this place.
    pub(crate) fn answered(
        &mut self,
        window: Window,
        answer: &Answer,
        now: Instant,
    ) -> Option<DateTime<Utc>> {
        let end = window.start().saturating_add(answer.len() as u64);
        let (count, began) = if let Some(kept) = &mut self.kept {
            kept.read |= window.begins_sweep();
            (kept.sweep.snapshot.len(), kept.sweep.began)
        } else {
            let live = self.walking.as_ref().filter(|walking| walking.live.is_some())?;
            (answer.count(), live.began)
        };
        self.readers.answered((window.start(), end, count as u64), began.time, now)
    }

    /// Forgets what was not used for a lifetime, and a sweep that its readers have read to the end, whose memory others
    /// need. Says whether anything is left.
    pub(crate) fn expire(&mut self, config: &Config, now: Instant) -> bool {
        let is_old = |since: Instant| now.duration_since(since) > config.lifetime;
        let last_answer = self.readers.last_answer();
        let last_use = |kept: &KeptSweep| last_answer.map_or(kept.since, |at| at.max(kept.since));
        let is_over =
            |kept: &KeptSweep| is_old(last_use(kept)) || !kept.is_for_new_readers(config, now);
        if self.kept.as_ref().is_some_and(is_over) && !self.is_read(config.lifetime, now) {
            self.drop_kept();
        }
        self.walking.take_if(|walking| !walking.is_running());
        self.failed.take_if(|failed| is_old(failed.at));
        self.kept.is_some() || self.walking.is_some() || self.failed.is_some()
    }

    /// Whether a sweep is kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }
}

// === impl Kept ===

impl KeptSweep {
    /// Whether a reader that begins now gets this sweep rather than a new walk.
    fn is_for_new_readers(&self, config: &Config, now: Instant) -> bool {
        let is_fresh = now.duration_since(self.sweep.began.instant) < config.reuse;
        self.complete && (!self.read || is_fresh)
    }
}
