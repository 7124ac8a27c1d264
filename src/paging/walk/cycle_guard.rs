//! What keeps a pass from going round and round.

use std::collections::HashSet;

use super::error::WalkError;
use crate::paging::source::{Cursor, Page};

/// Pages on end without a customer not met before, after which a walk is given up: `DotApparel` fills its pages, so
/// 50 of them (5,000 customers) that bring nothing new are a circle, not a tail (DESIGN 2.7).
pub(crate) const MAX_PAGES_WITHOUT_NEWS: u32 = 50;

/// Keeps a pass from going round and round.
#[derive(Debug, Default)]
pub(crate) struct CycleGuard {
    pages: u64,
    seen: HashSet<Cursor>,
    without_news: u32,
}

// === impl Guard ===

impl CycleGuard {
    /// Where to go on from this page; `None` at the end.
    pub(crate) fn pass<E>(
        &mut self,
        page: &Page,
        news: usize,
        stands: bool,
    ) -> Result<Option<Cursor>, WalkError<E>> {
        self.pages += 1;
        let Some(next) = page.next() else { return Ok(None) };
        if !stands {
            return Ok(Some(next.clone()));
        }
        if !self.seen.insert(next.clone()) {
            return Err(WalkError::Circle { page: self.pages });
        }
        self.without_news = if news == 0 { self.without_news + 1 } else { 0 };
        if self.without_news == MAX_PAGES_WITHOUT_NEWS {
            return Err(WalkError::NoNews { page: self.pages });
        }
        Ok(Some(next.clone()))
    }
}
