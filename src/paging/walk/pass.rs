//! What one pass noticed on its way, apart from the customers themselves.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::sightings::PassNumber;
use crate::domain::CustomerId;
use crate::paging::page::{Cursor, PageRecord, Stamp};

/// What a finished pass noticed.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an observation of its own")]
pub(crate) struct Pass {
    pub(crate) number: PassNumber,
    /// When the pass began, restarts included.
    pub(crate) began: DateTime<Utc>,
    /// Number of pages.
    pub(crate) pages: usize,
    /// Whether the list was in ascending order of its stamps from the first page to the last.
    pub(crate) ascending: bool,
    /// Whether the pass cannot have missed an unchanged customer, because it followed stamps only.
    pub(crate) gapless: bool,
    /// Number of records that were new to the walk, changed, or had an unreadable stamp.
    pub(crate) changes: usize,
    /// Where each page began.
    marks: Vec<Mark>,
    /// Customers met twice with different or unreadable stamps.
    moved: HashSet<CustomerId>,
    /// Whether an unchanged customer was met again outside the overlap of two successive pages.
    out_of_place: bool,
    departures: Vec<Departure>,
    /// Whether a page was asked for again although the upstream may have given it out. An upstream
    /// that gives out each page once then skips that page.
    page_lost: bool,
    /// Whether the walk was paused, so that customers read before may have changed long since.
    pub(crate) paused: bool,
}

/// A pass that is running.
#[derive(Debug)]
pub(crate) struct PassRecorder {
    pass: Pass,
    /// The last stamp of the current page.
    last_stamp: Stamp,
    /// The last stamp of the pages before it.
    stamp_before: Stamp,
    rises: bool,
    /// Customers from whose stamp the next page was asked, if that page began with a later stamp.
    gaps: Vec<CustomerId>,
}

/// A position of the list: the cursor that leads there, and the customer that was first there.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) cursor: Cursor,
    pub(crate) first: CustomerId,
    /// When the pass was there.
    pub(crate) passed: DateTime<Utc>,
}

/// A customer that left page `from` and was met again on page `to`.
#[derive(Clone, Copy, Debug)]
struct Departure {
    from: usize,
    to: usize,
    /// The stamp of the change that made the customer move.
    stamp: Stamp,
}

// === impl PassRecorder ===

impl PassRecorder {
    pub(crate) fn new(number: PassNumber, began: DateTime<Utc>) -> Self {
        let pass = Pass {
            number,
            began,
            pages: 0,
            ascending: true,
            gapless: false,
            changes: 0,
            marks: Vec::new(),
            moved: HashSet::new(),
            out_of_place: false,
            departures: Vec::new(),
            page_lost: false,
            paused: false,
        };
        Self { pass, last_stamp: None, stamp_before: None, rises: false, gaps: Vec::new() }
    }

    /// When the pass began.
    pub(crate) fn began(&self) -> DateTime<Utc> {
        self.pass.began
    }

    /// Records that the walk was paused.
    pub(crate) fn note_pause(&mut self) {
        self.pass.paused = true;
    }

    /// Records that the upstream may have given out a page before, in an answer that was lost.
    pub(crate) fn note_lost_page(&mut self) {
        self.pass.page_lost = true;
    }

