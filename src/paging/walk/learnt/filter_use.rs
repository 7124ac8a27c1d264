//! Whether a filter and a cursor may be sent together (promise 9).

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};

use crate::health::{Assumption, Health, Reason};
use crate::paging::defence::{Defence, without};
use crate::paging::page::Page;

/// How the pages of a list of changes are asked for. Some APIs refuse a filter beside a cursor,
/// because their cursors carry the filter.
#[derive(Debug)]
pub(crate) struct FilterUse {
    health: Health,
    /// Held for a few instructions, never over an await.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sent: SentFilter,
    /// Whether a page arrived for a filter and a cursor together, or the cursor alone was refused
    /// too. A refusal is then about the cursor.
    is_both_fine: bool,
    /// Number of times in a row that only the cursor alone got a page.
    refusals: u32,
}

/// What is sent for a page behind the first one of a list of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SentFilter {
    /// The filter and the cursor.
    #[default]
    WithCursor,
    /// The cursor, which carries the filter.
    CursorAlone,
    /// The cursor of a list of all customers. A cursor of a list of changes loses the filter.
    Nowhere,
}

/// Number of refusals in a row that are believed. One may be a passing fault.
const NEEDED: u32 = 2;

/// What the operator reads where the filter has no effect.
const FILTER_IGNORED: &str =
    "DotApparel ignores updated_after, so lists of changes have all customers: ask DotApparel";

/// The source asks from a second earlier than the filter.
const EARLY: TimeDelta = TimeDelta::seconds(1);

/// Whether all records of the page belong to the changes since `filter`.
pub(crate) fn keeps_to(page: &Page, filter: NaiveDateTime) -> bool {
    older_records(page, filter) == 0 || without(Defence::KeptFilter)
}

fn older_records(page: &Page, filter: NaiveDateTime) -> usize {
    let from = filter.checked_sub_signed(EARLY);
    page.records().filter(|record| record.stamp.is_some() && record.stamp < from).count()
}

// === impl FilterUse ===

impl FilterUse {
    /// Nothing is known yet.
    pub(crate) fn new(health: Health) -> Self {
        Self { health, known: Mutex::default() }
    }

    /// What to send.
    pub(crate) fn sent(&self) -> SentFilter {
        self.known().sent
    }

    /// Whether a refused page may arrive for the cursor alone.
    pub(crate) fn may_try_cursor_alone(&self) -> bool {
        let known = self.known();
        known.sent == SentFilter::WithCursor && !known.is_both_fine
    }

    /// Records the first page of the changes since `filter`.
    pub(crate) fn note_first_page(&self, page: &Page, filter: NaiveDateTime) {
        let older = older_records(page, filter);
        if older > page.len() / 2 {
            self.health.raise(Reason::Assumption(Assumption::UpdatedAfter), FILTER_IGNORED);
        } else if !page.is_empty() {
            self.health.clear(Reason::Assumption(Assumption::UpdatedAfter));
        }
    }

    /// Records a page that arrived for the filter and the cursor, or a refusal of the cursor alone.
    pub(crate) fn note_both_fine(&self) {
        let mut known = self.known();
        known.is_both_fine = true;
        known.refusals = 0;
    }

    /// Records a list whose cursors were refused to the end. What worked before may not work now.
    pub(crate) fn note_list_refused(&self) {
        self.known().is_both_fine = false;
    }

    /// Records a page that arrived for the cursor alone, after the filter and the cursor were
    /// refused together. `carries` is whether the page kept to the filter.
    pub(crate) fn note_alone(&self, carries: bool) {
        let mut known = self.known();
        known.refusals += 1;
        if known.refusals >= NEEDED || known.sent == SentFilter::CursorAlone {
            self.settle(&mut known, carries);
        }
    }

    fn settle(&self, known: &mut Known, carries: bool) {
        let (sent, consequence) = if carries {
            let consequence = "so dotstory sends the cursor alone: lists are complete, and there is nothing to do";
            (SentFilter::CursorAlone, consequence)
        } else {
            let consequence = "and a cursor alone loses the filter, so lists of changes of several pages have all customers: ask DotApparel to accept both";
            (SentFilter::Nowhere, consequence)
        };
        if known.sent == sent {
            return;
        }
        known.sent = sent;
        let sentence =
            format!("DotApparel refuses updated_after beside after_cursor, {consequence}");
        self.health.raise(Reason::Assumption(Assumption::FilterWithCursor), sentence);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> (FilterUse, Health) {
        let health = Health::default();
        (FilterUse::new(health.clone()), health)
    }

    #[test]
    fn two_refusals_in_a_row_are_believed() {
        let reason = Reason::Assumption(Assumption::FilterWithCursor);
        for (carries, sent) in [(true, SentFilter::CursorAlone), (false, SentFilter::Nowhere)] {
            let (filter_use, health) = subject();
            filter_use.note_alone(carries);
            filter_use.note_both_fine();
            filter_use.note_alone(carries);
            assert_eq!((filter_use.sent(), health.has(reason)), (SentFilter::WithCursor, false));
            filter_use.note_alone(carries);
            assert_eq!((filter_use.sent(), health.has(reason)), (sent, true));
        }
    }

    #[test]
    fn a_cursor_that_loses_the_filter_later_is_believed_at_once() {
        let (filter_use, _) = subject();
        filter_use.note_alone(true);
        filter_use.note_alone(true);
        filter_use.note_alone(false);
        assert_eq!(filter_use.sent(), SentFilter::Nowhere);
    }

    #[test]
    fn the_cursor_alone_is_tried_until_both_have_worked_and_again_after_a_refused_list() {
        let (filter_use, _) = subject();
        assert!(filter_use.may_try_cursor_alone());
        filter_use.note_both_fine();
        assert!(!filter_use.may_try_cursor_alone());
        filter_use.note_list_refused();
        assert!(filter_use.may_try_cursor_alone());
    }
}
