//! Going through the upstream's pages from the first to the last, and never taking a false end for the true one.

use chrono::NaiveDateTime;
use tracing::{debug, warn};

use super::cycle_guard::CycleGuard;
use super::defences::Defences;
use super::error::WalkError;
use super::pass::{Pass, PassRecorder};
use super::sightings::Sightings;
use crate::clock::Clock;
use crate::paging::snapshot::SnapshotBuilder;
use crate::paging::snapshot::{Budget, StorageError};
use crate::paging::source::{Cursor, Page, Source, SourceError, Stamp};
use crate::paging::sweeps::Live;

/// How often a walk is begun again because a cursor expired under it, before the upstream is held to be at fault.
const MAX_RESTARTS: u32 = 2;

/// Walks over one list, as often as it takes, and gathers whom it meets.
pub(crate) struct Walker<'a, S: Source> {
    pub(crate) source: &'a S,
    /// From which stamp on; everyone without it.
    pub(crate) since: Option<NaiveDateTime>,
    pub(crate) defences: Defences,
    pub(crate) builder: Live,
    pub(crate) sightings: Sightings,
    pub(crate) cost: Cost,
    clock: &'a dyn Clock,
    budget: &'a Budget,
    progress: &'a (dyn Fn(Reached) + Send + Sync),
}

/// How far a walk has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Customers gathered that are to be served.
    pub(crate) records: usize,
    /// What it has cost so far.
    pub(crate) cost: Cost,
}

/// What a walk cost and met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Passes over the list that came to its end.
    pub passes: u32,
    /// Pages that passes asked for, those begun again included.
    pub pages: u64,
    /// Pages asked for to see whether anything moved.
    pub checks: u64,
    /// How often a pass was begun again because a cursor had expired.
    pub restarts: u32,
    /// Records left out because the upstream sent them without a usable id.
    pub skipped: u64,
}

// === impl Walker ===

impl<'a, S: Source> Walker<'a, S> {
    /// A walker that has met nobody yet and gathers here. `progress` is told how far it has come.
    pub(crate) fn new(
        source: &'a S,
        since: Option<NaiveDateTime>,
        builder: Live,
        (budget, clock): (&'a Budget, &'a dyn Clock),
        defences: Defences,
        progress: &'a (dyn Fn(Reached) + Send + Sync),
    ) -> Self {
        let (sightings, cost) = (Sightings::default(), Cost::default());
        Self { source, since, defences, builder, sightings, cost, clock, budget, progress }
    }

    /// One pass along the cursors. One that expires begins it again, a bounded number of times.
    pub(crate) async fn follow_cursors(&mut self) -> Result<Pass, WalkError<S::Error>> {
        let mut restarts = 0;
        loop {
            match self.follow_cursors_once().await {
                Err(WalkError::Source(error)) if error.is_cursor_rejected() => {
                    if restarts == MAX_RESTARTS {
                        let walks = MAX_RESTARTS + 1;
                        return Err(WalkError::CursorsExpire { walks, source: error });
                    }
                    restarts += 1;
                    self.cost.restarts += 1;
                    warn!(walk.pages = self.cost.pages, %error, "cursor refused, beginning the walk again");
                }
                ended => return ended,
            }
        }
    }

