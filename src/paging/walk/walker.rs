//! Follows the upstream's pages to the true end of the list.

use chrono::{DateTime, NaiveDateTime, Utc};
use tracing::{debug, warn};

use super::collection::{Collection, Difference};
use super::cost::Cost;
use super::cursor_trust::SearchKind;
use super::cycle_guard::CycleGuard;
use super::error::WalkError;
use super::pass::{Pass, PassRecorder};
use crate::clock::Clock;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page};
use crate::paging::snapshot::{Budget, SnapshotBuilder, StorageError};
use crate::paging::source::{Source, SourceError};

/// Restarts of a pass whose cursor the upstream refused, before the walk fails.
const MAX_RESTARTS: u32 = 2;

/// Makes the passes of one walk and unites the customers that they meet.
pub(crate) struct Walker<'a, S: Source> {
    source: &'a S,
    /// The stamp from which changes are asked for; `None` for all customers.
    since: Option<NaiveDateTime>,
    collection: Collection,
    cost: Cost,
    clock: &'a dyn Clock,
    budget: &'a Budget,
    /// Receives the number of records collected so far.
    progress: &'a (dyn Fn(usize) + Send + Sync),
}

// === impl Walker ===

impl<'a, S: Source> Walker<'a, S> {
    pub(crate) fn new(
        source: &'a S,
        since: Option<NaiveDateTime>,
        clock: &'a dyn Clock,
        budget: &'a Budget,
        progress: &'a (dyn Fn(usize) + Send + Sync),
    ) -> Self {
        let collection = Collection::new(budget);
        Self { source, since, collection, cost: Cost::default(), clock, budget, progress }
    }

    /// What the walk collected, and its cost.
    pub(crate) fn finish(self) -> (SnapshotBuilder, Cost) {
        (self.collection.into_builder(), self.cost)
    }

    /// The search that this walk reads.
    pub(crate) fn search(&self) -> SearchKind {
        SearchKind::from_since(self.since)
    }

