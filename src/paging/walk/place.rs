//! The page that a pass reads next, and the detection of cursors that form a circle.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use tokio::time::Instant;

use super::error::WalkError;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page, Stamp};
use crate::paging::source::Source;

/// After this many pages in a row without a new or changed customer, a pass fails. `DotApparel`
/// fills its pages, so 50 pages have 5,000 customers. If none of them is new or changed, the
/// cursors form a circle.
const MAX_PAGES_WITHOUT_NEWS: u32 = 50;

/// The page that a pass reads next.
#[derive(Debug)]
pub(crate) struct Place {
    /// The stamp from which the list is asked for.
    pub(crate) since: Stamp,
    /// The cursor of the page; `None` for the first page of the list.
    pub(crate) cursor: Option<Cursor>,
    /// When the first page of the list was asked for.
    pub(crate) began: Instant,
    guard: CycleGuard,
}

/// The cursors that a pass has seen in one list, to detect a circle.
#[derive(Debug, Default)]
struct CycleGuard {
    pages: u64,
    seen: HashSet<Cursor>,
    without_news: u32,
}

// === impl Place ===

impl Place {
    /// The first page of the list since `since`.
    pub(crate) fn first_page(since: Stamp) -> Self {
        Self { since, cursor: None, began: Instant::now(), guard: CycleGuard::default() }
    }

    /// Moves to the page after `page`. Returns false at the end of the list. `news` is the number
    /// of customers on `page` that were new to the pass or had changed.
    pub(crate) fn move_on<E>(&mut self, page: &Page, news: usize) -> Result<bool, WalkError<E>> {
        let next = self.guard.next_cursor(page, news)?;
        let moved = next.is_some();
        self.cursor = next.or(self.cursor.take());
        Ok(moved)
    }

    /// Whether the pass can continue with the list of changes since `stamp`. This list must begin
    /// later than the current list. This list must also have each later change, so the upstream's
    /// clock must not show `stamp` twice.
    pub(crate) fn can_ask_from<S: Source>(&self, stamp: NaiveDateTime, source: &S) -> bool {
        Some(stamp) > self.since && !source.shows_twice(stamp)
    }
}

// === impl CycleGuard ===

impl CycleGuard {
    /// The cursor of the page after `page`, or `None` at the end of the list.
    fn next_cursor<E>(&mut self, page: &Page, news: usize) -> Result<Option<Cursor>, WalkError<E>> {
        self.pages += 1;
        let Some(next) = page.next() else { return Ok(None) };
        if without(Defence::CycleGuard) {
            return Ok(Some(next.clone()));
        }
        if !self.seen.insert(next.clone()) {
            return Err(WalkError::Circle { page: self.pages });
        }
        self.without_news = if news == 0 { self.without_news + 1 } else { 0 };
        if self.without_news == MAX_PAGES_WITHOUT_NEWS {
            return Err(WalkError::NoNews { page: self.pages, in_a_row: MAX_PAGES_WITHOUT_NEWS });
        }
        Ok(Some(next.clone()))
    }
}