    /// Starts the page that `cursor` led to. Returns its number, counted from 0.
    pub(crate) fn begin_page(
        &mut self,
        cursor: Option<&Cursor>,
        first: Option<CustomerId>,
        now: DateTime<Utc>,
    ) -> u32 {
        self.end_page();
        let number = self.pass.pages;
        self.pass.pages += 1;
        if let (Some(cursor), Some(first)) = (cursor, first) {
            self.pass.marks.push(Mark { cursor: cursor.clone(), first, passed: now });
        }
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Records that the next page is asked for from the stamp of `last`, the last record met, and
    /// begins with the stamp `first`. Its first records repeat the last ones, which does not break
    /// the order. A later first stamp is a gap, unless `last` has moved on.
    pub(crate) fn ask_from(&mut self, last: Option<PageRecord<'_>>, first: Stamp) {
        self.pass.gapless |= self.pass.pages == 0;
        self.gaps.extend(last.filter(|last| first > last.stamp).map(|last| last.id));
        self.last_stamp = None;
    }

    /// Records that the next page is found by its cursor.
    pub(crate) fn follow_cursor(&mut self) {
        self.pass.gapless = false;
    }

    /// Records a customer that was new to the walk, changed, or had an unreadable stamp.
    pub(crate) fn note_change(&mut self) {
        self.pass.changes += 1;
    }

    /// Records the stamp of the next record that is new to this pass or changed. An unreadable
    /// stamp breaks the order.
    pub(crate) fn note_stamp(&mut self, stamp: Stamp) {
        self.pass.ascending &= stamp.is_some() && stamp >= self.last_stamp;
        self.rises |= self.last_stamp.is_some() && stamp > self.last_stamp;
        self.last_stamp = stamp;
    }

    /// Compares the ends of pages only. Between two pages the list may move, so the start of a page
    /// may be out of order.
    fn end_page(&mut self) {
        if let Some(last) = self.last_stamp.take() {
            self.pass.ascending &= Some(last) >= self.stamp_before;
            self.stamp_before = Some(last);
        }
    }

    /// Records that a customer of `first_page` was met again on the current page, changed.
    pub(crate) fn note_moved(&mut self, record: PageRecord<'_>, first_page: u32) {
        self.pass.moved.insert(record.id);
        let (from, to) = (first_page as usize, self.pass.pages - 1);
        self.pass.departures.push(Departure { from, to, stamp: record.stamp });
    }

    /// Records that a customer of `first_page` was met again, unchanged. At the head of the next
    /// page this is an overlap. Anywhere else the customer has moved, by a change within the second
    /// of its stamp.
    pub(crate) fn note_repeat(&mut self, first_page: u32, at_head: bool) {
        self.pass.out_of_place |= !at_head || first_page as usize + 2 != self.pass.pages;
    }

    /// Whether all stamps so far were in ascending order.
    pub(crate) fn is_ascending(&self) -> bool {
        self.pass.ascending
    }

    /// Ends the pass. A list whose stamps are all equal has no order.
    pub(crate) fn finish(mut self) -> Pass {
        self.end_page();
        self.pass.ascending &= self.rises;
        self.pass.gapless &= self.gaps.iter().all(|id| self.pass.moved.contains(id));
        self.pass
    }
}

// === impl Pass ===

impl Pass {
    /// Whether the pass can be complete by itself: no page of it may have been given out twice.
    pub(crate) fn is_evidence(&self) -> bool {
        !self.page_lost
    }

    /// Whether records moved during the pass: a customer was met with two stamps or out of place.
    pub(crate) fn saw_moves(&self) -> bool {
        !self.moved.is_empty() || self.out_of_place
    }

    /// A mark that the pass had reached before a customer in front of it left, with the mark before
    /// it. A cursor that is a row number now leads elsewhere. The mark's own first customer did not
    /// move. `left_after` decides whether a stamp is surely later than a moment: a customer that
    /// left before the pass reached the mark proves nothing.
    pub(crate) fn passed_mark(
        &self,
        left_after: impl Fn(Stamp, DateTime<Utc>) -> bool,
    ) -> Option<(&Mark, Option<&Mark>)> {
        // The first page has no cursor, so the mark of page n is number n - 1. An empty page has no
        // mark, which only shifts the choice to a later page.
        let mark_of = |page: usize| page.checked_sub(1).and_then(|index| self.marks.get(index));
        self.departures.iter().find_map(|departure| {
            let fits = |mark: &Mark| {
                !self.moved.contains(&mark.first) && left_after(departure.stamp, mark.passed)
            };
            let page =
                (departure.from + 1..departure.to).find(|page| mark_of(*page).is_some_and(fits))?;
            Some((mark_of(page)?, mark_of(page - 1)))
        })
    }
}
