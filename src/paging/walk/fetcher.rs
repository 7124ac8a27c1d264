//! Asks for each page of a walk until it arrives.

use std::sync::Arc;

use chrono::NaiveDateTime;
use tokio::time::{Instant, sleep_until};
use tracing::info;

use super::attempt::AttemptError;
use super::collection::Collection;
use super::error::WalkError;
use super::learnt::{Learnt, SearchKind};
use super::outcome::Cost;
use super::patience::Patience;
use super::progress::{Job, PausedAt, Wait};
use crate::activity::Step;
use crate::paging::arriving::Arriving;
use crate::paging::defence::{Defence, without};
use crate::paging::page::Cursor;
use crate::paging::source::{Source, SourceError};
use crate::telemetry::with_causes;

/// Asks for the pages of one walk, counts the calls, and waits for an upstream that fails.
pub(crate) struct Fetcher<'a, S: Source> {
    pub(crate) source: &'a S,
    /// The stamp from which changes are asked for; `None` for all customers.
    pub(crate) since: Option<NaiveDateTime>,
    pub(crate) cost: Cost,
    pub(crate) learnt: &'a Learnt,
    /// Whether this walk reads the list of all customers although changes were asked for.
    pub(crate) reads_all: bool,
    /// Whether this walk fetched a page of changes by its cursor alone, without the filter. The
    /// cursors may then be those of the list of all customers. In that list, customers that this
    /// walk does not read shift the rows when they change.
    pub(crate) dropped_filter: bool,
    /// Whether the walk has waited since the walker last reset this field.
    pub(crate) waited: bool,
    patience: Patience,
    job: &'a dyn Job<S::Error>,
}

/// Why a page is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Its records are collected.
    Collect,
    /// Only its ids and stamps are compared.
    Look,
}

/// The result of the first attempt for a page, made while the previous page was collected.
pub(crate) type Ahead<E> = Result<Arriving, AttemptError<E>>;

/// A page, and what happened before it arrived.
pub(crate) struct Fetched {
    pub(crate) page: Arriving,
    /// Whether the upstream may already have given out this page, in an answer that was lost.
    pub(crate) given_out_before: bool,
    /// Whether the walk was paused before the page arrived.
    pub(crate) after_pause: bool,
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
        Self {
            source,
            since,
            cost: Cost::default(),
            learnt,
            reads_all: false,
            dropped_filter: false,
            waited: false,
            patience,
            job,
        }
    }

    /// The search that this walk reads.
    pub(crate) fn search(&self) -> SearchKind {
        SearchKind::from_since(self.since.filter(|_| !self.reads_all))
    }

    /// Reports the number of records collected so far.
    pub(crate) fn report(&self, records: usize) {
        self.reporter()(records);
    }

    /// Returns a function that reports the number of records collected so far. The function does
    /// not borrow the fetcher.
    pub(crate) fn reporter(&self) -> impl Fn(usize) + use<'a, S> {
        let (job, cost) = (self.job, self.cost);
        move |records| job.report(step(cost, records), None)
    }

    /// Asks for a page until it arrives. A cursor that is refused, loses the filter or no longer
    /// works after a pause is an error. If the upstream fails in another way, a walk that has met
    /// no customer fails too. Any other walk waits or is paused, and asks again. `ahead` is the
    /// result of the first attempt; `None` if no attempt was made.
    pub(crate) async fn ask(
        &mut self,
        collection: &Collection,
        purpose: Purpose,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
        mut ahead: Option<Ahead<S::Error>>,
    ) -> Result<Fetched, WalkError<S::Error>> {
        let (mut given_out_before, mut was_paused, mut after_pause) = (false, false, false);
        loop {
            let attempt = match ahead.take() {
                Some(attempt) => attempt,
                None => self.attempt(purpose, since, cursor).await,
            };
            let error = match attempt {
                Ok(page) => {
                    self.patience.restore();
                    return Ok(Fetched { page, given_out_before, after_pause });
                }
                Err(AttemptError::FilterLost) => return Err(WalkError::FilterLost),
                Err(AttemptError::Failed(error)) => Arc::new(error),
            };
            if error.is_cursor_rejected() || collection.seen() == 0 {
                return Err(WalkError::Source(error));
            }
            if was_paused && cursor.is_some() && self.look(None).await.is_ok() {
                return Err(WalkError::DeadCursor(error));
            }
            given_out_before |= cursor.is_some() && error.may_have_answered();
            self.waited = true;
            was_paused = self.outlast(collection, error).await?;
            after_pause |= was_paused;
        }
    }

    /// Waits until a page may be asked for again. If the walk's patience is used up, or if waiting
    /// cannot end the failure, the walk is paused. Returns whether the walk was paused.
    async fn outlast(
        &mut self,
        collection: &Collection,
        error: Arc<S::Error>,
    ) -> Result<bool, WalkError<S::Error>> {
        let records = collection.len();
        let now = Instant::now();
        let next_attempt = self.patience.next_attempt(&*error, now);
        if let Some(until) = next_attempt {
            let wait_ms = u64::try_from((until - now).as_millis()).unwrap_or(u64::MAX);
            info!(error = with_causes(&*error), wait_ms, walk.records = records, "walk waits");
            self.job.report(step(self.cost, records), Some(Wait::Upstream { error, until }));
            sleep_until(until).await;
        } else {
            let (pages, bytes) = (self.cost.pages, collection.bytes_in_memory());
            let paused = PausedAt { records, pages, bytes };
            if without(Defence::Pause) || !self.job.pause(&error, paused).await {
                return Err(WalkError::Source(error));
            }
            self.patience.restore();
        }
        self.report(records);
        Ok(next_attempt.is_none())
    }
}

fn step(Cost { passes, pages, .. }: Cost, records: usize) -> Step {
    Step { pass: passes + 1, pages, records: records as u64 }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::health::Health;
    use crate::paging::tests::support::{Bench, CONFIG, ModelError, Script, seconds};
    use crate::telemetry::Metrics;

    /// A job whose walk is never paused.
    struct NoJob;

    impl Job<ModelError> for NoJob {
        fn report(&self, _: Step, _: Option<Wait<ModelError>>) {}

        fn pause(&self, _: &Arc<ModelError>, _: PausedAt) -> BoxFuture<'_, bool> {
            Box::pin(std::future::ready(false))
        }
    }

    #[tokio::test]
    async fn a_walk_that_lost_its_filter_learns_of_the_search_for_everyone() {
        let bench = Bench::new(Script(Vec::new()));
        let learnt = Learnt::new(&CONFIG, &Metrics::new(), &Health::default());
        let patience = Patience::new(CONFIG.walk_patience, 1);
        let mut fetcher = Fetcher::new(&bench.model, seconds(1), &learnt, patience, &NoJob);
        assert_eq!(fetcher.search(), SearchKind::Changes);
        fetcher.reads_all = true;
        assert_eq!(fetcher.search(), SearchKind::Everyone);
    }
}
