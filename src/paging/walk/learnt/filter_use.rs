//! Whether a filter and a cursor may be sent together (promise 9).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{NaiveDateTime, SubsecRound, TimeDelta};
use tokio::time::Instant;

use crate::health::{Assumption, Health, Reason};
use crate::paging::defence::{Defence, without};
use crate::paging::page::Page;

/// How the pages of a list of changes are asked for. Some APIs refuse a filter beside a cursor,
/// because their cursors carry the filter.
#[derive(Debug)]
pub(crate) struct FilterUse {
    health: Health,
    /// Locked for a few instructions, never over an await.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sent: SentFilter,
    /// Whether a refusal means that the cursor is bad, and not that the filter was sent with the
    /// cursor. This is known after a page arrived for both, or after the cursor alone was refused.
    is_about_cursor: bool,
    /// Number of pages in a row that arrived for the cursor alone.
    refusals: u32,
    /// Number of pages that arrived for the cursor alone and do not show whether the cursor carries
    /// the filter.
    unclear: u32,
    /// When the filter and the cursor are sent together again.
    retry_at: Option<Instant>,
}

/// What is sent for a page after the first page of a list of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SentFilter {
    /// The filter and the cursor.
    #[default]
    WithCursor,
    /// The cursor, which carries the filter.
    CursorAlone,
    /// The cursor of a list of all customers, because a cursor of a list of changes loses the
    /// filter.
    Nowhere,
}

/// Number of refusals in a row after which refusals are believed. A single refusal may be a passing
/// fault.
const NEEDED: u32 = 2;

/// How long refusals are believed. After that, the filter and the cursor are sent together again.
const BELIEVED: Duration = Duration::from_hours(24);

/// Smallest number of older records on one page that shows that the filter has no effect.
const MIN_OLDER: usize = 3;

const REFUSED: Reason = Reason::Assumption(Assumption::FilterWithCursor);

/// The sentence for the operator if the filter has no effect.
const FILTER_IGNORED: &str =
    "DotApparel ignores updated_after, so lists of changes have all customers: ask DotApparel";

/// The sentence for the operator if pages do not show whether a cursor carries the filter.
const UNCLEAR: &str = "DotApparel refuses updated_after beside after_cursor, and its pages do not show whether a cursor alone keeps the filter. So a list of changes with several pages has all customers, and details are looked up only with details = \"always\": ask DotApparel to accept both parameters together";

/// The source drops the fraction of a second from the filter, and asks from a moment that is
/// earlier by this time.
const EARLY: TimeDelta = TimeDelta::seconds(1);

/// Whether no record of the page has a stamp that is too early for the changes since `filter`.
pub(crate) fn keeps_to(page: &Page, filter: NaiveDateTime) -> bool {
    older_records(page, filter) == 0 || without(Defence::KeptFilter)
}

/// Number of records with a stamp that is too early for the changes since `filter`.
pub(crate) fn older_records(page: &Page, filter: NaiveDateTime) -> usize {
    let from = filter.trunc_subsecs(0).checked_sub_signed(EARLY);
    page.records().filter(|record| record.stamp.is_some() && record.stamp < from).count()
}

// === impl FilterUse ===

impl FilterUse {
    /// Nothing is known yet.
    pub(crate) fn new(health: Health) -> Self {
        Self { health, known: Mutex::default() }
    }

    /// What to send for a page after the first page.
    pub(crate) fn sent(&self) -> SentFilter {
        let mut known = self.known();
        if known.retry_at.is_some_and(|retry_at| retry_at <= Instant::now()) {
            *known = Known::default();
        }
        known.sent
    }

    /// Whether to ask for a refused page again with the cursor alone.
    pub(crate) fn may_try_cursor_alone(&self) -> bool {
        let known = self.known();
        known.sent == SentFilter::WithCursor && !known.is_about_cursor
    }

    /// Records the first page of the changes since `filter`. If most of its records, and at least
    /// [`MIN_OLDER`], are older, the filter has no effect. This is reported. A page without older
    /// records does not end the report, because it proves nothing.
    pub(crate) fn note_first_page(&self, page: &Page, filter: NaiveDateTime) {
        let older = older_records(page, filter);
        if older >= MIN_OLDER && older > page.len() / 2 {
            let reason = Reason::Assumption(Assumption::UpdatedAfter);
            self.health.raise_for(BELIEVED, reason, FILTER_IGNORED);
        } else if older == 0 && !page.is_empty() {
            let finding = "the last answer to updated_after began without older customers";
            self.health.note(Assumption::UpdatedAfter, finding);
        }
    }

