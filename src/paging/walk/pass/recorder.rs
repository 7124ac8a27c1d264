//! Records what a pass notices while it runs.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::stamp_order::StampOrder;
use super::summary::{Departure, Mark, Pass};
use crate::domain::CustomerId;
use crate::paging::page::{Cursor, PageRecord, Stamp};
use crate::paging::snapshot::Reservation;
use crate::paging::walk::sightings::PassNumber;

/// A pass that is running.
#[derive(Debug)]
pub(crate) struct PassRecorder {
    pass: Pass,
    order: StampOrder,
    /// Number of records on the current page, and on the page before it.
    records: (usize, usize),
    /// Whether a cursor led to the current page.
    by_cursor: bool,
    /// The customers in front of gaps. The page after such a customer was asked for from the
    /// customer's stamp, but began with a later stamp.
    gaps: Vec<CustomerId>,
    /// Memory of the [`Mark`]s, in bytes. It includes the second copy of each cursor, with which
    /// `walk/place.rs` detects circles. The upstream decides how long a cursor is.
    mark_bytes: usize,
}

// === impl PassRecorder ===

impl PassRecorder {
    /// The pass `number`, whose memory is counted in `memory`.
    pub(crate) fn new(number: PassNumber, began: DateTime<Utc>, memory: Reservation) -> Self {
        let pass = Pass {
            number,
            began,
            pages: 0,
            ascending: false,
            gapless: false,
            changes: 0,
            marks: Vec::new(),
            moved: HashSet::new(),
            out_of_place: false,
            departures: Vec::new(),
            page_lost: false,
            left_cursors: false,
            paused: false,
            memory,
        };
        let order = StampOrder::new();
        let (records, by_cursor, gaps, mark_bytes) = ((0, 0), false, Vec::new(), 0);
        Self { pass, order, records, by_cursor, gaps, mark_bytes }
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let Pass { moved, departures, .. } = &self.pass;
        let moves = moved.capacity() * size_of::<CustomerId>();
        let departures = departures.capacity() * size_of::<Departure>();
        (self.mark_bytes + moves + departures) as u64
    }

    /// The reservation for [`PassRecorder::bytes`]. It lasts as long as the pass.
    pub(crate) fn memory(&mut self) -> &mut Reservation {
        &mut self.pass.memory
    }

    /// When the pass began.
    pub(crate) fn began(&self) -> DateTime<Utc> {
        self.pass.began
    }

    /// Records that the walk was paused.
    pub(crate) fn note_pause(&mut self) {
        self.pass.paused = true;
    }

    /// Records that the upstream may have sent a page in an answer that was lost.
    pub(crate) fn note_lost_page(&mut self) {
        self.pass.page_lost = true;
    }

    /// Records that the pass continues from the last stamp, because the upstream refused a cursor.
    pub(crate) fn leave_cursors(&mut self) {
        self.pass.left_cursors = true;
        // A refused cursor cannot be checked again, so the marks are useless. Their memory stays in
        // the account until the pass ends.
        self.pass.marks.clear();
    }

    /// Starts a page. `cursor` is the cursor that led to the page, if there is one. `first` is the
    /// first customer of the page. Returns the page's number, counted from 0.
    pub(crate) fn begin_page(
        &mut self,
        cursor: Option<&Cursor>,
        first: Option<CustomerId>,
        now: DateTime<Utc>,
    ) -> u32 {
        self.order.end_page();
        let number = self.pass.pages;
        self.pass.pages += 1;
        self.by_cursor = cursor.is_some();
        if let (Some(cursor), Some(first), false) = (cursor, first, self.pass.left_cursors) {
            self.mark_bytes += size_of::<Mark>() + size_of::<Cursor>() + 2 * cursor.as_str().len();
            self.pass.marks.push(Mark { cursor: cursor.clone(), first, passed: now });
        }
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Records that the next page was asked for from the stamp of `last`, the last record of the
    /// page before (`None` for the first page of the pass). The next page begins with the stamp
    /// `first`. If `first` is later than the stamp of `last`, there is a gap, unless the customer
    /// of `last` has moved. The next page may repeat earlier records at its head. Such repeats do
    /// not break the order.
    pub(crate) fn ask_from(&mut self, last: Option<PageRecord<'_>>, first: Stamp) {
        self.pass.gapless |= self.pass.pages == 0;
        self.gaps.extend(last.filter(|last| first > last.stamp).map(|last| last.id));
        self.order.skip_repeats();
    }

    /// Records that the next page is asked for by its cursor, so the pass is not [`Pass::gapless`].
    pub(crate) fn follow_cursor(&mut self) {
        self.pass.gapless = false;
    }

    /// Records a customer that was new to the walk, changed, or had an unreadable stamp.
    pub(crate) fn note_change(&mut self) {
        self.pass.changes += 1;
    }

    /// Records the stamp of the next record that is new to this pass or changed.
    pub(crate) fn note_stamp(&mut self, stamp: Stamp) {
        self.order.note(stamp);
    }

    /// Records that a customer was first met on `first_page`, and met again on this page with
    /// another stamp or an unreadable stamp.
    pub(crate) fn note_moved(&mut self, record: PageRecord<'_>, first_page: u32) {
        self.pass.moved.insert(record.id);
        let (from, to) = (first_page as usize, self.pass.pages - 1);
        self.pass.departures.push(Departure { from, to, stamp: record.stamp });
    }

    /// Records that a customer was first met on `first_page`, and met again on this page with the
    /// same stamp. If the customer is at the head of the page after `first_page`, the two pages
    /// overlap. Otherwise, the customer has moved. A customer moves with the same stamp if it
    /// changes a second time within one second.
    pub(crate) fn note_repeat(&mut self, first_page: u32, at_head: bool) {
        self.pass.out_of_place |= !at_head || first_page as usize + 2 != self.pass.pages;
    }

    /// Records the number of records on the current page, of which `repeats` were met before and
    /// have not changed. If a page that a cursor led to repeats the whole page before it, records
    /// are out of place.
    pub(crate) fn note_records(&mut self, records: usize, repeats: usize) {
        self.records = (records, self.records.0);
        let is_repeated = records > 0 && repeats == records && records == self.records.1;
        self.pass.out_of_place |= is_repeated && self.by_cursor;
    }

    /// The last stamp met, if the pass has met enough records to know that the list is in the order
    /// of its stamps.
    pub(crate) fn stamp_in_order(&self) -> Stamp {
        self.order.sure_last()
    }

    /// Whether all stamps so far were in ascending order.
    pub(crate) fn is_ascending(&self) -> bool {
        self.order.is_ascending()
    }

    /// Ends the pass.
    pub(crate) fn finish(mut self) -> Pass {
        self.order.end_page();
        self.pass.ascending = self.order.was_ascending();
        self.pass.gapless &= self.gaps.iter().all(|id| self.pass.moved.contains(id));
        self.pass
    }
}
