//! What a finished pass noticed.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::domain::CustomerId;
use crate::paging::page::{Cursor, Stamp};
use crate::paging::snapshot::Reservation;
use crate::paging::walk::sightings::PassNumber;

/// What a finished pass noticed.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an observation of its own")]
pub(crate) struct Pass {
    pub(crate) number: PassNumber,
    /// When the pass first began, before any restart.
    pub(crate) began: DateTime<Utc>,
    /// Number of pages.
    pub(crate) pages: usize,
    /// Whether the list was in ascending order of its stamps from the first page to the last.
    pub(crate) ascending: bool,
    /// Whether the pass followed only stamps, without a gap. Such a pass cannot have missed an
    /// unchanged customer.
    pub(crate) gapless: bool,
    /// Number of records that were new to the walk, changed, or had an unreadable stamp.
    pub(crate) changes: usize,
    /// The mark of each page that a cursor led to and that has a customer, in the order of pages.
    /// Empty if the pass left the cursors.
    pub(super) marks: Vec<Mark>,
    /// Customers met twice with different or unreadable stamps.
    pub(super) moved: HashSet<CustomerId>,
    /// Whether an unchanged customer was met again outside the overlap of two successive pages, or
    /// a cursor led to the same page again.
    pub(super) out_of_place: bool,
    pub(super) departures: Vec<Departure>,
    /// Whether a page was asked for again although the upstream may have given it out. An upstream
    /// that gives out each page only once then skips that page.
    pub(super) page_lost: bool,
    /// Whether the pass continued from the last stamp after a refused cursor.
    pub(super) left_cursors: bool,
    /// Whether the walk was paused during the pass. Customers read before the pause may have
    /// changed since.
    pub(crate) paused: bool,
    /// The memory of the marks and the moves.
    pub(super) memory: Reservation,
}

/// A position of the list: the cursor that leads to a page, and the first customer of this page.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) cursor: Cursor,
    pub(crate) first: CustomerId,
    /// When the pass reached this position.
    pub(crate) passed: DateTime<Utc>,
}

/// A customer that left page `from` and was met again on page `to`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Departure {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The stamp with which the customer was met again.
    pub(super) stamp: Stamp,
}

// === impl Pass ===

impl Pass {
    /// Whether the pass by itself can show that the list is complete: it cannot have lost a page,
    /// and its cursors led to the end.
    pub(crate) fn is_evidence(&self) -> bool {
        !self.page_lost && !self.left_cursors
    }

    /// Whether records moved during the pass: a customer was met with two stamps or out of place.
    pub(crate) fn saw_moves(&self) -> bool {
        !self.moved.is_empty() || self.out_of_place
    }

    /// Returns a mark, and the mark before it. After the pass reached the mark, a customer on an
    /// earlier page moved away. The mark's own customer did not move. So if the mark's cursor is a
    /// row number, this cursor now leads to another customer. `left_after` returns whether a stamp
    /// is surely later than a moment: a move before the pass reached the mark proves nothing.
    pub(crate) fn passed_mark(
        &self,
        left_after: impl Fn(Stamp, DateTime<Utc>) -> bool,
    ) -> Option<(&Mark, Option<&Mark>)> {
        // The first page has no cursor, so `marks[n - 1]` is the mark of page n, or of a later page
        // if a page was empty.
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
