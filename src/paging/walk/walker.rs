//! Follows the upstream's pages to the end of the list.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use tracing::{debug, info, warn};

use super::collection::{Collection, Difference};
use super::error::WalkError;
use super::fetcher::{Fetched, Fetcher, Purpose};
use super::learnt::{Learnt, SearchKind, SentFilter};
use super::outcome::Cost;
use super::pass::{Pass, PassRecorder};
use super::place::Place;
use crate::clock::Clock;
use crate::paging::config::CursorTrust;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page, Stamp};
use crate::paging::snapshot::{Budget, SnapshotBuilder, StorageError};
use crate::paging::source::Source;

/// Largest number of restarts of a pass. One more refused cursor fails the pass.
const MAX_RESTARTS: u32 = 2;

/// Makes the passes of one walk and unites the customers that they meet.
pub(crate) struct Walker<'a, S: Source> {
    pub(super) fetcher: Fetcher<'a, S>,
    pub(super) collection: Collection,
    pub(super) clock: &'a dyn Clock,
    budget: &'a Budget,
    /// The time from the first page of a list to the last refusal of one of the list's cursors.
    refused_after: Duration,
}

// === impl Walker ===

impl<'a, S: Source> Walker<'a, S> {
    /// A walker whose customers take their memory from `budget`.
    pub(crate) fn new(fetcher: Fetcher<'a, S>, clock: &'a dyn Clock, budget: &'a Budget) -> Self {
        let (collection, refused_after) = (Collection::new(budget), Duration::ZERO);
        Self { fetcher, collection, clock, budget, refused_after }
    }

    /// What the walk collected, and its cost.
    pub(crate) fn finish(self) -> (SnapshotBuilder, Cost) {
        let contradictions = self.collection.contradictions;
        (self.collection.into_builder(), Cost { contradictions, ..self.fetcher.cost })
    }

    /// Number of customers met, excluded ones included.
    pub(crate) fn customers(&self) -> usize {
        self.collection.seen()
    }

