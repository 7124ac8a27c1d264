//! Asks for the pages of a walk until they arrive.

use std::sync::Arc;

use chrono::NaiveDateTime;
use tokio::time::{Instant, sleep_until};
use tracing::info;

use super::collection::Collection;
use super::error::WalkError;
use super::learnt::{Learnt, SentFilter, keeps_to};
use super::outcome::Cost;
use super::patience::Patience;
use super::progress::{Job, PausedAt, Progress, Wait};
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page};
use crate::paging::source::{Source, SourceError};
use crate::telemetry::with_causes;

/// Asks for the pages of one walk, counts the calls, and waits for an upstream that fails.
pub(crate) struct Fetcher<'a, S: Source> {
    pub(crate) source: &'a S,
    /// The stamp from which changes are asked for; `None` for all customers.
    pub(crate) since: Option<NaiveDateTime>,
    pub(crate) cost: Cost,
    pub(crate) learnt: &'a Learnt,
    /// Whether the walk has waited since the walker last reset this.
    pub(crate) waited: bool,
    patience: Patience,
    job: &'a dyn Job<S::Error>,
}

/// What a page is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Its records are collected.
    Collect,
    /// Only its ids and stamps are compared.
    Look,
}

/// A page that arrived.
pub(crate) struct Fetched {
    pub(crate) page: Page,
    /// Whether the upstream may have given out the page before, in an answer that was lost.
    pub(crate) given_out_before: bool,
    /// Whether the walk was paused before it arrived.
    pub(crate) after_pause: bool,
}

/// Why one attempt got no page.
enum AttemptError<E> {
    Failed(E),
    /// The cursor leads to a page of another list.
    FilterLost,
}

// === impl AttemptError ===

impl<E> From<E> for AttemptError<E> {
    fn from(error: E) -> Self {
        Self::Failed(error)
    }
}

// === impl Fetcher ===

impl<'a, S: Source> Fetcher<'a, S> {
    pub(crate) fn new(
        source: &'a S,
        since: Option<NaiveDateTime>,
        learnt: &'a Learnt,
        patience: Patience,
        job: &'a dyn Job<S::Error>,
    ) -> Self {
        Self { source, since, cost: Cost::default(), learnt, waited: false, patience, job }
    }

    /// Reports the number of records collected so far.
    pub(crate) fn report(&self, records: usize) {
        self.job.report(Progress::fetching(records));
    }

    /// Asks for a page until it arrives. If the upstream fails, a walk that holds no customers
    /// fails too; any other walk waits.
    pub(crate) async fn ask(
        &mut self,
        held: &Collection,
        purpose: Purpose,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Fetched, WalkError<S::Error>> {
        let (mut given_out_before, mut was_paused, mut after_pause) = (false, false, false);
        loop {
            let error = match self.attempt(purpose, since, cursor).await {
                Ok(page) => {
                    self.patience.restore();
                    return Ok(Fetched { page, given_out_before, after_pause });
                }
                Err(AttemptError::FilterLost) => return Err(WalkError::FilterLost),
                Err(AttemptError::Failed(error)) => Arc::new(error),
            };
            if error.is_cursor_rejected() || held.is_empty() {
                return Err(WalkError::Source(error));
            }
            if was_paused && cursor.is_some() && self.look(None).await.is_ok() {
                return Err(WalkError::DeadCursor(error));
            }
            given_out_before |= cursor.is_some() && error.may_have_answered();
            self.waited = true;
            was_paused = self.outlast(held, error).await?;
            after_pause |= was_paused;
        }
    }

    /// Asks for a page, in the form that the upstream accepts.
    async fn attempt(
        &mut self,
        purpose: Purpose,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, AttemptError<S::Error>> {
        let (Some(filter), Some(_)) = (since, cursor) else {
            let page = self.call(purpose, since, cursor).await?;
            if let Some(filter) = since {
                self.learnt.filter_use.note_first_page(&page, filter);
            }
            return Ok(page);
        };
        match self.learnt.filter_use.sent() {
            SentFilter::WithCursor => self.attempt_with_both(purpose, filter, cursor).await,
            SentFilter::CursorAlone => {
                let page = self.call(purpose, None, cursor).await?;
                let carries = keeps_to(&page, filter);
                self.learnt.filter_use.note_alone(carries);
                if carries { Ok(page) } else { Err(AttemptError::FilterLost) }
            }
            SentFilter::Nowhere => Err(AttemptError::FilterLost),
        }
    }

    /// Asks with the filter and the cursor. If the upstream refuses that, asks with the cursor
    /// alone, whose page counts only if it keeps to the filter.
    async fn attempt_with_both(
        &mut self,
        purpose: Purpose,
        filter: NaiveDateTime,
        cursor: Option<&Cursor>,
    ) -> Result<Page, AttemptError<S::Error>> {
        match self.call(purpose, Some(filter), cursor).await {
            Ok(page) => {
                self.learnt.filter_use.note_both_fine();
                Ok(page)
            }
            Err(error)
                if error.is_cursor_rejected() && self.learnt.filter_use.may_try_cursor_alone() =>
            {
                match self.call(purpose, None, cursor).await {
                    Ok(page) => {
                        let carries = keeps_to(&page, filter);
                        self.learnt.filter_use.note_alone(carries);
                        if carries { Ok(page) } else { Err(error.into()) }
                    }
                    Err(alone) => {
                        if alone.is_cursor_rejected() {
                            self.learnt.filter_use.note_both_fine();
                        }
                        Err(error.into())
                    }
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes one call.
    async fn call(
        &mut self,
        purpose: Purpose,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, S::Error> {
        match (purpose, self.since) {
            (Purpose::Look, _) => {
                self.cost.checks += 1;
                self.source.peek(since, cursor).await
            }
            (Purpose::Collect, Some(_)) => {
                self.cost.pages += 1;
                self.source.page(since, cursor).await
            }
            (Purpose::Collect, None) => {
                self.cost.pages += 1;
                self.source.page_of_everyone(since, cursor).await
            }
        }
    }

    /// Waits until a page may be asked for again. A walk whose patience is over is paused. Returns
    /// whether the walk was paused.
    async fn outlast(
        &mut self,
        held: &Collection,
        error: Arc<S::Error>,
    ) -> Result<bool, WalkError<S::Error>> {
        let records = held.len();
        let now = Instant::now();
        let next_attempt = self.patience.next_attempt(&*error, now);
        if let Some(until) = next_attempt {
            let wait_ms = u64::try_from((until - now).as_millis()).unwrap_or(u64::MAX);
            info!(error = with_causes(&*error), wait_ms, walk.records = records, "walk waits");
            self.job.report(Progress { records, wait: Some(Wait { error, until }) });
            sleep_until(until).await;
        } else {
            let (pages, bytes) = (self.cost.pages, held.bytes_in_memory());
            let paused = PausedAt { records, pages, bytes };
            if without(Defence::Pause) || !self.job.pause(&error, paused).await {
                return Err(WalkError::Source(error));
            }
            self.patience.restore();
        }
        self.report(records);
        Ok(next_attempt.is_none())
    }

    /// Fetches a page of this walk's list to look at, not to collect.
    pub(crate) async fn look(&mut self, cursor: Option<&Cursor>) -> Result<Page, S::Error> {
        let is_both = cursor.is_some() && self.learnt.filter_use.sent() != SentFilter::WithCursor;
        let since = self.since.filter(|_| !is_both);
        self.call(Purpose::Look, since, cursor).await
    }
}