    async fn follow_cursors_once(&mut self) -> Result<Pass, WalkError<S::Error>> {
        let mut notes = self.begin_pass();
        let mut guard = CycleGuard::default();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page = self.fetch(self.since, cursor.as_ref()).await?;
            let news = self.gather(&page, cursor.as_ref(), &mut notes)?;
            match guard.pass(&page, news, self.defences.cycle_guard)? {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        self.cost.passes += 1;
        Ok(notes.finish())
    }

    /// One pass along the stamps: each page is the first of those that are asked for from the last stamp on, so that
    /// there is no place to lose. `None` when the list turns out not to be fit for it: not in the order of its stamps,
    /// or not to be got through like this; whom it met is gathered all the same.
    pub(crate) async fn follow_stamps(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        match self.follow_stamps_to_the_end().await {
            Err(WalkError::Circle { .. } | WalkError::NoNews { .. }) => Ok(None),
            Err(WalkError::Source(error)) if error.is_cursor_rejected() => Ok(None),
            ended => ended,
        }
    }

    async fn follow_stamps_to_the_end(&mut self) -> Result<Option<Pass>, WalkError<S::Error>> {
        let mut notes = self.begin_pass();
        let mut guard = CycleGuard::default();
        let (mut since, mut cursor, mut last) = (self.since, None, None);
        loop {
            let page = self.fetch(since, cursor.as_ref()).await?;
            if cursor.is_none() {
                notes.ask_from(last, page.records().next().and_then(|record| record.stamp));
            }
            let news = self.gather(&page, cursor.as_ref(), &mut notes)?;
            if !notes.is_ascending() {
                return Ok(None);
            }
            let Some(next) = guard.pass(&page, news, self.defences.cycle_guard)? else {
                self.cost.passes += 1;
                return Ok(Some(notes.finish()));
            };
            last = page.records().last().map(|record| (record.id, record.stamp));
            match last.and_then(|(_, stamp)| stamp) {
                // Another question: its cursors are others, even where they are written alike.
                Some(stamp) if Some(stamp) > since && !self.source.shows_twice(stamp) => {
                    (since, cursor, guard) = (Some(stamp), None, CycleGuard::default());
                }
                // An empty page, more customers of one stamp than a page holds, or a stamp that means two moments:
                // there is nothing to ask from, and the cursor has to be followed.
                _ => {
                    notes.follows_cursor();
                    cursor = Some(next);
                }
            }
        }
    }

    /// Fetches a page to look at, not to gather.
    pub(crate) async fn look(
        &mut self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, S::Error> {
        self.cost.checks += 1;
        self.source.peek(since, cursor).await
    }

    fn begin_pass(&mut self) -> PassRecorder {
        if !self.defences.union {
            *self.builder.lock() = SnapshotBuilder::new(self.budget);
            self.sightings = Sightings::default();
        }
        PassRecorder::new(self.sightings.begin_pass())
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

    /// Adds a page's records, and says how many customers it brought that this pass has not met before.
    fn gather(
        &mut self,
        page: &Page,
        cursor: Option<&Cursor>,
        notes: &mut PassRecorder,
    ) -> Result<usize, StorageError> {
        let first = page.records().next().map(|record| record.id);
        let number = notes.begin_page(cursor, first, self.clock.now());
        let mut builder = self.builder.lock();
        let mut news = 0;
        for record in page.records() {
            let known = builder.met();
            let met = if self.defences.dedupe {
                let source = self.source;
                builder.push(record, |now, known| supersedes(source, now, known))?
            } else {
                builder.append(record)?
            };
            let first_page = self.sightings.meet(met.position, number);
            // Whoever comes twice as it was, because others came in before it or the source asks a little early, says
            // nothing against the order.
            if first_page.is_none() || met.changed {
                notes.note_stamp(record.stamp);
            }
            if met.position == known || met.changed || record.stamp.is_none() {
                notes.note_change();
            }
            match first_page {
                None => news += 1,
                // A stamp that cannot be read may have changed.
                Some(first_page) if met.changed || record.stamp.is_none() => {
                    notes.note_moved(record.id, record.stamp, first_page);
                }
                Some(first_page) => notes.note_repeat(first_page, news == 0),
            }
        }
        let records = builder.len();
        drop(builder);
        (self.progress)(Reached { records, cost: self.cost });
        debug!(walk.page = number + 1, page.records = page.len(), page.new = news, "page walked");
        Ok(news)
    }
}

/// Whether a record read now is a later version than the one known. It is when its stamp is later; in an hour that the
/// upstream's clock shows twice, whenever it differs; and where a stamp cannot be read, because it was read later.
fn supersedes<S: Source>(source: &S, read_now: Stamp, known: Stamp) -> bool {
    match (read_now, known) {
        (Some(now), Some(known)) if now < known => {
            source.shows_twice(now) && source.shows_twice(known)
        }
        (Some(now), Some(known)) => now > known,
        _ => true,
    }
}