    /// Records a page that arrived for the filter and the cursor.
    pub(crate) fn note_together(&self) {
        *self.known() = Known { is_about_cursor: true, ..Known::default() };
        self.health.clear(REFUSED);
        self.health.note(Assumption::FilterWithCursor, "a page arrived for both together");
    }

    /// Records that the cursor alone was refused too.
    pub(crate) fn note_neither(&self) {
        self.known().is_about_cursor = true;
    }

    /// Records a walk that failed because its cursors were refused in each pass. What was known may
    /// be outdated, so it is forgotten.
    pub(crate) fn note_list_refused(&self) {
        *self.known() = Known::default();
    }

    /// Records a page that arrived for the cursor alone. The filter and the cursor together were
    /// refused just before, or are no longer sent. `carries` is whether the cursor carries the
    /// filter.
    pub(crate) fn note_alone(&self, carries: bool) {
        let mut known = self.known();
        known.refusals += 1;
        if known.refusals >= NEEDED || known.sent == SentFilter::CursorAlone {
            self.settle(&mut known, carries);
        }
    }

    /// Records a page that arrived for the cursor alone and does not show whether the cursor
    /// carries the filter.
    pub(crate) fn note_unclear(&self) {
        let mut known = self.known();
        known.unclear += 1;
        if known.unclear >= NEEDED {
            self.health.raise_for(BELIEVED, REFUSED, UNCLEAR);
        }
    }

    fn settle(&self, known: &mut Known, carries: bool) {
        let (sent, consequence) = if carries {
            let consequence = "so dotstory sends the cursor alone: lists are complete, and there is nothing to do";
            (SentFilter::CursorAlone, consequence)
        } else {
            let consequence = "and a cursor alone loses the filter. So a list of changes with several pages has all customers, and details are looked up only with details = \"always\": ask DotApparel to accept both parameters together";
            (SentFilter::Nowhere, consequence)
        };
        if known.sent == sent {
            return;
        }
        known.sent = sent;
        known.retry_at = Some(Instant::now() + BELIEVED);
        let sentence =
            format!("DotApparel refuses updated_after beside after_cursor, {consequence}");
        self.health.raise(REFUSED, sentence);
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
            filter_use.note_together();
            filter_use.note_alone(carries);
            assert_eq!((filter_use.sent(), health.has(reason)), (SentFilter::WithCursor, false));
            filter_use.note_alone(carries);
            assert_eq!((filter_use.sent(), health.has(reason)), (sent, true));
        }
    }

    #[test]
    fn one_page_shows_that_a_trusted_cursor_loses_the_filter() {
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
        filter_use.note_together();
        assert!(!filter_use.may_try_cursor_alone());
        filter_use.note_list_refused();
        assert!(filter_use.may_try_cursor_alone());
        filter_use.note_neither();
        assert!(!filter_use.may_try_cursor_alone());
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_are_believed_for_a_day_and_the_reason_ends_when_both_work() {
        let (filter_use, health) = subject();
        filter_use.note_alone(false);
        filter_use.note_alone(false);
        assert_eq!(filter_use.sent(), SentFilter::Nowhere);
        tokio::time::advance(BELIEVED).await;
        assert_eq!(filter_use.sent(), SentFilter::WithCursor);
        assert!(health.has(REFUSED), "nothing shows yet that both work");
        filter_use.note_together();
        assert!(!health.has(REFUSED));
    }

    #[test]
    fn a_record_belongs_to_the_changes_from_one_second_before_the_second_of_the_filter() {
        let time = |text: &str| format!("2026-01-14T{text}").parse::<NaiveDateTime>().unwrap();
        for (stamp, filter, keeps) in [
            ("10:00:04", "10:00:05.700", true),
            ("10:00:03.900", "10:00:05.700", false),
            ("10:00:04", "10:00:05", true),
            ("10:00:03", "10:00:05", false),
        ] {
            let mut page = Page::default();
            let id = crate::domain::CustomerId::new(1);
            page.push(id, Some(time(stamp)), |_| crate::paging::Inclusion::Served);
            assert_eq!(keeps_to(&page, time(filter)), keeps, "{stamp} since {filter}");
        }
    }
}
