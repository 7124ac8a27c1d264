//! Ends a pass whose cursors lead nowhere.

use std::collections::HashSet;

use super::error::WalkError;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Cursor, Page};

/// Number of pages in a row without a new or changed customer that ends a pass. `DotApparel` fills
/// its pages, so 50 pages hold 5,000 customers. If none of these is news, the cursors form a circle.
const MAX_PAGES_WITHOUT_NEWS: u32 = 50;

/// What one pass has seen of cursors.
#[derive(Debug, Default)]
pub(crate) struct CycleGuard {
    pages: u64,
    seen: HashSet<Cursor>,
    without_news: u32,
}

// === impl CycleGuard ===

impl CycleGuard {
    /// The cursor of the page after `page`, or `None` at the end. `news` is the number of
    /// customers on `page` that no earlier page of this pass held in this version.
    pub(crate) fn next_cursor<E>(
        &mut self,
        page: &Page,
        news: usize,
    ) -> Result<Option<Cursor>, WalkError<E>> {
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
