//! What one pass over a list noticed on its way, beside the customers themselves.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::sightings::PassNumber;
use crate::domain::CustomerId;
use crate::paging::source::{Cursor, Stamp};

/// What a pass that came to its end noticed.
#[derive(Debug)]
pub(crate) struct Pass {
    pub(crate) number: PassNumber,
    /// How many pages it had.
    pub(crate) pages: usize,
    /// Whether the list was in the order of its stamps, the oldest first, from the first page to the last.
    pub(crate) ascending: bool,
    /// Whether nobody can have been passed over who did not change: it went along the stamps alone.
    pub(crate) gapless: bool,
    /// How many it met who were not known before it as they are, or of whom that cannot be told.
    pub(crate) news: usize,
    /// Where each page began.
    marks: Vec<Mark>,
    /// Who was met twice with different stamps.
    moved: HashSet<CustomerId>,
    /// Whether somebody was met again as it was, but not where a page overlaps the one before.
    out_of_place: bool,
    departures: Vec<Departure>,
}

/// A pass under way.
#[derive(Debug)]
pub(crate) struct PassRecorder {
    pass: Pass,
    /// The last stamp of the page under way.
    last_stamp: Stamp,
    /// The last stamp of the pages before it.
    stamp_before: Stamp,
    rises: bool,
    /// Whose stamps were asked from, and not met again there.
    gaps: Vec<CustomerId>,
}

/// A place of the list: the cursor that leads there, and who stood there first.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) cursor: Cursor,
    pub(crate) first: CustomerId,
    /// When it was passed.
    pub(crate) passed: DateTime<Utc>,
}

/// Somebody who has left the page `from` and was met again on the page `to`.
#[derive(Clone, Copy, Debug)]
struct Departure {
    from: usize,
    to: usize,
    /// The stamp of the change that made it leave.
    stamp: Stamp,
}

// === impl PassNotes ===

impl PassRecorder {
    pub(crate) fn new(number: PassNumber) -> Self {
        let pass = Pass {
            number,
            pages: 0,
            ascending: true,
            gapless: false,
            news: 0,
            marks: Vec::new(),
            moved: HashSet::new(),
            out_of_place: false,
            departures: Vec::new(),
        };
        Self { pass, last_stamp: None, stamp_before: None, rises: false, gaps: Vec::new() }
    }

    /// Begins the next page, that `cursor` led to; answers its number, counted from 0.
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

    /// The next page is asked for from the stamp of `last`, the last record met, and begins with the stamp `first`. That
    /// it begins with what the last one ended with, and a little before, is no break of the order; that it begins later
    /// may be a gap, unless that record turns out to have moved on.
    pub(crate) fn ask_from(&mut self, last: Option<(CustomerId, Stamp)>, first: Stamp) {
        self.pass.gapless |= self.pass.pages == 0;
        self.gaps.extend(last.filter(|(_, since)| first > *since).map(|(id, _)| id));
        self.last_stamp = None;
    }

    /// The next page has to be found by its cursor after all.
    pub(crate) fn follows_cursor(&mut self) {
        self.pass.gapless = false;
    }

    /// Notes a customer that was not known before this pass as it is.
    pub(crate) fn note_change(&mut self) {
        self.pass.news += 1;
    }

    /// Takes in the stamp of the next record that this pass has not met before as it is.
    pub(crate) fn note_stamp(&mut self, stamp: Stamp) {
        // A stamp that cannot be read tells nothing of an order, and so breaks it.
        self.pass.ascending &= stamp.is_some() && stamp >= self.last_stamp;
        self.rises |= self.last_stamp.is_some() && stamp > self.last_stamp;
        self.last_stamp = stamp;
    }

    /// A page is one answer, and so in one order. Between pages the list moves, and the next one may begin with somebody
    /// who came in before its place: only where it ends tells that it goes on.
    fn end_page(&mut self) {
        if let Some(last) = self.last_stamp.take() {
            self.pass.ascending &= Some(last) >= self.stamp_before;
            self.stamp_before = Some(last);
        }
    }

    /// Notes that a customer of `first_page` was met again on the page under way, changed.
    pub(crate) fn note_moved(&mut self, id: CustomerId, stamp: Stamp, first_page: u32) {
        self.pass.moved.insert(id);
        let (from, to) = (first_page as usize, self.pass.pages - 1);
        self.pass.departures.push(Departure { from, to, stamp });
    }

    /// Notes that a customer of `first_page` was met again as it was. At the head of the next page that tells only that
    /// others came in before it, or that pages overlap. Anywhere else it stands where it did not stand before: it has
    /// moved, by a change within the second that its stamp says already.
    pub(crate) fn note_repeat(&mut self, first_page: u32, at_head: bool) {
        self.pass.out_of_place |= !at_head || first_page as usize + 2 != self.pass.pages;
    }

    /// Whether all stamps so far were in order.
    pub(crate) fn is_ascending(&self) -> bool {
        self.pass.ascending
    }

    /// The pass has come to its end. An order that never rose is none.
    pub(crate) fn finish(mut self) -> Pass {
        self.end_page();
        self.pass.ascending &= self.rises;
        self.pass.gapless &= self.gaps.iter().all(|id| self.pass.moved.contains(id));
        self.pass
    }
}

// === impl Pass ===

impl Pass {
    /// Whether somebody was met twice with different stamps, or out of its place: records moved while the pass went
    /// over them.
    pub(crate) fn saw_moves(&self) -> bool {
        !self.moved.is_empty() || self.out_of_place
    }

    /// A mark that had been passed when somebody before it left, with the mark before it: where a cursor is a row
    /// number, it now leads elsewhere. None whose first customer moved itself. `left_after` says whether a stamp is surely
    /// later than a moment: whoever left before the mark was passed would prove nothing.
    pub(crate) fn passed_mark(
        &self,
        left_after: impl Fn(Stamp, DateTime<Utc>) -> bool,
    ) -> Option<(&Mark, Option<&Mark>)> {
        // The first page has no cursor, and so the mark of page n is the (n - 1)th. With an empty page between they
        // are fewer, which only makes a mark be one of a later page.
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