    /// The stamps of the customers collected.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.collection.stamps()
    }

    /// What the walks of the brand have learnt.
    pub(crate) fn learnt(&self) -> &'a Learnt {
        self.fetcher.learnt
    }

    /// The trust in the cursors of this walk's search.
    pub(crate) fn trust(&self) -> CursorTrust {
        self.fetcher.learnt.trust.for_search(self.search())
    }

    /// The search that this walk reads.
    pub(crate) fn search(&self) -> SearchKind {
        SearchKind::from_since(self.fetcher.since)
    }

    /// The earliest stamp that a change at `instant` or later can carry.
    pub(crate) fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        self.fetcher.source.earliest_stamp(instant)
    }

    /// Makes one pass along the cursors. After a refused cursor, the pass continues from the last
    /// stamp if the list is in the order of its stamps. Otherwise the pass is restarted, at most
    /// [`MAX_RESTARTS`] times. A restart does not count if the walk waited before the refusal,
    /// because the cursor may have expired during the wait.
    pub(crate) async fn follow_cursors(&mut self) -> Result<Pass, WalkError<S::Error>> {
        let mut recorder = self.begin_pass();
        let mut refusals = 0;
        loop {
            self.fetcher.waited = false;
            let error = match self.follow_cursors_to_the_end(&mut recorder).await {
                Err(error) if error.allows_new_pass() => error,
                ended => return ended.map(|()| recorder.finish()),
            };
            refusals += u32::from(!self.fetcher.waited);
            if refusals > MAX_RESTARTS {
                self.fetcher.learnt.filter_use.note_list_refused();
                return Err(error.at_the_last_pass(refusals, self.refused_after));
            }
            self.fetcher.cost.restarts += 1;
            warn!(walk.pages = self.fetcher.cost.pages, %error, "cursor refused, restarting the pass");
            recorder = PassRecorder::new(self.collection.restart_pass(), recorder.began());
        }
    }

    /// Returns the first page of a pass. If cursors lose the filter and the list of changes has
    /// several pages, the pass reads the list of all customers.
    async fn begin_list(&mut self) -> Result<Place, WalkError<S::Error>> {
        let since = self.fetcher.since;
        if since.is_some() && self.fetcher.sent() == SentFilter::Nowhere {
            let asked = self.fetcher.ask(&self.collection, Purpose::Look, since, None).await?;
            self.fetcher.reads_all |= asked.page.next().is_some();
        }
        if self.fetcher.reads_all {
            return Ok(Place::first_page(None));
        }
        Ok(Place::first_page(since))
    }

    async fn follow_cursors_to_the_end(
        &mut self,
        recorder: &mut PassRecorder,
    ) -> Result<(), WalkError<S::Error>> {
        let mut place = self.begin_list().await?;
        let mut refusal = None;
        loop {
            let page = match self.fetch(&place, recorder).await {
                Err(error) if error.allows_new_pass() => {
                    self.refused_after = place.begun.elapsed();
                    let source = self.fetcher.source;
                    let last = recorder.stamp_in_order();
                    let Some(stamp) = last.filter(|stamp| place.can_ask_from(*stamp, source))
                    else {
                        return Err(error);
                    };
                    info!(walk.pages = self.fetcher.cost.pages, %error, "cursor refused, going on from the last stamp");
                    recorder.leave_cursors();
                    place = Place::first_page(Some(stamp));
                    refusal = Some(error);
                    continue;
                }
                page => page?,
            };
            let news = self.collect(&page, &place, recorder)?;
            if let Some(refusal) = refusal.take_if(|_| !recorder.is_ascending()) {
                return Err(refusal);
            }
            if !place.move_on(&page, news)? {
                break;
            }
        }
        self.fetcher.cost.passes += 1;
        Ok(())
    }

    /// Makes one pass along the stamps. Each page is the first page of the changes since the last
    /// stamp met, so rows that move cannot shift the pass. Returns `None` if the list is not in the
    /// order of its stamps, or if its cursors form a circle, are refused or lose the filter. The
    /// walk keeps the customers met in every case.
    pub(crate) async fn follow_stamps(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        match self.follow_stamps_to_the_end().await {
            Err(WalkError::Circle { .. } | WalkError::NoNews { .. }) => Ok(None),
            Err(error) if error.allows_new_pass() => Ok(None),
            ended => ended,
        }
    }

    async fn follow_stamps_to_the_end(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        let mut recorder = self.begin_pass();
        let mut place = self.begin_list().await?;
        let mut before: Option<Page> = None;
        loop {
            let page = self.fetch(&place, &mut recorder).await?;
            if place.cursor.is_none() {
                let last = before.as_ref().and_then(|page| page.records().last());
                recorder.ask_from(last, page.records().next().and_then(|record| record.stamp));
            }
            let news = self.collect(&page, &place, &mut recorder)?;
            if !recorder.is_ascending() {
                return Ok(None);
            }
            if !place.move_on(&page, news)? {
                self.fetcher.cost.passes += 1;
                return Ok(Some(recorder.finish()));
            }
            match page.records().last().and_then(|record| record.stamp) {
                Some(stamp) if place.can_ask_from(stamp, self.fetcher.source) => {
                    place = Place::first_page(Some(stamp));
                }
                // The page is empty, or all its customers have one stamp, or the clock shows the
                // stamp twice. Only the cursor leads to the next page.
                _ => recorder.follow_cursor(),
            }
            before = Some(page);
        }
    }

    /// Fetches a page of this walk's list to compare it. The records are not collected.
    pub(crate) async fn look(&mut self, cursor: Option<&Cursor>) -> Result<Page, S::Error> {
        self.fetcher.look(cursor).await
    }

    /// Compares two successive passes.
    pub(crate) fn difference(&self, earlier: &Pass, later: &Pass) -> Difference {
        let changed_since = self.earliest_stamp(earlier.began);
        let changed_since = changed_since.checked_add_signed(self.clock_ahead());
        let changed_since = changed_since.unwrap_or(NaiveDateTime::MAX);
        self.collection.difference(self.fetcher.source, changed_since, earlier, later)
    }

    fn begin_pass(&mut self) -> PassRecorder {
        if without(Defence::Union) {
            self.collection = Collection::new(self.budget);
        }
        let now = self.clock.now();
        PassRecorder::new(self.collection.begin_pass(now), now)
    }

    async fn fetch(
        &mut self,
        place: &Place,
        recorder: &mut PassRecorder,
    ) -> Result<Page, WalkError<S::Error>> {
        let (since, cursor) = (place.since, place.cursor.as_ref());
        let Fetched { page, given_out_before, after_pause } =
            self.fetcher.ask(&self.collection, Purpose::Collect, since, cursor).await?;
        self.fetcher.cost.skipped += u64::from(page.skipped());
        if given_out_before {
            recorder.note_lost_page();
        }
        if after_pause {
            recorder.note_pause();
        }
        Ok(page)
    }

    /// Adds a page's records. Returns the number of customers that were new to this pass or had
    /// changed.
    fn collect(
        &mut self,
        page: &Page,
        place: &Place,
        recorder: &mut PassRecorder,
    ) -> Result<usize, StorageError> {
        let first = page.records().next().map(|record| record.id);
        let number = recorder.begin_page(place.cursor.as_ref(), first, self.clock.now());
        let news = self.collection.add(self.fetcher.source, page, number, recorder)?;
        self.fetcher.report(self.collection.len());
        debug!(walk.page = number + 1, page.records = page.len(), page.news = news, "page fetched");
        Ok(news)
    }
}
