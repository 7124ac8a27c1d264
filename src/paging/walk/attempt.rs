//! Makes one attempt to fetch a page. The filter and the cursor are sent together, or the cursor
//! alone, as the upstream accepts them.

use chrono::NaiveDateTime;

use super::fetcher::{Fetcher, Purpose};
use super::learnt::{SearchKind, SentFilter, keeps_to, older_records};
use crate::paging::arriving::Arriving;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page};
use crate::paging::source::{Source, SourceError};

/// Why one attempt got no page.
pub(crate) enum AttemptError<E> {
    Failed(E),
    /// The cursor loses the filter, or may lose it. This walk now reads the list of all customers.
    FilterLost,
}

/// What a page that was fetched by the cursor alone shows about the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carried {
    /// The page keeps to the filter, and the first page of all customers does not.
    Kept,
    /// The page has customers that the filter excludes.
    Lost,
    /// The page is empty, or the first page of all customers keeps to the filter too, or this first
    /// page could not be fetched.
    Unclear,
}

// === impl AttemptError ===

impl<E> From<E> for AttemptError<E> {
    fn from(error: E) -> Self {
        Self::Failed(error)
    }
}

// === impl Fetcher ===

impl<S: Source> Fetcher<'_, S> {
    /// Asks for a page. Whether the filter is sent together with a cursor depends on what was
    /// learnt ([`SentFilter`]).
    pub(super) async fn attempt(
        &mut self,
        purpose: Purpose,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Arriving, AttemptError<S::Error>> {
        let (Some(filter), Some(_)) = (since, cursor) else {
            let page = self.call(purpose, since, cursor).await?;
            let Some(filter) = since else { return Ok(page) };
            let page = page.whole().await;
            self.learnt.filter_use.note_first_page(&page, filter);
            return Ok(page.into());
        };
        match self.sent() {
            SentFilter::WithCursor => self.attempt_with_both(purpose, filter, cursor).await,
            SentFilter::CursorAlone => {
                let page = self.call(purpose, None, cursor).await?.whole().await;
                let carries = keeps_to(&page, filter);
                self.learnt.filter_use.note_alone(carries);
                if !carries {
                    return Err(self.lose_filter());
                }
                self.note_dropped_filter(purpose);
                Ok(page.into())
            }
            SentFilter::Nowhere => Err(self.lose_filter()),
        }
    }

    /// Asks with the filter and the cursor. If the upstream refuses both together, asks with the
    /// cursor alone. A page that arrives for the cursor alone is used only if it shows that the
    /// cursor carries the filter. Otherwise, the walk reads the list of all customers.
    async fn attempt_with_both(
        &mut self,
        purpose: Purpose,
        filter: NaiveDateTime,
        cursor: Option<&Cursor>,
    ) -> Result<Arriving, AttemptError<S::Error>> {
        let error = match self.call(purpose, Some(filter), cursor).await {
            Ok(page) => {
                self.learnt.filter_use.note_together();
                return Ok(page);
            }
            Err(error) => error,
        };
        if !error.is_cursor_rejected() || !self.learnt.filter_use.may_try_cursor_alone() {
            return Err(error.into());
        }
        let page = match self.call(purpose, None, cursor).await {
            Ok(page) => page.whole().await,
            Err(alone) => {
                if alone.is_cursor_rejected() {
                    self.learnt.filter_use.note_neither();
                }
                return Err(error.into());
            }
        };
        match self.carried(&page, filter).await {
            Carried::Kept => {
                self.learnt.filter_use.note_alone(true);
                self.note_dropped_filter(purpose);
                Ok(page.into())
            }
            Carried::Lost => {
                self.learnt.filter_use.note_alone(false);
                Err(self.lose_filter())
            }
            Carried::Unclear => {
                self.learnt.filter_use.note_unclear();
                Err(self.lose_filter())
            }
        }
    }

    /// What `page`, fetched by the cursor alone, shows about `filter`.
    async fn carried(&mut self, page: &Page, filter: NaiveDateTime) -> Carried {
        if !keeps_to(page, filter) {
            return Carried::Lost;
        }
        if without(Defence::KeptFilter) {
            return Carried::Kept;
        }
        let Ok(all) = self.call(Purpose::Look, None, None).await else { return Carried::Unclear };
        let is_older = older_records(&all.whole().await, filter) > 0;
        if is_older && !page.is_empty() { Carried::Kept } else { Carried::Unclear }
    }

    /// Makes this walk read the list of all customers from now on.
    fn lose_filter(&mut self) -> AttemptError<S::Error> {
        self.reads_all = true;
        self.dropped_filter = false;
        AttemptError::FilterLost
    }

    /// Records a page that arrived for its cursor without the filter. A page that is only compared
    /// shows nothing about the pages that are collected.
    fn note_dropped_filter(&mut self, purpose: Purpose) {
        self.dropped_filter |= matches!(purpose, Purpose::Collect);
    }

    /// How this walk sends its filter.
    pub(crate) fn sent(&self) -> SentFilter {
        if self.reads_all { SentFilter::Nowhere } else { self.learnt.filter_use.sent() }
    }

    /// Makes one call and counts it.
    async fn call(
        &mut self,
        purpose: Purpose,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Arriving, S::Error> {
        let of_everyone = self.search() == SearchKind::Everyone;
        match purpose {
            Purpose::Look => {
                self.cost.checks += 1;
                self.source.peek(since, cursor).await.map(Arriving::from)
            }
            Purpose::Collect => {
                self.cost.pages += 1;
                self.source.arriving_page(since, cursor, of_everyone).await
            }
        }
    }

    /// Fetches a page of this walk's list to compare it. The records are not collected.
    pub(crate) async fn look(&mut self, cursor: Option<&Cursor>) -> Result<Page, S::Error> {
        let drops_filter =
            self.reads_all || cursor.is_some() && self.sent() != SentFilter::WithCursor;
        let since = self.since.filter(|_| !drops_filter);
        Ok(self.call(Purpose::Look, since, cursor).await?.whole().await)
    }
}
