//! A page whose next cursor is known before the records of the page are written.

use std::fmt;
use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::page::{Cursor, Page};

/// A page whose next cursor is known. The records of the page may not be written yet.
pub struct Arriving {
    next: Option<Cursor>,
    page: BoxFuture<'static, Page>,
}

// === impl Arriving ===

impl Arriving {
    /// A page with this next cursor. `page` returns the whole page when its records are written.
    pub fn new(next: Option<Cursor>, page: impl Future<Output = Page> + Send + 'static) -> Self {
        Self { next, page: page.boxed() }
    }

    /// The cursor of the next page; `None` on the last page.
    #[must_use]
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Waits until all records are written, and returns the whole page.
    pub async fn whole(self) -> Page {
        self.page.await
    }
}

impl From<Page> for Arriving {
    fn from(page: Page) -> Self {
        Self::new(page.next().cloned(), std::future::ready(page))
    }
}

impl fmt::Debug for Arriving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arriving").field("next", &self.next).finish_non_exhaustive()
    }
}