    /// The earliest stamp that a change at `instant` or later can carry.
    pub(crate) fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        self.source.earliest_stamp(instant)
    }

    /// Makes one pass along the cursors, and restarts it at most [`MAX_RESTARTS`] times when a
    /// cursor is refused.
    pub(crate) async fn follow_cursors(&mut self) -> Result<Pass, WalkError<S::Error>> {
        let began = self.clock.now();
        let mut restarts = 0;
        loop {
            match self.follow_cursors_once(began).await {
                Err(WalkError::Source(error)) if error.is_cursor_rejected() => {
                    if restarts == MAX_RESTARTS {
                        let passes = MAX_RESTARTS + 1;
                        return Err(WalkError::CursorsExpire { passes, source: error });
                    }
                    restarts += 1;
                    self.cost.restarts += 1;
                    warn!(walk.pages = self.cost.pages, %error, "cursor refused, restarting the pass");
                }
                ended => return ended,
            }
        }
    }

    async fn follow_cursors_once(
        &mut self,
        began: DateTime<Utc>,
    ) -> Result<Pass, WalkError<S::Error>> {
        let mut recorder = self.begin_pass(began);
        let mut guard = CycleGuard::default();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page = self.fetch(self.since, cursor.as_ref()).await?;
            let new_customers = self.collect(&page, cursor.as_ref(), &mut recorder)?;
            match guard.next_cursor(&page, new_customers)? {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        self.cost.passes += 1;
        Ok(recorder.finish())
    }

    /// Makes one pass along the stamps: each page is the first page of the changes since the last
    /// stamp met, so there is no position that could move. Returns `None` for a list that is not in
    /// the order of its stamps or cannot be followed like this; its customers are collected all the
    /// same.
    pub(crate) async fn follow_stamps(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        match self.follow_stamps_to_the_end().await {
            Err(WalkError::Circle { .. } | WalkError::NoNews { .. }) => Ok(None),
            Err(WalkError::Source(error)) if error.is_cursor_rejected() => Ok(None),
            ended => ended,
        }
    }

    async fn follow_stamps_to_the_end(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        let mut recorder = self.begin_pass(self.clock.now());
        let mut guard = CycleGuard::default();
        let (mut since, mut cursor) = (self.since, None);
        let mut before: Option<Page> = None;
        loop {
            let page = self.fetch(since, cursor.as_ref()).await?;
            if cursor.is_none() {
                let last = before.as_ref().and_then(|page| page.records().last());
                recorder.ask_from(last, page.records().next().and_then(|record| record.stamp));
            }
            let new_customers = self.collect(&page, cursor.as_ref(), &mut recorder)?;
            if !recorder.is_ascending() {
                return Ok(None);
            }
            let Some(next) = guard.next_cursor(&page, new_customers)? else {
                self.cost.passes += 1;
                return Ok(Some(recorder.finish()));
            };
            match page.records().last().and_then(|record| record.stamp) {
                // A new question has new cursors, even where their text is the same.
                Some(stamp) if Some(stamp) > since && !self.source.shows_twice(stamp) => {
                    (since, cursor, guard) = (Some(stamp), None, CycleGuard::default());
                }
                // An empty page, more customers of one stamp than a page holds, or an ambiguous
                // stamp: only the cursor leads on.
                _ => {
                    recorder.follow_cursor();
                    cursor = Some(next);
                }
            }
            before = Some(page);
        }
    }

    /// Fetches a page of this walk's list to look at, not to collect.
    pub(crate) async fn look(&mut self, cursor: Option<&Cursor>) -> Result<Page, S::Error> {
        self.cost.checks += 1;
        self.source.peek(self.since, cursor).await
    }

    /// Whether the walk has collected all that the upstream shows since `since`, in at most
    /// `max_pages` pages. Returns false if there are more pages or a call fails.
    pub(crate) async fn has_all_since(&mut self, since: NaiveDateTime, max_pages: u32) -> bool {
        // Older changes are not in a list of changes, so the probe never asks for them.
        let since = self.since.max(Some(since));
        let mut cursor = None;
        for _ in 0..max_pages {
            self.cost.checks += 1;
            let Ok(page) = self.source.peek(since, cursor.as_ref()).await else { return false };
            // A record without an id may be a change of any customer.
            if page.skipped() > 0 || !page.records().all(|record| self.collection.contains(record))
            {
                return false;
            }
            match page.next() {
                Some(next) => cursor = Some(next.clone()),
                None => return true,
            }
        }
        false
    }

    /// Compares two successive passes.
    pub(crate) fn difference(&self, earlier: &Pass, later: &Pass) -> Difference {
        self.collection.difference(self.source, earlier, later)
    }

    fn begin_pass(&mut self, began: DateTime<Utc>) -> PassRecorder {
        if without(Defence::Union) {
            self.collection = Collection::new(self.budget);
        }
        PassRecorder::new(self.collection.begin_pass(), began)
    }

    async fn fetch(
        &mut self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, WalkError<S::Error>> {
        self.cost.pages += 1;
        let page = match self.since {
            Some(_) => self.source.page(since, cursor).await,
            None => self.source.page_of_everyone(since, cursor).await,
        };
        let page = page.map_err(WalkError::Source)?;
        self.cost.skipped += u64::from(page.skipped());
        Ok(page)
    }

    /// Adds a page's records. Returns the number of customers that this pass had not met before.
    fn collect(
        &mut self,
        page: &Page,
        cursor: Option<&Cursor>,
        recorder: &mut PassRecorder,
    ) -> Result<usize, StorageError> {
        let first = page.records().next().map(|record| record.id);
        let number = recorder.begin_page(cursor, first, self.clock.now());
        let new_customers = self.collection.add(self.source, page, number, recorder)?;
        (self.progress)(self.collection.len());
        debug!(
            walk.page = number + 1,
            page.records = page.len(),
            page.new = new_customers,
            "page fetched"
        );
        Ok(new_customers)
    }
}
