//! The closing probe of a pass, and what the walk has seen of the upstream's clock.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::error::WalkError;
use super::fetcher::{Fetched, Purpose};
use super::learnt;
use super::learnt::SentFilter;
use super::walker::Walker;
use crate::domain::{time, wall_clock};
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Stamp};
use crate::paging::source::Source;

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The walk has collected every customer that the probe met. If moves may be hidden (see
    /// [`Walker::has_hidden_moves`]), this also requires that the probe met no customer.
    Nothing,
    /// The probe met a customer that is not collected, or may have missed such a customer.
    Changes,
    /// The probe met only collected customers, but may not ask for the remaining pages.
    TooMuch,
}

// === impl Walker ===

impl<S: Source> Walker<'_, S> {
    /// Whether the upstream gets cursors without the filter.
    fn sends_cursors_alone(&self) -> bool {
        self.fetcher.sent() == SentFilter::CursorAlone && !without(Defence::KeptFilter)
    }

    /// Whether customers that this walk does not read may have shifted the rows of its list. A pass
    /// does not show such moves.
    pub(crate) fn has_hidden_moves(&self) -> bool {
        self.fetcher.dropped_filter && !without(Defence::KeptFilter)
    }

    /// Whether the walk has collected every change that the upstream shows and that was made since
    /// the pass began. If moves may be hidden, the result is `false` after any change.
    ///
    /// The probe asks for the changes since the beginning of the pass, minus `lookback`, because
    /// the upstream shows changes late. This start is computed by the brand's zone and by the
    /// upstream's own clock. The earlier result is used.
    pub(crate) async fn is_unchanged_since(
        &mut self,
        pass_began: DateTime<Utc>,
        lookback: Duration,
        max_pages: usize,
    ) -> Result<bool, WalkError<S::Error>> {
        let by_zone = self.earliest_stamp(time::earlier(pass_began, lookback));
        let own = self.probe_start(pass_began, lookback).filter(|own| *own < by_zone);
        let found = self.probe(own.unwrap_or(by_zone), max_pages).await?;
        let (Found::TooMuch, Some(_)) = (found, own) else { return Ok(found == Found::Nothing) };
        // Many customers have the newest stamps, for example after an import. Then two pages
        // decide: the changes since `by_zone`, and the changes after the newest stamp. These pages
        // are not enough if the zone may be wrong, because a wrong zone may hide changes made
        // during the import.
        let is_zone_right = self.fetcher.learnt.zone.is_confirmed(self.now());
        if !is_zone_right && !self.is_before_any_zone(pass_began, lookback) {
            return Ok(false);
        }
        let behind = self.newest_stamp().map(|newest| newest + TimeDelta::seconds(1));
        for start in [Some(by_zone), behind].into_iter().flatten() {
            if self.probe(start, 1).await? != Found::Nothing {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the newest stamp is earlier than the time that the clock of every zone showed at the
    /// beginning of the pass, minus `lookback`.
    fn is_before_any_zone(&self, pass_began: DateTime<Utc>, lookback: Duration) -> bool {
        let earliest = time::earlier(pass_began, lookback).naive_utc() - wall_clock::LARGEST_OFFSET;
        self.newest_stamp() < Some(earliest)
    }

    /// The start of the closing probe by the upstream's own clock. When the pass began, this clock
    /// showed at least the newest stamp met, minus the time that has passed since. So a change
    /// during the pass cannot have a stamp before this start.
    fn probe_start(&self, pass_began: DateTime<Utc>, lookback: Duration) -> Option<NaiveDateTime> {
        if without(Defence::SecondClock) {
            return None;
        }
        let now = self.now();
        let at_start = learnt::at_start(pass_began, now, self.newest_stamp())?;
        let shift = wall_clock::largest_shift(pass_began, now);
        at_start.checked_sub_signed(shift + TimeDelta::from_std(lookback).ok()?)
    }

    /// Looks for changes since `since` that the walk has not collected, on at most `max_pages`
    /// pages.
    async fn probe(
        &mut self,
        since: NaiveDateTime,
        max_pages: usize,
    ) -> Result<Found, WalkError<S::Error>> {
        // A walk over changes does not collect older changes, so the probe does not ask for them.
        let since = self.fetcher.since.max(Some(since));
        let mut cursor: Option<Cursor> = None;
        for _ in 0..max_pages {
            let page = match self
                .fetcher
                .ask(&self.collection, Purpose::Look, since, cursor.as_ref(), None)
                .await
            {
                Ok(Fetched { given_out_before: true, .. }) => return Ok(Found::Changes),
                Ok(Fetched { page, .. }) => page.whole().await,
                Err(error) if error.allows_new_pass() => return Ok(Found::Changes),
                Err(error) => return Err(error),
            };
            // A skipped record may be a change of any customer.
            let may_be_hidden = self.has_hidden_moves() && !page.is_empty();
            let is_collected = page.records().all(|record| self.collection.contains(record));
            if page.skipped() > 0 || may_be_hidden || !is_collected {
                return Ok(Found::Changes);
            }
            match page.next() {
                // Without the filter, the next page may be of another list.
                Some(_) if self.sends_cursors_alone() => return Ok(Found::TooMuch),
                Some(next) => cursor = Some(next.clone()),
                None => return Ok(Found::Nothing),
            }
        }
        Ok(Found::TooMuch)
    }

    /// The current time by dotstory's own clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The second newest stamp that the walk has met. A single wrong stamp does not affect it.
    pub(crate) fn newest_stamp(&self) -> Stamp {
        self.collection.newest_stamp(self.clock.now())
    }

    /// A lower bound of how far the upstream's clock is ahead of the brand's zone.
    pub(crate) fn clock_ahead(&self) -> TimeDelta {
        self.collection.clock_ahead(self.fetcher.source, self.clock.now())
    }
}
