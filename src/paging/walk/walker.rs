//! Follows the upstream's pages to the end of the list.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use tracing::{info, warn};

use super::collection::{Collection, Difference};
use super::error::WalkError;
use super::fetcher::{Ahead, Fetched, Fetcher, Purpose};
use super::learnt::{Learnt, SentFilter};
use super::outcome::Cost;
use super::pass::{Pass, PassRecorder};
use super::place::Place;
use crate::clock::Clock;
use crate::paging::arriving::Arriving;
use crate::paging::config::CursorTrust;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page, Stamp};
use crate::paging::snapshot::{Budget, SnapshotBuilder, StorageError};
use crate::paging::source::Source;

/// A page whose records are collected.
struct Collected<E> {
    page: Page,
    /// Number of customers that were new to this pass or had changed.
    news: usize,
    /// The attempt to fetch the page after this one, if it was made.
    ahead: Option<Ahead<E>>,
}

/// Largest number of restarts of a pass. One more refused cursor fails the pass. A refusal after a
/// wait does not count, at most [`MAX_EXCUSED`] times.
const MAX_RESTARTS: u32 = 2;

/// Largest number of refusals of a pass that do not count, so that the walk ends.
const MAX_EXCUSED: u32 = 10;

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
        self.fetcher.learnt.trust.for_search(self.fetcher.search())
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
        let (mut refusals, mut excused) = (0, 0);
        loop {
            self.fetcher.waited = false;
            let error = match self.follow_cursors_to_the_end(&mut recorder).await {
                Err(error) if error.allows_new_pass() => error,
                ended => return ended.map(|()| recorder.finish()),
            };
            let is_excused = self.fetcher.waited && excused < MAX_EXCUSED;
            excused += u32::from(is_excused);
            refusals += u32::from(!is_excused);
            if refusals > MAX_RESTARTS {
                self.fetcher.learnt.filter_use.note_list_refused();
                return Err(error.at_the_last_pass(refusals, self.refused_after));
            }
            self.fetcher.cost.restarts += 1;
            warn!(walk.pages = self.fetcher.cost.pages, %error, "cursor no longer usable, restarting the pass");
            recorder = self.collection.restart_pass(recorder.began());
        }
    }

    /// Returns the place at which a pass begins. If cursors lose the filter and the list of changes
    /// has several pages, the pass reads the list of all customers.
    pub(super) async fn begin_list(&mut self) -> Result<Place, WalkError<S::Error>> {
        let since = self.fetcher.since;
        if since.is_some() && self.fetcher.sent() == SentFilter::Nowhere {
            let asked =
                self.fetcher.ask(&self.collection, Purpose::Look, since, None, None).await?;
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
        let (mut refusal, mut ahead) = (None, None);
        loop {
            let page = match self.fetch(&place, recorder, ahead.take()).await {
                Err(error) if error.allows_new_pass() => {
                    self.refused_after = place.began.elapsed();
                    let source = self.fetcher.source;
                    let last = recorder.stamp_in_order();
                    let Some(stamp) = last.filter(|stamp| place.can_ask_from(*stamp, source))
                    else {
                        return Err(error);
                    };
                    info!(walk.pages = self.fetcher.cost.pages, %error, "cursor no longer usable, continuing from the last stamp");
                    recorder.leave_cursors();
                    place = Place::first_page(Some(stamp));
                    refusal = Some(error);
                    continue;
                }
                page => page?,
            };
            // After a refusal, the pass may end here. So no page is asked for ahead.
            let next = page.next().filter(|_| refusal.is_none()).cloned();
            let collected = self.collect_and_ask_ahead(page, next, &place, recorder).await?;
            ahead = collected.ahead;
            if let Some(refusal) = refusal.take_if(|_| !recorder.is_ascending()) {
                return Err(refusal);
            }
            if !place.move_on(&collected.page, collected.news)? {
                break;
            }
        }
        self.fetcher.cost.passes += 1;
        Ok(())
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

    pub(super) fn begin_pass(&mut self) -> PassRecorder {
        if without(Defence::Union) {
            self.collection = Collection::new(self.budget);
        }
        self.collection.begin_pass(self.clock.now())
    }

    /// Fetches a page to collect its records. `ahead` is the result of the first attempt;
    /// `None` if no attempt was made yet.
    pub(super) async fn fetch(
        &mut self,
        place: &Place,
        recorder: &mut PassRecorder,
        ahead: Option<Ahead<S::Error>>,
    ) -> Result<Arriving, WalkError<S::Error>> {
        let (since, cursor) = (place.since, place.cursor.as_ref());
        let Fetched { page, given_out_before, after_pause } =
            self.fetcher.ask(&self.collection, Purpose::Collect, since, cursor, ahead).await?;
        if given_out_before {
            recorder.note_lost_page();
        }
        if after_pause {
            recorder.note_pause();
        }
        Ok(page)
    }

    /// Collects the records of a page, and at the same time asks for the page of `next`, if any.
    async fn collect_and_ask_ahead(
        &mut self,
        page: Arriving,
        next: Option<Cursor>,
        place: &Place,
        recorder: &mut PassRecorder,
    ) -> Result<Collected<S::Error>, StorageError> {
        let Self { fetcher, collection, clock, .. } = self;
        let (source, report) = (fetcher.source, fetcher.reporter());
        let now = clock.now();
        let ask = async {
            let cursor = next.as_ref()?;
            Some(fetcher.attempt(Purpose::Collect, place.since, Some(cursor)).await)
        };
        let collect = async {
            let page = page.whole().await;
            let news = collection.collect(source, &page, place, recorder, now);
            report(collection.len());
            (page, news)
        };
        // `join!` polls `ask` first, so the call for the next page begins before the collection.
        let (ahead, (page, news)) = tokio::join!(ask, collect);
        self.fetcher.cost.skipped += u64::from(page.skipped());
        Ok(Collected { page, news: news?, ahead })
    }

    /// Collects the records of a page. Returns the number of customers that were new to this pass
    /// or had changed.
    pub(super) fn collect(
        &mut self,
        page: &Page,
        place: &Place,
        recorder: &mut PassRecorder,
    ) -> Result<usize, StorageError> {
        let (source, now) = (self.fetcher.source, self.clock.now());
        let news = self.collection.collect(source, page, place, recorder, now)?;
        self.fetcher.cost.skipped += u64::from(page.skipped());
        self.fetcher.report(self.collection.len());
        Ok(news)
    }
}
